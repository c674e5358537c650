//! A mirror of a classic queue (`rabbit_mirror_queue_slave`; reference 3.8).
//!
//! A mirror starts empty and learns what its master does from then on. It has everything once the messages that
//! were there before it are gone, or were sent to it. When the master goes, one of the mirrors becomes the
//! master: the same process goes on, and everything that it has counts as delivered before.

use super::disk::{self, Files};
use super::group::Group;
use super::outside::Outside;
use super::{ClassicQueue, Entry, Phase, Stage, Store, ToQueue};
use crate::facts::GoneWhy;
use crate::ids::{Part, Pid};
use crate::message::Message;
use crate::node::image::QueueRecord;
use crate::node::queue_type::Delivery;
use crate::signal::{DownWhy, Signal};
use ackscope_kernel::MessageKey;
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What tells one publish to a queue from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct MessageId {
    key: MessageKey,
    attempt: u16,
    deaths: u32,
}

impl MessageId {
    /// Of this message.
    #[must_use]
    pub fn of(message: &Message) -> MessageId {
        MessageId {
            key: message.key,
            attempt: message.attempt,
            deaths: message.deaths.iter().map(|death| death.count).sum(),
        }
    }
}

/// What a master does, as its mirrors hear it.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Op {
    /// It has this message now.
    Stored {
        /// Its number.
        seq: u64,
        /// The message.
        entry: Entry,
        /// Who hears of it when it is written, and by which number.
        confirm: Option<(Pid, u64)>,
    },
    /// A publish was not kept: handed to a consumer that does not acknowledge, expired at once, or refused.
    Passed {
        /// Which publish.
        id: MessageId,
        /// Who hears of it.
        confirm: Option<(Pid, u64)>,
    },
    /// This message is gone.
    Gone {
        /// Its number.
        seq: u64,
        /// Its class of priority.
        class: u8,
        /// Why.
        why: GoneWhy,
    },
    /// The master's node begins to stop in order.
    Stopping,
}

/// What a mirror keeps beside its messages.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Mirror {
    master: Pid,
    /// The master has accepted it.
    joined: bool,
    /// Messages of the master that it lacks.
    missing: BTreeSet<u64>,
    /// Publishes from channels that the master has not told of.
    waiting: VecDeque<Delivery>,
    /// The master's node stops in order.
    stopping: bool,
    /// The master is gone.
    alone: bool,
}

impl Mirror {
    /// Whether it has all that the master has.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.joined && self.missing.is_empty()
    }
}

impl ClassicQueue {
    /// What it is as a mirror; `None` for a master.
    #[must_use]
    pub fn mirror(&self) -> Option<&Mirror> {
        self.mirror.as_ref()
    }

    /// Begins as a mirror: whatever its node had of the queue is thrown away, even if it is the only copy.
    pub(super) fn begin_as_mirror(&mut self, record: &QueueRecord, out: &mut dyn Outside) {
        for part in [Part::Queue(self.id), Part::Mirror(self.id)] {
            let files = Files::of(part);
            let found = disk::recover(files, out).store;
            for (seq, entry) in found.all() {
                let (message, why) = (entry.message.clone(), GoneWhy::MirrorReset);
                self.note_gone_from(part, &message, seq, why, out);
            }
            disk::remove(files, out);
        }
        self.store = Store::default();
        self.phase = Phase::Mirror;
        self.mirror = Some(Mirror {
            master: record.pid,
            joined: false,
            missing: BTreeSet::new(),
            waiting: VecDeque::new(),
            stopping: false,
            alone: false,
        });
        self.ask_to_join(record, out);
    }

    fn ask_to_join(&mut self, record: &QueueRecord, out: &mut dyn Outside) {
        if let Some(mirror) = &mut self.mirror
            && record.pid != out.me()
        {
            mirror.master = record.pid;
            mirror.alone = false;
            mirror.stopping = false;
            out.monitor(record.pid);
            out.post(record.pid, Signal::Queue(ToQueue::Join));
        }
    }

