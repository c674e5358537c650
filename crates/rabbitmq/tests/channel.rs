//! Clients, connections, channels and classic queues together.

mod lab;

use ackscope_kernel::{Act, Span};
use ackscope_rabbitmq::client::{Ask, Kill};
use ackscope_rabbitmq::facts::{CallEnd, Fact};
use ackscope_rabbitmq::message::Value;
use ackscope_rabbitmq::signal::Settle;
use ackscope_rabbitmq::system::{Ctl, Version};
use lab::{Lab, N, Spec, at, consume, name, queue, queue_with, to, via};

const VERSIONS: [Version; 5] = [
    Version::V3_10,
    Version::V3_13,
    Version::V4_0,
    Version::V4_2,
    Version::V4_3,
];

#[test]
fn published_confirmed_consumed_acknowledged() {
    for version in VERSIONS {
        let clients = [at(N[0]).confirms(), at(N[1]).prefetch(2)];
        let mut lab = Lab::new(version, 1, &clients);
        assert_eq!(lab.declare(0, queue("q")), CallEnd::Done);
        lab.publish(0, &[1, 2, 3], to("q"));
        lab.millis(500);
        assert_eq!(lab.acked(0), [1, 2, 3], "{version:?}");
        assert_eq!(lab.consume(1, "q", false), CallEnd::Done);
        lab.millis(100);
        let first = [(1, false), (2, false)];
        assert_eq!(lab.processed(1), first, "{version:?}: prefetch 2");
        lab.settle(1, Some(&[Lab::key(0, 1)]), Settle::Ack);
        lab.millis(100);
        assert_eq!(lab.processed(1).len(), 3, "{version:?}");
        lab.settle(1, None, Settle::Ack);
        lab.millis(100);
        assert!(lab.drain(0, "q").is_empty());
    }
}

/// A world in which client 0 has declared a queue.
fn with_queue(version: Version, clients: &[Spec]) -> Lab {
    let mut lab = Lab::new(version, 1, clients);
    assert_eq!(lab.declare(0, queue("q")), CallEnd::Done);
    lab
}

#[test]
fn what_finds_no_queue_is_returned_and_then_acknowledged() {
    let mut lab = with_queue(Version::V4_3, &[at(N[0]).confirms()]);
    let mut mandatory = to("nowhere");
    mandatory.mandatory = true;
    lab.publish(0, &[1], to("nowhere"));
    lab.publish(0, &[2], mandatory);
    lab.millis(100);
    assert_eq!(lab.returned(0), [2]);
    // R4's library tells of a returned message once: the ack that follows is not told as one.
    let told: Vec<bool> = lab
        .heard(0)
        .iter()
        .filter_map(|fact| match fact {
            Fact::Returned { .. } => Some(true),
            Fact::Acked { keys } if keys.contains(&Lab::key(0, 2)) => Some(false),
            _ => None,
        })
        .collect();
    assert_eq!(told.first(), Some(&true), "the return comes first");
    assert!(lab.acked(0).contains(&1));
}

#[test]
fn a_missing_exchange_closes_the_channel_and_what_is_behind_it_is_thrown_away() {
    let mut lab = with_queue(Version::V4_3, &[at(N[0]).confirms(), at(N[0])]);
    lab.publish(0, &[1], to("q"));
    lab.publish(0, &[2], via("x", "k"));
    lab.publish(0, &[3], to("q"));
    lab.millis(300);
    let words = "NOT_FOUND - no exchange 'x' in vhost '/'";
    assert_eq!(lab.errors(0), [(404, words.to_owned())]);
    assert!(!lab.lost(0), "the connection lives on");
    assert_eq!(lab.drain(1, "q"), [1], "3 came behind the error");
}

