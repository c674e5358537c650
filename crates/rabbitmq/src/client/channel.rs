//! What a client knows of its channel: sequence numbers, open messages, unsettled deliveries, calls.

use crate::amqp::Method;
use crate::ids::Name;
use crate::params::ChannelMode;
use crate::reply::Code;
use ackscope_kernel::MessageKey;
use borsh::BorshSerialize;
use std::collections::{BTreeMap, VecDeque};

/// Which answer a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(crate) enum Expect {
    /// channel.open, basic.qos or a select while the channel is set up.
    Setup,
    Select,
    Commit,
    Rollback,
    ExchangeDeclare,
    ExchangeDelete,
    ExchangeBind,
    QueueDeclare,
    QueueDelete,
    QueuePurge,
    QueueBind,
    QueueUnbind,
    Consume(Name),
    Cancel(Name),
    Recover,
    Get,
}

impl Expect {
    /// Whether this is the answer.
    fn is(self, answer: &Method) -> bool {
        match (self, answer) {
            (
                Expect::Setup,
                Method::ChannelOpenOk
                | Method::QosOk
                | Method::ConfirmSelectOk
                | Method::TxSelectOk,
            )
            | (Expect::Select, Method::ConfirmSelectOk | Method::TxSelectOk)
            | (Expect::Commit, Method::TxCommitOk)
            | (Expect::Rollback, Method::TxRollbackOk)
            | (Expect::ExchangeDeclare, Method::ExchangeDeclareOk)
            | (Expect::ExchangeDelete, Method::ExchangeDeleteOk)
            | (Expect::ExchangeBind, Method::ExchangeBindOk)
            | (Expect::QueueDeclare, Method::QueueDeclareOk { .. })
            | (Expect::QueueDelete, Method::QueueDeleteOk { .. })
            | (Expect::QueuePurge, Method::QueuePurgeOk { .. })
            | (Expect::QueueBind, Method::QueueBindOk)
            | (Expect::QueueUnbind, Method::QueueUnbindOk)
            | (Expect::Recover, Method::RecoverOk)
            | (Expect::Get, Method::GetOk { .. } | Method::GetEmpty) => true,
            // Without a tag the node makes one.
            (Expect::Consume(tag), Method::ConsumeOk { tag: told }) => {
                tag == Name::EMPTY || tag == *told
            }
            (Expect::Cancel(tag), Method::CancelOk { tag: told }) => tag == *told,
            _ => false,
        }
    }
}

/// A channel as the client sees it.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Channel {
    /// What it is told about its publishes.
    pub mode: ChannelMode,
    /// The code by which the node closed it.
    pub closed: Option<Code>,
    /// The number of the last publish since confirm.select.
    pub sequence: u64,
    /// Published and neither acked nor nacked, by sequence number.
    pub open: BTreeMap<u64, MessageKey>,
    /// Published in the present transaction.
    pub transaction: Vec<MessageKey>,
    /// tx.commit is sent and not answered.
    pub committing: bool,
    /// Deliveries that were neither acked nor refused, by delivery tag: whose, for which consumer.
    pub unsettled: BTreeMap<u64, (MessageKey, Name)>,
    pub(crate) waiting: VecDeque<(Expect, Option<u32>)>,
}

