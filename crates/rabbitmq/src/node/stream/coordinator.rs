//! The stream coordinator (`rabbit_stream_coordinator`): a Raft group of all nodes that says which member of
//! each stream writes, in which epoch.
//!
//! When a writer is gone the members are stopped for the next epoch. As soon as a majority has said how far
//! its logs reach, the one that reaches furthest, by epoch and then by offset, becomes the writer; the others
//! cut what it does not have and follow (reference 3.7). The leader of this group carries the steps out; a
//! new leader carries out again what is under way.

use super::{Epoch, Tail, ToStream};
use crate::ids::{Part, Pid, QueueId};
use crate::node::Actor;
use crate::node::ctx::Ctx;
use crate::node::host::{Event, Host, Hosted};
use crate::node::image::{MetaCommand, QueueKind};
use crate::raft::{self, Index, Kind, Machine, Meta, Place, Rpc, Snapshot};
use crate::records::{DiskRecord, FileName, RaftFile};
use crate::signal::Signal;
use crate::system::PartTimer;
use ackscope_kernel::{SeatId, Time};
use borsh::BorshSerialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the coordinator's log says.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Command {
    /// A stream was declared.
    New {
        /// Which.
        queue: QueueId,
        /// Its members.
        members: Vec<SeatId>,
        /// Who writes first.
        leader: SeatId,
    },
    /// A stream was deleted.
    Deleted {
        /// Which.
        queue: QueueId,
    },
    /// A member is there and has no duty.
    Up {
        /// Of which stream.
        queue: QueueId,
        /// On which node.
        node: SeatId,
    },
    /// A member is gone, or cannot be reached.
    Down {
        /// Of which stream.
        queue: QueueId,
        /// On which node.
        node: SeatId,
    },
    /// A member has stopped for this epoch; so far its log reaches.
    Stopped {
        /// Of which stream.
        queue: QueueId,
        /// On which node.
        node: SeatId,
        /// The epoch that is to begin.
        epoch: Epoch,
        /// The end of its log.
        tail: Tail,
    },
    /// A member writes.
    Writes {
        /// Of which stream.
        queue: QueueId,
        /// On which node.
        node: SeatId,
        /// The epoch.
        epoch: Epoch,
    },
    /// A member follows.
    Follows {
        /// Of which stream.
        queue: QueueId,
        /// On which node.
        node: SeatId,
        /// The epoch.
        epoch: Epoch,
    },
}

/// How a stream stands.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
enum Phase {
    /// Members are being stopped; the ends of their logs so far.
    Electing(BTreeMap<SeatId, Tail>),
    /// This member is told to write.
    Starting(SeatId),
    /// This member writes.
    Running(SeatId),
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
struct Stream {
    epoch: Epoch,
    members: Vec<SeatId>,
    phase: Phase,
}

/// The replicated state.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct State {
    streams: BTreeMap<QueueId, Stream>,
}

/// What the leader has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell a member.
    Tell(QueueId, SeatId, Duty),
    /// Tell the metadata store who writes.
    Publish(QueueId, SeatId, Epoch),
    /// Watch all members.
    Watch(QueueId, Vec<SeatId>),
}

/// What a member is told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the signal of the same name")]
pub enum Duty {
    Stop(Epoch),
    Write(Epoch, Vec<SeatId>),
    Follow(Epoch, SeatId),
}

impl Stream {
    /// What a member has to do as things stand.
    fn duty(&self, node: SeatId) -> Option<Duty> {
        match &self.phase {
            Phase::Electing(tails) if tails.contains_key(&node) => None,
            Phase::Electing(_) => Some(Duty::Stop(self.epoch)),
            Phase::Starting(leader) | Phase::Running(leader) if *leader == node => {
                Some(Duty::Write(self.epoch, self.members.clone()))
            }
            Phase::Starting(_) => None,
            Phase::Running(leader) => Some(Duty::Follow(self.epoch, *leader)),
        }
    }

    fn tell_all(&self, queue: QueueId) -> Vec<Effect> {
        let mut effects = vec![Effect::Watch(queue, self.members.clone())];
        for node in &self.members {
            if let Some(duty) = self.duty(*node) {
                effects.push(Effect::Tell(queue, *node, duty));
            }
        }
        effects
    }

