//! Every parameter of Kafka, declared once (reference/params-kafka.tsv, kafka.md 1.1 to 1.12).
//!
//! One module for each scope declares its rows; what the state machines obey is a field of the
//! scope's struct, what comes with a part that is not built yet is only known. [`Settings`] holds
//! what a user spelled out for a whole cluster, and resolves it to these structs.

mod broker;
mod consumer;
mod controller;
mod coordinator;
mod known;
mod producer;
mod rules;
mod settings;
mod topic;
mod types;

pub use broker::BrokerParams;
pub use consumer::ConsumerParams;
pub use controller::ControllerParams;
pub use coordinator::CoordinatorParams;
pub use producer::ProducerParams;
pub use settings::{Address, Row, Settings};
pub use topic::TopicParams;
pub use types::{Acks, CleanupPolicy, GroupProtocol, IsolationLevel, OffsetReset, TimestampType};

use ackscope_params::{Profile, Registry, Spec};

/// Kafka 4.3, a KRaft cluster: the profile that everything else defaults to.
pub const V4_3: Profile = Profile::new("4.3", 0);
/// Kafka 3.9, a KRaft cluster.
pub const V3_9: Profile = Profile::new("3.9", 1);
/// Kafka 2.8, a ZooKeeper cluster.
pub const V2_8: Profile = Profile::new("2.8", 2);

/// The profiles, newest first.
pub const PROFILES: [Profile; 3] = [V4_3, V3_9, V2_8];

/// The topic in which groups keep their offsets.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// The profile of a version: `4.3`, or a release of it such as `4.3.1`.
pub fn profile(version: &str) -> Option<Profile> {
    PROFILES.into_iter().find(|profile| {
        let rest = version.strip_prefix(profile.name());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// The scopes in the order of the table.
pub const SCOPES: [&str; 10] = [
    "producer",
    "consumer",
    "share-consumer",
    "topic",
    "broker",
    "controller",
    "group-coordinator",
    "share-group",
    "transaction-coordinator",
    "cluster-feature",
];

/// The rows of one scope; none for a scope that does not exist.
pub fn specs(scope: &str) -> &'static [Spec] {
    match scope {
        "producer" => ProducerParams::specs(),
        "consumer" => ConsumerParams::specs(),
        "share-consumer" => known::SHARE_CONSUMER,
        "topic" => TopicParams::specs(),
        "broker" => BrokerParams::specs(),
        "controller" => ControllerParams::specs(),
        "group-coordinator" => CoordinatorParams::specs(),
        "share-group" => known::SHARE_GROUP,
        "transaction-coordinator" => known::TRANSACTION_COORDINATOR,
        "cluster-feature" => known::CLUSTER_FEATURE,
        _ => &[],
    }
}

/// Every row of the table, scope by scope.
pub fn all_specs() -> impl Iterator<Item = &'static Spec> {
    SCOPES.into_iter().flat_map(|scope| specs(scope).iter())
}
