//! What the parts of nodes say to each other, locally or over the link between two nodes.
//!
//! Each room has a type of its own for what its parts are told; this file only joins them.

use crate::ids::{Pid, QueueId};
use crate::message::Message;
use crate::node::image::{MetaCommand, MetaError};
use crate::reply::Reply;
use ackscope_kernel::{MessageKey, SeatId};
use borsh::BorshSerialize;
use std::sync::Arc;

/// Why a watched part is no more, as Erlang's monitors say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum DownWhy {
    /// There is no such part.
    Noproc,
    /// The link to its node is gone. The part may live on.
    NoConnection,
    /// It ended in order (a deleted queue).
    Normal,
    /// Its node is stopping.
    Shutdown,
    /// It crashed.
    Crashed,
}

/// A message handed to a channel by a queue.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Handed {
    /// Whose message.
    pub queue: QueueId,
    /// The queue's own number of this delivery: what settles it.
    pub id: u64,
    /// Delivered before, or perhaps.
    pub redelivered: bool,
    /// The message, with the headers that the queue type adds.
    pub message: Arc<Message>,
}

/// How a delivery is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Settle {
    /// basic.ack.
    Ack,
    /// basic.nack, with `requeue`.
    Nack(bool),
    /// basic.reject, with `requeue`.
    Reject(bool),
}

/// The answer of a queue or of the node to a channel's call.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Answer {
    /// It is done; how many messages and consumers there are or were.
    Done {
        /// Messages.
        messages: u32,
        /// Consumers.
        consumers: u32,
    },
    /// It cannot be done.
    Refused(Reply),
}

/// A number by which a part finds again what it asked for.
pub type Token = u64;

/// A signal between parts. A room that comes later adds its variant.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Signal {
    /// A watched part is no more.
    Down {
        /// Which.
        pid: Pid,
        /// Why.
        why: DownWhy,
    },
    /// To the metadata member of the own node: a write.
    MetaWrite {
        /// What.
        command: MetaCommand,
        /// To be named in the answer.
        token: Token,
    },
    /// The answer to [`Signal::MetaWrite`].
    MetaDone {
        /// What was asked.
        token: Token,
        /// Whether it was done.
        result: Result<(), MetaError>,
    },
    /// Between metadata members: Mnesia's transactions.
    Mnesia(crate::node::mnesia::ToMnesia),
    /// To all parts of a node: a link to another node came up.
    NodeUp {
        /// Which node.
        node: SeatId,
        /// Which start of it.
        creation: u32,
    },
    /// To all parts of a node: the link to another node is gone.
    NodeDown {
        /// Which node.
        node: SeatId,
    },
    /// To all parts of a node: its copy of the metadata changed.
    ImageChanged,
    /// To the node monitor: the metadata are here, the node may run.
    MetaReady,
    /// To all parts of a node: its runtime has started, and it waits for the metadata.
    Booted,
    /// To all parts of a node: it serves clients from now on.
    AppStarted,
    /// To all parts of a node: it stops in order. Connections are closed, leaders hand over.
    Stopping,
    /// To all parts of a node: the stop is all but over. Queues write and sync what they hold.
    Terminate,
    /// To the node monitor: all parts have terminated.
    Terminated,
    /// To all parts of a node: an alarm of some node went on or off.
    AlarmsChanged,
    /// To the node monitor: the node is asked to stop in order.
    Shutdown,
    /// To the node monitor: an administrator's command.
    Ctl(crate::system::Ctl),
    /// To a stream's member or the stream coordinator.
    Stream(crate::node::stream::ToStream),
    /// Between metadata members: Khepri.
    Khepri(Box<crate::node::khepri::ToKhepri>),
    /// To all parts of a node: the failure detector suspects another node.
    Suspect {
        /// Which node.
        node: SeatId,
    },
    /// To all parts of a node: the failure detector hears from it again.
    Trust {
        /// Which node.
        node: SeatId,
    },
    /// To the reader of a client connection.
    Connection(crate::node::connection::ToConnection),
    /// To a channel, from its reader or from a queue.
    Channel(crate::node::queue_type::ToChannel),
    /// To the member of a quorum queue.
    Quorum(Box<crate::node::quorum::wire::ToMember>),
    /// To the table of a node's Raft members.
    Ra(Box<crate::node::quorum::wire::ToRa>),
    /// To the worker of at-least-once dead-lettering.
    DeadLetter(Box<crate::node::quorum::dead_letter::ToWorker>),
    /// To the process of a classic queue.
    Queue(crate::node::classic::ToQueue),
    /// To the supervisor of a node's queues.
    Supervisor(crate::node::supervisor::ToSupervisor),
    /// To the node monitor.
    Cluster(crate::node::monitor::ToMonitor),
}

/// What the stage and the network need to know of a room's signals.
pub trait Carried {
    /// Bytes beyond the envelope.
    fn size(&self) -> u32 {
        40
    }
    /// The first message that it carries, and how many.
    fn carries(&self) -> (Option<MessageKey>, u32) {
        (None, 0)
    }
    /// Chatter without interest to a reader.
    fn background(&self) -> bool {
        false
    }
}

struct Plain;

impl Carried for Plain {
    fn background(&self) -> bool {
        true
    }
}

impl Signal {
    fn carried(&self) -> &dyn Carried {
        match self {
            Signal::Connection(signal) => signal,
            Signal::Channel(signal) => signal,
            Signal::Queue(signal) => signal,
            Signal::Supervisor(signal) => signal,
            Signal::Quorum(signal) => &**signal,
            Signal::Ra(signal) => &**signal,
            Signal::DeadLetter(signal) => &**signal,
            Signal::Mnesia(signal) => signal,
            Signal::Stream(signal) => signal,
            Signal::Khepri(signal) => &**signal,
            Signal::Cluster(signal) => signal,
            _ => &Plain,
        }
    }

    /// Bytes beyond the envelope.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.carried().size()
    }

    /// The first message that it carries, and how many.
    #[must_use]
    pub fn carries(&self) -> (Option<MessageKey>, u32) {
        self.carried().carries()
    }

    /// Chatter without interest to a reader.
    #[must_use]
    pub fn background(&self) -> bool {
        self.carried().background()
    }

    /// What it is about: the key of the draw for its way over a link.
    #[must_use]
    pub fn meaning(&self) -> [u64; 2] {
        match self.carries().0 {
            Some(key) => [u64::from(key.origin.0) << 32 | u64::from(key.number), 1],
            None => [0, u64::from(self.background())],
        }
    }
}
