//! The picture as a flat list of plain shapes with stable keys and meanings. No colours: a style sheet
//! gives each class its look.

use crate::geometry::{Curve, Point, Rect};
use crate::phrase::Phrase;

/// What a moment looks like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Virtual time in microseconds.
    pub at_us: u64,
    /// Width of the picture in CSS pixels.
    pub width: f32,
    /// Height; it may exceed what was asked for, then the stage scrolls.
    pub height: f32,
    /// All shapes, in the order in which they are painted.
    pub drawables: Vec<Drawable>,
}

/// A shape. `key` is unique within its kind in a frame and stays the same from frame to frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Drawable {
    /// A link between two nodes.
    Link(Link),
    /// The box of a node.
    Node(Node),
    /// The log of one replica, or another row of cells.
    Strip(Strip),
    /// An epoch's share of a strip.
    Band(Band),
    /// One cell of a strip.
    Cell(Cell),
    /// A line across a strip: high watermark or log end.
    Marker(Marker),
    /// A packet between two nodes.
    Token(Token),
    /// A timer that runs down.
    Timer(TimerArc),
}

/// What part of the system a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is the role of the same name")]
pub enum Role {
    Controller,
    Producer,
    Broker,
    Consumer,
    Observer,
}

/// Whether a node works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeState {
    /// It runs.
    Running,
    /// It exists and does nothing (SIGSTOP, a long pause).
    Frozen,
    /// Its process is gone.
    Down,
    /// Its host has no power.
    Off,
}

/// The class of a badge, a line or a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Ordinary.
    Plain,
    /// The special one: leader, current.
    Accent,
    /// Good news.
    Good,
    /// A warning.
    Warn,
    /// Bad news.
    Bad,
}

/// The box of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Key: its name.
    pub key: String,
    /// Number of its seat, as tokens and links name it.
    pub seat: u32,
    /// What it is.
    pub role: Role,
    /// Its outline.
    pub rect: Rect,
    /// Title as shown: "broker-1", "producer A".
    pub title: Phrase,
    /// Whether it works.
    pub state: NodeState,
    /// Since when, in microseconds.
    pub since_us: u64,
    /// It leads a partition that is shown; its outline is stressed.
    pub leads: bool,
    /// It is the selected one.
    pub selected: bool,
    /// Small labels in its header.
    pub badges: Vec<Badge>,
    /// The box is too narrow for badges beside the title: they stand in a line of their own below it,
    /// and the lines below that.
    pub badges_below: bool,
    /// Lines below the header.
    pub lines: Vec<Phrase>,
    /// Room for buttons: in the header of brokers, below the lines of clients.
    pub buttons: Rect,
}

/// A small label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Its text.
    pub text: Phrase,
    /// Its class.
    pub tone: Tone,
}

/// A row of cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// Key: `node/topic-partition`.
    pub key: String,
    /// The node that holds it.
    pub seat: u32,
    /// Its place.
    pub rect: Rect,
    /// Name before it, when a node has several: "orders-0".
    pub label: Option<String>,
    /// Records before the first cell that is shown.
    pub hidden: u64,
    /// The replica leads.
    pub leads: bool,
    /// The node is down: what is shown lies on its disk.
    pub dim: bool,
}

/// What a cell's record is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CellState {
    /// No record there yet.
    Empty,
    /// In this log, above the high watermark.
    Written,
    /// Below the high watermark.
    Committed,
    /// Processed by its reader.
    Consumed,
    /// The producer was told that it is safe, and the assumed fault would lose it now.
    AtRisk,
    /// Its last copies lie where nobody can read them now.
    Stranded,
    /// Confirmed or not, no copy of it can be read any more, or will be.
    Lost,
    /// Another copy of a message that is in the log already, or was processed before.
    Duplicated,
    /// A record of the product itself (committed offsets, group state).
    Internal,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Key: `node/topic-partition/offset`.
    pub key: String,
    /// Its place.
    pub rect: Rect,
    /// Its offset.
    pub offset: i64,
    /// What stands in it: the message's number, or the offset when the strip shows offsets.
    pub label: String,
    /// The message as in the message table; see [`message_id`].
    pub message: Option<u64>,
    /// Its class.
    pub state: CellState,
    /// Only in the page cache: a power loss may take it.
    pub not_synced: bool,
    /// It belongs to the selected message.
    pub selected: bool,
}

