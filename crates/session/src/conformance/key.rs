//! Hash of a record's key, as the partitioner uses it (`Utils.murmur2` of Kafka's clients).

/// The hash of a key.
pub(super) fn hash_of_key(key: &str) -> u64 {
    u64::from(ackscope_kafka::client::producer::partitioner::murmur2(
        key.as_bytes(),
    ))
}
