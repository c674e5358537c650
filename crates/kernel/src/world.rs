//! The world: hosts, seats, connections, agenda. One [`World::step`] does the earliest thing due.

use crate::act::{Act, Keep};
use crate::dice::{self, Purpose};
use crate::disk::Disk;
use crate::env::Env;
use crate::ids::{ConnId, EntryId, HostId, SeatId};
use crate::net::{self, CloseWhy, Conn, End, Flight, FlightState, Packet, Segment};
use crate::sorted::{SortedMap, SortedSet};
use crate::system::{Brief, Input, Message, Process, System};
use crate::time::{Span, Time};
use crate::trace::{Causes, DownWhy, Entry, Trace, What};
use borsh::BorshSerialize;
use std::sync::Arc;

/// A place in a run: a time, and how many events of that time are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct Moment {
    /// The time.
    pub at: Time,
    /// Events done at that time.
    pub taken: u32,
}

/// Whether a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Status {
    /// It runs.
    Running,
    /// It exists and does nothing.
    Frozen,
    /// It does not exist.
    Down,
}

#[derive(Clone, Debug, BorshSerialize)]
pub(crate) struct Seat<S: System> {
    pub(crate) name: String,
    pub(crate) host: HostId,
    pub(crate) status: Status,
    pub(crate) incarnation: u32,
    /// What became due while the process was frozen.
    deferred: Vec<Due<S>>,
    /// Connections that were reset or refused while the process was frozen.
    untold: Vec<(ConnId, Option<CloseWhy>)>,
    /// Connections to the process are accepted.
    pub(crate) listens: bool,
    /// When the present status began.
    pub(crate) since: Time,
}

#[derive(Clone, Debug, BorshSerialize)]
pub(crate) struct Host<S: System> {
    pub(crate) name: String,
    pub(crate) powered: bool,
    pub(crate) disk: Arc<Disk<S>>,
    slow_disk: Span,
    /// Files whose write-back is in the agenda.
    dirty: SortedSet<S::File>,
}

/// What differs on the way from one host to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Link {
    /// Packets vanish.
    pub cut: bool,
    /// Each packet takes this much longer.
    pub slow: Span,
    /// Share of packets lost, parts per million.
    pub loss_ppm: u32,
}

/// Times of network and disks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Physics {
    /// Shortest and longest time of a hop between hosts.
    pub hop: (Span, Span),
    /// Shortest and longest time of a sync.
    pub sync: (Span, Span),
    /// Shortest and longest time until the operating system writes dirty pages back
    /// (Linux: 5 to 30 s).
    pub write_back: (Span, Span),
}

impl Default for Physics {
    fn default() -> Self {
        Physics {
            hop: (Span(250), Span(600)),
            sync: (Span(2_000), Span(6_000)),
            write_back: (Span::secs(5), Span::secs(30)),
        }
    }
}

#[derive(Clone, Debug, BorshSerialize)]
enum Due<S: System> {
    Arrive(ConnId, u8),
    Readable(ConnId, u8),
    GiveUp(ConnId, u8, Time),
    Timer(SeatId, S::Timer),
    Synced {
        seat: SeatId,
        incarnation: u32,
        file: S::File,
        token: u64,
        upto: u64,
    },
    WriteBack(HostId, S::File),
}

impl<S: System> Due<S> {
    /// The kind decides between things due at the same time: arrivals, then timers, then the disk.
    fn kind(&self) -> u8 {
        match self {
            Due::Arrive(..) => 0,
            Due::Readable(..) => 1,
            Due::GiveUp(..) => 2,
            Due::Timer(..) => 3,
            Due::Synced { .. } => 4,
            Due::WriteBack(..) => 5,
        }
    }
}

type Key = (Time, u8, u64);

/// Everything but the processes themselves, so that a process can act on it while it runs.
#[derive(Clone, Debug, BorshSerialize)]
pub(crate) struct Core<S: System> {
    pub(crate) seed: u64,
    pub(crate) now: Time,
    taken: u32,
    pub(crate) settings: Arc<S::Settings>,
    pub(crate) physics: Physics,
    pub(crate) seats: Vec<Seat<S>>,
    pub(crate) hosts: Vec<Host<S>>,
    pub(crate) conns: SortedMap<ConnId, Arc<Conn<S::Message>>>,
    links: SortedMap<(HostId, HostId), Link>,
    agenda: SortedMap<Key, Due<S>>,
    timers: SortedMap<(SeatId, S::Timer), Key>,
    next_conn: u32,
    next_key: u64,
    up_to_date: bool,
}

/// A world. Cloning one is cheap: processes, disks and logs are shared until they change.
#[derive(Clone, Debug, BorshSerialize)]
pub struct World<S: System> {
    core: Core<S>,
    processes: Vec<Option<Arc<S::Process>>>,
}

impl<S: System> Core<S> {
    fn schedule(&mut self, at: Time, due: Due<S>) -> Key {
        let key = (at.max(self.now), due.kind(), self.next_key);
        self.next_key += 1;
        self.agenda.insert(key, due);
        key
    }

    pub(crate) fn seat_named(&self, name: &str) -> Option<SeatId> {
        self.seats
            .iter()
            .position(|seat| seat.name == name)
            .map(seat_id)
    }

    fn seat(&self, id: SeatId) -> &Seat<S> {
        &self.seats[id.0 as usize]
    }

    fn seat_mut(&mut self, id: SeatId) -> &mut Seat<S> {
        &mut self.seats[id.0 as usize]
    }

