//! The rules of a quorum queue, command by command, for the versions that differ.

use super::*;
use crate::ids::{ChannelId, Part};
use ackscope_kernel::MessageKey;

struct Lab {
    fifo: Fifo,
    index: u64,
    now: Time,
    fx: Vec<Effect>,
}

const QUEUE: QueueId = QueueId {
    name: Name(9),
    birth: 0,
};

fn channel(node: u16, number: u16) -> Pid {
    Pid {
        node: SeatId(node),
        creation: 1,
        part: Part::Channel(ChannelId {
            conn: 1,
            number,
            life: 0,
        }),
    }
}

fn message(number: u32) -> Message {
    Message {
        key: MessageKey {
            origin: SeatId(7),
            number,
        },
        attempt: 1,
        exchange: Name::EMPTY,
        routing_key: "q".into(),
        cc: Vec::new(),
        bcc: Vec::new(),
        size: 10,
        persistent: true,
        expiration: None,
        priority: None,
        message_id: None,
        user_id: None,
        headers: Arc::default(),
        deaths: Vec::new(),
        delivery_count: None,
        acquired_count: None,
        stream_offset: None,
    }
}

const P: fn() -> Pid = || channel(1, 1);
const C1: fn() -> Pid = || channel(1, 2);
const C2: fn() -> Pid = || channel(2, 3);
const T1: Name = Name(1);
const T2: Name = Name(2);

impl Lab {
    fn new(version: Version, config: Config) -> Lab {
        Lab {
            fifo: Fifo::new(version, QUEUE, config, Time(0)),
            index: 0,
            now: Time(0),
            fx: Vec::new(),
        }
    }

    fn plain(version: Version) -> Lab {
        let limit = (version >= Version::V4_0).then_some(20);
        Lab::new(version, Config::plain(limit))
    }

    fn run(&mut self, op: Op) {
        self.run_from(From::Nobody, op);
    }

    fn run_from(&mut self, from: From, op: Op) {
        self.index += 1;
        self.now.0 += 100;
        let meta = Meta {
            index: self.index,
            term: 1,
            at: self.now,
        };
        self.fx = self.fifo.apply(meta, &Command { from, op });
    }

    fn publish(&mut self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            let op = Op::Enqueue(Some((P(), u64::from(number))), Arc::new(message(number)));
            self.run(op);
        }
    }

    fn attach(&mut self, pid: Pid, tag: Name, prefetch: u32, priority: i64) {
        self.run(Op::Attach(Box::new(Attach {
            pid,
            tag,
            ack: true,
            prefetch,
            priority,
            timeout: Span::secs(1_800),
        })));
    }

    /// What the last command delivered to this consumer: message, redelivered, x-delivery-count.
    fn got(&self, tag: Name) -> Vec<(u32, bool, Option<u32>)> {
        let mut all = Vec::new();
        for effect in &self.fx {
            if let Effect::Deliver(_, to, list) = effect
                && *to == tag
            {
                for (_, msg) in list {
                    let (again, count, _) = Fifo::headers(self.fifo.version, msg, false);
                    all.push((msg.message.key.number, again, count));
                }
            }
        }
        all
    }

    fn numbers(&self, tag: Name) -> Vec<u32> {
        self.got(tag).into_iter().map(|(n, ..)| n).collect()
    }

    fn settle(&mut self, pid: Pid, tag: Name, ids: &[u64]) {
        self.run(Op::Settle(Who::Tag(pid, tag), ids.to_vec()));
    }

    fn nack(&mut self, pid: Pid, tag: Name, ids: &[u64]) {
        self.run(Op::Return(Who::Tag(pid, tag), ids.to_vec(), false));
    }

    fn reject(&mut self, pid: Pid, tag: Name, ids: &[u64]) {
        self.run(Op::Return(Who::Tag(pid, tag), ids.to_vec(), true));
    }

    fn gone(&self) -> Vec<(u32, GoneWhy)> {
        let gone = self.fx.iter().filter_map(|effect| match effect {
            Effect::Gone(msg, why) => Some((msg.message.key.number, *why)),
            _ => None,
        });
        gone.collect()
    }

    fn get(&mut self) -> Option<(u32, bool, Option<u32>)> {
        self.run_from(From::Call(C1(), 1), Op::Get(C1(), true, Span::secs(1_800)));
        let version = self.fifo.version;
        self.fx.iter().find_map(|effect| match effect {
            Effect::Answer(_, _, Reply::Got { msg, .. }) => {
                let (again, count, _) = Fifo::headers(version, msg, true);
                Some((msg.message.key.number, again, count))
            }
            _ => None,
        })
    }

    fn drain(&mut self) -> Vec<u32> {
        std::iter::from_fn(|| self.get().map(|(n, ..)| n)).collect()
    }
}

