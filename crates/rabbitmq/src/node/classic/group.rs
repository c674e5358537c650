//! The master of a mirrored queue: its mirrors, and what they are told (`rabbit_mirror_queue_master`,
//! `rabbit_mirror_queue_misc`; reference 3.8).
//!
//! RabbitMQ passes what the master does round a ring of its mirrors (guaranteed multicast). Here the master tells
//! each mirror; on every link the order is the same, and a publish reaches a mirror from its channel as well.

use super::mirror::{MessageId, Op};
use super::outside::Outside;
use super::{ClassicQueue, Entry, Phase, ToQueue};
use crate::ids::{Part, Pid};
use crate::message::Message;
use crate::node::image::{MetaCommand, QueueRecord, QueueState};
use crate::node::supervisor::ToSupervisor;
use crate::signal::Signal;
use ackscope_kernel::SeatId;
use borsh::BorshSerialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The mirrors of a master.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Group {
    /// In the order of joining, and whether each has all that the master has.
    mirrors: Vec<(Pid, bool)>,
    /// Nodes that were asked to start a mirror.
    asked: BTreeSet<SeatId>,
}

impl Group {
    /// Mirrors that a promoted mirror takes over.
    pub(super) fn of(mirrors: Vec<Pid>) -> Group {
        Group {
            mirrors: mirrors.into_iter().map(|pid| (pid, false)).collect(),
            asked: BTreeSet::new(),
        }
    }

    /// The mirrors, and whether each is synchronised.
    #[must_use]
    pub fn mirrors(&self) -> &[(Pid, bool)] {
        &self.mirrors
    }
}

impl ClassicQueue {
    /// Tells all mirrors.
    pub(super) fn tell_mirrors(&self, op: &Op, out: &mut dyn Outside) {
        for (pid, _) in &self.group.mirrors {
            out.post(*pid, Signal::Queue(ToQueue::Op(op.clone())));
        }
    }

    /// Tells the mirrors of a message that the master has now.
    pub(super) fn tell_stored(
        &self,
        seq: u64,
        entry: &Entry,
        confirm: Option<(Pid, u64)>,
        out: &mut dyn Outside,
    ) {
        if !self.group.mirrors.is_empty() {
            let op = Op::Stored {
                seq,
                entry: entry.clone(),
                confirm,
            };
            self.tell_mirrors(&op, out);
        }
    }

    /// Tells the mirrors of a publish that the master does not keep.
    pub(super) fn tell_passed(
        &self,
        message: &Message,
        confirm: Option<(Pid, u64)>,
        out: &mut dyn Outside,
    ) {
        if !self.group.mirrors.is_empty() {
            let id = MessageId::of(message);
            self.tell_mirrors(&Op::Passed { id, confirm }, out);
        }
    }

    /// The record names this process and its mirrors.
    pub(super) fn write_record(&self, out: &mut dyn Outside) {
        if let Some(record) = out.image().queue(self.id) {
            let record = QueueRecord {
                pid: out.me(),
                state: QueueState::Live,
                mirrors: self.group.mirrors.clone(),
                ..record.clone()
            };
            out.write_meta(
                MetaCommand::UpdateQueue(Box::new(record)),
                super::life::HERE,
            );
        }
    }

    /// Mirrors where the policy wants them, none where it does not.
    pub(super) fn look_after_mirrors(&mut self, out: &mut dyn Outside) {
        if self.phase != Phase::Live {
            return;
        }
        let me = out.me().node;
        let running = out.running();
        let have: Vec<SeatId> = self.group.mirrors.iter().map(|(pid, _)| pid.node).collect();
        let wanted = match &self.spec.mirroring {
            Some(mirroring) => mirroring.wanted(me, &have, &running),
            None => Vec::new(),
        };
        self.group
            .asked
            .retain(|node| running.iter().any(|(runs, _)| runs == node));
        for node in &wanted {
            if !have.contains(node) && self.group.asked.insert(*node) {
                let supervisor = Pid::named(*node, Part::Supervisor);
                let mirror = ToSupervisor::Mirror { queue: self.id };
                out.post(supervisor, Signal::Supervisor(mirror));
            }
        }
        let before = self.group.mirrors.len();
        let runs = |node: SeatId| running.iter().any(|(seat, _)| *seat == node);
        let (keep, leave): (Vec<_>, Vec<_>) = std::mem::take(&mut self.group.mirrors)
            .into_iter()
            .partition(|(pid, _)| wanted.contains(&pid.node) || !runs(pid.node));
        self.group.mirrors = keep;
        for (pid, _) in leave {
            out.post(pid, Signal::Queue(ToQueue::Leave));
        }
        if self.group.mirrors.len() != before {
            self.write_record(out);
        }
    }

    /// A new mirror: it hears what there is, and has nothing of it.
    pub(super) fn join(&mut self, from: Pid, out: &mut dyn Outside) {
        if self.spec.mirroring.is_none() {
            out.post(from, Signal::Queue(ToQueue::Leave));
            return;
        }
        self.group.asked.remove(&from.node);
        self.group.mirrors.retain(|(pid, _)| pid.node != from.node);
        self.group.mirrors.push((from, false));
        out.monitor(from);
        self.welcome(from, out);
        self.write_record(out);
    }

    /// Tells a mirror what the master has.
    pub(super) fn welcome(&self, mirror: Pid, out: &mut dyn Outside) {
        let mut seqs: Vec<u64> = self.store.all().map(|(seq, _)| seq).collect();
        seqs.sort_unstable();
        out.post(mirror, Signal::Queue(ToQueue::Welcome { seqs }));
    }

    /// A mirror lacks these of the master's messages. Automatic synchronisation sends them, which holds the queue
    /// up for as long as it takes.
    pub(super) fn lacking(&mut self, from: Pid, seqs: &[u64], out: &mut dyn Outside) {
        if seqs.is_empty() {
            self.level(from, out);
            return;
        }
        if !self.spec.mirroring.as_ref().is_some_and(|m| m.automatic) {
            return;
        }
        let entries: Vec<(u64, Entry)> = self
            .store
            .all()
            .filter(|(seq, _)| seqs.binary_search(seq).is_ok())
            .map(|(seq, entry)| (seq, entry.clone()))
            .collect();
        let sync = ToQueue::Sync(Arc::new(entries));
        out.post(from, Signal::Queue(sync));
    }

    /// A mirror has all that the master has.
    fn level(&mut self, from: Pid, out: &mut dyn Outside) {
        let mirror = self.group.mirrors.iter_mut().find(|(pid, _)| *pid == from);
        if let Some((_, synced)) = mirror
            && !*synced
        {
            *synced = true;
            self.write_record(out);
        }
    }

    /// A mirror is gone. Whether it was one.
    pub(super) fn mirror_down(&mut self, pid: Pid, out: &mut dyn Outside) -> bool {
        let before = self.group.mirrors.len();
        self.group.mirrors.retain(|(mirror, _)| *mirror != pid);
        if self.group.mirrors.len() == before {
            return false;
        }
        self.write_record(out);
        true
    }

    /// The node begins to stop in order: mirrors will not take its end for a failure.
    pub(super) fn warn_mirrors(&self, out: &mut dyn Outside) {
        self.tell_mirrors(&Op::Stopping, out);
    }
}
