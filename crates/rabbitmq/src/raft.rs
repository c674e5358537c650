//! Raft as RabbitMQ's library ra runs it: a pure state machine for one member.
//!
//! A [`Server`] takes inputs (messages, timers, notices that the log was synced, processes and nodes that
//! went down) and returns [`Out`]s in the order in which they have to be carried out. What differs from the
//! textbook, as in ra (reference 1.10, 3.4):
//!
//! * no periodic heartbeats: an idle group says nothing, failures are learned from monitors and from a
//!   detector between nodes, and the cause decides how long a follower waits before it stands ([`Delay`]);
//! * a vote before the vote that changes no term, so that a member that comes back disturbs nobody;
//! * an entry counts when it is *synced*: the leader's own copy too, and a commit needs a majority of voters
//!   and an entry of the present term;
//! * a leader that lost its followers stays leader in its own eyes until it sees a higher term;
//! * a new member counts once it has caught up.
//!
//! Snapshots are one step: the state of the machine, the members, and the index up to which the log's front
//! is released. A member takes its own once enough entries were applied since the last.

use ackscope_kernel::{SeatId, Time};
use borsh::BorshSerialize;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

mod apply;
mod election;
#[cfg(test)]
mod lab;
mod log;
mod members;
mod replicate;
mod server;
#[cfg(test)]
mod tests;

pub use log::Log;
pub use members::Refused;
pub use server::{Boot, Server};

/// The place of an entry in the log, counted from 1.
pub type Index = u64;

/// A term, counted from 1; 0 before the first election.
pub type Term = u64;

/// Where and when an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Meta {
    /// Its index.
    pub index: Index,
    /// Its term.
    pub term: Term,
    /// The leader's clock when it was appended: the only time that a machine may go by.
    pub at: Time,
}

/// Who carries out an effect of a machine. Every member computes all effects, one acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Place {
    /// The leader.
    Leader,
    /// The voting member on this node; the leader, when that node has none.
    Near(SeatId),
    /// Every member, each for itself.
    Each,
}

/// A replicated state machine.
pub trait Machine: Clone + Debug + PartialEq + BorshSerialize {
    /// What clients ask for.
    type Command: Clone + Debug + PartialEq + BorshSerialize;
    /// What has to be done after a command.
    type Effect: Clone + Debug;

    /// Applies a command. The same on every member.
    fn apply(&mut self, meta: Meta, command: &Self::Command) -> Vec<Self::Effect>;
    /// Who acts.
    fn place(effect: &Self::Effect) -> Place;
    /// What a member does that has just become leader.
    fn became_leader(&self) -> Vec<Self::Effect>;
    /// What a leader does after a batch of commands (ra's `eval`: timers).
    fn evaluated(&self) -> Vec<Self::Effect>;
    /// What a leader does from time to time.
    fn tick(&self, now: Time) -> Vec<Self::Effect>;
    /// What a member on `me` does that has jumped to this state by a snapshot.
    fn installed(&self, me: SeatId) -> Vec<Self::Effect>;
}

/// How a member takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum Kind {
    /// It votes and counts.
    Voter,
    /// It gets the log; once it has this index it becomes a voter.
    Promotable(Index),
    /// It gets the log.
    NonVoter,
}

/// All members with their kinds.
pub type Members = BTreeMap<SeatId, Kind>;

/// What an entry says.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum What<C> {
    /// The first entry of a leader.
    Noop,
    /// A command for the machine.
    User(C),
    /// From here on these are the members.
    Members(Members),
    /// The group ends.
    Delete,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Entry<C> {
    /// The term of the leader that appended it.
    pub term: Term,
    /// That leader's clock.
    pub at: Time,
    /// What it says.
    pub what: What<C>,
}

/// The state of a machine at an index, with which a log can begin.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Snapshot<M> {
    /// The last entry in it.
    pub index: Index,
    /// The term of that entry.
    pub term: Term,
    /// The members then.
    pub members: Members,
    /// The machine.
    pub machine: M,
}

/// What a member must not forget: written before anything that follows from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Persisted {
    /// The highest term seen.
    pub term: Term,
    /// Whom it voted for in that term.
    pub voted_for: Option<SeatId>,
    /// An index that is known to be applied: a restart applies up to it without carrying out effects.
    pub applied: Index,
}

