//! What becomes of packets when a link, a host or a process is not there, and when it is there again.

use super::agenda::Due;
use super::{Core, Link, World, index};
use crate::ids::{ConnId, EntryId, HostId, SeatId};
use crate::net::{self, CloseWhy, End, Packet};
use crate::system::{Brief, System};
use crate::time::{Span, Time};
use crate::trace::{Causes, Trace};
use std::sync::Arc;

impl<S: System> Core<S> {
    pub(super) fn link(&self, from: SeatId, to: SeatId) -> Link {
        if self.links.is_empty() {
            return Link::default();
        }
        self.links
            .get(&(self.seat(from).host, self.seat(to).host))
            .copied()
            .unwrap_or_default()
    }

    /// Looks at the head of a way again: schedules its arrival unless something is in its way.
    pub(super) fn reschedule(&mut self, id: ConnId, way: usize) {
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
    pub(super) fn unstick(&mut self) {
        let told: Vec<(ConnId, usize)> = self
            .conns
            .iter()
            .flat_map(|(id, conn)| {
                let due = |way: &usize| conn.ways[*way].notice_due();
                (0..2).filter(due).map(|way| (*id, way))
            })
            .collect();
        for (id, way) in told {
            self.schedule_notice(id, way, self.physics.hop.0);
        }
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
    pub(super) fn end_connections(
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
    pub(super) fn find(&self, sent: EntryId) -> Option<(ConnId, usize, usize)> {
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

impl<S: System> World<S> {
    pub(super) fn give_up(&mut self, id: ConnId, way: usize, since: Time, trace: &mut Trace<S>) {
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
    pub(super) fn break_at(
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

    pub(super) fn each_link(&mut self, from: &[HostId], to: &[HostId], change: impl Fn(&mut Link)) {
        for a in from {
            for b in to {
                if a != b {
                    change(self.core.links.entry((*a, *b)).or_default());
                }
            }
        }
        self.core.links.retain(|_, link| *link != Link::default());
    }

    pub(super) fn set_held(&mut self, sent: EntryId, held: bool) {
        if let Some((id, way, place)) = self.core.find(sent)
            && let Some(conn) = self.core.conns.get_mut(&id)
        {
            Arc::make_mut(conn).ways[way].flying[place].held = held;
            if !held {
                self.core.reschedule(id, way);
            }
        }
    }

    pub(super) fn deliver_now(&mut self, sent: EntryId) {
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
