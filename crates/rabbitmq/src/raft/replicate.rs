//! Replication: what a leader sends, how a follower takes it, how both come to agree.

use super::server::{BATCH, PIPELINE};
use super::{Entry, Index, Machine, Out, Role, Rpc, Server, Snapshot, Term, What};
use ackscope_kernel::{SeatId, Time};
use std::sync::Arc;

impl<M: Machine> Server<M> {
    /// Sends every member that can be reached what it lacks.
    pub(super) fn pipeline(&mut self, out: &mut Vec<Out<M>>) {
        let ids: Vec<SeatId> = self.peers.keys().copied().collect();
        for id in ids {
            while self.write_to(id, BATCH, false, out) {}
        }
    }

    /// Writes to all, news or not: whoever reads it knows who leads.
    pub(super) fn write_to_all(&mut self, out: &mut Vec<Out<M>>) {
        let ids: Vec<SeatId> = self.peers.keys().copied().collect();
        for id in ids {
            self.write_to(id, 1, true, out);
        }
    }

    /// Writes to members from which an answer is missing.
    pub(super) fn write_to_stale(&mut self, out: &mut Vec<Out<M>>) {
        let ids: Vec<SeatId> = self.peers.keys().copied().collect();
        for id in ids {
            let Some(peer) = self.peers.get(&id) else {
                continue;
            };
            if peer.matched + 1 < peer.next || peer.told < self.commit {
                self.write_to(id, 1, true, out);
            }
        }
    }

