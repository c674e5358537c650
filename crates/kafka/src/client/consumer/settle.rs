//! How commits end: answers, retries, what is told to whom.

use super::Consumer;
use super::commit::{Commit, Kind, Stage};
use crate::errors::Code;
use crate::facts::{Call, ClientError, Fact};
use crate::records::Tp;
use crate::system::Kafka;
use ackscope_kernel::{Env, Time};

impl Consumer {
    /// The answer to OffsetCommit.
    pub(super) fn committed(
        &mut self,
        id: u32,
        changes: u32,
        results: &[(Tp, Code)],
        env: &mut Env<'_, Kafka>,
    ) {
        let error = results
            .iter()
            .map(|(_, error)| *error)
            .find(|error| *error != Code::None);
        let Some(error) = error else {
            self.write_down(id, env);
            return self.end_commit(id, Ok(()), env);
        };
        let current = changes == self.member.changes;
        let moved_on = if self.member.rebalancing() {
            ClientError::RebalanceInProgress
        } else {
            ClientError::CommitFailed
        };
        match error {
            Code::CoordinatorLoadInProgress | Code::UnknownTopicOrPartition => {
                self.commit_failed(id, ClientError::Code(error), true, env);
            }
            Code::CoordinatorNotAvailable | Code::NotCoordinator | Code::RequestTimedOut => {
                self.commit_failed(id, ClientError::Code(error), true, env);
                self.coordinator_lost(env);
            }
            Code::FencedInstanceId => {
                let error = if current {
                    ClientError::Code(error)
                } else {
                    moved_on
                };
                self.commit_failed(id, error, false, env);
            }
            Code::RebalanceInProgress => {
                self.member.rejoin = true;
                self.commit_failed(id, ClientError::RebalanceInProgress, false, env);
            }
            Code::UnknownMemberId | Code::IllegalGeneration => {
                let error = if current && self.subscribed() {
                    self.member.reset(error == Code::IllegalGeneration);
                    ClientError::CommitFailed
                } else {
                    moved_on
                };
                self.commit_failed(id, error, false, env);
            }
            _ => self.commit_failed(id, ClientError::Code(error), error.retriable(), env),
        }
    }

    /// An attempt failed: a synchronous commit tries again while it may, an asynchronous one never.
    pub(super) fn commit_failed(
        &mut self,
        id: u32,
        error: ClientError,
        retriable: bool,
        env: &mut Env<'_, Kafka>,
    ) {
        let now = env.now();
        let Some(commit) = self.commits.open.get_mut(&id) else {
            return;
        };
        match commit.kind {
            Kind::Orphan => {
                self.commits.open.remove(&id);
            }
            Kind::Async | Kind::Auto => {
                let error = if retriable {
                    ClientError::RetriableCommitFailed
                } else {
                    error
                };
                self.end_commit(id, Err(error), env);
            }
            _ if retriable => {
                commit.failures += 1;
                let failures = commit.failures;
                let until = now + self.pause(failures, 5, env);
                if let Some(commit) = self.commits.open.get_mut(&id) {
                    commit.stage = Stage::Pausing(until);
                }
            }
            _ => self.end_commit(id, Err(error), env),
        }
    }

    /// No coordinator was found: what may look for it only once fails.
    pub(super) fn fail_waiting_commits(&mut self, env: &mut Env<'_, Kafka>) {
        let once = |commit: &Commit| {
            commit.stage == Stage::Waiting && matches!(commit.kind, Kind::Async | Kind::Auto)
        };
        let ids: Vec<u32> = self
            .commits
            .open
            .iter()
            .filter(|(_, c)| once(c))
            .map(|(id, _)| *id)
            .collect();
        for id in ids {
            self.commit_failed(
                id,
                ClientError::Code(Code::CoordinatorNotAvailable),
                true,
                env,
            );
        }
    }

    fn write_down(&mut self, id: u32, env: &mut Env<'_, Kafka>) {
        let Some(commit) = self.commits.open.get(&id) else {
            return;
        };
        for (tp, offset, _) in &commit.offsets {
            let book = self.books.entry(*tp).or_default();
            if book.committed == Some(*offset) {
                continue;
            }
            let (from, passed) = book.commit(*offset);
            let group = self.program.reader;
            env.note(Fact::Committed {
                tp: *tp,
                group,
                from,
                to: *offset,
                passed: passed.into(),
            });
        }
    }

    pub(super) fn end_commit(
        &mut self,
        id: u32,
        result: Result<(), ClientError>,
        env: &mut Env<'_, Kafka>,
    ) {
        let Some(commit) = self.commits.open.get_mut(&id) else {
            return;
        };
        let kind = commit.kind;
        if commit.stage == Stage::Sent && result == Err(ClientError::Timeout) {
            // The request is on its way and may still take effect (reference 5.8).
            commit.kind = Kind::Orphan;
            commit.deadline = Time::NEVER;
        } else {
            self.commits.open.remove(&id);
        }
        match kind {
            Kind::Order => {
                env.note(match result {
                    Ok(()) => Fact::CallReturned { call: Call::Commit },
                    Err(error) => Fact::CallFailed {
                        call: Call::Commit,
                        error,
                    },
                });
                self.call_over(env);
            }
            Kind::Loop => {
                if let Err(error) = result {
                    env.note(Fact::CallFailed {
                        call: Call::Commit,
                        error,
                    });
                }
                self.loop_committed(env);
            }
            Kind::Async => self.commits.callbacks.extend(result.err()),
            Kind::Auto => {
                if result == Err(ClientError::RetriableCommitFailed) {
                    self.auto_commit_at = env.now() + self.pause(1, 6, env);
                }
            }
            Kind::Prepare => self.prepare_goes_on(env),
            Kind::Revoke => {
                if let Err(error) = result {
                    env.note(Fact::CallFailed {
                        call: Call::Commit,
                        error,
                    });
                }
                self.prepare_goes_on(env);
            }
            Kind::Close | Kind::CloseRevoke => self.close_committed(env),
            Kind::Orphan => {}
        }
    }
}