    fn link(&self, from: SeatId, to: SeatId) -> Link {
        if self.links.is_empty() {
            return Link::default();
        }
        self.links
            .get(&(self.seat(from).host, self.seat(to).host))
            .copied()
            .unwrap_or_default()
    }

    // ---- timers ----

    pub(crate) fn arm(&mut self, seat: SeatId, timer: S::Timer, at: Time) {
        if at == Time::NEVER {
            return self.disarm(seat, timer);
        }
        // A timer takes at least a microsecond, so that a process that re-arms at once cannot stop time.
        let at = at.max(self.now + Span(1));
        if let Some(old) = self.timers.get(&(seat, timer)) {
            if old.0 == at {
                return;
            }
            self.agenda.remove(old);
        }
        let key = self.schedule(at, Due::Timer(seat, timer));
        self.timers.insert((seat, timer), key);
    }

    pub(crate) fn disarm(&mut self, seat: SeatId, timer: S::Timer) {
        if let Some(key) = self.timers.remove(&(seat, timer)) {
            self.agenda.remove(&key);
        }
    }

    pub(crate) fn armed(&self, seat: SeatId, timer: S::Timer) -> Option<Time> {
        self.timers.get(&(seat, timer)).map(|key| key.0)
    }

    fn forget_timers(&mut self, seat: SeatId) {
        let mine: Vec<_> = self
            .timers
            .keys()
            .filter(|(s, _)| *s == seat)
            .copied()
            .collect();
        for (seat, timer) in mine {
            self.disarm(seat, timer);
        }
        self.seat_mut(seat).deferred.clear();
        self.seat_mut(seat).untold.clear();
    }

    // ---- disk ----

    pub(crate) fn schedule_write_back(&mut self, host: HostId, file: &S::File) {
        if !self.hosts[host.0 as usize].dirty.contains(file) {
            self.hosts[host.0 as usize].dirty.insert(file.clone());
            let drawn = dice::roll(
                self.seed,
                Purpose::WriteBack,
                &[
                    u64::from(host.0),
                    crate::digest::of(file),
                    self.now.0 / 5_000_000,
                ],
            );
            let (low, high) = self.physics.write_back;
            let at = self.now + Span(dice::within(drawn, low.0, high.0));
            self.schedule(at, Due::WriteBack(host, file.clone()));
        }
    }

    pub(crate) fn schedule_sync(&mut self, seat: SeatId, file: &S::File, token: u64) {
        let host = &self.hosts[self.seat(seat).host.0 as usize];
        let upto = host.disk.len(file);
        let (low, high) = self.physics.sync;
        let key = [u64::from(seat.0), crate::digest::of(file), upto];
        let took = dice::within(dice::roll(self.seed, Purpose::Sync, &key), low.0, high.0);
        let at = self.now + Span(took) + host.slow_disk;
        let incarnation = self.seat(seat).incarnation;
        self.schedule(
            at,
            Due::Synced {
                seat,
                incarnation,
                file: file.clone(),
                token,
                upto,
            },
        );
    }

    // ---- connections ----

    pub(crate) fn open(
        &mut self,
        from: SeatId,
        to: SeatId,
        causes: Causes,
        trace: &mut Trace<S>,
    ) -> ConnId {
        let id = ConnId(self.next_conn);
        self.next_conn += 1;
        self.conns.insert(id, Arc::new(Conn::new(from, to)));
        self.put(
            id,
            0,
            Packet::Syn,
            Brief::control(Brief::SYN),
            [0; 3],
            60,
            causes,
            trace,
        );
        id
    }

    pub(crate) fn send(
        &mut self,
        from: SeatId,
        id: ConnId,
        message: S::Message,
        causes: Causes,
        trace: &mut Trace<S>,
    ) -> EntryId {
        let Some(conn) = self.conns.get(&id) else {
            return EntryId::NONE;
        };
        let way = conn.end_of(from);
        if matches!(conn.ends[way], End::Closed | End::Dead) {
            return EntryId::NONE;
        }
        let (brief, meaning, size) = (message.brief(), message.meaning(), message.size());
        self.put(
            id,
            way,
            Packet::Data(message),
            brief,
            meaning,
            size,
            causes,
            trace,
        )
    }

