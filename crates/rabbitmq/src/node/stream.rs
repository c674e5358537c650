//! Streams (osiris): a replicated log that consuming does not empty.
//!
//! Each member node has a [`Replica`]; one of them is the writer. The coordinator, a Raft group of all nodes,
//! says who writes in which epoch ([`coordinator`]). Nothing is ever synced: what a majority has in its page
//! caches is committed (reference 3.7).

pub mod client;
pub mod coordinator;
pub mod log;
pub mod replica;

pub use coordinator::Coordinator;
pub use replica::Replica;

use crate::ids::{Name, Pid, QueueId};
use crate::message::{Message, Value};
use crate::node::policy::Effective;
use crate::node::queue_type::ConsumeSpec;
use crate::raft::Rpc;
use crate::signal::{Carried, Token};
use ackscope_kernel::{MessageKey, SeatId, Time};
use borsh::BorshSerialize;
use std::sync::Arc;

/// An offset of a stream, counted from 0.
pub type Offset = u64;

/// Counts the writers of a stream, from 1.
pub type Epoch = u64;

/// An entry of a stream.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Entry {
    /// Its place.
    pub offset: Offset,
    /// The epoch of the writer that took it.
    pub epoch: Epoch,
    /// The first offset of its chunk: what was written in one go.
    pub chunk: Offset,
    /// The segment that it lies in.
    pub segment: u32,
    /// The writer's clock.
    pub at: Time,
    /// Who published it, and the publisher's number: what duplicates are known by.
    pub from: Option<(Pid, u64)>,
    /// The message.
    pub message: Arc<Message>,
}

/// The end of a log: the epoch of its last entry and the offset behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Tail {
    /// The epoch of the last entry; 0 for an empty log.
    pub epoch: Epoch,
    /// The offset that comes next.
    pub next: Offset,
}

/// What a replica or the coordinator is told.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToStream {
    // ---- a channel to the writer ----
    /// A publish.
    Publish {
        /// Who publishes: the channel.
        publisher: Pid,
        /// The channel's number of it, within this stream.
        seq: u64,
        /// The channel wants to hear that it is committed.
        confirm: bool,
        /// The message.
        message: Arc<Message>,
    },

    // ---- writer and readers ----
    /// A reader wants to follow.
    Attach {
        /// The epoch that it was told.
        epoch: Epoch,
        /// Where each epoch of its log ends.
        ends: Vec<Tail>,
    },
    /// The reader's log agrees up to here; the rest has to go.
    Truncate {
        /// The writer's epoch.
        epoch: Epoch,
        /// The offset that comes next.
        next: Offset,
    },
    /// Entries, and how far is committed.
    Chunk {
        /// The writer's epoch.
        epoch: Epoch,
        /// The entries.
        entries: Vec<Entry>,
        /// The offset behind the last committed entry.
        committed: Offset,
    },
    /// A reader has everything before this offset.
    Acknowledge {
        /// The epoch.
        epoch: Epoch,
        /// The offset that comes next.
        next: Offset,
    },

    // ---- a channel to the replica on its node ----
    /// basic.consume.
    Consume(Box<ConsumeSpec>),
    /// A consumer settled so many deliveries.
    Credit {
        /// Its tag.
        tag: Name,
        /// How many.
        count: u32,
    },
    /// basic.cancel.
    Cancel {
        /// The tag.
        tag: Name,
        /// The call to answer.
        token: Token,
    },
    /// How many messages and consumers there are.
    Stat {
        /// The call to answer.
        token: Token,
    },

    // ---- the coordinator to a member ----
    /// Write and follow no more; say how far the log reaches.
    Stop {
        /// The epoch that is to begin.
        epoch: Epoch,
    },
    /// Be the writer.
    Write {
        /// The epoch.
        epoch: Epoch,
        /// All members.
        members: Vec<SeatId>,
    },
    /// Follow this writer.
    Follow {
        /// The epoch.
        epoch: Epoch,
        /// The writer's node.
        leader: SeatId,
    },
    /// The stream is deleted.
    Delete,

    // ---- to the coordinator ----
    /// Something has to go into the coordinator's log.
    Ask(coordinator::Command),
    /// Between the coordinator's members.
    Raft(Box<Rpc<coordinator::State>>),

    /// To itself: what was published in this step is written as one chunk.
    Flush,
}

impl Carried for ToStream {
    fn size(&self) -> u32 {
        match self {
            ToStream::Publish { message, .. } => message.size.saturating_add(40),
            ToStream::Chunk { entries, .. } => entries
                .iter()
                .fold(40, |sum: u32, entry| sum.saturating_add(entry.message.size)),
            _ => 40,
        }
    }

    fn carries(&self) -> (Option<MessageKey>, u32) {
        match self {
            ToStream::Publish { message, .. } => (Some(message.key), 1),
            ToStream::Chunk { entries, .. } => (
                entries.first().map(|entry| entry.message.key),
                u32::try_from(entries.len()).unwrap_or(u32::MAX),
            ),
            _ => (None, 0),
        }
    }

    fn background(&self) -> bool {
        !matches!(
            self,
            ToStream::Publish { .. }
                | ToStream::Chunk { .. }
                | ToStream::Truncate { .. }
                | ToStream::Stop { .. }
                | ToStream::Write { .. }
                | ToStream::Follow { .. }
        )
    }
}

/// Limits and segment size of a stream, from its arguments and policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Retention {
    /// `x-max-length-bytes`.
    pub max_bytes: Option<u64>,
    /// `x-max-age` in microseconds.
    pub max_age: Option<u64>,
    /// `x-stream-max-segment-size-bytes`.
    pub segment_bytes: u64,
}

impl Retention {
    /// What arguments and policies say of a stream (policies win, reference 1.13).
    #[must_use]
    pub fn of(effective: &Effective) -> Retention {
        let number = |key: &str| match effective.policy_first(key) {
            Some(Value::Int(number)) => u64::try_from(*number).ok(),
            _ => None,
        };
        let age = match effective.policy_first("max-age") {
            Some(Value::Str(text)) => age(text),
            _ => None,
        };
        let default = Retention::default();
        Retention {
            max_bytes: number("max-length-bytes"),
            max_age: age,
            segment_bytes: number("stream-max-segment-size-bytes").unwrap_or(default.segment_bytes),
        }
    }
}

/// `<int>` and one of Y, M, D, h, m, s, in microseconds (`rabbit_stream_queue:max_age`).
fn age(text: &str) -> Option<u64> {
    let unit = match text.chars().next_back()? {
        'Y' => 365 * 86_400,
        'M' => 30 * 86_400,
        'D' => 86_400,
        'h' => 3_600,
        'm' => 60,
        's' => 1,
        _ => return None,
    };
    let number: u64 = text[..text.len() - 1].parse().ok()?;
    Some(number.saturating_mul(unit * 1_000_000))
}

impl Default for Retention {
    fn default() -> Self {
        Retention {
            max_bytes: None,
            max_age: None,
            segment_bytes: 500_000_000,
        }
    }
}

/// The copy of an entry, as the ledger knows it.
#[must_use]
pub(crate) fn copy_of(node: SeatId, queue: QueueId, offset: Offset) -> ackscope_kernel::Copy {
    ackscope_kernel::Copy {
        seat: node,
        log: u32::from(queue.name.0),
        offset,
    }
}
