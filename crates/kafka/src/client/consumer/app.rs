//! The application on the library: it obeys orders, or runs a poll loop by its program.

use super::Consumer;
use super::commit::Kind;
use super::link::Tag;
use super::part::Run;
use crate::errors::Code;
use crate::facts::{Call, ClientError, Fact};
use crate::system::{AfterFailure, CommitPolicy, Kafka, Order};
use ackscope_kernel::{Env, Span, Time};
use borsh::BorshSerialize;
use std::collections::VecDeque;

/// How long one poll() of an application waits. A loop of polls acts like one that never ends: what the
/// library does in poll() it does whenever something is due, so only the end of a row of polls falls on a
/// multiple of this.
const POLL: Span = Span(100_000);
/// close() without a time-out of its own (`ConsumerUtils.DEFAULT_CLOSE_TIMEOUT_MS`).
const CLOSE: Span = Span(30_000_000);

/// What the application's thread does.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) enum Job {
    Idle,
    /// poll() again and again by order. `left`: how many records may still be processed.
    Poll {
        want: u32,
        got: u32,
        left: Option<u32>,
        since: Time,
        deadline: Time,
    },
    /// The same in the background.
    Background,
    /// The program's poll loop.
    Program,
    /// The program processes what a poll brought.
    Work,
    /// commitSync() by order.
    Commit,
    /// commitSync() of a loop; then the records are processed, or poll() comes.
    LoopCommit {
        then_work: bool,
    },
    /// Waiting for committed offsets to seek to.
    SeekCommitted {
        deadline: Time,
        asked: bool,
        not_before: Time,
    },
    Close {
        stage: CloseStage,
        begun: bool,
        deadline: Time,
    },
    Closed,
}

/// The steps of close() (`ClassicKafkaConsumer.close`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub(super) enum CloseStage {
    /// enable.auto.commit: the positions are committed.
    Commit,
    /// Asynchronous commits have an end.
    Async,
    /// onPartitionsRevoked.
    Revoke,
    /// LeaveGroup of a dynamic member.
    Leave,
    /// Fetches under way have an end.
    Fetches,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct App {
    pub(super) orders: VecDeque<Order>,
    pub(super) job: Job,
    /// Polls in the background; commits after each poll or not.
    background: Option<bool>,
    /// The program's loop runs.
    pub(super) running: bool,
    /// When it begins.
    pub(super) starts: Time,
    /// The process ends when close() is over.
    exits: bool,
    /// Handed out, to be processed.
    pub(super) batch: VecDeque<Run>,
    /// A record is being processed.
    pub(super) working: bool,
    /// Records whose processing was begun, over the life of the process.
    pub(super) attempts: u32,
    /// Records handed out.
    pub(super) received: u64,
    /// Records processed.
    pub(super) processed: u64,
}

impl App {
    pub(super) fn new(starts: Time) -> Self {
        App {
            orders: VecDeque::new(),
            job: Job::Idle,
            background: None,
            running: false,
            starts,
            exits: false,
            batch: VecDeque::new(),
            working: false,
            attempts: 0,
            received: 0,
            processed: 0,
        }
    }

    /// The application is in poll().
    pub(super) fn polling(&self) -> bool {
        matches!(self.job, Job::Poll { .. } | Job::Background | Job::Program)
    }

    /// The application waits for committed offsets to seek to.
    pub(super) fn seeks_committed(&self) -> bool {
        matches!(self.job, Job::SeekCommitted { .. })
    }

    /// An order is being carried out, or waits.
    pub(super) fn busy(&self) -> bool {
        let blocked = matches!(
            self.job,
            Job::Poll { .. } | Job::Commit | Job::SeekCommitted { .. } | Job::Close { .. }
        );
        blocked || !self.orders.is_empty()
    }

    /// When the poll by order ends, if it finds nothing: after the last whole poll().
    pub(super) fn poll_ends(&self) -> Time {
        let Job::Poll {
            since, deadline, ..
        } = self.job
        else {
            return Time::NEVER;
        };
        since + Span(deadline.since(since).0.div_ceil(POLL.0) * POLL.0)
    }

    /// When the call that waits is over in any case.
    pub(super) fn deadline(&self) -> Time {
        match self.job {
            Job::SeekCommitted { deadline, .. } | Job::Close { deadline, .. } => deadline,
            _ => Time::NEVER,
        }
    }
}

fn call(order: &Order) -> Option<Call> {
    Some(match order {
        Order::Poll { .. } | Order::PollStart { .. } | Order::PollStop => Call::Poll,
        Order::Commit { .. } => Call::Commit,
        Order::CommitAsync => Call::CommitAsync,
        Order::Seek { .. } | Order::SeekToCommitted => Call::Seek,
        Order::Close(_) => Call::Close,
        _ => return None,
    })
}

impl Consumer {
    fn set_job(&mut self, job: Job, env: &Env<'_, Kafka>) {
        if self.app.polling() {
            self.member.polled = env.now();
        }
        self.app.job = job;
    }

