//! Kafka as the kernel sees it: roles, settings, orders, timers, and one process type for all seats.

use crate::broker::Broker;
use crate::client::consumer::Consumer;
use crate::client::observer::Observer;
use crate::client::producer::Producer;
use crate::controller::Controller;
use crate::facts::Fact;
use crate::messages::{Msg, OffsetSpec};
use crate::mutant::Mutant;
use crate::params::{
    BrokerParams, ConsumerParams, ControllerParams, CoordinatorParams, ProducerParams, TopicParams,
};
use crate::records::{DiskRecord, FileName, Tp};
use ackscope_kernel::SortedMap;
use ackscope_kernel::{
    Env, Input, MessageKey, Process, SeatId, Span, System, Timer as KernelTimer,
};
use borsh::BorshSerialize;
use std::sync::Arc;

/// Kafka in KRaft mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Kafka;

/// What a seat is.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Role {
    /// The active controller of a quorum of one.
    Controller,
    /// A broker.
    Broker,
    /// A client process with a KafkaProducer.
    Producer(ProducerProgram),
    /// A client process with a KafkaConsumer.
    Consumer(ConsumerProgram),
    /// A client that only looks: reads whole logs, asks for offsets and partition states.
    Observer,
}

/// What a producing application does by itself. With `stop_after` 0 it only obeys orders.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct ProducerProgram {
    /// Where it sends.
    pub topic: u16,
    /// A fixed partition, or the partitioner's choice.
    pub partition: Option<u16>,
    /// When it begins, after the client was made.
    pub start: Span,
    /// Time between two bursts.
    pub interval: Span,
    /// Messages per burst.
    pub burst: u32,
    /// How many messages in all.
    pub stop_after: u32,
    /// Bytes of each.
    pub size: u32,
    /// How many different keys it uses; 0 means no key.
    pub keys: u32,
    /// What it does with a failed send.
    pub on_failure: OnFailure,
    /// How it ends.
    pub end: ProducerEnd,
}

/// What a producing application does when send() fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum OnFailure {
    /// It knows, and goes on: the message counts as failed.
    Look,
    /// It does not even look (fire and forget).
    Ignore,
    /// It sends the same message again, at most this often.
    Resend(u16),
}

/// How a producing application ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum ProducerEnd {
    /// It stays.
    Stay,
    /// close(), which flushes.
    Close,
    /// It ends right after the last send(), without flush or close.
    Exit,
}

/// What a consuming application does by itself. Without `polls` it only obeys orders.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct ConsumerProgram {
    /// Its group, as an index into [`Settings::groups`].
    pub group: Option<u16>,
    /// The number by which the ledger knows this reader: the group's, or one of its own.
    pub reader: u16,
    /// subscribe().
    pub subscribe: Vec<u16>,
    /// assign().
    pub assign: Vec<Tp>,
    /// It runs a poll loop.
    pub polls: bool,
    /// When the loop begins, after the client was made.
    pub start: Span,
    /// Time to process one record.
    pub processing: Span,
    /// When it commits.
    pub commit: CommitPolicy,
    /// poll() returns at once and a thread of its own processes the records.
    pub hands_off: bool,
    /// Processing the n-th record (counted from 1 over the life of the process) throws.
    pub fails_at: Option<u32>,
    /// What happens after an exception.
    pub after_failure: AfterFailure,
    /// The sink remembers message ids on its own disk and ignores a second delivery.
    pub idempotent_sink: bool,
    /// onPartitionsRevoked calls commitSync().
    pub commit_on_revoke: bool,
}

/// When a consuming application commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum CommitPolicy {
    /// Never itself (enable.auto.commit may).
    None,
    /// commitSync() when all records of a poll are processed.
    SyncAfter,
    /// commitSync() right after poll(), before processing.
    SyncBefore,
    /// commitAsync() when all records of a poll are processed.
    AsyncAfter,
}

