//! What the trace remembers of the decisions of Kafka's processes.

use crate::errors::Code;
use crate::records::Tp;
use ackscope_kernel::{Copy, Fact as KernelFact, LedgerLine, MessageKey, SeatId};
use borsh::BorshSerialize;
use std::sync::Arc;

/// How a leader was chosen (reference 2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Election {
    /// From the ISR, or from the ELR when the ISR is empty.
    Clean,
    /// The last known leader: its log may be short (KIP-966).
    LastKnownLeader,
    /// The first live replica in assignment order, whatever its log holds.
    Unclean,
    /// Nobody may lead.
    Nobody,
}

/// Why a consumer stands where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum PositionWhy {
    /// The group's committed offset.
    Committed,
    /// auto.offset.reset.
    Reset,
    /// seek().
    Sought,
    /// The log was truncated below the position (KIP-320).
    Truncated,
}

/// A call of an application on its client library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
#[allow(missing_docs, reason = "each is the method of the same name")]
pub enum Call {
    Create,
    Send,
    Flush,
    Poll,
    Commit,
    CommitAsync,
    Seek,
    Close,
    ReadAll,
    Describe,
    GroupOffsets,
}

/// An exception of a client library, as the recorded cases name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum ClientError {
    /// An error code of the protocol.
    Code(Code),
    /// TimeoutException.
    Timeout,
    /// BufferExhaustedException.
    BufferExhausted,
    /// RecordTooLargeException thrown before sending.
    RecordTooLarge,
    /// A plain KafkaException: closed, or in an error state.
    Kafka,
    /// IllegalStateException.
    IllegalState,
    /// ConfigException of the constructor.
    Config,
    /// CommitFailedException.
    CommitFailed,
    /// RetriableCommitFailedException.
    RetriableCommitFailed,
    /// NoOffsetForPartitionException.
    NoOffsetForPartition,
    /// OffsetOutOfRangeException.
    OffsetOutOfRange,
    /// LogTruncationException.
    LogTruncation,
    /// RebalanceInProgressException.
    RebalanceInProgress,
}

impl ClientError {
    /// The name that the recorded cases use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ClientError::Code(Code::RequestTimedOut) | ClientError::Timeout => "TIMEOUT",
            ClientError::Code(code) => code.name(),
            ClientError::BufferExhausted => "BUFFER_EXHAUSTED",
            ClientError::RecordTooLarge => "MESSAGE_TOO_LARGE",
            ClientError::Kafka => "KAFKA",
            ClientError::IllegalState => "ILLEGAL_STATE",
            ClientError::Config => "CONFIG",
            ClientError::CommitFailed => "COMMIT_FAILED",
            ClientError::RetriableCommitFailed => "RETRIABLE_COMMIT_FAILED",
            ClientError::NoOffsetForPartition => "NO_OFFSET_FOR_PARTITION",
            ClientError::OffsetOutOfRange => "OFFSET_OUT_OF_RANGE",
            ClientError::LogTruncation => "LOG_TRUNCATION",
            ClientError::RebalanceInProgress => "REBALANCE_IN_PROGRESS",
        }
    }

    /// The broker said for certain that it took no copy (reference 3.7), or nothing was ever sent.
    #[must_use]
    pub fn refused(self) -> bool {
        matches!(
            self,
            ClientError::Code(
                Code::NotEnoughReplicas
                    | Code::MessageTooLarge
                    | Code::InvalidTimestamp
                    | Code::InvalidRecord
                    | Code::InvalidRequiredAcks
                    | Code::UnknownTopicOrPartition
            ) | ClientError::RecordTooLarge
                | ClientError::Config
        )
    }
}

/// A decision of one process. The entry says whose.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
#[allow(missing_docs, reason = "the sentence of each fact names its fields")]
pub enum Fact {
    // ---- producers ----
    /// The application called send().
    Offered(MessageKey),
    /// send() succeeded for these; `base` is -1 with acks=0.
    Acked {
        keys: Arc<[MessageKey]>,
        tp: Tp,
        base: i64,
    },
    /// send() failed for these.
    SendFailed {
        keys: Arc<[MessageKey]>,
        error: ClientError,
    },
    /// These will be sent again.
    Retrying {
        keys: Arc<[MessageKey]>,
        error: ClientError,
        attempt: u32,
    },
    /// The client raised its producer epoch and numbers from 0 again, without telling the application.
    EpochBumped { epoch: i16 },
    /// The process ends with these neither acked nor failed (written when it is known).
    Forgotten { keys: Arc<[MessageKey]> },

    // ---- replicas ----
    /// A batch was appended to this replica's log.
    Appended {
        tp: Tp,
        base: i64,
        epoch: i32,
        keys: Arc<[MessageKey]>,
    },
    /// An exact copy of a recent batch: answered, not appended.
    DuplicateDropped {
        tp: Tp,
        base: i64,
        keys: Arc<[MessageKey]>,
    },
    /// A produce request was refused; nothing was appended.
    ProduceRefused {
        tp: Tp,
        error: Code,
        keys: Arc<[MessageKey]>,
    },
    /// A produce request waits for the in-sync replicas.
    Parked { tp: Tp, next: i64 },
    /// The log was cut back to `to`; these are gone from it.
    Truncated {
        tp: Tp,
        to: i64,
        keys: Arc<[(MessageKey, i64)]>,
    },
    /// Retention, compaction or a deletion removed these; the log begins at `start` now.
    Deleted {
        tp: Tp,
        start: i64,
        keys: Arc<[(MessageKey, i64)]>,
    },
    /// The high watermark of this leader moved.
    HighWatermark { tp: Tp, to: i64 },
    /// This broker leads now.
    Leads { tp: Tp, epoch: i32, end: i64 },
    /// This broker follows now.
    Follows {
        tp: Tp,
        epoch: i32,
        leader: Option<SeatId>,
    },
    /// The leader asks for a smaller or larger ISR.
    IsrProposed { tp: Tp, isr: Vec<SeatId> },
    /// This broker has read its log after a start; it ends at `end`.
    Recovered { tp: Tp, end: i64 },

