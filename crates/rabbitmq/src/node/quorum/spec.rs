//! The settings of a quorum queue, from its arguments, policies and its node (reference 1.4, 1.6, 1.13).

use super::fifo::{Config, DeadLetters, Overflow, Retry, RetryKind};
use crate::ids::Name;
use crate::message::Value;
use crate::node::ctx::Ctx;
use crate::node::image::QueueRecord;
use crate::node::policy::Effective;
use ackscope_kernel::Span;
use std::sync::Arc;

/// An exchange that the run does not know: there is none of that name.
const NO_EXCHANGE: Name = Name(u16::MAX);

fn text(value: Option<&Value>) -> Option<Arc<str>> {
    match value {
        Some(Value::Str(text)) => Some(text.clone()),
        _ => None,
    }
}

fn effective(record: &QueueRecord, ctx: &Ctx<'_, '_>) -> Effective {
    Effective::of(ctx.image, ctx.env.settings(), record)
}

/// What the machine obeys.
#[must_use]
pub fn config(record: &QueueRecord, ctx: &Ctx<'_, '_>) -> Config {
    let effective = effective(record, ctx);
    let params = &ctx.params().quorum;
    let number = |key: &str| {
        let n = effective.smaller(key)?;
        u64::try_from(n).ok()
    };
    let span = |key: &str| effective.smaller(key).map(Span::ms);
    // reject-publish-dlx is not for quorum queues: drop-head takes its place.
    let overflow = match text(effective.policy_first("overflow")).as_deref() {
        Some("reject-publish") => Overflow::RejectPublish,
        _ => Overflow::DropHead,
    };
    let limit = effective.delivery_limit().or(params.x_delivery_limit);
    let key = text(effective.argument_first("dead-letter-routing-key"));
    let strategy = text(effective.argument_first("dead-letter-strategy"));
    let kept = strategy.as_deref() == Some("at-least-once") && overflow == Overflow::RejectPublish;
    let dead_letters = match text(effective.argument_first("dead-letter-exchange")) {
        None => DeadLetters::Dropped,
        Some(name) => {
            let name = ctx.env.settings().named(&name).unwrap_or(NO_EXCHANGE);
            if kept {
                DeadLetters::AtLeastOnce(name, key)
            } else {
                DeadLetters::AtMostOnce(name, key)
            }
        }
    };
    Config {
        max_length: number("max-length"),
        max_bytes: number("max-length-bytes"),
        overflow,
        limit: limit.and_then(|n| u32::try_from(n).ok()),
        ttl: span("message-ttl"),
        expires: span("expires"),
        single_active: effective.argument("single-active-consumer") == Some(&Value::Bool(true)),
        disconnected: span("consumer-disconnected-timeout")
            .unwrap_or(Span::ms(params.consumer_disconnected_timeout)),
        retry: retry(&effective),
        dead_letters,
    }
}

fn retry(effective: &Effective) -> Option<Retry> {
    let kind = match text(effective.argument_first("delayed-retry-type")).as_deref() {
        Some("all") => RetryKind::All,
        Some("failed") => RetryKind::Failed,
        Some("returned") => RetryKind::Returned,
        _ => return None,
    };
    let int = |key: &str| match effective.argument_first(key) {
        Some(Value::Int(n)) => Some(Span::ms(*n)),
        _ => None,
    };
    let min = int("delayed-retry-min")?;
    let max = int("delayed-retry-max").unwrap_or(min);
    Some(Retry { kind, min, max })
}

/// `consumer-timeout` of argument and policy, in milliseconds.
#[must_use]
pub fn consumer_timeout(record: &QueueRecord, ctx: &Ctx<'_, '_>) -> Option<i64> {
    effective(record, ctx).smaller("consumer-timeout")
}
