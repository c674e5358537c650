//! From what was spelled out to what each part obeys.

use ackscope_kernel::SortedMap;

use ackscope_params::{Overlay, Refusal, Registry, Value};

use super::{Address, ELR, Row, Settings, default_elr};
use crate::params::{
    BrokerParams, CleanupPolicy, ConsumerParams, ControllerParams, CoordinatorParams,
    OFFSETS_TOPIC, ProducerParams, TopicParams, specs,
};

/// `offsets.topic.segment.bytes`: small, so that a coordinator loads its groups quickly.
const OFFSETS_SEGMENT_BYTES: i64 = 104_857_600;

impl Settings {
    /// What a producer obeys.
    pub fn producer(&self, name: &str) -> ProducerParams {
        resolve(self, self.producers.get(name)).0
    }

    /// What a consumer obeys.
    pub fn consumer(&self, name: &str) -> ConsumerParams {
        resolve(self, self.consumers.get(name)).0
    }

    /// What a broker obeys.
    pub fn broker(&self, name: &str) -> BrokerParams {
        BrokerParams::resolve(self.profile, &self.broker_overlay(name)).0
    }

    /// What the controller obeys.
    pub fn controller(&self) -> ControllerParams {
        resolve(self, Some(&self.controller)).0
    }

    /// What the group coordinators obey.
    pub fn coordinator(&self) -> CoordinatorParams {
        resolve(self, Some(&self.coordinator)).0
    }

    /// What the controller, and every broker without values of its own, holds a topic to: the
    /// topic's value, else that of all brokers, else the default.
    pub fn topic(&self, name: &str) -> TopicParams {
        self.resolve_topic(name, &self.broker).0
    }

    /// What one broker holds a topic to: values of this broker come in where the topic has none.
    pub fn topic_on(&self, broker: &str, name: &str) -> TopicParams {
        self.resolve_topic(name, &self.broker_overlay(broker)).0
    }

    /// Everything that Kafka would refuse, each with whose it is. In Kafka a client does not start
    /// with such settings, nor does a broker.
    pub fn check(&self) -> Vec<Refusal> {
        let mut all = Vec::new();
        let mut take = |instance: &str, refusals: Vec<Refusal>| {
            all.extend(refusals.into_iter().map(|refusal| refusal.of(instance)));
        };
        for (name, overlay) in &self.producers {
            take(name, ProducerParams::resolve(self.profile, overlay).1);
        }
        for (name, overlay) in &self.consumers {
            take(name, ConsumerParams::resolve(self.profile, overlay).1);
        }
        take(
            "",
            TopicParams::resolve(self.profile, &self.topic_defaults).1,
        );
        for name in self.topics.keys() {
            take(name, self.resolve_topic(name, &self.broker).1);
        }
        take("", BrokerParams::resolve(self.profile, &self.broker).1);
        for name in self.brokers.keys() {
            take(
                name,
                BrokerParams::resolve(self.profile, &self.broker_overlay(name)).1,
            );
        }
        take(
            "",
            ControllerParams::resolve(self.profile, &self.controller).1,
        );
        take(
            "",
            CoordinatorParams::resolve(self.profile, &self.coordinator).1,
        );
        all
    }

