//! One member: its state, how it starts, and what reaches it.

use super::{
    Delay, Entry, Index, Log, Machine, Members, NotLeader, Out, Persisted, Role, Rpc, Snapshot,
    Term, What,
};
use ackscope_kernel::{SeatId, Time};
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a leader knows of another member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Peer {
    /// The entry to send next.
    pub(super) next: Index,
    /// The last entry known to be synced there.
    pub(super) matched: Index,
    /// The commit index last sent.
    pub(super) told: Index,
    /// Nothing can be sent while the connection to its node is down.
    pub(super) reachable: bool,
    /// A snapshot is on its way: entries wait.
    pub(super) snapshot: bool,
}

/// What a member finds when it starts.
#[derive(Clone, Debug)]
pub enum Boot<M: Machine> {
    /// Nothing: it never ran, or forgot that it did.
    Fresh(Members, M),
    /// What it wrote.
    Recovered {
        /// Term, vote, and what is known to be applied.
        persisted: Persisted,
        /// The last snapshot.
        snapshot: Option<Arc<Snapshot<M>>>,
        /// The entries behind it.
        entries: Vec<Arc<Entry<M::Command>>>,
        /// The members and the machine with which the log began; not used with a snapshot.
        first: (Members, M),
    },
}

/// A member of a Raft group.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Server<M: Machine> {
    pub(super) me: SeatId,
    pub(super) role: Role,
    pub(super) persisted: Persisted,
    pub(super) leader: Option<SeatId>,
    pub(super) log: Log<M::Command>,
    pub(super) commit: Index,
    pub(super) applied: Index,
    pub(super) machine: M,
    /// The members by the entry that made them so, the newest last; the first is the snapshot's.
    pub(super) configs: Vec<(Index, Members)>,
    /// A change of members may be appended: the last one and this term's first entry are committed.
    pub(super) change_permitted: bool,
    pub(super) peers: BTreeMap<SeatId, Peer>,
    pub(super) votes: BTreeSet<SeatId>,
    /// Counts the rounds of pre-votes.
    pub(super) token: u32,
    /// The election timer is armed.
    pub(super) armed: bool,
    /// The sync under way: its token, and up to where it will count.
    pub(super) syncing: Option<(u32, Index)>,
    pub(super) syncs: u32,
    pub(super) snapshot: Option<Arc<Snapshot<M>>>,
    /// Entries applied since the last snapshot before the next one is taken.
    pub(super) interval: Index,
    /// Nodes that cannot be reached at present.
    pub(super) unreachable: BTreeSet<SeatId>,
}

/// Entries in one `AppendEntries` (RabbitMQ's default of max_append_entries_rpc_batch_size).
pub(super) const BATCH: u64 = 16;

/// Entries sent and not yet acknowledged (ra's default of max_pipeline_count).
pub(super) const PIPELINE: u64 = 4096;

impl<M: Machine> Server<M> {
    /// A member as it starts; `interval` applied entries lie between two snapshots. [`Server::start`] follows.
    #[must_use]
    pub fn new(me: SeatId, boot: Boot<M>, interval: Index) -> Server<M> {
        let (persisted, snapshot, entries, first) = match boot {
            Boot::Fresh(members, machine) => {
                (Persisted::default(), None, Vec::new(), (members, machine))
            }
            Boot::Recovered {
                persisted,
                snapshot,
                entries,
                first,
            } => (persisted, snapshot, entries, first),
        };
        let base = snapshot.as_ref().map_or((0, 0), |s| (s.index, s.term));
        let (members, machine) = match &snapshot {
            Some(s) => (s.members.clone(), s.machine.clone()),
            None => first,
        };
        let log = Log::recovered(base, entries);
        let mut configs = vec![(base.0, members)];
        for (index, entry) in log.iter() {
            if let What::Members(members) = &entry.what {
                configs.push((index, members.clone()));
            }
        }
        let mut server = Server {
            me,
            role: Role::Follower,
            persisted,
            leader: None,
            log,
            commit: base.0,
            applied: base.0,
            machine,
            configs,
            change_permitted: false,
            peers: BTreeMap::new(),
            votes: BTreeSet::new(),
            token: 0,
            armed: false,
            syncing: None,
            syncs: 0,
            snapshot,
            interval,
            unreachable: BTreeSet::new(),
        };
        let known = server.persisted.applied.min(server.log.last().0);
        server.commit = server.commit.max(known);
        server.apply_quietly(known);
        server
    }

