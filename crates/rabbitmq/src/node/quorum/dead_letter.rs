//! Dead letters of quorum queues: republished once by the leader, or by a worker beside it that waits for the
//! confirms of all targets (`rabbit_dead_letter`, `rabbit_fifo_dlx_worker`; reference 3.6).

use super::fifo::{Command, Config, DeadLetters, DlxOp, From, Msg, Op};
use super::wire::ToMember;
use crate::facts::Fact;
use crate::ids::{Name, Part, Pid, QueueId};
use crate::message::{DeathReason, Message};
use crate::node::classic::ToQueue;
use crate::node::ctx::Ctx;
use crate::node::deaths::{self, Target};
use crate::node::image::QueueKind;
use crate::node::queue_type::{Action, Delivery, QueueClient, ToChannel};
use crate::node::{Actor, Live, exchange};
use crate::signal::{Carried, DownWhy, Signal};
use crate::system::{PartTimer, Version};
use ackscope_kernel::{MessageKey, SeatId, Span, Time};
use borsh::BorshSerialize;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The message as it goes to the dead-letter exchange. Since 4.3 it brings its failures along (13.14).
fn dead(
    queue: QueueId,
    reason: DeathReason,
    msg: &Msg,
    target: &Target,
    version: Version,
) -> Message {
    let mut dead = deaths::dead_letter(&msg.message, queue.name, reason, target);
    if version >= Version::V4_3 {
        dead.delivery_count = (msg.failed > 0).then_some(msg.failed);
    }
    dead
}

/// The queues that a dead letter goes to. An automatic cycle is cut.
fn targets(message: &Message, ctx: &Ctx<'_, '_>) -> Vec<QueueId> {
    let image = Arc::clone(ctx.image);
    let known = message.exchange == Name::EMPTY || image.exchanges.contains_key(&message.exchange);
    if !known {
        return Vec::new();
    }
    let names = exchange::route(&image, ctx.env.settings(), message.exchange, message);
    names
        .into_iter()
        .filter(|name| !deaths::is_cycle(message, *name))
        .filter_map(|name| image.queues.get(&name).map(|record| record.id))
        .collect()
}

/// At most once: nobody looks what becomes of it.
pub(super) fn publish_once(
    queue: QueueId,
    config: &Config,
    reason: DeathReason,
    msgs: &[Msg],
    ctx: &mut Ctx<'_, '_>,
) {
    let DeadLetters::AtMostOnce(exchange, routing_key) = &config.dead_letters else {
        return;
    };
    let exists = *exchange == Name::EMPTY || ctx.image.exchanges.contains_key(exchange);
    if !exists {
        return;
    }
    let target = Target {
        exchange: *exchange,
        routing_key: routing_key.clone(),
    };
    for msg in msgs {
        let message = Arc::new(dead(queue, reason, msg, &target, ctx.version()));
        ctx.env.note(Fact::DeadLettered {
            key: message.key,
            from: queue,
            reason,
        });
        for id in targets(&message, ctx) {
            hand_over(id, Arc::clone(&message), ctx);
        }
    }
}

/// Gives a message to a queue, without waiting for anything.
fn hand_over(id: QueueId, message: Arc<Message>, ctx: &mut Ctx<'_, '_>) {
    let Some(record) = ctx.image.queue(id) else {
        return;
    };
    let (kind, pid) = (record.kind, record.pid);
    match kind {
        QueueKind::Classic => {
            let delivery = Delivery {
                message,
                seq: None,
                sender: ctx.me,
                mandatory: false,
            };
            ctx.post(pid, Signal::Queue(ToQueue::Deliver(delivery)));
        }
        QueueKind::Quorum => {
            let command = Command {
                from: From::Nobody,
                op: Op::Enqueue(None, message),
            };
            let to = Pid::named(pid.node, Part::Member(id));
            ctx.post(to, Signal::Quorum(Box::new(ToMember::Command(command))));
        }
        QueueKind::Stream => {}
    }
}

/// What the worker is told.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToWorker {
    /// Begin.
    Begin,
    /// Messages, with their ids and why they died.
    Deliver(Vec<(u64, DeathReason, Msg)>),
    /// The topology may have changed.
    LookAgain,
}

impl Carried for ToWorker {
    fn carries(&self) -> (Option<MessageKey>, u32) {
        match self {
            ToWorker::Deliver(list) => (
                list.first().map(|(_, _, msg)| msg.message.key),
                u32::try_from(list.len()).unwrap_or(u32::MAX),
            ),
            _ => (None, 0),
        }
    }
}

