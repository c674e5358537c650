//! The process of a classic queue (`rabbit_amqqueue_process`; reference 1.5, 2.3, 3.1 to 3.3, 3.6, 4).
//!
//! One process holds the only copy of the messages, in memory and in the files of its node. Everything that it
//! is told it does at once and in order; only its writes wait, see [`disk`](self::disk).

mod client;
mod consumers;
mod dead_letter;
mod disk;
mod expiry;
mod group;
mod life;
mod mirror;
mod mirroring;
mod outside;
mod publish;
mod settle;
mod spec;
mod store;
mod work;

#[cfg(test)]
pub(crate) mod lab;
#[cfg(test)]
mod tests;

pub use client::ClassicClient;
pub(crate) use client::deliver_untracked;
pub use consumers::{Consumer, Consumers, UNSENT_LIMIT, Who};
pub use disk::EMBED_BELOW;
pub use group::Group;
pub use mirror::{MessageId, Mirror, Op};
pub use mirroring::{HaMode, Mirroring};
pub use spec::{Overflow, Spec};
pub use store::{Entry, Stage, Store};

use crate::ids::{Name, Part, Pid, QueueId};
use crate::node::Actor;
use crate::node::ctx::Ctx;
use crate::node::queue_type::{ConsumeSpec, Delivery};
use crate::signal::{Carried, Handed, Settle, Signal, Token};
use crate::system::PartTimer;
use ackscope_kernel::{Copy, MessageKey, SeatId, Span, Time};
use borsh::BorshSerialize;
use outside::Outside;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The timers of a classic queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum ClassicTimer {
    /// Confirms wait for a write.
    Flush,
    /// The process may have been idle for long enough to write what is buffered.
    Idle,
    /// The message at the head expires.
    Ttl,
    /// `x-expires` is over.
    Expires,
}

impl ClassicTimer {
    /// All of them.
    pub(crate) const ALL: [ClassicTimer; 4] = [
        ClassicTimer::Flush,
        ClassicTimer::Idle,
        ClassicTimer::Ttl,
        ClassicTimer::Expires,
    ];
}

/// What the process of a classic queue is told, mostly by channels.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToQueue {
    /// By its supervisor: begin to work.
    Begin,
    /// A publish.
    Deliver(Delivery),
    /// basic.consume.
    Consume(ConsumeSpec),
    /// basic.cancel.
    Cancel {
        /// The consumer.
        tag: Name,
        /// The call.
        token: Token,
    },
    /// basic.get.
    Get {
        /// The message is settled by being handed out.
        no_ack: bool,
        /// The call.
        token: Token,
    },
    /// Deliveries are settled.
    Settle {
        /// By the queue's numbers.
        ids: Vec<u64>,
        /// How.
        how: Settle,
    },
    /// The channel has passed on so many deliveries.
    Sent(u32),
    /// The consumers of the channel share a prefetch (basic.qos global=true); 0: no longer.
    Prefetch(u16),
    /// How many messages and consumers there are: queue.declare of a queue that exists, passive or not. It renews
    /// the queue's lease.
    Stat {
        /// The call.
        token: Token,
    },
    /// queue.purge.
    Purge {
        /// The call.
        token: Token,
    },
    /// queue.delete.
    Delete {
        /// Only if it has no consumers.
        if_unused: bool,
        /// Only if no message is ready.
        if_empty: bool,
        /// The call.
        token: Token,
    },
    /// It crashes alone.
    Crash,
    /// By a mirror, to its master: a new mirror.
    Join,
    /// By a master: these are my messages.
    Welcome {
        /// Their numbers, in order.
        seqs: Vec<u64>,
    },
    /// By a mirror: these of them it lacks; none: it has everything.
    Lacking(Vec<u64>),
    /// By a master: messages that the mirror lacks.
    Sync(Arc<Vec<(u64, Entry)>>),
    /// By a master: what it has just done.
    Op(Op),
    /// By a master: a mirror is not wanted any more.
    Leave,
}

impl Carried for ToQueue {
    fn size(&self) -> u32 {
        match self {
            ToQueue::Deliver(delivery) => delivery.message.size.saturating_add(60),
            ToQueue::Op(Op::Stored { entry, .. }) => entry.message.size.saturating_add(60),
            ToQueue::Sync(entries) => entries.iter().fold(40, |sum: u32, (_, entry)| {
                sum.saturating_add(entry.message.size)
            }),
            _ => 40,
        }
    }

