//! The programs of clients as fields that a person edits, and back.

use crate::topology::{
    AfterFailure, ClientRole, Commits, Consuming, OnFailure, ProducerEnd, Producing, Topology,
};
use crate::view::{FieldKind, ProgramField};
use ackscope_scene::phrase::Phrase;

fn field(key: &'static str, value: impl ToString, kind: FieldKind) -> ProgramField {
    ProgramField {
        key,
        label: Phrase::new(format!("program-{key}")),
        value: value.to_string(),
        kind,
        names: Vec::new(),
    }
}

fn number(
    key: &'static str,
    value: impl ToString,
    min: i64,
    max: i64,
    unit: &'static str,
) -> ProgramField {
    field(
        key,
        value,
        FieldKind::Number {
            min: Some(min),
            max: Some(max),
            unit,
        },
    )
}

/// Words of the program's own; each has a name in the catalogues.
fn words(key: &'static str, value: &str, all: &[&str]) -> ProgramField {
    let name = |word: &&str| Phrase::new(format!("program-{key}-{word}"));
    ProgramField {
        names: all.iter().map(name).collect(),
        ..field(
            key,
            value,
            FieldKind::Choice(all.iter().map(|&word| word.to_owned()).collect()),
        )
    }
}

/// Where a producer sends: the partitioner's choice, or one partition of its topic. With a single
/// partition there is nothing to choose.
fn destination(program: &Producing, topology: &Topology) -> Option<ProgramField> {
    let topic = topology
        .topics
        .iter()
        .find(|topic| program.topic.is_empty() || topic.name == program.topic);
    let (name, count) = topic
        .map(|topic| (topic.name.as_str(), topic.partitions))
        .filter(|(_, count)| *count > 1)?;
    let numbers = (0..count).map(|number| number.to_string());
    let value = program
        .partition
        .map_or_else(|| ANY.to_owned(), |number| number.to_string());
    let names = (0..count).map(|number| Phrase::plain(format!("{name}-{number}")));
    Some(ProgramField {
        names: std::iter::once(Phrase::new("program-to-any"))
            .chain(names)
            .collect(),
        ..field(
            "to",
            value,
            FieldKind::Choice(std::iter::once(ANY.to_owned()).chain(numbers).collect()),
        )
    })
}

const FAILURES: [&str; 3] = ["look", "ignore", "resend"];
const ENDS: [&str; 3] = ["stay", "close", "exit"];
const COMMITS: [&str; 4] = ["none", "sync-after", "sync-before", "async-after"];
const AFTER: [&str; 3] = ["close", "exit", "skip"];
/// No fixed partition.
const ANY: &str = "any";
/// Most messages that a program sends by itself.
const MOST: u32 = 100_000;

/// The fields of a client's program; none for what is no client.
pub(super) fn fields(topology: &Topology, client: &str) -> Vec<ProgramField> {
    match topology
        .clients
        .iter()
        .find(|known| known.name == client)
        .map(|client| &client.role)
    {
        Some(ClientRole::Producer(program)) => of_producer(program, topology),
        Some(ClientRole::Consumer(program)) => of_consumer(program),
        None => Vec::new(),
    }
}

fn of_producer(program: &Producing, topology: &Topology) -> Vec<ProgramField> {
    let failure = match program.on_failure {
        OnFailure::Look => "look",
        OnFailure::Ignore => "ignore",
        OnFailure::Resend(_) => "resend",
    };
    let end = match program.end {
        ProducerEnd::Stay => "stay",
        ProducerEnd::Close => "close",
        ProducerEnd::Exit => "exit",
    };
    let mut all = Vec::from_iter(destination(program, topology));
    all.extend([
        number("begin", program.start_us / 1_000, 0, 3_600_000, "ms"),
        number("interval", program.interval_us / 1_000, 0, 3_600_000, "ms"),
        number("burst", program.burst, 1, 10_000, ""),
        number("size", program.size, 1, 10_000_000, "bytes"),
        number("keys", program.keys, 0, 10_000, ""),
        number("stop-after", program.stop_after, 0, i64::from(MOST), ""),
        words("on-failure", failure, &FAILURES),
    ]);
    if let OnFailure::Resend(times) = program.on_failure {
        all.push(number("resend-times", times, 1, 100, ""));
    }
    all.push(words("end", end, &ENDS));
    all
}

fn of_consumer(program: &Consuming) -> Vec<ProgramField> {
    let commit = match program.commit {
        Commits::None => "none",
        Commits::SyncAfter => "sync-after",
        Commits::SyncBefore => "sync-before",
        Commits::AsyncAfter => "async-after",
    };
    let after = match program.after_failure {
        AfterFailure::Close => "close",
        AfterFailure::Exit => "exit",
        AfterFailure::Skip => "skip",
    };
    vec![
        field("polls", program.polls, FieldKind::Toggle),
        number("begin", program.start_us / 1_000, 0, 3_600_000, "ms"),
        number(
            "processing",
            program.processing_us / 1_000,
            0,
            3_600_000,
            "ms",
        ),
        words("commit", commit, &COMMITS),
        field("hands-off", program.hands_off, FieldKind::Toggle),
        number(
            "fails-at",
            program.fails_at.unwrap_or(0),
            0,
            i64::from(MOST),
            "",
        ),
        words("after-failure", after, &AFTER),
        field(
            "idempotent-sink",
            program.idempotent_sink,
            FieldKind::Toggle,
        ),
        field(
            "commit-on-revoke",
            program.commit_on_revoke,
            FieldKind::Toggle,
        ),
    ]
}

