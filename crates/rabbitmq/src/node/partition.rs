//! What follows a partition under Mnesia: `cluster_partition_handling` (reference 5.4).
//!
//! Khepri needs none of it: a minority cannot write its metadata, and Raft converges after the heal.

use crate::facts::{Fact, StopWhy};
use crate::node::ctx::Ctx;
use crate::node::monitor::{Monitor, Phase, ToMonitor};
use crate::system::PartitionHandling;
use ackscope_kernel::SeatId;
use std::collections::BTreeSet;

impl Monitor {
    /// A node that was running all the time is seen again, as is this one: Mnesia's tables may differ.
    pub(super) fn partitioned(&mut self, node: SeatId, ctx: &mut Ctx<'_, '_>) {
        ctx.env.note(Fact::PartitionSeen { node });
        ctx.cluster.partitioned.insert(node);
        ctx.cluster.running.remove(&node);
        if autoheals(ctx)
            && let Some(leader) = ctx.cluster.members.first().copied()
        {
            Self::say(leader, ToMonitor::AutohealRequest, ctx);
        }
    }

    /// A node is held for dead: a side that may not go on pauses.
    pub(super) fn after_node_down(&mut self, ctx: &mut Ctx<'_, '_>) {
        if self.phase == Phase::Running && must_pause(ctx) {
            self.stop_app(StopWhy::Paused, ctx);
        }
    }

    /// A paused node looks every second whether it may go on.
    pub(super) fn after_ping(&mut self, ctx: &mut Ctx<'_, '_>) {
        if self.phase == Phase::Paused && !must_pause(ctx) {
            self.start_app(ctx);
        }
    }

    /// Autoheal (`rabbit_autoheal`): the lowest node asks all, the side with most client connections, then
    /// most nodes, stays, and the nodes of the other sides restart.
    pub(super) fn autoheal(&mut self, from: SeatId, said: &ToMonitor, ctx: &mut Ctx<'_, '_>) {
        match said {
            ToMonitor::AutohealRequest => {
                let all = ctx.cluster.connected.len() == ctx.cluster.members.len();
                if all && self.reports.is_empty() {
                    let members: Vec<SeatId> = ctx.cluster.members.iter().copied().collect();
                    for node in members {
                        Self::say(node, ToMonitor::AutohealAsk, ctx);
                    }
                }
            }
            ToMonitor::AutohealAsk => {
                let report = ToMonitor::AutohealReport {
                    connections: ctx.cluster.client_connections,
                    partitioned: ctx.cluster.partitioned.iter().copied().collect(),
                };
                Self::say(from, report, ctx);
            }
            ToMonitor::AutohealReport {
                connections,
                partitioned,
            } => {
                let report = (*connections, partitioned.clone());
                self.reports.insert(from, report);
                if self.reports.len() == ctx.cluster.members.len() {
                    self.decide(ctx);
                }
            }
            ToMonitor::AutohealRestart => self.stop_app(StopWhy::Autoheal, ctx),
            _ => {}
        }
    }

    fn decide(&mut self, ctx: &mut Ctx<'_, '_>) {
        let reports = std::mem::take(&mut self.reports);
        let mut sides: Vec<(u32, Vec<SeatId>)> = Vec::new();
        let mut left: BTreeSet<SeatId> = reports.keys().copied().collect();
        while let Some(first) = left.pop_first() {
            let apart = reports.get(&first).map(|(_, apart)| apart.clone());
            let apart = apart.unwrap_or_default();
            let mut side = vec![first];
            side.extend(left.iter().filter(|node| !apart.contains(node)));
            left.retain(|node| !side.contains(node));
            let clients = side
                .iter()
                .filter_map(|node| reports.get(node))
                .map(|r| r.0);
            sides.push((clients.sum(), side));
        }
        let best = sides
            .iter()
            .max_by_key(|(clients, side)| (*clients, side.len()));
        let Some((_, winners)) = best.filter(|_| sides.len() > 1).cloned() else {
            return;
        };
        ctx.env.note(Fact::AutohealDecided {
            winners: winners.clone(),
        });
        for node in reports.keys().filter(|node| !winners.contains(node)) {
            Self::say(*node, ToMonitor::AutohealRestart, ctx);
        }
    }
}

fn autoheals(ctx: &Ctx<'_, '_>) -> bool {
    matches!(
        ctx.env.settings().node.partition_handling,
        PartitionHandling::Autoheal | PartitionHandling::PauseIfAllDown { autoheal: true, .. }
    )
}

fn must_pause(ctx: &Ctx<'_, '_>) -> bool {
    let node = &ctx.env.settings().node;
    !node.khepri
        && match &node.partition_handling {
            PartitionHandling::PauseMinority => !ctx.cluster.majority(),
            PartitionHandling::PauseIfAllDown { nodes, .. } => {
                !nodes.iter().any(|node| ctx.cluster.reaches(*node))
            }
            PartitionHandling::Ignore | PartitionHandling::Autoheal => false,
        }
}
