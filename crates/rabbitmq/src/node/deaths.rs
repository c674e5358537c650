//! Dead-lettering's marks on a message: `x-death`, the message that goes to the dead-letter exchange, and the
//! rule that cuts cycles (`rabbit_dead_letter`; reference 3.6). Classic and quorum queues share them.

use crate::ids::Name;
use crate::message::{Death, DeathReason, Message};
use std::sync::Arc;

/// Where a queue's dead letters go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// `x-dead-letter-exchange`.
    pub exchange: Name,
    /// `x-dead-letter-routing-key`; without it the message keeps its own keys.
    pub routing_key: Option<Arc<str>>,
}

/// The message that a queue publishes to its dead-letter exchange: with one more death, without `expiration`
/// (it would expire again), without what a quorum queue added on delivery.
#[must_use]
pub fn dead_letter(message: &Message, queue: Name, reason: DeathReason, to: &Target) -> Message {
    let mut dead = message.clone();
    dead.deaths = with_death(message, queue, reason);
    dead.exchange = to.exchange;
    if let Some(key) = &to.routing_key {
        dead.routing_key = key.clone();
        dead.cc = Vec::new();
    }
    dead.bcc = Vec::new();
    dead.expiration = None;
    dead.delivery_count = None;
    dead.acquired_count = None;
    dead.stream_offset = None;
    dead
}

/// The deaths with this one: the entry of the same queue and reason moves to the front and counts one more; it
/// keeps the exchange and keys of its first time.
fn with_death(message: &Message, queue: Name, reason: DeathReason) -> Vec<Death> {
    let mut deaths = message.deaths.clone();
    let known = deaths
        .iter()
        .position(|death| death.queue == queue && death.reason == reason);
    let death = if let Some(at) = known {
        let mut death = deaths.remove(at);
        death.count = death.count.saturating_add(1);
        death
    } else {
        let mut routing_keys = vec![message.routing_key.clone()];
        routing_keys.extend(message.cc.iter().cloned());
        Death {
            queue,
            reason,
            count: 1,
            exchange: message.exchange,
            routing_keys,
        }
    };
    deaths.insert(0, death);
    deaths
}

/// Whether a dead-lettered message must not go to this queue: it has died there before and nobody has rejected
/// it since. A message dead-lettered as `rejected` goes anywhere.
#[must_use]
pub fn is_cycle(dead: &Message, queue: Name) -> bool {
    let reason = dead.deaths.first().map(|death| death.reason);
    if reason == Some(DeathReason::Rejected) {
        return false;
    }
    let Some(at) = dead.deaths.iter().position(|death| death.queue == queue) else {
        return false;
    };
    dead.deaths
        .iter()
        .take(at + 1)
        .all(|death| death.reason != DeathReason::Rejected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::classic::lab::message;

    fn target(key: Option<&str>) -> Target {
        Target {
            exchange: Name(9),
            routing_key: key.map(Into::into),
        }
    }

    #[test]
    fn a_death_is_recorded_newest_first_and_counted_by_queue_and_reason() {
        let mut first = message(1);
        first.cc = vec!["b".into()];
        first.bcc = vec!["c".into()];
        first.expiration = Some("500".into());
        let dead = dead_letter(&first, Name(1), DeathReason::Expired, &target(None));
        assert_eq!(dead.exchange, Name(9));
        assert_eq!(dead.expiration, None);
        assert_eq!(dead.deaths.len(), 1);
        assert_eq!(dead.deaths[0].exchange, first.exchange);
        let keys: Vec<&str> = dead.deaths[0].routing_keys.iter().map(|k| &**k).collect();
        assert_eq!(keys, ["k", "b"]);
        assert_eq!(dead.cc, first.cc);
        assert!(dead.bcc.is_empty());

        let again = dead_letter(&dead, Name(2), DeathReason::Rejected, &target(Some("r")));
        assert!(again.cc.is_empty());
        assert_eq!(&*again.routing_key, "r");
        let third = dead_letter(&again, Name(1), DeathReason::Expired, &target(None));
        assert_eq!(third.deaths.len(), 2);
        assert_eq!(third.deaths[0].count, 2);
        assert_eq!(third.deaths[0].queue, Name(1));
        assert_eq!(third.deaths[1].reason, DeathReason::Rejected);
    }

    #[test]
    fn an_automatic_cycle_is_cut_and_one_with_a_reject_is_not() {
        let dead = dead_letter(&message(1), Name(1), DeathReason::Expired, &target(None));
        assert!(is_cycle(&dead, Name(1)));
        assert!(!is_cycle(&dead, Name(2)));
        // Rejected in 2, then expired in 3: going on to 2 is not automatic, going on to 3 is.
        let rejected = dead_letter(&message(1), Name(2), DeathReason::Rejected, &target(None));
        assert!(!is_cycle(&rejected, Name(2)));
        let expired = dead_letter(&rejected, Name(3), DeathReason::Expired, &target(None));
        assert!(!is_cycle(&expired, Name(2)));
        assert!(is_cycle(&expired, Name(3)));
    }
}
