//! The member of a quorum queue on a node: Raft, the machine, and what its effects are in the world.

use super::fifo::{Clock, Command, Config, Effect, Fifo, From, Op};
use super::wire::{FromMember, ToMember, ToRa};
use crate::facts::{Fact, GoneWhy};
use crate::ids::{Name, Part, Pid, QueueId};
use crate::node::Actor;
use crate::node::ctx::Ctx;
use crate::node::host::{Event, Host, Hosted};
use crate::node::queue_type::ToChannel;
use crate::raft::{Entry, Index, Kind, Role, Rpc, Snapshot, What};
use crate::records::DiskRecord;
use crate::signal::{DownWhy, Signal, Token};
use crate::system::PartTimer;
use ackscope_kernel::{Copy, SeatId, Time};
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Hosted for Fifo {
    const TELLS: bool = true;
    const SNAPSHOT_EVERY: Index = 4_096;

    fn entry(entry: Arc<Entry<Command>>) -> DiskRecord {
        DiskRecord::FifoEntry(entry)
    }

    fn as_entry(record: &DiskRecord) -> Option<Arc<Entry<Command>>> {
        match record {
            DiskRecord::FifoEntry(entry) => Some(Arc::clone(entry)),
            _ => None,
        }
    }

    fn snapshot(snapshot: Arc<Snapshot<Fifo>>) -> DiskRecord {
        DiskRecord::FifoSnapshot(snapshot)
    }

    fn as_snapshot(record: &DiskRecord) -> Option<Arc<Snapshot<Fifo>>> {
        match record {
            DiskRecord::FifoSnapshot(snapshot) => Some(Arc::clone(snapshot)),
            _ => None,
        }
    }

    fn signal(rpc: Rpc<Fifo>) -> Signal {
        Signal::Quorum(Box::new(ToMember::Raft(rpc)))
    }
}

/// A member on its node.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Member {
    queue: QueueId,
    /// The members and the settings with which the queue was declared.
    first: (Vec<SeatId>, Config),
    host: Option<Host<Fifo>>,
    /// Processes that the machine wants watched; as the leader.
    watched: BTreeSet<Pid>,
    /// Nodes whose return the machine wants to hear of; as the leader.
    nodes: BTreeSet<SeatId>,
    /// Calls that came while no leader was known.
    waiting: Vec<(Pid, Token)>,
    /// Timers of the machine as they are armed.
    clocks: BTreeMap<Clock, Time>,
}

impl Member {
    /// A member before it comes up.
    #[must_use]
    pub fn new(queue: QueueId, members: Vec<SeatId>, config: Config) -> Member {
        Member {
            queue,
            first: (members, config),
            host: None,
            watched: BTreeSet::new(),
            nodes: BTreeSet::new(),
            waiting: Vec::new(),
            clocks: BTreeMap::new(),
        }
    }

    /// Raft and the machine, once it is up.
    #[must_use]
    pub fn host(&self) -> Option<&Host<Fifo>> {
        self.host.as_ref()
    }

    fn boot(&mut self, stand: bool, ctx: &mut Ctx<'_, '_>) {
        let members = self.first.0.iter();
        let members = members.map(|node| (*node, Kind::Voter)).collect();
        let now = ctx.env.now();
        let machine = Fifo::new(ctx.version(), self.queue, self.first.1.clone(), now);
        let (host, mut events) = Host::boot(members, machine, ctx);
        let new = host.server.log().last().0 == 0;
        self.host = Some(host);
        if stand && new {
            events.extend(self.stand(ctx));
        }
        self.after(events, ctx);
    }

    fn stand(&mut self, ctx: &mut Ctx<'_, '_>) -> Vec<Event<Fifo>> {
        let Some(host) = &mut self.host else {
            return Vec::new();
        };
        host.run(ctx, |server, ctx, out| {
            if server.role() == Role::Follower {
                server.election_timeout(ctx.env.now(), out);
            }
        })
    }

    fn leads(&self) -> bool {
        let host = self.host.as_ref();
        host.is_some_and(|host| host.server.role() == Role::Leader)
    }

    /// A command of the machine's surroundings, as the leader.
    fn propose(&mut self, op: Op, ctx: &mut Ctx<'_, '_>) {
        let from = From::Nobody;
        let Some(host) = &mut self.host else {
            return;
        };
        if let Ok(events) = host.command(Command { from, op }, ctx) {
            self.after(events, ctx);
        }
    }

