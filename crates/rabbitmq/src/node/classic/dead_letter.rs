//! Dead-lettering of classic queues: published inside the broker, without a confirm, and gone from the queue
//! whatever becomes of it (`rabbit_dead_letter`; reference 3.6).

use super::ClassicQueue;
use super::outside::Outside;
use crate::facts::Fact;
use crate::ids::Name;
use crate::message::{DeathReason, Message};
use crate::node::ctx::Ctx;
use crate::node::deaths;
use crate::node::exchange;
use crate::node::queue_type::{self, Delivery};
use std::sync::Arc;

impl ClassicQueue {
    /// Publishes a dead message to the dead-letter exchange. Without one, or when there is no exchange of that
    /// name, nothing happens.
    pub(super) fn dead_letter(
        &self,
        message: &Message,
        reason: DeathReason,
        out: &mut dyn Outside,
    ) -> bool {
        let Some(name) = self.spec.dlx.as_deref().and_then(|dlx| out.name(dlx)) else {
            return false;
        };
        if name != Name::EMPTY && !out.image().exchanges.contains_key(&name) {
            return false;
        }
        let target = self.spec.target(name);
        let dead = deaths::dead_letter(message, self.id.name, reason, &target);
        out.note(Fact::DeadLettered {
            key: message.key,
            from: self.id,
            reason,
        });
        out.publish(Arc::new(dead));
        true
    }
}

/// Publishes a message inside the broker: to every queue that its exchange leads to, but not into a cycle.
pub(super) fn publish(message: Arc<Message>, ctx: &mut Ctx<'_, '_>) {
    let image = ctx.image.clone();
    let sender = ctx.me;
    for name in exchange::route(&image, ctx.env.settings(), message.exchange, &message) {
        if deaths::is_cycle(&message, name) {
            continue;
        }
        if let Some(record) = image.queues.get(&name) {
            let delivery = Delivery {
                message: message.clone(),
                seq: None,
                sender,
                mandatory: false,
            };
            queue_type::deliver_untracked(record, delivery, ctx);
        }
    }
}
