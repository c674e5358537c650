//! The classic group coordinator: groups and their committed offsets, kept as records of
//! `__consumer_offsets` (reference 5.6 and 5.8; Kafka's `GroupCoordinatorService`,
//! `GroupMetadataManager`, `OffsetMetadataManager` and `CoordinatorRuntime`).
//!
//! Whoever leads a partition of `__consumer_offsets` coordinates the groups that hash to it. A
//! [`Coordinator`] holds all that can be rebuilt from the log (members, generations, assignments,
//! offsets) and what is lost with the broker (who waits for an answer, how far a rebalance has come).
//! It touches neither log nor network: it returns [`Effect`]s.
//!
//! An offset counts when the high watermark has passed its record. Requests that write are answered
//! then; after offsets.commit.timeout.ms they fail while the record stays. Requests that only read the
//! written state (heartbeats, and what a consumer fetches) wait in the same way.
//!
//! Left out: group.max.size, offset.metadata.max.bytes, deletion of a topic's offsets, transactional
//! commits, and the KIP-848 protocol.

mod join;
mod offsets;
mod rebalance;
mod shard;
mod state;
mod sync;
#[cfg(test)]
mod tests;
mod work;
mod writes;

pub use work::Host;

use crate::errors::Code;
use crate::facts::Fact;
use crate::messages::{Answer, Ask};
use crate::records::{Batch, Payload, Tp};
use crate::system::Timer;
use ackscope_kernel::SortedMap;
use ackscope_kernel::{ConnId, Span};
use borsh::BorshSerialize;
use offsets::CommitAsk;
use shard::Shard;
use std::sync::Arc;
use sync::Speaker;
use work::{Reply, Work, refusal};

/// What the broker has to do for the coordinator, in order, right after the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send this answer.
    Answer {
        /// Over which connection.
        conn: ConnId,
        /// To which request.
        corr: u32,
        /// What.
        answer: Answer,
    },
    /// Append this to the log of an offsets partition that this broker leads, without asking for
    /// min.insync.replicas, and report it by [`Coordinator::appended`] or
    /// [`Coordinator::append_failed`].
    Append {
        /// The partition.
        tp: Tp,
        /// The records.
        payload: Payload,
        /// Comes back in the report.
        ticket: u32,
    },
}

/// The group coordinator of a broker, for all offsets partitions that it leads.
#[derive(Clone, Debug, Default, BorshSerialize)]
pub struct Coordinator {
    shards: SortedMap<Tp, Shard>,
    /// The last ticket or park number given.
    numbers: u32,
}

