//! The accumulator (`RecordAccumulator`; reference 3.1, 3.2): a queue of batches per partition, from the
//! first record to an outcome or to delivery.timeout.ms.

use super::batch::{Identity, ProducerBatch};
use super::config::Config;
use super::memory::Pool;
use super::sequences::{Idempotence, Sequences, start_at_beginning, tracked};
use super::sizes;
use super::view::BatchView;
use crate::messages::LeaderInfo;
use crate::records::{Record, Tp};
use ackscope_kernel::SortedMap;
use ackscope_kernel::{SeatId, Time};
use borsh::BorshSerialize;
use std::collections::VecDeque;

/// Leaders by partition, as the client knows them.
pub(super) type Leaders = SortedMap<Tp, LeaderInfo>;

/// All records that have no outcome yet.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(crate) struct Accumulator {
    pub(super) config: Config,
    pub(super) parts: SortedMap<Tp, Part>,
    pub(super) pool: Pool,
    pub(super) idempotence: Idempotence,
    next_id: u64,
    /// Where the last look for batches for this broker ended (`nodesDrainIndex`).
    pub(super) drained_to: SortedMap<SeatId, Tp>,
    /// How many calls of flush() wait.
    pub(super) flushes: u32,
    /// close() was called.
    pub(super) closed: bool,
}

/// The batches of a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(super) struct Part {
    /// To be sent, next first.
    pub(super) queue: VecDeque<ProducerBatch>,
    /// Sent and not answered, in the order in which they were sent.
    pub(super) flying: VecDeque<ProducerBatch>,
    /// Nothing is sent until the batch in flight is answered.
    pub(super) muted: bool,
    pub(super) sequences: Sequences,
}

impl Part {
    /// Numbered batches without an outcome exist.
    pub(super) fn has_tracked(&self) -> bool {
        tracked(&self.queue, &self.flying).next().is_some()
    }

    pub(super) fn start_at_beginning(&mut self, identity: Option<Identity>) {
        start_at_beginning(
            &mut self.sequences,
            &mut self.queue,
            &mut self.flying,
            identity,
        );
    }
}

/// What append() did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Append {
    /// The record is in a batch.
    Done {
        /// Bytes that it took.
        bytes: u64,
        /// The sender has something to look at: a batch is full or new.
        wake: bool,
    },
    /// There is no memory for a new batch.
    NoMemory,
}

impl Accumulator {
    pub(super) fn new(config: Config) -> Self {
        Accumulator {
            config,
            parts: SortedMap::new(),
            pool: Pool::new(config.buffer_memory),
            idempotence: Idempotence::default(),
            next_id: 0,
            drained_to: SortedMap::new(),
            flushes: 0,
            closed: false,
        }
    }

    /// The last batch of the partition has no room (`allBatchesFull`).
    pub(super) fn all_full(&self, tp: Tp) -> bool {
        let last = self.parts.get(&tp).and_then(|part| part.queue.back());
        last.is_none_or(ProducerBatch::full)
    }

    /// Puts a record into the open batch of its partition, or into a new one if memory allows and
    /// `may_allocate`.
    pub(super) fn append(
        &mut self,
        tp: Tp,
        record: Record,
        may_allocate: bool,
        now: Time,
    ) -> Append {
        let part = self.parts.entry(tp).or_default();
        if let Some(last) = part.queue.back_mut() {
            if let Some(bytes) = last.append(record) {
                let full = last.full();
                return Append::Done {
                    bytes,
                    wake: full || part.queue.len() > 1,
                };
            }
            last.close();
        }
        let buffer = self.config.batch_size.max(sizes::upper_bound(record.size));
        if !may_allocate || !self.pool.take(buffer) {
            return Append::NoMemory;
        }
        let mut batch = ProducerBatch::new(self.next_id, now, buffer, buffer);
        self.next_id += 1;
        batch.append(record);
        let bytes = batch.size();
        part.queue.push_back(batch);
        Append::Done { bytes, wake: true }
    }

    /// Cuts a batch that the broker found too large, and puts the parts in its place.
    pub(super) fn split(&mut self, tp: Tp, batch: &ProducerBatch) {
        let parts = batch.split(self.config.batch_size, &mut self.next_id);
        for part in parts.into_iter().rev() {
            self.put_back(tp, part);
        }
    }

    /// Puts a batch back: with idempotence at its place in the sequence, else to the front, whatever
    /// stands there (`reenqueue`; the cause of reordering without idempotence, reference 3.5).
    pub(super) fn put_back(&mut self, tp: Tp, batch: ProducerBatch) {
        let part = self.parts.entry(tp).or_default();
        let before = |other: &ProducerBatch| match (other.stamp, batch.stamp) {
            (Some(other), Some(mine)) => other.sequence < mine.sequence,
            _ => false,
        };
        let place = part.queue.iter().take_while(|other| before(other)).count();
        part.queue.insert(place, batch);
    }

