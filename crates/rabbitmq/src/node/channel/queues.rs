//! The channel's states of the queues that it uses, and what they ask of it (`handle_queue_actions`).

use super::Channel;
use crate::amqp::Method;
use crate::ids::{Name, Pid, QueueId};
use crate::node::connection::{MORE_AFTER, ToConnection};
use crate::node::ctx::Ctx;
use crate::node::queue_type::{Action, QueueClient, ToChannel};
use crate::signal::DownWhy;
use ackscope_kernel::SeatId;
use borsh::BorshSerialize;
use std::collections::BTreeSet;
use std::collections::btree_map::Entry;

/// What the channel owes its reader: word of the publishes that it handled. A queue that does not keep up lets
/// it keep that word back, until the reader has used its credit and reads no more (`credit_flow`).
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(super) struct Flow {
    handled: u32,
    blocked_by: BTreeSet<QueueId>,
}

impl Flow {
    pub(super) fn blocked_by(&self) -> &BTreeSet<QueueId> {
        &self.blocked_by
    }
}

impl Channel {
    /// The state for this queue; a fresh one when the queue is there and was not used so far.
    pub(super) fn client(&mut self, queue: QueueId, ctx: &Ctx<'_, '_>) -> Option<&mut QueueClient> {
        match self.queues.entry(queue) {
            Entry::Occupied(client) => Some(client.into_mut()),
            Entry::Vacant(place) => {
                let client = QueueClient::new(ctx.image.queue(queue)?, ctx)?;
                Some(place.insert(client))
            }
        }
    }

    pub(super) fn handled_publish(&mut self, ctx: &mut Ctx<'_, '_>) {
        self.flow.handled += 1;
        self.give_credit(ctx);
    }

    fn give_credit(&mut self, ctx: &mut Ctx<'_, '_>) {
        if self.flow.handled >= MORE_AFTER && self.flow.blocked_by.is_empty() {
            let more = std::mem::take(&mut self.flow.handled);
            let id = self.id;
            self.tell_reader(ToConnection::Credit { id, more }, ctx);
        }
    }

    fn unblock(&mut self, queue: QueueId, ctx: &mut Ctx<'_, '_>) {
        if self.flow.blocked_by.remove(&queue) {
            self.give_credit(ctx);
        }
    }

    pub(super) fn do_actions(
        &mut self,
        queue: QueueId,
        actions: Vec<Action>,
        ctx: &mut Ctx<'_, '_>,
    ) {
        for action in actions {
            match action {
                Action::Settled(seqs) => self.confirms.settle(queue, &seqs),
                Action::Rejected(seqs) => {
                    if self.confirms.reject(&seqs)
                        && let super::Mode::Tx(tx) = &mut self.mode
                    {
                        tx.refused();
                    }
                }
                Action::Deliver {
                    tag,
                    ack_required,
                    messages,
                } => self.deliver(tag, ack_required, messages, ctx),
                Action::Answer { token, answer } => self.answered(token, answer, ctx),
                Action::Got { token, got } => self.got(token, got, ctx),
                Action::CallDown { token, .. } => self.call_down(token, ctx),
                Action::Block => {
                    self.flow.blocked_by.insert(queue);
                }
                Action::Unblock => self.unblock(queue, ctx),
                Action::QueueDown => self.cancel_consumers_of(queue, ctx),
                Action::Released { tag } => self.released(tag, ctx),
                Action::Cancelled { tag } => self.cancel_consumer(tag, ctx),
                Action::Gone => {
                    self.unblock(queue, ctx);
                    self.queues.remove(&queue);
                    self.confirms.queue_deleted(queue);
                    self.cancel_consumers_of(queue, ctx);
                }
            }
        }
    }

    /// Something that a queue says goes to the state of that queue.
    pub(super) fn queue_says(&mut self, from: Pid, said: ToChannel, ctx: &mut Ctx<'_, '_>) {
        let queue = match &said {
            ToChannel::Reader(_) | ToChannel::Declared { .. } => None,
            ToChannel::Settled { queue, .. }
            | ToChannel::Rejected { queue, .. }
            | ToChannel::Quorum { queue, .. }
            | ToChannel::Credit { queue, .. }
            | ToChannel::CancelConsumer { queue, .. } => Some(*queue),
            ToChannel::Deliver { messages, .. } => messages.first().map(|handed| handed.queue),
            ToChannel::Answer { token, .. } | ToChannel::Got { token, .. } => {
                self.asked_queue(*token)
            }
        };
        let Some(queue) = queue else {
            return;
        };
        if let Some(client) = self.queues.get_mut(&queue) {
            let actions = client.ops().hear(from, said, ctx);
            self.do_actions(queue, actions, ctx);
        }
    }

    /// Lets every state act, in the order of the queues.
    fn each(
        &mut self,
        ctx: &mut Ctx<'_, '_>,
        mut act: impl FnMut(&mut QueueClient, &mut Ctx<'_, '_>) -> Vec<Action>,
    ) {
        let queues: Vec<QueueId> = self.queues.keys().copied().collect();
        for queue in queues {
            if let Some(client) = self.queues.get_mut(&queue) {
                let actions = act(client, ctx);
                self.do_actions(queue, actions, ctx);
            }
        }
    }

    pub(super) fn down(&mut self, pid: Pid, why: DownWhy, ctx: &mut Ctx<'_, '_>) {
        self.each(ctx, |client, ctx| client.ops().down(pid, why, ctx));
        self.supervisor_down(pid, ctx);
    }

    pub(super) fn image_changed(&mut self, ctx: &mut Ctx<'_, '_>) {
        self.each(ctx, |client, ctx| client.ops().image_changed(ctx));
        if self.sleeps() {
            self.try_again(ctx);
        }
    }

    pub(super) fn node_up(&mut self, node: SeatId, ctx: &mut Ctx<'_, '_>) {
        self.each(ctx, |client, ctx| client.ops().node_up(node, ctx));
    }

    pub(super) fn client_timer(&mut self, queue: QueueId, ctx: &mut Ctx<'_, '_>) {
        if let Some(client) = self.queues.get_mut(&queue) {
            let actions = client.ops().timer(ctx);
            self.do_actions(queue, actions, ctx);
        }
    }

    /// A consumer held deliveries for too long. The client is told, if it understands; the channel goes on with the
    /// consumer (13.4).
    fn released(&mut self, tag: Name, ctx: &mut Ctx<'_, '_>) {
        if self.capabilities.cancel_notify && self.consumers.contains_key(&tag) {
            self.send(Method::Cancel { tag }, ctx);
            return;
        }
        let number = self.id.number;
        let text = format!(
            "delivery acknowledgement on channel {number} timed out. Timeout value used: -1 ms. This timeout \
             value can be configured, see consumers doc guide to learn more"
        );
        self.fail(crate::node::args::precondition(text), ctx);
    }

    /// A consumer is over, and not by the client's wish: it hears of it if it said that it wants to
    /// (`consumer_cancel_notify`).
    fn cancel_consumer(&mut self, tag: Name, ctx: &mut Ctx<'_, '_>) {
        if self.consumers.remove(&tag).is_some() && self.capabilities.cancel_notify {
            self.send(Method::Cancel { tag }, ctx);
        }
    }

    fn cancel_consumers_of(&mut self, queue: QueueId, ctx: &mut Ctx<'_, '_>) {
        let tags: Vec<Name> = self
            .consumers
            .iter()
            .filter(|(_, consumer)| consumer.queue == queue)
            .map(|(tag, _)| *tag)
            .collect();
        for tag in tags {
            self.cancel_consumer(tag, ctx);
        }
    }
}
