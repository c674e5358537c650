//! Khepri: the metadata store of 4.2 and later, a Raft group of all nodes.
//!
//! A write needs a majority. The member beside the asking part answers when it has applied the entry itself,
//! so that what was written can be read there (`reply_from: local`). Without a majority a write fails after
//! `metadata_store.khepri.default_timeout`; the entry may still be committed later (reference 13.8). Reads are
//! local and may be old.

use crate::ids::{Part, Pid};
use crate::node::Actor;
use crate::node::ctx::Ctx;
use crate::node::host::{Event, Host, Hosted};
use crate::node::image::{Image, MetaCommand, MetaError};
use crate::raft::{Entry, Index, Kind, Machine, Meta, Place, Rpc, Snapshot};
use crate::records::DiskRecord;
use crate::signal::{Carried, Signal, Token};
use crate::system::PartTimer;
use ackscope_kernel::{SeatId, Span, Time};
use borsh::BorshSerialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A write on its way through the log.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Write {
    /// The node whose part asks.
    pub asker: SeatId,
    /// That node's number for it: grows with each write and with each start of the node.
    pub number: u64,
    /// The write.
    pub command: MetaCommand,
}

/// The answer to a write.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    asker: SeatId,
    number: u64,
    result: Result<(), MetaError>,
}

/// How many answers are kept per node, so that a write that was sent twice is done once
/// (`protect_against_dups`).
const REMEMBERED: usize = 64;

/// The replicated state.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub struct Store {
    image: Arc<Image>,
    answered: BTreeMap<SeatId, BTreeMap<u64, Result<(), MetaError>>>,
}

impl Machine for Store {
    type Command = Write;
    type Effect = Reply;

    fn apply(&mut self, _meta: Meta, write: &Write) -> Vec<Reply> {
        let answered = self.answered.entry(write.asker).or_default();
        let result = match answered.get(&write.number) {
            Some(result) => *result,
            None => {
                let result = Arc::make_mut(&mut self.image).apply(&write.command);
                answered.insert(write.number, result);
                if answered.len() > REMEMBERED {
                    answered.pop_first();
                }
                result
            }
        };
        vec![Reply {
            asker: write.asker,
            number: write.number,
            result,
        }]
    }

    fn place(reply: &Reply) -> Place {
        Place::Near(reply.asker)
    }

    fn became_leader(&self) -> Vec<Reply> {
        Vec::new()
    }

    fn evaluated(&self) -> Vec<Reply> {
        Vec::new()
    }

    fn tick(&self, _now: Time) -> Vec<Reply> {
        Vec::new()
    }

    fn installed(&self, _me: SeatId) -> Vec<Reply> {
        Vec::new()
    }
}

impl Hosted for Store {
    const SNAPSHOT_EVERY: Index = 1_000;

    fn entry(entry: Arc<Entry<Write>>) -> DiskRecord {
        DiskRecord::KhepriEntry(entry)
    }

    fn as_entry(record: &DiskRecord) -> Option<Arc<Entry<Write>>> {
        match record {
            DiskRecord::KhepriEntry(entry) => Some(entry.clone()),
            _ => None,
        }
    }

    fn snapshot(snapshot: Arc<Snapshot<Store>>) -> DiskRecord {
        DiskRecord::KhepriSnapshot(snapshot)
    }

    fn as_snapshot(record: &DiskRecord) -> Option<Arc<Snapshot<Store>>> {
        match record {
            DiskRecord::KhepriSnapshot(snapshot) => Some(snapshot.clone()),
            _ => None,
        }
    }

    fn signal(rpc: Rpc<Store>) -> Signal {
        Signal::Khepri(Box::new(ToKhepri::Raft(rpc)))
    }
}

/// Between the members.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToKhepri {
    /// Raft.
    Raft(Rpc<Store>),
    /// To the leader: a write.
    Forward(Write),
    /// The write went to another member that may be the leader, or to none.
    Redirect {
        /// The asking node's number.
        number: u64,
        /// The leader, as far as is known.
        leader: Option<SeatId>,
    },
}

impl Carried for ToKhepri {
    fn background(&self) -> bool {
        true
    }
}

