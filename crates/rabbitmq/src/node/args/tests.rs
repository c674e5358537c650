use super::*;
use crate::ids::{Name, Part};
use crate::system::lab;
use std::sync::Arc;

fn declare(arguments: &[(&str, Value)]) -> QueueDeclare {
    let arguments = arguments.iter().map(|(k, v)| ((*k).into(), v.clone()));
    QueueDeclare {
        queue: Name(1),
        passive: false,
        durable: true,
        exclusive: false,
        auto_delete: false,
        arguments: Arc::new(arguments.collect()),
    }
}

fn text(value: &str) -> Value {
    Value::Str(value.into())
}

fn refusal(declare: &QueueDeclare) -> Option<String> {
    let settings = lab::settings(&["q"]);
    new_queue(&settings, "q", declare)
        .err()
        .map(|reply| format!("{} {}", reply.code.number(), reply.text))
}

#[test]
fn values_that_are_not_possible() {
    for (arguments, words) in [
        (
            vec![("x-max-length", Value::Int(-5))],
            "'x-max-length' for queue 'q' in vhost '/': {value_negative,-5}",
        ),
        (
            vec![("x-expires", Value::Int(0))],
            "'x-expires' for queue 'q' in vhost '/': {value_zero,0}",
        ),
        (
            vec![("x-message-ttl", Value::Int(MAX_EXPIRY + 1))],
            "'x-message-ttl' for queue 'q' in vhost '/': {value_too_large,315360000001}",
        ),
        (
            vec![("x-max-priority", Value::Int(256))],
            "'x-max-priority' for queue 'q' in vhost '/': {max_value_exceeded,256}",
        ),
        (
            vec![("x-overflow", text("drop"))],
            "'x-overflow' for queue 'q' in vhost '/': invalid_overflow",
        ),
        (
            vec![("x-dead-letter-routing-key", text("k"))],
            "'x-dead-letter-routing-key' for queue 'q' in vhost '/': routing_key_but_no_dlx_defined",
        ),
        (
            vec![("x-queue-version", Value::Int(1))],
            "'x-queue-version' for queue 'q' in vhost '/': \"unsupported queue version '1'\"",
        ),
        (
            vec![("x-queue-type", text("fake"))],
            "'x-queue-type' for queue 'q' in vhost '/': \"unsupported queue type 'fake'\"",
        ),
        (
            vec![
                ("x-queue-type", text("quorum")),
                ("x-max-priority", Value::Int(5)),
            ],
            "'x-max-priority' for queue 'q' in vhost '/' of queue type rabbit_quorum_queue",
        ),
        (
            vec![("x-delivery-limit", Value::Int(5))],
            "'x-delivery-limit' for queue 'q' in vhost '/' of queue type rabbit_classic_queue",
        ),
        (
            vec![("x-queue-type", text("stream")), ("x-max-age", text("7W"))],
            "'x-max-age' for queue 'q' in vhost '/': invalid_max_age",
        ),
    ] {
        let expected = format!("406 PRECONDITION_FAILED - invalid arg {words}");
        assert_eq!(refusal(&declare(&arguments)), Some(expected));
    }
    assert_eq!(
        refusal(&declare(&[
            ("x-anything", Value::Int(1)),
            ("x-expires", Value::Int(1))
        ])),
        None
    );
}

#[test]
fn properties_of_replicated_queues() {
    let quorum = declare(&[("x-queue-type", text("quorum"))]);
    assert_eq!(refusal(&quorum), None);
    let words = |property: &str| {
        Some(format!(
            "406 PRECONDITION_FAILED - invalid property '{property}' for queue 'q' in vhost '/'"
        ))
    };
    let transient = QueueDeclare {
        durable: false,
        ..quorum.clone()
    };
    assert_eq!(refusal(&transient), words("non-durable"));
    let exclusive = QueueDeclare {
        exclusive: true,
        ..quorum.clone()
    };
    assert_eq!(refusal(&exclusive), words("exclusive-owner"));
    let auto = QueueDeclare {
        auto_delete: true,
        ..quorum
    };
    assert_eq!(refusal(&auto), words("auto-delete"));
}

#[test]
fn transient_queues_can_be_forbidden() {
    let mut settings = lab::settings(&["q"]);
    let transient = QueueDeclare {
        durable: false,
        ..declare(&[])
    };
    let code = |settings: &Settings, declare: &QueueDeclare| {
        let refused = new_queue(settings, "q", declare).err();
        refused.map(|reply| reply.code.number())
    };
    assert_eq!(code(&settings, &transient), None, "4.3 permits them");
    let mut node = (*settings.node).clone();
    node.deny_transient_nonexcl = true;
    settings.node = Arc::new(node);
    assert_eq!(code(&settings, &transient), Some(541));
    let exclusive = QueueDeclare {
        exclusive: true,
        ..transient
    };
    assert_eq!(code(&settings, &exclusive), None);
}

#[test]
fn expirations() {
    assert_eq!(expiration("0"), Ok(0));
    for (text, why) in [
        ("", "no_integer"),
        ("x", "no_integer"),
        ("1s", "{leftover_string,\"s\"}"),
        ("-1", "{value_negative,-1}"),
        ("315360000001", "{value_too_large,315360000001}"),
    ] {
        let expected = format!("PRECONDITION_FAILED - invalid expiration '{text}': {why}");
        assert_eq!(&*expiration(text).expect_err(text).text, expected);
    }
}

#[test]
fn declaring_again() {
    let mut queue = lab::queue(Name(1));
    queue.arguments = Arc::new([("x-max-length".into(), Value::Int(5))].into());
    let me = Pid::named(ackscope_kernel::SeatId(0), Part::Connection(1));
    let check = |declare: &QueueDeclare, queue: &QueueRecord| {
        queue_equivalent(queue, "q", declare, me)
            .map_err(|reply| (reply.code.number(), reply.text.to_string()))
    };
    let same = declare(&[("x-max-length", Value::Int(5)), ("x-other", Value::Int(1))]);
    assert_eq!(check(&same, &queue), Ok(()));
    let refused = |words: &str| {
        Err((
            406,
            format!("PRECONDITION_FAILED - inequivalent arg {words}"),
        ))
    };
    assert_eq!(
        check(&declare(&[]), &queue),
        refused(
            "'x-max-length' for queue 'q' in vhost '/': received none but current is the value '5' of type 'signedint'"
        )
    );
    assert_eq!(
        check(&declare(&[("x-max-length", Value::Int(6))]), &queue),
        refused("'x-max-length' for queue 'q' in vhost '/': received '6' but current is '5'")
    );
    let transient = QueueDeclare {
        durable: false,
        ..same.clone()
    };
    assert_eq!(
        check(&transient, &queue),
        refused("'durable' for queue 'q' in vhost '/': received 'false' but current is 'true'")
    );
    let typed = declare(&[
        ("x-max-length", Value::Int(5)),
        ("x-queue-type", text("classic")),
    ]);
    assert_eq!(check(&typed, &queue), Ok(()));
    let exclusive = QueueDeclare {
        exclusive: true,
        ..same.clone()
    };
    assert_eq!(
        check(&exclusive, &queue).map_err(|(code, _)| code),
        Err(405)
    );
    queue.exclusive = Some(me);
    assert_eq!(check(&same, &queue).map_err(|(code, _)| code), Err(405));
    assert_eq!(check(&exclusive, &queue), Ok(()));
}