    pub(crate) fn close(&mut self, seat: SeatId, id: ConnId, causes: Causes, trace: &mut Trace<S>) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let end = conn.end_of(seat);
        if matches!(conn.ends[end], End::Closed | End::Dead) {
            return;
        }
        let conn = Arc::make_mut(conn);
        let was = conn.ends[end];
        conn.ends[end] = End::Closed;
        let way_in = &mut conn.ways[1 - end];
        // Data that arrived and was not read makes close() answer with RST instead of FIN.
        let unread = way_in
            .unread
            .iter()
            .any(|s| matches!(s.packet, Packet::Data(_)));
        let lost: Vec<_> = way_in.unread.drain(..).map(|s| s.entry).collect();
        way_in.unread_bytes = 0;
        for sent in lost {
            self.vanish(seat, sent, trace);
        }
        if was == End::Open {
            let (packet, kind) = if unread {
                (Packet::Rst, Brief::RST)
            } else {
                (Packet::Fin, Brief::FIN)
            };
            self.put(
                id,
                end,
                packet,
                Brief::control(kind),
                [1; 3],
                60,
                causes,
                trace,
            );
        }
        self.sweep(id);
    }

    fn vanish(&self, seat: SeatId, sent: EntryId, trace: &mut Trace<S>) {
        if sent != EntryId::NONE {
            let what = What::Vanished { sent };
            trace.push(Entry {
                at: self.now,
                seat,
                causes: Causes::one(sent),
                what,
            });
        }
    }

    fn sweep(&mut self, id: ConnId) {
        if self.conns.get(&id).is_some_and(|conn| conn.is_over()) {
            self.conns.remove(&id);
        }
    }

    pub(crate) fn set_reading(&mut self, seat: SeatId, id: ConnId, on: bool) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let way = 1 - conn.end_of(seat);
        if conn.ways[way].reading != on {
            Arc::make_mut(conn).ways[way].reading = on;
            if on {
                self.wake_reader(id, way);
            }
        }
    }

    /// Puts a continued reading into the agenda when something waits to be read.
    fn wake_reader(&mut self, id: ConnId, way: usize) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let w = &conn.ways[way];
        if w.reading && !w.unread.is_empty() && !w.readable {
            Arc::make_mut(conn).ways[way].readable = true;
            let at = self.now + Span(1);
            self.schedule(at, Due::Readable(id, index(way)));
        }
    }

    /// Puts a packet on its way.
    #[allow(
        clippy::too_many_arguments,
        reason = "one place where all that a packet needs meets"
    )]
    fn put(
        &mut self,
        id: ConnId,
        way: usize,
        packet: Packet<S::Message>,
        brief: Brief,
        meaning: [u64; 3],
        size: u32,
        causes: Causes,
        trace: &mut Trace<S>,
    ) -> EntryId {
        let Some(conn) = self.conns.get(&id) else {
            return EntryId::NONE;
        };
        let (from, to) = (conn.seats[way], conn.seats[1 - way]);
        let last_due = conn.ways[way].last_due;
        let link = self.link(from, to);
        let key = [
            u64::from(brief.kind),
            u64::from(from.0),
            u64::from(to.0),
            meaning[0],
            meaning[1],
            meaning[2],
        ];
        let (low, high) = self.physics.hop;
        let mut hop = Span(dice::within(
            dice::roll(self.seed, Purpose::Hop, &key),
            low.0,
            high.0,
        )) + link.slow;
        if link.loss_ppm > 0 {
            // A lost segment costs a retransmission time-out, a lost retransmission twice that.
            let mut wait = net::RTO;
            for attempt in 0..6u64 {
                let mut key = key;
                key[0] |= (attempt + 1) << 8;
                let drawn = dice::roll(self.seed, Purpose::Loss, &key);
                if dice::within(drawn, 0, 999_999) >= u64::from(link.loss_ppm) {
                    break;
                }
                hop = hop + wait;
                wait = Span(wait.0 * 2);
            }
        }
        let due = (self.now + Span(hop.0.max(1))).max(last_due + Span(1));
        let what = What::Sent {
            conn: id,
            to,
            brief,
            due,
        };
        let entry = trace.push(Entry {
            at: self.now,
            seat: from,
            causes,
            what,
        });
        let sent = self.now;
        let w = match self.conns.get_mut(&id) {
            Some(conn) => &mut Arc::make_mut(conn).ways[way],
            None => return entry,
        };
        w.last_due = due;
        w.flying.push_back(Segment {
            entry,
            packet,
            size,
            sent,
            due,
            held: false,
        });
        if w.flying.len() == 1 {
            w.scheduled = true;
            self.schedule(due, Due::Arrive(id, index(way)));
        }
        entry
    }

    /// Looks at the head of a way again: schedules its arrival unless something is in its way.
    fn reschedule(&mut self, id: ConnId, way: usize) {
        let now = self.now;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let w = &conn.ways[way];
        if w.scheduled || w.stuck.is_some() || w.stalled {
            return;
        }
        if let Some(head) = w.flying.front()
            && !head.held
        {
            let due = head.due.max(now + Span(1));
            Arc::make_mut(conn).ways[way].scheduled = true;
            self.schedule(due, Due::Arrive(id, index(way)));
        }
    }

    /// After a heal or a return of power: what is stuck is retransmitted at its next time-out.
    fn unstick(&mut self) {
        let stuck: Vec<(ConnId, usize, Time)> = self
            .conns
            .iter()
            .flat_map(|(id, conn)| {
                [0, 1]
                    .into_iter()
                    .filter_map(|way| conn.ways[way].stuck.map(|since| (*id, way, since)))
            })
            .collect();
        for (id, way, first) in stuck {
            let Some(conn) = self.conns.get(&id) else {
                continue;
            };
            let (from, to) = (conn.seats[way], conn.seats[1 - way]);
            if self.link(from, to).cut || !self.hosts[self.seat(to).host.0 as usize].powered {
                continue;
            }
            let at = net::retransmission(first, self.now) + self.physics.hop.0;
            if let Some(conn) = self.conns.get_mut(&id) {
                let w = &mut Arc::make_mut(conn).ways[way];
                w.stuck = None;
                w.last_due = w.last_due.max(at);
                for segment in &mut w.flying {
                    segment.due = segment.due.max(at);
                }
            }
            self.reschedule(id, way);
        }
    }

    /// The process at one end is gone: its side answers no more. With power its operating system says so.
    fn end_connections(
        &mut self,
        seat: SeatId,
        powered: bool,
        cause: EntryId,
        trace: &mut Trace<S>,
    ) {
        let mine: Vec<ConnId> = self
            .conns
            .iter()
            .filter(|(_, c)| c.seats.contains(&seat))
            .map(|(id, _)| *id)
            .collect();
        for id in mine {
            let Some(conn) = self.conns.get_mut(&id) else {
                continue;
            };
            let conn = Arc::make_mut(conn);
            let end = conn.end_of(seat);
            let was = conn.ends[end];
            conn.ends[end] = End::Dead;
            let way_in = &mut conn.ways[1 - end];
            let data = way_in
                .unread
                .iter()
                .any(|s| matches!(s.packet, Packet::Data(_)));
            let mut lost: Vec<_> = way_in.unread.drain(..).map(|s| s.entry).collect();
            way_in.unread_bytes = 0;
            way_in.stalled = false;
            if !powered {
                // What had not left the host is gone; what is on the wire goes on.
                let out = &mut conn.ways[end];
                if out.stuck.take().is_some() {
                    lost.extend(out.flying.drain(..).map(|s| s.entry));
                }
            }
            for sent in lost {
                self.vanish(seat, sent, trace);
            }
            if powered && was == End::Open {
                let (packet, kind) = if data {
                    (Packet::Rst, Brief::RST)
                } else {
                    (Packet::Fin, Brief::FIN)
                };
                self.put(
                    id,
                    end,
                    packet,
                    Brief::control(kind),
                    [2; 3],
                    60,
                    Causes::one(cause),
                    trace,
                );
            }
            self.reschedule(id, 1 - end);
            self.sweep(id);
        }
    }

    /// Finds the packet that this entry sent.
    fn find(&self, sent: EntryId) -> Option<(ConnId, usize, usize)> {
        self.conns.iter().find_map(|(id, conn)| {
            (0..2).find_map(|way| {
                conn.ways[way]
                    .flying
                    .iter()
                    .position(|s| s.entry == sent)
                    .map(|place| (*id, way, place))
            })
        })
    }
}

