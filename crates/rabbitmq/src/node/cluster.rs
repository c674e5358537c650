//! What a node knows of the other nodes.

use ackscope_kernel::SeatId;
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};

/// The cluster as one node sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Cluster {
    /// All members, this node included, in the order of their seats.
    pub members: BTreeSet<SeatId>,
    /// Those to which a link stands, with the creation of the start that answered; this node included.
    pub connected: BTreeMap<SeatId, u32>,
    /// Those that said they run RabbitMQ (booted, not paused, not stopping); this node included when it does.
    pub running: BTreeSet<SeatId>,
    /// Those with which Mnesia remembers a partition, until one of the two restarts.
    pub partitioned: BTreeSet<SeatId>,
    /// How many client connections this node serves. The connections keep it.
    pub client_connections: u32,
    /// Nodes with a memory alarm.
    pub memory_alarms: BTreeSet<SeatId>,
    /// Nodes with a disk alarm.
    pub disk_alarms: BTreeSet<SeatId>,
}

impl Cluster {
    /// Whether a link to this node stands.
    #[must_use]
    pub fn reaches(&self, node: SeatId) -> bool {
        self.connected.contains_key(&node)
    }

    /// An alarm of any node blocks publishers everywhere.
    #[must_use]
    pub fn alarmed(&self) -> bool {
        !self.memory_alarms.is_empty() || !self.disk_alarms.is_empty()
    }

    /// More than half of all nodes are connected, this one included (`rabbit_node_monitor:majority`).
    #[must_use]
    pub fn majority(&self) -> bool {
        self.connected.len() * 2 > self.members.len()
    }
}
