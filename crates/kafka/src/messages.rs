//! Requests and answers between clients, brokers and the controller.

use crate::errors::Code;
use crate::metadata::{MetaRecord, PartitionState};
use crate::records::{Batch, CommittedOffset, Tp};
use ackscope_kernel::{Brief, Message, SeatId};
use borsh::BorshSerialize;
use std::sync::Arc;

/// A request or the answer to one. `corr` is chosen by the asker and comes back in the answer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Msg {
    /// A request.
    Ask {
        /// Correlation id.
        corr: u32,
        /// What is asked.
        ask: Ask,
    },
    /// An answer.
    Answer {
        /// Correlation id of the request.
        corr: u32,
        /// What is answered.
        answer: Answer,
    },
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Ask {
    /// Which brokers and leaders there are.
    Metadata {
        /// Topics of interest.
        topics: Vec<u16>,
    },
    /// A producer id.
    InitProducerId,
    /// Records to append. `acks`: 0, 1 or -1.
    Produce {
        /// 0, 1 or -1.
        acks: i8,
        /// The producer's request.timeout.ms: how long the broker may park it.
        timeout_ms: i64,
        /// At most one batch per partition; offsets and epoch are the leader's to stamp.
        batches: Vec<(Tp, Arc<Batch>)>,
    },
    /// Records to read, by a consumer or by a follower.
    Fetch(FetchAsk),
    /// Where a log begins or ends, or where a time lies in it.
    ListOffsets {
        /// The partition.
        tp: Tp,
        /// What is looked for.
        spec: OffsetSpec,
        /// Leader epoch that the asker knows.
        leader_epoch: i32,
    },
    /// Where an epoch ends in the leader's log (KIP-320).
    EpochEnd {
        /// The partition.
        tp: Tp,
        /// Epoch of the asker's last record.
        epoch: i32,
        /// Leader epoch that the asker knows.
        leader_epoch: i32,
    },
    /// Who coordinates a group.
    FindCoordinator {
        /// The group.
        group: Arc<str>,
    },
    /// Join a classic group.
    JoinGroup(JoinAsk),
    /// Hand over (the group's leader) or ask for the assignment.
    SyncGroup {
        /// The group.
        group: Arc<str>,
        /// The member.
        member: u64,
        /// group.instance.id.
        instance: Option<Arc<str>>,
        /// The generation joined.
        generation: i32,
        /// From the leader: who gets what.
        assignment: Vec<(u64, Vec<Tp>)>,
    },
    /// A member is alive.
    GroupHeartbeat {
        /// The group.
        group: Arc<str>,
        /// The member.
        member: u64,
        /// group.instance.id.
        instance: Option<Arc<str>>,
        /// Its generation.
        generation: i32,
    },
    /// A member leaves.
    LeaveGroup {
        /// The group.
        group: Arc<str>,
        /// The member.
        member: u64,
    },
    /// Commit offsets. `member` is `None` for a consumer that is no member.
    OffsetCommit {
        /// The group.
        group: Arc<str>,
        /// The member and its generation.
        member: Option<(u64, i32)>,
        /// group.instance.id.
        instance: Option<Arc<str>>,
        /// What to commit: partition, next offset, leader epoch of the last record if known.
        offsets: Vec<(Tp, i64, Option<i32>)>,
    },
    /// Read committed offsets; an empty list asks for all of the group.
    OffsetFetch {
        /// The group.
        group: Arc<str>,
        /// Of which partitions.
        tps: Vec<Tp>,
    },
    /// Broker to controller: register this incarnation.
    Register {
        /// Tells incarnations apart.
        incarnation: u32,
        /// Broker epoch found in the clean-shutdown file.
        clean_epoch: Option<i64>,
    },
    /// Broker to controller: alive.
    BrokerHeartbeat {
        /// Its broker epoch.
        epoch: i64,
        /// Metadata batches it has applied.
        offset: i64,
        /// It is not ready to be unfenced.
        want_fence: bool,
        /// It asks for its controlled shutdown.
        want_shutdown: bool,
    },
    /// Leader to controller: change an ISR (KIP-497).
    AlterPartition {
        /// Broker epoch of the leader.
        broker_epoch: i64,
        /// The partition.
        tp: Tp,
        /// Leader epoch.
        leader_epoch: i32,
        /// Partition epoch that the change is based on.
        partition_epoch: i32,
        /// New ISR, each member with its broker epoch.
        isr: Vec<(SeatId, i64)>,
    },
    /// Broker to controller: metadata batches from here on, please.
    MetadataFetch {
        /// Batches already applied.
        offset: i64,
    },
    /// Broker to controller: a block of producer ids.
    AllocateProducerIds,
    /// Somebody asks a broker for the full state of a partition (DescribeTopicPartitions).
    Describe {
        /// The partition.
        tp: Tp,
    },
}

