//! A batch of the accumulator (`ProducerBatch`, `MemoryRecordsBuilder`).

use super::sizes;
use crate::records::{BATCH_OVERHEAD, Batch, Payload, Record, increment_sequence};
use ackscope_kernel::{MessageKey, Span, Time};
use borsh::BorshSerialize;
use std::sync::Arc;

/// A producer id with its epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Identity {
    /// The producer id.
    pub id: i64,
    /// The producer epoch.
    pub epoch: i16,
}

/// What a batch got for the broker's sequence check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub(super) struct Stamp {
    pub(super) identity: Identity,
    /// Sequence number of the first record.
    pub(super) sequence: i32,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
enum Records {
    Open(Vec<Record>),
    Sealed(Arc<[Record]>),
}

/// Records of one partition that are sent, retried and completed together.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(crate) struct ProducerBatch {
    /// Its number within the process.
    pub(super) id: u64,
    /// The number of the batch that it was split from, or its own: flush() waits for these.
    pub(super) origin: u64,
    pub(super) created: Time,
    /// When it was made, or came back to the queue.
    pub(super) waits_since: Time,
    /// Failed attempts.
    pub(super) attempts: u32,
    /// How long it waits before the next attempt.
    backoff: Span,
    leader_epoch: Option<i32>,
    attempts_at_leader_change: u32,
    records: Records,
    /// Takes no more records.
    pub(super) closed: bool,
    /// Bytes so far.
    size: u64,
    /// Bytes up to which it takes more records.
    limit: u64,
    /// What it holds of buffer.memory.
    pub(super) buffer: u64,
    first_timestamp_ms: i64,
    max_timestamp_ms: i64,
    largest: u32,
    pub(super) stamp: Option<Stamp>,
    /// Its sequence number was rewritten after it was sent last.
    pub(super) rewritten: bool,
    /// It has an outcome already; its request is still in flight.
    pub(super) done: bool,
    split: bool,
}

impl ProducerBatch {
    /// An empty batch that takes records up to `limit` bytes, in a buffer of `buffer` bytes.
    pub(super) fn new(id: u64, now: Time, limit: u64, buffer: u64) -> Self {
        ProducerBatch {
            id,
            origin: id,
            created: now,
            waits_since: now,
            attempts: 0,
            backoff: Span(0),
            leader_epoch: None,
            attempts_at_leader_change: 0,
            records: Records::Open(Vec::new()),
            closed: false,
            size: u64::from(BATCH_OVERHEAD),
            limit,
            buffer,
            first_timestamp_ms: 0,
            max_timestamp_ms: i64::MIN,
            largest: 0,
            stamp: None,
            rewritten: false,
            done: false,
            split: false,
        }
    }

    /// Adds a record if there is room; the first one always finds room. Returns its bytes.
    pub(super) fn append(&mut self, record: Record) -> Option<u64> {
        let Records::Open(records) = &mut self.records else {
            return None;
        };
        if self.closed {
            return None;
        }
        if records.is_empty() {
            self.first_timestamp_ms = record.timestamp_ms;
        }
        let delta = record.timestamp_ms.saturating_sub(self.first_timestamp_ms);
        let place = u32::try_from(records.len()).unwrap_or(u32::MAX);
        let bytes = sizes::record(place, delta, record.size);
        if !records.is_empty() && self.size + bytes > self.limit {
            return None;
        }
        self.size += bytes;
        self.max_timestamp_ms = self.max_timestamp_ms.max(record.timestamp_ms);
        self.largest = self.largest.max(record.size);
        records.push(record);
        Some(bytes)
    }

    /// No more records.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    /// It takes no more records, or has no room for any.
    pub(super) fn full(&self) -> bool {
        self.closed || (!self.records().is_empty() && self.size >= self.limit)
    }

    pub(super) fn records(&self) -> &[Record] {
        match &self.records {
            Records::Open(records) => records,
            Records::Sealed(records) => records,
        }
    }

    /// Number of records.
    pub(super) fn count(&self) -> i32 {
        i32::try_from(self.records().len()).unwrap_or(i32::MAX)
    }

    /// The messages in it, in order.
    pub(super) fn keys(&self) -> Arc<[MessageKey]> {
        self.records().iter().map(|record| record.message).collect()
    }

    /// Bytes, the header included.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// It comes back to the queue after a failed attempt.
    pub(super) fn failed_once_more(&mut self, now: Time, backoff: Span) {
        self.attempts += 1;
        self.waits_since = now;
        self.backoff = backoff;
    }

    /// Takes notice of the partition's leader epoch: a newer one during the wait for a retry ends the
    /// wait (KIP-951, `ProducerBatch.maybeUpdateLeaderEpoch`).
    pub(super) fn notice_leader(&mut self, epoch: i32) {
        if self.leader_epoch.is_none_or(|known| known < epoch) {
            self.leader_epoch = Some(epoch);
            self.attempts_at_leader_change = self.attempts;
        }
    }

    /// Until when it waits for its next attempt, if it does.
    pub(super) fn backs_off_until(&self, now: Time) -> Option<Time> {
        let end = self.waits_since + self.backoff;
        let leader_is_new = self.attempts == self.attempts_at_leader_change;
        (self.attempts > 0 && now < end && !leader_is_new).then_some(end)
    }

    /// Whether delivery.timeout.ms is over.
    pub(super) fn expired(&self, now: Time, delivery_timeout: Span) -> bool {
        now >= self.created + delivery_timeout
    }

    /// Sequence number of the last record.
    pub(super) fn last_sequence(&self) -> Option<i32> {
        self.stamp
            .map(|stamp| increment_sequence(stamp.sequence, (self.count() - 1).max(0)))
    }

