//! What travels over the kernel's connections: AMQP between clients and nodes, signals between nodes.

use crate::amqp::Method;
use crate::ids::{Part, Pid};
use crate::signal::Signal;
use ackscope_kernel::{Brief, Message as KernelMessage, MessageKey};
use borsh::BorshSerialize;

/// A message on a connection.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Msg {
    /// A method on a channel (0: the connection itself).
    Amqp {
        /// The channel.
        channel: u16,
        /// The method.
        method: Method,
    },
    /// Something between two nodes (Erlang distribution).
    Link(LinkMsg),
}

/// What nodes say to each other.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum LinkMsg {
    /// The opener of a link says which start of its node it is.
    Hello {
        /// Its creation.
        creation: u32,
    },
    /// The answer.
    Welcome {
        /// The answering node's creation.
        creation: u32,
    },
    /// Another link between the two stands or comes: this one is dropped.
    Refuse,
    /// Nothing else was said for a while (net_ticktime / 4).
    Tick,
    /// A signal for a part.
    Signal {
        /// Who sends it.
        from: Pid,
        /// To whom.
        to: Pid,
        /// What.
        signal: Signal,
    },
    /// `watcher` wants to hear of the end of `target`.
    Monitor {
        /// Who watches.
        watcher: Pid,
        /// Whom.
        target: Pid,
    },
    /// How is this part's queue?
    Inspect {
        /// The asker's number.
        ask: u32,
        /// Which part.
        part: Part,
    },
    /// So; nothing: there is no such part.
    Inspected {
        /// The asker's number.
        ask: u32,
        /// What it says.
        told: Option<crate::node::inquiry::Inspection>,
    },
    /// It does not want to any more.
    Demonitor {
        /// Who watched.
        watcher: Pid,
        /// Whom.
        target: Pid,
    },
}

/// The numbers of [`Brief::kind`] in this crate.
pub mod kind {
    #![allow(missing_docs, reason = "each is the method or signal of the same name")]
    use ackscope_kernel::Brief;
    pub const OPEN: u8 = Brief::FIRST_OF_SYSTEM;
    pub const OPEN_OK: u8 = OPEN + 1;
    pub const CLOSE: u8 = OPEN + 2;
    pub const HEARTBEAT: u8 = OPEN + 3;
    pub const BLOCKED: u8 = OPEN + 4;
    pub const CHANNEL: u8 = OPEN + 5;
    pub const CHANNEL_CLOSE: u8 = OPEN + 6;
    pub const TOPOLOGY: u8 = OPEN + 7;
    pub const TOPOLOGY_OK: u8 = OPEN + 8;
    pub const PUBLISH: u8 = OPEN + 9;
    pub const RETURN: u8 = OPEN + 10;
    pub const SELECT: u8 = OPEN + 11;
    pub const TX_COMMIT: u8 = OPEN + 12;
    pub const TX_ROLLBACK: u8 = OPEN + 13;
    pub const TX_OK: u8 = OPEN + 14;
    pub const QOS: u8 = OPEN + 15;
    pub const CONSUME: u8 = OPEN + 16;
    pub const CONSUME_OK: u8 = OPEN + 17;
    pub const CANCEL: u8 = OPEN + 18;
    pub const DELIVER: u8 = OPEN + 19;
    pub const GET: u8 = OPEN + 20;
    pub const GET_OK: u8 = OPEN + 21;
    pub const ACK: u8 = OPEN + 22;
    pub const NACK: u8 = OPEN + 23;
    pub const RECOVER: u8 = OPEN + 24;
    pub const LINK_HELLO: u8 = OPEN + 25;
    pub const LINK_TICK: u8 = OPEN + 26;
    pub const LINK_MONITOR: u8 = OPEN + 27;
    pub const TO_CHANNEL: u8 = OPEN + 28;
    pub const TO_QUEUE: u8 = OPEN + 29;
    pub const TO_MEMBER: u8 = OPEN + 30;
    pub const TO_STREAM: u8 = OPEN + 31;
    pub const TO_MIRROR: u8 = OPEN + 32;
    pub const TO_META: u8 = OPEN + 33;
    pub const TO_CLUSTER: u8 = OPEN + 34;
}

