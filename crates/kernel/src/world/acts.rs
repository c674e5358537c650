//! Acts on the world.

use super::agenda::Due;
use super::{Link, Status, World, seat_id};
use crate::act::Act;
use crate::env::Env;
use crate::ids::{ConnId, EntryId, SeatId};
use crate::net::CloseWhy;
use crate::system::{Input, System};
use crate::time::Span;
use crate::trace::{Causes, DownWhy, Entry, Trace, What};
use std::sync::Arc;

impl<S: System> World<S> {
    /// Applies an act at the present moment. One that has nothing to act on changes nothing but the
    /// trace, which shows that it was tried.
    pub fn apply(&mut self, act: Act<S>, trace: &mut Trace<S>) {
        self.core.taken += 1;
        let place = match &act {
            Act::Crash(s) | Act::Stop(s) | Act::Start(s) | Act::Freeze(s) | Act::Thaw(s) => *s,
            Act::Fire(s, _) | Act::Order(s, _) | Act::CrashPart(s, _) => *s,
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
            Act::CrashPart(seat, part) => {
                if self.core.seat(seat).status == Status::Running {
                    let lost = self.core.empty_mailbox(seat, &part);
                    let what = What::PartDown {
                        part: part.clone(),
                        lost,
                    };
                    let input = Input::PartCrashed(part);
                    self.run(seat, what, Causes::one(entry), input, trace);
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
}
