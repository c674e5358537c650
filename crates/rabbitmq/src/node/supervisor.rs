//! The supervisors of a node's queues as one part: they start the processes of classic queues, when the
//! application starts and when a queue is declared (`rabbit_amqqueue_sup_sup`, `rabbit_vhost`).

use crate::ids::{Part, Pid, QueueId};
use crate::node::classic::{ClassicQueue, Mirroring, ToQueue};
use crate::node::ctx::Ctx;
use crate::node::image::{MetaCommand, MetaError, QueueKind, QueueRecord};
use crate::node::policy::{self, Effective};
use crate::node::queue_type::ToChannel;
use crate::node::quorum::wire::ToRa;
use crate::node::stream::{Replica, Retention};
use crate::node::{Actor, Live};
use crate::signal::{Carried, DownWhy, Signal, Token};
use crate::system::Version;
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the supervisor is told.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToSupervisor {
    /// By a channel: a new queue that is to live on this node. Its record is written and its process started;
    /// [`ToChannel::Declared`] answers.
    Declare {
        /// The queue. Which start of this node its process belongs to is filled in.
        record: Box<QueueRecord>,
        /// The call.
        token: Token,
    },
    /// By the master of a mirrored queue: start a mirror here.
    Mirror {
        /// Of which queue.
        queue: QueueId,
    },
}

impl Carried for ToSupervisor {
    fn background(&self) -> bool {
        true
    }
}

/// A queue whose record is being written.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
struct Declaring {
    by: Pid,
    token: Token,
    record: Box<QueueRecord>,
}

/// The supervisor.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub struct Supervisor {
    next: Token,
    declaring: BTreeMap<Token, Declaring>,
    /// Streams whose member here was started.
    streams: BTreeSet<QueueId>,
}

impl Supervisor {
    /// The node serves from now on: durable queues that live here are recovered. Transient and exclusive ones are
    /// being deleted.
    fn app_started(ctx: &mut Ctx<'_, '_>) {
        let me = ctx.node();
        let image = ctx.image.clone();
        let own = image
            .queues
            .values()
            .filter(|record| record.pid.node == me && record.durable && record.exclusive.is_none());
        for record in own {
            start(record, ctx);
        }
        let others: Vec<QueueId> = image
            .queues
            .values()
            .filter(|record| record.pid.node != me && wants_mirror(record, ctx))
            .map(|record| record.id)
            .collect();
        for queue in others {
            start_mirror(queue, ctx);
        }
    }

    /// Streams that have a member here: it starts with the application, and when the stream is new.
    fn start_streams(&mut self, ctx: &mut Ctx<'_, '_>) {
        let me = ctx.node();
        if !ctx.cluster.running.contains(&me) {
            return;
        }
        let image = ctx.image.clone();
        self.streams.retain(|id| image.queue(*id).is_some());
        for record in image.queues.values() {
            let here = record.kind == QueueKind::Stream && record.members.contains(&me);
            if here && self.streams.insert(record.id) {
                let effective = Effective::of(&image, ctx.env.settings(), record);
                let part = Part::Replica(record.id);
                let replica = Replica::new(record.id, Retention::of(&effective), ctx);
                ctx.start(part, Live::Replica(replica));
                ctx.post(ctx.local(part), Signal::AppStarted);
            }
        }
    }

    fn declare(
        &mut self,
        by: Pid,
        mut record: Box<QueueRecord>,
        token: Token,
        ctx: &mut Ctx<'_, '_>,
    ) {
        record.pid = match record.kind {
            // A member keeps its name over a restart of its node.
            QueueKind::Quorum | QueueKind::Stream => Pid::named(ctx.node(), record.pid.part),
            QueueKind::Classic => ctx.local(record.pid.part),
        };
        self.next += 1;
        ctx.write_meta(MetaCommand::PutQueue(record.clone()), self.next);
        self.declaring
            .insert(self.next, Declaring { by, token, record });
    }

    /// The record is written, or could not be.
    fn declared(&mut self, written: Token, result: Result<(), MetaError>, ctx: &mut Ctx<'_, '_>) {
        let Some(Declaring { by, token, record }) = self.declaring.remove(&written) else {
            return;
        };
        if result.is_ok() && record.kind == QueueKind::Quorum {
            // The group has to form before the channel is answered.
            let declare = ToRa::Declare(record, by, token);
            ctx.post(ctx.local(Part::Ra), Signal::Ra(Box::new(declare)));
            return;
        }
        let pid = record.pid;
        if result.is_ok() {
            start(&record, ctx);
        }
        let result = result.map(|()| pid);
        ctx.post(by, Signal::Channel(ToChannel::Declared { token, result }));
    }
}

/// Starts the process of a queue, as the part that its record names.
fn start(record: &QueueRecord, ctx: &mut Ctx<'_, '_>) {
    if record.kind != QueueKind::Classic {
        return;
    }
    let part = match record.pid.part {
        part @ (Part::Queue(_) | Part::Mirror(_)) => part,
        _ => Part::Queue(record.id),
    };
    ctx.start(part, Live::Queue(Box::new(ClassicQueue::new(record.id))));
    let to = ctx.local(part);
    ctx.post(to, Signal::Queue(ToQueue::Begin));
}

/// Whether the policy wants a mirror of this queue on this node, which has just started.
fn wants_mirror(record: &QueueRecord, ctx: &Ctx<'_, '_>) -> bool {
    if record.kind != QueueKind::Classic || ctx.version() >= Version::V4_0 {
        return false;
    }
    let policy = policy::of_queue(ctx.image, ctx.env.settings(), record);
    let Some(mirroring) = Mirroring::of(&policy).filter(|_| record.exclusive.is_none()) else {
        return false;
    };
    let running: Vec<_> = ctx
        .cluster
        .running
        .iter()
        .map(|node| (*node, ctx.env.name_of(*node).into()))
        .collect();
    let have: Vec<_> = record
        .mirrors
        .iter()
        .map(|(pid, _)| pid.node)
        .filter(|node| *node != ctx.node())
        .collect();
    mirroring
        .wanted(record.pid.node, &have, &running)
        .contains(&ctx.node())
}

/// Starts a mirror of a queue. One that was there starts anew.
fn start_mirror(queue: QueueId, ctx: &mut Ctx<'_, '_>) {
    let part = Part::Mirror(queue);
    ctx.end(part, DownWhy::Shutdown);
    ctx.start(part, Live::Queue(Box::new(ClassicQueue::new(queue))));
    let to = ctx.local(part);
    ctx.post(to, Signal::Queue(ToQueue::Begin));
}

impl Actor for Supervisor {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::Supervisor(ToSupervisor::Declare { record, token }) => {
                self.declare(from, record, token, ctx);
            }
            Signal::Supervisor(ToSupervisor::Mirror { queue }) => {
                let me = ctx.node();
                if ctx.cluster.running.contains(&me) {
                    start_mirror(queue, ctx);
                }
            }
            Signal::MetaDone { token, result } => self.declared(token, result, ctx),
            Signal::AppStarted => {
                Self::app_started(ctx);
                self.start_streams(ctx);
            }
            Signal::ImageChanged => self.start_streams(ctx),
            Signal::Terminate => self.streams.clear(),
            _ => {}
        }
    }
}
