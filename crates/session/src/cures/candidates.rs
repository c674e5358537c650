//! What could be changed: the safer values that rows of the registry name, for every live parameter
//! that a run has a place for.

use ackscope_kafka::params;
use ackscope_params::{Built, Spec};

use crate::founding;
use crate::scenario::act::PlannedAct;
use crate::topology::{ClientRole, Setting, Topology};

/// One parameter at a safer value, wherever it stands otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The scope of the parameter.
    pub scope: &'static str,
    /// Whose it is: clients or topics by name; empty for the cluster as a whole.
    pub names: Vec<String>,
    /// Its real key.
    pub key: &'static str,
    /// The value.
    pub value: &'static str,
    /// The value in force now, at the first of the places.
    pub present: String,
}

/// Scopes with one place in a run.
const WHOLE: [&str; 4] = [
    "broker",
    "controller",
    "group-coordinator",
    "cluster-feature",
];

/// Everything that could be changed about a topology, in the order of the registry.
#[must_use]
pub fn candidates(topology: &Topology) -> Vec<Candidate> {
    let Ok((settings, _)) = founding::settings(topology) else {
        return Vec::new();
    };
    let set = settings.params;
    let mut all = Vec::new();
    for scope in params::SCOPES {
        let places = places(topology, scope);
        let rows: Vec<_> = places.iter().map(|name| set.rows(scope, name)).collect();
        for spec in params::specs(scope)
            .iter()
            .filter(|spec| spec.live() && sought(spec))
        {
            for value in spec.safer {
                let mut names = Vec::new();
                let mut present = String::new();
                for (name, rows) in places.iter().zip(&rows) {
                    let Some(row) = rows.iter().find(|row| row.spec.key == spec.key) else {
                        continue;
                    };
                    let text = in_force(topology, scope, name, spec.key, &row.text);
                    if text != *value && limit(topology, spec.key, value) != text {
                        if names.is_empty() {
                            present = text;
                        }
                        names.push(name.clone());
                    }
                }
                if !names.is_empty() {
                    all.push(Candidate {
                        scope,
                        names,
                        key: spec.key,
                        value,
                        present,
                    });
                }
            }
        }
    }
    all
}

/// A row that only names a default for topics is tried at the topics.
fn sought(spec: &Spec) -> bool {
    match spec.built {
        Built::Field => true,
        Built::Through(scope) => scope == "cluster",
        Built::ComesWith(_) | Built::Inert => false,
    }
}

fn places(topology: &Topology, scope: &str) -> Vec<String> {
    let clients = |producers: bool| {
        let clients = topology.clients.iter();
        let of = move |role: &ClientRole| matches!(role, ClientRole::Producer(_)) == producers;
        clients
            .filter(move |client| of(&client.role))
            .map(|client| client.name.clone())
            .collect()
    };
    match scope {
        "producer" => clients(true),
        "consumer" => clients(false),
        "topic" => topology.topics.iter().map(|t| t.name.clone()).collect(),
        scope if WHOLE.contains(&scope) => vec![String::new()],
        _ => Vec::new(),
    }
}

/// How many replicas a topic has is a matter of its creation, not of a setting.
fn in_force(topology: &Topology, scope: &str, name: &str, key: &str, row: &str) -> String {
    let topic = || topology.topics.iter().find(|topic| topic.name == name);
    match (scope, key) {
        ("topic", REPLICATION) => {
            topic().map_or_else(String::new, |topic| replicas(topic).to_string())
        }
        _ => row.to_owned(),
    }
}

fn replicas(topic: &crate::topology::Topic) -> u16 {
    match topic.assignment.first() {
        Some(first) => u16::try_from(first.len()).unwrap_or(u16::MAX),
        None => topic.replication_factor,
    }
}

/// No more replicas than brokers.
fn limit(topology: &Topology, key: &str, value: &str) -> String {
    match (key, value.parse::<u16>()) {
        (REPLICATION, Ok(count)) => count.min(topology.brokers).to_string(),
        _ => value.to_owned(),
    }
}

const REPLICATION: &str = "replication.factor";

impl Candidate {
    /// The settings that it consists of, one for each place.
    #[must_use]
    pub fn settings(&self) -> Vec<Setting> {
        let one = |name: &String| Setting {
            scope: self.scope.to_owned(),
            name: name.clone(),
            key: self.key.to_owned(),
            value: self.value.to_owned(),
        };
        self.names.iter().map(one).collect()
    }

