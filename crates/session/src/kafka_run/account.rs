//! The ledger as the scene asks it.

use ackscope_check::{Assumed, Fate, Ledger, Row};
use ackscope_kafka::{Kafka, Role};
use ackscope_kernel::SortedMap;
use ackscope_kernel::{EntryId, MessageKey, SeatId, World};
use ackscope_scene::account::{Account, Regard, Tally};
use std::cell::OnceCell;

/// The fate of a message if *at risk* assumes this fault. Only what is confirmed can be at risk: other
/// fates are the same under every assumption.
pub(super) fn fate_under(
    ledger: &Ledger<Kafka>,
    world: &World<Kafka>,
    assumed: Assumed,
    key: MessageKey,
    row: &Row,
) -> Fate {
    let open = matches!(row.fate, Fate::Confirmed | Fate::AtRisk);
    if !open || assumed == Assumed::default() {
        return row.fate;
    }
    ledger.fate_under(key, assumed, world)
}

/// How many messages have each fate if *at risk* assumes this fault.
pub(super) fn totals_under(
    ledger: &Ledger<Kafka>,
    world: &World<Kafka>,
    assumed: Assumed,
) -> SortedMap<Fate, u32> {
    if assumed == Assumed::default() {
        return ledger.totals();
    }
    let mut totals = SortedMap::new();
    for (key, row) in ledger.rows() {
        *totals
            .entry(fate_under(ledger, world, assumed, key, row))
            .or_default() += 1;
    }
    totals
}

/// A ledger and what was counted of it.
pub(super) struct Accounts<'a> {
    ledger: &'a Ledger<Kafka>,
    world: &'a World<Kafka>,
    assumed: Assumed,
    /// Counted when the first node asks.
    tallies: OnceCell<SortedMap<SeatId, Tally>>,
}

impl<'a> Accounts<'a> {
    pub(super) fn of(ledger: &'a Ledger<Kafka>, world: &'a World<Kafka>, assumed: Assumed) -> Self {
        Accounts {
            ledger,
            world,
            assumed,
            tallies: OnceCell::new(),
        }
    }

    fn count(&self) -> SortedMap<SeatId, Tally> {
        let mut tallies: SortedMap<SeatId, Tally> = SortedMap::new();
        let mut processed: SortedMap<u16, u32> = SortedMap::new();
        for (key, row) in self.ledger.rows() {
            let tally = tallies.entry(key.origin).or_default();
            tally.offered += 1;
            let known = |entry| entry != EntryId::NONE;
            if known(row.confirmed) || known(row.fired) {
                tally.acked += 1;
            } else if known(row.failed) || known(row.forgotten) {
                tally.failed += 1;
            }
            for reading in &row.reads {
                *processed.entry(reading.reader).or_default() += reading.processed;
            }
        }
        // Consumers of one group share what the group has processed.
        for (seat, role) in (0..).zip(&self.world.settings().roles) {
            if let Role::Consumer(program) = role {
                tallies.entry(SeatId(seat)).or_default().processed =
                    processed.get(&program.reader).copied().unwrap_or(0);
            }
        }
        tallies
    }
}

impl Account for Accounts<'_> {
    fn regard(&self, message: MessageKey) -> Regard {
        let Some(row) = self.ledger.row(message) else {
            return Regard::default();
        };
        let fate = fate_under(self.ledger, self.world, self.assumed, message, row);
        Regard {
            consumed: row.deliveries > 0,
            duplicated: row.deliveries > 1,
            at_risk: fate == Fate::AtRisk,
            stranded: fate == Fate::Stranded,
            lost: matches!(
                fate,
                Fate::LostAfterAck | Fate::LostBeforeAck | Fate::VanishedAfterDelivery
            ),
        }
    }

    fn tally(&self, client: SeatId) -> Tally {
        self.tallies
            .get_or_init(|| self.count())
            .get(&client)
            .copied()
            .unwrap_or_default()
    }
}