    /// A mirror hears something.
    pub(super) fn hear_as_mirror(&mut self, from: Pid, signal: ToQueue, out: &mut dyn Outside) {
        match signal {
            ToQueue::Deliver(delivery) => {
                self.give_credit(delivery.sender, out);
                let id = MessageId::of(&delivery.message);
                if !self.told.remove(&id)
                    && let Some(mirror) = &mut self.mirror
                {
                    mirror.waiting.push_back(delivery);
                }
            }
            ToQueue::Op(op) => self.follow(from, op, out),
            ToQueue::Welcome { seqs } => self.welcomed(from, &seqs, out),
            ToQueue::Sync(entries) => {
                for (seq, entry) in &*entries {
                    self.take_copy(*seq, entry.clone(), out);
                }
                self.compare(out);
            }
            ToQueue::Leave => {
                let gone: Vec<_> = self.copies();
                for (seq, message) in gone {
                    self.note_gone(&message, seq, GoneWhy::MirrorReset, out);
                }
                disk::remove(Files::of(out.me().part), out);
                self.phase = Phase::Ended;
                out.end(DownWhy::Shutdown);
            }
            ToQueue::Crash => self.doomed = true,
            _ => {}
        }
    }

    fn copies(&self) -> Vec<(u64, std::sync::Arc<Message>)> {
        self.store
            .all()
            .map(|(seq, entry)| (seq, entry.message.clone()))
            .collect()
    }

    /// Does what the master did.
    fn follow(&mut self, from: Pid, op: Op, out: &mut dyn Outside) {
        let Some(mirror) = &mut self.mirror else {
            return;
        };
        if from != mirror.master {
            return;
        }
        match op {
            Op::Stopping => mirror.stopping = true,
            Op::Passed { id, confirm } => {
                self.told_of(id);
                if let Some((sender, seq)) = confirm {
                    self.confirm(sender, seq);
                }
            }
            Op::Stored {
                seq,
                entry,
                confirm,
            } => {
                self.told_of(MessageId::of(&entry.message));
                if let Some((sender, number)) = confirm {
                    if entry.stage == Stage::Volatile {
                        self.confirm(sender, number);
                    } else {
                        self.awaiting.insert(seq, (sender, number));
                    }
                }
                self.take_copy(seq, entry, out);
            }
            Op::Gone { seq, class, why } => {
                mirror.missing.remove(&seq);
                if let Some(entry) = self.store.remove(class, seq) {
                    self.told.remove(&MessageId::of(&entry.message));
                    self.gone(&entry.message, seq, why, out);
                }
                self.compare(out);
            }
        }
    }

    /// The master has told of a publish: what its channel sends is the same one.
    fn told_of(&mut self, id: MessageId) {
        let Some(mirror) = &mut self.mirror else {
            return;
        };
        let waits = mirror
            .waiting
            .iter()
            .position(|delivery| MessageId::of(&delivery.message) == id);
        match waits {
            Some(at) => {
                mirror.waiting.remove(at);
            }
            None => {
                self.told.insert(id);
            }
        }
    }

    fn take_copy(&mut self, seq: u64, mut entry: Entry, out: &mut dyn Outside) {
        if entry.stage == Stage::Written {
            // Written there, not here.
            entry.stage = Stage::Buffered;
        }
        if let Some(mirror) = &mut self.mirror {
            mirror.missing.remove(&seq);
        }
        let message = entry.message.clone();
        self.store.put(seq, entry);
        self.note_stored(&message, seq, out);
    }

    /// The master has accepted it and says what it has.
    fn welcomed(&mut self, from: Pid, seqs: &[u64], out: &mut dyn Outside) {
        let Some(mirror) = &mut self.mirror else {
            return;
        };
        if mirror.master != from {
            // A promoted mirror was quicker than the metadata.
            mirror.master = from;
            out.monitor(from);
        }
        mirror.joined = true;
        mirror.alone = false;
        mirror.stopping = false;
        let theirs: BTreeSet<u64> = seqs.iter().copied().collect();
        let own: BTreeMap<u64, u8> = self
            .store
            .all()
            .map(|(seq, entry)| (seq, entry.class))
            .collect();
        mirror.missing = theirs
            .iter()
            .filter(|seq| !own.contains_key(seq))
            .copied()
            .collect();
        for (seq, class) in own {
            if !theirs.contains(&seq)
                && let Some(entry) = self.store.remove(class, seq)
            {
                self.gone(&entry.message, seq, GoneWhy::MirrorReset, out);
            }
        }
        let missing = mirror_missing(self);
        out.post(from, Signal::Queue(ToQueue::Lacking(missing)));
    }

