//! What can be said about a run: what an `expect` asserts, and what a `when` waits for.

use std::fmt;

use super::act::{MessageName, Messages, Target};
use super::text::{Clock, join};

/// A statement about a run that is true or false at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It happened, at least once since time zero or since a labelled step.
    Happened(Event),
    /// These messages have this fate; no message named stands for all of them.
    Fate {
        /// The messages; empty stands for all.
        messages: Vec<Messages>,
        /// The fate as engine.md spells it.
        fate: String,
    },
    /// The controller's leader of a partition.
    Leader {
        /// The partition.
        partition: String,
        /// The leader; nothing stands for nobody.
        is: Option<String>,
    },
    /// The controller's in-sync replicas of a partition, in any order.
    Isr {
        /// The partition.
        partition: String,
        /// The members.
        is: Vec<String>,
    },
    /// The controller's eligible leader replicas of a partition, in any order.
    Elr {
        /// The partition.
        partition: String,
        /// The members.
        is: Vec<String>,
    },
    /// A number compares to another.
    Number {
        /// The number.
        of: Quantity,
        /// How it compares.
        relation: Relation,
        /// To what.
        value: i64,
    },
    /// What a replica's log holds, in order, from its start.
    Log {
        /// The partition.
        partition: String,
        /// The broker.
        at: String,
        /// The messages.
        is: Vec<Messages>,
    },
    /// What a consumer's application processed, in order.
    Order {
        /// The consumer.
        consumer: String,
        /// The messages.
        is: Vec<Messages>,
    },
    /// Whether a process runs.
    Process {
        /// Whose.
        who: Target,
        /// Runs, is frozen, or is down.
        is: Liveness,
    },
    /// Nothing is under way any more.
    Quiet,
}

/// Whether a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It runs.
    Up,
    /// It exists and does nothing.
    Frozen,
    /// It does not exist.
    Down,
}

/// Something that a process did or that was decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whose doing, or about whom; nothing stands for anybody (or, of an election, for nobody).
    pub who: Option<Target>,
    /// What.
    pub what: What,
    /// Only what happened after this labelled step counts.
    pub since: Option<String>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Something about a message; without one, about any.
    Message(MessageEvent, Option<MessageName>),
    /// A send() failed, with this error if one is named.
    Failed(Option<MessageName>, Option<String>),
    /// The controller decided something about a broker.
    Broker(BrokerEvent),
    /// The controller made the subject leader of a partition.
    Leads {
        /// The partition.
        partition: String,
        /// By which rule; without it by any.
        how: Option<ElectionRule>,
    },
    /// A call threw this exception.
    Threw(String),
    /// A consumer was told what it owns.
    Assigned,
    /// A consumer found the log truncated below its position, and went back (KIP-320).
    Repositioned,
}

/// What can happen to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageEvent {
    /// The application called send().
    Offered,
    /// send() succeeded.
    Confirmed,
    /// The client will send it again.
    Retried,
    /// Its producer died without an answer.
    Forgot,
    /// A broker appended it.
    Appended,
    /// A broker sent the answer that says so.
    Acked,
    /// A broker cut it from its log.
    Truncated,
    /// A broker deleted it by a rule.
    Deleted,
    /// A broker refused it.
    Refused,
    /// A broker recognised it as a copy.
    Deduplicated,
    /// An application processed it.
    Processed,
    /// An application gave it up after an exception.
    Dropped,
    /// A commit passed it.
    Passed,
    /// An idempotent sink ignored it.
    Suppressed,
}

/// What the controller can decide about a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the decision of the same name")]
pub enum BrokerEvent {
    Fenced,
    Unfenced,
    Registered,
    RegistrationRefused,
    ShuttingDown,
}

/// By which rule a leader was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElectionRule {
    /// From the ISR or the ELR.
    Clean,
    /// The last known leader.
    LastKnownLeader,
    /// The first live replica.
    Unclean,
}

