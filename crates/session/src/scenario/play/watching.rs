//! What a scenario waits for, and what its supervisors see.

use super::Player;
use super::jobs::{Job, Task, Waiting};
use crate::scenario::act::{PlannedAct, Target};
use crate::scenario::claim::Claim;
use crate::scenario::evaluate::Present;
use crate::scenario::watch::Pattern;
use ackscope_kernel::{SeatId, Span, Status};

/// How often a run that ends when it is quiet looks whether it is.
const QUIET_CHECK: Span = Span(500_000);

impl Player<'_> {
    pub(super) fn present(&self) -> Present<'_> {
        Present {
            world: self.history.world(),
            trace: self.history.trace(),
            ledger: self.history.ledger(),
            answers: &self.answers,
            marks: &self.marks,
            zero: self.zero_entries,
        }
    }

    pub(super) fn is_quiet(&mut self) -> bool {
        let now = self.history.world().now();
        if now < self.quiet_check {
            return false;
        }
        self.quiet_check = now + QUIET_CHECK;
        crate::scenario::quiet::is_quiet(&self.present())
    }

    /// Looks at what is new, and does what was waiting for it.
    pub(super) fn observe(&mut self) {
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
}
