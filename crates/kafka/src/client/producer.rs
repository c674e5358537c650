//! A producer: the KafkaProducer library and the application on it, as one process (reference 3).
//!
//! The library is the accumulator with its sender; the application is a row of threads that call send().
//! Both act within the same step, so a record that needs no waiting is on its way when the step ends.

mod accumulator;
mod answers;
mod application;
mod batch;
mod calls;
mod config;
mod drain;
mod memory;
mod numbers;
pub mod partitioner;
mod program;
mod send;
mod sender;
mod sequences;
mod sizes;
#[cfg(test)]
mod tests;
mod view;

pub use batch::Identity;
pub use view::{BatchView, Counts};

use crate::client::net::Net;
use crate::facts::{Call, ClientError, Fact};
use crate::params::ProducerParams;
use crate::records::Tp;
use crate::system::{Kafka, Order, ProducerEnd, ProducerProgram, Timer};
use accumulator::Accumulator;
use ackscope_kernel::{Env, Input, Time};
use ackscope_params::Registry;
use application::Application;
use borsh::BorshSerialize;
use calls::Closing;
use config::Config;
use partitioner::Sticky;
use program::Program;

/// What the sender attaches to a request.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
enum Tag {
    /// The batches in it.
    Produce(Vec<(Tp, u64)>),
    InitProducerId,
}

/// A producer.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Producer {
    /// The constructor refused the settings: there is no client.
    refused: bool,
    net: Net<Tag>,
    accumulator: Accumulator,
    sticky: Sticky,
    /// InitProducerId is under way.
    asking: bool,
    /// No InitProducerId before that time.
    ask_not_before: Time,
    /// When the sender has something to do by itself.
    look_again: Time,
    /// Calls of flush() that have not returned: each waits for all batches below this number.
    flushes: Vec<u64>,
    closing: Option<Closing>,
    /// close() has returned.
    closed: bool,
    /// What SIGTERM does follows the end of the program.
    end: ProducerEnd,
    application: Application,
    counts: Counts,
}

impl Producer {
    /// As it is right after its start: the client is made with the settings of this moment and keeps them.
    pub fn boot(program: ProducerProgram, env: &mut Env<'_, Kafka>) -> Self {
        let settings = env.settings();
        let set = &settings.params;
        let name = env.name_of(env.me());
        let refused = set
            .producers
            .get(name)
            .is_some_and(|overlay| !ProducerParams::resolve(set.profile, overlay).1.is_empty());
        let params = settings.producers.get(&env.me()).cloned();
        let params = params.unwrap_or_else(|| ProducerParams::defaults(set.profile));
        let config = Config::new(&params);
        let longest_setup =
            ackscope_kernel::Span::ms(params.socket_connection_setup_timeout_max_ms);
        let mut net = Net::new(config::net_params(&params), Vec::new(), env)
            .with_max_in_flight(config.max_in_flight)
            .with_setup_timeout_max(longest_setup);
        // The first thing a client asks is which brokers there are.
        net.want_metadata();
        let mut producer = Producer {
            refused,
            accumulator: Accumulator::new(config),
            sticky: Sticky::default(),
            asking: false,
            ask_not_before: Time(0),
            look_again: Time::NEVER,
            flushes: Vec::new(),
            closing: None,
            closed: false,
            end: program.end,
            application: Application::default(),
            counts: Counts::default(),
            net,
        };
        if refused {
            env.note(Fact::CallFailed {
                call: Call::Create,
                error: ClientError::Config,
            });
            return producer;
        }
        if program.stop_after > 0 {
            let program = Program::new(program, env.me(), env.incarnation(), env.now());
            producer.application.start(program, env.now());
        }
        producer.turn(true, env);
        producer
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input<Kafka>, env: &mut Env<'_, Kafka>) {
        if self.refused {
            return refuse(&input, env);
        }
        let mut wake = true;
        match self.net.take(input, env) {
            Ok(events) => events.into_iter().for_each(|event| self.event(event, env)),
            // A send() into an open batch is nothing that the sender has to know.
            Err(Input::Timer(Timer::Application)) => wake = false,
            Err(Input::Timer(Timer::Library | Timer::OrderDeadline)) => {}
            Err(Input::Order(order)) => self.order(order, env),
            Err(Input::Shutdown) => self.shut_down(env),
            // The settings of a client apply when it is made.
            Err(_) => return,
        }
        self.turn(wake, env);
    }

    /// Lets application and sender go on as long as one gives the other something to do.
    fn turn(&mut self, mut wake: bool, env: &mut Env<'_, Kafka>) {
        let mut looked = wake;
        loop {
            wake |= self.run_application(env);
            looked |= wake;
            if !wake || !self.run_sender(env) {
                break;
            }
            wake = false;
        }
        if looked {
            self.finish_calls(env);
            let gives_up = self.application.gives_up(self.config().max_block);
            env.arm(Timer::Library, self.look_again.min(gives_up));
            env.arm(
                Timer::OrderDeadline,
                self.closing.map_or(Time::NEVER, |c| c.deadline),
            );
            if !self.closed {
                self.net.drive(env);
            }
        }
        env.arm(Timer::Application, self.application.due());
    }

    fn order(&mut self, order: Order, env: &mut Env<'_, Kafka>) {
        match order {
            Order::Produce(order) if order.messages.is_empty() => {
                env.note(Fact::CallReturned { call: Call::Send });
            }
            Order::Produce(order) => self.application.obey(order, env.now()),
            Order::Flush => self.begin_flush(),
            Order::Close(timeout) => self.begin_close(env.now() + timeout, true, false),
            Order::Run(on) => self.application.run(on, env.now()),
            // Orders for other roles.
            _ => {}
        }
    }

    fn config(&self) -> &Config {
        &self.accumulator.config
    }
}

/// What a process does whose client could not be made: nothing can be asked of it.
fn refuse(input: &Input<Kafka>, env: &mut Env<'_, Kafka>) {
    let call = match input {
        Input::Order(Order::Produce(_)) => Call::Send,
        Input::Order(Order::Flush) => Call::Flush,
        Input::Order(Order::Close(_)) => Call::Close,
        Input::Shutdown => return env.exit(),
        _ => return,
    };
    env.note(Fact::CallReturned { call });
}