fn index(way: usize) -> u8 {
    u8::from(way == 1)
}

fn seat_id(index: usize) -> SeatId {
    SeatId(u16::try_from(index).unwrap_or(u16::MAX))
}

impl<S: System> World<S> {
    /// An empty world.
    #[must_use]
    pub fn new(seed: u64, settings: S::Settings, physics: Physics) -> Self {
        World {
            core: Core {
                seed,
                now: Time(0),
                taken: 0,
                settings: Arc::new(settings),
                physics,
                seats: Vec::new(),
                hosts: Vec::new(),
                conns: SortedMap::new(),
                links: SortedMap::new(),
                agenda: SortedMap::new(),
                timers: SortedMap::new(),
                next_conn: 0,
                next_key: 0,
                up_to_date: true,
            },
            processes: Vec::new(),
        }
    }

    /// Adds a host with one seat of the same name; the process is not started.
    pub fn add(&mut self, name: &str) -> SeatId {
        let host = HostId(u16::try_from(self.core.hosts.len()).unwrap_or(u16::MAX));
        self.core.hosts.push(Host {
            name: name.to_owned(),
            powered: true,
            disk: Arc::default(),
            slow_disk: Span(0),
            dirty: SortedSet::new(),
        });
        self.core.seats.push(Seat {
            name: name.to_owned(),
            host,
            status: Status::Down,
            incarnation: 0,
            deferred: Vec::new(),
            untold: Vec::new(),
            listens: true,
            since: self.core.now,
        });
        self.processes.push(None);
        seat_id(self.core.seats.len() - 1)
    }

    // ---- looking at it ----

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

    // ---- moving it ----

    /// Sets the clock forward without doing anything. Never beyond the next event.
    pub fn advance_clock(&mut self, to: Time) {
        if to > self.core.now {
            debug_assert!(
                self.next_due().is_none_or(|due| due >= to),
                "events are due before"
            );
            self.core.now = to;
            self.core.taken = 0;
        }
    }

    /// Does the earliest thing due. Returns false when nothing is.
    pub fn step(&mut self, trace: &mut Trace<S>) -> bool {
        let Some((key, due)) = self.core.agenda.pop_first() else {
            return false;
        };
        self.advance_time(key.0);
        self.core.taken += 1;
        match due {
            Due::Arrive(id, way) => self.arrive(id, usize::from(way), trace),
            Due::Readable(id, way) => self.readable(id, usize::from(way), trace),
            Due::GiveUp(id, way, since) => self.give_up(id, usize::from(way), since, trace),
            Due::Timer(seat, timer) => {
                self.core.timers.remove(&(seat, timer));
                if self.defer(seat, || Due::Timer(seat, timer)) {
                    return true;
                }
                self.run(
                    seat,
                    What::Fired(timer),
                    Causes::NONE,
                    Input::Timer(timer),
                    trace,
                );
            }
            Due::Synced {
                seat,
                incarnation,
                file,
                token,
                upto,
            } => {
                let host = self.core.seat(seat).host;
                if self.core.seat(seat).incarnation != incarnation {
                    return true;
                }
                Arc::make_mut(&mut self.core.hosts[host.0 as usize].disk).mark_synced(&file, upto);
                if self.defer(seat, || Due::Synced {
                    seat,
                    incarnation,
                    file: file.clone(),
                    token,
                    upto,
                }) {
                    return true;
                }
                let input = Input::Synced(file.clone(), token);
                self.run(seat, What::Synced(file), Causes::NONE, input, trace);
            }
            Due::WriteBack(host, file) => {
                let h = &mut self.core.hosts[host.0 as usize];
                h.dirty.remove(&file);
                let len = h.disk.len(&file);
                if h.powered && h.disk.synced(&file) < len {
                    Arc::make_mut(&mut h.disk).mark_synced(&file, len);
                    let seat = self
                        .core
                        .seats
                        .iter()
                        .position(|s| s.host == host)
                        .map_or(SeatId(0), seat_id);
                    let what = What::WrittenBack(file);
                    trace.push(Entry {
                        at: self.core.now,
                        seat,
                        causes: Causes::NONE,
                        what,
                    });
                }
            }
        }
        true
    }

