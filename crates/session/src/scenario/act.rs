//! What a scenario, a link or a person may do to a run, by name. [`std::fmt::Display`] writes the text
//! of `docs/scenario-format.md`, [`std::str::FromStr`] reads it; serde uses the same text.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::{Clock, join};
use crate::topology::Setting;

/// Who is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A broker, the controller or a client by its name.
    Named(String),
    /// Whoever leads this partition when the act is done.
    LeaderOf(String),
    /// The first replica in assignment order that is not the leader.
    FollowerOf(String),
    /// All replicas but the leader.
    FollowersOf(String),
    /// The broker that coordinates this group.
    CoordinatorOf(String),
    /// All brokers.
    Brokers,
}

/// What a power loss leaves of what was written and not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Only what is synced.
    Synced,
    /// A drawn part of the rest, per file.
    Drawn,
    /// So many records more than what is synced, per file.
    Records(u32),
    /// Everything.
    All,
}

/// A message by name: its number with its producer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageName {
    /// The producer; may be left out when there is only one.
    pub producer: Option<String>,
    /// Counted from 1.
    pub number: u32,
}

/// Some messages of one producer: `m3` or `m1..m5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Messages {
    /// The producer; may be left out when there is only one.
    pub producer: Option<String>,
    /// The first.
    pub first: u32,
    /// The last; not before the first.
    pub last: u32,
}

/// A packet by its meaning: *the second answer to Produce from b1 to p1 for m3*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketName {
    /// The request's name in Kafka's protocol.
    pub kind: String,
    /// It is the answer to such a request.
    pub answer: bool,
    /// Which of those that fit, counted from 1 since time zero.
    pub nth: u32,
    /// Who sends it.
    pub from: String,
    /// Who will read it.
    pub to: String,
    /// A message that it is about.
    pub about: Option<MessageName>,
}

/// What can be done to a packet in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketAct {
    /// Keep it, and what is behind it on its connection.
    Hold,
    /// Let it go on.
    Release,
    /// Break the connection at it.
    Drop,
    /// It arrives at once.
    Deliver,
}

/// A call on a client, or a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientOrder {
    /// send() for each message.
    Send {
        /// The messages, in order.
        messages: Vec<Messages>,
        /// A topic, or a partition of one.
        to: Place,
        /// Bytes of each.
        size: u32,
        /// Pause after each send(), in microseconds.
        pace_us: u64,
        /// How much older than now the timestamp is, in milliseconds; negative lies ahead.
        age_ms: i64,
    },
    /// flush().
    Flush,
    /// close() with a time-out in microseconds.
    Close(u64),
    /// The program stops sending until it is resumed.
    Pause,
    /// It goes on.
    Resume,
    /// poll() until `count` records came or the time is over.
    Poll {
        /// How many records.
        count: u32,
        /// For how long, in microseconds.
        within_us: u64,
        /// Only the first n are processed.
        process: Option<u32>,
    },
    /// Poll in the background, with commitSync() after each poll that brought records if `sync`.
    PollStart {
        /// Commit after each poll.
        sync: bool,
    },
    /// Stop that.
    PollStop,
    /// commitSync() of the positions, or of these offsets.
    Commit {
        /// What to commit; empty stands for the positions.
        offsets: Vec<(String, i64)>,
        /// For how long to try, in microseconds.
        within_us: u64,
    },
    /// commitAsync().
    CommitAsync,
    /// seek().
    Seek {
        /// The partition.
        partition: String,
        /// Where to.
        offset: i64,
    },
    /// seek() to the committed offsets.
    SeekToCommitted,
    /// An observer reads a whole partition.
    Read {
        /// The partition.
        partition: String,
        /// Give up after this, in microseconds.
        within_us: u64,
    },
    /// An observer asks for the state of a partition.
    Describe {
        /// The partition.
        partition: String,
        /// Whom it asks; empty stands for all brokers.
        brokers: Vec<String>,
    },
    /// An observer asks for a group's offsets.
    Offsets {
        /// The group.
        group: String,
        /// Give up after this, in microseconds.
        within_us: u64,
    },
}

/// A topic, or one of its partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The partitioner decides.
    Topic(String),
    /// `orders-0`.
    Partition(String),
}

