//! Processing: what the application does with records, and its sink.

use super::Consumer;
use super::book::Run;
use crate::facts::Fact;
use crate::records::{DiskRecord, FileName};
use crate::system::{AfterFailure, Kafka, Timer};
use ackscope_kernel::SortedSet;
use ackscope_kernel::{Causes, Env, MessageKey, Span};
use std::collections::VecDeque;
use std::sync::Arc;

impl Consumer {
    /// Processes what was handed out: at once where that takes no time, else one record after the other.
    pub(super) fn work(&mut self, env: &mut Env<'_, Kafka>) {
        if self.program.processing == Span(0) {
            self.work_at_once(env);
        } else if !self.app.working && !self.app.batch.is_empty() {
            self.app.working = true;
            env.arm_in(Timer::Processing, self.program.processing);
        }
    }

    /// Processes all that was handed out.
    pub(super) fn work_at_once(&mut self, env: &mut Env<'_, Kafka>) {
        while !self.app.batch.is_empty() {
            self.process(u32::MAX, env);
        }
    }

    /// The time for one record is over.
    pub(super) fn worked(&mut self, env: &mut Env<'_, Kafka>) {
        self.app.working = false;
        self.process(1, env);
        self.work(env);
    }

    /// Processes up to `max` records of the first row.
    fn process(&mut self, max: u32, env: &mut Env<'_, Kafka>) {
        let Some(mut run) = self.app.batch.pop_front() else {
            return;
        };
        let wanted = run.len().min(max);
        // The n-th record of this process's life throws.
        let fails_in = self
            .program
            .fails_at
            .and_then(|n| n.checked_sub(self.app.attempts + 1));
        let good = fails_in.map_or(wanted, |fails_in| wanted.min(fails_in));
        let mut done = run.clone();
        done.last = done.first + good;
        let stored = self.store(&mut done, env);
        self.app.attempts += stored;
        run.first += stored;
        if stored > 0 {
            self.note_processed(&done, env);
        }
        if stored < wanted {
            self.app.attempts += 1;
            self.threw(run, env);
        } else if run.len() > 0 {
            self.app.batch.push_front(run);
        }
    }

    /// Writes effects to an idempotent sink. Returns how many of the records worked: all of them unless the
    /// sink's disk is full. An effect that the sink knows is not repeated.
    fn store(&mut self, run: &mut Run, env: &mut Env<'_, Kafka>) -> u32 {
        if !self.program.idempotent_sink {
            return run.len();
        }
        let mut stored = 0;
        for (message, _) in run.records() {
            if self.sink.contains(&message) {
                env.note(Fact::EffectSuppressed { message });
            } else if env.append(&FileName::Sink, DiskRecord::Effect(message)) {
                Arc::make_mut(&mut self.sink).insert(message);
            } else {
                break;
            }
            stored += 1;
        }
        if stored > 0 {
            env.sync_now(&FileName::Sink);
        }
        run.last = run.first + stored;
        stored
    }

    fn note_processed(&mut self, run: &Run, env: &mut Env<'_, Kafka>) {
        self.app.processed += u64::from(run.len());
        if let Some(part) = self.parts.get_mut(&run.tp) {
            part.processed = run.end();
        }
        let fact = Fact::Processed {
            tp: run.tp,
            group: self.program.reader,
            records: run.records().collect(),
        };
        env.note_because(fact, Causes::one(run.handed));
    }

    /// Processing the first record of `run` threw.
    fn threw(&mut self, mut run: Run, env: &mut Env<'_, Kafka>) {
        match self.program.after_failure {
            AfterFailure::Skip => {
                let mut failed = run.clone();
                failed.last = failed.first + 1;
                run.first += 1;
                drop_run(&failed, env);
                if run.len() > 0 {
                    self.app.batch.push_front(run);
                }
            }
            AfterFailure::Close | AfterFailure::Exit => {
                drop_run(&run, env);
                let rest: VecDeque<Run> = std::mem::take(&mut self.app.batch);
                rest.iter().for_each(|run| drop_run(run, env));
                env.disarm(Timer::Processing);
                self.app.working = false;
                if self.program.after_failure == AfterFailure::Exit {
                    env.exit();
                } else {
                    self.close_and_exit(env);
                }
            }
        }
    }
}

fn drop_run(run: &Run, env: &mut Env<'_, Kafka>) {
    let fact = Fact::Dropped {
        tp: run.tp,
        records: run.records().collect(),
    };
    env.note_because(fact, Causes::one(run.handed));
}

/// The effects that the sink on this host's disk has had.
pub(super) fn read_sink(env: &Env<'_, Kafka>) -> SortedSet<MessageKey> {
    let records = env.disk().read(&FileName::Sink);
    let effect = |record: &DiskRecord| match record {
        DiskRecord::Effect(message) => Some(*message),
        _ => None,
    };
    records
        .into_iter()
        .flat_map(|records| records.iter().filter_map(effect))
        .collect()
}
