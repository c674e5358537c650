//! Classic queues through crashes, stops and partitions, as recorded on real clusters.

mod lab;

use ackscope_kernel::Act;
use ackscope_rabbitmq::facts::{CallEnd, Fact};
use ackscope_rabbitmq::ids::Part;
use ackscope_rabbitmq::message::Value;
use ackscope_rabbitmq::signal::Settle;
use ackscope_rabbitmq::system::{Ctl, Version};
use lab::{Lab, N, at, consume, name, queue, queue_with, to};

const ALL: [Version; 3] = [Version::V3_10, Version::V4_0, Version::V4_3];

/// Everything that a queue gives to a client that takes it all, with `*` where redelivered is set.
fn drain(lab: &mut Lab, client: u16, queue: &str) -> Vec<String> {
    let read = |lab: &Lab| -> Vec<String> {
        let facts = lab.heard(client);
        let read = facts.iter().filter_map(|fact| match fact {
            Fact::Read {
                key, redelivered, ..
            } => Some(format!(
                "{}{}",
                key.number,
                if *redelivered { "*" } else { "" }
            )),
            _ => None,
        });
        read.collect()
    };
    let before = read(lab).len();
    lab.drain(client, queue);
    read(lab).split_off(before)
}

/// Ends the process of a node at once and starts it again.
fn kill_and_start(lab: &mut Lab, node: usize) {
    lab.act(Act::Crash(N[node]));
    lab.millis(100);
    lab.act(Act::Start(N[node]));
    lab.millis(8000);
}

fn stop_and_start(lab: &mut Lab, node: usize) {
    lab.act(Act::Stop(N[node]));
    lab.millis(3000);
    lab.act(Act::Start(N[node]));
    lab.millis(8000);
}

#[test]
fn what_was_confirmed_survives_the_death_of_its_node() {
    for version in ALL {
        let mut lab = Lab::new(version, 3, &[at(N[0]).confirms(), at(N[1])]);
        lab.declare(0, queue("q"));
        lab.publish(0, &[1, 2, 3], to("q"));
        lab.millis(100);
        assert_eq!(lab.acked(0), [1, 2, 3], "{version:?}");
        kill_and_start(&mut lab, 0);
        assert_eq!(drain(&mut lab, 1, "q"), ["1*", "2*", "3*"], "{version:?}");
    }
}

#[test]
fn without_confirms_500_ms_of_rest_are_enough_in_3_10_only() {
    for version in ALL {
        let mut lab = Lab::new(version, 3, &[at(N[0]), at(N[1])]);
        lab.declare(0, queue("q"));
        lab.millis(100);
        lab.publish(0, &[1, 2, 3], to("q"));
        lab.millis(500);
        kill_and_start(&mut lab, 0);
        let left = drain(&mut lab, 1, "q");
        if version == Version::V3_10 {
            assert_eq!(left, ["1*", "2*", "3*"]);
        } else {
            assert!(left.is_empty(), "{version:?}: {left:?}");
        }
    }
}

#[test]
fn a_stop_in_order_keeps_everything_that_is_persistent() {
    for version in ALL {
        let mut lab = Lab::new(version, 3, &[at(N[0]), at(N[1])]);
        lab.declare(0, queue("q"));
        lab.publish(0, &[1, 2], to("q"));
        let mut transient = to("q");
        transient.persistent = false;
        lab.publish(0, &[3], transient);
        lab.millis(100);
        stop_and_start(&mut lab, 0);
        assert_eq!(lab.errors(0)[0].0, 320, "{version:?}");
        assert_eq!(drain(&mut lab, 1, "q"), ["1", "2"], "{version:?}");
    }
}

#[test]
fn an_ack_of_500_ms_ago_survives_in_3_10_only() {
    for version in ALL {
        let mut lab = Lab::new(version, 3, &[at(N[0]).confirms(), at(N[1]), at(N[0])]);
        lab.declare(0, queue("q"));
        lab.publish(0, &[1, 2, 3], to("q"));
        lab.millis(100);
        lab.consume(2, "q", false);
        lab.millis(50);
        lab.settle(2, Some(&[Lab::key(0, 1)]), Settle::Ack);
        lab.millis(500);
        kill_and_start(&mut lab, 0);
        let left = drain(&mut lab, 1, "q");
        if version == Version::V3_10 {
            assert_eq!(left, ["2*", "3*"]);
        } else {
            assert_eq!(left, ["1*", "2*", "3*"], "{version:?}");
        }
    }
}

