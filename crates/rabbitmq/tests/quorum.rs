//! Quorum queues as clients of a real cluster saw them: the recorded cases in small.

mod quorum_lab;

use ackscope_kernel::{Act, Span};
use ackscope_rabbitmq::facts::CallEnd;
use ackscope_rabbitmq::message::Value;
use ackscope_rabbitmq::signal::Settle;
use ackscope_rabbitmq::system::Version;
use quorum_lab as lab;
use quorum_lab::{DLQ, Lab, N};

const ALL: [Version; 5] = [
    Version::V3_10,
    Version::V3_13,
    Version::V4_0,
    Version::V4_2,
    Version::V4_3,
];

#[test]
fn what_is_confirmed_can_be_read() {
    for version in ALL {
        let mut lab = Lab::new(version, 1);
        lab.quorum(&[]);
        lab.publisher(0, N[1]);
        lab.publish(0, 1..=50);
        assert!(lab.confirms(0, 50, 2_000), "{version:?}");
        assert_eq!(lab.acked(0).len(), 50);
        let read = lab.drained(1, N[2]);
        assert_eq!(read, (1..=50).collect::<Vec<_>>(), "{version:?}");
    }
}

/// qq-redelivery-count, qq-requeue-order: a nack through the whole stack.
#[test]
fn nacked_messages_come_back() {
    for (version, counts) in [
        (Version::V3_10, [Some(1), Some(2)]),
        (Version::V4_0, [Some(1), Some(2)]),
        (Version::V4_3, [None, None]),
    ] {
        let mut lab = Lab::new(version, 2);
        lab.quorum(&[]);
        lab.publisher(0, N[0]);
        lab.publish(0, [1]);
        lab.confirms(0, 1, 2_000);
        assert_eq!(lab.consume(1, N[0], 1), CallEnd::Done);
        for round in 1..=2 {
            assert!(lab.deliveries(1, round, 2_000));
            lab.settle(1, 0, &[1], Settle::Nack(true));
        }
        assert!(lab.deliveries(1, 3, 2_000), "{version:?}");
        let expected = vec![(1, false, None), (1, true, counts[0]), (1, true, counts[1])];
        assert_eq!(lab.got(1), expected);
        lab.settle(1, 0, &[1], Settle::Ack);
        lab.ms(300);
        assert_eq!(lab.counts(N[2]), (0, 0, 0));
    }
}

/// qq-consumer-killed-requeue-order.
#[test]
fn a_killed_consumer_gives_back_in_order() {
    for version in ALL {
        let mut lab = Lab::new(version, 3);
        lab.quorum(&[]);
        lab.publisher(0, N[0]);
        lab.publish(0, 1..=5);
        lab.confirms(0, 5, 2_000);
        lab.consume(1, N[0], 3);
        assert!(lab.deliveries(1, 3, 2_000));
        lab.settle(1, 0, &[2], Settle::Ack);
        assert!(lab.deliveries(1, 4, 2_000));
        lab.kill_client(1);
        lab.ms(800);
        lab.consume(2, N[0], 10);
        assert!(lab.deliveries(2, 4, 2_000));
        let one = Some(1);
        let expected = vec![
            (1, true, one),
            (3, true, one),
            (4, true, one),
            (5, false, None),
        ];
        assert_eq!(lab.got(2), expected, "{version:?}");
    }
}

/// qq-kill-leader-midburst, qq-kill-leader-confirmed.
#[test]
fn a_killed_leader_costs_a_channel_elsewhere_nothing() {
    for version in ALL {
        for seed in 1..=5 {
            let mut lab = Lab::new(version, seed);
            lab.quorum(&[]);
            lab.publisher(0, N[1]);
            lab.publish(0, 1..=300);
            lab.confirms(0, 100, 2_000);
            lab.kill(&[N[0]]);
            assert!(lab.confirms(0, 300, 15_000), "{version:?} {seed}");
            assert_eq!(lab.acked(0).len(), 300);
            lab.ms(1_000);
            let read = lab.drained(1, N[1]);
            assert_eq!(read, (1..=300).collect::<Vec<_>>(), "{version:?} {seed}");
            lab.start(&[N[0]]);
        }
    }
}

