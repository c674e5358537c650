//! What a random run begins with: brokers, partitions, clients, their settings and programs.

use super::Kind;
use super::draw::Dice;
use crate::topology::{
    Client, ClientRole, Commits, Consuming, OnFailure, Producing, Setting, Times, Topic, Topology,
};

/// The topic of the run.
pub(super) const TOPIC: &str = "orders";
/// The producer that shows at the end that every partition takes messages again.
pub(super) const PROBE: &str = "probe";

/// How the faults of a run are limited, and what its producers wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// acks=all, within the limits of safe runs.
    Safe,
    /// acks=1, without limits.
    AcksOne,
    /// acks=all; all brokers lose power, or the last in-sync one does.
    PowerLoss,
}

/// A run before it runs.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) topology: Topology,
    pub(super) style: Style,
    /// Faults are drawn for so long, in microseconds after time zero.
    pub(super) faults_us: u64,
}

/// Draws the topology of a seed.
pub(super) fn setup(kind: Kind, seed: u64) -> Setup {
    let mut dice = Dice::new(seed, 1, 0);
    let style = match kind {
        Kind::Safe => Style::Safe,
        Kind::Unsafe if dice.percent(60) => Style::AcksOne,
        Kind::Unsafe => Style::PowerLoss,
    };
    let mut topology = Topology {
        brokers: count(dice.weighted(&[(3, 3), (1, 4), (1, 5)], 3)),
        topics: vec![Topic {
            name: TOPIC.to_owned(),
            partitions: count(dice.between(1, 6)),
            replication_factor: 3,
            assignment: Vec::new(),
        }],
        times: times(&mut dice),
        ..Topology::default()
    };
    cluster(&mut topology, &mut dice);
    let faults_us = dice.between(60_000_000, 120_000_000);
    for number in 1..=dice.between(1, 3) {
        let mut dice = Dice::new(seed, 2, number);
        producer(&mut topology, number, style, faults_us, &mut dice);
    }
    for number in 1..=dice.between(1, 3) {
        let mut dice = Dice::new(seed, 3, number);
        consumer(&mut topology, number, &mut dice);
    }
    topology.clients.push(Client {
        name: PROBE.to_owned(),
        role: ClientRole::Producer(Producing {
            topic: TOPIC.to_owned(),
            ..Producing::default()
        }),
    });
    set(&mut topology, "producer", PROBE, "acks", "all");
    Setup {
        topology,
        style,
        faults_us,
    }
}

fn count(drawn: u64) -> u16 {
    u16::try_from(drawn).unwrap_or(1)
}

fn set(topology: &mut Topology, scope: &str, name: &str, key: &str, value: &str) {
    topology.set(Setting {
        scope: scope.to_owned(),
        name: name.to_owned(),
        key: key.to_owned(),
        value: value.to_owned(),
    });
}

/// Fast, slower and slow networks: the slower one is, the wider are the windows between two steps.
fn times(dice: &mut Dice) -> Times {
    let hop_us = dice.weighted(
        &[(5, (250, 600)), (3, (1_000, 5_000)), (2, (5_000, 40_000))],
        (250, 600),
    );
    Times {
        hop_us,
        ..Times::default()
    }
}

/// Settings of brokers and controller: what the safe runs promise, and times that make faults matter
/// within a few minutes.
fn cluster(topology: &mut Topology, dice: &mut Dice) {
    set(topology, "topic", "", "min.insync.replicas", "2");
    set(
        topology,
        "topic",
        "",
        "unclean.leader.election.enable",
        "false",
    );
    let mut choose = |key: &str, values: &[&'static str]| {
        if let Some(value) = dice.pick(values) {
            set(topology, "cluster", "", key, value);
        }
    };
    choose("replica.lag.time.max.ms", &["30000", "10000", "5000"]);
    choose(
        "leader.imbalance.check.interval.seconds",
        &["300", "30", "10"],
    );
    choose("broker.session.timeout.ms", &["9000", "9000", "6000"]);
    choose("eligible.leader.replicas.version", &["1", "1", "1", "0"]);
    choose("offsets.topic.num.partitions", &["50", "3"]);
}

