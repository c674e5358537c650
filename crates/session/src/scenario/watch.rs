//! Finding what happened in a trace: which entries an [`Event`] means.

use ackscope_kernel::SortedMap;
use std::collections::VecDeque;

use ackscope_kafka::messages::kind;
use ackscope_kafka::{Election, Fact, Kafka, PositionWhy};
use ackscope_kernel::{
    ConnId, Entry, EntryId, MessageKey, SeatId, Trace, What as Happening, World,
};

use super::claim::{BrokerEvent, ElectionRule, Event, MessageEvent, What};
use crate::recipe::Lookup;

/// What only the order of entries tells: which messages an answer to Produce is about. A broker works
/// on one request of a connection at a time, so answers come in the order of the requests.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    seen: u32,
    open: SortedMap<(SeatId, ConnId), VecDeque<EntryId>>,
    asked: SortedMap<EntryId, Vec<MessageKey>>,
    answered: SortedMap<EntryId, Vec<MessageKey>>,
}

impl Answers {
    /// Begins after the first `zero` entries.
    #[must_use]
    pub fn since(zero: u32) -> Self {
        Answers {
            seen: zero,
            ..Answers::default()
        }
    }

    /// Takes the entries that are new.
    pub fn follow(&mut self, trace: &Trace<Kafka>) {
        for (id, entry) in trace.range(self.seen, trace.len()) {
            match &entry.what {
                Happening::Read { sent } => {
                    if let Some(Happening::Sent { conn, brief, .. }) =
                        trace.get(*sent).map(|entry| &entry.what)
                        && brief.kind == kind::PRODUCE
                    {
                        self.open
                            .entry((entry.seat, *conn))
                            .or_default()
                            .push_back(id);
                    }
                }
                Happening::Note(
                    Fact::Appended { keys, .. }
                    | Fact::DuplicateDropped { keys, .. }
                    | Fact::ProduceRefused { keys, .. },
                ) => {
                    if let Some(read) = entry.causes.iter().next() {
                        self.asked.entry(read).or_default().extend(keys.iter());
                    }
                }
                Happening::Sent { conn, brief, .. }
                    if brief.kind == kind::PRODUCE + kind::ANSWER =>
                {
                    let asked = self
                        .open
                        .get_mut(&(entry.seat, *conn))
                        .and_then(VecDeque::pop_front);
                    if let Some(keys) = asked.and_then(|read| self.asked.remove(&read)) {
                        self.answered.insert(id, keys);
                    }
                }
                _ => {}
            }
        }
        self.seen = trace.len();
    }

    /// The messages that an answer to Produce is about.
    #[must_use]
    pub fn about(&self, sent: EntryId) -> &[MessageKey] {
        self.answered.get(&sent).map_or(&[], Vec::as_slice)
    }
}

/// An event with its names looked up.
#[derive(Clone, Debug)]
pub struct Pattern<'a> {
    what: &'a What,
    seats: Option<Vec<SeatId>>,
    message: Option<MessageKey>,
    nobody: bool,
}

impl<'a> Pattern<'a> {
    /// Looks up the names of an event.
    ///
    /// # Errors
    /// A name that nothing has now.
    pub fn new(event: &'a Event, world: &World<Kafka>) -> Result<Self, String> {
        let lookup = Lookup::new(world);
        let seats = event
            .who
            .as_ref()
            .map(|who| lookup.targets(who))
            .transpose()?;
        let message = match &event.what {
            What::Message(_, Some(name)) | What::Failed(Some(name), _) => {
                Some(lookup.message(name)?)
            }
            _ => None,
        };
        let nobody = event.who.is_none() && matches!(event.what, What::Leads { .. });
        Ok(Pattern {
            what: &event.what,
            seats,
            message,
            nobody,
        })
    }

