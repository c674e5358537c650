//! The active controller: it alone writes the metadata log. Brokers replay that log; leaders ask it for
//! ISR changes; it fences brokers that it does not hear of and elects leaders.
//!
//! One controller leads a quorum of one. Its log is synced before anything that follows from it is told
//! (reference 2.12), so a restart loses nothing; it begins with fresh sessions (2.11).

pub mod election;
mod liveness;
mod partitions;

use crate::errors::Code;
use crate::facts::Fact;
use crate::messages::{Answer, Ask, Msg};
use crate::metadata::{Image, MetaRecord};
use crate::records::{DiskRecord, FileName};
use crate::system::{Kafka, Order, Timer};
use ackscope_kernel::SortedMap;
use ackscope_kernel::{ConnId, Env, Input, SeatId, Span, Time};
use borsh::BorshSerialize;
use std::sync::Arc;

/// How long the controller parks a metadata fetch (KafkaRaftClient: 500 ms; with no-op records every
/// metadata.max.idle.interval.ms nothing waits longer).
const METADATA_WAIT: Span = Span(500_000);

/// What the controller remembers of a broker's heartbeats; not in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
struct Session {
    last_contact: Time,
    /// Metadata batches that the broker has applied.
    applied: i64,
    /// Metadata offset at which its controlled shutdown was decided.
    shutdown_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
struct ParkedFetch {
    conn: ConnId,
    corr: u32,
    offset: i64,
}

/// The controller process.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Controller {
    image: Arc<Image>,
    sessions: SortedMap<SeatId, Session>,
    parked: SortedMap<SeatId, ParkedFetch>,
}

impl Controller {
    /// Reads the metadata log and starts the periodic checks.
    pub fn boot(env: &mut Env<'_, Kafka>) -> Self {
        let mut image = Image::default();
        if let Some(log) = env.disk().read(&FileName::Metadata) {
            for record in log.iter() {
                if let DiskRecord::Metadata(batch) = record {
                    image.apply(batch);
                }
            }
        }
        // A new active controller gives every broker a whole session (reference 2.11).
        let session = Session {
            last_contact: env.now(),
            applied: 0,
            shutdown_at: None,
        };
        let sessions = image
            .brokers
            .keys()
            .map(|broker| (*broker, session))
            .collect();
        let controller = Controller {
            image: Arc::new(image),
            sessions,
            parked: SortedMap::new(),
        };
        controller.arm_scans(env);
        controller
    }

    /// The metadata as of now.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// When a broker is fenced if nothing is heard of it.
    #[must_use]
    pub fn session_end(&self, broker: SeatId, session: Span) -> Option<Time> {
        self.sessions.get(&broker).map(|s| s.last_contact + session)
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input<Kafka>, env: &mut Env<'_, Kafka>) {
        match input {
            Input::Message {
                conn,
                from,
                message: Msg::Ask { corr, ask },
            } => {
                if let Some(answer) = self.asked(conn, corr, from, ask, env) {
                    env.send(conn, Msg::Answer { corr, answer });
                }
            }
            Input::Timer(Timer::SessionScan) => self.scan_sessions(env),
            Input::Timer(Timer::Balance) => self.balance(env),
            Input::Timer(Timer::UncleanScan) => self.scan_leaderless(env),
            Input::Timer(Timer::MetadataPark(broker)) => {
                if let Some(parked) = self.parked.remove(&broker) {
                    let answer = Answer::MetadataFetch {
                        from: parked.offset,
                        batches: Vec::new(),
                    };
                    env.send(
                        parked.conn,
                        Msg::Answer {
                            corr: parked.corr,
                            answer,
                        },
                    );
                }
            }
            Input::Order(Order::CreateTopics(topics)) => self.create_topics(&topics, env),
            Input::Closed(conn, _) => {
                self.parked.retain(|_, parked| parked.conn != conn);
                env.close(conn);
            }
            Input::Shutdown => env.exit(),
            _ => {}
        }
    }