    /// The call is over: back to the loop, if there is one.
    pub(super) fn call_over(&mut self, env: &Env<'_, Kafka>) {
        let job = match (self.app.background, self.app.running) {
            (Some(_), _) => Job::Background,
            (None, true) => Job::Program,
            (None, false) => Job::Idle,
        };
        self.set_job(job, env);
    }

    fn returned(&mut self, call: Call, env: &mut Env<'_, Kafka>) {
        env.note(Fact::CallReturned { call });
        self.call_over(env);
    }

    fn failed(&mut self, call: Call, error: ClientError, env: &mut Env<'_, Kafka>) {
        env.note(Fact::CallFailed { call, error });
        self.call_over(env);
    }

    /// An order to a consumer whose constructor threw.
    pub(super) fn refuse(order: &Order, env: &mut Env<'_, Kafka>) {
        if let Some(call) = call(order) {
            env.note(Fact::CallFailed {
                call,
                error: ClientError::Config,
            });
        }
    }

    /// Begins what was ordered, when the thread is free for it. Returns whether it did.
    pub(super) fn take_order(&mut self, env: &mut Env<'_, Kafka>) -> bool {
        let free = matches!(
            self.app.job,
            Job::Idle | Job::Background | Job::Program | Job::Closed
        );
        if !free {
            return false;
        }
        let Some(order) = self.app.orders.pop_front() else {
            return false;
        };
        if self.app.job == Job::Closed {
            match call(&order) {
                // Closing twice is allowed, anything else is an IllegalStateException.
                Some(Call::Close) => {
                    env.note(Fact::CallReturned { call: Call::Close });
                }
                Some(call) => {
                    env.note(Fact::CallFailed {
                        call,
                        error: ClientError::IllegalState,
                    });
                }
                None => {}
            }
            return true;
        }
        self.obey(order, env);
        true
    }

    fn obey(&mut self, order: Order, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        match order {
            Order::Poll { count: 0, .. } => self.returned(Call::Poll, env),
            Order::Poll {
                count,
                timeout,
                process,
            } => {
                let job = Job::Poll {
                    want: count,
                    got: 0,
                    left: process,
                    since: now,
                    deadline: now + timeout,
                };
                self.set_job(job, env);
            }
            Order::PollStart { sync } => {
                self.app.background = Some(sync);
                self.returned(Call::Poll, env);
            }
            Order::PollStop => {
                self.app.background = None;
                self.returned(Call::Poll, env);
            }
            Order::Commit { .. } if self.group.is_none() => {
                self.failed(Call::Commit, ClientError::Config, env)
            }
            Order::Commit { offsets, timeout } => {
                let offsets = match offsets {
                    Some(offsets) => offsets
                        .into_iter()
                        .map(|(tp, offset)| (tp, offset, None))
                        .collect(),
                    None => self.consumed(),
                };
                if self
                    .begin_commit(Kind::Order, offsets, now + timeout)
                    .is_some()
                {
                    self.set_job(Job::Commit, env);
                } else {
                    self.returned(Call::Commit, env);
                }
            }
            Order::CommitAsync if self.group.is_none() => {
                self.failed(Call::CommitAsync, ClientError::Config, env)
            }
            Order::CommitAsync => {
                let offsets = self.consumed();
                self.begin_commit(Kind::Async, offsets, Time::NEVER);
                self.returned(Call::CommitAsync, env);
            }
            Order::Seek { tp, offset } if self.parts.contains_key(&tp) => {
                self.seek(tp, offset, env);
                self.returned(Call::Seek, env);
            }
            Order::Seek { .. } => self.failed(Call::Seek, ClientError::IllegalState, env),
            Order::SeekToCommitted if self.group.is_none() => {
                self.failed(Call::Seek, ClientError::Config, env)
            }
            Order::SeekToCommitted if self.parts.is_empty() => self.returned(Call::Seek, env),
            Order::SeekToCommitted => {
                let deadline = now + Span::ms(self.params.default_api_timeout_ms);
                self.set_job(
                    Job::SeekCommitted {
                        deadline,
                        asked: false,
                        not_before: now,
                    },
                    env,
                );
            }
            Order::Close(timeout) => self.begin_close(timeout, env),
            Order::Run(on) => {
                self.app.running = on && self.program.polls;
                self.call_over(env);
            }
            // What is left concerns other kinds of process.
            _ => {}
        }
    }

    /// SIGTERM: the application leaves its loop and closes, then the process ends.
    pub(super) fn shut_down(&mut self, env: &mut Env<'_, Kafka>) {
        self.app.exits = true;
        if self.app.job == Job::Closed {
            env.exit();
        } else {
            self.app.orders.push_front(Order::Close(CLOSE));
        }
    }

