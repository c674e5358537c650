//! Joining a classic group (reference 5.6; `AbstractCoordinator`, `ConsumerCoordinator`). Only poll() joins.

use super::commit::Kind;
use super::link::Tag;
use super::member::{MemberState, Prepare};
use super::part::Part;
use super::{Consumer, assignor};
use crate::errors::Code;
use crate::facts::{ClientError, Fact};
use crate::messages::{Ask, JoinAsk};
use crate::records::Tp;
use crate::system::Kafka;
use ackscope_kernel::{Env, Span, Time};

impl Consumer {
    /// What poll() does about the membership (`ensureActiveGroup`). Only poll() joins.
    pub(super) fn join(&mut self, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        if !self.member.rejoin || self.member.joining || now < self.member.join_not_before {
            return;
        }
        if self.link.coordinator().is_none() || !self.prepared(env) {
            return;
        }
        let Some(group) = self.group.clone() else {
            return;
        };
        self.member.state = MemberState::PreparingRebalance;
        self.member.joining = true;
        let ask = JoinAsk {
            group,
            member: self.member.id,
            instance: self.instance.clone(),
            session_ms: self.params.session_timeout_ms,
            rebalance_ms: self.params.max_poll_interval_ms,
            topics: self.program.subscribe.clone(),
        };
        // A join is answered when all members have rejoined (`sendJoinGroupRequest`).
        let within = Span::ms(self.params.max_poll_interval_ms.saturating_add(5000));
        let within = within.max(self.link.request_timeout());
        self.link.send(
            Ask::JoinGroup(ask),
            Tag::Join(self.member.changes),
            within,
            env,
        );
    }

    /// Commits and gives up what is owned, before a join (`onJoinPrepare`). Returns whether it is done.
    fn prepared(&mut self, env: &mut Env<'_, Kafka>) -> bool {
        if self.member.prepare == Prepare::No {
            let deadline = env.now() + Span::ms(self.params.max_poll_interval_ms);
            let offsets = if self.params.enable_auto_commit {
                self.consumed()
            } else {
                Vec::new()
            };
            match self.begin_commit(Kind::Prepare, offsets, deadline) {
                Some(id) => self.member.prepare = Prepare::Committing(id),
                None => self.revoke(env),
            }
        }
        self.member.prepare == Prepare::Done
    }

    /// onPartitionsRevoked for everything (eager protocol), or onPartitionsLost when the generation is
    /// over already: then a commit could only fail.
    fn revoke(&mut self, env: &mut Env<'_, Kafka>) {
        let lost = self.member.generation < 0 || self.member.id.is_none();
        if self.program.commit_on_revoke && !lost && !self.parts.is_empty() {
            let deadline = env.now() + Span::ms(self.params.default_api_timeout_ms);
            let offsets = self.consumed();
            if let Some(id) = self.begin_commit(Kind::Revoke, offsets, deadline) {
                self.member.prepare = Prepare::Revoking(id);
                return;
            }
        }
        self.revoked(env);
    }

    fn revoked(&mut self, env: &mut Env<'_, Kafka>) {
        self.member.prepare = Prepare::Done;
        if !self.parts.is_empty() {
            self.parts.clear();
            self.ready.clear();
            env.note(Fact::Assigned {
                tps: Vec::new(),
                generation: self.member.generation,
            });
        }
    }

    /// A commit that the preparation waited for has an end.
    pub(super) fn prepare_goes_on(&mut self, env: &mut Env<'_, Kafka>) {
        match self.member.prepare {
            Prepare::Committing(_) => self.revoke(env),
            Prepare::Revoking(_) => self.revoked(env),
            Prepare::No | Prepare::Done => {}
        }
    }

    pub(super) fn joined(
        &mut self,
        changes: u32,
        error: Code,
        (id, generation, leader): (u64, i32, u64),
        members: &[(u64, Vec<u16>)],
        env: &mut Env<'_, Kafka>,
    ) {
        let current = changes == self.member.changes;
        match error {
            Code::None if current && self.member.state == MemberState::PreparingRebalance => {
                let now = env.now();
                let member = &mut self.member;
                member.state = MemberState::CompletingRebalance;
                member.id = Some(id);
                member.generation = generation;
                member.changes += 1;
                member.beating = false;
                member.next_beat = now + Span::ms(self.params.heartbeat_interval_ms);
                member.session_ends = now + Span::ms(self.params.session_timeout_ms);
                member.computed_for = None;
                let mut assignment = Vec::new();
                if leader == id {
                    assignment = assignor::range(members, &self.net.partitions);
                    self.member.computed_for = Some(self.partition_counts());
                }
                self.send_sync(assignment, env);
            }
            Code::None => self.join_failed(changes, env),
            Code::MemberIdRequired if current => {
                self.member.id = Some(id);
                self.member.changes += 1;
                self.join_again();
            }
            Code::UnknownMemberId | Code::IllegalGeneration if current => {
                self.member.reset(error == Code::IllegalGeneration);
            }
            Code::RebalanceInProgress => self.join_again(),
            Code::CoordinatorNotAvailable | Code::NotCoordinator => {
                self.join_failed(changes, env);
                self.coordinator_lost(env);
            }
            _ => self.join_refused(changes, error, env),
        }
    }