    // ---- the controller ----
    /// A broker registered; `clean`: its clean-shutdown file matched.
    Registered { broker: SeatId, clean: bool },
    /// A broker may not register yet: its old session is alive.
    RegistrationRefused { broker: SeatId },
    /// A broker was fenced: no heartbeat for the session time-out.
    Fenced { broker: SeatId },
    /// A broker may lead and join ISRs.
    Unfenced { broker: SeatId },
    /// A broker began its controlled shutdown.
    ShuttingDown { broker: SeatId },
    /// The state of a partition changed without a change of leader.
    IsrChanged {
        tp: Tp,
        isr: Vec<SeatId>,
        elr: Vec<SeatId>,
    },
    /// The leader of a partition changed.
    Elected {
        tp: Tp,
        leader: Option<SeatId>,
        epoch: i32,
        isr: Vec<SeatId>,
        elr: Vec<SeatId>,
        how: Election,
    },
    /// A topic exists now.
    TopicCreated { topic: u16 },

    // ---- consumers ----
    /// The consumer reads from here now.
    Positioned {
        tp: Tp,
        offset: i64,
        why: PositionWhy,
    },
    /// poll() handed these to the application: offsets `from..to`.
    Handed { tp: Tp, from: i64, to: i64 },
    /// The application processed these records.
    Processed {
        tp: Tp,
        group: u16,
        records: Arc<[(MessageKey, i64)]>,
    },
    /// The application met an exception and processes these no more.
    Dropped {
        tp: Tp,
        records: Arc<[(MessageKey, i64)]>,
    },
    /// An idempotent sink had seen the message: no second effect.
    EffectSuppressed { message: MessageKey },
    /// The group's offset was committed; these messages lie in `from..to`.
    Committed {
        tp: Tp,
        group: u16,
        from: i64,
        to: i64,
        passed: Arc<[MessageKey]>,
    },
    /// The consumer owns these partitions now.
    Assigned { tps: Vec<Tp>, generation: i32 },
    /// A call returned with an error.
    CallFailed { call: Call, error: ClientError },
    /// A call returned.
    CallReturned { call: Call },

    // ---- group coordinator ----
    /// This broker coordinates the groups of this partition now.
    Coordinates { tp: Tp },
    /// A member joined a group or rejoined it.
    MemberJoined { group: Arc<str>, member: u64 },
    /// A member is out: it left, or its session ended.
    MemberGone {
        group: Arc<str>,
        member: u64,
        expired: bool,
    },
    /// The group has a new generation.
    Generation { group: Arc<str>, generation: i32 },
    /// A committed offset is in the coordinator's log below the high watermark.
    OffsetStored {
        group: Arc<str>,
        tp: Tp,
        offset: i64,
    },

    // ---- observers ----
    /// A reader without group read a whole log.
    LogRead {
        tp: Tp,
        start: i64,
        end: i64,
        records: Arc<[(i64, MessageKey)]>,
    },
    /// Somebody asked for a group's offsets.
    OffsetsRead {
        group: Arc<str>,
        offsets: Vec<(Tp, i64)>,
    },
    /// Somebody asked for the state of a partition.
    Described {
        tp: Tp,
        state: Arc<crate::metadata::PartitionState>,
    },
}

impl KernelFact for Fact {
    fn lines(&self, me: SeatId, line: &mut dyn FnMut(LedgerLine)) {
        let copy = |tp: Tp, offset: i64| Copy {
            seat: me,
            log: tp.log_number(),
            offset: offset.unsigned_abs(),
        };
        match self {
            Fact::Offered(key) => line(LedgerLine::Offered(*key)),
            Fact::Acked { keys, base, .. } => {
                for key in keys.iter() {
                    line(if *base < 0 {
                        LedgerLine::Fired(*key)
                    } else {
                        LedgerLine::Confirmed(*key)
                    });
                }
            }
            Fact::SendFailed { keys, error } => {
                keys.iter()
                    .for_each(|key| line(LedgerLine::Failed(*key, error.refused())));
            }
            Fact::Forgotten { keys } => keys
                .iter()
                .for_each(|key| line(LedgerLine::Forgotten(*key))),
            Fact::Appended { tp, base, keys, .. } => {
                for (key, offset) in keys.iter().zip(*base..) {
                    line(LedgerLine::Stored(*key, copy(*tp, offset)));
                }
            }
            Fact::Truncated { tp, keys, .. } => {
                keys.iter()
                    .for_each(|(key, at)| line(LedgerLine::Erased(*key, copy(*tp, *at), false)));
            }
            Fact::Deleted { tp, keys, .. } => {
                keys.iter()
                    .for_each(|(key, at)| line(LedgerLine::Erased(*key, copy(*tp, *at), true)));
            }
            Fact::Processed { group, records, .. } => {
                records
                    .iter()
                    .for_each(|(key, _)| line(LedgerLine::Processed(*key, *group)));
            }
            Fact::Committed { group, passed, .. } => {
                passed
                    .iter()
                    .for_each(|key| line(LedgerLine::Passed(*key, *group)));
            }
            _ => {}
        }
    }
}