    /// Does what the thread can do now. Returns whether something moved.
    pub(super) fn advance(&mut self, env: &mut Env<'_, Kafka>) -> bool {
        match self.app.job {
            Job::Poll { .. } | Job::Background | Job::Program => self.poll_turn(env),
            Job::Work => {
                self.work(env);
                if self.app.job == Job::Work && self.app.batch.is_empty() {
                    self.work_over(env);
                }
                self.app.job != Job::Work
            }
            Job::SeekCommitted {
                deadline,
                asked,
                not_before,
            } => {
                if env.now() >= deadline {
                    self.failed(Call::Seek, ClientError::Timeout, env);
                    return true;
                }
                if !asked && env.now() >= not_before && self.link.coordinator().is_some() {
                    self.app.job = Job::SeekCommitted {
                        deadline,
                        asked: true,
                        not_before,
                    };
                    self.ask_committed(Tag::CommittedToSeek, env);
                }
                false
            }
            Job::Close {
                stage,
                begun,
                deadline,
            } => self.close_turn(stage, begun, deadline, env),
            Job::Idle | Job::Commit | Job::LoopCommit { .. } | Job::Closed => false,
        }
    }

    // ---- poll ----

    fn poll_turn(&mut self, env: &mut Env<'_, Kafka>) -> bool {
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
    fn work_over(&mut self, env: &mut Env<'_, Kafka>) {
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

    // ---- seek to committed ----

    /// The request for committed offsets failed; it is repeated.
    pub(super) fn seek_failed(&mut self, error: Code, env: &mut Env<'_, Kafka>) {
        let until = env.now() + self.pause(1, 9, env);
        if let Job::SeekCommitted {
            asked, not_before, ..
        } = &mut self.app.job
        {
            *asked = false;
            *not_before = until;
        }
        if self.app.seeks_committed() && !error.retriable() {
            self.failed(Call::Seek, ClientError::Code(error), env);
        }
    }

    /// All partitions stand where the group's offsets are.
    pub(super) fn sought(&mut self, env: &mut Env<'_, Kafka>) {
        if self.app.seeks_committed() {
            self.returned(Call::Seek, env);
        }
    }

    // ---- close ----

    pub(super) fn begin_close(&mut self, timeout: Span, env: &mut Env<'_, Kafka>) {
        self.app.background = None;
        self.app.running = false;
        let deadline = env.now() + timeout;
        self.set_job(
            Job::Close {
                stage: CloseStage::Commit,
                begun: false,
                deadline,
            },
            env,
        );
    }

    /// After an exception in processing: close() runs, then the process ends.
    pub(super) fn close_and_exit(&mut self, env: &mut Env<'_, Kafka>) {
        self.app.exits = true;
        self.begin_close(CLOSE, env);
    }

    fn close_turn(
        &mut self,
        stage: CloseStage,
        begun: bool,
        deadline: Time,
        env: &mut Env<'_, Kafka>,
    ) -> bool {
        if env.now() >= deadline {
            self.end_close(env);
            return true;
        }
        let waits = match stage {
            CloseStage::Commit if begun => true,
            CloseStage::Commit => {
                let offsets = if self.params.enable_auto_commit {
                    self.consumed()
                } else {
                    Vec::new()
                };
                self.begin_commit(Kind::Close, offsets, deadline).is_some()
            }
            CloseStage::Async => self.commits.asynchronous(),
            CloseStage::Revoke if begun => true,
            CloseStage::Revoke => {
                let member = self.member.generation >= 0;
                let commits = self.subscribed() && self.program.commit_on_revoke && member;
                let offsets = if commits { self.consumed() } else { Vec::new() };
                self.begin_commit(Kind::CloseRevoke, offsets, deadline)
                    .is_some()
            }
            CloseStage::Leave => {
                if !begun && self.subscribed() {
                    self.leave(env);
                }
                self.link.busy()
            }
            CloseStage::Fetches => {
                let fetch = |seat: &ackscope_kernel::SeatId| {
                    self.net.tags(*seat).any(|tag| *tag == super::NetTag::Fetch)
                };
                self.bootstrap.iter().any(fetch)
            }
        };
        if waits {
            self.app.job = Job::Close {
                stage,
                begun: true,
                deadline,
            };
            return false;
        }
        self.next_close_stage(env);
        true
    }

    /// A commit that close() waited for has an end, well or not.
    pub(super) fn close_committed(&mut self, env: &mut Env<'_, Kafka>) {
        if matches!(
            self.app.job,
            Job::Close {
                begun: true,
                stage: CloseStage::Commit | CloseStage::Revoke,
                ..
            }
        ) {
            self.next_close_stage(env);
        }
    }

    fn next_close_stage(&mut self, env: &mut Env<'_, Kafka>) {
        let Job::Close { stage, begun, .. } = &mut self.app.job else {
            return;
        };
        *begun = false;
        *stage = match stage {
            CloseStage::Commit => CloseStage::Async,
            CloseStage::Async => CloseStage::Revoke,
            CloseStage::Revoke => CloseStage::Leave,
            CloseStage::Leave => CloseStage::Fetches,
            CloseStage::Fetches => return self.end_close(env),
        };
    }

    fn end_close(&mut self, env: &mut Env<'_, Kafka>) {
        self.link.close(env);
        self.net.close(env);
        if self.subscribed() && !self.parts.is_empty() {
            env.note(Fact::Assigned {
                tps: Vec::new(),
                generation: -1,
            });
        }
        self.parts.clear();
        self.ready.clear();
        self.app.job = Job::Closed;
        env.note(Fact::CallReturned { call: Call::Close });
        if self.app.exits {
            env.exit();
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
