//! The leader epoch cache of a replica (`LeaderEpochFileCache`; KIP-101, KIP-279; reference 2.10).

use borsh::BorshSerialize;

/// Which leader epoch begins at which offset, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(super) struct EpochCache {
    entries: Vec<(i32, i64)>,
}

impl EpochCache {
    /// Notes that `epoch` begins at `start`, unless a later or the same epoch is known.
    pub(super) fn assign(&mut self, epoch: i32, start: i64) {
        if self.entries.last().is_none_or(|(last, _)| epoch > *last) {
            // An epoch that began at the same offset and holds no record gives way.
            self.entries.retain(|(_, at)| *at < start);
            self.entries.push((epoch, start));
        }
    }

    /// The latest epoch.
    #[must_use]
    pub(super) fn latest(&self) -> Option<i32> {
        self.entries.last().map(|(epoch, _)| *epoch)
    }

    /// The greatest known epoch not above `epoch`, and where it ends in a log that ends at `log_end`.
    /// `None`: undefined.
    #[must_use]
    pub(super) fn end_of(&self, epoch: i32, log_end: i64) -> Option<(i32, i64)> {
        let (latest, _) = self.entries.last()?;
        if epoch == *latest {
            return Some((epoch, log_end));
        }
        // A later epoch than any known is undefined.
        let next = self.entries.iter().position(|(e, _)| *e > epoch)?;
        let start = self.entries[next].1;
        // An epoch older than all known ones ends where the first known one begins: its records, if there
        // were any, are gone, and the follower goes on from there (`LeaderEpochFileCache.endOffsetFor`).
        let floor = if next == 0 {
            epoch
        } else {
            self.entries[next - 1].0
        };
        Some((floor, start))
    }

    /// Forgets what begins at `offset` or later.
    pub(super) fn truncate(&mut self, offset: i64) {
        self.entries.retain(|(_, start)| *start < offset);
    }

    /// The log begins at `offset` now: older epochs go, the one in force there begins there.
    pub(super) fn advance_start(&mut self, offset: i64) {
        let keep = self
            .entries
            .iter()
            .rposition(|(_, start)| *start <= offset)
            .unwrap_or(0);
        self.entries.drain(..keep);
        if let Some(first) = self.entries.first_mut() {
            first.1 = first.1.max(offset);
        }
    }

    /// All entries: (epoch, first offset).
    #[must_use]
    pub(super) fn entries(&self) -> &[(i32, i64)] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(entries: &[(i32, i64)]) -> EpochCache {
        EpochCache {
            entries: entries.to_vec(),
        }
    }

    #[test]
    fn end_of_answers_the_table_of_the_reference() {
        let leader = cache(&[(4, 0), (7, 50)]);
        assert_eq!(leader.end_of(7, 60), Some((7, 60)));
        assert_eq!(leader.end_of(6, 60), Some((4, 50)), "T4, round 1");
        assert_eq!(leader.end_of(4, 60), Some((4, 50)));
        assert_eq!(leader.end_of(3, 60), Some((3, 0)), "older than all known");
        assert_eq!(leader.end_of(8, 60), None);
        assert_eq!(cache(&[]).end_of(0, 0), None);
        assert_eq!(
            cache(&[(4, 0), (5, 40), (6, 45)]).end_of(4, 48),
            Some((4, 40)),
            "T4, follower"
        );
    }

    #[test]
    fn an_empty_epoch_gives_way_to_the_next() {
        let mut cache = cache(&[(1, 0), (2, 10)]);
        cache.assign(3, 10);
        assert_eq!(cache.entries(), [(1, 0), (3, 10)]);
        cache.assign(2, 12);
        assert_eq!(
            cache.entries(),
            [(1, 0), (3, 10)],
            "an older epoch changes nothing"
        );
    }

    #[test]
    fn truncation_forgets_what_begins_later() {
        let mut cache = cache(&[(1, 0), (2, 10), (3, 20)]);
        cache.truncate(20);
        assert_eq!(cache.entries(), [(1, 0), (2, 10)]);
        cache.advance_start(15);
        assert_eq!(cache.entries(), [(2, 15)]);
    }
}