/// An act, by names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PlannedAct {
    /// SIGKILL.
    Crash(Vec<Target>),
    /// SIGTERM.
    Stop(Vec<Target>),
    /// Start what is down.
    Start(Vec<Target>),
    /// SIGSTOP.
    Freeze(Vec<Target>),
    /// SIGCONT.
    Thaw(Vec<Target>),
    /// The hosts of these lose power.
    PowerOff(Vec<Target>, Kept),
    /// Their disks are replaced by empty ones.
    Wipe(Vec<Target>),
    /// Packets between members of different groups vanish. With `one_way` only those from a group to
    /// a later one.
    Cut {
        /// The groups.
        groups: Vec<Vec<Target>>,
        /// In the order of the groups only.
        one_way: bool,
    },
    /// Ends such a cut.
    Mend {
        /// The groups.
        groups: Vec<Vec<Target>>,
        /// In the order of the groups only.
        one_way: bool,
    },
    /// Ends all cuts.
    Heal,
    /// Packets from one to the other take longer.
    Slow {
        /// Who sends.
        from: Target,
        /// Who reads.
        to: Target,
        /// How much longer, in microseconds.
        by_us: u64,
    },
    /// A share of the packets from one to the other is lost and retransmitted.
    Lose {
        /// Who sends.
        from: Target,
        /// Who reads.
        to: Target,
        /// Parts per million.
        ppm: u32,
    },
    /// Each sync takes longer, by microseconds.
    SlowDisk(Target, u64),
    /// The disk is full (`true`) or has room again.
    FillDisk(Target, bool),
    /// A timer is due now.
    Fire(Target, String),
    /// Something happens to a packet in flight.
    Packet(PacketAct, PacketName),
    /// A client is asked for something.
    Order(String, ClientOrder),
    /// A value is set while the run goes on.
    Set(Setting),
    /// A value becomes a default again.
    Unset(Setting),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Named(name) => f.write_str(name),
            Target::LeaderOf(tp) => write!(f, "leader of {tp}"),
            Target::FollowerOf(tp) => write!(f, "follower of {tp}"),
            Target::FollowersOf(tp) => write!(f, "followers of {tp}"),
            Target::CoordinatorOf(group) => write!(f, "coordinator of {group}"),
            Target::Brokers => f.write_str("brokers"),
        }
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kept::Synced => f.write_str("synced"),
            Kept::Drawn => f.write_str("drawn"),
            Kept::Records(more) => write!(f, "{more}"),
            Kept::All => f.write_str("all"),
        }
    }
}

fn owner(f: &mut fmt::Formatter<'_>, producer: Option<&String>) -> fmt::Result {
    producer.map_or(Ok(()), |producer| write!(f, "{producer}."))
}

impl fmt::Display for MessageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        owner(f, self.producer.as_ref())?;
        write!(f, "m{}", self.number)
    }
}

impl fmt::Display for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        owner(f, self.producer.as_ref())?;
        write!(f, "m{}", self.first)?;
        if self.last != self.first {
            write!(f, "..m{}", self.last)?;
        }
        Ok(())
    }
}

impl fmt::Display for PacketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if self.answer {
            f.write_str(" answer")?;
        }
        write!(f, " {} {} -> {}", self.nth, self.from, self.to)?;
        self.about
            .as_ref()
            .map_or(Ok(()), |message| write!(f, " for {message}"))
    }
}

