//! Membership in a classic group: what the member knows of itself (reference 5.6; `AbstractCoordinator`).

use crate::facts::ClientError;
use ackscope_kernel::Time;
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
    pub(super) joining: bool,
    pub(super) join_not_before: Time,
    pub(super) join_failures: u32,
    /// Partitions of the topics when this member, as leader, computed the assignment.
    pub(super) computed_for: Option<Vec<(u16, u16)>>,
    pub(super) beating: bool,
    pub(super) next_beat: Time,
    /// When the session is over in the client's eyes: the coordinator is then looked for again.
    pub(super) session_ends: Time,
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
    pub(super) fn beats(&self) -> bool {
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
