//! Playing a scenario: founds the world, does the steps at their moments, waits for conditions, stops
//! at the end, and looks whether everything holds that must.

use ackscope_kernel::{SortedMap, SortedSet};

use ackscope_check::Ledger;
use ackscope_kafka::Kafka;
use ackscope_kernel::{ENGINE_VERSION, History, Moment, SeatId, Span, Status, Time};
use ackscope_params::Refusal;
use thiserror::Error;

use super::act::{PlannedAct, Target};
use super::claim::{Claim, Expectation, Liveness};
use super::evaluate::{Mark, Present};
use super::outcome::{Checked, MessageOutcome, Outcome};
use super::watch::{Answers, Pattern};
use super::{Action, End, Scenario, Timing};
use crate::founding::{self, Founded, OBSERVER, TopologyError};
use crate::recipe::{Done, Lookup, Recipe};
use crate::topology::Topology;

/// How often a run that ends when it is quiet looks whether it is.
const QUIET_CHECK: Span = Span(500_000);

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

/// Something to do.
#[derive(Clone, Debug)]
enum Task {
    Act(PlannedAct),
    Expect(Expectation),
    Supervise(Vec<Target>, u64),
    /// Stop the first of these.
    RollDown(Roll),
    /// Start the first of these.
    RollUp(Roll),
}

#[derive(Clone, Debug)]
struct Roll {
    rest: Vec<Target>,
    down_us: u64,
    until: Claim,
}

#[derive(Clone, Debug)]
struct Job {
    task: Task,
    label: Option<String>,
    /// Again after this time, and none after that moment.
    again: Option<(u64, u64)>,
}

/// A job that waits for something.
#[derive(Clone, Debug)]
struct Waiting {
    claim: Claim,
    after_us: u64,
    job: Job,
    /// Entries in which an event has been looked for already.
    scanned: u32,
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

    fn plan_everything(&mut self) {
        let scenario = self.scenario;
        let clients = scenario.topology.clients.iter().map(|client| &client.name);
        let mut starts: Vec<String> = clients
            .filter(|name| !scenario.by_hand.contains(name))
            .cloned()
            .collect();
        let asks = |step: &super::Step| matches!(&step.action, Action::Act(PlannedAct::Order(who, _)) if who == OBSERVER);
        if scenario.steps.iter().any(asks) {
            starts.push(OBSERVER.to_owned());
        }
        for name in starts {
            let task = Task::Act(PlannedAct::Start(vec![Target::Named(name)]));
            self.plan(
                0,
                0,
                Job {
                    task,
                    label: None,
                    again: None,
                },
            );
        }
        for step in &scenario.steps {
            let task = match step.action.clone() {
                Action::Act(act) => Task::Act(act),
                Action::Expect(expectation) => Task::Expect(expectation),
                Action::Roll {
                    whom,
                    down_us,
                    until,
                } => Task::RollDown(Roll {
                    rest: whom,
                    down_us,
                    until,
                }),
                Action::Supervise { whom, after_us } => Task::Supervise(whom, after_us),
            };
            let mut job = Job {
                task,
                label: step.label.clone(),
                again: None,
            };
            match &step.timing {
                Timing::At { at_us, taken } => self.plan(*at_us, *taken, job),
                Timing::Every {
                    every_us,
                    from_us,
                    until_us,
                } => {
                    job.again = Some((*every_us, *until_us));
                    self.plan(*from_us, 0, job);
                }
                Timing::When { claim, after_us } => self.wait(claim.clone(), *after_us, job),
            }
        }
    }

    fn plan(&mut self, at_us: u64, taken: u32, job: Job) {
        self.planned += 1;
        self.timeline.insert((at_us, taken, self.planned), job);
    }

    fn wait(&mut self, claim: Claim, after_us: u64, job: Job) {
        let scanned = self.zero_entries;
        self.waiting.push(Waiting {
            claim,
            after_us,
            job,
            scanned,
        });
    }

    fn now_us(&self) -> u64 {
        self.history.world().now().since(self.zero).0
    }

    fn present(&self) -> Present<'_> {
        Present {
            world: self.history.world(),
            trace: self.history.trace(),
            ledger: self.history.ledger(),
            answers: &self.answers,
            marks: &self.marks,
            zero: self.zero_entries,
        }
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

    fn is_quiet(&mut self) -> bool {
        let now = self.history.world().now();
        if now < self.quiet_check {
            return false;
        }
        self.quiet_check = now + QUIET_CHECK;
        super::quiet::is_quiet(&self.present())
    }

    /// Looks at what is new, and does what was waiting for it.
    fn observe(&mut self) {
        self.answers.follow(self.history.trace());
        self.supervise();
        let mut at = 0;
        while at < self.waiting.len() {
            if self.comes_true(at) {
                let Waiting { after_us, job, .. } = self.waiting.remove(at);
                if after_us > 0 {
                    self.plan(self.now_us() + after_us, 0, job);
                } else {
                    self.perform(job, None);
                    self.answers.follow(self.history.trace());
                    // What was done may be what another one waits for.
                    at = 0;
                }
            } else {
                at += 1;
            }
        }
    }

