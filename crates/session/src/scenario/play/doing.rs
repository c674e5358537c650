//! Doing what is due.

use super::Player;
use super::jobs::{Job, Roll, Task};
use crate::recipe::{Done, Lookup};
use crate::scenario::act::{PlannedAct, Target};
use crate::scenario::claim::{Claim, Expectation, Liveness};
use crate::scenario::evaluate::Mark;
use crate::scenario::outcome::Checked;
use ackscope_kernel::{Moment, SeatId};

impl Player<'_> {
    pub(super) fn perform(&mut self, job: Job, moment: Option<Moment>) {
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

    pub(super) fn check(&mut self, expectation: &Expectation) {
        let answer = self.present().expectation(expectation);
        self.checked.push(Checked {
            text: expectation.to_string(),
            ok: answer.holds,
            found: answer.found,
        });
    }
}
