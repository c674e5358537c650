//! The Raft members of a node: which are registered, how they start, how a queue is declared and deleted
//! (`ra_directory`, `rabbit_quorum_queue:recover`, `start_cluster`, `delete`).
//!
//! The table of names is written lazily. A node that dies before that finds a member's files without a name,
//! takes the member for one that never ran, and starts it anew (reference 13.1).

use super::member::Member;
use super::wire::{ToMember, ToRa};
use crate::ids::{Part, Pid, QueueId};
use crate::node::ctx::Ctx;
use crate::node::image::{MetaCommand, MetaError, QueueKind, QueueRecord};
use crate::node::queue_type::ToChannel;
use crate::node::{Actor, Live};
use crate::records::{DiskRecord, FileName, RaftFile};
use crate::reply::{Code, Reply};
use crate::signal::{Answer, Signal, Token};
use crate::system::{PartTimer, Version};
use ackscope_kernel::{SeatId, Span, Time};
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How long after a registration the table is on disk, at least and at most: 150 to 300 ms were always too
/// early, one second was sometimes, two seconds were never (reference 13.1).
const LAZY: (u64, u64) = (600_000, 1_400_000);

/// How long the start of a group may take (`START_CLUSTER_TIMEOUT`).
const START: Span = Span::secs(5);

/// How long a group may take to agree on its end (`DELETE_TIMEOUT`).
const DELETE: Span = Span::secs(5);

/// A queue that is being declared, on the node that is to lead it.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
struct Declare {
    by: Pid,
    token: Token,
    /// Nodes that have not said yet that their member is started.
    missing: BTreeSet<SeatId>,
    started: u16,
    all: u16,
    until: Time,
    standing: bool,
}

/// A queue that is being deleted, on the node that was asked.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
struct Delete {
    by: Pid,
    token: Token,
    members: Vec<SeatId>,
    until: Time,
    /// Ready messages, once a member has said so.
    ready: u32,
    /// The group has ended, or was ended by force: the record goes.
    forgetting: bool,
}

/// The table of members of a node.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub struct Ra {
    names: BTreeSet<QueueId>,
    running: bool,
    declares: BTreeMap<QueueId, Declare>,
    deletes: BTreeMap<QueueId, Delete>,
    /// Deletions by the token of the write that removes the record.
    forgets: BTreeMap<Token, QueueId>,
    next: Token,
    writes: u64,
}

impl Ra {
    /// The table as the node finds it when it starts.
    #[must_use]
    pub fn boot(ctx: &mut Ctx<'_, '_>) -> Ra {
        let records = ctx.env.disk().read(&FileName::Names);
        let names = records
            .into_iter()
            .flat_map(|file| file.iter())
            .filter_map(|record| match record {
                DiskRecord::Registered(id) => Some(*id),
                _ => None,
            })
            .collect();
        Ra {
            names,
            ..Ra::default()
        }
    }

    /// The members that are registered here.
    #[must_use]
    pub fn names(&self) -> &BTreeSet<QueueId> {
        &self.names
    }

    fn write(&self, ctx: &mut Ctx<'_, '_>) {
        let records = self.names.iter().map(|id| DiskRecord::Registered(*id));
        let records = records.collect();
        ctx.env.replace(&FileName::Names, records);
        ctx.disarm(PartTimer::RaNames);
    }

    fn write_soon(&mut self, ctx: &mut Ctx<'_, '_>) {
        if !ctx.is_armed(PartTimer::RaNames) {
            self.writes += 1;
            let wait = ctx.env.draw([5, self.writes, 0], LAZY.0, LAZY.1);
            ctx.arm_in(PartTimer::RaNames, Span(wait));
        }
    }

