//! RabbitMQ as the kernel sees it: roles, settings, orders, timers, and one process type for all seats.

use crate::client::Client;
use crate::facts::Fact;
use crate::ids::{Name, Part};
use crate::node::Node;
use crate::node::image::Policy;
use crate::params::{self, Params};
use crate::records::{DiskRecord, FileName};
use crate::wire::Msg;
use ackscope_kernel::{Env, Input, Process, SeatId, Span, System, Timer as KernelTimer};
use ackscope_params::Profile;
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

impl Version {
    /// The column of the parameter table that this version has.
    #[must_use]
    pub fn profile(self) -> Profile {
        match self {
            Version::V3_10 => params::V3_10,
            Version::V3_13 => params::V3_13,
            Version::V4_0 => params::V4_0,
            Version::V4_2 => params::V4_2,
            Version::V4_3 => params::V4_3,
        }
    }

    /// The version that a profile stands for.
    #[must_use]
    pub fn of(profile: Profile) -> Version {
        let all = [Version::V3_10, Version::V3_13, Version::V4_0, Version::V4_2];
        let found = all.into_iter().find(|version| version.profile() == profile);
        found.unwrap_or(Version::V4_3)
    }
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
    /// `deprecated_features.permit.transient_nonexcl_queues = false` is spelled out. Not spelled out, 4.3 permits
    /// them, whatever its documented default says (reference 13.3).
    pub deny_transient_nonexcl: bool,
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
    /// Shortest and longest time in which a client writes one small message.
    pub write: (Span, Span),
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
    /// The nodes' parameters, every one under its own name.
    pub params: Arc<Params>,
    /// Times of processes.
    pub pace: Pace,
}

/// What the names that nodes make up for queues begin with.
const GENERATED: &str = "amq.gen-";
impl NodeSettings {
    /// What parameters say about the nodes of a cluster; a node that `pause_if_all_down` names and that
    /// `seat` does not know is left out.
    #[must_use]
    pub fn of(params: &Params, seat: impl Fn(&str) -> Option<SeatId>) -> NodeSettings {
        use params::PartitionHandling as Named;
        let cluster = &params.cluster;
        let nodes = &cluster.cluster_partition_handling_pause_if_all_down_nodes;
        let recover = cluster.cluster_partition_handling_pause_if_all_down_recover;
        NodeSettings {
            net_ticktime: Span::ms(cluster.net_ticktime.saturating_mul(1000)),
            khepri: cluster.khepri_db,
            deny_transient_nonexcl: false,
            khepri_timeout: Span::ms(cluster.metadata_store_khepri_default_timeout),
            partition_handling: match cluster.cluster_partition_handling {
                None | Some(Named::Ignore) => PartitionHandling::Ignore,
                Some(Named::PauseMinority) => PartitionHandling::PauseMinority,
                Some(Named::Autoheal) => PartitionHandling::Autoheal,
                Some(Named::PauseIfAllDown) => PartitionHandling::PauseIfAllDown {
                    nodes: nodes
                        .iter()
                        .flatten()
                        .filter_map(|name| seat(name))
                        .collect(),
                    autoheal: recover == Some(params::PauseRecover::Autoheal),
                },
            },
        }
    }
}

