//! A classic queue as publishers, consumers and failures see it.

use super::lab::{Lab, QUEUE, channel, message, record};
use super::{ClassicQueue, Phase, ToQueue};
use crate::message::{DeathReason, Value};
use crate::node::image::{MetaCommand, QueueState};
use crate::reply::Code;
use crate::signal::{Answer, DownWhy, Settle};
use crate::system::Version;
use ackscope_kernel::Span;

const NEW: Version = Version::V4_3;
const OLD: Version = Version::V3_10;

fn ms(ms: i64) -> Span {
    Span::ms(ms)
}

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

// ---- storage and confirms ----

#[test]
fn a_persistent_message_is_confirmed_after_its_write_and_survives_a_kill_but_not_a_power_loss() {
    let mut lab = Lab::new(NEW, &[]);
    lab.publish(1, Some(1));
    assert!(lab.confirms().is_empty());
    lab.wait(ms(5));
    assert_eq!(lab.confirms(), ["+1"]);
    lab.kill();
    assert_eq!(lab.ready(), ["1*"]);
    lab.lose_power();
    assert!(lab.ready().is_empty());
}

#[test]
fn version_1_confirms_only_what_is_on_the_medium() {
    let mut lab = Lab::new(OLD, &[]);
    lab.publish(1, Some(1));
    lab.wait(ms(5));
    assert_eq!(lab.confirms(), ["+1"]);
    lab.lose_power();
    assert_eq!(lab.ready(), ["1*"]);
}

#[test]
fn without_confirms_500_ms_are_not_enough_in_version_2_and_are_in_version_1() {
    for (version, kept) in [(NEW, false), (OLD, true)] {
        let mut lab = Lab::new(version, &[]);
        lab.publish(1, None);
        lab.wait(ms(500));
        lab.kill();
        assert_eq!(!lab.ready().is_empty(), kept, "{version:?}");
    }
    let mut lab = Lab::new(NEW, &[]);
    lab.publish(1, None);
    lab.wait(ms(2100));
    lab.kill();
    assert_eq!(lab.ready(), ["1*"]);
}

#[test]
fn a_steady_stream_without_confirms_is_never_written() {
    for version in [OLD, NEW] {
        let mut lab = Lab::new(version, &[]);
        for number in 1..=1000 {
            lab.publish(number, None);
            lab.wait(ms(1));
        }
        lab.kill();
        assert!(lab.ready().is_empty(), "{version:?}");
    }
}

#[test]
fn a_full_index_buffer_is_written() {
    let mut lab = Lab::new(NEW, &[]);
    for number in 1..=5000 {
        lab.publish(number, None);
    }
    lab.kill();
    assert_eq!(lab.ready().len(), 4096);
}

#[test]
fn an_ack_of_500_ms_ago_is_forgotten_by_version_2_and_remembered_by_version_1() {
    for (version, back) in [(NEW, vec!["1*", "2*"]), (OLD, vec!["2*"])] {
        let mut lab = Lab::new(version, &[]);
        lab.consume(1, false, 0, false);
        lab.publish(1, Some(1));
        lab.publish(2, Some(2));
        lab.wait(ms(20));
        assert_eq!(lab.confirms(), ["+1", "+2"]);
        lab.settle(1, &[0], Settle::Ack);
        lab.wait(ms(500));
        lab.kill();
        assert_eq!(lab.ready(), back, "{version:?}");
    }
}

#[test]
fn a_stop_in_order_keeps_what_is_persistent_as_it_was() {
    let mut lab = Lab::new(NEW, &[]);
    lab.publish(1, None);
    let mut transient = message(2);
    transient.persistent = false;
    lab.send(transient, Some(1));
    assert_eq!(lab.confirms(), ["+1"]);
    lab.publish(3, None);
    lab.consume(1, false, 1, false);
    assert_eq!(lab.delivered(1), ["1"]);
    lab.restart();
    assert_eq!(lab.ready(), ["1*", "3"]);
    let state = lab
        .around
        .meta
        .iter()
        .find_map(|(command, _)| match command {
            MetaCommand::UpdateQueue(record) => Some(record.state),
            _ => None,
        });
    assert_eq!(state, Some(QueueState::Stopped));
    // A kill afterwards is no stop in order.
    lab.kill();
    assert_eq!(lab.ready(), ["1*", "3*"]);
}

