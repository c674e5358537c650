//! What the stage and the panels read of a producer.

use super::Producer;
use super::batch::{BatchView, Identity};
use crate::facts::Call;
use ackscope_kernel::{SeatId, Time};
use borsh::BorshSerialize;

/// How many records had which outcome, over the life of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Counts {
    /// send() was called; a resend counts again.
    pub offered: u64,
    /// send() succeeded.
    pub acked: u64,
    /// send() failed.
    pub failed: u64,
}

impl Producer {
    /// The constructor refused the settings (ConfigException).
    #[must_use]
    pub fn refused(&self) -> bool {
        self.refused
    }

    /// close() has returned.
    #[must_use]
    pub fn closed(&self) -> bool {
        self.closed
    }

    /// Producer id and epoch, if it is idempotent and a broker gave them.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        self.accumulator.idempotence.identity
    }

    /// All batches without an outcome, partition by partition, those in flight first.
    pub fn batches(&self, now: Time) -> impl Iterator<Item = BatchView> + '_ {
        self.accumulator.views(now)
    }

    /// Bytes of buffer.memory in use, and all of it.
    #[must_use]
    pub fn memory(&self) -> (u64, u64) {
        (self.accumulator.pool.used(), self.accumulator.pool.total())
    }

    /// Requests without an answer, broker by broker, and whether the connection stands.
    pub fn in_flight(&self) -> impl Iterator<Item = (SeatId, usize, bool)> + '_ {
        let connections = self.net.connections();
        connections.map(|(seat, conn)| (seat, self.net.in_flight(seat), conn.is_some()))
    }

    /// How many records had which outcome.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The call that the application is in; send() only while it blocks.
    #[must_use]
    pub fn call(&self) -> Option<Call> {
        if self.closing.is_some() {
            Some(Call::Close)
        } else if !self.flushes.is_empty() {
            Some(Call::Flush)
        } else {
            self.application.blocked().then_some(Call::Send)
        }
    }

    /// When the first batch that only waits for more records is sent (linger.ms).
    #[must_use]
    pub fn next_linger(&self) -> Option<Time> {
        self.accumulator.next_linger()
    }

    /// When delivery.timeout.ms of the next batch is over.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Time> {
        self.accumulator.next_expiry()
    }

    /// The leader of each partition as this client believes.
    pub fn leaders(&self) -> impl Iterator<Item = (crate::records::Tp, Option<SeatId>)> + '_ {
        self.net.leaders.iter().map(|(tp, info)| (*tp, info.leader))
    }
}