    fn advance_time(&mut self, to: Time) {
        if to > self.core.now {
            self.core.now = to;
            self.core.taken = 0;
        }
    }

    /// Keeps something for a frozen process; returns whether the process cannot take it now.
    fn defer(&mut self, seat: SeatId, due: impl FnOnce() -> Due<S>) -> bool {
        match self.core.seat(seat).status {
            Status::Running => false,
            Status::Frozen => {
                let due = due();
                self.core.seat_mut(seat).deferred.push(due);
                true
            }
            Status::Down => true,
        }
    }

    /// Writes the entry of an input and lets the process take it.
    fn run(
        &mut self,
        seat: SeatId,
        what: What<S>,
        causes: Causes,
        input: Input<S>,
        trace: &mut Trace<S>,
    ) {
        let entry = trace.push(Entry {
            at: self.core.now,
            seat,
            causes,
            what,
        });
        self.hand(seat, entry, input, trace);
    }

    fn hand(&mut self, seat: SeatId, entry: EntryId, input: Input<S>, trace: &mut Trace<S>) {
        let Some(mut process) = self.processes[seat.0 as usize].take() else {
            return;
        };
        let mut env = Env {
            core: &mut self.core,
            trace,
            me: seat,
            entry,
            exit: false,
        };
        Arc::make_mut(&mut process).step(input, &mut env);
        let exit = env.exit;
        self.processes[seat.0 as usize] = Some(process);
        if exit {
            self.end_process(seat, DownWhy::Exited, entry, trace);
        }
    }

    fn end_process(&mut self, seat: SeatId, why: DownWhy, cause: EntryId, trace: &mut Trace<S>) {
        if self.core.seat(seat).status == Status::Down {
            return;
        }
        self.processes[seat.0 as usize] = None;
        let now = self.core.now;
        let s = self.core.seat_mut(seat);
        s.status = Status::Down;
        s.since = now;
        s.incarnation += 1;
        self.core.forget_timers(seat);
        let what = What::Down(why);
        let entry = trace.push(Entry {
            at: now,
            seat,
            causes: Causes::one(cause),
            what,
        });
        self.core
            .end_connections(seat, why != DownWhy::PoweredOff, entry, trace);
    }

    // ---- arrivals ----

    fn arrive(&mut self, id: ConnId, way: usize, trace: &mut Trace<S>) {
        let Some(conn) = self.core.conns.get_mut(&id) else {
            return;
        };
        let conn = Arc::make_mut(conn);
        conn.ways[way].scheduled = false;
        let (from, to) = (conn.seats[way], conn.seats[1 - way]);
        let Some(head) = conn.ways[way].flying.front() else {
            return;
        };
        if head.held {
            return;
        }
        let (first, size) = (head.sent, u64::from(head.size));
        let is_rst = matches!(head.packet, Packet::Rst);
        if self.core.link(from, to).cut
            || !self.core.hosts[self.core.seat(to).host.0 as usize].powered
        {
            if let Some(conn) = self.core.conns.get_mut(&id) {
                Arc::make_mut(conn).ways[way].stuck = Some(first);
            }
            let at = first + net::GIVE_UP;
            self.core.schedule(at, Due::GiveUp(id, index(way), first));
            return;
        }
        let alive = self.core.seat(to).status != Status::Down;
        let Some(conn) = self.core.conns.get_mut(&id) else {
            return;
        };
        let conn = Arc::make_mut(conn);
        let end = conn.ends[1 - way];
        let w = &mut conn.ways[way];
        // The receiver's buffer takes what fits; a reset needs no room.
        if end == End::Open
            && !is_rst
            && w.unread_bytes > 0
            && w.unread_bytes + size > net::RECEIVE_WINDOW
        {
            w.stalled = true;
            return;
        }
        let Some(segment) = w.flying.pop_front() else {
            return;
        };
        self.core.reschedule(id, way);
        let cause = Causes::one(segment.entry);
        match segment.packet {
            Packet::Syn => {
                let read = What::Read {
                    sent: segment.entry,
                };
                trace.push(Entry {
                    at: self.core.now,
                    seat: to,
                    causes: cause,
                    what: read,
                });
                let accepts = alive && self.core.seat(to).listens;
                let Some(conn) = self.core.conns.get_mut(&id) else {
                    return;
                };
                let conn = Arc::make_mut(conn);
                if accepts {
                    conn.ends[1 - way] = End::Open;
                    let brief = Brief::control(Brief::SYN_ACK);
                    self.core
                        .put(id, 1 - way, Packet::SynAck, brief, [0; 3], 60, cause, trace);
                } else {
                    conn.ends[1 - way] = End::Dead;
                    let brief = Brief::control(Brief::RST);
                    self.core
                        .put(id, 1 - way, Packet::Rst, brief, [0; 3], 60, cause, trace);
                }
            }
            Packet::Rst => self.reset(id, way, segment.entry, trace),
            packet @ (Packet::SynAck | Packet::Data(_) | Packet::Fin) => {
                let expected = match packet {
                    Packet::SynAck => end == End::Opening,
                    _ => end == End::Open,
                };
                if expected && alive {
                    let Some(conn) = self.core.conns.get_mut(&id) else {
                        return;
                    };
                    let w = &mut Arc::make_mut(conn).ways[way];
                    w.unread_bytes += size;
                    w.unread.push_back(Segment { packet, ..segment });
                    if w.reading && !w.readable && self.core.seat(to).status == Status::Running {
                        self.read_one(id, way, trace);
                    }
                } else {
                    self.core.vanish(to, segment.entry, trace);
                    if matches!(packet, Packet::Data(_)) {
                        let brief = Brief::control(Brief::RST);
                        self.core
                            .put(id, 1 - way, Packet::Rst, brief, [3; 3], 60, cause, trace);
                    }
                    self.core.sweep(id);
                }
            }
        }
    }

