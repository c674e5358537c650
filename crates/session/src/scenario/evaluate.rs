//! Whether a claim holds now.

use ackscope_kernel::SortedMap;

use ackscope_check::{Fate, Ledger, explain};
use ackscope_kafka::records::{DiskRecord, FileName, Payload};
use ackscope_kafka::{Batch, Fact, Kafka, KafkaProcess, Tp};
use ackscope_kernel::{
    Entry, EntryId, MessageKey, SeatId, Status, Time, Trace, What as Happening, World,
};

use super::act::Messages;
use super::claim::{Claim, Event, Expectation, Liveness, Quantity};
use super::quiet::is_quiet;
use super::watch::{Answers, Pattern};
use crate::recipe::{Lookup, image};

/// A labelled step that was done: when, and how long the trace was.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// When.
    pub at: Time,
    /// Entries before it.
    pub entries: u32,
}

/// A run at a moment, as claims look at it.
#[derive(Clone, Copy, Debug)]
pub struct Present<'a> {
    /// The world.
    pub world: &'a World<Kafka>,
    /// The trace.
    pub trace: &'a Trace<Kafka>,
    /// The ledger.
    pub ledger: &'a Ledger<Kafka>,
    /// Whose answers are whose.
    pub answers: &'a Answers,
    /// Labelled steps that were done.
    pub marks: &'a SortedMap<String, Mark>,
    /// Entries before time zero.
    pub zero: u32,
}

/// Whether something holds, and what is the case instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// It holds.
    pub holds: bool,
    /// What was found.
    pub found: String,
}

fn answer(holds: bool, found: impl ToString) -> Answer {
    Answer {
        holds,
        found: found.to_string(),
    }
}

type Asked = Result<Answer, String>;