    fn hear(&mut self, from: Pid, said: ToMember, ctx: &mut Ctx<'_, '_>) {
        if let ToMember::Boot { stand } = said {
            if self.host.is_none() {
                self.boot(stand, ctx);
            }
            return;
        }
        let Some(host) = &mut self.host else {
            return;
        };
        let events = match said {
            ToMember::Boot { .. } => Vec::new(),
            ToMember::Raft(rpc) => host.receive(from.node, rpc, ctx),
            ToMember::Command(command) => {
                let sender = command.from;
                let untracked = matches!(command.op, Op::Enqueue(None, _)).then(|| command.clone());
                match (host.command(command, ctx), sender) {
                    (Ok(events), _) => events,
                    (Err(not), From::Pipelined(pid, seq)) => {
                        self.tell(pid, FromMember::Rejected(not.leader, seq), ctx);
                        return;
                    }
                    (Err(not), _) => {
                        // What nobody waits for is passed on if it is known to whom.
                        if let (Some(leader), Some(command)) = (not.leader, untracked) {
                            let to = Pid::named(leader, ctx.me.part);
                            ctx.post(to, Signal::Quorum(Box::new(ToMember::Command(command))));
                        }
                        return;
                    }
                }
            }
            ToMember::Call(command) => {
                let From::Call(pid, token) = command.from else {
                    return;
                };
                match host.command(command, ctx) {
                    Ok(events) => events,
                    Err(not) => {
                        match not.leader {
                            Some(leader) => {
                                self.tell(pid, FromMember::Redirect(token, leader), ctx);
                            }
                            None => self.waiting.push((pid, token)),
                        }
                        return;
                    }
                }
            }
            ToMember::CheckedOut(pid, tag, ids) => {
                let held = host.server.machine().held_by(pid, tag);
                let held = held.into_iter().filter(|(id, _)| ids.contains(id));
                self.tell(pid, FromMember::Missing(tag, held.collect()), ctx);
                return;
            }
            ToMember::Stat(pid, token) => {
                let fifo = host.server.machine();
                let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
                let (ready, consumers) = (count(fifo.ready()), count(fifo.consumer_count()));
                self.tell(pid, FromMember::Stat(token, ready, consumers), ctx);
                return;
            }
            ToMember::Stand => self.stand(ctx),
            ToMember::Delete => host.run(ctx, |server, ctx, out| {
                server.delete(ctx.env.now(), out);
            }),
            ToMember::ForceDelete => {
                self.deleted(ctx);
                return;
            }
            ToMember::Add(node) => host.run(ctx, |server, ctx, out| {
                let _ = server.add(node, false, ctx.env.now(), out);
            }),
            ToMember::Remove(node) => host.run(ctx, |server, ctx, out| {
                let _ = server.remove(node, ctx.env.now(), out);
            }),
            ToMember::ForceAlone => host.run(ctx, |server, ctx, out| {
                server.force_alone(ctx.env.now(), out);
            }),
            ToMember::HandOver(node) => host.run(ctx, |server, _, out| {
                server.hand_over(node, out);
            }),
        };
        self.after(events, ctx);
    }

    /// Looks after what came of an input.
    fn after(&mut self, events: Vec<Event<Fifo>>, ctx: &mut Ctx<'_, '_>) {
        let mut applied: BTreeMap<Pid, Vec<(u64, bool)>> = BTreeMap::new();
        let mut rest = Vec::with_capacity(events.len());
        for event in events {
            match event {
                Event::Effect(Effect::Applied(pid, seq, taken)) => {
                    applied.entry(pid).or_default().push((seq, taken));
                }
                other => rest.push(other),
            }
        }
        // ra sends the notices of a batch before its other effects.
        for (pid, seqs) in applied {
            self.tell(pid, FromMember::Applied(seqs), ctx);
        }
        for event in rest {
            self.one(event, ctx);
        }
    }

    fn one(&mut self, event: Event<Fifo>, ctx: &mut Ctx<'_, '_>) {
        match event {
            Event::Effect(effect) => self.act(effect, ctx),
            Event::Leads(term) => {
                ctx.env.note(Fact::Leads {
                    queue: self.queue,
                    term,
                });
                self.led_by(ctx.node(), ctx);
                let ra = ctx.local(Part::Ra);
                ctx.post(ra, Signal::Ra(Box::new(ToRa::Leads(self.queue))));
            }
            Event::Follows(Some(leader)) => self.led_by(leader, ctx),
            Event::Follows(None) | Event::Applied(_) => {}
            Event::Deposed => {
                for pid in std::mem::take(&mut self.watched) {
                    ctx.demonitor(pid);
                }
                self.nodes.clear();
                super::dead_letter::end(self.queue, ctx);
                for clock in std::mem::take(&mut self.clocks).into_keys() {
                    ctx.disarm(PartTimer::Fifo(clock));
                }
            }
            Event::Appended(index, entry) => {
                if let What::User(Command {
                    op: Op::Enqueue(_, message),
                    ..
                }) = &entry.what
                {
                    ctx.env.note(Fact::Stored {
                        key: message.key,
                        queue: self.queue,
                        copy: self.copy(index, ctx),
                        written: true,
                    });
                }
            }
            Event::Cut(gone) => {
                for (index, entry) in gone {
                    if let What::User(Command {
                        op: Op::Enqueue(_, message),
                        ..
                    }) = &entry.what
                    {
                        ctx.env.note(Fact::Gone {
                            key: message.key,
                            queue: self.queue,
                            copy: self.copy(index, ctx),
                            why: GoneWhy::Truncated,
                        });
                    }
                }
            }
            Event::Installed(old) => self.jumped(&old, ctx),
            Event::Deleted => self.deleted(ctx),
            Event::Broken => ctx.end(ctx.me.part, DownWhy::Crashed),
        }
    }

