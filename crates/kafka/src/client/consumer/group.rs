//! Membership in a classic group (reference 5.6; `AbstractCoordinator`, `ConsumerCoordinator`): finding
//! the coordinator, joining, heartbeats of the background thread, leaving.

use super::commit::Kind;
use super::link::{DISCONNECTED, LinkEvent, Tag};
use super::part::Part;
use super::{Consumer, NetTag, assignor};
use crate::client::net::backoff;
use crate::errors::Code;
use crate::facts::{ClientError, Fact};
use crate::messages::{Answer, Ask, JoinAsk};
use crate::records::Tp;
use crate::system::Kafka;
use ackscope_kernel::{Env, SeatId, Span, Time};
use borsh::BorshSerialize;

/// Where a member stands (`AbstractCoordinator.MemberState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum MemberState {
    /// No member, or thrown out.
    Unjoined,
    /// JoinGroup is under way.
    PreparingRebalance,
    /// SyncGroup is under way.
    CompletingRebalance,
    /// A member with an assignment.
    Stable,
}

/// How far the preparation of a join is (`onJoinPrepare`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) enum Prepare {
    No,
    /// Auto-commit before the partitions are given up, by this number.
    Committing(u32),
    /// commitSync() in onPartitionsRevoked.
    Revoking(u32),
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Member {
    pub(super) state: MemberState,
    pub(super) id: Option<u64>,
    pub(super) generation: i32,
    /// Counts changes of id and generation.
    pub(super) changes: u32,
    pub(super) rejoin: bool,
    pub(super) prepare: Prepare,
    joining: bool,
    join_not_before: Time,
    join_failures: u32,
    /// Partitions of the topics when this member, as leader, computed the assignment.
    computed_for: Option<Vec<(u16, u16)>>,
    beating: bool,
    next_beat: Time,
    /// When the session is over in the client's eyes: the coordinator is then looked for again.
    session_ends: Time,
    /// End of the last poll().
    pub(super) polled: Time,
    /// Thrown by the next poll().
    pub(super) fatal: Option<ClientError>,
}

impl Member {
    pub(super) fn new(now: Time) -> Self {
        Member {
            state: MemberState::Unjoined,
            id: None,
            generation: -1,
            changes: 0,
            rejoin: true,
            prepare: Prepare::No,
            joining: false,
            join_not_before: Time(0),
            join_failures: 0,
            computed_for: None,
            beating: false,
            next_beat: Time::NEVER,
            session_ends: Time::NEVER,
            polled: now,
            fatal: None,
        }
    }

    /// The heartbeat thread is at work.
    fn beats(&self) -> bool {
        matches!(
            self.state,
            MemberState::CompletingRebalance | MemberState::Stable
        )
    }

    /// Out of the group: the next poll() joins again. After an old generation the id stays
    /// (`resetStateOnResponseError`).
    pub(super) fn reset(&mut self, keep_id: bool) {
        self.state = MemberState::Unjoined;
        if !keep_id {
            self.id = None;
        }
        self.generation = -1;
        self.changes += 1;
        self.rejoin = true;
        self.joining = false;
        self.beating = false;
    }

    /// Between the beginning of a rebalance and its end nothing is fetched or handed out.
    pub(super) fn stands_still(&self) -> bool {
        self.prepare != Prepare::No
    }

    pub(super) fn rebalancing(&self) -> bool {
        matches!(
            self.state,
            MemberState::PreparingRebalance | MemberState::CompletingRebalance
        )
    }
}

impl Consumer {
    // ---- the coordinator ----

    /// Whether anything needs the coordinator now.
    fn coordinator_wanted(&self) -> bool {
        self.member.beats()
            || self.commits.waiting()
            || self.app.seeks_committed()
            || (self.app.polling()
                && (self.subscribed()
                    || self
                        .parts
                        .values()
                        .any(|p| p.stage == super::part::Stage::Init)))
    }

    pub(super) fn find_coordinator(&mut self, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        let Some(group) = self.group.clone() else {
            return;
        };
        let known = self.link.coordinator().is_some();
        if known
            || self.finding
            || now < self.find_not_before
            || !self.informed
            || !self.coordinator_wanted()
        {
            return;
        }
        if let Some(broker) = self.net.least_loaded(env) {
            self.finding = true;
            self.net.ask(
                broker,
                Ask::FindCoordinator { group },
                NetTag::Coordinator,
                env,
            );
        }
    }

    /// The answer to FindCoordinator, or `None` when there was none.
    pub(super) fn found(
        &mut self,
        answer: Option<(Code, Option<SeatId>)>,
        env: &mut Env<'_, Kafka>,
    ) {
        self.finding = false;
        match answer {
            Some((Code::None, Some(broker))) if self.link.point(broker, env) => {
                self.find_failures = 0;
                self.member.session_ends = env.now() + Span::ms(self.params.session_timeout_ms);
            }
            _ => {
                self.find_failures += 1;
                self.find_not_before = env.now() + self.pause(self.find_failures, 1, env);
                self.net.want_metadata();
                // commitAsync() looks for the coordinator once (`commitOffsetsAsync`).
                self.fail_waiting_commits(env);
            }
        }
    }

    /// The coordinator is not where it was: what is under way fails, and it is looked for again.
    pub(super) fn coordinator_lost(&mut self, env: &mut Env<'_, Kafka>) {
        for tag in self.link.forget(env) {
            self.coordinator_failed(tag, DISCONNECTED, env);
        }
    }

    /// Takes an event of the coordinator's connection.
    pub(super) fn on_link(&mut self, event: LinkEvent, env: &mut Env<'_, Kafka>) {
        match event {
            LinkEvent::Lost(tags) => tags
                .into_iter()
                .for_each(|tag| self.coordinator_failed(tag, DISCONNECTED, env)),
            LinkEvent::Answered(tag, answer) => self.coordinator_answered(tag, answer, env),
        }
    }

