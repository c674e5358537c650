//! RabbitMQ as the kernel sees it: roles, settings, orders, timers, and one process type for all seats.

use crate::client::Client;
use crate::facts::Fact;
use crate::ids::{Name, Part};
use crate::node::Node;
use crate::node::image::Policy;
use crate::records::{DiskRecord, FileName};
use crate::wire::Msg;
use ackscope_kernel::{Env, Input, Process, SeatId, Span, System, Timer as KernelTimer};
use borsh::BorshSerialize;
use std::sync::Arc;

/// RabbitMQ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Rabbit;

/// A series of versions that behaves alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum Version {
    /// 3.10: Mnesia, mirrored queues, classic queue storage version 1 with its journal.
    V3_10,
    /// 3.13.
    V3_13,
    /// 4.0 and 4.1.
    V4_0,
    /// 4.2: Khepri on new clusters.
    V4_2,
    /// 4.3: Khepri only.
    V4_3,
}

/// What a seat is.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Role {
    /// A node of the cluster.
    Node,
    /// A client process.
    Client(Arc<crate::client::Program>),
}

/// What the nodes obey, as typed values.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct NodeSettings {
    /// `net_ticktime`.
    pub net_ticktime: Span,
    /// The metadata store is Khepri, else Mnesia.
    pub khepri: bool,
    /// `metadata_store.khepri.default_timeout`.
    pub khepri_timeout: Span,
    /// `cluster_partition_handling`. Without effect under Khepri.
    pub partition_handling: PartitionHandling,
}

/// `cluster_partition_handling` (reference 1.9, 5.4).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub enum PartitionHandling {
    /// Both sides run on.
    Ignore,
    /// A side that is not more than half of all nodes pauses.
    PauseMinority,
    /// A side that reaches none of these nodes pauses; when both sides run, autoheal or nothing follows.
    PauseIfAllDown {
        /// The nodes.
        nodes: Vec<SeatId>,
        /// `recover` is autoheal, else ignore.
        autoheal: bool,
    },
    /// One side restarts after the heal.
    Autoheal,
}

/// Times that RabbitMQ's settings do not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Pace {
    /// From the start of a node's process to its wait for the metadata, at least.
    pub boot_min: Span,
    /// At most.
    pub boot_max: Span,
    /// A graceful stop of a node takes this long.
    pub stop: Span,
}

/// Every setting of a run.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Settings {
    /// The version that all nodes run.
    pub version: Version,
    /// What each seat is, by its number.
    pub roles: Vec<Role>,
    /// Names of queues, exchanges, consumer tags and policies; number 0 is the empty name.
    pub names: Vec<Arc<str>>,
    /// What the nodes obey.
    pub node: Arc<NodeSettings>,
    /// Times of processes.
    pub pace: Pace,
}

impl Settings {
    /// The seats of all nodes, in order.
    pub fn node_seats(&self) -> impl Iterator<Item = SeatId> + '_ {
        let nodes = self.roles.iter().enumerate();
        nodes
            .filter(|(_, role)| matches!(role, Role::Node))
            .map(|(at, _)| SeatId(u16::try_from(at).unwrap_or(0)))
    }

    /// The text of a name.
    #[must_use]
    pub fn name(&self, name: Name) -> &str {
        self.names.get(usize::from(name.0)).map_or("", |text| text)
    }
}

/// What can be asked of a process.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Order {
    /// Of a node, by `rabbitmqctl` on its host.
    Ctl(Ctl),
    /// Of a client's application.
    Client(crate::client::Call),
}

/// Administration of a node.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Ctl {
    /// set_policy.
    SetPolicy(Policy),
    /// clear_policy: (operator, name).
    ClearPolicy(bool, Name),
    /// The memory alarm of this node, on or off (set_vm_memory_high_watermark 0 and back).
    MemoryAlarm(bool),
    /// The disk alarm of this node, on or off.
    DiskAlarm(bool),
    /// A part crashes alone.
    CrashPart(Part),
}

/// A change of the settings while the world runs.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Change {
    /// All settings at once, as the session derived them.
    Replace(Arc<Settings>),
}

/// Timers of a part of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum PartTimer {
    /// The node has started its runtime.
    Boot,
    /// Ping the nodes that are down.
    Ping,
    /// A graceful stop has run its course.
    Stopped,
    /// A node that autoheal restarts comes back.
    Restart,
    /// A Raft member stands for election.
    Election,
    /// A Raft leader looks after its group.
    RaftTick,
    /// A write to the metadata store takes too long.
    MetaTimeout,
    /// The failure detector asks the other nodes.
    Probe,
    /// The failure detector looks who answered.
    Verdict,
}

/// Timers of RabbitMQ's processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum Timer {
    /// A quarter of net_ticktime is over.
    LinkTick,
    /// A part's timer.
    Part {
        /// The part.
        part: Part,
        /// Which of its timers.
        kind: PartTimer,
    },
    /// A client's timer.
    Client(crate::client::ClientTimer),
}

impl KernelTimer for Timer {
    fn background(&self) -> bool {
        match self {
            Timer::LinkTick => true,
            Timer::Part { kind, .. } => matches!(
                kind,
                PartTimer::Ping | PartTimer::RaftTick | PartTimer::Probe | PartTimer::Verdict
            ),
            Timer::Client(timer) => timer.background(),
        }
    }
}

/// The process of any seat.
#[derive(Clone, Debug, BorshSerialize)]
#[allow(missing_docs, reason = "each is the role of the same name")]
#[allow(
    clippy::large_enum_variant,
    reason = "a world has a dozen of them, each behind an Arc"
)]
pub enum RabbitProcess {
    Node(Node),
    Client(Client),
}

impl System for Rabbit {
    type Process = RabbitProcess;
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

    fn boot(env: &mut Env<'_, Self>) -> RabbitProcess {
        match env.settings().roles.get(usize::from(env.me().0)).cloned() {
            Some(Role::Client(program)) => RabbitProcess::Client(Client::boot(program, env)),
            Some(Role::Node) | None => RabbitProcess::Node(Node::boot(env)),
        }
    }

    fn change(settings: &mut Settings, change: &Change) {
        match change {
            Change::Replace(new) => *settings = (**new).clone(),
        }
    }
}

impl Process<Rabbit> for RabbitProcess {
    fn step(&mut self, input: Input<Rabbit>, env: &mut Env<'_, Rabbit>) {
        match self {
            RabbitProcess::Node(node) => node.step(input, env),
            RabbitProcess::Client(client) => client.step(input, env),
        }
    }
}
