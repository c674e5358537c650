//! Consumers, deliveries, basic.get and basic.qos (reference 1.8, 4.1 to 4.3).

use super::Channel;
use super::settle::Unacked;
use crate::amqp::Method;
use crate::ids::{Name, QueueId};
use crate::message::Table;
use crate::node::ctx::Ctx;
use crate::node::queue_type::ConsumeSpec;
use crate::reply::Reply;
use crate::signal::{Handed, Token};
use crate::system::Version;
use borsh::BorshSerialize;
use std::sync::Arc;

/// A consumer of this channel.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Consumer {
    pub(super) queue: QueueId,
}

impl Channel {
    /// The prefetch counts for consumers to come; a global one is shared by all consumers of the channel. Where
    /// global prefetch is not permitted any more, it is taken for one of each consumer (4.3).
    pub(super) fn qos(
        &mut self,
        prefetch: u16,
        global: bool,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        let permitted = ctx.version() < Version::V3_13
            || ctx.params().node.deprecated_features_permit_global_qos;
        if global && permitted {
            self.global_prefetch = prefetch;
            let queues: Vec<QueueId> = self.queues.keys().copied().collect();
            for queue in queues {
                if let Some(client) = self.queues.get_mut(&queue) {
                    let actions = client.ops().prefetch(prefetch, ctx);
                    self.do_actions(queue, actions, ctx);
                }
            }
        } else {
            self.prefetch = prefetch;
        }
        self.write(Method::QosOk, ctx);
        Ok(())
    }

    pub(super) fn consume_spec(
        &self,
        tag: Name,
        no_ack: bool,
        exclusive: bool,
        arguments: Arc<Table>,
        token: Token,
        ctx: &Ctx<'_, '_>,
    ) -> ConsumeSpec {
        ConsumeSpec {
            channel: ctx.me,
            tag,
            no_ack,
            exclusive,
            prefetch: self.prefetch,
            arguments,
            cancel_notify: self.capabilities.cancel_notify,
            token,
        }
    }

    /// Whether consumers of this channel share a prefetch.
    pub(super) fn shared_prefetch(&self) -> Option<u16> {
        (self.global_prefetch > 0).then_some(self.global_prefetch)
    }

    fn next_delivery(&mut self) -> u64 {
        self.delivery_tag += 1;
        self.delivery_tag
    }

    fn await_ack(
        &mut self,
        delivery_tag: u64,
        handed: &Handed,
        consumer: Option<Name>,
        ctx: &Ctx<'_, '_>,
    ) {
        let unacked = Unacked {
            queue: handed.queue,
            consumer,
            id: handed.id,
            at: ctx.env.now(),
        };
        self.unacked.insert(delivery_tag, unacked);
    }

    /// Messages for a consumer. Those that the queue had sent before a cancel are delivered all the same.
    pub(super) fn deliver(
        &mut self,
        tag: Name,
        ack_required: bool,
        messages: Vec<Handed>,
        ctx: &mut Ctx<'_, '_>,
    ) {
        for handed in messages {
            let delivery_tag = self.next_delivery();
            if ack_required {
                self.await_ack(delivery_tag, &handed, Some(tag), ctx);
            }
            let method = Method::Deliver {
                tag,
                delivery_tag,
                redelivered: handed.redelivered,
                message: handed.message,
            };
            self.send(method, ctx);
        }
    }

    /// The answer to basic.get.
    pub(super) fn got(&mut self, token: Token, got: Option<(Handed, u32)>, ctx: &mut Ctx<'_, '_>) {
        let Some(method) = self.take_call(token) else {
            return;
        };
        let Method::Get { no_ack, .. } = method else {
            return;
        };
        let Some((handed, remaining)) = got else {
            self.write(Method::GetEmpty, ctx);
            return;
        };
        let delivery_tag = self.next_delivery();
        if !no_ack {
            self.await_ack(delivery_tag, &handed, None, ctx);
        }
        let method = Method::GetOk {
            delivery_tag,
            redelivered: handed.redelivered,
            message: handed.message,
            remaining,
        };
        self.write(method, ctx);
    }
}
