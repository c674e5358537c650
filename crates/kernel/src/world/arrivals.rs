//! What happens where a packet arrives, and how a process takes it out of its receive buffer.

use super::agenda::Due;
use super::{Status, World, index};
use crate::ids::{ConnId, EntryId, SeatId};
use crate::net::{self, CloseWhy, End, Packet, Segment};
use crate::system::{Brief, Input, System};
use crate::trace::{Causes, Entry, Trace, What};
use std::sync::Arc;

impl<S: System> World<S> {
    pub(super) fn arrive(&mut self, id: ConnId, way: usize, trace: &mut Trace<S>) {
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
        self.core.schedule_notice(id, way, self.core.physics.hop.0);
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
    pub(super) fn tell(
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

    pub(super) fn readable(&mut self, id: ConnId, way: usize, trace: &mut Trace<S>) {
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

    /// The sender's operating system has got the word that its queue is short enough.
    pub(super) fn written(&mut self, id: ConnId, way: usize, trace: &mut Trace<S>) {
        let Some(conn) = self.core.conns.get_mut(&id) else {
            return;
        };
        let (seat, peer) = (conn.seats[way], conn.seats[1 - way]);
        // Behind a cut no word comes back; the mend of the link asks again.
        if !conn.ways[way].notice_due()
            || !matches!(conn.ends[way], End::Opening | End::Open)
            || self.core.link(peer, seat).cut
            || self.defer(seat, || Due::Written(id, index(way)))
        {
            return;
        }
        if let Some(conn) = self.core.conns.get_mut(&id) {
            Arc::make_mut(conn).ways[way].notify = None;
        }
        let (what, input) = (What::Written(id), Input::Written(id));
        self.run(seat, what, Causes::NONE, input, trace);
    }
}
