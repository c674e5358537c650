//! A cluster of three brokers with one topic `t` and some clients, driven as the conformance cases are:
//! one order after the other, each until it returns.

#![allow(dead_code, reason = "each test file uses a part of it")]

use ackscope_kafka::params::{self, Address, V4_3};
use ackscope_kafka::records::Tp;
use ackscope_kafka::system::{
    AfterFailure, CommitPolicy, ConsumerProgram, OnFailure, Order, Pace, ProduceOrder, ProducerEnd,
    ProducerProgram, Role, Settings, TopicDef,
};
use ackscope_kafka::{Fact, Kafka, KafkaProcess};
use ackscope_kernel::world::Physics;
use ackscope_kernel::{Act, History, HostId, MessageKey, SeatId, Span, Time, What, World};
use std::sync::Arc;

pub(crate) const T: Tp = Tp {
    topic: 1,
    partition: 0,
};
pub(crate) const CTL: SeatId = SeatId(0);
pub(crate) const B1: SeatId = SeatId(1);
pub(crate) const B2: SeatId = SeatId(2);
pub(crate) const B3: SeatId = SeatId(3);
pub(crate) const P: SeatId = SeatId(4);
pub(crate) const O: SeatId = SeatId(5);
/// The first consumer; the others follow.
pub(crate) const C: SeatId = SeatId(6);
pub(crate) const C2: SeatId = SeatId(7);
/// The group of the tests and its coordinator at the start.
pub(crate) const GROUP: &str = "g3";

/// A consumer of the tests: its settings and its program.
pub(crate) struct Client {
    pub(crate) settings: Vec<(&'static str, &'static str)>,
    pub(crate) program: ConsumerProgram,
}

/// A scripted consumer with assign().
pub(crate) fn assigned(settings: &[(&'static str, &'static str)]) -> Client {
    Client {
        settings: settings.to_vec(),
        program: ConsumerProgram {
            group: Some(0),
            reader: 0,
            subscribe: Vec::new(),
            assign: vec![T],
            polls: false,
            start: Span(0),
            processing: Span(0),
            commit: CommitPolicy::None,
            hands_off: false,
            fails_at: None,
            after_failure: AfterFailure::Close,
            idempotent_sink: false,
            commit_on_revoke: false,
        },
    }
}

/// A scripted consumer with subscribe().
pub(crate) fn subscribed(settings: &[(&'static str, &'static str)]) -> Client {
    let mut client = assigned(settings);
    client.program.assign.clear();
    client.program.subscribe = vec![1];
    client
}

/// Group g3, earliest, no auto-commit.
pub(crate) const MANUAL: &[(&str, &str)] = &[
    ("group.id", GROUP),
    ("enable.auto.commit", "false"),
    ("auto.offset.reset", "earliest"),
];
/// Group g3, earliest, auto-commit.
pub(crate) const AUTO: &[(&str, &str)] = &[("group.id", GROUP), ("auto.offset.reset", "earliest")];

pub(crate) struct Lab {
    pub(crate) history: History<Kafka, ()>,
    sent: u32,
}

impl Lab {
    pub(crate) fn new(seed: u64, clients: Vec<Client>) -> Lab {
        Lab::with(seed, &[], 1, clients)
    }

    pub(crate) fn with(
        seed: u64,
        cluster: &[(&str, &str, &str)],
        partitions: usize,
        clients: Vec<Client>,
    ) -> Lab {
        let mut params = params::Settings::new(V4_3);
        let mut set = |scope: &str, instance: &str, key: &str, value: &str| {
            params
                .set(&Address::new(scope, instance, key), value)
                .unwrap_or_else(|refusal| panic!("{refusal}"));
        };
        set("controller", "", "broker.session.timeout.ms", "3000");
        set("broker", "", "broker.heartbeat.interval.ms", "500");
        set("broker", "", "replica.lag.time.max.ms", "5000");
        set(
            "group-coordinator",
            "",
            "group.initial.rebalance.delay.ms",
            "0",
        );
        set("group-coordinator", "", "offsets.topic.num.partitions", "3");
        for (scope, key, value) in cluster {
            set(scope, if *scope == "topic" { "t" } else { "" }, key, value);
        }
        let mut names: Vec<String> = ["ctl", "b1", "b2", "b3", "p1", "obs"]
            .map(String::from)
            .to_vec();
        let mut roles = vec![Role::Controller, Role::Broker, Role::Broker, Role::Broker];
        roles.push(Role::Producer(producer()));
        roles.push(Role::Observer);
        for (number, client) in clients.into_iter().enumerate() {
            let name = format!("c{}", number + 1);
            for (key, value) in client.settings {
                set("consumer", &name, key, value);
            }
            names.push(name);
            roles.push(Role::Consumer(client.program));
        }
        let settings = settings(params, roles, &names, partitions);
        let mut world = World::new(seed, settings, Physics::default());
        for name in &names {
            world.add(name);
        }
        let mut history = History::new(world, (), Vec::new());
        for seat in [CTL, B1, B2, B3] {
            history.intervene(Act::Start(seat));
        }
        history.advance(Time(10_000_000));
        history.intervene(Act::Order(CTL, Order::CreateTopics(vec![0, 1])));
        history.advance(Time(30_000_000));
        history.intervene(Act::Start(O));
        Lab { history, sent: 0 }
    }