/// What a consuming application does when processing a record throws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum AfterFailure {
    /// The exception leaves the loop; `close()` runs (try-with-resources).
    Close,
    /// The process dies.
    Exit,
    /// The record is skipped and the loop goes on.
    Skip,
}

/// A topic of the run.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct TopicDef {
    /// Its name.
    pub name: Arc<str>,
    /// Replicas of each partition, preferred leader first.
    pub assignment: Vec<Vec<SeatId>>,
}

/// Times of programs that Kafka's settings do not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Pace {
    /// From the making of a client to its first request: class loading, connections.
    pub client_start: Span,
    /// From the start of a broker process to its first registration.
    pub broker_start: Span,
    /// From a finished controlled shutdown to the end of the process.
    pub broker_stop: Span,
    /// One send() that does not block.
    pub send: Span,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            client_start: Span(300_000),
            broker_start: Span(1_500_000),
            broker_stop: Span(500_000),
            send: Span(20),
        }
    }
}

/// Every setting of a run. `params` is what was set; the typed values beside it are derived from it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Settings {
    /// What was set, under the real names.
    pub params: crate::params::Settings,
    /// What each seat is, by its number.
    pub roles: Vec<Role>,
    /// Topics; number 0 is `__consumer_offsets`.
    pub topics: Vec<TopicDef>,
    /// Names of groups.
    pub groups: Vec<Arc<str>>,
    /// Times of programs.
    pub pace: Pace,
    /// Derived: the controller's values.
    pub controller: ControllerParams,
    /// Derived: the group coordinators' values.
    pub coordinator: CoordinatorParams,
    /// Derived: each broker's values.
    pub brokers: SortedMap<SeatId, BrokerParams>,
    /// Derived: each topic's values, as they would be if the topic were made now.
    pub topic_params: Vec<Arc<TopicParams>>,
    /// Derived: each producer's values.
    pub producers: SortedMap<SeatId, ProducerParams>,
    /// Derived: each consumer's values.
    pub consumers: SortedMap<SeatId, ConsumerParams>,
    /// A mistake planted into the rules, to check the checks; none in any normal run.
    pub mutant: Option<Mutant>,
}

impl Settings {
    /// The seat of the controller.
    #[must_use]
    pub fn controller_seat(&self) -> SeatId {
        let at = self
            .roles
            .iter()
            .position(|role| *role == Role::Controller)
            .unwrap_or(0);
        SeatId(u16::try_from(at).unwrap_or(0))
    }

    /// Whether this mistake is planted.
    #[must_use]
    pub fn planted(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    /// The seats of all brokers, in order.
    pub fn broker_seats(&self) -> impl Iterator<Item = SeatId> + '_ {
        let brokers = self
            .roles
            .iter()
            .enumerate()
            .filter(|(_, role)| **role == Role::Broker);
        brokers.map(|(at, _)| SeatId(u16::try_from(at).unwrap_or(0)))
    }

    /// The partition of `__consumer_offsets` that a group belongs to: `abs(hashCode) mod n`
    /// (`GroupCoordinatorService.partitionFor`, `Utils.abs`).
    #[must_use]
    pub fn offsets_partition(&self, group: &str) -> Tp {
        let partitions = self.topics.first().map_or(1, |t| t.assignment.len()).max(1);
        let hash = java_hash(group) & 0x7fff_ffff;
        let partition = u32::try_from(hash).unwrap_or(0) % u32::try_from(partitions).unwrap_or(1);
        Tp {
            topic: crate::records::OFFSETS_TOPIC,
            partition: u16::try_from(partition).unwrap_or(0),
        }
    }

    /// The ledger's number of a group.
    #[must_use]
    pub fn group_number(&self, name: &str) -> Option<u16> {
        self.groups
            .iter()
            .position(|g| &**g == name)
            .and_then(|at| u16::try_from(at).ok())
    }
}

/// `String.hashCode()` of Java.
#[must_use]
pub fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    })
}

