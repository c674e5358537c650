//! Committed offsets: commit, fetch, expiry (`OffsetMetadataManager`; reference 5.8).

use super::shard::Shard;
use super::state::{Group, State};
use super::work::{Reply, Work};
use super::writes::Then;
use crate::errors::Code;
use crate::messages::Answer;
use crate::records::{CommittedOffset, Payload, Tp};
use ackscope_kernel::SortedMap;
use std::sync::Arc;

/// An OffsetCommit request.
#[derive(Clone, Copy)]
pub(super) struct CommitAsk<'a> {
    pub(super) group: &'a Arc<str>,
    pub(super) member: Option<(u64, i32)>,
    pub(super) instance: Option<&'a str>,
    pub(super) offsets: &'a [(Tp, i64, Option<i32>)],
}

impl Group {
    /// Whether this commit is allowed (`ClassicGroup.validateOffsetCommit`). A commit is never compared
    /// with the one before: a smaller offset rewinds the group.
    fn check_commit(&self, ask: &CommitAsk<'_>) -> Result<(), Code> {
        let generation = ask.member.map_or(-1, |(_, generation)| generation);
        if generation < 0 && self.state == State::Empty {
            return Ok(());
        }
        if ask.member.is_none() && ask.instance.is_none() {
            // Somebody who used assign() commits into a group that has members.
            return Err(Code::UnknownMemberId);
        }
        self.validate(ask.member.map_or(0, |(member, _)| member), ask.instance)?;
        if generation != self.generation {
            return Err(Code::IllegalGeneration);
        }
        match self.state {
            State::CompletingRebalance => Err(Code::RebalanceInProgress),
            State::Empty | State::PreparingRebalance | State::Stable => Ok(()),
        }
    }

    /// Since when an offset counts as unused; `None` while it cannot expire
    /// (`ClassicGroup.offsetExpirationCondition`).
    fn unused_since(&self, offset: &CommittedOffset) -> Option<i64> {
        match self.state {
            _ if !self.consumer => Some(offset.commit_ms),
            State::Empty => Some(self.state_ms.unwrap_or(offset.commit_ms)),
            State::Stable if self.subscribed.is_some() => Some(offset.commit_ms),
            _ => None,
        }
    }
}

impl Shard {
    /// OffsetCommit: answered when the offsets are committed in the log.
    pub(super) fn commit(&mut self, ask: &CommitAsk<'_>, reply: Reply, work: &mut Work<'_>) {
        let results =
            |code| Answer::OffsetCommit(ask.offsets.iter().map(|(tp, ..)| (*tp, code)).collect());
        let checked = match self.groups.get(ask.group) {
            Some(group) => group.check_commit(ask),
            None if ask.member.is_none_or(|(_, generation)| generation < 0) => Ok(()),
            None => Err(Code::GroupIdNotFound),
        };
        if let Err(error) = checked {
            return work.answer(reply, results(error));
        }
        let now_ms = work.now_ms();
        if let (Some(group), Some((member, _))) = (self.groups.get(ask.group), ask.member)
            && matches!(group.state, State::Stable | State::PreparingRebalance)
        {
            // A commit keeps the session alive as a heartbeat does.
            group.touch(member, work);
        }
        let record = |&(tp, offset, leader_epoch): &(Tp, i64, Option<i32>)| CommittedOffset {
            group: Arc::clone(ask.group),
            tp,
            offset: Some(offset),
            leader_epoch,
            commit_ms: now_ms,
        };
        let records: Arc<[CommittedOffset]> = ask.offsets.iter().map(record).collect();
        if !records.is_empty() {
            let created = self.ensure_group(ask.group, work);
            self.writes.append(Payload::Offsets(records), work);
            if created {
                let then = Then::Created {
                    group: Arc::clone(ask.group),
                };
                let at_once = self.writes.wait(then, work);
                debug_assert!(at_once.is_none(), "the commit is not in the log yet");
            }
        }
        self.writes.answer(reply, results(Code::None), work);
    }

    /// OffsetFetch. A consumer names its partitions and sets requireStable: it reads what is written
    /// and is answered when that is committed. Whoever asks for all (an administrator) is answered at
    /// once from what is committed.
    pub(super) fn fetch(
        &mut self,
        group: &Arc<str>,
        tps: &[Tp],
        reply: Reply,
        work: &mut Work<'_>,
    ) {
        if tps.is_empty() {
            let offsets = self
                .committed
                .get(group)
                .into_iter()
                .flat_map(|o| o.values().cloned())
                .collect();
            return work.answer(
                reply,
                Answer::OffsetFetch {
                    error: Code::None,
                    offsets,
                },
            );
        }
        let written = self.written(group);
        let none = |tp: Tp| CommittedOffset {
            group: Arc::clone(group),
            tp,
            offset: None,
            leader_epoch: None,
            commit_ms: 0,
        };
        let offsets = tps
            .iter()
            .map(|tp| written.get(tp).cloned().unwrap_or_else(|| none(*tp)))
            .collect();
        self.writes.answer(
            reply,
            Answer::OffsetFetch {
                error: Code::None,
                offsets,
            },
            work,
        );
    }

    /// A group's offsets with everything that is written, committed or not.
    fn written(&self, group: &Arc<str>) -> SortedMap<Tp, CommittedOffset> {
        let mut offsets = self.committed.get(group).cloned().unwrap_or_default();
        for offset in self
            .writes
            .uncommitted()
            .filter(|offset| offset.group == *group)
        {
            keep(&mut offsets, offset);
        }
        offsets
    }

    /// Writes tombstones for what has expired (`cleanupGroupMetadata`): offsets that nobody has used
    /// for offsets.retention.minutes, and empty groups that have none left.
    pub(super) fn expire(&mut self, work: &mut Work<'_>) {
        let now_ms = work.now_ms();
        let retention_ms = work
            .host
            .params()
            .offsets_retention_minutes
            .saturating_mul(60_000);
        let mut tombstones = Vec::new();
        let mut over = Vec::new();
        for (name, group) in &self.groups {
            let mut left = 0u32;
            for (tp, offset) in self.written(name) {
                let unused_ms = group
                    .unused_since(&offset)
                    .map(|since| now_ms.saturating_sub(since));
                if !group.subscribes(tp.topic)
                    && unused_ms.is_some_and(|unused| unused >= retention_ms)
                {
                    tombstones.push(CommittedOffset {
                        offset: None,
                        leader_epoch: None,
                        ..offset
                    });
                } else {
                    left += 1;
                }
            }
            if left == 0 && group.state == State::Empty {
                over.push(Arc::clone(name));
            }
        }
        if !tombstones.is_empty() {
            self.writes
                .append(Payload::Offsets(tombstones.into()), work);
        }
        for name in over {
            if let Some(mut group) = self.groups.remove(&name) {
                group.abandon(Code::CoordinatorNotAvailable, work);
                let then = Then::Removed {
                    group: Box::new(group),
                };
                self.writes.append_then(
                    Payload::Group(Arc::new(Group::tombstone(&name))),
                    then,
                    work,
                );
            }
        }
    }
}

/// Puts one record of the log into a group's offsets.
pub(super) fn keep(offsets: &mut SortedMap<Tp, CommittedOffset>, record: &CommittedOffset) {
    if record.offset.is_some() {
        offsets.insert(record.tp, record.clone());
    } else {
        offsets.remove(&record.tp);
    }
}