#[test]
fn one_refusal_is_enough_and_the_other_queue_keeps_its_copy() {
    let mut lab = with_queue(Version::V4_3, &[at(N[0]).confirms()]);
    let full = queue_with(
        "r",
        &[
            ("x-max-length", Value::Int(0)),
            ("x-overflow", Value::Str("reject-publish".into())),
        ],
    );
    assert_eq!(lab.declare(0, full), CallEnd::Done);
    let mut both = to("q");
    both.cc = vec!["r".into()];
    lab.publish(0, &[1], both);
    lab.millis(500);
    assert_eq!(lab.nacked(0), [1]);
    assert!(lab.acked(0).is_empty());
    assert_eq!(lab.drain(0, "q"), [1]);
}

#[test]
fn a_deleted_queue_counts_as_settled_and_its_consumer_is_cancelled() {
    let clients = [at(N[0]).confirms(), at(N[1]), at(N[0])];
    let mut lab = with_queue(Version::V4_3, &clients);
    assert_eq!(lab.consume(1, "q", false), CallEnd::Done);
    lab.publish(0, &[1], to("q"));
    let delete = Ask::DeleteQueue {
        queue: name("q"),
        if_unused: false,
        if_empty: false,
    };
    assert_eq!(lab.ask(2, delete.clone()), CallEnd::Done);
    lab.millis(500);
    assert_eq!(lab.acked(0), [1]);
    assert!(lab.cancelled(1));
    assert_eq!(lab.ask(2, delete), CallEnd::Done, "once more is no error");
}

#[test]
fn a_dead_home_refuses_cancels_and_lets_calls_wait() {
    let clients = [at(N[0]), at(N[1]).confirms(), at(N[1]), at(N[1]), at(N[1])];
    let mut lab = with_queue(Version::V4_3, &clients);
    assert_eq!(lab.consume(2, "q", false), CallEnd::Done);
    lab.act(Act::Crash(N[0]));
    lab.millis(500);
    assert!(lab.cancelled(2));
    lab.publish(1, &[1], to("q"));
    lab.millis(500);
    assert_eq!(lab.nacked(1), [1]);
    let passive = lab::passive("q");
    let begun = lab.world.now();
    assert_eq!(lab.declare(3, passive), CallEnd::Broken);
    let waited = lab.world.now().since(begun);
    let words = "NOT_FOUND - failed to perform operation on queue 'q' in vhost '/' due to timeout";
    assert_eq!(lab.errors(3), [(404, words.to_owned())]);
    assert!(
        waited > Span::secs(60) && waited < Span::secs(70),
        "{waited:?}"
    );
    // A call that waits is carried out when the node is back.
    let number = lab.begin(4, Ask::Consume(consume("q", "t1", false)));
    lab.millis(1000);
    assert_eq!(lab.ended(number), None);
    lab.act(Act::Start(N[0]));
    lab.run(Span::secs(15));
    assert_eq!(lab.ended(number), Some(CallEnd::Done));
}

#[test]
fn in_3_10_a_dead_home_is_no_route_and_an_error_at_once() {
    let clients = [at(N[0]), at(N[1]).confirms(), at(N[1])];
    let mut lab = with_queue(Version::V3_10, &clients);
    lab.act(Act::Crash(N[0]));
    lab.millis(500);
    lab.publish(1, &[1], to("q"));
    let mut mandatory = to("q");
    mandatory.mandatory = true;
    lab.publish(1, &[2], mandatory);
    lab.millis(500);
    assert!(lab.acked(1).contains(&1), "acked and gone");
    assert_eq!(lab.returned(1), [2]);
    assert_eq!(lab.consume(2, "q", false), CallEnd::Broken);
    let words =
        "NOT_FOUND - home node 'n1' of durable queue 'q' in vhost '/' is down or inaccessible";
    assert_eq!(lab.errors(2), [(404, words.to_owned())]);
}

