//! basic.publish (reference 2.1, 2.5).

use super::lookup::{Found, lookup};
use super::{Channel, Mode};
use crate::amqp::Method;
use crate::facts::Fact;
use crate::ids::{Name, QueueId};
use crate::message::Message;
use crate::node::args::{exchange_text, expiration, precondition};
use crate::node::ctx::Ctx;
use crate::node::exchange;
use crate::node::queue_type::Delivery;
use crate::reply::{Code, Reply};
use borsh::BorshSerialize;
use std::sync::Arc;

/// No message can be larger, whatever `max_message_size` says.
const HARD_LIMIT: i64 = 536_870_912;
/// The user that all clients log in as.
const USER: &str = "guest";

/// A publish that was checked and routed.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub(super) struct Routed {
    message: Arc<Message>,
    mandatory: bool,
    /// The channel's number, if it wants to hear of it.
    seq: Option<u64>,
    queues: Vec<QueueId>,
}

impl Channel {
    pub(super) fn publish(
        &mut self,
        mut message: Arc<Message>,
        mandatory: bool,
        immediate: bool,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        if immediate {
            return Err(Reply::error(Code::NotImplemented, "immediate=true"));
        }
        check_size(&message, ctx)?;
        check_exchange(message.exchange, ctx)?;
        if let Some(user) = &message.user_id
            && &**user != USER
        {
            return Err(precondition(format!(
                "user_id property set to '{user}' but authenticated user was '{USER}'"
            )));
        }
        if let Some(text) = &message.expiration {
            expiration(text)?;
        }
        let seq = match self.mode {
            Mode::Plain => None,
            Mode::Confirm | Mode::Tx(_) => Some(self.confirms.number()),
        };
        let image = ctx.image.clone();
        let names = exchange::route(&image, ctx.env.settings(), message.exchange, &message);
        let queues = names
            .into_iter()
            .filter_map(|name| match lookup(name, ctx) {
                Found::Live(record) | Found::Stopped(record) | Found::Crashed(record) => {
                    Some(record.id)
                }
                Found::NodeDown(_) | Found::Missing => None,
            });
        let queues: Vec<QueueId> = queues.collect();
        if !message.bcc.is_empty() {
            // Blind copies are not shown to anybody, and dead-lettering does not see them either.
            Arc::make_mut(&mut message).bcc.clear();
        }
        if queues.is_empty() {
            let key = message.key;
            ctx.env.note(Fact::Unroutable { key, mandatory });
        }
        let routed = Routed {
            message,
            mandatory,
            seq,
            queues,
        };
        if let Mode::Tx(tx) = &mut self.mode {
            tx.publish(routed);
        } else {
            self.hand_out(routed, ctx);
            self.flush(ctx);
        }
        Ok(())
    }

    /// Gives a message to its queues (`deliver_to_queues`). A return goes out before the confirm; what the queues
    /// say at once is looked at after the confirm is registered.
    pub(super) fn hand_out(&mut self, routed: Routed, ctx: &mut Ctx<'_, '_>) {
        let Routed {
            message,
            mandatory,
            seq,
            queues,
        } = routed;
        let mut said = Vec::new();
        for queue in &queues {
            let delivery = Delivery {
                message: message.clone(),
                seq,
                sender: ctx.me,
                mandatory,
            };
            if let Some(client) = self.client(*queue, ctx) {
                said.push((*queue, client.ops().deliver(delivery, ctx)));
            }
        }
        if mandatory && queues.is_empty() {
            let reply = Reply::new(Code::NoRoute, Code::NoRoute.name());
            self.send(Method::Return { reply, message }, ctx);
        }
        if let Some(seq) = seq {
            // A queue that was deleted between routing and commit owes nothing.
            let owing = said.iter().map(|(queue, _)| *queue).collect();
            self.confirms.expect(seq, owing);
        }
        for (queue, actions) in said {
            self.do_actions(queue, actions, ctx);
        }
    }
}

fn check_size(message: &Message, ctx: &Ctx<'_, '_>) -> Result<(), Reply> {
    let size = i64::from(message.size);
    let max = ctx.params().channel.max_message_size;
    if size > HARD_LIMIT {
        let text = format!("message size {size} is larger than max size {HARD_LIMIT}");
        return Err(precondition(text));
    }
    if size > max {
        let text = format!("message size {size} is larger than configured max size {max}");
        return Err(precondition(text));
    }
    Ok(())
}

fn check_exchange(name: Name, ctx: &Ctx<'_, '_>) -> Result<(), Reply> {
    if name == Name::EMPTY {
        return Ok(());
    }
    let text = exchange_text(&ctx.text(name));
    match ctx.image.exchanges.get(&name) {
        None => Err(Reply::error(Code::NotFound, format!("no {text}"))),
        Some(exchange) if exchange.internal => Err(Reply::error(
            Code::AccessRefused,
            format!("cannot publish to internal {text}"),
        )),
        Some(_) => Ok(()),
    }
}
