//! Comparing an outcome of RabbitMQ with the recorded one: the first field that differs.

use std::collections::{BTreeMap, BTreeSet};

use super::super::compare::{Check, NOTHING, Rule, difference, equal, errors, list, names, sets};
use super::observed::{Delivery, Observed, StateEntry};

/// Compares the simulator's outcome with what is expected.
///
/// # Errors
/// The first field that differs.
pub fn compare(expected: &Observed, got: &Observed, rule: Rule) -> Check {
    producers(expected, got, rule)?;
    deliveries(expected, got, rule)?;
    if let Some(wanted) = &expected.drained {
        let found = got.drained.as_deref().unwrap_or_default();
        drained(wanted, found)?;
    }
    if rule == Rule::Whole {
        states(expected, got)?;
    }
    errors(
        expected.errors.as_ref(),
        expected.errors_at_least.as_ref(),
        got.errors.as_ref(),
        rule,
    )?;
    sets([
        ("lost", &expected.lost, &expected.lost_at_least, &got.lost),
        (
            "lost_after_ack",
            &expected.lost_after_ack,
            &expected.lost_after_ack_at_least,
            &got.lost_after_ack,
        ),
        (
            "duplicated",
            &expected.duplicated,
            &expected.duplicated_at_least,
            &got.duplicated,
        ),
    ])
}

fn producers(expected: &Observed, got: &Observed, rule: Rule) -> Check {
    let Some(expected) = &expected.producer else {
        return Ok(());
    };
    let none = BTreeMap::new();
    let got = got.producer.as_ref().unwrap_or(&none);
    for (client, messages) in expected {
        for (message, outcome) in messages {
            let found = got.get(client).and_then(|messages| messages.get(message));
            if found != Some(outcome) {
                let field = format!("producer.{client}.{message}");
                let found = found.map_or(NOTHING, String::as_str);
                return Err(difference(field, outcome, found));
            }
        }
    }
    if rule == Rule::Whole {
        for (client, messages) in got {
            let known = expected.get(client);
            let stray = messages
                .iter()
                .find(|(message, _)| known.is_none_or(|all| !all.contains_key(*message)));
            if let Some((message, outcome)) = stray {
                let field = format!("producer.{client}.{message}");
                return Err(difference(field, NOTHING, outcome));
            }
        }
    }
    Ok(())
}

fn deliveries(expected: &Observed, got: &Observed, rule: Rule) -> Check {
    let Some(expected) = &expected.deliveries else {
        return Ok(());
    };
    let none = BTreeMap::new();
    let got = got.deliveries.as_ref().unwrap_or(&none);
    let mut clients: BTreeSet<&String> = expected.keys().collect();
    if rule == Rule::Whole {
        clients.extend(got.keys());
    }
    for client in clients {
        let wanted = expected.get(client).map_or(&[][..], Vec::as_slice);
        let found = got.get(client).map_or(&[][..], Vec::as_slice);
        compared(&format!("deliveries.{client}"), wanted, found)?;
    }
    Ok(())
}

/// Messages as drains read them. A list in which a burst was folded stands in groups: by queue and
/// redelivered, each group in its order.
fn drained(expected: &[Delivery], got: &[Delivery]) -> Check {
    if !expected.iter().any(|entry| entry.folded) {
        return compared("drained", expected, got);
    }
    let groups = |entries: &[Delivery]| {
        let mut groups: BTreeMap<(Option<String>, Option<bool>), Vec<String>> = BTreeMap::new();
        for entry in entries {
            let group = groups.entry((entry.queue.clone(), entry.redelivered));
            group.or_default().push(entry.message.clone());
        }
        groups
    };
    let (wanted, found) = (groups(expected), groups(got));
    let keys: BTreeSet<_> = wanted.keys().chain(found.keys()).collect();
    for key in keys {
        let queue = key.0.as_deref().unwrap_or("?");
        let again = key.1.unwrap_or_default();
        let (want, have) = (wanted.get(key), found.get(key));
        let at = |list: Option<&Vec<String>>, at: usize| {
            let name = list.and_then(|list| list.get(at));
            name.map_or(NOTHING.to_owned(), Clone::clone)
        };
        let most = want.map_or(0, Vec::len).max(have.map_or(0, Vec::len));
        let differs = (0..most).find(|n| at(want, *n) != at(have, *n));
        if let Some(n) = differs {
            let field = format!("drained[queue {queue}, redelivered {again}][{n}]");
            return Err(difference(field, at(want, n), at(have, n)));
        }
    }
    Ok(())
}