#[test]
fn a_stopped_home_is_known_as_stopped() {
    let clients = [at(N[0]), at(N[1])];
    let mut lab = with_queue(Version::V4_3, &clients);
    lab.act(Act::Stop(N[0]));
    lab.run(Span::secs(3));
    let forced = "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'";
    assert_eq!(lab.errors(0), [(320, forced.to_owned())]);
    assert!(lab.lost(0));
    assert_eq!(lab.consume(1, "q", false), CallEnd::Broken);
    let words = "NOT_FOUND - queue 'q' in vhost '/' process is stopped by supervisor";
    assert_eq!(lab.errors(1), [(404, words.to_owned())]);
}

#[test]
fn transactions() {
    let mut lab = with_queue(Version::V4_3, &[at(N[0]).tx(), at(N[0])]);
    lab.publish(0, &[1, 2], to("q"));
    lab.millis(300);
    assert!(lab.drain(1, "q").is_empty(), "not before the commit");
    assert_eq!(lab.ask(0, Ask::TxCommit), CallEnd::Done);
    assert_eq!(lab.committed(0), [1, 2]);
    assert_eq!(lab.drain(1, "q"), [1, 2]);
    lab.publish(0, &[3], to("q"));
    assert_eq!(lab.ask(0, Ask::TxRollback), CallEnd::Done);
    lab.publish(0, &[4], to("q"));
    assert_eq!(lab.ask(0, Ask::TxCommit), CallEnd::Done);
    assert_eq!(lab.drain(1, "q"), [4]);
    assert_eq!(lab.ask(0, Ask::ConfirmSelect), CallEnd::Broken);
    let words = "PRECONDITION_FAILED - cannot switch from tx to confirm mode";
    assert_eq!(lab.errors(0), [(406, words.to_owned())]);
    assert_eq!(lab.ask(1, Ask::TxCommit), CallEnd::Broken);
    let words = "PRECONDITION_FAILED - channel is not transactional";
    assert_eq!(lab.errors(1), [(406, words.to_owned())]);
}

#[test]
fn a_refused_publish_fails_the_whole_commit() {
    let mut lab = with_queue(Version::V4_3, &[at(N[0]).tx(), at(N[0])]);
    let one = queue_with(
        "r",
        &[
            ("x-max-length", Value::Int(1)),
            ("x-overflow", Value::Str("reject-publish".into())),
        ],
    );
    assert_eq!(lab.declare(0, one), CallEnd::Done);
    lab.publish(0, &[1, 2], to("r"));
    assert_eq!(lab.ask(0, Ask::TxCommit), CallEnd::Broken);
    let words = "PRECONDITION_FAILED - partial tx completion";
    assert_eq!(lab.errors(0), [(406, words.to_owned())]);
    assert_eq!(lab.drain(1, "r"), [1], "what fitted is kept");
}

#[test]
fn acks_of_a_transaction_come_with_its_commit() {
    let clients = [at(N[0]), at(N[0]).tx(), at(N[0])];
    let mut lab = with_queue(Version::V4_3, &clients);
    lab.publish(0, &[1, 2], to("q"));
    assert_eq!(lab.consume(1, "q", false), CallEnd::Done);
    lab.millis(100);
    lab.settle(1, Some(&[Lab::key(0, 1)]), Settle::Ack);
    assert_eq!(lab.ask(1, Ask::TxRollback), CallEnd::Done);
    lab.settle(1, Some(&[Lab::key(0, 2)]), Settle::Ack);
    assert_eq!(lab.ask(1, Ask::TxCommit), CallEnd::Done);
    lab.kill(1, Kill::Rst);
    lab.millis(500);
    assert_eq!(lab.drain(2, "q"), [1], "only 2 was committed");
}

