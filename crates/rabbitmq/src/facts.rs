//! What the trace remembers of the decisions of RabbitMQ's processes.

use crate::ids::{Name, QueueId};
use crate::message::Death;
use crate::node::image::MetaError;
use crate::reply::{Code, Reply};
use crate::signal::Settle;
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
    /// The queue had it already, by the channel's number.
    Repeated,
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

/// A queue as a node sees it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct QueueLook {
    /// Its leader, its home node if it is classic; nothing when the node knows of none.
    pub leader: Option<SeatId>,
    /// All members; for a classic queue its node, with the mirrors behind it.
    pub members: Vec<SeatId>,
    /// The members that answer; of mirrors those that are synchronised.
    pub online: Vec<SeatId>,
    /// Whether the leader is among them.
    pub running: bool,
    /// Messages ready, unacked, and kept back; nothing when nobody could say.
    pub counts: Option<(u32, u32, u32)>,
}

/// How a call of a scripted application ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum CallEnd {
    /// It was answered, or it needs no answer and is made.
    Done,
    /// It was not answered in time.
    TimedOut,
    /// Nobody listens there.
    Refused,
    /// Channel or connection were gone, or went before the answer.
    Broken,
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

    /// An administrator's tool asked how the cluster looks from here.
    Status {
        ask: u32,
        running: bool,
        seen: Vec<SeatId>,
        partitioned: Vec<SeatId>,
    },
    /// An administrator's tool asked how a queue is; nothing: it is not there.
    QueueSeen {
        ask: u32,
        look: Option<Box<QueueLook>>,
    },

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
    /// This node writes a stream from now on.
    StreamWriter { queue: QueueId, epoch: u64 },
    /// The member of a quorum queue on this node leads it.
    Leads { queue: QueueId, term: u64 },
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
    /// The application called publish, and the library wrote it to the socket. `fired`: the channel
    /// promises nothing about it.
    Offered { key: MessageKey, fired: bool },
    /// The application called publish, and there was no channel any more: the code that closed it, or
    /// nothing when the connection just broke.
    SendFailed { key: MessageKey, code: Option<Code> },
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
    /// The application will hear nothing of these any more: the channel is closed, with this code, or the
    /// connection just broke.
    Unknown {
        keys: Arc<[MessageKey]>,
        code: Option<Code>,
    },
    /// The application processed a delivery.
    Processed {
        key: MessageKey,
        tag: Name,
        redelivered: bool,
        delivery_count: Option<u32>,
        offset: Option<u64>,
        deaths: Vec<Death>,
    },
    /// The application had the effect of this message before, and passed it over.
    Recognised { key: MessageKey },
    /// A client that only looks read a message.
    Read {
        key: MessageKey,
        redelivered: bool,
        delivery_count: Option<u32>,
        offset: Option<u64>,
        deaths: Vec<Death>,
    },
    /// The application settled deliveries of these; nobody answers that.
    Settled {
        keys: Arc<[MessageKey]>,
        how: Settle,
    },
    /// The node closed the channel of this number, or the connection.
    HeardClose { channel: Option<u16>, reply: Reply },
    /// The node cancelled a consumer.
    HeardCancel { tag: Name },
    /// The TCP connection ended under the client.
    ConnectionLost,
    /// Nobody listens where the client wanted to connect.
    Refused,
    /// connection.blocked, or connection.unblocked.
    Blocked(bool),
    /// A call of a scripted application ended.
    CallEnded { number: u32, end: CallEnd },
}

impl KernelFact for Fact {
    fn lines(&self, _me: SeatId, line: &mut dyn FnMut(LedgerLine)) {
        match self {
            Fact::Offered { key, fired } => {
                line(LedgerLine::Offered(*key));
                if *fired {
                    line(LedgerLine::Fired(*key));
                }
            }
            Fact::SendFailed { key, .. } => {
                line(LedgerLine::Offered(*key));
                line(LedgerLine::Failed(*key, true));
            }
            Fact::Settled { keys, how } => {
                if !matches!(how, Settle::Nack(true) | Settle::Reject(true)) {
                    for key in &**keys {
                        line(LedgerLine::Passed(*key, 0));
                    }
                }
            }
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
            Fact::Unknown { keys, .. } => {
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
            | Fact::StreamWriter { .. }
            | Fact::Leads { .. }
            | Fact::Unroutable { .. }
            | Fact::DeadLettered { .. }
            | Fact::ChannelClosed { .. }
            | Fact::ConnectionClosed { .. }
            | Fact::Recognised { .. }
            | Fact::Status { .. }
            | Fact::QueueSeen { .. }
            | Fact::Read { .. }
            | Fact::HeardClose { .. }
            | Fact::HeardCancel { .. }
            | Fact::ConnectionLost
            | Fact::Refused
            | Fact::Blocked(_)
            | Fact::CallEnded { .. } => {}
        }
    }
}
