//! Records on their way through the application, and what the client remembers of them until a commit
//! passes them.

use crate::records::{Batch, Tp};
use ackscope_kernel::{EntryId, MessageKey, Seq};
use borsh::BorshSerialize;
use std::sync::Arc;

/// A row of records of one batch: those with the indexes `first..last`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Run {
    pub(super) tp: Tp,
    pub(super) batch: Arc<Batch>,
    pub(super) first: u32,
    pub(super) last: u32,
    /// The entry that handed them out.
    pub(super) handed: EntryId,
}

impl Run {
    /// Message and offset of each record.
    pub(super) fn records(&self) -> impl ExactSizeIterator<Item = (MessageKey, i64)> + '_ {
        let records = &self.batch.records()[self.first as usize..self.last as usize];
        let base = self.batch.base + i64::from(self.first);
        records.iter().enumerate().map(move |(index, record)| {
            (
                record.message,
                base + i64::try_from(index).unwrap_or(i64::MAX),
            )
        })
    }

    pub(super) fn len(&self) -> u32 {
        self.last - self.first
    }

    /// Offset after its last record.
    pub(super) fn end(&self) -> i64 {
        self.batch.base + i64::from(self.last)
    }
}

/// What this client knows of the group's offset of a partition, and what it handed out beyond it.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(super) struct Book {
    /// The committed offset, as far as this client knows.
    pub(super) committed: Option<i64>,
    /// Where the client began to read.
    pub(super) first: Option<i64>,
    handed: Seq<Run>,
}

impl Book {
    /// Remembers what was handed out.
    pub(super) fn hand(&mut self, run: Run) {
        self.first
            .get_or_insert(run.batch.base + i64::from(run.first));
        self.handed.push_back(run);
    }

    /// The group's offset is now `to`. Returns the offset before and the messages that lie between.
    pub(super) fn commit(&mut self, to: i64) -> (i64, Vec<MessageKey>) {
        let from = self.committed.or(self.first).unwrap_or(to);
        let inside = self
            .handed
            .iter()
            .flat_map(Run::records)
            .filter(|(_, at)| (from..to).contains(at));
        let passed = inside.map(|(key, _)| key).collect();
        self.committed = Some(to);
        if self.handed.iter().any(|run| run.end() <= to) {
            self.handed.retain(|run| run.end() > to);
        }
        (from, passed)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::records::{Payload, Record};
    use ackscope_kernel::SeatId;

    pub(in super::super) const TP: Tp = Tp {
        topic: 1,
        partition: 0,
    };

    pub(in super::super) fn batch(base: i64, count: u32, epoch: i32) -> Arc<Batch> {
        let record = |number: u32| Record {
            message: MessageKey {
                origin: SeatId(9),
                number,
            },
            attempt: 0,
            size: 10,
            timestamp_ms: 0,
            key: None,
        };
        let first = u32::try_from(base).unwrap() + 1;
        Arc::new(Batch {
            base,
            next: base + i64::from(count),
            epoch,
            producer_id: -1,
            producer_epoch: -1,
            sequence: -1,
            max_timestamp_ms: 0,
            size: 100,
            rolls: false,
            payload: Payload::Data((first..first + count).map(record).collect()),
        })
    }

    #[test]
    fn a_commit_names_what_it_passes_once() {
        let run = |first, last| Run {
            tp: TP,
            batch: batch(0, 5, 0),
            first,
            last,
            handed: EntryId::NONE,
        };
        let mut book = Book::default();
        book.hand(run(0, 5));
        let (from, passed) = book.commit(3);
        assert_eq!((from, passed.len()), (0, 3));
        let (from, passed) = book.commit(5);
        assert_eq!(
            (from, passed.iter().map(|k| k.number).collect::<Vec<_>>()),
            (3, vec![4, 5])
        );
        assert_eq!(book.commit(5), (5, vec![]));
        assert_eq!(
            book.commit(1),
            (5, vec![]),
            "the group's offset may be wound back"
        );
        assert_eq!(book.committed, Some(1));
    }
}
