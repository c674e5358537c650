//! Looking at a world without changing it.

use super::{Core, Link, Moment, Physics, Status, World, seat_id};
use crate::disk::Disk;
use crate::ids::{HostId, SeatId};
use crate::net::{Conn, End, Flight, FlightState, Segment};
use crate::system::System;
use crate::time::Time;
use std::sync::Arc;

impl<S: System> World<S> {
    /// The present moment of virtual time.
    #[must_use]
    pub fn now(&self) -> Time {
        self.core.now
    }

    /// The present place in the run.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment {
            at: self.core.now,
            taken: self.core.taken,
        }
    }

    /// How many events of time `at` are done.
    #[must_use]
    pub fn taken_at(&self, at: Time) -> u32 {
        if at == self.core.now {
            self.core.taken
        } else {
            0
        }
    }

    /// The seed of all draws.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.core.seed
    }

    /// The settings of the run.
    #[must_use]
    pub fn settings(&self) -> &S::Settings {
        &self.core.settings
    }

    /// Times of network and disks.
    #[must_use]
    pub fn physics(&self) -> Physics {
        self.core.physics
    }

    /// All seats, in the order in which they were added.
    pub fn seats(&self) -> impl Iterator<Item = SeatId> + use<S> {
        (0..self.core.seats.len()).map(seat_id)
    }

    /// The seat with this name.
    #[must_use]
    pub fn seat_named(&self, name: &str) -> Option<SeatId> {
        self.core.seat_named(name)
    }

    /// The name of a seat.
    #[must_use]
    pub fn name(&self, seat: SeatId) -> &str {
        &self.core.seat(seat).name
    }

    /// The host of a seat.
    #[must_use]
    pub fn host(&self, seat: SeatId) -> HostId {
        self.core.seat(seat).host
    }

    /// The name of a host.
    #[must_use]
    pub fn host_name(&self, host: HostId) -> &str {
        &self.core.hosts[host.0 as usize].name
    }

    /// Whether a host has power.
    #[must_use]
    pub fn powered(&self, host: HostId) -> bool {
        self.core.hosts[host.0 as usize].powered
    }

    /// Whether a seat's process runs, and since when it is so.
    #[must_use]
    pub fn status(&self, seat: SeatId) -> (Status, Time) {
        let s = self.core.seat(seat);
        (s.status, s.since)
    }

    /// Whether the process runs or is frozen, and connections to it are accepted.
    #[must_use]
    pub fn listens(&self, seat: SeatId) -> bool {
        let s = self.core.seat(seat);
        s.status != Status::Down && s.listens
    }

    /// How often the process of a seat has ended.
    #[must_use]
    pub fn incarnation(&self, seat: SeatId) -> u32 {
        self.core.seat(seat).incarnation
    }

    /// The process of a seat, unless it is down.
    #[must_use]
    pub fn process(&self, seat: SeatId) -> Option<&Arc<S::Process>> {
        self.processes[seat.0 as usize].as_ref()
    }

    /// The disk of a seat's host.
    #[must_use]
    pub fn disk(&self, seat: SeatId) -> &Disk<S> {
        &self.core.hosts[self.host(seat).0 as usize].disk
    }

    /// What differs on the way between two hosts, for each pair where something does.
    pub fn links(&self) -> impl Iterator<Item = ((HostId, HostId), Link)> + '_ {
        self.core.links.iter().map(|(pair, link)| (*pair, *link))
    }

    /// Armed timers: whose, which, due when.
    pub fn timers(&self) -> impl Iterator<Item = (SeatId, S::Timer, Time)> + '_ {
        self.core
            .timers
            .iter()
            .map(|((seat, timer), key)| (*seat, *timer, key.0))
    }

    /// The ends of all connections that stand or are being opened: who opened it, and to whom.
    pub fn connections(&self) -> impl Iterator<Item = (SeatId, SeatId)> + '_ {
        let live = |conn: &&Arc<Conn<S::Message>>| {
            conn.ends
                .iter()
                .any(|end| matches!(end, End::Open | End::Opening))
        };
        self.core
            .conns
            .values()
            .filter(live)
            .map(|conn| (conn.seats[0], conn.seats[1]))
    }

    /// All packets that were sent and are neither read nor lost.
    pub fn flights(&self) -> impl Iterator<Item = Flight> + '_ {
        self.core.conns.iter().flat_map(|(id, conn)| {
            (0..2).flat_map(move |way| {
                let w = &conn.ways[way];
                let (from, to) = (conn.seats[way], conn.seats[1 - way]);
                let mut blocked = match w.stuck {
                    Some(_) => Some(FlightState::Stuck),
                    None if w.stalled => Some(FlightState::Stuck),
                    None => None,
                };
                let flight = move |s: &Segment<S::Message>, state| Flight {
                    sent_by: s.entry,
                    conn: *id,
                    from,
                    to,
                    sent: s.sent,
                    due: s.due,
                    state,
                };
                let flying = w.flying.iter().map(move |s| {
                    if s.held {
                        blocked = Some(FlightState::Held);
                    }
                    flight(s, blocked.unwrap_or(FlightState::Flying))
                });
                w.unread
                    .iter()
                    .map(move |s| flight(s, FlightState::Unread))
                    .chain(flying)
            })
        })
    }

    /// When the next event is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Time> {
        self.core.agenda.first_key_value().map(|(key, _)| key.0)
    }
}

impl<S: System> Core<S> {
    pub(crate) fn seat_named(&self, name: &str) -> Option<SeatId> {
        self.seats
            .iter()
            .position(|seat| seat.name == name)
            .map(seat_id)
    }
}
