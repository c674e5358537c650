//! From a topology to a world that has been up for a while.
//!
//! Seats are, in this order, the controller `ctl`, the brokers, the clients, and the observer `obs`.
//! Controller and brokers start at time 0, the brokers spread over a few seconds by draws of the
//! seed; the topics are created after ten seconds; *time zero* of a run is thirty seconds after the
//! start. Everything until then happens by the same rules as everything after it, so the phases of
//! heartbeats, parked fetches and checks come from the seed. Clients are down until an act starts them.

use std::sync::Arc;

use ackscope_kafka::params::{self, Address};
use ackscope_kafka::records::OFFSETS_TOPIC;
use ackscope_kafka::system::{
    AfterFailure, CommitPolicy, ConsumerProgram, OnFailure, Pace, ProducerEnd, ProducerProgram,
    Role, Settings, TopicDef,
};
use ackscope_kafka::{Kafka, Mutant, Order, Tp};
use ackscope_kernel::dice::{self, Purpose};
use ackscope_kernel::world::Physics;
use ackscope_kernel::{Act, History, Moment, SeatId, Span, Time, Trace, World};
use ackscope_params::Refusal;
use thiserror::Error;

use crate::topology::{self, ClientRole, Consuming, Producing, Times, Topic, Topology};

/// Name of the controller.
pub const CONTROLLER: &str = "ctl";
/// Name of the client that only looks.
pub const OBSERVER: &str = "obs";
/// When the topics are created, after the start of the first process.
pub const TOPICS_AT: Time = Time(10_000_000);
/// When a run begins: time zero of its scenario.
pub const ZERO: Time = Time(30_000_000);
/// Broker processes start within this time after the controller.
const STARTS_WITHIN_US: u64 = 2_000_000;

/// A world at time zero.
#[derive(Clone, Debug)]
pub struct Founded {
    /// The world, thirty seconds old.
    pub world: World<Kafka>,
    /// What happened in these thirty seconds. A run goes on with it
    /// ([`History::continued`]), because packets in flight and processes name its entries.
    pub trace: Trace<Kafka>,
    /// Time zero.
    pub zero: Time,
    /// What Kafka refuses of the settings. The world was founded with the defaults in their place.
    pub refusals: Vec<Refusal>,
}

/// Why a topology describes no world.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TopologyError {
    /// A version that no profile covers.
    #[error("unknown version {0} of Kafka; known are {1}")]
    Profile(String, String),
    /// Too few or too many brokers.
    #[error("{0} brokers; there can be 1 to 5")]
    Brokers(u16),
    /// Two things have one name, or the name is taken by the cluster itself.
    #[error("the name {0} is used twice")]
    Twice(String),
    /// Something refers to a topic that does not exist.
    #[error("{0}: there is no topic {1}")]
    NoTopic(String, String),
    /// A partition that its topic does not have.
    #[error("{0}: there is no partition {1}")]
    NoPartition(String, String),
    /// A replica on a broker that does not exist.
    #[error("topic {0}: there is no broker {1}")]
    NoBroker(String, String),
    /// Not as many replicas as brokers can hold.
    #[error("topic {0}: {1} replicas of a partition on {2} brokers")]
    Replicas(String, u16, u16),
    /// A topic without partitions, or an assignment of another length.
    #[error("topic {0}: {1} partitions, {2} of them assigned")]
    Partitions(String, u16, usize),
}

/// Builds the world of a topology and lets it run to time zero.
///
/// # Errors
/// When the topology contradicts itself. Values that Kafka would refuse are no error but listed in
/// [`Founded::refusals`].
pub fn found(topology: &Topology, seed: u64) -> Result<Founded, TopologyError> {
    found_with(topology, seed, None)
}

