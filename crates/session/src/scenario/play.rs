//! Playing a scenario: founds the world, does the steps at their moments, waits for conditions, stops
//! at the end, and looks whether everything holds that must.

mod doing;
mod jobs;
mod watching;

use ackscope_kernel::{SortedMap, SortedSet};

use ackscope_check::Ledger;
use ackscope_kafka::Kafka;
use ackscope_kernel::{ENGINE_VERSION, History, Moment, SeatId, Span, Time};
use ackscope_params::Refusal;
use thiserror::Error;

use self::jobs::{Job, Waiting};
use super::evaluate::Mark;
use super::outcome::{Checked, MessageOutcome, Outcome};
use super::watch::Answers;
use super::{End, Scenario};
use crate::founding::{self, Founded, TopologyError};
use crate::recipe::{Done, Lookup, Recipe};
use crate::topology::Topology;

/// What differs from the scenario's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrides {
    /// Another seed.
    pub seed: Option<u64>,
    /// The most events that a run may take.
    pub budget: u64,
}

impl Default for Overrides {
    fn default() -> Self {
        Overrides {
            seed: None,
            budget: 20_000_000,
        }
    }
}

/// A scenario that was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// What came out.
    pub outcome: Outcome,
    /// What was done at which moment, with names instead of roles and moments instead of conditions.
    pub recipe: Recipe,
    /// The run.
    pub history: History<Kafka, Ledger<Kafka>>,
    /// Entries of its trace before time zero.
    pub zero_entries: u32,
}

/// Why a scenario cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RunError {
    /// The topology contradicts itself.
    #[error(transparent)]
    Topology(#[from] TopologyError),
    /// Kafka would not start with these settings.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Refused(Vec<Refusal>),
    /// The grammar has it, and nothing executes it yet.
    #[error("not executed yet: {0}")]
    NotBuilt(String),
}

/// Plays a scenario.
///
/// # Errors
/// When there is no world for it, or when it needs something that is not executed yet. Steps that
/// cannot be done and expectations that do not hold are in the outcome.
pub fn run(scenario: &Scenario, overrides: &Overrides) -> Result<Played, RunError> {
    executable(scenario)?;
    let seed = overrides.seed.unwrap_or(scenario.seed);
    let founded = founding::found(&scenario.topology, seed)?;
    if !founded.refusals.is_empty() {
        return Err(RunError::Refused(founded.refusals));
    }
    let mut player = Player::new(scenario, founded, overrides.budget);
    player.play();
    Ok(player.finish(seed))
}

/// Whether everything in it is executed.
fn executable(scenario: &Scenario) -> Result<(), RunError> {
    if let Some(act) = scenario.choices.first() {
        return Err(RunError::NotBuilt(format!("choose {act}")));
    }
    Ok(())
}

struct Player<'a> {
    scenario: &'a Scenario,
    history: History<Kafka, Ledger<Kafka>>,
    /// With the changes made by `set` so far.
    topology: Topology,
    zero: Time,
    zero_entries: u32,
    answers: Answers,
    marks: SortedMap<String, Mark>,
    /// Jobs by time after zero, events of that time that come before, and order of planning.
    timeline: SortedMap<(u64, u32, u32), Job>,
    planned: u32,
    waiting: Vec<Waiting>,
    supervised: SortedMap<SeatId, u64>,
    reviving: SortedSet<SeatId>,
    done: Vec<Done>,
    checked: Vec<Checked>,
    undone: Vec<String>,
    budget: u64,
    quiet_check: Time,
}

