//! Connections. They behave like TCP: in order, with a broken end that answers RST, silence across a
//! cut, retransmission after a heal. The sender never learns what was read.

use crate::ids::{ConnId, EntryId, SeatId};
use crate::time::{Span, Time};
use borsh::BorshSerialize;
use std::collections::VecDeque;

/// A connection whose bytes found no way for this long is given up (Linux, tcp_retries2 = 15:
/// 924.6 s at the least).
pub const GIVE_UP: Span = Span::secs(924);
/// First retransmission time-out. Linux takes the smoothed round trip plus 200 ms
/// at the least (`__tcp_set_rto`, TCP_RTO_MIN) in whole ticks of 4 ms (CONFIG_HZ=250): 204 ms on a local
/// network.
pub const RTO: Span = Span(204_000);
/// The longest time between two retransmissions.
pub const RTO_MAX: Span = Span::secs(120);
/// Bytes that the operating system takes for a process that does not read.
pub const RECEIVE_WINDOW: u64 = 262_144;

/// Bytes that the operating system takes from a process before a write would block: the most to which
/// Linux lets a send buffer grow by itself (tcp_wmem, 4 MiB).
pub const SEND_BUFFER: u64 = 4_194_304;

/// Why a connection is over, as a process learns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum CloseWhy {
    /// The peer closed it, or its process died with nothing unread.
    Fin,
    /// It was reset: the peer's process died with unread bytes, or its host was restarted.
    Rst,
    /// The operating system gave up after many retransmissions.
    GaveUp,
}

#[derive(Clone, Debug, BorshSerialize)]
pub(crate) enum Packet<M> {
    Syn,
    SynAck,
    Data(M),
    Fin,
    Rst,
}

#[derive(Clone, Debug, BorshSerialize)]
pub(crate) struct Segment<M> {
    pub(crate) entry: EntryId,
    pub(crate) packet: Packet<M>,
    pub(crate) size: u32,
    pub(crate) sent: Time,
    pub(crate) due: Time,
    pub(crate) held: bool,
}

/// One direction of a connection: what flies, and what waits to be read at its end.
#[derive(Clone, Debug, BorshSerialize)]
pub(crate) struct Way<M> {
    pub(crate) flying: VecDeque<Segment<M>>,
    /// The head was transmitted into silence; the moment of its first transmission.
    pub(crate) stuck: Option<Time>,
    pub(crate) last_due: Time,
    pub(crate) unread: VecDeque<Segment<M>>,
    pub(crate) unread_bytes: u64,
    /// The reader takes messages.
    pub(crate) reading: bool,
    /// The head waits for room in the receiver's buffer.
    pub(crate) stalled: bool,
    /// An arrival of the head is in the agenda.
    pub(crate) scheduled: bool,
    /// A continued reading is in the agenda.
    pub(crate) readable: bool,
    /// The sender wants to be told when at most this many bytes wait.
    pub(crate) notify: Option<u64>,
}

impl<M> Way<M> {
    fn new() -> Self {
        Way {
            flying: VecDeque::new(),
            stuck: None,
            last_due: Time(0),
            unread: VecDeque::new(),
            unread_bytes: 0,
            reading: true,
            stalled: false,
            scheduled: false,
            readable: false,
            notify: None,
        }
    }

    /// Bytes that were sent and are not yet with the peer's operating system.
    pub(crate) fn backlog(&self) -> u64 {
        self.flying.iter().map(|s| u64::from(s.size)).sum()
    }

    /// The notice that the sender asked for is due.
    pub(crate) fn notice_due(&self) -> bool {
        self.notify.is_some_and(|at_most| self.backlog() <= at_most)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(crate) enum End {
    /// Asked for, not yet answered.
    Opening,
    Open,
    /// Closed by its process: what it wrote still goes out, what comes in is answered with RST.
    Closed,
    /// Its process died, or its host lost power.
    Dead,
}

/// A connection. End 0 opened it; way 0 leads from end 0 to end 1.
#[derive(Clone, Debug, BorshSerialize)]
pub(crate) struct Conn<M> {
    pub(crate) seats: [SeatId; 2],
    pub(crate) ends: [End; 2],
    pub(crate) ways: [Way<M>; 2],
}

impl<M> Conn<M> {
    pub(crate) fn new(from: SeatId, to: SeatId) -> Self {
        Conn {
            seats: [from, to],
            ends: [End::Opening, End::Opening],
            ways: [Way::new(), Way::new()],
        }
    }

    /// Which end `seat` has.
    pub(crate) fn end_of(&self, seat: SeatId) -> usize {
        usize::from(self.seats[0] != seat)
    }

    /// Nothing can happen on it any more.
    pub(crate) fn is_over(&self) -> bool {
        let dead = |end: End| matches!(end, End::Closed | End::Dead);
        dead(self.ends[0]) && dead(self.ends[1]) && self.ways.iter().all(|w| w.flying.is_empty())
    }
}

/// Where a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlightState {
    /// On its way.
    Flying,
    /// Behind a cut, or behind a packet that is; it will be retransmitted.
    Stuck,
    /// Held by hand, or behind one that is.
    Held,
    /// In the receiver's buffer, not read.
    Unread,
}

/// A packet that was sent and is neither read nor lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    /// The entry that sent it.
    pub sent_by: EntryId,
    /// Its connection.
    pub conn: ConnId,
    /// From where.
    pub from: SeatId,
    /// To where.
    pub to: SeatId,
    /// When it was sent.
    pub sent: Time,
    /// When it arrives.
    pub due: Time,
    /// Where it is.
    pub state: FlightState,
}

/// The first retransmission at `now` or later of what was first transmitted at `first`: after one
/// [`RTO`] of silence, after two, four, eight, as recorded of real clusters; never more than
/// [`RTO_MAX`] apart.
pub(crate) fn retransmission(first: Time, now: Time) -> Time {
    let mut silence = RTO;
    while first + silence < now {
        silence = silence + Span(silence.0.min(RTO_MAX.0));
    }
    first + silence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retransmissions_come_after_one_two_four_and_eight_time_outs_of_silence() {
        let first = Time(1_000_000);
        let after = |times: u64| Time(first.0 + times * RTO.0);
        assert_eq!(retransmission(first, first), after(1));
        assert_eq!(retransmission(first, Time(after(1).0 + 1)), after(2));
        assert_eq!(retransmission(first, Time(after(2).0 + 1)), after(4));
        assert_eq!(retransmission(first, Time(after(4).0 + 1)), after(8));
    }
}