/// As [`found`], with a mistake planted into Kafka's rules, to check what must find it.
///
/// # Errors
/// When the topology contradicts itself.
pub fn found_with(
    topology: &Topology,
    seed: u64,
    mutant: Option<Mutant>,
) -> Result<Founded, TopologyError> {
    let (mut settings, refusals) = settings(topology)?;
    settings.mutant = mutant;
    let topics = (0..)
        .zip(&settings.topics)
        .map(|(number, _)| number)
        .collect();
    let mut world = World::new(seed, settings, physics(topology.times));
    let controller = world.add(CONTROLLER);
    let brokers: Vec<SeatId> = topology
        .broker_names()
        .map(|name| world.add(&name))
        .collect();
    for client in &topology.clients {
        world.add(&client.name);
    }
    world.add(OBSERVER);

    let mut starts: Vec<(Time, SeatId)> = brokers
        .into_iter()
        .map(|broker| {
            let drawn = dice::roll(seed, Purpose::Founding, &[u64::from(broker.0)]);
            (Time(dice::within(drawn, 0, STARTS_WITHIN_US)), broker)
        })
        .collect();
    starts.push((Time(0), controller));
    starts.sort_unstable();
    let moment = |at| Moment { at, taken: 0 };
    let mut acts: Vec<_> = starts
        .into_iter()
        .map(|(at, seat)| (moment(at), Act::Start(seat)))
        .collect();
    acts.push((
        moment(TOPICS_AT),
        Act::Order(controller, Order::CreateTopics(topics)),
    ));
    let mut warm_up = History::new(world, (), acts);
    warm_up.advance(ZERO);
    Ok(Founded {
        world: warm_up.world().clone(),
        trace: warm_up.trace().clone(),
        zero: ZERO,
        refusals,
    })
}

/// The settings of a topology as the state machines read them, and what Kafka refuses of them.
///
/// # Errors
/// When the topology contradicts itself.
pub fn settings(topology: &Topology) -> Result<(Settings, Vec<Refusal>), TopologyError> {
    check_names(topology)?;
    let profile = params::profile(&topology.profile).ok_or_else(|| {
        let known: Vec<_> = params::PROFILES.iter().map(|p| p.name()).collect();
        TopologyError::Profile(topology.profile.clone(), known.join(", "))
    })?;
    let mut set = params::Settings::new(profile);
    let mut refusals = Vec::new();
    for s in &topology.settings {
        let done = match s.scope.as_str() {
            "cluster" => set.set_cluster(&s.key, &s.value),
            scope => set.set(&Address::new(scope, &s.name, &s.key), &s.value),
        };
        refusals.extend(done.err());
    }
    refusals.extend(set.check());

    let groups: Vec<Arc<str>> = topology.all_groups().into_iter().map(Arc::from).collect();
    let mut topics = vec![TopicDef {
        name: params::OFFSETS_TOPIC.into(),
        assignment: Vec::new(),
    }];
    for topic in &topology.topics {
        topics.push(TopicDef {
            name: topic.name.as_str().into(),
            assignment: assign(topology, topic)?,
        });
    }
    let mut derived = Settings {
        roles: Vec::new(),
        groups,
        pace: pace(topology.times),
        controller: set.controller(),
        coordinator: set.coordinator(),
        brokers: topology
            .broker_names()
            .zip(1..)
            .map(|(name, at)| (SeatId(at), set.broker(&name)))
            .collect(),
        topic_params: topics
            .iter()
            .map(|topic| Arc::new(set.topic(&topic.name)))
            .collect(),
        topics,
        producers: Default::default(),
        consumers: Default::default(),
        mutant: None,
        params: set,
    };
    derived.topics[usize::from(OFFSETS_TOPIC)].assignment = assign_offsets(topology, &derived);
    derived.roles.push(Role::Controller);
    derived
        .roles
        .extend((0..topology.brokers).map(|_| Role::Broker));
    let mut lone_reader = u16::try_from(derived.groups.len()).unwrap_or(u16::MAX);
    for (client, seat) in topology.clients.iter().zip(topology.brokers + 1..) {
        let role = match &client.role {
            ClientRole::Producer(program) => {
                derived
                    .producers
                    .insert(SeatId(seat), derived.params.producer(&client.name));
                Role::Producer(producer_program(&derived, &client.name, program)?)
            }
            ClientRole::Consumer(program) => {
                derived
                    .consumers
                    .insert(SeatId(seat), derived.params.consumer(&client.name));
                let group = topology
                    .group_of(&client.name)
                    .and_then(|g| derived.group_number(g));
                let reader = group.unwrap_or(lone_reader);
                lone_reader += u16::from(group.is_none());
                Role::Consumer(consumer_program(
                    &derived,
                    &client.name,
                    program,
                    group,
                    reader,
                )?)
            }
        };
        derived.roles.push(role);
    }
    derived.roles.push(Role::Observer);
    Ok((derived, refusals))
}

