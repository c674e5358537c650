//! How many bytes records take in a batch (`DefaultRecord`, `DefaultRecordBatch`).

use crate::records::BATCH_OVERHEAD;

/// The most that a record takes beyond key, value and headers (`DefaultRecord.MAX_RECORD_OVERHEAD`).
const MAX_RECORD_OVERHEAD: u64 = 21;

/// Bytes of a number as Kafka's records write it: zigzag, seven bits a byte.
fn varint(number: i64) -> u64 {
    let zigzag = ((number << 1) ^ (number >> 63)).cast_unsigned();
    let bits = u64::from(64 - zigzag.leading_zeros()).max(1);
    bits.div_ceil(7)
}

/// Key, value and the number of headers. The model knows the sum of key and value only; the length of
/// a short key takes one byte, as the mark of a missing key does.
fn content(size: u32) -> u64 {
    1 + varint(i64::from(size)) + u64::from(size) + 1
}

/// Bytes of a record with `size` bytes of key and value, at this place and time within its batch.
#[must_use]
pub(super) fn record(offset_delta: u32, timestamp_delta_ms: i64, size: u32) -> u64 {
    let body = 1 + varint(timestamp_delta_ms) + varint(i64::from(offset_delta)) + content(size);
    body + varint(i64::try_from(body).unwrap_or(i64::MAX))
}

/// The most bytes that a batch with this one record takes
/// (`AbstractRecords.estimateSizeInBytesUpperBound`).
#[must_use]
pub(super) fn upper_bound(size: u32) -> u64 {
    u64::from(BATCH_OVERHEAD) + MAX_RECORD_OVERHEAD + content(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_seven_bits_a_byte_after_zigzag() {
        let cases = [
            (0, 1),
            (63, 1),
            (64, 2),
            (-64, 1),
            (-65, 2),
            (8191, 2),
            (8192, 3),
        ];
        for (number, bytes) in cases {
            assert_eq!(varint(number), bytes, "{number}");
        }
        assert_eq!(varint(i64::MIN), 10);
    }

    #[test]
    fn sizes_are_those_of_the_java_client() {
        // A first record with a value of two bytes: 1 + 1 + 1 + 1 + 1 + 2 + 1, and its length.
        assert_eq!(record(0, 0, 2), 9);
        // Recorded case buffer-full: values of 12000 bytes fit into buffers of 12100.
        assert_eq!(upper_bound(12_000), 12_087);
    }
}
