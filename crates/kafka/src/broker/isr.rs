//! The watermark and the in-sync replicas: who is dropped, who joins, how the controller is asked
//! (`Partition.maybeShrinkIsr`, `maybeExpandIsr`, `AlterPartitionManager`; reference 2.4, 2.6 to 2.8).

use super::Broker;
use super::lifecycle::ALTER_RETRY;
use super::replica::Pending;
use crate::errors::Code;
use crate::facts::Fact;
use crate::messages::Ask;
use crate::metadata::PartitionState;
use crate::mutant::Mutant;
use crate::records::{DiskRecord, FileName, Tp};
use crate::system::{Kafka, Timer};
use ackscope_kernel::{Env, SeatId, Span};
use std::sync::Arc;

impl Broker {
    fn lag_time(env: &Env<'_, Kafka>) -> Span {
        Span::ms(
            env.settings()
                .brokers
                .get(&env.me())
                .map_or(30_000, |p| p.replica_lag_time_max_ms),
        )
    }

    /// The check runs every half of replica.lag.time.max.ms.
    pub(super) fn lag_interval(&self, env: &Env<'_, Kafka>) -> Span {
        Span((Self::lag_time(env).0 / 2).max(1))
    }

    /// A broker that may be in an ISR: unfenced, staying, and the incarnation that fetched (KIP-841, 903).
    fn isr_eligible(&self, seat: SeatId, broker_epoch: i64) -> bool {
        self.image
            .brokers
            .get(&seat)
            .is_some_and(|b| b.active() && b.epoch == broker_epoch)
    }

    /// Moves the watermark as far as the rules allow.
    pub(super) fn advance_watermark(&mut self, tp: Tp, env: &mut Env<'_, Kafka>) {
        let min_isr = self.image.effective_min_isr(tp);
        let (lag, now) = (Self::lag_time(env), env.now());
        let ahead = i64::from(env.settings().planted(Mutant::WatermarkAhead));
        let Some(replica) = self.replica(tp) else {
            return;
        };
        let eligible = |seat, epoch| self.isr_eligible(seat, epoch);
        if let Some(to) = replica.next_high_watermark(min_isr, lag, now, &eligible, ahead) {
            let causes = self.fetch_causes(tp);
            if let Some(replica) = self.replica_mut(tp) {
                replica.high_watermark = to;
            }
            env.note_because(Fact::HighWatermark { tp, to }, causes);
            self.moved.insert(tp);
        }
    }

    /// Drops followers that lag (reference 2.6).
    pub(super) fn check_lag(&mut self, env: &mut Env<'_, Kafka>) {
        let (lag, now) = (Self::lag_time(env), env.now());
        let leading: Vec<Tp> = self
            .replicas
            .iter()
            .filter(|(_, r)| r.is_leader())
            .map(|(tp, _)| *tp)
            .collect();
        for tp in leading {
            let Some(replica) = self.replica(tp) else {
                continue;
            };
            let end = replica.end;
            let Some(lead) = replica.lead.as_ref().filter(|l| l.pending.is_none()) else {
                continue;
            };
            let stays = |seat: &&SeatId| {
                lead.remotes
                    .get(*seat)
                    .is_none_or(|r| r.caught_up(end, lag, now))
            };
            let isr: Vec<SeatId> = lead.isr.iter().filter(stays).copied().collect();
            if isr.len() < lead.isr.len() {
                self.propose(tp, isr, false, env);
            }
        }
        let interval = self.lag_interval(env);
        env.arm_in(Timer::LagCheck, interval);
    }

    /// A follower that fetched may join (reference 2.7): it has the watermark and this epoch's start.
    pub(super) fn maybe_expand(&mut self, tp: Tp, follower: SeatId, env: &mut Env<'_, Kafka>) {
        let Some(replica) = self.replica(tp) else {
            return;
        };
        let Some(lead) = replica.lead.as_ref().filter(|l| l.pending.is_none()) else {
            return;
        };
        if lead.isr.contains(&follower) {
            return;
        }
        let Some(remote) = lead.remotes.get(&follower) else {
            return;
        };
        let reached = remote
            .end
            .is_some_and(|end| end >= replica.high_watermark && end >= lead.epoch_start)
            || env.settings().planted(Mutant::JoinsEarly);
        if reached && self.isr_eligible(follower, remote.broker_epoch) {
            let mut isr = lead.isr.clone();
            isr.push(follower);
            self.propose(tp, isr, true, env);
        }
    }

