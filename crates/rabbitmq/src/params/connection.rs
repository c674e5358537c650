//! Connections and channels (rabbitmq.md 1.1).

use super::rules;
use super::types::ChannelMode;

ackscope_params::params! {
    /// What a connection obeys.
    pub struct ConnectionParams in "connection", rules rules::connection;
    fields {
        /// After how many seconds without a sign of life a peer is given up; client and node agree
        /// on the smaller value, or on the larger when one of them says 0.
        heartbeat: i64 {
            "heartbeat", Int, "seconds, 0 = off; either side 0: the larger value, else the smaller",
            ["60", "60", "60", "60", "60"], "client-start", "1.1", aliases ["requested_heartbeat"],
            affects [Loss, Latency, Availability], safer ["10"],
        }
        /// How many channels a connection may have; opening one more closes the connection with
        /// 530.
        channel_max: i64 {
            "channel_max", Int, "0..65535", ["2047", "2047", "2047", "2047", "2047"],
            "client-start", "1.1", affects [Availability],
        }
        /// Lets the operating system probe a silent connection, so that a peer that vanished is
        /// noticed without heartbeats.
        tcp_listen_options_keepalive: Option<bool> {
            "tcp_listen_options.keepalive", Bool,
            "true|false (none = off, silent loss is then found by heartbeats or a failing write)",
            ["none", "none", "none", "none", "none"], "broker-restart", "1.1",
            affects [Latency, Availability], safer ["true"],
        }
        /// Whether a client is told by basic.cancel that its consumer ended because the queue is
        /// gone or its node died.
        consumer_cancel_notify: bool {
            "consumer_cancel_notify", Bool, "true|false, announced in the client capabilities",
            ["true", "true", "true", "true", "true"], "client-start", "1.8",
            affects [Loss, Latency, Availability], safer ["true"],
        }
    }
    known {
        /// The size in bytes up to which a body travels in one frame.
        "frame_max" {
            Bytes, "0 (no limit) or any positive size",
            ["131072", "131072", "131072", "131072", "131072"], "client-start", "1.1",
            inert "Bodies are only cut into more or fewer frames; a message still arrives whole or not at all.",
        }
    }
}

ackscope_params::params! {
    /// What a channel obeys.
    pub struct ChannelParams in "channel", rules rules::channel;
    fields {
        /// The largest body in bytes that a channel takes; a larger one closes the channel with
        /// 406.
        max_message_size: i64 {
            "max_message_size", Bytes, "0..536870912",
            ["16777216", "16777216", "16777216", "134217728", "134217728"], "broker-restart", "1.1",
            affects [Availability],
        }
        /// How long the node waits for an operation on an exchange or a queue of another node.
        channel_operation_timeout: i64 {
            "channel_operation_timeout", DurationMs, ">=0",
            ["15000", "15000", "15000", "15000", "15000"], "broker-restart", "1.1",
            affects [Latency, Availability],
        }
        /// How often a channel looks for deliveries that have waited too long for their
        /// acknowledgement (before 4.3).
        channel_tick_interval: i64 {
            "channel_tick_interval", DurationMs,
            ">=0 (granularity of the consumer timeout check before 4.3)",
            ["60000", "60000", "60000", "60000", "60000"], "broker-restart", "1.1",
            affects [Duplication, Latency],
        }
        /// What a client asks for with channel.flow; false is not supported and closes the
        /// connection with 540.
        channel_flow_active: bool {
            "channel.flow.active", Bool, "true|false (false closes the connection with 540)",
            ["true", "true", "true", "true", "true"], "per-call", "1.1", affects [Availability],
        }
        /// Whether the channel hears nothing of its publishes, a confirm for each, or one answer
        /// for each transaction.
        channel_mode: ChannelMode {
            "channel_mode", Enum, "none|confirm|tx, fixed for the life of the channel",
            ["none", "none", "none", "none", "none"], "per-call", "1.2",
            aliases ["confirm.select", "tx.select"], affects [Loss, Duplication, Latency],
            safer ["confirm"],
        }
        /// Whether confirm.select is sent without waiting for its answer.
        confirm_select_nowait: bool {
            "confirm.select.nowait", Bool, "true|false",
            ["false", "false", "false", "false", "false"], "per-call", "1.2", affects [Latency],
        }
    }
}
