//! What the trace says about the clients of a case: outcomes, deliveries, errors, ends of calls.

use std::collections::{BTreeMap, BTreeSet};

use ackscope_kernel::{Entry, EntryId, MessageKey, Recorder, SeatId, What, World};
use ackscope_rabbitmq::facts::{CallEnd, Fact, QueueLook};
use ackscope_rabbitmq::message::Death;
use ackscope_rabbitmq::system::Rabbit;

/// What a producer heard of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Nothing,
    Acked,
    Nacked,
    Returned,
    Committed,
    RolledBack,
    /// The channel or connection was closed with this code.
    Closed(u16),
    /// There was no connection to send it over.
    NoConnection,
}

/// What a client was told about a message: what became of it, and whether the channel promised anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) heard: Heard,
    pub(super) fired: bool,
}

/// A message that somebody read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) key: MessageKey,
    pub(super) redelivered: bool,
    pub(super) delivery_count: Option<u32>,
    pub(super) offset: Option<u64>,
    pub(super) deaths: Vec<Death>,
}

/// An error as a client met it: code 0 has a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Error {
    pub(super) step: i64,
    pub(super) seat: SeatId,
    pub(super) code: u16,
    pub(super) kind: Option<&'static str>,
}

/// What a node says of itself and the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NodeStatus {
    pub(super) running: bool,
    pub(super) seen: BTreeSet<SeatId>,
    pub(super) partitioned: bool,
}

/// An account of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Collector {
    /// The present step; -1 before the first one.
    pub(super) step: i64,
    /// By producer and message. The last send of a message counts.
    pub(super) outcomes: BTreeMap<SeatId, BTreeMap<MessageKey, Outcome>>,
    /// Published on a channel that answers, and not answered.
    pub(super) awaited: BTreeMap<SeatId, BTreeSet<MessageKey>>,
    /// Messages that a client tried to send.
    pub(super) tried: BTreeMap<SeatId, u64>,
    /// Clients whose channel or connection is gone.
    pub(super) closed: BTreeSet<SeatId>,
    /// What each consumer's application processed, in order.
    pub(super) deliveries: BTreeMap<SeatId, Vec<Reading>>,
    /// What a client that only looks read, in order.
    pub(super) reads: Vec<(SeatId, Reading)>,
    /// All errors in the order in which they were met.
    pub(super) errors: Vec<Error>,
    /// Ends of calls.
    pub(super) ended: BTreeMap<(SeatId, u32), CallEnd>,
    /// Answers of nodes by the number of the question.
    pub(super) statuses: BTreeMap<(SeatId, u32), NodeStatus>,
    /// Answers of nodes about queues.
    pub(super) looks: BTreeMap<(SeatId, u32), Option<Box<QueueLook>>>,
    /// Policies that were stored, or not.
    pub(super) policies: u32,
    /// Clients that this side cut off: what they meet later is nobody's error.
    pub(super) gone: BTreeSet<SeatId>,
}

impl Collector {
    fn hear(&mut self, seat: SeatId, keys: &[MessageKey], heard: Heard) {
        let outcomes = self.outcomes.entry(seat).or_default();
        for key in keys {
            if let Some(outcome) = outcomes.get_mut(key)
                && outcome.heard == Heard::Nothing
            {
                outcome.heard = heard;
            }
        }
    }

    fn answered(&mut self, seat: SeatId, keys: &[MessageKey]) {
        if let Some(awaited) = self.awaited.get_mut(&seat) {
            for key in keys {
                awaited.remove(key);
            }
        }
    }

    /// A message that a client could not even try to send: its process is gone.
    pub(super) fn unsendable(&mut self, seat: SeatId, key: MessageKey) {
        *self.tried.entry(seat).or_default() += 1;
        let outcome = Outcome {
            heard: Heard::NoConnection,
            fired: false,
        };
        self.outcomes.entry(seat).or_default().insert(key, outcome);
    }

    /// How many messages of a client were acked or nacked.
    pub(super) fn confirmed(&self, seat: SeatId) -> u64 {
        let all = self.outcomes.get(&seat).into_iter().flatten();
        let heard = all.filter(|(_, o)| matches!(o.heard, Heard::Acked | Heard::Nacked));
        u64::try_from(heard.count()).unwrap_or(u64::MAX)
    }

