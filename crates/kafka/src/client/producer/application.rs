//! The application on the library: threads that call send(), one for each order and one for the program.

use super::Producer;
use super::numbers::Numbers;
use super::program::{Next, Program};
use super::send::{Send, Try};
use crate::facts::{Call, ClientError, Fact};
use crate::records::Record;
use crate::system::{Kafka, ProduceOrder, ProducerEnd};
use ackscope_kernel::{Env, MessageKey, Span, Time};
use borsh::BorshSerialize;
use std::sync::Arc;

/// What the application remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(super) struct Application {
    pub(super) threads: Vec<Thread>,
    /// Messages offered on an order.
    ordered: Numbers,
}

/// A thread that calls send() again and again.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Thread {
    work: Work,
    /// The call that has not returned.
    pub(super) sending: Option<Send>,
    /// When it does the next thing.
    pub(super) next: Time,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
enum Work {
    /// An order, and how many of its messages were offered.
    Order(Arc<ProduceOrder>, u32),
    Program(Box<Program>),
    /// Nothing is left to do.
    Done,
}

impl Application {
    /// Starts a thread that obeys an order.
    pub(super) fn obey(&mut self, order: ProduceOrder, now: Time) {
        self.threads.push(Thread {
            work: Work::Order(Arc::new(order), 0),
            sending: None,
            next: now,
        });
    }

    /// Starts the thread of the program.
    pub(super) fn start(&mut self, program: Program, now: Time) {
        self.threads.push(Thread {
            work: Work::Program(Box::new(program)),
            sending: None,
            next: now,
        });
    }

    /// A person's switch.
    pub(super) fn run(&mut self, on: bool, now: Time) {
        for thread in &mut self.threads {
            if let Work::Program(program) = &mut thread.work {
                program.run(on, now);
                thread.next = now;
            }
        }
    }

    /// When a thread does its next thing; those that block wait for something else.
    pub(super) fn due(&self) -> Time {
        let free = self
            .threads
            .iter()
            .filter(|thread| thread.sending.is_none());
        free.map(|thread| thread.next).min().unwrap_or(Time::NEVER)
    }

    /// When the first blocked call has to give up.
    pub(super) fn gives_up(&self, max_block: Span) -> Time {
        let calls = self
            .threads
            .iter()
            .filter_map(|thread| thread.sending.as_ref());
        calls
            .map(|send| send.called + max_block)
            .min()
            .unwrap_or(Time::NEVER)
    }

    /// Whether a call of send() blocks.
    pub(super) fn blocked(&self) -> bool {
        self.threads.iter().any(|thread| thread.sending.is_some())
    }

    /// Whether a call waits for memory.
    pub(super) fn wants_memory(&self) -> bool {
        let mut calls = self
            .threads
            .iter()
            .filter_map(|thread| thread.sending.as_ref());
        calls.any(Send::waits_for_memory)
    }

    /// The application learns an outcome of records that were buffered.
    pub(super) fn outcome(&mut self, records: &[Record], failed: bool, now: Time) {
        for thread in &mut self.threads {
            let Work::Program(program) = &mut thread.work else {
                continue;
            };
            for record in records {
                if program.owns(record.message, &self.ordered) && program.outcome(record, failed) {
                    thread.next = now;
                }
            }
        }
    }

    /// How often a message was offered before, and notes that it is offered on an order.
    fn attempt(&mut self, key: MessageKey) -> u16 {
        let programs = |thread: &Thread| matches!(&thread.work, Work::Program(p) if p.owns(key, &self.ordered));
        let known = self.ordered.last_in_row(key).is_some();
        if known || self.threads.iter().any(programs) {
            return self.ordered.count_again(key);
        }
        self.ordered.insert(key);
        0
    }
}

