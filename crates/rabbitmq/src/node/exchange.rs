//! Exchanges: which queues a message goes to (`rabbit_exchange:route`, the `rabbit_exchange_type_*` modules;
//! reference 1.3, 2.5).

use crate::amqp::ExchangeKind;
use crate::ids::Name;
use crate::message::{Message, Table, Value};
use crate::node::image::{Binding, Destination, Exchange, Image};
use crate::node::policy;
use crate::system::Settings;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The queues that a message goes to, each once, in the order of their names. An exchange that is not there routes
/// nowhere: the caller checks for it first.
#[must_use]
pub fn route(image: &Image, settings: &Settings, exchange: Name, message: &Message) -> Vec<Name> {
    let keys = routing_keys(message);
    if exchange == Name::EMPTY {
        // The default exchange: each queue is bound by its name, and nothing else can be.
        let queues: BTreeSet<Name> = keys
            .iter()
            .filter_map(|key| settings.named(key))
            .filter(|name| image.queues.contains_key(name))
            .collect();
        return queues.into_iter().collect();
    }
    let mut queues = BTreeSet::new();
    let mut seen: BTreeSet<Name> = [exchange].into();
    let mut next = vec![exchange];
    while let Some(name) = next.pop() {
        let Some(exchange) = image.exchanges.get(&name) else {
            continue;
        };
        let destinations = matching(image, exchange, &keys, message);
        if destinations.is_empty()
            && let Some(alternate) = alternate(image, settings, exchange)
        {
            // Only an exchange that selects nothing at all hands over to its alternate exchange.
            if alternate == Name::EMPTY {
                queues.extend(route(image, settings, Name::EMPTY, message));
            } else if seen.insert(alternate) {
                next.push(alternate);
            }
        }
        for destination in destinations {
            match destination {
                Destination::Queue(queue) => {
                    queues.insert(queue);
                }
                Destination::Exchange(target) => {
                    if seen.insert(target) {
                        next.push(target);
                    }
                }
            }
        }
    }
    queues.into_iter().collect()
}

/// The routing key and those of the headers `CC` and `BCC`.
fn routing_keys(message: &Message) -> Vec<&str> {
    let more = message.cc.iter().chain(&message.bcc);
    let keys = std::iter::once(&message.routing_key).chain(more);
    keys.map(|key| &**key).collect()
}

/// The exchange that takes what this one selects no destination for. The argument is stronger than a policy.
fn alternate(image: &Image, settings: &Settings, exchange: &Exchange) -> Option<Name> {
    let key = "alternate-exchange";
    let named = match exchange.arguments.get(key) {
        Some(value) => Some(value.clone()),
        None => policy::of_exchange(image, settings, exchange, key),
    };
    match named {
        Some(Value::Str(text)) => settings.named(&text),
        _ => None,
    }
}

/// What the bindings of one exchange select for a message.
fn matching(
    image: &Image,
    exchange: &Exchange,
    keys: &[&str],
    message: &Message,
) -> BTreeSet<Destination> {
    let from = image.bindings_from(exchange.name);
    let selected = from.filter(|binding| match exchange.kind {
        ExchangeKind::Fanout => true,
        ExchangeKind::Direct => keys.contains(&&*binding.key),
        ExchangeKind::Topic => keys.iter().any(|key| topic_matches(&binding.key, key)),
        ExchangeKind::Headers => headers_match(binding, &message.headers),
    });
    selected.map(|binding| binding.destination).collect()
}

/// Whether a topic pattern matches a routing key: words parted by dots, `*` is one word, `#` any number of
/// them, none included.
#[must_use]
pub fn topic_matches(pattern: &str, key: &str) -> bool {
    let pattern: Vec<&str> = words(pattern);
    let key: Vec<&str> = words(key);
    // matched[k]: what was looked at of the pattern can match the first k words of the key.
    let mut matched = vec![false; key.len() + 1];
    matched[0] = true;
    for part in pattern {
        let mut next = vec![false; key.len() + 1];
        for at in 0..=key.len() {
            next[at] = match part {
                "#" => matched[at] || (at > 0 && next[at - 1]),
                "*" => at > 0 && matched[at - 1],
                word => at > 0 && matched[at - 1] && key[at - 1] == word,
            };
        }
        matched = next;
    }
    matched[key.len()]
}

/// No key has no words (`split_topic_key`).
fn words(key: &str) -> Vec<&str> {
    if key.is_empty() {
        return Vec::new();
    }
    key.split('.').collect()
}

/// Whether a binding of a headers exchange selects a message with these headers. `x-match` is `all` unless the
/// binding says `any`; keys that begin with `x-` count only with `all-with-x` and `any-with-x`.
fn headers_match(binding: &Binding, headers: &Table) -> bool {
    let mode = match binding.arguments.get("x-match") {
        Some(Value::Str(mode)) => &**mode,
        _ => "all",
    };
    let with_x = mode.ends_with("-with-x");
    let any = mode.starts_with("any");
    let mut wanted = binding.arguments.iter().filter(|(key, _)| {
        let key: &Arc<str> = key;
        if with_x {
            &**key != "x-match"
        } else {
            !key.starts_with("x-")
        }
    });
    let has = |(key, value): (&Arc<str>, &Value)| headers.get(key) == Some(value);
    if any {
        wanted.any(has)
    } else {
        wanted.all(has)
    }
}

#[cfg(test)]
mod tests;