impl KernelMessage for Msg {
    fn brief(&self) -> Brief {
        match self {
            Msg::Amqp { method, .. } => method_brief(method),
            Msg::Link(link) => link_brief(link),
        }
    }

    fn size(&self) -> u32 {
        match self {
            Msg::Amqp { method, .. } => match method {
                Method::Publish { message, .. }
                | Method::Deliver { message, .. }
                | Method::GetOk { message, .. }
                | Method::Return { message, .. } => 80u32.saturating_add(message.size),
                _ => 24,
            },
            Msg::Link(LinkMsg::Signal { signal, .. }) => 60u32.saturating_add(signal.size()),
            Msg::Link(_) => 16,
        }
    }

    fn meaning(&self) -> [u64; 3] {
        match self {
            Msg::Amqp { channel, method } => match method {
                Method::Publish { message, .. } | Method::Return { message, .. } => {
                    keyed(method_brief(method).kind, message.key)
                }
                Method::Deliver {
                    message,
                    delivery_tag,
                    ..
                } => {
                    let [a, b, _] = keyed(method_brief(method).kind, message.key);
                    [a, b, *delivery_tag]
                }
                Method::Ack { delivery_tag, .. } | Method::Nack { delivery_tag, .. } => [
                    u64::from(method_brief(method).kind),
                    u64::from(*channel),
                    *delivery_tag,
                ],
                _ => [u64::from(method_brief(method).kind), u64::from(*channel), 0],
            },
            Msg::Link(LinkMsg::Signal { signal, to, .. }) => {
                let [a, b] = signal.meaning();
                [u64::from(link_kind(to.part)), a, b]
            }
            Msg::Link(link) => [u64::from(link_brief(link).kind), 0, 0],
        }
    }
}

fn keyed(kind: u8, key: MessageKey) -> [u64; 3] {
    [
        u64::from(kind),
        u64::from(key.origin.0) << 32 | u64::from(key.number),
        0,
    ]
}

fn brief(kind: u8, background: bool, first: Option<MessageKey>, detail: i64) -> Brief {
    Brief {
        kind,
        background,
        first,
        count: u32::from(first.is_some()),
        detail,
    }
}

fn tag(tag: u64) -> i64 {
    i64::try_from(tag).unwrap_or(i64::MAX)
}

