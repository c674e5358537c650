//! The node monitor (`rabbit_node_monitor`): which nodes run, boot, pause and stop.

use crate::facts::Fact;
use crate::ids::{Part, Pid};
use crate::node::Actor;
use crate::node::ctx::Ctx;
use crate::records::{DiskRecord, FileName};
use crate::signal::{Carried, Signal};
use crate::system::PartTimer;
use ackscope_kernel::{SeatId, Span};
use borsh::BorshSerialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How often nodes that are down are pinged, so that a healed partition is found quickly
/// (`RABBIT_DOWN_PING_INTERVAL`).
pub const PING: Span = Span::secs(1);

/// What a node monitor is told by another.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToMonitor {
    /// I run.
    Running,
    /// I am stopping, in order.
    Stopping,
    /// I am here and not running yet; these ran when I last wrote my tables.
    Booting {
        /// Nodes that may know more than the sender.
        waits_for: Vec<SeatId>,
    },
}

impl Carried for ToMonitor {
    fn background(&self) -> bool {
        true
    }
}

/// How far a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Phase {
    /// The runtime starts; nothing listens yet.
    Starting,
    /// It waits for the metadata of a node that may know more.
    Waiting,
    /// It serves clients.
    Running,
    /// It is being stopped in order.
    Stopping,
}

/// The node monitor.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Monitor {
    /// How far this node is.
    pub phase: Phase,
    /// Nodes that ran when this node last wrote its tables, without itself.
    waits_for: BTreeSet<SeatId>,
    /// Peers that are here and not running.
    booting: BTreeSet<SeatId>,
}

impl Monitor {
    /// A node that begins to start.
    pub(crate) fn boot(ctx: &mut Ctx<'_, '_>) -> Monitor {
        let members: BTreeSet<SeatId> = ctx.env.settings().node_seats().collect();
        let me = ctx.node();
        ctx.cluster.members.clone_from(&members);
        ctx.cluster.connected.insert(me, ctx.me.creation);
        let tables = ctx.env.disk().read(&FileName::Tables).and_then(|file| {
            file.iter()
                .next()
                .map(|DiskRecord::Tables { image, running }| (image.clone(), running.clone()))
        });
        let mut waits_for = BTreeSet::new();
        if let Some((image, running)) = tables {
            *ctx.image = image;
            waits_for = running.into_iter().filter(|node| *node != me).collect();
        }
        let pace = ctx.env.settings().pace;
        let drawn = ctx.env.draw([2, 0, 0], pace.boot_min.0, pace.boot_max.0);
        ctx.arm_in(PartTimer::Boot, Span(drawn));
        Monitor {
            phase: Phase::Starting,
            waits_for,
            booting: BTreeSet::new(),
        }
    }

    fn ping(&mut self, ctx: &mut Ctx<'_, '_>) {
        let me = ctx.node();
        let members: Vec<SeatId> = ctx.cluster.members.iter().copied().collect();
        let mut all = true;
        for node in members {
            if node != me && !ctx.cluster.reaches(node) {
                all = false;
                ctx.connect(node);
            }
        }
        if !all || self.phase == Phase::Waiting {
            ctx.arm_in(PartTimer::Ping, PING);
        }
    }

    fn tell(&self, node: SeatId, ctx: &mut Ctx<'_, '_>) {
        let what = match self.phase {
            Phase::Running => ToMonitor::Running,
            Phase::Stopping => ToMonitor::Stopping,
            Phase::Starting | Phase::Waiting => ToMonitor::Booting {
                waits_for: self.waits_for.iter().copied().collect(),
            },
        };
        ctx.post(Pid::named(node, Part::Monitor), Signal::Cluster(what));
    }

    fn tell_all(&self, ctx: &mut Ctx<'_, '_>) {
        let me = ctx.node();
        let peers: Vec<SeatId> = ctx.cluster.connected.keys().copied().collect();
        for node in peers {
            if node != me {
                self.tell(node, ctx);
            }
        }
    }

    /// A node that waits may run when a running node gave it the tables, or when all that may know more are
    /// here and none of them runs: then the lowest of those that wait for each other goes first.
    fn try_to_run(&mut self, ctx: &mut Ctx<'_, '_>) {
        if self.phase != Phase::Waiting {
            return;
        }
        let me = ctx.node();
        let others_run = ctx.cluster.running.iter().any(|node| *node != me);
        if others_run {
            // The tables were asked for when the running node was heard of.
            return;
        }
        let here = self
            .waits_for
            .iter()
            .all(|node| self.booting.contains(node));
        let first = self.waits_for.iter().all(|node| *node > me);
        if here && first {
            self.run(ctx);
        }
    }

    /// The node serves from now on.
    fn run(&mut self, ctx: &mut Ctx<'_, '_>) {
        if self.phase != Phase::Running {
            self.phase = Phase::Running;
            let me = ctx.node();
            ctx.cluster.running.insert(me);
            ctx.env.note(Fact::NodeRunning);
            self.tell_all(ctx);
            self.write_running(ctx);
        }
    }

    /// Keeps on disk which nodes run: a node that ends later knows more.
    fn write_running(&self, ctx: &mut Ctx<'_, '_>) {
        let image: Arc<_> = ctx.image.clone();
        let running = ctx.cluster.running.iter().copied().collect();
        ctx.env.replace(
            &FileName::Tables,
            vec![DiskRecord::Tables { image, running }],
        );
    }

    /// A link came up.
    fn node_up(&mut self, node: SeatId, ctx: &mut Ctx<'_, '_>) {
        self.tell(node, ctx);
    }

    /// A link went down.
    fn node_down(&mut self, node: SeatId, ctx: &mut Ctx<'_, '_>) {
        self.booting.remove(&node);
        ctx.env.note(Fact::NodeDownSeen { node });
        if self.phase == Phase::Running {
            self.write_running(ctx);
        }
        if !ctx.is_armed(PartTimer::Ping) {
            ctx.arm_in(PartTimer::Ping, PING);
        }
    }

    /// Another monitor says something.
    fn hear(&mut self, from: SeatId, signal: &ToMonitor, ctx: &mut Ctx<'_, '_>) {
        match signal {
            ToMonitor::Running => {
                self.booting.remove(&from);
                ctx.cluster.running.insert(from);
                if self.phase == Phase::Waiting {
                    let meta = Pid::named(from, Part::Meta);
                    let copy = crate::node::mnesia::ToMnesia::Copy;
                    ctx.post(meta, Signal::Mnesia(copy));
                } else if self.phase == Phase::Running {
                    self.write_running(ctx);
                }
            }
            ToMonitor::Stopping => {
                ctx.cluster.running.remove(&from);
                if self.phase == Phase::Running {
                    self.write_running(ctx);
                }
            }
            ToMonitor::Booting { .. } => {
                ctx.cluster.running.remove(&from);
                self.booting.insert(from);
                self.try_to_run(ctx);
            }
        }
    }
}

impl Actor for Monitor {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::Cluster(said) => self.hear(from.node, &said, ctx),
            Signal::NodeUp { node, .. } => self.node_up(node, ctx),
            Signal::NodeDown { node } => self.node_down(node, ctx),
            Signal::TablesCopied => self.run(ctx),
            _ => {}
        }
    }

    fn timer(&mut self, kind: PartTimer, ctx: &mut Ctx<'_, '_>) {
        match kind {
            PartTimer::Boot => {
                self.phase = Phase::Waiting;
                self.ping(ctx);
                self.try_to_run(ctx);
            }
            PartTimer::Ping => self.ping(ctx),
        }
    }
}