impl Present<'_> {
    /// Whether an expectation holds. What cannot be looked up does not hold, and the answer says why.
    #[must_use]
    pub fn expectation(&self, expectation: &Expectation) -> Answer {
        let asked = match (&expectation.within, &expectation.claim) {
            (Some(within), Claim::Happened(event)) => self.happened_within(event, within),
            (_, claim) => self.claim(claim),
        };
        let mut result = asked.unwrap_or_else(|reason| answer(false, reason));
        if let (true, Some(reason)) = (result.holds, &expectation.because) {
            result = match &expectation.claim {
                Claim::Fate { messages, .. } => self
                    .because(messages, reason)
                    .unwrap_or_else(|reason| answer(false, reason)),
                _ => answer(false, "only a fate has a reason"),
            };
        }
        if expectation.not {
            result.holds = !result.holds;
        }
        result
    }

    /// Whether a claim holds.
    ///
    /// # Errors
    /// A name that nothing has now.
    pub fn claim(&self, claim: &Claim) -> Asked {
        let lookup = Lookup::new(self.world);
        Ok(match claim {
            Claim::Happened(event) => {
                let first = self.first(event, self.start_of(event))?;
                match first {
                    Some((_, at)) => answer(true, format!("it happened at {}", self.clock(at))),
                    None => answer(false, "it did not happen"),
                }
            }
            Claim::Fate { messages, fate } => self.fates(messages, fate)?,
            Claim::Leader { partition, is } => {
                let leader = self.state(lookup.tp(partition)?)?.leader;
                let found = leader.map(|seat| self.world.name(seat));
                answer(found == is.as_deref(), found.unwrap_or("none"))
            }
            Claim::Isr { partition, is } => {
                self.set(&self.state(lookup.tp(partition)?)?.isr.clone(), is)
            }
            Claim::Elr { partition, is } => {
                self.set(&self.state(lookup.tp(partition)?)?.elr.clone(), is)
            }
            Claim::Number {
                of,
                relation,
                value,
            } => {
                let number = self.quantity(of)?;
                answer(relation.holds(number, *value), number)
            }
            Claim::Log { partition, at, is } => {
                let log = self.log(lookup.seat(at)?, lookup.tp(partition)?);
                let keys: Vec<_> = log
                    .iter()
                    .flat_map(|batch| batch.records())
                    .map(|r| r.message)
                    .collect();
                self.sequence(&keys, is)?
            }
            Claim::Order { consumer, is } => {
                let seat = lookup.seat(consumer)?;
                let mut keys = Vec::new();
                for (_, entry) in self.entries(self.zero) {
                    if let Happening::Note(Fact::Processed { records, .. }) = &entry.what
                        && entry.seat == seat
                    {
                        keys.extend(records.iter().map(|(key, _)| *key));
                    }
                }
                self.sequence(&keys, is)?
            }
            Claim::Process { who, is } => {
                let seats = lookup.targets(who)?;
                let wanted = match is {
                    Liveness::Up => Status::Running,
                    Liveness::Frozen => Status::Frozen,
                    Liveness::Down => Status::Down,
                };
                let other = seats
                    .iter()
                    .find(|seat| self.world.status(**seat).0 != wanted);
                let found = match other.map(|seat| self.world.status(*seat).0) {
                    None => "so",
                    Some(Status::Running) => "up",
                    Some(Status::Frozen) => "frozen",
                    Some(Status::Down) => "down",
                };
                answer(other.is_none(), found)
            }
            Claim::Quiet => {
                let quiet = is_quiet(self);
                answer(
                    quiet,
                    if quiet {
                        "quiet"
                    } else {
                        "something is under way"
                    },
                )
            }
        })
    }

    fn entries(&self, from: u32) -> impl Iterator<Item = (EntryId, &Entry<Kafka>)> {
        self.trace.range(from, self.trace.len())
    }

    /// Where an event is looked for: after its `since`. Nothing when that was not done yet.
    #[must_use]
    pub fn start_of(&self, event: &Event) -> Option<u32> {
        match &event.since {
            None => Some(self.zero),
            Some(label) => self.marks.get(label).map(|mark| mark.entries),
        }
    }

    /// The first entry at `from` or later that an event means, and its time.
    ///
    /// # Errors
    /// A name that nothing has now.
    pub fn first(
        &self,
        event: &Event,
        from: Option<u32>,
    ) -> Result<Option<(EntryId, Time)>, String> {
        let Some(from) = from else { return Ok(None) };
        let pattern = Pattern::new(event, self.world)?;
        let fits = |(id, entry): &(EntryId, &Entry<Kafka>)| {
            pattern.fits(*id, entry, self.world, self.answers)
        };
        Ok(self
            .entries(from)
            .find(fits)
            .map(|(id, entry)| (id, entry.at)))
    }

    fn happened_within(&self, event: &Event, within: &super::claim::Within) -> Asked {
        let Some(mark) = self.marks.get(&within.of) else {
            return Ok(answer(false, format!("{} was not done", within.of)));
        };
        let from = self.start_of(event).map(|start| start.max(mark.entries));
        Ok(match self.first(event, from)? {
            Some((_, at)) => {
                let took = at.since(mark.at).0;
                let holds = (within.from_us..=within.to_us).contains(&took);
                answer(holds, format!("after {}", super::text::Clock(took)))
            }
            None => answer(false, "it did not happen"),
        })
    }

    fn clock(&self, at: Time) -> super::text::Clock {
        super::text::Clock(at.since(crate::founding::ZERO).0)
    }

    fn fates(&self, messages: &[Messages], fate: &str) -> Asked {
        let lookup = Lookup::new(self.world);
        let rows: Vec<(MessageKey, Option<Fate>)> = if messages.is_empty() {
            self.ledger
                .rows()
                .map(|(key, row)| (key, Some(row.fate)))
                .collect()
        } else {
            let keys = lookup.messages(messages)?;
            keys.into_iter()
                .map(|key| (key, self.ledger.row(key).map(|row| row.fate)))
                .collect()
        };
        if rows.is_empty() {
            return Ok(answer(false, "no message was offered"));
        }
        let other = rows
            .iter()
            .find(|(_, found)| found.is_none_or(|f| f.name() != fate));
        Ok(match other {
            None => answer(true, fate),
            Some((key, None)) => answer(false, format!("{} was not offered", lookup.name(*key))),
            Some((key, Some(found))) => {
                answer(false, format!("{} is {}", lookup.name(*key), found.name()))
            }
        })
    }

    /// Whether the story of each of these messages has this sentence.
    fn because(&self, messages: &[Messages], reason: &str) -> Asked {
        let lookup = Lookup::new(self.world);
        let keys = if messages.is_empty() {
            self.ledger.rows().map(|(key, _)| key).collect()
        } else {
            lookup.messages(messages)?
        };
        for key in keys {
            let story = explain(self.world, self.trace, self.ledger, key);
            let story = story.ok_or_else(|| format!("{} was not offered", lookup.name(key)))?;
            let told = story.sentences.iter().map(|sentence| sentence.phrase.key);
            let told: Vec<&str> = told
                .chain(story.allowed.iter().map(|phrase| phrase.key))
                .collect();
            if !told.contains(&reason) {
                let told = told.join(", ");
                return Ok(answer(
                    false,
                    format!("the story of {} is {told}", lookup.name(key)),
                ));
            }
        }
        Ok(answer(true, reason))
    }

    fn state(&self, tp: Tp) -> Result<&ackscope_kafka::metadata::PartitionState, String> {
        let state = image(self.world).and_then(|image| image.partitions.get(&tp));
        state
            .map(|state| &**state)
            .ok_or_else(|| "the controller has no such partition".to_owned())
    }

    fn set(&self, found: &[SeatId], wanted: &[String]) -> Answer {
        let mut names: Vec<&str> = found.iter().map(|seat| self.world.name(*seat)).collect();
        let mut wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        names.sort_unstable();
        wanted.sort_unstable();
        let shown = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(",")
        };
        answer(names == wanted, shown)
    }

    fn sequence(&self, found: &[MessageKey], wanted: &[Messages]) -> Asked {
        let lookup = Lookup::new(self.world);
        let same = lookup.messages(wanted)? == found;
        let names: Vec<String> = found.iter().map(|key| lookup.name(*key)).collect();
        Ok(answer(
            same,
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(",")
            },
        ))
    }

    /// The batches of a replica's log, as its disk has them.
    fn log(&self, seat: SeatId, tp: Tp) -> Vec<&Batch> {
        let Some(records) = self.world.disk(seat).read(&FileName::Log(tp)) else {
            return Vec::new();
        };
        let batches = records.iter().filter_map(|record| match record {
            DiskRecord::Batch(batch) => Some(&**batch),
            _ => None,
        });
        batches.collect()
    }

    fn count(&self, fates: &[&str]) -> i64 {
        let totals = self.ledger.totals();
        let wanted = totals
            .iter()
            .filter(|(fate, _)| fates.contains(&fate.name()));
        wanted.map(|(_, count)| i64::from(*count)).sum()
    }

    fn quantity(&self, quantity: &Quantity) -> Result<i64, String> {
        let lookup = Lookup::new(self.world);
        Ok(match quantity {
            Quantity::Fate(fate) => self.count(&[fate]),
            Quantity::Lost => self.count(&["lost-before-ack", "lost-after-ack"]),
            Quantity::Duplicated => i64::from(self.ledger.verdict().duplicated),
            Quantity::Offered => i64::from(self.ledger.offered()),
            Quantity::Acked => {
                let acked = |row: &&ackscope_check::Row| row.confirmed != EntryId::NONE;
                let rows = self.ledger.rows().map(|(_, row)| row);
                i64::try_from(rows.filter(acked).count()).unwrap_or(i64::MAX)
            }
            Quantity::Reordered => {
                i64::try_from(self.ledger.verdict().reordered).unwrap_or(i64::MAX)
            }
            Quantity::Deliveries(message) => {
                let row = self.ledger.row(lookup.message(message)?);
                row.map_or(0, |row| i64::from(row.deliveries))
            }
            Quantity::Effects(message) => self.effects(lookup.message(message)?),
            Quantity::Offset(message) => self.offset(lookup.message(message)?)?,
            Quantity::Epoch(tp) => i64::from(self.state(lookup.tp(tp)?)?.leader_epoch),
            Quantity::Leo { partition, at } => {
                let log = self.log(lookup.seat(at)?, lookup.tp(partition)?);
                log.last().map_or(0, |batch| batch.next)
            }
            Quantity::Hw { partition, at } => {
                let tp = lookup.tp(partition)?;
                let seat = match at {
                    Some(name) => lookup.seat(name)?,
                    None => lookup.leader(tp)?,
                };
                let process = self.world.process(seat).map(|process| &**process);
                let Some(KafkaProcess::Broker(broker)) = process else {
                    return Err(format!("{} is down", self.world.name(seat)));
                };
                broker
                    .replica(tp)
                    .map_or(0, |replica| replica.high_watermark())
            }
            Quantity::Committed { partition, group } => {
                self.committed(lookup.tp(partition)?, group)?
            }
            Quantity::Count(event) => {
                let pattern = Pattern::new(event, self.world)?;
                let from = self.start_of(event).unwrap_or(self.trace.len());
                let fits = |(id, entry): &(EntryId, &Entry<Kafka>)| {
                    pattern.fits(*id, entry, self.world, self.answers)
                };
                i64::try_from(self.entries(from).filter(fits).count()).unwrap_or(i64::MAX)
            }
        })
    }

    fn effects(&self, key: MessageKey) -> i64 {
        let effect = |(_, entry): (EntryId, &Entry<Kafka>)| match &entry.what {
            Happening::Note(Fact::Processed { records, .. }) => {
                i64::try_from(records.iter().filter(|(k, _)| *k == key).count()).unwrap_or(i64::MAX)
            }
            Happening::Note(Fact::EffectSuppressed { message }) => -i64::from(*message == key),
            _ => 0,
        };
        self.entries(self.zero).map(effect).sum()
    }

    /// The offset that the producer was told last.
    fn offset(&self, key: MessageKey) -> Result<i64, String> {
        let told = self
            .entries(self.zero)
            .filter_map(|(_, entry)| match &entry.what {
                Happening::Note(Fact::Acked { keys, base, .. }) => {
                    let at = keys.iter().position(|k| *k == key)?;
                    let at = i64::try_from(at).ok()?;
                    Some(if *base < 0 { -1 } else { base + at })
                }
                _ => None,
            });
        told.last()
            .ok_or_else(|| "its producer was told no offset".to_owned())
    }

    /// A group's committed offset in the log of its coordinator, up to the high watermark; -1 for none.
    fn committed(&self, tp: Tp, group: &str) -> Result<i64, String> {
        let lookup = Lookup::new(self.world);
        let home = self.world.settings().offsets_partition(group);
        let leader = lookup.leader(home)?;
        let process = self.world.process(leader).map(|process| &**process);
        let known = match process {
            Some(KafkaProcess::Broker(broker)) => broker
                .replica(home)
                .map_or(0, |replica| replica.high_watermark()),
            _ => return Err(format!("{} is down", self.world.name(leader))),
        };
        let mut found = -1;
        for batch in self
            .log(leader, home)
            .iter()
            .filter(|batch| batch.next <= known)
        {
            if let Payload::Offsets(offsets) = &batch.payload {
                let mut mine = offsets.iter().filter(|o| *o.group == *group && o.tp == tp);
                found = mine.next_back().map_or(found, |o| o.offset.unwrap_or(-1));
            }
        }
        Ok(found)
    }
}
