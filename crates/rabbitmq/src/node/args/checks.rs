//! Types and values of arguments.

use super::{MAX_EXPIRY, module, precondition, queue_kind};
use crate::message::{Table, Value};
use crate::node::image::QueueKind;
use crate::reply::Reply;
use crate::system::Version;

/// A value check: what is wrong, as Erlang prints the error term.
type Check = fn(&Value, &Table, Version) -> Result<(), String>;

/// All arguments of queue.declare that any queue type knows, with their checks
/// (`rabbit_amqqueue:declare_args`).
const DECLARE: &[(&str, Check)] = &[
    ("x-expires", expires),
    ("x-message-ttl", ttl),
    ("x-dead-letter-exchange", dlx),
    ("x-dead-letter-routing-key", dlx_key),
    ("x-dead-letter-strategy", dlx_strategy),
    ("x-max-length", natural),
    ("x-max-length-bytes", natural),
    ("x-max-in-memory-length", natural),
    ("x-max-in-memory-bytes", natural),
    ("x-max-priority", max_priority),
    ("x-overflow", overflow),
    ("x-queue-mode", queue_mode),
    ("x-queue-version", queue_version),
    ("x-single-active-consumer", truth),
    ("x-max-age", max_age),
    ("x-stream-max-segment-size-bytes", segment_size),
    ("x-stream-filter-size-bytes", filter_size),
    ("x-initial-cluster-size", positive),
    ("x-quorum-initial-group-size", positive),
    ("x-quorum-target-group-size", positive),
    ("x-queue-leader-locator", leader_locator),
    ("x-delivery-limit", whole),
    ("x-consumer-timeout", positive),
    ("x-consumer-disconnected-timeout", natural),
    ("x-delayed-retry-type", delayed_retry_type),
    ("x-delayed-retry-min", delayed_retry_min),
    ("x-delayed-retry-max", positive),
];

/// What each type takes (`capabilities`, `queue_arguments`).
fn takes(kind: QueueKind, version: Version, key: &str) -> bool {
    let new = matches!(
        key,
        "x-quorum-target-group-size"
            | "x-consumer-disconnected-timeout"
            | "x-delayed-retry-type"
            | "x-delayed-retry-min"
            | "x-delayed-retry-max"
    );
    if new && version < Version::V4_0 {
        // Nobody knows them yet: they are kept and ignored.
        return true;
    }
    match kind {
        QueueKind::Classic => matches!(
            key,
            "x-expires"
                | "x-message-ttl"
                | "x-dead-letter-exchange"
                | "x-dead-letter-routing-key"
                | "x-max-length"
                | "x-max-length-bytes"
                | "x-max-priority"
                | "x-overflow"
                | "x-queue-mode"
                | "x-queue-version"
                | "x-single-active-consumer"
                | "x-queue-leader-locator"
                | "x-consumer-timeout"
        ),
        QueueKind::Quorum => !matches!(
            key,
            "x-max-priority"
                | "x-queue-mode"
                | "x-queue-version"
                | "x-max-age"
                | "x-stream-max-segment-size-bytes"
                | "x-stream-filter-size-bytes"
                | "x-initial-cluster-size"
        ),
        QueueKind::Stream => matches!(
            key,
            "x-max-length-bytes"
                | "x-max-age"
                | "x-stream-max-segment-size-bytes"
                | "x-stream-filter-size-bytes"
                | "x-initial-cluster-size"
                | "x-queue-leader-locator"
        ),
    }
}

/// Checks the arguments of queue.declare. `text` names the queue.
///
/// # Errors
/// 406 for a value that is not possible, and for an argument of another queue type.
pub fn declare_arguments(version: Version, arguments: &Table, text: &str) -> Result<(), Reply> {
    if let Some(value) = arguments.get("x-queue-type") {
        one("x-queue-type", queue_type(value), text)?;
    }
    for (key, check) in DECLARE {
        if let Some(value) = arguments.get(*key) {
            one(key, check(value, arguments, version), text)?;
        }
    }
    let kind = queue_kind(arguments);
    for (key, _) in DECLARE {
        if arguments.contains_key(*key) && !takes(kind, version, key) {
            let module = module(kind);
            return Err(precondition(format!(
                "invalid arg '{key}' for {text} of queue type {module}"
            )));
        }
    }
    Ok(())
}