    /// Sends up to `batch` entries to a member. True: there is more to send at once.
    fn write_to(&mut self, id: SeatId, batch: u64, probe: bool, out: &mut Vec<Out<M>>) -> bool {
        let last = self.log.last().0;
        let Some(peer) = self.peers.get(&id).copied() else {
            return false;
        };
        if !peer.reachable || peer.snapshot {
            return false;
        }
        if !probe && peer.next > last && peer.told >= self.commit {
            return false;
        }
        let in_flight = (peer.next - 1).saturating_sub(peer.matched);
        if !probe && in_flight >= PIPELINE {
            return false;
        }
        let prev = peer.next - 1;
        let Some(prev_term) = self.log.term(prev) else {
            // The log no longer reaches back: the state itself has to go over.
            if let Some(snapshot) = &self.snapshot {
                let rpc = Rpc::InstallSnapshot {
                    term: self.persisted.term,
                    snapshot: Arc::clone(snapshot),
                };
                self.send(id, rpc, out);
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.snapshot = true;
                }
            }
            return false;
        };
        let upto = last.min(prev + batch);
        let entries: Vec<_> = (peer.next..=upto)
            .filter_map(|index| self.log.get(index).map(Arc::clone))
            .collect();
        let rpc = Rpc::AppendEntries {
            term: self.persisted.term,
            prev: (prev, prev_term),
            entries,
            commit: self.commit,
            probe,
        };
        self.send(id, rpc, out);
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.next = upto + 1;
            peer.told = self.commit;
        }
        upto < last
    }

    /// Tells the leader how far this log agrees and is synced.
    pub(super) fn reply(&self, leader: SeatId, success: bool, out: &mut Vec<Out<M>>) {
        let rpc = Rpc::AppendReply {
            term: self.persisted.term,
            success,
            next: self.log.last().0 + 1,
            last: self.log.written(),
        };
        self.send(leader, rpc, out);
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of the message")]
    pub(super) fn append_entries(
        &mut self,
        from: SeatId,
        term: Term,
        prev: (Index, Term),
        entries: &[Arc<Entry<M::Command>>],
        commit: Index,
        probe: bool,
        out: &mut Vec<Out<M>>,
    ) {
        if term < self.persisted.term {
            self.reply(from, false, out);
            return;
        }
        if term == self.persisted.term && matches!(self.role, Role::Leader | Role::HandingOver) {
            // Two leaders in one term: only where members lost their memory and voted again.
            out.push(Out::Broken);
            return;
        }
        self.see_term(term, out);
        self.step_down(out);
        self.follow(from, out);
        let ours = self.log.term(prev.0);
        if prev.0 < self.log.base().0 {
            // What lies there is in the snapshot, applied and committed: skip to what is behind it.
            let known = self.log.base().0 - prev.0;
            let rest = entries.get(usize::try_from(known).unwrap_or(usize::MAX)..);
            match rest {
                Some(rest) if !rest.is_empty() => {
                    let (base, rest) = (self.log.base(), rest.to_vec());
                    self.append_entries(from, term, base, &rest, commit, probe, out);
                }
                _ => self.reply(from, true, out),
            }
            return;
        }
        if ours != Some(prev.1) {
            if ours.is_some() {
                // The leader is asked for everything behind what is certain here.
                let last = (self.applied, self.log.term(self.applied).unwrap_or(0));
                let rpc = Rpc::AppendReply {
                    term,
                    success: false,
                    next: self.applied + 1,
                    last,
                };
                self.send(from, rpc, out);
            } else {
                self.reply(from, false, out);
            }
            return;
        }
        // Entries that are here already are skipped; the first that differs takes all behind it along.
        let mut index = prev.0;
        let mut new = entries;
        while let [first, rest @ ..] = new {
            if self.log.term(index + 1) != Some(first.term) {
                break;
            }
            index += 1;
            new = rest;
        }
        let mut validated = index;
        if new.is_empty() {
            if entries.is_empty() && self.log.last().0 > prev.0 {
                if prev.0 < self.applied {
                    out.push(Out::Broken);
                    return;
                }
                self.cut(prev.0, out);
                validated = prev.0;
            }
        } else {
            if self.log.last().0 > index {
                if index < self.applied {
                    out.push(Out::Broken);
                    return;
                }
                self.cut(index, out);
            }
            for entry in new {
                let at = self.log.push(Arc::clone(entry));
                out.push(Out::Append(at, Arc::clone(entry)));
                if let What::Members(members) = &entry.what {
                    self.configs.push((at, members.clone()));
                }
                validated = at;
            }
        }
        let told = self.commit;
        self.commit = self.commit.max(commit.min(validated));
        self.apply_committed(out);
        // New entries are answered when they are synced. A notice of a commit alone needs no answer.
        if new.is_empty() && (probe || !entries.is_empty() || self.commit == told) {
            self.reply_validated(from, validated, out);
        }
    }

    /// An answer that vouches for no more than what this leader has compared.
    fn reply_validated(&self, leader: SeatId, validated: Index, out: &mut Vec<Out<M>>) {
        let written = self.log.written();
        let last = if written.0 <= validated {
            written
        } else {
            (validated, self.log.term(validated).unwrap_or(0))
        };
        let rpc = Rpc::AppendReply {
            term: self.persisted.term,
            success: true,
            next: validated + 1,
            last,
        };
        self.send(leader, rpc, out);
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of the message")]
    pub(super) fn append_reply(
        &mut self,
        from: SeatId,
        term: Term,
        success: bool,
        next: Index,
        last: (Index, Term),
        now: Time,
        out: &mut Vec<Out<M>>,
    ) {
        if term > self.persisted.term {
            if self.role != Role::Follower && !self.members().contains_key(&from) {
                return;
            }
            self.see_term(term, out);
            self.step_down(out);
            return;
        }
        if term < self.persisted.term || !matches!(self.role, Role::Leader | Role::HandingOver) {
            return;
        }
        let ours = self.log.term(last.0);
        let Some(peer) = self.peers.get_mut(&from) else {
            return;
        };
        if success {
            peer.matched = peer.matched.max(last.0);
            peer.next = peer.next.max(next);
            self.promote(from, now, out);
            self.evaluate_quorum(out);
            self.leave_if_removed(out);
            return;
        }
        if last.0 < peer.matched {
            // It has less than it once acknowledged: it started anew, without its log.
            peer.matched = last.0;
            peer.next = last.0 + 1;
        } else if ours == Some(last.1) {
            peer.matched = last.0;
            peer.next = next.min(self.log.last().0 + 1).max(last.0 + 1);
        } else if ours.is_none() {
            peer.next = next.min(self.log.last().0 + 1).max(1);
        } else {
            peer.next = (peer.next - 1).min(last.0).max(peer.matched + 1);
        }
        // The answer to this shows whether the logs agree there.
        self.write_to(from, BATCH, true, out);
    }

    pub(super) fn install_snapshot(
        &mut self,
        from: SeatId,
        term: Term,
        snapshot: Arc<Snapshot<M>>,
        out: &mut Vec<Out<M>>,
    ) {
        if term >= self.persisted.term {
            if term == self.persisted.term && matches!(self.role, Role::Leader | Role::HandingOver)
            {
                out.push(Out::Broken);
                return;
            }
            self.see_term(term, out);
            self.step_down(out);
            self.follow(from, out);
            if snapshot.index > self.applied {
                let at = (snapshot.index, snapshot.term);
                // A log that holds this entry keeps what is behind it.
                let all = self.log.term(at.0) != Some(at.1);
                let before = self.log.base().0;
                let dropped = if all {
                    self.syncing = None;
                    self.log.after(self.applied)
                } else {
                    Vec::new()
                };
                self.log.release(at, all);
                self.configs.retain(|(index, _)| !all && *index > at.0);
                self.configs.insert(0, (at.0, snapshot.members.clone()));
                let new = snapshot.machine.clone();
                let old = Box::new(std::mem::replace(&mut self.machine, new));
                self.applied = at.0;
                self.commit = self.commit.max(at.0);
                self.snapshot = Some(Arc::clone(&snapshot));
                out.push(Out::Snapshot(snapshot, before, all));
                out.push(Out::Installed(old, dropped));
                out.push(Out::Applied(at.0));
                for effect in self.machine.installed(self.me) {
                    out.push(Out::Effect(effect));
                }
            }
        }
        let rpc = Rpc::SnapshotResult {
            term: self.persisted.term,
            last: self.applied,
        };
        self.send(from, rpc, out);
    }

    pub(super) fn snapshot_result(
        &mut self,
        from: SeatId,
        term: Term,
        last: Index,
        now: Time,
        out: &mut Vec<Out<M>>,
    ) {
        if term > self.persisted.term {
            self.see_term(term, out);
            self.step_down(out);
            return;
        }
        if !matches!(self.role, Role::Leader | Role::HandingOver) {
            return;
        }
        let known = self.log.last().0;
        let Some(peer) = self.peers.get_mut(&from) else {
            return;
        };
        peer.snapshot = false;
        peer.matched = peer.matched.max(last.min(known));
        peer.next = peer.matched + 1;
        peer.told = peer.matched;
        self.promote(from, now, out);
        self.evaluate_quorum(out);
    }
}
