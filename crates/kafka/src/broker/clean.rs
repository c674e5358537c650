//! Compaction: of the records of a key, closed segments keep the last (`LogCleaner`, `Cleaner`;
//! reference 1.4). Offsets stay, with gaps. The offsets topic is not compacted: its coordinator reads
//! the whole log, and only the last record of a key counts there anyway.

use super::{Broker, log};
use crate::facts::Fact;
use crate::records::{
    Batch, DiskRecord, FileName, OFFSETS_TOPIC, Payload, Record, Tp, increment_sequence,
};
use crate::system::{Kafka, Timer};
use ackscope_kernel::SortedMap;
use ackscope_kernel::{Env, MessageKey, Span};
use std::sync::Arc;

impl Broker {
    /// Compacts every log that has enough to compact (each log.cleaner.backoff.ms).
    pub(super) fn clean(&mut self, env: &mut Env<'_, Kafka>) {
        let tps: Vec<Tp> = self
            .replicas
            .keys()
            .copied()
            .filter(|tp| tp.topic != OFFSETS_TOPIC)
            .collect();
        for tp in tps {
            self.clean_log(tp, env);
        }
        let backoff = env
            .settings()
            .brokers
            .get(&env.me())
            .map_or(15_000, |p| p.log_cleaner_backoff_ms);
        env.arm_in(Timer::Clean, Span::ms(backoff));
    }

    fn clean_log(&mut self, tp: Tp, env: &mut Env<'_, Kafka>) -> Option<()> {
        let params = self.image.topics.get(&tp.topic)?.clone();
        if !params.cleanup_policy.compact {
            return None;
        }
        let replica = self.replica(tp)?;
        let now = log::now_ms(env);
        let young = |batch: &Batch| now - batch.max_timestamp_ms < params.min_compaction_lag_ms;
        // Neither the active segment nor anything above the watermark is compacted.
        let all: Vec<Arc<Batch>> = log::batches(env.disk(), tp).cloned().collect();
        let active = all.iter().rposition(|batch| batch.rolls)?;
        let watermark = replica.high_watermark;
        let closed: Vec<_> = all[..active]
            .iter()
            .take_while(|b| b.next <= watermark && !young(b))
            .cloned()
            .collect();
        let end = closed.last()?.next;
        let bytes = |dirty: bool| -> u64 {
            closed
                .iter()
                .filter(|b| (b.base >= replica.cleaned) == dirty)
                .map(|b| u64::from(b.size))
                .sum()
        };
        let (dirty, clean) = (bytes(true), bytes(false));
        if dirty == 0
            || dirty * 1_000_000 < (dirty + clean) * u64::from(params.min_cleanable_dirty_ratio.0)
        {
            return None;
        }
        let mut last: SortedMap<u64, i64> = SortedMap::new();
        for (record, offset) in closed.iter().flat_map(|b| b.records().iter().zip(b.base..)) {
            if let Some(key) = record.key {
                last.insert(key, offset);
            }
        }
        let keep = |record: &Record, offset: i64| {
            record.key.is_none_or(|key| last.get(&key) == Some(&offset))
        };
        let kept = closed.iter().flat_map(|batch| without(batch, &keep));
        let records: Vec<DiskRecord> = kept
            .map(|batch| DiskRecord::Batch(Arc::new(batch)))
            .collect();
        let gone: Arc<[(MessageKey, i64)]> = closed
            .iter()
            .flat_map(|b| b.records().iter().zip(b.base..))
            .filter(|(record, offset)| !keep(record, *offset))
            .map(|(record, offset)| (record.message, offset))
            .collect();
        env.replace_front(&FileName::Log(tp), closed.len() as u64, records);
        let replica = self.replica_mut(tp)?;
        replica.cleaned = end;
        let start = replica.start;
        if !gone.is_empty() {
            env.note(Fact::Deleted {
                tp,
                start,
                keys: gone,
            });
        }
        Some(())
    }
}

/// What is left of a batch: one batch for each run of records that stay, so that offsets stay too.
fn without(batch: &Batch, keep: &dyn Fn(&Record, i64) -> bool) -> Vec<Batch> {
    let mut runs: Vec<Batch> = Vec::new();
    let mut records: Vec<Record> = Vec::new();
    let total = u32::try_from(batch.records().len()).unwrap_or(1).max(1);
    let mut close = |records: &mut Vec<Record>, next: i64| {
        let count = i64::try_from(records.len()).unwrap_or(0);
        if count == 0 {
            return;
        }
        let base = next - count;
        let skipped = i32::try_from(base - batch.base).unwrap_or(0);
        let sequence = if batch.sequence < 0 {
            -1
        } else {
            increment_sequence(batch.sequence, skipped)
        };
        let size = batch.size / total * u32::try_from(count).unwrap_or(1);
        let rolls = batch.rolls && runs.is_empty();
        let payload = Payload::Data(std::mem::take(records).into());
        runs.push(Batch {
            base,
            next,
            sequence,
            size,
            rolls,
            payload,
            ..batch.clone()
        });
    };
    for (record, offset) in batch.records().iter().zip(batch.base..) {
        if keep(record, offset) {
            records.push(*record);
        } else {
            close(&mut records, offset);
        }
    }
    close(&mut records, batch.next);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackscope_kernel::SeatId;

    #[test]
    fn offsets_and_sequences_of_what_stays_are_kept() {
        let record = |number| Record {
            message: MessageKey {
                origin: SeatId(9),
                number,
            },
            attempt: 0,
            size: 10,
            timestamp_ms: 0,
            key: Some(u64::from(number)),
        };
        let batch = Batch {
            base: 10,
            next: 15,
            epoch: 2,
            producer_id: 1,
            producer_epoch: 0,
            sequence: 100,
            max_timestamp_ms: 0,
            size: 500,
            rolls: true,
            payload: Payload::Data((0..5).map(record).collect()),
        };
        let left = without(&batch, &|_, offset| offset != 10 && offset != 13);
        let spans: Vec<_> = left
            .iter()
            .map(|b| (b.base, b.next, b.sequence, b.rolls))
            .collect();
        assert_eq!(spans, [(11, 13, 101, true), (14, 15, 104, false)]);
        assert_eq!(left[1].records()[0].message.number, 4);
        assert!(without(&batch, &|_, _| false).is_empty());
    }
}
