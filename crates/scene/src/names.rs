//! Names as a reader sees them.

use ackscope_kafka::system::Role;
use ackscope_kafka::{Kafka, Tp};
use ackscope_kernel::{HostId, MessageKey, SeatId, World};

/// Names of seats, messages and partitions of one run.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    world: &'a World<Kafka>,
    one_producer: bool,
}

impl<'a> Names<'a> {
    /// The names of this world.
    #[must_use]
    pub fn of(world: &'a World<Kafka>) -> Self {
        let producers = world
            .settings()
            .roles
            .iter()
            .filter(|role| matches!(role, Role::Producer(_)));
        Names {
            world,
            one_producer: producers.count() <= 1,
        }
    }

    /// A seat's name.
    #[must_use]
    pub fn seat(&self, seat: SeatId) -> String {
        self.world.name(seat).to_owned()
    }

    /// Several seats: "b1, b3"; a dash for none.
    #[must_use]
    pub fn seats(&self, seats: &[SeatId]) -> String {
        if seats.is_empty() {
            return "—".to_owned();
        }
        seats
            .iter()
            .map(|seat| self.world.name(*seat))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Several hosts: "b1, b3".
    #[must_use]
    pub fn hosts(&self, hosts: &[HostId]) -> String {
        hosts
            .iter()
            .map(|host| self.world.host_name(*host))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// `m6`, with the producer in front when there are several.
    #[must_use]
    pub fn message(&self, key: MessageKey) -> String {
        if self.one_producer {
            format!("m{}", key.number)
        } else {
            format!("{}.m{}", self.world.name(key.origin), key.number)
        }
    }

    /// Several messages: "m3", "m3, m5", "m3 … m9 (7)".
    #[must_use]
    pub fn messages(&self, keys: impl IntoIterator<Item = MessageKey>) -> String {
        let keys: Vec<MessageKey> = keys.into_iter().collect();
        match keys.as_slice() {
            [] => "—".to_owned(),
            [first, .., last] if keys.len() > 3 => {
                format!(
                    "{} … {} ({})",
                    self.message(*first),
                    self.message(*last),
                    keys.len()
                )
            }
            few => few
                .iter()
                .map(|key| self.message(*key))
                .collect::<Vec<_>>()
                .join(", "),
        }
    }

    /// `orders-0`.
    #[must_use]
    pub fn tp(&self, tp: Tp) -> String {
        format!("{}-{}", self.topic(tp.topic), tp.partition)
    }

    /// A topic's name.
    #[must_use]
    pub fn topic(&self, topic: u16) -> String {
        let topics = &self.world.settings().topics;
        topics
            .get(usize::from(topic))
            .map_or_else(|| topic.to_string(), |t| t.name.to_string())
    }

    /// A reader's name: its group, or the consumer without one.
    #[must_use]
    pub fn reader(&self, reader: u16) -> String {
        let settings = self.world.settings();
        if let Some(group) = settings.groups.get(usize::from(reader)) {
            return group.to_string();
        }
        let seat = settings
            .roles
            .iter()
            .position(|role| matches!(role, Role::Consumer(program) if program.reader == reader));
        seat.and_then(|at| u16::try_from(at).ok())
            .map_or_else(|| reader.to_string(), |at| self.seat(SeatId(at)))
    }
}
