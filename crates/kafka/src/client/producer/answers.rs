//! What becomes of a batch when its request is answered or fails (`Sender.completeBatch`; reference 3.2,
//! 3.6, 3.7).

use super::accumulator::Accumulator;
use super::batch::ProducerBatch;
use super::sequences::OutOfOrder;
use crate::errors::Code;
use crate::records::Tp;
use ackscope_kernel::{Span, Time};

/// What an answer means for a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The application learns that it is written.
    Acked(ProducerBatch),
    /// The application learns the error.
    Failed(ProducerBatch),
    /// It waits for its next attempt; its number of failed attempts.
    Again(ProducerBatch, u32),
    /// The application knew the outcome already, or the batch is unknown.
    Nothing,
}

impl Accumulator {
    /// Takes the result of one batch. `backoff` gives the wait before the next attempt, by the number of
    /// failed ones.
    pub(super) fn answer(
        &mut self,
        (tp, id): (Tp, u64),
        error: Code,
        now: Time,
        backoff: impl FnOnce(&ProducerBatch, u32) -> Span,
    ) -> Outcome {
        let Some(part) = self.parts.get_mut(&tp) else {
            return Outcome::Nothing;
        };
        let Some(place) = part.flying.iter().position(|batch| batch.id == id) else {
            return Outcome::Nothing;
        };
        let Some(mut batch) = part.flying.remove(place) else {
            return Outcome::Nothing;
        };
        part.muted = false;
        if error == Code::None {
            if let Some(last) = batch.last_sequence() {
                part.sequences.acked(last);
            }
            self.pool.give_back(batch.buffer);
            return if batch.done {
                Outcome::Nothing
            } else {
                Outcome::Acked(batch)
            };
        }
        if batch.done {
            self.pool.give_back(batch.buffer);
            return Outcome::Nothing;
        }
        if error == Code::MessageTooLarge && batch.count() > 1 {
            // A split is no attempt.
            self.pool.give_back(batch.buffer);
            self.split(tp, &batch);
            let attempts = batch.attempts;
            return Outcome::Again(batch, attempts);
        }
        if self.may_retry(tp, &batch, error, now) {
            let attempts = batch.attempts + 1;
            let wait = backoff(&batch, attempts);
            batch.failed_once_more(now, wait);
            let copy = batch.clone();
            self.put_back(tp, batch);
            return Outcome::Again(copy, attempts);
        }
        self.pool.give_back(batch.buffer);
        // A batch that ran out of attempts may have been written, so its numbers cannot be given to
        // others; after any other failure the broker surely did not take them.
        let numbers_are_free = batch.attempts < self.config.retries;
        if batch.stamp.is_some() && (error == Code::OutOfOrderSequenceNumber || numbers_are_free) {
            self.idempotence.want_bump(tp);
        }
        Outcome::Failed(batch)
    }

    /// `Sender.canRetry`.
    fn may_retry(&mut self, tp: Tp, batch: &ProducerBatch, error: Code, now: Time) -> bool {
        if batch.expired(now, self.config.delivery_timeout) || batch.attempts >= self.config.retries
        {
            return false;
        }
        if error == Code::OutOfOrderSequenceNumber && batch.stamp.is_some() {
            let sequences = self.parts.get(&tp).map(|part| &part.sequences);
            if sequences.is_some_and(|s| s.out_of_order(batch) == OutOfOrder::Hole) {
                self.idempotence.want_bump(tp);
            }
            return true;
        }
        error.retriable()
    }
}
