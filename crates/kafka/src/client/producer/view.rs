//! What the stage and the panels read of a producer.

use super::Producer;
use super::batch::{Identity, ProducerBatch};
use crate::facts::Call;
use crate::records::Tp;
use ackscope_kernel::{SeatId, Time};
use borsh::BorshSerialize;

/// What a panel shows of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchView {
    /// Its partition.
    pub tp: Tp,
    /// Number of records.
    pub records: u32,
    /// Bytes.
    pub bytes: u64,
    /// When it was made: delivery.timeout.ms counts from here.
    pub created: Time,
    /// Failed attempts.
    pub attempts: u32,
    /// It waits at least until then for its next attempt.
    pub backs_off_until: Option<Time>,
    /// Takes no more records.
    pub closed: bool,
    /// Sequence number of its first record, if it has one.
    pub sequence: Option<i32>,
    /// It was sent and has no answer yet.
    pub in_flight: bool,
}

impl ProducerBatch {
    pub(super) fn view(&self, tp: Tp, in_flight: bool, now: Time) -> BatchView {
        BatchView {
            tp,
            records: self.count().unsigned_abs(),
            bytes: self.size(),
            created: self.created,
            attempts: self.attempts,
            backs_off_until: if in_flight {
                None
            } else {
                self.backs_off_until(now)
            },
            closed: self.closed,
            sequence: self.stamp.map(|stamp| stamp.sequence),
            in_flight,
        }
    }
}

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
    pub fn leaders(&self) -> impl Iterator<Item = (Tp, Option<SeatId>)> + '_ {
        self.net.leaders.iter().map(|(tp, info)| (*tp, info.leader))
    }
}
