//! The consuming application: it works on one message after the other and acknowledges by its policy.

use super::channel::Expect;
use super::library::{Delivered, Event, Library};
use super::program::{AckPolicy, Application, Consuming, Failure, Program};
use super::script::processed;
use super::timer::ClientTimer;
use crate::amqp::Method;
use crate::facts::Fact;
use crate::signal::Settle;
use crate::system::{Rabbit, Timer};
use ackscope_kernel::Env;
use borsh::BorshSerialize;
use std::collections::{BTreeSet, VecDeque};

/// The number of the call that subscribes.
const SUBSCRIBE: u32 = 0;

/// The application's state.
#[derive(Clone, Debug, Default, BorshSerialize)]
pub(crate) struct Consumer {
    /// Delivered and not begun.
    inbox: VecDeque<Delivered>,
    /// What is worked on.
    current: Option<Delivered>,
    /// Deliveries that were begun in this life.
    begun: u32,
    /// Processed and not acknowledged yet, because one ack covers several.
    unacked: u32,
    /// Effects that the sink has, by the message's `message_id`. It lives with the process here; a test of
    /// a sink that forgets restarts the process.
    sink: BTreeSet<u64>,
}

fn consuming(program: &Program) -> Option<&Consuming> {
    match &program.application {
        Application::Consumer(consuming) => Some(consuming),
        Application::Script | Application::Publisher(_) => None,
    }
}

impl Consumer {
    /// Whether a message is being worked on.
    pub(crate) fn is_busy(&self) -> bool {
        self.current.is_some()
    }

    /// A timer is due.
    pub(crate) fn timer(
        &mut self,
        timer: ClientTimer,
        program: &Program,
        library: &mut Library,
        env: &mut Env<'_, Rabbit>,
    ) {
        let Some(consuming) = consuming(program) else {
            return;
        };
        match timer {
            ClientTimer::Processed => {
                self.finish(consuming, library, env);
                if program.connection.single_threaded {
                    library.read(true, env);
                }
                self.begin(program, consuming, library, env);
            }
            ClientTimer::Resubscribe => subscribe(consuming, library, env),
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
        let Some(consuming) = consuming(program) else {
            return;
        };
        match event {
            Event::Ready => subscribe(consuming, library, env),
            Event::Delivered(delivered) => {
                if consuming.no_ack {
                    library.channel_mut().settled(delivered.delivery_tag, false);
                }
                self.inbox.push_back(delivered);
                self.begin(program, consuming, library, env);
            }
            Event::Cancelled(_) => self.again(consuming, env),
            Event::ChannelClosed(_) | Event::Lost(_) => {
                // Deliveries of a channel that is gone come again by themselves; what the process has in
                // hand without the duty to acknowledge is all there is.
                if !consuming.no_ack {
                    self.inbox.clear();
                    self.unacked = 0;
                }
                if library.phase == super::library::Phase::Ready && consuming.resubscribe.is_some()
                {
                    library.kill(false, env);
                    let interval = consuming.resubscribe.unwrap_or_default();
                    env.arm_in(Timer::Client(ClientTimer::Recover), interval);
                }
            }
            Event::Refused
            | Event::Answered(..)
            | Event::Broken(_)
            | Event::Confirmed(..)
            | Event::Returned(_)
            | Event::Transacted(..)
            | Event::Closed => {}
        }
    }

    fn again(&self, consuming: &Consuming, env: &mut Env<'_, Rabbit>) {
        if let Some(interval) = consuming.resubscribe {
            env.arm_in(Timer::Client(ClientTimer::Resubscribe), interval);
        }
    }

    /// Begins to work on the next message, if none is in hand.
    fn begin(
        &mut self,
        program: &Program,
        consuming: &Consuming,
        library: &mut Library,
        env: &mut Env<'_, Rabbit>,
    ) {
        if self.current.is_some() {
            return;
        }
        let Some(delivered) = self.inbox.pop_front() else {
            return;
        };
        self.begun = self.begun.saturating_add(1);
        if consuming.ack == AckPolicy::Before && !consuming.no_ack {
            self.acknowledge(&delivered, consuming, library, env);
        }
        self.current = Some(delivered);
        if program.connection.single_threaded && consuming.processing.0 > 0 {
            library.read(false, env);
        }
        env.arm_in(Timer::Client(ClientTimer::Processed), consuming.processing);
    }

    /// The work on the message in hand is over.
    fn finish(&mut self, consuming: &Consuming, library: &mut Library, env: &mut Env<'_, Rabbit>) {
        let Some(delivered) = self.current.take() else {
            return;
        };
        if consuming.fails.contains(&self.begun) {
            self.fail(&delivered, consuming, library, env);
            return;
        }
        self.effect(&delivered, consuming, env);
        if consuming.ack == AckPolicy::After && !consuming.no_ack {
            self.acknowledge(&delivered, consuming, library, env);
        }
    }

    fn effect(&mut self, delivered: &Delivered, consuming: &Consuming, env: &mut Env<'_, Rabbit>) {
        let known = match delivered.message.message_id {
            Some(id) if consuming.idempotent_sink => !self.sink.insert(id),
            _ => false,
        };
        if known {
            let key = delivered.message.key;
            env.note(Fact::Recognised { key });
        } else {
            processed(delivered, env);
        }
    }

    fn acknowledge(
        &mut self,
        delivered: &Delivered,
        consuming: &Consuming,
        library: &mut Library,
        env: &mut Env<'_, Rabbit>,
    ) {
        let tag = delivered.delivery_tag;
        if !library.can_settle(delivered) {
            return;
        }
        self.unacked += 1;
        let every = consuming.ack_every.max(1);
        if self.unacked >= every {
            self.unacked = 0;
            let multiple = every > 1;
            let keys = library.channel_mut().settled(tag, multiple);
            library.settle(tag, multiple, Settle::Ack, keys, env);
        }
    }

    fn fail(
        &mut self,
        delivered: &Delivered,
        consuming: &Consuming,
        library: &mut Library,
        env: &mut Env<'_, Rabbit>,
    ) {
        let how = match consuming.on_failure {
            Failure::Nack(requeue) => Settle::Nack(requeue),
            Failure::Reject(requeue) => Settle::Reject(requeue),
            Failure::ExitBefore => {
                env.exit();
                return;
            }
            Failure::ExitAfter => {
                self.effect(delivered, consuming, env);
                env.exit();
                return;
            }
            Failure::Forget => return,
        };
        let tag = delivered.delivery_tag;
        if !consuming.no_ack && library.can_settle(delivered) {
            let keys = library.channel_mut().settled(tag, false);
            library.settle(tag, false, how, keys, env);
        }
    }
}

fn subscribe(consuming: &Consuming, library: &mut Library, env: &mut Env<'_, Rabbit>) {
    if library.is_ready() {
        let method = Method::Consume {
            queue: consuming.queue,
            tag: consuming.tag,
            no_ack: consuming.no_ack,
            exclusive: consuming.exclusive,
            arguments: consuming.arguments.clone(),
        };
        library.call(SUBSCRIBE, Expect::Consume(consuming.tag), method, env);
    }
}
