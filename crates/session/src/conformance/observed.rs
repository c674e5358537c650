//! What a case ended in: as it was recorded, and in the same shape as the simulator's own run.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An outcome. A list or a key that is `None` was not the same in all runs and is not compared.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct Observed {
    pub producer: Option<BTreeMap<String, BTreeMap<String, Outcome>>>,
    pub deliveries: Option<BTreeMap<String, Vec<Delivery>>>,
    pub log: Option<Vec<LogEntry>>,
    pub replica_log: Option<Vec<ReplicaEntry>>,
    pub group_offsets: Option<Vec<OffsetsEntry>>,
    pub assignments: Option<Vec<AssignmentEntry>>,
    pub partition_state: Option<Vec<StateEntry>>,
    pub errors: Option<Vec<ErrorEntry>>,
    pub errors_at_least: Option<Vec<ErrorEntry>>,
    pub lost: Option<BTreeSet<String>>,
    pub lost_at_least: Option<BTreeSet<String>>,
    pub lost_after_ack: Option<BTreeSet<String>>,
    pub lost_after_ack_at_least: Option<BTreeSet<String>>,
    pub duplicated: Option<BTreeSet<String>>,
    pub duplicated_at_least: Option<BTreeSet<String>>,
}

/// What a producer heard of a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct Outcome {
    pub outcome: String,
    pub offset: Option<i64>,
    pub partition: Option<u16>,
}

/// A record that an application processed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct Delivery {
    pub message: String,
    pub offset: Option<i64>,
    pub topic: Option<String>,
    pub partition: Option<u16>,
    pub delivery_count: Option<u32>,
}

/// What a `read_all` step read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct LogEntry {
    pub after_step: u32,
    pub topic: String,
    pub partition: u16,
    pub isolation: String,
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub records: Option<Vec<LogRecord>>,
}

/// A record of a log.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct LogRecord {
    pub offset: Option<i64>,
    pub epoch: Option<i32>,
    pub message: Option<String>,
    pub marker: Option<String>,
}

/// What the files of a replica hold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct ReplicaEntry {
    pub after_step: u32,
    pub node: String,
    pub topic: String,
    pub partition: u16,
    pub records: Option<Vec<LogRecord>>,
}

/// Committed offsets of a group.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct OffsetsEntry {
    pub after_step: u32,
    pub group: String,
    pub offsets: Option<BTreeMap<String, i64>>,
}

/// Partitions assigned to a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct AssignmentEntry {
    pub after_step: u32,
    pub client: String,
    pub partitions: Option<BTreeSet<String>>,
}

/// What a broker said about a partition. `leader: Some(None)`: there is none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct StateEntry {
    pub after_step: u32,
    pub topic: String,
    pub partition: u16,
    #[serde(default, deserialize_with = "present")]
    pub leader: Option<Option<String>>,
    pub leader_any_of: Option<BTreeSet<String>>,
    pub leader_epoch: Option<i32>,
    pub isr: Option<BTreeSet<String>>,
    pub elr: Option<BTreeSet<String>>,
    pub last_known_elr: Option<BTreeSet<String>>,
    pub seen_from: Option<String>,
}

/// An exception that an application or an administrator met.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct ErrorEntry {
    pub step: Option<i64>,
    pub client: String,
    #[serde(deserialize_with = "word")]
    pub code: String,
    pub kind: Option<String>,
    pub text: Option<String>,
}

/// Tells a key that is `null` from one that is absent.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// A code is a name, or the number 0 where the step itself gave up.
fn word<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    match Value::deserialize(from)? {
        Value::String(text) => Ok(text),
        other => Ok(other.to_string()),
    }
}

impl Observed {
    /// Replaces folded names by what they stand for.
    #[must_use]
    pub fn unfolded(mut self) -> Self {
        use super::range::{expand, is_fold};
        for messages in self.producer.iter_mut().flat_map(BTreeMap::values_mut) {
            let all = std::mem::take(messages).into_iter();
            *messages = all
                .flat_map(|(name, outcome)| {
                    expand(&name).into_iter().map(move |n| (n, outcome.clone()))
                })
                .collect();
        }
        for list in self.deliveries.iter_mut().flat_map(BTreeMap::values_mut) {
            let all = std::mem::take(list).into_iter();
            *list = all
                .flat_map(|entry| {
                    expand(&entry.message)
                        .into_iter()
                        .map(move |message| Delivery {
                            message,
                            ..entry.clone()
                        })
                })
                .collect();
        }
        let logs = self
            .log
            .iter_mut()
            .flatten()
            .map(|entry| &mut entry.records);
        let replicas = self.replica_log.iter_mut().flatten();
        for list in logs
            .chain(replicas.map(|entry| &mut entry.records))
            .flatten()
        {
            let all = std::mem::take(list).into_iter();
            *list = all
                .flat_map(|record| match &record.message {
                    Some(name) if is_fold(name) => expand(name)
                        .into_iter()
                        .map(|message| LogRecord {
                            message: Some(message),
                            ..record.clone()
                        })
                        .collect(),
                    _ => vec![record],
                })
                .collect();
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
