//! Draws keyed by meaning: the same seed and the same key give the same number, whatever else is
//! drawn. Changing one setting therefore shifts no draw that has nothing to do with it.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// What a draw is for; the first word of its key, so that two uses never share a number.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// The time a packet needs for one hop.
    Hop = 1,
    /// Whether a packet is lost on the way.
    Loss = 2,
    /// When dirty pages are written back.
    WriteBack = 3,
    /// How long a sync takes.
    Sync = 4,
    /// How much of the unsynced rest survives a power loss.
    PowerLoss = 5,
    /// A draw of a process: jitter of a back-off, phase of a timer.
    Process = 6,
    /// When the processes of a new world are started.
    Founding = 7,
    /// What a random run consists of.
    Fuzz = 8,
}

/// A number drawn for `key`.
#[must_use]
pub fn roll(seed: u64, purpose: Purpose, key: &[u64]) -> u64 {
    let mut bytes = [0u8; 64];
    bytes[..8].copy_from_slice(&(purpose as u64).to_le_bytes());
    let words = key.len().min(7);
    for (slot, word) in bytes[8..].chunks_exact_mut(8).zip(key) {
        slot.copy_from_slice(&word.to_le_bytes());
    }
    xxh3_64_with_seed(&bytes[..8 * (words + 1)], seed)
}

/// A number between `low` and `high`, both included. `high` below `low` counts as `low`.
#[must_use]
pub fn within(drawn: u64, low: u64, high: u64) -> u64 {
    if high <= low {
        return low;
    }
    let width = u128::from(high - low) + 1;
    low + u64::try_from((u128::from(drawn) * width) >> 64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_its_key_only() {
        assert_eq!(
            roll(7, Purpose::Hop, &[1, 2]),
            roll(7, Purpose::Hop, &[1, 2])
        );
        assert_ne!(
            roll(7, Purpose::Hop, &[1, 2]),
            roll(7, Purpose::Hop, &[2, 1])
        );
        assert_ne!(
            roll(7, Purpose::Hop, &[1, 2]),
            roll(7, Purpose::Loss, &[1, 2])
        );
        assert_ne!(
            roll(7, Purpose::Hop, &[1, 2]),
            roll(8, Purpose::Hop, &[1, 2])
        );
    }

    #[test]
    fn within_reaches_both_ends_and_stays_inside() {
        assert_eq!(within(0, 3, 9), 3);
        assert_eq!(within(u64::MAX, 3, 9), 9);
        assert_eq!(within(u64::MAX, 9, 3), 9);
    }
}
