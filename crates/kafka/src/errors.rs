//! Kafka's error codes (`org.apache.kafka.common.protocol.Errors`), as far as the model answers them.

use borsh::BorshSerialize;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $text:literal $retriable:literal),+ $(,)?) => {
        /// An error code of Kafka's protocol, or `NONE`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
        #[borsh(use_discriminant = true)]
        pub enum Code { $($(#[$doc])* $name = $code),+ }

        impl Code {
            /// The name in Kafka's `Errors` enum.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Code::$name => $text),+ }
            }

            /// The code of this number.
            #[must_use]
            pub fn from_number(number: i64) -> Option<Code> {
                [$(Code::$name),+].into_iter().find(|code| *code as i64 == number)
            }

            /// Whether the client may try again (reference 3.7).
            #[must_use]
            pub fn retriable(self) -> bool {
                match self { $(Code::$name => $retriable),+ }
            }
        }
    };
}

codes! {
    /// No error.
    None = 0 "NONE" false,
    /// The offset is outside the log.
    OffsetOutOfRange = 1 "OFFSET_OUT_OF_RANGE" false,
    /// The batch failed its checksum.
    CorruptMessage = 2 "CORRUPT_MESSAGE" true,
    /// The broker does not know the partition.
    UnknownTopicOrPartition = 3 "UNKNOWN_TOPIC_OR_PARTITION" true,
    /// There is no leader now.
    LeaderNotAvailable = 5 "LEADER_NOT_AVAILABLE" true,
    /// The broker does not lead (or follow) the partition.
    NotLeaderOrFollower = 6 "NOT_LEADER_OR_FOLLOWER" true,
    /// The broker gave up waiting.
    RequestTimedOut = 7 "REQUEST_TIMED_OUT" true,
    /// The batch is larger than max.message.bytes.
    MessageTooLarge = 10 "MESSAGE_TOO_LARGE" false,
    /// The connection broke.
    NetworkException = 13 "NETWORK_EXCEPTION" true,
    /// The coordinator reads its log.
    CoordinatorLoadInProgress = 14 "COORDINATOR_LOAD_IN_PROGRESS" true,
    /// There is no coordinator now.
    CoordinatorNotAvailable = 15 "COORDINATOR_NOT_AVAILABLE" true,
    /// The broker does not coordinate this group.
    NotCoordinator = 16 "NOT_COORDINATOR" true,
    /// The ISR is smaller than min.insync.replicas; nothing was appended.
    NotEnoughReplicas = 19 "NOT_ENOUGH_REPLICAS" true,
    /// Appended, and the ISR is smaller than min.insync.replicas.
    NotEnoughReplicasAfterAppend = 20 "NOT_ENOUGH_REPLICAS_AFTER_APPEND" true,
    /// Unknown value of acks.
    InvalidRequiredAcks = 21 "INVALID_REQUIRED_ACKS" false,
    /// The generation is not the group's.
    IllegalGeneration = 22 "ILLEGAL_GENERATION" false,
    /// The member is not in the group.
    UnknownMemberId = 25 "UNKNOWN_MEMBER_ID" false,
    /// session.timeout.ms lies outside the broker's range.
    InvalidSessionTimeout = 26 "INVALID_SESSION_TIMEOUT" false,
    /// The group rebalances.
    RebalanceInProgress = 27 "REBALANCE_IN_PROGRESS" false,
    /// The record's timestamp is outside the allowed range.
    InvalidTimestamp = 32 "INVALID_TIMESTAMP" false,
    /// This controller is not the active one, or behind.
    NotController = 41 "NOT_CONTROLLER" true,
    /// The request makes no sense.
    InvalidRequest = 42 "INVALID_REQUEST" false,
    /// The sequence number is not the next one.
    OutOfOrderSequenceNumber = 45 "OUT_OF_ORDER_SEQUENCE_NUMBER" false,
    /// The producer epoch is older than the one known.
    InvalidProducerEpoch = 47 "INVALID_PRODUCER_EPOCH" false,
    /// The disk failed.
    KafkaStorageError = 56 "KAFKA_STORAGE_ERROR" true,
    /// There is no such group.
    GroupIdNotFound = 69 "GROUP_ID_NOT_FOUND" false,
    /// The leader epoch is older than the broker's.
    FencedLeaderEpoch = 74 "FENCED_LEADER_EPOCH" true,
    /// The leader epoch is newer than the broker's.
    UnknownLeaderEpoch = 75 "UNKNOWN_LEADER_EPOCH" true,
    /// The broker epoch is not the registered one.
    StaleBrokerEpoch = 77 "STALE_BROKER_EPOCH" false,
    /// The end offset is not settled yet on a fresh leader.
    OffsetNotAvailable = 78 "OFFSET_NOT_AVAILABLE" true,
    /// Join again with the id in the answer.
    MemberIdRequired = 79 "MEMBER_ID_REQUIRED" false,
    /// Another member took over this group.instance.id.
    FencedInstanceId = 82 "FENCED_INSTANCE_ID" false,
    /// The record may not be in this topic (no key in a compacted one).
    InvalidRecord = 87 "INVALID_RECORD" false,
    /// The partition epoch is older than the controller's.
    InvalidUpdateVersion = 95 "INVALID_UPDATE_VERSION" false,
    /// A broker with this id is registered and alive.
    DuplicateBrokerRegistration = 101 "DUPLICATE_BROKER_REGISTRATION" false,
    /// A proposed ISR member may not be one.
    IneligibleReplica = 107 "INELIGIBLE_REPLICA" false,
}

impl Code {
    /// Errors after which a client asks for metadata (reference 3.4).
    #[must_use]
    pub fn invalid_metadata(self) -> bool {
        matches!(
            self,
            Code::NotLeaderOrFollower
                | Code::FencedLeaderEpoch
                | Code::UnknownTopicOrPartition
                | Code::LeaderNotAvailable
                | Code::KafkaStorageError
                | Code::NetworkException
        )
    }
}
