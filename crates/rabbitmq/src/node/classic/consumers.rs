//! The consumers of a classic queue and who gets the next message (`rabbit_queue_consumers`; reference 3.3, 4.3,
//! 4.8).
//!
//! Among the consumers of the highest priority that have credit the queue goes round. A consumer that has used
//! its credit, or whose channel does not keep up, waits until there is room again and then goes to the end.

use crate::ids::{Name, Pid};
use borsh::BorshSerialize;
use std::collections::BTreeMap;

/// How many deliveries a channel may have in hand before the queue waits for it
/// (`classic_queue_consumer_unsent_message_limit`).
pub const UNSENT_LIMIT: u32 = 200;

/// A consumer as the queue knows it: the channel and the tag.
pub type Who = (Pid, Name);

/// One consumer.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Consumer {
    /// Deliveries have to be settled.
    pub ack_required: bool,
    /// At most so many unsettled ones; 0: no limit. Counts only with `ack_required`.
    pub prefetch: u16,
    /// `x-priority`.
    pub priority: i64,
    /// Unsettled deliveries.
    in_flight: u32,
    /// It has no credit, or its channel does not keep up.
    blocked: bool,
    /// Its turn among those of its priority.
    turn: u64,
}

/// What a channel has of this queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
struct Channel {
    /// Unsettled deliveries: number, and the consumer's tag unless it was a basic.get.
    unacked: BTreeMap<u64, Option<Name>>,
    unsent: u32,
    /// The prefetch that its consumers share; 0: none.
    shared: u16,
    /// Unsettled deliveries to its consumers.
    in_flight: u32,
}

impl Channel {
    fn full(&self) -> bool {
        self.unsent >= UNSENT_LIMIT
    }

    fn spent(&self) -> bool {
        self.shared > 0 && self.in_flight >= u32::from(self.shared)
    }
}

/// All consumers and channels of a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Consumers {
    consumers: BTreeMap<Who, Consumer>,
    channels: BTreeMap<Pid, Channel>,
    turns: u64,
}

/// What a channel leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Its unsettled deliveries, in order.
    pub unacked: Vec<u64>,
    /// How many consumers it had.
    pub consumers: u32,
}

