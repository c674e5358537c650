//! What a user spelled out for a whole cluster, and its resolution to what each part obeys.

mod address;
mod resolve;

pub use address::{Address, Row};

use ackscope_kernel::SortedMap;

use ackscope_params::{Overlay, Profile, Refusal, Registry, Spec, find, nearest};
use borsh::BorshSerialize;

use super::{
    BrokerParams, ConsumerParams, ControllerParams, CoordinatorParams, ProducerParams, TopicParams,
};

/// The explicit settings of a cluster and its clients; everything else is the profile's default.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Settings {
    /// Which version of Kafka it is.
    pub profile: Profile,
    /// Whether the cluster has eligible leader replicas (`eligible.leader.replicas.version`).
    pub elr: bool,
    /// The controller's values.
    pub controller: Overlay,
    /// Values of all brokers: what their files say, or a dynamic value of the whole cluster.
    pub broker: Overlay,
    /// Values of one broker, which win over those of all.
    pub brokers: SortedMap<String, Overlay>,
    /// The group coordinators' values; every broker has the same.
    pub coordinator: Overlay,
    /// Values that every topic has which sets none itself, as if each had been created with them;
    /// Kafka's own topics are not touched.
    pub topic_defaults: Overlay,
    /// Values of one topic.
    pub topics: SortedMap<String, Overlay>,
    /// Values of one producer.
    pub producers: SortedMap<String, Overlay>,
    /// Values of one consumer.
    pub consumers: SortedMap<String, Overlay>,
    /// Values of scopes of which nothing is built yet, by scope and instance: kept and shown.
    pub others: SortedMap<(String, String), Overlay>,
}

/// The scopes whose values a cluster has as a whole, in the order in which a key is looked up.
const CLUSTER_SCOPES: [&str; 6] = [
    "broker",
    "controller",
    "group-coordinator",
    "share-group",
    "transaction-coordinator",
    "cluster-feature",
];

