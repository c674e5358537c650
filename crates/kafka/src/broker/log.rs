//! Reading, appending, truncating a replica's log. The batches lie in the file of the replica on the
//! host's disk; what a broker keeps in memory is rebuilt from it (`UnifiedLog`, `LogLoader`).

use super::replica::Replica;
use crate::facts::Fact;
use crate::records::{Batch, DiskRecord, FileName, Tp};
use crate::system::Kafka;
use ackscope_kernel::{Disk, Env, MessageKey, Seq};
use std::sync::Arc;

/// Milliseconds of virtual time: the brokers' wall clock.
pub(super) fn now_ms(env: &Env<'_, Kafka>) -> i64 {
    i64::try_from(env.now().0 / 1000).unwrap_or(i64::MAX)
}

pub(super) fn batch_of(record: &DiskRecord) -> Option<&Arc<Batch>> {
    match record {
        DiskRecord::Batch(batch) => Some(batch),
        _ => None,
    }
}

/// The index of the batch that holds `offset`, or of the first one after it.
fn index_of(log: &Seq<DiskRecord>, offset: i64) -> usize {
    // Most reads are at the end.
    if log
        .last()
        .and_then(batch_of)
        .is_none_or(|last| offset >= last.next)
    {
        return log.len();
    }
    let at = log.binary_search_by(|record| match batch_of(record) {
        Some(batch) if batch.next <= offset => std::cmp::Ordering::Less,
        Some(batch) if batch.base > offset => std::cmp::Ordering::Greater,
        _ => std::cmp::Ordering::Equal,
    });
    at.unwrap_or_else(|place| place)
}

/// All batches of a replica's log, in order.
pub(super) fn batches(disk: &Disk<Kafka>, tp: Tp) -> impl Iterator<Item = &Arc<Batch>> {
    disk.read(&FileName::Log(tp))
        .into_iter()
        .flat_map(|log| log.iter().filter_map(batch_of))
}

/// Batches from the one that holds `offset` on, below `limit`, up to `max_bytes`; the first comes
/// whatever its size (KIP-74).
pub(super) fn read(
    disk: &Disk<Kafka>,
    tp: Tp,
    offset: i64,
    limit: i64,
    max_bytes: i64,
) -> Vec<Arc<Batch>> {
    let mut found = Vec::new();
    let Some(log) = disk.read(&FileName::Log(tp)) else {
        return found;
    };
    let mut bytes = 0;
    for at in index_of(log, offset)..log.len() {
        let Some(batch) = batch_of(&log[at]) else {
            continue;
        };
        if batch.next > limit {
            break;
        }
        bytes += i64::from(batch.size);
        if !found.is_empty() && bytes > max_bytes {
            break;
        }
        found.push(batch.clone());
    }
    found
}

/// The keys of a batch with their offsets.
pub(super) fn keys_at(batch: &Batch) -> impl Iterator<Item = (MessageKey, i64)> + '_ {
    batch
        .records()
        .iter()
        .zip(batch.base..)
        .map(|(record, offset)| (record.message, offset))
}

impl Replica {
    /// Rebuilds memory from the files after a start: log end, epochs, producers, watermark from its
    /// checkpoint (clamped to the log).
    pub(super) fn recover(tp: Tp, env: &mut Env<'_, Kafka>) -> Self {
        let mut replica = Replica::new(tp);
        let disk = env.disk();
        let number = |file| match disk.read(&file).and_then(|records| records.front()) {
            Some(DiskRecord::LogStart(offset) | DiskRecord::HighWatermark(offset)) => *offset,
            _ => 0,
        };
        replica.start = number(FileName::LogStart(tp));
        let checkpoint = number(FileName::HighWatermark(tp));
        replica.rebuild(env);
        replica.high_watermark = checkpoint.clamp(replica.start, replica.end);
        replica.checkpointed = replica.high_watermark;
        env.note(Fact::Recovered {
            tp,
            end: replica.end,
        });
        replica
    }

    /// Reads the whole log again: after a start and after a truncation.
    fn rebuild(&mut self, env: &Env<'_, Kafka>) {
        let now = now_ms(env);
        self.producers.clear();
        self.end = self.start;
        self.segment = (0, now);
        for batch in batches(env.disk(), self.tp) {
            self.take_note(batch, now);
        }
        let synced = env.disk().synced(&FileName::Log(self.tp));
        self.flushed = env
            .disk()
            .read(&FileName::Log(self.tp))
            .and_then(|log| {
                log.get(usize::try_from(synced).unwrap_or(0))
                    .and_then(batch_of)
                    .map(|b| b.base)
            })
            .unwrap_or(self.end);
    }