/// Checks the arguments of basic.consume that all queue types know.
///
/// # Errors
/// 406.
pub fn consume_arguments(arguments: &Table, text: &str) -> Result<(), Reply> {
    if let Some(value) = arguments.get("x-priority") {
        one("x-priority", int(value).map(drop), text)?;
    }
    if let Some(value) = arguments.get("x-cancel-on-ha-failover") {
        one("x-cancel-on-ha-failover", bool_value(value), text)?;
    }
    Ok(())
}

fn one(key: &str, checked: Result<(), String>, text: &str) -> Result<(), Reply> {
    checked.map_err(|why| precondition(format!("invalid arg '{key}' for {text}: {why}")))
}

/// Checks the `expiration` of a message, and gives it in milliseconds
/// (`rabbit_basic:parse_expiration`).
///
/// # Errors
/// 406.
pub fn expiration(text: &str) -> Result<i64, Reply> {
    let wrong = |why: String| precondition(format!("invalid expiration '{text}': {why}"));
    let digits = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || (*at == 0 && matches!(c, '-' | '+'))))
        .map_or(text.len(), |(at, _)| at);
    let (number, rest) = text.split_at(digits);
    if number.is_empty() || number == "-" || number == "+" {
        return Err(wrong("no_integer".into()));
    }
    if !rest.is_empty() {
        return Err(wrong(format!("{{leftover_string,\"{rest}\"}}")));
    }
    // More digits than any number has: too large or too small in any case.
    let negative = number.starts_with('-');
    let parsed = number.parse::<i64>();
    let value = parsed.unwrap_or(if negative { i64::MIN } else { i64::MAX });
    expiry(value).map_err(wrong)?;
    Ok(value)
}

/// The name of a value's type on the wire.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Int(number) if i32::try_from(*number).is_ok() => "signedint",
        Value::Int(_) => "long",
        Value::Str(_) => "longstr",
        Value::Bool(_) => "bool",
        Value::Time(_) => "timestamp",
        Value::List(_) => "array",
    }
}

fn int(value: &Value) -> Result<i64, String> {
    match value {
        Value::Int(number) => Ok(*number),
        other => Err(format!("\"expected integer, got {}\"", type_name(other))),
    }
}

fn bool_value(value: &Value) -> Result<(), String> {
    match value {
        Value::Bool(_) => Ok(()),
        other => Err(format!("\"expected boolean, got {}\"", type_name(other))),
    }
}

fn text(value: &Value) -> Result<&str, String> {
    match value {
        Value::Str(text) => Ok(text),
        other => Err(format!("{{unacceptable_type,{}}}", type_name(other))),
    }
}

fn whole(value: &Value, _: &Table, _: Version) -> Result<(), String> {
    int(value).map(drop)
}

fn truth(value: &Value, _: &Table, _: Version) -> Result<(), String> {
    bool_value(value)
}

fn natural(value: &Value, _: &Table, _: Version) -> Result<(), String> {
    match int(value)? {
        number if number < 0 => Err(format!("{{value_negative,{number}}}")),
        _ => Ok(()),
    }
}

fn positive(value: &Value, table: &Table, version: Version) -> Result<(), String> {
    match int(value)? {
        0 => Err("{value_zero,0}".into()),
        _ => natural(value, table, version),
    }
}

fn expiry(number: i64) -> Result<(), String> {
    if number < 0 {
        return Err(format!("{{value_negative,{number}}}"));
    }
    if number > MAX_EXPIRY {
        return Err(format!("{{value_too_large,{number}}}"));
    }
    Ok(())
}

fn expires(value: &Value, _: &Table, _: Version) -> Result<(), String> {
    match int(value)? {
        0 => Err("{value_zero,0}".into()),
        number => expiry(number),
    }
}

fn ttl(value: &Value, _: &Table, _: Version) -> Result<(), String> {
    expiry(int(value)?)
}

fn dlx(value: &Value, _: &Table, _: Version) -> Result<(), String> {
    text(value).map(drop)
}

