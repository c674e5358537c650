//! Rows of scopes of which nothing is built yet, and the features of a cluster (kafka.md 1.2, 1.8,
//! 1.9, 1.11). They are accepted and checked, and the page lists what each comes with.

ackscope_params::known_params! {
    /// Keys of a share consumer beside those of a consumer.
    pub static SHARE_CONSUMER in "share-consumer";
    /// Whether the next poll() accepts the records of the last one, or each must be acknowledged by
    /// a call.
    "share.acknowledgement.mode" {
        Enum, "implicit|explicit", ["implicit", "-", "-"], "client-start", "1.2",
        affects [Loss, Duplication], comes with "share-groups",
    }
    /// Whether whole batches are acquired, or exactly as many records as max.poll.records.
    "share.acquire.mode" {
        Enum, "batch_optimized|record_limit", ["batch_optimized", "-", "-"], "client-start", "1.2",
        affects [Duplication, Latency], comes with "share-groups",
    }
}

ackscope_params::known_params! {
    /// Keys of the brokers and groups for share groups.
    pub static SHARE_GROUP in "share-group";
    /// How often a record is delivered at most before the share group drops it.
    "group.share.delivery.count.limit" {
        Int, "2..10", ["5", "-", "-"], "broker-restart", "1.9",
        aliases ["group:share.delivery.count.limit"], affects [Loss], safer ["10"],
        comes with "share-groups",
    }
    /// How long a record stays with the consumer that acquired it before it is free for others
    /// again.
    "group.share.record.lock.duration.ms" {
        DurationMs, "1000..3600000, between the min and max keys", ["30000", "-", "-"],
        "broker-restart", "1.9", aliases ["group:share.record.lock.duration.ms"],
        affects [Duplication, Latency], comes with "share-groups",
    }
    /// The least lock duration that a share group may set.
    "group.share.min.record.lock.duration.ms" {
        DurationMs, "1000..30000", ["15000", "-", "-"], "broker-restart", "1.9",
        affects [Availability], comes with "share-groups",
    }
    /// The greatest lock duration that a share group may set.
    "group.share.max.record.lock.duration.ms" {
        DurationMs, "30000..3600000", ["60000", "-", "-"], "broker-restart", "1.9",
        affects [Availability], comes with "share-groups",
    }
    /// How many records of a partition a share group may have in flight.
    "group.share.partition.max.record.locks" {
        Int, "100..10000", ["2000", "-", "-"], "broker-restart", "1.9",
        aliases ["group:share.partition.max.record.locks"], affects [Latency, Availability],
        comes with "share-groups",
    }
    /// How many members a share group may have.
    "group.share.max.size" {
        Int, "1..1000", ["200", "-", "-"], "broker-restart", "1.9", affects [Availability],
        comes with "share-groups",
    }
    /// After how long without a heartbeat a member of a share group is removed.
    "group.share.session.timeout.ms" {
        DurationMs, "45000..60000 by default", ["45000", "-", "-"], "broker-restart", "1.9",
        aliases ["group:share.session.timeout.ms"], affects [Duplication, Latency],
        comes with "share-groups",
    }
    /// The least session time-out that a share group may set.
    "group.share.min.session.timeout.ms" {
        DurationMs, ">=1", ["45000", "-", "-"], "broker-restart", "1.9", affects [Availability],
        comes with "share-groups",
    }
    /// The greatest session time-out that a share group may set.
    "group.share.max.session.timeout.ms" {
        DurationMs, ">=1", ["60000", "-", "-"], "broker-restart", "1.9", affects [Availability],
        comes with "share-groups",
    }
    /// How often members of a share group send a heartbeat.
    "group.share.heartbeat.interval.ms" {
        DurationMs, "5000..15000 by default", ["5000", "-", "-"], "broker-restart", "1.9",
        aliases ["group:share.heartbeat.interval.ms"], affects [Latency], comes with "share-groups",
    }
    /// The least heartbeat interval that a share group may set.
    "group.share.min.heartbeat.interval.ms" {
        DurationMs, ">=1", ["5000", "-", "-"], "broker-restart", "1.9", affects [Availability],
        comes with "share-groups",
    }
    /// The greatest heartbeat interval that a share group may set.
    "group.share.max.heartbeat.interval.ms" {
        DurationMs, ">=1", ["15000", "-", "-"], "broker-restart", "1.9", affects [Availability],
        comes with "share-groups",
    }
    /// Into how many partitions the state of share groups is divided.
    "share.coordinator.state.topic.num.partitions" {
        Int, ">=1", ["50", "-", "-"], "broker-restart", "1.9", affects [Availability],
        comes with "share-groups",
    }
    /// Where a share group starts when it has no state yet.
    "share.auto.offset.reset" {
        Enum, "latest|earliest|by_duration:ISO-8601 duration", ["latest", "-", "-"],
        "dynamic-metadata", "1.9", affects [Loss, Duplication], safer ["earliest"],
        comes with "share-groups",
    }
    /// Whether a share group sees records of transactions that are open or aborted.
    "share.isolation.level" {
        Enum, "read_uncommitted|read_committed", ["read_uncommitted", "-", "-"], "dynamic-metadata",
        "1.9", affects [Loss], comes with "share-groups",
    }
    /// Lets consumers prolong the lock of a record that they are still working on.
    "share.renew.acknowledge.enable" {
        Bool, "true|false", ["true", "-", "-"], "dynamic-metadata", "1.9", affects [Duplication],
        comes with "share-groups",
    }
    /// How many brokers keep a copy of the state of share groups.
    "share.coordinator.state.topic.replication.factor" {
        Int, ">=1", ["3", "-", "-"], "broker-restart", "1.9", affects [Loss, Availability],
        safer ["3"], comes with "share-groups",
    }
    /// How many in-sync replicas a write to the state of share groups needs.
    "share.coordinator.state.topic.min.isr" {
        Int, ">=1", ["2", "-", "-"], "broker-restart", "1.9", affects [Loss, Availability],
        safer ["2"], comes with "share-groups",
    }
}