/// A fetch.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct FetchAsk {
    /// The follower and its broker epoch; `None` for a consumer.
    pub replica: Option<(SeatId, i64)>,
    /// How long the broker may wait for data, in milliseconds.
    pub max_wait_ms: i64,
    /// How many bytes the broker waits for.
    pub min_bytes: i64,
    /// How many bytes it may answer.
    pub max_bytes: i64,
    /// From where, partition by partition.
    pub parts: Vec<FetchPart>,
}

/// One partition of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct FetchPart {
    /// The partition.
    pub tp: Tp,
    /// First offset wanted.
    pub offset: i64,
    /// Epoch of the last record that the asker has; only followers name it.
    pub last_epoch: Option<i32>,
    /// Leader epoch that the asker knows.
    pub leader_epoch: i32,
}

/// What a ListOffsets request looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum OffsetSpec {
    /// The log start.
    Earliest,
    /// The high watermark.
    Latest,
    /// The first record with this timestamp (ms) or a later one.
    At(i64),
}

/// A JoinGroup request.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct JoinAsk {
    /// The group.
    pub group: Arc<str>,
    /// The member id given earlier.
    pub member: Option<u64>,
    /// group.instance.id.
    pub instance: Option<Arc<str>>,
    /// session.timeout.ms.
    pub session_ms: i64,
    /// max.poll.interval.ms, the rebalance time-out.
    pub rebalance_ms: i64,
    /// Topics it subscribes to.
    pub topics: Vec<u16>,
}

/// What can be answered.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Answer {
    /// To Metadata.
    Metadata {
        /// Brokers that clients may use.
        brokers: Vec<SeatId>,
        /// Topics that exist, of those asked for, with their number of partitions.
        topics: Vec<(u16, u16)>,
        /// Their partitions.
        partitions: Vec<(Tp, LeaderInfo)>,
    },
    /// To InitProducerId.
    InitProducerId {
        /// Error.
        error: Code,
        /// Producer id.
        producer_id: i64,
        /// Producer epoch.
        epoch: i16,
    },
    /// To Produce.
    Produce(Vec<ProduceResult>),
    /// To Fetch.
    Fetch(Vec<FetchResult>),
    /// To ListOffsets. `offset` -1: there is no such record.
    ListOffsets {
        /// The partition.
        tp: Tp,
        /// Error.
        error: Code,
        /// The offset.
        offset: i64,
        /// Leader epoch of the record at that offset.
        leader_epoch: i32,
    },
    /// To EpochEnd. Epoch and offset -1: undefined.
    EpochEnd {
        /// The partition.
        tp: Tp,
        /// Error.
        error: Code,
        /// Greatest epoch not above the one asked for.
        epoch: i32,
        /// Where it ends.
        end: i64,
    },
    /// To FindCoordinator.
    Coordinator {
        /// Error.
        error: Code,
        /// The coordinator.
        broker: Option<SeatId>,
    },
    /// To JoinGroup.
    JoinGroup {
        /// Error.
        error: Code,
        /// The member's id.
        member: u64,
        /// The generation.
        generation: i32,
        /// The member that computes the assignment.
        leader: u64,
        /// For the leader: all members and what they subscribe to, in member order.
        members: Vec<(u64, Vec<u16>)>,
    },
    /// To SyncGroup.
    SyncGroup {
        /// Error.
        error: Code,
        /// What the member owns.
        assignment: Vec<Tp>,
    },
    /// To GroupHeartbeat.
    GroupHeartbeat(Code),
    /// To LeaveGroup.
    LeaveGroup(Code),
    /// To OffsetCommit.
    OffsetCommit(Vec<(Tp, Code)>),
    /// To OffsetFetch. A partition without a commit has `offset: None`.
    OffsetFetch {
        /// Error.
        error: Code,
        /// The offsets.
        offsets: Vec<CommittedOffset>,
    },
    /// To Register.
    Register {
        /// Error.
        error: Code,
        /// The broker epoch.
        epoch: i64,
    },
    /// To BrokerHeartbeat.
    BrokerHeartbeat {
        /// Error.
        error: Code,
        /// The broker is fenced.
        fenced: bool,
        /// Its controlled shutdown may end.
        should_shut_down: bool,
    },
    /// To AlterPartition.
    AlterPartition {
        /// The partition.
        tp: Tp,
        /// Error.
        error: Code,
        /// The new state, when it was accepted.
        state: Option<Arc<PartitionState>>,
    },
    /// To MetadataFetch.
    MetadataFetch {
        /// Offset of the first batch.
        from: i64,
        /// The batches.
        batches: Vec<Arc<[MetaRecord]>>,
    },
    /// To AllocateProducerIds.
    ProducerIds {
        /// First id of the block.
        first: i64,
        /// How many.
        count: i64,
    },
    /// To Describe: the partition as this broker's image has it.
    Describe {
        /// The partition.
        tp: Tp,
        /// Its state.
        state: Option<Arc<PartitionState>>,
    },
}