    /// A reset arrived at the end of `way`: unread bytes are discarded, the process learns of it.
    fn reset(&mut self, id: ConnId, way: usize, entry: EntryId, trace: &mut Trace<S>) {
        let Some(conn) = self.core.conns.get_mut(&id) else {
            return;
        };
        let conn = Arc::make_mut(conn);
        let seat = conn.seats[1 - way];
        let was = conn.ends[1 - way];
        conn.ends[1 - way] = if was == End::Dead {
            End::Dead
        } else {
            End::Closed
        };
        let mut lost: Vec<_> = conn.ways[way].unread.drain(..).map(|s| s.entry).collect();
        conn.ways[way].unread_bytes = 0;
        // Nothing that this end still wanted to send finds a reader any more.
        let out = &mut conn.ways[1 - way];
        out.stuck = None;
        lost.extend(out.flying.drain(..).map(|s| s.entry));
        for sent in lost {
            self.core.vanish(seat, sent, trace);
        }
        let causes = Causes::one(entry);
        match was {
            End::Opening => self.tell(seat, id, None, causes, trace),
            End::Open => self.tell(seat, id, Some(CloseWhy::Rst), causes, trace),
            End::Closed | End::Dead => {}
        }
        self.core.sweep(id);
    }

    /// Tells a process that a connection is over (`Some`) or refused; a frozen one learns it on thawing.
    fn tell(
        &mut self,
        seat: SeatId,
        id: ConnId,
        why: Option<CloseWhy>,
        causes: Causes,
        trace: &mut Trace<S>,
    ) {
        match (self.core.seat(seat).status, why) {
            (Status::Running, Some(why)) => {
                self.run(
                    seat,
                    What::Closed(id, why),
                    causes,
                    Input::Closed(id, why),
                    trace,
                );
            }
            (Status::Running, None) => {
                self.run(seat, What::Refused(id), causes, Input::Refused(id), trace)
            }
            (Status::Frozen, why) => self.core.seat_mut(seat).untold.push((id, why)),
            (Status::Down, _) => {}
        }
    }

    fn readable(&mut self, id: ConnId, way: usize, trace: &mut Trace<S>) {
        let Some(conn) = self.core.conns.get_mut(&id) else {
            return;
        };
        let conn = Arc::make_mut(conn);
        conn.ways[way].readable = false;
        let seat = conn.seats[1 - way];
        if conn.ways[way].reading && self.core.seat(seat).status == Status::Running {
            self.read_one(id, way, trace);
        }
    }

    /// The process at the end of `way` takes one item from its receive buffer.
    fn read_one(&mut self, id: ConnId, way: usize, trace: &mut Trace<S>) {
        let Some(conn) = self.core.conns.get_mut(&id) else {
            return;
        };
        let conn = Arc::make_mut(conn);
        let (from, seat) = (conn.seats[way], conn.seats[1 - way]);
        let w = &mut conn.ways[way];
        let Some(segment) = w.unread.pop_front() else {
            return;
        };
        w.unread_bytes = w.unread_bytes.saturating_sub(u64::from(segment.size));
        w.stalled = false;
        self.core.reschedule(id, way);
        let causes = Causes::one(segment.entry);
        match segment.packet {
            Packet::Data(message) => {
                let input = Input::Message {
                    conn: id,
                    from,
                    message,
                };
                self.run(
                    seat,
                    What::Read {
                        sent: segment.entry,
                    },
                    causes,
                    input,
                    trace,
                );
            }
            Packet::SynAck => {
                if let Some(conn) = self.core.conns.get_mut(&id) {
                    Arc::make_mut(conn).ends[1 - way] = End::Open;
                }
                self.run(seat, What::Opened(id), causes, Input::Opened(id), trace);
            }
            Packet::Fin => {
                if let Some(conn) = self.core.conns.get_mut(&id) {
                    Arc::make_mut(conn).ends[1 - way] = End::Closed;
                }
                let why = CloseWhy::Fin;
                self.run(
                    seat,
                    What::Closed(id, why),
                    causes,
                    Input::Closed(id, why),
                    trace,
                );
                self.core.sweep(id);
            }
            Packet::Syn | Packet::Rst => {}
        }
        self.core.wake_reader(id, way);
    }

    fn give_up(&mut self, id: ConnId, way: usize, since: Time, trace: &mut Trace<S>) {
        let stuck = self
            .core
            .conns
            .get(&id)
            .and_then(|conn| conn.ways[way].stuck);
        if stuck == Some(since) {
            self.break_at(id, way, CloseWhy::GaveUp, EntryId::NONE, trace);
        }
    }

