//! The state machine of a quorum queue (`rabbit_fifo`): what each member holds, and what each command does.
//!
//! Pure: a command and the leader's clock go in, effects come out; every member computes the same. The rules
//! differ by version: 3.10 and 3.13, 4.0 to 4.2, 4.3 (reference 3.5, 9).

mod attach;
mod config;
mod dlx;
mod gone;
mod limits;
mod messages;
mod serve;
#[cfg(test)]
mod tests;

pub use config::{Config, DeadLetters, Overflow, Retry, RetryKind};
pub use dlx::{Dlx, DlxOp};
pub use messages::{Msg, Ready};

use crate::facts::GoneWhy;
use crate::ids::{Name, Pid, QueueId};
use crate::message::{DeathReason, Message};
use crate::raft::{Machine, Meta, Place};
use crate::signal::Token;
use crate::system::Version;
use ackscope_kernel::{SeatId, Seq, Span, Time};
use borsh::BorshSerialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A consumer, by the index of the command that attached it.
pub type Key = u64;

/// How a client names a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Who {
    /// By channel and tag.
    Tag(Pid, Name),
    /// By its key: what basic.get leaves behind.
    Key(Key),
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Op {
    /// register_enqueuer: before a channel's first publish.
    Register(Pid),
    /// A publish with the channel's number for it, or an untracked one (dead-lettered at most once).
    Enqueue(Option<(Pid, u64)>, Arc<Message>),
    /// Attaches a consumer.
    Attach(Box<Attach>),
    /// basic.cancel: unsettled messages stay with it.
    Cancel(Pid, Name),
    /// basic.get, with `no_ack`.
    Get(Pid, bool, Span),
    /// Settled for good.
    Settle(Who, Vec<u64>),
    /// Given back; `true`: the delivery counts as failed (basic.reject in 4.3).
    Return(Who, Vec<u64>, bool),
    /// Rejected without requeue; `true`: the delivery counts as failed.
    Discard(Who, Vec<u64>, bool),
    /// queue.purge.
    Purge,
    /// Arguments and policies have changed.
    Configure(Box<Config>),
    /// A client's process is gone; `true`: only the connection to its node is.
    Down(Pid, bool),
    /// The connection to a node stands again.
    NodeUp(SeatId),
    /// A timer of the machine is due.
    Timeout(Clock),
    /// From the worker of at-least-once dead-lettering.
    Dlx(DlxOp),
}

/// How a command is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum From {
    /// Nobody waits.
    Nobody,
    /// Pipelined: told when it is applied, by the client's number.
    Pipelined(Pid, u64),
    /// A call.
    Call(Pid, Token),
}

/// A command with its sender.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Command {
    /// Whom to answer.
    pub from: From,
    /// What is asked.
    pub op: Op,
}

/// basic.consume.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Attach {
    /// The channel.
    pub pid: Pid,
    /// The consumer's tag.
    pub tag: Name,
    /// Deliveries have to be settled by the client; else the channel settles them on receipt.
    pub ack: bool,
    /// Messages out at a time.
    pub prefetch: u32,
    /// `x-priority`.
    pub priority: i64,
    /// The consumer time-out (4.3).
    pub timeout: Span,
}

/// Timers of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub enum Clock {
    /// The next message expires, or a delayed one becomes ready.
    Messages,
    /// A delivery has gone unsettled for too long.
    Consumers,
    /// The node of this consumer has been away for too long.
    Disconnected(Key),
}

/// What a call is answered.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum Reply {
    /// Done.
    Ok,
    /// An enqueuer is registered, and publishing is refused at present.
    RejectPublish,
    /// A consumer is attached: its next delivery id, and how many it already holds.
    Attached {
        /// The id that the next delivery will have.
        next: u64,
        /// Deliveries that it holds from before.
        held: u32,
    },
    /// There is no such consumer.
    NoConsumer,
    /// basic.get found nothing.
    Empty,
    /// basic.get found this; how many are left.
    Got {
        /// By what it is settled; `None` when it is already.
        key: Option<Key>,
        /// The message.
        msg: Msg,
        /// Ready messages left.
        left: u32,
    },
    /// basic.get is not for queues with a single active consumer.
    SingleActive,
    /// Purged: how many messages.
    Purged(u32),
}

