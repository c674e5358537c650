//! The settings of the group coordinator (kafka.md 1.6, 1.7): brokers have them, each for the
//! groups that it coordinates.

use super::rules;

ackscope_params::params! {
    /// What a group coordinator obeys.
    pub struct CoordinatorParams in "group-coordinator", rules rules::coordinator;
    fields {
        /// The least session.timeout.ms that a classic member may ask for.
        group_min_session_timeout_ms: i64 {
            "group.min.session.timeout.ms", DurationMs, "any int", ["6000", "6000", "6000"],
            "broker-restart", "1.6", affects [Availability],
        }
        /// The greatest session.timeout.ms that a classic member may ask for.
        group_max_session_timeout_ms: i64 {
            "group.max.session.timeout.ms", DurationMs, "any int",
            ["1800000", "1800000", "1800000"], "broker-restart", "1.6", affects [Availability],
        }
        /// How long an empty group waits for more members after the first has joined.
        group_initial_rebalance_delay_ms: i64 {
            "group.initial.rebalance.delay.ms", DurationMs, "any int", ["3000", "3000", "3000"],
            "broker-restart", "1.6", affects [Loss, Latency],
        }
        /// How many brokers keep a copy of the committed offsets.
        offsets_topic_replication_factor: i64 {
            "offsets.topic.replication.factor", Int, ">=1", ["3", "3", "3"], "broker-restart",
            "1.6", affects [Loss, Duplication, Availability], safer ["3"],
        }
        /// Into how many partitions the committed offsets are divided; it decides which broker
        /// coordinates a group.
        offsets_topic_num_partitions: i64 {
            "offsets.topic.num.partitions", Int, ">=1", ["50", "50", "50"], "broker-restart", "1.6",
            affects [Availability],
        }
        /// How long the coordinator waits until a commit is replicated before it answers with an
        /// error.
        offsets_commit_timeout_ms: i64 {
            "offsets.commit.timeout.ms", DurationMs, ">=1", ["5000", "5000", "5000"],
            "broker-restart", "1.6", affects [Duplication, Latency, Availability],
        }
        /// How long the committed offsets of a group without members are kept.
        offsets_retention_minutes: i64 {
            "offsets.retention.minutes", Int, ">=1 minutes", ["10080", "10080", "10080"],
            "broker-restart", "1.6", affects [Loss, Duplication], safer ["10080", "525600"],
        }
        /// How often the coordinator looks for offsets that have expired.
        offsets_retention_check_interval_ms: i64 {
            "offsets.retention.check.interval.ms", DurationMs, ">=1",
            ["600000", "600000", "600000"], "broker-restart", "1.6", affects [Loss, Duplication],
        }
        /// How long the coordinator collects commits before it appends them; -1 adapts to the load.
        group_coordinator_append_linger_ms: i64 {
            "group.coordinator.append.linger.ms", DurationMs,
            ">=-1 (-1 = adaptive; 3.9: >=0 and only with the new coordinator)", ["-1", "10", "-"],
            "broker-restart", "1.6", affects [Latency],
        }
    }
    known {
        /// How many members a group may have.
        "group.max.size" {
            Int, ">=1", ["2147483647", "2147483647", "2147483647"], "broker-restart", "1.6",
            affects [Availability], comes with "rebalances",
        }
        /// How many replicas must have a commit before it is answered; -1 means all that are in
        /// sync.
        "offsets.commit.required.acks" {
            Int, "-1|0|1 (removed in 4.0)", ["-", "-1", "-1"], "broker-restart", "1.6",
            affects [Loss, Duplication], safer ["-1"], comes with "older-versions",
        }
        /// How much text a client may store with a commit.
        "offset.metadata.max.bytes" {
            Bytes, "any int", ["4096", "4096", "4096"], "broker-restart", "1.6",
            affects [Availability], comes with "rebalances",
        }
        /// Which group protocols the coordinator offers.
        "group.coordinator.rebalance.protocols" {
            List, "classic|consumer|streams|share", ["classic,consumer,streams", "classic", "-"],
            "broker-restart", "1.7", affects [Availability], comes with "consumer-protocol",
        }
        /// After how long without a heartbeat a member of a new-protocol group is removed.
        "group.consumer.session.timeout.ms" {
            DurationMs, "between the min and max keys", ["45000", "45000", "-"], "broker-restart",
            "1.7", affects [Duplication, Latency], comes with "consumer-protocol",
        }
        /// The least session time-out that a new-protocol group may set.
        "group.consumer.min.session.timeout.ms" {
            DurationMs, ">=1", ["45000", "45000", "-"], "broker-restart", "1.7",
            affects [Availability], comes with "consumer-protocol",
        }
        /// The greatest session time-out that a new-protocol group may set.
        "group.consumer.max.session.timeout.ms" {
            DurationMs, ">=1", ["60000", "60000", "-"], "broker-restart", "1.7",
            affects [Availability], comes with "consumer-protocol",
        }
        /// How often members of a new-protocol group send a heartbeat.
        "group.consumer.heartbeat.interval.ms" {
            DurationMs, "between the min and max keys, below the session timeout",
            ["5000", "5000", "-"], "broker-restart", "1.7", affects [Latency],
            comes with "consumer-protocol",
        }
        /// The least heartbeat interval that a new-protocol group may set.
        "group.consumer.min.heartbeat.interval.ms" {
            DurationMs, ">=1", ["5000", "5000", "-"], "broker-restart", "1.7",
            affects [Availability], comes with "consumer-protocol",
        }
        /// The greatest heartbeat interval that a new-protocol group may set.
        "group.consumer.max.heartbeat.interval.ms" {
            DurationMs, ">=1", ["15000", "15000", "-"], "broker-restart", "1.7",
            affects [Availability], comes with "consumer-protocol",
        }
        /// The assignors that the coordinator offers to new-protocol groups; the first is the
        /// default.
        "group.consumer.assignors" {
            List, "uniform|range|custom class, first is the default (3.9 takes class names)",
            ["uniform,range", "uniform,range", "-"], "broker-restart", "1.7", affects [Latency],
            comes with "consumer-protocol",
        }
        /// In which direction a group may change between the classic and the new protocol while it
        /// has members.
        "group.consumer.migration.policy" {
            Enum, "bidirectional|upgrade|downgrade|disabled", ["bidirectional", "disabled", "-"],
            "broker-restart", "1.7", affects [Availability], comes with "consumer-protocol",
        }
        /// The least time between two computations of a group's assignment.
        "group.consumer.assignment.interval.ms" {
            DurationMs, "between the min and max keys", ["1000", "-", "-"], "broker-restart", "1.7",
            affects [Latency], comes with "consumer-protocol",
        }
        /// The least assignment interval that a group may set.
        "group.consumer.min.assignment.interval.ms" {
            DurationMs, ">=0", ["0", "-", "-"], "broker-restart", "1.7", affects [Availability],
            comes with "consumer-protocol",
        }
        /// The greatest assignment interval that a group may set.
        "group.consumer.max.assignment.interval.ms" {
            DurationMs, ">=0", ["15000", "-", "-"], "broker-restart", "1.7", affects [Availability],
            comes with "consumer-protocol",
        }
        /// The session time-out of one new-protocol group; unset means the broker's value.
        "consumer.session.timeout.ms" {
            DurationMs, "between the broker's min and max (per group; none = broker value)",
            ["none", "-", "-"], "dynamic-metadata", "1.7",
            aliases ["broker:group.consumer.session.timeout.ms"], affects [Duplication, Latency],
            comes with "consumer-protocol",
        }
        /// The heartbeat interval of one new-protocol group; unset means the broker's value.
        "consumer.heartbeat.interval.ms" {
            DurationMs, "between the broker's min and max (per group; none = broker value)",
            ["none", "-", "-"], "dynamic-metadata", "1.7",
            aliases ["broker:group.consumer.heartbeat.interval.ms"], affects [Latency],
            comes with "consumer-protocol",
        }
        /// The assignment interval of one new-protocol group; unset means the broker's value.
        "consumer.assignment.interval.ms" {
            DurationMs, "between the broker's min and max (per group; none = broker value)",
            ["none", "-", "-"], "dynamic-metadata", "1.7",
            aliases ["broker:group.consumer.assignment.interval.ms"], affects [Latency],
            comes with "consumer-protocol",
        }
    }
}
