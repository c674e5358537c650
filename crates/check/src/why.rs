//! Why a message ended as it did (design/engine.md 7): its row, the causes of the entry that erased
//! it, and the absences that mattered, as sentences each of which names an entry of the trace.

use crate::fate::Fate;
use crate::ledger::Ledger;
use crate::phrase::{Arg, Phrase};
use crate::row::{Holding, Row};
use crate::standing::Standing;
use ackscope_kernel::SortedSet;
use ackscope_kernel::{Act, DownWhy, Entry, EntryId, MessageKey, SeatId, Time, Trace, What, World};

/// One sentence of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// When it happened.
    pub at: Time,
    /// The entry of the trace that shows it.
    pub entry: EntryId,
    /// What to say.
    pub phrase: Phrase,
}

/// What became of a message and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// Which message.
    pub message: MessageKey,
    /// Its fate.
    pub fate: Fate,
    /// What happened, in the order of the trace.
    pub sentences: Vec<Sentence>,
    /// The settings that allowed this end, the most telling first; empty where nothing bad happened.
    pub allowed: Vec<Phrase>,
}

/// The sentences that only the product can say.
pub trait Tell: Standing {
    /// What an entry decided about this log: an election, a change of who is in sync.
    fn tell(world: &World<Self>, entry: &Entry<Self>, log: u32) -> Option<Phrase>;
    /// The name of a log as its users know it.
    fn place(world: &World<Self>, log: u32) -> String;
    /// The name of a reader.
    fn reader(world: &World<Self>, reader: u16) -> String {
        let _ = world;
        reader.to_string()
    }
    /// The settings that allowed the fate of this row, as sentences whose `$setting` and `$value` are
    /// the product's own words.
    fn allowed(world: &World<Self>, trace: &Trace<Self>, key: MessageKey, row: &Row)
    -> Vec<Phrase>;
}

/// Tells what became of a message; `None` for one that was never offered. Reads the trace from the
/// offer to the fate once, so it is for a reader's question and not for a frame.
#[must_use]
pub fn explain<S: Tell>(
    world: &World<S>,
    trace: &Trace<S>,
    ledger: &Ledger<S>,
    key: MessageKey,
) -> Option<Story> {
    let row = ledger.row(key)?;
    let mut tale = Tale {
        world,
        trace,
        key,
        row,
        lines: Vec::new(),
    };
    tale.producer();
    tale.copies();
    tale.readers();
    if row.fate >= Fate::StoredUnconfirmed {
        tale.faults();
    }
    // Sentences of one entry stay in the order in which they were added: an absence after its event.
    tale.lines.sort_by_key(|line| line.entry);
    let bad = row.fate > Fate::Confirmed || row.fate == Fate::DeliveredNTimes;
    let allowed = if bad {
        S::allowed(world, trace, key, row)
    } else {
        Vec::new()
    };
    Some(Story {
        message: key,
        fate: row.fate,
        sentences: tale.lines,
        allowed,
    })
}

struct Tale<'a, S: Tell> {
    world: &'a World<S>,
    trace: &'a Trace<S>,
    key: MessageKey,
    row: &'a Row,
    lines: Vec<Sentence>,
}