    fn propose(&mut self, tp: Tp, isr: Vec<SeatId>, expands: bool, env: &mut Env<'_, Kafka>) {
        env.note(Fact::IsrProposed {
            tp,
            isr: isr.clone(),
        });
        if let Some(lead) = self.replica_mut(tp).and_then(|r| r.lead.as_mut()) {
            lead.pending = Some(Pending {
                isr,
                expands,
                asked: false,
            });
        }
        self.ask_for_isr(tp, env);
    }

    /// Sends the pending change of a partition to the controller.
    pub(super) fn ask_for_isr(&mut self, tp: Tp, env: &mut Env<'_, Kafka>) {
        let Some(replica) = self.replica(tp) else {
            return;
        };
        let Some(pending) = replica.lead.as_ref().and_then(|l| l.pending.as_ref()) else {
            return;
        };
        let epoch_of =
            |seat: &SeatId| (*seat, self.image.brokers.get(seat).map_or(-1, |b| b.epoch));
        let ask = Ask::AlterPartition {
            broker_epoch: self.epoch,
            tp,
            leader_epoch: replica.leader_epoch,
            partition_epoch: replica.partition_epoch,
            isr: pending.isr.iter().map(epoch_of).collect(),
        };
        if self.send_alter(tp, ask, env) {
            if let Some(pending) = self.pending_mut(tp) {
                pending.asked = true;
            }
        } else {
            env.arm_in(Timer::AlterRetry(tp), ALTER_RETRY);
        }
    }

    fn pending_mut(&mut self, tp: Tp) -> Option<&mut Pending> {
        self.replica_mut(tp)?.lead.as_mut()?.pending.as_mut()
    }

    /// The connection to the controller stands again: changes that wait are asked for again.
    pub(super) fn repeat_isr_requests(&mut self, env: &mut Env<'_, Kafka>) {
        let waiting: Vec<Tp> = self
            .replicas
            .iter()
            .filter(|(_, r)| {
                r.lead
                    .as_ref()
                    .is_some_and(|l| l.pending.as_ref().is_some_and(|p| !p.asked))
            })
            .map(|(tp, _)| *tp)
            .collect();
        for tp in waiting {
            self.ask_for_isr(tp, env);
        }
    }

    /// No answer will come: ask again after a while, for ever (reference 2.8).
    pub(super) fn isr_request_failed(&mut self, tp: Tp, env: &mut Env<'_, Kafka>) {
        if let Some(pending) = self.pending_mut(tp) {
            pending.asked = false;
            env.arm_in(Timer::AlterRetry(tp), ALTER_RETRY);
        }
    }

    pub(super) fn isr_answered(
        &mut self,
        tp: Tp,
        error: Code,
        state: Option<Arc<PartitionState>>,
        env: &mut Env<'_, Kafka>,
    ) {
        match (error, state) {
            (Code::None, Some(state)) => {
                if state.leader == Some(env.me()) {
                    self.confirm_isr(tp, &state, env);
                }
            }
            (Code::IneligibleReplica, _) => {
                if let Some(lead) = self.replica_mut(tp).and_then(|r| r.lead.as_mut()) {
                    lead.pending = None;
                }
            }
            // The metadata log will override the state; until then the change stays pending.
            (
                Code::FencedLeaderEpoch
                | Code::InvalidUpdateVersion
                | Code::InvalidRequest
                | Code::UnknownTopicOrPartition,
                _,
            ) => {}
            _ => self.isr_request_failed(tp, env),
        }
    }

    /// Writes the watermarks that moved into their checkpoint files.
    pub(super) fn checkpoint(&mut self, env: &mut Env<'_, Kafka>) {
        let moved: Vec<(Tp, i64)> = self
            .replicas
            .iter()
            .filter(|(_, r)| r.checkpointed != r.high_watermark)
            .map(|(tp, r)| (*tp, r.high_watermark))
            .collect();
        for (tp, watermark) in moved {
            env.replace(
                &FileName::HighWatermark(tp),
                vec![DiskRecord::HighWatermark(watermark)],
            );
            if let Some(replica) = self.replica_mut(tp) {
                replica.checkpointed = watermark;
            }
        }
        let interval = env
            .settings()
            .brokers
            .get(&env.me())
            .map_or(5000, |p| p.replica_high_watermark_checkpoint_interval_ms);
        env.arm_in(Timer::Checkpoint, Span::ms(interval));
    }
}
