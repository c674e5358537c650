//! Comparing an outcome with the recorded one: the first field that differs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use super::observed::{Delivery, ErrorEntry, LogRecord, Observed, Outcome, StateEntry};

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its path: `producer.p1.m3`, `log[0].records[2].offset`, `errors`.
    pub field: String,
    /// What was recorded.
    pub expected: String,
    /// What the simulator came to.
    pub got: String,
}

pub(super) type Check = Result<(), Difference>;

/// How much of an outcome is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Stable cases: everything that is there, and nothing beside it.
    Whole,
    /// Unstable cases: named clients and messages, lists that are there as a whole.
    Must,
}

/// Compares the simulator's outcome with what is expected.
///
/// # Errors
/// The first field that differs.
pub fn compare(expected: &Observed, got: &Observed, rule: Rule) -> Check {
    producers(expected, got, rule)?;
    deliveries(expected, got, rule)?;
    logs(expected, got, rule)?;
    replicas(expected, got, rule)?;
    offsets(expected, got, rule)?;
    assignments(expected, got, rule)?;
    if rule == Rule::Whole {
        states(expected, got)?;
    } else if expected.partition_state.is_some() {
        states(expected, &only_expected(expected, got))?;
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

/// A set of names as it was recorded, if it was the same in all runs.
pub(super) type Names = Option<BTreeSet<String>>;

/// Sets of names: their field, all of it, a part of it, what came.
pub(super) fn sets(sets: [(&str, &Names, &Names, &Names); 3]) -> Check {
    let none = BTreeSet::new();
    for (field, whole, at_least, got) in sets {
        let got = got.as_ref().unwrap_or(&none);
        if let Some(whole) = whole
            && whole != got
        {
            return Err(difference(field, names(whole), names(got)));
        }
        if let Some(at_least) = at_least
            && !at_least.is_subset(got)
        {
            let field = format!("{field}_at_least");
            return Err(difference(field, names(at_least), names(got)));
        }
    }
    Ok(())
}

pub(super) fn difference(
    field: impl Into<String>,
    expected: impl Into<String>,
    got: impl Into<String>,
) -> Difference {
    Difference {
        field: field.into(),
        expected: expected.into(),
        got: got.into(),
    }
}

pub(super) const NOTHING: &str = "nothing";

pub(super) fn names<'a>(set: impl IntoIterator<Item = &'a String>) -> String {
    let all: Vec<&str> = set.into_iter().map(String::as_str).collect();
    format!("[{}]", all.join(", "))
}

fn producers(expected: &Observed, got: &Observed, rule: Rule) -> Check {
    let Some(expected) = &expected.producer else {
        return Ok(());
    };
    let none = BTreeMap::new();
    let got = got.producer.as_ref().unwrap_or(&none);
    for (client, messages) in expected {
        for (message, outcome) in messages {
            let field = format!("producer.{client}.{message}");
            let found = got.get(client).and_then(|messages| messages.get(message));
            match found {
                None => return Err(difference(field, told(outcome, outcome), NOTHING)),
                Some(found) => {
                    let same = found.outcome == outcome.outcome
                        && agrees(outcome.offset, found.offset)
                        && agrees(outcome.partition, found.partition);
                    if !same {
                        let (expected, got) = (told(outcome, outcome), told(found, outcome));
                        return Err(difference(field, expected, got));
                    }
                }
            }
        }
    }
    if rule == Rule::Whole {
        for (client, messages) in got {
            for (message, outcome) in messages {
                let known = expected
                    .get(client)
                    .is_some_and(|all| all.contains_key(message));
                if !known {
                    let field = format!("producer.{client}.{message}");
                    return Err(difference(field, NOTHING, told(outcome, outcome)));
                }
            }
        }
    }
    Ok(())
}

/// A key that is absent from what is expected is not compared.
fn agrees<T: PartialEq>(expected: Option<T>, got: Option<T>) -> bool {
    expected.is_none() || expected == got
}

/// An outcome with the keys that are compared.
fn told(outcome: &Outcome, compared: &Outcome) -> String {
    let mut text = outcome.outcome.clone();
    if let (Some(_), Some(offset)) = (compared.offset, outcome.offset) {
        text.push_str(&format!(" at offset {offset}"));
    }
    if let (Some(_), Some(partition)) = (compared.partition, outcome.partition) {
        text.push_str(&format!(" in partition {partition}"));
    }
    text
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
    let message = |entry: &Delivery| entry.message.clone();
    for client in clients {
        let wanted = expected.get(client).map_or(&[][..], Vec::as_slice);
        let found = got.get(client).map_or(&[][..], Vec::as_slice);
        list(
            &format!("deliveries.{client}"),
            wanted,
            found,
            message,
            |place, want, have| {
                equal(place, "message", Some(&want.message), Some(&have.message))?;
                equal(place, "offset", want.offset, have.offset)?;
                equal(place, "topic", want.topic.as_ref(), have.topic.as_ref())?;
                equal(place, "partition", want.partition, have.partition)?;
                equal(
                    place,
                    "delivery_count",
                    want.delivery_count,
                    have.delivery_count,
                )
            },
        )?;
    }
    Ok(())
}

/// Two lists, entry by entry.
pub(super) fn list<T>(
    place: &str,
    expected: &[T],
    got: &[T],
    name: impl Fn(&T) -> String,
    same: impl Fn(&str, &T, &T) -> Check,
) -> Check {
    for at in 0..expected.len().max(got.len()) {
        let here = format!("{place}[{at}]");
        match (expected.get(at), got.get(at)) {
            (Some(want), Some(have)) => same(&here, want, have)?,
            (Some(want), None) => return Err(difference(here, name(want), NOTHING)),
            (None, Some(have)) => return Err(difference(here, NOTHING, name(have))),
            (None, None) => {}
        }
    }
    Ok(())
}

pub(super) fn equal<T: PartialEq + Debug>(
    place: &str,
    key: &str,
    expected: Option<T>,
    got: Option<T>,
) -> Check {
    if agrees(expected.as_ref(), got.as_ref()) {
        return Ok(());
    }
    let text = |value: &Option<T>| match value {
        Some(value) => plain(&format!("{value:?}")),
        None => NOTHING.to_owned(),
    };
    let field = format!("{place}.{key}");
    Err(difference(field, text(&expected), text(&got)))
}

/// A debug text as a reader wants it.
fn plain(text: &str) -> String {
    text.replace("Some(", "(").replace(['"', '(', ')'], "")
}

/// Entries with a key of their own: each expected one must be there, and, when everything is compared,
/// no other.
fn keyed<T, K: PartialEq + Debug>(
    place: &str,
    expected: Option<&Vec<T>>,
    got: Option<&Vec<T>>,
    rule: Rule,
    key: impl Fn(&T) -> K,
    same: impl Fn(&str, &T, &T) -> Check,
) -> Check {
    let Some(expected) = expected else {
        return Ok(());
    };
    let got = got.map_or(&[][..], Vec::as_slice);
    for (at, want) in expected.iter().enumerate() {
        let here = format!("{place}[{at}]");
        match got.iter().find(|have| key(have) == key(want)) {
            Some(have) => same(&here, want, have)?,
            None => {
                let wanted = format!("an entry for {}", plain(&format!("{:?}", key(want))));
                return Err(difference(here, wanted, NOTHING));
            }
        }
    }
    if rule == Rule::Whole {
        let stray = |have: &&T| !expected.iter().any(|want| key(want) == key(have));
        if let Some(have) = got.iter().find(stray) {
            let found = format!("an entry for {}", plain(&format!("{:?}", key(have))));
            return Err(difference(place, NOTHING, found));
        }
    }
    Ok(())
}

fn records(place: &str, expected: Option<&Vec<LogRecord>>, got: Option<&Vec<LogRecord>>) -> Check {
    let Some(expected) = expected else {
        return Ok(());
    };
    let got = got.map_or(&[][..], Vec::as_slice);
    let name = |record: &LogRecord| {
        let word = record.message.as_ref().or(record.marker.as_ref());
        let word = word.map_or("?", String::as_str);
        record.offset.map_or(word.to_owned(), |offset| {
            format!("{word} at offset {offset}")
        })
    };
    list(
        &format!("{place}.records"),
        expected,
        got,
        name,
        |place, want, have| {
            equal(
                place,
                "message",
                want.message.as_ref(),
                have.message.as_ref(),
            )?;
            equal(place, "marker", want.marker.as_ref(), have.marker.as_ref())?;
            equal(place, "offset", want.offset, have.offset)?;
            equal(place, "epoch", want.epoch, have.epoch)
        },
    )
}

fn logs(expected: &Observed, got: &Observed, rule: Rule) -> Check {
    let (expected, got) = (expected.log.as_ref(), got.log.as_ref());
    let key = |e: &super::observed::LogEntry| {
        (
            e.after_step,
            e.topic.clone(),
            e.partition,
            e.isolation.clone(),
        )
    };
    keyed("log", expected, got, rule, key, |place, want, have| {
        records(place, want.records.as_ref(), have.records.as_ref())?;
        equal(place, "start", want.start, have.start)?;
        equal(place, "end", want.end, have.end)
    })
}

fn replicas(expected: &Observed, got: &Observed, rule: Rule) -> Check {
    let (expected, got) = (expected.replica_log.as_ref(), got.replica_log.as_ref());
    let key = |e: &super::observed::ReplicaEntry| {
        (e.after_step, e.node.clone(), e.topic.clone(), e.partition)
    };
    keyed(
        "replica_log",
        expected,
        got,
        rule,
        key,
        |place, want, have| records(place, want.records.as_ref(), have.records.as_ref()),
    )
}

fn offsets(expected: &Observed, got: &Observed, rule: Rule) -> Check {
    let (expected, got) = (expected.group_offsets.as_ref(), got.group_offsets.as_ref());
    let key = |e: &super::observed::OffsetsEntry| (e.after_step, e.group.clone());
    keyed(
        "group_offsets",
        expected,
        got,
        rule,
        key,
        |place, want, have| {
            equal(
                place,
                "offsets",
                want.offsets.as_ref(),
                have.offsets.as_ref(),
            )
        },
    )
}

fn assignments(expected: &Observed, got: &Observed, rule: Rule) -> Check {
    let (expected, got) = (expected.assignments.as_ref(), got.assignments.as_ref());
    let key = |e: &super::observed::AssignmentEntry| (e.after_step, e.client.clone());
    keyed(
        "assignments",
        expected,
        got,
        rule,
        key,
        |place, want, have| {
            equal(
                place,
                "partitions",
                want.partitions.as_ref(),
                have.partitions.as_ref(),
            )
        },
    )
}

fn state_key(entry: &StateEntry) -> (u32, String, u16) {
    (entry.after_step, entry.topic.clone(), entry.partition)
}

fn states(expected: &Observed, got: &Observed) -> Check {
    let (expected, got) = (
        expected.partition_state.as_ref(),
        got.partition_state.as_ref(),
    );
    keyed(
        "partition_state",
        expected,
        got,
        Rule::Whole,
        state_key,
        |place, want, have| {
            equal(place, "leader", want.leader.as_ref(), have.leader.as_ref())?;
            if let Some(any) = &want.leader_any_of {
                let is = have.leader.iter().flatten().next();
                if !is.is_some_and(|is| any.contains(is)) {
                    let got = is.map_or(NOTHING.to_owned(), Clone::clone);
                    return Err(difference(format!("{place}.leader"), names(any), got));
                }
            }
            equal(place, "leader_epoch", want.leader_epoch, have.leader_epoch)?;
            equal(place, "isr", want.isr.as_ref(), have.isr.as_ref())?;
            equal(place, "elr", want.elr.as_ref(), have.elr.as_ref())?;
            equal(
                place,
                "last_known_elr",
                want.last_known_elr.as_ref(),
                have.last_known_elr.as_ref(),
            )
        },
    )
}

/// The entries of an outcome that somebody expects something of.
fn only_expected(expected: &Observed, got: &Observed) -> Observed {
    let wanted = |have: &&StateEntry| {
        let mut all = expected.partition_state.iter().flatten();
        all.any(|want| state_key(want) == state_key(have))
    };
    let kept = got.partition_state.iter().flatten().filter(wanted);
    Observed {
        partition_state: Some(kept.cloned().collect()),
        ..Observed::default()
    }
}

/// Errors as a multiset; `whole` is all that came, `some` a part of it.
pub(super) fn errors(
    whole: Option<&Vec<ErrorEntry>>,
    some: Option<&Vec<ErrorEntry>>,
    got: Option<&Vec<ErrorEntry>>,
    rule: Rule,
) -> Check {
    let none = Vec::new();
    let got = got.unwrap_or(&none);
    if let Some(whole) = whole
        && (whole.len() != got.len() || !contains(whole, got, rule))
    {
        return Err(difference("errors", listed(whole), listed(got)));
    }
    if let Some(some) = some
        && !contains(some, got, rule)
    {
        return Err(difference("errors_at_least", listed(some), listed(got)));
    }
    Ok(())
}

/// Whether each expected error has one of its own among those that came.
fn contains(expected: &[ErrorEntry], got: &[ErrorEntry], rule: Rule) -> bool {
    let step = |error: &ErrorEntry| error.step.filter(|_| rule == Rule::Whole);
    let mut left: Vec<&ErrorEntry> = got.iter().collect();
    let mut wanted: Vec<&ErrorEntry> = expected.iter().collect();
    // Those with a step first, since the others take any.
    wanted.sort_by_key(|error| step(error).is_none());
    wanted.into_iter().all(|want| {
        let fits = |have: &&ErrorEntry| {
            have.client == want.client
                && have.code == want.code
                && have.kind == want.kind
                && step(want).is_none_or(|at| have.step == Some(at))
        };
        let place = left.iter().position(fits);
        place.map(|at| left.remove(at)).is_some()
    })
}

fn listed(errors: &[ErrorEntry]) -> String {
    let all: Vec<String> = errors
        .iter()
        .map(|error| {
            let kind = error.kind.as_ref();
            let kind = kind.map_or(String::new(), |kind| format!(" {kind}"));
            let step = error.step.map(|step| format!(" at step {step}"));
            format!(
                "{} {}{kind}{}",
                error.client,
                error.code,
                step.unwrap_or_default()
            )
        })
        .collect();
    format!("[{}]", all.join(", "))
}

#[cfg(test)]
mod tests;
