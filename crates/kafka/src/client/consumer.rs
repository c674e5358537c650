//! A consumer.
use crate::system::Kafka;
use ackscope_kernel::{Env, Input};
use borsh::BorshSerialize;

/// A consumer.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Consumer {}

impl Consumer {
    /// As it is right after its start.
    pub fn boot(_program: crate::system::ConsumerProgram, env: &mut Env<'_, Kafka>) -> Self {
        let _ = env;
        Consumer {}
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input<Kafka>, env: &mut Env<'_, Kafka>) {
        let _ = (input, env);
    }
}