    /// Every row of a scope that the profile has, with the value in force there.
    pub fn rows(&self, scope: &str, instance: &str) -> Vec<Row> {
        let in_force: Getter<'_> = match scope {
            "producer" => getter(self.producer(instance)),
            "consumer" => getter(self.consumer(instance)),
            "topic" => getter(self.topic(instance)),
            "broker" => getter(self.broker(instance)),
            "controller" => getter(self.controller()),
            "group-coordinator" => getter(self.coordinator()),
            _ => Box::new(|key| (key == ELR).then(|| Value::Int(i64::from(self.elr)))),
        };
        let overlay = self.overlay(scope, instance);
        let rows = specs(scope).iter().filter_map(|spec| {
            let default = spec.default(self.profile)?;
            let spelled = |key: &'static str| Some((key, overlay?.get(key)?));
            // A sibling in a smaller unit wins over the row's own key, in the order of the table.
            let siblings = spec
                .aliases
                .iter()
                .filter(|alias| spec.named(alias).key != spec.key);
            if let Some((key, text)) = siblings.copied().find_map(spelled) {
                return Some(Row {
                    spec,
                    key,
                    text: text.to_owned(),
                    explicit: true,
                });
            }
            let explicit = spelled(spec.key);
            let text = match in_force(spec.key) {
                Some(value) => value.to_string(),
                None => explicit.map_or(default, |(_, text)| text).to_owned(),
            };
            let explicit = explicit.is_some() || (spec.key == ELR && self.elr_is_explicit());
            Some(Row {
                spec,
                key: spec.key,
                text,
                explicit,
            })
        });
        rows.collect()
    }

    /// Every value that is spelled out, with its place, in a fixed order.
    pub fn explicit(&self) -> Vec<(Address, &str)> {
        let named = |scope: &'static str, map: &SortedMap<String, Overlay>| {
            map.keys()
                .map(|name| (scope.to_owned(), name.clone()))
                .collect::<Vec<_>>()
        };
        let whole = |scope: &str| vec![(scope.to_owned(), String::new())];
        let places = [
            whole("broker"),
            named("broker", &self.brokers),
            whole("controller"),
            whole("group-coordinator"),
            whole("topic"),
            named("topic", &self.topics),
            named("producer", &self.producers),
            named("consumer", &self.consumers),
            self.others.keys().cloned().collect(),
        ];
        let mut all = Vec::new();
        for (scope, instance) in places.into_iter().flatten() {
            if let Some(overlay) = self.overlay(&scope, &instance) {
                let here = |(key, text)| (Address::new(&scope, &instance, key), text);
                all.extend(overlay.iter().map(here));
            }
        }
        if self.elr_is_explicit() {
            let at = Address::new("cluster-feature", "", ELR);
            all.push((at, if self.elr { "1" } else { "0" }));
        }
        all
    }

    fn elr_is_explicit(&self) -> bool {
        self.elr != default_elr(self.profile)
    }

    fn broker_overlay(&self, name: &str) -> Overlay {
        match self.brokers.get(name) {
            Some(own) => self.broker.under(own),
            None => self.broker.clone(),
        }
    }

    fn resolve_topic(&self, name: &str, broker: &Overlay) -> (TopicParams, Vec<Refusal>) {
        let mut topic = TopicParams::defaults(self.profile);
        let mut refusals = Vec::new();
        for spec in TopicParams::specs() {
            for (_, alias) in spec.elsewhere() {
                if let Some(text) = broker.get(alias) {
                    // A broker's bad value is the broker's refusal, and leaves the default here.
                    let text = in_milliseconds(alias, text);
                    if topic.put(self.profile, spec.key, &text).is_ok() {
                        break;
                    }
                }
            }
        }
        if name == OFFSETS_TOPIC {
            // Kafka creates it with these; all else, min.insync.replicas too, is the broker's.
            let coordinator = self.coordinator();
            topic.replication_factor = coordinator.offsets_topic_replication_factor;
            topic.partitions = coordinator.offsets_topic_num_partitions;
            topic.cleanup_policy = CleanupPolicy::COMPACT;
            topic.segment_bytes = OFFSETS_SEGMENT_BYTES;
        }
        let empty = Overlay::new();
        let defaults = if name.starts_with("__") {
            &empty
        } else {
            &self.topic_defaults
        };
        let own = defaults.under(self.topics.get(name).unwrap_or(&empty));
        for (key, text) in own.iter() {
            if let Err(refusal) = topic.put(self.profile, key, text) {
                refusals.push(refusal);
            }
        }
        topic.settle(self.profile, &own, &mut refusals);
        (topic, refusals)
    }
}

fn resolve<T: Registry>(settings: &Settings, overlay: Option<&Overlay>) -> (T, Vec<Refusal>) {
    T::resolve(settings.profile, overlay.unwrap_or(&Overlay::new()))
}

/// The values in force by their keys.
type Getter<'a> = Box<dyn Fn(&str) -> Option<Value> + 'a>;

fn getter<T: Registry + 'static>(params: T) -> Getter<'static> {
    Box::new(move |key| params.get(key))
}

/// Brokers name some ages in hours or minutes that topics name in milliseconds. Every negative age
/// means "without limit", which a topic writes as -1.
fn in_milliseconds(key: &str, text: &str) -> String {
    let factor = match key.rsplit('.').next() {
        Some("hours") => 3_600_000,
        Some("minutes") => 60_000,
        _ if key == "log.retention.ms" => 1,
        _ => return text.to_owned(),
    };
    match text.parse::<i64>() {
        Ok(number) => number.saturating_mul(factor).max(-1).to_string(),
        Err(_) => text.to_owned(),
    }
}