#[test]
fn a_transient_queue_confirms_at_once_and_is_gone_with_its_node() {
    let mut record = record(&[]);
    record.durable = false;
    let mut lab = Lab::of(NEW, record);
    lab.publish(1, Some(1));
    assert_eq!(lab.confirms(), ["+1"]);
    lab.kill();
    assert_eq!(lab.around.meta.len(), 1);
    assert!(matches!(
        lab.around.meta[0].0,
        MetaCommand::DeleteQueue(QUEUE)
    ));
}

#[test]
fn a_large_body_without_its_index_entry_or_the_other_way_round_is_no_message() {
    let mut lab = Lab::new(NEW, &[]);
    let mut large = message(1);
    large.size = 5000;
    lab.send(large, Some(1));
    lab.publish(2, Some(2));
    lab.wait(ms(5));
    // The operating system wrote back the index and not the bodies.
    let index = crate::records::FileName::Index(crate::ids::Part::Queue(QUEUE));
    let paper = lab.around.files.get_mut(&index).unwrap();
    paper.synced = 2;
    lab.lose_power();
    assert_eq!(lab.ready(), ["2*"]);
}

#[test]
fn the_files_do_not_grow_for_ever() {
    let mut lab = Lab::new(OLD, &[]);
    lab.consume(1, true, 0, false);
    lab.consume(2, false, 0, false);
    for number in 1..=2000_u32 {
        lab.publish(number, Some(u64::from(number)));
        lab.wait(ms(300));
        let ids: Vec<u64> = lab.queue.consumers().unacked_of(channel(2)).collect();
        lab.settle(2, &ids, Settle::Ack);
        lab.tell(channel(1), ToQueue::Sent(1));
        lab.tell(channel(2), ToQueue::Sent(1));
    }
    lab.wait(ms(300));
    let records: usize = lab.around.files.values().map(|f| f.records.len()).sum();
    assert!(records < 400, "{records}");
    lab.kill();
    assert!(lab.ready().is_empty());
}

// ---- consumers ----

#[test]
fn an_auto_ack_consumer_gets_messages_that_are_never_stored() {
    let mut lab = Lab::new(NEW, &[]);
    lab.consume(1, true, 2, false);
    for number in 1..=4 {
        lab.publish(number, Some(u64::from(number)));
    }
    assert_eq!(lab.delivered(1), ["1", "2", "3", "4"]);
    assert_eq!(lab.confirms(), ["+1", "+2", "+3", "+4"]);
    assert_eq!(lab.queue.store().unacked(), 0);
    lab.wait(ms(3000));
    assert!(lab.around.files.is_empty());
}

#[test]
fn prefetch_limits_and_an_ack_makes_room() {
    let mut lab = Lab::new(NEW, &[]);
    for number in 1..=5 {
        lab.publish(number, None);
    }
    lab.consume(1, false, 2, false);
    assert_eq!(lab.delivered(1), ["1", "2"]);
    lab.settle(1, &[0], Settle::Ack);
    assert_eq!(lab.delivered(1), ["3"]);
    lab.queue.down(channel(1), DownWhy::Normal, &mut lab.around);
    assert_eq!(lab.ready(), ["2*", "3*", "4", "5"]);
}

#[test]
fn requeued_messages_take_their_old_places() {
    let mut lab = Lab::new(NEW, &[]);
    for number in 1..=6 {
        lab.publish(number, None);
    }
    lab.consume(1, false, 4, false);
    assert_eq!(lab.delivered(1), ["1", "2", "3", "4"]);
    lab.settle(1, &[2], Settle::Nack(true));
    assert_eq!(lab.delivered(1), ["3*"]);
    lab.settle(1, &[0], Settle::Nack(true));
    assert_eq!(lab.delivered(1), ["1*"]);
    lab.tell(
        channel(1),
        ToQueue::Cancel {
            tag: crate::ids::Name(1),
            token: 2,
        },
    );
    lab.settle(1, &[3, 1], Settle::Nack(true));
    assert_eq!(lab.ready(), ["2*", "4*", "5", "6"]);
    assert_eq!(lab.queue.store().unacked(), 2);
}

#[test]
fn a_second_consumer_beside_an_exclusive_one_is_refused() {
    let mut lab = Lab::new(NEW, &[]);
    lab.consume(1, false, 0, true);
    lab.consume(2, false, 0, false);
    let answers = lab.answers();
    assert!(matches!(answers[0], Answer::Done { .. }));
    let Answer::Refused(reply) = &answers[1] else {
        panic!("{answers:?}");
    };
    assert_eq!(reply.code, Code::AccessRefused);
    assert_eq!(&*reply.text, "queue 'q' in vhost '/' in exclusive use");
    // Nobody takes over.
    lab.queue.down(channel(1), DownWhy::Normal, &mut lab.around);
    lab.publish(1, None);
    assert_eq!(lab.ready(), ["1"]);
    lab.consume(2, false, 0, false);
    assert_eq!(lab.delivered(2), ["1"]);
}

