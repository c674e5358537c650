//! What a classic queue obeys: its arguments and the policies that apply to it, merged (reference 1.4, 1.5,
//! 1.13).

use crate::ids::{Name, Pid};
use crate::message::{Table, Value};
use crate::node::classic::mirroring::Mirroring;
use crate::node::deaths::Target;
use crate::node::image::QueueRecord;
use ackscope_kernel::Span;
use borsh::BorshSerialize;
use std::sync::Arc;

/// What happens to a publish that does not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub enum Overflow {
    /// The messages at the head give way.
    #[default]
    DropHead,
    /// The publish is refused.
    RejectPublish,
    /// The publish is refused and dead-lettered.
    RejectPublishDlx,
}

/// The merged settings of one queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Spec {
    /// The `durable` property: persistent messages are kept for a restart.
    pub durable: bool,
    /// The `auto_delete` property.
    pub auto_delete: bool,
    /// The connection that may use it alone.
    pub exclusive: Option<Pid>,
    /// `x-message-ttl`.
    pub ttl: Option<Span>,
    /// `x-expires`.
    pub expires: Option<Span>,
    /// `x-max-length`.
    pub max_length: Option<u64>,
    /// `x-max-length-bytes`.
    pub max_bytes: Option<u64>,
    /// `x-overflow`.
    pub overflow: Overflow,
    /// `x-dead-letter-exchange` by its name in the run; the name can be unknown to the run, and then there is no
    /// such exchange.
    pub dlx: Option<Arc<str>>,
    /// `x-dead-letter-routing-key`.
    pub dlx_key: Option<Arc<str>>,
    /// `x-max-priority`.
    pub max_priority: u8,
    /// `x-single-active-consumer`.
    pub single_active: bool,
    /// The `x-queue-version` asked for; what the node makes of it depends on its version.
    pub storage: Option<i64>,
    /// Policy keys `ha-*`; versions since 4.0 ignore them.
    pub mirroring: Option<Mirroring>,
}

/// A whole number of an argument or policy key.
fn int(table: &Table, key: &str) -> Option<i64> {
    match table.get(key) {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    }
}

fn text(table: &Table, key: &str) -> Option<Arc<str>> {
    match table.get(key) {
        Some(Value::Str(text)) => Some(text.clone()),
        _ => None,
    }
}

impl Spec {
    /// Merges a queue's arguments with what its policies set. A number that is given by both counts with its
    /// smaller value; a dead-letter exchange and the overflow behaviour of the arguments win.
    #[must_use]
    pub fn of(record: &QueueRecord, policy: &Table) -> Spec {
        let args = &*record.arguments;
        let smallest = |argument: &str, key: &str| {
            [int(args, argument), int(policy, key)]
                .into_iter()
                .flatten()
                .min()
                .and_then(|number| u64::try_from(number).ok())
        };
        let first = |argument: &str, key: &str| text(args, argument).or_else(|| text(policy, key));
        let millis = |number: u64| Span(number.saturating_mul(1000));
        let overflow = match first("x-overflow", "overflow").as_deref() {
            Some("reject-publish") => Overflow::RejectPublish,
            Some("reject-publish-dlx") => Overflow::RejectPublishDlx,
            _ => Overflow::DropHead,
        };
        let priority = int(args, "x-max-priority").unwrap_or(0).clamp(0, 255);
        Spec {
            durable: record.durable,
            auto_delete: record.auto_delete,
            exclusive: record.exclusive,
            ttl: smallest("x-message-ttl", "message-ttl").map(millis),
            expires: smallest("x-expires", "expires").map(millis),
            max_length: smallest("x-max-length", "max-length"),
            max_bytes: smallest("x-max-length-bytes", "max-length-bytes"),
            overflow,
            dlx: first("x-dead-letter-exchange", "dead-letter-exchange"),
            dlx_key: first("x-dead-letter-routing-key", "dead-letter-routing-key"),
            max_priority: u8::try_from(priority).unwrap_or(0),
            single_active: args.get("x-single-active-consumer") == Some(&Value::Bool(true)),
            storage: int(args, "x-queue-version").or_else(|| int(policy, "queue-version")),
            // Exclusive queues are never mirrored.
            mirroring: Mirroring::of(policy).filter(|_| record.exclusive.is_none()),
        }
    }

    /// The class that a message waits in: no priority is 0, more than the highest is the highest.
    #[must_use]
    pub fn class(&self, priority: Option<u8>) -> u8 {
        priority.unwrap_or(0).min(self.max_priority)
    }

    /// Whether this many ready messages and bytes are more than allowed.
    #[must_use]
    pub fn over(&self, length: u64, bytes: u64) -> bool {
        self.max_length.is_some_and(|max| length > max)
            || self.max_bytes.is_some_and(|max| bytes > max)
    }

    /// Where dead letters go, when the exchange is `exchange`.
    #[must_use]
    pub fn target(&self, exchange: Name) -> Target {
        Target {
            exchange,
            routing_key: self.dlx_key.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::classic::lab::record;

    #[test]
    fn the_smallest_number_counts_and_the_arguments_name_the_dead_letter_exchange() {
        let record = record(&[
            ("x-max-length", Value::Int(10)),
            ("x-dead-letter-exchange", Value::Str("a".into())),
        ]);
        let policy: Table = [
            ("max-length".into(), Value::Int(3)),
            ("message-ttl".into(), Value::Int(500)),
            ("dead-letter-exchange".into(), Value::Str("b".into())),
            ("dead-letter-routing-key".into(), Value::Str("k".into())),
            ("overflow".into(), Value::Str("reject-publish".into())),
        ]
        .into();
        let spec = Spec::of(&record, &policy);
        assert_eq!(spec.max_length, Some(3));
        assert_eq!(spec.ttl, Some(Span(500_000)));
        assert_eq!(spec.dlx.as_deref(), Some("a"));
        assert_eq!(spec.dlx_key.as_deref(), Some("k"));
        assert_eq!(spec.overflow, Overflow::RejectPublish);
    }

    #[test]
    fn priorities_are_clamped() {
        let spec = Spec::of(
            &record(&[("x-max-priority", Value::Int(10))]),
            &Table::new(),
        );
        assert_eq!(spec.class(None), 0);
        assert_eq!(spec.class(Some(31)), 10);
        let plain = Spec::of(&record(&[]), &Table::new());
        assert_eq!(plain.class(Some(31)), 0);
    }
}
