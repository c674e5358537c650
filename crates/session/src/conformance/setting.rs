//! From a case to the world that it begins with.

use std::collections::{BTreeMap, BTreeSet};

use ackscope_kafka::system::java_hash;
use ackscope_params::Refusal;

use super::case::{KafkaCase, Kind, property};
use super::step::Step;
use crate::founding::{CONTROLLER, Founded, OBSERVER, found};
use crate::topology::{Client, ClientRole, Consuming, Producing, Setting, Topic, Topology};

/// A founded world, and the clients whose constructor refuses their settings.
pub(super) struct Ready {
    /// The world at step 0.
    pub(super) founded: Founded,
    /// By client: the reason.
    pub(super) refused: BTreeMap<String, String>,
}

/// The world of a case at step 0.
///
/// # Errors
/// What in the case the world does not know: where, and what.
pub(super) fn build(case: &KafkaCase, version: &str, seed: u64) -> Result<Ready, (String, String)> {
    let brokers: Vec<&String> = case
        .cluster
        .nodes
        .iter()
        .filter(|n| *n != CONTROLLER)
        .collect();
    for (name, at) in brokers.iter().zip(1..) {
        if **name != format!("b{at}") {
            let what = format!("unknown node `{name}`");
            return Err(("cluster.nodes".to_owned(), what));
        }
    }
    let topology = topology(
        case,
        version,
        u16::try_from(brokers.len()).unwrap_or(u16::MAX),
    );
    let founded =
        found(&topology, seed).map_err(|error| ("cluster".to_owned(), error.to_string()))?;
    let mut refused = BTreeMap::new();
    for refusal in &founded.refusals {
        // A client's constructor throws ConfigException; everything else in a recorded case was
        // accepted by a real cluster, and so was every key.
        match client_of(case, refusal).filter(|_| !refusal.text.starts_with("unknown key")) {
            Some(client) => refused.insert(client.to_owned(), refusal.text.clone()),
            None => return Err((refusal.scope.clone(), refusal.text.clone())),
        };
    }
    Ok(Ready { founded, refused })
}

fn client_of<'a>(case: &'a KafkaCase, refusal: &Refusal) -> Option<&'a str> {
    let (scope, name) = refusal.scope.split_once(' ')?;
    let (name, client) = case.clients.get_key_value(name)?;
    let own = match client.kind {
        Kind::Producer => "producer",
        Kind::Consumer | Kind::ShareConsumer => "consumer",
    };
    (scope == own).then_some(name)
}

fn topology(case: &KafkaCase, version: &str, brokers: u16) -> Topology {
    let mut topology = Topology {
        profile: version.to_owned(),
        brokers,
        ..Topology::default()
    };
    let mut set = |scope: &str, name: &str, values: &BTreeMap<String, serde_json::Value>| {
        for (key, value) in values {
            topology.set(Setting {
                scope: scope.to_owned(),
                name: name.to_owned(),
                key: key.clone(),
                value: property(value),
            });
        }
    };
    set("cluster", "", &case.cluster.settings);
    for topic in &case.topics {
        set("topic", &topic.name, &topic.config);
    }
    for (name, client) in &case.clients {
        let scope = match client.kind {
            Kind::Producer => "producer",
            Kind::Consumer | Kind::ShareConsumer => "consumer",
        };
        set(scope, name, &client.settings);
    }
    for topic in &case.topics {
        topology.topics.push(Topic {
            name: topic.name.clone(),
            partitions: topic.partitions,
            replication_factor: topic.replication_factor,
            assignment: topic.assignment.clone(),
        });
    }
    for (name, client) in &case.clients {
        // Scripted: nothing happens without an order.
        let role = match client.kind {
            Kind::Producer => ClientRole::Producer(Producing::default()),
            Kind::Consumer | Kind::ShareConsumer => ClientRole::Consumer(Consuming {
                subscribe: client.subscribe.clone(),
                assign: client
                    .assign
                    .iter()
                    .map(|(t, p)| format!("{t}-{p}"))
                    .collect(),
                commit_on_revoke: client.commit_on_revoke,
                ..Consuming::default()
            }),
        };
        topology.clients.push(Client {
            name: name.clone(),
            role,
        });
    }
    for step in &case.steps {
        if let Step::GroupOffsets { group, .. } = step
            && !topology.groups.contains(group)
        {
            topology.groups.push(group.clone());
        }
    }
    use_all_offsets_partitions(&mut topology);
    topology
}

/// Only partitions of `__consumer_offsets` that a group belongs to are simulated, but in the recorded
/// clusters all of them exist. That matters: every broker leads one, so every broker has a fetch parked
/// at every other one, and a partition that changes its leader waits for that fetch to come back.
fn use_all_offsets_partitions(topology: &mut Topology) {
    let partitions = topology.setting("cluster", "", "offsets.topic.num.partitions");
    let Some(partitions) = partitions.and_then(|text| text.parse::<u32>().ok()) else {
        return;
    };
    let of = |group: &str| (java_hash(group).cast_unsigned() & 0x7fff_ffff) % partitions.max(1);
    let mut used: BTreeSet<u32> = topology
        .all_groups()
        .iter()
        .map(|group| of(group))
        .collect();
    for number in 1..=MOST_GROUPS {
        let group = format!("g{number}");
        if used.insert(of(&group)) {
            topology.groups.push(group);
        }
    }
}

/// More names than this are not tried to find a group for each partition.
const MOST_GROUPS: u32 = 100;

/// Checks that steps name only what is there.
///
/// # Errors
/// Where something unknown is named, and what.
pub(super) fn check_names(case: &KafkaCase) -> Result<(), (String, String)> {
    for (at, step) in case.steps.iter().enumerate() {
        let place = || format!("steps[{at}]");
        let unknown = |kind: &str, name: &str| Err((place(), format!("unknown {kind} `{name}`")));
        for client in step.clients() {
            if !case.clients.contains_key(client) {
                return unknown("client", client);
            }
        }
        for node in step.nodes() {
            if !case.cluster.nodes.contains(node) {
                return unknown("node", node);
            }
        }
        if let Step::Partition { groups, .. } = step {
            for member in groups.iter().flatten() {
                let known =
                    case.cluster.nodes.contains(member) || case.clients.contains_key(member);
                if !known {
                    return unknown("member", member);
                }
            }
        }
        if let Step::DumpLog { node, .. } = step
            && !case.cluster.nodes.contains(node)
        {
            return unknown("node", node);
        }
    }
    if case.clients.contains_key(OBSERVER) {
        let what = format!("the name `{OBSERVER}` belongs to the driver");
        return Err(("clients".to_owned(), what));
    }
    Ok(())
}
