//! A client process: AMQP library and application.

use crate::system::Rabbit;
use ackscope_kernel::{Env, Input};
use borsh::BorshSerialize;
use std::sync::Arc;

/// What a client's application does by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Program {}

/// A call of a scripted application.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Call {
    /// Connect and open a channel.
    Connect,
}

/// Timers of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum ClientTimer {
    /// The next heartbeat is due.
    Heartbeat,
}

impl ClientTimer {
    /// Chatter without interest to a reader.
    #[must_use]
    pub fn background(self) -> bool {
        matches!(self, ClientTimer::Heartbeat)
    }
}

/// A client process.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Client {
    program: Arc<Program>,
}

impl Client {
    /// A client that was just started.
    pub(crate) fn boot(program: Arc<Program>, _env: &mut Env<'_, Rabbit>) -> Client {
        Client { program }
    }

    /// Takes one input.
    pub(crate) fn step(&mut self, _input: Input<Rabbit>, _env: &mut Env<'_, Rabbit>) {}
}