fn compared(place: &str, expected: &[Delivery], got: &[Delivery]) -> Check {
    let name = |entry: &Delivery| entry.message.clone();
    list(place, expected, got, name, |place, want, have| {
        equal(place, "message", Some(&want.message), Some(&have.message))?;
        equal(place, "redelivered", want.redelivered, have.redelivered)?;
        equal(place, "queue", want.queue.as_ref(), have.queue.as_ref())?;
        equal(place, "offset", want.offset, have.offset)?;
        equal(
            place,
            "delivery_count",
            want.delivery_count,
            have.delivery_count,
        )?;
        deaths(place, want, have)
    })
}

/// Without the key `death` a message must not be dead-lettered.
fn deaths(place: &str, want: &Delivery, have: &Delivery) -> Check {
    let told = |entry: &Delivery| {
        let all = entry.death.iter().flatten().map(|death| {
            let count = death
                .count
                .map_or("?".to_owned(), |count| count.to_string());
            format!("{} {} {count}", death.queue, death.reason)
        });
        all.collect::<Vec<_>>()
    };
    let (wanted, found) = (told(want), told(have));
    let same = want.death.iter().flatten().zip(have.death.iter().flatten());
    let agree = same.into_iter().all(|(want, have)| {
        let counted = want.count.is_none() || want.count == have.count;
        want.queue == have.queue && want.reason == have.reason && counted
    });
    if agree && wanted.len() == found.len() {
        return Ok(());
    }
    let text = |list: Vec<String>| match list.is_empty() {
        true => NOTHING.to_owned(),
        false => list.join(", "),
    };
    Err(difference(
        format!("{place}.death"),
        text(wanted),
        text(found),
    ))
}

fn states(expected: &Observed, got: &Observed) -> Check {
    let Some(expected) = &expected.queue_state else {
        return Ok(());
    };
    let got = got.queue_state.as_deref().unwrap_or_default();
    let told = |entry: &StateEntry| format!("{} after step {}", entry.queue, entry.after_step);
    let key = |entry: &StateEntry| (entry.after_step, entry.queue.clone());
    for (at, want) in expected.iter().enumerate() {
        let place = format!("queue_state[{at}]");
        let Some(have) = got.iter().find(|have| key(have) == key(want)) else {
            return Err(difference(place, told(want), NOTHING));
        };
        state(&place, want, have)?;
    }
    let stray = got
        .iter()
        .find(|have| !expected.iter().any(|want| key(want) == key(have)));
    match stray {
        Some(have) => Err(difference("queue_state", NOTHING, told(have))),
        None => Ok(()),
    }
}

fn state(place: &str, want: &StateEntry, have: &StateEntry) -> Check {
    equal(place, "state", want.state.as_ref(), have.state.as_ref())?;
    equal(place, "leader", want.leader.as_ref(), have.leader.as_ref())?;
    if let Some(any) = &want.leader_any_of {
        let is = have.leader.iter().flatten().next();
        if !is.is_some_and(|is| any.contains(is)) {
            let got = is.map_or(NOTHING.to_owned(), Clone::clone);
            return Err(difference(format!("{place}.leader"), names(any), got));
        }
    }
    equal(
        place,
        "members",
        want.members.as_ref(),
        have.members.as_ref(),
    )?;
    equal(place, "online", want.online.as_ref(), have.online.as_ref())?;
    equal(place, "messages", want.messages, have.messages)?;
    equal(place, "ready", want.ready, have.ready)?;
    equal(place, "unacked", want.unacked, have.unacked)
}

/// Whether a snapshot shows what a step waits for.
pub(super) fn shows(wanted: &super::step::QueueWanted, have: &StateEntry) -> bool {
    fn is<T: PartialEq>(want: Option<&T>, have: Option<&T>) -> bool {
        want.is_none() || want == have
    }
    let set = |list: &Option<Vec<String>>| {
        let list = list.as_ref();
        list.map(|list| list.iter().cloned().collect::<BTreeSet<_>>())
    };
    is(wanted.leader.as_ref(), have.leader.as_ref())
        && is(set(&wanted.members).as_ref(), have.members.as_ref())
        && is(set(&wanted.online).as_ref(), have.online.as_ref())
        && is(wanted.messages.as_ref(), have.messages.as_ref())
        && is(wanted.ready.as_ref(), have.ready.as_ref())
        && is(wanted.unacked.as_ref(), have.unacked.as_ref())
        && is(wanted.state.as_ref(), have.state.as_ref())
}

#[cfg(test)]
mod tests;
