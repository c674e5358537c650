//! One replica: its log as the broker knows it in memory, and what a leader keeps of its followers
//! (`Partition`, `Replica`, `UnifiedLog`; reference 2.1, 2.4, 2.6, 2.7).

use super::epochs::EpochCache;
use super::producers::Producers;
use crate::records::Tp;
use ackscope_kernel::SortedMap;
use ackscope_kernel::{EntryId, SeatId, Span, Time};
use borsh::BorshSerialize;

/// A replica of a partition on this broker.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Replica {
    pub(super) tp: Tp,
    /// Log start offset.
    pub(super) start: i64,
    /// Log end offset.
    pub(super) end: i64,
    /// High watermark of this copy.
    pub(super) high_watermark: i64,
    /// The high watermark in the checkpoint file.
    pub(super) checkpointed: i64,
    pub(super) epochs: EpochCache,
    pub(super) producers: Producers,
    /// Bytes in the active segment, and when (ms) its first batch was appended.
    pub(super) segment: (i64, i64),
    /// Records appended since the last sync that flush.messages asked for.
    pub(super) unflushed: i64,
    /// Everything below is synced because a flush setting asked for it.
    pub(super) flushed: i64,
    /// Below this offset the log is compacted (cleaner-offset-checkpoint).
    pub(super) cleaned: i64,
    /// A role was taken from the metadata image.
    pub(super) known: bool,
    pub(super) leader: Option<SeatId>,
    pub(super) leader_epoch: i32,
    pub(super) partition_epoch: i32,
    pub(super) lead: Option<Lead>,
    /// A follower does not fetch this partition before this time.
    pub(super) fetch_not_before: Time,
    /// The leader refused the epoch: wait for metadata (`onPartitionFenced`).
    pub(super) fetch_halted: bool,
}

/// What a leader keeps.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Lead {
    /// The other replicas.
    pub(super) remotes: SortedMap<SeatId, Remote>,
    /// The ISR that the controller has confirmed.
    pub(super) isr: Vec<SeatId>,
    /// The change that is on its way.
    pub(super) pending: Option<Pending>,
    /// Where the log ended when this leadership began.
    pub(super) epoch_start: i64,
}

/// What a leader knows of a follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Remote {
    /// Its log end, if it has fetched in this leadership.
    pub(super) end: Option<i64>,
    pub(super) last_fetch: Time,
    /// The leader's log end at its last fetch.
    pub(super) leader_end_at_fetch: i64,
    pub(super) last_caught_up: Time,
    /// Broker epoch in its last fetch.
    pub(super) broker_epoch: i64,
    /// The entry of its last fetch, as a cause of what follows.
    pub(super) entry: EntryId,
}

/// An ISR change that the controller has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Pending {
    pub(super) isr: Vec<SeatId>,
    /// It adds a member.
    pub(super) expands: bool,
    /// The request is under way; else it is retried later, or stays until metadata overrides it.
    pub(super) asked: bool,
}

impl Replica {
    pub(super) fn new(tp: Tp) -> Self {
        Replica {
            tp,
            start: 0,
            end: 0,
            high_watermark: 0,
            checkpointed: 0,
            epochs: EpochCache::default(),
            producers: Producers::default(),
            segment: (0, 0),
            unflushed: 0,
            flushed: 0,
            cleaned: 0,
            known: false,
            leader: None,
            leader_epoch: -1,
            partition_epoch: -1,
            lead: None,
            fetch_not_before: Time(0),
            fetch_halted: false,
        }
    }

    /// Which partition it is a replica of.
    #[must_use]
    pub fn tp(&self) -> Tp {
        self.tp
    }

    /// Whether this broker believes that it leads.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.lead.is_some()
    }

    /// Whom this broker believes to lead.
    #[must_use]
    pub fn leader(&self) -> Option<SeatId> {
        self.leader
    }

    /// The leader epoch that this broker knows.
    #[must_use]
    pub fn leader_epoch(&self) -> i32 {
        self.leader_epoch
    }

    /// High watermark of this copy.
    #[must_use]
    pub fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// Log start offset.
    #[must_use]
    pub fn log_start(&self) -> i64 {
        self.start
    }

    /// Log end offset.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.end
    }

    /// Leader epochs and where they begin.
    #[must_use]
    pub fn epochs(&self) -> &[(i32, i64)] {
        self.epochs.entries()
    }

    /// The leader's side, if this broker leads.
    #[must_use]
    pub fn lead(&self) -> Option<&Lead> {
        self.lead.as_ref()
    }

    /// `maybeIncrementLeaderHW` (reference 2.4): where the watermark may move to, and the fetches that
    /// allow it. `eligible`: unfenced, not shutting down, with the broker epoch of its last fetch.
    /// `ahead` is 0 but for a planted mistake: how many records further followers are counted.
    pub(super) fn next_high_watermark(
        &self,
        min_isr: usize,
        lag: Span,
        now: Time,
        eligible: &dyn Fn(SeatId, i64) -> bool,
        ahead: i64,
    ) -> Option<i64> {
        let lead = self.lead.as_ref()?;
        if lead.isr.len() < min_isr {
            return None;
        }
        let maximal = lead.maximal_isr();
        let mut candidate = self.end;
        for (seat, remote) in &lead.remotes {
            let end = remote.end.map_or(-1, |end| end + ahead);
            if end >= candidate {
                continue;
            }
            let waits = maximal.contains(seat)
                || (remote.end.is_some()
                    && remote.caught_up(self.end, lag, now)
                    && eligible(*seat, remote.broker_epoch));
            if waits {
                candidate = end;
            }
        }
        (candidate > self.high_watermark).then_some(candidate)
    }
}