    fn elect(&mut self, queue: QueueId) -> Vec<Effect> {
        self.epoch += 1;
        self.phase = Phase::Electing(BTreeMap::new());
        self.tell_all(queue)
    }
}

impl State {
    fn apply_to(&mut self, command: &Command) -> Vec<Effect> {
        match command {
            Command::New {
                queue,
                members,
                leader,
            } => {
                let stream = self.streams.entry(*queue).or_insert_with(|| Stream {
                    epoch: 1,
                    members: members.clone(),
                    phase: Phase::Starting(*leader),
                });
                stream.tell_all(*queue)
            }
            Command::Deleted { queue } => {
                self.streams.remove(queue);
                Vec::new()
            }
            Command::Up { queue, node } => {
                let stream = self.streams.get_mut(queue);
                let Some(stream) = stream.filter(|stream| stream.members.contains(node)) else {
                    return Vec::new();
                };
                let mut effects = vec![Effect::Watch(*queue, vec![*node])];
                if stream.phase == Phase::Running(*node) {
                    // The writer was started anew: another epoch begins.
                    effects.extend(stream.elect(*queue));
                } else if let Some(duty) = stream.duty(*node) {
                    effects.push(Effect::Tell(*queue, *node, duty));
                } else if let Phase::Electing(tails) = &mut stream.phase {
                    // It said how far it reaches and was started anew since: it has to say so again.
                    tails.remove(node);
                    effects.push(Effect::Tell(*queue, *node, Duty::Stop(stream.epoch)));
                }
                effects
            }
            Command::Down { queue, node } => match self.streams.get_mut(queue) {
                Some(stream) => match &mut stream.phase {
                    Phase::Running(leader) | Phase::Starting(leader) if leader == node => {
                        stream.elect(*queue)
                    }
                    Phase::Electing(tails) => {
                        tails.remove(node);
                        Vec::new()
                    }
                    Phase::Running(_) | Phase::Starting(_) => Vec::new(),
                },
                None => Vec::new(),
            },
            Command::Stopped {
                queue,
                node,
                epoch,
                tail,
            } => {
                let stream = self.streams.get_mut(queue);
                let Some(stream) = stream.filter(|stream| stream.epoch == *epoch) else {
                    return Vec::new();
                };
                let Phase::Electing(tails) = &mut stream.phase else {
                    return stream
                        .duty(*node)
                        .map(|duty| Effect::Tell(*queue, *node, duty))
                        .into_iter()
                        .collect();
                };
                tails.insert(*node, *tail);
                if tails.len() * 2 <= stream.members.len() {
                    return Vec::new();
                }
                // Of equals the first member in the order of the nodes.
                let best = tails.iter().rev().max_by_key(|(_, tail)| **tail);
                let Some(leader) = best.map(|(node, _)| *node) else {
                    return Vec::new();
                };
                stream.phase = Phase::Starting(leader);
                stream.tell_all(*queue)
            }
            Command::Writes { queue, node, epoch } => {
                let stream = self.streams.get_mut(queue);
                match stream.filter(|stream| stream.epoch == *epoch) {
                    Some(stream) if stream.phase == Phase::Starting(*node) => {
                        stream.phase = Phase::Running(*node);
                        let mut effects = vec![Effect::Publish(*queue, *node, *epoch)];
                        for member in &stream.members {
                            if member != node
                                && let Some(duty) = stream.duty(*member)
                            {
                                effects.push(Effect::Tell(*queue, *member, duty));
                            }
                        }
                        effects
                    }
                    _ => Vec::new(),
                }
            }
            Command::Follows { .. } => Vec::new(),
        }
    }
}

impl Machine for State {
    type Command = Command;
    type Effect = Effect;

    fn apply(&mut self, _meta: Meta, command: &Command) -> Vec<Effect> {
        self.apply_to(command)
    }

    fn place(_effect: &Effect) -> Place {
        Place::Leader
    }

    fn became_leader(&self) -> Vec<Effect> {
        let streams = self.streams.iter();
        streams
            .flat_map(|(queue, stream)| stream.tell_all(*queue))
            .collect()
    }

    fn evaluated(&self) -> Vec<Effect> {
        Vec::new()
    }

    fn tick(&self, _now: Time) -> Vec<Effect> {
        Vec::new()
    }

