//! JoinGroup (`classicGroupJoinToClassicGroup` and what it calls).

use super::state::{Group, Member, State, sorted};
use super::work::{Reply, Work, join_error};
use super::writes::{Then, Writes};
use crate::errors::Code;
use crate::facts::Fact;
use crate::messages::{Answer, JoinAsk};
use crate::records::Payload;
use crate::system::Timer;
use ackscope_kernel::Span;
use std::sync::Arc;

impl Group {
    /// Somebody without a member id joins; `id` is free for it.
    pub(super) fn join_new(
        &mut self,
        id: u64,
        ask: &JoinAsk,
        reply: Reply,
        writes: &mut Writes,
        work: &mut Work<'_>,
    ) {
        let Some(instance) = &ask.instance else {
            // A dynamic member must come back with its id, so that a join that is sent twice does not
            // become two members.
            self.pending.insert(id);
            work.host
                .arm(Timer::MemberSession(self.key, id), Span::ms(ask.session_ms));
            return work.answer(reply, join_error(id, Code::MemberIdRequired));
        };
        match self.member_of_instance(instance) {
            Some(old) => self.take_over(old, id, ask, reply, writes, work),
            None => self.add_and_rebalance(id, ask, reply, writes, work),
        }
    }

    /// Somebody joins with the id that it was given.
    pub(super) fn join_known(
        &mut self,
        id: u64,
        ask: &JoinAsk,
        reply: Reply,
        writes: &mut Writes,
        work: &mut Work<'_>,
    ) {
        if self.pending.contains(&id) {
            return self.add_and_rebalance(id, ask, reply, writes, work);
        }
        if let Err(error) = self.validate(id, ask.instance.as_deref()) {
            return work.answer(reply, join_error(id, error));
        }
        let same = self
            .members
            .get(&id)
            .is_some_and(|member| member.topics == sorted(&ask.topics));
        let rebalance = match self.state {
            State::PreparingRebalance => true,
            // The answer to its first JoinGroup was lost: it gets the same again.
            State::CompletingRebalance => !same,
            // The leader comes because it saw something that changes the assignment.
            State::Stable => !same || self.leader == Some(id),
            State::Empty => return work.answer(reply, join_error(id, Code::UnknownMemberId)),
        };
        if !rebalance {
            return work.answer(reply, self.joined(id));
        }
        if let Some(member) = self.members.get_mut(&id) {
            member.update(ask, reply);
        }
        work.note(Fact::MemberJoined {
            group: Arc::clone(&self.name),
            member: id,
        });
        self.rebalance_or_complete(writes, work);
    }

    /// `addMemberThenRebalanceOrCompleteJoin`.
    fn add_and_rebalance(
        &mut self,
        id: u64,
        ask: &JoinAsk,
        reply: Reply,
        writes: &mut Writes,
        work: &mut Work<'_>,
    ) {
        if self.state == State::PreparingRebalance && self.previous == State::Empty {
            self.new_member_added = true;
        }
        self.add(Member {
            awaiting_join: Some(reply),
            ..Member::new(id, ask)
        });
        work.note(Fact::MemberJoined {
            group: Arc::clone(&self.name),
            member: id,
        });
        self.touch_new(id, work);
        self.rebalance_or_complete(writes, work);
    }

    /// A process with the group.instance.id of member `old` takes its place
    /// (`updateStaticMemberThenRebalanceOrCompleteJoin`).
    fn take_over(
        &mut self,
        old: u64,
        new: u64,
        ask: &JoinAsk,
        reply: Reply,
        writes: &mut Writes,
        work: &mut Work<'_>,
    ) {
        let led = self.leader == Some(old);
        let Some(mut fenced) = self.members.remove(&old) else {
            return;
        };
        if let Some(waiting) = fenced.awaiting_join.take() {
            work.answer(waiting, join_error(old, Code::FencedInstanceId));
        }
        if let Some(waiting) = fenced.awaiting_sync.take() {
            let (error, assignment) = (Code::FencedInstanceId, Vec::new());
            work.answer(waiting, Answer::SyncGroup { error, assignment });
        }
        work.host.disarm(Timer::MemberSession(self.key, old));
        if led {
            self.leader = Some(new);
        }
        // The newcomer's first session still has the old length.
        work.host.arm(
            Timer::MemberSession(self.key, new),
            Span::ms(fenced.session_ms),
        );
        let mut member = Member {
            id: new,
            is_new: false,
            ..fenced.clone()
        };
        member.update(ask, reply);
        self.members.insert(new, member);
        work.note(Fact::MemberGone {
            group: Arc::clone(&self.name),
            member: old,
            expired: false,
        });
        work.note(Fact::MemberJoined {
            group: Arc::clone(&self.name),
            member: new,
        });
        match self.state {
            State::Stable => {
                // Same partitions, same generation: only the new id has to be stored.
                let record = self.record(&self.assignment());
                let group = Arc::clone(&self.name);
                let then = Then::TakeOver {
                    group,
                    new,
                    old: Box::new(fenced),
                };
                writes.append_then(Payload::Group(Arc::new(record)), then, work);
            }
            // The leader may be assigning to the old id just now.
            State::CompletingRebalance => self.prepare_rebalance(writes, work),
            State::PreparingRebalance | State::Empty => self.maybe_complete_join(writes, work),
        }
    }

    /// The new id of a static member is stored, or could not be.
    pub(super) fn took_over(&mut self, new: u64, old: Member, error: Code, work: &mut Work<'_>) {
        if error == Code::None {
            return self.answer_join(new, work);
        }
        // As if the newcomer had never come (the append future of the take-over).
        let Some(mut member) = self.members.remove(&new) else {
            return;
        };
        work.host.disarm(Timer::MemberSession(self.key, new));
        self.unsynced.remove(&new);
        if self.leader == Some(new) {
            self.leader = Some(old.id);
        }
        let old_id = old.id;
        self.members.insert(old_id, old);
        self.touch(old_id, work);
        work.note(Fact::MemberGone {
            group: Arc::clone(&self.name),
            member: new,
            expired: false,
        });
        work.note(Fact::MemberJoined {
            group: Arc::clone(&self.name),
            member: old_id,
        });
        if let Some(reply) = member.awaiting_join.take() {
            work.answer(reply, join_error(0, error));
        }
    }
}