#[test]
fn the_next_single_active_consumer_gets_what_the_dead_one_left_in_order() {
    let mut lab = Lab::new(NEW, &[("x-single-active-consumer", Value::Bool(true))]);
    lab.consume(1, false, 0, false);
    lab.consume(2, false, 0, false);
    for number in 1..=3 {
        lab.publish(number, None);
    }
    assert_eq!(lab.delivered(1), ["1", "2", "3"]);
    lab.settle(1, &[0], Settle::Ack);
    lab.queue.down(channel(1), DownWhy::Normal, &mut lab.around);
    assert_eq!(lab.delivered(2), ["2*", "3*"]);
    lab.publish(4, None);
    assert_eq!(lab.delivered(2), ["4"]);
}

#[test]
fn a_single_active_consumer_that_cancels_is_followed_at_once_since_4_0() {
    for version in [NEW, OLD] {
        let mut lab = Lab::new(version, &[("x-single-active-consumer", Value::Bool(true))]);
        lab.consume(1, false, 2, false);
        lab.consume(2, false, 2, false);
        for number in 1..=4 {
            lab.publish(number, Some(u64::from(number)));
        }
        lab.wait(ms(20));
        lab.confirms();
        assert_eq!(lab.delivered(1), ["1", "2"]);
        let tag = crate::ids::Name(1);
        lab.tell(channel(1), ToQueue::Cancel { tag, token: 2 });
        if version == NEW {
            assert_eq!(lab.delivered(2), ["3", "4"]);
            assert_eq!(lab.queue.store().unacked(), 4);
            continue;
        }
        // 3.10: nothing until something else happens, and a publish crashes the process.
        assert!(lab.delivered(2).is_empty());
        lab.publish(5, Some(5));
        assert_eq!(lab.around.ended, Some(DownWhy::Crashed));
        assert!(lab.confirms().is_empty());
        lab.queue = lab.around.restarted.take().unwrap();
        lab.tell(channel(0), ToQueue::Begin);
        assert_eq!(lab.ready(), ["1*", "2*", "3*", "4*"]);
    }
}

#[test]
fn a_late_settlement_of_a_channel_that_was_given_up_does_nothing() {
    let mut lab = Lab::new(NEW, &[]);
    lab.publish(1, None);
    lab.consume(1, false, 0, false);
    lab.queue.down(channel(1), DownWhy::Normal, &mut lab.around);
    lab.consume(2, false, 0, false);
    lab.settle(1, &[0], Settle::Ack);
    assert_eq!(lab.queue.store().unacked(), 1);
}

// ---- limits ----

#[test]
fn over_its_limit_a_queue_drops_its_head_though_that_was_confirmed() {
    let args = [
        ("x-max-length", Value::Int(3)),
        ("x-dead-letter-exchange", text("")),
        ("x-dead-letter-routing-key", text("dlq")),
    ];
    let mut lab = Lab::new(NEW, &args);
    for number in 1..=5 {
        lab.publish(number, Some(u64::from(number)));
    }
    lab.wait(ms(5));
    assert_eq!(lab.confirms().len(), 5);
    assert_eq!(lab.ready(), ["3", "4", "5"]);
    let dead: Vec<u32> = lab.around.published.iter().map(|m| m.key.number).collect();
    assert_eq!(dead, [1, 2]);
    assert_eq!(
        lab.around.published[0].deaths[0].reason,
        DeathReason::MaxLen
    );
}

#[test]
fn reject_publish_is_exact_and_counts_only_what_is_ready() {
    let args = [
        ("x-max-length", Value::Int(1)),
        ("x-overflow", text("reject-publish")),
    ];
    let mut lab = Lab::new(NEW, &args);
    lab.publish(1, Some(1));
    lab.publish(2, Some(2));
    assert_eq!(lab.confirms(), ["-2"]);
    lab.wait(ms(5));
    assert_eq!(lab.confirms(), ["+1"]);
    lab.consume(1, false, 1, false);
    lab.publish(3, Some(3));
    lab.wait(ms(5));
    assert_eq!(lab.confirms(), ["+3"]);
    // A requeue may exceed the limit.
    lab.settle(1, &[0], Settle::Nack(true));
    lab.queue.down(channel(1), DownWhy::Normal, &mut lab.around);
    assert_eq!(lab.ready(), ["1*", "3"]);
}