impl<S: Tell> Tale<'_, S> {
    fn say(&mut self, entry: EntryId, phrase: Phrase) {
        if let Some(found) = self.trace.get(entry) {
            self.lines.push(Sentence {
                at: found.at,
                entry,
                phrase,
            });
        }
    }

    fn about(&self, key: &'static str) -> Phrase {
        Phrase::new(key).message(self.key)
    }

    fn at_offset(&self, key: &'static str, holding: &Holding) -> Phrase {
        let offset = i64::try_from(holding.offset).unwrap_or(i64::MAX);
        let phrase = self.about(key).node(holding.seat).number("offset", offset);
        phrase.text("place", S::place(self.world, holding.log))
    }

    // ---- the row ----

    fn producer(&mut self) {
        let row = self.row;
        let origin = self.key.origin;
        self.say(row.offered, self.about("story-offered").node(origin));
        if row.fired != EntryId::NONE {
            self.say(row.fired, self.about("story-fired").node(origin));
        }
        if row.confirmed != EntryId::NONE {
            self.say(row.confirmed, self.about("story-confirmed").node(origin));
            self.absence(row.confirmed);
        }
        if row.failed != EntryId::NONE {
            let key = if row.refused {
                "story-refused"
            } else {
                "story-failed"
            };
            self.say(row.failed, self.about(key).node(origin));
        }
        if row.forgotten != EntryId::NONE {
            self.say(row.forgotten, self.about("story-forgotten").node(origin));
        }
    }

    /// Who should have had a copy when the producer was told, and had none.
    fn absence(&mut self, entry: EntryId) {
        let Some(held) = self
            .row
            .copies
            .iter()
            .find(|holding| holding.lived_at(entry))
        else {
            return self.say(entry, self.about("story-no-copy-at-ack"));
        };
        let holders = self.row.holders_at(entry);
        let replicas = S::replicas(self.world, held.log);
        let missing: Vec<SeatId> = replicas
            .into_iter()
            .filter(|seat| !holders.contains(seat))
            .collect();
        let phrase = if missing.is_empty() {
            self.at_offset("story-all-had-it", held)
        } else {
            let count = i64::try_from(missing.len()).unwrap_or(i64::MAX);
            let phrase = self
                .at_offset("story-absent-at-ack", held)
                .number("count", count);
            phrase.with("nodes", Arg::Seats(missing))
        };
        self.say(entry, phrase);
    }

    fn copies(&mut self) {
        for holding in &self.row.copies {
            self.say(holding.stored, self.at_offset("story-stored", holding));
            if holding.lives() {
                continue;
            }
            let key = match self.trace.get(holding.erased).map(|entry| &entry.what) {
                Some(What::Acted(Act::PowerOff(..) | Act::Truncate(..))) => "story-gone-with-power",
                Some(What::Acted(Act::Wipe(_) | Act::Remove(..))) => "story-gone-with-disk",
                Some(What::Down(_)) => "story-gone-with-memory",
                _ if holding.by_rule => "story-removed-by-rule",
                _ => "story-cut-off",
            };
            self.say(holding.erased, self.at_offset(key, holding));
        }
        if self.row.erased != EntryId::NONE {
            self.say(self.row.erased, self.about("story-last-copy-gone"));
        }
    }

    fn readers(&mut self) {
        for reading in &self.row.reads {
            let reader = S::reader(self.world, reading.reader);
            if reading.processed > 0 {
                let phrase = self.about("story-processed").text("reader", reader.clone());
                self.say(
                    reading.first,
                    phrase.number("count", i64::from(reading.processed)),
                );
            }
            if reading.passed != EntryId::NONE {
                let unread = reading.processed == 0 || reading.first > reading.passed;
                let key = if unread {
                    "story-passed-unprocessed"
                } else {
                    "story-passed"
                };
                self.say(reading.passed, self.about(key).text("reader", reader));
            }
        }
    }

    // ---- what happened around it ----

    fn faults(&mut self) {
        let log = self.row.log;
        let end = if self.row.fate > Fate::Confirmed {
            self.row.last
        } else {
            EntryId(self.trace.len())
        };
        let mut told = SortedSet::new();
        for (id, entry) in self
            .trace
            .range(self.row.offered.0, end.0.saturating_add(1))
        {
            if let Some(phrase) = self.narrate(id, entry, log) {
                told.insert(id);
                self.lines.push(Sentence {
                    at: entry.at,
                    entry: id,
                    phrase,
                });
                self.only_copy(id, entry);
            }
        }
        // The causes of the end may lie before the offer: an old cut, an election long ago.
        let mut open: Vec<EntryId> = vec![self.row.erased, self.row.last];
        let mut seen = SortedSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) || seen.len() > MOST_CAUSES {
                continue;
            }
            let Some(entry) = self.trace.get(id) else {
                continue;
            };
            open.extend(entry.causes.iter());
            if let Some(phrase) = self.narrate(id, entry, log)
                && told.insert(id)
            {
                self.lines.push(Sentence {
                    at: entry.at,
                    entry: id,
                    phrase,
                });
            }
        }
    }

    /// A fault that hit a seat with a copy when no other seat had one.
    fn only_copy(&mut self, id: EntryId, entry: &Entry<S>) {
        let hit = matches!(entry.what, What::Down(_));
        let before = EntryId(id.0.saturating_sub(1));
        if hit && self.row.holders_at(before) == [entry.seat] {
            self.say(id, self.about("story-only-copy").node(entry.seat));
        }
    }

    fn narrate(&self, id: EntryId, entry: &Entry<S>, log: u32) -> Option<Phrase> {
        let before = EntryId(id.0.saturating_sub(1));
        let held = |seat: SeatId| {
            let lost = |holding: &Holding| holding.seat == seat && holding.erased == id;
            self.row.holders_at(before).contains(&seat) || self.row.copies.iter().any(lost)
        };
        match &entry.what {
            What::Down(why) if held(entry.seat) => Some(
                Phrase::new(match why {
                    DownWhy::Crashed => "story-crashed",
                    DownWhy::Exited => "story-stopped",
                    DownWhy::PoweredOff => "story-power-lost",
                })
                .node(entry.seat),
            ),
            What::Up if held(entry.seat) => Some(Phrase::new("story-started").node(entry.seat)),
            What::Acted(Act::Freeze(seat)) if held(*seat) => {
                Some(Phrase::new("story-frozen").node(*seat))
            }
            What::Acted(Act::Thaw(seat)) if held(*seat) => {
                Some(Phrase::new("story-thawed").node(*seat))
            }
            What::Acted(Act::Cut(from, to)) => {
                let touched = |seat: &SeatId| {
                    let host = self.world.host(*seat);
                    from.contains(&host) || to.contains(&host)
                };
                let seats = self.row.holders_at(before);
                seats
                    .iter()
                    .find(|seat| touched(seat))
                    .map(|seat| Phrase::new("story-cut").node(*seat))
            }
            What::Acted(Act::Heal) => Some(Phrase::new("story-healed")),
            What::Note(_) => S::tell(self.world, entry, log),
            _ => None,
        }
    }
}