    /// Where this member keeps the message that came with this entry.
    fn copy(&self, index: Index, ctx: &Ctx<'_, '_>) -> Copy {
        Copy {
            seat: ctx.node(),
            log: u32::from(self.queue.name.0),
            offset: index,
        }
    }

    /// A snapshot took the place of what was here.
    fn jumped(&self, old: &Fifo, ctx: &mut Ctx<'_, '_>) {
        let Some(host) = &self.host else {
            return;
        };
        let of = |fifo: &Fifo| -> BTreeMap<Index, _> {
            let all = fifo.messages();
            all.map(|msg| (msg.index, msg.message.key)).collect()
        };
        let (before, after) = (of(old), of(host.server.machine()));
        for (index, key) in before.iter().filter(|(i, _)| !after.contains_key(i)) {
            ctx.env.note(Fact::Gone {
                key: *key,
                queue: self.queue,
                copy: self.copy(*index, ctx),
                why: GoneWhy::Settled,
            });
        }
        for (index, key) in after.iter().filter(|(i, _)| !before.contains_key(i)) {
            ctx.env.note(Fact::Stored {
                key: *key,
                queue: self.queue,
                copy: self.copy(*index, ctx),
                written: true,
            });
        }
    }

    /// There is a leader: calls that waited are sent there.
    fn led_by(&mut self, leader: SeatId, ctx: &mut Ctx<'_, '_>) {
        for (pid, token) in std::mem::take(&mut self.waiting) {
            self.tell(pid, FromMember::Redirect(token, leader), ctx);
        }
    }

    fn deleted(&mut self, ctx: &mut Ctx<'_, '_>) {
        if let Some(host) = &self.host {
            let fifo = host.server.machine();
            let copies: Vec<_> = fifo.messages().map(|m| (m.index, m.message.key)).collect();
            let clients: Vec<Pid> = fifo.clients().collect();
            let ready = u32::try_from(fifo.ready()).unwrap_or(u32::MAX);
            let leads = self.leads();
            for (index, key) in copies {
                ctx.env.note(Fact::Gone {
                    key,
                    queue: self.queue,
                    copy: self.copy(index, ctx),
                    why: GoneWhy::QueueGone,
                });
            }
            for pid in clients {
                if leads || pid.node == ctx.node() {
                    self.tell(pid, FromMember::Eol, ctx);
                }
            }
            let ra = ctx.local(Part::Ra);
            let deleted = ToRa::Deleted(self.queue, ready);
            ctx.post(ra, Signal::Ra(Box::new(deleted)));
        }
        for file in crate::records::RaftFile::ALL {
            ctx.env
                .remove(&crate::records::FileName::Raft(ctx.me.part, file));
        }
        ctx.end(ctx.me.part, DownWhy::Normal);
    }

    fn tell(&self, pid: Pid, said: FromMember, ctx: &mut Ctx<'_, '_>) {
        let queue = self.queue;
        let said = Box::new(said);
        ctx.post(pid, Signal::Channel(ToChannel::Quorum { queue, said }));
    }

