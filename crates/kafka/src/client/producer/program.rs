//! The application that sends by itself ([`ProducerProgram`]).

use super::numbers::Numbers;
use super::partitioner::murmur2;
use super::send::Send;
use crate::records::Record;
use crate::system::{OnFailure, ProducerEnd, ProducerProgram};
use ackscope_kernel::{MessageKey, SeatId, Span, Time};
use borsh::BorshSerialize;
use std::collections::VecDeque;

/// Where the program stands.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Program {
    plan: ProducerProgram,
    me: SeatId,
    /// The first number that it used.
    first: u32,
    /// The number of the next new message.
    next: u32,
    /// Messages sent for the first time.
    sent: u32,
    /// Messages of the present burst.
    in_burst: u32,
    burst_began: Time,
    /// When the next new message is sent.
    due: Time,
    /// Failed messages that are sent again: number and attempt.
    again: VecDeque<(u32, u16)>,
    /// Messages without a final outcome.
    open: u32,
    paused: bool,
    ended: bool,
}

/// What the program does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// send() this.
    Send(Send),
    /// Nothing before that time.
    Wait(Time),
    /// It is at its end.
    End(ProducerEnd),
}

impl Program {
    /// A program of a client that was made now. A process that was started again goes on with new
    /// messages: its `incarnation`-th run numbers after all that the earlier ones may have sent.
    pub(super) fn new(plan: ProducerProgram, me: SeatId, incarnation: u32, now: Time) -> Self {
        let first = incarnation
            .saturating_mul(plan.stop_after)
            .saturating_add(1);
        let due = now + plan.start;
        Program {
            plan,
            me,
            first,
            next: first,
            sent: 0,
            in_burst: 0,
            burst_began: due,
            due,
            again: VecDeque::new(),
            open: 0,
            paused: false,
            ended: false,
        }
    }

    /// A person's switch.
    pub(super) fn run(&mut self, on: bool, now: Time) {
        self.paused = !on;
        if on && self.due < now {
            self.due = now;
            self.burst_began = now;
        }
    }

    /// The hash of the message's key: the keys are the four bytes of a number, and go round.
    fn key(&self, number: u32) -> Option<u64> {
        let key = (self.plan.keys > 0).then(|| (number - 1) % self.plan.keys)?;
        Some(u64::from(murmur2(&key.to_le_bytes())))
    }

    fn send(&self, number: u32, attempt: u16, now: Time) -> Next {
        let record = Record {
            message: MessageKey {
                origin: self.me,
                number,
            },
            attempt,
            size: self.plan.size,
            timestamp_ms: 0,
            key: self.key(number),
        };
        Next::Send(Send::new(
            self.plan.topic,
            self.plan.partition,
            record,
            None,
            now,
        ))
    }

    /// The next thing to do, when the last send() has returned. `taken` are numbers that belong to others.
    pub(super) fn next(&mut self, taken: &Numbers, send_takes: Span, now: Time) -> Next {
        // What failed is sent again even when the last message was sent long ago.
        if self.paused || (self.ended && self.again.is_empty()) {
            return Next::Wait(Time::NEVER);
        }
        if let Some((number, attempt)) = self.again.pop_front() {
            return self.send(number, attempt, now);
        }
        if self.sent == self.plan.stop_after {
            return self.end();
        }
        if now < self.due {
            return Next::Wait(self.due);
        }
        while let Some(last) = taken.last_in_row(MessageKey {
            origin: self.me,
            number: self.next,
        }) {
            let Some(next) = last.checked_add(1) else {
                self.ended = true;
                return Next::Wait(Time::NEVER);
            };
            self.next = next;
        }
        let number = self.next;
        self.next = self.next.saturating_add(1);
        self.sent += 1;
        self.open += 1;
        self.in_burst += 1;
        self.due = now + send_takes;
        if self.in_burst >= self.plan.burst {
            self.in_burst = 0;
            self.burst_began = self.due.max(self.burst_began + self.plan.interval);
            self.due = self.burst_began;
        }
        self.send(number, 0, now)
    }

