//! The log in memory: what the file holds, and how far it is synced.

use super::{Entry, Index, Term};
use ackscope_kernel::Seq;
use borsh::BorshSerialize;
use std::sync::Arc;

/// A log that begins behind a snapshot.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Log<C: Clone + BorshSerialize> {
    /// Index and term of the entry before the first one kept.
    base: (Index, Term),
    entries: Seq<Arc<Entry<C>>>,
    /// The last entry that is synced.
    written: Index,
}

impl<C: Clone + BorshSerialize> Log<C> {
    /// A log as it is found on disk: all that is found counts as synced, as ra's recovery syncs it.
    #[must_use]
    pub fn recovered(base: (Index, Term), entries: Vec<Arc<Entry<C>>>) -> Log<C> {
        let entries: Seq<_> = entries.into_iter().collect();
        let written = base.0 + entries.len() as u64;
        Log {
            base,
            entries,
            written,
        }
    }

    /// Index and term of the entry before the first one kept.
    #[must_use]
    pub fn base(&self) -> (Index, Term) {
        self.base
    }

    /// The last entry: (index, term).
    #[must_use]
    pub fn last(&self) -> (Index, Term) {
        match self.entries.last() {
            Some(entry) => (self.base.0 + self.entries.len() as u64, entry.term),
            None => self.base,
        }
    }

    /// The last synced entry: (index, term).
    #[must_use]
    pub fn written(&self) -> (Index, Term) {
        (self.written, self.term(self.written).unwrap_or(0))
    }

    /// The entry at an index.
    #[must_use]
    pub fn get(&self, index: Index) -> Option<&Arc<Entry<C>>> {
        let offset = index.checked_sub(self.base.0 + 1)?;
        self.entries.get(usize::try_from(offset).ok()?)
    }

    /// The term of the entry at an index, the one before the first included.
    #[must_use]
    pub fn term(&self, index: Index) -> Option<Term> {
        if index == self.base.0 {
            return Some(self.base.1);
        }
        self.get(index).map(|entry| entry.term)
    }

    /// The entries kept, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Index, &Arc<Entry<C>>)> {
        (self.base.0 + 1..).zip(self.entries.iter())
    }

    /// The entries behind `index`, in order.
    pub(super) fn after(&self, index: Index) -> Vec<(Index, Arc<Entry<C>>)> {
        let skip = usize::try_from(index.saturating_sub(self.base.0)).unwrap_or(usize::MAX);
        let rest = self.iter().skip(skip);
        rest.map(|(index, entry)| (index, Arc::clone(entry)))
            .collect()
    }

    pub(super) fn push(&mut self, entry: Arc<Entry<C>>) -> Index {
        self.entries.push_back(entry);
        self.last().0
    }

    /// Forgets everything behind `index`.
    pub(super) fn truncate(&mut self, index: Index) {
        let keep = usize::try_from(index.saturating_sub(self.base.0)).unwrap_or(usize::MAX);
        if keep < self.entries.len() {
            self.entries.truncate(keep);
        }
        self.written = self.written.min(index);
    }

    /// Everything up to `index` is synced.
    pub(super) fn mark_written(&mut self, index: Index) {
        self.written = self.written.max(index.min(self.last().0));
    }

    /// Forgets everything up to and with `at`, which a snapshot now holds. `all`: what is behind it too.
    pub(super) fn release(&mut self, at: (Index, Term), all: bool) {
        if all {
            self.entries = Seq::new();
        } else {
            let count = usize::try_from(at.0.saturating_sub(self.base.0)).unwrap_or(usize::MAX);
            let count = count.min(self.entries.len());
            self.entries.drop_front(count);
        }
        self.base = at;
        self.written = self.written.max(at.0).min(self.last().0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raft::What;
    use ackscope_kernel::Time;

    fn entry(term: Term) -> Arc<Entry<u8>> {
        Arc::new(Entry {
            term,
            at: Time(0),
            what: What::Noop,
        })
    }

    #[test]
    fn indexes_are_counted_behind_the_base() {
        let mut log = Log::recovered((10, 2), vec![entry(2), entry(3)]);
        assert_eq!(log.last(), (12, 3));
        assert_eq!(log.term(10), Some(2));
        assert_eq!(log.term(9), None);
        log.truncate(11);
        assert_eq!(log.last(), (11, 2));
        assert_eq!(log.written(), (11, 2));
        log.push(entry(4));
        assert_eq!(log.written(), (11, 2), "a new entry is not synced");
        log.mark_written(99);
        assert_eq!(log.written(), (12, 4));
    }

    #[test]
    fn release_keeps_what_lies_behind() {
        let mut log = Log::recovered((0, 0), vec![entry(1), entry(1), entry(2)]);
        log.release((2, 1), false);
        assert_eq!(log.base(), (2, 1));
        assert_eq!(log.last(), (3, 2));
        log.release((7, 5), true);
        assert_eq!(log.last(), (7, 5));
        assert_eq!(log.written(), (7, 5));
    }
}
