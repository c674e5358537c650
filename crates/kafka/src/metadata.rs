//! The cluster metadata log and the image that everybody builds from it: the controller writes it,
//! brokers replay it, each at its own pace. A broker that is cut off keeps its old image.

use crate::params::TopicParams;
use crate::records::Tp;
use ackscope_kernel::SeatId;
use ackscope_kernel::SortedMap;
use borsh::BorshSerialize;
use std::sync::Arc;

/// A record of the metadata log. Records of one batch are applied together.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum MetaRecord {
    /// A broker registered; its epoch is the offset of this batch. It begins fenced.
    RegisterBroker {
        /// The broker.
        broker: SeatId,
        /// Tells incarnations of the process apart.
        incarnation: u32,
    },
    /// A broker was fenced or unfenced, or began its controlled shutdown.
    BrokerChange {
        /// The broker.
        broker: SeatId,
        /// Whether it may lead and join ISRs.
        fenced: bool,
        /// It is on its way out.
        shutting_down: bool,
    },
    /// A topic exists, or has these settings now.
    Topic {
        /// Its number.
        topic: u16,
        /// Its settings.
        params: Arc<TopicParams>,
    },
    /// A topic is gone.
    RemoveTopic(u16),
    /// The state of a partition.
    Partition(Tp, Arc<PartitionState>),
    /// The next block of producer ids begins here.
    ProducerIds(i64),
}

/// What the controller knows about a partition (reference 2.1).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct PartitionState {
    /// Replicas in assignment order; the first is the preferred leader.
    pub replicas: Vec<SeatId>,
    /// In-sync replicas, in assignment order.
    pub isr: Vec<SeatId>,
    /// Eligible leader replicas (KIP-966).
    pub elr: Vec<SeatId>,
    /// Last known leader (stored as lastKnownElr).
    pub last_known_elr: Vec<SeatId>,
    /// The leader, if there is one.
    pub leader: Option<SeatId>,
    /// Raised by each change of leader.
    pub leader_epoch: i32,
    /// Raised by each change.
    pub partition_epoch: i32,
    /// Elected unclean, not yet confirmed by its leader (KIP-704).
    pub recovering: bool,
}

/// A registered broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Registration {
    /// Metadata offset of the registration.
    pub epoch: i64,
    /// Which incarnation of the process registered.
    pub incarnation: u32,
    /// May neither lead nor join an ISR, and clients do not see it.
    pub fenced: bool,
    /// Is in its controlled shutdown.
    pub shutting_down: bool,
}

impl Registration {
    /// May lead and be in an ISR.
    #[must_use]
    pub fn active(&self) -> bool {
        !self.fenced && !self.shutting_down
    }
}

/// All that the metadata log says up to an offset.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Image {
    /// Number of batches applied.
    pub offset: i64,
    /// Registered brokers.
    pub brokers: SortedMap<SeatId, Registration>,
    /// Topics and their settings.
    pub topics: SortedMap<u16, Arc<TopicParams>>,
    /// Partitions.
    pub partitions: SortedMap<Tp, Arc<PartitionState>>,
    /// Where the next block of producer ids begins.
    pub next_producer_id: i64,
}

impl Image {
    /// Applies the next batch.
    pub fn apply(&mut self, batch: &[MetaRecord]) {
        for record in batch {
            match record {
                MetaRecord::RegisterBroker {
                    broker,
                    incarnation,
                } => {
                    let registration = Registration {
                        epoch: self.offset,
                        incarnation: *incarnation,
                        fenced: true,
                        shutting_down: false,
                    };
                    self.brokers.insert(*broker, registration);
                }
                MetaRecord::BrokerChange {
                    broker,
                    fenced,
                    shutting_down,
                } => {
                    if let Some(registration) = self.brokers.get_mut(broker) {
                        registration.fenced = *fenced;
                        registration.shutting_down = *shutting_down;
                    }
                }
                MetaRecord::Topic { topic, params } => {
                    self.topics.insert(*topic, params.clone());
                }
                MetaRecord::RemoveTopic(topic) => {
                    self.topics.remove(topic);
                    self.partitions.retain(|tp, _| tp.topic != *topic);
                }
                MetaRecord::Partition(tp, state) => {
                    self.partitions.insert(*tp, state.clone());
                }
                MetaRecord::ProducerIds(next) => self.next_producer_id = *next,
            }
        }
        self.offset += 1;
    }

    /// Whether a broker may lead and be in an ISR.
    #[must_use]
    pub fn active(&self, broker: SeatId) -> bool {
        self.brokers.get(&broker).is_some_and(Registration::active)
    }

    /// min.insync.replicas of a partition, at most the number of its replicas (reference 1.10).
    #[must_use]
    pub fn effective_min_isr(&self, tp: Tp) -> usize {
        let wanted = self
            .topics
            .get(&tp.topic)
            .map_or(1, |p| p.min_insync_replicas);
        let replicas = self.partitions.get(&tp).map_or(1, |p| p.replicas.len());
        usize::try_from(wanted)
            .unwrap_or(1)
            .clamp(1, replicas.max(1))
    }
}