/// What has to be done after a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// A pipelined command was applied; `false`: it was not taken (a gap in the numbers).
    Applied(Pid, u64, bool),
    /// A call is answered.
    Answer(Pid, Token, Reply),
    /// Messages for a consumer, with their ids.
    Deliver(Pid, Name, Vec<(u64, Msg)>),
    /// Publishers are to stop (`true`) or may go on.
    Status(Pid, bool),
    /// A client should send everything again that was not answered.
    LeaderChange(Pid),
    /// A consumer held these for too long; they were taken back.
    Released(Pid, Name, Vec<u64>),
    /// Watch this process.
    Monitor(Pid),
    /// Say when the connection to this node stands again.
    MonitorNode(SeatId),
    /// Arm a timer, or forget it.
    Clock(Clock, Option<Time>),
    /// Republish, at most once.
    DeadLetter(DeathReason, Vec<Msg>),
    /// Messages for the worker of at-least-once dead-lettering.
    DlxDeliver(Pid, Vec<(u64, DeathReason, Msg)>),
    /// A worker is wanted beside the leader.
    DlxWorker,
    /// It is not wanted any more.
    DlxEnd,
    /// The worker should look at the topology again.
    DlxTopology(Pid),
    /// A copy is gone.
    Gone(Msg, GoneWhy),
    /// Nobody used the queue for too long: delete it.
    Expired,
}

/// A publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Enqueuer {
    /// The number expected next.
    pub next: u64,
    /// It was told to stop.
    pub blocked: bool,
    /// The connection to its node is down.
    pub suspected: bool,
}

/// How a consumer is, apart from suspicion and time-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum State {
    /// It gets messages.
    Up,
    /// It was cancelled and has messages left.
    Cancelled,
    /// A consumer of higher priority waits for its place.
    Quiescing,
}

/// What keeps a consumer from getting messages for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Held {
    /// Nothing.
    No,
    /// The connection to its node is down.
    Suspected,
    /// It did not settle a delivery in time (4.3).
    TimedOut,
}

/// A consumer.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Consumer {
    /// Who attached it.
    pub pid: Pid,
    /// Its tag; empty for basic.get.
    pub tag: Name,
    /// `x-priority`.
    pub priority: i64,
    /// Messages out at a time.
    pub prefetch: u32,
    /// It ends with its last message.
    pub once: bool,
    /// How many more it may get.
    pub credit: u32,
    /// What it is.
    pub state: State,
    /// What holds it up.
    pub held: Held,
    /// The id of its next delivery.
    pub next: u64,
    /// What it has not settled, by id, with the time by which it must (4.3).
    pub out: BTreeMap<u64, (Msg, Time)>,
    /// Ids that it held for too long and did not settle late either.
    pub timed_out: Vec<u64>,
    /// Its time-out.
    pub timeout: Span,
}

/// A quorum queue.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Fifo {
    /// Whose rules.
    pub version: Version,
    /// Which queue.
    pub queue: QueueId,
    /// Arguments and policies.
    pub config: Config,
    pub(crate) ready: Ready,
    /// What was given back, in that order.
    pub(crate) returns: Seq<Msg>,
    /// What waits before it becomes ready again (4.3).
    pub(crate) delayed: BTreeMap<(Time, u64), Msg>,
    pub(crate) consumers: BTreeMap<Key, Consumer>,
    /// Consumers that wait for the place of the single active one, the next first.
    pub(crate) waiting: Vec<(Key, Consumer)>,
    /// Consumers with credit, in the order in which they are served, with their priority.
    pub(crate) service: Vec<(i64, Key)>,
    pub(crate) enqueuers: BTreeMap<Pid, Enqueuer>,
    pub(crate) dlx: Dlx,
    /// Bytes of ready messages.
    pub(crate) bytes: u64,
    /// When somebody used the queue last (x-expires).
    pub(crate) last_active: Time,
    /// The time of the last command: times go forward even when leaders' clocks do not.
    pub(crate) last_time: Time,
}

