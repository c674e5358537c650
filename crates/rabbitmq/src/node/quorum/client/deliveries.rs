//! Deliveries as they reach a channel: each once, in the order of their ids.

use super::{QuorumClient, Settle};
use crate::ids::{Name, Part, Pid, QueueId};
use crate::node::ctx::Ctx;
use crate::node::queue_type::Action;
use crate::node::quorum::fifo::{Fifo, Msg, Op, Who};
use crate::node::quorum::wire::ToMember;
use crate::signal::{Handed, Signal};
use crate::system::Version;
use ackscope_kernel::SeatId;
use borsh::BorshSerialize;
use std::sync::Arc;

/// A consumer of this channel.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub(super) struct Tracked {
    /// It acknowledges; else the channel settles on receipt.
    pub(super) ack: bool,
    /// The id expected next; `None`: any.
    next: Option<u64>,
    /// Deliveries that wait for those before them.
    ahead: Vec<(u64, Msg)>,
}

impl Tracked {
    pub(super) fn new(ack: bool, next: Option<u64>) -> Tracked {
        Tracked {
            ack,
            next,
            ahead: Vec::new(),
        }
    }
}

/// A message as the channel gets it, with the headers of a quorum queue.
pub(super) fn handed(queue: QueueId, id: u64, msg: &Msg, version: Version, get: bool) -> Handed {
    let (redelivered, delivery_count, acquired_count) = Fifo::headers(version, msg, get);
    let known = &msg.message;
    let same = known.delivery_count == delivery_count && known.acquired_count == acquired_count;
    let message = if same {
        Arc::clone(known)
    } else {
        let mut message = (**known).clone();
        message.delivery_count = delivery_count;
        message.acquired_count = acquired_count;
        Arc::new(message)
    };
    Handed {
        queue,
        id,
        redelivered,
        message,
    }
}

impl QuorumClient {
    /// Messages for a consumer.
    pub(super) fn delivered(
        &mut self,
        tag: Name,
        mut list: Vec<(u64, Msg)>,
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        let Some(tracked) = self.consumers.get_mut(&tag) else {
            // The consumer was cancelled meanwhile: they go back.
            let ids = list.iter().map(|(id, _)| *id).collect();
            self.send(None, Op::Return(Who::Tag(ctx.me, tag), ids, false), ctx);
            return Vec::new();
        };
        if let Some(next) = tracked.next {
            list.retain(|(id, _)| *id >= next);
            let Some((first, _)) = list.first() else {
                return Vec::new();
            };
            if *first > next {
                // Some got lost on the way, with a connection between nodes: a member is asked for them.
                let ids = (next..*first).collect();
                tracked.ahead.append(&mut list);
                let to = Pid::named(self.near(ctx), Part::Member(self.queue));
                let ask = ToMember::CheckedOut(ctx.me, tag, ids);
                ctx.post(to, Signal::Quorum(Box::new(ask)));
                return Vec::new();
            }
        }
        self.hand_on(tag, list, ctx)
    }

    /// A member's answer: those that the consumer still holds. Others were taken back when its node was away.
    pub(super) fn missing(
        &mut self,
        tag: Name,
        mut list: Vec<(u64, Msg)>,
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        let Some(tracked) = self.consumers.get_mut(&tag) else {
            return Vec::new();
        };
        let from = tracked.next.unwrap_or(0);
        list.append(&mut tracked.ahead);
        list.retain(|(id, _)| *id >= from);
        list.sort_by_key(|(id, _)| *id);
        list.dedup_by_key(|(id, _)| *id);
        self.hand_on(tag, list, ctx)
    }

    /// The member on this node, else the leader.
    fn near(&self, ctx: &Ctx<'_, '_>) -> SeatId {
        let me = ctx.node();
        if self.servers.contains(&me) {
            me
        } else {
            self.server()
        }
    }

    fn hand_on(&mut self, tag: Name, list: Vec<(u64, Msg)>, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let (Some(tracked), Some((last, _))) = (self.consumers.get_mut(&tag), list.last()) else {
            return Vec::new();
        };
        tracked.next = Some(last + 1);
        let ack_required = tracked.ack;
        let version = ctx.version();
        let queue = self.queue;
        let messages = list
            .iter()
            .map(|(id, msg)| handed(queue, *id, msg, version, false))
            .collect();
        let actions = vec![Action::Deliver {
            tag,
            ack_required,
            messages,
        }];
        if !ack_required {
            let ids: Vec<u64> = list.iter().map(|(id, _)| *id).collect();
            self.settle(Some(tag), Settle::Ack, &ids, ctx);
        }
        actions
    }
}
