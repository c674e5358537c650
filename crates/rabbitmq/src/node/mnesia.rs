//! Mnesia as RabbitMQ up to 4.2 uses it: tables on every node, written by a transaction of all nodes that are
//! connected.
//!
//! The lowest connected node orders the writes of its side, as Mnesia's global locks do; each connected node
//! then applies them and answers. A node that has gone silent holds a transaction until the link to it is
//! given up. A side that is cut off goes on writing on its own; after a heal nothing is merged (reference
//! 1.11, 5.4).

use crate::ids::{Part, Pid};
use crate::node::Actor;
use crate::node::ctx::Ctx;
use crate::node::image::{Image, MetaCommand, MetaError};
use crate::records::{DiskRecord, FileName};
use crate::signal::{Carried, Signal, Token};
use ackscope_kernel::SeatId;
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Between the Mnesia members of nodes.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToMnesia {
    /// To the ordering node: a write, by the asking node's number.
    Ask {
        /// The asking node's number.
        number: u64,
        /// The write.
        command: MetaCommand,
    },
    /// From the ordering node: apply this.
    Commit {
        /// The ordering node's number.
        number: u64,
        /// The write.
        command: MetaCommand,
    },
    /// It is applied.
    Applied {
        /// The ordering node's number.
        number: u64,
    },
    /// The write that was asked for is done, or failed.
    Done {
        /// The asking node's number.
        number: u64,
        /// How it went.
        result: Result<(), MetaError>,
    },
    /// A joining node asks for the tables.
    Copy,
    /// The tables.
    Tables(Arc<Image>),
}

impl Carried for ToMnesia {
    fn background(&self) -> bool {
        true
    }
}

/// A write that somebody on this node asked for.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
struct Asked {
    by: Pid,
    token: Token,
    command: MetaCommand,
    /// The node that orders it.
    at: SeatId,
}

/// A write that this node ordered and that not all have applied yet.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
struct Ordered {
    asker: SeatId,
    asked: u64,
    missing: BTreeSet<SeatId>,
}

/// This node's member.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub struct Mnesia {
    next: u64,
    asked: BTreeMap<u64, Asked>,
    ordered: BTreeMap<u64, Ordered>,
}

