//! flush() and close().

use super::Producer;
use crate::facts::{Call, ClientError, Fact};
use crate::system::{Kafka, ProducerEnd};
use ackscope_kernel::{Env, Time};
use borsh::BorshSerialize;

/// A close() that has not returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Closing {
    /// When the rest is given up.
    pub(super) deadline: Time,
    /// Somebody ordered it and waits for its return.
    ordered: bool,
    /// The process ends afterwards.
    exits: bool,
}

impl Producer {
    /// flush(): everything that is buffered now is sent without linger.
    pub(super) fn begin_flush(&mut self) {
        self.flushes.push(self.accumulator.next_id());
        self.accumulator.flushes += 1;
    }

    /// close(): nothing new is taken; all that is buffered is sent until the deadline.
    pub(super) fn begin_close(&mut self, deadline: Time, ordered: bool, exits: bool) {
        self.accumulator.closed = true;
        let earlier = self.closing.take();
        self.closing = Some(Closing {
            deadline: earlier.map_or(deadline, |c| c.deadline.min(deadline)),
            ordered: ordered || earlier.is_some_and(|c| c.ordered),
            exits: exits || earlier.is_some_and(|c| c.exits),
        });
    }

    /// SIGTERM: an application that ends in order closes its client first.
    pub(super) fn shut_down(&mut self, env: &mut Env<'_, Kafka>) {
        match self.end {
            ProducerEnd::Exit => env.exit(),
            ProducerEnd::Stay | ProducerEnd::Close => self.begin_close(Time::NEVER, false, true),
        }
    }

    /// Lets the calls return that have nothing to wait for any more.
    pub(super) fn finish_calls(&mut self, env: &mut Env<'_, Kafka>) {
        if let Some(closing) = self.closing {
            let sent = !self.accumulator.has_undrained() && self.net.in_flight_in_all() == 0;
            if self.closed || sent || env.now() >= closing.deadline {
                self.closing = None;
                self.finish_close(closing, env);
            }
        }
        let accumulator = &self.accumulator;
        let before = self.flushes.len();
        self.flushes
            .retain(|upto| accumulator.incomplete_below(*upto));
        for _ in self.flushes.len()..before {
            self.accumulator.flushes -= 1;
            env.note(Fact::CallReturned { call: Call::Flush });
        }
    }

    /// close() returns; what is left fails, although it may be in a log (`Sender.forceClose`).
    fn finish_close(&mut self, closing: Closing, env: &mut Env<'_, Kafka>) {
        for batch in self.accumulator.abort() {
            self.failed(&batch, ClientError::Kafka, env);
        }
        if !self.closed {
            self.net.close(env);
            self.closed = true;
            self.look_again = Time::NEVER;
            // Calls of send() that waited for metadata throw.
            self.run_application(env);
        }
        if closing.ordered {
            env.note(Fact::CallReturned { call: Call::Close });
        }
        if closing.exits {
            env.exit();
        }
    }
}
