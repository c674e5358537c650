//! The limit within which Kafka promises to lose nothing: a fault that loses data hits one broker at a
//! time, and only while for each of its partitions another in-sync replica stays up until that broker
//! is back in the ISR. Outside it Kafka itself loses messages (reference S10, end of S13).

use std::collections::BTreeSet;

use ackscope_kafka::metadata::Image;
use ackscope_kafka::{Kafka, KafkaProcess};
use ackscope_kernel::{Act, HostId, SeatId, Status, World};

use crate::recipe::image;

/// A broker that lost data and is not whole again.
#[derive(Clone, Copy, Debug)]
struct Wounded {
    broker: SeatId,
    /// Its registration when it was hit. An ISR that still has it from that time means nothing.
    epoch: Option<i64>,
}

/// Keeps faults within the limit.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    wounded: Option<Wounded>,
    /// Brokers that were asked to stop: they will be down.
    stopping: BTreeSet<SeatId>,
}

impl Guard {
    /// The broker whose disk may lack what the controller believes it to have.
    pub(super) fn wounded(&self) -> Option<SeatId> {
        self.wounded.map(|wounded| wounded.broker)
    }

    /// Takes note of how the world is now: a wounded broker may be whole, a stopping one down.
    pub(super) fn look(&mut self, world: &World<Kafka>) {
        self.stopping
            .retain(|seat| world.status(*seat).0 != Status::Down);
        let Some(image) = image(world) else { return };
        if self
            .wounded
            .is_some_and(|wounded| is_whole(world, image, wounded))
        {
            self.wounded = None;
        }
    }

    /// Whether this act stays within the limit now.
    pub(super) fn allows(&self, act: &Act<Kafka>, world: &World<Kafka>) -> bool {
        let (downs, loses) = effect(act, world);
        if downs.is_empty() {
            return true;
        }
        let Some(image) = image(world) else {
            return false;
        };
        let wounded = match (self.wounded, loses) {
            (Some(wounded), true) if !downs.contains(&wounded.broker) => return false,
            (Some(wounded), _) => Some(wounded.broker),
            (None, true) => downs.first().copied(),
            (None, false) => None,
        };
        wounded.is_none_or(|wounded| self.others_stay(wounded, &downs, image, world))
    }

    /// Takes note of an act that is done now.
    pub(super) fn done(&mut self, act: &Act<Kafka>, world: &World<Kafka>) {
        let (downs, loses) = effect(act, world);
        match act {
            Act::Stop(_) => self.stopping.extend(downs),
            _ if loses => {
                let registration =
                    |broker| image(world).and_then(|image| image.brokers.get(&broker));
                self.wounded = downs.first().map(|broker| Wounded {
                    broker: *broker,
                    epoch: registration(*broker).map(|r| r.epoch),
                });
            }
            _ => {}
        }
    }

    /// For each partition of the wounded broker another in-sync replica is up and stays so after
    /// `downs` went down.
    fn others_stay(
        &self,
        wounded: SeatId,
        downs: &[SeatId],
        image: &Image,
        world: &World<Kafka>,
    ) -> bool {
        let stays = |seat: &SeatId| {
            *seat != wounded
                && !downs.contains(seat)
                && !self.stopping.contains(seat)
                && world.status(*seat).0 != Status::Down
                && !world.disk(*seat).full
        };
        let mut its = image
            .partitions
            .values()
            .filter(|state| state.replicas.contains(&wounded));
        its.all(|state| state.isr.iter().any(stays))
    }
}

/// The brokers that an act takes down, and whether their data may go with them.
fn effect(act: &Act<Kafka>, world: &World<Kafka>) -> (Vec<SeatId>, bool) {
    let is_broker = |seat: &SeatId| world.settings().broker_seats().any(|b| b == *seat);
    let on = |host: HostId| -> Vec<SeatId> {
        let mut seats: Vec<SeatId> = world.seats().filter(|s| world.host(*s) == host).collect();
        seats.retain(is_broker);
        seats
    };
    match act {
        Act::Crash(seat) | Act::Stop(seat) if is_broker(seat) => (vec![*seat], false),
        // A broker that cannot write halts.
        Act::FillDisk(host, true) => (on(*host), false),
        Act::PowerOff(host, _) | Act::Wipe(host) => (on(*host), true),
        _ => (Vec::new(), false),
    }
}

/// The broker runs, registered anew, and is in the ISR of all its partitions.
fn is_whole(world: &World<Kafka>, image: &Image, wounded: Wounded) -> bool {
    let Wounded { broker, epoch } = wounded;
    let registered = image
        .brokers
        .get(&broker)
        .is_some_and(|r| !r.fenced && Some(r.epoch) > epoch);
    let serves = world
        .process(broker)
        .is_some_and(|p| matches!(&**p, KafkaProcess::Broker(b) if b.serves()));
    let mut its = image
        .partitions
        .values()
        .filter(|state| state.replicas.contains(&broker));
    registered && serves && its.all(|state| state.isr.contains(&broker))
}
