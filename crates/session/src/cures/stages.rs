//! What a fault can be placed by: how far a message had come. Times differ between settings and seeds;
//! that the producer had just been told of a message does not.

use std::collections::BTreeMap;
use std::fmt;

use ackscope_kafka::{Fact, Kafka, Tp};
use ackscope_kernel::{EntryId, MessageKey, Time, Trace, What, World};

use crate::scenario::watch::Answers;

/// How far a message has come, in the order in which that usually happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// The application called send().
    Offered,
    /// A leader has it.
    Appended,
    /// A leader has sent its answer.
    Answered,
    /// The application knows what became of it, good or bad.
    Told,
    /// A consumer's poll() returned it.
    Handed,
    /// A consumer's application processed it.
    Processed,
}

/// A message and how far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stage {
    pub(super) key: MessageKey,
    pub(super) way: Way,
}

impl Stage {
    /// The words for it, as the role of a fault has them.
    pub(super) fn text(self, world: &World<Kafka>) -> String {
        format!(
            "m{} of {} {}",
            self.key.number,
            world.name(self.key.origin),
            self.way
        )
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Way::Offered => "offered",
            Way::Appended => "appended",
            Way::Answered => "answered",
            Way::Told => "told",
            Way::Handed => "handed out",
            Way::Processed => "processed",
        })
    }
}

/// When each stage was reached first.
#[derive(Clone, Debug)]
pub(super) struct Stages {
    seen: u32,
    answers: Answers,
    reached: BTreeMap<Stage, (Time, EntryId)>,
    /// What stands in the logs: consumers speak of offsets.
    places: BTreeMap<(Tp, i64), MessageKey>,
}

impl Stages {
    /// Begins after the first `zero` entries.
    pub(super) fn since(zero: u32) -> Self {
        Stages {
            seen: zero,
            answers: Answers::since(zero),
            reached: BTreeMap::new(),
            places: BTreeMap::new(),
        }
    }

    /// Takes the entries that are new.
    pub(super) fn follow(&mut self, trace: &Trace<Kafka>) {
        self.answers.follow(trace);
        for (id, entry) in trace.range(self.seen, trace.len()) {
            let (at, reached) = (entry.at, &mut self.reached);
            let mut reach = |key: MessageKey, way: Way| {
                reached.entry(Stage { key, way }).or_insert((at, id));
            };
            let fact = match &entry.what {
                What::Note(fact) => fact,
                What::Sent { .. } => {
                    let about = self.answers.about(id);
                    about.iter().for_each(|key| reach(*key, Way::Answered));
                    continue;
                }
                _ => continue,
            };
            match fact {
                Fact::Offered(key) => reach(*key, Way::Offered),
                Fact::Appended { tp, base, keys, .. } => {
                    for (key, offset) in keys.iter().zip(*base..) {
                        self.places.insert((*tp, offset), *key);
                        reach(*key, Way::Appended);
                    }
                }
                Fact::Acked { keys, .. } | Fact::SendFailed { keys, .. } => {
                    keys.iter().for_each(|key| reach(*key, Way::Told));
                }
                Fact::Handed { tp, from, to } => {
                    let there = self.places.range((*tp, *from)..(*tp, *to));
                    there.for_each(|(_, key)| reach(*key, Way::Handed));
                }
                Fact::Processed { records, .. } => {
                    records
                        .iter()
                        .for_each(|(key, _)| reach(*key, Way::Processed));
                }
                _ => {}
            }
        }
        self.seen = trace.len();
    }

    /// When a stage was reached.
    pub(super) fn at(&self, stage: Stage) -> Option<Time> {
        self.reached.get(&stage).map(|(at, _)| *at)
    }

    /// The last stage that was reached before entry `limit`: of these messages if any of them had come
    /// anywhere, else of any.
    pub(super) fn before(&self, limit: u32, of: &[MessageKey]) -> Option<(Stage, Time)> {
        let latest = |mine: bool| {
            let known = self.reached.iter();
            known
                .filter(|(stage, (_, id))| id.0 < limit && (!mine || of.contains(&stage.key)))
                .max_by_key(|(stage, (_, id))| (*id, **stage))
                .map(|(stage, (at, _))| (*stage, *at))
        };
        latest(true).or_else(|| latest(false))
    }
}
