//! The supervisors of a node's queues as one part: they start the processes of classic queues, when the
//! application starts and when a queue is declared (`rabbit_amqqueue_sup_sup`, `rabbit_vhost`).

use crate::ids::{Part, Pid, QueueId};
use crate::node::classic::{ClassicQueue, ToQueue};
use crate::node::ctx::Ctx;
use crate::node::image::{QueueKind, QueueRecord};
use crate::node::queue_type::ToChannel;
use crate::node::{Actor, Live};
use crate::signal::{Answer, Carried, Signal, Token};
use borsh::BorshSerialize;
use std::collections::BTreeMap;

/// What the supervisor is told.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToSupervisor {
    /// By a channel: a queue whose record names this node was declared; start its process. The channel hears
    /// [`Answer::Done`] when it runs.
    Start {
        /// Which queue.
        queue: QueueId,
        /// The call.
        token: Token,
    },
}

impl Carried for ToSupervisor {
    fn background(&self) -> bool {
        true
    }
}

/// The supervisor.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub struct Supervisor {
    /// Queues whose record has not come to this node yet, and who asked for them.
    waiting: BTreeMap<QueueId, (Pid, Token)>,
}

impl Supervisor {
    /// The node serves from now on: durable queues that live here are recovered. Transient and exclusive ones are
    /// being deleted.
    fn app_started(ctx: &mut Ctx<'_, '_>) {
        let me = ctx.node();
        let image = ctx.image.clone();
        let own = image.queues.values().filter(|record| {
            record.kind == QueueKind::Classic
                && record.pid.node == me
                && record.durable
                && record.exclusive.is_none()
        });
        for record in own {
            start(record, ctx);
        }
    }

    fn ask(&mut self, queue: QueueId, by: Pid, token: Token, ctx: &mut Ctx<'_, '_>) {
        let image = ctx.image.clone();
        match image.queue(queue) {
            Some(record) => {
                start(record, ctx);
                let answer = Answer::Done {
                    messages: 0,
                    consumers: 0,
                };
                ctx.post(by, Signal::Channel(ToChannel::Answer { token, answer }));
            }
            None => {
                self.waiting.insert(queue, (by, token));
            }
        }
    }
}

/// Starts the process of a queue, as the part that its record names.
fn start(record: &QueueRecord, ctx: &mut Ctx<'_, '_>) {
    let part = match record.pid.part {
        part @ (Part::Queue(_) | Part::Mirror(_)) => part,
        _ => Part::Queue(record.id),
    };
    ctx.start(part, Live::Queue(Box::new(ClassicQueue::new(record.id))));
    let to = ctx.local(part);
    ctx.post(to, Signal::Queue(ToQueue::Begin));
}

impl Actor for Supervisor {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::Supervise(ToSupervisor::Start { queue, token }) => {
                self.ask(queue, from, token, ctx);
            }
            Signal::AppStarted => Self::app_started(ctx),
            Signal::ImageChanged => {
                let image = ctx.image.clone();
                let come: Vec<QueueId> = self
                    .waiting
                    .keys()
                    .copied()
                    .filter(|queue| image.queue(*queue).is_some())
                    .collect();
                for queue in come {
                    if let Some((by, token)) = self.waiting.remove(&queue) {
                        self.ask(queue, by, token, ctx);
                    }
                }
            }
            _ => {}
        }
    }
}