#[test]
fn a_repeated_number_makes_no_second_copy_and_a_gap_is_not_taken() {
    let mut lab = Lab::plain(Version::V4_3);
    lab.publish([1, 2]);
    let again = Op::Enqueue(Some((P(), 2)), Arc::new(message(2)));
    lab.run_from(From::Pipelined(P(), 5), again);
    assert!(lab.fx.contains(&Effect::Applied(P(), 5, true)));
    let gap = Op::Enqueue(Some((P(), 4)), Arc::new(message(4)));
    lab.run_from(From::Pipelined(P(), 6), gap);
    assert!(lab.fx.contains(&Effect::Applied(P(), 6, false)));
    lab.publish([3, 4]);
    assert_eq!(lab.drain(), [1, 2, 3, 4]);
}

#[test]
fn another_channel_is_another_publisher() {
    let mut lab = Lab::plain(Version::V4_3);
    lab.publish([1]);
    lab.run(Op::Enqueue(Some((C1(), 1)), Arc::new(message(1))));
    assert_eq!(lab.drain(), [1, 1], "dedupe is per channel");
}

/// qq-requeue-order, qq-unlimited-requeue-order, qq-requeue-order-with-limit.
#[test]
fn a_nacked_message_goes_to_the_head_or_to_the_tail() {
    let case = |version, limit| {
        let mut lab = Lab::new(version, Config::plain(limit));
        lab.publish(1..=6);
        lab.attach(C1(), T1, 3, 0);
        assert_eq!(lab.numbers(T1), [1, 2, 3]);
        lab.nack(C1(), T1, &[0]);
        let mut seen = lab.got(T1);
        lab.settle(C1(), T1, &[1]);
        seen.extend(lab.got(T1));
        seen
    };
    let head = vec![(1, true, Some(1)), (4, false, None)];
    let tail = vec![(4, false, None), (5, false, None)];
    assert_eq!(case(Version::V3_10, None), tail);
    assert_eq!(case(Version::V3_10, Some(10)), head);
    assert_eq!(case(Version::V4_0, Some(20)), head);
    assert_eq!(case(Version::V4_0, None), tail);
    let not_counted = vec![(1, true, None), (4, false, None)];
    assert_eq!(case(Version::V4_3, Some(20)), not_counted);
    assert_eq!(case(Version::V4_3, None), not_counted);
}

#[test]
fn returned_messages_come_in_the_order_of_their_return() {
    let mut lab = Lab::plain(Version::V4_3);
    lab.publish(1..=6);
    lab.attach(C1(), T1, 4, 0);
    lab.run(Op::Cancel(C1(), T1));
    lab.nack(C1(), T1, &[2]);
    lab.nack(C1(), T1, &[1]);
    lab.attach(C2(), T2, 10, 0);
    assert_eq!(lab.numbers(T2), [3, 2, 5, 6]);
}

#[test]
fn a_dead_channel_gives_everything_back_in_order_and_counted() {
    for version in [Version::V3_10, Version::V4_0, Version::V4_3] {
        let mut lab = Lab::plain(version);
        lab.publish(1..=5);
        lab.attach(C1(), T1, 3, 0);
        lab.settle(C1(), T1, &[1]);
        lab.run(Op::Down(C1(), false));
        lab.attach(C2(), T2, 10, 0);
        let one = Some(1);
        assert_eq!(
            lab.got(T2),
            [
                (1, true, one),
                (3, true, one),
                (4, true, one),
                (5, false, None)
            ]
        );
    }
}

/// qq-no-limit-poison-loop, qq-default-limit-reject-loop.
#[test]
fn twenty_failures_are_allowed() {
    let rounds = |version, reject: bool| {
        let mut lab = Lab::plain(version);
        lab.publish([1]);
        lab.attach(C1(), T1, 1, 0);
        let mut deliveries = lab.numbers(T1).len();
        for id in 0..40 {
            if reject {
                lab.reject(C1(), T1, &[id]);
            } else {
                lab.nack(C1(), T1, &[id]);
            }
            deliveries += lab.numbers(T1).len();
        }
        deliveries
    };
    assert_eq!(rounds(Version::V3_10, false), 41);
    assert_eq!(rounds(Version::V4_0, false), 21);
    assert_eq!(rounds(Version::V4_3, false), 41, "nack is no failure");
    assert_eq!(rounds(Version::V4_3, true), 21);
}