impl Producer {
    /// Lets every thread go on. Returns whether the sender should look.
    pub(super) fn run_application(&mut self, env: &mut Env<'_, Kafka>) -> bool {
        let now = env.now();
        let closing = self.closing.is_some();
        let mut wake = false;
        let mut ended = false;
        let count = self.application.threads.len();
        for at in 0..count {
            let Some(mut send) = self.next_send(at, env) else {
                continue;
            };
            let may_allocate = !self.waits_longer(at, &send);
            let tried = self.try_send(&mut send, may_allocate, env);
            let thread = &mut self.application.threads[at];
            match tried {
                Try::Blocked => {
                    // The sender sends without linger when memory is short.
                    wake |= thread.sending.is_none();
                    thread.sending = Some(send);
                    continue;
                }
                Try::Buffered { wake: look } => wake |= look,
                Try::Failed(error) => self.failed_at_once(at, &send.record, error, env),
            }
            self.returned(at, now, env);
            ended |= matches!(self.application.threads[at].work, Work::Done);
        }
        if ended {
            self.application
                .threads
                .retain(|thread| !matches!(thread.work, Work::Done));
        }
        wake || self.closing.is_some() != closing
    }

    /// The call that this thread is in, or the next one if it is due.
    fn next_send(&mut self, at: usize, env: &mut Env<'_, Kafka>) -> Option<Send> {
        let now = env.now();
        let send_takes = env.settings().pace.send;
        let thread = &mut self.application.threads[at];
        if let Some(send) = &thread.sending {
            return Some(send.clone());
        }
        if thread.next > now {
            return None;
        }
        let send = match &mut thread.work {
            Work::Done => return None,
            Work::Program(program) => {
                match program.next(&self.application.ordered, send_takes, now) {
                    Next::Send(send) => send,
                    Next::Wait(until) => {
                        thread.next = until;
                        return None;
                    }
                    Next::End(end) => {
                        thread.next = Time::NEVER;
                        match end {
                            ProducerEnd::Stay => {}
                            ProducerEnd::Close => self.begin_close(Time::NEVER, false, true),
                            ProducerEnd::Exit => env.exit(),
                        }
                        return None;
                    }
                }
            }
            Work::Order(order, offered) => {
                let order = order.clone();
                let message = *order.messages.get(usize::try_from(*offered).ok()?)?;
                *offered += 1;
                let record = Record {
                    message,
                    attempt: self.application.attempt(message),
                    size: order.size,
                    timestamp_ms: 0,
                    key: order.key,
                };
                let age = (order.timestamp_age_ms != 0).then_some(order.timestamp_age_ms);
                Send::new(order.topic, order.partition, record, age, now)
            }
        };
        self.counts.offered += 1;
        env.note(Fact::Offered(send.record.message));
        Some(send)
    }

    /// Another call waits for memory since before this one was made: memory goes by turns.
    fn waits_longer(&self, at: usize, send: &Send) -> bool {
        self.application
            .threads
            .iter()
            .enumerate()
            .any(|(other, thread)| {
                let theirs = thread
                    .sending
                    .as_ref()
                    .filter(|theirs| theirs.waits_for_memory());
                theirs.is_some_and(|theirs| (theirs.called, other) < (send.called, at))
            })
    }

    /// send() failed before the record was buffered. Nothing tries it again but the application.
    fn failed_at_once(
        &mut self,
        at: usize,
        record: &Record,
        error: ClientError,
        env: &mut Env<'_, Kafka>,
    ) {
        self.counts.failed += 1;
        env.note(Fact::SendFailed {
            keys: Arc::new([record.message]),
            error,
        });
        if let Work::Program(program) = &mut self.application.threads[at].work
            // A closed client takes nothing, however often it is asked.
            && !self.accumulator.closed
        {
            program.outcome(record, true);
        }
    }

    /// A call of send() has returned.
    fn returned(&mut self, at: usize, now: Time, env: &mut Env<'_, Kafka>) {
        let takes = env.settings().pace.send.max(Span(1));
        let thread = &mut self.application.threads[at];
        thread.sending = None;
        thread.next = now + takes;
        if let Work::Order(order, offered) = &thread.work {
            thread.next = thread.next + order.pace;
            if usize::try_from(*offered).is_ok_and(|offered| offered >= order.messages.len()) {
                thread.work = Work::Done;
                env.note(Fact::CallReturned { call: Call::Send });
            }
        }
    }
}