/// What can be asked of a process.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Order {
    // ---- the controller, by an administrator ----
    /// Create these topics.
    CreateTopics(Vec<u16>),

    // ---- a producer's application ----
    /// send() for each message, in order.
    Produce(ProduceOrder),
    /// flush().
    Flush,
    /// close(), with a time-out.
    Close(Span),
    /// The program's pause ends or begins (a person's switch; scripts do not need it).
    Run(bool),

    // ---- a consumer's application ----
    /// poll() again and again until `count` records were received, or for `timeout`.
    Poll {
        /// How many records to wait for.
        count: u32,
        /// For how long.
        timeout: Span,
        /// Only the first n of this order are processed.
        process: Option<u32>,
    },
    /// Poll in the background; `sync`: commitSync() after each poll that brought records.
    PollStart {
        /// Commit after each poll.
        sync: bool,
    },
    /// Stop that.
    PollStop,
    /// commitSync(): of the positions, or of these offsets (without leader epoch).
    Commit {
        /// What to commit.
        offsets: Option<Vec<(Tp, i64)>>,
        /// For how long to try.
        timeout: Span,
    },
    /// commitAsync() of the positions.
    CommitAsync,
    /// seek().
    Seek {
        /// The partition.
        tp: Tp,
        /// Where to.
        offset: i64,
    },
    /// seek() to the committed offsets of all assigned partitions, to the beginning where there is none.
    SeekToCommitted,

    // ---- an observer ----
    /// Read a whole log from its start to its end.
    ReadAll {
        /// The partition.
        tp: Tp,
        /// Give up after this.
        timeout: Span,
    },
    /// Ask a broker for the state of a partition; without a broker, all that can be reached.
    Describe {
        /// The partition.
        tp: Tp,
        /// Which broker.
        brokers: Vec<SeatId>,
    },
    /// Ask for a group's committed offsets.
    GroupOffsets {
        /// The group, as an index into [`Settings::groups`].
        group: u16,
        /// Give up after this.
        timeout: Span,
    },
}

/// A row of send() calls.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct ProduceOrder {
    /// Where to.
    pub topic: u16,
    /// A fixed partition, or the partitioner's choice.
    pub partition: Option<u16>,
    /// The messages. One that was offered before is a resend.
    pub messages: Vec<MessageKey>,
    /// Bytes of each record.
    pub size: u32,
    /// Pause after each send().
    pub pace: Span,
    /// How much older than now the timestamp is, in milliseconds; negative lies ahead.
    pub timestamp_age_ms: i64,
    /// Hash of the key (murmur2 of its bytes), if there is one.
    pub key: Option<u64>,
}

/// A change of the settings while the world runs.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Change {
    /// All settings at once, as the session derived them.
    Replace(Arc<Settings>),
}

/// Timers of Kafka's processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum Timer {
    // ---- controller ----
    /// Look for brokers whose session is over (`BrokerHeartbeatManager`).
    SessionScan,
    /// Preferred leader balancing.
    Balance,
    /// Look for leaderless partitions that may be elected unclean.
    UncleanScan,
    /// A parked metadata fetch of this broker is over.
    MetadataPark(SeatId),

    // ---- broker ----
    /// Register, or try again.
    Register,
    /// Heartbeat to the controller.
    Heartbeat,
    /// A starting broker has loaded its logs and publishes its metadata for the first time.
    Publication,
    /// An unfenced broker opens its port.
    Acceptors,
    /// Connect to the controller again.
    ControllerLink,
    /// Look for followers that lag (half of replica.lag.time.max.ms).
    LagCheck,
    /// Write high watermarks to their checkpoint file.
    Checkpoint,
    /// Delete or compact old segments.
    Retention,
    /// Look for logs to compact.
    Clean,
    /// Fetch from this leader again.
    Fetcher(SeatId),
    /// The oldest parked fetch of this number is over.
    FetchPark(u32),
    /// The parked produce of this number is over.
    ProducePark(u32),
    /// Ask the controller again for an ISR change of this partition.
    AlterRetry(Tp),
    /// The process ends.
    Exit,
    /// A group's rebalance ends waiting (by number of the group within the coordinator).
    Rebalance(u64),
    /// A member's session is over: (group, member).
    MemberSession(u64, u64),
    /// A commit was not replicated in time (by its number).
    CommitPark(u32),
    /// Drop expired offsets.
    OffsetExpiry,
    /// What a coordinator collected for this offsets partition is due to be appended
    /// (group.coordinator.append.linger.ms).
    CoordinatorFlush(Tp),

    // ---- clients ----
    /// Something of the network client is due: a time-out, a reconnect, a metadata refresh.
    Net,
    /// The library has something to do (linger, back-off, delivery time-out; fetch, commit, heartbeat).
    Library,
    /// A member's heartbeat.
    MemberHeartbeat,
    /// auto.commit.interval.ms.
    AutoCommit,
    /// The application's next call.
    Application,
    /// The application has processed a record.
    Processing,
    /// An order's time is over.
    OrderDeadline,
}