    /// Starts the member of a queue on this node.
    fn start(&mut self, record: &QueueRecord, recovered: bool, ctx: &mut Ctx<'_, '_>) {
        let id = record.id;
        let part = Part::Member(id);
        let known = self.names.contains(&id);
        if !known {
            // Whatever an earlier life of it left is not found.
            for file in RaftFile::ALL {
                ctx.env.remove(&FileName::Raft(part, file));
            }
            self.names.insert(id);
            self.write_soon(ctx);
        }
        let config = super::spec::config(record, ctx);
        let member = Member::new(id, record.members.clone(), config);
        ctx.start(part, Live::Member(Box::new(member)));
        // Since 4.3 a member that is not found on its node stands for election once it is started anew.
        let stand = recovered && !known && ctx.version() >= Version::V4_3;
        let boot = Signal::Quorum(Box::new(ToMember::Boot { stand }));
        ctx.post(ctx.local(part), boot);
    }

    /// The node runs: its members come up.
    fn recover(&mut self, ctx: &mut Ctx<'_, '_>) {
        self.running = true;
        let image = Arc::clone(ctx.image);
        let me = ctx.node();
        let mine = |q: &&QueueRecord| q.kind == QueueKind::Quorum && q.members.contains(&me);
        for record in image.queues.values().filter(mine) {
            self.start(record, true, ctx);
        }
    }

    // ---- declare ----

    fn declare(&mut self, record: &QueueRecord, by: Pid, token: Token, ctx: &mut Ctx<'_, '_>) {
        let me = ctx.node();
        self.start(record, false, ctx);
        let others = record.members.iter().copied().filter(|node| *node != me);
        let reachable = |node: &SeatId| ctx.cluster.reaches(*node);
        let missing: BTreeSet<SeatId> = others.filter(reachable).collect();
        for node in &missing {
            let start = ToRa::Start(Box::new(record.clone()));
            ctx.post(Pid::named(*node, Part::Ra), Signal::Ra(Box::new(start)));
        }
        let until = ctx.env.now() + START;
        let declare = Declare {
            by,
            token,
            missing,
            started: 1,
            all: u16::try_from(record.members.len()).unwrap_or(u16::MAX),
            until,
            standing: false,
        };
        self.declares.insert(record.id, declare);
        self.look(ctx);
        self.try_to_stand(record.id, ctx);
    }

    /// All members that can be are started: the one here stands.
    fn try_to_stand(&mut self, id: QueueId, ctx: &mut Ctx<'_, '_>) {
        let Some(declare) = self.declares.get_mut(&id) else {
            return;
        };
        if declare.standing || !declare.missing.is_empty() {
            return;
        }
        if declare.started <= declare.all / 2 {
            self.fail(id, ctx);
            return;
        }
        declare.standing = true;
        let member = ctx.local(Part::Member(id));
        ctx.post(member, Signal::Quorum(Box::new(ToMember::Stand)));
    }

    fn fail(&mut self, id: QueueId, ctx: &mut Ctx<'_, '_>) {
        if let Some(declare) = self.declares.remove(&id) {
            let token = declare.token;
            let result = Err(MetaError::Timeout);
            let declared = ToChannel::Declared { token, result };
            ctx.post(declare.by, Signal::Channel(declared));
            ctx.write_meta(MetaCommand::DeleteQueue(id), 0);
            for node in ctx.cluster.members.clone() {
                let force = ToRa::ForceDelete(id);
                ctx.post(Pid::named(node, Part::Ra), Signal::Ra(Box::new(force)));
            }
        }
    }

    #[allow(clippy::unused_self, reason = "reads like the other answers")]
    fn answer(&self, by: Pid, token: Token, answer: Answer, ctx: &mut Ctx<'_, '_>) {
        if token != 0 {
            ctx.post(by, Signal::Channel(ToChannel::Answer { token, answer }));
        }
    }

    // ---- delete ----

