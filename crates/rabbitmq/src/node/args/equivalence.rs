//! Whether what is declared again is the same.

use super::checks::type_name;
use super::{exchange_text, exclusive_access, precondition, queue_text};
use crate::amqp::{ExchangeDeclare, ExchangeKind, QueueDeclare};
use crate::ids::Pid;
use crate::message::{Table, Value};
use crate::node::image::{Exchange, QueueKind, QueueRecord};
use crate::reply::Reply;

/// The arguments that are compared when a queue is declared again: those that its type takes. Others are not
/// looked at (`rabbit_amqqueue:assert_args_equivalence`).
const COMPARED: &[&str] = &[
    "x-expires",
    "x-message-ttl",
    "x-dead-letter-exchange",
    "x-dead-letter-routing-key",
    "x-dead-letter-strategy",
    "x-delivery-limit",
    "x-max-length",
    "x-max-length-bytes",
    "x-max-in-memory-length",
    "x-max-in-memory-bytes",
    "x-max-priority",
    "x-overflow",
    "x-queue-mode",
    "x-queue-version",
    "x-single-active-consumer",
    "x-max-age",
    "x-stream-max-segment-size-bytes",
    "x-stream-filter-size-bytes",
    "x-initial-cluster-size",
    "x-quorum-initial-group-size",
    "x-queue-leader-locator",
];

/// A declaration of a queue that is there must be equivalent to the first one.
///
/// # Errors
/// 405, 406.
pub fn queue_equivalent(
    queue: &QueueRecord,
    name: &str,
    declare: &QueueDeclare,
    connection: Pid,
) -> Result<(), Reply> {
    let owner = declare.exclusive.then_some(connection);
    exclusive_access(queue, name, owner, true)?;
    let text = queue_text(name);
    field("durable", &text, declare.durable, queue.durable)?;
    field("auto_delete", &text, declare.auto_delete, queue.auto_delete)?;
    same_type(queue, declare, &text)?;
    for key in COMPARED {
        argument(key, &text, &declare.arguments, &queue.arguments)?;
    }
    Ok(())
}

/// A missing `x-queue-type` is classic.
fn same_type(queue: &QueueRecord, declare: &QueueDeclare, text: &str) -> Result<(), Reply> {
    let key = "x-queue-type";
    let current = match queue.kind {
        QueueKind::Classic => "classic",
        QueueKind::Quorum => "quorum",
        QueueKind::Stream => "stream",
    };
    let received = match declare.arguments.get(key) {
        Some(Value::Str(name)) => name,
        _ => "classic",
    };
    if received == current {
        return Ok(());
    }
    let received = declare.arguments.get(key);
    let current = queue.arguments.get(key);
    Err(inequivalent(key, text, &shown(received), &shown(current)))
}

/// A declaration of an exchange that is there must be equivalent to the first one.
///
/// # Errors
/// 406.
pub fn exchange_equivalent(
    exchange: &Exchange,
    name: &str,
    declare: &ExchangeDeclare,
    kind: ExchangeKind,
) -> Result<(), Reply> {
    let text = exchange_text(name);
    if kind != exchange.kind {
        let (received, current) = (kind_name(kind), kind_name(exchange.kind));
        return Err(inequivalent(
            "type",
            &text,
            &format!("'{received}'"),
            &format!("'{current}'"),
        ));
    }
    field("durable", &text, declare.durable, exchange.durable)?;
    field(
        "auto_delete",
        &text,
        declare.auto_delete,
        exchange.auto_delete,
    )?;
    field("internal", &text, declare.internal, exchange.internal)?;
    argument(
        "alternate-exchange",
        &text,
        &declare.arguments,
        &exchange.arguments,
    )
}

fn kind_name(kind: ExchangeKind) -> &'static str {
    match kind {
        ExchangeKind::Direct => "direct",
        ExchangeKind::Fanout => "fanout",
        ExchangeKind::Topic => "topic",
        ExchangeKind::Headers => "headers",
    }
}

fn field(key: &str, text: &str, received: bool, current: bool) -> Result<(), Reply> {
    if received == current {
        return Ok(());
    }
    let (received, current) = (format!("'{received}'"), format!("'{current}'"));
    Err(inequivalent(key, text, &received, &current))
}

fn argument(key: &str, text: &str, received: &Table, current: &Table) -> Result<(), Reply> {
    let (received, current) = (received.get(key), current.get(key));
    if received == current {
        return Ok(());
    }
    let both = received.is_some() && current.is_some();
    let show = |value: Option<&Value>| {
        if both {
            format!("'{}'", value.map(plain).unwrap_or_default())
        } else {
            shown(value)
        }
    };
    Err(inequivalent(key, text, &show(received), &show(current)))
}

fn inequivalent(key: &str, text: &str, received: &str, current: &str) -> Reply {
    precondition(format!(
        "inequivalent arg '{key}' for {text}: received {received} but current is {current}"
    ))
}

/// `rabbit_misc:val`.
fn shown(value: Option<&Value>) -> String {
    match value {
        None => "none".into(),
        Some(value) => format!(
            "the value '{}' of type '{}'",
            plain(value),
            type_name(value)
        ),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Int(number) => number.to_string(),
        Value::Str(text) => text.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Time(seconds) => seconds.to_string(),
        Value::List(values) => {
            let values: Vec<String> = values.iter().map(plain).collect();
            format!("[{}]", values.join(","))
        }
    }
}
