//! What the ledger remembers of one message.

use crate::fate::Fate;
use ackscope_kernel::{Copy, EntryId, SeatId, Time};
use borsh::BorshSerialize;

/// One message. An entry id is [`EntryId::NONE`] where the thing did not happen.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Row {
    /// Given to the client library, the first time.
    pub offered: EntryId,
    /// The producer was told that it is safe, the first time.
    pub confirmed: EntryId,
    /// Counted as sent without any promise.
    pub fired: EntryId,
    /// The producer was told that it failed, and did not offer it again since.
    pub failed: EntryId,
    /// Its producing process ended before any answer.
    pub forgotten: EntryId,
    /// The failure was an answer that said that no copy was taken.
    pub refused: bool,
    /// Fired, and a packet that may carry it is on its way.
    pub flying: bool,
    /// A setting had a copy removed.
    pub ruled: bool,
    /// How often the application offered it.
    pub attempts: u16,
    /// The log of its latest copy, or `u32::MAX` before the first.
    pub log: u32,
    /// All copies that ever were, in the order in which they were stored.
    pub copies: Vec<Holding>,
    /// What each reader did with it, by reader.
    pub reads: Vec<Reading>,
    /// Processed this often by the reader that did so most.
    pub deliveries: u32,
    /// The entry that erased the last copy, while there is none.
    pub erased: EntryId,
    /// Its fate, under the default assumption.
    pub fate: Fate,
    /// The entry that first changed its fate after the offer.
    pub first: EntryId,
    /// The entry that gave it the present fate.
    pub last: EntryId,
    /// Since when it has the present fate.
    pub since: Time,
}

/// A copy and its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Holding {
    /// Position in the log.
    pub offset: u64,
    /// Which log.
    pub log: u32,
    /// The entry that stored it.
    pub stored: EntryId,
    /// The entry that erased it, if it is gone.
    pub erased: EntryId,
    /// Whose log.
    pub seat: SeatId,
    /// A setting asked for the erasure.
    pub by_rule: bool,
}

impl Holding {
    /// Where it lies or lay.
    #[must_use]
    pub fn copy(&self) -> Copy {
        Copy {
            seat: self.seat,
            log: self.log,
            offset: self.offset,
        }
    }

    /// It is there.
    #[must_use]
    pub fn lives(&self) -> bool {
        self.erased == EntryId::NONE
    }

    /// It was there right after this entry.
    #[must_use]
    pub fn lived_at(&self, entry: EntryId) -> bool {
        self.stored <= entry && (self.lives() || entry < self.erased)
    }
}

/// What a reader did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Reading {
    /// The reader.
    pub reader: u16,
    /// How often its application processed the message.
    pub processed: u32,
    /// When it did so first.
    pub first: EntryId,
    /// When it recorded that it is past the message, the first time.
    pub passed: EntryId,
}

impl Row {
    /// A message of which this entry speaks first.
    #[must_use]
    pub fn new(entry: EntryId, at: Time) -> Row {
        Row {
            offered: entry,
            confirmed: EntryId::NONE,
            fired: EntryId::NONE,
            failed: EntryId::NONE,
            forgotten: EntryId::NONE,
            refused: false,
            flying: false,
            ruled: false,
            attempts: 0,
            log: u32::MAX,
            copies: Vec::new(),
            reads: Vec::new(),
            deliveries: 0,
            erased: EntryId::NONE,
            fate: Fate::InFlight,
            first: EntryId::NONE,
            last: entry,
            since: at,
        }
    }

    /// The copies that are there.
    pub fn live(&self) -> impl Iterator<Item = Copy> + Clone + '_ {
        self.copies
            .iter()
            .filter(|holding| holding.lives())
            .map(Holding::copy)
    }

    /// The seats that held a copy right after this entry, each once, in the order of storing.
    #[must_use]
    pub fn holders_at(&self, entry: EntryId) -> Vec<SeatId> {
        let mut seats = Vec::new();
        for holding in self.copies.iter().filter(|holding| holding.lived_at(entry)) {
            if !seats.contains(&holding.seat) {
                seats.push(holding.seat);
            }
        }
        seats
    }

    /// What a reader did with it.
    #[must_use]
    pub fn reading(&self, reader: u16) -> Option<&Reading> {
        self.reads.iter().find(|reading| reading.reader == reader)
    }

    /// The producer has had an answer, or will never have one.
    #[must_use]
    pub fn settled(&self) -> bool {
        [self.confirmed, self.fired, self.failed, self.forgotten]
            .iter()
            .any(|e| *e != EntryId::NONE)
    }

    pub(crate) fn reading_mut(&mut self, reader: u16) -> &mut Reading {
        let place = self
            .reads
            .partition_point(|reading| reading.reader < reader);
        if self
            .reads
            .get(place)
            .is_none_or(|reading| reading.reader != reader)
        {
            let (first, passed) = (EntryId::NONE, EntryId::NONE);
            self.reads.insert(
                place,
                Reading {
                    reader,
                    processed: 0,
                    first,
                    passed,
                },
            );
        }
        &mut self.reads[place]
    }

    /// Notes that a copy is gone. Returns whether it was there.
    pub(crate) fn erase(&mut self, copy: Copy, by: EntryId, by_rule: bool) -> bool {
        let held = self
            .copies
            .iter_mut()
            .find(|holding| holding.lives() && holding.copy() == copy);
        let Some(holding) = held else { return false };
        holding.erased = by;
        holding.by_rule = by_rule;
        self.ruled |= by_rule;
        if self.live().next().is_none() {
            self.erased = by;
        }
        true
    }
}
