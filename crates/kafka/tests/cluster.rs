//! A cluster by itself: registration, topics, failover, return. No clients.

use ackscope_kafka::params::{self, V4_3};
use ackscope_kafka::records::Tp;
use ackscope_kafka::system::{Order, Pace, Role, Settings, TopicDef};
use ackscope_kafka::{Kafka, KafkaProcess};
use ackscope_kernel::world::Physics;
use ackscope_kernel::{Act, History, SeatId, Time, World};
use std::sync::Arc;

const TP: Tp = Tp {
    topic: 1,
    partition: 0,
};

fn settings() -> Settings {
    let params = params::Settings::new(V4_3);
    let brokers = [SeatId(1), SeatId(2), SeatId(3)];
    Settings {
        roles: vec![Role::Controller, Role::Broker, Role::Broker, Role::Broker],
        topics: vec![
            TopicDef {
                name: "__consumer_offsets".into(),
                assignment: vec![brokers.to_vec()],
            },
            TopicDef {
                name: "t".into(),
                assignment: vec![brokers.to_vec()],
            },
        ],
        mutant: None,
        groups: Vec::new(),
        pace: Pace::default(),
        controller: params.controller(),
        coordinator: params.coordinator(),
        brokers: brokers
            .iter()
            .map(|b| (*b, params.broker(&format!("b{}", b.0))))
            .collect(),
        topic_params: vec![
            Arc::new(params.topic("__consumer_offsets")),
            Arc::new(params.topic("t")),
        ],
        producers: Default::default(),
        consumers: Default::default(),
        params,
    }
}

fn cluster(seed: u64) -> History<Kafka, ()> {
    let mut world = World::new(seed, settings(), Physics::default());
    let seats: Vec<SeatId> = ["ctl", "b1", "b2", "b3"]
        .iter()
        .map(|name| world.add(name))
        .collect();
    let mut history = History::new(world, (), Vec::new());
    for seat in seats {
        history.intervene(Act::Start(seat));
    }
    history.advance(Time(10_000_000));
    history.intervene(Act::Order(SeatId(0), Order::CreateTopics(vec![0, 1])));
    history.advance(Time(30_000_000));
    history
}

fn state(history: &History<Kafka, ()>) -> (Option<SeatId>, Vec<u16>, i32) {
    let Some(process) = history.world().process(SeatId(0)) else {
        panic!("no controller")
    };
    let KafkaProcess::Controller(controller) = &**process else {
        panic!("not a controller")
    };
    let p = &controller.image().partitions[&TP];
    (
        p.leader,
        p.isr.iter().map(|s| s.0).collect(),
        p.leader_epoch,
    )
}

#[test]
fn brokers_register_and_a_topic_gets_its_leader() {
    let history = cluster(1);
    assert_eq!(state(&history), (Some(SeatId(1)), vec![1, 2, 3], 0));
    for seat in 1..=3 {
        let Some(process) = history.world().process(SeatId(seat)) else {
            panic!("down")
        };
        let KafkaProcess::Broker(broker) = &**process else {
            panic!("not a broker")
        };
        assert!(broker.serves());
        assert_eq!(broker.replica(TP).map(|r| r.is_leader()), Some(seat == 1));
    }
}

#[test]
fn a_crashed_leader_is_replaced_after_its_session_and_rejoins_after_its_return() {
    let mut history = cluster(2);
    history.intervene(Act::Crash(SeatId(1)));
    history.advance(Time(36_900_000));
    assert_eq!(
        state(&history).0,
        Some(SeatId(1)),
        "the session is not over yet"
    );
    history.advance(Time(41_000_000));
    assert_eq!(state(&history), (Some(SeatId(2)), vec![2, 3], 1));
    history.intervene(Act::Start(SeatId(1)));
    history.advance(Time(50_000_000));
    assert_eq!(state(&history), (Some(SeatId(2)), vec![1, 2, 3], 1));
}

#[test]
fn a_graceful_stop_moves_the_leadership_at_once() {
    let mut history = cluster(3);
    history.intervene(Act::Stop(SeatId(1)));
    history.advance(Time(30_100_000));
    assert_eq!(state(&history), (Some(SeatId(2)), vec![2, 3], 1));
    history.advance(Time(35_000_000));
    assert!(
        history.world().process(SeatId(1)).is_none(),
        "the process has ended"
    );
    history.intervene(Act::Start(SeatId(1)));
    history.advance(Time(40_000_000));
    assert_eq!(state(&history), (Some(SeatId(2)), vec![1, 2, 3], 1));
}

#[test]
fn a_leader_cut_off_from_everybody_is_replaced_and_follows_after_the_heal() {
    let mut history = cluster(4);
    let hosts = |ids: &[u16]| {
        ids.iter()
            .map(|n| ackscope_kernel::HostId(*n))
            .collect::<Vec<_>>()
    };
    history.intervene(Act::Cut(hosts(&[1]), hosts(&[0, 2, 3])));
    history.intervene(Act::Cut(hosts(&[0, 2, 3]), hosts(&[1])));
    history.advance(Time(42_000_000));
    assert_eq!(state(&history), (Some(SeatId(2)), vec![2, 3], 1));
    history.intervene(Act::Heal);
    history.advance(Time(65_000_000));
    assert_eq!(state(&history), (Some(SeatId(2)), vec![1, 2, 3], 1));
}

#[test]
fn the_same_seed_and_acts_give_the_same_digest_and_a_seek_too() {
    let run = || {
        let mut history = cluster(5);
        history.intervene(Act::Crash(SeatId(1)));
        history.advance(Time(45_000_000));
        history
    };
    let (mut one, two) = (run(), run());
    let digest = one.digest();
    assert_eq!(digest, two.digest());
    one.seek(Time(20_000_000));
    assert_ne!(one.digest(), digest);
    one.seek(Time(45_000_000));
    assert_eq!(one.digest(), digest);
}
