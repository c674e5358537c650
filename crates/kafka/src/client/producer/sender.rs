//! The sender (`Sender.runOnce`): asks for a producer id, sends what is ready, takes the answers.

use super::answers::Outcome;
use super::batch::{Identity, ProducerBatch};
use super::drain::Drained;
use super::{Producer, Tag};
use crate::client::net::{Event, backoff};
use crate::errors::Code;
use crate::facts::{ClientError, Fact};
use crate::messages::{Answer, Ask, ProduceResult};
use crate::records::Tp;
use crate::system::Kafka;
use ackscope_kernel::{Env, SeatId, Time};

impl Producer {
    /// Takes what the network client tells.
    pub(super) fn event(&mut self, event: Event<Tag>, env: &mut Env<'_, Kafka>) {
        match event {
            Event::Answered {
                tag: Tag::Produce(sent),
                answer: Answer::Produce(results),
                ..
            } => {
                for result in results {
                    let Some(batch) = sent.iter().find(|(tp, _)| *tp == result.tp) else {
                        continue;
                    };
                    self.answered(*batch, result, env);
                }
            }
            Event::Answered {
                tag: Tag::InitProducerId,
                answer,
                ..
            } => self.identified(&answer, env),
            Event::Failed {
                tag: Tag::Produce(sent),
                error,
                ..
            } => {
                for (tp, id) in sent {
                    let result = ProduceResult {
                        tp,
                        error,
                        base: -1,
                        log_start: -1,
                        leader: None,
                    };
                    self.answered((tp, id), result, env);
                }
            }
            Event::Failed {
                tag: Tag::InitProducerId,
                ..
            } => self.ask_again(env.now()),
            Event::Answered { .. } | Event::Connected(_) | Event::Metadata => {}
        }
    }

    /// Takes the result of one batch.
    fn answered(&mut self, batch: (Tp, u64), result: ProduceResult, env: &mut Env<'_, Kafka>) {
        let range = self.config().retry;
        let wait = |batch: &ProducerBatch, attempts: u32| {
            let first = batch
                .records()
                .first()
                .map_or(0, |record| record.message.number);
            backoff(
                range,
                attempts,
                [6, u64::from(first), u64::from(attempts)],
                env,
            )
        };
        let outcome = self
            .accumulator
            .answer(batch, result.error, env.now(), wait);
        let error = ClientError::Code(result.error);
        match outcome {
            Outcome::Acked(batch) => self.succeeded(&batch, result.tp, result.base, env),
            Outcome::Failed(batch) => self.failed(&batch, error, env),
            Outcome::Again(batch, attempt) => {
                env.note(Fact::Retrying {
                    keys: batch.keys(),
                    error,
                    attempt,
                });
            }
            Outcome::Nothing => {}
        }
        if result.error.invalid_metadata() {
            // The answer may name the leader (KIP-951).
            if matches!(
                result.error,
                Code::NotLeaderOrFollower | Code::FencedLeaderEpoch
            ) && let Some(info) = result.leader.filter(|info| info.leader.is_some())
            {
                self.net.learn_leader(result.tp, info);
            }
            self.net.want_metadata();
        }
    }

    fn succeeded(&mut self, batch: &ProducerBatch, tp: Tp, base: i64, env: &mut Env<'_, Kafka>) {
        self.counts.acked += u64::from(batch.count().unsigned_abs());
        env.note(Fact::Acked {
            keys: batch.keys(),
            tp,
            base,
        });
        self.application.outcome(batch.records(), false, env.now());
    }

    /// The application learns that these records failed.
    pub(super) fn failed(
        &mut self,
        batch: &ProducerBatch,
        error: ClientError,
        env: &mut Env<'_, Kafka>,
    ) {
        self.counts.failed += u64::from(batch.count().unsigned_abs());
        env.note(Fact::SendFailed {
            keys: batch.keys(),
            error,
        });
        self.application.outcome(batch.records(), true, env.now());
    }