impl fmt::Display for PacketAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PacketAct::Hold => "hold",
            PacketAct::Release => "release",
            PacketAct::Drop => "drop",
            PacketAct::Deliver => "deliver",
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Topic(name) => write!(f, "topic {name}"),
            Place::Partition(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for ClientOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientOrder::Send {
                messages,
                to,
                size,
                pace_us,
                age_ms,
            } => {
                write!(f, "send {} to {to} size {size}", join(messages))?;
                if *pace_us > 0 {
                    write!(f, " pace {}", Clock(*pace_us))?;
                }
                if *age_ms != 0 {
                    write!(f, " age-ms {age_ms}")?;
                }
                Ok(())
            }
            ClientOrder::Flush => f.write_str("flush"),
            ClientOrder::Close(us) => write!(f, "close within {}", Clock(*us)),
            ClientOrder::Pause => f.write_str("pause"),
            ClientOrder::Resume => f.write_str("resume"),
            ClientOrder::Poll {
                count,
                within_us,
                process,
            } => {
                write!(f, "poll {count} within {}", Clock(*within_us))?;
                process.map_or(Ok(()), |first| write!(f, " process {first}"))
            }
            ClientOrder::PollStart { sync: false } => f.write_str("poll-start"),
            ClientOrder::PollStart { sync: true } => f.write_str("poll-start sync"),
            ClientOrder::PollStop => f.write_str("poll-stop"),
            ClientOrder::Commit { offsets, within_us } => {
                f.write_str("commit")?;
                for (at, (tp, offset)) in offsets.iter().enumerate() {
                    write!(f, "{}{tp}={offset}", if at == 0 { " " } else { "," })?;
                }
                write!(f, " within {}", Clock(*within_us))
            }
            ClientOrder::CommitAsync => f.write_str("commit-async"),
            ClientOrder::Seek { partition, offset } => write!(f, "seek {partition} to {offset}"),
            ClientOrder::SeekToCommitted => f.write_str("seek-to-committed"),
            ClientOrder::Read {
                partition,
                within_us,
            } => {
                write!(f, "read {partition} within {}", Clock(*within_us))
            }
            ClientOrder::Describe { partition, brokers } if brokers.is_empty() => {
                write!(f, "describe {partition}")
            }
            ClientOrder::Describe { partition, brokers } => {
                write!(f, "describe {partition} at {}", join(brokers))
            }
            ClientOrder::Offsets { group, within_us } => {
                write!(f, "offsets {group} within {}", Clock(*within_us))
            }
        }
    }
}

fn groups(f: &mut fmt::Formatter<'_>, groups: &[Vec<Target>], one_way: bool) -> fmt::Result {
    for (at, group) in groups.iter().enumerate() {
        let between = match (at, one_way) {
            (0, _) => " ",
            (_, true) => " -> ",
            (_, false) => " | ",
        };
        write!(f, "{between}{}", join(group))?;
    }
    Ok(())
}

/// `producer p1 acks` of a setting.
pub(super) fn place_of(setting: &Setting) -> String {
    match setting.name.as_str() {
        "" => format!("{} {}", setting.scope, setting.key),
        name => format!("{} {name} {}", setting.scope, setting.key),
    }
}

impl fmt::Display for PlannedAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlannedAct::Crash(whom) => write!(f, "crash {}", join(whom)),
            PlannedAct::Stop(whom) => write!(f, "stop {}", join(whom)),
            PlannedAct::Start(whom) => write!(f, "start {}", join(whom)),
            PlannedAct::Freeze(whom) => write!(f, "freeze {}", join(whom)),
            PlannedAct::Thaw(whom) => write!(f, "thaw {}", join(whom)),
            PlannedAct::PowerOff(whom, kept) => write!(f, "power-off {} keep {kept}", join(whom)),
            PlannedAct::Wipe(whom) => write!(f, "wipe {}", join(whom)),
            PlannedAct::Cut {
                groups: all,
                one_way,
            } => {
                f.write_str("cut")?;
                groups(f, all, *one_way)
            }
            PlannedAct::Mend {
                groups: all,
                one_way,
            } => {
                f.write_str("mend")?;
                groups(f, all, *one_way)
            }
            PlannedAct::Heal => f.write_str("heal"),
            PlannedAct::Slow { from, to, by_us } => {
                write!(f, "slow {from} -> {to} by {}", Clock(*by_us))
            }
            PlannedAct::Lose { from, to, ppm } => write!(f, "lose {from} -> {to} ppm {ppm}"),
            PlannedAct::SlowDisk(whose, us) => write!(f, "slow-disk {whose} by {}", Clock(*us)),
            PlannedAct::FillDisk(whose, true) => write!(f, "fill-disk {whose}"),
            PlannedAct::FillDisk(whose, false) => write!(f, "free-disk {whose}"),
            PlannedAct::Fire(whose, timer) => write!(f, "fire {whose} {timer}"),
            PlannedAct::Packet(act, packet) => write!(f, "{act} {packet}"),
            PlannedAct::Order(whom, order) => write!(f, "{whom} {order}"),
            PlannedAct::Set(setting) => write!(f, "set {}={}", place_of(setting), setting.value),
            PlannedAct::Unset(setting) => write!(f, "unset {}", place_of(setting)),
        }
    }
}

impl From<PlannedAct> for String {
    fn from(act: PlannedAct) -> String {
        act.to_string()
    }
}

impl std::str::FromStr for PlannedAct {
    type Err = super::Problem;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        super::parse::whole(text, super::parse::acts::act)
    }
}

impl TryFrom<String> for PlannedAct {
    type Error = super::Problem;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