    /// Breaks a connection: what flies on it is lost, both processes learn of it.
    fn break_at(
        &mut self,
        id: ConnId,
        way: usize,
        why: CloseWhy,
        cause: EntryId,
        trace: &mut Trace<S>,
    ) {
        let Some(conn) = self.core.conns.get_mut(&id) else {
            return;
        };
        let conn = Arc::make_mut(conn);
        let (sender, reader) = (conn.seats[way], conn.seats[1 - way]);
        let was = conn.ends;
        conn.ends = [End::Closed, End::Closed];
        let lost: Vec<_> = conn
            .ways
            .iter_mut()
            .flat_map(|w| w.flying.drain(..))
            .map(|s| s.entry)
            .collect();
        for sent in lost {
            self.core.vanish(reader, sent, trace);
        }
        self.core.sweep(id);
        let causes = Causes::NONE.and(cause);
        let far = if why == CloseWhy::GaveUp {
            None
        } else {
            Some(reader)
        };
        for seat in [Some(sender), far].into_iter().flatten() {
            let end = usize::from(seat != sender) ^ way;
            match was[end] {
                End::Open => self.tell(seat, id, Some(why), causes, trace),
                End::Opening => self.tell(seat, id, None, causes, trace),
                End::Closed | End::Dead => {}
            }
        }
    }

    // ---- acts ----

    /// Applies an act at the present moment. One that has nothing to act on changes nothing but the
    /// trace, which shows that it was tried.
    pub fn apply(&mut self, act: Act<S>, trace: &mut Trace<S>) {
        self.core.taken += 1;
        let place = match &act {
            Act::Crash(s) | Act::Stop(s) | Act::Start(s) | Act::Freeze(s) | Act::Thaw(s) => *s,
            Act::Fire(s, _) | Act::Order(s, _) => *s,
            Act::PowerOff(h, _)
            | Act::Wipe(h)
            | Act::Truncate(h, ..)
            | Act::Remove(h, _)
            | Act::SlowDisk(h, _)
            | Act::FillDisk(h, _) => self
                .core
                .seats
                .iter()
                .position(|s| s.host == *h)
                .map_or(SeatId(0), seat_id),
            _ => SeatId(0),
        };
        let what = What::Acted(act.clone());
        let entry = trace.push(Entry {
            at: self.core.now,
            seat: place,
            causes: Causes::NONE,
            what,
        });
        let now = self.core.now;
        match act {
            Act::Crash(seat) => self.end_process(seat, DownWhy::Crashed, entry, trace),
            Act::Stop(seat) => match self.core.seat(seat).status {
                Status::Running => self.hand(seat, entry, Input::Shutdown, trace),
                // A frozen process cannot react to SIGTERM before it is thawed: nothing happens.
                Status::Frozen | Status::Down => {}
            },
            Act::Start(seat) => self.start(seat, entry, trace),
            Act::Freeze(seat) => {
                if self.core.seat(seat).status == Status::Running {
                    let s = self.core.seat_mut(seat);
                    s.status = Status::Frozen;
                    s.since = now;
                }
            }
            Act::Thaw(seat) => self.thaw(seat, entry, trace),
            Act::PowerOff(host, keep) => self.power_off(host, keep, entry, trace),
            Act::Wipe(host) => {
                if let Some(disk) = self.idle_disk(host) {
                    disk.clear();
                }
            }
            Act::Truncate(host, file, len) => {
                if let Some(disk) = self.idle_disk(host) {
                    disk.truncate(&file, len);
                }
            }
            Act::Remove(host, file) => {
                if let Some(disk) = self.idle_disk(host) {
                    disk.remove(&file);
                }
            }
            Act::Cut(from, to) => self.each_link(&from, &to, |link| link.cut = true),
            Act::Mend(from, to) => {
                self.each_link(&from, &to, |link| link.cut = false);
                self.core.unstick();
            }
            Act::Heal => {
                for link in self.core.links.values_mut() {
                    link.cut = false;
                }
                self.core.links.retain(|_, link| *link != Link::default());
                self.core.unstick();
            }
            Act::Slow(from, to, by) => self.each_link(&[from], &[to], |link| link.slow = by),
            Act::Lose(from, to, ppm) => {
                self.each_link(&[from], &[to], |link| link.loss_ppm = ppm.min(1_000_000))
            }
            Act::SlowDisk(host, by) => self.core.hosts[host.0 as usize].slow_disk = by,
            Act::FillDisk(host, full) => {
                Arc::make_mut(&mut self.core.hosts[host.0 as usize].disk).full = full;
            }
            Act::Fire(seat, timer) => {
                if self.core.armed(seat, timer).is_some()
                    && self.core.seat(seat).status == Status::Running
                {
                    self.core.disarm(seat, timer);
                    self.run(
                        seat,
                        What::Fired(timer),
                        Causes::one(entry),
                        Input::Timer(timer),
                        trace,
                    );
                }
            }
            Act::Hold(sent) => self.set_held(sent, true),
            Act::Release(sent) => self.set_held(sent, false),
            Act::Deliver(sent) => self.deliver_now(sent),
            Act::Drop(sent) => {
                if let Some((id, way, _)) = self.core.find(sent) {
                    self.break_at(id, way, CloseWhy::Rst, entry, trace);
                }
            }
            Act::Order(seat, order) => {
                if self.core.seat(seat).status == Status::Running {
                    let what = What::Ordered(order.clone());
                    self.run(seat, what, Causes::one(entry), Input::Order(order), trace);
                } else if self.core.seat(seat).status == Status::Frozen {
                    // An order to a frozen process waits like anything else; scripts never give one.
                }
            }
            Act::Change(change) => {
                S::change(Arc::make_mut(&mut self.core.settings), &change);
                for seat in self.seats() {
                    if self.core.seat(seat).status == Status::Running {
                        self.hand(seat, entry, Input::Reconfigured, trace);
                    }
                }
            }
            Act::Add(name) => {
                if self.seat_named(&name).is_none() {
                    let seat = self.add(&name);
                    self.start(seat, entry, trace);
                }
            }
        }
    }