/// The partition that a text such as `orders-0` names.
#[must_use]
pub fn tp_named(settings: &Settings, text: &str) -> Option<Tp> {
    let (topic, partition) = text.rsplit_once('-')?;
    let tp = Tp {
        topic: topic_named(settings, topic)?,
        partition: partition.parse().ok()?,
    };
    let partitions = settings.topics.get(usize::from(tp.topic))?.assignment.len();
    (usize::from(tp.partition) < partitions).then_some(tp)
}

/// The number of a topic.
#[must_use]
pub fn topic_named(settings: &Settings, name: &str) -> Option<u16> {
    let at = settings
        .topics
        .iter()
        .position(|topic| &*topic.name == name)?;
    u16::try_from(at).ok()
}

/// `orders-0`.
#[must_use]
pub fn tp_name(settings: &Settings, tp: Tp) -> String {
    let topic = settings
        .topics
        .get(usize::from(tp.topic))
        .map_or("?", |topic| &topic.name);
    format!("{topic}-{}", tp.partition)
}

fn check_names(topology: &Topology) -> Result<(), TopologyError> {
    if !(1..=5).contains(&topology.brokers) {
        return Err(TopologyError::Brokers(topology.brokers));
    }
    let mut seats: Vec<String> = topology.broker_names().collect();
    seats.extend([CONTROLLER.to_owned(), OBSERVER.to_owned()]);
    for client in &topology.clients {
        if seats.contains(&client.name) {
            return Err(TopologyError::Twice(client.name.clone()));
        }
        seats.push(client.name.clone());
    }
    let mut topics = vec![params::OFFSETS_TOPIC.to_owned()];
    for topic in &topology.topics {
        if topics.contains(&topic.name) {
            return Err(TopologyError::Twice(topic.name.clone()));
        }
        topics.push(topic.name.clone());
    }
    Ok(())
}

/// The replicas of each partition of a topic.
fn assign(topology: &Topology, topic: &Topic) -> Result<Vec<Vec<SeatId>>, TopologyError> {
    if topic.assignment.is_empty() {
        let (replicas, brokers) = (topic.replication_factor, topology.brokers);
        if replicas == 0 || replicas > brokers {
            return Err(TopologyError::Replicas(
                topic.name.clone(),
                replicas,
                brokers,
            ));
        }
        if topic.partitions == 0 {
            return Err(TopologyError::Partitions(topic.name.clone(), 0, 0));
        }
        return Ok((0..topic.partitions)
            .map(|p| ring(brokers, p, replicas))
            .collect());
    }
    if topic.assignment.len() != usize::from(topic.partitions) {
        let assigned = topic.assignment.len();
        return Err(TopologyError::Partitions(
            topic.name.clone(),
            topic.partitions,
            assigned,
        ));
    }
    let seat = |name: &String| {
        let at = topology.broker_names().position(|broker| broker == *name);
        let number = at.and_then(|at| u16::try_from(at + 1).ok()).map(SeatId);
        number.ok_or_else(|| TopologyError::NoBroker(topic.name.clone(), name.clone()))
    };
    let mut all = Vec::new();
    for replicas in &topic.assignment {
        let replicas: Vec<SeatId> = replicas.iter().map(seat).collect::<Result<_, _>>()?;
        let mut distinct = replicas.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if replicas.is_empty() || distinct.len() < replicas.len() {
            let count = u16::try_from(replicas.len()).unwrap_or(u16::MAX);
            return Err(TopologyError::Replicas(
                topic.name.clone(),
                count,
                topology.brokers,
            ));
        }
        all.push(replicas);
    }
    Ok(all)
}

/// The replicas of `__consumer_offsets`: partition 0 is led by b2, partition 1 by b3, and so on in a
/// ring (as in the recorded clusters). Only partitions that a group of this run belongs to are
/// modelled: the others have no replicas and nobody creates them.
fn assign_offsets(topology: &Topology, derived: &Settings) -> Vec<Vec<SeatId>> {
    let replicas = derived.coordinator.offsets_topic_replication_factor;
    let replicas = u16::try_from(replicas)
        .unwrap_or(1)
        .clamp(1, topology.brokers);
    let partitions = derived.coordinator.offsets_topic_num_partitions;
    let mut all = vec![Vec::new(); usize::try_from(partitions).unwrap_or(1).max(1)];
    let count = u32::try_from(all.len()).unwrap_or(1);
    for group in &derived.groups {
        let partition = ackscope_kafka::system::java_hash(group).cast_unsigned() & 0x7fff_ffff;
        let partition = partition % count;
        if let Some(slot) = all.get_mut(partition as usize) {
            let first = u16::try_from((partition + 1) % u32::from(topology.brokers)).unwrap_or(0);
            *slot = ring(topology.brokers, first, replicas);
        }
    }
    all
}