#[test]
fn a_message_beyond_its_limit_is_dead_lettered() {
    let config = Config {
        dead_letters: DeadLetters::AtMostOnce(Name::EMPTY, None),
        ..Config::plain(Some(1))
    };
    let mut lab = Lab::new(Version::V4_3, config);
    lab.publish([1]);
    for pid in [C1(), C2()] {
        lab.attach(pid, T1, 1, 0);
        lab.run(Op::Down(pid, false));
    }
    let dead = lab.fx.iter().find_map(|effect| match effect {
        Effect::DeadLetter(reason, msgs) => Some((*reason, msgs[0].failed)),
        _ => None,
    });
    assert_eq!(dead, Some((DeathReason::DeliveryLimit, 2)));
    assert_eq!(lab.fifo.total(), 0);
}

#[test]
fn drop_head_is_exact() {
    let config = Config {
        max_length: Some(3),
        ..Config::plain(Some(20))
    };
    let mut lab = Lab::new(Version::V4_0, config);
    lab.publish(1..=4);
    assert_eq!(lab.gone(), [(1, GoneWhy::MaxLen)]);
    lab.publish([5]);
    assert_eq!(lab.drain(), [3, 4, 5]);
}

#[test]
fn reject_publish_comes_late_and_ends_at_eighty_per_cent() {
    let config = Config {
        max_length: Some(10),
        overflow: Overflow::RejectPublish,
        ..Config::plain(Some(20))
    };
    let mut lab = Lab::new(Version::V4_3, config);
    lab.run(Op::Register(P()));
    lab.publish(1..=10);
    assert!(!lab.fx.contains(&Effect::Status(P(), true)));
    lab.publish([11]);
    assert!(lab.fx.contains(&Effect::Status(P(), true)), "one too many");
    lab.run_from(From::Call(C2(), 9), Op::Register(C2()));
    let refused = Effect::Answer(C2(), 9, Reply::RejectPublish);
    assert!(lab.fx.contains(&refused));
    for left in [10, 9] {
        lab.get();
        assert_eq!(lab.fifo.ready(), left);
        assert!(!lab.fx.contains(&Effect::Status(P(), false)));
    }
    lab.get();
    assert_eq!(lab.fifo.ready(), 8);
    assert!(lab.fx.contains(&Effect::Status(P(), false)));
}

#[test]
fn what_consumers_hold_does_not_count() {
    let config = Config {
        max_length: Some(1),
        ..Config::plain(Some(20))
    };
    let mut lab = Lab::new(Version::V4_3, config);
    lab.attach(C1(), T1, 100, 0);
    lab.publish(1..=50);
    assert_eq!(lab.fifo.unacked(), 50);
    assert_eq!(lab.fifo.total(), 50);
}

/// qq-ttl-per-message-head-blocking.
#[test]
fn messages_expire_at_the_head_only() {
    let mut lab = Lab::plain(Version::V4_3);
    let ttl = |number, ms: &str| {
        let mut m = message(number);
        m.expiration = Some(ms.into());
        Op::Enqueue(Some((P(), u64::from(number))), Arc::new(m))
    };
    lab.run(ttl(1, "60000"));
    lab.run(ttl(2, "200"));
    lab.now.0 += 1_000_000;
    lab.run(Op::Timeout(Clock::Messages));
    assert_eq!(lab.fifo.ready(), 2, "it waits behind the other");
    lab.attach(C1(), T1, 1, 0);
    assert_eq!(lab.numbers(T1), [1]);
    assert_eq!(lab.gone(), [(2, GoneWhy::Expired)]);
}

#[test]
fn the_queue_ttl_and_the_own_one_the_smaller_counts_and_zero_is_a_millisecond() {
    let config = Config {
        ttl: Some(Span(0)),
        ..Config::plain(Some(20))
    };
    let mut lab = Lab::new(Version::V4_3, config);
    lab.publish([1]);
    assert_eq!(lab.fifo.next_clock(), Some(Time(100 + 1_000)));
    assert_eq!(lab.get().map(|(n, ..)| n), Some(1), "in time");
}

