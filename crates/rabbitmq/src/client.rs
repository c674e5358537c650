//! A client process: AMQP library and application.
//!
//! The library ([`library`]) is a raw AMQP 0-9-1 library with one connection and one channel. On top of it
//! lies, if the program asks for it, recovery: a lost connection is opened again after a while, with its
//! channel and its consumers, and nothing is published again (reference 1.14). The application is one of
//! three: a script that makes the calls that it is given, a publisher, or a consumer.

pub mod call;
pub mod channel;
mod consumer;
pub mod library;
pub mod program;
mod publisher;
mod script;
pub mod timer;

pub use call::{Ask, Call, Consume, Kill, Publish, Settling};
pub use program::{
    AckPolicy, Application, Channeling, Connecting, Consuming, Failure, Outgoing, Program,
    PublisherEnd, Publishing,
};
pub use timer::ClientTimer;

use crate::message::Message;
use crate::system::{Order, Rabbit, Timer};
use crate::wire::Msg;
use ackscope_kernel::{CloseWhy, Env, Input, MessageKey, Span};
use borsh::BorshSerialize;
use consumer::Consumer;
use library::{Event, Library, Phase};
use publisher::Publisher;
use script::Script;
use std::sync::Arc;

/// What the application is doing.
#[derive(Clone, Debug, BorshSerialize)]
enum Doing {
    Script(Script),
    Publisher(Publisher),
    Consumer(Consumer),
}

/// A client process.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Client {
    program: Arc<Program>,
    library: Library,
    doing: Doing,
    /// How often the connection was tried since it last stood.
    tries: u32,
}

impl Client {
    /// A client that was just started.
    pub(crate) fn boot(program: Arc<Program>, env: &mut Env<'_, Rabbit>) -> Client {
        let library = Library::new(&program.connection, program.channel);
        let doing = match &program.application {
            Application::Script => Doing::Script(Script::default()),
            Application::Publisher(publishing) => {
                env.arm_in(Timer::Client(ClientTimer::Start), publishing.start);
                Doing::Publisher(Publisher::new(env.incarnation()))
            }
            Application::Consumer(consuming) => {
                env.arm_in(Timer::Client(ClientTimer::Start), consuming.start);
                Doing::Consumer(Consumer::default())
            }
        };
        Client {
            program,
            library,
            doing,
            tries: 0,
        }
    }

    /// The library, as panels and checks look at it.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Takes one input.
    pub(crate) fn step(&mut self, input: Input<Rabbit>, env: &mut Env<'_, Rabbit>) {
        let mut events = Vec::new();
        match input {
            Input::Opened(conn) => self.library.opened(conn, env),
            Input::Refused(conn) => self.library.refused(conn, &mut events, env),
            // A node whose application does not run closes the connection in the handshake. Where the port of
            // AMQP is a listener of its own, nobody listens there yet.
            Input::Closed(conn, CloseWhy::Fin) if self.library.phase == Phase::Handshake => {
                self.library.refused(conn, &mut events, env);
            }
            Input::Closed(conn, _) => self.library.lost(conn, &mut events, env),
            Input::Message {
                conn,
                message: Msg::Amqp { channel, method },
                ..
            } => self.library.hear(conn, channel, method, &mut events, env),
            Input::Timer(Timer::Client(timer)) => self.timer(timer, &mut events, env),
            Input::Order(Order::Client(call)) => {
                if let Doing::Script(script) = &mut self.doing {
                    script.call(call, &self.program, &mut self.library, env);
                }
            }
            Input::Shutdown => env.exit(),
            // The socket takes messages again: what was being written goes on.
            Input::Written(_) => self.timer(ClientTimer::Write, &mut events, env),
            Input::Message { .. }
            | Input::Timer(_)
            | Input::Order(_)
            | Input::Synced(..)
            | Input::Local { .. }
            | Input::PartCrashed(_)
            | Input::Reconfigured => {}
        }
        for event in events {
            self.event(event, env);
        }
    }

    fn timer(&mut self, timer: ClientTimer, events: &mut Vec<Event>, env: &mut Env<'_, Rabbit>) {
        match timer {
            ClientTimer::Heartbeat => {
                let busy = match &self.doing {
                    Doing::Consumer(consumer) => consumer.is_busy(),
                    Doing::Script(_) | Doing::Publisher(_) => false,
                };
                if busy && self.program.connection.single_threaded {
                    // Nobody looks at the socket until the work is done.
                    let again = Span(self.program.connection.heartbeat.0 / 4);
                    env.arm_in(Timer::Client(ClientTimer::Heartbeat), again);
                } else {
                    self.library.beat(events, env);
                }
            }
            ClientTimer::Connect => self.library.too_slow(events, env),
            ClientTimer::Recover | ClientTimer::Start => self.connect(env),
            timer => match &mut self.doing {
                Doing::Script(script) => script.timer(timer, &mut self.library, env),
                Doing::Publisher(publisher) => {
                    publisher.timer(timer, &self.program, &mut self.library, env);
                }
                Doing::Consumer(consumer) => {
                    consumer.timer(timer, &self.program, &mut self.library, env);
                }
            },
        }
    }

    /// Connects to the next of the known nodes.
    fn connect(&mut self, env: &mut Env<'_, Rabbit>) {
        let known = self.program.nodes.len().max(1);
        let at = self.tries as usize % known;
        if let Some(node) = self.program.nodes.get(at) {
            self.tries = self.tries.wrapping_add(1);
            self.library.connect(*node, None, None, env);
        }
    }

    fn event(&mut self, event: Event, env: &mut Env<'_, Rabbit>) {
        match &event {
            Event::Ready => self.tries = 0,
            Event::Lost(_) | Event::Refused => self.recover(env),
            _ => {}
        }
        match &mut self.doing {
            Doing::Script(script) => script.event(event, &mut self.library, env),
            Doing::Publisher(publisher) => {
                publisher.event(event, &self.program, &mut self.library, env);
            }
            Doing::Consumer(consumer) => {
                consumer.event(event, &self.program, &mut self.library, env);
            }
        }
    }

    /// Plans another connection after a loss, if there is a layer that does so. A script connects when it
    /// is told to.
    fn recover(&self, env: &mut Env<'_, Rabbit>) {
        let scripted = matches!(self.doing, Doing::Script(_));
        if let (Some(interval), false) = (self.program.connection.recovery, scripted)
            && self.library.phase == Phase::Lost
        {
            env.arm_in(Timer::Client(ClientTimer::Recover), interval);
        }
    }
}

impl Outgoing {
    /// The message that the application calls `key`.
    fn message(&self, key: MessageKey, attempt: u16) -> Arc<Message> {
        Arc::new(Message {
            key,
            attempt,
            exchange: self.exchange,
            routing_key: self.routing_key.clone(),
            cc: self.cc.clone(),
            bcc: self.bcc.clone(),
            size: self.size,
            persistent: self.persistent,
            expiration: self.expiration.clone(),
            priority: self.priority,
            message_id: self
                .message_id
                .then_some(u64::from(key.origin.0) << 32 | u64::from(key.number)),
            user_id: self.user_id.clone(),
            headers: self.headers.clone(),
            deaths: Vec::new(),
            delivery_count: None,
            acquired_count: None,
            stream_offset: None,
        })
    }
}
