//! Scenarios: one text that is save file, link, lesson, test and counterexample.
//!
//! `docs/scenario-format.md` is the grammar. [`Scenario::read`] reads a text and collects everything
//! that is wrong with it; [`std::fmt::Display`] writes one; [`run`] plays it and says which of its
//! expectations hold. Titles and stories are not in it: the catalogues have them under its id.

pub mod act;
mod catalogue;
pub mod check;
pub mod claim;
pub mod evaluate;
mod outcome;
pub mod parse;
mod play;
mod print;
mod quiet;
pub(crate) mod text;
pub mod watch;

pub use act::PlannedAct;
pub use catalogue::{ALL, course, named};
pub use claim::{Claim, Expectation};
pub use outcome::{Checked, MessageOutcome, Outcome};
pub use play::{Overrides, Played, RunError, run};

use std::fmt;

use thiserror::Error;

use crate::topology::{Setting, Topology};

/// The version of the text format: the first line of a file is `ackscope 1`.
pub const FORMAT: u32 = 1;

/// A scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its id, such as `kafka-s02-acks-1-leader-crash`.
    pub id: String,
    /// Where everything random comes from, unless another seed is asked for.
    pub seed: u64,
    /// Its place in the reader's own path, if it has one.
    pub course: Option<u16>,
    /// What there is.
    pub topology: Topology,
    /// Clients that nobody starts at time zero.
    pub by_hand: Vec<String>,
    /// What is done, in the order of the file.
    pub steps: Vec<Step>,
    /// When it is over.
    pub end: End,
    /// What must hold at the end.
    pub expectations: Vec<Expectation>,
    /// Without any one of these an expectation must fail.
    pub keys: Vec<Key>,
    /// With any one of these changes an expectation must fail.
    pub breaks_when: Vec<Vec<Alteration>>,
    /// A checker's path: which of the things that are due comes next.
    pub choices: Vec<PlannedAct>,
}

/// Something that is done, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub timing: Timing,
    /// A name by which others refer to it.
    pub label: Option<String>,
    /// What.
    pub action: Action,
}

/// When a step happens. Times are microseconds after time zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timing {
    /// At a moment: a time, and after how many events of that time.
    At {
        /// The time.
        at_us: u64,
        /// Events of that time that come before.
        taken: u32,
    },
    /// Once, when a claim first holds, or some time after that.
    When {
        /// What is waited for.
        claim: Claim,
        /// How long after it.
        after_us: u64,
    },
    /// Again and again.
    Every {
        /// The time between two.
        every_us: u64,
        /// The first.
        from_us: u64,
        /// None after this.
        until_us: u64,
    },
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// An act.
    Act(PlannedAct),
    /// Something must hold now.
    Expect(Expectation),
    /// One after the other is stopped, stays down for a while and is started; the next one's turn
    /// comes when the claim holds.
    Roll {
        /// Who.
        whom: Vec<act::Target>,
        /// How long each stays down, in microseconds.
        down_us: u64,
        /// What is waited for between two.
        until: Claim,
    },
    /// From now on whoever of these dies is started again.
    Supervise {
        /// Who.
        whom: Vec<act::Target>,
        /// How long after the death, in microseconds.
        after_us: u64,
    },
}

/// When a run is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// After this time, in microseconds.
    Run(u64),
    /// When nothing is under way, after this time at the latest.
    Quiet(u64),
}

/// A line whose removal must make the scenario fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A setting that becomes a default. Its value is not looked at.
    Setting(Setting),
    /// A labelled step that is left out.
    Step(String),
    /// An option of a client's program that becomes the usual one.
    Program {
        /// The client.
        client: String,
        /// The option as its line writes it.
        option: String,
    },
}

/// A change that must make the scenario fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alteration {
    /// A value from the start.
    Set(Setting),
    /// A further step.
    Step(Box<Step>),
    /// A labelled step is left out.
    Without(String),
}

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Problem {
    /// Counted from 1; 0 when it is about the whole.
    pub line: u32,
    /// Counted from 1, in characters; 0 when it is about the whole line.
    pub column: u32,
    /// What is wrong, or what was expected and what was found.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => f.write_str(&self.text),
            (line, 0) => write!(f, "line {line}: {}", self.text),
            (line, column) => write!(f, "line {line}, column {column}: {}", self.text),
        }
    }
}

impl Scenario {
    /// An empty scenario.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Scenario {
            id: id.to_owned(),
            seed: 1,
            course: None,
            topology: Topology::default(),
            by_hand: Vec::new(),
            steps: Vec::new(),
            end: End::Run(30_000_000),
            expectations: Vec::new(),
            keys: Vec::new(),
            breaks_when: Vec::new(),
            choices: Vec::new(),
        }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// All problems of the text, in the order of its lines: lines that do not follow the grammar,
    /// names that nothing has, settings that Kafka refuses.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let (scenario, problems) = Self::read(text);
        if problems.is_empty() {
            Ok(scenario)
        } else {
            Err(problems)
        }
    }

    /// Reads what can be read of a text, and lists the rest.
    #[must_use]
    pub fn read(text: &str) -> (Self, Vec<Problem>) {
        parse::file(text)
    }

    /// The scenario with one of its keys taken out.
    #[must_use]
    pub fn without(&self, key: &Key) -> Self {
        let mut changed = self.clone();
        match key {
            Key::Setting(s) => {
                changed.topology.unset(&s.scope, &s.name, &s.key);
            }
            Key::Program { client, option } => {
                changed.topology.reset_option(client, option);
            }
            Key::Step(label) => changed
                .steps
                .retain(|step| step.label.as_ref() != Some(label)),
        }
        changed
    }

    /// The scenario with changes made to it.
    #[must_use]
    pub fn with(&self, changes: &[Alteration]) -> Self {
        let mut changed = self.clone();
        for change in changes {
            match change {
                Alteration::Set(setting) => changed.topology.set(setting.clone()),
                Alteration::Step(step) => changed.steps.push((**step).clone()),
                Alteration::Without(label) => {
                    changed
                        .steps
                        .retain(|step| step.label.as_ref() != Some(label));
                }
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests;