#[test]
fn priorities() {
    let order = |version| {
        let mut lab = Lab::plain(version);
        let all = [
            (1, Some(0)),
            (2, None),
            (3, Some(4)),
            (4, Some(5)),
            (5, Some(31)),
        ];
        for (number, priority) in all {
            let mut m = message(number);
            m.priority = priority;
            lab.run(Op::Enqueue(Some((P(), u64::from(number))), Arc::new(m)));
        }
        lab.drain()
    };
    assert_eq!(order(Version::V3_13), [1, 2, 3, 4, 5]);
    assert_eq!(order(Version::V4_0), [4, 5, 1, 2, 3]);
    assert_eq!(order(Version::V4_3), [5, 4, 2, 3, 1]);
}

#[test]
fn two_high_ones_for_each_low_one() {
    let mut lab = Lab::plain(Version::V4_2);
    for number in 1..=9 {
        let mut m = message(number);
        m.priority = Some(if number <= 3 { 1 } else { 9 });
        lab.run(Op::Enqueue(Some((P(), u64::from(number))), Arc::new(m)));
    }
    assert_eq!(lab.drain(), [4, 5, 1, 6, 7, 2, 8, 9, 3]);
}

#[test]
fn consumers_take_turns_and_higher_ones_go_first() {
    let mut lab = Lab::plain(Version::V4_3);
    lab.attach(C1(), T1, 10, 0);
    lab.attach(C2(), T2, 10, 0);
    lab.publish(1..=4);
    assert_eq!(lab.fifo.held_by(C1(), T1).len(), 2);
    lab.attach(channel(1, 8), Name(8), 2, 5);
    lab.publish(5..=8);
    assert_eq!(lab.fifo.held_by(channel(1, 8), Name(8)).len(), 2);
    assert_eq!(lab.fifo.unacked(), 8);
}

/// qq-sac-failover, qq-sac-cancel-unacked-old-consumer.
#[test]
fn a_single_active_consumer_is_followed_by_the_next() {
    let config = Config {
        single_active: true,
        ..Config::plain(Some(20))
    };
    for version in [Version::V3_10, Version::V4_0, Version::V4_3] {
        let mut lab = Lab::new(version, config.clone());
        lab.attach(C1(), T1, 5, 0);
        lab.attach(C2(), T2, 5, 0);
        lab.publish(1..=3);
        assert_eq!(lab.fifo.held_by(C1(), T1).len(), 3);
        lab.settle(C1(), T1, &[0]);
        lab.run(Op::Down(C1(), false));
        assert_eq!(lab.got(T2), [(2, true, Some(1)), (3, true, Some(1))]);

        let mut lab = Lab::new(version, config.clone());
        lab.attach(C1(), T1, 2, 0);
        lab.attach(C2(), T2, 2, 0);
        lab.publish(1..=4);
        lab.run(Op::Cancel(C1(), T1));
        assert_eq!(lab.numbers(T2), [3, 4], "the cancelled one keeps its two");
        assert_eq!(lab.fifo.unacked(), 4);
    }
}

#[test]
fn a_higher_single_active_consumer_takes_over_when_the_present_one_holds_nothing() {
    let config = Config {
        single_active: true,
        ..Config::plain(Some(20))
    };
    let mut lab = Lab::new(Version::V4_3, config.clone());
    lab.attach(C1(), T1, 5, 0);
    lab.publish([1]);
    lab.attach(C2(), T2, 5, 9);
    lab.publish([2]);
    assert!(lab.numbers(T1).is_empty(), "it gets nothing more");
    assert!(lab.numbers(T2).is_empty());
    lab.settle(C1(), T1, &[0]);
    assert_eq!(lab.numbers(T2), [2]);
    let mut old = Lab::new(Version::V3_13, config);
    old.attach(C1(), T1, 5, 0);
    old.attach(C2(), T2, 5, 9);
    old.publish([1]);
    assert_eq!(old.numbers(T1), [1], "3.x knows no such priority");
}

