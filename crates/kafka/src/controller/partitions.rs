//! Partitions: creation, ISR changes asked for by leaders, elections (`ReplicationControlManager`;
//! reference 2.8, 2.9).

use super::Controller;
use super::election::{self, Mode, Rules};
use crate::errors::Code;
use crate::facts::Fact;
use crate::messages::Answer;
use crate::metadata::{Image, MetaRecord, PartitionState};
use crate::mutant::Mutant;
use crate::records::Tp;
use crate::system::{Kafka, Timer, TopicDef};
use ackscope_kernel::{Env, SeatId, Span};
use std::sync::Arc;

/// An ISR change as a leader asks for it.
pub(super) struct IsrChange {
    pub(super) broker_epoch: i64,
    pub(super) tp: Tp,
    pub(super) leader_epoch: i32,
    pub(super) partition_epoch: i32,
    pub(super) isr: Vec<(SeatId, i64)>,
}

/// The partitions of a new topic: active replicas form the first ISR, the first of them leads.
pub(super) fn new_partitions(topic: u16, def: &TopicDef, image: &Image) -> Vec<MetaRecord> {
    let partition = |(number, replicas): (usize, &Vec<SeatId>)| {
        let isr: Vec<SeatId> = replicas
            .iter()
            .copied()
            .filter(|r| image.active(*r))
            .collect();
        let state = PartitionState {
            replicas: replicas.clone(),
            leader: isr.first().copied(),
            isr,
            elr: Vec::new(),
            last_known_elr: Vec::new(),
            leader_epoch: 0,
            partition_epoch: 0,
            recovering: false,
        };
        let tp = Tp {
            topic,
            partition: u16::try_from(number).unwrap_or(u16::MAX),
        };
        MetaRecord::Partition(tp, Arc::new(state))
    };
    // A partition without replicas is one of `__consumer_offsets` that no group of the run uses.
    let modelled = def
        .assignment
        .iter()
        .enumerate()
        .filter(|(_, replicas)| !replicas.is_empty());
    modelled.map(partition).collect()
}

impl Controller {
    /// Whether an election in this partition may be unclean: the topic's setting at this moment.
    pub(super) fn mode(&self, tp: Tp, env: &Env<'_, Kafka>) -> Mode {
        let unclean = self
            .image
            .topics
            .get(&tp.topic)
            .is_some_and(|t| t.unclean_leader_election_enable)
            || env.settings().planted(Mutant::ElectsUnclean);
        if unclean { Mode::Unclean } else { Mode::Online }
    }

    /// Applies the rules of [`election`] to one partition and writes down what they decide.
    #[allow(clippy::too_many_arguments, reason = "the rules need all of it")]
    pub(super) fn changed(
        &self,
        tp: Tp,
        state: &PartitionState,
        target: Vec<SeatId>,
        mode: Mode,
        unclean_shutdown: &[SeatId],
        acceptable: &dyn Fn(SeatId) -> bool,
        env: &mut Env<'_, Kafka>,
    ) -> Option<PartitionState> {
        let rules = Rules {
            elr: env.settings().params.elr,
            min_isr: self.image.effective_min_isr(tp),
            mode,
            unclean_shutdown,
            acceptable,
        };
        let (new, how) = election::change(state, target, &rules)?;
        match how {
            Some(how) => {
                env.note(Fact::Elected {
                    tp,
                    leader: new.leader,
                    epoch: new.leader_epoch,
                    isr: new.isr.clone(),
                    elr: new.elr.clone(),
                    how,
                });
            }
            None => {
                env.note(Fact::IsrChanged {
                    tp,
                    isr: new.isr.clone(),
                    elr: new.elr.clone(),
                });
            }
        }
        Some(new)
    }

    /// Runs the election of every partition that `wanted` picks, as the image `ahead` sees the brokers.
    pub(super) fn elections_where(
        &self,
        ahead: &Image,
        wanted: impl Fn(&PartitionState) -> bool,
        env: &mut Env<'_, Kafka>,
    ) -> Vec<MetaRecord> {
        let mut records = Vec::new();
        for (tp, state) in &ahead.partitions {
            if wanted(state) {
                let acceptable = |replica: SeatId| ahead.active(replica);
                let target = state.isr.clone();
                if let Some(new) = self.changed(
                    *tp,
                    state,
                    target,
                    self.mode(*tp, env),
                    &[],
                    &acceptable,
                    env,
                ) {
                    records.push(MetaRecord::Partition(*tp, Arc::new(new)));
                }
            }
        }
        records
    }

