//! A list that grows with a run and is cheap to clone: marks and forks share what they have in common.

mod iter;
#[cfg(test)]
mod tests;

pub use iter::Iter;

use borsh::BorshSerialize;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Index, Range};
use std::sync::Arc;

/// Items in a chunk: what is copied when a list that is shared with a mark grows. Logs and traces grow at
/// their ends, so small chunks make small marks.
const CHUNK: usize = 16;
/// Chunks on a shelf.
const SHELF: usize = 64;
const ON_SHELF: usize = CHUNK * SHELF;

type Chunk<T> = Arc<Vec<T>>;

/// A persistent vector for logs and traces: it grows and shrinks at its end and is dropped from its
/// front. Cloning shares all items; a push after that copies at most the last chunk and the list of chunks
/// of the last shelf.
#[derive(Clone)]
pub struct Seq<T> {
    /// Full shelves of full chunks.
    shelves: Vec<Arc<Vec<Chunk<T>>>>,
    /// Full chunks after them, fewer than a shelf.
    chunks: Arc<Vec<Chunk<T>>>,
    /// Items after them, fewer than a chunk.
    tail: Arc<Vec<T>>,
    /// Items that were dropped from the front of the first shelf and do not count any more.
    skipped: usize,
}

impl<T> Default for Seq<T> {
    fn default() -> Self {
        Seq {
            shelves: Vec::new(),
            chunks: Arc::default(),
            tail: Arc::default(),
            skipped: 0,
        }
    }
}

impl<T> Seq<T> {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn before_tail(&self) -> usize {
        self.shelves.len() * ON_SHELF + self.chunks.len() * CHUNK
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.before_tail() + self.tail.len() - self.skipped
    }

    /// There is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The chunk with the item at this place, dropped ones counted; the tail is the last chunk.
    fn chunk(&self, place: usize) -> Option<&Chunk<T>> {
        let number = place / CHUNK;
        match self.shelves.get(number / SHELF) {
            Some(shelf) => shelf.get(number % SHELF),
            None => {
                let number = number - self.shelves.len() * SHELF;
                match number.cmp(&self.chunks.len()) {
                    Ordering::Less => self.chunks.get(number),
                    Ordering::Equal => Some(&self.tail),
                    Ordering::Greater => None,
                }
            }
        }
    }

    /// The item at a place, counted from zero.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&T> {
        let place = at.checked_add(self.skipped)?;
        self.chunk(place)?.get(place % CHUNK)
    }

    /// The first item.
    #[must_use]
    pub fn front(&self) -> Option<&T> {
        self.get(0)
    }

    /// The last item.
    #[must_use]
    pub fn last(&self) -> Option<&T> {
        self.get(self.len().checked_sub(1)?)
    }

    /// All items.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T> {
        self.range(0..self.len())
    }

    /// The items of these places, as far as there are such.
    #[must_use]
    pub fn range(&self, places: Range<usize>) -> Iter<'_, T> {
        Iter::new(self, places)
    }

    /// Looks for an item in a list that is in the order of `compare`: its place, else where it would be.
    ///
    /// # Errors
    /// There is none; the place is where it would be.
    pub fn binary_search_by(
        &self,
        mut compare: impl FnMut(&T) -> Ordering,
    ) -> Result<usize, usize> {
        let at = self.partition_point(|item| compare(item) == Ordering::Less);
        match self.get(at) {
            Some(item) if compare(item) == Ordering::Equal => Ok(at),
            _ => Err(at),
        }
    }

    /// Where the first item lies for which `before` does not hold, in a list in which it holds up to there.
    pub fn partition_point(&self, mut before: impl FnMut(&T) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(&mut before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Forgets all items.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Drops the first `count` items.
    pub fn drop_front(&mut self, count: usize) {
        if count >= self.len() {
            return self.clear();
        }
        self.skipped += count;
        let whole = (self.skipped / ON_SHELF).min(self.shelves.len());
        self.shelves.drain(..whole);
        self.skipped -= whole * ON_SHELF;
    }
}

impl<T: Clone> Seq<T> {
    /// Adds an item at the end.
    pub fn push_back(&mut self, item: T) {
        match Arc::get_mut(&mut self.tail) {
            Some(tail) => {
                if tail.capacity() == 0 {
                    tail.reserve_exact(CHUNK);
                }
                tail.push(item);
            }
            None => {
                let mut tail = Vec::with_capacity(CHUNK);
                tail.extend_from_slice(&self.tail);
                tail.push(item);
                self.tail = Arc::new(tail);
            }
        }
        if self.tail.len() == CHUNK {
            let full = std::mem::take(&mut self.tail);
            let chunks = Arc::make_mut(&mut self.chunks);
            chunks.push(full);
            if chunks.len() == SHELF {
                self.shelves.push(std::mem::take(&mut self.chunks));
            }
        }
    }

    /// Takes the first item.
    pub fn pop_front(&mut self) -> Option<T> {
        let item = self.get(0).cloned()?;
        self.drop_front(1);
        Some(item)
    }

    /// Keeps the first `len` items.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len() {
            return;
        }
        if len == 0 {
            return self.clear();
        }
        let keep = len + self.skipped;
        if keep >= self.before_tail() {
            let keep = keep - self.before_tail();
            return Arc::make_mut(&mut self.tail).truncate(keep);
        }
        if let Some(last) = self.chunk(keep) {
            let mut tail = Vec::with_capacity(CHUNK);
            tail.extend_from_slice(&last[..keep % CHUNK]);
            self.tail = Arc::new(tail);
        }
        let (shelves, chunks) = (keep / ON_SHELF, keep % ON_SHELF / CHUNK);
        if let Some(shelf) = self.shelves.get(shelves) {
            self.chunks = shelf.clone();
            self.shelves.truncate(shelves);
        }
        Arc::make_mut(&mut self.chunks).truncate(chunks);
    }

    /// Takes the items from place `at` on.
    #[must_use]
    pub fn split_off(&mut self, at: usize) -> Seq<T> {
        let rest = self.range(at..self.len()).cloned().collect();
        self.truncate(at);
        rest
    }

    /// Adds all items of another list at the end.
    pub fn append(&mut self, other: Seq<T>) {
        self.extend(other.iter().cloned());
    }

    /// Keeps the items for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        *self = self.iter().filter(|item| keep(item)).cloned().collect();
    }
}

impl<T> Index<usize> for Seq<T> {
    type Output = T;
    fn index(&self, at: usize) -> &T {
        let place = at + self.skipped;
        match self.chunk(place) {
            Some(chunk) => &chunk[place % CHUNK],
            // As a slice does.
            None => panic!("place {at} of a list of {}", self.len()),
        }
    }
}

impl<T: Clone> Extend<T> for Seq<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push_back(item));
    }
}

impl<T: Clone> FromIterator<T> for Seq<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut seq = Seq::new();
        seq.extend(items);
        seq
    }
}

impl<'a, T> IntoIterator for &'a Seq<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T: PartialEq> PartialEq for Seq<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<T: Eq> Eq for Seq<T> {}

impl<T: fmt::Debug> fmt::Debug for Seq<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.iter()).finish()
    }
}

/// The encoding is that of a list.
impl<T: BorshSerialize> BorshSerialize for Seq<T> {
    fn serialize<W: borsh::io::Write>(&self, out: &mut W) -> borsh::io::Result<()> {
        u32::try_from(self.len())
            .unwrap_or(u32::MAX)
            .serialize(out)?;
        self.iter().try_for_each(|item| item.serialize(out))
    }
}
