//! Writing a scenario: what [`Scenario::parse`] reads.

use std::fmt::{self, Display, Formatter, Write};

use super::act::place_of;
use super::text::{Clock, join};
use super::{Action, Alteration, End, FORMAT, Key, Scenario, Step, Timing};
use crate::topology::{
    AfterFailure, Client, ClientRole, Commits, Consuming, OnFailure, ProducerEnd, Producing,
    Setting, Times, Topic,
};

impl Display for Scenario {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let topology = &self.topology;
        writeln!(f, "ackscope {FORMAT}")?;
        writeln!(f, "scenario {}", self.id)?;
        writeln!(f, "system kafka {}", topology.profile)?;
        writeln!(f, "seed {}", self.seed)?;
        if let Some(place) = self.course {
            writeln!(f, "course {place}")?;
        }
        writeln!(f, "\nbrokers {}", topology.brokers)?;
        if topology.times != Times::default() {
            writeln!(f, "{}", Line(&topology.times))?;
        }
        for topic in &topology.topics {
            writeln!(f, "{}", Line(topic))?;
        }
        for client in &topology.clients {
            let by_hand = self.by_hand.contains(&client.name);
            writeln!(
                f,
                "{}{}",
                Line(client),
                if by_hand { " by-hand" } else { "" }
            )?;
        }
        for group in &topology.groups {
            writeln!(f, "group {group}")?;
        }
        for setting in &topology.settings {
            writeln!(f, "{}", Line(setting))?;
        }
        f.write_char('\n')?;
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        for act in &self.choices {
            writeln!(f, "choose {act}")?;
        }
        match self.end {
            End::Run(us) => writeln!(f, "run {}", Clock(us))?,
            End::Quiet(us) => writeln!(f, "until quiet or {}", Clock(us))?,
        }
        if self.expectations.len() + self.keys.len() + self.breaks_when.len() > 0 {
            f.write_char('\n')?;
        }
        for expectation in &self.expectations {
            writeln!(f, "expect {expectation}")?;
        }
        for key in &self.keys {
            writeln!(f, "key {key}")?;
        }
        for changes in &self.breaks_when {
            let changes: Vec<String> = changes.iter().map(Alteration::to_string).collect();
            writeln!(f, "breaks-when {}", changes.join("; "))?;
        }
        Ok(())
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.timing {
            Timing::At { at_us, taken: 0 } => write!(f, "at {}", Clock(*at_us))?,
            Timing::At { at_us, taken } => write!(f, "at {} + {taken}", Clock(*at_us))?,
            Timing::When { claim, after_us: 0 } => write!(f, "when {claim}")?,
            Timing::When { claim, after_us } => {
                write!(f, "when {claim} after {}", Clock(*after_us))?;
            }
            Timing::Every {
                every_us,
                from_us,
                until_us,
            } => {
                let [every, from, until] = [every_us, from_us, until_us].map(|us| Clock(*us));
                write!(f, "every {every} from {from} until {until}")?;
            }
        }
        if let Some(label) = &self.label {
            write!(f, " [{label}]")?;
        }
        match &self.action {
            Action::Act(act) => write!(f, ": {act}"),
            Action::Expect(expectation) => write!(f, ": expect {expectation}"),
            Action::Roll {
                whom,
                down_us,
                until,
            } => {
                write!(
                    f,
                    ": roll {} down {} until {until}",
                    join(whom),
                    Clock(*down_us)
                )
            }
            Action::Supervise { whom, after_us } => {
                write!(f, ": supervise {} after {}", join(whom), Clock(*after_us))
            }
        }
    }
}

impl Display for Key {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Key::Setting(setting) => write!(f, "set {}", place_of(setting)),
            Key::Step(label) => write!(f, "step {label}"),
            Key::Program { client, option } => write!(f, "program {client} {option}"),
        }
    }
}

impl Display for Alteration {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Alteration::Set(setting) => Line(setting).fmt(f),
            Alteration::Step(step) => step.fmt(f),
            Alteration::Without(label) => write!(f, "without {label}"),
        }
    }
}

/// A part of a topology as its line.
struct Line<'a, T>(&'a T);

