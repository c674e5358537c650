//! The controller.
use crate::system::Kafka;
use ackscope_kernel::{Env, Input};
use borsh::BorshSerialize;

/// The controller.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Controller {}

impl Controller {
    /// As it is right after its start.
    pub fn boot(env: &mut Env<'_, Kafka>) -> Self {
        let _ = env;
        Controller {}
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input<Kafka>, env: &mut Env<'_, Kafka>) {
        let _ = (input, env);
    }
}