    /// Whether this entry is meant.
    #[must_use]
    pub fn fits(
        &self,
        id: EntryId,
        entry: &Entry<Kafka>,
        world: &World<Kafka>,
        answers: &Answers,
    ) -> bool {
        let is = |seat: SeatId| {
            self.seats
                .as_ref()
                .is_none_or(|seats| seats.contains(&seat))
        };
        let about = |keys: &[MessageKey]| match self.message {
            Some(key) => keys.contains(&key),
            None => !keys.is_empty(),
        };
        let mine = is(entry.seat);
        let fact = match &entry.what {
            Happening::Note(fact) => fact,
            Happening::Sent { brief, .. } => {
                // An answer that says so: without an error.
                return matches!(self.what, What::Message(MessageEvent::Acked, _))
                    && brief.detail == 0
                    && mine
                    && about(answers.about(id));
            }
            _ => return false,
        };
        match (self.what, fact) {
            (What::Message(event, _), fact) => {
                mine && message_event(*event, fact).is_some_and(|keys| about(&keys))
            }
            (What::Failed(_, wanted), Fact::SendFailed { keys, error }) => {
                mine && about(keys) && wanted.as_ref().is_none_or(|name| name == error.name())
            }
            (What::Broker(event), fact) => {
                broker_event(fact).is_some_and(|(e, b)| e == *event && is(b))
            }
            (
                What::Leads { partition, how },
                Fact::Elected {
                    tp,
                    leader,
                    how: by,
                    ..
                },
            ) => {
                let same_place =
                    crate::founding::tp_named(world.settings(), partition) == Some(*tp);
                let same_leader = match leader {
                    Some(leader) => !self.nobody && is(*leader),
                    None => self.nobody,
                };
                same_place && same_leader && how.is_none_or(|how| rule(*by) == Some(how))
            }
            (What::Threw(name), Fact::CallFailed { error, .. }) => mine && name == error.name(),
            (What::Assigned, Fact::Assigned { .. }) => mine,
            (What::Repositioned, Fact::Positioned { why, .. }) => {
                mine && *why == PositionWhy::Truncated
            }
            _ => false,
        }
    }
}

fn rule(by: Election) -> Option<ElectionRule> {
    match by {
        Election::Clean => Some(ElectionRule::Clean),
        Election::LastKnownLeader => Some(ElectionRule::LastKnownLeader),
        Election::Unclean => Some(ElectionRule::Unclean),
        Election::Nobody => None,
    }
}

fn broker_event(fact: &Fact) -> Option<(BrokerEvent, SeatId)> {
    Some(match fact {
        Fact::Fenced { broker } => (BrokerEvent::Fenced, *broker),
        Fact::Unfenced { broker } => (BrokerEvent::Unfenced, *broker),
        Fact::Registered { broker, .. } => (BrokerEvent::Registered, *broker),
        Fact::RegistrationRefused { broker } => (BrokerEvent::RegistrationRefused, *broker),
        Fact::ShuttingDown { broker } => (BrokerEvent::ShuttingDown, *broker),
        _ => return None,
    })
}

/// The messages to which a fact did this.
fn message_event(event: MessageEvent, fact: &Fact) -> Option<Vec<MessageKey>> {
    let plain = |keys: &[MessageKey]| Some(keys.to_vec());
    let placed = |keys: &[(MessageKey, i64)]| Some(keys.iter().map(|(key, _)| *key).collect());
    match (event, fact) {
        (MessageEvent::Offered, Fact::Offered(key)) => Some(vec![*key]),
        (MessageEvent::Confirmed, Fact::Acked { keys, .. })
        | (MessageEvent::Retried, Fact::Retrying { keys, .. })
        | (MessageEvent::Forgot, Fact::Forgotten { keys })
        | (MessageEvent::Appended, Fact::Appended { keys, .. })
        | (MessageEvent::Refused, Fact::ProduceRefused { keys, .. })
        | (MessageEvent::Deduplicated, Fact::DuplicateDropped { keys, .. }) => plain(keys),
        (MessageEvent::Truncated, Fact::Truncated { keys, .. })
        | (MessageEvent::Deleted, Fact::Deleted { keys, .. })
        | (MessageEvent::Processed, Fact::Processed { records: keys, .. })
        | (MessageEvent::Dropped, Fact::Dropped { records: keys, .. }) => placed(keys),
        (MessageEvent::Passed, Fact::Committed { passed, .. }) => plain(passed),
        (MessageEvent::Suppressed, Fact::EffectSuppressed { message }) => Some(vec![*message]),
        _ => None,
    }
}
