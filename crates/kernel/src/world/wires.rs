//! What a process does to its connections, and how a packet gets on its way.

use super::agenda::Due;
use super::{Core, index};
use crate::dice::{self, Purpose};
use crate::ids::{ConnId, EntryId, SeatId};
use crate::net::{self, Conn, End, Packet, Segment};
use crate::system::{Brief, Message, System};
use crate::time::Span;
use crate::trace::{Causes, Entry, Trace, What};
use std::sync::Arc;

impl<S: System> Core<S> {
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
        self.end_side(seat, id, false, causes, trace);
    }

    /// Closes as a process does that asked for a reset on close (SO_LINGER 0): what has not left the host
    /// is thrown away, and the peer throws away what it has not read.
    pub(crate) fn abort(&mut self, seat: SeatId, id: ConnId, causes: Causes, trace: &mut Trace<S>) {
        self.end_side(seat, id, true, causes, trace);
    }

    fn end_side(
        &mut self,
        seat: SeatId,
        id: ConnId,
        reset: bool,
        causes: Causes,
        trace: &mut Trace<S>,
    ) {
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
        let mut lost: Vec<_> = way_in.unread.drain(..).map(|s| s.entry).collect();
        way_in.unread_bytes = 0;
        let out = &mut conn.ways[end];
        if reset && (out.stuck.take().is_some() || std::mem::take(&mut out.stalled)) {
            lost.extend(out.flying.drain(..).map(|s| s.entry));
        }
        for sent in lost {
            self.vanish(seat, sent, trace);
        }
        if was == End::Open {
            let (packet, kind) = if unread || reset {
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

    /// Bytes that `seat` wrote and that the peer's host has not taken.
    pub(crate) fn backlog(&self, seat: SeatId, id: ConnId) -> u64 {
        let conn = self.conns.get(&id);
        conn.map_or(0, |conn| conn.ways[conn.end_of(seat)].backlog())
    }

    pub(super) fn vanish(&self, seat: SeatId, sent: EntryId, trace: &mut Trace<S>) {
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

    pub(super) fn sweep(&mut self, id: ConnId) {
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

    pub(crate) fn notify_written(&mut self, seat: SeatId, id: ConnId, at_most: u64) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let way = conn.end_of(seat);
        if matches!(conn.ends[way], End::Opening | End::Open) {
            Arc::make_mut(conn).ways[way].notify = Some(at_most);
            self.schedule_notice(id, way, Span(1));
        }
    }

    /// Puts the notice about a send queue into the agenda when it is short enough.
    pub(super) fn schedule_notice(&mut self, id: ConnId, way: usize, after: Span) {
        if let Some(conn) = self.conns.get(&id)
            && conn.ways[way].notice_due()
        {
            self.schedule(self.now + after, Due::Written(id, index(way)));
        }
    }

    /// Puts a continued reading into the agenda when something waits to be read.
    pub(super) fn wake_reader(&mut self, id: ConnId, way: usize) {
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
    pub(super) fn put(
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
}