    /// After the start: a member with a log waits a short while for a leader; a new one waits until it is
    /// told to stand or a leader writes to it.
    pub fn start(&mut self, out: &mut Vec<Out<M>>) {
        if self.log.last().0 > 0 {
            self.arm(Delay::Short, out);
        }
    }

    /// Its node.
    #[must_use]
    pub fn me(&self) -> SeatId {
        self.me
    }

    /// What it is.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// The highest term that it saw.
    #[must_use]
    pub fn term(&self) -> Term {
        self.persisted.term
    }

    /// The leader as far as it knows.
    #[must_use]
    pub fn leader(&self) -> Option<SeatId> {
        self.leader
    }

    /// How far it knows to be committed.
    #[must_use]
    pub fn commit(&self) -> Index {
        self.commit
    }

    /// How far it has applied.
    #[must_use]
    pub fn applied(&self) -> Index {
        self.applied
    }

    /// Its log.
    #[must_use]
    pub fn log(&self) -> &Log<M::Command> {
        &self.log
    }

    /// Its machine.
    #[must_use]
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// The members, by the newest entry that says so, committed or not.
    #[must_use]
    pub fn members(&self) -> &Members {
        // The list begins with the snapshot's members and is never emptied.
        &self.configs[self.configs.len() - 1].1
    }

    /// As a leader: the last entry known to be synced on another member.
    #[must_use]
    pub fn matched(&self, member: SeatId) -> Option<Index> {
        self.peers.get(&member).map(|peer| peer.matched)
    }

    /// A message from another member.
    pub fn receive(&mut self, from: SeatId, rpc: Rpc<M>, now: Time, out: &mut Vec<Out<M>>) {
        match rpc {
            Rpc::AppendEntries {
                term,
                prev,
                entries,
                commit,
                probe,
            } => self.append_entries(from, term, prev, &entries, commit, probe, out),
            Rpc::AppendReply {
                term,
                success,
                next,
                last,
            } => self.append_reply(from, term, success, next, last, now, out),
            Rpc::RequestVote { term, last } => self.request_vote(from, term, last, out),
            Rpc::VoteResult { term, granted } => self.vote_result(from, term, granted, now, out),
            Rpc::PreVote { term, token, last } => self.pre_vote(from, term, token, last, out),
            Rpc::PreVoteResult {
                term,
                token,
                granted,
            } => self.pre_vote_result(from, term, token, granted, now, out),
            Rpc::InstallSnapshot { term, snapshot } => {
                self.install_snapshot(from, term, snapshot, out);
            }
            Rpc::SnapshotResult { term, last } => self.snapshot_result(from, term, last, now, out),
            Rpc::StandNow => self.election_timeout(now, out),
        }
    }

    /// A client's command. It is appended at once; what was applied comes back as effects.
    pub fn command(
        &mut self,
        command: M::Command,
        now: Time,
        out: &mut Vec<Out<M>>,
    ) -> Result<Index, NotLeader> {
        if self.role != Role::Leader {
            let leader = self.leader.filter(|leader| *leader != self.me);
            return Err(NotLeader { leader });
        }
        Ok(self.append(What::User(command), now, out))
    }

    /// The log file is synced as far as it was when this token was given out.
    pub fn synced(&mut self, token: u32, out: &mut Vec<Out<M>>) {
        let Some((expected, upto)) = self.syncing else {
            return;
        };
        if expected != token {
            return;
        }
        self.syncing = None;
        let before = self.log.written().0;
        self.log.mark_written(upto);
        if self.log.written().0 == before {
            return;
        }
        match (self.role, self.leader) {
            (Role::Leader | Role::HandingOver, _) => self.evaluate_quorum(out),
            (Role::Follower, Some(leader)) => self.reply(leader, true, out),
            _ => {}
        }
    }

    /// The process of the leader, or the connection to its node, went down. `gone`: it is the process, and
    /// its node lives.
    pub fn leader_down(&mut self, gone: bool, out: &mut Vec<Out<M>>) {
        if self.role != Role::Follower {
            return;
        }
        if gone {
            self.leader = None;
            self.arm(Delay::ReallyShort, out);
        } else {
            self.arm(Delay::Short, out);
        }
    }

    /// The detector between the nodes suspects this one.
    pub fn suspected(&mut self, node: SeatId, out: &mut Vec<Out<M>>) {
        if self.role == Role::Follower && self.leader == Some(node) {
            self.arm(Delay::Long, out);
        }
    }

    /// The detector hears from this node again.
    pub fn trusted(&mut self, node: SeatId, out: &mut Vec<Out<M>>) {
        if self.role == Role::Follower && self.leader == Some(node) {
            self.disarm(out);
        }
    }

