//! The steps of a RabbitMQ case. All steps and keys of tests/conformance/README.md are read; one that is
//! not on that page is refused by name.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::super::range::expand;
use super::case::{PolicySpec, QueueSpec};

/// One step.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each step and each key")]
pub enum Step {
    Connect {
        client: String,
        timeout_ms: Option<i64>,
    },
    Publish(Box<Publish>),
    AwaitConfirms {
        client: String,
        count: Option<u64>,
        timeout_ms: Option<i64>,
    },
    AwaitPublished {
        client: String,
        count: u64,
        timeout_ms: Option<i64>,
    },
    TxCommit {
        client: String,
        timeout_ms: Option<i64>,
    },
    TxRollback {
        client: String,
        timeout_ms: Option<i64>,
    },
    TxSelect {
        client: String,
        timeout_ms: Option<i64>,
    },
    ConfirmSelect {
        client: String,
        timeout_ms: Option<i64>,
    },
    Consume {
        client: String,
        queue: String,
        #[serde(default)]
        exclusive: bool,
        #[serde(default)]
        arguments: BTreeMap<String, Value>,
        process_limit: Option<u32>,
        #[serde(default)]
        background: bool,
        timeout_ms: Option<i64>,
    },
    AwaitDeliveries {
        client: String,
        count: u64,
        timeout_ms: Option<i64>,
    },
    Ack {
        client: String,
        messages: Vec<String>,
        #[serde(default)]
        multiple: bool,
        #[serde(default)]
        if_delivered: bool,
    },
    Nack {
        client: String,
        messages: Vec<String>,
        #[serde(default)]
        multiple: bool,
        #[serde(default = "yes")]
        requeue: bool,
        #[serde(default)]
        if_delivered: bool,
    },
    Reject {
        client: String,
        messages: Vec<String>,
        #[serde(default)]
        multiple: bool,
        #[serde(default = "yes")]
        requeue: bool,
        #[serde(default)]
        if_delivered: bool,
    },
    AckTwice {
        client: String,
        messages: Vec<String>,
    },
    Cancel {
        client: String,
        timeout_ms: Option<i64>,
    },
    Declare {
        client: String,
        queue: QueueSpec,
        #[serde(default)]
        background: bool,
        timeout_ms: Option<i64>,
    },
    DeclarePassive {
        client: String,
        queue: String,
        #[serde(default)]
        background: bool,
        timeout_ms: Option<i64>,
    },
    DeleteQueue {
        client: String,
        queue: String,
        #[serde(default)]
        background: bool,
        timeout_ms: Option<i64>,
    },
    AwaitCalls {
        clients: Vec<String>,
        timeout_ms: Option<i64>,
    },
    KillClient {
        client: String,
        #[serde(default)]
        how: How,
    },
    CloseClient {
        client: String,
        timeout_ms: Option<i64>,
    },
    Kill(Nodes),
    Stop(Nodes),
    Start(Nodes),
    Pause {
        node: String,
    },
    Resume {
        node: String,
    },
    Alarm {
        node: String,
        on: bool,
    },
    Partition {
        groups: Vec<Vec<String>>,
    },
    AwaitPartitioned {
        groups: Vec<Vec<String>>,
        timeout_ms: Option<i64>,
    },
    Heal {},
    AwaitHealed {
        #[serde(default)]
        partitioned_ok: bool,
        timeout_ms: Option<i64>,
    },
    SetPolicy {
        policy: PolicySpec,
    },
    AwaitQueue {
        queue: String,
        state: QueueWanted,
        node: Option<String>,
        timeout_ms: Option<i64>,
    },
    Snapshot {
        queue: String,
        node: Option<String>,
    },
    Drain(Drain),
    Wait {
        ms: i64,
    },
}

/// One node, or several.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct Nodes {
    pub node: Option<String>,
    #[serde(default)]
    pub nodes: Vec<String>,
    pub timeout_ms: Option<i64>,
}

/// basic.publish for each of a list of messages.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct Publish {
    pub client: String,
    pub exchange: String,
    pub routing_key: String,
    #[serde(default)]
    pub messages: Vec<String>,
    pub generate: Option<super::super::step::Generate>,
    #[serde(default = "persistent")]
    pub delivery_mode: u8,
    #[serde(default)]
    pub mandatory: bool,
    pub expiration: Option<String>,
    pub priority: Option<u8>,
    #[serde(default)]
    pub headers: BTreeMap<String, Value>,
    #[serde(default)]
    pub pace_ms: i64,
    #[serde(default)]
    pub background: bool,
}

/// How a client's connection ends without AMQP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// RST.
    #[default]
    Rst,
    /// FIN after what was written.
    Fin,
    /// Packets vanish both ways.
    Silent,
}

/// How a queue is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrainHow {
    /// basic.get until it is empty.
    #[default]
    Get,
    /// basic.consume until nothing comes for a while.
    Consume,
}

/// Reading a queue empty.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct Drain {
    pub queue: String,
    pub node: Option<String>,
    #[serde(default)]
    pub how: DrainHow,
    #[serde(default)]
    pub stream: bool,
    pub offset: Option<Value>,
    pub tries: Option<u32>,
    pub timeout_ms: Option<i64>,
}

