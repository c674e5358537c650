//! Producers against a real cluster: whole runs, most of them after the recorded case of the same name
//! (tests/conformance) or a scenario of the reference.

use ackscope_kafka::facts::{Call, ClientError, Fact};
use ackscope_kafka::params::{self, Address, V4_3};
use ackscope_kafka::records::{DiskRecord, FileName, Tp};
use ackscope_kafka::system::{
    OnFailure, Order, Pace, ProduceOrder, ProducerEnd, ProducerProgram, Role, Settings, TopicDef,
};
use ackscope_kafka::{Code, Kafka, KafkaProcess};
use ackscope_kernel::SortedMap;
use ackscope_kernel::world::{Physics, Status};
use ackscope_kernel::{Act, History, HostId, MessageKey, SeatId, Span, Time, What, World};
use std::sync::Arc;

const TP: Tp = Tp {
    topic: 1,
    partition: 0,
};
const B1: SeatId = SeatId(1);
const P1: SeatId = SeatId(4);

fn silent() -> ProducerProgram {
    ProducerProgram {
        topic: 1,
        partition: Some(0),
        start: Span(0),
        interval: Span(10_000),
        burst: 1,
        stop_after: 0,
        size: 20,
        keys: 0,
        on_failure: OnFailure::Look,
        end: ProducerEnd::Stay,
    }
}

/// A run with three brokers and one producer.
struct Run {
    history: History<Kafka, ()>,
}

impl Run {
    fn new(seed: u64, set: &[(&str, &str)], program: ProducerProgram) -> Run {
        let mut params = params::Settings::new(V4_3);
        let cluster = [
            ("broker.session.timeout.ms", "3000"),
            ("broker.heartbeat.interval.ms", "500"),
        ];
        for (key, value) in cluster {
            params
                .set_cluster(key, value)
                .expect("a setting of the cluster");
        }
        for (key, value) in set {
            let at = Address::new("producer", "p1", key);
            params.set(&at, value).expect("a setting of the producer");
        }
        let brokers = [B1, SeatId(2), SeatId(3)];
        let topic = |name: &str, partitions: usize| TopicDef {
            name: name.into(),
            assignment: vec![brokers.to_vec(); partitions],
        };
        let settings = Settings {
            roles: vec![
                Role::Controller,
                Role::Broker,
                Role::Broker,
                Role::Broker,
                Role::Producer(program),
            ],
            topics: vec![topic("__consumer_offsets", 1), topic("t", 1), topic("u", 4)],
            mutant: None,
            groups: Vec::new(),
            pace: Pace::default(),
            controller: params.controller(),
            coordinator: params.coordinator(),
            brokers: brokers
                .map(|b| (b, params.broker(&format!("b{}", b.0))))
                .into(),
            topic_params: ["__consumer_offsets", "t", "u"]
                .map(|name| Arc::new(params.topic(name)))
                .into(),
            producers: SortedMap::from([(P1, params.producer("p1"))]),
            consumers: SortedMap::new(),
            params,
        };
        let mut world = World::new(seed, settings, Physics::default());
        for name in ["ctl", "b1", "b2", "b3", "p1"] {
            world.add(name);
        }
        let mut run = Run {
            history: History::new(world, (), Vec::new()),
        };
        for seat in 0..4 {
            run.act(Act::Start(SeatId(seat)));
        }
        run.wait(10_000);
        run.act(Act::Order(SeatId(0), Order::CreateTopics(vec![0, 1, 2])));
        run.wait(20_000);
        run.act(Act::Start(P1));
        run
    }

    fn act(&mut self, act: Act<Kafka>) {
        self.history.intervene(act);
    }

    fn wait(&mut self, ms: u64) {
        let to = self.history.world().now() + Span(ms * 1000);
        self.history.advance(to);
    }