    /// Gives it a place in the sequence of a producer id and epoch other than the one it had.
    pub(super) fn rewrite(&mut self, stamp: Stamp) {
        self.stamp = Some(stamp);
        self.rewritten = true;
    }

    /// The record batch as it goes out; it takes no more records from now on.
    pub(super) fn seal(&mut self) -> Arc<Batch> {
        self.closed = true;
        self.rewritten = false;
        let records: Arc<[Record]> = match &mut self.records {
            Records::Open(records) => std::mem::take(records).into(),
            Records::Sealed(records) => records.clone(),
        };
        self.records = Records::Sealed(records.clone());
        let identity = self.stamp.map(|stamp| stamp.identity);
        Arc::new(Batch {
            base: 0,
            next: i64::from(self.count()),
            epoch: -1,
            producer_id: identity.map_or(-1, |identity| identity.id),
            producer_epoch: identity.map_or(-1, |identity| identity.epoch),
            sequence: self.stamp.map_or(-1, |stamp| stamp.sequence),
            max_timestamp_ms: self.max_timestamp_ms,
            size: u32::try_from(self.size).unwrap_or(u32::MAX),
            rolls: false,
            payload: Payload::Data(records),
        })
    }

    /// Cuts a batch that the broker found too large into smaller ones, in order. The first time into
    /// batches of `batch_size`; what comes of a split is halved (KAFKA-8350). The parts keep its age and
    /// its place in the sequence, and hold no memory of the pool.
    pub(super) fn split(&self, batch_size: u64, next_id: &mut u64) -> Vec<ProducerBatch> {
        let target = if self.split {
            sizes::upper_bound(self.largest).max(self.size / 2)
        } else {
            batch_size
        };
        let mut parts: Vec<ProducerBatch> = Vec::new();
        for record in self.records() {
            if parts
                .last_mut()
                .is_some_and(|part| part.append(*record).is_some())
            {
                continue;
            }
            let limit = target.max(sizes::upper_bound(record.size));
            let mut part = ProducerBatch::new(*next_id, self.created, limit, 0);
            *next_id += 1;
            part.origin = self.origin;
            part.split = true;
            part.append(*record);
            parts.push(part);
        }
        let mut stamp = self.stamp;
        for part in &mut parts {
            part.close();
            part.stamp = stamp;
            let next = |s: Stamp| increment_sequence(s.sequence, part.count());
            stamp = stamp.map(|s| Stamp {
                sequence: next(s),
                ..s
            });
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::record;
    use super::*;

    fn batch(limit: u64, sizes: &[u32]) -> ProducerBatch {
        let mut batch = ProducerBatch::new(7, Time(50), limit, limit);
        for (number, size) in (1..).zip(sizes) {
            assert!(batch.append(record(number, *size)).is_some());
        }
        batch
    }

    #[test]
    fn the_first_record_always_fits_and_the_next_only_below_the_limit() {
        let mut one = batch(1, &[5000]);
        assert!(one.full());
        assert_eq!(one.append(record(2, 1)), None);
        // 61 + 9 bytes, then 9 more.
        let mut two = batch(79, &[2]);
        assert!(!two.full());
        assert_eq!(two.append(record(2, 2)), Some(9));
        assert!(two.full());
    }

    #[test]
    fn a_sealed_batch_takes_nothing_and_goes_out_alike_each_time() {
        let mut batch = batch(1000, &[2, 2, 2]);
        let identity = Identity { id: 4, epoch: 1 };
        batch.stamp = Some(Stamp {
            identity,
            sequence: 10,
        });
        let first = batch.seal();
        assert_eq!(batch.append(record(9, 2)), None);
        assert_eq!(batch.seal(), first);
        assert_eq!(
            (first.count(), first.sequence, first.last_sequence()),
            (3, 10, 12)
        );
        assert_eq!(
            (first.producer_id, first.producer_epoch, first.size),
            (4, 1, 61 + 27)
        );
    }

    #[test]
    fn a_newer_leader_epoch_ends_the_wait_for_a_retry_once() {
        let mut batch = batch(1000, &[2]);
        batch.notice_leader(0);
        batch.failed_once_more(Time(100), Span(1000));
        assert_eq!(batch.backs_off_until(Time(200)), Some(Time(1100)));
        batch.notice_leader(0);
        assert_eq!(batch.backs_off_until(Time(200)), Some(Time(1100)));
        batch.notice_leader(1);
        assert_eq!(batch.backs_off_until(Time(200)), None);
        batch.failed_once_more(Time(300), Span(1000));
        assert_eq!(batch.backs_off_until(Time(400)), Some(Time(1300)));
        assert_eq!(batch.backs_off_until(Time(1300)), None);
    }

    #[test]
    fn a_split_keeps_order_sequence_and_age_and_comes_to_an_end() {
        let mut whole = batch(1000, &[100, 100, 100, 100]);
        let identity = Identity { id: 4, epoch: 0 };
        whole.stamp = Some(Stamp {
            identity,
            sequence: i32::MAX,
        });
        let mut next_id = 20;
        // All four fit into batch.size: the first split changes nothing.
        let mut parts = whole.split(1000, &mut next_id);
        assert_eq!(parts.len(), 1);
        parts = parts[0].split(1000, &mut next_id);
        assert_eq!(
            parts.iter().map(ProducerBatch::count).collect::<Vec<_>>(),
            [1, 1, 1, 1]
        );
        let sequences: Vec<_> = parts
            .iter()
            .filter_map(|p| p.stamp)
            .map(|s| s.sequence)
            .collect();
        assert_eq!(sequences, [i32::MAX, 0, 1, 2]);
        assert!(
            parts
                .iter()
                .all(|p| p.origin == 7 && p.created == Time(50) && p.buffer == 0)
        );
        assert!(parts.iter().all(ProducerBatch::full));
    }
}
