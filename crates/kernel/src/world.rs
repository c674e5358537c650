//! The world: hosts, seats, connections, agenda. One [`World::step`] does the earliest thing due.

mod acts;
mod agenda;
mod arrivals;
mod disks;
mod look;
mod silence;
mod wires;

use crate::disk::Disk;
use crate::env::Env;
use crate::ids::{ConnId, EntryId, HostId, SeatId};
use crate::net::{CloseWhy, Conn};
use crate::sorted::{SortedMap, SortedSet};
use crate::system::{Input, Process, System};
use crate::time::{Span, Time};
use crate::trace::{Causes, DownWhy, Entry, Trace, What};
use agenda::{Due, Key};
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
    fn seat(&self, id: SeatId) -> &Seat<S> {
        &self.seats[id.0 as usize]
    }

    fn seat_mut(&mut self, id: SeatId) -> &mut Seat<S> {
        &mut self.seats[id.0 as usize]
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
            } => self.synced(seat, incarnation, file, token, upto, trace),
            Due::WriteBack(host, file) => self.write_back(host, file, trace),
            Due::Local {
                seat,
                incarnation,
                part,
                posted,
                message,
            } => self.take_local(seat, incarnation, part, posted, message, trace),
            Due::Written(id, way) => self.written(id, usize::from(way), trace),
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
}
