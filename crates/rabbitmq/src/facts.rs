//! What the trace remembers of the decisions of RabbitMQ's processes.

use crate::ids::{Name, QueueId};
use crate::node::image::MetaError;
use crate::reply::Reply;
use ackscope_kernel::{Copy, Fact as KernelFact, LedgerLine, MessageKey, SeatId};
use borsh::BorshSerialize;
use std::sync::Arc;

/// Why a queue let go of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum GoneWhy {
    /// It was acknowledged, or handed to a consumer that does not acknowledge.
    Settled,
    /// Rejected without requeue.
    Rejected,
    /// Its time to live was over.
    Expired,
    /// A length limit.
    MaxLen,
    /// The delivery limit.
    DeliveryLimit,
    /// The queue was deleted, purged or expired.
    QueueGone,
    /// It was transient and its node restarted.
    Transient,
    /// It was in memory only when the process died.
    Memory,
    /// It was written and not synced when the power failed.
    PageCache,
    /// Raft truncated it: it was never committed.
    Truncated,
    /// A mirror threw its contents away when it joined again.
    MirrorReset,
    /// Retention of a stream.
    Retention,
    /// The disk was wiped.
    Wiped,
}

impl GoneWhy {
    /// A setting asked for it.
    #[must_use]
    pub fn by_rule(self) -> bool {
        matches!(
            self,
            GoneWhy::Rejected
                | GoneWhy::Expired
                | GoneWhy::MaxLen
                | GoneWhy::DeliveryLimit
                | GoneWhy::QueueGone
                | GoneWhy::Retention
        )
    }
}

/// Why a node stops serving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum StopWhy {
    /// It is asked to stop.
    Asked,
    /// It is in a minority (pause_minority, pause_if_all_down).
    Paused,
    /// Autoheal restarts it.
    Autoheal,
}

/// A decision of one process. The entry says whose.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
#[allow(missing_docs, reason = "the sentence of each fact names its fields")]
pub enum Fact {
    // ---- nodes ----
    /// The node serves clients from now on.
    NodeRunning,
    /// The node holds another for dead.
    NodeDownSeen { node: SeatId },
    /// The link to another node stands again.
    NodeUpSeen { node: SeatId },
    /// Mnesia finds that both nodes ran on while they did not see each other.
    PartitionSeen { node: SeatId },
    /// The node stops serving: it is stopped in order, paused, or restarted by autoheal.
    NodeStopping { why: StopWhy },
    /// Autoheal decided which side stays.
    AutohealDecided { winners: Vec<SeatId> },
    /// A policy was set or cleared, or could not be.
    PolicySet {
        name: Name,
        result: Result<(), MetaError>,
    },
    /// An alarm of this node went on or off.
    Alarm { memory: bool, on: bool },

    // ---- queues ----
    /// A queue has a copy; `written`: in a file already.
    Stored {
        key: MessageKey,
        queue: QueueId,
        copy: Copy,
        written: bool,
    },
    /// A copy is gone.
    Gone {
        key: MessageKey,
        queue: QueueId,
        copy: Copy,
        why: GoneWhy,
    },
    /// A message found no queue.
    Unroutable { key: MessageKey, mandatory: bool },
    /// A message went to a dead-letter exchange.
    DeadLettered {
        key: MessageKey,
        from: QueueId,
        reason: crate::message::DeathReason,
    },

    // ---- channels ----
    /// The channel was closed by the node.
    ChannelClosed { number: u16, reply: Reply },
    /// The connection was closed by the node.
    ConnectionClosed { reply: Reply },

    // ---- clients ----
    /// The application called publish.
    Offered(MessageKey),
    /// basic.ack for these.
    Acked { keys: Arc<[MessageKey]> },
    /// basic.nack for these.
    Nacked { keys: Arc<[MessageKey]> },
    /// basic.return.
    Returned { key: MessageKey },
    /// commit-ok for these.
    Committed { keys: Arc<[MessageKey]> },
    /// rollback-ok for these.
    RolledBack { keys: Arc<[MessageKey]> },
    /// The application will hear nothing of these any more: the channel is closed.
    Unknown { keys: Arc<[MessageKey]> },
    /// The application processed a delivery.
    Processed {
        key: MessageKey,
        tag: Name,
        redelivered: bool,
    },
}

impl KernelFact for Fact {
    fn lines(&self, _me: SeatId, line: &mut dyn FnMut(LedgerLine)) {
        match self {
            Fact::Offered(key) => line(LedgerLine::Offered(*key)),
            Fact::Stored { key, copy, .. } => line(LedgerLine::Stored(*key, *copy)),
            Fact::Gone { key, copy, why, .. } => {
                line(LedgerLine::Erased(*key, *copy, why.by_rule()));
            }
            Fact::Acked { keys } | Fact::Committed { keys } => {
                for key in &**keys {
                    line(LedgerLine::Confirmed(*key));
                }
            }
            Fact::Nacked { keys } => {
                for key in &**keys {
                    line(LedgerLine::Failed(*key, false));
                }
            }
            Fact::RolledBack { keys } => {
                for key in &**keys {
                    line(LedgerLine::Failed(*key, true));
                }
            }
            Fact::Returned { key } => line(LedgerLine::Failed(*key, true)),
            Fact::Unknown { keys } => {
                for key in &**keys {
                    line(LedgerLine::Forgotten(*key));
                }
            }
            Fact::Processed { key, .. } => line(LedgerLine::Processed(*key, 0)),
            Fact::NodeRunning
            | Fact::NodeDownSeen { .. }
            | Fact::NodeUpSeen { .. }
            | Fact::PartitionSeen { .. }
            | Fact::NodeStopping { .. }
            | Fact::AutohealDecided { .. }
            | Fact::PolicySet { .. }
            | Fact::Alarm { .. }
            | Fact::Unroutable { .. }
            | Fact::DeadLettered { .. }
            | Fact::ChannelClosed { .. }
            | Fact::ConnectionClosed { .. } => {}
        }
    }
}
