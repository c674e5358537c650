//! What one call of the coordinator works with: the world as far as it needs it, and its effects.

use super::Effect;
use crate::errors::Code;
use crate::facts::Fact;
use crate::messages::{Answer, Ask};
use crate::params::CoordinatorParams;
use crate::records::Tp;
use crate::system::{Kafka, Timer};
use ackscope_kernel::{Causes, ConnId, EntryId, Env, Span, Time};
use borsh::BorshSerialize;

/// The part of [`Env`] that a coordinator uses, so that its rules can be tested without a world.
pub trait Host {
    /// The present moment.
    fn now(&self) -> Time;
    /// The entry of the present input.
    fn entry(&self) -> EntryId;
    /// How often this broker was started before.
    fn incarnation(&self) -> u32;
    /// What coordinators obey.
    fn params(&self) -> &CoordinatorParams;
    /// The partition of `__consumer_offsets` that a group belongs to.
    fn partition_of(&self, group: &str) -> Tp;
    /// A number drawn for this meaning.
    fn draw(&self, meaning: [u64; 3]) -> u64;
    /// Arms a timer or moves it.
    fn arm(&mut self, timer: Timer, after: Span);
    /// Forgets a timer.
    fn disarm(&mut self, timer: Timer);
    /// Writes a decision into the trace; `cause` is one more entry that it follows from.
    fn note(&mut self, fact: Fact, cause: EntryId);
}

impl Host for Env<'_, Kafka> {
    fn now(&self) -> Time {
        Env::now(self)
    }
    fn entry(&self) -> EntryId {
        Env::entry(self)
    }
    fn incarnation(&self) -> u32 {
        Env::incarnation(self)
    }
    fn params(&self) -> &CoordinatorParams {
        &self.settings().coordinator
    }
    fn partition_of(&self, group: &str) -> Tp {
        self.settings().offsets_partition(group)
    }
    fn draw(&self, meaning: [u64; 3]) -> u64 {
        Env::draw(self, meaning, 1, u64::MAX)
    }
    fn arm(&mut self, timer: Timer, after: Span) {
        self.arm_in(timer, after);
    }
    fn disarm(&mut self, timer: Timer) {
        Env::disarm(self, timer);
    }
    fn note(&mut self, fact: Fact, cause: EntryId) {
        self.note_because(fact, Causes::NONE.and(cause));
    }
}

/// Whom to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Reply {
    pub(super) conn: ConnId,
    pub(super) corr: u32,
    /// The connection is over; the request counts, its answer goes nowhere.
    pub(super) gone: bool,
}

impl Reply {
    pub(super) fn new(conn: ConnId, corr: u32) -> Self {
        Reply {
            conn,
            corr,
            gone: false,
        }
    }

    pub(super) fn closed(&mut self, conn: ConnId) {
        self.gone |= self.conn == conn;
    }
}

/// One call of the coordinator.
pub(super) struct Work<'a> {
    pub(super) host: &'a mut dyn Host,
    pub(super) effects: Vec<Effect>,
    /// The last ticket or park number given.
    numbers: &'a mut u32,
}

impl<'a> Work<'a> {
    pub(super) fn new(host: &'a mut dyn Host, numbers: &'a mut u32) -> Self {
        Work {
            host,
            effects: Vec::new(),
            numbers,
        }
    }

    /// A number that no ticket and no parked request has.
    pub(super) fn number(&mut self) -> u32 {
        // 0 stands for batches that were found in the log.
        *self.numbers = self.numbers.checked_add(1).unwrap_or(1);
        *self.numbers
    }

    /// Milliseconds since the world was founded.
    pub(super) fn now_ms(&self) -> i64 {
        i64::try_from(self.host.now().0 / 1000).unwrap_or(i64::MAX)
    }

    pub(super) fn answer(&mut self, reply: Reply, answer: Answer) {
        if !reply.gone {
            self.effects.push(Effect::Answer {
                conn: reply.conn,
                corr: reply.corr,
                answer,
            });
        }
    }

    pub(super) fn note(&mut self, fact: Fact) {
        self.host.note(fact, EntryId::NONE);
    }
}

/// The answer to `ask` that carries nothing but this error; `None` when it is not a coordinator's.
pub(super) fn refusal(ask: &Ask, error: Code) -> Option<Answer> {
    Some(match ask {
        Ask::JoinGroup(join) => join_error(join.member.unwrap_or(0), error),
        Ask::SyncGroup { .. } => Answer::SyncGroup {
            error,
            assignment: Vec::new(),
        },
        Ask::GroupHeartbeat { .. } => Answer::GroupHeartbeat(error),
        Ask::LeaveGroup { .. } => Answer::LeaveGroup(error),
        Ask::OffsetCommit { offsets, .. } => {
            Answer::OffsetCommit(offsets.iter().map(|(tp, ..)| (*tp, error)).collect())
        }
        Ask::OffsetFetch { .. } => Answer::OffsetFetch {
            error,
            offsets: Vec::new(),
        },
        _ => return None,
    })
}

/// An answer to JoinGroup that is only an error. Member 0 stands for no id.
pub(super) fn join_error(member: u64, error: Code) -> Answer {
    Answer::JoinGroup {
        error,
        member,
        generation: -1,
        leader: 0,
        members: Vec::new(),
    }
}

/// The same kind of answer, saying that it failed.
pub(super) fn failed(answer: Answer, error: Code) -> Answer {
    match answer {
        Answer::JoinGroup { member, .. } => join_error(member, error),
        Answer::SyncGroup { .. } => Answer::SyncGroup {
            error,
            assignment: Vec::new(),
        },
        Answer::GroupHeartbeat(_) => Answer::GroupHeartbeat(error),
        Answer::LeaveGroup(_) => Answer::LeaveGroup(error),
        Answer::OffsetCommit(results) => {
            Answer::OffsetCommit(results.into_iter().map(|(tp, _)| (tp, error)).collect())
        }
        Answer::OffsetFetch { .. } => Answer::OffsetFetch {
            error,
            offsets: Vec::new(),
        },
        other => other,
    }
}

/// The error that a client is told when a write failed with `error`
/// (`CoordinatorOperationExceptionHelper`, `appendGroupMetadataErrorToResponseError`).
pub(super) fn of_failed_write(error: Code) -> Code {
    match error {
        Code::UnknownTopicOrPartition | Code::NotEnoughReplicas | Code::RequestTimedOut => {
            Code::CoordinatorNotAvailable
        }
        Code::NotLeaderOrFollower | Code::KafkaStorageError => Code::NotCoordinator,
        other => other,
    }
}
