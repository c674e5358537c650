//! Elections: the vote before the vote, the vote, the first deeds of a leader.

use super::server::Peer;
use super::{Delay, Index, Kind, Machine, Out, Role, Rpc, Server, Term, What};
use ackscope_kernel::{SeatId, Time};

/// Whether a log that ends at `theirs` has everything that one ending at `ours` has.
fn up_to_date(theirs: (Index, Term), ours: (Index, Term)) -> bool {
    (theirs.1, theirs.0) >= (ours.1, ours.0)
}

impl<M: Machine> Server<M> {
    /// Whether this member votes.
    #[must_use]
    pub fn votes(&self) -> bool {
        self.members().get(&self.me) == Some(&Kind::Voter)
    }

    fn voters(&self) -> usize {
        let kinds = self.members().values();
        kinds.filter(|kind| **kind == Kind::Voter).count()
    }

    fn has_majority(&self) -> bool {
        let given = |id: &&SeatId| self.members().get(*id) == Some(&Kind::Voter);
        self.votes.iter().filter(given).count() > self.voters() / 2
    }

    /// The election timer is due, or somebody wants this member to stand.
    pub fn election_timeout(&mut self, now: Time, out: &mut Vec<Out<M>>) {
        self.armed = false;
        match self.role {
            Role::Leader => {}
            // The successor did not come: it leads on.
            Role::HandingOver => self.role = Role::Leader,
            Role::Candidate => self.stand(Delay::Medium, now, out),
            Role::Follower | Role::PreVote if self.votes() => self.ask(now, out),
            Role::Follower | Role::PreVote => {}
        }
    }

    /// The vote before the vote.
    fn ask(&mut self, now: Time, out: &mut Vec<Out<M>>) {
        self.role = Role::PreVote;
        if self.leader.is_some() {
            self.leader = None;
            out.push(Out::Follows(None));
        }
        self.token = self.token.wrapping_add(1);
        self.votes.clear();
        self.votes.insert(self.me);
        self.disarm(out);
        self.arm(Delay::Long, out);
        let request = Rpc::PreVote {
            term: self.persisted.term,
            token: self.token,
            last: self.log.last(),
        };
        self.send_to_others(&request, out);
        if self.has_majority() {
            self.stand(Delay::Short, now, out);
        }
    }

    /// Stands for election in a new term.
    fn stand(&mut self, delay: Delay, now: Time, out: &mut Vec<Out<M>>) {
        self.role = Role::Candidate;
        if self.leader.is_some() {
            self.leader = None;
            out.push(Out::Follows(None));
        }
        self.persisted.term += 1;
        self.persisted.voted_for = Some(self.me);
        out.push(Out::Persist(self.persisted));
        self.votes.clear();
        self.votes.insert(self.me);
        self.disarm(out);
        self.arm(delay, out);
        let request = Rpc::RequestVote {
            term: self.persisted.term,
            last: self.log.last(),
        };
        self.send_to_others(&request, out);
        if self.has_majority() {
            self.lead(now, out);
        }
    }

    fn send_to_others(&self, rpc: &Rpc<M>, out: &mut Vec<Out<M>>) {
        for member in self.members().keys().filter(|id| **id != self.me) {
            self.send(*member, rpc.clone(), out);
        }
    }

    pub(super) fn pre_vote(
        &mut self,
        from: SeatId,
        term: Term,
        token: u32,
        last: (Index, Term),
        out: &mut Vec<Out<M>>,
    ) {
        let known = self.members().contains_key(&from);
        if self.role == Role::Leader {
            if term > self.persisted.term && known {
                self.see_term(term, out);
                self.step_down(out);
            } else {
                // It reminds everybody that it leads.
                self.write_to_all(out);
                return;
            }
        }
        if !self.votes() {
            return;
        }
        if term < self.persisted.term {
            let term = self.persisted.term;
            let result = Rpc::PreVoteResult {
                term,
                token,
                granted: false,
            };
            self.send(from, result, out);
            return;
        }
        let stands = matches!(self.role, Role::Candidate | Role::HandingOver);
        if term > self.persisted.term && stands {
            self.step_down(out);
        }
        self.see_term(term, out);
        let granted = up_to_date(last, self.log.last());
        if !granted && self.role == Role::Follower {
            // It says nothing; but if there is no leader it had better stand itself.
            self.arm(Delay::Long, out);
            return;
        }
        let result = Rpc::PreVoteResult {
            term,
            token,
            granted,
        };
        self.send(from, result, out);
    }

    pub(super) fn pre_vote_result(
        &mut self,
        from: SeatId,
        term: Term,
        token: u32,
        granted: bool,
        now: Time,
        out: &mut Vec<Out<M>>,
    ) {
        if self.role != Role::PreVote {
            return;
        }
        if term > self.persisted.term {
            self.see_term(term, out);
            self.step_down(out);
        } else if granted && term == self.persisted.term && token == self.token {
            self.votes.insert(from);
            if self.has_majority() {
                self.stand(Delay::Short, now, out);
            }
        }
    }

    pub(super) fn request_vote(
        &mut self,
        from: SeatId,
        term: Term,
        last: (Index, Term),
        out: &mut Vec<Out<M>>,
    ) {
        if !self.votes() {
            return;
        }
        let leads = matches!(self.role, Role::Leader | Role::HandingOver);
        if leads && !self.members().contains_key(&from) {
            return;
        }
        if term > self.persisted.term {
            self.see_term(term, out);
            self.step_down(out);
        }
        let mut granted = false;
        if term == self.persisted.term && self.role == Role::Follower {
            let free = self.persisted.voted_for.is_none_or(|voted| voted == from);
            if free && up_to_date(last, self.log.last()) {
                granted = true;
                if self.persisted.voted_for.is_none() {
                    self.persisted.voted_for = Some(from);
                    out.push(Out::Persist(self.persisted));
                }
                // Should the candidate die before it writes, somebody has to stand again.
                self.arm(Delay::Long, out);
            }
        }
        let term = self.persisted.term;
        self.send(from, Rpc::VoteResult { term, granted }, out);
    }

    pub(super) fn vote_result(
        &mut self,
        from: SeatId,
        term: Term,
        granted: bool,
        now: Time,
        out: &mut Vec<Out<M>>,
    ) {
        if term > self.persisted.term {
            self.see_term(term, out);
            self.step_down(out);
        } else if granted && term == self.persisted.term && self.role == Role::Candidate {
            self.votes.insert(from);
            if self.has_majority() {
                self.lead(now, out);
            }
        }
    }

    /// It is elected.
    fn lead(&mut self, now: Time, out: &mut Vec<Out<M>>) {
        self.role = Role::Leader;
        self.leader = Some(self.me);
        self.votes.clear();
        self.change_permitted = false;
        self.disarm(out);
        self.peers.clear();
        self.match_peers();
        out.push(Out::Leads(self.persisted.term));
        self.append(What::Noop, now, out);
        for effect in self.machine.became_leader() {
            self.act(effect, out);
        }
        self.evaluate_quorum(out);
    }

    /// Brings the table of peers in line with the members.
    pub(super) fn match_peers(&mut self) {
        let members = self.members().clone();
        self.peers.retain(|id, _| members.contains_key(id));
        for id in members.keys().filter(|id| **id != self.me) {
            let reachable = !self.unreachable.contains(id);
            self.peers.entry(*id).or_insert(Peer {
                next: self.log.last().0 + 1,
                matched: 0,
                told: 0,
                reachable,
                snapshot: false,
            });
        }
    }
}
