//! How a group comes to its next generation (`GroupMetadataManager`, classic part; reference 5.6).

use super::state::{Group, Member, State, Wait};
use super::work::{Work, join_error};
use super::writes::Writes;
use crate::errors::Code;
use crate::facts::Fact;
use crate::messages::Answer;
use crate::records::{Payload, Tp};
use crate::system::Timer;
use ackscope_kernel::SortedMap;
use ackscope_kernel::Span;
use std::sync::Arc;

/// How long a JoinGroup of a new member may wait (`CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS`): its
/// client cannot send heartbeats, so nothing else would end a join that nobody waits for any more.
const NEW_MEMBER_JOIN_TIMEOUT_MS: i64 = 300_000;

impl Group {
    // ---- timers ----

    /// Starts the session of a member anew.
    pub(super) fn touch(&self, member: u64, work: &mut Work<'_>) {
        if let Some(member) = self.members.get(&member) {
            work.host.arm(
                Timer::MemberSession(self.key, member.id),
                Span::ms(member.session_ms),
            );
        }
    }

    /// Starts the time in which a new member must come into a generation.
    pub(super) fn touch_new(&self, member: u64, work: &mut Work<'_>) {
        let limit = Span::ms(NEW_MEMBER_JOIN_TIMEOUT_MS);
        work.host.arm(Timer::MemberSession(self.key, member), limit);
    }

    fn arm(&mut self, wait: Wait, after_ms: i64, work: &mut Work<'_>) {
        self.wait = wait;
        work.host
            .arm(Timer::Rebalance(self.key), Span::ms(after_ms));
    }

    pub(super) fn disarm(&mut self, work: &mut Work<'_>) {
        if self.wait != Wait::Nothing {
            self.wait = Wait::Nothing;
            work.host.disarm(Timer::Rebalance(self.key));
        }
    }

    /// The group's timer is due.
    pub(super) fn waited(&mut self, writes: &mut Writes, work: &mut Work<'_>) {
        match std::mem::replace(&mut self.wait, Wait::Nothing) {
            Wait::Nothing => {}
            Wait::Initial {
                delay_ms,
                remaining_ms,
            } => {
                if self.new_member_added && remaining_ms != 0 {
                    // Somebody came during the delay, so there may be more to come.
                    self.new_member_added = false;
                    let next_ms = work
                        .host
                        .params()
                        .group_initial_rebalance_delay_ms
                        .min(remaining_ms);
                    let remaining_ms = (remaining_ms - delay_ms).max(0);
                    self.arm(
                        Wait::Initial {
                            delay_ms: next_ms,
                            remaining_ms,
                        },
                        next_ms,
                        work,
                    );
                } else {
                    self.complete_join(writes, work);
                }
            }
            Wait::Join => self.complete_join(writes, work),
            Wait::Sync => self.expire_sync(writes, work),
        }
    }

    /// Members that did not ask for their assignment in time are out (`expirePendingSync`).
    fn expire_sync(&mut self, writes: &mut Writes, work: &mut Work<'_>) {
        let late: Vec<u64> = self.unsynced.iter().copied().collect();
        if matches!(self.state, State::CompletingRebalance | State::Stable) && !late.is_empty() {
            for member in late {
                self.evict(member, work);
            }
            self.prepare_rebalance(writes, work);
        }
    }

    /// The session of a member is over (`expireClassicGroupMemberHeartbeat`).
    pub(super) fn session_over(&mut self, id: u64, writes: &mut Writes, work: &mut Work<'_>) {
        if self.pending.remove(&id) {
            if self.state == State::PreparingRebalance && self.all_joined() {
                self.complete_join(writes, work);
            }
            return;
        }
        if self
            .members
            .get(&id)
            .is_none_or(|member| member.satisfied())
        {
            return;
        }
        self.part(id, true, work);
        match self.state {
            State::Stable | State::CompletingRebalance => self.rebalance_or_complete(writes, work),
            State::PreparingRebalance if self.all_joined() => self.complete_join(writes, work),
            State::PreparingRebalance | State::Empty => {}
        }
    }