    /// Carries an effect out.
    fn act(&mut self, effect: Effect, ctx: &mut Ctx<'_, '_>) {
        match effect {
            Effect::Applied(pid, seq, taken) => {
                self.tell(pid, FromMember::Applied(vec![(seq, taken)]), ctx);
            }
            Effect::Answer(pid, token, reply) => {
                self.tell(pid, FromMember::Reply(token, reply), ctx);
            }
            Effect::Deliver(pid, tag, list) => {
                if tag != Name::EMPTY {
                    self.tell(pid, FromMember::Deliver(tag, list), ctx);
                }
            }
            Effect::Status(pid, stop) => self.tell(pid, FromMember::Status(stop), ctx),
            Effect::LeaderChange(pid) => self.tell(pid, FromMember::LeaderChange, ctx),
            Effect::Released(pid, tag, ids) => {
                self.tell(pid, FromMember::Released(tag, ids), ctx);
            }
            Effect::Monitor(pid) => {
                self.watched.insert(pid);
                ctx.monitor(pid);
            }
            Effect::MonitorNode(node) => {
                self.nodes.insert(node);
            }
            Effect::Clock(clock, at) => self.set(clock, at, ctx),
            Effect::DeadLetter(reason, msgs) => {
                if let Some(host) = &self.host {
                    let config = host.server.machine().config.clone();
                    super::dead_letter::publish_once(self.queue, &config, reason, &msgs, ctx);
                }
            }
            Effect::DlxDeliver(pid, list) => {
                let deliver = super::dead_letter::ToWorker::Deliver(list);
                ctx.post(pid, Signal::DeadLetter(Box::new(deliver)));
            }
            Effect::DlxEnd => super::dead_letter::end(self.queue, ctx),
            Effect::DlxWorker => super::dead_letter::start(self.queue, ctx),
            Effect::DlxTopology(pid) => {
                let look = super::dead_letter::ToWorker::LookAgain;
                ctx.post(pid, Signal::DeadLetter(Box::new(look)));
            }
            Effect::Gone(msg, why) => {
                ctx.env.note(Fact::Gone {
                    key: msg.message.key,
                    queue: self.queue,
                    copy: self.copy(msg.index, ctx),
                    why,
                });
            }
            Effect::Expired => {
                let ra = ctx.local(Part::Ra);
                let delete = ToRa::Delete(self.queue, ctx.me, 0);
                ctx.post(ra, Signal::Ra(Box::new(delete)));
            }
        }
    }

    fn set(&mut self, clock: Clock, at: Option<Time>, ctx: &mut Ctx<'_, '_>) {
        match at {
            Some(at) => {
                if self.clocks.insert(clock, at) != Some(at) {
                    let now = ctx.env.now();
                    ctx.arm_in(PartTimer::Fifo(clock), at.since(now));
                }
            }
            None => {
                if self.clocks.remove(&clock).is_some() {
                    ctx.disarm(PartTimer::Fifo(clock));
                }
            }
        }
    }

    /// A watched process is gone, or its node is.
    fn down(&mut self, pid: Pid, why: DownWhy, ctx: &mut Ctx<'_, '_>) {
        if self.watched.remove(&pid) && self.leads() {
            self.propose(Op::Down(pid, why == DownWhy::NoConnection), ctx);
        }
    }

    /// The settings of the queue have changed: the leader tells all (`rabbit_quorum_queue:policy_changed`).
    fn image_changed(&mut self, ctx: &mut Ctx<'_, '_>) {
        if !self.leads() {
            return;
        }
        let image = Arc::clone(ctx.image);
        let Some(record) = image.queue(self.queue) else {
            return;
        };
        let config = super::spec::config(record, ctx);
        let now = self.host.as_ref().map(|h| &h.server.machine().config);
        if now != Some(&config) {
            self.propose(Op::Configure(Box::new(config)), ctx);
        }
    }
}

impl Actor for Member {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::Quorum(said) => self.hear(from, *said, ctx),
            Signal::Down { pid, why } if pid.part != ctx.me.part => self.down(pid, why, ctx),
            Signal::ImageChanged => self.image_changed(ctx),
            Signal::Terminate => {
                if let Some(host) = &mut self.host {
                    let events = host.stop(ctx);
                    self.after(events, ctx);
                }
            }
            other => {
                let back = match other {
                    Signal::NodeUp { node, .. } => Some(node),
                    _ => None,
                };
                if let Some(host) = &mut self.host
                    && let Some(events) = host.hear(&other, ctx)
                {
                    self.after(events, ctx);
                }
                if let Some(node) = back
                    && self.nodes.contains(&node)
                    && self.leads()
                {
                    self.propose(Op::NodeUp(node), ctx);
                }
            }
        }
    }

    fn timer(&mut self, kind: PartTimer, ctx: &mut Ctx<'_, '_>) {
        if let PartTimer::Fifo(clock) = kind {
            self.clocks.remove(&clock);
            if self.leads() {
                self.propose(Op::Timeout(clock), ctx);
            }
            return;
        }
        if let Some(host) = &mut self.host
            && let Some(events) = host.timer(kind, ctx)
        {
            self.after(events, ctx);
        }
    }

    fn synced(&mut self, token: u64, ctx: &mut Ctx<'_, '_>) {
        if let Some(host) = &mut self.host {
            let events = host.synced(token, ctx);
            self.after(events, ctx);
        }
    }
}
