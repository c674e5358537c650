//! A producer.
use crate::system::Kafka;
use ackscope_kernel::{Env, Input};
use borsh::BorshSerialize;

/// A producer.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Producer {}

impl Producer {
    /// As it is right after its start.
    pub fn boot(_program: crate::system::ProducerProgram, env: &mut Env<'_, Kafka>) -> Self {
        let _ = env;
        Producer {}
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input<Kafka>, env: &mut Env<'_, Kafka>) {
        let _ = (input, env);
    }
}