impl Display for Line<'_, Setting> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "set {}={}", place_of(self.0), self.0.value)
    }
}

impl Display for Line<'_, Times> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let t = self.0;
        f.write_str("times")?;
        for (name, (low, high)) in [
            ("hop", t.hop_us),
            ("sync", t.sync_us),
            ("write-back", t.write_back_us),
        ] {
            write!(f, " {name} {}..{}", Clock(low), Clock(high))?;
        }
        for (name, us) in [
            ("client-start", t.client_start_us),
            ("broker-start", t.broker_start_us),
            ("broker-stop", t.broker_stop_us),
            ("send", t.send_us),
        ] {
            write!(f, " {name} {}", Clock(us))?;
        }
        Ok(())
    }
}

impl Display for Line<'_, Topic> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let topic = self.0;
        write!(f, "topic {}", topic.name)?;
        if topic.assignment.is_empty() {
            return write!(
                f,
                " partitions {} replicas {}",
                topic.partitions, topic.replication_factor
            );
        }
        let lists: Vec<String> = topic
            .assignment
            .iter()
            .map(|brokers| join(brokers))
            .collect();
        write!(f, " on {}", lists.join("; "))
    }
}

impl Display for Line<'_, Client> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.0.role {
            ClientRole::Producer(program) => {
                write!(f, "producer {}{}", self.0.name, Line(program))
            }
            ClientRole::Consumer(program) => {
                write!(f, "consumer {}{}", self.0.name, Line(program))
            }
        }
    }
}

impl Display for Line<'_, Producing> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (program, usual) = (self.0, Producing::default());
        match (program.topic.as_str(), program.partition) {
            ("", _) => {}
            (topic, None) => write!(f, " to topic {topic}")?,
            (topic, Some(partition)) => write!(f, " to {topic}-{partition}")?,
        }
        let numbers = [
            ("messages", program.stop_after, usual.stop_after),
            ("burst", program.burst, usual.burst),
            ("size", program.size, usual.size),
            ("keys", program.keys, usual.keys),
        ];
        for (name, number, _) in numbers
            .into_iter()
            .filter(|(_, number, usual)| number != usual)
        {
            write!(f, " {name} {number}")?;
        }
        if program.interval_us != usual.interval_us {
            write!(f, " interval {}", Clock(program.interval_us))?;
        }
        if program.start_us != usual.start_us {
            write!(f, " begin {}", Clock(program.start_us))?;
        }
        match program.on_failure {
            OnFailure::Look => {}
            OnFailure::Ignore => f.write_str(" on-failure ignore")?,
            OnFailure::Resend(times) => write!(f, " on-failure resend {times}")?,
        }
        f.write_str(match program.end {
            ProducerEnd::Stay => "",
            ProducerEnd::Close => " end close",
            ProducerEnd::Exit => " end exit",
        })
    }
}

impl Display for Line<'_, Consuming> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let program = self.0;
        if !program.subscribe.is_empty() {
            write!(f, " subscribe {}", join(&program.subscribe))?;
        }
        if !program.assign.is_empty() {
            write!(f, " assign {}", join(&program.assign))?;
        }
        let flag = |set: bool, word: &'static str| if set { word } else { "" };
        f.write_str(flag(program.polls, " polls"))?;
        if program.start_us > 0 {
            write!(f, " begin {}", Clock(program.start_us))?;
        }
        if program.processing_us > 0 {
            write!(f, " processing {}", Clock(program.processing_us))?;
        }
        f.write_str(match program.commit {
            Commits::None => "",
            Commits::SyncAfter => " commit sync-after",
            Commits::SyncBefore => " commit sync-before",
            Commits::AsyncAfter => " commit async-after",
        })?;
        f.write_str(flag(program.hands_off, " hands-off"))?;
        if let Some(record) = program.fails_at {
            write!(f, " fails-at {record}")?;
        }
        f.write_str(match program.after_failure {
            AfterFailure::Close => "",
            AfterFailure::Exit => " then exit",
            AfterFailure::Skip => " then skip",
        })?;
        f.write_str(flag(program.idempotent_sink, " idempotent-sink"))?;
        f.write_str(flag(program.commit_on_revoke, " commit-on-revoke"))
    }
}
