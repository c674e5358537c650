//! What nodes and clients keep on disk.

use crate::ids::Part;
use crate::node::image::Image;
use crate::node::khepri::{Store, Write};
use crate::raft::{Entry, Persisted, Snapshot};
use ackscope_kernel::SeatId;
use borsh::BorshSerialize;
use std::sync::Arc;

/// A file of a node or of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum FileName {
    /// The metadata store's tables (Mnesia), with what the node knew of the others.
    Tables,
    /// A file of a Raft member.
    Raft(Part, RaftFile),
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

impl FileName {
    /// The part of a node that a file belongs to: it hears of its syncs.
    #[must_use]
    pub fn owner(self) -> Part {
        match self {
            FileName::Tables => Part::Meta,
            FileName::Raft(part, _) => part,
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
    /// Term and vote of a Raft member.
    Vote(Persisted),
    /// An entry of Khepri's log.
    KhepriEntry(Arc<Entry<Write>>),
    /// A snapshot of Khepri.
    KhepriSnapshot(Arc<Snapshot<Store>>),
}