/// partition-quorum-consumer-cut-off, qq-consumer-node-killed, qq-consumer-node-stays-dead.
#[test]
fn a_consumer_whose_node_is_away_keeps_its_messages_for_a_while() {
    let mut lab = Lab::plain(Version::V4_3);
    lab.publish(1..=2);
    lab.attach(C2(), T2, 10, 0);
    lab.attach(C1(), T1, 10, 0);
    lab.run(Op::Down(C2(), true));
    assert!(lab.numbers(T1).is_empty());
    let at = Time(lab.now.0 + 60_000_000);
    let clock = lab.fx.iter().find_map(|effect| match effect {
        Effect::Clock(clock @ Clock::Disconnected(_), when) => Some((*clock, *when)),
        _ => None,
    });
    let Some((clock, Some(when))) = clock else {
        panic!("no timer");
    };
    assert_eq!(when, at);
    // It comes back: nothing happened.
    let mut back = Lab {
        fifo: lab.fifo.clone(),
        fx: Vec::new(),
        ..lab
    };
    back.run(Op::NodeUp(SeatId(2)));
    assert!(back.fx.contains(&Effect::Monitor(C2())));
    assert_eq!(back.fifo.held_by(C2(), T2).len(), 2);
    // It comes back without the consumer: returned, counted.
    back.run(Op::Down(C2(), false));
    assert_eq!(back.got(T1), [(1, true, Some(1)), (2, true, Some(1))]);
    // It stays away: returned, not counted.
    lab.run(Op::Timeout(clock));
    assert_eq!(lab.got(T1), [(1, true, None), (2, true, None)]);
}

#[test]
fn older_versions_take_everything_back_at_once() {
    for version in [Version::V3_10, Version::V4_2] {
        let mut lab = Lab::plain(version);
        lab.publish(1..=2);
        lab.attach(C2(), T2, 10, 0);
        lab.attach(C1(), T1, 10, 0);
        lab.run(Op::Down(C2(), true));
        assert_eq!(lab.got(T1), [(1, true, Some(1)), (2, true, Some(1))]);
        lab.run(Op::NodeUp(SeatId(2)));
        lab.publish([3]);
        let both = lab.numbers(T1).len() + lab.numbers(T2).len();
        assert_eq!(both, 1, "the old one is served again");
    }
}

/// qq-sac-consumer-node-killed.
#[test]
fn a_single_active_consumer_is_given_messages_for_an_instant_before_it_is_found_dead() {
    let config = Config {
        single_active: true,
        ..Config::plain(Some(20))
    };
    let mut lab = Lab::new(Version::V4_3, config);
    lab.publish(1..=2);
    lab.attach(C2(), T2, 10, 0);
    lab.attach(C1(), T1, 10, 0);
    lab.run(Op::Down(C2(), true));
    lab.publish([3]);
    assert!(lab.numbers(T1).is_empty(), "no take-over yet");
    lab.run(Op::NodeUp(SeatId(2)));
    lab.run(Op::Down(C2(), false));
    let one = Some(1);
    assert_eq!(
        lab.got(T1),
        [(1, true, one), (2, true, one), (3, true, one)]
    );
}

/// qq-consumer-timeout-late-ack, qq-consumer-timeout-no-late-ack.
#[test]
fn a_late_ack_makes_a_timed_out_consumer_active_again() {
    let mut lab = Lab::plain(Version::V4_3);
    lab.publish([1]);
    lab.attach(C1(), T1, 10, 0);
    lab.attach(C2(), T2, 10, 0);
    lab.now.0 += 1_800_000_000;
    lab.run(Op::Timeout(Clock::Consumers));
    let released = Effect::Released(C1(), T1, vec![0]);
    assert!(lab.fx.contains(&released));
    assert_eq!(lab.got(T2), [(1, true, None)], "not counted");
    lab.settle(C2(), T2, &[0]);
    lab.run(Op::Down(C2(), false));
    lab.publish([2]);
    assert!(lab.numbers(T1).is_empty());
    lab.settle(C1(), T1, &[0]);
    assert_eq!(lab.numbers(T1), [2]);
}

/// qq-delayed-retry*.
#[test]
fn returned_messages_can_be_made_to_wait() {
    let retry = |kind| Config {
        retry: Some(Retry {
            kind,
            min: Span::secs(1),
            max: Span::secs(2),
        }),
        ..Config::plain(Some(20))
    };
    let mut lab = Lab::new(Version::V4_3, retry(RetryKind::All));
    lab.publish(1..=2);
    lab.attach(C1(), T1, 1, 0);
    lab.nack(C1(), T1, &[0]);
    assert_eq!(lab.numbers(T1), [2], "the other overtakes it");
    assert_eq!((lab.fifo.ready(), lab.fifo.total()), (0, 2));
    let due = Time(lab.now.0 + 1_000_000);
    assert_eq!(lab.fifo.next_clock(), Some(due));
    lab.settle(C1(), T1, &[1]);
    lab.now = due;
    lab.run(Op::Timeout(Clock::Messages));
    assert_eq!(lab.got(T1), [(1, true, None)]);

    let mut lab = Lab::new(Version::V4_3, retry(RetryKind::Failed));
    lab.publish(1..=2);
    lab.attach(C1(), T1, 1, 0);
    lab.nack(C1(), T1, &[0]);
    assert_eq!(lab.numbers(T1), [1], "a nack is no failure");
    lab.reject(C1(), T1, &[1]);
    assert_eq!(lab.numbers(T1), [2]);
}

