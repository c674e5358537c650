//! What the metadata image makes of this broker: leader or follower of each partition
//! (`ReplicaManager.applyDelta`, `Partition.makeLeader`, `Partition.makeFollower`).

use super::replica::{Lead, Remote, Replica};
use super::{Broker, log};
use crate::facts::Fact;
use crate::metadata::PartitionState;
use crate::mutant::Mutant;
use crate::records::{FileName, OFFSETS_TOPIC, Tp};
use crate::system::Kafka;
use ackscope_kernel::SortedMap;
use ackscope_kernel::{Env, Time};
use std::sync::Arc;

impl Broker {
    /// Compares every partition of the image with what this broker does, and changes what differs.
    pub(super) fn take_roles(&mut self, env: &mut Env<'_, Kafka>) {
        let image = self.image.clone();
        let me = env.me();
        let mut followers_changed = false;
        for (tp, state) in image
            .partitions
            .iter()
            .filter(|(_, p)| p.replicas.contains(&me))
        {
            let replica = self
                .replicas
                .entry(*tp)
                .or_insert_with(|| Arc::new(Replica::new(*tp)));
            if replica.known && state.partition_epoch <= replica.partition_epoch {
                continue;
            }
            if state.leader == Some(me) {
                let new_epoch = !replica.known || state.leader_epoch > replica.leader_epoch;
                if new_epoch {
                    followers_changed = true;
                    self.lead(*tp, state, env);
                } else {
                    self.confirm_isr(*tp, state, env);
                }
            } else {
                followers_changed = true;
                self.follow(*tp, state, env);
            }
        }
        self.forget_removed(&image, env);
        if followers_changed {
            self.start_fetchers(env);
        }
    }

    fn lead(&mut self, tp: Tp, state: &PartitionState, env: &mut Env<'_, Kafka>) {
        let (me, now) = (env.me(), env.now());
        let Some(replica) = self.replica_mut(tp) else {
            return;
        };
        let known = replica.lead.take().map(|lead| lead.remotes);
        let again = known.is_some();
        // A new leader knows nothing of the others, a re-elected one keeps what it knew (reference 2.4).
        let mut remotes: SortedMap<_, _> = known.unwrap_or_default();
        for other in state.replicas.iter().filter(|r| **r != me) {
            let grace = if state.isr.contains(other) {
                now
            } else {
                Time(0)
            };
            let remote = remotes
                .entry(*other)
                .or_insert_with(|| Remote::unknown(grace));
            remote.last_caught_up = grace;
        }
        let end = replica.end;
        replica.known = true;
        replica.leader = Some(me);
        replica.leader_epoch = state.leader_epoch;
        replica.partition_epoch = state.partition_epoch;
        replica.epochs.assign(state.leader_epoch, end);
        replica.lead = Some(Lead {
            remotes,
            isr: state.isr.clone(),
            pending: None,
            epoch_start: end,
        });
        env.note(Fact::Leads {
            tp,
            epoch: state.leader_epoch,
            end,
        });
        if tp.topic == OFFSETS_TOPIC && !again {
            let batches: Vec<_> = log::batches(env.disk(), tp).cloned().collect();
            self.coordinator
                .elected(tp, state.leader_epoch, batches.iter().map(|b| &**b), env);
        }
        self.advance_watermark(tp, env);
        // Whoever waits here for another leader's log is answered by this one, and a coordinator that has
        // read its log begins to answer.
        self.grown.insert(tp);
        self.moved.insert(tp);
    }

    /// The same leadership, another ISR: it settles whatever change was on its way.
    pub(super) fn confirm_isr(&mut self, tp: Tp, state: &PartitionState, env: &mut Env<'_, Kafka>) {
        let Some(replica) = self.replica_mut(tp) else {
            return;
        };
        if state.partition_epoch <= replica.partition_epoch
            || state.leader_epoch != replica.leader_epoch
        {
            return;
        }
        replica.partition_epoch = state.partition_epoch;
        if let Some(lead) = &mut replica.lead {
            lead.isr.clone_from(&state.isr);
            lead.pending = None;
        }
        env.disarm(crate::system::Timer::AlterRetry(tp));
        self.advance_watermark(tp, env);
        // A smaller ISR can end the wait of a produce even where the watermark stands already.
        self.moved.insert(tp);
    }

    fn follow(&mut self, tp: Tp, state: &PartitionState, env: &mut Env<'_, Kafka>) {
        let Some(replica) = self.replica_mut(tp) else {
            return;
        };
        let led = replica.lead.take().is_some();
        let changed = !replica.known || replica.leader_epoch != state.leader_epoch;
        replica.known = true;
        replica.leader = state.leader;
        replica.leader_epoch = state.leader_epoch;
        replica.partition_epoch = state.partition_epoch;
        if changed {
            replica.fetch_not_before = Time(0);
            replica.fetch_halted = false;
            env.note(Fact::Follows {
                tp,
                epoch: state.leader_epoch,
                leader: state.leader,
            });
            if env.settings().planted(Mutant::TruncatesToWatermark) {
                replica.truncate(replica.high_watermark, env);
            }
        }
        if led {
            env.disarm(crate::system::Timer::AlterRetry(tp));
            self.step_down(tp, env);
        }
    }

    /// Requests that wait here are sent away: this broker leads no more.
    fn step_down(&mut self, tp: Tp, env: &mut Env<'_, Kafka>) {
        if tp.topic == OFFSETS_TOPIC {
            let effects = self.coordinator.resigned(tp, env);
            self.carry_out(effects, env);
        }
        self.wake_produces(tp, env);
        self.wake_fetches(tp, true, env);
    }

    /// Partitions that no longer exist lose their log.
    fn forget_removed(&mut self, image: &crate::metadata::Image, env: &mut Env<'_, Kafka>) {
        let gone: Vec<Tp> = self
            .replicas
            .iter()
            .filter(|(tp, r)| r.known && !image.partitions.contains_key(tp))
            .map(|(tp, _)| *tp)
            .collect();
        for tp in gone {
            if let Some(replica) = self.replica_mut(tp) {
                let end = replica.end;
                replica.lead = None;
                replica.leader = None;
                replica.restart_at(end, env);
            }
            self.step_down(tp, env);
            self.replicas.remove(&tp);
            for file in [
                FileName::Log(tp),
                FileName::LogStart(tp),
                FileName::HighWatermark(tp),
            ] {
                env.remove(&file);
            }
        }
    }
}