    fn coordinator_answered(&mut self, tag: Tag, answer: Answer, env: &mut Env<'_, Kafka>) {
        match (tag, answer) {
            (
                Tag::Join(changes),
                Answer::JoinGroup {
                    error,
                    member,
                    generation,
                    leader,
                    members,
                },
            ) => {
                self.joined(changes, error, (member, generation, leader), &members, env);
            }
            (Tag::Sync(changes), Answer::SyncGroup { error, assignment }) => {
                self.synced(changes, error, &assignment, env);
            }
            (Tag::Heartbeat(changes), Answer::GroupHeartbeat(error)) => {
                self.beaten(changes, error, env)
            }
            (Tag::Commit(id, changes), Answer::OffsetCommit(results)) => {
                self.committed(id, changes, &results, env)
            }
            (Tag::Committed | Tag::CommittedToSeek, Answer::OffsetFetch { error, offsets }) => {
                self.offsets_fetched(tag, error, &offsets, env);
            }
            _ => {}
        }
    }

    /// A request came to nothing.
    pub(super) fn coordinator_failed(&mut self, tag: Tag, error: Code, env: &mut Env<'_, Kafka>) {
        match tag {
            Tag::Join(changes) | Tag::Sync(changes) => self.join_failed(changes, env),
            Tag::Heartbeat(_) => {
                self.member.beating = false;
                self.member.next_beat = env.now() + self.pause(1, 2, env);
            }
            Tag::Leave => {}
            Tag::Commit(id, _) => self.commit_failed(id, ClientError::Code(error), true, env),
            Tag::Committed => {
                self.asking_committed = false;
                self.committed_not_before = env.now() + self.pause(1, 3, env);
            }
            Tag::CommittedToSeek => self.seek_failed(error, env),
        }
    }

    /// retry.backoff.ms after this many failures.
    pub(super) fn pause(&self, failures: u32, what: u64, env: &Env<'_, Kafka>) -> Span {
        backoff(
            self.net.params().retry,
            failures.max(1),
            [6, what, u64::from(failures)],
            env,
        )
    }

    // ---- joining ----

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

    fn joined(
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

    fn synced(&mut self, changes: u32, error: Code, assignment: &[Tp], env: &mut Env<'_, Kafka>) {
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

    fn join_failed(&mut self, changes: u32, env: &mut Env<'_, Kafka>) {
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

    // ---- heartbeats ----

    /// The turn of the heartbeat thread: it runs whether or not the application polls.
    pub(super) fn heartbeat(&mut self, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        if !self.member.beats() || self.link.coordinator().is_none() {
            return;
        }
        if now >= self.member.session_ends {
            return self.coordinator_lost(env);
        }
        if now >= self.poll_limit() {
            // Too long since the last poll(): a dynamic member leaves, a static one just falls silent.
            return self.leave(env);
        }
        if self.member.beating || now < self.member.next_beat {
            return;
        }
        let (Some(group), Some(member)) = (self.group.clone(), self.member.id) else {
            return;
        };
        self.member.beating = true;
        self.member.next_beat = now + Span::ms(self.params.heartbeat_interval_ms);
        let generation = self.member.generation;
        let ask = Ask::GroupHeartbeat {
            group,
            member,
            instance: self.instance.clone(),
            generation,
        };
        let within = self.link.request_timeout();
        self.link
            .send(ask, Tag::Heartbeat(self.member.changes), within, env);
    }

    /// When max.poll.interval.ms is over.
    fn poll_limit(&self) -> Time {
        if self.app.polling() {
            return Time::NEVER;
        }
        self.member.polled + Span::ms(self.params.max_poll_interval_ms)
    }

    /// When the heartbeat thread has something to do.
    pub(super) fn heartbeat_due(&self) -> Time {
        let member = &self.member;
        if !member.beats() || self.link.coordinator().is_none() {
            return Time::NEVER;
        }
        let beat = if member.beating {
            Time::NEVER
        } else {
            member.next_beat
        };
        beat.min(member.session_ends).min(self.poll_limit())
    }

    fn beaten(&mut self, changes: u32, error: Code, env: &mut Env<'_, Kafka>) {
        let current = changes == self.member.changes;
        self.member.beating = false;
        match error {
            Code::None | Code::RebalanceInProgress => {
                self.member.session_ends = env.now() + Span::ms(self.params.session_timeout_ms);
                if error == Code::RebalanceInProgress && self.member.state == MemberState::Stable {
                    self.member.rejoin = true;
                }
            }
            Code::CoordinatorNotAvailable | Code::NotCoordinator => self.coordinator_lost(env),
            Code::IllegalGeneration | Code::UnknownMemberId if current => {
                self.member.reset(error == Code::IllegalGeneration);
            }
            Code::FencedInstanceId if current => {
                self.member.reset(false);
                self.member.fatal = Some(ClientError::Code(error));
            }
            _ => self.member.next_beat = env.now() + self.pause(1, 2, env),
        }
    }

    /// LeaveGroup, for a dynamic member; the generation is over in any case (`maybeLeaveGroup`).
    pub(super) fn leave(&mut self, env: &mut Env<'_, Kafka>) {
        if self.instance.is_none()
            && self.link.coordinator().is_some()
            && self.member.state != MemberState::Unjoined
            && let (Some(group), Some(member)) = (self.group.clone(), self.member.id)
        {
            let within = self.link.request_timeout();
            self.link
                .send(Ask::LeaveGroup { group, member }, Tag::Leave, within, env);
        }
        self.member.reset(false);
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
