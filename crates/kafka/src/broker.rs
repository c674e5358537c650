//! A broker.

pub mod group;

use crate::system::Kafka;
use ackscope_kernel::{Env, Input};
use borsh::BorshSerialize;

/// A broker.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Broker {}

impl Broker {
    /// As it is right after its start.
    pub fn boot(env: &mut Env<'_, Kafka>) -> Self {
        let _ = env;
        Broker {}
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input<Kafka>, env: &mut Env<'_, Kafka>) {
        let _ = (input, env);
    }
}