impl KernelTimer for Timer {
    fn background(&self) -> bool {
        !matches!(
            self,
            Timer::Register
                | Timer::Exit
                | Timer::Rebalance(_)
                | Timer::Application
                | Timer::Processing
        )
    }
}

/// The process of any seat.
#[derive(Clone, Debug, BorshSerialize)]
#[allow(missing_docs, reason = "each is the role of the same name")]
#[allow(
    clippy::large_enum_variant,
    reason = "a world has a dozen of them, each behind an Arc"
)]
pub enum KafkaProcess {
    Controller(Controller),
    Broker(Broker),
    Producer(Producer),
    Consumer(Consumer),
    Observer(Observer),
}

impl System for Kafka {
    type Process = KafkaProcess;
    type Message = Msg;
    type Timer = Timer;
    type Order = Order;
    type Record = DiskRecord;
    type File = FileName;
    type Part = ackscope_kernel::Never;
    type Local = ackscope_kernel::Never;
    type Fact = Fact;
    type Settings = Settings;
    type Change = Change;

    fn boot(env: &mut Env<'_, Self>) -> KafkaProcess {
        match env
            .settings()
            .roles
            .get(env.me().0 as usize)
            .cloned()
            .unwrap_or(Role::Observer)
        {
            Role::Controller => KafkaProcess::Controller(Controller::boot(env)),
            Role::Broker => KafkaProcess::Broker(Broker::boot(env)),
            Role::Producer(program) => KafkaProcess::Producer(Producer::boot(program, env)),
            Role::Consumer(program) => KafkaProcess::Consumer(Consumer::boot(program, env)),
            Role::Observer => KafkaProcess::Observer(Observer::boot(env)),
        }
    }

    fn change(settings: &mut Settings, change: &Change) {
        match change {
            Change::Replace(new) => *settings = (**new).clone(),
        }
    }
}

impl Process<Kafka> for KafkaProcess {
    fn step(&mut self, input: Input<Kafka>, env: &mut Env<'_, Kafka>) {
        match self {
            KafkaProcess::Controller(process) => process.step(input, env),
            KafkaProcess::Broker(process) => process.step(input, env),
            KafkaProcess::Producer(process) => process.step(input, env),
            KafkaProcess::Consumer(process) => process.step(input, env),
            KafkaProcess::Observer(process) => process.step(input, env),
        }
    }
}

/// The spec of a list-offsets request for a reset policy's name, kept here so that clients agree.
#[must_use]
pub fn earliest_or_latest(earliest: bool) -> OffsetSpec {
    if earliest {
        OffsetSpec::Earliest
    } else {
        OffsetSpec::Latest
    }
}

#[cfg(test)]
mod tests {
    use super::java_hash;

    #[test]
    fn java_hash_is_javas() {
        assert_eq!(java_hash("g1"), 3242);
        assert_eq!(java_hash(""), 0);
        assert_eq!(java_hash("hello"), 99_162_322);
    }
}
