//! Topics, clients and times: the statements with options.

use winnow::prelude::*;
use winnow::stream::Stream;

use super::acts::place;
use super::tokens::{
    clock, clocks, expected, expected_at, keyword, list, maybe_word, name, names, number,
    partition, peek, sign, word,
};
use crate::scenario::act::Place;
use crate::topology::{
    AfterFailure, Commits, Consuming, OnFailure, ProducerEnd, Producing, Times, Topic,
};

/// A client as its line says it: `group` is a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made<T> {
    pub(crate) name: String,
    pub(crate) program: T,
    pub(crate) by_hand: bool,
    pub(crate) group: Option<String>,
}

/// `topic orders partitions 2 replicas 3`, or `topic orders on b1,b2,b3; b2,b3,b1`.
pub(crate) fn topic(input: &mut &str) -> ModalResult<Topic> {
    let name = name(input, "a name")?;
    let (mut partitions, mut replication_factor, mut assignment) = (1, 3, Vec::new());
    loop {
        let start = input.checkpoint();
        match maybe_word(input)?.unwrap_or("") {
            "" => break,
            "partitions" => partitions = number(input, "a number of partitions")?,
            "replicas" => replication_factor = number(input, "a number of replicas")?,
            "on" => {
                assignment.push(names(input, "brokers, the preferred leader first")?);
                while sign(input, ";")? {
                    assignment.push(names(input, "brokers, the preferred leader first")?);
                }
                partitions = u16::try_from(assignment.len()).unwrap_or(u16::MAX);
                replication_factor = u16::try_from(assignment[0].len()).unwrap_or(u16::MAX);
            }
            _ => {
                return expected_at(
                    input,
                    &start,
                    "partitions, replicas, on, or the end of the line",
                );
            }
        }
    }
    Ok(Topic {
        name,
        partitions,
        replication_factor,
        assignment,
    })
}

/// The rest of a line that begins with `producer`.
pub(crate) fn producer(input: &mut &str) -> ModalResult<Made<Producing>> {
    let name = name(input, "a name")?;
    let mut made = Made {
        name,
        program: Producing::default(),
        by_hand: false,
        group: None,
    };
    let program = &mut made.program;
    loop {
        let start = input.checkpoint();
        match maybe_word(input)?.unwrap_or("") {
            "" => break,
            "to" => match place(input)? {
                Place::Topic(topic) => program.topic = topic,
                Place::Partition(tp) => {
                    let parts = tp
                        .rsplit_once('-')
                        .and_then(|(t, p)| Some((t, p.parse().ok()?)));
                    let Some((topic, partition)) = parts else {
                        return expected_at(input, &start, "a partition such as orders-0");
                    };
                    (program.topic, program.partition) = (topic.to_owned(), Some(partition));
                }
            },
            "messages" => program.stop_after = number(input, "how many messages in all")?,
            "interval" => program.interval_us = clock(input)?,
            "burst" => program.burst = number(input, "messages of a burst")?,
            "size" => program.size = number(input, "bytes")?,
            "keys" => program.keys = number(input, "how many different keys; 0 for none")?,
            "begin" => program.start_us = clock(input)?,
            "on-failure" => {
                program.on_failure = match word(input, ON_FAILURE)? {
                    "look" => OnFailure::Look,
                    "ignore" => OnFailure::Ignore,
                    "resend" => OnFailure::Resend(number(input, "how often at most")?),
                    _ => return expected_at(input, &start, ON_FAILURE),
                }
            }
            "end" => {
                program.end = match word(input, "stay, close or exit")? {
                    "stay" => ProducerEnd::Stay,
                    "close" => ProducerEnd::Close,
                    "exit" => ProducerEnd::Exit,
                    _ => return expected_at(input, &start, "end stay, end close or end exit"),
                }
            }
            "by-hand" => made.by_hand = true,
            _ => return expected_at(input, &start, PRODUCER),
        }
    }
    Ok(made)
}

const ON_FAILURE: &str = "on-failure look, on-failure ignore, or on-failure resend and how often";
const PRODUCER: &str = "to, messages, interval, burst, size, keys, begin, on-failure, end, by-hand, or \
    the end of the line";
const CONSUMER: &str = "subscribe, assign, group, polls, begin, processing, commit, hands-off, \
    fails-at, then, idempotent-sink, commit-on-revoke, by-hand, or the end of the line";
const COMMITS: &str = "commit none, commit sync-after, commit sync-before or commit async-after";

/// The rest of a line that begins with `consumer`.
pub(crate) fn consumer(input: &mut &str) -> ModalResult<Made<Consuming>> {
    let client = name(input, "a name")?;
    let program = Consuming::default();
    let mut made = Made {
        name: client,
        program,
        by_hand: false,
        group: None,
    };
    let program = &mut made.program;
    loop {
        let start = input.checkpoint();
        match maybe_word(input)?.unwrap_or("") {
            "" => break,
            "subscribe" => program.subscribe = names(input, "topics")?,
            "assign" => program.assign = list(input, partition)?,
            "group" => made.group = Some(name(input, "a group")?),
            "polls" => program.polls = true,
            "begin" => program.start_us = clock(input)?,
            "processing" => program.processing_us = clock(input)?,
            "commit" => {
                program.commit = match word(input, COMMITS)? {
                    "none" => Commits::None,
                    "sync-after" => Commits::SyncAfter,
                    "sync-before" => Commits::SyncBefore,
                    "async-after" => Commits::AsyncAfter,
                    _ => return expected_at(input, &start, COMMITS),
                }
            }
            "hands-off" => program.hands_off = true,
            "fails-at" => program.fails_at = Some(number(input, "which record, counted from 1")?),
            "then" => {
                program.after_failure = match word(input, "close, exit or skip")? {
                    "close" => AfterFailure::Close,
                    "exit" => AfterFailure::Exit,
                    "skip" => AfterFailure::Skip,
                    _ => return expected_at(input, &start, "then close, then exit or then skip"),
                }
            }
            "idempotent-sink" => program.idempotent_sink = true,
            "commit-on-revoke" => program.commit_on_revoke = true,
            "by-hand" => made.by_hand = true,
            _ => return expected_at(input, &start, CONSUMER),
        }
    }
    Ok(made)
}

/// The rest of a line that begins with `times`.
pub(crate) fn times(input: &mut &str) -> ModalResult<Times> {
    let mut times = Times::default();
    if peek(input)?.is_empty() {
        return expected(TIMES);
    }
    loop {
        let start = input.checkpoint();
        match maybe_word(input)?.unwrap_or("") {
            "" => return Ok(times),
            "hop" => times.hop_us = clocks(input)?,
            "sync" => times.sync_us = clocks(input)?,
            "write-back" => times.write_back_us = clocks(input)?,
            "client-start" => times.client_start_us = clock(input)?,
            "broker-start" => times.broker_start_us = clock(input)?,
            "broker-stop" => times.broker_stop_us = clock(input)?,
            "send" => times.send_us = clock(input)?,
            _ => return expected_at(input, &start, TIMES),
        }
    }
}

const TIMES: &str = "hop, sync, write-back, client-start, broker-start, broker-stop or send";

/// `system kafka 4.3`: the profile.
pub(crate) fn system(input: &mut &str) -> ModalResult<String> {
    keyword(input, "kafka", "kafka (rabbitmq is not built yet)")?;
    name(input, "a version such as 4.3")
}
