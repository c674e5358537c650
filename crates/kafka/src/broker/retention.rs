//! Deleting old segments, and forgetting idle producers (`LogManager.cleanupLogs`,
//! `UnifiedLog.deleteOldSegments`; reference 1.4, S39, S25).

use super::{Broker, log};
use crate::records::Tp;
use crate::system::{Kafka, Timer};
use ackscope_kernel::{Env, Span};

/// A segment: first offset, offset after its last record, greatest timestamp, bytes.
#[derive(Clone, Copy, Debug)]
struct Segment {
    next: i64,
    max_timestamp_ms: i64,
    bytes: i64,
}

impl Broker {
    /// Deletes the segments that retention.ms or retention.bytes gives up, on leaders and followers
    /// alike, never beyond the watermark.
    pub(super) fn retain(&mut self, env: &mut Env<'_, Kafka>) {
        let now = log::now_ms(env);
        let Some(params) = env.settings().brokers.get(&env.me()) else {
            return;
        };
        let interval = Span::ms(params.log_retention_check_interval_ms);
        let expiration = params.producer_id_expiration_ms;
        let tps: Vec<Tp> = self.replicas.keys().copied().collect();
        for tp in tps {
            if let Some(offset) = self.give_up_before(tp, now, env)
                && let Some(replica) = self.replica_mut(tp)
            {
                replica.delete_before(offset, env);
            }
            if let Some(replica) = self.replica_mut(tp) {
                replica.producers.expire(now, expiration);
            }
        }
        env.arm_in(Timer::Retention, interval);
    }

    /// The offset before which a replica's segments are given up now.
    fn give_up_before(&self, tp: Tp, now: i64, env: &Env<'_, Kafka>) -> Option<i64> {
        let params = self.image.topics.get(&tp.topic)?;
        if !params.cleanup_policy.delete {
            return None;
        }
        let replica = self.replica(tp)?;
        let mut segments: Vec<Segment> = Vec::new();
        for batch in log::batches(env.disk(), tp) {
            match segments.last_mut() {
                Some(segment) if !batch.rolls => {
                    segment.next = batch.next;
                    segment.max_timestamp_ms = segment.max_timestamp_ms.max(batch.max_timestamp_ms);
                    segment.bytes += i64::from(batch.size);
                }
                _ => segments.push(Segment {
                    next: batch.next,
                    max_timestamp_ms: batch.max_timestamp_ms,
                    bytes: i64::from(batch.size),
                }),
            }
        }
        let mut before = None;
        let mut too_much = segments.iter().map(|s| s.bytes).sum::<i64>() - params.retention_bytes;
        for segment in &segments {
            let old =
                params.retention_ms >= 0 && now - segment.max_timestamp_ms > params.retention_ms;
            let over = params.retention_bytes >= 0 && too_much >= segment.bytes;
            // Nothing above the watermark goes; segments go from the oldest on, without a gap.
            if segment.next > replica.high_watermark || !(old || over) {
                break;
            }
            too_much -= segment.bytes;
            before = Some(segment.next);
        }
        before
    }
}
