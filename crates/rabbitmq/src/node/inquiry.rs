//! What an administrator's tool on the node is told: how the cluster looks from here, and how a queue is.
//!
//! A queue's members are asked over the links, each for itself, as `rabbit_amqqueue:info` and
//! `rabbit_quorum_queue:online` do; who does not answer within [`PATIENCE`] is not online.

use super::{Live, Node};
use crate::facts::{Fact, QueueLook};
use crate::ids::{Name, Part};
use crate::node::image::{QueueKind, QueueRecord};
use crate::node::monitor::Phase;
use crate::system::{Rabbit, Timer};
use crate::wire::LinkMsg;
use ackscope_kernel::{Env, SeatId, Span};
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};

/// How long the members of a queue are waited for.
pub const PATIENCE: Span = Span::secs(5);

/// What a part says about its queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub struct Inspection {
    /// The leader that it knows; its own node for a classic queue.
    pub leader: Option<SeatId>,
    /// Messages that wait for a consumer.
    pub ready: u32,
    /// Messages that a consumer has and has not settled.
    pub unacked: u32,
    /// Messages that are neither: kept for a dead-letter worker, or waiting for a retry.
    pub kept: u32,
    /// Whether it has everything that the leader has; always so but for a mirror.
    pub synchronised: bool,
}

/// A question about a queue that is being asked.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
struct Open {
    record: Box<QueueRecord>,
    awaited: BTreeSet<SeatId>,
    told: BTreeMap<SeatId, Inspection>,
}

/// All questions of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(crate) struct Inquiries {
    open: BTreeMap<u32, Open>,
}

/// The part of a queue that a node has if it has one.
fn part_of(record: &QueueRecord, node: SeatId) -> Part {
    match record.kind {
        QueueKind::Classic if record.pid.node == node => record.pid.part,
        QueueKind::Classic => Part::Mirror(record.id),
        QueueKind::Quorum => Part::Member(record.id),
        QueueKind::Stream => Part::Replica(record.id),
    }
}

impl Node {
    /// How the cluster looks from here.
    pub(super) fn status(&self, ask: u32, env: &mut Env<'_, Rabbit>) {
        let running = match self.part(Part::Monitor) {
            Some(Live::Monitor(monitor)) => monitor.phase == Phase::Running,
            _ => false,
        };
        let seen = self.cluster.running.iter().copied().collect();
        let partitioned = self.cluster.partitioned.iter().copied().collect();
        env.note(Fact::Status {
            ask,
            running,
            seen,
            partitioned,
        });
    }

    /// How a queue is. The answer is noted when its members have answered.
    pub(super) fn ask_queue(&mut self, ask: u32, queue: Name, env: &mut Env<'_, Rabbit>) {
        let Some(record) = self.image.queues.get(&queue).cloned() else {
            env.note(Fact::QueueSeen { ask, look: None });
            return;
        };
        let mut members: BTreeSet<SeatId> = record.members.iter().copied().collect();
        members.insert(record.pid.node);
        members.extend(record.mirrors.iter().map(|(pid, _)| pid.node));
        let me = env.me();
        members.retain(|node| self.cluster.reaches(*node) || *node == me);
        let mut open = Open {
            record: Box::new(record),
            awaited: BTreeSet::new(),
            told: BTreeMap::new(),
        };
        for node in members {
            let part = part_of(&open.record, node);
            if node == me {
                let told = self.inspect(part, me);
                open.told.extend(told.map(|told| (me, told)));
            } else {
                open.awaited.insert(node);
                let message = LinkMsg::Inspect { ask, part };
                self.links.send(node, message, env);
            }
        }
        env.arm_in(Timer::Inquiry(ask), PATIENCE);
        self.inquiries.open.insert(ask, open);
        self.conclude(ask, false, env);
    }

    /// What a part of this node says about its queue.
    fn inspect(&self, part: Part, me: SeatId) -> Option<Inspection> {
        self.part(part)?.inspect(me)
    }

    /// Another node asks.
    pub(super) fn inspected(
        &mut self,
        from: SeatId,
        ask: u32,
        part: Part,
        env: &mut Env<'_, Rabbit>,
    ) {
        let told = self.inspect(part, env.me());
        self.links.send(from, LinkMsg::Inspected { ask, told }, env);
    }

    /// Another node answers.
    pub(super) fn told(
        &mut self,
        from: SeatId,
        ask: u32,
        told: Option<Inspection>,
        env: &mut Env<'_, Rabbit>,
    ) {
        if let Some(open) = self.inquiries.open.get_mut(&ask) {
            open.awaited.remove(&from);
            open.told.extend(told.map(|told| (from, told)));
            self.conclude(ask, false, env);
        }
    }

    /// Notes the answer when nobody is waited for any more, or at the end of the patience.
    pub(super) fn conclude(&mut self, ask: u32, now: bool, env: &mut Env<'_, Rabbit>) {
        let Some(open) = self.inquiries.open.get(&ask) else {
            return;
        };
        if !open.awaited.is_empty() && !now {
            return;
        }
        let look = Some(Box::new(open.look(env.me())));
        env.note(Fact::QueueSeen { ask, look });
        self.inquiries.open.remove(&ask);
        env.disarm(Timer::Inquiry(ask));
    }
}

impl Open {
    /// The queue as the asked node sees it.
    fn look(&self, me: SeatId) -> QueueLook {
        let record = &self.record;
        let home = record.pid.node;
        let own = self.told.get(&me);
        let (leader, members, counts): (_, Vec<SeatId>, _) = match record.kind {
            QueueKind::Classic => {
                let mirrors = record.mirrors.iter().map(|(pid, _)| pid.node);
                let members = std::iter::once(home).chain(mirrors).collect();
                (Some(home), members, self.told.get(&home))
            }
            QueueKind::Quorum | QueueKind::Stream => {
                let known = own.map_or(Some(home), |own| own.leader);
                (known, record.members.clone(), own)
            }
        };
        let online: Vec<SeatId> = members
            .iter()
            .copied()
            .filter(|node| self.told.get(node).is_some_and(|told| told.synchronised))
            .collect();
        let up = leader.is_some_and(|leader| online.contains(&leader));
        QueueLook {
            leader,
            running: up,
            counts: counts.map(|told| (told.ready, told.unacked, told.kept)),
            members,
            online,
        }
    }
}