    fn send_sync(&mut self, assignment: Vec<(u64, Vec<Tp>)>, env: &mut Env<'_, Kafka>) {
        let (Some(group), Some(member)) = (self.group.clone(), self.member.id) else {
            return;
        };
        let ask = Ask::SyncGroup {
            group,
            member,
            instance: self.instance.clone(),
            generation: self.member.generation,
            assignment,
        };
        // `sendSyncGroupRequest` waits as long as a join does.
        let within = Span::ms(self.params.max_poll_interval_ms.saturating_add(5000));
        let within = within.max(self.link.request_timeout());
        self.link
            .send(ask, Tag::Sync(self.member.changes), within, env);
    }

    pub(super) fn synced(
        &mut self,
        changes: u32,
        error: Code,
        assignment: &[Tp],
        env: &mut Env<'_, Kafka>,
    ) {
        let current = changes == self.member.changes;
        match error {
            Code::None if current && self.member.state == MemberState::CompletingRebalance => {
                self.member.state = MemberState::Stable;
                self.member.rejoin = false;
                self.member.joining = false;
                self.member.join_failures = 0;
                self.member.prepare = Prepare::No;
                self.parts = assignment.iter().map(|tp| (*tp, Part::new())).collect();
                self.ready.clear();
                // The auto-commit timer begins anew after each join (reference 5.3).
                self.auto_commit_at = env.now() + Span::ms(self.params.auto_commit_interval_ms);
                env.note(Fact::Assigned {
                    tps: assignment.to_vec(),
                    generation: self.member.generation,
                });
            }
            Code::UnknownMemberId | Code::IllegalGeneration if current => {
                self.member.reset(error == Code::IllegalGeneration);
            }
            Code::RebalanceInProgress => self.join_again(),
            Code::CoordinatorNotAvailable | Code::NotCoordinator => {
                self.join_failed(changes, env);
                self.coordinator_lost(env);
            }
            Code::None => self.join_failed(changes, env),
            _ => self.join_refused(changes, error, env),
        }
    }

    /// A retriable error of JoinGroup or SyncGroup is waited out, any other is thrown by poll().
    fn join_refused(&mut self, changes: u32, error: Code, env: &mut Env<'_, Kafka>) {
        if error.retriable() {
            return self.join_failed(changes, env);
        }
        if changes == self.member.changes {
            self.member.reset(false);
        }
        self.member.fatal = Some(ClientError::Code(error));
        self.join_failed(self.member.changes, env);
    }

    fn join_again(&mut self) {
        self.member.joining = false;
        self.member.rejoin = true;
    }

    pub(super) fn join_failed(&mut self, changes: u32, env: &mut Env<'_, Kafka>) {
        if changes == self.member.changes {
            self.join_again();
            self.member.join_failures += 1;
            self.member.join_not_before = env.now() + self.pause(self.member.join_failures, 4, env);
        }
    }

    fn partition_counts(&self) -> Vec<(u16, u16)> {
        let count = |topic: &u16| (*topic, self.net.partitions.get(topic).copied().unwrap_or(0));
        self.program.subscribe.iter().map(count).collect()
    }

    /// New metadata: the leader asks for a rebalance when a topic got more partitions
    /// (`rejoinNeededOrPending`).
    pub(super) fn metadata_changed(&mut self) {
        if self.member.state == MemberState::Stable
            && self
                .member
                .computed_for
                .as_ref()
                .is_some_and(|counts| *counts != self.partition_counts())
        {
            self.member.rejoin = true;
        }
    }

    /// When a join may be tried again.
    pub(super) fn join_due(&self) -> Time {
        let waits = self.subscribed() && self.member.rejoin && !self.member.joining;
        if waits {
            self.member.join_not_before
        } else {
            Time::NEVER
        }
    }
}