    /// `AlterPartition` (KIP-497); the order of the checks is the product's.
    pub(super) fn alter_partition(
        &mut self,
        from: SeatId,
        change: IsrChange,
        env: &mut Env<'_, Kafka>,
    ) -> Answer {
        let tp = change.tp;
        let refuse = |error| Answer::AlterPartition {
            tp,
            error,
            state: None,
        };
        if self
            .image
            .brokers
            .get(&from)
            .is_none_or(|b| b.epoch != change.broker_epoch)
        {
            return refuse(Code::StaleBrokerEpoch);
        }
        let Some(state) = self.image.partitions.get(&tp).cloned() else {
            return refuse(Code::UnknownTopicOrPartition);
        };
        if change.leader_epoch > state.leader_epoch
            || change.partition_epoch > state.partition_epoch
        {
            return refuse(Code::NotController);
        }
        if !env.settings().planted(Mutant::ZombieAccepted) {
            if change.leader_epoch < state.leader_epoch {
                return refuse(Code::FencedLeaderEpoch);
            }
            if state.leader != Some(from) {
                return refuse(Code::InvalidRequest);
            }
            if change.partition_epoch < state.partition_epoch {
                return refuse(Code::InvalidUpdateVersion);
            }
        }
        let members: Vec<SeatId> = change.isr.iter().map(|(replica, _)| *replica).collect();
        if !members.contains(&from) || !members.iter().all(|r| state.replicas.contains(r)) {
            return refuse(Code::InvalidRequest);
        }
        let eligible = |(replica, epoch): &(SeatId, i64)| {
            self.image
                .brokers
                .get(replica)
                .is_some_and(|b| b.active() && b.epoch == *epoch)
        };
        if !change.isr.iter().all(eligible) {
            return refuse(Code::IneligibleReplica);
        }
        let target: Vec<SeatId> = state
            .replicas
            .iter()
            .copied()
            .filter(|r| members.contains(r))
            .collect();
        let image = self.image.clone();
        let acceptable = |replica: SeatId| image.active(replica);
        // A leader that answers for its partition has recovered it (KIP-704).
        let mut base = (*state).clone();
        base.recovering = false;
        let changed = self.changed(tp, &base, target, self.mode(tp, env), &[], &acceptable, env);
        // A change to the same ISR still counts as one: the leader waits for a higher partition epoch.
        let new = changed.unwrap_or_else(|| PartitionState {
            partition_epoch: base.partition_epoch + 1,
            ..base.clone()
        });
        let new = Arc::new(new);
        self.write(vec![MetaRecord::Partition(tp, new.clone())], env);
        Answer::AlterPartition {
            tp,
            error: Code::None,
            state: Some(new),
        }
    }

    /// Preferred leaders lead again (every leader.imbalance.check.interval.seconds).
    pub(super) fn balance(&mut self, env: &mut Env<'_, Kafka>) {
        let params = &env.settings().controller;
        let interval = Span::secs(
            u64::try_from(params.leader_imbalance_check_interval_seconds).unwrap_or(300),
        );
        if params.auto_leader_rebalance_enable {
            let image = self.image.clone();
            let mut records = Vec::new();
            for (tp, state) in &image.partitions {
                let preferred = state.replicas.first().copied();
                if preferred.is_some_and(|p| {
                    Some(p) != state.leader && state.isr.contains(&p) && image.active(p)
                }) {
                    let acceptable = |replica: SeatId| image.active(replica);
                    let target = state.isr.clone();
                    if let Some(new) =
                        self.changed(*tp, state, target, Mode::Preferred, &[], &acceptable, env)
                    {
                        records.push(MetaRecord::Partition(*tp, Arc::new(new)));
                    }
                }
            }
            self.write(records, env);
        }
        env.arm_in(Timer::Balance, interval);
    }

    /// Leaderless partitions whose topic allows unclean election by now (every
    /// unclean.leader.election.interval.ms).
    pub(super) fn scan_leaderless(&mut self, env: &mut Env<'_, Kafka>) {
        let image = self.image.clone();
        let leaderless = |(tp, state): &(&Tp, &Arc<PartitionState>)| {
            state.leader.is_none() && self.mode(**tp, env) == Mode::Unclean
        };
        let wanted: Vec<_> = image.partitions.iter().filter(leaderless).collect();
        let mut records = Vec::new();
        for (tp, state) in wanted {
            let acceptable = |replica: SeatId| image.active(replica);
            let target = state.isr.clone();
            if let Some(new) =
                self.changed(*tp, state, target, Mode::Unclean, &[], &acceptable, env)
            {
                records.push(MetaRecord::Partition(*tp, Arc::new(new)));
            }
        }
        self.write(records, env);
        let interval = Span::ms(
            env.settings()
                .controller
                .unclean_leader_election_interval_ms,
        );
        env.arm_in(Timer::UncleanScan, interval);
    }
}