impl Coordinator {
    /// This broker leads the offsets partition now: rebuilds everything from the whole log, batches in
    /// order. Until [`Coordinator::high_watermark`] is called for the first time the groups count as
    /// loading. A new epoch of a partition that is coordinated already changes nothing but the epoch,
    /// as the log is the same.
    pub fn elected<'a>(
        &mut self,
        tp: Tp,
        epoch: i32,
        log: impl Iterator<Item = &'a Batch>,
        env: &mut impl Host,
    ) {
        if let Some(shard) = self.shards.get_mut(&tp) {
            shard.epoch = shard.epoch.max(epoch);
            return;
        }
        if self.shards.is_empty() {
            // Kafka has one such timer for each partition; one for all differs only in the phase.
            arm_expiry(env);
        }
        let mut work = Work::new(env, &mut self.numbers);
        let shard = Shard::load(tp, epoch, log, &mut work);
        work.note(Fact::Coordinates { tp });
        self.shards.insert(tp, shard);
    }

    /// It leads no more: waiting requests are answered NOT_COORDINATOR, timers are disarmed, state is
    /// dropped.
    pub fn resigned(&mut self, tp: Tp, env: &mut impl Host) -> Vec<Effect> {
        let Some(mut shard) = self.shards.remove(&tp) else {
            return Vec::new();
        };
        if self.shards.is_empty() {
            env.disarm(Timer::OffsetExpiry);
        }
        let mut work = Work::new(env, &mut self.numbers);
        shard.unload(tp, &mut work);
        work.effects
    }

    /// Whether this broker coordinates the groups of this partition.
    #[must_use]
    pub fn coordinates(&self, tp: Tp) -> bool {
        self.shards.contains_key(&tp)
    }

    /// Takes JoinGroup, SyncGroup, GroupHeartbeat, LeaveGroup, OffsetCommit and OffsetFetch; other
    /// requests are not the coordinator's and have no effect.
    pub fn asked(
        &mut self,
        conn: ConnId,
        corr: u32,
        ask: &Ask,
        env: &mut impl Host,
    ) -> Vec<Effect> {
        let reply = Reply::new(conn, corr);
        let mut work = Work::new(env, &mut self.numbers);
        if let Err(error) = ready(&self.shards, ask, work.host)
            && let Some(answer) = refusal(ask, error)
        {
            // Whoever may be a member of a group that is being read is told to go on.
            let loads = error == Code::CoordinatorLoadInProgress;
            let blind = loads && matches!(ask, Ask::GroupHeartbeat { .. });
            work.answer(
                reply,
                if blind {
                    Answer::GroupHeartbeat(Code::None)
                } else {
                    answer
                },
            );
            return work.effects;
        }
        if let Some(shard) =
            group_of(ask).and_then(|g| self.shards.get_mut(&work.host.partition_of(g)))
        {
            dispatch(shard, ask, reply, &mut work);
        }
        work.effects
    }

    /// The broker appended the payload of this ticket; its batch ends before `next`.
    pub fn appended(&mut self, ticket: u32, next: i64) {
        self.shards
            .values_mut()
            .any(|shard| shard.writes.appended(ticket, next));
    }

    /// The broker could not append the payload of this ticket. Whoever waits for it is told; a client
    /// hears NOT_COORDINATOR for NOT_LEADER_OR_FOLLOWER and KAFKA_STORAGE_ERROR.
    pub fn append_failed(&mut self, ticket: u32, error: Code, env: &mut impl Host) -> Vec<Effect> {
        let mut work = Work::new(env, &mut self.numbers);
        for shard in self.shards.values_mut() {
            if let Some(write) = shard.writes.take_failed(ticket) {
                shard.append_failed(write, error, &mut work);
                break;
            }
        }
        work.effects
    }

    /// The high watermark of the offsets partition is `hw`: writes below it are committed, their
    /// requests answered.
    pub fn high_watermark(&mut self, tp: Tp, hw: i64, env: &mut impl Host) -> Vec<Effect> {
        let mut work = Work::new(env, &mut self.numbers);
        if let Some(shard) = self.shards.get_mut(&tp) {
            shard.commit_up_to(hw, &mut work);
        }
        work.effects
    }

    /// Takes [`Timer::Rebalance`], [`Timer::MemberSession`], [`Timer::CommitPark`],
    /// [`Timer::OffsetExpiry`] and [`Timer::CoordinatorFlush`].
    pub fn timer(&mut self, timer: Timer, env: &mut impl Host) -> Vec<Effect> {
        if timer == Timer::OffsetExpiry {
            arm_expiry(env);
        }
        let mut work = Work::new(env, &mut self.numbers);
        for (tp, shard) in &mut self.shards {
            match timer {
                Timer::Rebalance(key) => {
                    if let Some(group) = shard.groups.values_mut().find(|group| group.key == key) {
                        group.waited(&mut shard.writes, &mut work);
                    }
                }
                Timer::MemberSession(key, member) => {
                    if let Some(group) = shard.groups.values_mut().find(|group| group.key == key) {
                        group.session_over(member, &mut shard.writes, &mut work);
                    }
                }
                Timer::CommitPark(park) => {
                    if let Some(then) = shard.writes.take_parked(park) {
                        shard.timed_out(then, &mut work);
                    }
                }
                Timer::OffsetExpiry if shard.hw.is_some() => shard.expire(&mut work),
                Timer::CoordinatorFlush(of) if of == *tp => shard.writes.flush(&mut work),
                _ => {}
            }
        }
        work.effects
    }

    /// A connection is over: what waits for an answer over it gets none. Membership is not touched.
    pub fn closed(&mut self, conn: ConnId) {
        self.shards
            .values_mut()
            .for_each(|shard| shard.closed(conn));
    }
}