#[test]
fn a_dead_home_node_acks_and_loses_in_3_10_and_nacks_later() {
    for version in ALL {
        // The queue lives on n1, where the last client is.
        let clients = [at(N[1]).confirms(), at(N[1]), at(N[1]), at(N[0])];
        let mut lab = Lab::new(version, 3, &clients);
        lab.declare(3, queue("q"));
        lab.publish(0, &[1], to("q"));
        lab.millis(100);
        lab.consume(1, "q", false);
        lab.millis(100);
        assert_eq!(lab.processed(1), [(1, false)]);
        lab.act(Act::Crash(N[0]));
        lab.millis(1000);
        assert!(lab.cancelled(1), "{version:?}");
        lab.publish(0, &[2], to("q"));
        let mut mandatory = to("q");
        mandatory.mandatory = true;
        lab.publish(0, &[3], mandatory);
        lab.millis(500);
        if version == Version::V3_10 {
            assert_eq!(lab.acked(0), [1, 2, 3]);
            assert_eq!(lab.returned(0), [3]);
        } else {
            assert_eq!(lab.nacked(0), [2, 3], "{version:?}");
        }
        let before = lab.world.now();
        assert_eq!(
            lab.ask(
                2,
                ackscope_rabbitmq::client::Ask::Consume(consume("q", "t2", false))
            ),
            CallEnd::Broken
        );
        let took = lab.world.now().since(before).0 / 1_000_000;
        let (code, text) = lab.errors(2)[0].clone();
        assert_eq!(code, 404);
        if version == Version::V3_10 {
            assert_eq!(took, 0);
            assert!(text.contains("is down or inaccessible"), "{text}");
        } else {
            assert!((60..70).contains(&took), "{version:?}: {took} s");
            assert!(text.contains("due to timeout"), "{text}");
        }
        lab.act(Act::Start(N[0]));
        lab.millis(8000);
        assert_eq!(drain(&mut lab, 1, "q"), ["1*"], "{version:?}");
    }
}

#[test]
fn a_stopped_home_node_gives_404_at_once() {
    for version in ALL {
        let clients = [at(N[1]).confirms(), at(N[1]), at(N[0])];
        let mut lab = Lab::new(version, 3, &clients);
        lab.declare(2, queue("q"));
        lab.publish(0, &[1], to("q"));
        lab.millis(100);
        lab.act(Act::Stop(N[0]));
        lab.millis(3000);
        lab.publish(0, &[2], to("q"));
        lab.millis(500);
        let before = lab.world.now();
        assert_eq!(lab.consume(1, "q", false), CallEnd::Broken);
        assert!(lab.world.now().since(before).0 < 100_000);
        let (code, text) = lab.errors(1)[0].clone();
        assert_eq!(code, 404);
        if version == Version::V3_10 {
            assert_eq!(lab.acked(0), [1, 2]);
            assert!(text.contains("is down or inaccessible"), "{text}");
        } else {
            assert_eq!(lab.nacked(0), [2], "{version:?}");
            assert!(text.contains("is stopped by supervisor"), "{text}");
        }
    }
}

#[test]
fn consumers_wait_for_a_queue_whose_node_comes_back() {
    let clients = [at(N[1]).confirms(), at(N[1]), at(N[0])];
    let mut lab = Lab::new(Version::V4_3, 3, &clients);
    lab.declare(2, queue("q"));
    lab.publish(0, &[1], to("q"));
    lab.millis(100);
    lab.act(Act::Crash(N[0]));
    lab.millis(500);
    let ask = ackscope_rabbitmq::client::Ask::Consume(consume("q", "t1", false));
    let call = lab.begin(1, ask);
    lab.millis(4000);
    assert_eq!(lab.ended(call), None);
    lab.act(Act::Start(N[0]));
    lab.millis(8000);
    assert_eq!(lab.ended(call), Some(CallEnd::Done));
    assert_eq!(lab.processed(1), [(1, true)]);
}

#[test]
fn a_paused_home_node_delays_and_loses_nothing() {
    let clients = [at(N[1]).confirms(), at(N[1]), at(N[0])];
    let mut lab = Lab::new(Version::V4_3, 3, &clients);
    lab.declare(2, queue("q"));
    lab.consume(1, "q", false);
    lab.act(Act::Freeze(N[0]));
    lab.publish(0, &[1], to("q"));
    lab.millis(2000);
    assert!(lab.acked(0).is_empty());
    lab.act(Act::Thaw(N[0]));
    lab.millis(1000);
    assert_eq!(lab.acked(0), [1]);
    assert_eq!(lab.processed(1), [(1, false)]);
}