    fn end(&mut self) -> Next {
        // An application that sends failed messages again looks at every outcome before it closes.
        let waits = self.plan.end == ProducerEnd::Close
            && matches!(self.plan.on_failure, OnFailure::Resend(_))
            && self.open > 0;
        if waits {
            return Next::Wait(Time::NEVER);
        }
        self.ended = true;
        Next::End(self.plan.end)
    }

    /// The message is one that this program numbered.
    pub(super) fn owns(&self, key: MessageKey, taken: &Numbers) -> bool {
        key.origin == self.me
            && (self.first..self.next).contains(&key.number)
            && taken.last_in_row(key).is_none()
    }

    /// One of its messages has an outcome. Returns whether the program has something to do now.
    pub(super) fn outcome(&mut self, record: &Record, failed: bool) -> bool {
        if let (true, OnFailure::Resend(most)) = (failed, self.plan.on_failure)
            && record.attempt < most
        {
            self.again
                .push_back((record.message.number, record.attempt + 1));
        } else {
            self.open = self.open.saturating_sub(1);
        }
        !self.again.is_empty() || (self.open == 0 && self.sent == self.plan.stop_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> ProducerProgram {
        ProducerProgram {
            topic: 1,
            partition: Some(0),
            start: Span(1000),
            interval: Span(500),
            burst: 2,
            stop_after: 3,
            size: 10,
            keys: 0,
            on_failure: OnFailure::Look,
            end: ProducerEnd::Close,
        }
    }

    fn sent(next: Next) -> (u32, u16) {
        match next {
            Next::Send(send) => (send.record.message.number, send.record.attempt),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn bursts_come_at_their_interval_and_skip_numbers_that_are_taken() {
        let mut taken = Numbers::default();
        taken.insert(MessageKey {
            origin: SeatId(4),
            number: 2,
        });
        let mut program = Program::new(plan(), SeatId(4), 0, Time(0));
        let mut at = |now: u64| program.next(&taken, Span(20), Time(now));
        assert_eq!(at(0), Next::Wait(Time(1000)));
        assert_eq!(sent(at(1000)), (1, 0));
        assert_eq!(sent(at(1020)), (3, 0));
        assert_eq!(at(1040), Next::Wait(Time(1500)));
        assert_eq!(sent(at(1500)), (4, 0));
        assert_eq!(at(1520), Next::End(ProducerEnd::Close));
        assert_eq!(at(1540), Next::Wait(Time::NEVER));
    }

    #[test]
    fn a_failed_message_is_sent_again_at_most_n_times_and_then_the_program_ends() {
        let plan = ProducerProgram {
            stop_after: 1,
            on_failure: OnFailure::Resend(1),
            ..plan()
        };
        let mut program = Program::new(plan, SeatId(4), 2, Time(0));
        let taken = Numbers::default();
        let Next::Send(first) = program.next(&taken, Span(20), Time(1000)) else {
            panic!()
        };
        // Two earlier runs may have used 1 and 2.
        assert_eq!(first.record.message.number, 3);
        assert_eq!(
            program.next(&taken, Span(20), Time(1020)),
            Next::Wait(Time::NEVER)
        );
        assert!(program.outcome(&first.record, true));
        let Next::Send(second) = program.next(&taken, Span(20), Time(2000)) else {
            panic!()
        };
        assert_eq!(second.record.message, first.record.message);
        assert_eq!(second.record.attempt, 1);
        assert!(program.outcome(&second.record, true));
        assert_eq!(
            program.next(&taken, Span(20), Time(3000)),
            Next::End(ProducerEnd::Close)
        );
    }

    #[test]
    fn a_pause_keeps_the_program_still_and_nothing_is_made_up_afterwards() {
        let mut program = Program::new(plan(), SeatId(4), 0, Time(0));
        let taken = Numbers::default();
        program.run(false, Time(500));
        assert_eq!(
            program.next(&taken, Span(20), Time(1000)),
            Next::Wait(Time::NEVER)
        );
        program.run(true, Time(9000));
        assert_eq!(sent(program.next(&taken, Span(20), Time(9000))), (1, 0));
        assert_eq!(sent(program.next(&taken, Span(20), Time(9020))), (2, 0));
        assert_eq!(
            program.next(&taken, Span(20), Time(9040)),
            Next::Wait(Time(9500))
        );
    }
}
