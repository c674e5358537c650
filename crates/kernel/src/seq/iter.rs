//! Going through a [`Seq`], chunk by chunk.

use super::{CHUNK, Seq};
use std::ops::Range;

/// Items of a [`Seq`] in order, from either end.
#[derive(Debug)]
pub struct Iter<'a, T> {
    seq: &'a Seq<T>,
    /// The part of a chunk that comes next, and one that comes last.
    front: std::slice::Iter<'a, T>,
    back: std::slice::Iter<'a, T>,
    /// What lies between them, dropped items counted.
    middle: Range<usize>,
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Iter {
            seq: self.seq,
            front: self.front.clone(),
            back: self.back.clone(),
            middle: self.middle.clone(),
        }
    }
}

impl<'a, T> Iter<'a, T> {
    pub(super) fn new(seq: &'a Seq<T>, places: Range<usize>) -> Self {
        let end = places.end.min(seq.len());
        let start = places.start.min(end);
        Iter {
            seq,
            front: [].iter(),
            back: [].iter(),
            middle: start + seq.skipped..end + seq.skipped,
        }
    }
}

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        loop {
            if let Some(item) = self.front.next() {
                return Some(item);
            }
            let Range { start, end } = self.middle;
            if start >= end {
                return self.back.next();
            }
            let until = end.min((start / CHUNK + 1) * CHUNK);
            let first = start % CHUNK;
            let chunk = self.seq.chunk(start)?;
            self.front = chunk.get(first..first + until - start)?.iter();
            self.middle.start = until;
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.front.len() + self.middle.len() + self.back.len();
        (left, Some(left))
    }

    fn nth(&mut self, n: usize) -> Option<&'a T> {
        // Skips whole chunks without looking at them.
        if n >= self.front.len() {
            let beyond = n - self.front.len();
            self.front = [].iter();
            let step = beyond.min(self.middle.len());
            self.middle.start += step;
            return match beyond - step {
                0 => self.next(),
                more => self.back.nth(more),
            };
        }
        self.front.nth(n)
    }
}

impl<'a, T> DoubleEndedIterator for Iter<'a, T> {
    fn next_back(&mut self) -> Option<&'a T> {
        loop {
            if let Some(item) = self.back.next_back() {
                return Some(item);
            }
            let Range { start, end } = self.middle;
            if start >= end {
                return self.front.next_back();
            }
            let from = start.max((end - 1) / CHUNK * CHUNK);
            let chunk = self.seq.chunk(from)?;
            let first = from % CHUNK;
            self.back = chunk.get(first..first + end - from)?.iter();
            self.middle.end = from;
        }
    }
}

impl<T> ExactSizeIterator for Iter<'_, T> {}