impl Channel {
    pub(crate) fn new(mode: ChannelMode) -> Channel {
        Channel {
            mode,
            closed: None,
            sequence: 0,
            open: BTreeMap::new(),
            transaction: Vec::new(),
            committing: false,
            unsettled: BTreeMap::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Counts a publish.
    pub(crate) fn publish(&mut self, key: MessageKey) {
        match self.mode {
            ChannelMode::None => {}
            ChannelMode::Confirm => {
                self.sequence += 1;
                self.open.insert(self.sequence, key);
            }
            ChannelMode::Tx => self.transaction.push(key),
        }
    }

    /// Takes what an ack or a nack covers out of what is open. Number 0 with `multiple` is all.
    pub(crate) fn confirmed(&mut self, number: u64, multiple: bool) -> Vec<MessageKey> {
        if !multiple {
            return self.open.remove(&number).into_iter().collect();
        }
        let above = match number {
            0 => BTreeMap::new(),
            number => self.open.split_off(&(number + 1)),
        };
        let covered = std::mem::replace(&mut self.open, above);
        covered.into_values().collect()
    }

    pub(crate) fn delivered(&mut self, consumer: Name, tag: u64, key: MessageKey) {
        self.unsettled.insert(tag, (key, consumer));
    }

    /// The latest delivery of a message that is not settled.
    pub(crate) fn latest(&self, key: MessageKey) -> Option<u64> {
        let mut newest = self.unsettled.iter().rev();
        newest.find(|(_, (of, _))| *of == key).map(|(tag, _)| *tag)
    }

    /// Takes what a frame settles out of what is unsettled. Tag 0 with `multiple` is all.
    pub(crate) fn settled(&mut self, tag: u64, multiple: bool) -> Vec<MessageKey> {
        if !multiple {
            let one = self.unsettled.remove(&tag);
            return one.into_iter().map(|(key, _)| key).collect();
        }
        let above = match tag {
            0 => BTreeMap::new(),
            tag => self.unsettled.split_off(&(tag + 1)),
        };
        let covered = std::mem::replace(&mut self.unsettled, above);
        covered.into_values().map(|(key, _)| key).collect()
    }

    /// The messages of the present transaction, which is over.
    pub(crate) fn transacted(&mut self) -> Vec<MessageKey> {
        std::mem::take(&mut self.transaction)
    }

    /// Whose answer this is: the call's number, or nothing within for a step of the set-up.
    pub(crate) fn answered(&mut self, answer: &Method) -> Option<Option<u32>> {
        let place = self
            .waiting
            .iter()
            .position(|(expect, _)| expect.is(answer))?;
        self.waiting.remove(place).map(|(_, call)| call)
    }

    /// The channel is gone: all messages without an answer, in order.
    pub(crate) fn abandon(&mut self) -> Vec<MessageKey> {
        self.unsettled.clear();
        self.committing = false;
        let mut open: Vec<MessageKey> = std::mem::take(&mut self.open).into_values().collect();
        open.extend(std::mem::take(&mut self.transaction));
        open
    }

    /// The channel is gone: all calls without an answer.
    pub(crate) fn unanswered(&mut self) -> Vec<u32> {
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().filter_map(|(_, call)| call).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackscope_kernel::SeatId;

    fn key(number: u32) -> MessageKey {
        MessageKey {
            origin: SeatId(9),
            number,
        }
    }

    #[test]
    fn multiple_covers_what_is_still_open_up_to_the_number() {
        let mut channel = Channel::new(ChannelMode::Confirm);
        (1..=6).for_each(|n| channel.publish(key(n)));
        assert_eq!(channel.confirmed(2, false), [key(2)]);
        assert_eq!(channel.confirmed(4, true), [key(1), key(3), key(4)]);
        assert_eq!(channel.confirmed(4, true), []);
        assert_eq!(channel.confirmed(0, true), [key(5), key(6)]);
        assert!(channel.open.is_empty());
    }

    #[test]
    fn a_message_is_settled_by_its_latest_delivery() {
        let mut channel = Channel::new(ChannelMode::None);
        let tag = Name(1);
        channel.delivered(tag, 1, key(1));
        channel.delivered(tag, 2, key(2));
        channel.delivered(tag, 3, key(1));
        assert_eq!(channel.latest(key(1)), Some(3));
        assert_eq!(channel.settled(3, false), [key(1)]);
        assert_eq!(channel.latest(key(1)), Some(1));
        assert_eq!(channel.settled(2, true), [key(1), key(2)]);
        assert_eq!(channel.latest(key(2)), None);
    }

    #[test]
    fn a_late_answer_finds_its_own_call() {
        let mut channel = Channel::new(ChannelMode::None);
        let (a, b) = (Name(1), Name(2));
        channel.waiting.push_back((Expect::Consume(a), Some(1)));
        channel.waiting.push_back((Expect::Consume(b), Some(2)));
        channel.waiting.push_back((Expect::Cancel(b), Some(3)));
        assert_eq!(
            channel.answered(&Method::ConsumeOk { tag: b }),
            Some(Some(2))
        );
        assert_eq!(channel.answered(&Method::GetEmpty), None);
        assert_eq!(channel.unanswered(), [1, 3]);
    }
}