/// A write that a part of this node waits for.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
struct Asked {
    by: Pid,
    token: Token,
    command: MetaCommand,
    /// The member that it was sent to last.
    at: Option<SeatId>,
    until: Time,
}

/// This node's member.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Khepri {
    /// The member, once the runtime has started.
    host: Option<Host<Store>>,
    asked: BTreeMap<u64, Asked>,
    next: u64,
    /// The monitor was told that the metadata are here.
    ready: bool,
}

impl Khepri {
    /// Before the runtime of its node has started.
    pub(crate) fn new(creation: u32) -> Khepri {
        Khepri {
            host: None,
            asked: BTreeMap::new(),
            next: u64::from(creation) << 32,
            ready: false,
        }
    }

    /// The runtime has started: the member comes up. In a cluster that never was, the first of its nodes
    /// stands for election.
    fn boot(&mut self, ctx: &mut Ctx<'_, '_>) {
        let nodes = ctx.env.settings().node_seats();
        let members = nodes.map(|node| (node, Kind::Voter)).collect();
        let (host, events) = Host::boot(members, Store::default(), ctx);
        let first = ctx.cluster.members.first() == Some(&ctx.node());
        if first && host.server.log().last().0 == 0 {
            ctx.arm_in(PartTimer::Election, FORM);
        }
        self.host = Some(host);
        self.publish(ctx);
        self.after(events, ctx);
    }

    /// The member, as panels and checks look at it.
    #[must_use]
    pub fn host(&self) -> Option<&Host<Store>> {
        self.host.as_ref()
    }

    /// The node's parts read what this member has applied.
    fn publish(&self, ctx: &mut Ctx<'_, '_>) {
        let Some(host) = &self.host else {
            return;
        };
        let image = &host.server.machine().image;
        if !Arc::ptr_eq(image, ctx.image) && **image != **ctx.image {
            *ctx.image = image.clone();
        }
    }

    fn after(&mut self, events: Vec<Event<Store>>, ctx: &mut Ctx<'_, '_>) {
        for event in events {
            match event {
                Event::Effect(reply) => {
                    self.publish(ctx);
                    if reply.asker == ctx.node() {
                        self.answer(reply.number, reply.result, ctx);
                    }
                }
                Event::Leads(_) | Event::Follows(Some(_)) => self.ask_again(ctx),
                Event::Follows(None)
                | Event::Deposed
                | Event::Deleted
                | Event::Broken
                | Event::Appended(..)
                | Event::Cut(_) => {}
                Event::Applied(_) | Event::Installed(_) => self.publish(ctx),
            }
        }
        let Some(Host { server, .. }) = &self.host else {
            return;
        };
        let term = server.log().term(server.applied());
        if !self.ready && server.leader().is_some() && term == Some(server.term()) {
            // The leader's first entry is applied here: nothing committed before is missing.
            self.ready = true;
            let monitor = ctx.local(Part::Monitor);
            ctx.post(monitor, Signal::MetaReady);
        }
    }

    fn write(&mut self, by: Pid, token: Token, command: MetaCommand, ctx: &mut Ctx<'_, '_>) {
        self.next += 1;
        let number = self.next;
        let timeout = ctx.env.settings().node.khepri_timeout;
        let asked = Asked {
            by,
            token,
            command,
            at: None,
            until: ctx.env.now() + timeout,
        };
        self.asked.insert(number, asked);
        if !ctx.is_armed(PartTimer::MetaTimeout) {
            ctx.arm_in(PartTimer::MetaTimeout, timeout);
        }
        self.send(number, self.leader(), ctx);
    }

    fn leader(&self) -> Option<SeatId> {
        self.host.as_ref().and_then(|host| host.server.leader())
    }

    /// Sends a write to the leader. Without one it waits for a new leader.
    fn send(&mut self, number: u64, leader: Option<SeatId>, ctx: &mut Ctx<'_, '_>) {
        let asker = ctx.node();
        let (Some(asked), Some(leader)) = (self.asked.get_mut(&number), leader) else {
            return;
        };
        asked.at = Some(leader);
        let command = asked.command.clone();
        let write = Write {
            asker,
            number,
            command,
        };
        if leader == asker {
            if let Some(Ok(events)) = self.host.as_mut().map(|host| host.command(write, ctx)) {
                self.after(events, ctx);
            }
        } else {
            let forward = Signal::Khepri(Box::new(ToKhepri::Forward(write)));
            ctx.post(Pid::named(leader, Part::Meta), forward);
        }
    }