    /// Whether a client waits for no answer about its messages.
    pub(super) fn all_answered(&self, seat: SeatId) -> bool {
        self.awaited.get(&seat).is_none_or(BTreeSet::is_empty)
    }

    /// How many deliveries a client processed.
    pub(super) fn processed(&self, seat: SeatId) -> u64 {
        let all = self.deliveries.get(&seat).map_or(0, Vec::len);
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    fn error(&mut self, seat: SeatId, code: u16, kind: Option<&'static str>) {
        if !self.gone.contains(&seat) {
            self.errors.push(Error {
                step: self.step,
                seat,
                code,
                kind,
            });
        }
    }

    fn note(&mut self, seat: SeatId, fact: &Fact) {
        match fact {
            Fact::Offered { key, fired } => {
                *self.tried.entry(seat).or_default() += 1;
                let outcome = Outcome {
                    heard: Heard::Nothing,
                    fired: *fired,
                };
                self.outcomes.entry(seat).or_default().insert(*key, outcome);
                if !fired {
                    self.awaited.entry(seat).or_default().insert(*key);
                }
            }
            Fact::SendFailed { key, code } => {
                self.unsendable(seat, *key);
                if let Some(code) = code {
                    let outcomes = self.outcomes.entry(seat).or_default();
                    outcomes.entry(*key).and_modify(|outcome| {
                        outcome.heard = Heard::Closed(code.number());
                    });
                }
            }
            Fact::Acked { keys } => {
                self.hear(seat, keys, Heard::Acked);
                self.answered(seat, keys);
            }
            Fact::Nacked { keys } => {
                self.hear(seat, keys, Heard::Nacked);
                self.answered(seat, keys);
            }
            Fact::Returned { key } => self.hear(seat, &[*key], Heard::Returned),
            Fact::Committed { keys } => {
                self.hear(seat, keys, Heard::Committed);
                self.answered(seat, keys);
            }
            Fact::RolledBack { keys } => {
                self.hear(seat, keys, Heard::RolledBack);
                self.answered(seat, keys);
            }
            Fact::Unknown { keys, code } => {
                if let Some(code) = code {
                    self.hear(seat, keys, Heard::Closed(code.number()));
                }
                self.answered(seat, keys);
            }
            Fact::Processed {
                key,
                redelivered,
                delivery_count,
                offset,
                deaths,
                ..
            } => {
                let reading = Reading {
                    key: *key,
                    redelivered: *redelivered,
                    delivery_count: *delivery_count,
                    offset: *offset,
                    deaths: deaths.clone(),
                };
                self.deliveries.entry(seat).or_default().push(reading);
            }
            Fact::Read {
                key,
                redelivered,
                delivery_count,
                offset,
                deaths,
            } => {
                let reading = Reading {
                    key: *key,
                    redelivered: *redelivered,
                    delivery_count: *delivery_count,
                    offset: *offset,
                    deaths: deaths.clone(),
                };
                self.reads.push((seat, reading));
            }
            Fact::HeardClose { reply, .. } => {
                self.closed.insert(seat);
                self.error(seat, reply.code.number(), None);
            }
            Fact::ConnectionLost => {
                self.closed.insert(seat);
                self.error(seat, 0, Some("connection-lost"));
            }
            Fact::HeardCancel { .. } => self.error(seat, 0, Some("cancelled")),
            Fact::CallEnded { number, end } => {
                self.ended.insert((seat, *number), *end);
                match end {
                    CallEnd::TimedOut => self.error(seat, 0, Some("timeout")),
                    CallEnd::Refused => self.error(seat, 0, Some("refused")),
                    CallEnd::Done | CallEnd::Broken => {}
                }
            }
            Fact::Status {
                ask,
                running,
                seen,
                partitioned,
            } => {
                let status = NodeStatus {
                    running: *running,
                    seen: seen.iter().copied().collect(),
                    partitioned: !partitioned.is_empty(),
                };
                self.statuses.insert((seat, *ask), status);
            }
            Fact::QueueSeen { ask, look } => {
                self.looks.insert((seat, *ask), look.clone());
            }
            Fact::PolicySet { .. } => self.policies += 1,
            _ => {}
        }
    }
}

impl Recorder<Rabbit> for Collector {
    fn record(&mut self, _: EntryId, entry: &Entry<Rabbit>, _: &World<Rabbit>) {
        if let What::Note(fact) = &entry.what {
            self.note(entry.seat, fact);
        }
    }
}
