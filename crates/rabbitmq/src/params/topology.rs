//! Exchanges, bindings, and what queues of all kinds have (rabbitmq.md 1.3, 1.4).

use super::rules;
use super::types::{LeaderLocator, MasterLocator, Overflow, QueueType};

ackscope_params::params! {
    /// What an exchange is declared with.
    pub struct ExchangeParams in "exchange", rules rules::exchange;
    fields {
        /// How the exchange chooses queues: by equal key, all of them, by a pattern, or by headers.
        kind: Option<String> {
            "type", Enum,
            "direct|fanout|topic|headers|x-consistent-hash (plugin)|x-local-random (since 4.0)",
            ["none", "none", "none", "none", "none"], "declare-immutable", "1.3", affects [Loss],
        }
        /// Whether the exchange survives a stop of the whole cluster; with Khepri every exchange
        /// does.
        durable: bool {
            "durable", Bool, "true|false", ["false", "false", "false", "false", "false"],
            "declare-immutable", "1.3", affects [Loss, Availability], safer ["true"],
        }
        /// Deletes the exchange when its last binding is removed.
        auto_delete: bool {
            "auto_delete", Bool, "true|false", ["false", "false", "false", "false", "false"],
            "declare-immutable", "1.3", affects [Loss, Availability], safer ["false"],
        }
        /// Forbids clients to publish to the exchange.
        internal: bool {
            "internal", Bool, "true|false", ["false", "false", "false", "false", "false"],
            "declare-immutable", "1.3", affects [Availability],
        }
        /// The exchange that gets what this one can route to no queue.
        alternate_exchange: Option<String> {
            "alternate-exchange", Str, "exchange name; the argument overrides the policy",
            ["none", "none", "none", "none", "none"], "declare-immutable|policy", "1.3",
            aliases ["policy:alternate-exchange"], affects [Loss],
        }
        /// Refuses to delete an exchange that still has bindings.
        if_unused: bool {
            "if_unused", Bool, "true|false (exchange.delete)",
            ["false", "false", "false", "false", "false"], "per-call", "1.3",
            affects [Availability], safer ["true"],
        }
    }
}

ackscope_params::params! {
    /// What a binding is made with.
    pub struct BindingParams in "binding", rules rules::binding;
    fields {
        /// The key or pattern under which the queue gets messages.
        routing_key: String {
            "routing_key", Str,
            "for topic exchanges with * and #; at most two # per key since 4.3.5",
            ["\"\"", "\"\"", "\"\"", "\"\"", "\"\""], "per-call", "1.3", aliases ["binding_key"],
            affects [Loss],
        }
    }
}

