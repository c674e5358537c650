//! What poll() returns to, or throws at, and what the application does then.

use super::Consumer;
use super::app::{CLOSE, Job};
use super::book::Run;
use super::commit::Kind;
use crate::facts::{Call, ClientError, Fact};
use crate::system::{AfterFailure, CommitPolicy, Kafka};
use ackscope_kernel::{Env, Span, Time};
use std::collections::VecDeque;

impl Consumer {
    pub(super) fn poll_turn(&mut self, env: &mut Env<'_, Kafka>) -> bool {
        for error in std::mem::take(&mut self.commits.callbacks) {
            env.note(Fact::CallFailed {
                call: Call::CommitAsync,
                error,
            });
        }
        if let Some(error) = self.member.fatal.take().or_else(|| self.thrown.take()) {
            self.poll_threw(error, env);
            return true;
        }
        let records = self.collect(env);
        self.send_fetches(env);
        if !records.is_empty() {
            self.poll_returned(records, env);
            return true;
        }
        if env.now() >= self.app.poll_ends() {
            self.returned(Call::Poll, env);
            return true;
        }
        false
    }

    fn poll_threw(&mut self, error: ClientError, env: &mut Env<'_, Kafka>) {
        let program = self.app.job == Job::Program;
        self.app.background = None;
        self.app.running = false;
        self.failed(Call::Poll, error, env);
        // An exception of poll() leaves the program's loop whatever it does with failing records.
        if program && self.program.after_failure == AfterFailure::Exit {
            env.exit();
        } else if program {
            self.app.exits = true;
            self.begin_close(CLOSE, env);
        }
    }

    fn poll_returned(&mut self, mut records: VecDeque<Run>, env: &mut Env<'_, Kafka>) {
        let count = records.iter().map(Run::len).fold(0, u32::saturating_add);
        self.app.received += u64::from(count);
        match &mut self.app.job {
            Job::Poll {
                want,
                got,
                left,
                since,
                deadline,
            } => {
                *got += count;
                *since = env.now();
                let over = got >= want || env.now() >= *deadline;
                if let Some(left) = left {
                    keep(&mut records, left);
                }
                self.app.batch.extend(records);
                self.work_at_once(env);
                if over && matches!(self.app.job, Job::Poll { .. }) {
                    self.returned(Call::Poll, env);
                }
            }
            Job::Background => {
                self.app.batch.extend(records);
                self.work_at_once(env);
                if self.app.background == Some(true) && self.app.job == Job::Background {
                    self.loop_commit(false, env);
                }
            }
            _ => {
                self.app.batch.extend(records);
                self.program_polled(env);
            }
        }
    }

    /// The program's poll() brought records.
    fn program_polled(&mut self, env: &mut Env<'_, Kafka>) {
        if self.program.hands_off {
            // The records are the worker's now, and to the loop that is as good as done.
            self.work(env);
            if self.app.job == Job::Program {
                self.commit_by_policy(env);
            }
        } else if self.program.commit == CommitPolicy::SyncBefore {
            self.loop_commit(true, env);
        } else {
            self.set_job(Job::Work, env);
        }
    }

    /// All records of a poll are processed.
    pub(super) fn work_over(&mut self, env: &mut Env<'_, Kafka>) {
        self.call_over(env);
        if self.program.commit != CommitPolicy::SyncBefore {
            self.commit_by_policy(env);
        }
    }

    fn commit_by_policy(&mut self, env: &mut Env<'_, Kafka>) {
        match self.program.commit {
            CommitPolicy::None => {}
            CommitPolicy::SyncBefore | CommitPolicy::SyncAfter => self.loop_commit(false, env),
            CommitPolicy::AsyncAfter => {
                let offsets = self.consumed();
                self.begin_commit(Kind::Async, offsets, Time::NEVER);
            }
        }
    }

    fn loop_commit(&mut self, then_work: bool, env: &mut Env<'_, Kafka>) {
        let deadline = env.now() + Span::ms(self.params.default_api_timeout_ms);
        let offsets = self.consumed();
        let begun = self.begin_commit(Kind::Loop, offsets, deadline);
        self.set_job(Job::LoopCommit { then_work }, env);
        if begun.is_none() {
            self.loop_committed(env);
        }
    }

    /// commitSync() of a loop is over, well or not: the loop goes on.
    pub(super) fn loop_committed(&mut self, env: &mut Env<'_, Kafka>) {
        match self.app.job {
            Job::LoopCommit { then_work: true } => self.set_job(Job::Work, env),
            Job::LoopCommit { then_work: false } => self.call_over(env),
            _ => {}
        }
    }
}

/// Keeps the first `left` records, and counts them off.
fn keep(records: &mut VecDeque<Run>, left: &mut u32) {
    for run in records.iter_mut() {
        run.last = run.last.min(run.first.saturating_add(*left));
        *left -= run.len();
    }
    records.retain(|run| run.len() > 0);
}