impl Settings {
    /// The seats of all nodes, in order.
    pub fn node_seats(&self) -> impl Iterator<Item = SeatId> + '_ {
        let nodes = self.roles.iter().enumerate();
        nodes
            .filter(|(_, role)| matches!(role, Role::Node))
            .map(|(at, _)| SeatId(u16::try_from(at).unwrap_or(0)))
    }

    /// The name with this text.
    #[must_use]
    pub fn named(&self, text: &str) -> Option<Name> {
        if let Some(number) = text.strip_prefix(GENERATED) {
            let number = u16::from_str_radix(number, 16).ok()?;
            return (number >= Name::FIRST_GENERATED).then_some(Name(number));
        }
        let at = self.names.iter().position(|name| &**name == text)?;
        u16::try_from(at).ok().map(Name)
    }

    /// The text of a name, also of one that a node made up.
    #[must_use]
    pub fn text(&self, name: Name) -> Arc<str> {
        if name.0 >= Name::FIRST_GENERATED {
            return format!("{GENERATED}{:04x}", name.0).into();
        }
        let held = self.names.get(usize::from(name.0));
        held.cloned().unwrap_or_default()
    }

    /// The text of a name that the settings list.
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
    /// cluster_status: answered by [`Fact::Status`] with this number.
    Status(u32),
    /// list_queues for this queue: answered by [`Fact::QueueSeen`] with this number.
    QueueInfo(u32, Name),
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
    /// A connection sends a heartbeat.
    HeartbeatSend,
    /// A connection looks whether anything came since the last time.
    HeartbeatCheck,
    /// A connection waits no longer for its channels, or for the client's close-ok.
    CloseWait,
    /// A channel tries again to reach a queue's process.
    Retry,
    /// A channel looks for deliveries that wait too long for their acknowledgement.
    ChannelTick,
    /// A channel's state for this queue.
    QueueClient(crate::ids::QueueId),
    /// A timer of a classic queue.
    Classic(crate::node::classic::ClassicTimer),
    /// A Raft member stands for election.
    Election,
    /// A Raft leader looks after its group.
    RaftTick,
    /// A timer of a quorum queue's machine.
    Fifo(crate::node::quorum::fifo::Clock),
    /// The table of members is written.
    RaNames,
    /// A declaration or deletion of a quorum queue takes too long.
    RaCalls,
    /// Dead letters are not confirmed in time.
    DeadLetter,
    /// A write to the metadata store takes too long.
    MetaTimeout,
    /// A stream's member asks again what it has to do.
    StreamAgain,
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
    /// The members of a queue were waited for long enough.
    Inquiry(u32),
    /// A client's timer.
    Client(crate::client::ClientTimer),
}

/// Settings and values for tests beside the code.
#[cfg(test)]
pub(crate) mod lab {
    use super::{NodeSettings, Pace, Settings, Version};
    use crate::ids::{Name, Part, Pid, QueueId};
    use crate::message::Message;
    use crate::node::image::{QueueKind, QueueRecord, QueueState};
    use crate::params::Params;
    use ackscope_kernel::{MessageKey, SeatId, Span};
    use std::sync::Arc;

    /// Settings of 4.3 that know these names beside the empty one, numbered from 1.
    pub(crate) fn settings(names: &[&str]) -> Settings {
        let version = Version::V4_3;
        let names = std::iter::once("").chain(names.iter().copied());
        let params = Params::defaults(version.profile());
        Settings {
            version,
            roles: Vec::new(),
            names: names.map(Into::into).collect(),
            node: Arc::new(NodeSettings::of(&params, |_| None)),
            params: Arc::new(params),
            pace: Pace {
                boot_min: Span::secs(2),
                boot_max: Span::secs(3),
                stop: Span::secs(1),
                write: (Span(15), Span(48)),
            },
        }
    }

    /// A durable classic queue on node 0.
    pub(crate) fn queue(name: Name) -> QueueRecord {
        let id = QueueId { name, birth: 1 };
        let (node, creation, part) = (SeatId(0), 256, Part::Queue(id));
        QueueRecord {
            id,
            kind: QueueKind::Classic,
            durable: true,
            exclusive: None,
            auto_delete: false,
            arguments: Arc::default(),
            pid: Pid {
                node,
                creation,
                part,
            },
            members: vec![node],
            epoch: 0,
            mirrors: Vec::new(),
            state: QueueState::Live,
        }
    }

    /// A persistent message without a routing key.
    pub(crate) fn message(number: u32) -> Message {
        let origin = SeatId(9);
        Message {
            key: MessageKey { origin, number },
            attempt: 1,
            exchange: Name::EMPTY,
            routing_key: "".into(),
            cc: Vec::new(),
            bcc: Vec::new(),
            size: 10,
            persistent: true,
            expiration: None,
            priority: None,
            message_id: None,
            user_id: None,
            headers: Arc::default(),
            deaths: Vec::new(),
            delivery_count: None,
            acquired_count: None,
            stream_offset: None,
        }
    }
}

impl KernelTimer for Timer {
    fn background(&self) -> bool {
        match self {
            Timer::LinkTick | Timer::Inquiry(_) => true,
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