#[test]
fn reject_publish_dlx_refuses_and_dead_letters() {
    let args = [
        ("x-max-length-bytes", Value::Int(150)),
        ("x-overflow", text("reject-publish-dlx")),
        ("x-dead-letter-exchange", text("")),
    ];
    let mut lab = Lab::new(NEW, &args);
    lab.publish(1, Some(1));
    lab.publish(2, Some(2));
    assert_eq!(lab.confirms(), ["-2"]);
    assert_eq!(lab.around.published.len(), 1);
    assert_eq!(lab.around.published[0].key.number, 2);
}

#[test]
fn requeued_messages_over_the_limit_are_the_ones_that_are_dropped() {
    let mut lab = Lab::new(NEW, &[("x-max-length", Value::Int(3))]);
    for number in 1..=3 {
        lab.publish(number, None);
    }
    lab.consume(1, false, 3, false);
    for number in 4..=6 {
        lab.publish(number, None);
    }
    assert_eq!(lab.queue.store().len(), 3);
    lab.queue.down(channel(1), DownWhy::Normal, &mut lab.around);
    assert_eq!(lab.ready(), ["4", "5", "6"]);
}

// ---- time to live ----

#[test]
fn a_queue_ttl_takes_effect_at_the_head_in_order() {
    let args = [
        ("x-message-ttl", Value::Int(500)),
        ("x-dead-letter-exchange", text("")),
    ];
    let mut lab = Lab::new(NEW, &args);
    lab.publish(1, None);
    lab.wait(ms(100));
    lab.publish(2, None);
    lab.wait(ms(450));
    assert_eq!(lab.ready(), ["2"]);
    lab.wait(ms(100));
    assert!(lab.ready().is_empty());
    let dead: Vec<u32> = lab.around.published.iter().map(|m| m.key.number).collect();
    assert_eq!(dead, [1, 2]);
}

#[test]
fn an_expired_message_behind_one_that_lives_waits_for_the_head() {
    let mut lab = Lab::new(NEW, &[("x-dead-letter-exchange", text(""))]);
    let mut long = message(1);
    long.expiration = Some("60000".into());
    let mut short = message(2);
    short.expiration = Some("200".into());
    lab.send(long, None);
    lab.send(short, None);
    lab.wait(ms(1000));
    assert_eq!(lab.ready(), ["1", "2"]);
    lab.consume(1, false, 1, false);
    assert_eq!(lab.delivered(1), ["1"]);
    assert!(lab.ready().is_empty());
    assert_eq!(lab.around.published.len(), 1);
}

#[test]
fn an_unsettled_message_expires_when_it_is_requeued() {
    let mut lab = Lab::new(NEW, &[("x-message-ttl", Value::Int(600))]);
    lab.consume(1, false, 1, false);
    lab.publish(1, None);
    lab.wait(ms(1200));
    assert_eq!(lab.queue.store().unacked(), 1);
    lab.settle(1, &[0], Settle::Nack(true));
    assert!(lab.ready().is_empty());
    assert_eq!(lab.queue.store().unacked(), 0);
}

#[test]
fn with_a_ttl_of_zero_only_a_waiting_consumer_gets_a_message() {
    let mut lab = Lab::new(NEW, &[("x-message-ttl", Value::Int(0))]);
    lab.publish(1, Some(1));
    assert_eq!(lab.confirms(), ["+1"]);
    assert!(lab.ready().is_empty());
    lab.consume(1, false, 1, false);
    lab.publish(2, Some(2));
    assert_eq!(lab.delivered(1), ["2"]);
}

#[test]
fn an_unused_queue_expires_without_dead_letters() {
    let args = [
        ("x-expires", Value::Int(1000)),
        ("x-dead-letter-exchange", text("")),
    ];
    let mut lab = Lab::new(NEW, &args);
    lab.publish(1, None);
    lab.wait(ms(800));
    lab.tell(channel(1), ToQueue::Stat { token: 1 });
    lab.wait(ms(800));
    assert_eq!(lab.queue.phase(), Phase::Live);
    lab.wait(ms(300));
    assert!(matches!(lab.queue.phase(), Phase::Deleting { .. }));
    assert!(lab.around.published.is_empty());
}

// ---- dead letters, priorities ----

