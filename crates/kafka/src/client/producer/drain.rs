//! What may be sent when (`RecordAccumulator.ready`, `drainBatchesForOneNode`; reference 3.1).

use super::accumulator::{Accumulator, Leaders, Part};
use super::sequences::{Idempotence, tracked};
use crate::records::{Batch, Tp};
use ackscope_kernel::SortedSet;
use ackscope_kernel::{SeatId, Time};
use std::sync::Arc;

/// What is ready to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ready {
    /// Brokers for which a batch is ready.
    pub(super) nodes: SortedSet<SeatId>,
    /// When to look again.
    pub(super) next: Option<Time>,
    /// There are batches for partitions without a known leader.
    pub(super) leaderless: bool,
}

/// A batch that goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drained {
    pub(super) tp: Tp,
    pub(super) id: u64,
    pub(super) batch: Arc<Batch>,
}

impl Part {
    /// Why idempotence lets the first batch of the queue wait (`shouldStopDrainBatchesForPartition`).
    fn must_wait(&self, idempotence: &Idempotence) -> bool {
        let Some(first) = self.queue.front() else {
            return true;
        };
        if idempotence.identity.is_none() {
            return true;
        }
        match first.stamp {
            // No new batch while older ones fly under another epoch, or while nobody knows what became
            // of an expired one.
            None => {
                let stale = self.sequences.identity != idempotence.identity;
                (stale && self.has_tracked()) || self.sequences.unresolved.is_some()
            }
            // Retries run one at a time, in order.
            Some(stamp) => {
                let first = tracked(&self.queue, &self.flying).min();
                first.is_some_and(|first| first.sequence != stamp.sequence)
            }
        }
    }
}

impl Accumulator {
    /// Which brokers can be sent something (`ready`). `exhausted`: a send() waits for memory.
    pub(super) fn ready(&mut self, leaders: &Leaders, exhausted: bool, now: Time) -> Ready {
        let mut ready = Ready::default();
        let soon = |ready: &mut Ready, at: Time| {
            ready.next = ready.next.map_or(Some(at), |n| Some(n.min(at)))
        };
        let hurry = exhausted || self.closed || self.flushes > 0;
        for (tp, part) in &mut self.parts {
            let waiting = part.queue.len();
            let Some(first) = part.queue.front_mut() else {
                continue;
            };
            let info = leaders.get(tp);
            if let Some(info) = info {
                first.notice_leader(info.epoch);
            }
            let Some(leader) = info.and_then(|info| info.leader) else {
                ready.leaderless = true;
                continue;
            };
            if part.muted || ready.nodes.contains(&leader) {
                continue;
            }
            if let Some(until) = first.backs_off_until(now) {
                soon(&mut ready, until);
                continue;
            }
            let lingered = first.waits_since + self.config.linger;
            if hurry || waiting > 1 || first.full() || now >= lingered {
                ready.nodes.insert(leader);
            } else {
                soon(&mut ready, lingered);
            }
        }
        ready
    }

    /// Takes the batches of one request: at most one of each partition that the broker leads, up to
    /// max.request.size (`drainBatchesForOneNode`). They count as in flight.
    pub(super) fn drain(&mut self, node: SeatId, leaders: &Leaders, now: Time) -> Vec<Drained> {
        let led = |tp: &Tp| {
            leaders
                .get(tp)
                .is_some_and(|info| info.leader == Some(node))
        };
        let from = self.drained_to.get(&node).copied().unwrap_or(Tp {
            topic: 0,
            partition: 0,
        });
        let mut tps: Vec<Tp> = self
            .parts
            .range(from..)
            .map(|(tp, _)| *tp)
            .filter(led)
            .collect();
        tps.extend(self.parts.range(..from).map(|(tp, _)| *tp).filter(led));
        let mut drained = Vec::with_capacity(1);
        let mut size = 0;
        for tp in tps {
            self.drained_to.insert(node, tp);
            let Some(part) = self.parts.get_mut(&tp) else {
                continue;
            };
            if part.muted {
                continue;
            }
            let Some(first) = part.queue.front_mut() else {
                continue;
            };
            first.notice_leader(leaders.get(&tp).map_or(-1, |info| info.epoch));
            if first.backs_off_until(now).is_some() {
                continue;
            }
            let bytes = first.size();
            if size + bytes > self.config.max_request_size && !drained.is_empty() {
                break;
            }
            if self.config.idempotent && part.must_wait(&self.idempotence) {
                break;
            }
            let Some(mut batch) = part.queue.pop_front() else {
                continue;
            };
            if let Some(identity) = self.idempotence.identity
                && batch.stamp.is_none()
            {
                if part.sequences.identity != Some(identity) {
                    // Nothing of the old identity is left (`must_wait`).
                    part.start_at_beginning(Some(identity));
                }
                batch.stamp = Some(part.sequences.stamp(identity, batch.count()));
            }
            size += bytes;
            drained.push(Drained {
                tp,
                id: batch.id,
                batch: batch.seal(),
            });
            part.flying.push_back(batch);
            part.muted = self.config.mutes();
        }
        drained
    }
}
