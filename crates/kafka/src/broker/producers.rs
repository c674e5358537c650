//! What a replica remembers of producers: epoch, last sequence, the last five batches
//! (`ProducerStateManager`, `ProducerAppendInfo`, `ProducerStateEntry`; reference 3.6).

use crate::errors::Code;
use crate::records::{Batch, increment_sequence};
use ackscope_kernel::SortedMap;
use borsh::BorshSerialize;
use std::collections::VecDeque;

/// `ProducerStateEntry.NUM_BATCHES_TO_RETAIN`.
const BATCHES_KEPT: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
struct Known {
    first: i32,
    last: i32,
    base: i64,
    next: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
struct Producer {
    epoch: i16,
    batches: VecDeque<Known>,
    /// Milliseconds of virtual time of its last append here.
    last_ms: i64,
}

/// The producers that a replica knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(super) struct Producers {
    known: SortedMap<i64, Producer>,
}

/// What the sequence check says to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Append it.
    Append,
    /// It is in the log already: first offset, offset after the last.
    Duplicate(i64, i64),
    /// Refuse it.
    Refuse(Code),
}

impl Producers {
    /// The checks of reference 3.6 on a batch that comes from a client.
    #[must_use]
    pub(super) fn check(&self, batch: &Batch) -> Verdict {
        if batch.producer_id < 0 {
            return Verdict::Append;
        }
        let Some(producer) = self.known.get(&batch.producer_id) else {
            // Nothing is known: any sequence is taken (S83).
            return Verdict::Append;
        };
        let last = batch.last_sequence();
        if batch.producer_epoch == producer.epoch
            && let Some(known) = producer
                .batches
                .iter()
                .find(|k| k.first == batch.sequence && k.last == last)
        {
            return Verdict::Duplicate(known.base, known.next);
        }
        if batch.producer_epoch < producer.epoch {
            return Verdict::Refuse(Code::InvalidProducerEpoch);
        }
        let expected = if batch.producer_epoch > producer.epoch {
            0
        } else {
            producer
                .batches
                .back()
                .map_or(batch.sequence, |k| increment_sequence(k.last, 1))
        };
        if batch.sequence == expected {
            Verdict::Append
        } else {
            Verdict::Refuse(Code::OutOfOrderSequenceNumber)
        }
    }

    /// Takes note of an appended batch; replication and recovery skip the checks.
    pub(super) fn record(&mut self, batch: &Batch, now_ms: i64) {
        if batch.producer_id < 0 {
            return;
        }
        let fresh = || Producer {
            epoch: batch.producer_epoch,
            batches: VecDeque::new(),
            last_ms: now_ms,
        };
        let producer = self.known.entry(batch.producer_id).or_insert_with(fresh);
        if producer.epoch != batch.producer_epoch {
            producer.epoch = batch.producer_epoch;
            producer.batches.clear();
        }
        producer.last_ms = now_ms;
        if producer.batches.len() == BATCHES_KEPT {
            producer.batches.pop_front();
        }
        let (first, last) = (batch.sequence, batch.last_sequence());
        producer.batches.push_back(Known {
            first,
            last,
            base: batch.base,
            next: batch.next,
        });
    }

    /// Forgets producers that appended nothing for `expiration_ms` (producer.id.expiration.ms).
    pub(super) fn expire(&mut self, now_ms: i64, expiration_ms: i64) {
        self.known
            .retain(|_, producer| now_ms - producer.last_ms < expiration_ms);
    }

    /// Forgets everything, before a rebuild from the log.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Payload;

    fn batch(epoch: i16, sequence: i32, count: i64, base: i64) -> Batch {
        Batch {
            base,
            next: base + count,
            epoch: 0,
            producer_id: 7,
            producer_epoch: epoch,
            sequence,
            max_timestamp_ms: 0,
            size: 100,
            rolls: false,
            payload: Payload::Data(Vec::new().into()),
        }
    }

    fn with(batches: &[Batch]) -> Producers {
        let mut producers = Producers::default();
        batches.iter().for_each(|b| producers.record(b, 0));
        producers
    }

    #[test]
    fn a_copy_of_one_of_the_last_five_batches_is_recognised() {
        let log: Vec<Batch> = (0..6)
            .map(|n| batch(0, n * 5, 5, i64::from(n) * 5))
            .collect();
        let producers = with(&log);
        assert_eq!(producers.check(&log[5]), Verdict::Duplicate(25, 30));
        assert_eq!(producers.check(&log[1]), Verdict::Duplicate(5, 10));
        assert_eq!(
            producers.check(&log[0]),
            Verdict::Refuse(Code::OutOfOrderSequenceNumber),
            "the sixth is too old"
        );
    }

    #[test]
    fn a_hole_is_refused_and_a_new_epoch_begins_at_zero() {
        let producers = with(&[batch(0, 0, 5, 0)]);
        assert_eq!(producers.check(&batch(0, 5, 5, 0)), Verdict::Append);
        assert_eq!(
            producers.check(&batch(0, 10, 5, 0)),
            Verdict::Refuse(Code::OutOfOrderSequenceNumber)
        );
        assert_eq!(producers.check(&batch(1, 0, 5, 0)), Verdict::Append);
        assert_eq!(
            producers.check(&batch(1, 5, 5, 0)),
            Verdict::Refuse(Code::OutOfOrderSequenceNumber)
        );
        assert_eq!(
            with(&[batch(1, 0, 1, 0)]).check(&batch(0, 1, 1, 0)),
            Verdict::Refuse(Code::InvalidProducerEpoch)
        );
    }

    #[test]
    fn an_unknown_producer_may_begin_anywhere() {
        assert_eq!(
            Producers::default().check(&batch(0, 5, 5, 0)),
            Verdict::Append
        );
        let mut producers = with(&[batch(0, 0, 5, 0)]);
        producers.expire(1000, 1000);
        assert_eq!(producers.check(&batch(0, 0, 5, 0)), Verdict::Append, "S25");
    }
}