#[test]
fn what_is_unacked_goes_back_when_its_channel_ends() {
    for (kill, seed) in [(Some(Kill::Rst), 1), (Some(Kill::Fin), 2), (None, 3)] {
        let clients = [at(N[0]).confirms(), at(N[1]), at(N[2])];
        let mut lab = Lab::new(Version::V4_3, seed, &clients);
        assert_eq!(lab.declare(0, queue("q")), CallEnd::Done);
        lab.publish(0, &[1, 2, 3], to("q"));
        lab.millis(300);
        assert_eq!(lab.consume(1, "q", false), CallEnd::Done);
        lab.millis(100);
        lab.settle(1, Some(&[Lab::key(0, 2)]), Settle::Ack);
        match kill {
            Some(kill) => lab.kill(1, kill),
            None => assert_eq!(lab.ask(1, Ask::Close), CallEnd::Done),
        }
        lab.millis(100);
        assert_eq!(lab.consume(2, "q", false), CallEnd::Done);
        lab.millis(100);
        assert_eq!(lab.processed(2), [(1, true), (3, true)], "{kill:?}");
    }
}

#[test]
fn an_unknown_delivery_tag_closes_the_channel() {
    let clients = [at(N[0]), at(N[0])];
    let mut lab = with_queue(Version::V4_3, &clients);
    lab.publish(0, &[1], to("q"));
    assert_eq!(lab.consume(1, "q", false), CallEnd::Done);
    lab.millis(100);
    let settling = ackscope_rabbitmq::client::Settling {
        messages: Some(vec![Lab::key(0, 1)]),
        multiple: false,
        how: Settle::Ack,
        twice: true,
    };
    lab.ask(1, Ask::Settle(settling));
    lab.millis(100);
    let words = "PRECONDITION_FAILED - unknown delivery tag 1";
    assert_eq!(lab.errors(1), [(406, words.to_owned())]);
}

#[test]
fn an_exclusive_queue_is_its_connections_alone_and_goes_with_it() {
    let clients = [at(N[0]), at(N[1]), at(N[0]), at(N[0])];
    let mut lab = Lab::new(Version::V4_3, 1, &clients);
    let mut declare = queue("ex");
    declare.exclusive = true;
    assert_eq!(lab.declare(0, declare.clone()), CallEnd::Done);
    assert_eq!(lab.consume(1, "ex", false), CallEnd::Broken);
    assert_eq!(lab.errors(1)[0].0, 405);
    assert_eq!(lab.consume(0, "ex", false), CallEnd::Done);
    assert_eq!(lab.ask(0, Ask::Close), CallEnd::Done);
    // The close-ok comes when the queue is gone.
    assert_eq!(lab.declare(2, lab::passive("ex")), CallEnd::Broken);
    let words = "NOT_FOUND - no queue 'ex' in vhost '/'";
    assert_eq!(lab.errors(2), [(404, words.to_owned())]);
    assert_eq!(lab.declare(3, declare), CallEnd::Done);
    lab.kill(3, Kill::Rst);
    lab.millis(200);
    let node = lab.node(N[1]).expect("it runs");
    assert!(node.image().queues.is_empty(), "{:?}", node.image().queues);
}

#[test]
fn a_second_exclusive_consumer_is_refused() {
    let mut lab = with_queue(Version::V4_3, &[at(N[0]), at(N[1])]);
    assert_eq!(lab.consume(0, "q", false), CallEnd::Done);
    let mut exclusive = consume("q", "t2", false);
    exclusive.exclusive = true;
    assert_eq!(lab.ask(1, Ask::Consume(exclusive)), CallEnd::Broken);
    let words = "ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use";
    assert_eq!(lab.errors(1), [(403, words.to_owned())]);
}

#[test]
fn a_cancelled_consumer_gets_no_more_and_keeps_what_it_has() {
    let clients = [at(N[0]), at(N[1]).prefetch(1)];
    let mut lab = with_queue(Version::V4_3, &clients);
    lab.publish(0, &[1, 2], to("q"));
    assert_eq!(lab.consume(1, "q", false), CallEnd::Done);
    lab.millis(100);
    let tag = name("t1");
    assert_eq!(lab.ask(1, Ask::Cancel { tag }), CallEnd::Done);
    assert_eq!(lab.ask(1, Ask::Cancel { tag }), CallEnd::Done);
    lab.settle(1, None, Settle::Ack);
    lab.millis(100);
    assert_eq!(lab.processed(1), [(1, false)]);
    assert_eq!(lab.drain(0, "q"), [2]);
}

