//! The outcome of a run in the shape of a recorded one, and what follows from it by definition.

use std::collections::{BTreeMap, BTreeSet};

use super::super::observed::ErrorEntry;
use super::collect::{Heard, Reading};
use super::driver::Run;
use super::observed::{DeathEntry, Delivery, Observed};
use super::setting::DRAIN;

impl Run<'_> {
    /// What was seen.
    pub(super) fn observed(&self) -> Observed {
        let drained = self.drained.iter();
        let mut observed = Observed {
            producer: Some(self.outcomes()),
            deliveries: Some(self.deliveries()),
            drained: Some(
                drained
                    .map(|(queue, reading)| self.delivery(Some(queue), reading))
                    .collect(),
            ),
            errors: Some(self.errors()),
            queue_state: Some(self.states.clone()),
            ..Observed::default()
        };
        self.judge(&mut observed);
        observed
    }

    fn outcomes(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let clients = self.moving.collected.outcomes.iter();
        let clients = clients.map(|(seat, messages)| {
            let each = messages
                .iter()
                .map(|(key, outcome)| (self.message(*key), told(outcome.heard)));
            (self.moving.world.name(*seat).to_owned(), each.collect())
        });
        clients.collect()
    }

    fn deliveries(&self) -> BTreeMap<String, Vec<Delivery>> {
        let clients = self.moving.collected.deliveries.iter();
        let clients = clients.map(|(seat, readings)| {
            let each = readings.iter().map(|reading| self.delivery(None, reading));
            (self.moving.world.name(*seat).to_owned(), each.collect())
        });
        clients.collect()
    }

    fn delivery(&self, queue: Option<&String>, reading: &Reading) -> Delivery {
        let deaths = reading.deaths.iter();
        let deaths: Vec<DeathEntry> = deaths
            .map(|death| DeathEntry {
                queue: self.names.text(death.queue).to_owned(),
                reason: death.reason.name().to_owned(),
                count: Some(death.count),
            })
            .collect();
        Delivery {
            message: self.message(reading.key),
            redelivered: Some(reading.redelivered),
            queue: queue.cloned(),
            delivery_count: Some(reading.delivery_count),
            offset: reading.offset,
            death: (!deaths.is_empty()).then_some(deaths),
            folded: false,
        }
    }

    fn errors(&self) -> Vec<ErrorEntry> {
        let entry = |step: i64, client: &str, code: u16, kind: Option<&str>| ErrorEntry {
            step: Some(step),
            client: client.to_owned(),
            code: code.to_string(),
            kind: kind.map(str::to_owned),
            text: None,
        };
        let own = self.moving.collected.errors.iter();
        let own = own.map(|error| {
            let client = self.moving.world.name(error.seat);
            entry(error.step, client, error.code, error.kind)
        });
        let drains = self.drain_errors.iter();
        let drains = drains.map(|(step, code, kind)| entry(*step, DRAIN, *code, *kind));
        own.chain(drains).collect()
    }

    /// `lost`, `lost_after_ack` and `duplicated`, by their definitions.
    fn judge(&self, observed: &mut Observed) {
        let lists = observed.deliveries.iter().flat_map(BTreeMap::values);
        let read = lists.chain(&observed.drained).flatten();
        let (mut once, mut twice) = (BTreeSet::new(), BTreeSet::new());
        for delivery in read {
            if !once.insert(delivery.message.clone()) {
                twice.insert(delivery.message.clone());
            }
        }
        let (mut lost, mut after_ack) = (BTreeSet::new(), BTreeSet::new());
        for messages in self.moving.collected.outcomes.values() {
            for (key, outcome) in messages {
                let name = self.message(*key);
                if once.contains(&name) {
                    continue;
                }
                match outcome.heard {
                    Heard::Acked | Heard::Committed => {
                        after_ack.insert(name.clone());
                        lost.insert(name);
                    }
                    Heard::Nothing if outcome.fired => drop(lost.insert(name)),
                    _ => {}
                }
            }
        }
        observed.lost = Some(lost);
        observed.lost_after_ack = Some(after_ack);
        observed.duplicated = Some(twice);
    }
}

fn told(heard: Heard) -> String {
    match heard {
        Heard::Nothing => "unconfirmed".to_owned(),
        Heard::Acked => "acked".to_owned(),
        Heard::Nacked => "nacked".to_owned(),
        Heard::Returned => "returned".to_owned(),
        Heard::Committed => "committed".to_owned(),
        Heard::RolledBack => "rolled_back".to_owned(),
        Heard::Closed(code) => format!("error:{code}"),
        Heard::NoConnection => "error:connection-lost".to_owned(),
    }
}
