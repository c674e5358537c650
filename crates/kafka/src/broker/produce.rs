//! Produce requests: checks, append, and the purgatory of those that wait for the in-sync replicas
//! (`ReplicaManager.appendRecords`, `DelayedProduce`; reference 2.2, 2.3).

use super::producers::Verdict;
use super::{Broker, log};
use crate::errors::Code;
use crate::facts::Fact;
use crate::messages::{Answer, LeaderInfo, ProduceResult};
use crate::mutant::Mutant;
use crate::params::TopicParams;
use crate::records::{Batch, FileName, Payload, Tp};
use crate::system::{Kafka, Timer};
use ackscope_kernel::{Causes, ConnId, EntryId, Env, MessageKey, Span};
use borsh::BorshSerialize;
use std::sync::Arc;

/// A produce request that waits.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Parked {
    conn: ConnId,
    corr: u32,
    acks: i8,
    parts: Vec<Part>,
    entry: EntryId,
}

/// One partition of a waiting request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
struct Part {
    result: ProduceResult,
    /// The offset that the watermark must reach.
    next: i64,
    /// Still waits.
    open: bool,
}

fn keys(batch: &Batch) -> Arc<[MessageKey]> {
    batch.records().iter().map(|r| r.message).collect()
}

impl Broker {
    pub(super) fn produce(
        &mut self,
        conn: ConnId,
        corr: u32,
        acks: i8,
        timeout_ms: i64,
        batches: Vec<(Tp, Arc<Batch>)>,
        env: &mut Env<'_, Kafka>,
    ) {
        let parts: Vec<Part> = batches
            .into_iter()
            .map(|(tp, batch)| self.produce_one(tp, &batch, acks, env))
            .collect();
        if acks == 0 {
            if parts.iter().any(|p| p.result.error != Code::None) {
                // The only way to tell a producer that does not listen (reference 2.2, 9).
                env.close(conn);
            }
            return;
        }
        let parked = Parked {
            conn,
            corr,
            acks,
            parts,
            entry: env.entry(),
        };
        if parked.parts.iter().any(|p| p.open) {
            env.read(conn, false);
            let id = self.park_number();
            for part in parked.parts.iter().filter(|p| p.open) {
                env.note(Fact::Parked {
                    tp: part.result.tp,
                    next: part.next,
                });
                self.moved.insert(part.result.tp);
            }
            self.produces.insert(id, parked);
            env.arm_in(Timer::ProducePark(id), Span::ms(timeout_ms));
        } else {
            let results = parked.parts.iter().map(|p| p.result).collect();
            self.answer(conn, corr, Answer::Produce(results), Causes::NONE, env);
        }
    }

    fn produce_one(
        &mut self,
        tp: Tp,
        batch: &Arc<Batch>,
        acks: i8,
        env: &mut Env<'_, Kafka>,
    ) -> Part {
        let refused = |error, leader| Part {
            result: ProduceResult {
                tp,
                error,
                base: -1,
                log_start: -1,
                leader,
            },
            next: -1,
            open: false,
        };
        match self.check_and_append(tp, batch, acks, env) {
            Ok((base, next)) => {
                let Some(replica) = self.replica(tp) else {
                    return refused(Code::KafkaStorageError, None);
                };
                let log_start = replica.start;
                // acks=1 waits for nothing but a sync that a flush setting asks for.
                let waits = acks == -1 && !env.settings().planted(Mutant::EarlyAck);
                let open = waits || self.sync_pending(tp, next);
                Part {
                    result: ProduceResult {
                        tp,
                        error: Code::None,
                        base,
                        log_start,
                        leader: None,
                    },
                    next,
                    open,
                }
            }
            Err(error) => {
                env.note(Fact::ProduceRefused {
                    tp,
                    error,
                    keys: keys(batch),
                });
                let leader = (error == Code::NotLeaderOrFollower)
                    .then(|| self.leader_info(tp))
                    .flatten();
                refused(error, leader)
            }
        }
    }

