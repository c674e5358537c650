//! The settings of a consumer (kafka.md 1.2).

use super::rules;
use super::types::{GroupProtocol, IsolationLevel, OffsetReset};

ackscope_params::params! {
    /// What one consumer obeys.
    pub struct ConsumerParams in "consumer", rules rules::consumer;
    fields {
        /// The group in which the consumer reads and commits; without one it has no group and
        /// commits nothing.
        group_id: Option<String> {
            "group.id", Str, "any string (none = no group, no commits)", ["none", "none", "none"],
            "client-start", "1.2", affects [Loss, Duplication],
        }
        /// Which group protocol the consumer speaks: the classic one, or the server-side one of
        /// KIP-848.
        group_protocol: GroupProtocol {
            "group.protocol", Enum, "classic|consumer", ["classic", "classic", "-"], "client-start",
            "1.2", affects [Duplication, Latency],
        }
        /// A fixed name of this member; with it a restart within the session keeps the partitions
        /// and close() does not leave the group.
        group_instance_id: Option<String> {
            "group.instance.id", Str, "non-empty string", ["none", "none", "none"], "client-start",
            "1.2", affects [Duplication, Latency],
        }
        /// After how long without a heartbeat the coordinator removes the member (classic
        /// protocol).
        session_timeout_ms: i64 {
            "session.timeout.ms", DurationMs,
            "any int (inside the coordinator's minimum and maximum; classic protocol only)",
            ["45000", "45000", "10000"], "client-start", "1.2", affects [Duplication, Latency],
        }
        /// How often the member sends a heartbeat to the coordinator (classic protocol).
        heartbeat_interval_ms: i64 {
            "heartbeat.interval.ms", DurationMs,
            "any int (below session.timeout.ms; classic protocol only)", ["3000", "3000", "3000"],
            "client-start", "1.2", affects [Latency],
        }
        /// The longest time between two calls of poll() before the member leaves its group by
        /// itself.
        max_poll_interval_ms: i64 {
            "max.poll.interval.ms", DurationMs, ">=1", ["300000", "300000", "300000"],
            "client-start", "1.2", affects [Duplication, Latency], safer ["300000", "900000"],
        }
        /// How many records one call of poll() hands out at most; it does not change what is
        /// fetched.
        max_poll_records: i64 {
            "max.poll.records", Int, ">=1", ["500", "500", "500"], "client-start", "1.2",
            affects [Loss, Duplication, Latency], safer ["1"],
        }
        /// Lets poll() and close() commit the positions of everything that earlier polls handed
        /// out, processed or not.
        enable_auto_commit: bool {
            "enable.auto.commit", Bool, "true|false", ["true", "true", "true"], "client-start",
            "1.2", affects [Loss, Duplication], safer ["false"],
        }
        /// How often poll() commits by itself when enable.auto.commit is on.
        auto_commit_interval_ms: i64 {
            "auto.commit.interval.ms", DurationMs, ">=0", ["5000", "5000", "5000"], "client-start",
            "1.2", affects [Loss, Duplication],
        }
        /// Where the consumer starts when the group has no offset or it is out of range: earliest,
        /// latest, an age, or an error.
        auto_offset_reset: OffsetReset {
            "auto.offset.reset", Enum,
            "earliest|latest|none|by_duration:ISO-8601 duration (by_duration since 4.0)",
            ["latest", "latest", "latest"], "client-start", "1.2",
            affects [Loss, Duplication, Availability], safer ["earliest", "none"],
        }
        /// Whether the consumer sees records of transactions that are open or aborted.
        isolation_level: IsolationLevel {
            "isolation.level", Enum, "read_uncommitted|read_committed",
            ["read_uncommitted", "read_uncommitted", "read_uncommitted"], "client-start", "1.2",
            affects [Loss, Latency],
        }
        /// How many bytes the broker collects before it answers a fetch, within fetch.max.wait.ms.
        fetch_min_bytes: i64 {
            "fetch.min.bytes", Bytes, ">=0", ["1", "1", "1"], "client-start", "1.2",
            affects [Latency],
        }
        /// How long the broker holds a fetch for which it has too few bytes.
        fetch_max_wait_ms: i64 {
            "fetch.max.wait.ms", DurationMs, ">=0", ["500", "500", "500"], "client-start", "1.2",
            affects [Latency],
        }
        /// The bytes of one fetch answer; the first batch comes even if it is larger.
        fetch_max_bytes: i64 {
            "fetch.max.bytes", Bytes, ">=0", ["52428800", "52428800", "52428800"], "client-start",
            "1.2", affects [Latency],
        }
        /// The bytes of one partition in a fetch answer; the first batch comes even if it is
        /// larger.
        max_partition_fetch_bytes: i64 {
            "max.partition.fetch.bytes", Bytes, ">=0", ["1048576", "1048576", "1048576"],
            "client-start", "1.2", affects [Latency],
        }
        /// How long the client waits for the answer to one request.
        request_timeout_ms: i64 {
            "request.timeout.ms", DurationMs, ">=0", ["30000", "30000", "30000"], "client-start",
            "1.2", affects [Latency, Availability],
        }
        /// How long a blocking call such as commitSync() keeps trying before it fails.
        default_api_timeout_ms: i64 {
            "default.api.timeout.ms", DurationMs, ">=0", ["60000", "60000", "60000"],
            "client-start", "1.2", affects [Duplication, Latency, Availability],
        }
        /// The pause before the first retry of a request; it doubles with every further attempt.
        retry_backoff_ms: i64 {
            "retry.backoff.ms", DurationMs, ">=0", ["100", "100", "100"], "client-start", "1.2",
            affects [Latency],
        }
        /// The longest pause between two retries of a request.
        retry_backoff_max_ms: i64 {
            "retry.backoff.max.ms", DurationMs, ">=0", ["1000", "1000", "-"], "client-start", "1.2",
            affects [Latency],
        }
        /// After how long the client refreshes its metadata even without an error; it also bounds
        /// the discovery of new partitions.
        metadata_max_age_ms: i64 {
            "metadata.max.age.ms", DurationMs, ">=0", ["300000", "300000", "300000"],
            "client-start", "1.2", affects [Loss, Latency],
        }
    }
    known {
        /// The assignors that members of a classic group offer; the first that all have in common
        /// decides.
        "partition.assignment.strategy" {
            List,
            "RangeAssignor|RoundRobinAssignor|StickyAssignor|CooperativeStickyAssignor|custom class (classic protocol only)",
            ["RangeAssignor,CooperativeStickyAssignor", "RangeAssignor,CooperativeStickyAssignor", "RangeAssignor"],
            "client-start", "1.2", affects [Duplication, Latency], comes with "rebalances",
        }
        /// The assignor on the broker that a group of the new protocol asks for.
        "group.remote.assignor" {
            Str, "uniform|range|name of a broker-side assignor (consumer protocol only)",
            ["none", "none", "-"], "client-start", "1.2", affects [Latency],
            comes with "consumer-protocol",
        }
        /// Lets the consumer verify the checksum of what it reads.
        "check.crcs" {
            Bool, "true|false", ["true", "true", "true"], "client-start", "1.2", affects [Loss],
            safer ["true"], comes with "corruption",
        }
        /// Lets a subscription create a topic that does not exist, if the brokers allow it.
        "allow.auto.create.topics" {
            Bool, "true|false", ["true", "true", "true"], "client-start", "1.2",
            affects [Availability], comes with "topic-creation",
        }
        /// Where the consumer stands, so that brokers can let it read from a replica nearby.
        "client.rack" {
            Str, "any string", ["none", "none", "none"], "client-start", "1.2", affects [Latency],
            comes with "follower-fetching",
        }
    }
}
