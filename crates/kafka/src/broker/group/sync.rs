//! SyncGroup, heartbeats and LeaveGroup of classic groups.

use super::state::{Group, State};
use super::work::{Reply, Work};
use super::writes::{Then, Writes};
use crate::errors::Code;
use crate::messages::Answer;
use crate::records::{Payload, Tp};
use crate::system::Timer;
use ackscope_kernel::SortedMap;
use std::sync::Arc;

/// A member that speaks: its id, its group.instance.id and the generation it believes in.
#[derive(Clone, Copy)]
pub(super) struct Speaker<'a> {
    pub(super) member: u64,
    pub(super) instance: Option<&'a str>,
    pub(super) generation: i32,
}

impl Group {
    /// Whether the speaker is a member of the present generation.
    fn check(&self, speaker: Speaker<'_>) -> Result<(), Code> {
        self.validate(speaker.member, speaker.instance)?;
        if speaker.generation == self.generation {
            Ok(())
        } else {
            Err(Code::IllegalGeneration)
        }
    }

    /// `classicGroupSyncToClassicGroup`.
    pub(super) fn sync(
        &mut self,
        speaker: Speaker<'_>,
        assignment: &[(u64, Vec<Tp>)],
        reply: Reply,
        writes: &mut Writes,
        work: &mut Work<'_>,
    ) {
        let refused = |error| Answer::SyncGroup {
            error,
            assignment: Vec::new(),
        };
        if self.state == State::Empty {
            return work.answer(reply, refused(Code::UnknownMemberId));
        }
        if let Err(error) = self.check(speaker) {
            return work.answer(reply, refused(error));
        }
        let id = speaker.member;
        match self.state {
            State::PreparingRebalance | State::Empty => {
                work.answer(reply, refused(Code::RebalanceInProgress));
            }
            State::CompletingRebalance => {
                if let Some(member) = self.members.get_mut(&id) {
                    member.awaiting_sync = Some(reply);
                }
                self.synced(id, work);
                if self.leader == Some(id) {
                    self.store(assignment, writes, work);
                }
            }
            State::Stable => {
                self.synced(id, work);
                let assignment = self
                    .members
                    .get(&id)
                    .map(|m| m.assignment.clone())
                    .unwrap_or_default();
                work.answer(
                    reply,
                    Answer::SyncGroup {
                        error: Code::None,
                        assignment,
                    },
                );
            }
        }
    }

    /// A member asked for its assignment; the time-out ends with the last one (`removePendingSyncMember`).
    fn synced(&mut self, id: u64, work: &mut Work<'_>) {
        self.unsynced.remove(&id);
        if self.unsynced.is_empty() {
            self.disarm(work);
        }
    }

    /// Stores what the leader assigned. It is handed out when it is committed.
    fn store(&mut self, assignment: &[(u64, Vec<Tp>)], writes: &mut Writes, work: &mut Work<'_>) {
        let assignment: SortedMap<u64, Vec<Tp>> = assignment
            .iter()
            .filter(|(id, _)| self.members.contains_key(id))
            .cloned()
            .collect();
        let record = self.record(&assignment);
        let (group, generation) = (Arc::clone(&self.name), self.generation);
        let then = Then::Assign {
            group,
            generation,
            assignment,
        };
        writes.append_then(Payload::Group(Arc::new(record)), then, work);
    }

    /// `classicGroupHeartbeatToClassicGroup`. A refusal (the `Err`) is answered at once, everything
    /// else when what is written is committed.
    pub(super) fn heartbeat(
        &self,
        speaker: Speaker<'_>,
        work: &mut Work<'_>,
    ) -> Result<Code, Code> {
        self.check(speaker)?;
        self.touch(speaker.member, work);
        Ok(match self.state {
            State::Empty => Code::UnknownMemberId,
            State::PreparingRebalance => Code::RebalanceInProgress,
            // Heartbeats begin with the answer to JoinGroup, before SyncGroup is answered.
            State::CompletingRebalance | State::Stable => Code::None,
        })
    }

    /// `classicGroupLeaveToClassicGroup`.
    pub(super) fn leave(&mut self, id: u64, writes: &mut Writes, work: &mut Work<'_>) -> Code {
        if self.pending.remove(&id) {
            work.host.disarm(Timer::MemberSession(self.key, id));
        } else if let Err(error) = self.validate(id, None) {
            return error;
        } else {
            self.part(id, false, work);
        }
        match self.state {
            State::Stable | State::CompletingRebalance => self.rebalance_or_complete(writes, work),
            State::PreparingRebalance => self.maybe_complete_join(writes, work),
            State::Empty => {}
        }
        Code::None
    }
}