    fn delete(&mut self, id: QueueId, by: Pid, token: Token, ctx: &mut Ctx<'_, '_>) {
        let image = Arc::clone(ctx.image);
        let record = image.queue(id);
        let members = record.map(|record| record.members.clone());
        let until = ctx.env.now() + DELETE;
        let delete = Delete {
            by,
            token,
            members: members.unwrap_or_default(),
            until,
            ready: 0,
            forgetting: false,
        };
        for node in &delete.members {
            // The one that leads obeys; the others do nothing.
            let to = Pid::named(*node, Part::Member(id));
            if ctx.cluster.reaches(*node) || *node == ctx.node() {
                ctx.post(to, Signal::Quorum(Box::new(ToMember::Delete)));
            }
        }
        let nobody = delete.members.is_empty();
        self.deletes.insert(id, delete);
        self.look(ctx);
        if nobody {
            self.forget(id, ctx);
        }
    }

    /// The record goes.
    fn forget(&mut self, id: QueueId, ctx: &mut Ctx<'_, '_>) {
        let Some(delete) = self.deletes.get_mut(&id) else {
            return;
        };
        if delete.forgetting {
            return;
        }
        delete.forgetting = true;
        self.next += 1;
        self.forgets.insert(self.next, id);
        ctx.write_meta(MetaCommand::DeleteQueue(id), self.next);
    }

    fn forgotten(&mut self, token: Token, result: Result<(), MetaError>, ctx: &mut Ctx<'_, '_>) {
        let id = self.forgets.remove(&token);
        let Some(delete) = id.and_then(|id| self.deletes.remove(&id)) else {
            return;
        };
        let answer = match result {
            Err(MetaError::Timeout) => Answer::Refused(Reply::new(
                Code::InternalError,
                "INTERNAL_ERROR - The operation to delete the queue from the metadata store timed out",
            )),
            Ok(()) | Err(_) => Answer::Done {
                messages: delete.ready,
                consumers: 0,
            },
        };
        self.answer(delete.by, delete.token, answer, ctx);
    }

    fn deleted(&mut self, id: QueueId, ready: u32, from: Pid, ctx: &mut Ctx<'_, '_>) {
        if from.node == ctx.node() {
            self.names.remove(&id);
            self.write_soon(ctx);
            // Whoever waits for the end of the group hears of it.
            for node in ctx.cluster.connected.keys().copied().collect::<Vec<_>>() {
                if node != ctx.node() {
                    let deleted = ToRa::Deleted(id, ready);
                    ctx.post(Pid::named(node, Part::Ra), Signal::Ra(Box::new(deleted)));
                }
            }
        }
        if let Some(delete) = self.deletes.get_mut(&id) {
            delete.ready = delete.ready.max(ready);
            self.forget(id, ctx);
        }
    }

    fn force_delete(&mut self, id: QueueId, ctx: &mut Ctx<'_, '_>) {
        let force = Signal::Quorum(Box::new(ToMember::ForceDelete));
        ctx.post(ctx.local(Part::Member(id)), force);
        self.names.remove(&id);
        self.write_soon(ctx);
    }

    // ---- time-outs ----

    /// Arms the timer for what is due next.
    fn look(&self, ctx: &mut Ctx<'_, '_>) {
        let declares = self.declares.values().map(|d| d.until);
        let deletes = self.deletes.values().filter(|d| !d.forgetting);
        let next = declares.chain(deletes.map(|d| d.until)).min();
        if let Some(at) = next {
            let now = ctx.env.now();
            ctx.arm_in(PartTimer::RaCalls, at.since(now));
        }
    }

