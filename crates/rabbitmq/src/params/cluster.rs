//! The cluster, and policies of mirrored queues (rabbitmq.md 1.9, 1.11, 1.12).

use super::rules;
use super::types::{HaMode, HaSyncMode, PartitionHandling, PauseRecover, PromoteWhen};

ackscope_params::params! {
    /// What the nodes of a cluster obey together.
    pub struct ClusterParams in "cluster", rules rules::cluster;
    fields {
        /// What nodes do when the cluster falls apart: go on, pause in the minority, pause without
        /// certain nodes, or restart the losers.
        cluster_partition_handling: Option<PartitionHandling> {
            "cluster_partition_handling", Enum,
            "ignore|pause_minority|pause_if_all_down|autoheal (no effect with Khepri, so never in 4.3)",
            ["none", "ignore", "ignore", "ignore", "ignore"], "broker-restart", "1.9",
            affects [Loss, Duplication, Availability], safer ["pause_minority"],
        }
        /// A node pauses when it can reach none of these.
        cluster_partition_handling_pause_if_all_down_nodes: Option<Vec<String>> {
            "cluster_partition_handling.pause_if_all_down.nodes", List, "node names",
            ["none", "none", "none", "none", "none"], "broker-restart", "1.9",
            aliases ["cluster_partition_handling.pause_if_all_down.nodes.N"],
            affects [Loss, Availability],
        }
        /// What is done afterwards if both sides went on.
        cluster_partition_handling_pause_if_all_down_recover: Option<PauseRecover> {
            "cluster_partition_handling.pause_if_all_down.recover", Enum, "ignore|autoheal",
            ["none", "none", "none", "none", "none"], "broker-restart", "1.9",
            affects [Loss, Availability],
        }
        /// After about how many seconds of silence a node counts as down.
        net_ticktime: i64 {
            "net_ticktime", Int, "seconds, peer declared down after 0.75 to 1.25 times this",
            ["60", "60", "60", "60", "60"], "broker-restart", "1.9",
            affects [Latency, Availability],
        }
        /// How often nodes look for partitions that only some of them see.
        cluster_keepalive_interval: i64 {
            "cluster_keepalive_interval", DurationMs, ">0",
            ["10000", "10000", "10000", "10000", "10000"], "broker-restart", "1.9",
            affects [Latency, Availability],
        }
        /// Whether the metadata live in Khepri, a Raft log, or in Mnesia.
        khepri_db: bool {
            "khepri_db", Bool, "true|false; feature flag, cannot be switched back",
            ["true", "true", "false", "false", "-"], "dynamic-metadata", "1.11",
            aliases ["metadata store"], affects [Loss, Availability], safer ["true"],
        }
        /// How long an operation on the metadata waits for a majority.
        metadata_store_khepri_default_timeout: i64 {
            "metadata_store.khepri.default_timeout", DurationMs, ">=0",
            ["30000", "30000", "30000", "30000", "-"], "broker-restart", "1.9",
            aliases ["khepri_default_timeout"], affects [Latency, Availability],
        }
    }
    known {
        /// How often the metadata's log is shortened.
        "metadata_store.khepri.snapshot_interval" {
            Int, ">0 entries", ["50000", "-", "-", "-", "-"], "broker-restart", "1.9",
            aliases ["khepri_snapshot_interval"],
            inert "It only says how often the metadata log is shortened; the state after a restart is the same.",
        }
    }
}

ackscope_params::params! {
    /// What a policy says about the mirrors of classic queues.
    pub struct MirroredPolicyParams in "mirrored-policy", rules rules::mirrored_policy;
    fields {
        /// On which nodes a classic queue has mirrors.
        ha_mode: Option<HaMode> {
            "ha-mode", Enum, "all|exactly|nodes (none = not mirrored)",
            ["-", "-", "-", "none", "none"], "policy", "1.12", affects [Loss, Availability],
            safer ["all"],
        }
        /// How many copies, or on which nodes.
        ha_params: Option<String> {
            "ha-params", Str, "count for exactly, list of nodes for nodes",
            ["-", "-", "-", "none", "none"], "policy", "1.12", affects [Loss, Availability],
        }
        /// Whether a new mirror copies what is already in the queue, or begins empty.
        ha_sync_mode: HaSyncMode {
            "ha-sync-mode", Enum, "manual|automatic", ["-", "-", "-", "manual", "manual"], "policy",
            "1.12", affects [Loss, Latency, Availability], safer ["automatic"],
        }
        /// How many messages are copied at once.
        ha_sync_batch_size: i64 {
            "ha-sync-batch-size", Int, ">=1 messages", ["-", "-", "-", "4096", "4096"], "policy",
            "1.12", affects [Latency],
        }
        /// Whether a mirror that lacks messages may become master when the master's node is
        /// stopped.
        ha_promote_on_shutdown: PromoteWhen {
            "ha-promote-on-shutdown", Enum, "when-synced|always",
            ["-", "-", "-", "when-synced", "when-synced"], "policy", "1.12",
            affects [Loss, Availability], safer ["when-synced"],
        }
        /// Whether a mirror that lacks messages may become master when the master's node dies.
        ha_promote_on_failure: PromoteWhen {
            "ha-promote-on-failure", Enum, "always|when-synced",
            ["-", "-", "-", "always", "always"], "policy", "1.12", affects [Loss, Availability],
            safer ["when-synced"],
        }
    }
}
