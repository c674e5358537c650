//! The ledger on whole clusters: what Kafka's election rules make of acknowledged messages.

use ackscope_check::{Assumed, Fate, Ledger, Standing, Story, explain, goals};
use ackscope_kafka::goals::Watch;
use ackscope_kafka::params::{self, Address, V4_3};
use ackscope_kafka::records::Tp;
use ackscope_kafka::standing::{View, image};
use ackscope_kafka::system::{
    AfterFailure, CommitPolicy, ConsumerProgram, OnFailure, Order, Pace, ProduceOrder, ProducerEnd,
    ProducerProgram, Role, Settings, TopicDef,
};
use ackscope_kafka::{Kafka, KafkaProcess};
use ackscope_kernel::SortedMap;
use ackscope_kernel::world::Physics;
use ackscope_kernel::{Act, History, HostId, Keep, MessageKey, SeatId, Span, Time, World};
use std::sync::Arc;

type Run = History<Kafka, (Ledger<Kafka>, Watch)>;

const CTL: SeatId = SeatId(0);
const B1: SeatId = SeatId(1);
const B2: SeatId = SeatId(2);
const B3: SeatId = SeatId(3);
const P1: SeatId = SeatId(4);
const TP: Tp = Tp {
    topic: 1,
    partition: 0,
};

fn settings(sets: &[(&str, &str, &str)], reads: bool) -> Settings {
    let mut params = params::Settings::new(V4_3);
    for (scope, key, value) in sets {
        let instance = match *scope {
            "topic" => "t",
            "producer" => "p1",
            "consumer" => "c1",
            _ => "",
        };
        params
            .set(&Address::new(scope, instance, key), value)
            .unwrap();
    }
    let brokers = [B1, B2, B3];
    let topic = |name: &str| TopicDef {
        name: name.into(),
        assignment: vec![brokers.to_vec()],
    };
    let producer = ProducerProgram {
        topic: 1,
        partition: Some(0),
        start: Span(0),
        interval: Span(0),
        burst: 0,
        stop_after: 0,
        size: 100,
        keys: 0,
        on_failure: OnFailure::Look,
        end: ProducerEnd::Stay,
    };
    let consumer = ConsumerProgram {
        group: None,
        reader: 0,
        subscribe: Vec::new(),
        assign: vec![TP],
        polls: true,
        start: Span(0),
        processing: Span(1000),
        commit: CommitPolicy::None,
        hands_off: false,
        fails_at: None,
        after_failure: AfterFailure::Close,
        idempotent_sink: false,
        commit_on_revoke: false,
    };
    let mut roles = vec![Role::Controller, Role::Broker, Role::Broker, Role::Broker];
    roles.push(Role::Producer(producer));
    let mut consumers = SortedMap::new();
    if reads {
        roles.push(Role::Consumer(consumer));
        consumers.insert(SeatId(5), params.consumer("c1"));
    }
    Settings {
        roles,
        topics: vec![topic("__consumer_offsets"), topic("t")],
        mutant: None,
        groups: vec!["g1".into()],
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
        producers: SortedMap::from([(P1, params.producer("p1"))]),
        consumers,
        params,
    }
}

/// A cluster that has been up for half a minute, and its clients.
fn cluster(sets: &[(&str, &str, &str)], reads: bool) -> Run {
    let mut world = World::new(1, settings(sets, reads), Physics::default());
    let names = ["ctl", "b1", "b2", "b3", "p1", "c1"];
    let seats: Vec<SeatId> = names[..5 + usize::from(reads)]
        .iter()
        .map(|name| world.add(name))
        .collect();
    let mut run = History::new(world, (Ledger::default(), Watch::default()), Vec::new());
    for seat in &seats[..4] {
        run.intervene(Act::Start(*seat));
    }
    run.advance(Time(10_000_000));
    run.intervene(Act::Order(CTL, Order::CreateTopics(vec![0, 1])));
    run.advance(Time(20_000_000));
    for seat in &seats[4..] {
        run.intervene(Act::Start(*seat));
    }
    run.advance(Time(30_000_000));
    run
}

fn pass(run: &mut Run, ms: i64) {
    run.advance(run.world().now() + Span::ms(ms));
}

fn act(run: &mut Run, act: Act<Kafka>) {
    run.intervene(act);
}