    fn order(&mut self, numbers: impl IntoIterator<Item = u32>) -> ProduceOrder {
        let key = |number| MessageKey { origin: P1, number };
        ProduceOrder {
            topic: 1,
            partition: Some(0),
            messages: numbers.into_iter().map(key).collect(),
            size: 20,
            pace: Span(0),
            timestamp_age_ms: 0,
            key: None,
        }
    }

    fn produce(&mut self, numbers: impl IntoIterator<Item = u32>) {
        let order = self.order(numbers);
        self.act(Act::Order(P1, Order::Produce(order)));
    }

    fn facts(&self) -> impl Iterator<Item = (Time, &Fact)> {
        let entries = self.history.trace().range(0, self.history.trace().len());
        entries
            .filter(|(_, entry)| entry.seat == P1)
            .filter_map(|(_, entry)| match &entry.what {
                What::Note(fact) => Some((entry.at, fact)),
                _ => None,
            })
    }

    /// The last outcome of each message: its offset or its error; -2 as long as there is none.
    fn outcomes(&self) -> SortedMap<u32, Result<i64, ClientError>> {
        let mut outcomes = SortedMap::new();
        for (_, fact) in self.facts() {
            match fact {
                Fact::Offered(key) => {
                    outcomes.insert(key.number, Ok(-2));
                }
                Fact::Acked { keys, base, .. } => {
                    for (key, place) in keys.iter().zip(0..) {
                        let offset = if *base < 0 { -1 } else { base + place };
                        outcomes.insert(key.number, Ok(offset));
                    }
                }
                Fact::SendFailed { keys, error } => {
                    outcomes.extend(keys.iter().map(|key| (key.number, Err(*error))));
                }
                _ => {}
            }
        }
        outcomes
    }

    fn returned(&self, call: Call) -> usize {
        let is = |fact: &&Fact| matches!(fact, Fact::CallReturned { call: c } if *c == call);
        self.facts().map(|(_, fact)| fact).filter(is).count()
    }

    fn log(&self, seat: SeatId) -> Vec<u32> {
        let records = self.history.world().disk(seat).read(&FileName::Log(TP));
        let mut numbers = Vec::new();
        for record in records.into_iter().flat_map(|records| records.iter()) {
            if let DiskRecord::Batch(batch) = record {
                numbers.extend(batch.records().iter().map(|record| record.message.number));
            }
        }
        numbers
    }
}

/// Runs after which p1 is connected and m1 is acknowledged.
fn connected(seed: u64, set: &[(&str, &str)]) -> Run {
    let mut run = Run::new(seed, set, silent());
    run.produce([1]);
    run.wait(1500);
    assert_eq!(run.outcomes()[&1], Ok(0), "the first message");
    run
}

#[test]
fn a_message_is_acknowledged_by_each_kind_of_acks() {
    for (acks, offset) in [("all", 0), ("1", 0), ("0", -1)] {
        let mut run = Run::new(1, &[("acks", acks)], silent());
        run.produce([1]);
        run.wait(250);
        assert_eq!(run.outcomes()[&1], Ok(-2), "the client is still being made");
        run.wait(1000);
        assert_eq!(run.outcomes()[&1], Ok(offset), "acks={acks}");
        assert_eq!((run.log(B1), run.returned(Call::Send)), (vec![1], 1));
    }
}

#[test]
fn linger_waits_and_flush_does_not() {
    let mut run = Run::new(2, &[("linger.ms", "5000")], silent());
    run.produce([1, 2]);
    run.wait(1500);
    assert_eq!(run.outcomes(), SortedMap::from([(1, Ok(-2)), (2, Ok(-2))]));
    run.act(Act::Order(P1, Order::Flush));
    run.wait(100);
    assert_eq!(run.outcomes(), SortedMap::from([(1, Ok(0)), (2, Ok(1))]));
    assert_eq!(run.returned(Call::Flush), 1);
}

#[test]
fn linger_client_killed() {
    let mut run = connected(3, &[("linger.ms", "300")]);
    run.produce([2, 3]);
    run.wait(100);
    run.act(Act::Crash(P1));
    run.wait(1000);
    assert_eq!(run.log(B1), [1]);
}