/// Who leads a partition, as a client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct LeaderInfo {
    /// The leader, if there is one that clients may use.
    pub leader: Option<SeatId>,
    /// Its epoch.
    pub epoch: i32,
}

/// What became of one batch of a produce request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct ProduceResult {
    /// The partition.
    pub tp: Tp,
    /// Error.
    pub error: Code,
    /// Offset of the first record, or -1.
    pub base: i64,
    /// Log start offset of the leader.
    pub log_start: i64,
    /// The leader that the broker knows of, in answers that say it is another (KIP-951).
    pub leader: Option<LeaderInfo>,
}

/// What was read of one partition.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct FetchResult {
    /// The partition.
    pub tp: Tp,
    /// Error.
    pub error: Code,
    /// High watermark of the answering replica.
    pub high_watermark: i64,
    /// Its log start offset.
    pub log_start: i64,
    /// Where the asker's log leaves the leader's: (epoch, end offset). Then there is no data.
    pub diverging: Option<(i32, i64)>,
    /// The leader that the broker knows of, in answers that say it is another (KIP-951).
    pub leader: Option<LeaderInfo>,
    /// The batches.
    pub batches: Vec<Arc<Batch>>,
}

/// Numbers of the kinds of message, for [`Brief::kind`]. An answer's number is its request's plus 64.
pub mod kind {
    #![allow(missing_docs, reason = "each is the request of the same name")]
    pub const METADATA: u8 = 8;
    pub const INIT_PRODUCER_ID: u8 = 9;
    pub const PRODUCE: u8 = 10;
    pub const FETCH: u8 = 11;
    pub const REPLICA_FETCH: u8 = 12;
    pub const LIST_OFFSETS: u8 = 13;
    pub const EPOCH_END: u8 = 14;
    pub const FIND_COORDINATOR: u8 = 15;
    pub const JOIN_GROUP: u8 = 16;
    pub const SYNC_GROUP: u8 = 17;
    pub const GROUP_HEARTBEAT: u8 = 18;
    pub const LEAVE_GROUP: u8 = 19;
    pub const OFFSET_COMMIT: u8 = 20;
    pub const OFFSET_FETCH: u8 = 21;
    pub const REGISTER: u8 = 22;
    pub const BROKER_HEARTBEAT: u8 = 23;
    pub const ALTER_PARTITION: u8 = 24;
    pub const METADATA_FETCH: u8 = 25;
    pub const PRODUCER_IDS: u8 = 26;
    pub const DESCRIBE: u8 = 27;
    /// Added to a request's number in its answer.
    pub const ANSWER: u8 = 64;