/// A number of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// How many messages have this fate.
    Fate(String),
    /// How many are lost, before or after the ack.
    Lost,
    /// How many were delivered more than once.
    Duplicated,
    /// How many were offered.
    Offered,
    /// How many the producer was told to be safe, whatever became of them.
    Acked,
    /// How many pairs were processed against the order of sending, per key.
    Reordered,
    /// How often a message was processed.
    Deliveries(MessageName),
    /// How many effects a message had: processed, less what an idempotent sink ignored.
    Effects(MessageName),
    /// The offset that the producer was told.
    Offset(MessageName),
    /// The leader epoch of a partition.
    Epoch(String),
    /// The log end offset of a replica.
    Leo {
        /// The partition.
        partition: String,
        /// The broker.
        at: String,
    },
    /// The high watermark of a partition as a broker knows it.
    Hw {
        /// The partition.
        partition: String,
        /// The broker; nothing stands for the leader.
        at: Option<String>,
    },
    /// The committed offset of a group, as its coordinator's log has it.
    Committed {
        /// The partition.
        partition: String,
        /// The group.
        group: String,
    },
    /// How often something happened.
    Count(Box<Event>),
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the relation of the same name")]
pub enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a scenario says must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// It must not hold.
    pub not: bool,
    /// What.
    pub claim: Claim,
    /// For an event: between these times in microseconds after a labelled step.
    pub within: Option<Within>,
    /// For fates: why, by the id of a reason.
    pub because: Option<String>,
}

/// When something must have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    /// Not earlier than this, in microseconds.
    pub from_us: u64,
    /// Not later than this, in microseconds.
    pub to_us: u64,
    /// After this labelled step.
    pub of: String,
}

/// The fates in the order of engine.md 6, from good to bad.
pub const FATES: [&str; 18] = [
    "in-flight",
    "delivered",
    "delivered-n-times",
    "dead-lettered",
    "stored-unconfirmed",
    "confirmed",
    "at-risk",
    "returned",
    "refused",
    "expired-at-producer",
    "rolled-back",
    "dropped-by-rule",
    "skipped-by-consumer",
    "phantom",
    "vanished-after-delivery",
    "stranded",
    "lost-before-ack",
    "lost-after-ack",
];

/// The words of message events.
pub(super) const MESSAGE_EVENTS: [(&str, MessageEvent); 14] = [
    ("offered", MessageEvent::Offered),
    ("confirmed", MessageEvent::Confirmed),
    ("retried", MessageEvent::Retried),
    ("forgot", MessageEvent::Forgot),
    ("appended", MessageEvent::Appended),
    ("acked", MessageEvent::Acked),
    ("truncated", MessageEvent::Truncated),
    ("deleted", MessageEvent::Deleted),
    ("refused", MessageEvent::Refused),
    ("deduplicated", MessageEvent::Deduplicated),
    ("processed", MessageEvent::Processed),
    ("dropped", MessageEvent::Dropped),
    ("passed", MessageEvent::Passed),
    ("suppressed", MessageEvent::Suppressed),
];

/// The words of the controller's decisions.
pub(super) const BROKER_EVENTS: [(&str, BrokerEvent); 5] = [
    ("fenced", BrokerEvent::Fenced),
    ("unfenced", BrokerEvent::Unfenced),
    ("registered", BrokerEvent::Registered),
    ("registration-refused", BrokerEvent::RegistrationRefused),
    ("shutting-down", BrokerEvent::ShuttingDown),
];

/// The words of the election rules.
pub(super) const ELECTIONS: [(&str, ElectionRule); 3] = [
    ("clean", ElectionRule::Clean),
    ("last-known-leader", ElectionRule::LastKnownLeader),
    ("unclean", ElectionRule::Unclean),
];

/// The words of liveness.
pub(super) const LIVENESS: [(&str, Liveness); 3] = [
    ("up", Liveness::Up),
    ("frozen", Liveness::Frozen),
    ("down", Liveness::Down),
];

/// The signs of relations, the longer ones first.
pub(super) const RELATIONS: [(&str, Relation); 6] = [
    ("!=", Relation::NotEqual),
    ("<=", Relation::LessOrEqual),
    (">=", Relation::GreaterOrEqual),
    ("=", Relation::Equal),
    ("<", Relation::Less),
    (">", Relation::Greater),
];

impl Relation {
    /// Whether `left` stands in this relation to `right`.
    #[must_use]
    pub fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Relation::Equal => left == right,
            Relation::NotEqual => left != right,
            Relation::Less => left < right,
            Relation::LessOrEqual => left <= right,
            Relation::Greater => left > right,
            Relation::GreaterOrEqual => left >= right,
        }
    }
}

