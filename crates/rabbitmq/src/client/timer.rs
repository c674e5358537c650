//! Timers of a client.

use ackscope_kernel::MessageKey;
use borsh::BorshSerialize;

/// A timer of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum ClientTimer {
    /// The library looks at its heartbeats.
    Heartbeat,
    /// A connection takes too long to come up.
    Connect,
    /// A lost connection is tried again.
    Recover,
    /// A call has waited long enough for its answer.
    Call(u32),
    /// The socket takes the next message.
    Write,
    /// The application begins.
    Start,
    /// The next burst is due.
    Burst,
    /// A confirm is overdue.
    Confirm(MessageKey),
    /// A message is processed.
    Processed,
    /// A cancelled consumer subscribes again.
    Resubscribe,
}

impl ClientTimer {
    /// Chatter without interest to a reader.
    #[must_use]
    pub fn background(self) -> bool {
        matches!(self, ClientTimer::Heartbeat)
    }
}
