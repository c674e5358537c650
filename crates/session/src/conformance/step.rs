//! The steps of a Kafka case. All steps and keys of tests/conformance/README.md are read, also those
//! of features that are left out; one that is not on that page is refused by name.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One step.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each step and each key")]
pub enum Step {
    Connect {
        client: String,
    },
    Produce(Box<Produce>),
    AwaitAcks {
        client: String,
        count: Option<u64>,
        timeout_ms: Option<i64>,
    },
    Flush {
        client: String,
        timeout_ms: Option<i64>,
    },
    InitTxn {
        client: String,
        timeout_ms: Option<i64>,
    },
    BeginTxn {
        client: String,
        timeout_ms: Option<i64>,
    },
    CommitTxn {
        client: String,
        timeout_ms: Option<i64>,
    },
    AbortTxn {
        client: String,
        timeout_ms: Option<i64>,
    },
    SendOffsets {
        client: String,
        consumer: String,
        metadata: Option<String>,
        timeout_ms: Option<i64>,
    },
    Poll {
        client: String,
        count: u32,
        timeout_ms: i64,
        process: Option<u32>,
    },
    PollStart {
        client: String,
        commit: Option<Commit>,
    },
    PollStop {
        client: String,
    },
    AwaitDeliveries {
        client: String,
        count: u64,
        timeout_ms: Option<i64>,
    },
    AwaitAssignment {
        client: String,
        partitions: Vec<String>,
        timeout_ms: Option<i64>,
    },
    Assignments {
        clients: Vec<String>,
    },
    Commit {
        client: String,
        offsets: Option<Vec<Place>>,
        timeout_ms: Option<i64>,
    },
    CommitAsync {
        client: String,
    },
    Seek {
        client: String,
        topic: String,
        partition: u16,
        offset: i64,
    },
    SeekToCommitted {
        client: String,
    },
    ShareAck {
        client: String,
        messages: Vec<String>,
        #[serde(rename = "type")]
        kind: String,
    },
    ShareCommit {
        client: String,
        timeout_ms: Option<i64>,
    },
    CloseClient {
        client: String,
        timeout_ms: Option<i64>,
    },
    KillClient {
        client: String,
    },
    PauseClient {
        client: String,
    },
    ResumeClient {
        client: String,
    },
    Kill {
        nodes: Vec<String>,
    },
    Stop {
        nodes: Vec<String>,
        timeout_ms: Option<i64>,
    },
    Start {
        nodes: Vec<String>,
        timeout_ms: Option<i64>,
    },
    Pause {
        node: String,
    },
    Resume {
        node: String,
    },
    Wipe {
        node: String,
    },
    TruncateTail {
        node: String,
        topic: String,
        partition: u16,
        end_offset: i64,
    },
    Partition {
        groups: Vec<Vec<String>>,
        #[serde(default)]
        one_way: bool,
    },
    Heal {},
    AwaitLeader {
        topic: String,
        partition: u16,
        #[serde(default, deserialize_with = "present")]
        leader: Option<Option<String>>,
        node: Option<String>,
        timeout_ms: Option<i64>,
    },
    AwaitIsr {
        topic: String,
        partition: u16,
        isr: Vec<String>,
        node: Option<String>,
        timeout_ms: Option<i64>,
    },
    Describe {
        topic: String,
        partition: u16,
        node: Option<String>,
    },
    ReadAll {
        topic: String,
        partition: u16,
        isolation: Option<String>,
        timeout_ms: Option<i64>,
    },
    DumpLog {
        node: String,
        topic: String,
        partition: u16,
    },
    GroupOffsets {
        group: String,
        timeout_ms: Option<i64>,
    },
    AlterConfig {
        topic: Option<String>,
        group: Option<String>,
        config: BTreeMap<String, Value>,
    },
    Elect {
        #[serde(rename = "type")]
        kind: String,
        topic: String,
        partition: u16,
    },
    Reassign {
        topic: String,
        partition: u16,
        replicas: Vec<String>,
    },
    CreatePartitions {
        topic: String,
        count: u16,
        assignment: Option<Vec<Vec<String>>>,
    },
    DeleteRecords {
        topic: String,
        partition: u16,
        offset: i64,
    },
    DeleteTopic {
        topic: String,
    },
    DeleteGroupOffsets {
        group: String,
        topic: String,
        partition: u16,
    },
    Wait {
        ms: i64,
    },
}

