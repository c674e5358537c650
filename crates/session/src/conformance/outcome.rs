//! The outcome of a run in the shape of a recorded one, and what follows from it by definition.

use std::collections::{BTreeMap, BTreeSet};

use ackscope_kafka::Call;

use super::case::Kind;
use super::collect::Heard;
use super::driver::Run;
use super::observed::{Delivery, ErrorEntry, Observed, Outcome};
use crate::founding::OBSERVER;

impl Run<'_> {
    /// What was seen.
    pub(super) fn observed(&self) -> Observed {
        let mut observed = Observed {
            producer: Some(self.outcomes()),
            deliveries: Some(self.deliveries()),
            log: Some(self.log.clone()),
            replica_log: Some(self.replica_log.clone()),
            group_offsets: Some(self.group_offsets.clone()),
            assignments: Some(self.assignments.clone()),
            partition_state: Some(self.partition_state.clone()),
            errors: Some(self.errors()),
            ..Observed::default()
        };
        self.judge(&mut observed);
        observed
    }

    fn outcomes(&self) -> BTreeMap<String, BTreeMap<String, Outcome>> {
        let of = |heard: &Heard| match heard {
            Heard::Nothing => Outcome {
                outcome: "unconfirmed".to_owned(),
                offset: None,
                partition: None,
            },
            Heard::Acked(tp, offset) => Outcome {
                outcome: "acked".to_owned(),
                offset: Some(*offset),
                partition: Some(tp.partition),
            },
            Heard::Failed(error) => Outcome {
                outcome: format!("error:{}", error.name()),
                offset: None,
                partition: None,
            },
        };
        let clients = self.collected.heard.iter();
        let clients = clients.map(|(seat, heard)| {
            let each = heard
                .iter()
                .map(|(key, heard)| (self.name(*key), of(heard)));
            (self.world.name(*seat).to_owned(), each.collect())
        });
        clients.collect()
    }

    fn deliveries(&self) -> BTreeMap<String, Vec<Delivery>> {
        let topic = |number: u16| {
            let topics = &self.world.settings().topics;
            topics
                .get(usize::from(number))
                .map(|topic| topic.name.to_string())
        };
        let clients = self.collected.deliveries.iter();
        let clients = clients.map(|(seat, processed)| {
            let each = processed.iter().map(|(key, tp, offset)| Delivery {
                message: self.name(*key),
                offset: Some(*offset),
                topic: topic(tp.topic),
                partition: Some(tp.partition),
                delivery_count: None,
            });
            (self.world.name(*seat).to_owned(), each.collect())
        });
        clients.collect()
    }

    fn errors(&self) -> Vec<ErrorEntry> {
        let entry = |step: u32, client: &str, code: &str| ErrorEntry {
            step: Some(i64::from(step)),
            client: client.to_owned(),
            code: code.to_owned(),
            kind: None,
            text: None,
        };
        let exceptions = self.collected.errors.iter();
        let exceptions = exceptions.map(|(step, seat, call, error)| {
            let client = match (self.world.name(*seat), call) {
                (OBSERVER, Call::ReadAll) => "read_all",
                (OBSERVER, _) => "admin",
                (client, _) => client,
            };
            entry(*step, client, error.name())
        });
        let config = self.config_errors.iter();
        let given_up = self.given_up.iter();
        let admin = self.admin_errors.iter();
        let mut all: Vec<ErrorEntry> = exceptions
            .chain(config.map(|(step, client)| entry(*step, client, "CONFIG")))
            .chain(given_up.map(|(step, client)| entry(*step, client, "0")))
            .chain(admin.map(|(step, code)| entry(*step, "admin", code)))
            .collect();
        all.sort_by_key(|error| error.step);
        all
    }

    /// `lost`, `lost_after_ack` and `duplicated`, by the definitions of the page.
    fn judge(&self, observed: &mut Observed) {
        let mut read: BTreeSet<&str> = BTreeSet::new();
        let mut twice: BTreeSet<&str> = BTreeSet::new();
        // Within one group, within one client without a group, within one reading of a log.
        let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let mut note = |reader: String, message| {
            read.insert(message);
            if !seen.entry(reader).or_default().insert(message) {
                twice.insert(message);
            }
        };
        for (client, list) in observed.deliveries.iter().flatten() {
            let group = self.client(client).and_then(|c| c.settings.get("group.id"));
            let reader = match group {
                Some(group) => format!("group {}", super::case::property(group)),
                None => format!("client {client}"),
            };
            for delivery in list {
                note(reader.clone(), &delivery.message);
            }
        }
        for (at, entry) in observed.log.iter().flatten().enumerate() {
            for message in entry
                .records
                .iter()
                .flatten()
                .filter_map(|r| r.message.as_deref())
            {
                note(format!("log {at}"), message);
            }
        }
        let (mut lost, mut after_ack) = (BTreeSet::new(), BTreeSet::new());
        for (client, messages) in observed.producer.iter().flatten() {
            let producer = |c: &&super::case::ClientSpec| c.kind == Kind::Producer;
            let fires_only =
                self.client(client).filter(producer).is_none() || self.fires_only(client);
            for (message, outcome) in messages {
                let safe = matches!(outcome.outcome.as_str(), "acked" | "committed");
                if safe && !read.contains(message.as_str()) {
                    lost.insert(message.clone());
                    if !fires_only {
                        after_ack.insert(message.clone());
                    }
                }
            }
        }
        let duplicated = twice.into_iter().map(str::to_owned).collect();
        observed.lost = Some(lost);
        observed.lost_after_ack = Some(after_ack);
        observed.duplicated = Some(duplicated);
    }
}
