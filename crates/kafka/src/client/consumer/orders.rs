//! What the application is ordered to do, one call after the other.

use super::Consumer;
use super::app::{CLOSE, Job};
use super::commit::Kind;
use crate::errors::Code;
use crate::facts::{Call, ClientError, Fact};
use crate::system::{Kafka, Order};
use ackscope_kernel::{Env, Span, Time};

impl Consumer {
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
