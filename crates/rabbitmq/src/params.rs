//! Every parameter of RabbitMQ, declared once (reference/params-rabbitmq.tsv, rabbitmq.md 1.1 to
//! 1.14).
//!
//! One struct for each scope of the table. A scope of queues holds both arguments, which a
//! declaration or a policy carries, and settings of the node; the node's are in [`Params`].

mod classic;
mod cluster;
mod connection;
mod consumer;
mod library;
mod node;
mod publish;
mod quorum;
mod raft;
mod rules;
mod stream;
mod topology;
mod types;

pub use classic::ClassicQueueParams;
pub use cluster::{ClusterParams, MirroredPolicyParams};
pub use connection::{ChannelParams, ConnectionParams};
pub use consumer::ConsumerParams;
pub use library::LibraryParams;
pub use node::NodeParams;
pub use publish::PublishParams;
pub use quorum::QuorumQueueParams;
pub use raft::RaftParams;
pub use stream::StreamParams;
pub use topology::{BindingParams, ExchangeParams, QueueParams};
pub use types::{
    ChannelMode, Credit, DeadLetterStrategy, DefaultPrefetch, DelayedRetry, HaMode, HaSyncMode,
    LeaderLocator, MasterLocator, Overflow, PartitionHandling, PauseRecover, PromoteWhen,
    QueueMode, QueueType, RetryPolicy, VhostRestart, WalSync,
};

use ackscope_params::{Overlay, Profile, Refusal, Registry, Spec};
use borsh::BorshSerialize;

/// RabbitMQ 4.3: Khepri, quorum queues of version 8.
pub const V4_3: Profile = Profile::new("4.3", 0);
/// RabbitMQ 4.2: Khepri in new clusters.
pub const V4_2: Profile = Profile::new("4.2", 1);
/// RabbitMQ 4.0, which stands for 4.1 too: Mnesia unless Khepri is switched on.
pub const V4_0: Profile = Profile::new("4.0", 2);
/// RabbitMQ 3.13: Mnesia, mirrored queues.
pub const V3_13: Profile = Profile::new("3.13", 3);
/// RabbitMQ 3.10: as 3.13, with the older storage of classic queues.
pub const V3_10: Profile = Profile::new("3.10", 4);

/// The profiles, newest first.
pub const PROFILES: [Profile; 5] = [V4_3, V4_2, V4_0, V3_13, V3_10];

/// The profile of a version: `4.3`, or a release of it such as `4.3.6`; `4.1` is held to `4.0`.
#[must_use]
pub fn profile(version: &str) -> Option<Profile> {
    let begins = |with: &str| {
        let rest = version.strip_prefix(with);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let known = PROFILES.into_iter().find(|profile| begins(profile.name()));
    known.or_else(|| begins("4.1").then_some(V4_0))
}

/// The scopes in the order of the table.
pub const SCOPES: [&str; 15] = [
    "connection",
    "channel",
    "publish",
    "exchange",
    "binding",
    "queue",
    "classic-queue",
    "quorum-queue",
    "stream",
    "consumer",
    "node",
    "cluster",
    "mirrored-policy",
    "raft",
    "client-library",
];

/// The rows of one scope; none for a scope that does not exist.
#[must_use]
pub fn specs(scope: &str) -> &'static [Spec] {
    match scope {
        "connection" => ConnectionParams::specs(),
        "channel" => ChannelParams::specs(),
        "publish" => PublishParams::specs(),
        "exchange" => ExchangeParams::specs(),
        "binding" => BindingParams::specs(),
        "queue" => QueueParams::specs(),
        "classic-queue" => ClassicQueueParams::specs(),
        "quorum-queue" => QuorumQueueParams::specs(),
        "stream" => StreamParams::specs(),
        "consumer" => ConsumerParams::specs(),
        "node" => NodeParams::specs(),
        "cluster" => ClusterParams::specs(),
        "mirrored-policy" => MirroredPolicyParams::specs(),
        "raft" => RaftParams::specs(),
        "client-library" => LibraryParams::specs(),
        _ => &[],
    }
}