    /// The connection to a node stands, or broke.
    pub fn node(&mut self, node: SeatId, up: bool) {
        if up {
            self.unreachable.remove(&node);
        } else {
            self.unreachable.insert(node);
        }
        if let Some(peer) = self.peers.get_mut(&node) {
            peer.reachable = up;
            // A snapshot that was on its way is gone with the connection.
            peer.snapshot = false;
        }
    }

    /// What a leader does every few seconds (quorum_tick_interval): it writes to members that are behind,
    /// looks after its machine, and remembers how far it applied.
    pub fn tick(&mut self, now: Time, out: &mut Vec<Out<M>>) {
        if self.persisted.applied < self.applied {
            self.persisted.applied = self.applied;
            out.push(Out::Persist(self.persisted));
        }
        if self.role == Role::Leader {
            self.write_to_stale(out);
            for effect in self.machine.tick(now) {
                self.act(effect, out);
            }
        }
    }

    /// Called after everything that arrived at one moment was handed in: sends what is to be sent, and asks
    /// for a sync when one is due.
    pub fn settle(&mut self, out: &mut Vec<Out<M>>) {
        let last = self.log.last().0;
        if self.syncing.is_none() && self.log.written().0 < last {
            self.syncs = self.syncs.wrapping_add(1);
            self.syncing = Some((self.syncs, last));
            out.push(Out::Sync(self.syncs));
        }
        if self.role == Role::Leader {
            self.pipeline(out);
        }
    }

    /// A graceful end of the process: what is applied is remembered.
    pub fn stop(&mut self, out: &mut Vec<Out<M>>) {
        self.persisted.applied = self.applied;
        out.push(Out::Persist(self.persisted));
    }

    /// Appends an entry as the leader.
    pub(super) fn append(
        &mut self,
        what: What<M::Command>,
        now: Time,
        out: &mut Vec<Out<M>>,
    ) -> Index {
        let entry = Arc::new(Entry {
            term: self.persisted.term,
            at: now,
            what,
        });
        let index = self.log.push(Arc::clone(&entry));
        out.push(Out::Append(index, Arc::clone(&entry)));
        if let What::Members(members) = &entry.what {
            self.configs.push((index, members.clone()));
            self.match_peers();
        }
        index
    }

    /// Forgets the entries behind `index`, and the members that they made.
    pub(super) fn cut(&mut self, index: Index, out: &mut Vec<Out<M>>) {
        let gone = self.log.after(index);
        self.log.truncate(index);
        self.configs.retain(|(at, _)| *at <= index);
        if let Some((token, upto)) = self.syncing {
            // What is appended in their place is not part of the sync under way.
            self.syncing = Some((token, upto.min(index)));
        }
        out.push(Out::Truncate(index, gone));
    }

    pub(super) fn arm(&mut self, delay: Delay, out: &mut Vec<Out<M>>) {
        if !self.armed {
            self.armed = true;
            out.push(Out::Arm(delay));
        }
    }

    pub(super) fn disarm(&mut self, out: &mut Vec<Out<M>>) {
        if self.armed {
            self.armed = false;
            out.push(Out::Disarm);
        }
    }

    pub(super) fn send(&self, to: SeatId, rpc: Rpc<M>, out: &mut Vec<Out<M>>) {
        out.push(Out::Send(to, rpc));
    }

    /// A higher term: whoever leads, this member does not.
    pub(super) fn see_term(&mut self, term: Term, out: &mut Vec<Out<M>>) {
        if term > self.persisted.term {
            self.persisted.term = term;
            self.persisted.voted_for = None;
            out.push(Out::Persist(self.persisted));
        }
    }

    /// Becomes a follower, as ra does from any other state: with a long timer until a leader writes.
    pub(super) fn step_down(&mut self, out: &mut Vec<Out<M>>) {
        if self.role == Role::Follower {
            return;
        }
        let led = matches!(self.role, Role::Leader | Role::HandingOver);
        self.role = Role::Follower;
        self.votes.clear();
        self.peers.clear();
        if self.leader == Some(self.me) {
            self.leader = None;
        }
        if led {
            out.push(Out::Deposed);
        }
        self.disarm(out);
        self.arm(Delay::Long, out);
    }

    /// A leader is known.
    pub(super) fn follow(&mut self, leader: SeatId, out: &mut Vec<Out<M>>) {
        self.disarm(out);
        if self.leader != Some(leader) {
            self.leader = Some(leader);
            out.push(Out::Follows(Some(leader)));
        }
    }
}
