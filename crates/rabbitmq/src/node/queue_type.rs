//! What a channel and the queues of all types have to do with each other (`rabbit_queue_type`).
//!
//! A channel holds one client state per queue that it uses. Each queue type has its own; the channel only
//! sees the [`Action`]s that come out of it.

use crate::amqp::Method;
use crate::ids::{Name, Pid, QueueId};
use crate::message::{Message, Table};
use crate::signal::{Answer, Carried, Handed, Token};
use ackscope_kernel::MessageKey;
use borsh::BorshSerialize;
use std::sync::Arc;

/// What a channel is told.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToChannel {
    /// The client sent a method.
    Method(Method),
    /// The connection is over: end, and give everything back.
    Stop,
    /// A queue has taken these publishes for good, by the channel's own numbers.
    Settled {
        /// Which queue.
        queue: QueueId,
        /// The numbers that the channel gave them.
        seqs: Vec<u64>,
    },
    /// A queue refuses these publishes.
    Rejected {
        /// Which queue.
        queue: QueueId,
        /// The numbers that the channel gave them.
        seqs: Vec<u64>,
    },
    /// A queue hands messages to a consumer.
    Deliver {
        /// The consumer.
        tag: Name,
        /// They have to be settled.
        ack_required: bool,
        /// The messages, in order.
        messages: Vec<Handed>,
    },
    /// A queue answers a call.
    Answer {
        /// Which call.
        token: Token,
        /// What it says.
        answer: Answer,
    },
    /// A queue answers basic.get.
    Got {
        /// Which call.
        token: Token,
        /// The message and how many are left, or nothing.
        got: Option<(Handed, u32)>,
    },
    /// A queue ends a consumer (deleted queue, consumer time-out): basic.cancel to the client.
    CancelConsumer {
        /// The consumer.
        tag: Name,
        /// Whose queue.
        queue: QueueId,
    },
}

impl Carried for ToChannel {
    fn size(&self) -> u32 {
        match self {
            ToChannel::Deliver { messages, .. } => messages.iter().fold(40, |sum: u32, handed| {
                sum.saturating_add(handed.message.size)
            }),
            ToChannel::Got {
                got: Some((handed, _)),
                ..
            } => handed.message.size.saturating_add(40),
            _ => 40,
        }
    }

    fn carries(&self) -> (Option<MessageKey>, u32) {
        match self {
            ToChannel::Deliver { messages, .. } => (
                messages.first().map(|handed| handed.message.key),
                u32::try_from(messages.len()).unwrap_or(u32::MAX),
            ),
            ToChannel::Got {
                got: Some((handed, _)),
                ..
            } => (Some(handed.message.key), 1),
            _ => (None, 0),
        }
    }
}

/// What a queue's client state asks of its channel.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Action {
    /// These publishes are settled by this queue.
    Settled(Vec<u64>),
    /// These publishes are refused by this queue.
    Rejected(Vec<u64>),
    /// Deliver these to the consumer.
    Deliver {
        /// The consumer.
        tag: Name,
        /// They have to be settled.
        ack_required: bool,
        /// The messages, in order.
        messages: Vec<Handed>,
    },
    /// A call is answered.
    Answer {
        /// Which call.
        token: Token,
        /// What was said.
        answer: Answer,
    },
    /// A basic.get is answered.
    Got {
        /// Which call.
        token: Token,
        /// The message and how many are left, or nothing.
        got: Option<(Handed, u32)>,
    },
    /// Read nothing more from the connection until this queue keeps up.
    Block,
    /// Go on reading.
    Unblock,
    /// This consumer is over: basic.cancel to the client.
    Cancelled {
        /// The consumer.
        tag: Name,
    },
    /// The queue is gone for this channel: forget its client state.
    Gone,
}

/// One publish on its way to a queue.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Delivery {
    /// The message.
    pub message: Arc<Message>,
    /// The channel's number for it, if the channel wants to hear of it (confirm, tx).
    pub seq: Option<u64>,
    /// Who publishes: the channel, or the part that dead-letters.
    pub sender: Pid,
    /// `mandatory`, which classic queues of old versions use when they are down (13.13).
    pub mandatory: bool,
}

/// basic.consume, as a queue gets it.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct ConsumeSpec {
    /// The channel.
    pub channel: Pid,
    /// The consumer's tag.
    pub tag: Name,
    /// Deliveries are settled when they are handed over.
    pub no_ack: bool,
    /// Nobody else may consume.
    pub exclusive: bool,
    /// Prefetch of this consumer; 0: no limit.
    pub prefetch: u16,
    /// `x-priority`, `x-stream-offset`, `x-consumer-timeout`, …
    pub arguments: Arc<Table>,
    /// The client announced `consumer_cancel_notify`.
    pub cancel_notify: bool,
    /// The call to answer.
    pub token: Token,
}