#[test]
fn a_silent_client_is_dropped_after_nearly_three_intervals() {
    let mut beating = at(N[1]);
    beating.heartbeat = Span::secs(2);
    let clients = [at(N[0]), beating];
    let mut lab = with_queue(Version::V4_3, &clients);
    lab.publish(0, &[1], to("q"));
    assert_eq!(lab.consume(1, "q", false), CallEnd::Done);
    lab.run(Span::secs(30));
    assert_eq!(lab.processed(1).len(), 1);
    assert!(!lab.lost(1), "heartbeats keep it alive");
    lab.act(Act::Freeze(Lab::seat(1)));
    lab.millis(3900);
    assert!(lab.drain(0, "q").is_empty());
    lab.millis(2200);
    assert_eq!(lab.drain(0, "q"), [1]);
}

#[test]
fn an_alarm_stops_who_publishes_and_nobody_else() {
    let clients = [at(N[0]).confirms(), at(N[2])];
    let mut lab = with_queue(Version::V4_3, &clients);
    assert_eq!(lab.consume(1, "q", false), CallEnd::Done);
    lab.ctl(N[1], Ctl::MemoryAlarm(true));
    lab.millis(100);
    lab.publish(0, &[1, 2], to("q"));
    lab.millis(1000);
    assert!(lab.acked(0).is_empty(), "not even the first is read whole");
    assert!(lab.heard(0).contains(&Fact::Blocked(true)));
    assert!(!lab.heard(1).contains(&Fact::Blocked(true)));
    lab.ctl(N[1], Ctl::MemoryAlarm(false));
    lab.millis(1000);
    assert_eq!(lab.acked(0), [1, 2]);
    assert!(lab.heard(0).contains(&Fact::Blocked(false)));
}

#[test]
fn a_node_that_does_not_run_refuses() {
    let mut lab = with_queue(Version::V4_3, &[at(N[0]), at(N[2])]);
    lab.act(Act::Crash(N[2]));
    lab.millis(100);
    assert!(lab.lost(1));
    assert_eq!(lab.connect(1), CallEnd::Refused);
    lab.act(Act::Start(N[2]));
    lab.millis(500);
    assert_eq!(lab.connect(1), CallEnd::Refused);
    lab.run(Span::secs(15));
    assert_eq!(lab.connect(1), CallEnd::Done);
}

#[test]
fn a_late_acknowledgement_closes_the_channel_up_to_4_2() {
    for version in [Version::V3_10, Version::V4_2, Version::V4_3] {
        let clients = [at(N[0]).confirms(), at(N[0]), at(N[0])];
        let mut lab = Lab::with(version, 1, &clients, |params| {
            params.node.consumer_timeout = 5000;
            params.channel.channel_tick_interval = 2000;
        });
        assert_eq!(lab.declare(0, queue("q")), CallEnd::Done);
        lab.publish(0, &[1], to("q"));
        assert_eq!(lab.consume(1, "q", false), CallEnd::Done);
        lab.run(Span::secs(4));
        assert!(lab.errors(1).is_empty(), "{version:?}");
        lab.run(Span::secs(4));
        if version < Version::V4_3 {
            let words = "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout \
                         value used: 5000 ms. This timeout value can be configured, see consumers doc guide \
                         to learn more";
            assert_eq!(lab.errors(1), [(406, words.to_owned())], "{version:?}");
            assert_eq!(lab.drain(2, "q"), [1]);
        } else {
            assert!(lab.errors(1).is_empty());
        }
    }
}