impl Mnesia {
    /// The nodes that this one writes together with: running, connected, and no partition remembered.
    fn peers(ctx: &Ctx<'_, '_>) -> BTreeSet<SeatId> {
        let cluster = &*ctx.cluster;
        cluster
            .running
            .iter()
            .filter(|n| cluster.reaches(**n) && !cluster.partitioned.contains(n))
            .copied()
            .collect()
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A part of this node wants to write.
    pub(crate) fn write(
        &mut self,
        by: Pid,
        token: Token,
        command: MetaCommand,
        ctx: &mut Ctx<'_, '_>,
    ) {
        let number = self.number();
        let asked = Asked {
            by,
            token,
            command,
            at: ctx.node(),
        };
        self.asked.insert(number, asked);
        self.ask(number, ctx);
    }

    fn ask(&mut self, number: u64, ctx: &mut Ctx<'_, '_>) {
        let me = ctx.node();
        let master = Self::peers(ctx).first().copied().unwrap_or(me).min(me);
        let Some(asked) = self.asked.get_mut(&number) else {
            return;
        };
        asked.at = master;
        let command = asked.command.clone();
        if master == me {
            self.order(me, number, command, ctx);
        } else {
            let to = Pid::named(master, Part::Meta);
            ctx.post(to, Signal::Mnesia(ToMnesia::Ask { number, command }));
        }
    }

    fn order(&mut self, asker: SeatId, asked: u64, command: MetaCommand, ctx: &mut Ctx<'_, '_>) {
        let mut image = (**ctx.image).clone();
        if let Err(error) = image.apply(&command) {
            self.done(asker, asked, Err(error), ctx);
            return;
        }
        let number = self.number();
        let me = ctx.node();
        let mut missing = Self::peers(ctx);
        missing.remove(&me);
        for peer in &missing {
            let command = command.clone();
            let commit = ToMnesia::Commit { number, command };
            ctx.post(Pid::named(*peer, Part::Meta), Signal::Mnesia(commit));
        }
        keep(image, ctx);
        let ordered = Ordered {
            asker,
            asked,
            missing,
        };
        self.ordered.insert(number, ordered);
        self.finish(number, ctx);
    }

    fn finish(&mut self, number: u64, ctx: &mut Ctx<'_, '_>) {
        if self
            .ordered
            .get(&number)
            .is_some_and(|o| o.missing.is_empty())
            && let Some(ordered) = self.ordered.remove(&number)
        {
            self.done(ordered.asker, ordered.asked, Ok(()), ctx);
        }
    }

    fn done(
        &mut self,
        asker: SeatId,
        number: u64,
        result: Result<(), MetaError>,
        ctx: &mut Ctx<'_, '_>,
    ) {
        if asker == ctx.node() {
            self.answered(number, result, ctx);
        } else {
            let to = Pid::named(asker, Part::Meta);
            ctx.post(to, Signal::Mnesia(ToMnesia::Done { number, result }));
        }
    }

    fn answered(&mut self, number: u64, result: Result<(), MetaError>, ctx: &mut Ctx<'_, '_>) {
        if let Some(asked) = self.asked.remove(&number) {
            let token = asked.token;
            ctx.post(asked.by, Signal::MetaDone { token, result });
        }
    }

    /// Something from another member.
    fn hear(&mut self, from: Pid, signal: ToMnesia, ctx: &mut Ctx<'_, '_>) {
        match signal {
            ToMnesia::Ask { number, command } => self.order(from.node, number, command, ctx),
            ToMnesia::Commit { number, command } => {
                let mut image = (**ctx.image).clone();
                // The ordering node found it possible; a table that differs since a partition takes what
                // it can.
                if image.apply(&command).is_ok() {
                    keep(image, ctx);
                }
                ctx.post(from, Signal::Mnesia(ToMnesia::Applied { number }));
            }
            ToMnesia::Applied { number } => {
                if let Some(ordered) = self.ordered.get_mut(&number) {
                    ordered.missing.remove(&from.node);
                }
                self.finish(number, ctx);
            }
            ToMnesia::Done { number, result } => self.answered(number, result, ctx),
            ToMnesia::Copy => {
                let tables = ToMnesia::Tables(ctx.image.clone());
                ctx.post(Pid::named(from.node, Part::Meta), Signal::Mnesia(tables));
            }
            ToMnesia::Tables(image) => {
                keep((*image).clone(), ctx);
                let monitor = ctx.local(Part::Monitor);
                ctx.post(monitor, Signal::MetaReady);
            }
        }
    }

    /// A node is gone: transactions no longer wait for it, and what it ordered is asked for again.
    fn node_down(&mut self, node: SeatId, ctx: &mut Ctx<'_, '_>) {
        let numbers: Vec<u64> = self.ordered.keys().copied().collect();
        for number in numbers {
            if let Some(ordered) = self.ordered.get_mut(&number) {
                ordered.missing.remove(&node);
            }
            self.finish(number, ctx);
        }
        let again: Vec<u64> = self
            .asked
            .iter()
            .filter(|(_, asked)| asked.at == node)
            .map(|(number, _)| *number)
            .collect();
        for number in again {
            self.ask(number, ctx);
        }
    }
}

impl Actor for Mnesia {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::MetaWrite { command, token } => self.write(from, token, command, ctx),
            Signal::Mnesia(said) => self.hear(from, said, ctx),
            Signal::NodeDown { node } => self.node_down(node, ctx),
            _ => {}
        }
    }
}

/// Makes this the node's copy of the tables, in memory and on disk.
pub(crate) fn keep(image: Image, ctx: &mut Ctx<'_, '_>) {
    let running = ctx.cluster.running.iter().copied().collect();
    let image = Arc::new(image);
    *ctx.image = image.clone();
    let tables = DiskRecord::Tables { image, running };
    ctx.env.replace(&FileName::Tables, vec![tables]);
}

/// A cluster that comes up from nothing but disks has lost what lay in memory tables: transient queues,
/// exchanges and bindings (reference 1.3, 1.4).
pub(crate) fn forget_transient(ctx: &mut Ctx<'_, '_>) {
    let mut image = (**ctx.image).clone();
    let queues: Vec<_> = image
        .queues
        .values()
        .filter(|q| !q.durable)
        .map(|q| q.id)
        .collect();
    for id in queues {
        // It was there a line before.
        let _ = image.apply(&MetaCommand::DeleteQueue(id));
    }
    let exchanges: Vec<_> = image
        .exchanges
        .values()
        .filter(|e| !e.durable)
        .map(|e| e.name)
        .collect();
    for name in exchanges {
        let _ = image.apply(&MetaCommand::DeleteExchange(name));
    }
    keep(image, ctx);
}

/// The lowest running node deletes the transient and exclusive queues of a node that is down
/// (`rabbit_amqqueue:on_node_down`).
pub(crate) fn delete_queues_of(node: SeatId, ctx: &mut Ctx<'_, '_>) {
    if ctx.cluster.running.first() != Some(&ctx.node()) {
        return;
    }
    let image = ctx.image.clone();
    for queue in image.queues.values() {
        if queue.pid.node == node && (!queue.durable || queue.exclusive.is_some()) {
            ctx.write_meta(MetaCommand::DeleteQueue(queue.id), 0);
        }
    }
}