    fn carries(&self) -> (Option<MessageKey>, u32) {
        match self {
            ToQueue::Deliver(delivery) => (Some(delivery.message.key), 1),
            ToQueue::Op(Op::Stored { entry, .. }) => (Some(entry.message.key), 1),
            ToQueue::Sync(entries) => (
                entries.first().map(|(_, entry)| entry.message.key),
                u32::try_from(entries.len()).unwrap_or(u32::MAX),
            ),
            _ => (None, 0),
        }
    }

    fn background(&self) -> bool {
        matches!(self, ToQueue::Sent(_))
    }
}

/// How far a queue process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Phase {
    /// It was started and has not begun to work.
    New,
    /// It works, as the queue or as the master of a mirrored one.
    Live,
    /// It mirrors a master.
    Mirror,
    /// It has thrown its messages away and waits for its record to be deleted.
    Deleting {
        /// Who asked for it, if somebody waits for an answer.
        reply: Option<(Pid, Token)>,
        /// How many messages were ready.
        messages: u32,
    },
    /// It has ended.
    Ended,
}

/// Confirms that wait for a sync of the journal (storage version 1).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
struct Syncing {
    /// Files that are not synced yet.
    files: u8,
    confirms: Vec<(Pid, u64)>,
}

/// Deliveries to a consumer that leave together.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
struct Outgoing {
    who: Who,
    ack_required: bool,
    messages: Vec<Handed>,
}

/// A classic queue.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct ClassicQueue {
    id: QueueId,
    phase: Phase,
    spec: Spec,
    /// It stores as version 1 does: a journal that is synced before confirms.
    journal: bool,
    store: Store,
    consumers: Consumers,
    /// The single active consumer, or the exclusive one.
    active: Option<Who>,
    had_consumers: bool,
    /// Publishes that are confirmed when they are written: the queue's number, the publisher and its number.
    awaiting: BTreeMap<u64, (Pid, u64)>,
    syncing: BTreeMap<u64, Syncing>,
    syncs: u64,
    /// Confirms of this step, by publisher.
    confirmed: BTreeMap<Pid, Vec<u64>>,
    outgoing: Vec<Outgoing>,
    /// Publishes taken from each channel since it was last given credit.
    taken: BTreeMap<Pid, u32>,
    /// When the message at the head is looked at next.
    ttl_at: Option<Time>,
    /// When it last did something, and how long it then stays awake.
    active_at: Time,
    awake: Span,
    wakes: u32,
    /// When it crashed lately.
    crashes: Vec<Time>,
    /// It has met something that it cannot stand.
    doomed: bool,
    /// Its mirrors.
    group: Group,
    /// What it is as a mirror.
    mirror: Option<Mirror>,
    /// Publishes that a master told of before their channel's own word came.
    told: BTreeSet<MessageId>,
    /// It crashed as a master, and a mirror takes over.
    deposed: bool,
}

/// How long a queue process stays awake at least (`HIBERNATE_AFTER_MIN`).
const AWAKE_MIN: Span = Span(1_000_000);

impl ClassicQueue {
    /// A process that begins to work with [`ToQueue::Begin`].
    #[must_use]
    pub fn new(id: QueueId) -> ClassicQueue {
        ClassicQueue {
            id,
            phase: Phase::New,
            spec: Spec::default(),
            journal: false,
            store: Store::default(),
            consumers: Consumers::default(),
            active: None,
            had_consumers: false,
            awaiting: BTreeMap::new(),
            syncing: BTreeMap::new(),
            syncs: 0,
            confirmed: BTreeMap::new(),
            outgoing: Vec::new(),
            taken: BTreeMap::new(),
            ttl_at: None,
            active_at: Time(0),
            awake: AWAKE_MIN,
            wakes: 0,
            crashes: Vec::new(),
            doomed: false,
            group: Group::default(),
            mirror: None,
            told: BTreeSet::new(),
            deposed: false,
        }
    }

    /// Its messages.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Its consumers.
    #[must_use]
    pub fn consumers(&self) -> &Consumers {
        &self.consumers
    }

    /// The single active consumer, or the exclusive one.
    #[must_use]
    pub fn active(&self) -> Option<Who> {
        self.active
    }