/// Gives a field of a client's program another value.
///
/// # Errors
/// There is no such client or field, or the text is no value of it.
pub fn set_program(
    topology: &mut Topology,
    client: &str,
    key: &str,
    text: &str,
) -> Result<(), String> {
    let text = text.trim();
    let known = fields(topology, client);
    let Some(field) = known.iter().find(|field| field.key == key) else {
        return Err(format!("{client}: there is no field {key}"));
    };
    let wrong = || format!("{client} {key}: {text} is not possible here");
    let number = match &field.kind {
        FieldKind::Number { min, max, .. } => {
            let number: i64 = text.parse().ok().ok_or_else(wrong)?;
            let fits = min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max);
            if fits {
                u32::try_from(number).ok().ok_or_else(wrong)?
            } else {
                return Err(wrong());
            }
        }
        FieldKind::Choice(all) if !all.iter().any(|word| word == text) => return Err(wrong()),
        FieldKind::Toggle if text != "true" && text != "false" => return Err(wrong()),
        _ => 0,
    };
    let on = text == "true";
    match topology
        .clients
        .iter_mut()
        .find(|known| known.name == client)
        .map(|client| &mut client.role)
    {
        Some(ClientRole::Producer(program)) => match key {
            "to" => program.partition = text.parse().ok(),
            "begin" => program.start_us = u64::from(number) * 1_000,
            "interval" => program.interval_us = u64::from(number) * 1_000,
            "burst" => program.burst = number,
            "size" => program.size = number,
            "keys" => program.keys = number,
            "stop-after" => program.stop_after = number,
            "on-failure" => {
                program.on_failure = match text {
                    "ignore" => OnFailure::Ignore,
                    "resend" => OnFailure::Resend(3),
                    _ => OnFailure::Look,
                };
            }
            "resend-times" => {
                program.on_failure = OnFailure::Resend(u16::try_from(number).unwrap_or(u16::MAX))
            }
            _ => {
                program.end = match text {
                    "close" => ProducerEnd::Close,
                    "exit" => ProducerEnd::Exit,
                    _ => ProducerEnd::Stay,
                };
            }
        },
        Some(ClientRole::Consumer(program)) => match key {
            "polls" => program.polls = on,
            "begin" => program.start_us = u64::from(number) * 1_000,
            "processing" => program.processing_us = u64::from(number) * 1_000,
            "commit" => {
                program.commit = match text {
                    "sync-after" => Commits::SyncAfter,
                    "sync-before" => Commits::SyncBefore,
                    "async-after" => Commits::AsyncAfter,
                    _ => Commits::None,
                };
            }
            "hands-off" => program.hands_off = on,
            "fails-at" => program.fails_at = (number > 0).then_some(number),
            "after-failure" => {
                program.after_failure = match text {
                    "exit" => AfterFailure::Exit,
                    "skip" => AfterFailure::Skip,
                    _ => AfterFailure::Close,
                };
            }
            "idempotent-sink" => program.idempotent_sink = on,
            _ => program.commit_on_revoke = on,
        },
        None => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::{Client, Topic};

    fn topology() -> Topology {
        let client = |name: &str, role| Client {
            name: name.to_owned(),
            role,
        };
        Topology {
            topics: vec![Topic {
                name: "orders".to_owned(),
                partitions: 2,
                replication_factor: 1,
                assignment: Vec::new(),
            }],
            clients: vec![
                client("p1", ClientRole::Producer(Producing::default())),
                client("c1", ClientRole::Consumer(Consuming::default())),
            ],
            ..Topology::default()
        }
    }

    #[test]
    fn every_field_takes_another_value_and_shows_it() {
        for client in ["p1", "c1"] {
            let mut set = topology();
            for field in fields(&set, client) {
                let text = match &field.kind {
                    FieldKind::Toggle => (field.value != "true").to_string(),
                    FieldKind::Choice(all) => all
                        .iter()
                        .find(|word| **word != field.value)
                        .unwrap()
                        .clone(),
                    FieldKind::Number { .. } => "7".to_owned(),
                    FieldKind::Text => "x".to_owned(),
                };
                set_program(&mut set, client, field.key, &text).unwrap();
                let now = fields(&set, client)
                    .into_iter()
                    .find(|now| now.key == field.key)
                    .unwrap();
                assert_eq!(now.value, text, "{client} {}", field.key);
            }
        }
    }

    #[test]
    fn nonsense_is_refused_and_changes_nothing() {
        let mut set = topology();
        for (client, key, text) in [
            ("p1", "burst", "0"),
            ("p1", "burst", "x"),
            ("p1", "end", "never"),
            ("c1", "polls", "1"),
            ("p9", "end", "stay"),
            ("p1", "commit", "none"),
        ] {
            assert!(
                set_program(&mut set, client, key, text).is_err(),
                "{client} {key} {text}"
            );
        }
        assert_eq!(set, topology());
    }
}
