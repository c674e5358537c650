//! Binds a Raft member to its node: files, timers, links, the failure detector.

use crate::ids::{Part, Pid};
use crate::node::ctx::Ctx;
use crate::raft::{
    Boot, Delay, Entry, Index, Machine, Members, NotLeader, Out, Persisted, Rpc, Server, Snapshot,
    Term,
};
use crate::records::{DiskRecord, FileName, RaftFile};
use crate::signal::{DownWhy, Signal};
use crate::system::PartTimer;
use ackscope_kernel::{SeatId, Span};
use borsh::BorshSerialize;
use std::sync::Arc;

/// The poll interval of the failure detector (`raft.adaptive_failure_detector.poll_interval`), on which the
/// longer election delays rest.
pub const POLL: Span = Span::secs(5);

/// How often a leader looks after its group (`quorum_tick_interval`).
pub const TICK: Span = Span::secs(5);

/// A machine whose group lives on nodes: how its records and messages are wrapped.
pub trait Hosted: Machine {
    /// Its room wants to hear of every entry that comes and goes.
    const TELLS: bool = false;
    /// How many applied entries lie between two snapshots.
    const SNAPSHOT_EVERY: Index;
    /// An entry as a record of the log file.
    fn entry(entry: Arc<Entry<Self::Command>>) -> DiskRecord;
    /// A record of the log file as an entry.
    fn as_entry(record: &DiskRecord) -> Option<Arc<Entry<Self::Command>>>;
    /// A snapshot as a record of its file.
    fn snapshot(snapshot: Arc<Snapshot<Self>>) -> DiskRecord;
    /// A record of the snapshot file as a snapshot.
    fn as_snapshot(record: &DiskRecord) -> Option<Arc<Snapshot<Self>>>;
    /// A message to another member as a signal.
    fn signal(rpc: Rpc<Self>) -> Signal;
}

/// What a member's room has to look at after an input.
#[derive(Clone, Debug)]
pub enum Event<M: Machine> {
    /// This member carries this effect out.
    Effect(M::Effect),
    /// It leads now.
    Leads(Term),
    /// It knows of this leader now.
    Follows(Option<SeatId>),
    /// It leads no more.
    Deposed,
    /// It has applied up to here.
    Applied(Index),
    /// An entry was appended to its log.
    Appended(Index, Arc<Entry<M::Command>>),
    /// Entries went from its log that were never applied.
    Cut(Vec<(Index, Arc<Entry<M::Command>>)>),
    /// Its machine jumped by a snapshot; this was its state before.
    Installed(Box<M>),
    /// The group was deleted: its files are gone, the part ends.
    Deleted,
    /// The member crashed: its log cannot follow the leader's.
    Broken,
}

/// A member of a Raft group on its node.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Host<M: Hosted> {
    /// The member.
    pub server: Server<M>,
    /// Counts the waits for an election, so that each is drawn anew.
    waits: u64,
}

impl<M: Hosted> Host<M> {
    /// A member as it starts: from its files, or for the first time with these members and this machine.
    pub fn boot(members: Members, machine: M, ctx: &mut Ctx<'_, '_>) -> (Host<M>, Vec<Event<M>>) {
        let part = ctx.me.part;
        let disk = ctx.env.disk();
        let persisted = disk
            .read(&FileName::Raft(part, RaftFile::Vote))
            .and_then(|file| file.iter().next())
            .and_then(|record| match record {
                DiskRecord::Vote(persisted) => Some(*persisted),
                _ => None,
            });
        let entries: Vec<_> = disk
            .read(&FileName::Raft(part, RaftFile::Log))
            .map(|file| file.iter().filter_map(M::as_entry).collect())
            .unwrap_or_default();
        let snapshot = disk
            .read(&FileName::Raft(part, RaftFile::Snapshot))
            .and_then(|file| file.iter().next())
            .and_then(M::as_snapshot);
        let boot = if persisted.is_none() && entries.is_empty() && snapshot.is_none() {
            Boot::Fresh(members, machine)
        } else {
            Boot::Recovered {
                persisted: persisted.unwrap_or_default(),
                snapshot,
                entries,
                first: (members, machine),
            }
        };
        // Recovery syncs what it found.
        ctx.env.sync_now(&FileName::Raft(part, RaftFile::Log));
        let mut host = Host {
            server: Server::new(ctx.node(), boot, M::SNAPSHOT_EVERY),
            waits: 0,
        };
        let peers: Vec<SeatId> = host.server.members().keys().copied().collect();
        for node in peers {
            if !ctx.cluster.reaches(node) && node != ctx.node() {
                host.server.node(node, false);
            }
        }
        ctx.arm_in(PartTimer::RaftTick, TICK);
        let events = host.run(ctx, |server, _, out| server.start(out));
        (host, events)
    }

