//! Finding a queue as a channel finds it (`rabbit_amqqueue:lookup`, `with`, `absent`).

use crate::ids::Name;
use crate::node::args::queue_text;
use crate::node::ctx::Ctx;
use crate::node::image::{QueueKind, QueueRecord, QueueState};
use crate::reply::{Code, Reply};
use crate::system::Version;

/// What a name stands for.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// A queue, as far as is known.
    Live(Box<QueueRecord>),
    /// Its process ended with its node, in order.
    Stopped(Box<QueueRecord>),
    /// Its process crashed for good.
    Crashed(Box<QueueRecord>),
    /// Up to 3.10 a queue whose home node is down is out of the table that is routed by.
    NodeDown(Box<QueueRecord>),
    /// No such queue.
    Missing,
}

/// Looks a queue up in this node's copy of the metadata.
pub(super) fn lookup(name: Name, ctx: &Ctx<'_, '_>) -> Found {
    let Some(record) = ctx.image.queues.get(&name) else {
        return Found::Missing;
    };
    let record = Box::new(record.clone());
    if record.kind != QueueKind::Classic {
        return Found::Live(record);
    }
    let alone = record.mirrors.is_empty();
    let away = !ctx.cluster.running.contains(&record.pid.node);
    if ctx.version() <= Version::V3_10 && alone && away {
        return Found::NodeDown(record);
    }
    match record.state {
        QueueState::Live => Found::Live(record),
        QueueState::Stopped if alone => Found::Stopped(record),
        QueueState::Stopped => Found::Live(record),
        QueueState::Crashed => Found::Crashed(record),
    }
}

/// Why a queue that is known cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absent {
    NodeDown,
    Stopped,
    Crashed,
    TimedOut,
}

/// The 404 for a queue that cannot be used (`absent`).
pub(super) fn absent(record: &QueueRecord, why: Absent, ctx: &Ctx<'_, '_>) -> Reply {
    let queue = queue_text(&ctx.text(record.id.name));
    let text = match why {
        Absent::NodeDown => {
            let home = ctx.env.name_of(record.pid.node);
            format!("home node '{home}' of durable {queue} is down or inaccessible")
        }
        Absent::Stopped => format!("{queue} process is stopped by supervisor"),
        Absent::Crashed => format!("{queue} has crashed and failed to restart"),
        Absent::TimedOut => format!("failed to perform operation on {queue} due to timeout"),
    };
    Reply::error(Code::NotFound, text)
}

/// The 404 for a queue that is not there.
pub(super) fn no_queue(name: Name, ctx: &Ctx<'_, '_>) -> Reply {
    let queue = queue_text(&ctx.text(name));
    Reply::error(Code::NotFound, format!("no {queue}"))
}