    /// Takes out the batches whose delivery.timeout.ms is over. Those in flight stay as done, because
    /// their request goes on and may still be answered, and keep their memory until then (KAFKA-19012).
    pub(super) fn expire(&mut self, now: Time) -> Vec<(Tp, ProducerBatch)> {
        let mut expired = Vec::new();
        let timeout = self.config.delivery_timeout;
        for (tp, part) in &mut self.parts {
            while part
                .queue
                .front()
                .is_some_and(|batch| batch.expired(now, timeout))
            {
                if let Some(batch) = part.queue.pop_front() {
                    self.pool.give_back(batch.buffer);
                    expired.push((*tp, batch));
                }
            }
        }
        for (tp, part) in &mut self.parts {
            let open = part.flying.iter_mut().filter(|batch| !batch.done);
            for batch in open.take_while(|batch| batch.expired(now, timeout)) {
                batch.done = true;
                expired.push((*tp, batch.clone()));
            }
        }
        for (tp, batch) in &expired {
            // Only a batch that came back once counts as sent (`Sender.sendProducerData`).
            if let (Some(part), Some(last)) = (self.parts.get_mut(tp), batch.last_sequence())
                && batch.attempts > 0
            {
                part.sequences.expired(last);
            }
        }
        expired
    }

    /// When the next batch expires. Only the first of each queue is looked at.
    pub(super) fn next_expiry(&self) -> Option<Time> {
        let heads = self.parts.values().flat_map(|part| {
            let flying = part.flying.iter().find(|batch| !batch.done);
            part.queue.front().into_iter().chain(flying)
        });
        heads
            .map(|batch| batch.created + self.config.delivery_timeout)
            .min()
    }

    /// Settles partitions with an expired batch, and raises the epoch if that is needed. Returns the new
    /// epoch (`maybeResolveSequences`, `bumpIdempotentEpochAndResetIdIfNeeded`).
    pub(super) fn settle_sequences(&mut self) -> Option<i16> {
        for (tp, part) in &mut self.parts {
            if part.sequences.unresolved.is_none() || part.has_tracked() {
                continue;
            }
            // A later batch that was acknowledged proves that the expired one was written.
            if !part.sequences.is_next(part.sequences.next) {
                self.idempotence.want_bump(*tp);
            }
            part.sequences.unresolved = None;
        }
        let anew = self.idempotence.bump()?;
        for tp in anew {
            let Some(part) = self.parts.get_mut(&tp) else {
                continue;
            };
            part.start_at_beginning(self.idempotence.identity);
            part.sequences.unresolved = None;
        }
        self.idempotence.identity.map(|identity| identity.epoch)
    }

    /// Gives up everything (`abortIncompleteBatches`). Returns what had no outcome, oldest first.
    pub(super) fn abort(&mut self) -> Vec<ProducerBatch> {
        let mut all = Vec::new();
        for part in self.parts.values_mut() {
            let flying = part.flying.drain(..).chain(part.queue.drain(..));
            for batch in flying {
                self.pool.give_back(batch.buffer);
                if !batch.done {
                    all.push(batch);
                }
            }
            part.muted = false;
        }
        all.sort_by_key(|batch| (batch.created, batch.id));
        all
    }

    /// Batches wait to be sent.
    pub(super) fn has_undrained(&self) -> bool {
        self.parts.values().any(|part| !part.queue.is_empty())
    }

    /// The number that a batch made now would get: flush() waits for all below.
    pub(super) fn next_id(&self) -> u64 {
        self.next_id
    }

    /// Some batch with a number below this has no outcome.
    pub(super) fn incomplete_below(&self, id: u64) -> bool {
        self.parts.values().any(|part| {
            let flying = part.flying.iter().filter(|batch| !batch.done);
            flying.chain(&part.queue).any(|batch| batch.origin < id)
        })
    }

    /// All batches without an outcome, partition by partition, those in flight first.
    pub(crate) fn views(&self, now: Time) -> impl Iterator<Item = BatchView> + '_ {
        self.parts.iter().flat_map(move |(tp, part)| {
            let flying = part.flying.iter().filter(|batch| !batch.done);
            let flying = flying.map(move |batch| batch.view(*tp, true, now));
            flying.chain(
                part.queue
                    .iter()
                    .map(move |batch| batch.view(*tp, false, now)),
            )
        })
    }

    /// When the first batch that only waits for more records will be sent.
    pub(crate) fn next_linger(&self) -> Option<Time> {
        let fronts = self.parts.values().filter_map(|part| part.queue.front());
        let open = fronts.filter(|batch| batch.attempts == 0 && !batch.full());
        open.map(|batch| batch.created + self.config.linger).min()
    }
}
