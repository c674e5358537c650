//! What nodes and clients keep on disk.

use crate::ids::{Part, QueueId};
use crate::message::Message;
use crate::node::image::Image;
use crate::node::khepri::{Store, Write};
use crate::node::quorum::fifo::{Command, Fifo};
use crate::node::stream::{self, coordinator};
use crate::raft::{Entry, Persisted, Snapshot};
use ackscope_kernel::{SeatId, Time};
use borsh::BorshSerialize;
use std::sync::Arc;

/// A file of a node or of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum FileName {
    /// The metadata store's tables (Mnesia), with what the node knew of the others.
    Tables,
    /// The index of a classic queue, or of a mirror of one.
    Index(Part),
    /// Its bodies that are too large for the index.
    Bodies(Part),
    /// Which quorum queues have a registered member here (`names.dets`).
    Names,
    /// A file of a Raft member.
    Raft(Part, RaftFile),
    /// The log of a stream's member.
    Stream(QueueId),
}

/// The files of a Raft member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum RaftFile {
    /// Its entries (write-ahead log and segments as one).
    Log,
    /// Term, vote, and what is applied.
    Vote,
    /// Its last snapshot.
    Snapshot,
}

impl RaftFile {
    /// All of them.
    pub const ALL: [RaftFile; 3] = [RaftFile::Log, RaftFile::Vote, RaftFile::Snapshot];
}

impl FileName {
    /// The part of a node that a file belongs to: it hears of its syncs.
    #[must_use]
    pub fn owner(self) -> Part {
        match self {
            FileName::Tables => Part::Meta,
            FileName::Names => Part::Ra,
            FileName::Index(part) | FileName::Bodies(part) | FileName::Raft(part, _) => part,
            FileName::Stream(queue) => Part::Replica(queue),
        }
    }
}

/// A record of a file.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum DiskRecord {
    /// All of Mnesia's tables.
    Tables {
        /// Their content.
        image: Arc<Image>,
        /// The nodes that ran when this node last wrote: those that may know more than it
        /// (`nodes_running_at_shutdown`).
        running: Vec<SeatId>,
    },
    /// Of a classic queue.
    Classic(ClassicRecord),
    /// A quorum queue that has a registered member here.
    Registered(QueueId),
    /// An entry of a quorum queue's log.
    FifoEntry(Arc<Entry<Command>>),
    /// A snapshot of a quorum queue.
    FifoSnapshot(Arc<Snapshot<Fifo>>),
    /// Term and vote of a Raft member.
    Vote(Persisted),
    /// An entry of Khepri's log.
    KhepriEntry(Arc<Entry<Write>>),
    /// An entry of the stream coordinator's log.
    CoordinatorEntry(Arc<Entry<coordinator::Command>>),
    /// A snapshot of the stream coordinator.
    CoordinatorSnapshot(Arc<Snapshot<coordinator::State>>),
    /// An entry of a stream.
    StreamEntry(stream::Entry),
    /// A snapshot of Khepri.
    KhepriSnapshot(Arc<Snapshot<Store>>),
}

/// A record of a classic queue's files.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ClassicRecord {
    /// A publish.
    Publish {
        /// The queue's number of it.
        seq: u64,
        /// The message.
        message: Arc<Message>,
        /// When it expires.
        expiry: Option<Time>,
        /// Its class of priority.
        class: u8,
    },
    /// These messages are gone.
    Ack(Vec<u64>),
    /// The body of a publish.
    Body(u64),
    /// The queue was stopped in order: last record of its index.
    Clean {
        /// Messages that had been delivered.
        delivered: Vec<u64>,
        /// The number of the next message.
        next: u64,
    },
}