/// qq-kill-two-late-confirm.
#[test]
fn without_a_majority_nothing_is_confirmed_and_with_it_everything() {
    for version in [Version::V3_10, Version::V4_3] {
        let mut lab = Lab::new(version, 4);
        lab.quorum(&[]);
        lab.publisher(0, N[0]);
        lab.publish(0, [1]);
        lab.confirms(0, 1, 2_000);
        lab.kill(&[N[1], N[2]]);
        lab.ms(1_500);
        lab.publish(0, [2, 3]);
        assert!(!lab.confirms(0, 3, 4_000));
        assert_eq!(lab.leader(), Some(N[0]));
        assert_eq!(lab.counts(N[0]), (1, 0, 1));
        lab.start(&[N[1], N[2]]);
        assert!(lab.confirms(0, 3, 20_000), "{version:?}");
        assert_eq!(lab.drained(1, N[0]), [1, 2, 3]);
    }
}

/// qq-kill-two-publisher-gone.
#[test]
fn unconfirmed_is_not_not_stored() {
    let mut lab = Lab::new(Version::V4_3, 5);
    lab.quorum(&[]);
    lab.publisher(0, N[0]);
    lab.publish(0, [1]);
    lab.confirms(0, 1, 2_000);
    lab.kill(&[N[1], N[2]]);
    lab.ms(1_500);
    lab.publish(0, [2, 3]);
    lab.confirms(0, 3, 3_000);
    lab.kill_client(0);
    lab.ms(500);
    lab.start(&[N[1], N[2]]);
    lab.ms(1_500);
    assert_eq!(lab.drained(1, N[0]), [1, 2, 3]);
    assert_eq!(lab.acked(0), [1]);
}

/// qq-kill-all-right-after-declare, qq-kill-all-2s-after-declare, qq-stop-all-right-after-declare.
#[test]
fn a_queue_that_is_not_registered_yet_is_lost_when_all_die() {
    for (version, age, stop, kept) in [
        (Version::V4_3, 100, false, false),
        (Version::V4_3, 1_900, false, true),
        (Version::V4_3, 100, true, true),
        (Version::V3_10, 1_900, false, true),
    ] {
        for seed in 1..=5 {
            let mut lab = Lab::new(version, seed);
            lab.declare(lab::Q, "quorum", &[]);
            lab.ms(age);
            lab.publisher(0, N[0]);
            lab.publish(0, 1..=5);
            assert!(lab.confirms(0, 5, 2_000));
            if stop {
                for node in [N[2], N[1], N[0]] {
                    lab.act(Act::Stop(node));
                    lab.until(Span::secs(5), |lab| lab.node(node).is_none());
                }
            } else {
                lab.kill(&N);
            }
            lab.start(&N);
            lab.ms(3_000);
            let read = lab.drained(1, N[1]);
            let expected: Vec<u32> = if kept { (1..=5).collect() } else { Vec::new() };
            assert_eq!(read, expected, "{version:?} {age} {stop} seed {seed}");
        }
    }
}

/// qq-kill-all-right-after-declare of 3.10: nobody ever stands.
#[test]
fn in_3_10_forgotten_members_never_elect_a_leader() {
    let mut lab = Lab::new(Version::V3_10, 6);
    lab.declare(lab::Q, "quorum", &[]);
    lab.publisher(0, N[0]);
    lab.publish(0, 1..=5);
    lab.confirms(0, 5, 2_000);
    lab.kill(&N);
    lab.start(&N);
    lab.ms(30_000);
    assert_eq!(lab.leader(), None);
    lab.connect(1, N[1], ackscope_rabbitmq::params::ChannelMode::None, 0);
    let drain = ackscope_rabbitmq::client::Ask::Drain { queue: lab::Q };
    let end = lab.call(Lab::client(1), drain, Span::secs(12));
    assert_ne!(end, CallEnd::Done);
    assert_eq!(lab.errors(1), [541]);
}

/// qq-kill-leader-right-after-declare: one member that forgot is filled up by the others.
#[test]
fn one_forgotten_member_is_filled_up() {
    for seed in 1..=10 {
        let mut lab = Lab::new(Version::V4_3, seed);
        lab.declare(lab::Q, "quorum", &[]);
        lab.publisher(0, N[1]);
        lab.publish(0, 1..=5);
        lab.confirms(0, 5, 2_000);
        lab.kill(&[N[0]]);
        lab.start(&[N[0]]);
        lab.ms(4_000);
        lab.kill(&[N[1], N[2]]);
        lab.start(&[N[1], N[2]]);
        lab.ms(3_000);
        assert_eq!(lab.drained(1, N[0]), [1, 2, 3, 4, 5], "seed {seed}");
    }
}

