//! Classic queues (rabbitmq.md 1.5).

use super::rules;
use super::types::{Credit, QueueMode};

ackscope_params::params! {
    /// What a classic queue obeys: its own arguments, and its node's settings.
    pub struct ClassicQueueParams in "classic-queue", rules rules::classic_queue;
    fields {
        /// How many priorities the queue keeps apart.
        x_max_priority: Option<i64> {
            "x-max-priority", Int, "0..255", ["none", "none", "none", "none", "none"],
            "declare-immutable", "1.5", affects [Order],
        }
        /// Which storage the queue uses.
        x_queue_version: i64 {
            "x-queue-version", Int, "1|2 (4.0 and 4.2 store 1 as 2; 4.3 refuses 1)",
            ["2", "2", "2", "1", "1"], "declare-immutable|policy", "1.5",
            aliases ["policy:queue-version"], affects [Loss, Latency],
        }
        /// The storage of classic queues that choose none.
        classic_queue_default_version: i64 {
            "classic_queue.default_version", Int, "1|2", ["2", "2", "2", "1", "1"],
            "broker-restart", "1.5", aliases ["classic_queue_default_version"],
            affects [Loss, Latency],
        }
        /// Once moved messages to disk early; without effect since 3.12.
        x_queue_mode: QueueMode {
            "x-queue-mode", Enum, "default|lazy (no effect since 3.12)",
            ["-", "default", "default", "default", "default"], "declare-immutable|policy", "1.5",
            aliases ["policy:queue-mode"], affects [Loss],
        }
        /// Messages below this size lie in the queue's own files, larger ones in the store that all
        /// queues of a node share.
        queue_index_embed_msgs_below: i64 {
            "queue_index_embed_msgs_below", Bytes, ">=0", ["4096", "4096", "4096", "4096", "4096"],
            "broker-restart", "1.5", affects [Loss, Latency],
        }
        /// How much a queue's own store gathers in memory before it writes without waiting for the
        /// timer.
        classic_queue_store_v2_max_cache_size: i64 {
            "classic_queue_store_v2_max_cache_size", Bytes, ">=0",
            ["512000", "512000", "512000", "512000", "512000"], "broker-restart", "1.5",
            affects [Loss, Latency],
        }
        /// Whether a damaged body is found when it is read; its entry is then dropped.
        classic_queue_store_v2_check_crc32: bool {
            "classic_queue_store_v2_check_crc32", Bool, "true|false",
            ["true", "true", "true", "true", "true"], "broker-restart", "1.5", affects [Loss],
        }
        /// How long a persistent message waits at most until it is handed to the operating system,
        /// and so for its confirm.
        sync_interval: i64 {
            "SYNC_INTERVAL", DurationMs, "constant, not configurable",
            ["200", "200", "200", "200", "200"], "broker-restart", "1.5", aliases ["flush timer"],
            affects [Loss, Latency],
        }
        /// Whether a channel that publishes faster than the queue can take is slowed down.
        classic_queue_flow_control: bool {
            "classic_queue_flow_control", Bool, "true|false", ["true", "true", "true", "-", "-"],
            "broker-restart", "1.5", affects [Latency], safer ["true"],
        }
        /// How many messages one process may send to another before it needs new credit, and how
        /// many the new credit is for.
        credit_flow_default_credit: Credit {
            "credit_flow_default_credit", List, "initial, more_after; 0 = off",
            ["400,200", "400,200", "400,200", "400,200", "400,200"], "broker-restart", "1.5",
            affects [Latency],
        }
        /// The same credit between a queue and the shared store.
        msg_store_credit_disc_bound: Credit {
            "msg_store_credit_disc_bound", List, "initial, more",
            ["4000,800", "4000,800", "4000,800", "4000,800", "4000,800"], "broker-restart", "1.5",
            affects [Latency],
        }
        /// How many deliveries to one consumer may wait unsent in a channel.
        classic_queue_consumer_unsent_message_limit: i64 {
            "classic_queue_consumer_unsent_message_limit", Int, ">0",
            ["200", "200", "200", "200", "200"], "broker-restart", "1.5",
            aliases ["UNSENT_MESSAGE_LIMIT"], affects [Loss, Duplication, Latency],
        }
    }
    known {
        /// The size of a file of the shared store.
        "msg_store_file_size_limit" {
            Bytes, ">0", ["16777216", "16777216", "16777216", "16777216", "16777216"],
            "broker-restart", "1.5",
            inert "It only says where a store file ends; when a message is written, confirmed and recovered stays the same.",
        }
        /// How many entries share a file of the index.
        "classic_queue_index_v2_segment_entry_count" {
            Int, ">0", ["4096", "4096", "4096", "4096", "4096"], "broker-restart", "1.5",
            inert "It only says how many entries share an index file; entries are written and recovered the same way.",
        }
    }
}
