//! What a client is asked for, by number instead of by name.

use super::{Found, Lookup};
use crate::founding;
use crate::scenario::act::{ClientOrder, Place};
use ackscope_kafka::Order;
use ackscope_kafka::system::ProduceOrder;
use ackscope_kernel::{MessageKey, SeatId, Span};

impl Lookup<'_> {
    pub(super) fn order(&self, me: SeatId, order: &ClientOrder) -> Found<Order> {
        Ok(match order {
            ClientOrder::Send {
                messages,
                to,
                size,
                pace_us,
                age_ms,
            } => {
                let (topic, partition) = match to {
                    Place::Topic(name) => {
                        let number = founding::topic_named(self.world.settings(), name);
                        (
                            number.ok_or_else(|| format!("there is no topic {name}"))?,
                            None,
                        )
                    }
                    Place::Partition(name) => {
                        let tp = self.tp(name)?;
                        (tp.topic, Some(tp.partition))
                    }
                };
                let mut keys = Vec::new();
                for some in messages {
                    let origin = match &some.producer {
                        Some(name) => self.seat(name)?,
                        None => me,
                    };
                    keys.extend(
                        (some.first..=some.last).map(|number| MessageKey { origin, number }),
                    );
                }
                Order::Produce(ProduceOrder {
                    topic,
                    partition,
                    messages: keys,
                    size: *size,
                    pace: Span(*pace_us),
                    timestamp_age_ms: *age_ms,
                    key: None,
                })
            }
            ClientOrder::Flush => Order::Flush,
            ClientOrder::Close(us) => Order::Close(Span(*us)),
            ClientOrder::Pause => Order::Run(false),
            ClientOrder::Resume => Order::Run(true),
            ClientOrder::Poll {
                count,
                within_us,
                process,
            } => Order::Poll {
                count: *count,
                timeout: Span(*within_us),
                process: *process,
            },
            ClientOrder::PollStart { sync } => Order::PollStart { sync: *sync },
            ClientOrder::PollStop => Order::PollStop,
            ClientOrder::Commit { offsets, within_us } => {
                let list = offsets
                    .iter()
                    .map(|(name, offset)| Ok((self.tp(name)?, *offset)));
                let list = list.collect::<Found<Vec<_>>>()?;
                let offsets = if list.is_empty() { None } else { Some(list) };
                Order::Commit {
                    offsets,
                    timeout: Span(*within_us),
                }
            }
            ClientOrder::CommitAsync => Order::CommitAsync,
            ClientOrder::Seek { partition, offset } => Order::Seek {
                tp: self.tp(partition)?,
                offset: *offset,
            },
            ClientOrder::SeekToCommitted => Order::SeekToCommitted,
            ClientOrder::Read {
                partition,
                within_us,
            } => Order::ReadAll {
                tp: self.tp(partition)?,
                timeout: Span(*within_us),
            },
            ClientOrder::Describe { partition, brokers } => Order::Describe {
                tp: self.tp(partition)?,
                brokers: brokers
                    .iter()
                    .map(|name| self.seat(name))
                    .collect::<Found<_>>()?,
            },
            ClientOrder::Offsets { group, within_us } => Order::GroupOffsets {
                group: self.group(group)?,
                timeout: Span(*within_us),
            },
        })
    }
}