    fn installed(&self, _me: SeatId) -> Vec<Effect> {
        Vec::new()
    }
}

impl Hosted for State {
    const SNAPSHOT_EVERY: Index = 1_000;

    fn entry(entry: Arc<raft::Entry<Command>>) -> DiskRecord {
        DiskRecord::CoordinatorEntry(entry)
    }

    fn as_entry(record: &DiskRecord) -> Option<Arc<raft::Entry<Command>>> {
        match record {
            DiskRecord::CoordinatorEntry(entry) => Some(entry.clone()),
            _ => None,
        }
    }

    fn snapshot(snapshot: Arc<Snapshot<State>>) -> DiskRecord {
        DiskRecord::CoordinatorSnapshot(snapshot)
    }

    fn as_snapshot(record: &DiskRecord) -> Option<Arc<Snapshot<State>>> {
        match record {
            DiskRecord::CoordinatorSnapshot(snapshot) => Some(snapshot.clone()),
            _ => None,
        }
    }

    fn signal(rpc: Rpc<State>) -> Signal {
        Signal::Stream(ToStream::Raft(Box::new(rpc)))
    }
}

/// This node's member of the group. The group begins with the first stream.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub struct Coordinator {
    host: Option<Host<State>>,
    /// What members on this node said while no leader was known.
    waiting: Vec<Command>,
    next: u64,
}

impl Coordinator {
    /// The replicated state, as panels and checks look at it.
    #[must_use]
    pub fn host(&self) -> Option<&Host<State>> {
        self.host.as_ref()
    }

    /// Comes up when there is a stream, or was one.
    fn boot_if_needed(&mut self, ctx: &mut Ctx<'_, '_>) {
        let file = FileName::Raft(Part::Coordinator, RaftFile::Vote);
        let streams = ctx.image.queues.values();
        let any = streams.filter(|q| q.kind == QueueKind::Stream).count() > 0;
        if self.host.is_some() || !any && ctx.env.disk().len(&file) == 0 {
            return;
        }
        let nodes = ctx.env.settings().node_seats();
        let members = nodes.map(|node| (node, Kind::Voter)).collect();
        let (host, events) = Host::boot(members, State::default(), ctx);
        let fresh = host.server.log().last().0 == 0;
        self.host = Some(host);
        self.after(events, ctx);
        let first = ctx.cluster.running.first() == Some(&ctx.node());
        if fresh && first {
            self.with_host(ctx, |host, ctx| host.timer(PartTimer::Election, ctx));
        }
    }

    fn ask(&mut self, command: Command, ctx: &mut Ctx<'_, '_>) {
        self.boot_if_needed(ctx);
        let leader = self.host.as_ref().and_then(|host| host.server.leader());
        let me = ctx.node();
        match (leader, &mut self.host) {
            (Some(leader), Some(host)) if leader == me => {
                if let Ok(events) = host.command(command, ctx) {
                    self.after(events, ctx);
                }
            }
            (Some(leader), _) => {
                let to = Pid::named(leader, Part::Coordinator);
                ctx.post(to, Signal::Stream(ToStream::Ask(command)));
            }
            // A member repeats what it says until it is told what to do; declarations are kept.
            (None, _) => self.waiting.push(command),
        }
    }

    fn with_host(
        &mut self,
        ctx: &mut Ctx<'_, '_>,
        act: impl FnOnce(&mut Host<State>, &mut Ctx<'_, '_>) -> Option<Vec<Event<State>>>,
    ) {
        let events = self.host.as_mut().and_then(|host| act(host, ctx));
        self.after(events.unwrap_or_default(), ctx);
    }

    fn after(&mut self, events: Vec<Event<State>>, ctx: &mut Ctx<'_, '_>) {
        for event in events {
            match event {
                Event::Effect(effect) => self.carry(effect, ctx),
                Event::Leads(_) | Event::Follows(Some(_)) => {
                    for command in std::mem::take(&mut self.waiting) {
                        self.ask(command, ctx);
                    }
                }
                Event::Follows(None)
                | Event::Deposed
                | Event::Applied(_)
                | Event::Appended(..)
                | Event::Cut(_)
                | Event::Installed(_)
                | Event::Deleted
                | Event::Broken => {}
            }
        }
    }