    /// Steps 1 to 8 of reference 2.2: the offsets of the batch in the log, or why it is not there.
    fn check_and_append(
        &mut self,
        tp: Tp,
        batch: &Arc<Batch>,
        acks: i8,
        env: &mut Env<'_, Kafka>,
    ) -> Result<(i64, i64), Code> {
        if !matches!(acks, -1..=1) {
            return Err(Code::InvalidRequiredAcks);
        }
        let Some(replica) = self.replica(tp) else {
            let known = self.image.partitions.contains_key(&tp);
            return Err(if known {
                Code::NotLeaderOrFollower
            } else {
                Code::UnknownTopicOrPartition
            });
        };
        let Some(lead) = &replica.lead else {
            return Err(Code::NotLeaderOrFollower);
        };
        if acks == -1 && lead.isr.len() < self.image.effective_min_isr(tp) {
            return Err(Code::NotEnoughReplicas);
        }
        let topic = self.image.topics.get(&tp.topic).cloned();
        validate(batch, topic.as_deref(), log::now_ms(env))?;
        match replica.producers.check(batch) {
            Verdict::Duplicate(..) if env.settings().planted(Mutant::ForgetsDuplicates) => {
                self.append_as_leader(tp, Batch::clone(batch), env)
            }
            Verdict::Append => self.append_as_leader(tp, Batch::clone(batch), env),
            Verdict::Duplicate(base, next) => {
                env.note(Fact::DuplicateDropped {
                    tp,
                    base,
                    keys: keys(batch),
                });
                Ok((base, next))
            }
            Verdict::Refuse(error) => Err(error),
        }
    }

    /// Stamps offsets and epoch, appends, syncs when flush.messages says so, moves the watermark.
    fn append_as_leader(
        &mut self,
        tp: Tp,
        mut batch: Batch,
        env: &mut Env<'_, Kafka>,
    ) -> Result<(i64, i64), Code> {
        let count = i64::from(batch.count());
        let Some(replica) = self.replica_mut(tp) else {
            return Err(Code::UnknownTopicOrPartition);
        };
        batch.base = replica.end;
        batch.next = replica.end + count;
        batch.epoch = replica.leader_epoch;
        let offsets = (batch.base, batch.next);
        if !replica.append(batch, env) {
            // A log directory that cannot be written is taken offline; with one directory the broker halts.
            env.exit();
            return Err(Code::KafkaStorageError);
        }
        self.flush_if_due(tp, env);
        self.grown.insert(tp);
        self.advance_watermark(tp, env);
        Ok(offsets)
    }

    /// Appends a record of the group coordinator: no min-ISR check (reference 5.8).
    pub(super) fn append_internal(
        &mut self,
        tp: Tp,
        payload: Payload,
        env: &mut Env<'_, Kafka>,
    ) -> Result<i64, Code> {
        if self.replica(tp).is_none_or(|r| r.lead.is_none()) {
            return Err(Code::NotLeaderOrFollower);
        }
        let count = match &payload {
            Payload::Offsets(offsets) => offsets.len(),
            Payload::Data(_) | Payload::Group(_) => 1,
        };
        let now = log::now_ms(env);
        let batch = Batch {
            base: 0,
            next: i64::try_from(count).unwrap_or(1),
            epoch: 0,
            producer_id: -1,
            producer_epoch: -1,
            sequence: -1,
            max_timestamp_ms: now,
            size: crate::records::BATCH_OVERHEAD + 80 * u32::try_from(count).unwrap_or(1),
            rolls: false,
            payload,
        };
        self.append_as_leader(tp, batch, env).map(|(_, next)| next)
    }

    /// Whether a sync that flush.messages asked for still lies between the log and offset `next`.
    pub(super) fn sync_pending(&self, tp: Tp, next: i64) -> bool {
        let limit = self
            .image
            .topics
            .get(&tp.topic)
            .map_or(i64::MAX, |t| t.flush_messages);
        self.replica(tp)
            .is_some_and(|r| limit < i64::MAX && r.unflushed >= limit && r.flushed < next)
    }

    /// `flush.messages` unsynced records: sync now; acknowledgements and the next fetch wait for it.
    pub(super) fn flush_if_due(&mut self, tp: Tp, env: &mut Env<'_, Kafka>) {
        let limit = self
            .image
            .topics
            .get(&tp.topic)
            .map_or(i64::MAX, |t| t.flush_messages);
        let Some(replica) = self.replica_mut(tp) else {
            return;
        };
        if replica.unflushed >= limit {
            let token = u64::try_from(replica.end).unwrap_or(0);
            env.sync(&FileName::Log(tp), token);
        }
    }