fn arm_expiry(env: &mut impl Host) {
    let interval = Span::ms(env.params().offsets_retention_check_interval_ms);
    env.arm(Timer::OffsetExpiry, interval);
}

/// The group that a coordinator's request is about.
fn group_of(ask: &Ask) -> Option<&Arc<str>> {
    match ask {
        Ask::JoinGroup(join) => Some(&join.group),
        Ask::SyncGroup { group, .. }
        | Ask::GroupHeartbeat { group, .. }
        | Ask::LeaveGroup { group, .. }
        | Ask::OffsetCommit { group, .. }
        | Ask::OffsetFetch { group, .. } => Some(group),
        _ => None,
    }
}

/// Whether the request may be looked at. The session time-out is checked before anything else.
fn ready(shards: &SortedMap<Tp, Shard>, ask: &Ask, host: &dyn Host) -> Result<(), Code> {
    let Some(group) = group_of(ask) else {
        return Ok(());
    };
    if let Ask::JoinGroup(join) = ask {
        let params = host.params();
        let allowed = params.group_min_session_timeout_ms..=params.group_max_session_timeout_ms;
        if !allowed.contains(&join.session_ms) {
            return Err(Code::InvalidSessionTimeout);
        }
    }
    match shards.get(&host.partition_of(group)) {
        None => Err(Code::NotCoordinator),
        Some(shard) if shard.hw.is_none() => Err(Code::CoordinatorLoadInProgress),
        Some(_) => Ok(()),
    }
}

fn dispatch(shard: &mut Shard, ask: &Ask, reply: Reply, work: &mut Work<'_>) {
    match ask {
        Ask::JoinGroup(join) => shard.join(join, reply, work),
        Ask::SyncGroup {
            group,
            member,
            instance,
            generation,
            assignment,
        } => {
            let speaker = Speaker {
                member: *member,
                instance: instance.as_deref(),
                generation: *generation,
            };
            match shard.group(group) {
                (Some(group), writes) => group.sync(speaker, assignment, reply, writes, work),
                (None, _) => {
                    let (error, assignment) = (Code::UnknownMemberId, Vec::new());
                    work.answer(reply, Answer::SyncGroup { error, assignment });
                }
            }
        }
        Ask::GroupHeartbeat {
            group,
            member,
            instance,
            generation,
        } => {
            let speaker = Speaker {
                member: *member,
                instance: instance.as_deref(),
                generation: *generation,
            };
            let (group, writes) = shard.group(group);
            match group.map_or(Err(Code::UnknownMemberId), |group| {
                group.heartbeat(speaker, work)
            }) {
                Ok(code) => writes.answer(reply, Answer::GroupHeartbeat(code), work),
                Err(code) => work.answer(reply, Answer::GroupHeartbeat(code)),
            }
        }
        Ask::LeaveGroup { group, member } => {
            let (Some(group), writes) = shard.group(group) else {
                return work.answer(reply, Answer::LeaveGroup(Code::UnknownMemberId));
            };
            let code = group.leave(*member, writes, work);
            writes.answer(reply, Answer::LeaveGroup(code), work);
        }
        Ask::OffsetCommit {
            group,
            member,
            instance,
            offsets,
        } => {
            let ask = CommitAsk {
                group,
                member: *member,
                instance: instance.as_deref(),
                offsets,
            };
            shard.commit(&ask, reply, work);
        }
        Ask::OffsetFetch { group, tps } => shard.fetch(group, tps, reply, work),
        _ => {}
    }
}
