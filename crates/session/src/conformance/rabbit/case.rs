//! The content of a RabbitMQ case and how it is read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::case::{Cluster, PROSE, Unknown, each, part};
use super::observed::Observed;
use super::step::Step;

/// The content of a case of RabbitMQ.
#[derive(Clone, Debug, PartialEq)]
pub struct RabbitCase {
    /// Nodes and settings.
    pub cluster: Cluster,
    /// Exchanges, queues, bindings and policies that exist before the first step.
    pub exchanges: Vec<ExchangeSpec>,
    /// Queues.
    pub queues: Vec<QueueSpec>,
    /// Bindings.
    pub bindings: Vec<BindingSpec>,
    /// Policies.
    pub policies: Vec<PolicySpec>,
    /// Clients by name.
    pub clients: BTreeMap<String, ClientSpec>,
    /// What is done.
    pub steps: Vec<Step>,
    /// Every run ended alike.
    pub stable: bool,
    /// The outcome, or the commonest one.
    pub observed: Observed,
    /// What has to hold in every run of an unstable case.
    pub must: Option<Observed>,
    /// The outcomes seen, and how often.
    pub variants: Vec<Variant>,
}

/// An exchange.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct ExchangeSpec {
    pub name: String,
    #[serde(rename = "type", default = "direct")]
    pub kind: String,
    #[serde(default = "yes")]
    pub durable: bool,
    #[serde(default)]
    pub auto_delete: bool,
    #[serde(default)]
    pub internal: bool,
    #[serde(default)]
    pub arguments: BTreeMap<String, Value>,
    pub home: Option<String>,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct QueueSpec {
    pub name: String,
    #[serde(rename = "type", default = "classic")]
    pub kind: String,
    #[serde(default = "yes")]
    pub durable: bool,
    #[serde(default)]
    pub exclusive: bool,
    #[serde(default)]
    pub auto_delete: bool,
    #[serde(default)]
    pub arguments: BTreeMap<String, Value>,
    pub home: Option<String>,
}

/// A binding.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct BindingSpec {
    pub exchange: String,
    pub queue: String,
    #[serde(default)]
    pub routing_key: String,
    #[serde(default)]
    pub arguments: BTreeMap<String, Value>,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct PolicySpec {
    pub name: String,
    pub pattern: String,
    #[serde(default = "all")]
    pub apply_to: String,
    pub definition: BTreeMap<String, Value>,
    #[serde(default)]
    pub priority: i64,
}

/// Whether a client is there to publish or to consume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each says what it is")]
pub enum Kind {
    Producer,
    Consumer,
}

/// What a channel is told about its publishes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the page describes each word")]
pub enum Mode {
    #[default]
    None,
    Confirm,
    Tx,
}

/// Whether a consumer acknowledges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the page describes each word")]
pub enum AckMode {
    #[default]
    Manual,
    Auto,
}

/// A client.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct ClientSpec {
    pub kind: Kind,
    pub node: String,
    #[serde(default)]
    pub mode: Mode,
    #[serde(default)]
    pub ack: AckMode,
    #[serde(default)]
    pub prefetch: u16,
    #[serde(default)]
    pub heartbeat: i64,
    #[serde(default = "yes")]
    pub cancel_notify: bool,
}

/// An outcome that was seen.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// In how many runs.
    pub count: u32,
    /// The outcome.
    pub observed: Observed,
}

fn yes() -> bool {
    true
}

fn direct() -> String {
    "direct".to_owned()
}

fn classic() -> String {
    "classic".to_owned()
}

fn all() -> String {
    "all".to_owned()
}

/// Reads the content of a case.
pub(in super::super) fn read(mut keys: Map<String, Value>) -> Result<RabbitCase, Unknown> {
    for key in PROSE {
        keys.remove(key);
    }
    keys.remove("repeats");
    let list = |value: Option<Value>| value.or_else(|| Some(Value::Array(Vec::new())));
    let mut take = |key: &str| keys.remove(key);
    let clients: Map<String, Value> = part("clients", take("clients"))?;
    let steps: Vec<Value> = part("steps", take("steps"))?;
    let queues: Vec<Value> = part("queues", list(take("queues")))?;
    let exchanges: Vec<Value> = part("exchanges", list(take("exchanges")))?;
    let bindings: Vec<Value> = part("bindings", list(take("bindings")))?;
    let policies: Vec<Value> = part("policies", list(take("policies")))?;
    let case = RabbitCase {
        cluster: part("cluster", take("cluster"))?,
        exchanges: each("exchanges", exchanges)?,
        queues: each("queues", queues)?,
        bindings: each("bindings", bindings)?,
        policies: each("policies", policies)?,
        clients: clients
            .into_iter()
            .map(|(name, value)| {
                let client = part(&format!("clients.{name}"), Some(value))?;
                Ok((name, client))
            })
            .collect::<Result<_, Unknown>>()?,
        steps: each("steps", steps)?,
        stable: part("stable", take("stable").or(Some(Value::Bool(true))))?,
        observed: part::<Observed>("observed", take("observed"))?.unfolded(),
        must: match take("must") {
            Some(must) => Some(part::<Observed>("must", Some(must))?.unfolded()),
            None => None,
        },
        variants: part::<Vec<Variant>>("variants", list(take("variants")))?
            .into_iter()
            .map(|variant| Variant {
                observed: variant.observed.unfolded(),
                ..variant
            })
            .collect(),
    };
    match keys.keys().next() {
        Some(key) => Err((key.clone(), format!("unknown key `{key}`"))),
        None => Ok(case),
    }
}