    /// Sends what can be sent. Returns whether batches got an outcome meanwhile.
    pub(super) fn run_sender(&mut self, env: &mut Env<'_, Kafka>) -> bool {
        let now = env.now();
        let mut settled = false;
        self.look_again = Time::NEVER;
        if self.closed {
            return false;
        }
        if self.net.metadata_due(now) {
            // Metadata comes first: a broker answers one request of a connection after the other.
            self.net.drive(env);
        }
        loop {
            if self.config().idempotent {
                if let Some(epoch) = self.accumulator.settle_sequences() {
                    env.note(Fact::EpochBumped { epoch });
                }
                // Without a producer id nothing is sent, and nothing expires either: the sender thread
                // does not get that far (`maybeSendAndPollTransactionalRequest`).
                if self.accumulator.idempotence.identity.is_none() {
                    self.ask_identity(env);
                    return settled;
                }
            }
            let exhausted = self.application.wants_memory();
            let ready = self.accumulator.ready(&self.net.leaders, exhausted, now);
            self.look_again = ready.next.unwrap_or(Time::NEVER);
            if ready.leaderless {
                self.net.want_metadata();
            }
            let mut requests = Vec::new();
            for node in ready.nodes {
                if !self.net.ready(node, env) {
                    let retry = self.net.retry_at(node).filter(|at| *at > now);
                    self.look_again = self.look_again.min(retry.unwrap_or(Time::NEVER));
                } else if self.net.in_flight(node) < self.config().max_in_flight as usize {
                    let drained = self.accumulator.drain(node, &self.net.leaders, now);
                    if !drained.is_empty() {
                        requests.push((node, drained));
                    }
                }
            }
            let expired = self.accumulator.expire(now);
            for (_, batch) in &expired {
                settled = true;
                self.failed(batch, ClientError::Timeout, env);
            }
            if requests.is_empty() && expired.is_empty() {
                let expiry = self.accumulator.next_expiry().unwrap_or(Time::NEVER);
                self.look_again = self.look_again.min(expiry);
                return settled;
            }
            for (node, drained) in requests {
                settled |= self.send_produce(node, drained, env);
            }
        }
    }

    /// Writes one request. Returns whether its batches are done with that (acks=0).
    fn send_produce(
        &mut self,
        node: SeatId,
        drained: Vec<Drained>,
        env: &mut Env<'_, Kafka>,
    ) -> bool {
        let acks = self.config().acks;
        let sent: Vec<(Tp, u64)> = drained
            .iter()
            .map(|drained| (drained.tp, drained.id))
            .collect();
        let ask = Ask::Produce {
            acks,
            timeout_ms: self.config().request_timeout_ms,
            batches: drained
                .into_iter()
                .map(|drained| (drained.tp, drained.batch))
                .collect(),
        };
        if acks != 0 {
            self.net.ask(node, ask, Tag::Produce(sent), env);
            return false;
        }
        self.net.tell(node, ask, env);
        for (tp, id) in sent {
            let result = ProduceResult {
                tp,
                error: Code::None,
                base: -1,
                log_start: -1,
                leader: None,
            };
            self.answered((tp, id), result, env);
        }
        true
    }

    /// Asks any broker for a producer id, unless that is under way.
    fn ask_identity(&mut self, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        if self.asking {
            return;
        }
        if now < self.ask_not_before {
            self.look_again = self.ask_not_before;
            return;
        }
        if let Some(broker) = self.net.least_loaded(env) {
            self.net
                .ask(broker, Ask::InitProducerId, Tag::InitProducerId, env);
            self.asking = true;
            return;
        }
        // A connection that is being made tells when it stands or fails.
        let retries = self
            .net
            .connections()
            .filter_map(|(seat, _)| self.net.retry_at(seat));
        self.look_again = retries.filter(|at| *at > now).min().unwrap_or(Time::NEVER);
    }

    fn identified(&mut self, answer: &Answer, env: &Env<'_, Kafka>) {
        match answer {
            Answer::InitProducerId {
                error: Code::None,
                producer_id,
                epoch,
            } => {
                let identity = Identity {
                    id: *producer_id,
                    epoch: *epoch,
                };
                self.accumulator.idempotence.identity = Some(identity);
                self.asking = false;
            }
            _ => self.ask_again(env.now()),
        }
    }

    fn ask_again(&mut self, now: Time) {
        self.asking = false;
        self.ask_not_before = now + self.config().retry.0;
        // `Sender.maybeFindCoordinatorAndRetry` refreshes the metadata as well.
        self.net.want_metadata();
    }
}