/// One command being applied.
pub(crate) struct Run {
    pub(crate) index: u64,
    pub(crate) now: Time,
    pub(crate) fx: Vec<Effect>,
}

impl Fifo {
    /// An empty queue.
    #[must_use]
    pub fn new(version: Version, queue: QueueId, config: Config, now: Time) -> Fifo {
        Fifo {
            version,
            queue,
            config,
            ready: Ready::default(),
            returns: Seq::new(),
            delayed: BTreeMap::new(),
            consumers: BTreeMap::new(),
            waiting: Vec::new(),
            service: Vec::new(),
            enqueuers: BTreeMap::new(),
            dlx: Dlx::default(),
            bytes: 0,
            last_active: now,
            last_time: now,
        }
    }

    /// Ready messages.
    #[must_use]
    pub fn ready(&self) -> u64 {
        self.ready.len() + self.returns.len() as u64
    }

    /// Messages that consumers hold.
    #[must_use]
    pub fn unacked(&self) -> u64 {
        self.consumers.values().map(|c| c.out.len() as u64).sum()
    }

    /// All messages: ready, held, delayed, and kept until they are dead-lettered.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.ready() + self.unacked() + self.delayed.len() as u64 + self.dlx.len()
    }

    /// Consumers that are not cancelled.
    #[must_use]
    pub fn consumer_count(&self) -> u64 {
        let live = self.consumers.values();
        let live = live.filter(|c| c.state != State::Cancelled && !c.tag.is_empty());
        live.count() as u64 + self.waiting.len() as u64
    }

    /// Clients to tell when the queue is deleted.
    pub fn clients(&self) -> impl Iterator<Item = Pid> + '_ {
        let consumers = self.consumers.values().map(|c| c.pid);
        let waiting = self.waiting.iter().map(|(_, c)| c.pid);
        let mut all: Vec<Pid> = self
            .enqueuers
            .keys()
            .copied()
            .chain(consumers)
            .chain(waiting)
            .collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter()
    }

    /// Every message that the queue holds, wherever it stands.
    pub fn messages(&self) -> impl Iterator<Item = &Msg> {
        let out = self.consumers.values().flat_map(|c| c.out.values());
        self.returns
            .iter()
            .chain(self.ready.iter())
            .chain(self.delayed.values())
            .chain(out.map(|(msg, _)| msg))
            .chain(self.dlx.messages())
    }

    pub(crate) fn new_rules(&self) -> bool {
        self.version >= Version::V4_3
    }

    fn run(&mut self, op: &Op, from: From, run: &mut Run) -> Option<Reply> {
        let below = self.below_soft_limit();
        let reply = match op {
            Op::Register(pid) => return Some(self.register(*pid, run)),
            Op::Enqueue(from, message) => {
                if !self.enqueue(*from, message, run) {
                    return None;
                }
                Some(Reply::Ok)
            }
            Op::Attach(attach) => Some(self.attach(attach, run)),
            Op::Cancel(pid, tag) => {
                if !self.cancel(*pid, *tag, run) {
                    return Some(Reply::NoConsumer);
                }
                Some(Reply::Ok)
            }
            Op::Get(pid, no_ack, timeout) => {
                let reply = self.get(*pid, *no_ack, *timeout, run);
                self.evaluate_limit(below, run);
                return Some(reply);
            }
            Op::Settle(who, ids) => {
                if let Some(key) = self.known(*who, ids, run) {
                    self.settle(key, ids, run);
                }
                Some(Reply::Ok)
            }
            Op::Return(who, ids, failed) => {
                if let Some(key) = self.known(*who, ids, run) {
                    self.give_back(key, ids, *failed, run);
                }
                Some(Reply::Ok)
            }
            Op::Discard(who, ids, failed) => {
                if let Some(key) = self.known(*who, ids, run) {
                    self.discard(key, ids, *failed, run);
                }
                Some(Reply::Ok)
            }
            Op::Purge => Some(Reply::Purged(self.purge(run))),
            Op::Configure(config) => {
                self.configure((**config).clone(), run);
                Some(Reply::Ok)
            }
            Op::Down(pid, true) => {
                self.disconnected(*pid, run);
                None
            }
            Op::Down(pid, false) => {
                self.down(*pid, run);
                None
            }
            Op::NodeUp(node) => {
                self.node_up(*node, run);
                None
            }
            Op::Timeout(clock) => {
                match clock {
                    Clock::Messages => self.promote_and_expire(run),
                    Clock::Consumers => self.consumers_timed_out(run),
                    Clock::Disconnected(key) => self.stays_away(*key, run),
                }
                None
            }
            Op::Dlx(op) => {
                self.dlx_apply(op, run);
                None
            }
        };
        let _ = from;
        self.checkout(run);
        self.dlx_checkout(run);
        self.evaluate_limit(below, run);
        reply
    }
}