#[test]
fn unknown_partition_and_unknown_topic_fail_after_max_block() {
    let mut run = connected(4, &[("max.block.ms", "2000")]);
    for (number, topic, partition) in [(2, 1, 5), (3, 9, 0)] {
        let order = ProduceOrder {
            topic,
            partition: Some(partition),
            ..run.order([number])
        };
        run.act(Act::Order(P1, Order::Produce(order)));
        run.wait(1990);
        assert_eq!(run.outcomes()[&number], Ok(-2));
        run.wait(11);
        assert_eq!(run.outcomes()[&number], Err(ClientError::Timeout));
    }
    run.produce([4]);
    run.wait(100);
    assert_eq!(run.outcomes()[&4], Ok(1));
}

#[test]
fn buffer_full() {
    let set = [
        ("buffer.memory", "52000"),
        ("batch.size", "12100"),
        ("max.block.ms", "500"),
        ("linger.ms", "0"),
    ];
    let mut run = Run::new(5, &set, silent());
    run.wait(1000);
    run.produce([1]);
    run.wait(500);
    run.act(Act::Freeze(B1));
    let order = ProduceOrder {
        size: 12_000,
        ..run.order(2..=7)
    };
    run.act(Act::Order(P1, Order::Produce(order)));
    run.wait(1100);
    assert_eq!(run.returned(Call::Send), 2);
    run.act(Act::Thaw(B1));
    run.wait(2000);
    let full = Err(ClientError::BufferExhausted);
    let expected = [Ok(0), Ok(1), Ok(2), Ok(3), Ok(4), full, full];
    assert_eq!(run.outcomes().into_values().collect::<Vec<_>>(), expected);
}

#[test]
fn close_timeout_leader_frozen() {
    let mut run = connected(6, &[]);
    run.act(Act::Freeze(B1));
    run.produce([2, 3]);
    run.wait(10);
    run.act(Act::Order(P1, Order::Close(Span::secs(1))));
    run.wait(999);
    assert_eq!(run.returned(Call::Close), 0);
    run.wait(2);
    assert_eq!(run.returned(Call::Close), 1);
    run.act(Act::Thaw(B1));
    run.wait(2500);
    let closed = Err(ClientError::Kafka);
    assert_eq!(
        run.outcomes(),
        SortedMap::from([(1, Ok(0)), (2, closed), (3, closed)])
    );
    assert_eq!(run.log(B1), [1, 2, 3]);
    run.produce([4]);
    run.wait(1);
    assert_eq!(run.outcomes()[&4], Err(ClientError::IllegalState));
}

#[test]
fn lost_answer_retry_with_and_without_idempotence() {
    for (idempotent, log) in [("true", vec![1, 2]), ("false", vec![1, 2, 2])] {
        let set = [
            ("request.timeout.ms", "2000"),
            ("enable.idempotence", idempotent),
        ];
        let mut run = connected(7, &set);
        run.act(Act::Cut(vec![HostId(1)], vec![HostId(4)]));
        run.produce([2]);
        run.wait(3000);
        run.act(Act::Heal);
        run.wait(5000);
        assert!(matches!(run.outcomes()[&2], Ok(1 | 2)));
        assert_eq!(run.log(B1), log, "enable.idempotence={idempotent}");
        let timed_out = ClientError::Code(Code::RequestTimedOut);
        let is = |fact: &Fact| matches!(fact, Fact::Retrying { error, .. } if *error == timed_out);
        assert!(run.facts().any(|(_, fact)| is(fact)));
    }
}

