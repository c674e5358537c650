//! AMQP 0-9-1 methods between a client and its node. Content frames travel with their method.
//!
//! The handshake is one request and one answer: protocol header, start, tune and open never differ in what
//! they decide here.

use crate::ids::Name;
use crate::message::{Message, Table};
use crate::reply::Reply;
use ackscope_kernel::Span;
use borsh::BorshSerialize;
use std::sync::Arc;

/// What a client may do when it connects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Capabilities {
    /// `consumer_cancel_notify`.
    pub cancel_notify: bool,
    /// `connection.blocked`.
    pub blocked: bool,
}

/// queue.declare.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
#[allow(missing_docs, reason = "each is the field of queue.declare")]
pub struct QueueDeclare {
    pub queue: Name,
    pub passive: bool,
    pub durable: bool,
    pub exclusive: bool,
    pub auto_delete: bool,
    pub arguments: Arc<Table>,
}

/// The type of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
#[allow(missing_docs, reason = "each is the type of the same name")]
pub enum ExchangeKind {
    Direct,
    Fanout,
    Topic,
    Headers,
}

/// exchange.declare.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
#[allow(missing_docs, reason = "each is the field of exchange.declare")]
pub struct ExchangeDeclare {
    pub exchange: Name,
    /// `None`: a type that the node does not know, by its name.
    pub kind: Result<ExchangeKind, Arc<str>>,
    pub passive: bool,
    pub durable: bool,
    pub auto_delete: bool,
    pub internal: bool,
    pub arguments: Arc<Table>,
}

/// A method, in either direction. The number of its channel travels beside it.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
#[allow(missing_docs, reason = "names and fields are those of AMQP 0-9-1")]
pub enum Method {
    // ---- connection (channel 0) ----
    /// Protocol header to open; `heartbeat` is what the client would like, zero for none.
    ConnectionOpen {
        heartbeat: Span,
        capabilities: Capabilities,
    },
    /// The agreed heartbeat.
    ConnectionOpenOk {
        heartbeat: Span,
    },
    ConnectionClose(Reply),
    ConnectionCloseOk,
    ConnectionBlocked,
    ConnectionUnblocked,
    Heartbeat,
    // ---- channel ----
    ChannelOpen,
    ChannelOpenOk,
    ChannelClose(Reply),
    ChannelCloseOk,
    // ---- topology ----
    ExchangeDeclare(ExchangeDeclare),
    ExchangeDeclareOk,
    ExchangeDelete {
        exchange: Name,
        if_unused: bool,
    },
    ExchangeDeleteOk,
    /// exchange.bind: `destination` gets what `source` routes.
    ExchangeBind {
        destination: Name,
        source: Name,
        routing_key: Arc<str>,
        arguments: Arc<Table>,
    },
    ExchangeBindOk,
    QueueDeclare(QueueDeclare),
    QueueDeclareOk {
        queue: Name,
        messages: u32,
        consumers: u32,
    },
    QueueBind {
        queue: Name,
        exchange: Name,
        routing_key: Arc<str>,
        arguments: Arc<Table>,
    },
    QueueBindOk,
    QueueUnbind {
        queue: Name,
        exchange: Name,
        routing_key: Arc<str>,
        arguments: Arc<Table>,
    },
    QueueUnbindOk,
    QueuePurge {
        queue: Name,
    },
    QueuePurgeOk {
        messages: u32,
    },
    QueueDelete {
        queue: Name,
        if_unused: bool,
        if_empty: bool,
    },
    QueueDeleteOk {
        messages: u32,
    },
    // ---- publishing ----
    Publish {
        message: Arc<Message>,
        mandatory: bool,
        immediate: bool,
    },
    Return {
        reply: Reply,
        message: Arc<Message>,
    },
    ConfirmSelect,
    ConfirmSelectOk,
    TxSelect,
    TxSelectOk,
    TxCommit,
    TxCommitOk,
    TxRollback,
    TxRollbackOk,
    // ---- consuming; Ack and Nack also confirm and refuse publishes ----
    Qos {
        prefetch: u16,
        global: bool,
    },
    QosOk,
    Consume {
        queue: Name,
        tag: Name,
        no_ack: bool,
        exclusive: bool,
        arguments: Arc<Table>,
    },
    ConsumeOk {
        tag: Name,
    },
    /// From the client, or from the node (consumer cancel notification).
    Cancel {
        tag: Name,
    },
    CancelOk {
        tag: Name,
    },
    Deliver {
        tag: Name,
        delivery_tag: u64,
        redelivered: bool,
        message: Arc<Message>,
    },
    Get {
        queue: Name,
        no_ack: bool,
    },
    GetOk {
        delivery_tag: u64,
        redelivered: bool,
        message: Arc<Message>,
        /// Ready messages left in the queue.
        remaining: u32,
    },
    GetEmpty,
    Ack {
        delivery_tag: u64,
        multiple: bool,
    },
    Nack {
        delivery_tag: u64,
        multiple: bool,
        requeue: bool,
    },
    Reject {
        delivery_tag: u64,
        requeue: bool,
    },
    Recover {
        requeue: bool,
    },
    RecoverOk,
}
