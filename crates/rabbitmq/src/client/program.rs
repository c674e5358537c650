//! What a client is set up with: its connection, its channel, and what its application does by itself.

use crate::amqp::Capabilities;
use crate::ids::Name;
use crate::message::Table;
use crate::params::{ChannelMode, RetryPolicy};
use ackscope_kernel::{SeatId, Span};
use borsh::BorshSerialize;
use std::sync::Arc;

/// A client: what its library obeys, and what its application does.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Program {
    /// The nodes that it knows. It connects to the first; one that recovers goes on to the next.
    pub nodes: Vec<SeatId>,
    /// The connection.
    pub connection: Connecting,
    /// Its channel.
    pub channel: Channeling,
    /// The application.
    pub application: Application,
}

/// How a client connects.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Connecting {
    /// The heartbeat that it asks for; zero for none.
    pub heartbeat: Span,
    /// What it announces.
    pub capabilities: Capabilities,
    /// How long a connection and its channel may take to come up.
    pub limit: Span,
    /// After how long a lost connection is tried again; nothing: never. A layer over the raw connection,
    /// which opens it and its channel again and publishes nothing again (reference 1.14).
    pub recovery: Option<Span>,
    /// Whether the recovery also subscribes the consumers again.
    pub topology_recovery: bool,
    /// Whether the library only reads and sends heartbeats when the application lets it (as
    /// `BlockingConnection` of pika): work keeps heartbeats from being answered.
    pub single_threaded: bool,
}

impl Default for Connecting {
    fn default() -> Self {
        Connecting {
            heartbeat: Span(0),
            capabilities: Capabilities {
                cancel_notify: true,
                blocked: true,
            },
            limit: Span::secs(8),
            recovery: None,
            topology_recovery: true,
            single_threaded: false,
        }
    }
}

/// How a client's channel is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Channeling {
    /// What it is told about its publishes.
    pub mode: ChannelMode,
    /// basic.qos, unless nothing is said.
    pub prefetch: Option<u16>,
    /// Whether the prefetch is shared by the channel.
    pub global: bool,
}

impl Default for Channeling {
    fn default() -> Self {
        Channeling {
            mode: ChannelMode::None,
            prefetch: None,
            global: false,
        }
    }
}

/// What an application does by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub enum Application {
    /// Nothing: it makes the calls that it is given.
    #[default]
    Script,
    /// It publishes.
    Publisher(Publishing),
    /// It consumes.
    Consumer(Consuming),
}

/// What is said with each publish.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Outgoing {
    /// To which exchange.
    pub exchange: Name,
    /// With which key.
    pub routing_key: Arc<str>,
    /// Bytes of the body.
    pub size: u32,
    /// delivery_mode 2.
    pub persistent: bool,
    /// The mandatory flag.
    pub mandatory: bool,
    /// The immediate flag.
    pub immediate: bool,
    /// The `expiration` property.
    pub expiration: Option<Arc<str>>,
    /// The `priority` property.
    pub priority: Option<u8>,
    /// The `user_id` property.
    pub user_id: Option<Arc<str>>,
    /// Whether the `message_id` property names the message.
    pub message_id: bool,
    /// Further routing keys in the header `CC`.
    pub cc: Vec<Arc<str>>,
    /// Further routing keys in the header `BCC`.
    pub bcc: Vec<Arc<str>>,
    /// Other headers.
    pub headers: Arc<Table>,
}

/// A publisher that works by itself.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Publishing {
    /// What is published.
    pub outgoing: Outgoing,
    /// When it connects, after its start.
    pub start: Span,
    /// From one burst to the next.
    pub interval: Span,
    /// Messages in a burst.
    pub burst: u32,
    /// Messages altogether; zero is no limit.
    pub stop_after: u32,
    /// Messages that may be unconfirmed at once; nothing: any number. One is publish and wait.
    pub window: Option<u32>,
    /// How long a confirm is waited for; nothing: for ever.
    pub confirm_timeout: Option<Span>,
    /// When a message is sent again.
    pub retry: RetryPolicy,
    /// In a transactional channel: a commit after so many messages.
    pub commit_every: u32,
    /// What it does when everything is sent and settled.
    pub end: PublisherEnd,
}

impl Default for Publishing {
    fn default() -> Self {
        Publishing {
            outgoing: Outgoing::default(),
            start: Span(0),
            interval: Span(0),
            burst: 1,
            stop_after: 0,
            window: None,
            confirm_timeout: None,
            retry: RetryPolicy::None,
            commit_every: 1,
            end: PublisherEnd::Stay,
        }
    }
}

/// What a publisher does in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum PublisherEnd {
    /// It keeps its connection.
    Stay,
    /// It closes the connection as AMQP wants it, as soon as everything is written.
    Close,
    /// Its process ends as soon as everything is written, without a word.
    Exit,
}

/// A consumer that works by itself.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Consuming {
    /// From which queue.
    pub queue: Name,
    /// Its tag.
    pub tag: Name,
    /// Whether deliveries are done when they are handed over.
    pub no_ack: bool,
    /// Whether it wants to be the only one.
    pub exclusive: bool,
    /// Arguments of basic.consume.
    pub arguments: Arc<Table>,
    /// When it connects, after its start.
    pub start: Span,
    /// How long it works on a message.
    pub processing: Span,
    /// When it acknowledges.
    pub ack: AckPolicy,
    /// How many messages one ack covers; one: an ack for each.
    pub ack_every: u32,
    /// Which deliveries fail, counted from one over the life of the process.
    pub fails: Vec<u32>,
    /// What it does with a delivery that fails.
    pub on_failure: Failure,
    /// Whether its effect is kept under the message's `message_id`, so that it happens once only.
    pub idempotent_sink: bool,
    /// After how long it subscribes again when the node cancelled it; nothing: never.
    pub resubscribe: Option<Span>,
}

impl Default for Consuming {
    fn default() -> Self {
        Consuming {
            queue: Name::EMPTY,
            tag: Name::EMPTY,
            no_ack: false,
            exclusive: false,
            arguments: Arc::default(),
            start: Span(0),
            processing: Span(0),
            ack: AckPolicy::After,
            ack_every: 1,
            fails: Vec::new(),
            on_failure: Failure::Nack(true),
            idempotent_sink: false,
            resubscribe: None,
        }
    }
}

/// When a consumer acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum AckPolicy {
    /// When it gets the message: at most once.
    Before,
    /// When it has processed it: at least once.
    After,
    /// Never.
    Never,
}

/// What a consumer does with a message that it cannot process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Failure {
    /// basic.nack, with `requeue`.
    Nack(bool),
    /// basic.reject, with `requeue`.
    Reject(bool),
    /// Its process ends before the effect.
    ExitBefore,
    /// Its process ends after the effect and before the ack.
    ExitAfter,
    /// Nothing: it neither processes nor settles it.
    Forget,
}
