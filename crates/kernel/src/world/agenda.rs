//! The agenda: what is due when. It holds timers, syncs, arrivals, and the mailboxes of parts: what is due
//! for a part is its mailbox.

use super::{Core, Status, World};
use crate::ids::{ConnId, EntryId, HostId, SeatId};
use crate::system::{Input, Local, System};
use crate::time::{Span, Time};
use crate::trace::{Causes, Trace, What};
use borsh::BorshSerialize;

#[derive(Clone, Debug, BorshSerialize)]
pub(super) enum Due<S: System> {
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
    Local {
        seat: SeatId,
        incarnation: u32,
        part: S::Part,
        posted: EntryId,
        message: S::Local,
    },
    Written(ConnId, u8),
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
            Due::Local { .. } => 6,
            Due::Written(..) => 7,
        }
    }
}

/// Time, kind, sequence.
pub(super) type Key = (Time, u8, u64);

impl<S: System> Core<S> {
    pub(super) fn schedule(&mut self, at: Time, due: Due<S>) -> Key {
        let key = (at.max(self.now), due.kind(), self.next_key);
        self.next_key += 1;
        self.agenda.insert(key, due);
        key
    }

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

    pub(super) fn forget_timers(&mut self, seat: SeatId) {
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

    pub(crate) fn post(&mut self, seat: SeatId, part: S::Part, posted: EntryId, message: S::Local) {
        let due = Due::Local {
            seat,
            incarnation: self.seat(seat).incarnation,
            part,
            posted,
            message,
        };
        self.schedule(self.now + Span(1), due);
    }

    fn is_in_mailbox(due: &Due<S>, of: SeatId, of_part: &S::Part) -> bool {
        matches!(due, Due::Local { seat, part, .. } if *seat == of && part == of_part)
    }

    pub(crate) fn waiting(&self, seat: SeatId, part: &S::Part) -> u32 {
        let kept = &self.seat(seat).deferred;
        let all = self.agenda.values().chain(kept);
        let count = all
            .filter(|due| Self::is_in_mailbox(due, seat, part))
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    pub(crate) fn empty_mailbox(&mut self, seat: SeatId, part: &S::Part) -> u32 {
        let lost = self.waiting(seat, part);
        if lost > 0 {
            let other = |due: &Due<S>| !Self::is_in_mailbox(due, seat, part);
            self.agenda.retain(|_, due| other(due));
            self.seat_mut(seat).deferred.retain(other);
        }
        lost
    }
}

impl<S: System> World<S> {
    /// A part takes the next message out of its mailbox. A frozen process keeps it, a later one never sees it.
    pub(super) fn take_local(
        &mut self,
        seat: SeatId,
        incarnation: u32,
        part: S::Part,
        posted: EntryId,
        message: S::Local,
        trace: &mut Trace<S>,
    ) {
        if self.core.seat(seat).incarnation != incarnation {
            return;
        }
        if self.core.seat(seat).status != Status::Running {
            self.defer(seat, || Due::Local {
                seat,
                incarnation,
                part,
                posted,
                message,
            });
            return;
        }
        let what = What::Local {
            part: part.clone(),
            brief: message.brief(),
        };
        let input = Input::Local {
            part,
            posted,
            message,
        };
        self.run(seat, what, Causes::NONE.and(posted), input, trace);
    }
}