ackscope_params::params! {
    /// What a queue of any kind is declared with, or gets from a policy.
    pub struct QueueParams in "queue", rules rules::queue;
    fields {
        /// Which kind of queue it is: one copy on one node, a replicated queue, or a replicated
        /// log.
        x_queue_type: Option<QueueType> {
            "x-queue-type", Enum,
            "classic|quorum|stream (none = virtual host or node default, else classic)",
            ["none", "none", "none", "none", "none"], "declare-immutable", "1.4",
            affects [Loss, Duplication, Order, Latency, Availability], safer ["quorum"],
        }
        /// Whether the queue and its persistent messages survive a restart of its node.
        durable: bool {
            "durable", Bool,
            "true|false (quorum and stream need true; false and not exclusive is refused in 4.3)",
            ["false", "false", "false", "false", "false"], "declare-immutable", "1.4",
            affects [Loss], safer ["true"],
        }
        /// Ties the queue to the connection that declares it; it is deleted with that connection.
        exclusive: bool {
            "exclusive", Bool, "true|false (classic only)",
            ["false", "false", "false", "false", "false"], "declare-immutable", "1.4",
            affects [Loss, Availability], safer ["false"],
        }
        /// Deletes the queue, and what is in it, when its last consumer goes.
        auto_delete: bool {
            "auto_delete", Bool, "true|false (classic only)",
            ["false", "false", "false", "false", "false"], "declare-immutable", "1.4",
            affects [Loss], safer ["false"],
        }
        /// The name of the queue; the empty name lets the node make one.
        queue: String {
            "queue", Str, "1..255 bytes; empty = name made by the server (classic only)",
            ["\"\"", "\"\"", "\"\"", "\"\"", "\"\""], "declare-immutable", "1.4", aliases ["name"],
            affects [Availability],
        }
        /// Only asks whether the queue exists, and changes nothing.
        passive: bool {
            "passive", Bool, "true|false (true = only check that it exists)",
            ["false", "false", "false", "false", "false"], "per-call", "1.4",
            affects [Availability],
        }
        /// How long a message may wait in the queue before it is dropped or dead-lettered.
        x_message_ttl: Option<i64> {
            "x-message-ttl", DurationMs, "0..315360000000; the smaller of argument and policy",
            ["none", "none", "none", "none", "none"], "declare-immutable|policy", "1.4",
            aliases ["policy:message-ttl"], affects [Loss], safer ["none"],
        }
        /// After how long without use the queue is deleted, with what is in it.
        x_expires: Option<i64> {
            "x-expires", DurationMs, ">=1; the smaller of argument and policy",
            ["none", "none", "none", "none", "none"], "declare-immutable|policy", "1.4",
            aliases ["policy:expires"], affects [Loss], safer ["none"],
        }
        /// How many messages may be ready; what happens to more is decided by the overflow.
        x_max_length: Option<i64> {
            "x-max-length", Int, ">=0; the smaller of argument and policy",
            ["none", "none", "none", "none", "none"], "declare-immutable|policy", "1.4",
            aliases ["policy:max-length"], affects [Loss], safer ["none"],
        }
        /// How many bytes of messages may be ready.
        x_max_length_bytes: Option<i64> {
            "x-max-length-bytes", Bytes, ">=0; the smaller of argument and policy",
            ["none", "none", "none", "none", "none"], "declare-immutable|policy", "1.4",
            aliases ["policy:max-length-bytes"], affects [Loss], safer ["none"],
        }
        /// What happens at the limit: the oldest message is dropped, or the new one is refused.
        x_overflow: Overflow {
            "x-overflow", Enum,
            "drop-head|reject-publish|reject-publish-dlx (classic only); classic: argument wins, quorum: policy wins",
            ["drop-head", "drop-head", "drop-head", "drop-head", "drop-head"],
            "declare-immutable|policy", "1.4", aliases ["policy:overflow"],
            affects [Loss, Availability], safer ["reject-publish"],
        }
        /// The exchange that gets messages that were refused, expired, dropped or delivered too
        /// often.
        x_dead_letter_exchange: Option<String> {
            "x-dead-letter-exchange", Str, "exchange name; the argument wins",
            ["none", "none", "none", "none", "none"], "declare-immutable|policy", "1.4",
            aliases ["policy:dead-letter-exchange"], affects [Loss],
        }
        /// The key with which dead letters are published; without it they keep their own.
        x_dead_letter_routing_key: Option<String> {
            "x-dead-letter-routing-key", Str,
            "routing key (needs a dead-letter exchange; none = original keys); the argument wins",
            ["none", "none", "none", "none", "none"], "declare-immutable|policy", "1.4",
            aliases ["policy:dead-letter-routing-key"], affects [Loss],
        }
        /// Lets only one consumer at a time get messages; the next takes over when it goes.
        x_single_active_consumer: bool {
            "x-single-active-consumer", Bool, "true|false (classic and quorum)",
            ["false", "false", "false", "false", "false"], "declare-immutable", "1.4",
            affects [Order], safer ["true"],
        }
        /// On which node the queue begins: where the client is connected, or where the fewest are.
        x_queue_leader_locator: LeaderLocator {
            "x-queue-leader-locator", Enum,
            "client-local|balanced (the policy wins; 3.13 and 3.10 quorum and stream only, classic uses the master locator)",
            ["client-local", "client-local", "client-local", "client-local", "client-local"],
            "declare-immutable|policy", "1.4",
            aliases ["policy:queue-leader-locator", "node:queue_leader_locator"],
            affects [Latency, Availability],
        }
        /// The older choice of a classic queue's node.
        x_queue_master_locator: Option<MasterLocator> {
            "x-queue-master-locator", Enum, "min-masters|client-local|random (refused in 4.3)",
            ["none", "none", "none", "none", "none"], "declare-immutable|policy", "1.4",
            aliases ["policy:queue-master-locator"], affects [Latency, Availability],
        }
        /// How long a delivery of this queue may wait for its acknowledgement.
        x_consumer_timeout: Option<i64> {
            "x-consumer-timeout", DurationMs,
            ">=0; the smaller of argument and policy (none = consumer_timeout of the node); 4.3 quorum only",
            ["none", "none", "none", "none", "-"], "declare-immutable|policy", "1.6",
            aliases ["policy:consumer-timeout"], affects [Duplication, Latency, Availability],
        }
        /// Refuses to delete a queue that has consumers.
        if_unused: bool {
            "if_unused", Bool, "true|false (queue.delete)",
            ["false", "false", "false", "false", "false"], "per-call", "1.4",
            affects [Availability], safer ["true"],
        }
        /// Refuses to delete a queue that has messages.
        if_empty: bool {
            "if_empty", Bool, "true|false (queue.delete)",
            ["false", "false", "false", "false", "false"], "per-call", "1.4", affects [Loss],
            safer ["true"],
        }
    }
}
