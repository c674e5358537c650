//! The settings of a producer (kafka.md 1.1).

use super::rules;
use super::types::Acks;

ackscope_params::params! {
    /// What one producer obeys.
    pub struct ProducerParams in "producer", rules rules::producer;
    fields {
        /// Which replicas must have a batch before the producer is told that it is written: none
        /// (0), the leader (1), or every current in-sync replica (all).
        acks: Acks {
            "acks", Enum, "all|-1|0|1 (all and -1 are the same value)", ["all", "all", "1"],
            "client-start", "1.1", affects [Loss, Latency, Availability], safer ["all"],
        }
        /// Gives every batch a producer id and a sequence number, so that the broker stores an
        /// internally retried batch only once and in order.
        enable_idempotence: bool {
            "enable.idempotence", Bool, "true|false", ["true", "true", "false"], "client-start",
            "1.1", affects [Duplication, Order], safer ["true"],
        }
        /// How often a failed batch is sent again after the first attempt; in practice
        /// delivery.timeout.ms ends it earlier.
        retries: i64 {
            "retries", Int, "0..2147483647", ["2147483647", "2147483647", "2147483647"],
            "client-start", "1.1", affects [Loss, Duplication, Order, Availability],
            safer ["2147483647"],
        }
        /// How many produce requests may wait for their answer on one connection to a broker.
        max_in_flight_requests_per_connection: i64 {
            "max.in.flight.requests.per.connection", Int, ">=1 (at most 5 with idempotence)",
            ["5", "5", "5"], "client-start", "1.1", aliases ["max.in.flight"],
            affects [Order, Latency], safer ["1"],
        }
        /// The time from the creation of a batch to its final result, over all attempts.
        delivery_timeout_ms: i64 {
            "delivery.timeout.ms", DurationMs, ">=0 (at least linger.ms + request.timeout.ms)",
            ["120000", "120000", "120000"], "client-start", "1.1",
            affects [Loss, Duplication, Latency], safer ["120000", "600000"],
        }
        /// How long the client waits for the answer to one request; the broker uses the same time
        /// while it waits for the replicas.
        request_timeout_ms: i64 {
            "request.timeout.ms", DurationMs, ">=0", ["30000", "30000", "30000"], "client-start",
            "1.1", affects [Loss, Duplication, Latency], safer ["30000", "60000"],
        }
        /// How long a batch that is not full may wait in the client for more records.
        linger_ms: i64 {
            "linger.ms", DurationMs, ">=0", ["5", "0", "0"], "client-start", "1.1",
            affects [Loss, Latency], safer ["0"],
        }
        /// The size in bytes up to which records of a partition are put into one batch; 0 disables
        /// batching.
        batch_size: i64 {
            "batch.size", Bytes, ">=0 (0 disables batching)", ["16384", "16384", "16384"],
            "client-start", "1.1", affects [Loss, Duplication, Latency],
        }
        /// The memory in bytes for records that have not been acknowledged; when it is used up,
        /// send() blocks.
        buffer_memory: i64 {
            "buffer.memory", Bytes, ">=0", ["33554432", "33554432", "33554432"], "client-start",
            "1.1", affects [Loss, Latency, Availability], safer ["33554432", "67108864"],
        }
        /// How long send() may block for metadata and for buffer memory together before it fails.
        max_block_ms: i64 {
            "max.block.ms", DurationMs, ">=0", ["60000", "60000", "60000"], "client-start", "1.1",
            affects [Loss, Latency, Availability], safer ["60000", "300000"],
        }
        /// The largest request in bytes; a bigger record fails in the client and is never sent.
        max_request_size: i64 {
            "max.request.size", Bytes, ">=0", ["1048576", "1048576", "1048576"], "client-start",
            "1.1", affects [Loss, Availability], safer ["1048576", "10485760"],
        }
        /// The pause before the first retry; it doubles with every further attempt, with a jitter
        /// of 20 percent.
        retry_backoff_ms: i64 {
            "retry.backoff.ms", DurationMs, ">=0", ["100", "100", "100"], "client-start", "1.1",
            affects [Latency, Availability],
        }
        /// The longest pause between two retries.
        retry_backoff_max_ms: i64 {
            "retry.backoff.max.ms", DurationMs, ">=0", ["1000", "1000", "-"], "client-start", "1.1",
            affects [Latency, Availability],
        }
        /// The pause before the client connects to the same node again; it grows with every
        /// failure.
        reconnect_backoff_ms: i64 {
            "reconnect.backoff.ms", DurationMs, ">=0", ["50", "50", "50"], "client-start", "1.1",
            affects [Latency, Availability],
        }
        /// The longest pause between two attempts to connect to the same node.
        reconnect_backoff_max_ms: i64 {
            "reconnect.backoff.max.ms", DurationMs, ">=0", ["1000", "1000", "1000"], "client-start",
            "1.1", affects [Latency, Availability],
        }
        /// How long the client waits for a TCP connection to be set up; it grows with every
        /// failure.
        socket_connection_setup_timeout_ms: i64 {
            "socket.connection.setup.timeout.ms", DurationMs, "any long",
            ["10000", "10000", "10000"], "client-start", "1.1", affects [Latency, Availability],
        }
        /// The longest wait for a TCP connection to be set up.
        socket_connection_setup_timeout_max_ms: i64 {
            "socket.connection.setup.timeout.max.ms", DurationMs, "any long",
            ["30000", "30000", "30000"], "client-start", "1.1", affects [Latency, Availability],
        }
        /// After how long without traffic the client closes a connection.
        connections_max_idle_ms: i64 {
            "connections.max.idle.ms", DurationMs, "any long", ["540000", "540000", "540000"],
            "client-start", "1.1", affects [Latency],
        }
        /// After how long the client refreshes its metadata even without an error; until then it
        /// may go on using a deposed leader.
        metadata_max_age_ms: i64 {
            "metadata.max.age.ms", DurationMs, ">=0", ["300000", "300000", "300000"],
            "client-start", "1.1", affects [Loss, Latency, Availability],
        }
    }
    derived {
        /// Whether the producer really is idempotent: other settings switch it off silently.
        idempotent: bool = false;
    }
    known {
        /// After how long without a send the client forgets the metadata of a topic.
        "metadata.max.idle.ms" {
            DurationMs, ">=5000", ["300000", "300000", "300000"], "client-start", "1.1",
            affects [Latency], comes with "client-details",
        }
        /// What the client does when no broker it knows answers: give up waiting, or start again
        /// from its bootstrap servers.
        "metadata.recovery.strategy" {
            Enum, "none|rebootstrap", ["rebootstrap", "none", "-"], "client-start", "1.1",
            affects [Availability], comes with "client-details",
        }
        /// After how long without usable metadata the client starts again from its bootstrap
        /// servers.
        "metadata.recovery.rebootstrap.trigger.ms" {
            DurationMs, ">=0", ["300000", "-", "-"], "client-start", "1.1", affects [Availability],
            comes with "client-details",
        }
        /// The class that chooses the partition; unset means by the hash of the key, or sticky per
        /// batch without a key.
        "partitioner.class" {
            Str, "class name (none = built-in placement)", ["none", "none", "DefaultPartitioner"],
            "client-start", "1.1", affects [Order], comes with "placement",
        }
        /// Gives slower brokers fewer of the records without a key.
        "partitioner.adaptive.partitioning.enable" {
            Bool, "true|false", ["true", "true", "-"], "client-start", "1.1",
            affects [Order, Latency], comes with "placement",
        }
        /// After how long without taking requests a broker gets no more records without a key; 0
        /// switches it off.
        "partitioner.availability.timeout.ms" {
            DurationMs, ">=0 (0 = off)", ["0", "0", "-"], "client-start", "1.1",
            affects [Latency, Availability], comes with "placement",
        }
        /// Places records as if they had no key, so that records of one key may go to different
        /// partitions.
        "partitioner.ignore.keys" {
            Bool, "true|false", ["false", "false", "-"], "client-start", "1.1", affects [Order],
            safer ["false"], comes with "placement",
        }
        /// The compression of batches.
        "compression.type" {
            Enum, "none|gzip|snappy|lz4|zstd", ["none", "none", "none"], "client-start", "1.1",
            inert "The model carries record counts and sizes as given, and a compressed batch is appended, replicated, acknowledged and lost exactly like an uncompressed one.",
        }
        /// The name under which the producer writes transactions and fences its own earlier
        /// instances.
        "transactional.id" {
            Str, "non-empty string", ["none", "none", "none"], "client-start", "1.1",
            affects [Loss, Duplication], comes with "transactions",
        }
        /// After how long without an end the coordinator aborts a transaction of this producer.
        "transaction.timeout.ms" {
            DurationMs, "any int (at most the broker's transaction.max.timeout.ms)",
            ["60000", "60000", "60000"], "client-start", "1.1", affects [Loss, Latency],
            comes with "transactions",
        }
        /// Would let transactions live without a time-out for a two-phase commit.
        "transaction.two.phase.commit.enable" {
            Bool, "true|false", ["false", "-", "-"], "client-start", "1.1",
            inert "Two-phase commit is unfinished and brokers refuse prepared transactions, so only the default value can ever be in force.",
        }
    }
}