    fn take_note(&mut self, batch: &Batch, now: i64) {
        self.epochs.assign(batch.epoch, batch.base);
        self.producers.record(batch, now);
        self.end = batch.next;
        if batch.rolls {
            self.segment = (0, now);
        }
        self.segment.0 += i64::from(batch.size);
    }

    /// Appends a batch that has its final offsets and epoch. Returns false when the disk is full.
    #[must_use]
    pub(super) fn append(&mut self, mut batch: Batch, env: &mut Env<'_, Kafka>) -> bool {
        let now = now_ms(env);
        let params = env
            .settings()
            .topic_params
            .get(self.tp.topic as usize)
            .cloned();
        if let Some(params) = params {
            // A segment is closed when it is full or old (segment.bytes, segment.ms).
            let full =
                self.segment.0 > 0 && self.segment.0 + i64::from(batch.size) > params.segment_bytes;
            let old = self.segment.0 > 0 && now - self.segment.1 >= params.segment_ms;
            batch.rolls = full || old || self.segment.0 == 0;
        }
        let keys: Arc<[MessageKey]> = batch.records().iter().map(|r| r.message).collect();
        let (base, epoch, count) = (batch.base, batch.epoch, i64::from(batch.count()));
        let rolled = batch.rolls && self.segment.0 > 0;
        let batch = Arc::new(batch);
        let file = FileName::Log(self.tp);
        let before = env.disk().len(&file);
        if !env.append(&file, DiskRecord::Batch(batch.clone())) {
            return false;
        }
        if rolled && before > 0 {
            // The closed segment is synced asynchronously (reference 2.12).
            env.sync(&file, 0);
        }
        self.take_note(&batch, now);
        self.unflushed += count;
        env.note(Fact::Appended {
            tp: self.tp,
            base,
            epoch,
            keys,
        });
        true
    }

    /// Cuts the log back to `offset`: whole batches at or above it go (reference 2.10).
    pub(super) fn truncate(&mut self, offset: i64, env: &mut Env<'_, Kafka>) {
        if offset >= self.end {
            // Nothing to cut, but an epoch in which this broker led and appended nothing may stand at the
            // end of the cache; it would be reported as diverging for ever (`UnifiedLog.truncateTo`).
            self.epochs.truncate(self.end);
            return;
        }
        let file = FileName::Log(self.tp);
        let Some(log) = env.disk().read(&file) else {
            return;
        };
        let keep = index_of(log, offset);
        let gone: Arc<[(MessageKey, i64)]> = (keep..log.len())
            .filter_map(|at| batch_of(&log[at]))
            .flat_map(|b| keys_at(b).collect::<Vec<_>>())
            .collect();
        env.truncate(&file, keep as u64);
        self.epochs.truncate(offset);
        self.rebuild(env);
        self.high_watermark = self.high_watermark.min(self.end);
        self.cleaned = self.cleaned.min(self.end);
        env.note(Fact::Truncated {
            tp: self.tp,
            to: self.end,
            keys: gone,
        });
    }

    /// Deletes everything and begins again at `offset` (`truncateFullyAndStartAt`).
    pub(super) fn restart_at(&mut self, offset: i64, env: &mut Env<'_, Kafka>) {
        let file = FileName::Log(self.tp);
        let gone: Arc<[(MessageKey, i64)]> = batches(env.disk(), self.tp)
            .flat_map(|b| keys_at(b).collect::<Vec<_>>())
            .collect();
        env.truncate(&file, 0);
        env.replace(
            &FileName::LogStart(self.tp),
            vec![DiskRecord::LogStart(offset)],
        );
        self.start = offset;
        self.epochs.truncate(0);
        self.rebuild(env);
        self.high_watermark = offset;
        env.note(Fact::Deleted {
            tp: self.tp,
            start: offset,
            keys: gone,
        });
    }

    /// Deletes the batches below `offset`, which begins a batch: a deleted segment, or records that an
    /// administrator or the leader's log start removed.
    pub(super) fn delete_before(&mut self, offset: i64, env: &mut Env<'_, Kafka>) {
        let offset = offset.min(self.end);
        if offset <= self.start {
            return;
        }
        let file = FileName::Log(self.tp);
        let whole = env
            .disk()
            .read(&file)
            .map_or(0, |log| index_of(log, offset));
        let gone: Arc<[(MessageKey, i64)]> = batches(env.disk(), self.tp)
            .take(whole)
            .flat_map(|b| keys_at(b).collect::<Vec<_>>())
            .collect();
        env.drop_front(&file, whole as u64);
        env.replace(
            &FileName::LogStart(self.tp),
            vec![DiskRecord::LogStart(offset)],
        );
        self.start = offset;
        self.epochs.advance_start(offset);
        self.high_watermark = self.high_watermark.max(offset);
        env.note(Fact::Deleted {
            tp: self.tp,
            start: offset,
            keys: gone,
        });
    }
}
