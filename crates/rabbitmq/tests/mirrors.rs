//! Mirrored classic queues, as recorded on a real cluster of 3.10.8.

mod lab;

use ackscope_kernel::{Act, SeatId};
use ackscope_rabbitmq::client::Ask;
use ackscope_rabbitmq::facts::{CallEnd, Fact};
use ackscope_rabbitmq::message::{Table, Value};
use ackscope_rabbitmq::node::image::{AppliesTo, Policy};
use ackscope_rabbitmq::system::{Ctl, Version};
use lab::{Lab, N, at, name, queue, to};
use std::sync::Arc;

/// Sets a policy of mirroring to all nodes.
fn mirror(lab: &mut Lab, more: &[(&str, &str)]) {
    let mut definition: Table = [("ha-mode".into(), Value::Str("all".into()))].into();
    for (key, value) in more {
        definition.insert((*key).into(), Value::Str((*value).into()));
    }
    let policy = Policy {
        name: name("p"),
        pattern: "^q$".into(),
        applies_to: AppliesTo::Queues,
        priority: 0,
        definition: Arc::new(definition),
        operator: false,
    };
    lab.ctl(N[0], Ctl::SetPolicy(policy));
    lab.millis(1000);
}

/// The node of the master, those with a mirror, and those that are synchronised, as this node knows.
fn seen_by(lab: &Lab, node: SeatId) -> (SeatId, Vec<SeatId>, Vec<SeatId>) {
    let image = lab.node(node).expect("a node").image();
    let record = image.queues.get(&name("q")).expect("the queue");
    let mut members = vec![record.pid.node];
    members.extend(record.mirrors.iter().map(|(pid, _)| pid.node));
    let mut online = vec![record.pid.node];
    let synced = record.mirrors.iter().filter(|(_, synced)| *synced);
    online.extend(synced.map(|(pid, _)| pid.node));
    members.sort_unstable();
    online.sort_unstable();
    (record.pid.node, members, online)
}

fn drain(lab: &mut Lab, client: u16) -> Vec<String> {
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
    lab.drain(client, "q");
    read(lab).split_off(before)
}

fn start(lab: &mut Lab, node: usize) {
    lab.act(Act::Start(N[node]));
    lab.millis(8000);
}

/// A queue on n1; clients: a confirming publisher and two more on n2, one on n1.
fn lab() -> Lab {
    let clients = [at(N[1]).confirms(), at(N[1]), at(N[1]), at(N[0]).confirms()];
    let mut lab = Lab::new(Version::V3_10, 5, &clients);
    assert_eq!(lab.declare(3, queue("q")), CallEnd::Done);
    lab
}

#[test]
fn automatic_synchronisation_copies_old_messages() {
    let mut lab = lab();
    lab.publish(0, &[1, 2, 3], to("q"));
    lab.millis(200);
    mirror(&mut lab, &[("ha-sync-mode", "automatic")]);
    assert_eq!(seen_by(&lab, N[1]).2, N);
    lab.act(Act::Crash(N[0]));
    lab.millis(1500);
    assert_eq!(drain(&mut lab, 2), ["1*", "2*", "3*"]);
}

#[test]
fn a_stop_in_order_promotes_no_unsynchronised_mirror() {
    let mut lab = lab();
    lab.publish(0, &[1, 2, 3], to("q"));
    lab.millis(200);
    mirror(&mut lab, &[("ha-sync-mode", "manual")]);
    assert_eq!(seen_by(&lab, N[1]).1, N);
    assert_eq!(seen_by(&lab, N[1]).2, [N[0]]);
    lab.act(Act::Stop(N[0]));
    lab.millis(3500);
    let call = lab.begin(1, Ask::DeclareQueue(queue("q")));
    lab.millis(10_000);
    assert_eq!(lab.ended(call), None);
    start(&mut lab, 0);
    assert_eq!(lab.ended(call), Some(CallEnd::Done));
    assert_eq!(drain(&mut lab, 2), ["1", "2", "3"]);
    assert_eq!(seen_by(&lab, N[1]).1, N);
}

#[test]
fn an_unsynchronised_mirror_is_promoted_and_loses_what_it_never_had() {
    let mut lab = lab();
    lab.publish(0, &[1, 2, 3], to("q"));
    lab.millis(200);
    mirror(&mut lab, &[]);
    lab.publish(0, &[4], to("q"));
    lab.millis(200);
    assert_eq!(lab.acked(0), [1, 2, 3, 4]);
    assert_eq!(seen_by(&lab, N[1]).2, [N[0]]);
    lab.act(Act::Crash(N[0]));
    lab.millis(1500);
    let (master, members, online) = seen_by(&lab, N[1]);
    assert_ne!(master, N[0]);
    assert_eq!(members, [N[1], N[2]]);
    assert_eq!(online, [N[1], N[2]]);
    assert_eq!(drain(&mut lab, 2), ["4*"]);
    start(&mut lab, 0);
    assert!(drain(&mut lab, 2).is_empty());
    // The only copies of 1 to 3 were thrown away.
    let thrown = lab.heard_by_node(N[0]).into_iter().filter(|fact| {
        let why = ackscope_rabbitmq::facts::GoneWhy::MirrorReset;
        matches!(fact, Fact::Gone { why: w, .. } if *w == why)
    });
    assert_eq!(thrown.count(), 4);
}

#[test]
fn when_synced_the_queue_stays_down_and_loses_nothing() {
    let mut lab = lab();
    lab.publish(0, &[1, 2, 3], to("q"));
    lab.millis(200);
    mirror(&mut lab, &[("ha-promote-on-failure", "when-synced")]);
    lab.publish(0, &[4], to("q"));
    lab.millis(200);
    lab.act(Act::Crash(N[0]));
    lab.millis(1500);
    let call = lab.begin(1, Ask::DeclareQueue(queue("q")));
    lab.publish(0, &[5], to("q"));
    lab.millis(10_000);
    assert_eq!(lab.ended(call), None);
    assert_eq!(lab.acked(0), [1, 2, 3, 4]);
    assert_eq!(lab.nacked(0), [5]);
    start(&mut lab, 0);
    lab.millis(1000);
    assert_eq!(drain(&mut lab, 2), ["1*", "2*", "3*", "4*"]);
}
