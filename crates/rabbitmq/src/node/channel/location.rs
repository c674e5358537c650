//! Where a new queue lives (`rabbit_queue_location`; reference 1.4).

use crate::amqp::QueueDeclare;
use crate::message::Value;
use crate::node::ctx::Ctx;
use crate::node::image::{QueueKind, QueueRecord};
use ackscope_kernel::SeatId;
use std::collections::BTreeSet;

/// The nodes of a new queue: first its home or leader, then the others in their order. A classic queue has one.
pub(super) fn members(kind: QueueKind, declare: &QueueDeclare, ctx: &Ctx<'_, '_>) -> Vec<SeatId> {
    let all = &ctx.cluster.members;
    let running = &ctx.cluster.running;
    let leader = leader(kind, declare, ctx);
    let size = match kind {
        QueueKind::Classic => 1,
        QueueKind::Quorum => {
            let size = int(declare, "x-quorum-initial-group-size");
            size.unwrap_or(ctx.params().quorum.quorum_queue_initial_cluster_size)
        }
        QueueKind::Stream => {
            let size = int(declare, "x-initial-cluster-size");
            let size = size.or(ctx.params().stream.initial_cluster_size);
            size.unwrap_or(i64::from(u16::MAX))
        }
    };
    // Those that run come first; the others fill up.
    let away = all.iter().filter(|node| !running.contains(node));
    let others = running.iter().chain(away).filter(|node| **node != leader);
    let size = usize::try_from(size).unwrap_or(1).max(1);
    std::iter::once(leader)
        .chain(others.copied())
        .take(size)
        .collect()
}

fn int(declare: &QueueDeclare, key: &str) -> Option<i64> {
    match declare.arguments.get(key) {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    }
}

/// The node that the declaring client is connected to, or with `balanced` the running one that leads least.
fn leader(kind: QueueKind, declare: &QueueDeclare, ctx: &Ctx<'_, '_>) -> SeatId {
    let me = ctx.node();
    let asked = |key: &str| match declare.arguments.get(key) {
        Some(Value::Str(text)) => Some(text.clone()),
        _ => None,
    };
    let locator = asked("x-queue-leader-locator").or_else(|| asked("x-queue-master-locator"));
    let balanced = locator
        .is_some_and(|l| ["balanced", "least-leaders", "min-masters", "random"].contains(&&*l));
    if !balanced || declare.exclusive {
        return me;
    }
    let leads = |node: SeatId| {
        let here = |queue: &&QueueRecord| queue.kind == kind && queue.pid.node == node;
        ctx.image.queues.values().filter(here).count()
    };
    let running: &BTreeSet<SeatId> = &ctx.cluster.running;
    let best = running.iter().copied().min_by_key(|node| leads(*node));
    best.unwrap_or(me)
}
