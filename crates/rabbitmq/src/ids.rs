//! Identities inside a RabbitMQ cluster.
//!
//! A node is one operating-system process with many parts (Erlang processes). A [`Pid`] names one part of
//! one start of one node, as an Erlang pid does: what is sent to a pid of an earlier start goes nowhere.
//! Raft members and the like are addressed by registered name, which a restart keeps ([`Pid::named`]).

use ackscope_kernel::SeatId;
use borsh::BorshSerialize;

/// A name that the run knows (a queue, an exchange, a consumer tag, a policy): its place in
/// the settings. Number 0 is the empty name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Name(pub u16);

impl Name {
    /// The empty name: the default exchange, a queue to be named by the server.
    pub const EMPTY: Name = Name(0);
    /// From here on names are such that nodes made up (`amq.gen-…`).
    pub const FIRST_GENERATED: u16 = 0xE000;
}

/// One life of a queue: deleting and declaring again under the same name gives another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct QueueId {
    /// Its name.
    pub name: Name,
    /// When it was declared, in microseconds of virtual time modulo 2^32.
    pub birth: u32,
}

/// A channel of a node: the node's number of the connection and the client's number of the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct ChannelId {
    /// The kernel's number of the connection.
    pub conn: u32,
    /// The client's number of the channel, from 1.
    pub number: u16,
    /// How many channels the connection opened before: two channels with the same number are two processes.
    pub life: u32,
}

/// A part of a node that can fail alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum Part {
    /// rabbit_node_monitor and what else watches the cluster.
    Monitor,
    /// Starts and restarts the other parts of the node.
    Supervisor,
    /// This node's member of the metadata store.
    Meta,
    /// The reader of a client connection.
    Connection(u32),
    /// A channel.
    Channel(ChannelId),
    /// The process of a classic queue, or the master of a mirrored one.
    Queue(QueueId),
    /// A mirror of a mirrored classic queue.
    Mirror(QueueId),
    /// The table of the Raft members of a node, which starts and deletes them.
    Ra,
    /// The Raft member of a quorum queue.
    Member(QueueId),
    /// The at-least-once dead-letter worker beside a quorum queue's leader.
    DeadLetter(QueueId),
    /// The writer or reader of a stream on this node.
    Replica(QueueId),
    /// This node's member of the stream coordinator's Raft group.
    Coordinator,
}

/// One part of one start of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Pid {
    /// The node.
    pub node: SeatId,
    /// Which start of the node (counted from 1); 0 addresses whatever start is running, by registered name.
    pub creation: u32,
    /// The part.
    pub part: Part,
}

impl Pid {
    /// The part of this name on a node, whichever start of it is running.
    #[must_use]
    pub fn named(node: SeatId, part: Part) -> Pid {
        Pid {
            node,
            creation: 0,
            part,
        }
    }
}
