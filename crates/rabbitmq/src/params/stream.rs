//! Streams (rabbitmq.md 1.7).

use super::rules;

ackscope_params::params! {
    /// What a stream obeys: its own arguments, and its nodes' settings.
    pub struct StreamParams in "stream", rules rules::stream;
    fields {
        /// How large the log may grow before its oldest segments are deleted.
        x_max_length_bytes: Option<i64> {
            "x-max-length-bytes", Bytes, ">=0, retention by whole segments; the policy wins",
            ["none", "none", "none", "none", "none"], "declare-immutable|policy", "1.7",
            aliases ["policy:max-length-bytes"], affects [Loss], safer ["none"],
        }
        /// How old segments may become before they are deleted.
        x_max_age: Option<String> {
            "x-max-age", Age, "integer followed by Y, M, D, h, m or s; the policy wins",
            ["none", "none", "none", "none", "none"], "declare-immutable|policy", "1.7",
            aliases ["policy:max-age"], affects [Loss], safer ["none"],
        }
        /// The size at which the log begins a new segment; the present one is never deleted.
        x_stream_max_segment_size_bytes: i64 {
            "x-stream-max-segment-size-bytes", Bytes,
            "0..3000000000 (also at most 256000 chunks per segment); the policy wins",
            ["500000000", "500000000", "500000000", "500000000", "500000000"],
            "declare-immutable|policy", "1.7", aliases ["policy:stream-max-segment-size-bytes"],
            affects [Loss, Latency],
        }
        /// How many copies the stream has.
        x_initial_cluster_size: Option<i64> {
            "x-initial-cluster-size", Int, ">=1 (none = all cluster nodes)",
            ["none", "none", "none", "none", "none"], "declare-immutable", "1.7",
            affects [Loss, Availability], safer ["3"],
        }
        /// The same by a policy.
        initial_cluster_size: Option<i64> {
            "initial-cluster-size", Int, ">=1 (none = all cluster nodes)",
            ["none", "none", "none", "none", "none"], "policy", "1.7", affects [Loss, Availability],
            safer ["3"],
        }
        /// How many messages a channel may have unconfirmed at a stream before its connection is no
        /// longer read.
        stream_messages_soft_limit: i64 {
            "stream_messages_soft_limit", Int, ">=1", ["256", "256", "256", "256", "256"],
            "broker-restart", "1.7", affects [Loss, Latency],
        }
        /// Whether streams may be declared.
        queue_types_stream_enabled: bool {
            "queue_types.stream.enabled", Bool, "true|false", ["true", "true", "-", "-", "-"],
            "broker-restart", "1.7", aliases ["stream_queues_enabled"], affects [Availability],
            safer ["true"],
        }
        /// How many publishers a connection of the stream protocol may have.
        max_publishers_per_connection: i64 {
            "MAX_PUBLISHERS_PER_CONNECTION", Int, "constant, not configurable (stream protocol)",
            ["256", "-", "-", "-", "-"], "broker-restart", "1.7", affects [Availability],
        }
        /// How many subscriptions a connection of the stream protocol may have.
        max_subscriptions_per_connection: i64 {
            "MAX_SUBSCRIPTIONS_PER_CONNECTION", Int, "constant, not configurable (stream protocol)",
            ["256", "-", "-", "-", "-"], "broker-restart", "1.7", affects [Availability],
        }
    }
    known {
        /// The size of the filter of a chunk.
        "x-stream-filter-size-bytes" {
            Bytes, "16..255", ["16", "16", "16", "16", "-"], "declare-immutable|policy", "1.7",
            aliases ["policy:stream-filter-size-bytes"],
            inert "It only sizes the Bloom filter of a chunk, that is how many foreign messages slip through to a client that filters again anyway.",
        }
    }
}