/// A dead letter on its way.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
struct Pending {
    reason: DeathReason,
    msg: Msg,
    /// Queues that it was sent to and that have not answered.
    unsettled: BTreeSet<QueueId>,
    /// Queues that have confirmed it.
    settled: BTreeSet<QueueId>,
    /// Queues that refused it, or went down.
    refused: BTreeSet<QueueId>,
    /// When it was sent last.
    since: Time,
}

/// The worker beside a leader.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Worker {
    queue: QueueId,
    clients: BTreeMap<QueueId, QueueClient>,
    pending: BTreeMap<u64, Pending>,
}

/// A worker is wanted; an earlier one ends.
pub(super) fn start(queue: QueueId, ctx: &mut Ctx<'_, '_>) {
    let part = Part::DeadLetter(queue);
    let worker = Worker {
        queue,
        clients: BTreeMap::new(),
        pending: BTreeMap::new(),
    };
    ctx.start(part, Live::DeadLetter(Box::new(worker)));
    ctx.post(
        ctx.local(part),
        Signal::DeadLetter(Box::new(ToWorker::Begin)),
    );
}

/// It is not wanted any more.
pub(super) fn end(queue: QueueId, ctx: &mut Ctx<'_, '_>) {
    ctx.end(Part::DeadLetter(queue), DownWhy::Normal);
}

impl Worker {
    fn ask(&self, op: DlxOp, ctx: &mut Ctx<'_, '_>) {
        let command = Command {
            from: From::Nobody,
            op: Op::Dlx(op),
        };
        let to = ctx.local(Part::Member(self.queue));
        ctx.post(to, Signal::Quorum(Box::new(ToMember::Command(command))));
    }

    /// The messages that it holds, for panels.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    fn patience(ctx: &Ctx<'_, '_>) -> Span {
        let ms = ctx
            .params()
            .quorum
            .dead_letter_worker_publisher_confirm_timeout;
        Span::ms(ms)
    }

    /// Where the queue's dead letters go, by this node's metadata.
    fn target(&self, ctx: &Ctx<'_, '_>) -> Option<Target> {
        let record = ctx.image.queue(self.queue)?;
        match super::spec::config(record, ctx).dead_letters {
            DeadLetters::AtLeastOnce(exchange, routing_key) => Some(Target {
                exchange,
                routing_key,
            }),
            _ => None,
        }
    }

    /// Sends a message to all its targets that have not confirmed it.
    fn forward(&mut self, id: u64, ctx: &mut Ctx<'_, '_>) {
        let Some(target) = self.target(ctx) else {
            return;
        };
        let Some(pending) = self.pending.get_mut(&id) else {
            return;
        };
        pending.since = ctx.env.now();
        let message = dead(
            self.queue,
            pending.reason,
            &pending.msg,
            &target,
            ctx.version(),
        );
        let message = Arc::new(message);
        let mut to = targets(&message, ctx);
        to.retain(|queue| !pending.settled.contains(queue));
        pending.refused.clear();
        pending.unsettled = to.iter().copied().collect();
        if to.is_empty() && !pending.settled.is_empty() {
            self.done(&[id], ctx);
            return;
        }
        if !to.is_empty() {
            ctx.env.note(Fact::DeadLettered {
                key: message.key,
                from: self.queue,
                reason: pending.reason,
            });
        }
        for queue in to {
            let delivery = Delivery {
                message: Arc::clone(&message),
                seq: Some(id),
                sender: ctx.me,
                mandatory: false,
            };
            let said = match self.client(queue, ctx) {
                Some(client) => client.ops().deliver(delivery, ctx),
                None => Vec::new(),
            };
            self.actions(queue, said, ctx);
        }
    }

    fn client(&mut self, queue: QueueId, ctx: &Ctx<'_, '_>) -> Option<&mut QueueClient> {
        match self.clients.entry(queue) {
            Entry::Occupied(client) => Some(client.into_mut()),
            Entry::Vacant(place) => {
                let client = QueueClient::new(ctx.image.queue(queue)?, ctx)?;
                Some(place.insert(client))
            }
        }
    }

    fn actions(&mut self, queue: QueueId, actions: Vec<Action>, ctx: &mut Ctx<'_, '_>) {
        let mut done = Vec::new();
        for action in actions {
            match action {
                Action::Settled(ids) => {
                    for id in ids {
                        if let Some(pending) = self.pending.get_mut(&id) {
                            pending.unsettled.remove(&queue);
                            pending.settled.insert(queue);
                            if pending.unsettled.is_empty() && pending.refused.is_empty() {
                                done.push(id);
                            }
                        }
                    }
                }
                Action::Rejected(ids) => {
                    for id in ids {
                        if let Some(pending) = self.pending.get_mut(&id) {
                            pending.unsettled.remove(&queue);
                            pending.refused.insert(queue);
                        }
                    }
                }
                Action::Gone => {
                    // The queue was deleted: the next try routes anew.
                    self.clients.remove(&queue);
                    for pending in self.pending.values_mut() {
                        if pending.unsettled.remove(&queue) {
                            pending.refused.insert(queue);
                        }
                    }
                }
                _ => {}
            }
        }
        self.done(&done, ctx);
    }

    /// All targets of these have confirmed: the source lets go of them.
    fn done(&mut self, ids: &[u64], ctx: &mut Ctx<'_, '_>) {
        if ids.is_empty() {
            return;
        }
        for id in ids {
            self.pending.remove(id);
        }
        self.ask(DlxOp::Settle(ids.to_vec()), ctx);
    }

    /// What was not confirmed in time is sent again.
    fn look(&mut self, all: bool, ctx: &mut Ctx<'_, '_>) {
        let (now, patience) = (ctx.env.now(), Self::patience(ctx));
        let late = |p: &Pending| now.since(p.since) >= patience;
        // Without a route, or refused, it goes out again too; what is under way only after its time.
        let again = self
            .pending
            .iter()
            .filter(|(_, p)| late(p) || (all && p.unsettled.is_empty()));
        let again: Vec<u64> = again.map(|(id, _)| *id).collect();
        for id in again {
            self.forward(id, ctx);
        }
        self.arm(ctx);
    }

    fn arm(&self, ctx: &mut Ctx<'_, '_>) {
        let first = self.pending.values().map(|p| p.since).min();
        if let Some(since) = first {
            let due = since + Self::patience(ctx);
            let now = ctx.env.now();
            ctx.arm_in(PartTimer::DeadLetter, due.since(now));
        }
    }

    fn each(
        &mut self,
        ctx: &mut Ctx<'_, '_>,
        mut act: impl FnMut(&mut QueueClient, &mut Ctx<'_, '_>) -> Vec<Action>,
    ) {
        let queues: Vec<QueueId> = self.clients.keys().copied().collect();
        for queue in queues {
            if let Some(client) = self.clients.get_mut(&queue) {
                let said = act(client, ctx);
                self.actions(queue, said, ctx);
            }
        }
    }

    fn node_up(&mut self, node: SeatId, ctx: &mut Ctx<'_, '_>) {
        self.each(ctx, |client, ctx| client.ops().node_up(node, ctx));
    }
}