ackscope_params::known_params! {
    /// Keys of the transaction coordinator.
    pub static TRANSACTION_COORDINATOR in "transaction-coordinator";
    /// How many brokers keep a copy of the state of transactions.
    "transaction.state.log.replication.factor" {
        Int, ">=1", ["3", "3", "3"], "broker-restart", "1.8", affects [Loss, Availability],
        safer ["3"], comes with "transactions",
    }
    /// How many in-sync replicas a write to the state of transactions needs.
    "transaction.state.log.min.isr" {
        Int, ">=1", ["2", "2", "2"], "broker-restart", "1.8", affects [Loss, Availability],
        safer ["2"], comes with "transactions",
    }
    /// Into how many partitions the state of transactions is divided; it decides which broker
    /// coordinates a transactional id.
    "transaction.state.log.num.partitions" {
        Int, ">=1", ["50", "50", "50"], "broker-restart", "1.8", affects [Availability],
        comes with "transactions",
    }
    /// The greatest transaction.timeout.ms that a producer may ask for.
    "transaction.max.timeout.ms" {
        DurationMs, ">=1", ["900000", "900000", "900000"], "broker-restart", "1.8",
        affects [Availability], comes with "transactions",
    }
    /// After how long without use a transactional id is forgotten.
    "transactional.id.expiration.ms" {
        DurationMs, ">=1", ["604800000", "604800000", "604800000"], "broker-restart", "1.8",
        affects [Availability], comes with "transactions",
    }
    /// How often the coordinator looks for transactions that have timed out.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms" {
        DurationMs, ">=1", ["10000", "10000", "10000"], "broker-restart", "1.8", affects [Latency],
        comes with "transactions",
    }
    /// How often the coordinator looks for transactional ids that have expired.
    "transaction.remove.expired.transaction.cleanup.interval.ms" {
        DurationMs, ">=1", ["3600000", "3600000", "3600000"], "broker-restart", "1.8",
        affects [Availability], comes with "transactions",
    }
}

ackscope_params::known_params! {
    /// Features that a cluster was formatted with or has had enabled.
    pub static CLUSTER_FEATURE in "cluster-feature";
    /// Lets the controller remember which replicas hold everything that was committed, and elect
    /// only those without loss (KIP-966).
    "eligible.leader.replicas.version" {
        Int, "0..1", ["1", "-", "-"], "dynamic-metadata", "1.11", aliases ["ELR"],
        affects [Loss, Availability], safer ["1"], through "cluster",
    }
    /// Which version of the transaction protocol the cluster speaks; 2 bumps the epoch with every
    /// transaction.
    "transaction.version" {
        Int, "0..2", ["2", "0", "-"], "dynamic-metadata", "1.11", aliases ["TV"],
        affects [Loss, Duplication], safer ["2"], comes with "transactions",
    }
    /// Whether the cluster offers the consumer protocol of KIP-848.
    "group.version" {
        Int, "0..1", ["1", "0", "-"], "dynamic-metadata", "1.11", affects [Availability],
        comes with "consumer-protocol",
    }
    /// Whether the cluster offers share groups.
    "share.version" {
        Int, "0..1", ["1", "-", "-"], "dynamic-metadata", "1.11", affects [Availability],
        comes with "share-groups",
    }
}