/// A message between members (ra's records of the same names).
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Rpc<M: Machine> {
    /// Entries behind `prev`, and how far is committed.
    AppendEntries {
        /// The leader's term.
        term: Term,
        /// The entry before the first: (index, term).
        prev: (Index, Term),
        /// The entries.
        entries: Vec<Arc<Entry<M::Command>>>,
        /// The leader's commit index.
        commit: Index,
        /// An answer is wanted even when nothing is new.
        probe: bool,
    },
    /// Answer to `AppendEntries`.
    AppendReply {
        /// The answerer's term.
        term: Term,
        /// The log agrees up to `last`.
        success: bool,
        /// The index wanted next.
        next: Index,
        /// The last synced entry: (index, term).
        last: (Index, Term),
    },
    /// Asks for a vote.
    RequestVote {
        /// The candidate's new term.
        term: Term,
        /// Its last entry.
        last: (Index, Term),
    },
    /// Answer to `RequestVote`.
    VoteResult {
        /// The answerer's term.
        term: Term,
        /// The vote is given.
        granted: bool,
    },
    /// Asks whether a vote would be given.
    PreVote {
        /// The present term.
        term: Term,
        /// Tells one round from another.
        token: u32,
        /// The last entry.
        last: (Index, Term),
    },
    /// Answer to `PreVote`.
    PreVoteResult {
        /// The answerer's term.
        term: Term,
        /// The round.
        token: u32,
        /// It would be given.
        granted: bool,
    },
    /// A whole state, where the log no longer reaches back far enough.
    InstallSnapshot {
        /// The leader's term.
        term: Term,
        /// The state.
        snapshot: Arc<Snapshot<M>>,
    },
    /// Answer to `InstallSnapshot`.
    SnapshotResult {
        /// The answerer's term.
        term: Term,
        /// The last index that it holds.
        last: Index,
    },
    /// Stand for election at once: leadership is being handed over.
    StandNow,
}

/// How long a member waits before it stands, by what it knows of the leader's end (`ra_server_proc`,
/// election_timeout_action; broadcast time 100 ms, poll 5 s).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum Delay {
    /// The leader's process exited while its node lives: 1 to 100 ms.
    ReallyShort,
    /// The connection to the leader's node broke; the member has just started; it is a candidate: 101 to 600 ms.
    Short,
    /// A candidate's further rounds: 101 ms to 100 ms + poll.
    Medium,
    /// A suspicion only, or an old leader that steps down: poll + 1 to 1000 ms.
    Long,
}

impl Delay {
    /// Shortest and longest wait in microseconds, with this poll interval of the failure detector in
    /// microseconds.
    #[must_use]
    pub fn range(self, poll: u64) -> (u64, u64) {
        match self {
            Delay::ReallyShort => (1_000, 100_000),
            Delay::Short => (101_000, 600_000),
            Delay::Medium => (101_000, 100_000 + poll),
            Delay::Long => (poll + 1_000, poll + 1_000_000),
        }
    }
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Role {
    /// It follows.
    Follower,
    /// It asks whether it would be elected.
    PreVote,
    /// It stands.
    Candidate,
    /// It leads.
    Leader,
    /// It leads no more of its own will and waits for its successor.
    HandingOver,
}

/// A command was not taken: this member does not lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotLeader {
    /// Who does, as far as it knows.
    pub leader: Option<SeatId>,
}

/// What a member asks of its surroundings, in this order.
#[derive(Clone, Debug)]
pub enum Out<M: Machine> {
    /// Write this durably.
    Persist(Persisted),
    /// Append this, which has this index, to the log file.
    Append(Index, Arc<Entry<M::Command>>),
    /// Keep only the entries up to this index in the log file. These go.
    Truncate(Index, Vec<(Index, Arc<Entry<M::Command>>)>),
    /// Sync the log file and say so with [`Server::synced`] and this token.
    Sync(u32),
    /// Write this durably; the log file then begins behind its index. The second index is the one that the
    /// file began behind so far; with `true` nothing of the old file stays.
    Snapshot(Arc<Snapshot<M>>, Index, bool),
    /// Send.
    Send(SeatId, Rpc<M>),
    /// Arm the election timer; a timer that is armed stays as it is.
    Arm(Delay),
    /// Disarm it.
    Disarm,
    /// The machine jumped to the state of a snapshot. This was its state, and these entries, not applied yet,
    /// were in the log and are no more.
    Installed(Box<M>, Vec<(Index, Arc<Entry<M::Command>>)>),
    /// This member is the leader now, in this term.
    Leads(Term),
    /// It knows of this leader now (`None`: of none); it wants to be told when that one's process goes down.
    Follows(Option<SeatId>),
    /// It was the leader and is no more.
    Deposed,
    /// An entry was committed and applied here.
    Applied(Index),
    /// Carry this out.
    Effect(M::Effect),
    /// The group was deleted: stop and remove everything.
    Deleted,
    /// The log cannot be brought into agreement with the leader's (an applied entry would have to go): ra's
    /// member crashes here. Only a member that lost its memory and votes again leads to it.
    Broken,
}
