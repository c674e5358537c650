//! The settings of a broker (kafka.md 1.3 to 1.5).
//!
//! Most defaults for topics have no field here: what counts is the value in
//! [`TopicParams`](super::TopicParams), which falls back to the broker's.

use super::rules;

ackscope_params::params! {
    /// What one broker obeys.
    pub struct BrokerParams in "broker", rules rules::broker;
    fields {
        /// The value of min.insync.replicas for topics that set none, __consumer_offsets included.
        min_insync_replicas: i64 {
            "min.insync.replicas", Int, ">=1", ["1", "1", "1"], "dynamic-metadata", "1.3",
            aliases ["topic:min.insync.replicas"], affects [Loss, Availability], safer ["2"],
        }
        /// How long a follower may lag behind its leader before it is dropped from the in-sync
        /// replicas.
        replica_lag_time_max_ms: i64 {
            "replica.lag.time.max.ms", DurationMs, "any long", ["30000", "30000", "30000"],
            "broker-restart", "1.3", affects [Loss, Latency, Availability],
        }
        /// How long a leader holds a follower's fetch when there is nothing new.
        replica_fetch_wait_max_ms: i64 {
            "replica.fetch.wait.max.ms", DurationMs,
            "at most replica.lag.time.max.ms and replica.socket.timeout.ms", ["500", "500", "500"],
            "broker-restart", "1.3", affects [Loss, Latency],
        }
        /// How many bytes a leader collects before it answers a follower's fetch.
        replica_fetch_min_bytes: i64 {
            "replica.fetch.min.bytes", Bytes, "any int", ["1", "1", "1"], "broker-restart", "1.3",
            affects [Loss, Latency],
        }
        /// The bytes of one partition that a follower fetches at once; the first batch comes even
        /// if it is larger.
        replica_fetch_max_bytes: i64 {
            "replica.fetch.max.bytes", Bytes, ">=0", ["1048576", "1048576", "1048576"],
            "broker-restart", "1.3", affects [Latency],
        }
        /// The bytes of one answer to a follower's fetch.
        replica_fetch_response_max_bytes: i64 {
            "replica.fetch.response.max.bytes", Bytes, ">=0", ["10485760", "10485760", "10485760"],
            "broker-restart", "1.3", affects [Latency],
        }
        /// How long a follower pauses a partition after a fetch that failed.
        replica_fetch_backoff_ms: i64 {
            "replica.fetch.backoff.ms", DurationMs, ">=0", ["1000", "1000", "1000"],
            "broker-restart", "1.3", affects [Latency, Availability],
        }
        /// How long a follower waits for the answer to its fetch before it closes the connection.
        replica_socket_timeout_ms: i64 {
            "replica.socket.timeout.ms", DurationMs, "any int", ["30000", "30000", "30000"],
            "broker-restart", "1.3", affects [Latency, Availability],
        }
        /// How often a broker writes its high watermarks to disk.
        replica_high_watermark_checkpoint_interval_ms: i64 {
            "replica.high.watermark.checkpoint.interval.ms", DurationMs, "any long",
            ["5000", "5000", "5000"], "broker-restart", "1.3", affects [Latency],
        }
        /// The value of unclean.leader.election.enable for topics that set none.
        unclean_leader_election_enable: bool {
            "unclean.leader.election.enable", Bool, "true|false", ["false", "false", "false"],
            "dynamic-metadata", "1.3", aliases ["topic:unclean.leader.election.enable"],
            affects [Loss, Availability], safer ["false"],
        }
        /// Lets a broker that is stopped hand over its leaderships before it goes.
        controlled_shutdown_enable: bool {
            "controlled.shutdown.enable", Bool, "true|false", ["true", "true", "true"],
            "broker-restart", "1.3", affects [Loss, Latency, Availability], safer ["true"],
        }
        /// How often the broker looks for logs that are due to be forced to disk.
        log_flush_scheduler_interval_ms: i64 {
            "log.flush.scheduler.interval.ms", DurationMs, "any long",
            ["9223372036854775807", "9223372036854775807", "9223372036854775807"], "broker-restart",
            "1.4", affects [Loss, Latency], safer ["1000"],
        }
        /// How often the broker records how far its logs are on disk; it forces nothing by itself.
        log_flush_offset_checkpoint_interval_ms: i64 {
            "log.flush.offset.checkpoint.interval.ms", DurationMs, ">=0",
            ["60000", "60000", "60000"], "broker-restart", "1.4", affects [Latency],
        }
        /// How often the broker records the start offsets of its logs.
        log_flush_start_offset_checkpoint_interval_ms: i64 {
            "log.flush.start.offset.checkpoint.interval.ms", DurationMs, ">=0",
            ["60000", "60000", "60000"], "broker-restart", "1.4", affects [Latency],
        }
        /// How often the broker looks for segments that retention lets it delete.
        log_retention_check_interval_ms: i64 {
            "log.retention.check.interval.ms", DurationMs, ">=1", ["300000", "300000", "300000"],
            "broker-restart", "1.4", affects [Loss],
        }
        /// How long after its start the broker waits with the first pass of retention, flush and
        /// checkpoints.
        log_initial_task_delay_ms: i64 {
            "log.initial.task.delay.ms", DurationMs,
            ">=0 (internal key; first retention, flush and checkpoint pass after the start)",
            ["30000", "30000", "-"], "broker-restart", "1.4", affects [Loss, Latency],
        }
        /// Whether the broker runs the cleaner that compacts logs.
        log_cleaner_enable: bool {
            "log.cleaner.enable", Bool, "true|false", ["true", "true", "true"], "broker-restart",
            "1.4", affects [Loss],
        }
        /// How long the cleaner sleeps when it found nothing to do.
        log_cleaner_backoff_ms: i64 {
            "log.cleaner.backoff.ms", DurationMs, ">=0", ["15000", "15000", "15000"],
            "dynamic-metadata", "1.4", affects [Loss, Latency],
        }
        /// How long a broker waits for answers to its own requests, to the controller among others.
        request_timeout_ms: i64 {
            "request.timeout.ms", DurationMs, "any int", ["30000", "30000", "30000"],
            "broker-restart", "1.4", affects [Latency, Availability],
        }
        /// How often a broker sends a heartbeat to the active controller.
        broker_heartbeat_interval_ms: i64 {
            "broker.heartbeat.interval.ms", DurationMs, "any int", ["2000", "2000", "-"],
            "broker-restart", "1.5", affects [Latency, Availability],
        }
        /// After how long a starting broker gives up if the controller does not register it.
        initial_broker_registration_timeout_ms: i64 {
            "initial.broker.registration.timeout.ms", DurationMs, "any int",
            ["60000", "60000", "-"], "broker-restart", "1.5", affects [Availability],
        }
        /// After how long without a write a partition forgets a producer id and its sequence
        /// numbers.
        producer_id_expiration_ms: i64 {
            "producer.id.expiration.ms", DurationMs,
            ">=1 (2.8 uses transactional.id.expiration.ms instead)", ["86400000", "86400000", "-"],
            "dynamic-metadata", "1.8", affects [Duplication, Order],
        }
        /// How often a broker looks for producer ids that it may forget.
        producer_id_expiration_check_interval_ms: i64 {
            "producer.id.expiration.check.interval.ms", DurationMs,
            ">=1 (internal key; fixed 600000 in 2.8)", ["600000", "600000", "-"], "broker-restart",
            "1.8", affects [Duplication],
        }
    }
    known {
        /// The replication factor of topics that are created without one.
        "default.replication.factor" {
            Int, ">=1", ["1", "1", "1"], "broker-restart", "1.3", affects [Loss, Availability],
            safer ["3"], through "topic",
        }
        /// How many threads, each with a connection of its own, a follower uses to fetch from one
        /// broker.
        "num.replica.fetchers" {
            Int, ">=1", ["1", "1", "1"], "dynamic-metadata", "1.3", affects [Latency],
            comes with "fetcher-threads",
        }
        /// The class that lets consumers read from followers; unset means always from the leader.
        "replica.selector.class" {
            Str, "class name (none = always read from the leader)", ["none", "none", "none"],
            "broker-restart", "1.3", affects [Latency], comes with "follower-fetching",
        }
        /// How often a stopping broker asks the controller again to take over its leaderships.
        "controlled.shutdown.max.retries" {
            Int, "any int (removed in 4.0)", ["-", "3", "3"], "broker-restart", "10",
            affects [Availability], comes with "older-versions",
        }
        /// The pause between two such requests.
        "controlled.shutdown.retry.backoff.ms" {
            DurationMs, "any long (removed in 4.0)", ["-", "5000", "5000"], "broker-restart", "10",
            affects [Latency, Availability], comes with "older-versions",
        }
        /// The value of flush.messages for topics that set none.
        "log.flush.interval.messages" {
            Long, ">=1", ["9223372036854775807", "9223372036854775807", "9223372036854775807"],
            "dynamic-metadata", "1.4", aliases ["topic:flush.messages"], affects [Loss, Latency],
            safer ["1"], through "topic",
        }
        /// The value of flush.ms for topics that set none.
        "log.flush.interval.ms" {
            DurationMs, "any long (none = log.flush.scheduler.interval.ms)",
            ["none", "none", "none"], "dynamic-metadata", "1.4", aliases ["topic:flush.ms"],
            affects [Loss, Latency], safer ["1000"], through "topic",
        }
        /// The value of segment.bytes for topics that set none.
        "log.segment.bytes" {
            Bytes, ">=1048576 (3.9 and 2.8: >=14)", ["1073741824", "1073741824", "1073741824"],
            "dynamic-metadata", "1.4", aliases ["topic:segment.bytes"], affects [Loss, Latency],
            through "topic",
        }
        /// The value of segment.ms, in hours, for topics that set none.
        "log.roll.hours" {
            Int, ">=1 hours (log.roll.ms overrides it and is dynamic)", ["168", "168", "168"],
            "broker-restart", "1.4", aliases ["log.roll.ms", "topic:segment.ms"],
            affects [Loss, Latency], through "topic",
        }
        /// The value of retention.ms, in hours, for topics that set none.
        "log.retention.hours" {
            Int, "any int, hours (log.retention.ms overrides it and is dynamic)",
            ["168", "168", "168"], "broker-restart", "1.4",
            aliases ["log.retention.ms", "log.retention.minutes", "topic:retention.ms"],
            affects [Loss], safer ["-1"], through "topic",
        }
        /// The value of retention.bytes for topics that set none.
        "log.retention.bytes" {
            Bytes, "any long (-1 = unlimited)", ["-1", "-1", "-1"], "dynamic-metadata", "1.4",
            aliases ["topic:retention.bytes"], affects [Loss], safer ["-1"], through "topic",
        }
        /// The value of cleanup.policy for topics that set none.
        "log.cleanup.policy" {
            List, "delete|compact, one or both", ["delete", "delete", "delete"], "dynamic-metadata",
            "1.4", aliases ["topic:cleanup.policy"], affects [Loss], safer ["delete"],
            through "topic",
        }
        /// The value of min.cleanable.dirty.ratio for topics that set none.
        "log.cleaner.min.cleanable.ratio" {
            Str, "0..1", ["0.5", "0.5", "0.5"], "dynamic-metadata", "1.4",
            aliases ["topic:min.cleanable.dirty.ratio"], affects [Loss, Latency], through "topic",
        }
        /// The value of min.compaction.lag.ms for topics that set none.
        "log.cleaner.min.compaction.lag.ms" {
            DurationMs, ">=0", ["0", "0", "0"], "dynamic-metadata", "1.4",
            aliases ["topic:min.compaction.lag.ms"], affects [Loss], safer ["86400000"],
            through "topic",
        }
        /// The value of max.compaction.lag.ms for topics that set none.
        "log.cleaner.max.compaction.lag.ms" {
            DurationMs, ">=1",
            ["9223372036854775807", "9223372036854775807", "9223372036854775807"],
            "dynamic-metadata", "1.4", aliases ["topic:max.compaction.lag.ms"],
            affects [Loss, Latency], through "topic",
        }
        /// The value of delete.retention.ms for topics that set none.
        "log.cleaner.delete.retention.ms" {
            DurationMs, ">=0", ["86400000", "86400000", "86400000"], "dynamic-metadata", "1.4",
            aliases ["topic:delete.retention.ms"], affects [Loss], safer ["604800000"],
            through "topic",
        }
        /// Whether a node is a broker, a controller, or both; a crash of a node that is both takes
        /// both.
        "process.roles" {
            List,
            "broker|controller, one or both (KRaft only; both on one node: combined mode, a crash takes both)",
            ["none", "none", "-"], "broker-restart", "1.5", affects [Availability],
            comes with "controller-quorum",
        }
        /// Where the logs lie; the default is under /tmp, so a container that is created again
        /// starts empty.
        "log.dirs" {
            List,
            "paths (none = log.dir, whose default lies under /tmp: a container created again starts empty)",
            ["none", "none", "none"], "broker-restart", "1.4", aliases ["log.dir"], affects [Loss],
            comes with "disks",
        }
        /// The value of max.message.bytes for topics that set none.
        "message.max.bytes" {
            Bytes, ">=0", ["1048588", "1048588", "1048588"], "dynamic-metadata", "1.4",
            aliases ["topic:max.message.bytes"], affects [Loss, Availability],
            safer ["1048588", "10485760"], through "topic",
        }
        /// The value of message.timestamp.type for topics that set none.
        "log.message.timestamp.type" {
            Enum, "CreateTime|LogAppendTime", ["CreateTime", "CreateTime", "CreateTime"],
            "dynamic-metadata", "1.4", aliases ["topic:message.timestamp.type"], affects [Loss],
            safer ["LogAppendTime"], through "topic",
        }
        /// The value of message.timestamp.before.max.ms for topics that set none.
        "log.message.timestamp.before.max.ms" {
            DurationMs, ">=0", ["9223372036854775807", "9223372036854775807", "-"],
            "dynamic-metadata", "1.4", aliases ["topic:message.timestamp.before.max.ms"],
            affects [Loss, Availability], safer ["9223372036854775807"], through "topic",
        }
        /// The value of message.timestamp.after.max.ms for topics that set none.
        "log.message.timestamp.after.max.ms" {
            DurationMs, ">=0", ["3600000", "9223372036854775807", "-"], "dynamic-metadata", "1.4",
            aliases ["topic:message.timestamp.after.max.ms"], affects [Loss, Availability],
            safer ["9223372036854775807"], through "topic",
        }
        /// The value of message.timestamp.difference.max.ms for topics that set none.
        "log.message.timestamp.difference.max.ms" {
            DurationMs, ">=0 (removed in 4.0)", ["-", "9223372036854775807", "9223372036854775807"],
            "dynamic-metadata", "1.12", aliases ["topic:message.timestamp.difference.max.ms"],
            affects [Loss, Availability], comes with "older-versions",
        }
        /// How many logs of a directory are recovered at the same time after an unclean stop.
        "num.recovery.threads.per.data.dir" {
            Int, ">=1", ["2", "1", "1"], "dynamic-metadata", "1.4", affects [Latency, Availability],
            comes with "disks",
        }
        /// After how long a broker shuts down if it cannot tell the controller that a directory has
        /// failed.
        "log.dir.failure.timeout.ms" {
            DurationMs, ">=1", ["30000", "30000", "-"], "broker-restart", "1.4",
            affects [Availability], comes with "disks",
        }
        /// Lets a request for a topic that does not exist create it.
        "auto.create.topics.enable" {
            Bool, "true|false", ["true", "true", "true"], "broker-restart", "1.4",
            affects [Availability], comes with "topic-creation",
        }
        /// The number of partitions of topics that are created without one.
        "num.partitions" {
            Int, ">=1", ["1", "1", "1"], "broker-restart", "1.4", affects [Order, Latency],
            through "topic",
        }
        /// Lets a broker ask the coordinator before it appends transactional records.
        "transaction.partition.verification.enable" {
            Bool, "true|false", ["true", "true", "-"], "dynamic-metadata", "1.8", affects [Loss],
            safer ["true"], comes with "transactions",
        }
        /// The pause before a broker asks the coordinator again to add a partition to a
        /// transaction.
        "add.partitions.to.txn.retry.backoff.ms" {
            DurationMs, ">=1", ["20", "-", "-"], "broker-restart", "1.8", affects [Latency],
            comes with "transactions",
        }
        /// How long a broker repeats that request altogether.
        "add.partitions.to.txn.retry.backoff.max.ms" {
            DurationMs, ">=0", ["100", "-", "-"], "broker-restart", "1.8", affects [Latency],
            comes with "transactions",
        }
        /// After how long without a sign of life ZooKeeper gives up a broker.
        "zookeeper.session.timeout.ms" {
            DurationMs, "any int (ZooKeeper mode only; decides when a dead broker is noticed)",
            ["-", "18000", "18000"], "broker-restart", "10", affects [Latency, Availability],
            comes with "older-versions",
        }
        /// The version that brokers speak among themselves.
        "inter.broker.protocol.version" {
            Str, "release name such as 2.8 (removed in 4.0)", ["-", "3.9-IV0", "2.8-IV1"],
            "broker-restart", "10",
            inert "Choosing a profile already fixes the protocol level of every broker, and mixed-version clusters are not modelled.",
        }
    }
}
