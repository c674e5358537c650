//! What the trace says about the clients of a case: outcomes, deliveries, returns of calls.

use std::collections::BTreeMap;

use ackscope_kafka::metadata::PartitionState;
use ackscope_kafka::{Call, ClientError, Fact, Kafka, Tp};
use ackscope_kernel::{Entry, EntryId, MessageKey, Recorder, SeatId, What, World};
use std::sync::Arc;

/// What a producer heard of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing yet.
    Nothing,
    /// The callback succeeded.
    Acked(Tp, i64),
    /// The callback failed, or send() threw.
    Failed(ClientError),
}

/// An answer that somebody waits for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// A call returned, or threw.
    Returned(Call, Option<ClientError>),
    /// A whole log.
    Log(Tp, i64, i64, Arc<[(i64, MessageKey)]>),
    /// A group's offsets.
    Offsets(Arc<str>, Vec<(Tp, i64)>),
    /// The state of a partition.
    State(Tp, Arc<PartitionState>),
}

/// An account of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Collector {
    /// The present step.
    pub(super) step: u32,
    /// By producer and message. The last send of a message counts.
    pub(super) heard: BTreeMap<SeatId, BTreeMap<MessageKey, Heard>>,
    /// What each consumer's application processed, in order.
    pub(super) deliveries: BTreeMap<SeatId, Vec<(MessageKey, Tp, i64)>>,
    /// What each consumer was told that it owns.
    pub(super) assigned: BTreeMap<SeatId, Vec<Tp>>,
    /// Exceptions: step, client, what.
    pub(super) errors: Vec<(u32, SeatId, Call, ClientError)>,
    /// Answers by whom they reached, in order.
    pub(super) answers: Vec<(SeatId, Answer)>,
}

impl Collector {
    /// How many messages of a producer have no outcome.
    pub(super) fn open(&self, producer: SeatId) -> usize {
        let heard = self.heard.get(&producer).into_iter().flatten();
        heard.filter(|(_, heard)| **heard == Heard::Nothing).count()
    }

    /// How many messages of a producer have an outcome.
    pub(super) fn settled(&self, producer: SeatId) -> usize {
        self.heard.get(&producer).map_or(0, BTreeMap::len) - self.open(producer)
    }

    /// Whether each of these messages has an outcome.
    pub(super) fn all_settled(&self, producer: SeatId, keys: &[MessageKey]) -> bool {
        let heard = self.heard.get(&producer);
        keys.iter().all(|key| {
            let found = heard.and_then(|heard| heard.get(key));
            found.is_some_and(|heard| *heard != Heard::Nothing)
        })
    }

    /// The first answer to this seat, from `mark` on, that `wanted` takes.
    pub(super) fn answer(
        &self,
        mark: usize,
        seat: SeatId,
        wanted: impl Fn(&Answer) -> bool,
    ) -> Option<&Answer> {
        let from = self.answers.get(mark..).unwrap_or_default();
        let mine = from.iter().filter(|(to, _)| *to == seat);
        mine.map(|(_, answer)| answer).find(|answer| wanted(answer))
    }

    fn hear(&mut self, producer: SeatId, key: MessageKey, heard: Heard) {
        self.heard.entry(producer).or_default().insert(key, heard);
    }

    fn note(&mut self, seat: SeatId, fact: &Fact) {
        match fact {
            Fact::Offered(key) => self.hear(seat, *key, Heard::Nothing),
            Fact::Acked { keys, tp, base } => {
                for (key, at) in keys.iter().zip(0..) {
                    let offset = if *base < 0 { *base } else { base + at };
                    self.hear(seat, *key, Heard::Acked(*tp, offset));
                }
            }
            Fact::SendFailed { keys, error } => {
                for key in keys.iter() {
                    self.hear(seat, *key, Heard::Failed(*error));
                }
            }
            Fact::Processed { tp, records, .. } => {
                let processed = records.iter().map(|(key, offset)| (*key, *tp, *offset));
                self.deliveries.entry(seat).or_default().extend(processed);
            }
            Fact::Assigned { tps, .. } => {
                self.assigned.insert(seat, tps.clone());
            }
            Fact::CallReturned { call } => {
                self.answers.push((seat, Answer::Returned(*call, None)));
            }
            Fact::CallFailed { call, error } => {
                self.answers
                    .push((seat, Answer::Returned(*call, Some(*error))));
                // Failed sends are outcomes, and a condition that could not be looked at is looked at again.
                if !matches!(call, Call::Send | Call::Describe) {
                    self.errors.push((self.step, seat, *call, *error));
                }
            }
            Fact::LogRead {
                tp,
                start,
                end,
                records,
            } => {
                let answer = Answer::Log(*tp, *start, *end, records.clone());
                self.answers.push((seat, answer));
            }
            Fact::OffsetsRead { group, offsets } => {
                let answer = Answer::Offsets(group.clone(), offsets.clone());
                self.answers.push((seat, answer));
            }
            Fact::Described { tp, state } => {
                self.answers.push((seat, Answer::State(*tp, state.clone())));
            }
            _ => {}
        }
    }
}

impl Recorder<Kafka> for Collector {
    fn record(&mut self, _: EntryId, entry: &Entry<Kafka>, _: &World<Kafka>) {
        if let What::Note(fact) = &entry.what {
            self.note(entry.seat, fact);
        }
    }
}
