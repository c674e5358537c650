//! Length limits: drop-head is exact, reject-publish is told to publishers after the fact (reference 2.7).

use super::{Config, Effect, Fifo, Run};
use crate::message::DeathReason;
use ackscope_kernel::Time;

impl Fifo {
    /// What counts: ready, delayed, and kept for dead-lettering.
    fn counted(&self) -> (u64, u64) {
        let (number, bytes) = self.dlx.stat();
        let length = self.ready() + self.delayed.len() as u64 + number;
        (length, self.bytes + bytes)
    }

    pub(super) fn over_limit(&self) -> bool {
        let (length, bytes) = self.counted();
        self.config.max_length.is_some_and(|max| length > max)
            || self.config.max_bytes.is_some_and(|max| bytes > max)
    }

    /// At most 80 % full, where there is a limit.
    pub(super) fn below_soft_limit(&self) -> bool {
        let (length, bytes) = self.counted();
        let below = |max: Option<u64>, now: u64| max.is_none_or(|max| now <= max * 8 / 10);
        let limited = self.config.max_length.is_some() || self.config.max_bytes.is_some();
        limited && below(self.config.max_length, length) && below(self.config.max_bytes, bytes)
    }

    /// After every command: drops, or tells publishers to stop or to go on. `was_below`: the queue was below
    /// the soft limit before.
    pub(super) fn evaluate_limit(&mut self, was_below: bool, run: &mut Run) {
        if self.config.max_length.is_none() && self.config.max_bytes.is_none() {
            // Limits that were just lifted.
            self.unblock(run);
            return;
        }
        if !self.config.rejects() {
            while self.over_limit() {
                let Some(msg) = self.take_next() else {
                    return;
                };
                self.die(vec![msg], DeathReason::MaxLen, run);
            }
            return;
        }
        if self.over_limit() {
            for (pid, enqueuer) in &mut self.enqueuers {
                if !enqueuer.blocked {
                    enqueuer.blocked = true;
                    run.fx.push(Effect::Status(*pid, true));
                }
            }
        } else if !was_below && self.below_soft_limit() {
            self.unblock(run);
        }
    }

    fn unblock(&mut self, run: &mut Run) {
        for (pid, enqueuer) in &mut self.enqueuers {
            if enqueuer.blocked {
                enqueuer.blocked = false;
                run.fx.push(Effect::Status(*pid, false));
            }
        }
    }

    /// Arguments and policies have changed.
    pub(super) fn configure(&mut self, config: Config, run: &mut Run) {
        let before = self.config.dead_letters.at_least_once();
        let after = config.dead_letters.at_least_once();
        self.config = config;
        match (before, after) {
            (true, false) => {
                // What was kept for dead-lettering is dropped.
                for msg in self.dlx.purge() {
                    run.fx
                        .push(Effect::Gone(msg, crate::facts::GoneWhy::Rejected));
                }
                self.dlx = super::Dlx::default();
                run.fx.push(Effect::DlxEnd);
            }
            (false, true) => run.fx.push(Effect::DlxWorker),
            (true, true) => {
                if let Some(pid) = self.dlx.worker() {
                    run.fx.push(Effect::DlxTopology(pid));
                }
            }
            (false, false) => {}
        }
    }

    /// Whether nobody used the queue for its lease.
    pub(super) fn is_expired(&self, now: Time) -> bool {
        let used = self
            .consumers
            .values()
            .any(|c| c.held != super::Held::Suspected);
        self.config
            .expires
            .is_some_and(|lease| !used && now > self.last_active + lease)
    }
}