/// `count` brokers in a ring, beginning with the one after `first` others.
fn ring(brokers: u16, first: u16, count: u16) -> Vec<SeatId> {
    (first..first.saturating_add(count))
        .map(|at| SeatId(at % brokers + 1))
        .collect()
}

fn physics(times: Times) -> Physics {
    let range = |(low, high)| (Span(low), Span(high));
    Physics {
        hop: range(times.hop_us),
        sync: range(times.sync_us),
        write_back: range(times.write_back_us),
    }
}

fn pace(times: Times) -> Pace {
    Pace {
        client_start: Span(times.client_start_us),
        broker_start: Span(times.broker_start_us),
        broker_stop: Span(times.broker_stop_us),
        send: Span(times.send_us),
    }
}

fn producer_program(
    settings: &Settings,
    name: &str,
    program: &Producing,
) -> Result<ProducerProgram, TopologyError> {
    let topic = match program.topic.as_str() {
        // A scripted producer is told with each order where to send.
        "" => u16::from(settings.topics.len() > 1),
        topic => topic_of(settings, name, topic)?,
    };
    let partitions = settings.topics[usize::from(topic)].assignment.len();
    if let Some(partition) = program.partition.filter(|p| usize::from(*p) >= partitions) {
        let missing = format!("{}-{partition}", program.topic);
        return Err(TopologyError::NoPartition(name.to_owned(), missing));
    }
    Ok(ProducerProgram {
        topic,
        partition: program.partition,
        start: Span(program.start_us),
        interval: Span(program.interval_us),
        burst: program.burst,
        stop_after: program.stop_after,
        size: program.size,
        keys: program.keys,
        on_failure: match program.on_failure {
            topology::OnFailure::Look => OnFailure::Look,
            topology::OnFailure::Ignore => OnFailure::Ignore,
            topology::OnFailure::Resend(times) => OnFailure::Resend(times),
        },
        end: match program.end {
            topology::ProducerEnd::Stay => ProducerEnd::Stay,
            topology::ProducerEnd::Close => ProducerEnd::Close,
            topology::ProducerEnd::Exit => ProducerEnd::Exit,
        },
    })
}

fn consumer_program(
    settings: &Settings,
    name: &str,
    program: &Consuming,
    group: Option<u16>,
    reader: u16,
) -> Result<ConsumerProgram, TopologyError> {
    let subscribe: Result<_, _> = program
        .subscribe
        .iter()
        .map(|topic| topic_of(settings, name, topic))
        .collect();
    let tp = |text: &String| {
        let missing = || TopologyError::NoPartition(name.to_owned(), text.clone());
        tp_named(settings, text).ok_or_else(missing)
    };
    Ok(ConsumerProgram {
        group,
        reader,
        subscribe: subscribe?,
        assign: program.assign.iter().map(tp).collect::<Result<_, _>>()?,
        polls: program.polls,
        start: Span(program.start_us),
        processing: Span(program.processing_us),
        commit: match program.commit {
            topology::Commits::None => CommitPolicy::None,
            topology::Commits::SyncAfter => CommitPolicy::SyncAfter,
            topology::Commits::SyncBefore => CommitPolicy::SyncBefore,
            topology::Commits::AsyncAfter => CommitPolicy::AsyncAfter,
        },
        hands_off: program.hands_off,
        fails_at: program.fails_at,
        after_failure: match program.after_failure {
            topology::AfterFailure::Close => AfterFailure::Close,
            topology::AfterFailure::Exit => AfterFailure::Exit,
            topology::AfterFailure::Skip => AfterFailure::Skip,
        },
        idempotent_sink: program.idempotent_sink,
        commit_on_revoke: program.commit_on_revoke,
    })
}

fn topic_of(settings: &Settings, whose: &str, topic: &str) -> Result<u16, TopologyError> {
    let missing = || TopologyError::NoTopic(whose.to_owned(), topic.to_owned());
    topic_named(settings, topic).ok_or_else(missing)
}

#[cfg(test)]
mod tests;
