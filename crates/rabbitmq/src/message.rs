//! A message as RabbitMQ sees it: where it was published, its properties, its deaths.

use crate::ids::Name;
use ackscope_kernel::MessageKey;
use ackscope_kernel::SortedMap;
use borsh::BorshSerialize;
use std::sync::Arc;

/// A value of a headers or arguments table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum Value {
    /// A whole number (signedint, long and the like are one kind here).
    Int(i64),
    /// A string.
    Str(Arc<str>),
    /// A truth value.
    Bool(bool),
    /// A timestamp, in seconds.
    Time(u64),
    /// An array.
    List(Vec<Value>),
}

/// A table of headers or of arguments, in the order of its keys.
pub type Table = SortedMap<Arc<str>, Value>;

/// Why a message was dead-lettered (reference 3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum DeathReason {
    /// nack or reject with requeue=false.
    Rejected,
    /// Its time to live was over.
    Expired,
    /// A length limit.
    MaxLen,
    /// A quorum queue's delivery limit.
    DeliveryLimit,
}

impl DeathReason {
    /// The word in `x-death`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DeathReason::Rejected => "rejected",
            DeathReason::Expired => "expired",
            DeathReason::MaxLen => "maxlen",
            DeathReason::DeliveryLimit => "delivery_limit",
        }
    }
}

/// One entry of `x-death`: newest first, one per (queue, reason).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Death {
    /// The queue that it died in.
    pub queue: Name,
    /// Why.
    pub reason: DeathReason,
    /// How often so.
    pub count: u32,
    /// The exchange that it had been published to.
    pub exchange: Name,
    /// The routing keys that it had.
    pub routing_keys: Vec<Arc<str>>,
}

/// A message: body (by its size), properties and routing. Queues share it behind an `Arc`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Message {
    /// What the application calls it. An application's resend carries the same key.
    pub key: MessageKey,
    /// Counts the application's sends of this key, from 1.
    pub attempt: u16,
    /// The exchange that it was published to last.
    pub exchange: Name,
    /// Its routing key.
    pub routing_key: Arc<str>,
    /// Further routing keys that stay visible (header `CC`).
    pub cc: Vec<Arc<str>>,
    /// Further routing keys that are removed before delivery (header `BCC`).
    pub bcc: Vec<Arc<str>>,
    /// Bytes of the body.
    pub size: u32,
    /// delivery_mode 2.
    pub persistent: bool,
    /// The `expiration` property as the client wrote it.
    pub expiration: Option<Arc<str>>,
    /// The `priority` property.
    pub priority: Option<u8>,
    /// The `message_id` property: what an idempotent sink goes by.
    pub message_id: Option<u64>,
    /// The `user_id` property.
    pub user_id: Option<Arc<str>>,
    /// Other headers.
    pub headers: Arc<Table>,
    /// `x-death`, newest first.
    pub deaths: Vec<Death>,
    /// `x-delivery-count`, where a quorum queue sets it on delivery.
    pub delivery_count: Option<u32>,
    /// `x-acquired-count` (4.3).
    pub acquired_count: Option<u32>,
    /// `x-stream-offset`, where a stream sets it on delivery.
    pub stream_offset: Option<u64>,
}