    /// Says so when it has everything.
    fn compare(&mut self, out: &mut dyn Outside) {
        if let Some(mirror) = &self.mirror
            && mirror.is_synced()
        {
            let master = mirror.master;
            out.post(master, Signal::Queue(ToQueue::Lacking(Vec::new())));
        }
    }

    /// Something happened that may concern the master: it is gone, another one is there, or a node is gone.
    pub(super) fn look_for_master(&mut self, out: &mut dyn Outside) {
        let Some(mirror) = &self.mirror else {
            return;
        };
        let (master, joined, alone) = (mirror.master, mirror.joined, mirror.alone);
        let image = out.image();
        let Some(record) = image.queue(self.id) else {
            // The queue was deleted.
            disk::remove(Files::of(out.me().part), out);
            self.phase = Phase::Ended;
            out.end(DownWhy::Normal);
            return;
        };
        if record.pid != master {
            if joined && record.mirrors.iter().any(|(pid, _)| *pid == out.me()) {
                // It will be welcomed by the new master.
                return;
            }
            self.ask_to_join(record, out);
            return;
        }
        if joined && alone && self.next_master(record, out) == Some(out.me()) {
            let others = record
                .mirrors
                .iter()
                .map(|(pid, _)| *pid)
                .filter(|pid| *pid != out.me() && out.reaches(pid.node))
                .collect();
            self.promote(others, out);
        }
    }

    /// The oldest mirror that can be reached and has everything; without one the oldest at all, if the policy
    /// wants that.
    fn next_master(&self, record: &QueueRecord, out: &dyn Outside) -> Option<Pid> {
        let stopping = self.mirror.as_ref().is_some_and(|mirror| mirror.stopping);
        let any = self.spec.mirroring.as_ref().is_none_or(|mirroring| {
            if stopping {
                mirroring.on_shutdown
            } else {
                mirroring.on_failure
            }
        });
        let alive = || {
            record
                .mirrors
                .iter()
                .filter(|(pid, _)| *pid == out.me() || out.reaches(pid.node))
        };
        let synced = alive().find(|(_, synced)| *synced);
        let next = synced.or_else(|| alive().next().filter(|_| any));
        next.map(|(pid, _)| *pid)
    }

    /// The master is gone.
    pub(super) fn master_down(&mut self, pid: Pid, why: DownWhy, out: &mut dyn Outside) {
        if let Some(mirror) = &mut self.mirror
            && mirror.master == pid
        {
            mirror.alone = true;
            mirror.stopping |= why == DownWhy::Shutdown;
            self.look_for_master(out);
        }
    }

    /// It is the master from now on.
    fn promote(&mut self, others: Vec<Pid>, out: &mut dyn Outside) {
        let Some(mirror) = self.mirror.take() else {
            return;
        };
        self.phase = Phase::Live;
        self.store.mark_delivered();
        self.group = Group::of(others);
        self.write_record(out);
        let mirrors: Vec<Pid> = self.group.mirrors().iter().map(|(pid, _)| *pid).collect();
        for pid in mirrors {
            out.monitor(pid);
            self.welcome(pid, out);
        }
        self.drop_expired(out);
        self.renew(out);
        for delivery in mirror.waiting {
            self.deliver_new(delivery, out);
        }
    }

    fn note_gone_from(
        &self,
        part: Part,
        message: &Message,
        seq: u64,
        why: GoneWhy,
        out: &mut dyn Outside,
    ) {
        out.note(crate::facts::Fact::Gone {
            key: message.key,
            queue: self.id,
            copy: ClassicQueue::copy(self.id, part, out.me().node, seq),
            why,
        });
    }
}

fn mirror_missing(queue: &ClassicQueue) -> Vec<u64> {
    queue
        .mirror
        .iter()
        .flat_map(|mirror| mirror.missing.iter().copied())
        .collect()
}