/// Sends messages `first..=last` and waits a little.
fn send(run: &mut Run, first: u32, last: u32) {
    let order = ProduceOrder {
        topic: 1,
        partition: Some(0),
        messages: (first..=last).map(key).collect(),
        size: 100,
        pace: Span(0),
        timestamp_age_ms: 0,
        key: None,
    };
    act(run, Act::Order(P1, Order::Produce(order)));
}

/// Lets time pass in small steps until the message has this fate.
fn until(run: &mut Run, number: u32, fate: Fate, limit_ms: i64) -> Time {
    let limit = run.world().now() + Span::ms(limit_ms);
    while ledger(run).fate(key(number)) != fate {
        assert!(
            run.step_until(limit),
            "m{number} is {:?} and never {fate:?}",
            ledger(run).fate(key(number))
        );
    }
    run.world().now()
}

fn key(number: u32) -> MessageKey {
    MessageKey { origin: P1, number }
}

fn ledger(run: &Run) -> &Ledger<Kafka> {
    &run.ledger().0
}

fn view(run: &Run) -> View {
    Kafka::view(run.world(), TP.log_number())
}

fn story(run: &Run, number: u32) -> Story {
    explain(run.world(), run.trace(), ledger(run), key(number)).unwrap()
}

fn told(story: &Story) -> Vec<&'static str> {
    story.sentences.iter().map(|s| s.phrase.key).collect()
}

fn allowed(story: &Story) -> Vec<&'static str> {
    story.allowed.iter().map(|p| p.key).collect()
}

/// The rules hold in every run, lossy or not.
fn sound(run: &Run) {
    let (ledger, watch) = run.ledger();
    assert_eq!(watch.violations(), []);
    assert_eq!(watch.replicas_agree(run.world()), []);
    assert_eq!(goals::fates_add_up(ledger), []);
}

#[test]
fn the_successor_is_who_the_controller_would_elect() {
    let mut run = cluster(&[], false);
    assert_eq!(
        (view(&run).leader, view(&run).successor),
        (Some(B1), Some(B2))
    );
    act(&mut run, Act::Crash(B2));
    assert_eq!(
        view(&run).successor,
        Some(B3),
        "a dead one is fenced before it is elected"
    );
    assert!(!view(&run).answers, "acks=all waits for it until then");
    act(&mut run, Act::Crash(B3));
    pass(&mut run, 15_000);
    assert_eq!((view(&run).isr, view(&run).successor), (vec![B1], None));
    assert!(view(&run).answers, "min.insync.replicas is 1");
    act(&mut run, Act::Crash(B1));
    pass(&mut run, 15_000);
    let last = view(&run);
    assert_eq!((last.leader, last.standby), (None, vec![B1]));
}

#[test]
fn the_log_of_a_controller_that_is_down_says_what_it_said() {
    let mut run = cluster(&[], false);
    let before = image(run.world()).into_owned();
    act(&mut run, Act::Crash(CTL));
    assert!(run.world().process(CTL).is_none());
    assert_eq!(image(run.world()).into_owned(), before);
}

#[test]
fn acks_1_and_a_crash_before_the_fetch_lose_a_confirmed_message() {
    let mut run = cluster(&[("producer", "acks", "1")], false);
    send(&mut run, 1, 3);
    until(&mut run, 3, Fate::Confirmed, 1000);
    // The followers cannot fetch any more, and the controller hears all.
    for follower in [2, 3] {
        let (a, b) = (vec![HostId(1)], vec![HostId(follower)]);
        act(&mut run, Act::Cut(a.clone(), b.clone()));
        act(&mut run, Act::Cut(b, a));
    }
    send(&mut run, 4, 4);
    until(&mut run, 4, Fate::AtRisk, 1000);
    let crash = run.world().now();
    act(&mut run, Act::Crash(B1));
    act(&mut run, Act::Heal);
    let stranded = until(&mut run, 4, Fate::Stranded, 20_000);
    let after = stranded.since(crash);
    assert!(
        after > Span::ms(6_900) && after < Span::ms(10_300),
        "{after:?}"
    );
    assert_eq!(ledger(&run).fate(key(3)), Fate::Confirmed);
    act(&mut run, Act::Start(B1));
    until(&mut run, 4, Fate::LostAfterAck, 30_000);
    assert_eq!(ledger(&run).verdict().lost_after_ack, 1);
    assert!(ledger(&run).verdict().unavailable_us >= after.0);
    sound(&run);

    let story = story(&run, 4);
    let told = told(&story);
    let order = [
        "story-offered",
        "story-stored",
        "story-absent-at-ack",
        "story-crashed",
        "story-only-copy",
        "story-elected",
        "story-cut-off",
        "story-last-copy-gone",
    ];
    let mut rest = told.iter();
    assert!(
        order.iter().all(|key| rest.any(|told| told == key)),
        "{told:?}"
    );
    assert_eq!(allowed(&story), ["reason-acks-one"]);
    assert_eq!(goals::confirmed_survive(ledger(&run), true).len(), 1);
}

