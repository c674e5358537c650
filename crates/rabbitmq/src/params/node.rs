//! Nodes (rabbitmq.md 1.4, 1.8, 1.9, 1.11).

use ackscope_params::{Decimal, Ratio};

use super::rules;
use super::types::{DefaultPrefetch, MasterLocator, QueueType, VhostRestart};

ackscope_params::params! {
    /// What a node as a whole obeys.
    pub struct NodeParams in "node", rules rules::node;
    fields {
        /// How long a delivery may wait for its acknowledgement.
        consumer_timeout: i64 {
            "consumer_timeout", DurationMs, ">=0; 4.3 quorum queues only",
            ["1800000", "1800000", "1800000", "1800000", "1800000"], "broker-restart", "1.8",
            affects [Duplication, Latency, Availability],
        }
        /// The prefetch of channels that never set one: whether it is shared, and the number.
        default_consumer_prefetch: DefaultPrefetch {
            "default_consumer_prefetch", List, "global flag, count (0 = unlimited)",
            ["false,0", "false,0", "false,0", "false,0", "false,0"], "broker-restart", "1.8",
            affects [Loss, Duplication, Latency],
        }
        /// The type of queues that name none.
        default_queue_type: QueueType {
            "default_queue_type", Enum, "classic|quorum|stream (3.10: virtual host metadata only)",
            ["classic", "classic", "classic", "classic", "classic"], "broker-restart", "1.4",
            aliases ["vhost:default_queue_type"], affects [Loss, Availability], safer ["quorum"],
        }
        /// The share of memory above which publishing connections of the whole cluster are blocked.
        vm_memory_high_watermark_relative: Ratio {
            "vm_memory_high_watermark.relative", Str,
            "fraction of RAM, 0 = block all publishing; also changed at run time",
            ["0.6", "0.6", "0.6", "0.4", "0.4"], "broker-restart", "1.9",
            aliases ["vm_memory_high_watermark"], affects [Latency, Availability],
        }
        /// The same as a size.
        vm_memory_high_watermark_absolute: Option<i64> {
            "vm_memory_high_watermark.absolute", Bytes, "any size; replaces the relative value",
            ["none", "none", "none", "none", "none"], "broker-restart", "1.9",
            affects [Latency, Availability],
        }
        /// The free disk space below which publishing connections of the whole cluster are blocked.
        disk_free_limit_absolute: i64 {
            "disk_free_limit.absolute", Bytes, "any size; also changed at run time",
            ["50000000", "50000000", "50000000", "50000000", "50000000"], "broker-restart", "1.9",
            aliases ["disk_free_limit"], affects [Latency, Availability],
        }
        /// The same as a ratio to the memory.
        disk_free_limit_relative: Option<Decimal> {
            "disk_free_limit.relative", Str,
            "ratio of free disk to RAM; replaces the absolute value",
            ["none", "none", "none", "none", "none"], "broker-restart", "1.9",
            affects [Latency, Availability],
        }
        /// Whether a failing message store takes down its virtual host or the node.
        vhost_restart_strategy: VhostRestart {
            "vhost_restart_strategy", Enum, "continue|stop",
            ["continue", "continue", "continue", "continue", "continue"], "broker-restart", "1.9",
            affects [Availability], safer ["continue"],
        }
        /// How many messages are copied at once to a new mirror.
        mirroring_sync_batch_size: i64 {
            "mirroring_sync_batch_size", Int, ">=1 messages", ["-", "-", "-", "4096", "4096"],
            "broker-restart", "1.9", affects [Latency],
        }
        /// Whether a slow mirror slows down the publisher.
        mirroring_flow_control: bool {
            "mirroring_flow_control", Bool, "true|false", ["-", "-", "-", "true", "true"],
            "broker-restart", "1.9", affects [Latency],
        }
        /// On which node classic queues begin that name no locator.
        queue_master_locator: Option<MasterLocator> {
            "queue_master_locator", Enum,
            "min-masters|client-local|random (no longer read since 4.0, refused in 4.3)",
            ["none", "none", "none", "client-local", "client-local"], "broker-restart", "1.9",
            affects [Latency, Availability],
        }
        /// Whether queues that are neither durable nor exclusive may be declared.
        deprecated_features_permit_transient_nonexcl_queues: bool {
            "deprecated_features.permit.transient_nonexcl_queues", Bool, "true|false",
            ["false", "true", "true", "true", "-"], "broker-restart", "1.9",
            affects [Loss, Availability], safer ["false"],
        }
        /// Whether a prefetch shared by a channel is honoured.
        deprecated_features_permit_global_qos: bool {
            "deprecated_features.permit.global_qos", Bool, "true|false",
            ["false", "true", "true", "true", "-"], "broker-restart", "1.9",
            affects [Order, Latency],
        }
        /// Whether the older locator of classic queues may be used.
        deprecated_features_permit_queue_master_locator: bool {
            "deprecated_features.permit.queue_master_locator", Bool, "true|false",
            ["false", "true", "true", "-", "-"], "broker-restart", "1.9", affects [Availability],
        }
        /// Whether nodes may keep their metadata in memory only.
        deprecated_features_permit_ram_node_type: bool {
            "deprecated_features.permit.ram_node_type", Bool, "true|false (removed in 4.3)",
            ["-", "true", "true", "true", "-"], "broker-restart", "1.9",
            affects [Loss, Availability], safer ["false"],
        }
        /// How many queues a virtual host may have.
        default_limits_vhosts_max_queues: Option<i64> {
            "default_limits.vhosts.max_queues", Int, ">=0, -1 = unlimited",
            ["none", "none", "none", "none", "-"], "broker-restart", "1.9",
            aliases ["default_limits.vhosts.N.max_queues"], affects [Availability],
        }
        /// How long a starting node waits for the nodes that were last running, each time.
        mnesia_table_loading_retry_timeout: i64 {
            "mnesia_table_loading_retry_timeout", DurationMs, ">=0 (no effect with Khepri)",
            ["30000", "30000", "30000", "30000", "30000"], "broker-restart", "1.11",
            affects [Latency, Availability],
        }
        /// How often it waits before it gives up.
        mnesia_table_loading_retry_limit: i64 {
            "mnesia_table_loading_retry_limit", Int, ">=0 (no effect with Khepri)",
            ["10", "10", "10", "10", "10"], "broker-restart", "1.11", affects [Availability],
        }
    }
    known {
        /// At which share of the watermark bodies are moved to disk.
        "vm_memory_high_watermark_paging_ratio" {
            Str, "fraction of the watermark (no effect since 4.0)",
            ["none", "none", "none", "0.5", "0.5"], "broker-restart", "1.9",
            inert "It only moves bodies from RAM to disk earlier; what is written for durability, confirmed or delivered does not change.",
        }
        /// Which syntax AMQP 1.0 addresses have.
        "deprecated_features.permit.amqp_address_v1" {
            Bool, "true|false", ["false", "true", "true", "-", "-"], "broker-restart", "1.9",
            inert "It only selects the address syntax of AMQP 1.0 links; routing of a resolved address is the same.",
        }
    }
}