#[test]
fn purge_leaves_what_consumers_hold() {
    let mut lab = Lab::plain(Version::V4_3);
    lab.publish(1..=5);
    lab.attach(C1(), T1, 2, 0);
    lab.run_from(From::Call(P(), 3), Op::Purge);
    assert!(lab.fx.contains(&Effect::Answer(P(), 3, Reply::Purged(3))));
    assert_eq!(lab.fifo.total(), 2);
}

#[test]
fn a_queue_that_nobody_uses_expires() {
    let config = Config {
        expires: Some(Span::secs(10)),
        ..Config::plain(Some(20))
    };
    let mut lab = Lab::new(Version::V4_3, config);
    lab.publish([1]);
    assert!(lab.fifo.tick(Time(9_000_000)).is_empty());
    assert_eq!(lab.fifo.tick(Time(10_000_101)), [Effect::Expired]);
    lab.attach(C1(), T1, 1, 0);
    assert!(lab.fifo.tick(Time(90_000_000)).is_empty());
}

#[test]
fn dead_letters_wait_until_they_are_confirmed() {
    let config = Config {
        overflow: Overflow::RejectPublish,
        max_length: Some(2),
        dead_letters: DeadLetters::AtLeastOnce(Name::EMPTY, None),
        ..Config::plain(Some(20))
    };
    let mut lab = Lab::new(Version::V4_3, config.clone());
    let worker = Pid::named(SeatId(1), Part::DeadLetter(QUEUE));
    lab.run(Op::Dlx(DlxOp::Checkout(worker, 32)));
    lab.run(Op::Register(P()));
    lab.publish(1..=3);
    lab.attach(C1(), T1, 10, 0);
    lab.run(Op::Discard(Who::Tag(C1(), T1), vec![0, 1, 2], false));
    let given = lab.fx.iter().any(
        |effect| matches!(effect, Effect::DlxDeliver(to, list) if *to == worker && list.len() == 3),
    );
    assert!(given);
    assert_eq!((lab.fifo.ready(), lab.fifo.unacked()), (0, 0));
    assert_eq!(lab.fifo.total(), 3, "they count for the limit");
    assert!(lab.fx.contains(&Effect::Status(P(), true)));
    lab.run(Op::Dlx(DlxOp::Settle(vec![0, 1])));
    assert_eq!(lab.fifo.total(), 1);
    // Another worker gets what the first has not settled.
    lab.run(Op::Dlx(DlxOp::Checkout(worker, 32)));
    assert!(
        lab.fx
            .iter()
            .any(|e| matches!(e, Effect::DlxDeliver(_, l) if l.len() == 1))
    );
    // The policy changes: what was kept is dropped.
    let plain = Config {
        dead_letters: DeadLetters::Dropped,
        ..config
    };
    lab.run(Op::Configure(Box::new(plain)));
    assert_eq!(lab.fifo.total(), 0);
}

#[test]
fn get_counts_from_zero_in_3_10() {
    let mut lab = Lab::plain(Version::V3_10);
    lab.publish([1]);
    assert_eq!(lab.get(), Some((1, false, Some(0))));
    let mut lab = Lab::plain(Version::V4_0);
    lab.publish([1]);
    assert_eq!(lab.get(), Some((1, false, None)));
}

#[test]
fn an_unsettled_get_comes_back_when_the_channel_dies() {
    let mut lab = Lab::plain(Version::V4_3);
    lab.publish([1]);
    lab.run_from(From::Call(C1(), 1), Op::Get(C1(), false, Span::secs(1_800)));
    assert_eq!((lab.fifo.ready(), lab.fifo.unacked()), (0, 1));
    lab.run(Op::Down(C1(), false));
    assert_eq!(lab.get(), Some((1, true, Some(1))));
}

#[test]
fn a_death_count_from_elsewhere_is_kept_in_4_3() {
    let mut lab = Lab::plain(Version::V4_3);
    let mut m = message(1);
    m.delivery_count = Some(3);
    lab.run(Op::Enqueue(None, Arc::new(m)));
    assert_eq!(lab.get(), Some((1, true, Some(3))));
}
