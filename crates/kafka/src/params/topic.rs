//! The settings of a topic (kafka.md 1.3, 1.4, 1.10).
//!
//! A topic's value wins over the value of the broker that its alias names; `Settings::topic` puts the
//! two together.

use ackscope_params::Ratio;

use super::rules;
use super::types::{CleanupPolicy, TimestampType};

ackscope_params::params! {
    /// What the partitions of one topic obey.
    pub struct TopicParams in "topic", rules rules::topic;
    fields {
        /// How many brokers keep a copy of each partition.
        replication_factor: i64 {
            "replication.factor", Int,
            "1..number of usable brokers, or -1 for the broker default; later only by reassignment",
            ["1", "1", "1"], "declare-immutable", "1.10",
            aliases ["broker:default.replication.factor"], affects [Loss, Availability],
            safer ["3"],
        }
        /// How many in-sync replicas are needed for a write with acks=all, and for the high
        /// watermark to advance.
        min_insync_replicas: i64 {
            "min.insync.replicas", Int,
            ">=1 (4.3 and 3.9 cap it at the number of assigned replicas)", ["1", "1", "1"],
            "dynamic-metadata", "1.3", aliases ["broker:min.insync.replicas"],
            affects [Loss, Availability], safer ["2"],
        }
        /// Lets a replica that is not in sync become leader when no better one is left; what it
        /// lacks is lost.
        unclean_leader_election_enable: bool {
            "unclean.leader.election.enable", Bool, "true|false", ["false", "false", "false"],
            "dynamic-metadata", "1.3", aliases ["broker:unclean.leader.election.enable"],
            affects [Loss, Availability], safer ["false"],
        }
        /// After how many messages a log is forced to disk, before the answer to the producer.
        flush_messages: i64 {
            "flush.messages", Long, ">=1 (2.8: >=0)",
            ["9223372036854775807", "9223372036854775807", "9223372036854775807"],
            "dynamic-metadata", "1.4", aliases ["broker:log.flush.interval.messages"],
            affects [Loss, Latency], safer ["1"],
        }
        /// How long a message may stay in the page cache before the log is forced to disk.
        flush_ms: i64 {
            "flush.ms", DurationMs, ">=0",
            ["9223372036854775807", "9223372036854775807", "9223372036854775807"],
            "dynamic-metadata", "1.4",
            aliases ["broker:log.flush.interval.ms", "broker:log.flush.scheduler.interval.ms"],
            affects [Loss, Latency], safer ["1000"],
        }
        /// The size at which a log begins a new segment; retention and compaction never touch the
        /// active one.
        segment_bytes: i64 {
            "segment.bytes", Bytes, ">=1048576 (3.9 and 2.8: >=14)",
            ["1073741824", "1073741824", "1073741824"], "dynamic-metadata", "1.4",
            aliases ["broker:log.segment.bytes"], affects [Loss, Latency],
        }
        /// The age at which a log begins a new segment even if it is not full.
        segment_ms: i64 {
            "segment.ms", DurationMs, ">=1", ["604800000", "604800000", "604800000"],
            "dynamic-metadata", "1.4", aliases ["broker:log.roll.ms", "broker:log.roll.hours"],
            affects [Loss, Latency],
        }
        /// How old a segment may become, by its latest record, before it is deleted; -1 means
        /// forever.
        retention_ms: i64 {
            "retention.ms", DurationMs, ">=-1 (-1 = unlimited)",
            ["604800000", "604800000", "604800000"], "dynamic-metadata", "1.4",
            aliases ["broker:log.retention.ms", "broker:log.retention.minutes", "broker:log.retention.hours"],
            affects [Loss], safer ["-1"],
        }
        /// How large a partition may grow before its oldest segments are deleted; -1 means without
        /// limit.
        retention_bytes: i64 {
            "retention.bytes", Bytes, "any long (-1 = unlimited)", ["-1", "-1", "-1"],
            "dynamic-metadata", "1.4", aliases ["broker:log.retention.bytes"], affects [Loss],
            safer ["-1"],
        }
        /// Whether old segments are deleted, or compacted to the latest record of each key, or
        /// both.
        cleanup_policy: CleanupPolicy {
            "cleanup.policy", List, "delete|compact, one or both", ["delete", "delete", "delete"],
            "dynamic-metadata", "1.4", aliases ["broker:log.cleanup.policy"], affects [Loss],
            safer ["delete"],
        }
        /// Which share of the log must be uncompacted before the cleaner works on it.
        min_cleanable_dirty_ratio: Ratio {
            "min.cleanable.dirty.ratio", Str, "0..1", ["0.5", "0.5", "0.5"], "dynamic-metadata",
            "1.4", aliases ["broker:log.cleaner.min.cleanable.ratio"], affects [Loss, Latency],
        }
        /// How long a record is safe from compaction.
        min_compaction_lag_ms: i64 {
            "min.compaction.lag.ms", DurationMs, ">=0", ["0", "0", "0"], "dynamic-metadata", "1.4",
            aliases ["broker:log.cleaner.min.compaction.lag.ms"], affects [Loss],
            safer ["86400000"],
        }
        /// After how long a record must be looked at by the cleaner, whatever the dirty ratio.
        max_compaction_lag_ms: i64 {
            "max.compaction.lag.ms", DurationMs, ">=1",
            ["9223372036854775807", "9223372036854775807", "9223372036854775807"],
            "dynamic-metadata", "1.4", aliases ["broker:log.cleaner.max.compaction.lag.ms"],
            affects [Loss, Latency],
        }
        /// How long the delete marker of a key stays in a compacted log.
        delete_retention_ms: i64 {
            "delete.retention.ms", DurationMs, ">=0", ["86400000", "86400000", "86400000"],
            "dynamic-metadata", "1.4", aliases ["broker:log.cleaner.delete.retention.ms"],
            affects [Loss], safer ["604800000"],
        }
        /// The largest batch in bytes that the brokers accept.
        max_message_bytes: i64 {
            "max.message.bytes", Bytes, ">=0", ["1048588", "1048588", "1048588"],
            "dynamic-metadata", "1.4", aliases ["broker:message.max.bytes"],
            affects [Loss, Availability], safer ["1048588", "10485760"],
        }
        /// Whether a record keeps the time of its producer or gets the time of its append;
        /// retention goes by it.
        message_timestamp_type: TimestampType {
            "message.timestamp.type", Enum, "CreateTime|LogAppendTime",
            ["CreateTime", "CreateTime", "CreateTime"], "dynamic-metadata", "1.4",
            aliases ["broker:log.message.timestamp.type"], affects [Loss], safer ["LogAppendTime"],
        }
        /// How far a record's timestamp may lie in the past before the broker refuses it.
        message_timestamp_before_max_ms: i64 {
            "message.timestamp.before.max.ms", DurationMs, ">=0",
            ["9223372036854775807", "9223372036854775807", "-"], "dynamic-metadata", "1.4",
            aliases ["broker:log.message.timestamp.before.max.ms"], affects [Loss, Availability],
            safer ["9223372036854775807"],
        }
        /// How far a record's timestamp may lie in the future before the broker refuses it.
        message_timestamp_after_max_ms: i64 {
            "message.timestamp.after.max.ms", DurationMs, ">=0",
            ["3600000", "9223372036854775807", "-"], "dynamic-metadata", "1.4",
            aliases ["broker:log.message.timestamp.after.max.ms"], affects [Loss, Availability],
            safer ["9223372036854775807"],
        }
        /// Into how many partitions the topic is divided; raising it later sends keys to other
        /// partitions.
        partitions: i64 {
            "partitions", Int, ">=1; can be raised later, never lowered", ["1", "1", "1"],
            "per-call", "1.4", aliases ["broker:num.partitions"], affects [Order, Latency],
        }
    }
    known {
        /// How far a record's timestamp may differ from the broker's clock before the broker
        /// refuses it.
        "message.timestamp.difference.max.ms" {
            DurationMs, ">=0 (removed in 4.0, split into before and after)",
            ["-", "9223372036854775807", "9223372036854775807"], "dynamic-metadata", "1.12",
            aliases ["broker:log.message.timestamp.difference.max.ms"],
            affects [Loss, Availability], comes with "older-versions",
        }
    }
}
