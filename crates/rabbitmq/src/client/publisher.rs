//! The publishing application: it makes messages, keeps to its window, and sends again what its policy says.
//!
//! At-least-once is made here and nowhere else (reference 2.9): a message is kept until its ack, and goes
//! out again, in order, after a nack, after a time-out, or on a new connection. Each such copy is a possible
//! duplicate, and lands behind what was accepted meanwhile.

use super::channel::Expect;
use super::library::{Event, Library, Phase};
use super::program::{Application, Program, PublisherEnd, Publishing};
use super::timer::ClientTimer;
use crate::amqp::Method;
use crate::params::{ChannelMode, RetryPolicy};
use crate::system::{Rabbit, Timer};
use ackscope_kernel::{Env, MessageKey, Span};
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Messages of an earlier life of the process keep their numbers; this life begins above them.
const LIFE: u32 = 1_000_000;
/// The number of the call that commits.
const COMMIT: u32 = 0;

/// The application's state.
#[derive(Clone, Debug, Default, BorshSerialize)]
pub(crate) struct Publisher {
    /// The number of the last message that was made.
    made: u32,
    /// Messages made in this life.
    count: u32,
    /// Made, and waiting to be written: new ones, and those that go out again.
    queue: VecDeque<MessageKey>,
    /// How often each message that has no answer was written.
    attempts: BTreeMap<MessageKey, u16>,
    /// Written on this connection and without an answer.
    open: BTreeSet<MessageKey>,
    /// The next burst is planned, or all are made.
    ticking: bool,
    ended: bool,
}

fn publishing(program: &Program) -> Option<&Publishing> {
    match &program.application {
        Application::Publisher(publishing) => Some(publishing),
        Application::Script | Application::Consumer(_) => None,
    }
}

impl Publisher {
    pub(crate) fn new(incarnation: u32) -> Publisher {
        Publisher {
            made: incarnation.saturating_mul(LIFE),
            ..Publisher::default()
        }
    }

    /// A timer is due.
    pub(crate) fn timer(
        &mut self,
        timer: ClientTimer,
        program: &Program,
        library: &mut Library,
        env: &mut Env<'_, Rabbit>,
    ) {
        let Some(publishing) = publishing(program) else {
            return;
        };
        match timer {
            ClientTimer::Burst => {
                self.ticking = false;
                self.make(publishing, env);
                self.write(publishing, library, env);
            }
            ClientTimer::Write => self.write(publishing, library, env),
            ClientTimer::Confirm(key) if self.open.contains(&key) => {
                self.failed(vec![key], Again::Timeout, publishing);
                self.write(publishing, library, env);
            }
            _ => {}
        }
    }

    /// The library tells something.
    pub(crate) fn event(
        &mut self,
        event: Event,
        program: &Program,
        library: &mut Library,
        env: &mut Env<'_, Rabbit>,
    ) {
        let Some(publishing) = publishing(program) else {
            return;
        };
        match event {
            Event::Ready => {
                if !self.ticking && !self.all_made(publishing) {
                    self.make(publishing, env);
                }
            }
            Event::Confirmed(keys, true) | Event::Transacted(keys, true) => {
                self.settled(&keys, env);
            }
            Event::Confirmed(keys, false) => {
                self.forget_timers(&keys, env);
                self.failed(keys, Again::Nack, publishing);
            }
            Event::ChannelClosed(keys) | Event::Lost(keys) => {
                self.forget_timers(&keys, env);
                self.failed(keys, Again::Reconnect, publishing);
                if library.phase == Phase::Ready && publishing.retry != RetryPolicy::None {
                    // Only the channel is gone: a new connection is the simplest way to another.
                    library.kill(false, env);
                    env.arm_in(Timer::Client(ClientTimer::Recover), Span(1));
                }
            }
            Event::Returned(_)
            | Event::Refused
            | Event::Answered(..)
            | Event::Broken(_)
            | Event::Delivered(_)
            | Event::Cancelled(_)
            | Event::Transacted(_, false)
            | Event::Closed => {}
        }
        self.write(publishing, library, env);
    }

    fn all_made(&self, publishing: &Publishing) -> bool {
        publishing.stop_after > 0 && self.count >= publishing.stop_after
    }

