//! What a replica's log consists of.

use ackscope_kernel::MessageKey;
use borsh::BorshSerialize;
use std::fmt;
use std::sync::Arc;

/// A partition of a topic. Topic 0 is `__consumer_offsets`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub struct Tp {
    /// The topic's number in the settings.
    pub topic: u16,
    /// The partition within it.
    pub partition: u16,
}

/// The topic of committed offsets.
pub const OFFSETS_TOPIC: u16 = 0;

impl Tp {
    /// The number by which the ledger knows a replica's log.
    #[must_use]
    pub fn log_number(self) -> u32 {
        u32::from(self.topic) << 16 | u32::from(self.partition)
    }

    /// The partition that [`Tp::log_number`] stands for.
    #[must_use]
    pub fn from_log_number(number: u32) -> Tp {
        Tp {
            topic: (number >> 16) as u16,
            partition: (number & 0xffff) as u16,
        }
    }
}

impl fmt::Display for Tp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", self.topic, self.partition)
    }
}

/// One record of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Record {
    /// Which message it is a copy of.
    pub message: MessageKey,
    /// 0 for the first `send()`, 1 for the application's first resend, and so on.
    pub attempt: u16,
    /// Size in bytes, key and value.
    pub size: u32,
    /// CreateTime in milliseconds of the producer's clock; may lie before the run began.
    pub timestamp_ms: i64,
    /// Hash of the record's key, if it has one.
    pub key: Option<u64>,
}

/// A committed offset as it stands in `__consumer_offsets`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct CommittedOffset {
    /// The group.
    pub group: Arc<str>,
    /// Of which partition.
    pub tp: Tp,
    /// Next offset to read; `None` is a tombstone.
    pub offset: Option<i64>,
    /// Leader epoch of the last record read, if the client named it.
    pub leader_epoch: Option<i32>,
    /// When it was committed (milliseconds of virtual time), for expiry.
    pub commit_ms: i64,
}

/// The state of a classic group as it stands in `__consumer_offsets`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct GroupRecord {
    /// The group.
    pub group: Arc<str>,
    /// It is a tombstone: the group is gone, the other fields mean nothing.
    pub deleted: bool,
    /// protocolType is `consumer`. False where nobody ever finished joining: such a group only keeps
    /// offsets, and its offsets expire by the time of their commit.
    pub consumer: bool,
    /// Its generation.
    pub generation: i32,
    /// The member that computes the assignment.
    pub leader: Option<u64>,
    /// currentStateTimestamp: when the group came into its state, in milliseconds of virtual time.
    pub state_ms: Option<i64>,
    /// Its members: id, session time-out in ms, rebalance time-out in ms, topics, assignment.
    pub members: Vec<GroupMemberRecord>,
}

/// One member in a [`GroupRecord`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct GroupMemberRecord {
    /// The id that the coordinator gave it.
    pub id: u64,
    /// group.instance.id, for static members.
    pub instance: Option<Arc<str>>,
    /// session.timeout.ms of the member.
    pub session_ms: i64,
    /// max.poll.interval.ms of the member.
    pub rebalance_ms: i64,
    /// Topics it subscribes to.
    pub topics: Vec<u16>,
    /// Partitions it owns in this generation.
    pub assignment: Vec<Tp>,
}

/// What a batch carries.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Payload {
    /// Records of an application.
    Data(Arc<[Record]>),
    /// Committed offsets.
    Offsets(Arc<[CommittedOffset]>),
    /// The state of a group.
    Group(Arc<GroupRecord>),
}

/// A record batch: the unit of append, replication, dedupe and truncation (reference 2.1).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Batch {
    /// Offset of its first record; stamped by the leader.
    pub base: i64,
    /// Offset after its last record.
    pub next: i64,
    /// partitionLeaderEpoch, stamped by the leader and never changed by followers.
    pub epoch: i32,
    /// Producer id, or -1.
    pub producer_id: i64,
    /// Producer epoch, or -1.
    pub producer_epoch: i16,
    /// Sequence number of its first record, or -1.
    pub sequence: i32,
    /// Greatest timestamp of its records, in milliseconds.
    pub max_timestamp_ms: i64,
    /// Size in bytes.
    pub size: u32,
    /// It is the first batch of a segment file.
    pub rolls: bool,
    /// The records. Compaction may have removed some; offsets stay.
    pub payload: Payload,
}

/// Bytes of a batch header (`DefaultRecordBatch.RECORD_BATCH_OVERHEAD`).
pub const BATCH_OVERHEAD: u32 = 61;

impl Batch {
    /// Number of records at the time it was written.
    #[must_use]
    pub fn count(&self) -> i32 {
        i32::try_from(self.next - self.base).unwrap_or(i32::MAX)
    }

    /// The application records of a data batch.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        match &self.payload {
            Payload::Data(records) => records,
            Payload::Offsets(_) | Payload::Group(_) => &[],
        }
    }

    /// Sequence number of its last record; sequences wrap from the maximum to 0 (reference 3.6).
    #[must_use]
    pub fn last_sequence(&self) -> i32 {
        increment_sequence(self.sequence, self.count() - 1)
    }
}

/// `sequence + by`, wrapping from `i32::MAX` to 0 (`DefaultRecordBatch.incrementSequence`).
#[must_use]
pub fn increment_sequence(sequence: i32, by: i32) -> i32 {
    let room = i32::MAX - sequence;
    if by > room {
        by - room - 1
    } else {
        sequence + by
    }
}

/// What the files of a broker or controller consist of.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum DiskRecord {
    /// A batch of a replica's log.
    Batch(Arc<Batch>),
    /// Log start offset of a replica (log-start-offset-checkpoint).
    LogStart(i64),
    /// High watermark of a replica (replication-offset-checkpoint).
    HighWatermark(i64),
    /// The broker epoch in the clean-shutdown file.
    CleanShutdown(i64),
    /// A batch of the cluster metadata log.
    Metadata(Arc<[crate::metadata::MetaRecord]>),
    /// Directory id: a wiped disk gets a new one.
    Directory(u64),
    /// What a sink keeps: (message, how often it had an effect).
    Effect(MessageKey),
}

/// The files of a process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum FileName {
    /// The log of a replica.
    Log(Tp),
    /// Its log start checkpoint.
    LogStart(Tp),
    /// Its high watermark checkpoint.
    HighWatermark(Tp),
    /// Present after a clean shutdown only.
    CleanShutdown,
    /// The cluster metadata log (on the controller).
    Metadata,
    /// The effects of an idempotent sink of a consumer application.
    Sink,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_wrap_to_zero() {
        assert_eq!(increment_sequence(0, 4), 4);
        assert_eq!(increment_sequence(i32::MAX, 1), 0);
        assert_eq!(increment_sequence(i32::MAX - 1, 3), 1);
    }

    #[test]
    fn a_log_number_names_its_partition() {
        let tp = Tp {
            topic: 3,
            partition: 5,
        };
        assert_eq!(Tp::from_log_number(tp.log_number()), tp);
    }
}
