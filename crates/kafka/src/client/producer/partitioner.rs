//! The partitioner that is built in (`BuiltInPartitioner`, KIP-794): records with a key go where the hash
//! of the key says, records without one stay with a partition for batch.size bytes.
//!
//! Left out: that slower brokers get fewer of the records without a key
//! (partitioner.adaptive.partitioning.enable, partitioner.availability.timeout.ms).

use ackscope_kernel::SortedMap;
use borsh::BorshSerialize;

/// The partition of a record with a key, by the hash of the key's bytes ([`murmur2`]).
#[must_use]
pub fn partition_for_key(hash: u64, partitions: u16) -> u16 {
    let positive = (hash & 0x7fff_ffff) % u64::from(partitions.max(1));
    u16::try_from(positive).unwrap_or(0)
}

/// The hash of a key's bytes (`Utils.murmur2`).
#[must_use]
pub fn murmur2(bytes: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    const SEED: u32 = 0x9747_b28c;
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut hash = SEED ^ length;
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        let tail = rest
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        hash = (hash ^ tail).wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ hash >> 15
}

/// Where records without a key go now, topic by topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(super) struct Sticky {
    topics: SortedMap<u16, Current>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
struct Current {
    partition: u16,
    /// Bytes that went there since it was chosen.
    bytes: u64,
    /// How often a partition was chosen: part of the next draw's meaning.
    choices: u32,
}

impl Sticky {
    /// The partition that the next record without a key goes to. `choose` draws one, given how many were
    /// drawn before; it is asked only when none is chosen yet.
    pub(super) fn current(&mut self, topic: u16, choose: impl FnOnce(u32) -> u16) -> u16 {
        let new = || Current {
            partition: choose(0),
            bytes: 0,
            choices: 1,
        };
        self.topics.entry(topic).or_insert_with(new).partition
    }

    /// Counts what was appended. The partition changes after `batch_size` bytes if no batch of it is
    /// half full, and after twice as much in any case.
    pub(super) fn appended(
        &mut self,
        topic: u16,
        bytes: u64,
        batch_size: u64,
        may_switch: bool,
        choose: impl FnOnce(u32) -> u16,
    ) {
        let Some(current) = self.topics.get_mut(&topic) else {
            return;
        };
        current.bytes += bytes;
        let enough = current.bytes >= batch_size && may_switch;
        if enough || current.bytes >= batch_size.saturating_mul(2) {
            *current = Current {
                partition: choose(current.choices),
                bytes: 0,
                choices: current.choices + 1,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn murmur2_gives_the_numbers_of_utils_test() {
        let cases: [(&[u8], i32); 4] = [
            (b"21", -973_932_308),
            (b"foobar", -790_332_482),
            (b"a-little-bit-long-string", -985_981_536),
            (b"abc", 479_470_107),
        ];
        for (text, hash) in cases {
            assert_eq!(murmur2(text).cast_signed(), hash);
        }
    }

    #[test]
    fn a_key_always_finds_its_partition() {
        let hash = u64::from(murmur2(b"foobar"));
        // toPositive cuts the sign bit off before the remainder is taken.
        assert_eq!(
            partition_for_key(hash, 4),
            u16::try_from((hash & 0x7fff_ffff) % 4).unwrap()
        );
        assert_eq!(partition_for_key(hash, 0), 0);
    }

    #[test]
    fn a_partition_is_kept_for_a_batch_and_never_for_two() {
        let mut sticky = Sticky::default();
        let next = |choices: u32| u16::try_from(choices).unwrap();
        assert_eq!(sticky.current(1, next), 0);
        sticky.appended(1, 99, 100, true, next);
        assert_eq!(sticky.current(1, next), 0);
        // Enough bytes, but a batch that is half full waits for more.
        sticky.appended(1, 50, 100, false, next);
        assert_eq!(sticky.current(1, next), 0);
        sticky.appended(1, 0, 100, true, next);
        assert_eq!(sticky.current(1, next), 1);
        sticky.appended(1, 200, 100, false, next);
        assert_eq!(sticky.current(1, next), 2);
    }
}