#[test]
fn a_partition_leaves_a_queue_to_its_own_side() {
    for version in [Version::V3_10, Version::V4_3] {
        let clients = [at(N[0]).confirms(), at(N[1]).confirms(), at(N[1]), at(N[0])];
        let mut lab = Lab::new(version, 3, &clients);
        lab.declare(0, queue("q"));
        lab.publish(0, &[1], to("q"));
        lab.millis(100);
        lab.consume(2, "q", false);
        lab.millis(100);
        lab.cut(N[0]);
        lab.millis(12_000);
        assert!(lab.cancelled(2), "{version:?}");
        lab.publish(0, &[2], to("q"));
        lab.publish(1, &[3], to("q"));
        lab.millis(12_000);
        assert_eq!(lab.acked(0), [1, 2], "{version:?}");
        if version == Version::V3_10 {
            assert_eq!(lab.acked(1), [3]);
        } else {
            assert_eq!(lab.nacked(1), [3]);
        }
        lab.act(Act::Heal);
        lab.millis(10_000);
        assert_eq!(drain(&mut lab, 3, "q"), ["1*", "2"], "{version:?}");
    }
}

#[test]
fn a_dead_letter_comes_back_behind_the_others() {
    let args = [
        ("x-dead-letter-exchange", Value::Str("".into())),
        ("x-dead-letter-routing-key", Value::Str("r".into())),
    ];
    let wait = [
        ("x-dead-letter-exchange", Value::Str("".into())),
        ("x-dead-letter-routing-key", Value::Str("q".into())),
        ("x-message-ttl", Value::Int(500)),
    ];
    let mut lab = Lab::new(
        Version::V4_3,
        3,
        &[at(N[0]).confirms(), at(N[0]).prefetch(1)],
    );
    lab.declare(0, queue_with("q", &args));
    lab.declare(0, queue_with("r", &wait));
    lab.publish(0, &[1, 2, 3], to("q"));
    lab.millis(100);
    lab.consume(1, "q", false);
    lab.millis(50);
    lab.settle(1, Some(&[Lab::key(0, 1)]), Settle::Ack);
    lab.millis(50);
    lab.settle(1, Some(&[Lab::key(0, 2)]), Settle::Nack(false));
    lab.millis(50);
    lab.settle(1, Some(&[Lab::key(0, 3)]), Settle::Ack);
    lab.millis(1000);
    let order: Vec<u32> = lab.processed(1).iter().map(|(number, _)| *number).collect();
    assert_eq!(order, [1, 2, 3, 2]);
    let deaths = lab.heard(1).into_iter().rev().find_map(|fact| match fact {
        Fact::Processed { deaths, .. } => Some(deaths),
        _ => None,
    });
    let reasons: Vec<_> = deaths
        .iter()
        .flatten()
        .map(|d| (d.queue, d.reason.name()))
        .collect();
    assert_eq!(reasons, [(name("r"), "expired"), (name("q"), "rejected")]);
}

#[test]
fn a_queue_process_that_crashes_alone_restarts_with_what_was_written() {
    let clients = [at(N[1]).confirms(), at(N[1])];
    let mut lab = Lab::new(Version::V4_3, 3, &clients);
    lab.declare(0, queue("q"));
    lab.publish(0, &[1, 2], to("q"));
    lab.millis(100);
    lab.consume(1, "q", false);
    lab.millis(50);
    let id = lab
        .node(N[1])
        .and_then(|n| n.image().queues.get(&name("q")).map(|q| q.id));
    let part = Part::Queue(id.expect("declared"));
    lab.ctl(N[1], Ctl::CrashPart(part));
    lab.millis(100);
    assert!(lab.cancelled(1));
    lab.publish(0, &[3], to("q"));
    lab.millis(100);
    assert_eq!(lab.acked(0), [1, 2, 3]);
    assert_eq!(drain(&mut lab, 0, "q"), ["1*", "2*", "3"]);
    for _ in 0..6 {
        lab.ctl(N[1], Ctl::CrashPart(part));
        lab.millis(50);
    }
    lab.publish(0, &[4], to("q"));
    lab.millis(100);
    assert_eq!(lab.nacked(0), [4]);
    assert_eq!(lab.consume(1, "q", false), CallEnd::Broken);
    assert!(
        lab.errors(1)[0]
            .1
            .contains("has crashed and failed to restart")
    );
}

#[test]
fn deleting_a_queue_confirms_what_it_owed_and_cancels_its_consumers() {
    let mut lab = Lab::new(Version::V4_3, 3, &[at(N[0]).confirms(), at(N[1]), at(N[2])]);
    lab.declare(0, queue("q"));
    lab.consume(1, "q", false);
    let queue = name("q");
    let (if_unused, if_empty) = (false, false);
    let delete = ackscope_rabbitmq::client::Ask::DeleteQueue {
        queue,
        if_unused,
        if_empty,
    };
    assert_eq!(lab.ask(2, delete), CallEnd::Done);
    lab.millis(100);
    assert!(lab.cancelled(1));
    lab.publish(0, &[1], to("q"));
    lab.millis(100);
    assert_eq!(lab.acked(0), [1]);
}