#[test]
fn lost_answer_delivery_timeout() {
    let set = [
        ("request.timeout.ms", "2000"),
        ("delivery.timeout.ms", "4000"),
    ];
    let mut run = connected(8, &set);
    run.act(Act::Cut(vec![HostId(1)], vec![HostId(4)]));
    run.produce([2]);
    run.wait(4010);
    assert_eq!(run.outcomes()[&2], Err(ClientError::Timeout));
    run.act(Act::Heal);
    run.wait(1500);
    run.produce([3]);
    run.wait(5000);
    assert_eq!(run.outcomes()[&3], Ok(2));
    assert_eq!(run.log(B1), [1, 2, 3]);
    // Nobody told the client what became of m2.
    assert!(
        run.facts()
            .any(|(_, fact)| matches!(fact, Fact::EpochBumped { epoch: 1 }))
    );
}

#[test]
fn reorder_in_flight_1_and_5_without_idempotence() {
    for (in_flight, log) in [("1", [1, 2, 3, 4]), ("5", [1, 4, 3, 2])] {
        let set = [
            ("max.in.flight.requests.per.connection", in_flight),
            ("batch.size", "1"),
            ("linger.ms", "0"),
            ("enable.idempotence", "false"),
        ];
        let mut run = connected(9, &set);
        run.act(Act::Freeze(B1));
        let order = ProduceOrder {
            pace: Span(50_000),
            ..run.order(2..=4)
        };
        run.act(Act::Order(P1, Order::Produce(order)));
        run.wait(500);
        run.act(Act::Crash(B1));
        run.wait(15_000);
        assert!(
            run.outcomes()
                .values()
                .all(|outcome| matches!(outcome, Ok(0..)))
        );
        assert_eq!(run.log(SeatId(2)), log, "in flight: {in_flight}");
    }
}

#[test]
fn an_idempotent_pipeline_keeps_its_order_over_a_failover() {
    let set = [("batch.size", "1"), ("linger.ms", "0")];
    for seed in 10..14 {
        let mut run = connected(seed, &set);
        run.act(Act::Freeze(B1));
        let order = ProduceOrder {
            pace: Span(50_000),
            ..run.order(2..=4)
        };
        run.act(Act::Order(P1, Order::Produce(order)));
        run.wait(500);
        run.act(Act::Crash(B1));
        run.wait(15_000);
        assert_eq!(run.log(SeatId(2)), [1, 2, 3, 4]);
        let offsets: Vec<_> = run.outcomes().into_values().collect();
        assert_eq!(offsets, [Ok(0), Ok(1), Ok(2), Ok(3)]);
    }
}

#[test]
fn retries_0_leader_killed() {
    let mut run = connected(15, &[("retries", "0")]);
    run.act(Act::Freeze(B1));
    run.produce([2]);
    run.wait(300);
    run.act(Act::Crash(B1));
    run.wait(8000);
    assert_eq!(
        run.outcomes()[&2],
        Err(ClientError::Code(Code::NetworkException))
    );
    run.produce([3]);
    run.wait(3000);
    assert_eq!(run.outcomes()[&3], Ok(1));
}

#[test]
fn a_record_that_is_too_large_fails_in_the_client() {
    let mut run = connected(16, &[("max.request.size", "3000")]);
    let order = ProduceOrder {
        size: 5000,
        ..run.order([2])
    };
    run.act(Act::Order(P1, Order::Produce(order)));
    run.produce([3]);
    run.wait(200);
    assert_eq!(run.outcomes()[&2], Err(ClientError::RecordTooLarge));
    assert_eq!(run.outcomes()[&3], Ok(1));
}

#[test]
fn a_refused_configuration_leaves_no_client() {
    let mut run = Run::new(
        17,
        &[("enable.idempotence", "true"), ("acks", "1")],
        silent(),
    );
    run.produce([1]);
    run.wait(2000);
    let facts: Vec<_> = run.facts().map(|(_, fact)| fact.clone()).collect();
    let refused = Fact::CallFailed {
        call: Call::Create,
        error: ClientError::Config,
    };
    assert_eq!(facts, [refused, Fact::CallReturned { call: Call::Send }]);
}