#[test]
fn acks_all_loses_nothing_by_the_same_crash() {
    let sets = [
        ("topic", "min.insync.replicas", "2"),
        ("consumer", "auto.offset.reset", "earliest"),
    ];
    let mut run = cluster(&sets, true);
    send(&mut run, 1, 20);
    pass(&mut run, 50);
    act(&mut run, Act::Crash(B1));
    send(&mut run, 21, 40);
    pass(&mut run, 60_000);
    act(&mut run, Act::Start(B1));
    pass(&mut run, 30_000);
    let totals = ledger(&run).totals();
    assert_eq!(
        totals,
        SortedMap::from([(Fate::Delivered, 40)]),
        "{totals:?}"
    );
    assert_eq!(goals::confirmed_survive(ledger(&run), true), []);
    sound(&run);
}

#[test]
fn the_last_replica_comes_back_after_a_crash_and_not_after_a_power_loss() {
    for power in [false, true] {
        let mut run = cluster(&[], false);
        act(&mut run, Act::Crash(B2));
        act(&mut run, Act::Crash(B3));
        pass(&mut run, 15_000);
        send(&mut run, 1, 5);
        until(&mut run, 5, Fate::Confirmed, 3000);
        let under = |fault| ledger(&run).fate_under(key(5), fault, run.world());
        assert_eq!(under(Assumed::LeaderCrash), Fate::Confirmed);
        assert_eq!(under(Assumed::LeaderPowerLoss), Fate::AtRisk);
        if power {
            act(&mut run, Act::PowerOff(HostId(1), Keep::Synced));
            assert_eq!(ledger(&run).fate(key(5)), Fate::LostAfterAck);
        } else {
            act(&mut run, Act::Crash(B1));
            until(&mut run, 5, Fate::Stranded, 20_000);
        }
        act(&mut run, Act::Start(B2));
        pass(&mut run, 15_000);
        act(&mut run, Act::Start(B1));
        pass(&mut run, 30_000);
        if power {
            assert_eq!(ledger(&run).fate(key(5)), Fate::LostAfterAck, "S06");
            let story = story(&run, 5);
            assert!(told(&story).contains(&"story-gone-with-power"));
            assert_eq!(
                allowed(&story)[..2],
                ["reason-min-isr-one", "reason-not-synced"]
            );
        } else {
            assert_eq!(ledger(&run).fate(key(5)), Fate::Confirmed, "S05");
        }
        sound(&run);
    }
}

#[test]
fn acks_0_into_a_dead_leader_is_lost_before_ack() {
    let mut run = cluster(&[("producer", "acks", "0")], false);
    send(&mut run, 1, 1);
    until(&mut run, 1, Fate::StoredUnconfirmed, 1000);
    act(&mut run, Act::Freeze(B1));
    send(&mut run, 2, 2);
    pass(&mut run, 100);
    assert_eq!(ledger(&run).fate(key(2)), Fate::InFlight);
    assert!(ledger(&run).row(key(2)).is_some_and(|row| row.flying));
    act(&mut run, Act::Crash(B1));
    pass(&mut run, 10);
    assert_eq!(ledger(&run).fate(key(2)), Fate::LostBeforeAck);
    assert_eq!(allowed(&story(&run, 2)), ["reason-acks-none"]);
    sound(&run);
}

#[test]
fn a_seek_gives_the_same_ledger() {
    let mut run = cluster(&[("producer", "acks", "1")], true);
    send(&mut run, 1, 50);
    pass(&mut run, 300);
    act(&mut run, Act::Crash(B1));
    pass(&mut run, 20_000);
    let bytes = |run: &Run| borsh::to_vec(ledger(run)).unwrap();
    let (end, at_end) = (run.world().now(), bytes(&run));
    run.seek(Time(30_100_000));
    let before = bytes(&run);
    run.seek(end);
    assert_eq!(bytes(&run), at_end);
    run.seek(Time(30_100_000));
    assert_eq!(bytes(&run), before);
    assert!(matches!(
        run.world().process(B1).map(|p| &**p),
        Some(KafkaProcess::Broker(_))
    ));
}