/// qq-kill-followers-then-leader.
#[test]
fn two_forgotten_members_form_a_queue_of_their_own() {
    for seed in 1..=20 {
        let mut lab = Lab::new(Version::V4_3, seed);
        lab.declare(lab::Q, "quorum", &[]);
        lab.publisher(0, N[0]);
        lab.publish(0, [1]);
        lab.confirms(0, 1, 2_000);
        lab.kill(&[N[1], N[2]]);
        lab.ms(1_500);
        lab.publish(0, [2, 3]);
        lab.confirms(0, 3, 3_000);
        lab.kill(&[N[0]]);
        lab.ms(300);
        lab.start(&[N[1], N[2]]);
        lab.ms(2_000);
        lab.publisher(1, N[1]);
        lab.publish(1, [4]);
        assert!(lab.confirms(1, 1, 10_000), "seed {seed}");
        lab.start(&[N[0]]);
        lab.ms(2_000);
        assert_eq!(lab.drained(2, N[1]), [4], "seed {seed}");
    }
}

/// qq-leader-paused.
#[test]
fn a_frozen_leader_is_replaced() {
    for version in [Version::V3_10, Version::V4_3] {
        let mut lab = Lab::new(version, 7);
        lab.quorum(&[]);
        lab.publisher(0, N[1]);
        lab.publish(0, [1]);
        lab.confirms(0, 1, 2_000);
        lab.act(Act::Freeze(N[0]));
        lab.publish(0, [2, 3]);
        assert!(lab.confirms(0, 3, 25_000), "{version:?}");
        assert_ne!(lab.leader(), Some(N[0]));
        lab.act(Act::Thaw(N[0]));
        lab.ms(10_000);
        assert_eq!(lab.drained(1, N[1]), [1, 2, 3]);
    }
}

/// partition-ignore-quorum-window, partition-ignore-quorum.
#[test]
fn a_cut_off_leader_confirms_nothing_and_its_channels_send_again_since_4_2() {
    for (version, again) in [
        (Version::V3_10, false),
        (Version::V4_0, false),
        (Version::V4_3, true),
    ] {
        for seed in 1..=4 {
            let mut lab = Lab::new(version, seed);
            lab.quorum(&[]);
            lab.publisher(0, N[0]);
            lab.publisher(1, N[1]);
            lab.publish(0, [1]);
            lab.confirms(0, 1, 2_000);
            lab.cut(N[0]);
            lab.ms(300);
            lab.publish(0, [2, 3]);
            assert!(!lab.confirms(0, 3, 1_500));
            lab.ms(14_000);
            assert_ne!(lab.leader(), Some(N[0]));
            lab.publish(1, [11, 12]);
            assert!(lab.confirms(1, 2, 15_000), "{version:?} {seed}");
            lab.act(Act::Heal);
            lab.ms(15_000);
            let read = lab.drained(2, N[1]);
            let acked = lab.acked(0);
            if again {
                assert_eq!(acked, [1, 2, 3], "{version:?} {seed}");
                assert_eq!(read, [1, 11, 12, 2, 3]);
            } else {
                assert_eq!(acked, [1], "{version:?} {seed}");
                assert_eq!(read, [1, 11, 12]);
            }
        }
    }
}

/// qq-maxlen-reject-publish, qq-maxlen-1-reject-publish, qq-maxlen-drop-head.
#[test]
fn length_limits() {
    let reject = [
        ("x-max-length", Value::Int(3)),
        ("x-overflow", Value::Str("reject-publish".into())),
    ];
    for version in [Version::V4_0, Version::V4_3] {
        let mut lab = Lab::new(version, 9);
        lab.quorum(&reject);
        lab.publisher(0, N[0]);
        for number in 1..=7 {
            lab.publish(0, [number]);
            let count = usize::try_from(number).unwrap();
            assert!(lab.confirms(0, count, 2_000));
        }
        assert_eq!(lab.acked(0), [1, 2, 3, 4]);
        assert_eq!(lab.nacked(0), [5, 6, 7]);
        let mut lab = Lab::new(version, 9);
        lab.quorum(&[("x-max-length", Value::Int(3))]);
        lab.publisher(0, N[0]);
        lab.publish(0, 1..=5);
        lab.confirms(0, 5, 2_000);
        lab.ms(300);
        assert_eq!(lab.counts(N[0]), (3, 0, 3));
        assert_eq!(lab.drained(1, N[0]), [3, 4, 5]);
        assert_eq!(lab.acked(0).len(), 5);
    }
}

