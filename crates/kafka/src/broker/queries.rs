//! Requests that only look: metadata, offsets, epochs, coordinators, descriptions; and producer ids
//! (`KafkaApis`).

use super::{Broker, log};
use crate::errors::Code;
use crate::messages::{Answer, Ask, LeaderInfo, OffsetSpec};
use crate::records::Tp;
use crate::system::Kafka;
use ackscope_kernel::{Env, SeatId};

impl Broker {
    pub(super) fn query(
        &mut self,
        from: SeatId,
        ask: Ask,
        env: &mut Env<'_, Kafka>,
    ) -> Option<Answer> {
        match ask {
            Ask::Metadata { topics } => Some(self.metadata(&topics)),
            Ask::InitProducerId => Some(self.init_producer_id(env)),
            Ask::ListOffsets {
                tp,
                spec,
                leader_epoch,
            } => Some(self.list_offsets(from, tp, spec, leader_epoch, env)),
            Ask::EpochEnd {
                tp,
                epoch,
                leader_epoch,
            } => Some(self.epoch_end(tp, epoch, leader_epoch)),
            Ask::FindCoordinator { group } => Some(self.find_coordinator(&group, env)),
            Ask::Describe { tp } => Some(Answer::Describe {
                tp,
                state: self.image.partitions.get(&tp).cloned(),
            }),
            _ => None,
        }
    }

    /// A leader that clients may use: its broker is unfenced in this broker's image.
    fn usable(&self, leader: Option<SeatId>) -> Option<SeatId> {
        leader.filter(|seat| self.image.brokers.get(seat).is_some_and(|b| !b.fenced))
    }

    fn metadata(&self, topics: &[u16]) -> Answer {
        let brokers = self
            .image
            .brokers
            .iter()
            .filter(|(_, b)| !b.fenced)
            .map(|(seat, _)| *seat)
            .collect();
        let wanted =
            |tp: &Tp| topics.contains(&tp.topic) && self.image.topics.contains_key(&tp.topic);
        let partitions: Vec<_> = self
            .image
            .partitions
            .iter()
            .filter(|(tp, _)| wanted(tp))
            .map(|(tp, p)| {
                (
                    *tp,
                    LeaderInfo {
                        leader: self.usable(p.leader),
                        epoch: p.leader_epoch,
                    },
                )
            })
            .collect();
        let count = |topic: u16| {
            partitions
                .iter()
                .filter(|(tp, _)| tp.topic == topic)
                .count()
        };
        let topics = topics
            .iter()
            .filter(|t| self.image.topics.contains_key(t))
            .map(|t| (*t, u16::try_from(count(*t)).unwrap_or(u16::MAX)))
            .collect();
        Answer::Metadata {
            brokers,
            topics,
            partitions,
        }
    }

    /// A new id with epoch 0 from this broker's block (reference 3.6, 2.14).
    fn init_producer_id(&mut self, env: &mut Env<'_, Kafka>) -> Answer {
        let (next, end) = self.producer_ids;
        if next < end {
            self.producer_ids.0 += 1;
            return Answer::InitProducerId {
                error: Code::None,
                producer_id: next,
                epoch: 0,
            };
        }
        self.want_producer_ids(env);
        Answer::InitProducerId {
            error: Code::CoordinatorLoadInProgress,
            producer_id: -1,
            epoch: -1,
        }
    }

    fn list_offsets(
        &self,
        from: SeatId,
        tp: Tp,
        spec: OffsetSpec,
        leader_epoch: i32,
        env: &Env<'_, Kafka>,
    ) -> Answer {
        let answer = |error, offset, leader_epoch| Answer::ListOffsets {
            tp,
            error,
            offset,
            leader_epoch,
        };
        let (replica, lead) = match self.leading(tp, leader_epoch) {
            Ok(found) => found,
            Err(error) => return answer(error, -1, -1),
        };
        match spec {
            OffsetSpec::Earliest => answer(Code::None, replica.start, replica.leader_epoch),
            // A follower asks for the log end, not for what consumers may see.
            OffsetSpec::Latest if self.image.brokers.contains_key(&from) => {
                answer(Code::None, replica.end, replica.leader_epoch)
            }
            // A fresh leader does not know yet how far the last one had come (reference 2.4).
            OffsetSpec::Latest if replica.high_watermark < lead.epoch_start => {
                answer(Code::OffsetNotAvailable, -1, -1)
            }
            OffsetSpec::Latest => answer(Code::None, replica.high_watermark, replica.leader_epoch),
            OffsetSpec::At(time) => {
                let visible =
                    log::batches(env.disk(), tp).filter(|b| b.next <= replica.high_watermark);
                let found = visible
                    .filter(|b| b.max_timestamp_ms >= time)
                    .flat_map(|b| {
                        b.records()
                            .iter()
                            .zip(b.base..)
                            .map(|(r, at)| (r.timestamp_ms, at, b.epoch))
                    })
                    .find(|(stamp, _, _)| *stamp >= time);
                found.map_or_else(
                    || answer(Code::None, -1, -1),
                    |(_, at, epoch)| answer(Code::None, at, epoch),
                )
            }
        }
    }

    fn leading(&self, tp: Tp, leader_epoch: i32) -> Result<(&super::Replica, &super::Lead), Code> {
        let replica = self.replica(tp).filter(|r| r.known).ok_or_else(|| {
            let known = self.image.partitions.contains_key(&tp);
            if known {
                Code::NotLeaderOrFollower
            } else {
                Code::UnknownTopicOrPartition
            }
        })?;
        if leader_epoch >= 0 && leader_epoch < replica.leader_epoch {
            return Err(Code::FencedLeaderEpoch);
        }
        if leader_epoch > replica.leader_epoch {
            return Err(Code::UnknownLeaderEpoch);
        }
        let lead = replica.lead.as_ref().ok_or(Code::NotLeaderOrFollower)?;
        Ok((replica, lead))
    }

    /// `OffsetsForLeaderEpoch` (KIP-320).
    fn epoch_end(&self, tp: Tp, epoch: i32, leader_epoch: i32) -> Answer {
        let answer = |error, epoch, end| Answer::EpochEnd {
            tp,
            error,
            epoch,
            end,
        };
        match self.leading(tp, leader_epoch) {
            Err(error) => answer(error, -1, -1),
            Ok((replica, _)) => match replica.epochs.end_of(epoch, replica.end) {
                Some((epoch, end)) => answer(Code::None, epoch, end),
                None => answer(Code::None, -1, -1),
            },
        }
    }

    fn find_coordinator(&self, group: &str, env: &Env<'_, Kafka>) -> Answer {
        let tp = env.settings().offsets_partition(group);
        let leader = self.usable(self.image.partitions.get(&tp).and_then(|p| p.leader));
        match leader {
            Some(broker) => Answer::Coordinator {
                error: Code::None,
                broker: Some(broker),
            },
            None => Answer::Coordinator {
                error: Code::CoordinatorNotAvailable,
                broker: None,
            },
        }
    }
}
