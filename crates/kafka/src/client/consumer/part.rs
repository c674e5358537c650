//! What the library knows of one assigned partition (`SubscriptionState.TopicPartitionState`).

use super::book::Run;
use crate::params::OffsetReset;
use crate::records::{Batch, Tp};
use ackscope_kernel::{EntryId, SeatId, Time};
use borsh::BorshSerialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// Where the consumer stands: the next offset to hand out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Position {
    pub(super) offset: i64,
    /// Leader epoch of the last record consumed; none after a reset or a plain seek (reference 5.2).
    pub(super) epoch: Option<i32>,
}

/// What a partition needs before it can be fetched (`SubscriptionState.FetchStates`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) enum Stage {
    /// The group's committed offset.
    Init,
    /// An offset by this policy.
    Reset(OffsetReset),
    /// The answer where the position's epoch ends in the leader's log.
    Validate,
    /// Nothing.
    Fetch,
}

/// What the end of the position's epoch in the leader's log means (reference 5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The position lies in the leader's log.
    Valid,
    /// The log was truncated below the position; it goes on here.
    Truncated { offset: i64, epoch: i32 },
    /// The leader knows nothing of the epoch.
    Undefined,
}

/// An assigned partition.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Part {
    pub(super) stage: Stage,
    pub(super) position: Option<Position>,
    /// Leader and epoch by which the position was found good.
    pub(super) leader: Option<(SeatId, i32)>,
    /// Raised whenever the position changes other than by handing out: answers to older questions
    /// are dropped.
    pub(super) stamp: u32,
    /// A question about the position is under way.
    pub(super) asked: bool,
    /// Nothing is asked for it before this time.
    pub(super) not_before: Time,
    /// Failed questions in a row.
    pub(super) failures: u32,
    /// Offset of the fetch that is under way.
    pub(super) fetching: Option<i64>,
    /// Fetched, not handed out.
    pub(super) buffer: VecDeque<Arc<Batch>>,
    /// The entry in which the buffer arrived.
    pub(super) fetched: EntryId,
    /// High watermark in the last fetch, or -1.
    pub(super) high_watermark: i64,
    /// Offset after the last record that the application processed, or -1.
    pub(super) processed: i64,
}

impl Part {
    pub(super) fn new() -> Self {
        Part {
            stage: Stage::Init,
            position: None,
            leader: None,
            stamp: 0,
            asked: false,
            not_before: Time(0),
            failures: 0,
            fetching: None,
            buffer: VecDeque::new(),
            fetched: EntryId::NONE,
            high_watermark: -1,
            processed: -1,
        }
    }

    fn renew(&mut self) {
        self.stamp += 1;
        self.asked = false;
        self.failures = 0;
        self.not_before = Time(0);
        self.buffer.clear();
    }

    /// The position is this from now on. One with an epoch is validated first, when a leader is known.
    pub(super) fn seek(&mut self, position: Position, leader: Option<(SeatId, i32)>) {
        self.renew();
        self.position = Some(position);
        self.leader = leader;
        self.stage = if position.epoch.is_some() && leader.is_some() {
            Stage::Validate
        } else {
            Stage::Fetch
        };
    }

    /// The position was found good.
    pub(super) fn validated(&mut self) {
        self.asked = false;
        self.failures = 0;
        self.stage = Stage::Fetch;
    }

    /// The position is to be looked for by a policy.
    pub(super) fn reset(&mut self, policy: OffsetReset) {
        self.renew();
        self.stage = Stage::Reset(policy);
    }

    /// Another leader or another epoch: a position with an epoch is validated, one without goes on
    /// (`maybeValidatePosition`).
    pub(super) fn led_by(&mut self, leader: (SeatId, i32)) {
        let Some(position) = self.position else {
            return;
        };
        if matches!(self.stage, Stage::Init | Stage::Reset(_)) || self.leader == Some(leader) {
            return;
        }
        self.leader = Some(leader);
        self.not_before = Time(0);
        if position.epoch.is_some() {
            self.renew();
            self.stage = Stage::Validate;
        } else {
            self.stage = Stage::Fetch;
        }
    }

    /// What the answer to "where does the epoch of my position end" means. Epoch and end -1 are undefined
    /// (`SubscriptionState.maybeCompleteValidation`).
    pub(super) fn judge(&self, epoch: i32, end: i64) -> Verdict {
        let offset = self.position.map_or(0, |position| position.offset);
        match (epoch, end) {
            (..0, _) | (_, ..0) => Verdict::Undefined,
            _ if end < offset => Verdict::Truncated { offset: end, epoch },
            _ => Verdict::Valid,
        }
    }