fn method_brief(method: &Method) -> Brief {
    match method {
        Method::ConnectionOpen { .. } => brief(kind::OPEN, true, None, 0),
        Method::ConnectionOpenOk { .. } => brief(kind::OPEN_OK, true, None, 0),
        Method::ConnectionClose(reply) => {
            brief(kind::CLOSE, false, None, i64::from(reply.code.number()))
        }
        Method::ConnectionCloseOk => brief(kind::CLOSE, true, None, 0),
        Method::ConnectionBlocked => brief(kind::BLOCKED, false, None, 1),
        Method::ConnectionUnblocked => brief(kind::BLOCKED, false, None, 0),
        Method::Heartbeat => brief(kind::HEARTBEAT, true, None, 0),
        Method::ChannelOpen | Method::ChannelOpenOk | Method::ChannelCloseOk => {
            brief(kind::CHANNEL, true, None, 0)
        }
        Method::ChannelClose(reply) => brief(
            kind::CHANNEL_CLOSE,
            false,
            None,
            i64::from(reply.code.number()),
        ),
        Method::ExchangeDeclare(_)
        | Method::ExchangeDelete { .. }
        | Method::ExchangeBind { .. }
        | Method::QueueDeclare(_)
        | Method::QueueBind { .. }
        | Method::QueueUnbind { .. }
        | Method::QueuePurge { .. }
        | Method::QueueDelete { .. } => brief(kind::TOPOLOGY, false, None, 0),
        Method::ExchangeDeclareOk
        | Method::ExchangeDeleteOk
        | Method::ExchangeBindOk
        | Method::QueueDeclareOk { .. }
        | Method::QueueBindOk
        | Method::QueueUnbindOk
        | Method::QueuePurgeOk { .. }
        | Method::QueueDeleteOk { .. } => brief(kind::TOPOLOGY_OK, false, None, 0),
        Method::Publish { message, .. } => brief(kind::PUBLISH, false, Some(message.key), 0),
        Method::Return { reply, message } => brief(
            kind::RETURN,
            false,
            Some(message.key),
            i64::from(reply.code.number()),
        ),
        Method::ConfirmSelect | Method::ConfirmSelectOk | Method::TxSelect | Method::TxSelectOk => {
            brief(kind::SELECT, true, None, 0)
        }
        Method::TxCommit => brief(kind::TX_COMMIT, false, None, 0),
        Method::TxRollback => brief(kind::TX_ROLLBACK, false, None, 0),
        Method::TxCommitOk | Method::TxRollbackOk => brief(kind::TX_OK, false, None, 0),
        Method::Qos { .. } | Method::QosOk => brief(kind::QOS, true, None, 0),
        Method::Consume { .. } => brief(kind::CONSUME, false, None, 0),
        Method::ConsumeOk { .. } => brief(kind::CONSUME_OK, false, None, 0),
        Method::Cancel { .. } | Method::CancelOk { .. } => brief(kind::CANCEL, false, None, 0),
        Method::Deliver {
            message,
            delivery_tag,
            ..
        } => brief(kind::DELIVER, false, Some(message.key), tag(*delivery_tag)),
        Method::Get { .. } => brief(kind::GET, false, None, 0),
        Method::GetOk {
            message,
            delivery_tag,
            ..
        } => brief(kind::GET_OK, false, Some(message.key), tag(*delivery_tag)),
        Method::GetEmpty => brief(kind::GET_OK, false, None, 0),
        Method::Ack { delivery_tag, .. } => brief(kind::ACK, false, None, tag(*delivery_tag)),
        Method::Nack { delivery_tag, .. } | Method::Reject { delivery_tag, .. } => {
            brief(kind::NACK, false, None, tag(*delivery_tag))
        }
        Method::Recover { .. } | Method::RecoverOk => brief(kind::RECOVER, false, None, 0),
    }
}

fn link_kind(part: Part) -> u8 {
    match part {
        Part::Channel(_) | Part::Connection(_) => kind::TO_CHANNEL,
        Part::Queue(_) => kind::TO_QUEUE,
        Part::Member(_) | Part::DeadLetter(_) => kind::TO_MEMBER,
        Part::Replica(_) => kind::TO_STREAM,
        Part::Mirror(_) => kind::TO_MIRROR,
        Part::Meta | Part::Coordinator => kind::TO_META,
        Part::Monitor | Part::Supervisor | Part::Ra => kind::TO_CLUSTER,
    }
}

fn link_brief(link: &LinkMsg) -> Brief {
    match link {
        LinkMsg::Hello { .. } | LinkMsg::Welcome { .. } | LinkMsg::Refuse => {
            brief(kind::LINK_HELLO, true, None, 0)
        }
        LinkMsg::Tick => brief(kind::LINK_TICK, true, None, 0),
        LinkMsg::Monitor { .. }
        | LinkMsg::Demonitor { .. }
        | LinkMsg::Inspect { .. }
        | LinkMsg::Inspected { .. } => brief(kind::LINK_MONITOR, true, None, 0),
        LinkMsg::Signal { to, signal, .. } => {
            let (first, count) = signal.carries();
            Brief {
                kind: link_kind(to.part),
                background: signal.background(),
                first,
                count,
                detail: 0,
            }
        }
    }
}