    fn carry(&mut self, effect: Effect, ctx: &mut Ctx<'_, '_>) {
        match effect {
            Effect::Tell(queue, node, duty) => {
                let what = match duty {
                    Duty::Stop(epoch) => ToStream::Stop { epoch },
                    Duty::Write(epoch, members) => ToStream::Write { epoch, members },
                    Duty::Follow(epoch, leader) => ToStream::Follow { epoch, leader },
                };
                if ctx.cluster.reaches(node) {
                    let to = Pid::named(node, Part::Replica(queue));
                    ctx.post(to, Signal::Stream(what));
                }
            }
            Effect::Watch(queue, nodes) => {
                for node in nodes {
                    ctx.monitor(Pid::named(node, Part::Replica(queue)));
                }
            }
            Effect::Publish(queue, leader, epoch) => {
                if let Some(record) = ctx.image.queue(queue) {
                    let mut record = record.clone();
                    record.pid = Pid::named(leader, Part::Replica(queue));
                    record.epoch = epoch;
                    self.next += 1;
                    let next = self.next;
                    ctx.write_meta(MetaCommand::UpdateQueue(Box::new(record)), next);
                }
            }
        }
    }

    fn leads(&self) -> bool {
        let server = self.host.as_ref().map(|host| &host.server);
        server.is_some_and(|server| server.role() == raft::Role::Leader)
    }

    /// The metadata changed: a stream is new, or gone.
    fn look(&mut self, ctx: &mut Ctx<'_, '_>) {
        self.boot_if_needed(ctx);
        if !self.leads() {
            return;
        }
        let Some(host) = &self.host else {
            return;
        };
        let known: Vec<QueueId> = host.server.machine().streams.keys().copied().collect();
        let image = ctx.image.clone();
        for record in image.queues.values() {
            if record.kind == QueueKind::Stream && !known.contains(&record.id) {
                let new = Command::New {
                    queue: record.id,
                    members: record.members.clone(),
                    leader: record.pid.node,
                };
                self.ask(new, ctx);
            }
        }
        for queue in known {
            if image.queue(queue).is_none() {
                self.ask(Command::Deleted { queue }, ctx);
            }
        }
    }
}

impl Actor for Coordinator {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::Stream(ToStream::Raft(rpc)) => {
                self.boot_if_needed(ctx);
                self.with_host(ctx, |host, ctx| Some(host.receive(from.node, *rpc, ctx)));
                self.look(ctx);
            }
            Signal::Stream(ToStream::Ask(command)) => self.ask(command, ctx),
            Signal::AppStarted | Signal::ImageChanged => self.look(ctx),
            Signal::Down { pid, .. } if matches!(pid.part, Part::Replica(_)) => {
                if let Part::Replica(queue) = pid.part
                    && self.leads()
                {
                    let node = pid.node;
                    self.ask(Command::Down { queue, node }, ctx);
                }
            }
            Signal::Terminate => self.with_host(ctx, |host, ctx| Some(host.stop(ctx))),
            other => {
                self.with_host(ctx, |host, ctx| host.hear(&other, ctx));
                if let Signal::NodeUp { node, .. } = other
                    && self.leads()
                    && let Some(host) = &self.host
                {
                    // What a member there believes may be of an older epoch.
                    let state = host.server.machine();
                    let duties: Vec<Effect> = state
                        .streams
                        .iter()
                        .filter(|(_, stream)| stream.members.contains(&node))
                        .flat_map(|(queue, stream)| {
                            let duty = stream.duty(node);
                            let tell = duty.map(|duty| Effect::Tell(*queue, node, duty));
                            let watch = Effect::Watch(*queue, vec![node]);
                            [Some(watch), tell].into_iter().flatten()
                        })
                        .collect();
                    for effect in duties {
                        self.carry(effect, ctx);
                    }
                }
            }
        }
    }

    fn timer(&mut self, kind: PartTimer, ctx: &mut Ctx<'_, '_>) {
        self.with_host(ctx, |host, ctx| host.timer(kind, ctx));
        self.look(ctx);
    }

    fn synced(&mut self, token: u64, ctx: &mut Ctx<'_, '_>) {
        self.with_host(ctx, |host, ctx| Some(host.synced(token, ctx)));
        self.look(ctx);
    }
}
