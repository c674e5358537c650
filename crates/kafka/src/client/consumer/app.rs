//! The application on the library: it obeys orders, or runs a poll loop by its program.

use super::Consumer;
use super::book::Run;
use super::link::Tag;
use crate::facts::{Call, ClientError, Fact};
use crate::system::{Kafka, Order};
use ackscope_kernel::{Env, Span, Time};
use borsh::BorshSerialize;
use std::collections::VecDeque;

/// How long one poll() of an application waits. A loop of polls acts like one that never ends: what the
/// library does in poll() it does whenever something is due, so only the end of a row of polls falls on a
/// multiple of this.
const POLL: Span = Span(100_000);
/// close() without a time-out of its own (`ConsumerUtils.DEFAULT_CLOSE_TIMEOUT_MS`).
pub(super) const CLOSE: Span = Span(30_000_000);

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
    pub(super) background: Option<bool>,
    /// The program's loop runs.
    pub(super) running: bool,
    /// When it begins.
    pub(super) starts: Time,
    /// The process ends when close() is over.
    pub(super) exits: bool,
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

impl Consumer {
    pub(super) fn set_job(&mut self, job: Job, env: &Env<'_, Kafka>) {
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

    pub(super) fn returned(&mut self, call: Call, env: &mut Env<'_, Kafka>) {
        env.note(Fact::CallReturned { call });
        self.call_over(env);
    }

    pub(super) fn failed(&mut self, call: Call, error: ClientError, env: &mut Env<'_, Kafka>) {
        env.note(Fact::CallFailed { call, error });
        self.call_over(env);
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
}