impl Lead {
    /// The ISR that the controller has confirmed.
    #[must_use]
    pub fn isr(&self) -> &[SeatId] {
        &self.isr
    }

    /// What the leader knows of a follower's log end.
    #[must_use]
    pub fn remote_end(&self, seat: SeatId) -> Option<i64> {
        self.remotes.get(&seat).and_then(|r| r.end)
    }

    /// The ISR together with who is about to join; while a shrink is on its way, the old ISR.
    pub(super) fn maximal_isr(&self) -> Vec<SeatId> {
        match &self.pending {
            Some(pending) if pending.expands => pending.isr.clone(),
            _ => self.isr.clone(),
        }
    }
}

impl Remote {
    pub(super) fn unknown(last_caught_up: Time) -> Self {
        Remote {
            end: None,
            last_fetch: Time(0),
            leader_end_at_fetch: 0,
            last_caught_up,
            broker_epoch: -1,
            entry: EntryId::NONE,
        }
    }

    /// Takes note of a fetch at `offset` while the leader's log ended at `leader_end` (reference 2.6).
    pub(super) fn fetched(
        &mut self,
        offset: i64,
        leader_end: i64,
        now: Time,
        broker_epoch: i64,
        entry: EntryId,
    ) {
        if offset >= leader_end {
            self.last_caught_up = self.last_caught_up.max(now);
        } else if offset >= self.leader_end_at_fetch {
            self.last_caught_up = self.last_caught_up.max(self.last_fetch);
        }
        self.end = Some(offset);
        self.last_fetch = now;
        self.leader_end_at_fetch = leader_end;
        self.broker_epoch = broker_epoch;
        self.entry = entry;
    }

    /// In sync iff its log end is the leader's, or it was caught up not longer ago than the lag time.
    pub(super) fn caught_up(&self, leader_end: i64, lag: Span, now: Time) -> bool {
        self.end == Some(leader_end) || now.since(self.last_caught_up) <= lag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAG: Span = Span(30_000_000);

    fn leader(isr: &[u16], ends: &[(u16, Option<i64>)]) -> Replica {
        let mut replica = Replica::new(Tp {
            topic: 1,
            partition: 0,
        });
        replica.end = 110;
        replica.high_watermark = 100;
        let remotes = ends.iter().map(|(seat, end)| {
            let mut remote = Remote::unknown(Time(0));
            remote.end = *end;
            (SeatId(*seat), remote)
        });
        replica.lead = Some(Lead {
            remotes: remotes.collect(),
            isr: isr.iter().copied().map(SeatId).collect(),
            pending: None,
            epoch_start: 0,
        });
        replica
    }

    fn moved(replica: &Replica, min_isr: usize) -> Option<i64> {
        replica.next_high_watermark(min_isr, LAG, Time(100_000_000), &|_, _| true, 0)
    }

    #[test]
    fn the_watermark_is_the_smallest_end_of_the_isr() {
        assert_eq!(
            moved(&leader(&[1, 2, 3], &[(2, Some(105)), (3, Some(110))]), 1),
            Some(105)
        );
        assert_eq!(
            moved(&leader(&[1, 2], &[(2, Some(110)), (3, Some(50))]), 1),
            Some(110)
        );
        assert_eq!(
            moved(&leader(&[1], &[(2, Some(0)), (3, None)]), 1),
            Some(110)
        );
    }

    #[test]
    fn it_freezes_below_min_isr_and_while_a_member_has_not_fetched() {
        assert_eq!(
            moved(&leader(&[1], &[(2, Some(110)), (3, Some(110))]), 2),
            None
        );
        assert_eq!(
            moved(&leader(&[1, 2], &[(2, None), (3, Some(110))]), 1),
            None
        );
    }

    #[test]
    fn it_waits_for_one_that_is_about_to_join() {
        let mut replica = leader(&[1], &[(2, Some(104)), (3, None)]);
        if let Some(remote) = replica
            .lead
            .as_mut()
            .and_then(|l| l.remotes.get_mut(&SeatId(2)))
        {
            remote.last_caught_up = Time(99_000_000);
        }
        assert_eq!(moved(&replica, 1), Some(104));
    }

    #[test]
    fn a_shrink_on_its_way_still_waits_for_the_old_isr() {
        let mut replica = leader(&[1, 2], &[(2, Some(103)), (3, None)]);
        if let Some(lead) = replica.lead.as_mut() {
            lead.pending = Some(Pending {
                isr: vec![SeatId(1)],
                expands: false,
                asked: true,
            });
        }
        assert_eq!(moved(&replica, 1), Some(103));
    }

    #[test]
    fn the_four_cases_of_isr_expiration() {
        let at = |now: u64, remote: &Remote, end| remote.caught_up(end, LAG, Time(now));
        let mut remote = Remote::unknown(Time(0));
        remote.fetched(10, 10, Time(1_000_000), 0, EntryId::NONE);
        assert!(
            at(90_000_000, &remote, 10),
            "stuck at the leader's end: never dropped"
        );
        assert!(
            !at(32_000_000, &remote, 11),
            "stuck below the end: dropped after the lag time"
        );
        remote.fetched(12, 20, Time(20_000_000), 0, EntryId::NONE);
        remote.fetched(20, 30, Time(40_000_000), 0, EntryId::NONE);
        assert!(
            at(50_000_000, &remote, 40),
            "slow, but it reached the end of its previous fetch"
        );
        remote.fetched(21, 60, Time(60_000_000), 0, EntryId::NONE);
        assert!(!at(61_000_000, &remote, 70), "slow, and behind");
    }
}