/// What a snapshot has to show.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct QueueWanted {
    #[serde(default, deserialize_with = "present")]
    pub leader: Option<Option<String>>,
    pub members: Option<Vec<String>>,
    pub online: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    pub messages: Option<Option<u32>>,
    #[serde(default, deserialize_with = "present")]
    pub ready: Option<Option<u32>>,
    #[serde(default, deserialize_with = "present")]
    pub unacked: Option<Option<u32>>,
    pub state: Option<String>,
}

/// Tells a key that is `null` from one that is absent.
pub(super) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

fn yes() -> bool {
    true
}

fn persistent() -> u8 {
    2
}

impl Nodes {
    /// Which.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.node.iter().chain(&self.nodes)
    }
}

impl Publish {
    /// The names of the messages, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.messages.iter().flat_map(|name| expand(name)).collect();
        if let Some(generate) = &self.generate {
            let numbers = generate.from..generate.from.saturating_add(generate.count);
            names.extend(numbers.map(|number| format!("{}{number}", generate.prefix)));
        }
        names
    }
}

impl Step {
    /// The clients that the step names.
    #[must_use]
    pub fn clients(&self) -> Vec<&str> {
        use Step::*;
        match self {
            Publish(publish) => vec![&publish.client],
            AwaitCalls { clients, .. } => clients.iter().map(String::as_str).collect(),
            Connect { client, .. }
            | AwaitConfirms { client, .. }
            | AwaitPublished { client, .. }
            | TxCommit { client, .. }
            | TxRollback { client, .. }
            | TxSelect { client, .. }
            | ConfirmSelect { client, .. }
            | Consume { client, .. }
            | AwaitDeliveries { client, .. }
            | Ack { client, .. }
            | Nack { client, .. }
            | Reject { client, .. }
            | AckTwice { client, .. }
            | Cancel { client, .. }
            | Declare { client, .. }
            | DeclarePassive { client, .. }
            | DeleteQueue { client, .. }
            | KillClient { client, .. }
            | CloseClient { client, .. } => vec![client],
            Kill(_)
            | Stop(_)
            | Start(_)
            | Pause { .. }
            | Resume { .. }
            | Alarm { .. }
            | Partition { .. }
            | AwaitPartitioned { .. }
            | Heal {}
            | AwaitHealed { .. }
            | SetPolicy { .. }
            | AwaitQueue { .. }
            | Snapshot { .. }
            | Drain(_)
            | Wait { .. } => Vec::new(),
        }
    }

    /// The nodes that the step names.
    #[must_use]
    pub fn nodes(&self) -> Vec<&str> {
        match self {
            Step::Kill(nodes) | Step::Stop(nodes) | Step::Start(nodes) => {
                nodes.all().map(String::as_str).collect()
            }
            Step::Pause { node } | Step::Resume { node } | Step::Alarm { node, .. } => vec![node],
            Step::Partition { groups } | Step::AwaitPartitioned { groups, .. } => {
                groups.iter().flatten().map(String::as_str).collect()
            }
            Step::AwaitQueue { node, .. }
            | Step::Snapshot { node, .. }
            | Step::Drain(Drain { node, .. }) => node.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn step(value: Value) -> Result<Step, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_on_the_page_is_refused_by_name() {
        let error = step(json!({"do": "dance"})).unwrap_err();
        assert!(error.contains("`dance`"), "{error}");
        let error = step(json!({"do": "kill", "node": "n1", "hard": true})).unwrap_err();
        assert!(error.contains("`hard`"), "{error}");
        let publish = json!({"do": "publish", "client": "p", "exchange": "", "routing_key": "q",
            "persistent": true});
        let error = step(publish).unwrap_err();
        assert!(error.contains("`persistent`"), "{error}");
        let error = step(json!({"do": "drain", "queue": "q", "how": "purge"})).unwrap_err();
        assert!(error.contains("`purge`"), "{error}");
    }

    #[test]
    fn defaults_are_those_of_the_page() {
        let nack = step(json!({"do": "nack", "client": "c", "messages": ["m"]})).unwrap();
        let Step::Nack {
            multiple, requeue, ..
        } = nack
        else {
            panic!("no nack");
        };
        assert!(requeue && !multiple);
        let publish = json!({"do": "publish", "client": "p", "exchange": "", "routing_key": "q",
            "messages": ["m", "a2..a3"], "generate": {"prefix": "b", "count": 2}});
        let Step::Publish(publish) = step(publish).unwrap() else {
            panic!("no publish");
        };
        assert_eq!(publish.delivery_mode, 2);
        assert_eq!(publish.names(), ["m", "a2", "a3", "b1", "b2"]);
        let kill = step(json!({"do": "kill_client", "client": "c"})).unwrap();
        let how = How::Rst;
        let client = "c".to_owned();
        assert_eq!(kill, Step::KillClient { client, how });
    }

    #[test]
    fn one_node_or_several() {
        let all = |value: Value| match step(value).unwrap() {
            Step::Kill(nodes) => nodes.all().cloned().collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(all(json!({"do": "kill", "node": "n1"})), ["n1"]);
        let two = json!({"do": "kill", "nodes": ["n2", "n3"]});
        assert_eq!(all(two), ["n2", "n3"]);
    }
}