    // ---- members that go ----

    /// Removes a member and forgets its session.
    fn evict(&mut self, id: u64, work: &mut Work<'_>) {
        if self.remove(id).is_some() {
            work.host.disarm(Timer::MemberSession(self.key, id));
            work.note(Fact::MemberGone {
                group: Arc::clone(&self.name),
                member: id,
                expired: true,
            });
        }
    }

    /// Removes a member that left or is given up. A JoinGroup of its that waits is answered, so that a
    /// client that still lives joins again.
    pub(super) fn part(&mut self, id: u64, expired: bool, work: &mut Work<'_>) {
        work.host.disarm(Timer::MemberSession(self.key, id));
        if let Some(mut member) = self.remove(id) {
            if let Some(reply) = member.awaiting_join.take() {
                work.answer(reply, join_error(0, Code::UnknownMemberId));
            }
            work.note(Fact::MemberGone {
                group: Arc::clone(&self.name),
                member: id,
                expired,
            });
        }
    }

    // ---- from generation to generation ----

    /// Something changed: calls the members together, or goes on if they are being called already
    /// (`maybePrepareRebalanceOrCompleteJoin`).
    pub(super) fn rebalance_or_complete(&mut self, writes: &mut Writes, work: &mut Work<'_>) {
        if self.state == State::PreparingRebalance {
            self.maybe_complete_join(writes, work);
        } else {
            self.prepare_rebalance(writes, work);
        }
    }

    /// Calls the members together (`prepareRebalance`). They learn of it by their next heartbeat.
    pub(super) fn prepare_rebalance(&mut self, writes: &mut Writes, work: &mut Work<'_>) {
        if self.state == State::CompletingRebalance {
            self.drop_assignment(Code::RebalanceInProgress, work);
        }
        // A time-out of the generation that ends here means nothing any more.
        self.unsynced.clear();
        self.disarm(work);
        let initial = self.state == State::Empty;
        self.transition(State::PreparingRebalance, work.now_ms());
        if initial {
            let delay_ms = work.host.params().group_initial_rebalance_delay_ms;
            let remaining_ms = (self.rebalance_ms() - delay_ms).max(0);
            self.arm(
                Wait::Initial {
                    delay_ms,
                    remaining_ms,
                },
                delay_ms,
                work,
            );
        } else if self.all_joined() {
            self.complete_join(writes, work);
        } else {
            self.arm(Wait::Join, self.rebalance_ms(), work);
        }
    }

    /// Goes on when all have joined again (`maybeCompleteJoinPhase`). The initial delay is always
    /// waited for.
    pub(super) fn maybe_complete_join(&mut self, writes: &mut Writes, work: &mut Work<'_>) {
        let called = self.state == State::PreparingRebalance && self.previous != State::Empty;
        if called && self.all_joined() {
            self.complete_join(writes, work);
        }
    }

    /// Ends the call for members and begins the next generation (`completeClassicGroupJoin`).
    fn complete_join(&mut self, writes: &mut Writes, work: &mut Work<'_>) {
        self.disarm(work);
        let absent = |m: &&Member| m.awaiting_join.is_none() && m.instance.is_none();
        let late: Vec<u64> = self.members.values().filter(absent).map(|m| m.id).collect();
        for member in late {
            self.evict(member, work);
        }
        if !self.elect_leader() && !self.members.is_empty() {
            // Only static members are left, and none of them came: wait until their sessions end.
            self.arm(Wait::Join, self.rebalance_ms(), work);
            return;
        }
        self.generation += 1;
        self.unsynced.clear();
        self.subscribed = self.subscriptions();
        let to = if self.members.is_empty() {
            State::Empty
        } else {
            State::CompletingRebalance
        };
        self.transition(to, work.now_ms());
        work.note(Fact::Generation {
            group: Arc::clone(&self.name),
            generation: self.generation,
        });
        if to == State::Empty {
            let record = self.record(&SortedMap::new());
            writes.append(Payload::Group(Arc::new(record)), work);
            return;
        }
        let ids: Vec<u64> = self.members.keys().copied().collect();
        for id in ids {
            self.answer_join(id, work);
            self.touch(id, work);
            if let Some(member) = self.members.get_mut(&id) {
                member.is_new = false;
            }
            self.unsynced.insert(id);
        }
        self.arm(Wait::Sync, self.rebalance_ms(), work);
    }

