//! What a channel and the queues of all types have to do with each other (`rabbit_queue_type`).
//!
//! A channel holds one client state per queue that it uses. Each queue type has its own; the channel only
//! sees the [`Action`]s that come out of it.

use crate::ids::{Name, Pid, QueueId};
use crate::message::{Message, Table};
use crate::node::classic::ClassicClient;
use crate::node::ctx::Ctx;
use crate::node::image::{MetaError, QueueKind, QueueRecord};
use crate::node::stream::client::StreamClient;
use crate::signal::{Answer, Carried, DownWhy, Handed, Settle, Token};
use ackscope_kernel::MessageKey;
use borsh::BorshSerialize;
use std::sync::Arc;

/// What a channel is told.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToChannel {
    /// From its reader.
    Reader(crate::node::connection::ToChild),
    /// The supervisor of a queue's home node has carried out a declaration, or could not.
    Declared {
        /// Which call.
        token: Token,
        /// `Exists`: somebody else was quicker.
        result: Result<Pid, MetaError>,
    },
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
    /// A classic queue has kept up with so many publishes.
    Credit {
        /// Which queue.
        queue: QueueId,
        /// How many more may be on their way to it.
        more: u32,
    },
    /// A member of a quorum queue says something.
    Quorum {
        /// Which queue.
        queue: QueueId,
        /// What it says.
        said: Box<crate::node::quorum::wire::FromMember>,
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
            ToChannel::Quorum { said, .. } => said.size(),
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
            ToChannel::Quorum { said, .. } => said.carries(),
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
    /// The process that was to answer this call is no more. The channel looks the queue up again
    /// (`rabbit_amqqueue:with`), which may take a minute before it gives up.
    CallDown {
        /// Which call.
        token: Token,
        /// What was heard of the process.
        why: DownWhy,
    },
    /// The queue's process is down: all consumers of this channel on this queue are over, basic.cancel to the
    /// client for each (`queue_down`). Publishes that it did not settle come as [`Action::Rejected`] beside it.
    QueueDown,
    /// The queue took deliveries back that this consumer held for too long (4.3): basic.cancel to a client that
    /// understands it, else the channel is closed. The consumer lives on: a late answer makes it active again.
    Released {
        /// The consumer.
        tag: Name,
    },
    /// This consumer is over: basic.cancel to the client.
    Cancelled {
        /// The consumer.
        tag: Name,
    },
    /// The queue was deleted (`eol`): what this channel waits for is confirmed, its consumers are cancelled, and
    /// the client state is forgotten.
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

/// basic.qos with global=true: the prefetch that all consumers of a channel share; 0 is no limit.
pub type ChannelPrefetch = u16;

/// What a channel's state for one queue can do, whatever the queue's type (`rabbit_queue_type`).
///
/// A method that takes a token is a call: exactly one of [`Action::Answer`], [`Action::Got`] and
/// [`Action::CallDown`] with that token follows, at once or later; until then the channel handles nothing else.
pub trait QueueOps {
    /// A publish for the queue. With `seq`, [`Action::Settled`] or [`Action::Rejected`] follows.
    fn deliver(&mut self, delivery: Delivery, ctx: &mut Ctx<'_, '_>) -> Vec<Action>;
    /// basic.consume; the call is `spec.token`. The answer comes before the first delivery.
    fn consume(&mut self, spec: ConsumeSpec, ctx: &mut Ctx<'_, '_>) -> Vec<Action>;
    /// basic.cancel. Deliveries made before come before the answer.
    fn cancel(&mut self, tag: Name, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action>;
    /// Settles deliveries, in ascending order, of one consumer, or of basic.get (`None`).
    fn settle(
        &mut self,
        tag: Option<Name>,
        how: Settle,
        ids: &[u64],
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action>;
    /// basic.get.
    fn get(&mut self, no_ack: bool, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action>;
    /// Counts messages and consumers, for queue.declare of a queue that is there. `renew`: a declaration
    /// that is not passive renews the lease of `x-expires`.
    fn stat(&mut self, renew: bool, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action>;
    /// queue.purge; `messages` of the answer is how many were removed.
    fn purge(&mut self, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action>;
    /// queue.delete; `messages` of the answer is how many were in it.
    fn delete(
        &mut self,
        if_unused: bool,
        if_empty: bool,
        token: Token,
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action>;
    /// The prefetch that the consumers of the channel share (basic.qos global=true, up to 4.2).
    fn prefetch(&mut self, _limit: ChannelPrefetch, _ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        Vec::new()
    }
    /// Something that this queue, or a member of it, says.
    fn hear(&mut self, from: Pid, said: ToChannel, ctx: &mut Ctx<'_, '_>) -> Vec<Action>;
    /// A part that this state watches is no more. States of other queues hear it as well.
    fn down(&mut self, pid: Pid, why: DownWhy, ctx: &mut Ctx<'_, '_>) -> Vec<Action>;
    /// The metadata changed: the queue may have another leader, or be gone.
    fn image_changed(&mut self, _ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        Vec::new()
    }
    /// A link to a node came up.
    fn node_up(&mut self, _node: ackscope_kernel::SeatId, _ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        Vec::new()
    }
    /// The timer of this queue ([`crate::system::PartTimer::QueueClient`]) is due.
    fn timer(&mut self, _ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        Vec::new()
    }
    /// The channel ends.
    fn close(&mut self, _ctx: &mut Ctx<'_, '_>) {}
}

/// A channel's state for one queue.
#[derive(Clone, Debug, BorshSerialize)]
pub enum QueueClient {
    /// Of a classic queue.
    Classic(ClassicClient),
    /// Of a stream.
    Stream(Box<StreamClient>),
    /// Of a quorum queue.
    Quorum(Box<crate::node::quorum::client::QuorumClient>),
}

impl QueueClient {
    /// A fresh state for this queue.
    #[must_use]
    pub fn new(record: &QueueRecord, _ctx: &Ctx<'_, '_>) -> Option<QueueClient> {
        match record.kind {
            QueueKind::Classic => Some(QueueClient::Classic(ClassicClient::new(record))),
            QueueKind::Stream => Some(QueueClient::Stream(Box::new(StreamClient::new(record)))),
            QueueKind::Quorum => {
                let client = crate::node::quorum::client::QuorumClient::new(record);
                Some(QueueClient::Quorum(Box::new(client)))
            }
        }
    }

    /// Its methods.
    pub fn ops(&mut self) -> &mut dyn QueueOps {
        match self {
            QueueClient::Classic(client) => client,
            QueueClient::Stream(client) => &mut **client,
            QueueClient::Quorum(client) => &mut **client,
        }
    }
}

/// Gives a publish to a queue without a channel's state and without a confirm, as dead-lettering at most once does.
pub(crate) fn deliver_untracked(record: &QueueRecord, delivery: Delivery, ctx: &mut Ctx<'_, '_>) {
    if record.kind == QueueKind::Classic {
        crate::node::classic::deliver_untracked(record, &delivery, ctx);
    }
}