fn dlx_key(value: &Value, table: &Table, _: Version) -> Result<(), String> {
    text(value)?;
    if table.contains_key("x-dead-letter-exchange") {
        Ok(())
    } else {
        Err("routing_key_but_no_dlx_defined".into())
    }
}

fn among(value: &Value, known: &[&str], error: &str) -> Result<(), String> {
    if known.contains(&text(value)?) {
        Ok(())
    } else {
        Err(error.into())
    }
}

fn dlx_strategy(value: &Value, _: &Table, _: Version) -> Result<(), String> {
    let known = ["at-most-once", "at-least-once"];
    among(value, &known, "invalid_dlx_strategy")
}

fn overflow(value: &Value, _: &Table, _: Version) -> Result<(), String> {
    let known = ["drop-head", "reject-publish", "reject-publish-dlx"];
    among(value, &known, "invalid_overflow")
}

fn queue_mode(value: &Value, _: &Table, _: Version) -> Result<(), String> {
    among(value, &["default", "lazy"], "invalid_queue_mode")
}

fn leader_locator(value: &Value, _: &Table, version: Version) -> Result<(), String> {
    let known = ["client-local", "balanced", "random", "least-leaders"];
    // The two last were renamed to balanced in 3.10 and are still taken.
    let known = if version < Version::V4_3 {
        &known[..]
    } else {
        &known[..2]
    };
    among(value, known, "invalid_queue_locator_arg")
}

fn delayed_retry_type(value: &Value, table: &Table, _: Version) -> Result<(), String> {
    let known = ["disabled", "all", "failed", "returned"];
    among(value, &known, "invalid_delayed_retry_type")?;
    let on = !matches!(value, Value::Str(text) if &**text == "disabled");
    if on && !table.contains_key("x-delayed-retry-min") {
        return Err("\"delayed-retry-min is required when delayed-retry-type is set\"".into());
    }
    Ok(())
}

fn delayed_retry_min(value: &Value, table: &Table, version: Version) -> Result<(), String> {
    positive(value, table, version)?;
    let max = table.get("x-delayed-retry-max").map(int).transpose()?;
    match max {
        Some(max) if max < int(value)? => {
            Err("\"delayed-retry-max must not be smaller than delayed-retry-min\"".into())
        }
        _ => Ok(()),
    }
}

fn max_priority(value: &Value, table: &Table, version: Version) -> Result<(), String> {
    natural(value, table, version)?;
    match int(value)? {
        number if number > 255 => Err(format!("{{max_value_exceeded,{number}}}")),
        _ => Ok(()),
    }
}

fn queue_version(value: &Value, table: &Table, version: Version) -> Result<(), String> {
    natural(value, table, version)?;
    match int(value)? {
        2 => Ok(()),
        1 if version < Version::V4_3 => Ok(()),
        number => Err(format!("\"unsupported queue version '{number}'\"")),
    }
}

fn queue_type(value: &Value) -> Result<(), String> {
    let name = text(value)?;
    if ["classic", "quorum", "stream"].contains(&name) {
        Ok(())
    } else {
        Err(format!("\"unsupported queue type '{name}'\""))
    }
}

/// A number and one of the units Y, M, D, h, m, s.
fn max_age(value: &Value, _: &Table, _: Version) -> Result<(), String> {
    let age = text(value)?;
    let number = age.strip_suffix(['Y', 'M', 'D', 'h', 'm', 's']);
    let good = number.is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
    if good {
        Ok(())
    } else {
        Err("invalid_max_age".into())
    }
}

fn segment_size(value: &Value, table: &Table, version: Version) -> Result<(), String> {
    natural(value, table, version)?;
    match int(value)? {
        number if number > 3_000_000_000 => {
            Err("\"Exceeded max value for x-stream-max-segment-size-bytes\"".into())
        }
        _ => Ok(()),
    }
}

fn filter_size(value: &Value, _: &Table, _: Version) -> Result<(), String> {
    match int(value)? {
        16..=255 => Ok(()),
        number if number > 255 => Err(format!("{{value_too_large,{number}}}")),
        number => Err(format!("{{value_too_small,{number}}}")),
    }
}
