//! Changes of the members, one at a time; handing leadership over; the end of a group.

use super::{Delay, Kind, Machine, Members, NotLeader, Out, Role, Rpc, Server, What};
use ackscope_kernel::{SeatId, Time};

/// Why a change of the members was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// This member does not lead.
    NotLeader(NotLeader),
    /// The last change, or the first entry of this term, is not committed yet.
    NotPermitted,
    /// It is so already.
    Already,
}

impl<M: Machine> Server<M> {
    /// Adds a member. One that has to catch up is added as promotable and votes once it has.
    pub fn add(
        &mut self,
        member: SeatId,
        voter_at_once: bool,
        now: Time,
        out: &mut Vec<Out<M>>,
    ) -> Result<(), Refused> {
        let mut members = self.changeable()?;
        if members.contains_key(&member) {
            return Err(Refused::Already);
        }
        let kind = if voter_at_once {
            Kind::Voter
        } else {
            Kind::Promotable(self.log.last().0)
        };
        members.insert(member, kind);
        self.change(members, now, out);
        Ok(())
    }

    /// Removes a member.
    pub fn remove(
        &mut self,
        member: SeatId,
        now: Time,
        out: &mut Vec<Out<M>>,
    ) -> Result<(), Refused> {
        let mut members = self.changeable()?;
        if members.remove(&member).is_none() {
            return Err(Refused::Already);
        }
        self.change(members, now, out);
        Ok(())
    }

    fn changeable(&self) -> Result<Members, Refused> {
        if self.role != Role::Leader {
            let leader = self.leader.filter(|leader| *leader != self.me);
            return Err(Refused::NotLeader(NotLeader { leader }));
        }
        if !self.change_permitted {
            return Err(Refused::NotPermitted);
        }
        Ok(self.members().clone())
    }

    fn change(&mut self, members: Members, now: Time, out: &mut Vec<Out<M>>) {
        self.change_permitted = false;
        self.append(What::Members(members), now, out);
    }

    /// A promotable member that has what it needs becomes a voter.
    pub(super) fn promote(&mut self, member: SeatId, now: Time, out: &mut Vec<Out<M>>) {
        let Some(Kind::Promotable(target)) = self.members().get(&member).copied() else {
            return;
        };
        let matched = self.peers.get(&member).map_or(0, |peer| peer.matched);
        if matched >= target
            && let Ok(mut members) = self.changeable()
        {
            members.insert(member, Kind::Voter);
            self.change(members, now, out);
        }
    }

    /// A leader that was removed goes once that is committed.
    pub(super) fn leave_if_removed(&mut self, out: &mut Vec<Out<M>>) {
        let newest = self.configs[self.configs.len() - 1].0;
        if !self.members().contains_key(&self.me) && self.commit >= newest {
            self.pipeline(out);
            out.push(Out::Deleted);
        }
    }

    /// `rabbitmq-queues force_shrink_member_to_current_member`: this member alone is the group from here on.
    /// What was confirmed by others only is lost.
    pub fn force_alone(&mut self, now: Time, out: &mut Vec<Out<M>>) {
        self.step_down(out);
        let alone = Members::from([(self.me, Kind::Voter)]);
        self.append(What::Members(alone), now, out);
        self.election_timeout(now, out);
    }

    /// Hands leadership to another member, if that one has the whole log. False: it has not.
    pub fn hand_over(&mut self, to: SeatId, out: &mut Vec<Out<M>>) -> bool {
        let last = self.log.last().0;
        let ready = self.role == Role::Leader
            && self.members().get(&to) == Some(&Kind::Voter)
            && self.peers.get(&to).is_some_and(|peer| peer.next > last);
        if ready {
            self.role = Role::HandingOver;
            self.send(to, Rpc::StandNow, out);
            self.arm(Delay::Long, out);
        }
        ready
    }

    /// Ends the group. False: this member does not lead.
    pub fn delete(&mut self, now: Time, out: &mut Vec<Out<M>>) -> bool {
        if self.role != Role::Leader {
            return false;
        }
        self.append(What::Delete, now, out);
        true
    }
}