/// partition-quorum-consumer-cut-off: 4.3.
#[test]
fn a_consumer_that_is_cut_off_for_a_while_goes_on() {
    for seed in 1..=5 {
        let mut lab = Lab::new(Version::V4_3, seed);
        lab.quorum(&[]);
        lab.publisher(0, N[0]);
        lab.publish(0, 1..=3);
        lab.confirms(0, 3, 2_000);
        lab.consume(1, N[2], 10);
        assert!(lab.deliveries(1, 3, 2_000));
        lab.settle(1, 0, &[1], Settle::Ack);
        lab.ms(500);
        lab.consume(2, N[0], 10);
        lab.cut(N[2]);
        lab.ms(13_000);
        assert_eq!(lab.counts(N[0]), (0, 2, 2), "they stay checked out");
        lab.settle(1, 0, &[2], Settle::Ack);
        lab.ms(300);
        lab.act(Act::Heal);
        lab.ms(7_000);
        assert_eq!(
            lab.counts(N[0]),
            (0, 1, 1),
            "the ack was sent again, seed {seed}"
        );
        for number in [4, 5] {
            lab.publish(0, [number]);
            lab.ms(500);
        }
        lab.ms(1_000);
        assert_eq!(lab.numbers(1), [1, 2, 3, 4], "seed {seed}");
        assert_eq!(lab.numbers(2), [5], "seed {seed}");
    }
}

/// qq-consumer-node-killed.
#[test]
fn a_consumer_whose_node_died_is_counted_when_the_node_is_back() {
    let mut lab = Lab::new(Version::V4_3, 10);
    lab.quorum(&[]);
    lab.publisher(0, N[0]);
    lab.publish(0, 1..=3);
    lab.confirms(0, 3, 2_000);
    lab.consume(1, N[2], 10);
    assert!(lab.deliveries(1, 3, 2_000));
    lab.settle(1, 0, &[1], Settle::Ack);
    lab.ms(500);
    lab.consume(2, N[0], 10);
    lab.kill(&[N[2]]);
    assert!(!lab.deliveries(2, 1, 8_000));
    assert_eq!(lab.counts(N[0]), (0, 2, 2));
    lab.start(&[N[2]]);
    assert!(lab.deliveries(2, 2, 10_000));
    assert_eq!(lab.got(2), [(2, true, Some(1)), (3, true, Some(1))]);
}

/// qq-consumer-node-dead-short-timeout.
#[test]
fn a_consumer_whose_node_stays_away_is_given_up_after_its_time() {
    let mut lab = Lab::new(Version::V4_3, 11);
    lab.quorum(&[("x-consumer-disconnected-timeout", Value::Int(3_000))]);
    lab.publisher(0, N[0]);
    lab.publish(0, 1..=2);
    lab.confirms(0, 2, 2_000);
    lab.consume(1, N[2], 10);
    assert!(lab.deliveries(1, 2, 2_000));
    lab.ms(300);
    lab.consume(2, N[0], 10);
    lab.kill(&[N[2]]);
    assert!(!lab.deliveries(2, 2, 2_500));
    assert!(lab.deliveries(2, 2, 1_500));
    assert_eq!(lab.got(2), [(1, true, None), (2, true, None)]);
}

/// dlx-at-least-once-no-route, dlx-at-least-once-target-down, dlx-at-least-once-with-drop-head.
#[test]
fn dead_letters_at_least_once_stay_until_they_have_arrived() {
    let arguments = |overflow: &str| {
        [
            ("x-dead-letter-strategy", Value::Str("at-least-once".into())),
            ("x-overflow", Value::Str(overflow.into())),
            ("x-dead-letter-exchange", Value::Str("".into())),
            ("x-dead-letter-routing-key", Value::Str("dlq".into())),
        ]
    };
    for (overflow, kept) in [("reject-publish", true), ("drop-head", false)] {
        let mut lab = Lab::with(Version::V4_3, 13, |p| {
            p.quorum.dead_letter_worker_publisher_confirm_timeout = 8_000;
        });
        lab.quorum(&arguments(overflow));
        lab.publisher(0, N[0]);
        lab.publish(0, [1]);
        lab.confirms(0, 1, 2_000);
        lab.consume(1, N[0], 10);
        assert!(lab.deliveries(1, 1, 2_000));
        lab.settle(1, 0, &[1], Settle::Nack(false));
        lab.ms(1_500);
        let left = u64::from(kept);
        assert_eq!(lab.counts(N[0]), (0, 0, left), "{overflow}");
        lab.declare(DLQ, "classic", &[]);
        lab.ms(10_000);
        assert_eq!(lab.counts(N[0]), (0, 0, 0), "{overflow}");
        let read = lab.drain(2, N[0], DLQ);
        assert_eq!(read.len(), usize::from(kept), "{overflow}");
    }
}