    fn asked(
        &mut self,
        conn: ConnId,
        corr: u32,
        from: SeatId,
        ask: Ask,
        env: &mut Env<'_, Kafka>,
    ) -> Option<Answer> {
        match ask {
            Ask::Register {
                incarnation,
                clean_epoch,
            } => Some(self.register(from, incarnation, clean_epoch, env)),
            Ask::BrokerHeartbeat {
                epoch,
                offset,
                want_fence,
                want_shutdown,
            } => {
                let wants = liveness::Wants {
                    fence: want_fence,
                    shutdown: want_shutdown,
                };
                Some(self.heartbeat(from, epoch, offset, wants, env))
            }
            Ask::AlterPartition {
                broker_epoch,
                tp,
                leader_epoch,
                partition_epoch,
                isr,
            } => {
                let change = partitions::IsrChange {
                    broker_epoch,
                    tp,
                    leader_epoch,
                    partition_epoch,
                    isr,
                };
                Some(self.alter_partition(from, change, env))
            }
            Ask::MetadataFetch { offset } => self.metadata_fetch(conn, corr, from, offset, env),
            Ask::AllocateProducerIds => {
                // A block of 1000 ids (ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE).
                let (first, count) = (self.image.next_producer_id, 1000);
                self.write(vec![MetaRecord::ProducerIds(first + count)], env);
                Some(Answer::ProducerIds { first, count })
            }
            _ => None,
        }
    }

    fn metadata_fetch(
        &mut self,
        conn: ConnId,
        corr: u32,
        from: SeatId,
        offset: i64,
        env: &mut Env<'_, Kafka>,
    ) -> Option<Answer> {
        if offset < self.image.offset {
            return Some(Answer::MetadataFetch {
                from: offset,
                batches: batches_from(offset, env),
            });
        }
        self.parked.insert(from, ParkedFetch { conn, corr, offset });
        env.arm_in(Timer::MetadataPark(from), METADATA_WAIT);
        None
    }

    /// Appends a batch to the metadata log, syncs it, applies it, and answers who waits for it.
    fn write(&mut self, records: Vec<MetaRecord>, env: &mut Env<'_, Kafka>) {
        if records.is_empty() {
            return;
        }
        let batch: Arc<[MetaRecord]> = records.into();
        if !env.append(&FileName::Metadata, DiskRecord::Metadata(batch.clone())) {
            // A controller that cannot write its log halts (FaultHandler: fatal).
            env.exit();
            return;
        }
        env.sync_now(&FileName::Metadata);
        Arc::make_mut(&mut self.image).apply(&batch);
        for (broker, parked) in std::mem::take(&mut self.parked) {
            env.disarm(Timer::MetadataPark(broker));
            let batches = batches_from(parked.offset, env);
            let answer = Answer::MetadataFetch {
                from: parked.offset,
                batches,
            };
            env.send(
                parked.conn,
                Msg::Answer {
                    corr: parked.corr,
                    answer,
                },
            );
        }
    }

    fn create_topics(&mut self, topics: &[u16], env: &mut Env<'_, Kafka>) {
        let mut records = Vec::new();
        for topic in topics {
            if self.image.topics.contains_key(topic) {
                continue;
            }
            let settings = env.settings();
            let (Some(def), Some(params)) = (
                settings.topics.get(*topic as usize),
                settings.topic_params.get(*topic as usize),
            ) else {
                continue;
            };
            records.push(MetaRecord::Topic {
                topic: *topic,
                params: params.clone(),
            });
            records.extend(partitions::new_partitions(*topic, def, &self.image));
            env.note(Fact::TopicCreated { topic: *topic });
        }
        self.write(records, env);
    }
}

fn batches_from(offset: i64, env: &Env<'_, Kafka>) -> Vec<Arc<[MetaRecord]>> {
    let skip = usize::try_from(offset).unwrap_or(0);
    env.disk()
        .read(&FileName::Metadata)
        .map_or_else(Vec::new, |log| {
            let batch = |record: &DiskRecord| match record {
                DiskRecord::Metadata(batch) => Some(batch.clone()),
                _ => None,
            };
            log.iter().skip(skip).filter_map(batch).collect()
        })
}

/// The answer to a broker that names a stale epoch.
fn stale_heartbeat() -> Answer {
    Answer::BrokerHeartbeat {
        error: Code::StaleBrokerEpoch,
        fenced: true,
        should_shut_down: false,
    }
}