impl<'a> Player<'a> {
    fn new(scenario: &'a Scenario, founded: Founded, budget: u64) -> Self {
        let zero_entries = founded.trace.len();
        let history =
            History::continued(founded.world, founded.trace, Ledger::default(), Vec::new());
        let mut player = Player {
            scenario,
            history,
            topology: scenario.topology.clone(),
            zero: founded.zero,
            zero_entries,
            answers: Answers::since(zero_entries),
            marks: SortedMap::new(),
            timeline: SortedMap::new(),
            planned: 0,
            waiting: Vec::new(),
            supervised: SortedMap::new(),
            reviving: SortedSet::new(),
            done: Vec::new(),
            checked: Vec::new(),
            undone: Vec::new(),
            budget,
            quiet_check: founded.zero,
        };
        player.plan_everything();
        player
    }
}

impl Player<'_> {
    fn now_us(&self) -> u64 {
        self.history.world().now().since(self.zero).0
    }

    fn play(&mut self) {
        let (end_us, until_quiet) = match self.scenario.end {
            End::Run(us) => (us, false),
            End::Quiet(us) => (us, true),
        };
        self.observe();
        loop {
            let next = self.timeline.first_key_value().map(|(key, _)| *key);
            let next = next.filter(|(at, ..)| *at <= end_us);
            let (at_us, taken) = next.map_or((end_us, u32::MAX), |(at, taken, _)| (at, taken));
            let at = self.zero + Span(at_us);
            while self.goes_on(at, taken) {
                self.history.step_until(at);
                self.observe();
                if self.history.events() >= self.budget {
                    let text = format!("the budget of {} events is used up", self.budget);
                    return self.undone.push(text);
                }
                if until_quiet && self.timeline.is_empty() && self.is_quiet() {
                    return;
                }
                if self.timeline.first_key_value().map(|(key, _)| *key) != next {
                    break;
                }
            }
            if self
                .timeline
                .first_key_value()
                .map(|(key, _)| *key)
                .filter(|k| k.0 <= end_us)
                != next
            {
                continue;
            }
            let Some(job) = next.and_then(|key| self.timeline.remove(&key)) else {
                break;
            };
            if let Some((every_us, until_us)) = job.again
                && at_us.saturating_add(every_us) <= until_us
            {
                self.plan(at_us + every_us, 0, job.clone());
            }
            self.perform(job, Some(Moment { at, taken }));
            self.observe();
        }
        self.history.advance(self.zero + Span(end_us));
    }

    /// Whether an event comes before this moment.
    fn goes_on(&self, at: Time, taken: u32) -> bool {
        let world = self.history.world();
        match world.next_due() {
            Some(due) if due == at => world.taken_at(at) < taken,
            Some(due) => due < at,
            None => false,
        }
    }

    fn finish(mut self, seed: u64) -> Played {
        self.answers.follow(self.history.trace());
        for expectation in &self.scenario.expectations {
            self.check(expectation);
        }
        let waiting = std::mem::take(&mut self.waiting);
        self.undone.extend(
            waiting
                .iter()
                .map(|w| format!("it never came to: when {}", w.claim)),
        );
        let lookup = Lookup::new(self.history.world());
        let messages = self
            .history
            .ledger()
            .rows()
            .map(|(key, row)| MessageOutcome {
                id: lookup.name(key),
                fate: row.fate.name().to_owned(),
                since_us: row.since.since(self.zero).0,
                deliveries: row.deliveries,
            });
        let totals = self.history.ledger().totals();
        let outcome = Outcome {
            digest: format!("{:016x}", self.history.digest()),
            events: self.history.events(),
            virtual_us: self.now_us(),
            totals: totals
                .into_iter()
                .map(|(fate, n)| (fate.name().to_owned(), n))
                .collect(),
            messages: messages.collect(),
            expectations: self.checked,
            undone: self.undone,
        };
        let recipe = Recipe {
            version: ENGINE_VERSION,
            scenario: self.scenario.id.clone(),
            topology: self.scenario.topology.clone(),
            seed,
            acts: self.done,
            until_us: outcome.virtual_us,
        };
        Played {
            outcome,
            recipe,
            history: self.history,
            zero_entries: self.zero_entries,
        }
    }
}
