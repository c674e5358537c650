//! What a scenario has to do, by time and by condition.

use super::Player;
use crate::founding::OBSERVER;
use crate::scenario::act::{PlannedAct, Target};
use crate::scenario::claim::{Claim, Expectation};
use crate::scenario::{Action, Step, Timing};

/// Something to do.
#[derive(Clone, Debug)]
pub(super) enum Task {
    Act(PlannedAct),
    Expect(Expectation),
    Supervise(Vec<Target>, u64),
    /// Stop the first of these.
    RollDown(Roll),
    /// Start the first of these.
    RollUp(Roll),
}

#[derive(Clone, Debug)]
pub(super) struct Roll {
    pub(super) rest: Vec<Target>,
    pub(super) down_us: u64,
    pub(super) until: Claim,
}

#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) label: Option<String>,
    /// Again after this time, and none after that moment.
    pub(super) again: Option<(u64, u64)>,
}

/// A job that waits for something.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) claim: Claim,
    pub(super) after_us: u64,
    pub(super) job: Job,
    /// Entries in which an event has been looked for already.
    pub(super) scanned: u32,
}

impl Player<'_> {
    pub(super) fn plan_everything(&mut self) {
        let scenario = self.scenario;
        let clients = scenario.topology.clients.iter().map(|client| &client.name);
        let mut starts: Vec<String> = clients
            .filter(|name| !scenario.by_hand.contains(name))
            .cloned()
            .collect();
        let asks = |step: &Step| matches!(&step.action, Action::Act(PlannedAct::Order(who, _)) if who == OBSERVER);
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

    pub(super) fn plan(&mut self, at_us: u64, taken: u32, job: Job) {
        self.planned += 1;
        self.timeline.insert((at_us, taken, self.planned), job);
    }

    pub(super) fn wait(&mut self, claim: Claim, after_us: u64, job: Job) {
        let scanned = self.zero_entries;
        self.waiting.push(Waiting {
            claim,
            after_us,
            job,
            scanned,
        });
    }
}