    /// The name of a kind, as the protocol has it.
    #[must_use]
    pub fn name(kind: u8) -> &'static str {
        match kind & !ANSWER {
            0 => "SYN",
            1 => "SYN-ACK",
            2 => "FIN",
            3 => "RST",
            METADATA => "Metadata",
            INIT_PRODUCER_ID => "InitProducerId",
            PRODUCE => "Produce",
            FETCH => "Fetch",
            REPLICA_FETCH => "ReplicaFetch",
            LIST_OFFSETS => "ListOffsets",
            EPOCH_END => "OffsetForLeaderEpoch",
            FIND_COORDINATOR => "FindCoordinator",
            JOIN_GROUP => "JoinGroup",
            SYNC_GROUP => "SyncGroup",
            GROUP_HEARTBEAT => "Heartbeat",
            LEAVE_GROUP => "LeaveGroup",
            OFFSET_COMMIT => "OffsetCommit",
            OFFSET_FETCH => "OffsetFetch",
            REGISTER => "BrokerRegistration",
            BROKER_HEARTBEAT => "BrokerHeartbeat",
            ALTER_PARTITION => "AlterPartition",
            METADATA_FETCH => "MetadataFetch",
            PRODUCER_IDS => "AllocateProducerIds",
            DESCRIBE => "DescribeTopicPartitions",
            _ => "?",
        }
    }
}

impl Ask {
    fn kind(&self) -> u8 {
        match self {
            Ask::Metadata { .. } => kind::METADATA,
            Ask::InitProducerId => kind::INIT_PRODUCER_ID,
            Ask::Produce { .. } => kind::PRODUCE,
            Ask::Fetch(FetchAsk { replica: None, .. }) => kind::FETCH,
            Ask::Fetch(_) => kind::REPLICA_FETCH,
            Ask::ListOffsets { .. } => kind::LIST_OFFSETS,
            Ask::EpochEnd { .. } => kind::EPOCH_END,
            Ask::FindCoordinator { .. } => kind::FIND_COORDINATOR,
            Ask::JoinGroup(_) => kind::JOIN_GROUP,
            Ask::SyncGroup { .. } => kind::SYNC_GROUP,
            Ask::GroupHeartbeat { .. } => kind::GROUP_HEARTBEAT,
            Ask::LeaveGroup { .. } => kind::LEAVE_GROUP,
            Ask::OffsetCommit { .. } => kind::OFFSET_COMMIT,
            Ask::OffsetFetch { .. } => kind::OFFSET_FETCH,
            Ask::Register { .. } => kind::REGISTER,
            Ask::BrokerHeartbeat { .. } => kind::BROKER_HEARTBEAT,
            Ask::AlterPartition { .. } => kind::ALTER_PARTITION,
            Ask::MetadataFetch { .. } => kind::METADATA_FETCH,
            Ask::AllocateProducerIds => kind::PRODUCER_IDS,
            Ask::Describe { .. } => kind::DESCRIBE,
        }
    }
}

impl Answer {
    fn kind(&self) -> u8 {
        let request = match self {
            Answer::Metadata { .. } => kind::METADATA,
            Answer::InitProducerId { .. } => kind::INIT_PRODUCER_ID,
            Answer::Produce(_) => kind::PRODUCE,
            Answer::Fetch(_) => kind::FETCH,
            Answer::ListOffsets { .. } => kind::LIST_OFFSETS,
            Answer::EpochEnd { .. } => kind::EPOCH_END,
            Answer::Coordinator { .. } => kind::FIND_COORDINATOR,
            Answer::JoinGroup { .. } => kind::JOIN_GROUP,
            Answer::SyncGroup { .. } => kind::SYNC_GROUP,
            Answer::GroupHeartbeat(_) => kind::GROUP_HEARTBEAT,
            Answer::LeaveGroup(_) => kind::LEAVE_GROUP,
            Answer::OffsetCommit(_) => kind::OFFSET_COMMIT,
            Answer::OffsetFetch { .. } => kind::OFFSET_FETCH,
            Answer::Register { .. } => kind::REGISTER,
            Answer::BrokerHeartbeat { .. } => kind::BROKER_HEARTBEAT,
            Answer::AlterPartition { .. } => kind::ALTER_PARTITION,
            Answer::MetadataFetch { .. } => kind::METADATA_FETCH,
            Answer::ProducerIds { .. } => kind::PRODUCER_IDS,
            Answer::Describe { .. } => kind::DESCRIBE,
        };
        request + kind::ANSWER
    }
}