impl Settings {
    /// A cluster in which nothing is spelled out.
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            elr: default_elr(profile),
            controller: Overlay::new(),
            broker: Overlay::new(),
            brokers: SortedMap::new(),
            coordinator: Overlay::new(),
            topic_defaults: Overlay::new(),
            topics: SortedMap::new(),
            producers: SortedMap::new(),
            consumers: SortedMap::new(),
            others: SortedMap::new(),
        }
    }

    /// Spells out one value. Rules between values are not looked at, because the values that make
    /// it right may come later; [`check`](Self::check) looks at them.
    ///
    /// # Errors
    /// In Kafka's words, and then nothing is changed.
    pub fn set(&mut self, at: &Address, text: &str) -> Result<(), Refusal> {
        let spec = self
            .accept(at, text)
            .map_err(|refusal| refusal.of(&at.instance))?;
        if spec.key == ELR {
            self.elr = text.trim() != "0";
        } else {
            self.overlay_mut(&at.scope, &at.instance)
                .insert(spec.key, text.trim());
        }
        Ok(())
    }

    /// Makes a value a default again; gives back the text that stood there.
    ///
    /// # Errors
    /// A key or a place that does not exist.
    pub fn unset(&mut self, at: &Address) -> Result<Option<String>, Refusal> {
        let spec = at.spec("").map_err(|refusal| refusal.of(&at.instance))?;
        if spec.key == ELR {
            self.elr = default_elr(self.profile);
            return Ok(None);
        }
        let overlay = self.overlay_mut(&at.scope, &at.instance);
        let earlier = overlay.remove(spec.key);
        if overlay.is_empty() {
            self.forget(&at.scope, &at.instance);
        }
        Ok(earlier)
    }

    /// Spells out a key of the cluster as a whole, wherever it belongs; features may be written as
    /// `feature eligible.leader.replicas.version`.
    ///
    /// # Errors
    /// In Kafka's words; a key that no scope of the cluster has names the nearest that one has.
    pub fn set_cluster(&mut self, key: &str, text: &str) -> Result<(), Refusal> {
        let key = key.strip_prefix("feature ").unwrap_or(key).trim();
        let homes = CLUSTER_SCOPES
            .iter()
            .filter(|scope| find(super::specs(scope), key).is_some());
        let homes: Vec<_> = homes.map(|scope| Address::new(scope, "", key)).collect();
        if homes.is_empty() {
            return Err(Refusal::unknown(
                "cluster",
                key,
                text,
                nearest_of_cluster(key),
            ));
        }
        // Nothing is changed unless every home takes the value.
        homes
            .iter()
            .try_for_each(|at| self.accept(at, text).map(drop))?;
        homes.iter().try_for_each(|at| self.set(at, text))
    }

    /// The explicit values of a place; nothing when none is spelled out.
    pub fn overlay(&self, scope: &str, instance: &str) -> Option<&Overlay> {
        let overlay = match (scope, instance) {
            ("producer", name) => self.producers.get(name),
            ("consumer", name) => self.consumers.get(name),
            ("topic", "") => Some(&self.topic_defaults),
            ("topic", name) => self.topics.get(name),
            ("broker", "") => Some(&self.broker),
            ("broker", name) => self.brokers.get(name),
            ("controller", _) => Some(&self.controller),
            ("group-coordinator", "") => Some(&self.coordinator),
            _ => self.others.get(&(scope.to_owned(), instance.to_owned())),
        };
        overlay.filter(|overlay| !overlay.is_empty())
    }

    fn overlay_mut(&mut self, scope: &str, instance: &str) -> &mut Overlay {
        match (scope, instance) {
            ("producer", name) => self.producers.entry(name.to_owned()).or_default(),
            ("consumer", name) => self.consumers.entry(name.to_owned()).or_default(),
            ("topic", "") => &mut self.topic_defaults,
            ("topic", name) => self.topics.entry(name.to_owned()).or_default(),
            ("broker", "") => &mut self.broker,
            ("broker", name) => self.brokers.entry(name.to_owned()).or_default(),
            ("controller", _) => &mut self.controller,
            ("group-coordinator", "") => &mut self.coordinator,
            _ => self
                .others
                .entry((scope.to_owned(), instance.to_owned()))
                .or_default(),
        }
    }

    /// Drops the empty overlay of an instance, so that equal settings are equal.
    fn forget(&mut self, scope: &str, instance: &str) {
        match scope {
            "producer" => drop(self.producers.remove(instance)),
            "consumer" => drop(self.consumers.remove(instance)),
            "topic" => drop(self.topics.remove(instance)),
            "broker" => drop(self.brokers.remove(instance)),
            _ => drop(self.others.remove(&(scope.to_owned(), instance.to_owned()))),
        }
    }

    /// Whether the product would take the text here; the row under the name that was used.
    fn accept(&self, at: &Address, text: &str) -> Result<Spec, Refusal> {
        let spec = at.spec(text)?;
        let profile = self.profile;
        // Bounds and words first, then what only the field's type can read.
        spec.read(profile, text)?;
        match at.scope.as_str() {
            "producer" => ProducerParams::defaults(profile).put(profile, spec.key, text)?,
            "consumer" => ConsumerParams::defaults(profile).put(profile, spec.key, text)?,
            "topic" => TopicParams::defaults(profile).put(profile, spec.key, text)?,
            "broker" => BrokerParams::defaults(profile).put(profile, spec.key, text)?,
            "controller" => ControllerParams::defaults(profile).put(profile, spec.key, text)?,
            "group-coordinator" => {
                CoordinatorParams::defaults(profile).put(profile, spec.key, text)?;
            }
            _ => {}
        }
        // `ConfigurationControlManager`: with ELR only topics and the cluster have this value.
        if self.elr && at.scope == "broker" && !at.instance.is_empty() && spec.key == MIN_ISR {
            let reason = "Broker-level min.insync.replicas cannot be altered while ELR is enabled.";
            return Err(Refusal::new(&at.scope, &at.key, text, reason));
        }
        Ok(spec)
    }
}

const ELR: &str = "eligible.leader.replicas.version";
const MIN_ISR: &str = "min.insync.replicas";

/// Whether a new cluster of a profile has eligible leader replicas.
fn default_elr(profile: Profile) -> bool {
    let feature = find(super::known::CLUSTER_FEATURE, ELR);
    feature.is_some_and(|spec| spec.default(profile) == Some("1"))
}

/// The nearest key of any scope of the cluster; for a topic's key the broker's name for it.
fn nearest_of_cluster(key: &str) -> Option<&'static str> {
    let topic = find(super::specs("topic"), key);
    if let Some((_, name)) = topic.and_then(|spec| spec.elsewhere().next()) {
        return Some(name);
    }
    let rows: Vec<Spec> = CLUSTER_SCOPES
        .iter()
        .flat_map(|scope| super::specs(scope))
        .copied()
        .collect();
    nearest(&rows, key)
}

#[cfg(test)]
mod tests;