fn producer(topology: &mut Topology, number: u64, style: Style, faults_us: u64, dice: &mut Dice) {
    let name = format!("p{number}");
    let burst = dice.weighted(&[(3, 1), (2, 4), (1, 20)], 1);
    let messages = dice.between(80, 240);
    let bursts = messages.div_ceil(burst);
    let partitions = topology.topics.first().map_or(1, |topic| topic.partitions);
    let program = Producing {
        topic: TOPIC.to_owned(),
        partition: (dice.percent(30)).then(|| count(dice.between(0, u64::from(partitions) - 1))),
        start_us: dice.between(0, 5_000_000),
        interval_us: (faults_us / bursts).max(1_000),
        burst: u32::try_from(burst).unwrap_or(1),
        stop_after: u32::try_from(messages).unwrap_or(1),
        size: u32::try_from(dice.span_us(10, 2_000)).unwrap_or(100),
        keys: u32::try_from(dice.weighted(&[(2, 0), (1, 5), (1, 50)], 0)).unwrap_or(0),
        on_failure: match dice.percent(70) {
            true => OnFailure::Look,
            false => OnFailure::Resend(2),
        },
        ..Producing::default()
    };
    topology.clients.push(Client {
        name: name.clone(),
        role: ClientRole::Producer(program),
    });
    let mut put = |key: &str, value: &str| set(topology, "producer", &name, key, value);
    put("acks", if style == Style::AcksOne { "1" } else { "all" });
    let idempotent = style != Style::AcksOne && dice.percent(75);
    put(
        "enable.idempotence",
        if idempotent { "true" } else { "false" },
    );
    let mut choose = |key: &str, values: &[&'static str]| {
        if let Some(value) = dice.pick(values) {
            put(key, value);
        }
    };
    choose("linger.ms", &["5", "0", "50"]);
    choose("batch.size", &["16384", "2000", "0"]);
    choose(
        "max.in.flight.requests.per.connection",
        &["5", "5", "2", "1"],
    );
    choose("request.timeout.ms", &["30000", "10000", "3000"]);
    choose(
        "delivery.timeout.ms",
        &["120000", "120000", "60000", "31000"],
    );
}

fn consumer(topology: &mut Topology, number: u64, dice: &mut Dice) {
    let name = format!("c{number}");
    let partitions = topology.topics.first().map_or(1, |topic| topic.partitions);
    let subscribes = dice.percent(70);
    let assigned = (0..partitions).map(|partition| format!("{TOPIC}-{partition}"));
    let program = Consuming {
        subscribe: subscribes.then(|| TOPIC.to_owned()).into_iter().collect(),
        assign: match subscribes {
            true => Vec::new(),
            false => assigned.collect(),
        },
        polls: true,
        start_us: dice.between(0, 3_000_000),
        processing_us: dice.span_us(100, 50_000),
        commit: dice.weighted(
            &[
                (2, Commits::None),
                (2, Commits::SyncAfter),
                (1, Commits::SyncBefore),
                (1, Commits::AsyncAfter),
            ],
            Commits::None,
        ),
        ..Consuming::default()
    };
    topology.clients.push(Client {
        name: name.clone(),
        role: ClientRole::Consumer(program),
    });
    let mut put = |key: &str, value: &str| set(topology, "consumer", &name, key, value);
    put("group.id", &format!("g{number}"));
    put("auto.offset.reset", "earliest");
    let mut choose = |key: &str, values: &[&'static str]| {
        if let Some(value) = dice.pick(values) {
            put(key, value);
        }
    };
    choose("enable.auto.commit", &["true", "false"]);
    choose("auto.commit.interval.ms", &["5000", "1000"]);
    choose("session.timeout.ms", &["45000", "10000"]);
}
