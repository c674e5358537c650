//! The publisher's side of a publish (rabbitmq.md 1.2).

use super::rules;

ackscope_params::params! {
    /// What is said with a publish.
    pub struct PublishParams in "publish", rules rules::publish;
    fields {
        /// Whether a classic queue writes the message to disk: 2 persistent, 1 transient; without
        /// it a message is transient.
        delivery_mode: i64 {
            "delivery_mode", Int, "1 transient, 2 persistent; absent counts as 1",
            ["1", "1", "1", "1", "1"], "per-message", "1.2", aliases ["amqp1.0:durable"],
            affects [Loss], safer ["2"],
        }
        /// Whether a message that no queue gets comes back with basic.return instead of vanishing.
        mandatory: bool {
            "mandatory", Bool, "true|false", ["false", "false", "false", "false", "false"],
            "per-call", "1.2", affects [Loss], safer ["true"],
        }
        /// A flag that is no longer supported; true closes the connection with 540.
        immediate: bool {
            "immediate", Bool, "true|false (true closes the connection with 540)",
            ["false", "false", "false", "false", "false"], "per-call", "1.2",
            affects [Availability],
        }
        /// How long the message may wait in a queue, as a text of milliseconds; the smaller of this
        /// and the queue's time counts.
        expiration: Option<i64> {
            "expiration", DurationMs, "string holding 0..315360000000",
            ["none", "none", "none", "none", "none"], "per-message", "1.2", affects [Loss],
            safer ["none"],
        }
        /// The priority of the message in a queue that has priorities.
        priority: Option<i64> {
            "priority", Int, "0..255", ["none", "none", "none", "none", "none"], "per-message",
            "1.2", affects [Order],
        }
        /// The application's name for the message, by which a consumer can recognise a duplicate.
        message_id: Option<String> {
            "message_id", Str, "any string", ["none", "none", "none", "none", "none"],
            "per-message", "1.2", affects [Duplication],
        }
        /// The name of the publishing user; another name than the authenticated one closes the
        /// channel with 406.
        user_id: Option<String> {
            "user_id", Str, "name of the authenticated user",
            ["none", "none", "none", "none", "none"], "per-message", "1.2", affects [Availability],
        }
        /// Further routing keys that the consumer sees.
        cc: Option<Vec<String>> {
            "CC", List, "array of routing keys (header)", ["none", "none", "none", "none", "none"],
            "per-message", "1.2", affects [Loss, Duplication],
        }
        /// Further routing keys that are removed before the message is routed.
        bcc: Option<Vec<String>> {
            "BCC", List, "array of routing keys (header, removed before routing)",
            ["none", "none", "none", "none", "none"], "per-message", "1.2",
            affects [Loss, Duplication],
        }
        /// The exchange that the message is published to; the empty name is the default exchange.
        exchange: String {
            "exchange", Str, "name; empty string = default exchange",
            ["\"\"", "\"\"", "\"\"", "\"\"", "\"\""], "per-call", "1.2", affects [Loss],
        }
        /// The key by which the exchange finds the queues.
        routing_key: String {
            "routing_key", Str, "0..255 bytes", ["\"\"", "\"\"", "\"\"", "\"\"", "\"\""],
            "per-call", "2.5", affects [Loss],
        }
    }
    known {
        /// The delay that the plugin for delayed messages would read.
        "x-delay" {
            Int, "milliseconds (header of the delayed message exchange plugin)",
            ["-", "-", "-", "-", "-"], "per-message", "1.2",
            inert "The header belongs to a plugin that no profile ships, so the broker treats it as an ordinary header without effect.",
        }
        /// The publisher's time, carried to the consumer.
        "timestamp" {
            Long, "seconds since 1970", ["none", "none", "none", "none", "none"], "per-message",
            "1.2",
            inert "The broker never reads this property; it is carried to the consumer unchanged.",
        }
    }
}
