//! What a case of RabbitMQ ended in: as it was recorded, and in the same shape as the simulator's own run.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::super::observed::ErrorEntry;
use super::super::range::{expand, is_fold};
use super::step::present;

/// An outcome. A list or a key that is `None` was not the same in all runs and is not compared.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct Observed {
    pub producer: Option<BTreeMap<String, BTreeMap<String, String>>>,
    pub deliveries: Option<BTreeMap<String, Vec<Delivery>>>,
    pub drained: Option<Vec<Delivery>>,
    pub lost: Option<BTreeSet<String>>,
    pub lost_at_least: Option<BTreeSet<String>>,
    pub lost_after_ack: Option<BTreeSet<String>>,
    pub lost_after_ack_at_least: Option<BTreeSet<String>>,
    pub duplicated: Option<BTreeSet<String>>,
    pub duplicated_at_least: Option<BTreeSet<String>>,
    pub errors: Option<Vec<ErrorEntry>>,
    pub errors_at_least: Option<Vec<ErrorEntry>>,
    pub queue_state: Option<Vec<StateEntry>>,
}

/// A message that was processed, or read by a drain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct Delivery {
    pub message: String,
    pub redelivered: Option<bool>,
    pub queue: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub delivery_count: Option<Option<u32>>,
    pub offset: Option<u64>,
    pub death: Option<Vec<DeathEntry>>,
    /// The entry was folded with others to a range: only queue and redelivered stand for it.
    #[serde(skip)]
    pub folded: bool,
}

/// An entry of x-death.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct DeathEntry {
    pub queue: String,
    pub reason: String,
    #[serde(default, deserialize_with = "number")]
    pub count: Option<u32>,
}

/// A queue as a node saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct StateEntry {
    pub after_step: u32,
    pub queue: String,
    #[serde(default, deserialize_with = "present")]
    pub leader: Option<Option<String>>,
    pub leader_any_of: Option<BTreeSet<String>>,
    pub members: Option<BTreeSet<String>>,
    pub online: Option<BTreeSet<String>>,
    #[serde(default, deserialize_with = "present")]
    pub messages: Option<Option<u32>>,
    #[serde(default, deserialize_with = "present")]
    pub ready: Option<Option<u32>>,
    #[serde(default, deserialize_with = "present")]
    pub unacked: Option<Option<u32>>,
    pub state: Option<String>,
    pub seen_from: Option<String>,
}

/// A number that some recordings write as null.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    match Value::deserialize(from)? {
        Value::Number(number) => Ok(number.as_u64().and_then(|n| u32::try_from(n).ok())),
        _ => Ok(None),
    }
}

impl Observed {
    /// Replaces folded names by what they stand for.
    #[must_use]
    pub fn unfolded(mut self) -> Self {
        for messages in self.producer.iter_mut().flat_map(BTreeMap::values_mut) {
            let all = std::mem::take(messages).into_iter();
            *messages = all
                .flat_map(|(name, outcome)| {
                    expand(&name).into_iter().map(move |n| (n, outcome.clone()))
                })
                .collect();
        }
        let lists = self.deliveries.iter_mut().flat_map(BTreeMap::values_mut);
        for list in lists.chain(&mut self.drained) {
            let all = std::mem::take(list).into_iter();
            *list = all.flat_map(unfold).collect();
        }
        for set in [
            &mut self.lost,
            &mut self.lost_at_least,
            &mut self.lost_after_ack,
            &mut self.lost_after_ack_at_least,
            &mut self.duplicated,
            &mut self.duplicated_at_least,
        ]
        .into_iter()
        .flatten()
        {
            *set = std::mem::take(set).iter().flat_map(|n| expand(n)).collect();
        }
        self
    }
}

fn unfold(entry: Delivery) -> Vec<Delivery> {
    let folded = is_fold(&entry.message);
    let names = expand(&entry.message).into_iter();
    names
        .map(|message| Delivery {
            message,
            folded,
            ..entry.clone()
        })
        .collect()
}