    fn time_out(&mut self, ctx: &mut Ctx<'_, '_>) {
        let now = ctx.env.now();
        let late = |until: Time| until <= now;
        let declares = self.declares.iter().filter(|(_, d)| late(d.until));
        let declares: Vec<QueueId> = declares.map(|(id, _)| *id).collect();
        for id in declares {
            if let Some(declare) = self.declares.get_mut(&id)
                && !declare.standing
            {
                declare.missing.clear();
                declare.until = now + START;
                self.try_to_stand(id, ctx);
            } else {
                self.fail(id, ctx);
            }
        }
        let deletes = self.deletes.iter();
        let deletes = deletes.filter(|(_, d)| late(d.until) && !d.forgetting);
        let deletes: Vec<QueueId> = deletes.map(|(id, _)| *id).collect();
        for id in deletes {
            // Not enough members to agree: each is deleted by force.
            let members = self.deletes.get(&id).map(|d| d.members.clone());
            for node in members.unwrap_or_default() {
                let force = ToRa::ForceDelete(id);
                ctx.post(Pid::named(node, Part::Ra), Signal::Ra(Box::new(force)));
            }
            self.forget(id, ctx);
        }
        self.look(ctx);
    }

    /// Queues whose record is gone leave no member behind.
    fn image_changed(&mut self, ctx: &mut Ctx<'_, '_>) {
        if !self.running {
            return;
        }
        let image = Arc::clone(ctx.image);
        let gone = |id: &&QueueId| {
            image.queue(**id).is_none() && image.queues.get(&id.name).is_some_and(|q| q.id != **id)
        };
        let gone: Vec<QueueId> = self.names.iter().filter(gone).copied().collect();
        for id in gone {
            self.force_delete(id, ctx);
        }
    }

    fn hear(&mut self, from: Pid, said: ToRa, ctx: &mut Ctx<'_, '_>) {
        match said {
            ToRa::Declare(record, by, token) => self.declare(&record, by, token, ctx),
            ToRa::Start(record) => {
                let id = record.id;
                self.start(&record, false, ctx);
                ctx.post(from, Signal::Ra(Box::new(ToRa::Started(id))));
            }
            ToRa::Started(id) => {
                if let Some(declare) = self.declares.get_mut(&id)
                    && declare.missing.remove(&from.node)
                {
                    declare.started += 1;
                    self.try_to_stand(id, ctx);
                }
            }
            ToRa::Leads(id) => {
                if let Some(declare) = self.declares.remove(&id) {
                    let token = declare.token;
                    let result = Ok(Pid::named(ctx.node(), Part::Member(id)));
                    let declared = ToChannel::Declared { token, result };
                    ctx.post(declare.by, Signal::Channel(declared));
                }
                // The record names the leader; it is written when the leader has time for it.
                let image = Arc::clone(ctx.image);
                if let Some(record) = image.queue(id)
                    && record.pid.node != ctx.node()
                {
                    let mut record = record.clone();
                    record.pid = Pid::named(ctx.node(), Part::Member(id));
                    ctx.write_meta(MetaCommand::UpdateQueue(Box::new(record)), 0);
                }
            }
            ToRa::Delete(id, by, token) => self.delete(id, by, token, ctx),
            ToRa::Deleted(id, ready) => self.deleted(id, ready, from, ctx),
            ToRa::ForceDelete(id) => self.force_delete(id, ctx),
        }
    }
}

impl Actor for Ra {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::Ra(said) => self.hear(from, *said, ctx),
            Signal::AppStarted => self.recover(ctx),
            Signal::ImageChanged => self.image_changed(ctx),
            Signal::MetaDone { token, result } => self.forgotten(token, result, ctx),
            Signal::NodeDown { node } => {
                for id in self.declares.keys().copied().collect::<Vec<_>>() {
                    if let Some(declare) = self.declares.get_mut(&id) {
                        declare.missing.remove(&node);
                    }
                    self.try_to_stand(id, ctx);
                }
            }
            Signal::Terminate => {
                self.running = false;
                self.write(ctx);
            }
            _ => {}
        }
    }

    fn timer(&mut self, kind: PartTimer, ctx: &mut Ctx<'_, '_>) {
        match kind {
            PartTimer::RaNames => self.write(ctx),
            PartTimer::RaCalls => self.time_out(ctx),
            _ => {}
        }
    }
}
