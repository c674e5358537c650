//! The settings of the controller (kafka.md 1.3, 1.5).

use super::rules;

ackscope_params::params! {
    /// What the active controller obeys.
    pub struct ControllerParams in "controller", rules rules::controller;
    fields {
        /// Lets the controller give leadership back to the preferred replicas by itself.
        auto_leader_rebalance_enable: bool {
            "auto.leader.rebalance.enable", Bool, "true|false", ["true", "true", "true"],
            "broker-restart", "1.3", affects [Loss, Availability], safer ["false"],
        }
        /// How often the controller looks for partitions whose preferred replica does not lead.
        leader_imbalance_check_interval_seconds: i64 {
            "leader.imbalance.check.interval.seconds", Long, ">=1 seconds", ["300", "300", "300"],
            "broker-restart", "1.3", affects [Loss, Availability],
        }
        /// How often the controller looks for leaderless partitions for which unclean election was
        /// allowed meanwhile.
        unclean_leader_election_interval_ms: i64 {
            "unclean.leader.election.interval.ms", DurationMs, ">=1 (internal key)",
            ["300000", "300000", "-"], "broker-restart", "1.3", affects [Loss, Availability],
        }
        /// After how long without a heartbeat the controller fences a broker and elects new
        /// leaders.
        broker_session_timeout_ms: i64 {
            "broker.session.timeout.ms", DurationMs,
            "any int (below 2 x heartbeat only an error is logged)", ["9000", "9000", "-"],
            "broker-restart", "1.5", affects [Loss, Latency, Availability],
        }
        /// How long the controller collects metadata records before it writes them.
        controller_quorum_append_linger_ms: i64 {
            "controller.quorum.append.linger.ms", DurationMs, ">=0", ["25", "25", "-"],
            "broker-restart", "1.5", affects [Latency],
        }
    }
    known {
        /// How long a candidate waits for votes before it tries again.
        "controller.quorum.election.timeout.ms" {
            DurationMs, ">=0", ["1000", "1000", "-"], "broker-restart", "1.5",
            affects [Latency, Availability], comes with "controller-quorum",
        }
        /// The controllers that vote; their number decides which failures stop the metadata log.
        "controller.quorum.voters" {
            List,
            "id@host:port, ... (static quorum; the number of voters decides which failures stop the metadata log)",
            ["\"\"", "\"\"", "-"], "broker-restart", "1.5", affects [Availability],
            comes with "controller-quorum",
        }
        /// After how long without a fetch from the leader a voter calls an election.
        "controller.quorum.fetch.timeout.ms" {
            DurationMs, ">=0", ["2000", "2000", "-"], "broker-restart", "1.5",
            affects [Latency, Availability], comes with "controller-quorum",
        }
        /// The longest random pause before a new election after a split vote.
        "controller.quorum.election.backoff.max.ms" {
            DurationMs, ">=0", ["1000", "1000", "-"], "broker-restart", "1.5",
            affects [Latency, Availability], comes with "controller-quorum",
        }
        /// How long a controller waits for the answer of another one.
        "controller.quorum.request.timeout.ms" {
            DurationMs, ">=0", ["2000", "2000", "-"], "broker-restart", "1.5",
            affects [Latency, Availability], comes with "controller-quorum",
        }
        /// The pause before a controller repeats a request to another one.
        "controller.quorum.retry.backoff.ms" {
            DurationMs, ">=0", ["20", "20", "-"], "broker-restart", "1.5", affects [Latency],
            comes with "controller-quorum",
        }
        /// How often an idle controller writes an empty record.
        "metadata.max.idle.interval.ms" {
            DurationMs, ">=0 (0 = off)", ["500", "500", "-"], "broker-restart", "1.5",
            inert "It only makes an idle controller append no-op records so that lag becomes visible; no election, fencing or data record depends on them.",
        }
    }
}
