//! Quorum queues (rabbitmq.md 1.6).

use super::rules;
use super::types::{DeadLetterStrategy, DelayedRetry};

ackscope_params::params! {
    /// What a quorum queue obeys: its own arguments, and its nodes' settings.
    pub struct QuorumQueueParams in "quorum-queue", rules rules::quorum_queue;
    fields {
        /// How many members the queue begins with.
        x_quorum_initial_group_size: i64 {
            "x-quorum-initial-group-size", Int,
            ">=1, at most the cluster size (none given = quorum_queue.initial_cluster_size)",
            ["3", "3", "3", "3", "3"], "declare-immutable", "1.6", affects [Loss, Availability],
            safer ["3"],
        }
        /// How many members quorum queues begin with that name no number.
        quorum_queue_initial_cluster_size: i64 {
            "quorum_queue.initial_cluster_size", Int, ">=1", ["3", "3", "3", "3", "3"],
            "broker-restart", "1.6", aliases ["quorum_cluster_size"], affects [Loss, Availability],
            safer ["3"],
        }
        /// How many members the reconciliation of members aims at.
        x_quorum_target_group_size: Option<i64> {
            "x-quorum-target-group-size", Int,
            ">=1; the largest of argument, policy and node value",
            ["none", "none", "none", "none", "-"], "declare-immutable|policy", "1.6",
            aliases ["policy:target-group-size"], affects [Loss, Availability], safer ["3"],
        }
        /// Lets quorum queues get members on nodes that join later.
        quorum_queue_continuous_membership_reconciliation_enabled: bool {
            "quorum_queue.continuous_membership_reconciliation.enabled", Bool, "true|false",
            ["false", "false", "false", "false", "-"], "broker-restart", "1.6",
            affects [Loss, Availability], safer ["true"],
        }
        /// The number of members for queues that name none.
        quorum_queue_continuous_membership_reconciliation_target_group_size: Option<i64> {
            "quorum_queue.continuous_membership_reconciliation.target_group_size", Int, ">=1",
            ["none", "none", "none", "none", "-"], "broker-restart", "1.6",
            affects [Loss, Availability], safer ["3"],
        }
        /// Removes members on nodes that have left the cluster.
        quorum_queue_continuous_membership_reconciliation_auto_remove: bool {
            "quorum_queue.continuous_membership_reconciliation.auto_remove", Bool, "true|false",
            ["false", "false", "false", "false", "-"], "broker-restart", "1.6",
            affects [Loss, Availability], safer ["false"],
        }
        /// How often members are compared with the goal.
        quorum_queue_continuous_membership_reconciliation_interval: i64 {
            "quorum_queue.continuous_membership_reconciliation.interval", DurationMs, ">0",
            ["3600000", "3600000", "3600000", "3600000", "-"], "broker-restart", "1.6",
            affects [Latency, Availability],
        }
        /// How soon they are compared after a node joined or left.
        quorum_queue_continuous_membership_reconciliation_trigger_interval: i64 {
            "quorum_queue.continuous_membership_reconciliation.trigger_interval", DurationMs, ">0",
            ["10000", "10000", "10000", "10000", "-"], "broker-restart", "1.6",
            affects [Latency, Availability],
        }
        /// How often a message may come back before it is dropped or dead-lettered; a negative
        /// number is no limit.
        x_delivery_limit: Option<i64> {
            "x-delivery-limit", Int,
            ">=0, negative = unlimited; the smaller of argument and policy, a negative one gives way",
            ["20", "20", "20", "none", "none"], "declare-immutable|policy", "1.6",
            aliases ["policy:delivery-limit"], affects [Loss, Duplication], safer ["-1"],
        }
        /// Whether dead letters may get lost on their way, or stay until their new queue has them.
        x_dead_letter_strategy: DeadLetterStrategy {
            "x-dead-letter-strategy", Enum,
            "at-most-once|at-least-once (needs a dead-letter exchange and reject-publish); the argument wins",
            ["at-most-once", "at-most-once", "at-most-once", "at-most-once", "at-most-once"],
            "declare-immutable|policy", "1.6", aliases ["policy:dead-letter-strategy"],
            affects [Loss], safer ["at-least-once"],
        }
        /// How long deliveries wait for a consumer whose node cannot be reached.
        x_consumer_disconnected_timeout: Option<i64> {
            "x-consumer-disconnected-timeout", DurationMs,
            ">=0 (none = consumer_disconnected_timeout of the node)", ["none", "-", "-", "-", "-"],
            "declare-immutable|policy", "1.6", aliases ["policy:consumer-disconnected-timeout"],
            affects [Duplication, Latency],
        }
        /// The same for queues that name no time.
        consumer_disconnected_timeout: i64 {
            "consumer_disconnected_timeout", DurationMs, ">=0", ["60000", "-", "-", "-", "-"],
            "broker-restart", "1.6", affects [Duplication, Latency],
        }
        /// Which returned messages wait a while before they are delivered again.
        x_delayed_retry_type: DelayedRetry {
            "x-delayed-retry-type", Enum, "disabled|all|failed|returned",
            ["disabled", "-", "-", "-", "-"], "declare-immutable|policy", "1.6",
            aliases ["policy:delayed-retry-type"], affects [Order, Latency],
        }
        /// How long the first such wait is; it grows with each delivery.
        x_delayed_retry_min: Option<i64> {
            "x-delayed-retry-min", DurationMs, ">0, required unless the type is disabled",
            ["none", "-", "-", "-", "-"], "declare-immutable|policy", "1.6",
            aliases ["policy:delayed-retry-min"], affects [Order, Latency],
        }
        /// How long the longest such wait is.
        x_delayed_retry_max: Option<i64> {
            "x-delayed-retry-max", DurationMs, "at least the minimum (none = equal to the minimum)",
            ["none", "-", "-", "-", "-"], "declare-immutable|policy", "1.6",
            aliases ["policy:delayed-retry-max"], affects [Order, Latency],
        }
        /// How many commands a channel may have open at a queue before its connection is no longer
        /// read.
        quorum_commands_soft_limit: i64 {
            "quorum_commands_soft_limit", Int, ">=1", ["32", "32", "32", "32", "32"],
            "broker-restart", "1.6", affects [Loss, Latency],
        }
        /// How many dead letters may be on their way at once.
        dead_letter_worker_consumer_prefetch: i64 {
            "dead_letter_worker_consumer_prefetch", Int, ">=1", ["32", "32", "32", "32", "32"],
            "broker-restart", "1.6", affects [Latency],
        }
        /// After how long without a confirm a dead letter is sent again.
        dead_letter_worker_publisher_confirm_timeout: i64 {
            "dead_letter_worker_publisher_confirm_timeout", DurationMs, ">0",
            ["180000", "180000", "180000", "180000", "180000"], "broker-restart", "1.6",
            affects [Duplication, Latency],
        }
        /// How often a leader looks after its queue: expiry, missing members.
        quorum_tick_interval: i64 {
            "quorum_tick_interval", DurationMs, ">0", ["5000", "5000", "5000", "5000", "5000"],
            "broker-restart", "1.6", affects [Latency, Availability],
        }
        /// Whether declaring again with other arguments is allowed for quorum queues.
        quorum_queue_property_equivalence_relaxed_checks_on_redeclaration: bool {
            "quorum_queue.property_equivalence.relaxed_checks_on_redeclaration", Bool, "true|false",
            ["false", "false", "false", "false", "-"], "broker-restart", "1.4",
            aliases ["quorum_relaxed_checks_on_redeclaration"], affects [Availability],
            safer ["true"],
        }
    }
    known {
        /// Once limited how many messages were kept in memory.
        "x-max-in-memory-length" {
            Int, ">=0", ["none", "none", "none", "none", "none"], "declare-immutable|policy", "1.6",
            aliases ["policy:max-in-memory-length"],
            inert "Accepted but without any effect in every profile (since 3.10).",
        }
        /// Once limited how many bytes were kept in memory.
        "x-max-in-memory-bytes" {
            Bytes, ">=0", ["none", "none", "none", "none", "none"], "declare-immutable|policy",
            "1.6", aliases ["policy:max-in-memory-bytes"],
            inert "Accepted but without any effect in every profile (since 3.10).",
        }
    }
}