/// Every row of the table, scope by scope.
pub fn all_specs() -> impl Iterator<Item = &'static Spec> {
    SCOPES.into_iter().flat_map(|scope| specs(scope).iter())
}

/// The scopes whose values a node's configuration holds.
pub const NODE_SCOPES: [&str; 8] = [
    "node",
    "cluster",
    "connection",
    "channel",
    "classic-queue",
    "quorum-queue",
    "stream",
    "raft",
];

/// What a node obeys, scope by scope. Of the scopes of queues only what `rabbitmq.conf` can say
/// counts here; what a declaration or a policy says is read from there.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
#[allow(missing_docs, reason = "each is the scope of the same name")]
pub struct Params {
    pub connection: ConnectionParams,
    pub channel: ChannelParams,
    pub classic: ClassicQueueParams,
    pub quorum: QuorumQueueParams,
    pub stream: StreamParams,
    pub node: NodeParams,
    pub cluster: ClusterParams,
    pub raft: RaftParams,
}

impl Params {
    /// What a node obeys for what its configuration spells out, with everything that RabbitMQ
    /// would refuse. Keys of no scope of a node are refused with the nearest one that has it.
    #[must_use]
    pub fn resolve(profile: Profile, overlay: &Overlay) -> (Params, Vec<Refusal>) {
        let mut refusals = Vec::new();
        let mut parts: [Overlay; NODE_SCOPES.len()] = Default::default();
        for (key, text) in overlay.iter() {
            match home(key) {
                Some(at) => drop(parts[at].insert(key, text)),
                None => {
                    let nearest = nearest(key);
                    refusals.push(Refusal::unknown("node", key, text, nearest));
                }
            }
        }
        let [
            node,
            cluster,
            connection,
            channel,
            classic,
            quorum,
            stream,
            raft,
        ] = parts;
        let params = Params {
            connection: part(profile, &connection, &mut refusals),
            channel: part(profile, &channel, &mut refusals),
            classic: part(profile, &classic, &mut refusals),
            quorum: part(profile, &quorum, &mut refusals),
            stream: part(profile, &stream, &mut refusals),
            node: part(profile, &node, &mut refusals),
            cluster: part(profile, &cluster, &mut refusals),
            raft: part(profile, &raft, &mut refusals),
        };
        (params, refusals)
    }

    /// What a node obeys when nothing is spelled out.
    #[must_use]
    pub fn defaults(profile: Profile) -> Params {
        Params::resolve(profile, &Overlay::new()).0
    }
}

fn part<T: Registry>(profile: Profile, overlay: &Overlay, refusals: &mut Vec<Refusal>) -> T {
    let (params, refused) = T::resolve(profile, overlay);
    refusals.extend(refused);
    params
}

/// Whether a row is a node's own: arguments, policies and what a client says are not.
#[must_use]
pub fn is_of_node(spec: &Spec) -> bool {
    matches!(spec.applies, "broker-restart" | "dynamic-metadata")
        || ["node", "cluster", "connection", "raft"].contains(&spec.scope)
}

/// The scope of a node, by its place in [`NODE_SCOPES`], that has a key.
fn home(key: &str) -> Option<usize> {
    NODE_SCOPES.iter().position(|scope| {
        let found = ackscope_params::find(specs(scope), key);
        found.is_some_and(is_of_node)
    })
}

/// The key of a node that is nearest in spelling, unless none is near.
#[must_use]
pub fn nearest(key: &str) -> Option<&'static str> {
    let rows = NODE_SCOPES.iter().flat_map(|scope| specs(scope));
    let rows: Vec<Spec> = rows.filter(|spec| is_of_node(spec)).copied().collect();
    ackscope_params::nearest(&rows, key)
}