/// qq-delivery-limit-consumer-crash, qq-delivery-limit-dlx.
#[test]
fn beyond_the_limit_a_message_is_dead_lettered() {
    for (version, flagged) in [(Version::V4_0, false), (Version::V4_3, true)] {
        let mut lab = Lab::new(version, 14);
        lab.declare(DLQ, "quorum", &[]);
        lab.quorum(&[
            ("x-delivery-limit", Value::Int(1)),
            ("x-dead-letter-exchange", Value::Str("".into())),
            ("x-dead-letter-routing-key", Value::Str("dlq".into())),
        ]);
        lab.publisher(0, N[0]);
        lab.publish(0, [1]);
        lab.confirms(0, 1, 2_000);
        for at in [1, 2] {
            lab.consume(at, N[0], 1);
            assert!(lab.deliveries(at, 1, 2_000));
            lab.kill_client(at);
            lab.ms(500);
        }
        assert_eq!(lab.counts(N[0]), (0, 0, 0));
        let read = lab.drain(3, N[0], DLQ);
        assert_eq!(read.len(), 1, "{version:?}");
        assert_eq!(read[0].1, flagged, "{version:?}");
    }
}

/// qq-follower-killed-consumer.
#[test]
fn a_consumer_survives_its_leader() {
    for seed in 1..=5 {
        let mut lab = Lab::new(Version::V4_3, seed);
        lab.quorum(&[]);
        lab.publisher(0, N[1]);
        lab.publish(0, 1..=3);
        lab.confirms(0, 3, 2_000);
        lab.consume(1, N[1], 10);
        assert!(lab.deliveries(1, 3, 2_000));
        lab.settle(1, 0, &[1], Settle::Ack);
        lab.ms(500);
        lab.kill(&[N[0]]);
        lab.ms(3_000);
        assert_eq!(lab.counts(N[1]), (0, 2, 2), "seed {seed}");
        lab.settle(1, 0, &[2], Settle::Ack);
        lab.ms(800);
        assert_eq!(lab.counts(N[1]), (0, 1, 1), "seed {seed}");
        lab.kill_client(1);
        lab.ms(800);
        assert_eq!(lab.drain(2, N[1], lab::Q), [(3, true, Some(1))]);
    }
}

#[test]
fn a_consumer_without_acks_empties_the_queue() {
    let mut lab = Lab::new(Version::V4_3, 15);
    lab.quorum(&[]);
    lab.publisher(0, N[0]);
    lab.publish(0, 1..=100);
    lab.confirms(0, 100, 2_000);
    lab.consume_with(1, N[2], 0, true);
    assert!(lab.deliveries(1, 100, 2_000));
    lab.ms(500);
    assert_eq!(lab.counts(N[0]), (0, 0, 0));
    assert_eq!(lab.numbers(1), (1..=100).collect::<Vec<_>>());
}

#[test]
fn a_deleted_queue_is_gone_everywhere() {
    for version in [Version::V3_13, Version::V4_3] {
        let mut lab = Lab::new(version, 16);
        lab.quorum(&[]);
        lab.publisher(0, N[1]);
        lab.publish(0, 1..=5);
        lab.confirms(0, 5, 2_000);
        lab.consume(1, N[2], 1);
        assert!(lab.deliveries(1, 1, 2_000));
        let delete = ackscope_rabbitmq::client::Ask::DeleteQueue {
            queue: lab::Q,
            if_unused: false,
            if_empty: false,
        };
        let end = lab.call(Lab::client(7), delete, Span::secs(10));
        assert_eq!(end, CallEnd::Done, "{version:?}");
        lab.ms(500);
        assert!(N.iter().all(|node| lab.member(*node).is_none()));
        assert_eq!(lab.errors(1), [0], "{version:?}: the consumer is cancelled");
        // What is published now finds no queue, and is confirmed.
        lab.publish(0, [6]);
        assert!(lab.confirms(0, 6, 2_000));
        // A new queue of the name is empty.
        lab.quorum(&[]);
        assert_eq!(lab.counts(N[2]), (0, 0, 0));
    }
}
