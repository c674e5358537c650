//! close() (`ClassicKafkaConsumer.close`).

use super::app::{CLOSE, CloseStage, Job};
use super::commit::Kind;
use super::{Consumer, NetTag};
use crate::facts::{Call, Fact};
use crate::system::Kafka;
use ackscope_kernel::{Env, Span, Time};

impl Consumer {
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

    pub(super) fn close_turn(
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
                    self.net.tags(*seat).any(|tag| *tag == NetTag::Fetch)
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