    /// How far it is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Its mirrors, when it is the master of a mirrored queue.
    #[must_use]
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// What it obeys.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The copy that this queue, as a part of `seat`, has of its message `seq`.
    #[must_use]
    pub fn copy(id: QueueId, part: Part, seat: SeatId, seq: u64) -> Copy {
        let mirror = matches!(part, Part::Mirror(_));
        Copy {
            seat,
            log: u32::from(id.name.0) | u32::from(mirror) << 16,
            offset: seq,
        }
    }

    /// Does what it is told.
    fn hear(&mut self, from: Pid, signal: ToQueue, out: &mut dyn Outside) {
        match (self.phase, signal) {
            (Phase::New, _) => self.begin(out),
            (Phase::Deleting { .. } | Phase::Ended, _) => return,
            (Phase::Mirror, signal) => self.hear_as_mirror(from, signal, out),
            (Phase::Live, ToQueue::Join) => self.join(from, out),
            (Phase::Live, ToQueue::Lacking(seqs)) => self.lacking(from, &seqs, out),
            (
                Phase::Live,
                ToQueue::Begin
                | ToQueue::Welcome { .. }
                | ToQueue::Sync(_)
                | ToQueue::Op(_)
                | ToQueue::Leave,
            ) => {}
            (Phase::Live, ToQueue::Deliver(delivery)) => self.deliver(delivery, out),
            (Phase::Live, ToQueue::Consume(spec)) => self.consume(&spec, out),
            (Phase::Live, ToQueue::Cancel { tag, token }) => {
                self.cancel((from, tag), token, out);
            }
            (Phase::Live, ToQueue::Get { no_ack, token }) => self.get(from, no_ack, token, out),
            (Phase::Live, ToQueue::Settle { ids, how }) => self.settle(from, &ids, how, out),
            (Phase::Live, ToQueue::Sent(count)) => {
                if self.consumers.sent(from, count) {
                    self.run(out);
                }
            }
            (Phase::Live, ToQueue::Prefetch(limit)) => {
                self.watch(from, out);
                if self.consumers.share(from, limit) {
                    self.run(out);
                }
            }
            (Phase::Live, ToQueue::Stat { token }) => self.stat(from, token, out),
            (Phase::Live, ToQueue::Purge { token }) => self.purge(from, token, out),
            (
                Phase::Live,
                ToQueue::Delete {
                    if_unused,
                    if_empty,
                    token,
                },
            ) => self.delete_asked(from, (if_unused, if_empty), token, out),
            (Phase::Live, ToQueue::Crash) => self.doomed = true,
        }
        self.finish(out);
    }

    /// A timer is due.
    fn due(&mut self, timer: ClassicTimer, out: &mut dyn Outside) {
        if !matches!(self.phase, Phase::Live | Phase::Mirror) {
            return;
        }
        match timer {
            ClassicTimer::Flush => self.flush(out),
            ClassicTimer::Idle => self.idle(out),
            ClassicTimer::Ttl | ClassicTimer::Expires if self.phase == Phase::Mirror => {}
            ClassicTimer::Ttl => {
                self.touch(out);
                self.ttl_at = None;
                self.drop_expired(out);
            }
            ClassicTimer::Expires => {
                self.touch(out);
                if self.consumers.count() == 0 {
                    self.delete(None, out);
                }
            }
        }
        self.finish(out);
    }
}

impl Actor for ClassicQueue {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::Queue(signal) => {
                self.touch(ctx);
                // What comes before its supervisor said begin waits for nothing: it begins now.
                if self.phase == Phase::New && signal != ToQueue::Begin {
                    self.hear(from, ToQueue::Begin, ctx);
                }
                self.hear(from, signal, ctx);
            }
            Signal::Down { pid, why } => self.down(pid, why, ctx),
            Signal::ImageChanged => self.image_changed(ctx),
            Signal::Stopping => self.stopping(ctx),
            Signal::NodeDown { .. } => self.look_for_master(ctx),
            Signal::Terminate => self.stop(ctx),
            Signal::MetaDone { token, result } => self.meta_done(token, result, ctx),
            _ => {}
        }
    }

    fn timer(&mut self, kind: PartTimer, ctx: &mut Ctx<'_, '_>) {
        if let PartTimer::Classic(timer) = kind {
            self.due(timer, ctx);
        }
    }

    fn synced(&mut self, token: u64, ctx: &mut Ctx<'_, '_>) {
        self.journal_synced(token, ctx);
        self.finish(ctx);
    }
}
