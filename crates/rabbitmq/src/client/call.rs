//! The calls of a scripted application.

use super::program::{Channeling, Outgoing};
use crate::amqp::{ExchangeDeclare, QueueDeclare};
use crate::ids::Name;
use crate::message::Table;
use ackscope_kernel::{MessageKey, SeatId, Span};
use borsh::BorshSerialize;
use std::sync::Arc;

/// A call. Its end is told by [`Fact::CallEnded`](crate::facts::Fact::CallEnded) with its number.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Call {
    /// The caller's number of this call.
    pub number: u32,
    /// How long an answer is waited for. What comes later still takes effect.
    pub limit: Span,
    /// What is called.
    pub ask: Ask,
}

/// What can be called.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
#[allow(
    missing_docs,
    reason = "fields are those of the AMQP method of the same name"
)]
pub enum Ask {
    /// Connect and set the channel up, as the program says unless something else is said.
    Connect {
        node: Option<SeatId>,
        channel: Option<Channeling>,
    },
    /// Writes these messages in order; ends when the last one is written to the socket.
    Publish(Arc<Publish>),
    ConfirmSelect,
    TxSelect,
    TxCommit,
    TxRollback,
    DeclareExchange(ExchangeDeclare),
    DeleteExchange {
        exchange: Name,
        if_unused: bool,
    },
    DeclareQueue(QueueDeclare),
    DeleteQueue {
        queue: Name,
        if_unused: bool,
        if_empty: bool,
    },
    PurgeQueue {
        queue: Name,
    },
    BindQueue {
        queue: Name,
        exchange: Name,
        routing_key: Arc<str>,
        arguments: Arc<Table>,
    },
    UnbindQueue {
        queue: Name,
        exchange: Name,
        routing_key: Arc<str>,
        arguments: Arc<Table>,
    },
    BindExchange {
        destination: Name,
        source: Name,
        routing_key: Arc<str>,
        arguments: Arc<Table>,
    },
    Consume(Consume),
    Cancel {
        tag: Name,
    },
    Recover {
        requeue: bool,
    },
    /// Settles deliveries of this channel; ends at once.
    Settle(Settling),
    /// basic.get with no_ack until the queue is empty; the limit is that of each answer.
    Drain {
        queue: Name,
    },
    /// connection.close.
    Close,
    /// Ends connection and process without a word of AMQP.
    Kill(Kill),
    /// No further message of what is being published is tried.
    StopPublishing,
}

/// Messages to publish.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Publish {
    /// Which, in order.
    pub messages: Vec<MessageKey>,
    /// What is said with each.
    pub outgoing: Outgoing,
    /// From one to the next; zero: as fast as the client writes.
    pub pace: Span,
}

/// basic.consume, and what the application does with what comes.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Consume {
    /// From which queue.
    pub queue: Name,
    /// The tag.
    pub tag: Name,
    /// Deliveries are done when they are handed over.
    pub no_ack: bool,
    /// It wants to be the only one.
    pub exclusive: bool,
    /// Further arguments.
    pub arguments: Arc<Table>,
    /// Only so many deliveries are processed, over the life of the client.
    pub process_limit: Option<u32>,
    /// It only looks: what comes is told as read, and acknowledged at once.
    pub looks: bool,
}

/// How deliveries are settled.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Settling {
    /// Whose latest unsettled deliveries; nothing: all that is outstanding (delivery tag 0, multiple).
    pub messages: Option<Vec<MessageKey>>,
    /// One frame for the last of them, for all up to it.
    pub multiple: bool,
    /// How.
    pub how: crate::signal::Settle,
    /// The first one's frame is sent twice.
    pub twice: bool,
}

/// How a client's connection ends without AMQP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Kill {
    /// RST: what the node has not read is gone.
    Rst,
    /// FIN after everything that was written.
    Fin,
}
