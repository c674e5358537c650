//! One call of send() (`KafkaProducer.doSend`; reference 3.1): it may wait for metadata and for memory,
//! max.block.ms for both together.

use super::Producer;
use super::accumulator::Append;
use super::partitioner::partition_for_key;
use super::sizes;
use crate::facts::ClientError;
use crate::records::{Record, Tp};
use crate::system::Kafka;
use ackscope_kernel::{Env, Time};
use borsh::BorshSerialize;

/// A send() that has been called and has not returned.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Send {
    topic: u16,
    partition: Option<u16>,
    pub(super) record: Record,
    /// How much older than the call its timestamp is; without it the client stamps it.
    age_ms: Option<i64>,
    pub(super) called: Time,
    stage: Stage,
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
enum Stage {
    Called,
    WaitsForMetadata,
    WaitsForMemory,
}

/// What a try came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Try {
    /// The record is in the accumulator. `wake`: the sender should look.
    Buffered { wake: bool },
    /// The call is over with a failed future or an exception.
    Failed(ClientError),
    /// It blocks.
    Blocked,
}

impl Send {
    pub(super) fn new(
        topic: u16,
        partition: Option<u16>,
        record: Record,
        age_ms: Option<i64>,
        now: Time,
    ) -> Self {
        Send {
            topic,
            partition,
            record,
            age_ms,
            called: now,
            stage: Stage::Called,
        }
    }

    /// It waits for buffer.memory.
    pub(super) fn waits_for_memory(&self) -> bool {
        self.stage == Stage::WaitsForMemory
    }
}

fn ms(time: Time) -> i64 {
    i64::try_from(time.0 / 1000).unwrap_or(i64::MAX)
}

impl Producer {
    /// Goes on with a call as far as it gets now. `may_allocate`: no other call waits longer for memory.
    pub(super) fn try_send(
        &mut self,
        send: &mut Send,
        may_allocate: bool,
        env: &mut Env<'_, Kafka>,
    ) -> Try {
        let now = env.now();
        let over = now >= send.called + self.config().max_block;
        if send.stage == Stage::Called && self.accumulator.closed {
            return Try::Failed(ClientError::IllegalState);
        }
        let count = self.net.partitions.get(&send.topic).copied().unwrap_or(0);
        if send
            .partition
            .map_or(count == 0, |partition| partition >= count)
        {
            if self.closed {
                return Try::Failed(ClientError::Kafka);
            }
            if over {
                return Try::Failed(ClientError::Timeout);
            }
            send.stage = Stage::WaitsForMetadata;
            self.net.want_topic(send.topic);
            return Try::Blocked;
        }
        if self.accumulator.closed {
            // close() came while it waited.
            return Try::Failed(ClientError::Kafka);
        }
        if send.stage != Stage::WaitsForMemory {
            let bytes = sizes::upper_bound(send.record.size);
            if bytes > self.config().max_request_size || bytes > self.config().buffer_memory {
                return Try::Failed(ClientError::RecordTooLarge);
            }
            send.record.timestamp_ms = match send.age_ms {
                Some(age) => ms(send.called).saturating_sub(age),
                None => ms(now),
            };
        }
        match self.append(send, count, may_allocate, env) {
            Append::Done { wake, .. } => Try::Buffered { wake },
            Append::NoMemory if over => Try::Failed(ClientError::BufferExhausted),
            Append::NoMemory => {
                send.stage = Stage::WaitsForMemory;
                Try::Blocked
            }
        }
    }

    /// Finds the partition and appends (`RecordAccumulator.append`).
    fn append(
        &mut self,
        send: &Send,
        count: u16,
        may_allocate: bool,
        env: &Env<'_, Kafka>,
    ) -> Append {
        let (topic, batch_size, now) = (send.topic, self.config().batch_size, env.now());
        let tp = |partition: u16| Tp { topic, partition };
        let fixed = send
            .partition
            .or(send.record.key.map(|hash| partition_for_key(hash, count)));
        if let Some(partition) = fixed {
            return self
                .accumulator
                .append(tp(partition), send.record, may_allocate, now);
        }
        let leaders = &self.net.leaders;
        let choose = |choices: u32| {
            let led = |p: &u16| {
                leaders
                    .get(&tp(*p))
                    .is_some_and(|info| info.leader.is_some())
            };
            let available: Vec<u16> = (0..count).filter(led).collect();
            let place = u64::from(topic) << 32 | u64::from(env.incarnation());
            let drawn = env.draw([5, place, u64::from(choices)], 0, u64::from(u32::MAX));
            let among = if available.is_empty() {
                usize::from(count)
            } else {
                available.len()
            };
            let at = usize::try_from(drawn).unwrap_or(0) % among.max(1);
            available
                .get(at)
                .copied()
                .unwrap_or(u16::try_from(at).unwrap_or(0))
        };
        let mut at = tp(self.sticky.current(topic, choose));
        if self.accumulator.all_full(at) {
            self.sticky.appended(topic, 0, batch_size, true, choose);
            at = tp(self.sticky.current(topic, choose));
        }
        let appended = self.accumulator.append(at, send.record, may_allocate, now);
        if let Append::Done { bytes, .. } = appended {
            let full = self.accumulator.all_full(at);
            self.sticky.appended(topic, bytes, batch_size, full, choose);
        }
        appended
    }
}
