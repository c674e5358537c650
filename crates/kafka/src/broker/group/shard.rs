//! One offsets partition that this broker leads: its groups, its offsets, and what waits for its log
//! (`GroupCoordinatorShard`).

use super::offsets::keep;
use super::state::Group;
use super::work::{Reply, Work, failed, join_error, of_failed_write};
use super::writes::{Then, Write, Writes};
use crate::errors::Code;
use crate::facts::Fact;
use crate::messages::JoinAsk;
use crate::records::{Batch, CommittedOffset, Payload, Tp};
use crate::system::Timer;
use ackscope_kernel::ConnId;
use ackscope_kernel::SortedMap;
use borsh::BorshSerialize;
use std::sync::Arc;

/// The coordinator of the groups of one partition.
#[derive(Clone, Debug, BorshSerialize)]
pub(super) struct Shard {
    pub(super) epoch: i32,
    /// The high watermark; `None` until the broker has told it for the first time.
    pub(super) hw: Option<i64>,
    pub(super) groups: SortedMap<Arc<str>, Group>,
    /// Offsets below the high watermark, by group.
    pub(super) committed: SortedMap<Arc<str>, SortedMap<Tp, CommittedOffset>>,
    pub(super) writes: Writes,
    /// Member ids drawn in this epoch.
    drawn: u32,
}

