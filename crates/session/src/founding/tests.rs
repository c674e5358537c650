use super::*;
use crate::topology::{Client, Setting};
use ackscope_kernel::Status;

fn topology() -> Topology {
    let topic = |name: &str, partitions| Topic {
        name: name.to_owned(),
        partitions,
        replication_factor: 3,
        assignment: Vec::new(),
    };
    let client = |name: &str, role| Client {
        name: name.to_owned(),
        role,
    };
    let mut topology = Topology {
        topics: vec![topic("orders", 2)],
        clients: vec![
            client(
                "p1",
                ClientRole::Producer(Producing {
                    topic: "orders".into(),
                    ..Default::default()
                }),
            ),
            client(
                "c1",
                ClientRole::Consumer(Consuming {
                    subscribe: vec!["orders".into()],
                    ..Default::default()
                }),
            ),
            client(
                "c2",
                ClientRole::Consumer(Consuming {
                    assign: vec!["orders-1".into()],
                    ..Default::default()
                }),
            ),
        ],
        ..Topology::default()
    };
    set(&mut topology, "consumer", "c1", "group.id", "g1");
    set(
        &mut topology,
        "cluster",
        "",
        "offsets.topic.num.partitions",
        "3",
    );
    topology
}

fn set(topology: &mut Topology, scope: &str, name: &str, key: &str, value: &str) {
    topology.set(Setting {
        scope: scope.into(),
        name: name.into(),
        key: key.into(),
        value: value.into(),
    });
}

#[test]
fn seats_stand_in_the_agreed_order() {
    let world = found(&topology(), 1).unwrap().world;
    let names: Vec<_> = world
        .seats()
        .map(|seat| world.name(seat).to_owned())
        .collect();
    assert_eq!(names, ["ctl", "b1", "b2", "b3", "p1", "c1", "c2", "obs"]);
    let running = |name| world.status(world.seat_named(name).unwrap()).0 == Status::Running;
    assert!(["ctl", "b1", "b2", "b3"].into_iter().all(running));
    assert!(!["p1", "c1", "c2", "obs"].into_iter().any(running));
    assert_eq!(world.now(), ZERO);
}

#[test]
fn the_offsets_topic_is_assigned_as_in_the_recorded_clusters() {
    let seats = |numbers: [u16; 3]| numbers.map(SeatId).to_vec();
    // abs(hashCode) mod 3 of g1, g2, g3 is 2, 0, 1: their coordinators are b1, b2, b3.
    for (group, partition, replicas) in [
        ("g1", 2, [1, 2, 3]),
        ("g2", 0, [2, 3, 1]),
        ("g3", 1, [3, 1, 2]),
    ] {
        let mut topology = topology();
        set(&mut topology, "consumer", "c1", "group.id", group);
        let (settings, refusals) = settings(&topology).unwrap();
        assert_eq!(refusals, []);
        assert_eq!(
            settings.offsets_partition(group),
            Tp {
                topic: OFFSETS_TOPIC,
                partition
            }
        );
        let assignment = &settings.topics[0].assignment;
        assert_eq!(
            assignment[usize::from(partition)],
            seats(replicas),
            "{group}"
        );
        assert_eq!(
            assignment
                .iter()
                .filter(|replicas| !replicas.is_empty())
                .count(),
            1
        );
    }
}

#[test]
fn groups_and_readers_are_numbered_apart() {
    let settings = settings(&topology()).unwrap().0;
    let programs: Vec<_> = settings
        .roles
        .iter()
        .filter_map(|role| match role {
            Role::Consumer(program) => Some((program.group, program.reader)),
            _ => None,
        })
        .collect();
    assert_eq!(programs, [(Some(0), 0), (None, 1)]);
    assert_eq!(
        tp_name(&settings, tp_named(&settings, "orders-1").unwrap()),
        "orders-1"
    );
    assert_eq!(tp_named(&settings, "orders-2"), None);
}

#[test]
fn settings_reach_what_obeys_them() {
    let mut topology = topology();
    set(&mut topology, "producer", "p1", "acks", "1");
    set(&mut topology, "topic", "orders", "min.insync.replicas", "2");
    set(
        &mut topology,
        "cluster",
        "",
        "broker.session.timeout.ms",
        "3000",
    );
    set(&mut topology, "producer", "p1", "no.such.key", "1");
    let (settings, refusals) = settings(&topology).unwrap();
    assert_eq!(settings.producers[&SeatId(4)].acks, params::Acks::One);
    assert_eq!(settings.topic_params[1].min_insync_replicas, 2);
    assert_eq!(settings.controller.broker_session_timeout_ms, 3000);
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!(refusals[0].key, "no.such.key");
}

#[test]
fn contradictions_are_named() {
    let mut wrong = topology();
    wrong.topics[0].replication_factor = 4;
    assert_eq!(
        settings(&wrong).unwrap_err(),
        TopologyError::Replicas("orders".into(), 4, 3)
    );
    let mut wrong = topology();
    wrong.clients[0].name = "b1".into();
    assert_eq!(
        settings(&wrong).unwrap_err(),
        TopologyError::Twice("b1".into())
    );
    let mut wrong = topology();
    wrong.topics[0].assignment = vec![vec!["b1".into()], vec!["b7".into()]];
    assert_eq!(
        settings(&wrong).unwrap_err(),
        TopologyError::NoBroker("orders".into(), "b7".into())
    );
}

#[test]
fn the_same_seed_founds_the_same_world() {
    let digest = |seed| ackscope_kernel::digest::of(&found(&topology(), seed).unwrap().world);
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn at_time_zero_every_partition_is_whole() {
    for seed in 1..=5 {
        let world = found(&topology(), seed).unwrap().world;
        let controller = world.process(SeatId(0)).map(|process| (**process).clone());
        let Some(ackscope_kafka::KafkaProcess::Controller(controller)) = controller else {
            panic!("no controller")
        };
        let assigned = |(topic, def): (u16, &TopicDef)| {
            let modelled = (0..)
                .zip(def.assignment.clone())
                .filter(|(_, r)| !r.is_empty());
            modelled
                .map(|(partition, r)| (Tp { topic, partition }, r))
                .collect::<Vec<_>>()
        };
        let wanted: Vec<_> = (0..)
            .zip(&world.settings().topics)
            .flat_map(assigned)
            .collect();
        assert_eq!(controller.image().partitions.len(), wanted.len());
        for (tp, replicas) in wanted {
            let state = &controller.image().partitions[&tp];
            assert_eq!(state.leader, Some(replicas[0]), "{tp}");
            assert_eq!(state.isr, replicas, "{tp}");
            assert_eq!((state.leader_epoch, &state.elr), (0, &Vec::new()), "{tp}");
        }
        assert!(
            controller
                .image()
                .brokers
                .values()
                .all(|broker| broker.active())
        );
    }
}
