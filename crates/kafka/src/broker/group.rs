//! The group coordinator.
use crate::errors::Code;
use crate::messages::{Answer, Ask};
use crate::records::{Batch, Payload, Tp};
use crate::system::{Kafka, Timer};
use ackscope_kernel::{ConnId, Env};
use borsh::BorshSerialize;

/// What the coordinator asks the broker to do.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Answer a request.
    Answer {
        conn: ConnId,
        corr: u32,
        answer: Answer,
    },
    /// Append to the offsets partition.
    Append {
        tp: Tp,
        payload: Payload,
        ticket: u32,
    },
}

/// The coordinator.
#[derive(Clone, Debug, Default, BorshSerialize)]
pub struct Coordinator {}

#[allow(missing_docs, unused_variables)]
impl Coordinator {
    pub fn elected<'a>(
        &mut self,
        tp: Tp,
        epoch: i32,
        log: impl Iterator<Item = &'a Batch>,
        env: &mut Env<'_, Kafka>,
    ) {
    }
    pub fn resigned(&mut self, tp: Tp, env: &mut Env<'_, Kafka>) -> Vec<Effect> {
        Vec::new()
    }
    pub fn asked(
        &mut self,
        conn: ConnId,
        corr: u32,
        ask: &Ask,
        env: &mut Env<'_, Kafka>,
    ) -> Vec<Effect> {
        Vec::new()
    }
    pub fn appended(&mut self, ticket: u32, next: i64) {}
    pub fn append_failed(
        &mut self,
        ticket: u32,
        error: Code,
        env: &mut Env<'_, Kafka>,
    ) -> Vec<Effect> {
        Vec::new()
    }
    pub fn high_watermark(&mut self, tp: Tp, hw: i64, env: &mut Env<'_, Kafka>) -> Vec<Effect> {
        Vec::new()
    }
    pub fn timer(&mut self, timer: Timer, env: &mut Env<'_, Kafka>) -> Vec<Effect> {
        Vec::new()
    }
    pub fn closed(&mut self, conn: ConnId) {}
}