    fn comes_true(&mut self, at: usize) -> bool {
        let waiting = &self.waiting[at];
        let len = self.history.trace().len();
        let holds = match &waiting.claim {
            Claim::Happened(event) => {
                let present = self.present();
                let Some(start) = present.start_of(event) else {
                    return false;
                };
                let from = start.max(waiting.scanned);
                if from >= len {
                    return false;
                }
                // Whoever is meant may not be there yet: then nothing has happened to it.
                Pattern::new(event, present.world).is_ok_and(|pattern| {
                    present
                        .trace
                        .range(from, len)
                        .any(|(id, entry)| pattern.fits(id, entry, present.world, present.answers))
                })
            }
            claim => self.present().claim(claim).is_ok_and(|answer| answer.holds),
        };
        self.waiting[at].scanned = len;
        holds
    }

    /// Plans the start of what died and is supervised.
    fn supervise(&mut self) {
        if self.supervised.is_empty() {
            return;
        }
        let seats: Vec<(SeatId, u64)> = self.supervised.iter().map(|(s, us)| (*s, *us)).collect();
        for (seat, after_us) in seats {
            let down = self.history.world().status(seat).0 == Status::Down;
            if !down {
                self.reviving.remove(&seat);
            } else if self.reviving.insert(seat) {
                let name = self.history.world().name(seat).to_owned();
                let task = Task::Act(PlannedAct::Start(vec![Target::Named(name)]));
                let job = Job {
                    task,
                    label: None,
                    again: None,
                };
                self.plan(self.now_us() + after_us, 0, job);
            }
        }
    }

    fn perform(&mut self, job: Job, moment: Option<Moment>) {
        if let Some(label) = job.label {
            let at = moment.map_or(self.history.world().now(), |moment| moment.at);
            let mark = Mark {
                at,
                entries: self.history.trace().len(),
            };
            self.marks.entry(label).or_insert(mark);
        }
        match job.task {
            Task::Act(act) => self.act(&act, moment),
            Task::Expect(expectation) => self.check(&expectation),
            Task::Supervise(whom, after_us) => {
                let lookup = Lookup::new(self.history.world());
                let seats: Vec<_> = whom.iter().map(|target| lookup.targets(target)).collect();
                for found in seats {
                    match found {
                        Ok(seats) => {
                            self.supervised
                                .extend(seats.into_iter().map(|seat| (seat, after_us)));
                        }
                        Err(reason) => self.undone.push(format!("supervise: {reason}")),
                    }
                }
            }
            Task::RollDown(roll) => self.roll_down(roll, moment),
            Task::RollUp(mut roll) => {
                let first = roll.rest.remove(0);
                self.act(&PlannedAct::Start(vec![first]), moment);
                if !roll.rest.is_empty() {
                    let until = roll.until.clone();
                    let job = Job {
                        task: Task::RollDown(roll),
                        label: None,
                        again: None,
                    };
                    self.wait(until, 0, job);
                }
            }
        }
    }

    fn roll_down(&mut self, mut roll: Roll, moment: Option<Moment>) {
        let lookup = Lookup::new(self.history.world());
        let found: Result<Vec<Vec<SeatId>>, String> = roll
            .rest
            .iter()
            .map(|target| lookup.targets(target))
            .collect();
        match found {
            // Roles are given up during the roll, so whoever is meant is settled at its begin.
            Ok(seats) => {
                let name = |seat: SeatId| self.history.world().name(seat).to_owned();
                roll.rest = seats
                    .into_iter()
                    .flatten()
                    .map(|s| Target::Named(name(s)))
                    .collect();
            }
            Err(reason) => return self.undone.push(format!("roll: {reason}")),
        }
        let Some(first) = roll.rest.first().cloned() else {
            return;
        };
        self.act(&PlannedAct::Stop(vec![first.clone()]), moment);
        let down = Claim::Process {
            who: first,
            is: Liveness::Down,
        };
        let after_us = roll.down_us;
        self.wait(
            down,
            after_us,
            Job {
                task: Task::RollUp(roll),
                label: None,
                again: None,
            },
        );
    }

    fn act(&mut self, act: &PlannedAct, moment: Option<Moment>) {
        let lookup = Lookup::new(self.history.world());
        let resolved = lookup.resolve(act).and_then(|act| {
            let trace = self.history.trace();
            let acts = lookup.kernel(&act, trace, self.zero_entries, &mut self.topology)?;
            Ok((act, acts))
        });
        let (act, kernel_acts) = match resolved {
            Ok(found) => found,
            Err(error) => return self.undone.push(error.to_string()),
        };
        let mut first = moment;
        for kernel_act in kernel_acts {
            match moment {
                Some(moment) => {
                    self.history.plan(moment, kernel_act);
                    self.history.step_until(moment.at);
                }
                None => {
                    let done_at = self.history.intervene(kernel_act);
                    first = first.or(Some(done_at));
                }
            }
        }
        if let Some(Moment { at, taken }) = first {
            self.done.push(Done {
                at_us: at.since(self.zero).0,
                taken,
                act,
            });
        }
    }

    fn check(&mut self, expectation: &Expectation) {
        let answer = self.present().expectation(expectation);
        self.checked.push(Checked {
            text: expectation.to_string(),
            ok: answer.holds,
            found: answer.found,
        });
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