#[test]
fn rejected_messages_are_dead_lettered_in_order_and_dropped_without_an_exchange() {
    let mut lab = Lab::new(NEW, &[("x-dead-letter-exchange", text(""))]);
    for number in 1..=4 {
        lab.publish(number, None);
    }
    lab.consume(1, false, 0, false);
    lab.settle(1, &[0, 1, 2], Settle::Nack(false));
    let dead: Vec<u32> = lab.around.published.iter().map(|m| m.key.number).collect();
    assert_eq!(dead, [1, 2, 3]);
    assert_eq!(lab.queue.store().unacked(), 1);

    let mut lab = Lab::new(NEW, &[("x-dead-letter-exchange", text("missing"))]);
    lab.publish(1, None);
    lab.consume(1, false, 0, false);
    lab.settle(1, &[0], Settle::Reject(false));
    assert!(lab.around.published.is_empty());
    assert_eq!(lab.queue.store().unacked(), 0);
}

#[test]
fn the_highest_priority_goes_first() {
    let mut lab = Lab::new(NEW, &[("x-max-priority", Value::Int(10))]);
    for (number, priority) in [
        (1, Some(0)),
        (2, None),
        (3, Some(4)),
        (4, Some(5)),
        (5, Some(31)),
    ] {
        let mut message = message(number);
        message.priority = priority;
        lab.send(message, None);
    }
    assert_eq!(lab.ready(), ["5", "4", "3", "1", "2"]);
}

// ---- life ----

#[test]
fn a_deleted_queue_destroys_its_messages_even_if_its_record_stays() {
    let mut lab = Lab::new(NEW, &[]);
    lab.publish(1, Some(1));
    lab.wait(ms(5));
    let delete = |if_unused, if_empty| ToQueue::Delete {
        if_unused,
        if_empty,
        token: 3,
    };
    lab.tell(channel(1), delete(false, true));
    lab.consume(2, false, 1, false);
    lab.tell(channel(1), delete(true, false));
    let answers = lab.answers();
    assert!(matches!(&answers[0], Answer::Refused(r) if r.text.contains("not empty")));
    assert!(matches!(&answers[2], Answer::Refused(r) if r.text.contains("in use")));
    lab.tell(channel(1), delete(false, false));
    assert!(lab.around.files.is_empty());
    assert!(lab.answers().is_empty());
    let timeout = Err(crate::node::image::MetaError::Timeout);
    lab.queue.meta_done(1, timeout, &mut lab.around);
    let answers = lab.answers();
    assert!(matches!(&answers[0], Answer::Refused(r) if r.code == Code::InternalError));
    assert_eq!(lab.around.ended, Some(DownWhy::Normal));
}

#[test]
fn an_auto_delete_queue_goes_with_its_last_consumer() {
    let mut record = record(&[]);
    record.auto_delete = true;
    let mut lab = Lab::of(NEW, record);
    lab.consume(1, false, 0, false);
    lab.consume(2, false, 0, false);
    lab.queue.down(channel(1), DownWhy::Normal, &mut lab.around);
    assert_eq!(lab.queue.phase(), Phase::Live);
    lab.queue.down(channel(2), DownWhy::Normal, &mut lab.around);
    assert!(matches!(lab.queue.phase(), Phase::Deleting { .. }));
}

#[test]
fn an_exclusive_queue_goes_with_its_connection() {
    let owner = channel(4);
    let mut record = record(&[]);
    record.exclusive = Some(owner);
    let mut lab = Lab::of(NEW, record);
    assert_eq!(lab.around.watched, [owner]);
    lab.publish(1, None);
    lab.queue.down(owner, DownWhy::Normal, &mut lab.around);
    assert!(matches!(lab.queue.phase(), Phase::Deleting { .. }));
}

#[test]
fn a_process_that_crashes_too_often_is_given_up() {
    let mut lab = Lab::new(NEW, &[]);
    lab.publish(1, Some(1));
    lab.wait(ms(5));
    lab.publish(2, None);
    for crash in 1..=6 {
        lab.tell(channel(0), ToQueue::Crash);
        let restarted: Option<ClassicQueue> = lab.around.restarted.take();
        assert_eq!(restarted.is_some(), crash <= 5, "crash {crash}");
        if let Some(queue) = restarted {
            lab.queue = queue;
            lab.tell(channel(0), ToQueue::Begin);
            assert_eq!(lab.ready(), ["1*"]);
        }
        lab.wait(ms(100));
    }
    let given_up = lab.around.meta.iter().any(|(command, _)| {
        matches!(command, MetaCommand::UpdateQueue(r) if r.state == QueueState::Crashed)
    });
    assert!(given_up);
}