fn word<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> &'static str {
    words
        .iter()
        .find(|(_, v)| v == value)
        .map_or("?", |(word, _)| word)
}

fn list<T: fmt::Display>(items: &[T]) -> String {
    if items.is_empty() {
        "none".to_owned()
    } else {
        join(items)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.who, &self.what) {
            (Some(who), _) => write!(f, "{who} ")?,
            (None, What::Leads { .. }) => f.write_str("nobody ")?,
            (None, _) => f.write_str("anybody ")?,
        }
        match &self.what {
            What::Message(event, message) => {
                f.write_str(word(&MESSAGE_EVENTS, event))?;
                message
                    .as_ref()
                    .map_or(Ok(()), |message| write!(f, " {message}"))?;
            }
            What::Failed(message, error) => {
                f.write_str("failed")?;
                message
                    .as_ref()
                    .map_or(Ok(()), |message| write!(f, " {message}"))?;
                error
                    .as_ref()
                    .map_or(Ok(()), |error| write!(f, " with {error}"))?;
            }
            What::Broker(event) => f.write_str(word(&BROKER_EVENTS, event))?,
            What::Leads { partition, how } => {
                write!(f, "leads {partition}")?;
                how.as_ref()
                    .map_or(Ok(()), |how| write!(f, " by {}", word(&ELECTIONS, how)))?;
            }
            What::Threw(error) => write!(f, "threw {error}")?,
            What::Assigned => f.write_str("assigned")?,
            What::Repositioned => f.write_str("repositioned")?,
        }
        self.since
            .as_ref()
            .map_or(Ok(()), |label| write!(f, " since {label}"))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::Fate(fate) => write!(f, "number of {fate}"),
            Quantity::Lost => f.write_str("lost"),
            Quantity::Duplicated => f.write_str("duplicated"),
            Quantity::Offered => f.write_str("offered"),
            Quantity::Acked => f.write_str("acked"),
            Quantity::Reordered => f.write_str("reordered"),
            Quantity::Deliveries(message) => write!(f, "deliveries of {message}"),
            Quantity::Effects(message) => write!(f, "effects of {message}"),
            Quantity::Offset(message) => write!(f, "offset of {message}"),
            Quantity::Epoch(tp) => write!(f, "epoch {tp}"),
            Quantity::Leo { partition, at } => write!(f, "leo {partition} at {at}"),
            Quantity::Hw {
                partition,
                at: None,
            } => write!(f, "hw {partition}"),
            Quantity::Hw {
                partition,
                at: Some(at),
            } => write!(f, "hw {partition} at {at}"),
            Quantity::Committed { partition, group } => {
                write!(f, "committed {partition} by {group}")
            }
            Quantity::Count(event) => write!(f, "count of ({event})"),
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Claim::Happened(event) => write!(f, "{event}"),
            Claim::Fate { messages, fate } if messages.is_empty() => write!(f, "all {fate}"),
            Claim::Fate { messages, fate } => write!(f, "{} {fate}", join(messages)),
            Claim::Leader { partition, is } => {
                write!(
                    f,
                    "leader {partition} = {}",
                    is.as_deref().unwrap_or("none")
                )
            }
            Claim::Isr { partition, is } => write!(f, "isr {partition} = {}", list(is)),
            Claim::Elr { partition, is } => write!(f, "elr {partition} = {}", list(is)),
            Claim::Number {
                of,
                relation,
                value,
            } => {
                write!(f, "{of} {} {value}", word(&RELATIONS, relation))
            }
            Claim::Log { partition, at, is } => write!(f, "log {partition} at {at} = {}", list(is)),
            Claim::Order { consumer, is } => write!(f, "order of {consumer} = {}", list(is)),
            Claim::Process { who, is } => write!(f, "{who} {}", word(&LIVENESS, is)),
            Claim::Quiet => f.write_str("quiet"),
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.not { "not " } else { "" }, self.claim)?;
        if let Some(Within { from_us, to_us, of }) = &self.within {
            write!(f, " within {}..{} of {of}", Clock(*from_us), Clock(*to_us))?;
        }
        self.because
            .as_ref()
            .map_or(Ok(()), |reason| write!(f, " because {reason}"))
    }
}