/// send() for each of a list of messages.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct Produce {
    pub client: String,
    pub topic: String,
    pub partition: Option<u16>,
    #[serde(default)]
    pub messages: Vec<String>,
    pub generate: Option<Generate>,
    pub key: Option<String>,
    pub size: Option<u32>,
    #[serde(default)]
    pub pace_ms: i64,
    #[serde(default)]
    pub timestamp_age_ms: i64,
    pub timeout_ms: Option<i64>,
    #[serde(rename = "await", default = "yes")]
    pub awaits: bool,
    #[serde(default)]
    pub background: bool,
}

/// Names made of a prefix and a number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct Generate {
    pub prefix: String,
    pub count: u32,
    #[serde(default = "one")]
    pub from: u32,
}

/// An offset of a partition.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct Place {
    pub topic: String,
    pub partition: u16,
    pub offset: i64,
}

/// What a background poll loop commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Commit {
    /// Nothing.
    None,
    /// commitSync() after each poll() that brought records.
    Sync,
}

impl Step {
    /// The clients that the step names outside of `partition` groups, in the order in which they come
    /// into being.
    #[must_use]
    pub fn clients(&self) -> Vec<&str> {
        use Step::*;
        match self {
            Produce(produce) => vec![&produce.client],
            SendOffsets {
                client, consumer, ..
            } => vec![client, consumer],
            Assignments { clients } => clients.iter().map(String::as_str).collect(),
            Connect { client }
            | AwaitAcks { client, .. }
            | Flush { client, .. }
            | InitTxn { client, .. }
            | BeginTxn { client, .. }
            | CommitTxn { client, .. }
            | AbortTxn { client, .. }
            | Poll { client, .. }
            | PollStart { client, .. }
            | PollStop { client }
            | AwaitDeliveries { client, .. }
            | AwaitAssignment { client, .. }
            | Commit { client, .. }
            | CommitAsync { client }
            | Seek { client, .. }
            | SeekToCommitted { client }
            | ShareAck { client, .. }
            | ShareCommit { client, .. }
            | CloseClient { client, .. }
            | KillClient { client }
            | PauseClient { client }
            | ResumeClient { client } => vec![client],
            _ => Vec::new(),
        }
    }

    /// The nodes that the step kills, stops, starts, freezes or changes by hand.
    #[must_use]
    pub fn nodes(&self) -> &[String] {
        match self {
            Step::Kill { nodes } | Step::Stop { nodes, .. } | Step::Start { nodes, .. } => nodes,
            Step::Pause { node }
            | Step::Resume { node }
            | Step::Wipe { node }
            | Step::TruncateTail { node, .. } => std::slice::from_ref(node),
            _ => &[],
        }
    }
}

impl Produce {
    /// The names of the messages, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let generated = self.generate.iter().flat_map(|g| {
            let to = g.from.saturating_add(g.count);
            (g.from..to).map(|number| format!("{}{number}", g.prefix))
        });
        let listed = self
            .messages
            .iter()
            .flat_map(|name| super::range::expand(name));
        listed.chain(generated).collect()
    }
}

/// Tells a key that is `null` from one that is absent.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn step(value: Value) -> Result<Step, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn an_unknown_step_or_key_is_named() {
        let error = step(json!({"do": "dance"})).unwrap_err();
        assert!(error.contains("`dance`"), "{error}");
        let error = step(json!({"do": "wait", "ms": 1, "hours": 2})).unwrap_err();
        assert!(error.contains("`hours`"), "{error}");
        let error = step(json!({"do": "heal", "now": true})).unwrap_err();
        assert!(error.contains("`now`"), "{error}");
        let produce = json!({"do": "produce", "client": "p", "topic": "t", "acks": 1});
        let error = step(produce).unwrap_err();
        assert!(error.contains("`acks`"), "{error}");
    }

    #[test]
    fn a_leader_that_is_null_is_not_an_absent_one() {
        let with = |leader: Value| {
            let mut value = json!({"do": "await_leader", "topic": "t", "partition": 0});
            if leader != json!("absent") {
                value["leader"] = leader;
            }
            match step(value) {
                Ok(Step::AwaitLeader { leader, .. }) => leader,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(with(json!("absent")), None);
        assert_eq!(with(Value::Null), Some(None));
        assert_eq!(with(json!("b2")), Some(Some("b2".into())));
    }

    #[test]
    fn messages_are_listed_folded_or_generated() {
        let produce = json!({
            "do": "produce", "client": "p", "topic": "t", "partition": null,
            "messages": ["m", "a2..a4"], "generate": {"prefix": "b", "count": 2, "from": 9},
        });
        let Ok(Step::Produce(produce)) = step(produce) else {
            panic!("not a produce step");
        };
        assert_eq!(produce.names(), ["m", "a2", "a3", "a4", "b9", "b10"]);
        assert!(produce.awaits && !produce.background);
    }
}