#[test]
fn records_with_a_key_stay_together_and_those_without_go_round() {
    let mut run = Run::new(18, &[("batch.size", "200")], silent());
    let keyed = ProduceOrder {
        topic: 2,
        partition: None,
        key: Some(u64::from(u32::MAX - 4)),
        ..run.order(1..=20)
    };
    let keyless = ProduceOrder {
        key: None,
        messages: run.order(21..=80).messages,
        ..keyed.clone()
    };
    run.act(Act::Order(P1, Order::Produce(keyed)));
    run.act(Act::Order(P1, Order::Produce(keyless)));
    run.wait(3000);
    let mut partitions: SortedMap<u16, Vec<u32>> = SortedMap::new();
    for (_, fact) in run.facts() {
        if let Fact::Acked { keys, tp, .. } = fact {
            let numbers = keys.iter().map(|key| key.number);
            partitions.entry(tp.partition).or_default().extend(numbers);
        }
    }
    let of_keyed = partitions
        .values()
        .filter(|numbers| numbers.iter().any(|n| *n <= 20));
    assert_eq!(of_keyed.count(), 1);
    // (2^32 - 5) & 0x7fffffff is 3 modulo 4.
    assert!(partitions[&3].contains(&20));
    assert!(partitions.len() > 1, "{partitions:?}");
    assert_eq!(partitions.values().map(Vec::len).sum::<usize>(), 80);
}

#[test]
fn a_program_sends_in_bursts_resends_and_closes() {
    let program = ProducerProgram {
        burst: 5,
        stop_after: 20,
        on_failure: OnFailure::Resend(3),
        end: ProducerEnd::Close,
        ..silent()
    };
    let mut run = Run::new(19, &[("max.block.ms", "200")], program);
    run.wait(5000);
    // The first ones found no metadata in time and were sent again.
    let failed = run
        .facts()
        .filter(|(_, fact)| matches!(fact, Fact::SendFailed { .. }))
        .count();
    assert!(failed > 0);
    assert_eq!(run.outcomes().len(), 20);
    assert!(
        run.outcomes()
            .values()
            .all(|outcome| matches!(outcome, Ok(0..)))
    );
    assert_eq!(run.history.world().status(P1).0, Status::Down);
}

#[test]
fn a_program_that_exits_without_flush_loses_what_lingers() {
    let program = ProducerProgram {
        burst: 20,
        stop_after: 20,
        end: ProducerEnd::Exit,
        ..silent()
    };
    let mut run = Run::new(20, &[("linger.ms", "100")], program);
    run.wait(3000);
    assert_eq!(run.outcomes().len(), 20);
    assert_eq!(run.log(B1), []);
    assert_eq!(run.history.world().status(P1).0, Status::Down);
}

#[test]
fn the_views_tell_what_the_library_holds() {
    let mut run = connected(21, &[("linger.ms", "1000")]);
    run.produce(2..=4);
    run.wait(100);
    let now = run.history.world().now();
    let process = run.history.world().process(P1).expect("it runs");
    let KafkaProcess::Producer(producer) = &**process else {
        panic!("a producer")
    };
    let batches: Vec<_> = producer.batches(now).collect();
    assert_eq!(
        (batches.len(), batches[0].records, batches[0].in_flight),
        (1, 3, false)
    );
    assert_eq!(producer.identity().map(|identity| identity.epoch), Some(0));
    assert_eq!((producer.counts().offered, producer.counts().acked), (4, 1));
    assert_eq!(producer.memory(), (16_384, 33_554_432));
    assert_eq!(
        producer.next_linger(),
        Some(batches[0].created + Span::secs(1))
    );
    assert_eq!(
        producer.next_expiry(),
        Some(batches[0].created + Span::secs(120))
    );
    assert_eq!(producer.call(), None);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = || {
        let program = ProducerProgram {
            stop_after: 500,
            burst: 10,
            ..silent()
        };
        let mut run = Run::new(22, &[("linger.ms", "1")], program);
        run.wait(400);
        run.act(Act::Crash(B1));
        run.wait(8000);
        run.history.digest()
    };
    assert_eq!(run(), run());
}
