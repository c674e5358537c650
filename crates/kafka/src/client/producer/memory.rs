//! buffer.memory (`BufferPool`).

use borsh::BorshSerialize;

/// The memory for records that have no outcome yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(crate) struct Pool {
    total: u64,
    used: u64,
}

impl Pool {
    /// All of it is free.
    pub(super) fn new(total: u64) -> Self {
        Pool { total, used: 0 }
    }

    /// Takes a buffer of this size; false when there is not enough left, and then nothing is taken.
    #[must_use]
    pub(super) fn take(&mut self, size: u64) -> bool {
        let fits = size <= self.total - self.used;
        if fits {
            self.used += size;
        }
        fits
    }

    /// Gives a buffer back.
    pub(super) fn give_back(&mut self, size: u64) {
        assert!(size <= self.used, "more memory comes back than was taken");
        self.used -= size;
    }

    /// buffer.memory, in bytes.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Bytes in use.
    pub(crate) fn used(&self) -> u64 {
        self.used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_takes_nothing() {
        let mut pool = Pool::new(52_000);
        assert!((0..4).all(|_| pool.take(12_100)));
        assert!(!pool.take(12_100));
        assert_eq!(pool.used(), 48_400);
        pool.give_back(12_100);
        assert!(pool.take(12_100));
    }
}