impl Actor for Worker {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::DeadLetter(said) => match *said {
                ToWorker::Begin => {
                    let prefetch = ctx.params().quorum.dead_letter_worker_consumer_prefetch;
                    let prefetch = u32::try_from(prefetch).unwrap_or(u32::MAX);
                    self.ask(DlxOp::Checkout(ctx.me, prefetch), ctx);
                }
                ToWorker::Deliver(list) => {
                    for (id, reason, msg) in list {
                        let pending = Pending {
                            reason,
                            msg,
                            unsettled: BTreeSet::new(),
                            settled: BTreeSet::new(),
                            refused: BTreeSet::new(),
                            since: ctx.env.now(),
                        };
                        self.pending.insert(id, pending);
                        self.forward(id, ctx);
                    }
                    self.arm(ctx);
                }
                ToWorker::LookAgain => self.look(true, ctx),
            },
            Signal::Channel(said) => {
                let queue = match &said {
                    ToChannel::Settled { queue, .. }
                    | ToChannel::Rejected { queue, .. }
                    | ToChannel::Credit { queue, .. }
                    | ToChannel::Quorum { queue, .. } => *queue,
                    _ => return,
                };
                if let Some(client) = self.clients.get_mut(&queue) {
                    let actions = client.ops().hear(from, said, ctx);
                    self.actions(queue, actions, ctx);
                }
            }
            Signal::Down { pid, why } => {
                self.each(ctx, |client, ctx| client.ops().down(pid, why, ctx));
            }
            Signal::ImageChanged => {
                self.each(ctx, |client, ctx| client.ops().image_changed(ctx));
            }
            Signal::NodeUp { node, .. } => self.node_up(node, ctx),
            _ => {}
        }
    }

    fn timer(&mut self, kind: PartTimer, ctx: &mut Ctx<'_, '_>) {
        match kind {
            PartTimer::DeadLetter => self.look(false, ctx),
            PartTimer::QueueClient(queue) => {
                if let Some(client) = self.clients.get_mut(&queue) {
                    let said = client.ops().timer(ctx);
                    self.actions(queue, said, ctx);
                }
            }
            _ => {}
        }
    }
}