    /// Makes the messages of a burst and plans the next one.
    fn make(&mut self, publishing: &Publishing, env: &mut Env<'_, Rabbit>) {
        for _ in 0..publishing.burst.max(1) {
            if self.all_made(publishing) {
                return;
            }
            self.made = self.made.saturating_add(1);
            self.count = self.count.saturating_add(1);
            self.queue.push_back(MessageKey {
                origin: env.me(),
                number: self.made,
            });
        }
        if !self.all_made(publishing) && publishing.interval.0 > 0 {
            self.ticking = true;
            env.arm_in(Timer::Client(ClientTimer::Burst), publishing.interval);
        }
    }

    /// Whether one more message may be written now.
    fn may_write(&self, publishing: &Publishing, library: &Library) -> bool {
        let room = publishing.window.is_none_or(|window| {
            u32::try_from(self.open.len()).unwrap_or(u32::MAX) < window.max(1)
        });
        library.is_ready() && room && !library.channel().committing
    }

    /// Writes what waits, as far as window, transaction and socket allow.
    fn write(&mut self, publishing: &Publishing, library: &mut Library, env: &mut Env<'_, Rabbit>) {
        let timer = Timer::Client(ClientTimer::Write);
        if env.armed(timer).is_some() || !self.may_write(publishing, library) {
            return;
        }
        if self.commit_is_due(publishing, library) {
            library.call(COMMIT, Expect::Commit, Method::TxCommit, env);
            return;
        }
        if !library.has_room(env) {
            return;
        }
        let Some(key) = self.queue.pop_front() else {
            if publishing.interval.0 == 0 && !self.all_made(publishing) {
                // Without an interval the next burst follows as soon as the last one is written.
                self.make(publishing, env);
                self.write(publishing, library, env);
            } else {
                self.end(publishing, library, env);
            }
            return;
        };
        let attempt = self.attempts.entry(key).or_default();
        *attempt = attempt.saturating_add(1);
        let outgoing = &publishing.outgoing;
        let message = outgoing.message(key, *attempt);
        library.publish(message, outgoing.mandatory, outgoing.immediate, env);
        if library.channel().mode == ChannelMode::None {
            self.attempts.remove(&key);
        } else {
            self.open.insert(key);
            if let Some(limit) = publishing.confirm_timeout {
                env.arm_in(Timer::Client(ClientTimer::Confirm(key)), limit);
            }
        }
        let (low, high) = env.settings().pace.write;
        let took = env.draw([11, u64::from(key.number), 0], low.0, high.0);
        env.arm_in(timer, Span(took));
    }

    fn commit_is_due(&self, publishing: &Publishing, library: &Library) -> bool {
        let written = library.channel().transaction.len();
        let full = written >= publishing.commit_every.max(1) as usize;
        let last = self.queue.is_empty() && (self.all_made(publishing) || self.ticking);
        library.channel().mode == ChannelMode::Tx && written > 0 && (full || last)
    }

    /// Everything is written: does what the program wants in the end.
    fn end(&mut self, publishing: &Publishing, library: &mut Library, env: &mut Env<'_, Rabbit>) {
        if self.ended || !self.all_made(publishing) || !self.queue.is_empty() {
            return;
        }
        match publishing.end {
            PublisherEnd::Stay => {}
            // Who confirms waits for the confirms before it goes.
            PublisherEnd::Close if self.open.is_empty() => {
                self.ended = true;
                library.close(None, env);
            }
            PublisherEnd::Close => {}
            PublisherEnd::Exit => {
                self.ended = true;
                env.exit();
            }
        }
    }

    fn forget_timers(&self, keys: &[MessageKey], env: &mut Env<'_, Rabbit>) {
        for key in keys {
            env.disarm(Timer::Client(ClientTimer::Confirm(*key)));
        }
    }

    fn settled(&mut self, keys: &[MessageKey], env: &mut Env<'_, Rabbit>) {
        self.forget_timers(keys, env);
        for key in keys {
            self.open.remove(key);
            self.attempts.remove(key);
        }
    }

    /// These have failed, or may have: sends them again if the policy says so. What goes out again goes
    /// before what is new, in its old order.
    fn failed(&mut self, keys: Vec<MessageKey>, why: Again, publishing: &Publishing) {
        let again = match publishing.retry {
            RetryPolicy::None => false,
            RetryPolicy::OnNack => why == Again::Nack,
            RetryPolicy::OnNackTimeoutReconnect => true,
        };
        for key in &keys {
            self.open.remove(key);
        }
        if again {
            for key in keys.into_iter().rev() {
                self.queue.push_front(key);
            }
        } else {
            for key in &keys {
                self.attempts.remove(key);
            }
        }
    }
}

/// Why a message may have to go out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    Nack,
    Timeout,
    Reconnect,
}