    pub(crate) fn now(&self) -> Time {
        self.history.world().now()
    }

    pub(crate) fn wait(&mut self, ms: i64) {
        let to = self.now() + Span::ms(ms);
        self.history.advance(to);
    }

    /// Runs until the condition holds; false when it does not within `ms`.
    pub(crate) fn until(&mut self, ms: i64, holds: impl Fn(&Lab) -> bool) -> bool {
        let limit = self.now() + Span::ms(ms);
        while !holds(self) {
            if !self.history.step_until(limit) {
                self.history.advance(limit);
                return holds(self);
            }
        }
        true
    }

    pub(crate) fn crash(&mut self, seat: SeatId) {
        self.history.intervene(Act::Crash(seat));
        self.wait(18);
    }

    pub(crate) fn start(&mut self, seat: SeatId) {
        self.history.intervene(Act::Start(seat));
    }

    /// Cuts the hosts of these seats off from those, both ways.
    pub(crate) fn cut(&mut self, some: &[SeatId], others: &[SeatId]) {
        let hosts = |seats: &[SeatId]| seats.iter().map(|seat| HostId(seat.0)).collect::<Vec<_>>();
        self.history.intervene(Act::Cut(hosts(some), hosts(others)));
        self.history.intervene(Act::Cut(hosts(others), hosts(some)));
    }

    pub(crate) fn heal(&mut self) {
        self.history.intervene(Act::Heal);
    }

    /// Gives an order and runs until it returns. Starts the client if it does not run.
    pub(crate) fn order(&mut self, seat: SeatId, order: Order) {
        self.order_at_once(seat, order);
        assert!(
            self.until(120_000, |lab| !lab.busy(seat)),
            "the call does not return"
        );
        self.history.advance(self.now() + Span(100));
    }

    pub(crate) fn order_at_once(&mut self, seat: SeatId, order: Order) {
        if self.history.world().process(seat).is_none() {
            self.start(seat);
        }
        self.history.intervene(Act::Order(seat, order));
    }

    fn busy(&self, seat: SeatId) -> bool {
        match self.history.world().process(seat).map(|process| &**process) {
            Some(KafkaProcess::Consumer(consumer)) => consumer.busy(),
            Some(KafkaProcess::Observer(observer)) => observer.busy(),
            _ => false,
        }
    }

    /// Produces that many messages to a partition and waits for their acks.
    pub(crate) fn produce_to(&mut self, tp: Tp, count: u32) {
        let first = self.sent + 1;
        self.sent += count;
        let key = |number| MessageKey { origin: P, number };
        let order = ProduceOrder {
            topic: tp.topic,
            partition: Some(tp.partition),
            messages: (first..first + count).map(key).collect(),
            size: 20,
            pace: Span(0),
            timestamp_age_ms: 0,
            key: None,
        };
        self.order_at_once(P, Order::Produce(order));
        let last = self.sent;
        assert!(
            self.until(30_000, |lab| lab.acked().contains(&last)),
            "message {last} is not acked"
        );
    }

    pub(crate) fn produce(&mut self, count: u32) {
        self.produce_to(T, count);
    }

    pub(crate) fn poll(&mut self, seat: SeatId, count: u32, ms: i64) {
        self.poll_some(seat, count, ms, None);
    }

    pub(crate) fn poll_some(&mut self, seat: SeatId, count: u32, ms: i64, process: Option<u32>) {
        let timeout = Span::ms(ms);
        self.order(
            seat,
            Order::Poll {
                count,
                timeout,
                process,
            },
        );
    }

    pub(crate) fn commit(&mut self, seat: SeatId) {
        let timeout = Span::secs(60);
        self.order(
            seat,
            Order::Commit {
                offsets: None,
                timeout,
            },
        );
    }

    pub(crate) fn commit_exactly(&mut self, seat: SeatId, offset: i64) {
        let timeout = Span::secs(60);
        let offsets = Some(vec![(T, offset)]);
        self.order(seat, Order::Commit { offsets, timeout });
    }

    pub(crate) fn close(&mut self, seat: SeatId) {
        self.order(seat, Order::Close(Span::secs(10)));
    }