    /// Makes it so from the beginning.
    pub fn apply(&self, topology: &mut Topology) {
        if self.scope == "topic" && self.key == REPLICATION {
            let brokers: Vec<String> = topology.broker_names().collect();
            let wanted = self.value.parse().unwrap_or(1).min(brokers.len());
            for topic in &mut topology.topics {
                if self.names.contains(&topic.name) {
                    topic.replication_factor = u16::try_from(wanted).unwrap_or(1);
                    for replicas in &mut topic.assignment {
                        add_replicas(replicas, &brokers, wanted);
                    }
                }
            }
            return;
        }
        topology.settings.retain(|setting| !self.replaces(setting));
        for setting in self.settings() {
            topology.set(setting);
        }
    }

    /// Whether a value that is spelled out makes room for it.
    fn replaces(&self, setting: &Setting) -> bool {
        let cluster = setting.scope == "cluster" && WHOLE.contains(&self.scope);
        let broker = setting.scope == self.scope && self.scope == "broker";
        let same = setting.scope == self.scope && self.names.contains(&setting.name);
        let key = setting.key.strip_prefix("feature ").unwrap_or(&setting.key);
        let named = params::specs(self.scope)
            .iter()
            .any(|spec| spec.key == self.key && spec.is_called(key.trim()));
        (cluster || broker || same) && named
    }

    /// Whether an act of the run would undo it.
    #[must_use]
    pub fn is_undone_by(&self, act: &PlannedAct) -> bool {
        match act {
            PlannedAct::Set(setting) | PlannedAct::Unset(setting) => self.replaces(setting),
            _ => false,
        }
    }
}

/// Further replicas are the next brokers in the ring.
fn add_replicas(replicas: &mut Vec<String>, brokers: &[String], wanted: usize) {
    let last = replicas
        .last()
        .and_then(|last| brokers.iter().position(|broker| broker == last));
    let from = last.map_or(0, |at| at + 1);
    for step in 0..brokers.len() {
        let next = &brokers[(from + step) % brokers.len()];
        if replicas.len() < wanted && !replicas.contains(next) {
            replicas.push(next.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Scenario, named};

    fn topology(id: &str) -> Topology {
        let text = named(id).expect("it comes with AckScope");
        Scenario::parse(text).expect("it can be read").topology
    }

    fn find<'a>(all: &'a [Candidate], key: &str) -> Vec<&'a Candidate> {
        all.iter()
            .filter(|candidate| candidate.key == key)
            .collect()
    }

    #[test]
    fn every_live_row_with_a_safer_value_is_there_unless_it_has_it() {
        let topology = topology("kafka-s02-acks-1-leader-crash");
        let all = candidates(&topology);
        let acks = find(&all, "acks");
        assert_eq!((acks.len(), acks[0].value), (1, "all"));
        assert_eq!(
            (acks[0].present.as_str(), &acks[0].names[..]),
            ("1", &["p1".to_owned()][..])
        );
        // It reads `earliest` already, so only the error is left to be tried.
        let values = find(&all, "auto.offset.reset");
        assert_eq!(values.len(), 1);
        assert_eq!(values[0].value, "none");
        // Three brokers, three replicas.
        assert_eq!(find(&all, "replication.factor").len(), 0);
        assert!(all.iter().all(|c| !c.key.starts_with("log.flush.interval")));
    }

    #[test]
    fn it_replaces_what_stands_there_under_any_name() {
        let mut topology = topology("kafka-s02-acks-1-leader-crash");
        let set = |scope: &str, key: &str, value: &str| Setting {
            scope: scope.to_owned(),
            name: String::new(),
            key: key.to_owned(),
            value: value.to_owned(),
        };
        topology.set(set("cluster", "min.insync.replicas", "1"));
        let all = candidates(&topology);
        let broker = find(&all, "min.insync.replicas")
            .into_iter()
            .find(|candidate| candidate.scope == "broker")
            .expect("the brokers' default can be safer");
        broker.apply(&mut topology);
        let left: Vec<_> = topology
            .settings
            .iter()
            .filter(|setting| setting.key == "min.insync.replicas")
            .collect();
        assert_eq!(left, [&set("broker", "min.insync.replicas", "2")]);
        let undone = PlannedAct::Set(set("cluster", "min.insync.replicas", "1"));
        assert!(broker.is_undone_by(&undone));
    }

    #[test]
    fn more_replicas_are_the_next_brokers() {
        let mut topology = topology("kafka-s17-one-replica-crash");
        let before = replicas(&topology.topics[0]);
        assert_eq!(before, 1);
        let all = candidates(&topology);
        find(&all, REPLICATION)[0].apply(&mut topology);
        assert_eq!(replicas(&topology.topics[0]), 3);
        assert!(founding::settings(&topology).is_ok());
        assert!(find(&candidates(&topology), REPLICATION).is_empty());
    }
}
