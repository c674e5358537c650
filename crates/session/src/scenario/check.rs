//! What the grammar cannot see: names that nothing has, settings that Kafka refuses, topologies that
//! contradict themselves.

use ackscope_kafka::params::{self, Address};

use super::act::{ClientOrder, Messages, PlannedAct, Target};
use super::claim::{Claim, Event, Expectation, Quantity, What};
use super::parse::{acts, claims, tokens};
use super::{Action, Problem, Scenario, Step, Timing};
use crate::founding::{self, CONTROLLER, OBSERVER};
use crate::topology::{ClientRole, Setting, Topology};

/// Everything in a scenario that has a name.
#[derive(Clone, Debug)]
pub struct Names {
    processes: Vec<String>,
    brokers: Vec<String>,
    clients: Vec<String>,
    topology: Topology,
    producers: Vec<String>,
    consumers: Vec<String>,
    topics: Vec<String>,
    partitions: Vec<String>,
    groups: Vec<String>,
    labels: Vec<String>,
    settings: Vec<Setting>,
}

type Unknown = Vec<(String, String)>;

impl Names {
    /// The names of a scenario.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let topology = &scenario.topology;
        let brokers: Vec<String> = topology.broker_names().collect();
        let mut names = Names {
            processes: vec![CONTROLLER.to_owned()],
            brokers: brokers.clone(),
            clients: vec![OBSERVER.to_owned()],
            topology: topology.clone(),
            producers: Vec::new(),
            consumers: Vec::new(),
            topics: Vec::new(),
            partitions: Vec::new(),
            groups: topology.all_groups(),
            labels: scenario
                .steps
                .iter()
                .filter_map(|step| step.label.clone())
                .collect(),
            settings: topology.settings.clone(),
        };
        for client in &topology.clients {
            names.clients.push(client.name.clone());
            match client.role {
                ClientRole::Producer(_) => names.producers.push(client.name.clone()),
                ClientRole::Consumer(_) => names.consumers.push(client.name.clone()),
            }
        }
        for topic in &topology.topics {
            names.topics.push(topic.name.clone());
            names
                .partitions
                .extend((0..topic.partitions).map(|p| format!("{}-{p}", topic.name)));
        }
        names.topics.push(params::OFFSETS_TOPIC.to_owned());
        names
            .partitions
            .extend((0..50).map(|p| format!("{}-{p}", params::OFFSETS_TOPIC)));
        names.processes.extend(brokers);
        names.processes.extend(names.clients.iter().cloned());
        names
    }

    fn one(known: &[String], name: &str, what: &str, unknown: &mut Unknown) {
        if !known.iter().any(|k| k == name) {
            let list = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            unknown.push((
                name.to_owned(),
                format!("there is no {what} {name}; there are: {list}"),
            ));
        }
    }

    fn partition(&self, name: &str, unknown: &mut Unknown) {
        if !self.partitions.iter().any(|k| k == name) {
            let topics = self.topics.join(", ");
            let text = format!("there is no partition {name}; the topics are: {topics}");
            unknown.push((name.to_owned(), text));
        }
    }

    fn target(&self, target: &Target, unknown: &mut Unknown) {
        match target {
            Target::Named(name) => Self::one(&self.processes, name, "process", unknown),
            Target::LeaderOf(tp) | Target::FollowerOf(tp) | Target::FollowersOf(tp) => {
                self.partition(tp, unknown);
            }
            Target::CoordinatorOf(group) => Self::one(&self.groups, group, "group", unknown),
            Target::Brokers => {}
        }
    }

    fn producer(&self, name: Option<&String>, unknown: &mut Unknown) {
        match name {
            Some(name) => Self::one(&self.producers, name, "producer", unknown),
            None if self.producers.len() == 1 => {}
            None => {
                let text = "with several producers, or none, a message is named with its producer: \
                            p1.m3";
                unknown.push(("m".to_owned(), text.to_owned()));
            }
        }
    }

    fn messages(&self, messages: &[Messages], unknown: &mut Unknown) {
        messages
            .iter()
            .for_each(|m| self.producer(m.producer.as_ref(), unknown));
    }

    /// A label that some step has.
    pub fn label(&self, label: &str, unknown: &mut Vec<(String, String)>) {
        Self::one(&self.labels, label, "step with the label", unknown);
    }

    /// An option that the line of a client spells out.
    pub fn program_option(&self, client: &str, option: &str, unknown: &mut Vec<(String, String)>) {
        Self::one(&self.clients, client, "client", unknown);
        let mut changed = self.topology.clone();
        if !changed.reset_option(client, option) {
            let text = format!("{client} has no option {option} that is not the usual one");
            unknown.push((option.to_owned(), text));
        }
    }

    /// A setting that some line spells out.
    pub fn spelled_out(&self, setting: &Setting, unknown: &mut Vec<(String, String)>) {
        let same = |s: &&Setting| {
            s.scope == setting.scope && s.name == setting.name && s.key == setting.key
        };
        if !self.settings.iter().any(|s| same(&s)) {
            let text = format!(
                "{} is not set in this scenario",
                super::act::place_of(setting)
            );
            unknown.push((setting.key.clone(), text));
        }
    }

    /// Whose a setting is.
    pub fn of_setting(&self, setting: &Setting, unknown: &mut Vec<(String, String)>) {
        match setting.scope.as_str() {
            "producer" => Self::one(&self.producers, &setting.name, "producer", unknown),
            "consumer" => Self::one(&self.consumers, &setting.name, "consumer", unknown),
            "topic" if !setting.name.is_empty() => {
                Self::one(&self.topics, &setting.name, "topic", unknown);
            }
            "broker" if !setting.name.is_empty() => {
                Self::one(&self.brokers, &setting.name, "broker", unknown);
            }
            _ => {}
        }
    }

    /// A client's name must not read like something else.
    pub fn new_client(&self, name: &str, unknown: &mut Vec<(String, String)>) {
        let taken = acts::VERBS.contains(&name)
            || claims::WORDS.contains(&name)
            || [
                "brokers",
                "nobody",
                "anybody",
                "expect",
                "roll",
                "supervise",
                "none",
            ]
            .contains(&name)
            || tokens::names_messages(name)
            || name.contains('.');
        if taken {
            let text = format!("{name} cannot be a client's name: it means something else here");
            unknown.push((name.to_owned(), text));
        }
        if self.clients.iter().filter(|client| *client == name).count() > 1 {
            unknown.push((name.to_owned(), format!("the name {name} is used twice")));
        }
    }

    /// The names of a step.
    pub fn in_step(&self, step: &Step, unknown: &mut Vec<(String, String)>) {
        if let Timing::When { claim, .. } = &step.timing {
            self.in_claim(claim, unknown);
        }
        match &step.action {
            Action::Act(act) => self.in_act(act, unknown),
            Action::Expect(expectation) => self.in_expectation(expectation, unknown),
            Action::Roll { whom, until, .. } => {
                whom.iter().for_each(|target| self.target(target, unknown));
                self.in_claim(until, unknown);
            }
            Action::Supervise { whom, .. } => {
                whom.iter().for_each(|target| self.target(target, unknown));
            }
        }
    }

    /// The names of an act.
    pub fn in_act(&self, act: &PlannedAct, unknown: &mut Vec<(String, String)>) {
        match act {
            PlannedAct::Crash(whom)
            | PlannedAct::Stop(whom)
            | PlannedAct::Start(whom)
            | PlannedAct::Freeze(whom)
            | PlannedAct::Thaw(whom)
            | PlannedAct::PowerOff(whom, _)
            | PlannedAct::Wipe(whom) => whom.iter().for_each(|t| self.target(t, unknown)),
            PlannedAct::Cut { groups, .. } | PlannedAct::Mend { groups, .. } => {
                groups
                    .iter()
                    .flatten()
                    .for_each(|t| self.target(t, unknown));
            }
            PlannedAct::Heal => {}
            PlannedAct::Slow { from, to, .. } | PlannedAct::Lose { from, to, .. } => {
                self.target(from, unknown);
                self.target(to, unknown);
            }
            PlannedAct::SlowDisk(whose, _)
            | PlannedAct::FillDisk(whose, _)
            | PlannedAct::Fire(whose, _) => self.target(whose, unknown),
            PlannedAct::Packet(_, packet) => {
                Self::one(&self.processes, &packet.from, "process", unknown);
                Self::one(&self.processes, &packet.to, "process", unknown);
                if let Some(message) = &packet.about {
                    self.producer(message.producer.as_ref(), unknown);
                }
            }
            PlannedAct::Order(client, order) => {
                Self::one(&self.clients, client, "client", unknown);
                self.in_order(client, order, unknown);
            }
            PlannedAct::Set(setting) | PlannedAct::Unset(setting) => {
                self.of_setting(setting, unknown);
            }
        }
    }

    fn in_order(&self, client: &str, order: &ClientOrder, unknown: &mut Unknown) {
        match order {
            ClientOrder::Send { messages, to, .. } => {
                let own = |m: &&Messages| m.producer.is_some();
                messages
                    .iter()
                    .filter(own)
                    .for_each(|m| self.producer(m.producer.as_ref(), unknown));
                if !self.producers.iter().any(|p| p == client) {
                    unknown.push((client.to_owned(), format!("{client} is no producer")));
                }
                match to {
                    super::act::Place::Topic(topic) => {
                        Self::one(&self.topics, topic, "topic", unknown)
                    }
                    super::act::Place::Partition(tp) => self.partition(tp, unknown),
                }
            }
            ClientOrder::Commit { offsets, .. } => {
                offsets
                    .iter()
                    .for_each(|(tp, _)| self.partition(tp, unknown));
            }
            ClientOrder::Seek { partition, .. }
            | ClientOrder::Read { partition, .. }
            | ClientOrder::Describe { partition, .. } => self.partition(partition, unknown),
            ClientOrder::Offsets { group, .. } => Self::one(&self.groups, group, "group", unknown),
            _ => {}
        }
    }

    /// The names of an expectation.
    pub fn in_expectation(&self, expectation: &Expectation, unknown: &mut Vec<(String, String)>) {
        self.in_claim(&expectation.claim, unknown);
        if let Some(within) = &expectation.within {
            self.label(&within.of, unknown);
        }
    }

    fn in_claim(&self, claim: &Claim, unknown: &mut Unknown) {
        match claim {
            Claim::Happened(event) => self.in_event(event, unknown),
            Claim::Fate { messages, .. } => self.messages(messages, unknown),
            Claim::Leader { partition, is } => {
                self.partition(partition, unknown);
                is.iter()
                    .for_each(|name| Self::one(&self.brokers, name, "broker", unknown));
            }
            Claim::Isr { partition, is } | Claim::Elr { partition, is } => {
                self.partition(partition, unknown);
                is.iter()
                    .for_each(|name| Self::one(&self.brokers, name, "broker", unknown));
            }
            Claim::Number { of, .. } => self.in_quantity(of, unknown),
            Claim::Log { partition, at, is } => {
                self.partition(partition, unknown);
                Self::one(&self.brokers, at, "broker", unknown);
                self.messages(is, unknown);
            }
            Claim::Order { consumer, is } => {
                Self::one(&self.consumers, consumer, "consumer", unknown);
                self.messages(is, unknown);
            }
            Claim::Process { who, .. } => self.target(who, unknown),
            Claim::Quiet => {}
        }
    }

    fn in_quantity(&self, quantity: &Quantity, unknown: &mut Unknown) {
        match quantity {
            Quantity::Deliveries(message)
            | Quantity::Effects(message)
            | Quantity::Offset(message) => {
                self.producer(message.producer.as_ref(), unknown);
            }
            Quantity::Epoch(tp) => self.partition(tp, unknown),
            Quantity::Leo { partition, at } => {
                self.partition(partition, unknown);
                Self::one(&self.brokers, at, "broker", unknown);
            }
            Quantity::Hw { partition, at } => {
                self.partition(partition, unknown);
                at.iter()
                    .for_each(|name| Self::one(&self.brokers, name, "broker", unknown));
            }
            Quantity::Committed { partition, group } => {
                self.partition(partition, unknown);
                Self::one(&self.groups, group, "group", unknown);
            }
            Quantity::Count(event) => self.in_event(event, unknown),
            _ => {}
        }
    }

    fn in_event(&self, event: &Event, unknown: &mut Unknown) {
        event.who.iter().for_each(|who| self.target(who, unknown));
        match &event.what {
            What::Message(_, Some(message)) | What::Failed(Some(message), _) => {
                self.producer(message.producer.as_ref(), unknown);
            }
            What::Leads { partition, .. } => self.partition(partition, unknown),
            _ => {}
        }
        event
            .since
            .iter()
            .for_each(|label| self.label(label, unknown));
    }
}

/// What Kafka says against this setting by itself.
#[must_use]
pub fn refusals_of(scenario: &Scenario, setting: &Setting) -> Vec<String> {
    let Some(profile) = params::profile(&scenario.topology.profile) else {
        return Vec::new();
    };
    let mut settings = params::Settings::new(profile);
    let done = match setting.scope.as_str() {
        "cluster" => settings.set_cluster(&setting.key, &setting.value),
        scope => settings.set(
            &Address::new(scope, &setting.name, &setting.key),
            &setting.value,
        ),
    };
    done.err()
        .map(|refusal| refusal.to_string())
        .into_iter()
        .collect()
}

/// What is wrong with the scenario as a whole: a topology that contradicts itself, and values that
/// Kafka refuses together with others. A client with such values does not start.
#[must_use]
pub fn whole(scenario: &Scenario) -> Vec<Problem> {
    let problem = |text: String| Problem {
        line: 0,
        column: 0,
        text,
    };
    match founding::settings(&scenario.topology) {
        Ok((_, refusals)) => refusals
            .iter()
            .map(|refusal| problem(refusal.to_string()))
            .collect(),
        Err(error) => vec![problem(error.to_string())],
    }
}