    /// There is a new leader: what is not answered is sent to it.
    fn ask_again(&mut self, ctx: &mut Ctx<'_, '_>) {
        let leader = self.leader();
        let open: Vec<u64> = self
            .asked
            .iter()
            .filter(|(_, asked)| asked.at != leader)
            .map(|(number, _)| *number)
            .collect();
        for number in open {
            self.send(number, leader, ctx);
        }
    }

    fn answer(&mut self, number: u64, result: Result<(), MetaError>, ctx: &mut Ctx<'_, '_>) {
        if let Some(asked) = self.asked.remove(&number) {
            let token = asked.token;
            ctx.post(asked.by, Signal::MetaDone { token, result });
        }
    }

    fn time_out(&mut self, ctx: &mut Ctx<'_, '_>) {
        let now = ctx.env.now();
        let late: Vec<u64> = self
            .asked
            .iter()
            .filter(|(_, asked)| asked.until <= now)
            .map(|(number, _)| *number)
            .collect();
        for number in late {
            self.answer(number, Err(MetaError::Timeout), ctx);
        }
        if let Some(next) = self.asked.values().map(|asked| asked.until).min() {
            ctx.arm_in(PartTimer::MetaTimeout, next.since(now));
        }
    }

    fn hear(&mut self, from: Pid, said: ToKhepri, ctx: &mut Ctx<'_, '_>) {
        match said {
            ToKhepri::Raft(rpc) => {
                self.with_host(ctx, |host, ctx| Some(host.receive(from.node, rpc, ctx)))
            }
            ToKhepri::Forward(write) => {
                let number = write.number;
                match self.host.as_mut().map(|host| host.command(write, ctx)) {
                    Some(Ok(events)) => self.after(events, ctx),
                    other => {
                        let leader = other.and_then(Result::err).and_then(|not| not.leader);
                        let answer = ToKhepri::Redirect { number, leader };
                        ctx.post(from, Signal::Khepri(Box::new(answer)));
                    }
                }
            }
            ToKhepri::Redirect { number, leader } => {
                let known = leader.filter(|leader| *leader != from.node);
                match self.asked.get_mut(&number) {
                    Some(asked) if known.is_none() => asked.at = None,
                    Some(_) => self.send(number, known, ctx),
                    None => {}
                }
            }
        }
    }

    /// Lets the member act, if it is up, and looks after what comes of it.
    fn with_host(
        &mut self,
        ctx: &mut Ctx<'_, '_>,
        act: impl FnOnce(&mut Host<Store>, &mut Ctx<'_, '_>) -> Option<Vec<Event<Store>>>,
    ) {
        let events = self.host.as_mut().and_then(|host| act(host, ctx));
        self.after(events.unwrap_or_default(), ctx);
    }
}

/// How long after its start the first node of a new cluster forms the group.
const FORM: Span = Span(50_000);

impl Actor for Khepri {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::MetaWrite { command, token } => self.write(from, token, command, ctx),
            Signal::Khepri(said) => self.hear(from, *said, ctx),
            Signal::Booted => self.boot(ctx),
            Signal::Terminate => self.with_host(ctx, |host, ctx| Some(host.stop(ctx))),
            other => self.with_host(ctx, |host, ctx| host.hear(&other, ctx)),
        }
    }

    fn timer(&mut self, kind: PartTimer, ctx: &mut Ctx<'_, '_>) {
        if kind == PartTimer::MetaTimeout {
            self.time_out(ctx);
        } else {
            self.with_host(ctx, |host, ctx| host.timer(kind, ctx));
        }
    }

    fn synced(&mut self, token: u64, ctx: &mut Ctx<'_, '_>) {
        self.with_host(ctx, |host, ctx| Some(host.synced(token, ctx)));
    }
}