impl Shard {
    /// Rebuilds everything from the log. Offsets count when the high watermark has passed them.
    pub(super) fn load<'a>(
        tp: Tp,
        epoch: i32,
        log: impl Iterator<Item = &'a Batch>,
        work: &mut Work<'_>,
    ) -> Self {
        let (groups, committed) = (SortedMap::new(), SortedMap::new());
        let mut shard = Shard {
            epoch,
            hw: None,
            groups,
            committed,
            writes: Writes::new(tp),
            drawn: 0,
        };
        for batch in log {
            shard.replay(&batch.payload, work);
            shard.writes.found(batch.next, &batch.payload);
        }
        for group in shard.groups.values() {
            // Nobody knows when the members were heard last: every session starts anew.
            group.members.keys().for_each(|id| group.touch(*id, work));
        }
        shard
    }

    /// Applies a batch of the log to the groups.
    fn replay(&mut self, payload: &Payload, work: &Work<'_>) {
        match payload {
            Payload::Group(record) if record.deleted => {
                self.groups.remove(&record.group);
            }
            Payload::Group(record) => {
                self.groups
                    .insert(Arc::clone(&record.group), Group::from_record(record));
            }
            Payload::Offsets(offsets) => {
                for offset in offsets.iter().filter(|offset| offset.offset.is_some()) {
                    self.ensure_group(&offset.group, work);
                }
            }
            Payload::Data(_) => {}
        }
    }

    /// Makes a group that only keeps offsets, unless there is a group. Returns whether it was made.
    pub(super) fn ensure_group(&mut self, name: &Arc<str>, work: &Work<'_>) -> bool {
        let absent = !self.groups.contains_key(name);
        if absent {
            self.groups
                .insert(Arc::clone(name), Group::new(name, work.now_ms()));
        }
        absent
    }

    /// A group together with the log, so that it can write.
    pub(super) fn group(&mut self, name: &str) -> (Option<&mut Group>, &mut Writes) {
        (self.groups.get_mut(name), &mut self.writes)
    }

    /// JoinGroup.
    pub(super) fn join(&mut self, ask: &JoinAsk, reply: Reply, work: &mut Work<'_>) {
        let Some(member) = ask.member else {
            let created = self.ensure_group(&ask.group, work);
            let id = self.draw_id(&ask.group, work);
            let (Some(group), writes) = self.group(&ask.group) else {
                return;
            };
            group.join_new(id, ask, reply, writes, work);
            if created {
                // The group has to be known to whoever coordinates next, even without a generation.
                let record = group.first_record();
                let then = Then::Created {
                    group: Arc::clone(&ask.group),
                };
                writes.append_then(Payload::Group(Arc::new(record)), then, work);
            }
            return;
        };
        match self.group(&ask.group) {
            (Some(group), writes) => group.join_known(member, ask, reply, writes, work),
            (None, _) => work.answer(reply, join_error(member, Code::UnknownMemberId)),
        }
    }

    /// A member id that no member of the group has. The epoch is part of the draw, so that a broker
    /// that comes to coordinate again gives no id twice.
    fn draw_id(&mut self, group: &str, work: &Work<'_>) -> u64 {
        let Some(group) = self.groups.get(group) else {
            return 0;
        };
        loop {
            self.drawn = self.drawn.wrapping_add(1);
            let epoch = u64::from(self.epoch.unsigned_abs()) << 32 | u64::from(self.drawn);
            let id = work
                .host
                .draw([group.key, u64::from(work.host.incarnation()), epoch]);
            if id != 0 && !group.members.contains_key(&id) && !group.pending.contains(&id) {
                return id;
            }
        }
    }

    /// The high watermark is `hw` now.
    pub(super) fn commit_up_to(&mut self, hw: i64, work: &mut Work<'_>) {
        // What the log held before this broker coordinates was stored by another.
        let first = self.hw.is_none();
        self.hw = self.hw.max(Some(hw));
        let mut ready = Vec::new();
        while let Some(write) = self.writes.take_committed(hw) {
            self.settle(&write, !first, work);
            ready.extend(write.waiting);
        }
        for waiter in ready {
            if waiter.park != 0 {
                work.host.disarm(Timer::CommitPark(waiter.park));
            }
            self.finish(waiter.then, Code::None, work);
        }
    }

    /// The offsets of a write count from now on.
    fn settle(&mut self, write: &Write, news: bool, work: &mut Work<'_>) {
        let Payload::Offsets(records) = &write.payload else {
            return;
        };
        for record in records.iter() {
            let offsets = self.committed.entry(Arc::clone(&record.group)).or_default();
            keep(offsets, record);
            if offsets.is_empty() {
                self.committed.remove(&record.group);
            }
            if let (true, Some(offset)) = (news, record.offset) {
                let (group, tp) = (Arc::clone(&record.group), record.tp);
                work.host
                    .note(Fact::OffsetStored { group, tp, offset }, write.entry);
            }
        }
    }

    /// A write was not appended: it is as if it had never been asked for.
    pub(super) fn append_failed(&mut self, write: Write, error: Code, work: &mut Work<'_>) {
        let mut waiting = write.waiting;
        // First the groups are put right, then whoever waits is answered.
        waiting.sort_by_key(|waiter| {
            !matches!(waiter.then, Then::Created { .. } | Then::Removed { .. })
        });
        for waiter in waiting {
            if waiter.park != 0 {
                work.host.disarm(Timer::CommitPark(waiter.park));
            }
            match waiter.then {
                Then::Created { group } => {
                    if let Some(mut group) = self.groups.remove(&group) {
                        group.abandon(of_failed_write(error), work);
                    }
                }
                Then::Removed { group } => {
                    self.groups.insert(Arc::clone(&group.name), *group);
                }
                then => self.finish(then, of_failed_write(error), work),
            }
        }
    }

    /// A request waited longer than offsets.commit.timeout.ms. What it wrote stays in the log and may
    /// be committed later (reference 5.8, S54).
    pub(super) fn timed_out(&mut self, then: Then, work: &mut Work<'_>) {
        self.finish(then, Code::CoordinatorNotAvailable, work);
    }

    /// What waited for a write happens, with this outcome.
    fn finish(&mut self, then: Then, error: Code, work: &mut Work<'_>) {
        match then {
            Then::Answer(reply, answer) => {
                work.answer(
                    reply,
                    if error == Code::None {
                        answer
                    } else {
                        failed(answer, error)
                    },
                );
            }
            Then::Assign {
                group,
                generation,
                assignment,
            } => {
                if let (Some(group), writes) = self.group(&group) {
                    group.stored(generation, assignment, error, writes, work);
                }
            }
            Then::TakeOver { group, new, old } => {
                if let (Some(group), _) = self.group(&group) {
                    group.took_over(new, *old, error, work);
                }
            }
            Then::Created { .. } | Then::Removed { .. } => {}
        }
    }

    /// This broker coordinates no more: whoever waits is sent away, all timers are forgotten.
    pub(super) fn unload(&mut self, tp: Tp, work: &mut Work<'_>) {
        work.host.disarm(Timer::CoordinatorFlush(tp));
        for waiter in self
            .writes
            .take_all()
            .into_iter()
            .flat_map(|write| write.waiting)
        {
            if waiter.park != 0 {
                work.host.disarm(Timer::CommitPark(waiter.park));
            }
            if let Then::Answer(reply, answer) = waiter.then {
                work.answer(reply, failed(answer, Code::NotCoordinator));
            }
        }
        for group in self.groups.values_mut() {
            group.abandon(Code::NotCoordinator, work);
        }
    }

    /// A connection is over: answers to it go nowhere. Members stay until their session ends.
    pub(super) fn closed(&mut self, conn: ConnId) {
        self.writes.closed(conn);
        for member in self
            .groups
            .values_mut()
            .flat_map(|group| group.members.values_mut())
        {
            member.closed(conn);
        }
    }
}