    /// Answers the JoinGroup that a member waits with.
    pub(super) fn answer_join(&mut self, id: u64, work: &mut Work<'_>) {
        if let Some(reply) = self
            .members
            .get_mut(&id)
            .and_then(|member| member.awaiting_join.take())
        {
            work.answer(reply, self.joined(id));
        }
    }

    /// What a member of the present generation is told. Only the leader hears of the others.
    pub(super) fn joined(&self, member: u64) -> Answer {
        let leads = self.leader == Some(member);
        Answer::JoinGroup {
            error: Code::None,
            member,
            generation: self.generation,
            leader: self.leader.unwrap_or(0),
            members: if leads { self.roster() } else { Vec::new() },
        }
    }

    // ---- assignments ----

    /// Nobody gets anything; those who wait are told why (`resetAndPropagateAssignmentWithError`).
    pub(super) fn drop_assignment(&mut self, error: Code, work: &mut Work<'_>) {
        for member in self.members.values_mut() {
            member.assignment.clear();
        }
        self.answer_syncs(error, work);
    }

    /// Answers every SyncGroup that waits. The session of such a member starts anew, for its end was
    /// ignored while the member waited.
    pub(super) fn answer_syncs(&mut self, error: Code, work: &mut Work<'_>) {
        let key = self.key;
        for member in self.members.values_mut() {
            if let Some(reply) = member.awaiting_sync.take() {
                let assignment = if error == Code::None {
                    member.assignment.clone()
                } else {
                    Vec::new()
                };
                work.answer(reply, Answer::SyncGroup { error, assignment });
                work.host.arm(
                    Timer::MemberSession(key, member.id),
                    Span::ms(member.session_ms),
                );
            }
        }
    }

    /// The leader's assignment is stored, or could not be (the append future of `classicGroupSync`).
    pub(super) fn stored(
        &mut self,
        generation: i32,
        mut assignment: SortedMap<u64, Vec<Tp>>,
        error: Code,
        writes: &mut Writes,
        work: &mut Work<'_>,
    ) {
        // Meanwhile somebody may have joined or left: then this generation is over.
        if self.state != State::CompletingRebalance || self.generation != generation {
            return;
        }
        if error != Code::None {
            self.drop_assignment(error, work);
            self.rebalance_or_complete(writes, work);
            return;
        }
        for member in self.members.values_mut() {
            member.assignment = assignment.remove(&member.id).unwrap_or_default();
        }
        self.answer_syncs(Code::None, work);
        self.transition(State::Stable, work.now_ms());
    }

    /// Ends everything that waits; the group is dropped.
    pub(super) fn abandon(&mut self, error: Code, work: &mut Work<'_>) {
        self.disarm(work);
        let key = self.key;
        for id in std::mem::take(&mut self.pending) {
            work.host.disarm(Timer::MemberSession(key, id));
        }
        for member in self.members.values_mut() {
            work.host.disarm(Timer::MemberSession(key, member.id));
            if let Some(reply) = member.awaiting_join.take() {
                work.answer(reply, join_error(member.id, error));
            }
            if let Some(reply) = member.awaiting_sync.take() {
                work.answer(
                    reply,
                    Answer::SyncGroup {
                        error,
                        assignment: Vec::new(),
                    },
                );
            }
        }
    }
}