impl Machine for Fifo {
    type Command = Command;
    type Effect = Effect;

    fn apply(&mut self, meta: Meta, command: &Command) -> Vec<Effect> {
        self.last_time = self.last_time.max(meta.at);
        let mut run = Run {
            index: meta.index,
            now: meta.at,
            fx: Vec::new(),
        };
        let reply = self.run(&command.op, command.from, &mut run);
        let mut fx = run.fx;
        match (command.from, reply) {
            (From::Pipelined(pid, seq), Some(_)) => {
                // A repeated number is answered as done, a gap as not taken.
                fx.insert(0, Effect::Applied(pid, seq, true));
            }
            (From::Pipelined(pid, seq), None) => {
                let repeated = match &command.op {
                    Op::Enqueue(Some((by, number)), _) => {
                        let known = self.enqueuers.get(by);
                        known.is_some_and(|e| *number < e.next)
                    }
                    _ => true,
                };
                fx.insert(0, Effect::Applied(pid, seq, repeated));
            }
            (From::Call(pid, token), Some(reply)) => {
                fx.insert(0, Effect::Answer(pid, token, reply));
            }
            (From::Call(pid, token), None) => {
                fx.insert(0, Effect::Answer(pid, token, Reply::Ok));
            }
            (From::Nobody, _) => {}
        }
        fx
    }

    fn place(effect: &Effect) -> Place {
        match effect {
            Effect::Deliver(pid, ..) => Place::Near(pid.node),
            Effect::Gone(..) => Place::Each,
            _ => Place::Leader,
        }
    }

    fn became_leader(&self) -> Vec<Effect> {
        let pids: Vec<Pid> = self.clients().collect();
        let mut fx: Vec<Effect> = pids.iter().map(|pid| Effect::Monitor(*pid)).collect();
        fx.extend(pids.iter().map(|pid| Effect::LeaderChange(*pid)));
        let mut nodes: Vec<SeatId> = pids.iter().map(|pid| pid.node).collect();
        nodes.sort_unstable();
        nodes.dedup();
        fx.extend(nodes.into_iter().map(Effect::MonitorNode));
        if self.config.dead_letters.at_least_once() {
            fx.push(Effect::DlxWorker);
        }
        fx
    }

    fn evaluated(&self) -> Vec<Effect> {
        let mut fx = vec![Effect::Clock(Clock::Messages, self.next_clock())];
        if self.new_rules() {
            let due = self.consumers.values().flat_map(|c| c.out.values());
            let due = due.map(|(_, by)| *by).min();
            fx.push(Effect::Clock(Clock::Consumers, due));
        }
        fx
    }

    fn tick(&self, now: Time) -> Vec<Effect> {
        let mut fx = Vec::new();
        if self.is_expired(now) {
            fx.push(Effect::Expired);
        }
        fx
    }

    fn installed(&self, me: SeatId) -> Vec<Effect> {
        // Deliveries that the jump passed over are made again; the client drops what it has.
        let near = self.consumers.values();
        near.filter(|c| c.pid.node == me && !c.out.is_empty())
            .map(|c| {
                let out = c.out.iter().map(|(id, (msg, _))| (*id, msg.clone()));
                Effect::Deliver(c.pid, c.tag, out.collect())
            })
            .collect()
    }
}
