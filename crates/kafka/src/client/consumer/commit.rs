//! Commits (reference 5.3, 5.4; `ConsumerCoordinator.sendOffsetCommitRequest` and its response handler).

use super::Consumer;
use super::link::Tag;
use super::member::MemberState;
use crate::facts::ClientError;
use crate::messages::Ask;
use crate::records::Tp;
use crate::system::Kafka;
use ackscope_kernel::SortedMap;
use ackscope_kernel::{Env, Span, Time};
use borsh::BorshSerialize;

/// A partition, its next offset, and the leader epoch of the last record if it is known.
pub(super) type Offsets = Vec<(Tp, i64, Option<i32>)>;

/// Who commits, and so what becomes of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) enum Kind {
    /// commitSync() by order.
    Order,
    /// commitSync() of a loop after poll().
    Loop,
    /// commitAsync().
    Async,
    /// enable.auto.commit, in poll().
    Auto,
    /// enable.auto.commit, before a rebalance.
    Prepare,
    /// commitSync() in onPartitionsRevoked.
    Revoke,
    /// enable.auto.commit, in close().
    Close,
    /// commitSync() in onPartitionsRevoked, in close().
    CloseRevoke,
    /// A commitSync() that timed out while its request was under way.
    Orphan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) enum Stage {
    /// For the coordinator to be known.
    Waiting,
    Sent,
    /// For the next attempt.
    Pausing(Time),
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Commit {
    pub(super) kind: Kind,
    pub(super) offsets: Offsets,
    pub(super) deadline: Time,
    pub(super) stage: Stage,
    pub(super) failures: u32,
}

/// Commits that have no end yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(super) struct Commits {
    pub(super) open: SortedMap<u32, Commit>,
    next: u32,
    /// Failed asynchronous commits; the next poll() calls their callbacks.
    pub(super) callbacks: Vec<ClientError>,
}

impl Commits {
    /// Whether a commit needs the coordinator.
    pub(super) fn waiting(&self) -> bool {
        self.open
            .values()
            .any(|commit| commit.stage == Stage::Waiting)
    }

    /// Whether asynchronous commits are under way.
    pub(super) fn asynchronous(&self) -> bool {
        self.open
            .values()
            .any(|commit| matches!(commit.kind, Kind::Async | Kind::Auto))
    }

    /// When a pause or the time of a synchronous commit is over.
    pub(super) fn due(&self) -> Time {
        let due = |commit: &Commit| match commit.stage {
            Stage::Pausing(until) => until.min(commit.deadline),
            Stage::Waiting | Stage::Sent => commit.deadline,
        };
        self.open.values().map(due).min().unwrap_or(Time::NEVER)
    }
}

impl Consumer {
    /// The positions of all partitions that have a valid one (`SubscriptionState.allConsumed`): everything
    /// that was handed out, processed or not.
    pub(super) fn consumed(&self) -> Offsets {
        let position = |(tp, part): (&Tp, &super::part::Part)| {
            part.consumed().map(|p| (*tp, p.offset, p.epoch))
        };
        self.parts.iter().filter_map(position).collect()
    }

    /// Begins a commit; [`Consumer::drive_commits`] sends it. `None`: there is nothing to commit, and so it
    /// is done.
    pub(super) fn begin_commit(
        &mut self,
        kind: Kind,
        offsets: Offsets,
        deadline: Time,
    ) -> Option<u32> {
        if offsets.is_empty() || self.group.is_none() {
            return None;
        }
        let id = self.commits.next;
        self.commits.next += 1;
        let commit = Commit {
            kind,
            offsets,
            deadline,
            stage: Stage::Waiting,
            failures: 0,
        };
        self.commits.open.insert(id, commit);
        Some(id)
    }

    /// auto.commit.interval.ms, as poll() looks at it: before records are collected, so that only what
    /// earlier polls handed out is committed.
    pub(super) fn auto_commit(&mut self, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        if self.params.enable_auto_commit && self.group.is_some() && now >= self.auto_commit_at {
            self.auto_commit_at = now + Span::ms(self.params.auto_commit_interval_ms).max(Span(1));
            let offsets = self.consumed();
            self.begin_commit(Kind::Auto, offsets, Time::NEVER);
        }
    }

    /// Sends what waits, ends what took too long.
    pub(super) fn drive_commits(&mut self, env: &mut Env<'_, Kafka>) {
        if self.commits.open.is_empty() {
            return;
        }
        let now = env.now();
        let ids: Vec<u32> = self.commits.open.keys().copied().collect();
        for id in ids {
            let Some(commit) = self.commits.open.get_mut(&id) else {
                continue;
            };
            if commit.deadline <= now {
                self.end_commit(id, Err(ClientError::Timeout), env);
                continue;
            }
            if matches!(commit.stage, Stage::Pausing(until) if until <= now) {
                commit.stage = Stage::Waiting;
            }
            if commit.stage == Stage::Waiting {
                self.send_commit(id, env);
            }
        }
    }

    fn send_commit(&mut self, id: u32, env: &mut Env<'_, Kafka>) {
        let Some(group) = self.group.clone() else {
            return;
        };
        if self.link.coordinator().is_none() {
            return;
        }
        let mut member = None;
        if self.subscribed() {
            // Only a member may commit for a group that assigns partitions; the client knows that itself.
            let stable = self.member.state == MemberState::Stable;
            member = self
                .member
                .id
                .filter(|_| stable)
                .map(|id| (id, self.member.generation));
            if member.is_none() {
                let error = if self.member.rebalancing() {
                    ClientError::RebalanceInProgress
                } else {
                    ClientError::CommitFailed
                };
                return self.commit_failed(id, error, false, env);
            }
        }
        let Some(commit) = self.commits.open.get_mut(&id) else {
            return;
        };
        commit.stage = Stage::Sent;
        let offsets = commit.offsets.clone();
        let instance = self.instance.clone().filter(|_| member.is_some());
        let ask = Ask::OffsetCommit {
            group,
            member,
            instance,
            offsets,
        };
        let within = self.link.request_timeout();
        self.link
            .send(ask, Tag::Commit(id, self.member.changes), within, env);
    }
}