impl Consumers {
    fn turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    /// How many consumers there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.consumers.len()).unwrap_or(u32::MAX)
    }

    /// The consumers, in the order of channels and tags.
    pub fn iter(&self) -> impl Iterator<Item = (Who, &Consumer)> {
        self.consumers
            .iter()
            .map(|(who, consumer)| (*who, consumer))
    }

    /// A new consumer, last of its priority.
    pub fn add(&mut self, who: Who, ack_required: bool, prefetch: u16, priority: i64) {
        let turn = self.turn();
        self.channels.entry(who.0).or_default();
        self.consumers.insert(
            who,
            Consumer {
                ack_required,
                prefetch,
                priority,
                in_flight: 0,
                blocked: false,
                turn,
            },
        );
    }

    /// A consumer ends. Its unsettled deliveries stay with the channel.
    pub fn remove(&mut self, who: Who) -> bool {
        self.consumers.remove(&who).is_some()
    }

    /// Who stands first of all that are not blocked: the next single active consumer.
    #[must_use]
    pub fn first(&self) -> Option<Who> {
        self.consumers
            .iter()
            .filter(|(_, consumer)| !consumer.blocked)
            .min_by_key(|(_, consumer)| (std::cmp::Reverse(consumer.priority), consumer.turn))
            .map(|(who, _)| *who)
    }

    /// Whether this one may get a message; if not it is blocked from now on.
    fn may(&mut self, who: Who) -> bool {
        let channel = self.channels.get(&who.0);
        let full = channel.is_some_and(Channel::full);
        let shared = channel.is_some_and(Channel::spent);
        let turn = self.turn();
        let Some(consumer) = self.consumers.get_mut(&who) else {
            return false;
        };
        let own = consumer.prefetch > 0 && consumer.in_flight >= u32::from(consumer.prefetch);
        let spent = consumer.ack_required && (own || shared);
        if full || spent {
            consumer.blocked = true;
            consumer.turn = turn;
            return false;
        }
        true
    }

    /// Who gets the next message, and whether it has to be settled. With a single active consumer nobody else
    /// is asked.
    pub fn choose(&mut self, single_active: Option<Option<Who>>) -> Option<(Who, bool)> {
        let who = match single_active {
            Some(active) => {
                let who = active.filter(|who| self.consumers.contains_key(who))?;
                self.may(who).then_some(who)?
            }
            None => loop {
                let who = self.first()?;
                if self.may(who) {
                    break who;
                }
            },
        };
        let turn = self.turn();
        let consumer = self.consumers.get_mut(&who)?;
        consumer.turn = turn;
        if consumer.ack_required {
            consumer.in_flight += 1;
        }
        let ack_required = consumer.ack_required;
        if let Some(channel) = self.channels.get_mut(&who.0) {
            channel.unsent += 1;
            if ack_required {
                channel.in_flight += 1;
            }
        }
        Some((who, ack_required))
    }

    /// A delivery that has to be settled went to a channel.
    pub fn record(&mut self, channel: Pid, seq: u64, tag: Option<Name>) {
        let held = self.channels.entry(channel).or_default();
        held.unacked.insert(seq, tag);
    }

    /// Whether the queue deals with this channel already.
    #[must_use]
    pub fn knows(&self, channel: Pid) -> bool {
        self.channels.contains_key(&channel)
    }

    /// Unsettled deliveries of a channel, in order.
    pub fn unacked_of(&self, channel: Pid) -> impl Iterator<Item = u64> + '_ {
        let held = self.channels.get(&channel);
        held.into_iter().flat_map(|c| c.unacked.keys().copied())
    }

    /// A channel settles deliveries: those that it really has, in the order it named them, and whether a
    /// consumer has room again.
    pub fn settle(&mut self, channel: Pid, seqs: &[u64]) -> (Vec<u64>, bool) {
        let mut known = Vec::new();
        let mut tags = Vec::new();
        if let Some(held) = self.channels.get_mut(&channel) {
            for seq in seqs {
                if let Some(tag) = held.unacked.remove(seq) {
                    known.push(*seq);
                    if let Some(tag) = tag {
                        tags.push(tag);
                        held.in_flight = held.in_flight.saturating_sub(1);
                    }
                }
            }
        }
        for tag in tags {
            if let Some(consumer) = self.consumers.get_mut(&(channel, tag)) {
                consumer.in_flight = consumer.in_flight.saturating_sub(1);
            }
        }
        let unblocked = self.unblock(channel);
        (known, unblocked)
    }

    /// A channel has passed on so many deliveries. Whether a consumer has room again.
    pub fn sent(&mut self, channel: Pid, count: u32) -> bool {
        if let Some(held) = self.channels.get_mut(&channel) {
            held.unsent = held.unsent.saturating_sub(count);
        }
        self.unblock(channel)
    }

    /// The consumers of a channel share this prefetch from now on. Whether one has room again.
    ///
    /// A shared prefetch counts over all queues of a channel; here each queue counts its own part, which is the
    /// same for a channel that consumes from one queue.
    pub fn share(&mut self, channel: Pid, limit: u16) -> bool {
        self.channels.entry(channel).or_default().shared = limit;
        self.unblock(channel)
    }

    fn unblock(&mut self, channel: Pid) -> bool {
        let held = self.channels.get(&channel);
        if held.is_some_and(Channel::full) {
            return false;
        }
        let shared = held.is_some_and(Channel::spent);
        let mut free: Vec<(u64, Who)> = self
            .consumers
            .iter()
            .filter(|(who, consumer)| {
                let own =
                    consumer.prefetch == 0 || consumer.in_flight < u32::from(consumer.prefetch);
                let credit = !consumer.ack_required || (own && !shared);
                who.0 == channel && consumer.blocked && credit
            })
            .map(|(who, consumer)| (consumer.turn, *who))
            .collect();
        free.sort_unstable();
        for (_, who) in &free {
            let turn = self.turn();
            if let Some(consumer) = self.consumers.get_mut(who) {
                consumer.blocked = false;
                consumer.turn = turn;
            }
        }
        !free.is_empty()
    }

    /// A channel is gone.
    pub fn erase(&mut self, channel: Pid) -> Option<Left> {
        let held = self.channels.remove(&channel)?;
        let before = self.consumers.len();
        self.consumers.retain(|who, _| who.0 != channel);
        Some(Left {
            unacked: held.unacked.into_keys().collect(),
            consumers: u32::try_from(before - self.consumers.len()).unwrap_or(u32::MAX),
        })
    }

    /// All channels that the queue deals with.
    pub fn channels(&self) -> impl Iterator<Item = Pid> + '_ {
        self.channels.keys().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::classic::lab::channel;

    fn who(number: u16) -> Who {
        (channel(number), Name(number))
    }

    fn turns(consumers: &mut Consumers, times: usize) -> Vec<u16> {
        (0..times)
            .filter_map(|_| consumers.choose(None))
            .map(|(who, _)| who.1.0)
            .collect()
    }

    #[test]
    fn the_queue_goes_round_among_those_with_credit() {
        let mut consumers = Consumers::default();
        consumers.add(who(1), true, 1, 0);
        consumers.add(who(2), true, 2, 0);
        consumers.add(who(3), false, 1, 0);
        // 1 has one credit, 2 two; 3 needs none because it does not settle.
        assert_eq!(turns(&mut consumers, 6), [1, 2, 3, 2, 3, 3]);
        consumers.record(channel(1), 10, Some(Name(1)));
        let (known, unblocked) = consumers.settle(channel(1), &[10, 11]);
        assert_eq!(known, [10]);
        assert!(unblocked);
        assert_eq!(turns(&mut consumers, 2), [3, 1]);
    }

    #[test]
    fn a_higher_priority_is_served_while_it_has_credit() {
        let mut consumers = Consumers::default();
        consumers.add(who(1), true, 0, 0);
        consumers.add(who(2), true, 2, 10);
        assert_eq!(turns(&mut consumers, 4), [2, 2, 1, 1]);
    }

    #[test]
    fn a_channel_that_does_not_keep_up_gets_200_at_most() {
        let mut consumers = Consumers::default();
        consumers.add(who(1), false, 0, 0);
        assert_eq!(turns(&mut consumers, 300).len(), 200);
        assert!(consumers.sent(channel(1), 50));
        assert_eq!(turns(&mut consumers, 300).len(), 50);
    }

    #[test]
    fn the_consumers_of_a_channel_can_share_a_prefetch() {
        let mut consumers = Consumers::default();
        let (first, second) = ((channel(1), Name(1)), (channel(1), Name(2)));
        consumers.share(channel(1), 2);
        consumers.add(first, true, 0, 0);
        consumers.add(second, true, 0, 0);
        assert_eq!(turns(&mut consumers, 3), [1, 2]);
        consumers.record(channel(1), 0, Some(Name(1)));
        consumers.record(channel(1), 1, Some(Name(2)));
        assert!(consumers.settle(channel(1), &[0]).1);
        assert_eq!(turns(&mut consumers, 3).len(), 1);
        assert!(consumers.share(channel(1), 0));
        assert_eq!(turns(&mut consumers, 3).len(), 3);
    }

    #[test]
    fn only_the_single_active_consumer_is_asked() {
        let mut consumers = Consumers::default();
        consumers.add(who(1), true, 1, 0);
        consumers.add(who(2), true, 1, 0);
        let active = Some(Some(who(1)));
        assert_eq!(consumers.choose(active).map(|c| c.0), Some(who(1)));
        assert_eq!(consumers.choose(active), None);
        assert_eq!(consumers.choose(Some(None)), None);
    }

    #[test]
    fn a_channel_leaves_its_unsettled_deliveries_behind() {
        let mut consumers = Consumers::default();
        consumers.add(who(1), true, 0, 0);
        consumers.record(channel(1), 4, Some(Name(1)));
        consumers.record(channel(1), 2, None);
        assert!(consumers.remove(who(1)));
        let left = consumers.erase(channel(1)).unwrap();
        assert_eq!(left.unacked, [2, 4]);
        assert_eq!(left.consumers, 0);
        assert_eq!(consumers.erase(channel(1)), None);
    }
}