/// What a marker says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkerKind {
    /// High watermark.
    HighWatermark,
    /// Log end offset.
    LogEnd,
    /// A consumer's position.
    Position,
    /// A group's committed offset.
    CommittedOffset,
}

/// A line across a strip.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// Key: `node/topic-partition/kind`.
    pub key: String,
    /// Which.
    pub kind: MarkerKind,
    /// Its upper end.
    pub top: Point,
    /// Its length downwards.
    pub length: f32,
    /// Its label: "HW 5".
    pub label: String,
    /// The label stands left of the line.
    pub label_left: bool,
}

/// An epoch's cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// Key: `node/topic-partition/e5`.
    pub key: String,
    /// Below the cells.
    pub rect: Rect,
    /// The leader epoch.
    pub epoch: i32,
}

/// A link between two nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Key: `a>b`, `a` being the node whose seat has the smaller number.
    pub key: String,
    /// One end.
    pub from: u32,
    /// The other end.
    pub to: u32,
    /// Its way.
    pub curve: Curve,
    /// Nothing passes from `from` to `to`.
    pub cut_there: bool,
    /// Nothing passes from `to` to `from`.
    pub cut_back: bool,
    /// Packets take longer or are lost.
    pub slow: bool,
    /// How many packets are on it: its thickness when single tokens are not drawn.
    pub load: u32,
}

/// What a token is, by which its shape and the filter go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenKind {
    /// Records on their way to a broker.
    Records,
    /// The answer to such a request.
    Ack,
    /// Such an answer that says no.
    Refusal,
    /// A follower's fetch.
    ReplicaFetch,
    /// What a follower gets.
    ReplicaData,
    /// A consumer's fetch.
    Fetch,
    /// What a consumer gets.
    Data,
    /// An offset commit, or its answer.
    Commit,
    /// A sign of life, or its answer.
    Heartbeat,
    /// Metadata, elections, ISR changes.
    Control,
    /// Group membership.
    Group,
    /// Opening and closing of connections.
    Connection,
}

/// Where a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenState {
    /// On its way.
    Flying,
    /// Behind a cut, or behind a packet that is; it will be sent again.
    Stuck,
    /// Held by hand.
    Held,
    /// In the receiver's buffer, not read.
    Unread,
}

/// A packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// The entry of the trace that sent it: its identity.
    pub entry: u32,
    /// What it is.
    pub kind: TokenKind,
    /// What stands on it: "m9", "fetch 6", "×12".
    pub label: String,
    /// Where it is.
    pub point: Point,
    /// From whom.
    pub from: u32,
    /// To whom.
    pub to: u32,
    /// How it is.
    pub state: TokenState,
    /// Periodic chatter, hidden by default.
    pub background: bool,
    /// How many packets it stands for: itself, and others of the same way and kind that are too near
    /// to be told apart. Their entries are in `bundle`.
    pub count: u32,
    /// Entries of the packets in the bundle, this one included.
    pub bundle: Vec<u32>,
    /// The first message it carries.
    pub message: Option<u64>,
    /// It carries the selected message.
    pub selected: bool,
}

/// A timer that runs down.
#[derive(Clone, Debug, PartialEq)]
pub struct TimerArc {
    /// Key: `node/timer`.
    pub key: String,
    /// Whose.
    pub seat: u32,
    /// Middle of the arc.
    pub center: Point,
    /// Its radius.
    pub radius: f32,
    /// How much of it is left, from 1 to 0.
    pub left: f32,
    /// Microseconds left.
    pub left_us: u64,
    /// What it is for.
    pub label: Phrase,
}

/// A message as one number: its origin's seat in the upper half, its number in the lower.
#[must_use]
pub fn message_id(origin: u16, number: u32) -> u64 {
    u64::from(origin) << 32 | u64::from(number)
}

/// Seat and number of a message; see [`message_id`].
#[must_use]
pub fn message_parts(id: u64) -> (u16, u32) {
    ((id >> 32) as u16, (id & 0xffff_ffff) as u32)
}