    /// The group's offset of partition 0 of `t`, as a client is told.
    pub(crate) fn group_offset(&mut self) -> Option<i64> {
        let timeout = Span::secs(10);
        self.order(O, Order::GroupOffsets { group: 0, timeout });
        let mut read = None;
        for fact in self.facts(O) {
            if let Fact::OffsetsRead { offsets, .. } = fact {
                read = Some(offsets);
            }
        }
        let offsets = read.unwrap_or_else(|| panic!("no answer"));
        offsets
            .iter()
            .find(|(tp, _)| *tp == T)
            .map(|(_, offset)| *offset)
    }

    /// All that a seat noted.
    pub(crate) fn facts(&self, seat: SeatId) -> Vec<Fact> {
        let trace = self.history.trace();
        let notes = trace
            .range(0, trace.len())
            .filter(|(_, entry)| entry.seat == seat);
        notes
            .filter_map(|(_, entry)| match &entry.what {
                What::Note(fact) => Some(fact.clone()),
                _ => None,
            })
            .collect()
    }

    fn acked(&self) -> Vec<u32> {
        let mut acked = Vec::new();
        for fact in self.facts(P) {
            if let Fact::Acked { keys, .. } = fact {
                acked.extend(keys.iter().map(|key| key.number));
            }
        }
        acked
    }

    /// What the application processed, in order: message and offset.
    pub(crate) fn deliveries(&self, seat: SeatId) -> Vec<(u32, i64)> {
        let mut processed = Vec::new();
        for fact in self.facts(seat) {
            if let Fact::Processed { records, .. } = fact {
                processed.extend(records.iter().map(|(key, offset)| (key.number, *offset)));
            }
        }
        processed
    }

    /// The numbers of the messages that the application processed, in order.
    pub(crate) fn processed(&self, seat: SeatId) -> Vec<u32> {
        self.deliveries(seat)
            .into_iter()
            .map(|(number, _)| number)
            .collect()
    }

    /// The names of the exceptions that calls ended with.
    pub(crate) fn errors(&self, seat: SeatId) -> Vec<&'static str> {
        let facts = self.facts(seat);
        let failed = facts.iter().filter_map(|fact| match fact {
            Fact::CallFailed { error, .. } => Some(error.name()),
            _ => None,
        });
        failed.collect()
    }

    pub(crate) fn consumer(&self, seat: SeatId) -> &ackscope_kafka::client::consumer::Consumer {
        match self.history.world().process(seat).map(|process| &**process) {
            Some(KafkaProcess::Consumer(consumer)) => consumer,
            _ => panic!("no consumer runs there"),
        }
    }
}

fn producer() -> ProducerProgram {
    ProducerProgram {
        topic: 1,
        partition: None,
        start: Span(0),
        interval: Span(0),
        burst: 0,
        stop_after: 0,
        size: 0,
        keys: 0,
        on_failure: OnFailure::Look,
        end: ProducerEnd::Stay,
    }
}

fn settings(
    params: params::Settings,
    roles: Vec<Role>,
    names: &[String],
    partitions: usize,
) -> Settings {
    let replicas = |first: usize| {
        (0..3)
            .map(|n| [B1, B2, B3][(first + n) % 3])
            .collect::<Vec<_>>()
    };
    let offsets = vec![replicas(1), replicas(2), replicas(0)];
    let topic = |name: &str, assignment| TopicDef {
        name: name.into(),
        assignment,
    };
    let seats = |wanted: fn(&Role) -> bool| {
        let all = roles.iter().zip(names).enumerate();
        all.filter(move |(_, (role, _))| wanted(role))
            .map(|(at, (_, name))| (SeatId(u16::try_from(at).unwrap()), name.clone()))
            .collect::<Vec<_>>()
    };
    let brokers = seats(|role| *role == Role::Broker);
    let producers = seats(|role| matches!(role, Role::Producer(_)));
    let consumers = seats(|role| matches!(role, Role::Consumer(_)));
    Settings {
        topics: vec![
            topic("__consumer_offsets", offsets),
            topic("t", (0..partitions).map(replicas).collect()),
        ],
        mutant: None,
        groups: vec![GROUP.into()],
        pace: Pace::default(),
        controller: params.controller(),
        coordinator: params.coordinator(),
        brokers: brokers
            .iter()
            .map(|(seat, name)| (*seat, params.broker(name)))
            .collect(),
        topic_params: vec![
            Arc::new(params.topic("__consumer_offsets")),
            Arc::new(params.topic("t")),
        ],
        producers: producers
            .iter()
            .map(|(seat, name)| (*seat, params.producer(name)))
            .collect(),
        consumers: consumers
            .iter()
            .map(|(seat, name)| (*seat, params.consumer(name)))
            .collect(),
        roles,
        params,
    }
}
