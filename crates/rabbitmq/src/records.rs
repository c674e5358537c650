//! What nodes and clients keep on disk.

use crate::ids::Part;
use crate::node::image::Image;
use ackscope_kernel::SeatId;
use borsh::BorshSerialize;
use std::sync::Arc;

/// A file of a node or of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum FileName {
    /// The metadata store's tables (Mnesia), with what the node knew of the others.
    Tables,
}

impl FileName {
    /// The part of a node that a file belongs to: it hears of its syncs.
    #[must_use]
    pub fn owner(self) -> Part {
        match self {
            FileName::Tables => Part::Meta,
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
}