    /// A sync came back: everything below its token is on the disk.
    pub(super) fn synced(&mut self, tp: Tp, token: u64, env: &mut Env<'_, Kafka>) {
        let upto = i64::try_from(token).unwrap_or(0);
        let Some(replica) = self.replica_mut(tp) else {
            return;
        };
        if upto > replica.flushed {
            replica.flushed = upto.min(replica.end);
            replica.unflushed = replica.end - replica.flushed;
            self.moved.insert(tp);
            self.start_fetchers(env);
        }
    }

    /// Ends the wait of requests on this partition, where it can end.
    pub(super) fn wake_produces(&mut self, tp: Tp, env: &mut Env<'_, Kafka>) {
        let waiting: Vec<u32> = self
            .produces
            .iter()
            .filter(|(_, p)| p.parts.iter().any(|part| part.open && part.result.tp == tp))
            .map(|(id, _)| *id)
            .collect();
        for id in waiting {
            let Some(mut parked) = self.produces.remove(&id) else {
                continue;
            };
            for part in parked
                .parts
                .iter_mut()
                .filter(|p| p.open && p.result.tp == tp)
            {
                if let Some(error) = self.outcome(part, parked.acks) {
                    part.open = false;
                    part.result.error = error;
                    if error == Code::NotLeaderOrFollower {
                        part.result.leader = self.leader_info(tp);
                    }
                }
            }
            if parked.parts.iter().any(|p| p.open) {
                self.produces.insert(id, parked);
            } else {
                env.disarm(Timer::ProducePark(id));
                let causes = self.fetch_causes(tp);
                self.answer_parked(&parked, causes, env);
            }
        }
    }

    /// `Partition.checkEnoughReplicasReachOffset`.
    fn outcome(&self, part: &Part, acks: i8) -> Option<Code> {
        let tp = part.result.tp;
        let Some(replica) = self.replica(tp) else {
            return Some(Code::UnknownTopicOrPartition);
        };
        let Some(lead) = &replica.lead else {
            return Some(Code::NotLeaderOrFollower);
        };
        if self.sync_pending(tp, part.next) {
            return None;
        }
        if acks != -1 {
            return Some(Code::None);
        }
        if replica.high_watermark < part.next {
            return None;
        }
        let enough = lead.maximal_isr().len() >= self.image.effective_min_isr(tp);
        Some(if enough {
            Code::None
        } else {
            Code::NotEnoughReplicasAfterAppend
        })
    }

    /// The producer's request.timeout.ms is over for a waiting request.
    pub(super) fn produce_over(&mut self, id: u32, env: &mut Env<'_, Kafka>) {
        let Some(mut parked) = self.produces.remove(&id) else {
            return;
        };
        for part in parked.parts.iter_mut().filter(|p| p.open) {
            part.open = false;
            part.result.error = Code::RequestTimedOut;
        }
        self.answer_parked(&parked, Causes::NONE, env);
    }

    fn answer_parked(&mut self, parked: &Parked, causes: Causes, env: &mut Env<'_, Kafka>) {
        let results = parked.parts.iter().map(|p| p.result).collect();
        let causes = Causes::one(parked.entry).and_all(causes);
        self.answer(
            parked.conn,
            parked.corr,
            Answer::Produce(results),
            causes,
            env,
        );
    }

    /// The leader that this broker knows of (KIP-951).
    pub(super) fn leader_info(&self, tp: Tp) -> Option<LeaderInfo> {
        let state = self.image.partitions.get(&tp)?;
        state.leader.map(|leader| LeaderInfo {
            leader: Some(leader),
            epoch: state.leader_epoch,
        })
    }
}

/// Step 5 of reference 2.2: size and timestamp.
fn validate(batch: &Batch, topic: Option<&TopicParams>, now_ms: i64) -> Result<(), Code> {
    let Some(topic) = topic else { return Ok(()) };
    if i64::from(batch.size) > topic.max_message_bytes {
        return Err(Code::MessageTooLarge);
    }
    // A compacted topic takes no record without a key (`LogValidator`).
    if topic.cleanup_policy.compact && batch.records().iter().any(|record| record.key.is_none()) {
        return Err(Code::InvalidRecord);
    }
    let bad = batch.records().iter().any(|record| {
        let age = now_ms.saturating_sub(record.timestamp_ms);
        age > topic.message_timestamp_before_max_ms
            || age.saturating_neg() > topic.message_timestamp_after_max_ms
    });
    if bad {
        Err(Code::InvalidTimestamp)
    } else {
        Ok(())
    }
}
