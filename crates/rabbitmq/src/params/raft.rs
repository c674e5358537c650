//! Raft and the failure detector (rabbitmq.md 1.10).

use ackscope_params::{Decimal, Interval, Ratio};

use super::rules;
use super::types::WalSync;

ackscope_params::params! {
    /// What quorum queues, the stream coordinator and Khepri obey.
    pub struct RaftParams in "raft", rules rules::raft;
    fields {
        /// How many entries are written and synchronised at once.
        quorum_queue_wal_max_batch_size: i64 {
            "quorum_queue.wal_max_batch_size", Int, ">0 entries per write and fdatasync",
            ["4096", "4096", "4096", "4096", "4096"], "broker-restart", "1.10",
            aliases ["raft.wal_max_batch_size"], affects [Latency],
        }
        /// How the write-ahead log is forced to disk before an entry counts.
        wal_sync_method: WalSync {
            "wal_sync_method", Enum, "datasync|sync|none (no documented rabbitmq.conf key)",
            ["datasync", "datasync", "datasync", "datasync", "datasync"], "broker-restart", "1.10",
            aliases ["ra.wal_sync_method"], affects [Loss, Latency], safer ["datasync"],
        }
        /// Whether damaged entries of the write-ahead log are found at the start.
        quorum_queue_wal_compute_checksums: bool {
            "quorum_queue.wal_compute_checksums", Bool, "true|false",
            ["true", "true", "true", "true", "true"], "broker-restart", "1.10",
            aliases ["quorum_wal_compute_checksums"], affects [Loss], safer ["true"],
        }
        /// The same for segment files.
        quorum_queue_segment_compute_checksums: bool {
            "quorum_queue.segment_compute_checksums", Bool, "true|false",
            ["true", "true", "true", "true", "true"], "broker-restart", "1.10",
            aliases ["quorum_segment_compute_checksums"], affects [Loss], safer ["true"],
        }
        /// The default of both.
        quorum_queue_compute_checksums: bool {
            "quorum_queue.compute_checksums", Bool, "true|false, default of the two keys above",
            ["true", "true", "true", "true", "true"], "broker-restart", "1.10",
            aliases ["quorum_compute_checksums"], affects [Loss], safer ["true"],
        }
        /// How many entries a leader sends to a follower at once.
        quorum_queue_max_append_entries_rpc_batch_size: i64 {
            "quorum_queue.max_append_entries_rpc_batch_size", Int, ">0",
            ["16", "16", "16", "16", "16"], "broker-restart", "1.10",
            aliases ["quorum_max_append_entries_rpc_batch_size"], affects [Latency],
        }
        /// The base of the election time-outs.
        broadcast_time: i64 {
            "broadcast_time", DurationMs, "constant, not configurable by RabbitMQ",
            ["100", "100", "100", "100", "100"], "broker-restart", "1.10",
            aliases ["DEFAULT_BROADCAST_TIME"], affects [Latency, Availability],
        }
        /// How long a member waits for an election after its leader's process ended.
        election_timeout_really_short: Interval {
            "election_timeout.really_short", DurationMs,
            "random, constant bounds: 1..broadcast_time",
            ["1..100", "1..100", "1..100", "1..100", "1..100"], "broker-restart", "1.10",
            affects [Latency, Availability],
        }
        /// How long after its leader's node went down.
        election_timeout_short: Interval {
            "election_timeout.short", DurationMs,
            "random, constant bounds: broadcast_time + 1..5 x broadcast_time",
            ["101..600", "101..600", "101..600", "101..600", "101..600"], "broker-restart", "1.10",
            affects [Latency, Availability],
        }
        /// How long before it tries again, and at its own start.
        election_timeout_medium: Interval {
            "election_timeout.medium", DurationMs,
            "random, constant bounds: broadcast_time + 1..poll_interval",
            ["101..5100", "101..5100", "101..5100", "101..5100", "101..5100"], "broker-restart",
            "1.10", affects [Latency, Availability],
        }
        /// How long when the leader's node is only suspected to be down.
        election_timeout_long: Interval {
            "election_timeout.long", DurationMs,
            "random, constant bounds: poll_interval + 1..10 x broadcast_time",
            ["5001..6000", "5001..6000", "5001..6000", "5001..6000", "5001..6000"],
            "broker-restart", "1.10", affects [Latency, Availability],
        }
        /// How often the failure detector looks.
        raft_adaptive_failure_detector_poll_interval: i64 {
            "raft.adaptive_failure_detector.poll_interval", DurationMs, ">0",
            ["5000", "5000", "5000", "5000", "5000"], "broker-restart", "1.10",
            aliases ["aten.poll_interval"], affects [Latency, Availability],
        }
        /// How often nodes send each other a sign of life.
        raft_adaptive_failure_detector_heartbeat_interval: i64 {
            "raft.adaptive_failure_detector.heartbeat_interval", DurationMs, ">0",
            ["100", "100", "100", "100", "100"], "broker-restart", "1.10",
            aliases ["aten.heartbeat_interval"], affects [Latency, Availability],
        }
        /// How sure the detector must be that a node is down.
        raft_adaptive_failure_detector_detection_threshold: Ratio {
            "raft.adaptive_failure_detector.detection_threshold", Str, "probability 0..1",
            ["0.99", "0.99", "0.99", "0.99", "0.99"], "broker-restart", "1.10",
            aliases ["aten.detection_threshold"], affects [Latency, Availability],
        }
        /// By how much it stretches the intervals that it has seen.
        raft_adaptive_failure_detector_scaling_factor: Decimal {
            "raft.adaptive_failure_detector.scaling_factor", Str, ">0",
            ["1.5", "1.5", "1.5", "1.5", "1.5"], "broker-restart", "1.10",
            aliases ["aten.scaling_factor"], affects [Latency, Availability],
        }
    }
    known {
        /// The size at which the write-ahead log begins a new file.
        "quorum_queue.wal_max_size_bytes" {
            Bytes, ">0", ["536870912", "536870912", "536870912", "536870912", "536870912"],
            "broker-restart", "1.10", aliases ["raft.wal_max_size_bytes"],
            inert "The write-ahead log is one durable log with a sync point in the model; where a file rolls over moves no entry across that point.",
        }
        /// The number of entries at which it does.
        "quorum_queue.wal_max_entries" {
            Int, ">0 (none = by size only)", ["500000", "500000", "500000", "none", "none"],
            "broker-restart", "1.10", aliases ["raft.wal_max_entries"],
            inert "The write-ahead log is one durable log with a sync point in the model; where a file rolls over moves no entry across that point.",
        }
        /// How many entries a segment file has.
        "quorum_queue.segment_max_entries" {
            Int, ">0", ["4096", "4096", "4096", "4096", "4096"], "broker-restart", "1.10",
            aliases ["raft.segment_max_entries"],
            inert "Segment files hold entries that the log has already made durable; their size moves no commit, sync or apply.",
        }
        /// The size of a segment file.
        "quorum_queue.segment_max_size_bytes" {
            Bytes, ">0 (fixed 64000000 in 4.2)", ["64000000", "-", "-", "-", "-"], "broker-restart",
            "1.10", aliases ["quorum_segment_max_size_bytes"],
            inert "Segment files hold entries that the log has already made durable; their size moves no commit, sync or apply.",
        }
        /// In which pieces a snapshot is sent.
        "quorum_queue.snapshot_chunk_size" {
            Bytes, ">0", ["1000000", "1000000", "1000000", "1000000", "1000000"], "broker-restart",
            "1.10", aliases ["raft.snapshot_chunk_size"],
            inert "A snapshot is installed whole or not at all; the chunk size only changes how many packets carry it.",
        }
        /// The size of the log files of Khepri and the stream coordinator.
        "coordination.wal_max_size_bytes" {
            Bytes, "constant, not configurable",
            ["64000000", "64000000", "64000000", "64000000", "64000000"], "broker-restart", "1.10",
            aliases ["COORD_WAL_MAX_SIZE_B"],
            inert "The write-ahead log is one durable log with a sync point in the model; where a file rolls over moves no entry across that point.",
        }
    }
}
