//! The limit within which Kafka promises to lose nothing: a fault that loses data hits one broker at a
//! time, and only while for each of its partitions another in-sync replica stays up until that broker
//! is back in the ISR. Outside it Kafka itself loses messages (reference S10, end of S13).

use std::collections::BTreeSet;

use ackscope_kafka::metadata::Image;
use ackscope_kafka::{Kafka, KafkaProcess};
use ackscope_kernel::{Act, Flight, FlightState, HostId, SeatId, Status, World};

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
                && is_in_touch(world, image, *seat)
        };
        let mut its = image
            .partitions
            .values()
            .filter(|state| state.replicas.contains(&wounded));
        its.all(|state| state.isr.iter().any(stays))
    }
}

/// The controller's knowledge of the broker is true and stays so: this very process is registered, it
/// runs, and nothing disturbs its way to the controller. One that died and came back stands in the ISR
/// until its old session ends, and leaves it then; a frozen or isolated one is fenced.
fn is_in_touch(world: &World<Kafka>, image: &Image, seat: SeatId) -> bool {
    let registered = image.brokers.get(&seat).map(|r| r.epoch);
    let this_one = world.process(seat).is_some_and(
        |p| matches!(&**p, KafkaProcess::Broker(b) if b.serves() && b.epoch() == registered),
    );
    let controller = world.settings().controller_seat();
    let (here, there) = (world.host(seat), world.host(controller));
    let ways = [(here, there), (there, here)];
    let held = |flight: Flight| {
        flight.state == FlightState::Held
            && [(seat, controller), (controller, seat)].contains(&(flight.from, flight.to))
    };
    this_one
        && world.status(seat).0 == Status::Running
        && !world.disk(seat).full
        && world.links().all(|(way, _)| !ways.contains(&way))
        && !world.flights().any(held)
}

/// The brokers that an act takes down or out of the controller's sight, and whether their data may go
/// with them.
fn effect(act: &Act<Kafka>, world: &World<Kafka>) -> (Vec<SeatId>, bool) {
    let on = |hosts: &[HostId]| -> Vec<SeatId> {
        let brokers = world.settings().broker_seats();
        brokers
            .filter(|b| hosts.contains(&world.host(*b)))
            .collect()
    };
    let of = |seat: SeatId| on(&[world.host(seat)]);
    let controller = world.settings().controller_seat();
    let there = world.host(controller);
    match act {
        // A broker that cannot write halts.
        Act::FillDisk(host, true) => (on(&[*host]), false),
        Act::Crash(seat) | Act::Stop(seat) | Act::Freeze(seat) => (of(*seat), false),
        Act::PowerOff(host, _) | Act::Wipe(host) => (on(&[*host]), true),
        Act::Cut(from, to) => {
            let mut cut_off = Vec::new();
            if to.contains(&there) {
                cut_off.extend(on(from));
            }
            if from.contains(&there) {
                cut_off.extend(on(to));
            }
            (cut_off, false)
        }
        Act::Slow(from, to, _) | Act::Lose(from, to, _) if *from == there || *to == there => {
            (on(&[*from, *to]), false)
        }
        Act::Hold(sent) => {
            let flight = world.flights().find(|flight| flight.sent_by == *sent);
            let ends = flight.map_or_else(Vec::new, |flight| vec![flight.from, flight.to]);
            let reaches = ends.contains(&controller);
            let hosts: Vec<HostId> = ends.into_iter().map(|seat| world.host(seat)).collect();
            (if reaches { on(&hosts) } else { Vec::new() }, false)
        }
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
