//! Writes to the offsets partition, in log order, and the requests that wait for them to be committed
//! (`CoordinatorRuntime`: the deferred event queue and its operation time-outs).

use super::Effect;
use super::state::{Group, Member};
use super::work::{Reply, Work};
use crate::messages::Answer;
use crate::records::{CommittedOffset, Payload, Tp};
use crate::system::Timer;
use ackscope_kernel::SortedMap;
use ackscope_kernel::{ConnId, EntryId, Span};
use borsh::BorshSerialize;
use std::collections::VecDeque;
use std::sync::Arc;

/// Something that happens when a write is committed, or has failed.
#[derive(Clone, Debug, BorshSerialize)]
pub(super) struct Waiter {
    /// Its number among the parked requests; 0 when it has no time-out.
    pub(super) park: u32,
    pub(super) then: Then,
}

/// What happens.
#[derive(Clone, Debug, BorshSerialize)]
pub(super) enum Then {
    /// This answer is given.
    Answer(Reply, Answer),
    /// The leader's assignment is stored: it is handed out if the generation still stands.
    Assign {
        group: Arc<str>,
        generation: i32,
        assignment: SortedMap<u64, Vec<Tp>>,
    },
    /// A static member's new id is stored: it may go on. `old` is put back if it is not.
    TakeOver {
        group: Arc<str>,
        new: u64,
        old: Box<Member>,
    },
    /// A group exists. It does not if this failed to be appended.
    Created { group: Arc<str> },
    /// A group is gone. It is back if this failed to be appended.
    Removed { group: Box<Group> },
}

/// One batch that the coordinator wrote, or found when it became the coordinator.
#[derive(Clone, Debug, BorshSerialize)]
pub(super) struct Write {
    /// 0 for a batch that was found.
    pub(super) ticket: u32,
    /// Offset after its last record, once it is in the log.
    pub(super) next: Option<i64>,
    pub(super) payload: Payload,
    pub(super) waiting: Vec<Waiter>,
    /// The entry of the request that caused it.
    pub(super) entry: EntryId,
    /// It was handed to the broker.
    handed: bool,
}

/// All writes above the high watermark, in log order.
#[derive(Clone, Debug, BorshSerialize)]
pub(super) struct Writes {
    tp: Tp,
    queue: VecDeque<Write>,
}

impl Writes {
    pub(super) fn new(tp: Tp) -> Self {
        Writes {
            tp,
            queue: VecDeque::new(),
        }
    }

    /// Takes a batch that is in the log already.
    pub(super) fn found(&mut self, next: i64, payload: &Payload) {
        let payload = payload.clone();
        let entry = EntryId::NONE;
        let waiting = Vec::new();
        self.queue.push_back(Write {
            ticket: 0,
            next: Some(next),
            payload,
            waiting,
            entry,
            handed: true,
        });
    }

    /// Appends a batch: at once, or after group.coordinator.append.linger.ms with what else comes
    /// until then. The adaptive linger (-1) waits only while other requests are queued on a thread of
    /// the broker, which takes no time here.
    pub(super) fn append(&mut self, payload: Payload, work: &mut Work<'_>) {
        let (ticket, entry) = (work.number(), work.host.entry());
        let waiting = Vec::new();
        self.queue.push_back(Write {
            ticket,
            next: None,
            payload,
            waiting,
            entry,
            handed: false,
        });
        let linger_ms = work.host.params().group_coordinator_append_linger_ms;
        if linger_ms <= 0 {
            self.flush(work);
        } else if self.queue.iter().filter(|write| !write.handed).count() == 1 {
            work.host
                .arm(Timer::CoordinatorFlush(self.tp), Span::ms(linger_ms));
        }
    }

    /// Appends a batch and lets something happen when it is committed.
    pub(super) fn append_then(&mut self, payload: Payload, then: Then, work: &mut Work<'_>) {
        self.append(payload, work);
        let at_once = self.wait(then, work);
        debug_assert!(
            at_once.is_none(),
            "the batch is not committed before it is in the log"
        );
    }

    /// Hands everything that was collected to the broker.
    pub(super) fn flush(&mut self, work: &mut Work<'_>) {
        for write in self.queue.iter_mut().filter(|write| !write.handed) {
            write.handed = true;
            let (payload, ticket) = (write.payload.clone(), write.ticket);
            work.effects.push(Effect::Append {
                tp: self.tp,
                payload,
                ticket,
            });
        }
    }

    /// Lets something happen when all that is written by now is committed; at once when all is.
    /// A request that wrote nothing waits like one that did: its answer may rest on what others wrote.
    /// Returns what is to happen now.
    pub(super) fn wait(&mut self, then: Then, work: &mut Work<'_>) -> Option<Then> {
        let Some(last) = self.queue.back_mut() else {
            return Some(then);
        };
        let timed = matches!(
            then,
            Then::Answer(..) | Then::Assign { .. } | Then::TakeOver { .. }
        );
        let park = if timed { work.number() } else { 0 };
        if timed {
            let limit = Span::ms(work.host.params().offsets_commit_timeout_ms);
            work.host.arm(Timer::CommitPark(park), limit);
        }
        last.waiting.push(Waiter { park, then });
        None
    }

    /// Answers when all that is written by now is committed.
    pub(super) fn answer(&mut self, reply: Reply, answer: Answer, work: &mut Work<'_>) {
        if let Some(Then::Answer(reply, answer)) = self.wait(Then::Answer(reply, answer), work) {
            work.answer(reply, answer);
        }
    }

    /// The batch of this ticket is in the log. Returns whether it was one of these.
    pub(super) fn appended(&mut self, ticket: u32, next: i64) -> bool {
        let Some(write) = self.queue.iter_mut().find(|write| write.ticket == ticket) else {
            return false;
        };
        write.next = Some(next);
        true
    }

    /// Takes out the write of this ticket.
    pub(super) fn take_failed(&mut self, ticket: u32) -> Option<Write> {
        let at = self.queue.iter().position(|write| write.ticket == ticket)?;
        self.queue.remove(at)
    }

    /// Takes out what was waiting under this number.
    pub(super) fn take_parked(&mut self, park: u32) -> Option<Then> {
        for write in &mut self.queue {
            if let Some(at) = write.waiting.iter().position(|waiter| waiter.park == park) {
                return Some(write.waiting.remove(at).then);
            }
        }
        None
    }

    /// Takes out the next write that ends at or below the high watermark.
    pub(super) fn take_committed(&mut self, hw: i64) -> Option<Write> {
        if self.queue.front()?.next? <= hw {
            self.queue.pop_front()
        } else {
            None
        }
    }

    /// Takes out everything.
    pub(super) fn take_all(&mut self) -> VecDeque<Write> {
        std::mem::take(&mut self.queue)
    }

    /// Offsets in writes that are not committed yet, in log order.
    pub(super) fn uncommitted(&self) -> impl Iterator<Item = &CommittedOffset> {
        self.queue.iter().flat_map(|write| match &write.payload {
            Payload::Offsets(offsets) => &offsets[..],
            _ => &[],
        })
    }

    pub(super) fn closed(&mut self, conn: ConnId) {
        for waiter in self.queue.iter_mut().flat_map(|write| &mut write.waiting) {
            if let Then::Answer(reply, _) = &mut waiter.then {
                reply.closed(conn);
            }
        }
    }
}
