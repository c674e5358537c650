//! A case file and how it is read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use thiserror::Error;

use super::observed::Observed;
use super::rabbit::{self, RabbitCase};
use super::step::Step;

/// A file that is not a case: no JSON, or without the keys that name a case.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// It is not JSON.
    #[error("not JSON: {0}")]
    Json(String),
    /// A key that names the case is missing or no text.
    #[error("not a case: `{0}` is missing or no text")]
    Key(&'static str),
}

/// A case as far as it can be named.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its name within its version.
    pub id: String,
    /// `kafka` or `rabbitmq`.
    pub system: String,
    /// The version that was run.
    pub version: String,
    /// What is in it.
    pub body: Body,
}

/// What is in a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A case of Kafka.
    Kafka(Box<KafkaCase>),
    /// A case of RabbitMQ.
    Rabbit(Box<RabbitCase>),
    /// A case with something that the driver does not know: where, and what.
    Unknown(String, String),
    /// A case of a system that has no model here.
    Other,
}

/// The content of a case of Kafka.
#[derive(Clone, Debug, PartialEq)]
pub struct KafkaCase {
    /// Nodes and settings.
    pub cluster: Cluster,
    /// Topics that exist before the first step.
    pub topics: Vec<TopicSpec>,
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

/// Nodes and settings of a cluster.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Names of controller and brokers.
    pub nodes: Vec<String>,
    /// What is not default, under the real names.
    #[serde(default)]
    pub settings: BTreeMap<String, Value>,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct TopicSpec {
    pub name: String,
    pub partitions: u16,
    pub replication_factor: u16,
    #[serde(default)]
    pub assignment: Vec<Vec<String>>,
    #[serde(default)]
    pub config: BTreeMap<String, Value>,
}

/// What library a client uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is the class of the same name")]
pub enum Kind {
    Producer,
    Consumer,
    ShareConsumer,
}

/// A client.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the page describes each key")]
pub struct ClientSpec {
    pub kind: Kind,
    #[serde(default)]
    pub settings: BTreeMap<String, Value>,
    #[serde(default)]
    pub subscribe: Vec<String>,
    #[serde(default)]
    pub assign: Vec<(String, u16)>,
    #[serde(default)]
    pub commit_on_revoke: bool,
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

impl Case {
    /// Reads a case. Something unknown within a case is no error here: the case then fails
    /// and names it.
    ///
    /// # Errors
    /// When the text is no JSON or does not say which case it is.
    pub fn read(text: &str) -> Result<Case, Unreadable> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| Unreadable::Json(error.to_string()))?;
        let name = |key: &'static str| match value.get(key) {
            Some(Value::String(text)) => Ok(text.clone()),
            _ => Err(Unreadable::Key(key)),
        };
        let (id, system, version) = (name("id")?, name("system")?, name("version")?);
        let body = match (system.as_str(), value) {
            ("kafka", Value::Object(keys)) => match kafka(keys) {
                Ok(case) => Body::Kafka(Box::new(case)),
                Err((place, what)) => Body::Unknown(place, what),
            },
            ("rabbitmq", Value::Object(keys)) => match rabbit::case::read(keys) {
                Ok(case) => Body::Rabbit(Box::new(case)),
                Err((place, what)) => Body::Unknown(place, what),
            },
            _ => Body::Other,
        };
        Ok(Case {
            id,
            system,
            version,
            body,
        })
    }

    /// `VERSION/ID`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.version, self.id)
    }

    /// The order in which cases are listed: by version, number for number, then by id.
    #[must_use]
    pub fn order(&self) -> (Vec<u64>, &str, &str, &str) {
        let numbers = self.version.split('.').map(|n| n.parse().unwrap_or(0));
        (numbers.collect(), &self.version, &self.id, &self.system)
    }
}

/// Where something unknown stands, and what it is.
pub(super) type Unknown = (String, String);

/// Keys that describe a case and are not compared.
pub(super) const PROSE: [&str; 7] = [
    "id", "system", "version", "title", "teaches", "notes", "evidence",
];

fn kafka(mut keys: Map<String, Value>) -> Result<KafkaCase, Unknown> {
    for key in PROSE {
        keys.remove(key);
    }
    keys.remove("repeats");
    let mut take = |key: &str| keys.remove(key);
    let clients: Map<String, Value> = part("clients", take("clients"))?;
    let steps: Vec<Value> = part("steps", take("steps"))?;
    let topics: Vec<Value> = part("topics", take("topics"))?;
    let case = KafkaCase {
        cluster: part("cluster", take("cluster"))?,
        topics: each("topics", topics)?,
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
        variants: part::<Vec<Variant>>(
            "variants",
            take("variants").or_else(|| Some(Value::Array(Vec::new()))),
        )?
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

pub(super) fn each<T: DeserializeOwned>(
    place: &str,
    values: Vec<Value>,
) -> Result<Vec<T>, Unknown> {
    (0..)
        .zip(values)
        .map(|(at, value): (u32, _)| part(&format!("{place}[{at}]"), Some(value)))
        .collect()
}

pub(super) fn part<T: DeserializeOwned>(place: &str, value: Option<Value>) -> Result<T, Unknown> {
    let Some(value) = value else {
        return Err((place.to_owned(), "missing".to_owned()));
    };
    serde_json::from_value(value).map_err(|error| (place.to_owned(), error.to_string()))
}

/// A value as it would stand in a properties file.
#[must_use]
pub(super) fn property(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