/// How many causes are followed: each step of the way back has few, and a story needs the last ones.
const MOST_CAUSES: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy::{
        A, B, BOSS, CLIENT, Order, READER, Run, act, confirmed_on, copy, key, note, run,
    };
    use ackscope_kernel::{HostId, Keep, LedgerLine};

    fn story(run: &Run, number: u32) -> Story {
        explain(run.world(), run.trace(), run.ledger(), key(number)).unwrap()
    }

    fn keys(story: &Story) -> Vec<&'static str> {
        story
            .sentences
            .iter()
            .map(|sentence| sentence.phrase.key)
            .collect()
    }

    #[test]
    fn a_loss_is_told_with_its_absences_in_order() {
        let mut run = run();
        confirmed_on(&mut run, 6, &[A]);
        act(&mut run, Act::Crash(A));
        act(&mut run, Act::Order(BOSS, Order::Lead(Some(B))));
        act(&mut run, Act::Start(A));
        note(
            &mut run,
            A,
            &[LedgerLine::Erased(key(6), copy(A, 6), false)],
        );
        let story = story(&run, 6);
        assert_eq!(
            keys(&story),
            [
                "story-offered",
                "story-stored",
                "story-confirmed",
                "story-absent-at-ack",
                "story-crashed",
                "story-only-copy",
                "story-elected",
                "story-started",
                "story-cut-off",
                "story-last-copy-gone",
            ]
        );
        let absent = &story.sentences[3].phrase;
        assert!(absent.args.contains(&("nodes", Arg::Seats(vec![B]))));
        assert!(absent.args.contains(&("offset", Arg::Number(6))));
        assert_eq!(story.allowed, [Phrase::new("reason-acks")]);
        for sentence in &story.sentences {
            assert_eq!(
                run.trace().get(sentence.entry).map(|entry| entry.at),
                Some(sentence.at)
            );
        }
    }

    #[test]
    fn a_power_loss_is_told_as_one() {
        let mut run = run();
        confirmed_on(&mut run, 1, &[A]);
        act(&mut run, Act::PowerOff(HostId(A.0), Keep::Synced));
        let keys = keys(&story(&run, 1));
        assert!(keys.contains(&"story-gone-with-power"), "{keys:?}");
        assert!(keys.contains(&"story-last-copy-gone"), "{keys:?}");
    }

    #[test]
    fn a_delivered_message_has_a_short_story_and_nothing_to_blame() {
        let mut run = run();
        confirmed_on(&mut run, 1, &[A, B]);
        note(&mut run, CLIENT, &[LedgerLine::Processed(key(1), READER)]);
        act(&mut run, Act::Crash(A));
        let story = story(&run, 1);
        assert_eq!(story.fate, Fate::Delivered);
        assert!(story.allowed.is_empty());
        let told = keys(&story);
        assert!(
            told.contains(&"story-all-had-it") && !told.contains(&"story-crashed"),
            "{told:?}"
        );
    }

    #[test]
    fn nothing_is_told_of_an_unknown_message() {
        let run = run();
        assert_eq!(
            explain(run.world(), run.trace(), run.ledger(), key(1)),
            None
        );
    }
}