    /// Hands the member something, settles it, and carries out what it asks for.
    pub fn run(
        &mut self,
        ctx: &mut Ctx<'_, '_>,
        act: impl FnOnce(&mut Server<M>, &mut Ctx<'_, '_>, &mut Vec<Out<M>>),
    ) -> Vec<Event<M>> {
        let mut out = Vec::new();
        act(&mut self.server, ctx, &mut out);
        self.server.settle(&mut out);
        self.carry(out, ctx)
    }

    /// A client's command.
    ///
    /// # Errors
    /// This member does not lead; nothing was done.
    pub fn command(
        &mut self,
        command: M::Command,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<Vec<Event<M>>, NotLeader> {
        let now = ctx.env.now();
        let mut out = Vec::new();
        self.server.command(command, now, &mut out)?;
        self.server.settle(&mut out);
        Ok(self.carry(out, ctx))
    }

    /// A message from another member.
    pub fn receive(&mut self, from: SeatId, rpc: Rpc<M>, ctx: &mut Ctx<'_, '_>) -> Vec<Event<M>> {
        self.run(ctx, |server, ctx, out| {
            server.receive(from, rpc, ctx.env.now(), out);
        })
    }

    /// The node-wide news that every member looks at. `None`: the signal is something else.
    pub fn hear(&mut self, signal: &Signal, ctx: &mut Ctx<'_, '_>) -> Option<Vec<Event<M>>> {
        match signal {
            Signal::NodeUp { node, .. } => Some(self.run(ctx, |server, ctx, out| {
                server.node(*node, true);
                if server.role() == crate::raft::Role::Leader {
                    server.tick(ctx.env.now(), out);
                }
            })),
            Signal::NodeDown { node } => {
                self.server.node(*node, false);
                Some(Vec::new())
            }
            Signal::Suspect { node } => {
                Some(self.run(ctx, |server, _, out| server.suspected(*node, out)))
            }
            Signal::Trust { node } => {
                Some(self.run(ctx, |server, _, out| server.trusted(*node, out)))
            }
            Signal::Down { pid, why } if pid.part == ctx.me.part => {
                if self.server.leader() != Some(pid.node) {
                    return Some(Vec::new());
                }
                let gone = *why != DownWhy::NoConnection;
                Some(self.run(ctx, |server, _, out| server.leader_down(gone, out)))
            }
            _ => None,
        }
    }

    /// A timer of the part. `None`: it is not one of Raft's.
    pub fn timer(&mut self, kind: PartTimer, ctx: &mut Ctx<'_, '_>) -> Option<Vec<Event<M>>> {
        match kind {
            PartTimer::Election => Some(self.run(ctx, |server, ctx, out| {
                server.election_timeout(ctx.env.now(), out);
            })),
            PartTimer::RaftTick => {
                ctx.arm_in(PartTimer::RaftTick, TICK);
                Some(self.run(ctx, |server, ctx, out| server.tick(ctx.env.now(), out)))
            }
            _ => None,
        }
    }

    /// The log file is synced.
    pub fn synced(&mut self, token: u64, ctx: &mut Ctx<'_, '_>) -> Vec<Event<M>> {
        let token = u32::try_from(token).unwrap_or(u32::MAX);
        self.run(ctx, |server, _, out| server.synced(token, out))
    }

    /// The node stops in order.
    pub fn stop(&mut self, ctx: &mut Ctx<'_, '_>) -> Vec<Event<M>> {
        let events = self.run(ctx, |server, _, out| server.stop(out));
        ctx.env
            .sync_now(&FileName::Raft(ctx.me.part, RaftFile::Log));
        events
    }

    fn carry(&mut self, out: Vec<Out<M>>, ctx: &mut Ctx<'_, '_>) -> Vec<Event<M>> {
        let part = ctx.me.part;
        let log = FileName::Raft(part, RaftFile::Log);
        let mut events = Vec::new();
        for out in out {
            match out {
                Out::Persist(persisted) => self.persist(persisted, ctx),
                Out::Append(index, entry) => {
                    if M::TELLS {
                        events.push(Event::Appended(index, Arc::clone(&entry)));
                    }
                    // A full disk stops a node's Raft members; their logs go on only when space is back.
                    let _ = ctx.env.append(&log, M::entry(entry));
                }
                Out::Truncate(index, gone) => {
                    if M::TELLS {
                        events.push(Event::Cut(gone));
                    }
                    let base = self.file_base(ctx);
                    ctx.env.truncate(&log, index.saturating_sub(base));
                }
                Out::Sync(token) => ctx.env.sync(&log, u64::from(token)),
                Out::Snapshot(snapshot, base, all) => {
                    let index = snapshot.index;
                    let file = FileName::Raft(part, RaftFile::Snapshot);
                    ctx.env.replace(&file, vec![M::snapshot(snapshot)]);
                    if all {
                        ctx.env.remove(&log);
                    } else {
                        ctx.env.drop_front(&log, index.saturating_sub(base));
                    }
                }
                Out::Send(to, rpc) => {
                    // ra drops what it cannot send at once: a broken link is not waited for.
                    if ctx.cluster.reaches(to) {
                        ctx.post(Pid::named(to, part), M::signal(rpc));
                    }
                }
                Out::Arm(delay) => self.arm(delay, ctx),
                Out::Disarm => ctx.disarm(PartTimer::Election),
                Out::Follows(leader) => {
                    if let Some(leader) = leader {
                        ctx.monitor(Pid::named(leader, part));
                    }
                    events.push(Event::Follows(leader));
                }
                Out::Leads(term) => events.push(Event::Leads(term)),
                Out::Deposed => events.push(Event::Deposed),
                Out::Applied(index) => events.push(Event::Applied(index)),
                Out::Installed(old, gone) => {
                    if M::TELLS {
                        events.push(Event::Cut(gone));
                    }
                    events.push(Event::Installed(old));
                }
                Out::Effect(effect) => events.push(Event::Effect(effect)),
                Out::Deleted => {
                    for file in [RaftFile::Log, RaftFile::Vote, RaftFile::Snapshot] {
                        ctx.env.remove(&FileName::Raft(part, file));
                    }
                    events.push(Event::Deleted);
                }
                Out::Broken => events.push(Event::Broken),
            }
        }
        events
    }

    /// The index before the first record of the log file.
    fn file_base(&self, ctx: &Ctx<'_, '_>) -> Index {
        let file = FileName::Raft(ctx.me.part, RaftFile::Snapshot);
        let records = ctx.env.disk().read(&file);
        let snapshot = records.and_then(|file| file.iter().next());
        snapshot.and_then(M::as_snapshot).map_or(0, |s| s.index)
    }

    fn persist(&self, persisted: Persisted, ctx: &mut Ctx<'_, '_>) {
        let file = FileName::Raft(ctx.me.part, RaftFile::Vote);
        ctx.env.replace(&file, vec![DiskRecord::Vote(persisted)]);
    }

    fn arm(&mut self, delay: Delay, ctx: &mut Ctx<'_, '_>) {
        let (low, high) = delay.range(POLL.0);
        self.waits += 1;
        let key = match ctx.me.part {
            Part::Member(id) | Part::Replica(id) => {
                1 << 48 | u64::from(id.name.0) << 32 | u64::from(id.birth)
            }
            _ => 0,
        };
        let wait = ctx.env.draw([3, key, self.waits], low, high);
        ctx.arm_in(PartTimer::Election, Span(wait));
    }
}