fn carried<'a>(
    batches: impl Iterator<Item = &'a Arc<Batch>>,
) -> (Option<ackscope_kernel::MessageKey>, u32) {
    let (mut first, mut count) = (None, 0);
    for batch in batches {
        let records = batch.records();
        first = first.or_else(|| records.first().map(|r| r.message));
        count += u32::try_from(records.len()).unwrap_or(0);
    }
    (first, count)
}

/// Rough bytes of a request or answer without its batches.
const HEAD: u32 = 64;

impl Message for Msg {
    fn brief(&self) -> Brief {
        let (kind, (first, count), detail, background) = match self {
            Msg::Ask { ask, .. } => match ask {
                Ask::Produce { batches, .. } => (
                    kind::PRODUCE,
                    carried(batches.iter().map(|(_, b)| b)),
                    0,
                    false,
                ),
                Ask::Fetch(fetch) => {
                    let offset = fetch.parts.first().map_or(-1, |p| p.offset);
                    (ask.kind(), (None, 0), offset, true)
                }
                Ask::OffsetCommit { offsets, .. } => (
                    kind::OFFSET_COMMIT,
                    (None, 0),
                    offsets.first().map_or(-1, |o| o.1),
                    false,
                ),
                Ask::GroupHeartbeat { .. }
                | Ask::BrokerHeartbeat {
                    want_shutdown: false,
                    ..
                } => (ask.kind(), (None, 0), 0, true),
                Ask::MetadataFetch { offset } => (kind::METADATA_FETCH, (None, 0), *offset, true),
                _ => (ask.kind(), (None, 0), 0, false),
            },
            Msg::Answer { answer, .. } => match answer {
                Answer::Produce(results) => {
                    let error = results.iter().map(|r| r.error as i64).find(|e| *e != 0);
                    (answer.kind(), (None, 0), error.unwrap_or(0), false)
                }
                Answer::Fetch(results) => {
                    let carried = carried(results.iter().flat_map(|r| &r.batches));
                    let data = results
                        .iter()
                        .any(|r| !r.batches.is_empty() || r.diverging.is_some());
                    let error = results.iter().map(|r| r.error as i64).find(|e| *e != 0);
                    (
                        answer.kind(),
                        carried,
                        error.unwrap_or(0),
                        !data && error.is_none(),
                    )
                }
                Answer::GroupHeartbeat(error) => (
                    answer.kind(),
                    (None, 0),
                    *error as i64,
                    *error == Code::None,
                ),
                Answer::BrokerHeartbeat {
                    error,
                    should_shut_down,
                    ..
                } => (
                    answer.kind(),
                    (None, 0),
                    *error as i64,
                    *error == Code::None && !should_shut_down,
                ),
                Answer::MetadataFetch { batches, .. } => {
                    (answer.kind(), (None, 0), 0, batches.is_empty())
                }
                _ => (answer.kind(), (None, 0), 0, false),
            },
        };
        Brief {
            kind,
            background,
            first,
            count,
            detail,
        }
    }

    fn size(&self) -> u32 {
        let bytes =
            |batches: &mut dyn Iterator<Item = &Arc<Batch>>| batches.map(|b| b.size).sum::<u32>();
        HEAD + match self {
            Msg::Ask {
                ask: Ask::Produce { batches, .. },
                ..
            } => bytes(&mut batches.iter().map(|(_, b)| b)),
            Msg::Answer {
                answer: Answer::Fetch(results),
                ..
            } => bytes(&mut results.iter().flat_map(|r| &r.batches)),
            _ => 0,
        }
    }

    fn meaning(&self) -> [u64; 3] {
        let brief = self.brief();
        let about = brief
            .first
            .map_or(0, |m| u64::from(m.origin.0) << 32 | u64::from(m.number));
        let place = match self {
            Msg::Ask {
                ask: Ask::BrokerHeartbeat { .. } | Ask::GroupHeartbeat { .. },
                corr,
            } => u64::from(*corr),
            Msg::Ask {
                ask: Ask::Fetch(fetch),
                ..
            } => fetch.parts.iter().fold(0, |sum, p| {
                sum ^ (p.offset.unsigned_abs() << 8 | u64::from(p.tp.topic))
            }),
            _ => 0,
        };
        [about, place, brief.detail.unsigned_abs()]
    }
}