    /// Hands out up to `max` records of the buffer; the position moves past them. Returns how many.
    pub(super) fn hand(&mut self, tp: Tp, max: u32, handed: &mut VecDeque<Run>) -> u32 {
        let Some(position) = self.position.as_mut() else {
            return 0;
        };
        let mut taken = 0;
        while taken < max
            && let Some(batch) = self.buffer.front()
        {
            let count = u32::try_from(batch.records().len()).unwrap_or(u32::MAX);
            // A batch is fetched whole, so its beginning may lie before the position.
            let first = u32::try_from((position.offset - batch.base).max(0))
                .unwrap_or(count)
                .min(count);
            let last = count.min(first.saturating_add(max - taken));
            taken += last - first;
            position.epoch = Some(batch.epoch);
            let whole = last == count;
            position.offset = if whole {
                position.offset.max(batch.next)
            } else {
                batch.base + i64::from(last)
            };
            if last > first {
                handed.push_back(Run {
                    tp,
                    batch: batch.clone(),
                    first,
                    last,
                    handed: EntryId::NONE,
                });
            }
            if whole {
                self.buffer.pop_front();
            }
        }
        taken
    }

    /// How many records wait in the buffer.
    pub(super) fn buffered(&self) -> u32 {
        let offset = self.position.map_or(0, |position| position.offset);
        let ahead = |batch: &Arc<Batch>| {
            let count = i64::try_from(batch.records().len()).unwrap_or(i64::MAX);
            u32::try_from(count - (offset - batch.base).clamp(0, count)).unwrap_or(u32::MAX)
        };
        self.buffer.iter().map(ahead).fold(0, u32::saturating_add)
    }

    /// The position, when it is one that may be committed (`hasValidPosition`).
    pub(super) fn consumed(&self) -> Option<Position> {
        self.position.filter(|_| self.stage == Stage::Fetch)
    }
}

#[cfg(test)]
mod tests {
    use super::super::book::tests::{TP, batch};
    use super::*;

    fn at(offset: i64, epoch: Option<i32>) -> Part {
        let mut part = Part::new();
        part.seek(Position { offset, epoch }, None);
        part
    }

    fn offsets(runs: &VecDeque<Run>) -> Vec<i64> {
        runs.iter()
            .flat_map(Run::records)
            .map(|(_, offset)| offset)
            .collect()
    }

    #[test]
    fn handing_out_moves_the_position_and_its_epoch() {
        let mut part = at(0, None);
        part.buffer.extend([batch(0, 3, 4), batch(3, 2, 5)]);
        let mut handed = VecDeque::new();
        assert_eq!(part.hand(TP, 4, &mut handed), 4);
        assert_eq!(offsets(&handed), [0, 1, 2, 3]);
        assert_eq!(
            part.position,
            Some(Position {
                offset: 4,
                epoch: Some(5)
            })
        );
        assert_eq!(part.buffered(), 1);
        assert_eq!(part.hand(TP, 500, &mut handed), 1);
        assert_eq!(
            part.position,
            Some(Position {
                offset: 5,
                epoch: Some(5)
            })
        );
        assert!(part.buffer.is_empty());
    }

    #[test]
    fn a_batch_that_begins_before_the_position_is_cut() {
        let mut part = at(2, None);
        part.buffer.push_back(batch(0, 4, 0));
        assert_eq!(part.buffered(), 2);
        let mut handed = VecDeque::new();
        assert_eq!(part.hand(TP, 500, &mut handed), 2);
        assert_eq!(offsets(&handed), [2, 3]);
    }

    #[test]
    fn a_new_epoch_validates_only_positions_that_have_one() {
        let mut part = at(5, Some(1));
        part.buffer.push_back(batch(5, 1, 1));
        part.led_by((SeatId(2), 2));
        assert_eq!(part.stage, Stage::Validate);
        assert!(part.buffer.is_empty() && part.consumed().is_none());
        let mut part = at(5, None);
        part.buffer.push_back(batch(5, 1, 1));
        part.led_by((SeatId(2), 2));
        assert_eq!(part.stage, Stage::Fetch);
        assert_eq!(part.buffered(), 1);
    }

    #[test]
    fn the_same_leader_changes_nothing() {
        let mut part = at(5, Some(1));
        part.led_by((SeatId(2), 2));
        part.validated();
        part.led_by((SeatId(2), 2));
        assert_eq!(part.stage, Stage::Fetch);
    }

    #[test]
    fn divergence_is_where_the_epoch_ends() {
        let part = at(200, Some(5));
        assert_eq!(part.judge(5, 200), Verdict::Valid);
        assert_eq!(part.judge(5, 260), Verdict::Valid);
        assert_eq!(
            part.judge(5, 100),
            Verdict::Truncated {
                offset: 100,
                epoch: 5
            }
        );
        assert_eq!(part.judge(-1, -1), Verdict::Undefined);
    }
}