    /// The disk of a host on which no process runs.
    fn idle_disk(&mut self, host: HostId) -> Option<&mut Disk<S>> {
        let down = |s: &Seat<S>| s.host != host || s.status == Status::Down;
        let idle = self.core.seats.iter().all(down);
        idle.then(|| Arc::make_mut(&mut self.core.hosts[host.0 as usize].disk))
    }

    fn start(&mut self, seat: SeatId, cause: EntryId, trace: &mut Trace<S>) {
        if self.core.seat(seat).status != Status::Down {
            return;
        }
        let now = self.core.now;
        let host = self.core.seat(seat).host;
        self.core.hosts[host.0 as usize].powered = true;
        let s = self.core.seat_mut(seat);
        s.status = Status::Running;
        s.listens = true;
        s.since = now;
        let up = Entry {
            at: now,
            seat,
            causes: Causes::NONE.and(cause),
            what: What::Up,
        };
        let entry = trace.push(up);
        let mut env = Env {
            core: &mut self.core,
            trace,
            me: seat,
            entry,
            exit: false,
        };
        let process = S::boot(&mut env);
        let exit = env.exit;
        self.processes[seat.0 as usize] = Some(Arc::new(process));
        if exit {
            self.end_process(seat, DownWhy::Exited, entry, trace);
        }
        self.core.unstick();
    }

    fn thaw(&mut self, seat: SeatId, entry: EntryId, trace: &mut Trace<S>) {
        if self.core.seat(seat).status != Status::Frozen {
            return;
        }
        let now = self.core.now;
        let s = self.core.seat_mut(seat);
        s.status = Status::Running;
        s.since = now;
        for due in std::mem::take(&mut s.deferred) {
            match due {
                Due::Timer(seat, timer) => {
                    if self.core.armed(seat, timer).is_none() {
                        self.core.arm(seat, timer, now);
                    }
                }
                other => {
                    self.core.schedule(now + Span(1), other);
                }
            }
        }
        // Bytes that the operating system took meanwhile are read now.
        let mine: Vec<(ConnId, usize)> = self
            .core
            .conns
            .iter()
            .filter(|(_, conn)| conn.seats.contains(&seat))
            .map(|(id, conn)| (*id, 1 - conn.end_of(seat)))
            .collect();
        for (id, way) in mine {
            self.core.wake_reader(id, way);
        }
        for (id, why) in std::mem::take(&mut self.core.seat_mut(seat).untold) {
            let causes = Causes::one(entry);
            match why {
                Some(why) => self.run(
                    seat,
                    What::Closed(id, why),
                    causes,
                    Input::Closed(id, why),
                    trace,
                ),
                None => self.run(seat, What::Refused(id), causes, Input::Refused(id), trace),
            }
        }
    }

    fn power_off(&mut self, host: HostId, keep: Keep, entry: EntryId, trace: &mut Trace<S>) {
        for seat in self.seats() {
            if self.core.seat(seat).host == host {
                self.end_process(seat, DownWhy::PoweredOff, entry, trace);
            }
        }
        let (seed, now) = (self.core.seed, self.core.now);
        let h = &mut self.core.hosts[host.0 as usize];
        h.powered = false;
        let disk = Arc::make_mut(&mut h.disk);
        for file in disk.file_names() {
            let (synced, len) = (disk.synced(&file), disk.len(&file));
            let kept = match keep {
                Keep::Synced => synced,
                Keep::All => len,
                Keep::Records(more) => (synced + u64::from(more)).min(len),
                Keep::Drawn => {
                    let key = [u64::from(host.0), crate::digest::of(&file), now.0];
                    dice::within(dice::roll(seed, Purpose::PowerLoss, &key), synced, len)
                }
            };
            disk.truncate(&file, kept);
            disk.mark_synced(&file, kept);
        }
    }

    fn each_link(&mut self, from: &[HostId], to: &[HostId], change: impl Fn(&mut Link)) {
        for a in from {
            for b in to {
                if a != b {
                    change(self.core.links.entry((*a, *b)).or_default());
                }
            }
        }
        self.core.links.retain(|_, link| *link != Link::default());
    }

    fn set_held(&mut self, sent: EntryId, held: bool) {
        if let Some((id, way, place)) = self.core.find(sent)
            && let Some(conn) = self.core.conns.get_mut(&id)
        {
            Arc::make_mut(conn).ways[way].flying[place].held = held;
            if !held {
                self.core.reschedule(id, way);
            }
        }
    }

    fn deliver_now(&mut self, sent: EntryId) {
        let now = self.core.now;
        if let Some((id, way, place)) = self.core.find(sent)
            && let Some(conn) = self.core.conns.get_mut(&id)
        {
            let w = &mut Arc::make_mut(conn).ways[way];
            for segment in w.flying.iter_mut().take(place + 1) {
                segment.due = segment.due.min(now + Span(1));
                segment.held = false;
            }
            // The old arrival may still stand in the agenda; it then finds a later head and waits for it.
            w.scheduled = false;
            self.core.reschedule(id, way);
        }
    }
}
