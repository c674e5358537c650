//! What arguments and policies make of a quorum queue.

use crate::ids::Name;
use ackscope_kernel::Span;
use borsh::BorshSerialize;
use std::sync::Arc;

/// `x-overflow` as a quorum queue knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Overflow {
    /// The message that would be delivered next is dropped.
    DropHead,
    /// Publishers are told to stop.
    RejectPublish,
}

/// `x-delayed-retry-type` (4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum RetryKind {
    /// Whatever is given back waits.
    All,
    /// What counts as a failure waits.
    Failed,
    /// What does not waits.
    Returned,
}

/// `x-delayed-retry-*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Retry {
    /// What waits.
    pub kind: RetryKind,
    /// For how long after the first failure; n times as long after the n-th.
    pub min: Span,
    /// At most.
    pub max: Span,
}

/// What becomes of dead messages.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum DeadLetters {
    /// They are dropped.
    Dropped,
    /// Republished once to this exchange, with this key or their own.
    AtMostOnce(Name, Option<Arc<str>>),
    /// Kept until all targets have confirmed.
    AtLeastOnce(Name, Option<Arc<str>>),
}

impl DeadLetters {
    /// Whether they are kept until they are confirmed.
    #[must_use]
    pub fn at_least_once(&self) -> bool {
        matches!(self, DeadLetters::AtLeastOnce(..))
    }
}

/// The settings of a quorum queue.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Config {
    /// `max-length`.
    pub max_length: Option<u64>,
    /// `max-length-bytes`.
    pub max_bytes: Option<u64>,
    /// What happens beyond.
    pub overflow: Overflow,
    /// `delivery-limit`; `None`: unlimited.
    pub limit: Option<u32>,
    /// `message-ttl`.
    pub ttl: Option<Span>,
    /// `expires`.
    pub expires: Option<Span>,
    /// `x-single-active-consumer`.
    pub single_active: bool,
    /// `consumer-disconnected-timeout` (4.3).
    pub disconnected: Span,
    /// Delayed retry (4.3).
    pub retry: Option<Retry>,
    /// Dead letters.
    pub dead_letters: DeadLetters,
}

impl Config {
    /// The defaults of a declaration without arguments, for this delivery limit.
    #[must_use]
    pub fn plain(limit: Option<u32>) -> Config {
        Config {
            max_length: None,
            max_bytes: None,
            overflow: Overflow::DropHead,
            limit,
            ttl: None,
            expires: None,
            single_active: false,
            disconnected: Span::secs(60),
            retry: None,
            dead_letters: DeadLetters::Dropped,
        }
    }

    pub(super) fn rejects(&self) -> bool {
        self.overflow == Overflow::RejectPublish
    }
}
