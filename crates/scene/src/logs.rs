//! Reading a replica's log from the file that holds it.

use ackscope_kafka::records::{DiskRecord, FileName, Payload};
use ackscope_kafka::{Batch, Kafka, Tp};
use ackscope_kernel::{MessageKey, SeatId, Seq, World};

/// A replica's log as it lies in its file.
#[derive(Clone, Copy, Debug)]
pub struct LogFile<'a> {
    records: &'a Seq<DiskRecord>,
    synced: u64,
}

/// One offset of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The offset.
    pub offset: i64,
    /// The leader epoch of its batch.
    pub epoch: i32,
    /// The message, unless the record is the product's own or was compacted away.
    pub message: Option<MessageKey>,
    /// Only in the page cache.
    pub not_synced: bool,
}

impl<'a> LogFile<'a> {
    /// The log of a partition on a seat's disk, if there is one.
    #[must_use]
    pub fn open(world: &'a World<Kafka>, seat: SeatId, tp: Tp) -> Option<Self> {
        let (disk, name) = (world.disk(seat), FileName::Log(tp));
        disk.read(&name).map(|records| LogFile {
            records,
            synced: disk.synced(&name),
        })
    }

    fn batch(&self, index: usize) -> Option<&'a Batch> {
        match self.records.get(index) {
            Some(DiskRecord::Batch(batch)) => Some(batch),
            _ => None,
        }
    }

    /// First offset in the file; 0 for an empty one.
    #[must_use]
    pub fn start(&self) -> i64 {
        self.batch(0).map_or(0, |batch| batch.base)
    }

    /// Offset after the last record.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.records
            .len()
            .checked_sub(1)
            .and_then(|last| self.batch(last))
            .map_or(0, |batch| batch.next)
    }

    /// Offset up to which everything is synced.
    #[must_use]
    pub fn synced_end(&self) -> i64 {
        let synced = usize::try_from(self.synced).unwrap_or(usize::MAX);
        match synced.checked_sub(1) {
            None => self.start(),
            Some(last) => self
                .batch(last)
                .map_or_else(|| self.end(), |batch| batch.next),
        }
    }

    /// Index of the batch that holds an offset, or of the first one after it.
    fn find(&self, offset: i64) -> usize {
        let (mut low, mut high) = (0, self.records.len());
        while low < high {
            let middle = (low + high) / 2;
            if self.batch(middle).is_some_and(|batch| batch.next <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The batch that holds an offset.
    #[must_use]
    pub fn batch_at(&self, offset: i64) -> Option<&'a Batch> {
        self.batch(self.find(offset))
            .filter(|batch| batch.base <= offset)
    }

    /// The places of the offsets `from..to` that the log has.
    #[must_use]
    pub fn places(&self, from: i64, to: i64) -> Vec<Place> {
        let mut places = Vec::new();
        let mut index = self.find(from);
        while let Some(batch) = self.batch(index) {
            if batch.base >= to {
                break;
            }
            let not_synced = index as u64 >= self.synced;
            let whole = batch.records().len() as i64 == batch.next - batch.base;
            for offset in batch.base.max(from)..batch.next.min(to) {
                let within = usize::try_from(offset - batch.base).unwrap_or(usize::MAX);
                let message = match &batch.payload {
                    Payload::Data(records) if whole => {
                        records.get(within).map(|record| record.message)
                    }
                    _ => None,
                };
                places.push(Place {
                    offset,
                    epoch: batch.epoch,
                    message,
                    not_synced,
                });
            }
            index += 1;
        }
        places
    }

    /// Where the epochs of the offsets `from..to` begin.
    #[must_use]
    pub fn epochs(&self, from: i64, to: i64) -> Vec<(i32, i64)> {
        let mut epochs: Vec<(i32, i64)> = Vec::new();
        for place in self.places(from, to) {
            if epochs.last().is_none_or(|(epoch, _)| *epoch != place.epoch) {
                epochs.push((place.epoch, place.offset));
            }
        }
        epochs
    }
}
