//! Consumers (rabbitmq.md 1.8).

use super::rules;

ackscope_params::params! {
    /// What is said with basic.consume, basic.qos and the acknowledgements.
    pub struct ConsumerParams in "consumer", rules rules::consumer;
    fields {
        /// Whether a message counts as done as soon as it is handed to the connection.
        no_ack: bool {
            "no_ack", Bool, "true|false (streams need false)",
            ["false", "false", "false", "false", "false"], "per-call", "1.8", aliases ["autoAck"],
            affects [Loss, Duplication, Latency], safer ["false"],
        }
        /// How many unacknowledged messages a consumer may hold.
        prefetch_count: i64 {
            "prefetch_count", Int, "0..65535, 0 = unlimited (quorum: up to 2000; streams need > 0)",
            ["0", "0", "0", "0", "0"], "per-call", "1.8", aliases ["basic.qos.prefetch_count"],
            affects [Loss, Duplication, Order, Latency],
        }
        /// Whether the prefetch is shared by all consumers of the channel.
        global: bool {
            "global", Bool, "true|false (4.3 treats true as false unless permitted)",
            ["false", "false", "false", "false", "false"], "per-call", "1.8",
            aliases ["basic.qos.global"], affects [Order, Latency],
        }
        /// A limit in bytes; anything but 0 closes the connection with 540.
        prefetch_size: i64 {
            "prefetch_size", Int, "only 0", ["0", "0", "0", "0", "0"], "per-call", "1.8",
            aliases ["basic.qos.prefetch_size"], affects [Availability],
        }
        /// Which delivery is acknowledged; an unknown number closes the channel with 406.
        delivery_tag: Option<i64> {
            "delivery_tag", Long,
            "tag of an unsettled delivery of the same channel; 0 with multiple = all",
            ["none", "none", "none", "none", "none"], "per-call", "1.8", affects [Availability],
        }
        /// Whether an ack also covers all earlier deliveries of the channel.
        basic_ack_multiple: bool {
            "basic.ack.multiple", Bool, "true|false", ["false", "false", "false", "false", "false"],
            "per-call", "1.8", affects [Loss, Latency], safer ["false"],
        }
        /// Whether a nack also covers all earlier deliveries.
        basic_nack_multiple: bool {
            "basic.nack.multiple", Bool, "true|false",
            ["false", "false", "false", "false", "false"], "per-call", "1.8", affects [Loss, Order],
        }
        /// Whether a message that was refused goes back to its queue.
        basic_nack_requeue: bool {
            "basic.nack.requeue", Bool, "true|false", ["true", "true", "true", "true", "true"],
            "per-call", "1.8", affects [Loss], safer ["true"],
        }
        /// The same for basic.reject.
        basic_reject_requeue: bool {
            "basic.reject.requeue", Bool, "true|false", ["true", "true", "true", "true", "true"],
            "per-call", "1.8", affects [Loss], safer ["true"],
        }
        /// Whether basic.recover puts messages back; only true works.
        basic_recover_requeue: Option<bool> {
            "basic.recover.requeue", Bool, "only true works (false closes the connection with 540)",
            ["none", "none", "none", "none", "none"], "per-call", "1.8",
            affects [Duplication, Order],
        }
        /// Whether a message that was fetched with basic.get is done at once.
        basic_get_no_ack: bool {
            "basic.get.no_ack", Bool, "true|false (true = settled at once)",
            ["false", "false", "false", "false", "false"], "per-call", "4.2", affects [Loss],
            safer ["false"],
        }
        /// Whether this consumer is the only one of its queue; others are refused with 403.
        exclusive: bool {
            "exclusive", Bool, "true|false", ["false", "false", "false", "false", "false"],
            "per-call", "1.8", affects [Order, Availability],
        }
        /// Consumers with a higher priority are served first while they can take more.
        x_priority: i64 {
            "x-priority", Int, "any int", ["0", "0", "0", "0", "0"], "per-call", "1.8",
            affects [Order, Latency],
        }
        /// The name of the consumer on its channel; using it twice closes the connection with 530.
        consumer_tag: String {
            "consumer_tag", Str, "unique per channel; empty = made by the server",
            ["\"\"", "\"\"", "\"\"", "\"\"", "\"\""], "per-call", "1.8", affects [Availability],
        }
        /// How long a delivery to this consumer may wait for its acknowledgement.
        x_consumer_timeout: Option<i64> {
            "x-consumer-timeout", DurationMs, ">=0 (quorum only; overrides queue and node values)",
            ["none", "-", "-", "-", "-"], "per-call", "1.8", affects [Duplication, Latency],
        }
        /// Where in a stream the consumer begins.
        x_stream_offset: String {
            "x-stream-offset", Str, "first|last|next|offset|timestamp|interval such as 1h",
            ["next", "next", "next", "next", "next"], "per-call", "1.8",
            affects [Loss, Duplication], safer ["first"],
        }
        /// Which values the consumer wants; other chunks are skipped.
        x_stream_filter: Option<Vec<String>> {
            "x-stream-filter", List, "one or more filter values",
            ["none", "none", "none", "none", "-"], "per-call", "1.8", affects [Loss],
        }
        /// Whether messages without a value for the filter come too.
        x_stream_match_unfiltered: bool {
            "x-stream-match-unfiltered", Bool, "true|false",
            ["false", "false", "false", "false", "-"], "per-call", "1.8", affects [Loss],
            safer ["true"],
        }
        /// Whether the consumer is cancelled when a mirror becomes master.
        x_cancel_on_ha_failover: bool {
            "x-cancel-on-ha-failover", Bool, "true|false", ["-", "-", "-", "false", "false"],
            "per-call", "1.8", affects [Loss, Duplication, Availability],
        }
    }
}
