//! What a channel keeps of a quorum queue (`rabbit_fifo_client`, and the parts of `rabbit_quorum_queue` that run
//! in the channel): publishes that are not applied yet, consumers, calls under way (reference 2.6).

mod calls;
mod deliveries;

use super::fifo::{Command, From, Op, Who};
use super::wire::{FromMember, ToMember};
use crate::ids::{Name, Part, Pid, QueueId};
use crate::node::ctx::Ctx;
use crate::node::image::QueueRecord;
use crate::node::queue_type::{Action, ConsumeSpec, Delivery, QueueOps, ToChannel};
use crate::signal::{DownWhy, Settle, Signal, Token};
use crate::system::{PartTimer, Version};
use ackscope_kernel::SeatId;
use borsh::BorshSerialize;
use calls::{Call, Kind};
use deliveries::Tracked;
use std::collections::{BTreeMap, VecDeque};

/// Whether the queue takes publishes, as far as this channel knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
enum Status {
    /// It has not asked yet: the first publish registers it.
    Unknown,
    /// It takes them.
    Go,
    /// It is full, and refuses.
    Reject,
}

/// A command that was sent and not seen applied.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
struct Pending {
    /// The channel's number of the publish, if it wants to hear of it.
    seq: Option<u64>,
    op: Op,
}

/// What consumers' answers wait for while too many commands are open.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
struct Unsent {
    settles: Vec<u64>,
    returns: Vec<u64>,
    discards: Vec<u64>,
}

/// A channel's state for one quorum queue.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct QuorumClient {
    queue: QueueId,
    /// The nodes with a member; the one that leads, when this state was made, first.
    servers: Vec<SeatId>,
    leader: Option<SeatId>,
    status: Status,
    /// The number of the next command.
    next: u64,
    /// The number of the next publish: what the machine sees repeats by.
    next_publish: u64,
    slow: bool,
    pending: BTreeMap<u64, Pending>,
    unsent: Vec<(Who, Unsent)>,
    consumers: BTreeMap<Name, Tracked>,
    calls: BTreeMap<u64, Call>,
    next_call: u64,
    /// Publishes that wait for the registration.
    held: VecDeque<Delivery>,
}

impl QuorumClient {
    /// A fresh state for this queue.
    #[must_use]
    pub fn new(record: &QueueRecord) -> QuorumClient {
        let leader = record.pid.node;
        let mut servers = vec![leader];
        servers.extend(record.members.iter().copied().filter(|n| *n != leader));
        QuorumClient {
            queue: record.id,
            servers,
            leader: None,
            status: Status::Unknown,
            next: 0,
            next_publish: 1,
            slow: false,
            pending: BTreeMap::new(),
            unsent: Vec::new(),
            consumers: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_call: 0,
            held: VecDeque::new(),
        }
    }

    fn server(&self) -> SeatId {
        self.leader.unwrap_or(self.servers[0])
    }

    fn member(&self, node: SeatId) -> Pid {
        Pid::named(node, Part::Member(self.queue))
    }

    /// `quorum_commands_soft_limit`.
    fn soft_limit(ctx: &Ctx<'_, '_>) -> usize {
        let limit = ctx.params().quorum.quorum_commands_soft_limit;
        usize::try_from(limit).unwrap_or(usize::MAX)
    }

    // ---- publishing ----

    /// A publish for the queue.
    pub fn deliver(&mut self, delivery: Delivery, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        match self.status {
            Status::Unknown => {
                let waits = self.calls.values().any(|c| c.kind == Kind::Register);
                self.held.push_back(delivery);
                if waits {
                    return Vec::new();
                }
                let mut actions = vec![Action::Block];
                actions.extend(self.call(Kind::Register, Op::Register(ctx.me), ctx));
                actions
            }
            Status::Reject => delivery
                .seq
                .map(|seq| Action::Rejected(vec![seq]))
                .into_iter()
                .collect(),
            Status::Go => self.enqueue(&delivery, ctx),
        }
    }

    fn enqueue(&mut self, delivery: &Delivery, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let number = self.next_publish;
        self.next_publish += 1;
        let op = Op::Enqueue(Some((ctx.me, number)), delivery.message.clone());
        let was_slow = self.slow;
        self.slow = self.pending.len() >= Self::soft_limit(ctx);
        self.send(delivery.seq, op, ctx);
        if self.slow && !was_slow {
            vec![Action::Block]
        } else {
            Vec::new()
        }
    }

    /// The answer to the registration.
    fn registered(&mut self, status: Status, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.status = status;
        let mut actions = vec![Action::Unblock];
        for delivery in std::mem::take(&mut self.held) {
            actions.extend(self.deliver(delivery, ctx));
        }
        actions
    }

    /// The registration failed: the publish that asked for it was never sent, so it is safe to refuse it. The
    /// next one asks anew.
    fn not_registered(&mut self, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let mut actions = Vec::new();
        if let Some(seq) = self.held.pop_front().and_then(|held| held.seq) {
            actions.push(Action::Rejected(vec![seq]));
        }
        if self.held.is_empty() {
            actions.push(Action::Unblock);
        } else {
            actions.extend(self.call(Kind::Register, Op::Register(ctx.me), ctx));
        }
        actions
    }

    // ---- commands ----

    fn send(&mut self, seq: Option<u64>, op: Op, ctx: &mut Ctx<'_, '_>) {
        let number = self.next;
        self.next += 1;
        let from = From::Pipelined(ctx.me, number);
        let command = Command {
            from,
            op: op.clone(),
        };
        self.pending.insert(number, Pending { seq, op });
        let to = self.member(self.server());
        ctx.post(to, Signal::Quorum(Box::new(ToMember::Command(command))));
    }

    /// Sends everything again that was not seen applied, in order.
    fn resend(&mut self, ctx: &mut Ctx<'_, '_>) {
        for (_, pending) in std::mem::take(&mut self.pending) {
            self.send(pending.seq, pending.op, ctx);
        }
    }

    /// Settles deliveries, in ascending order, of one consumer, or of basic.get (`None`).
    pub fn settle(
        &mut self,
        tag: Option<Name>,
        how: Settle,
        ids: &[u64],
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        match tag {
            Some(tag) => self.answer(Who::Tag(ctx.me, tag), how, ids, ctx),
            // What basic.get got is settled by the key that it left behind.
            None => {
                for key in ids {
                    self.answer(Who::Key(*key), how, &[0], ctx);
                }
            }
        }
        Vec::new()
    }

    fn answer(&mut self, who: Who, how: Settle, ids: &[u64], ctx: &mut Ctx<'_, '_>) {
        let new = ctx.version() >= Version::V4_3;
        if self.slow && how != Settle::Reject(true) {
            let place = self.unsent.iter().position(|(w, _)| *w == who);
            let place = place.unwrap_or_else(|| {
                self.unsent.push((who, Unsent::default()));
                self.unsent.len() - 1
            });
            let unsent = &mut self.unsent[place].1;
            match how {
                Settle::Ack => unsent.settles.extend(ids),
                Settle::Nack(true) | Settle::Reject(true) => unsent.returns.extend(ids),
                Settle::Nack(false) | Settle::Reject(false) => unsent.discards.extend(ids),
            }
            return;
        }
        let ids = ids.to_vec();
        let op = match how {
            Settle::Ack => Op::Settle(who, ids),
            Settle::Nack(true) => Op::Return(who, ids, false),
            // basic.reject counts as a failure of the delivery since 4.3.
            Settle::Reject(true) => {
                self.send_unsent(Some(who), ctx);
                Op::Return(who, ids, new)
            }
            Settle::Nack(false) => Op::Discard(who, ids, !new),
            Settle::Reject(false) => Op::Discard(who, ids, true),
        };
        self.send(None, op, ctx);
    }

    /// Sends what consumers answered meanwhile: all of it, or that of one.
    fn send_unsent(&mut self, only: Option<Who>, ctx: &mut Ctx<'_, '_>) {
        let all = std::mem::take(&mut self.unsent);
        for (who, unsent) in all {
            if only.is_some_and(|only| only != who) {
                self.unsent.push((who, unsent));
                continue;
            }
            if !unsent.settles.is_empty() {
                self.send(None, Op::Settle(who, unsent.settles), ctx);
            }
            if !unsent.returns.is_empty() {
                self.send(None, Op::Return(who, unsent.returns, false), ctx);
            }
            if !unsent.discards.is_empty() {
                self.send(None, Op::Discard(who, unsent.discards, false), ctx);
            }
        }
    }

    // ---- what members say ----

    /// Something that this queue, or a member of it, says.
    pub fn hear(&mut self, from: Pid, said: ToChannel, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        match said {
            ToChannel::Quorum { said, .. } => self.member_says(from.node, *said, ctx),
            ToChannel::Answer { token, answer } => vec![Action::Answer { token, answer }],
            _ => Vec::new(),
        }
    }

    fn member_says(
        &mut self,
        node: SeatId,
        said: FromMember,
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        match said {
            FromMember::Applied(seqs) => self.applied(node, &seqs, ctx),
            FromMember::Rejected(leader, _) => {
                if let Some(leader) = leader
                    && self.leader != Some(leader)
                {
                    self.leader = Some(leader);
                    self.resend(ctx);
                }
                Vec::new()
            }
            FromMember::LeaderChange => {
                self.leader = Some(node);
                self.resend(ctx);
                Vec::new()
            }
            FromMember::Status(stop) => {
                self.status = if stop { Status::Reject } else { Status::Go };
                Vec::new()
            }
            FromMember::Deliver(tag, list) => self.delivered(tag, list, ctx),
            FromMember::Missing(tag, list) => self.missing(tag, list, ctx),
            FromMember::Released(tag, _) => vec![Action::Released { tag }],
            FromMember::Reply(call, reply) => self.replied(call, reply, node, ctx),
            FromMember::Redirect(call, leader) => self.redirected(call, leader, ctx),
            FromMember::Stat(call, ready, consumers) => self.counted(call, ready, consumers),
            FromMember::Eol => {
                let mut actions = Vec::new();
                if self.slow || !self.held.is_empty() {
                    actions.push(Action::Unblock);
                }
                actions.push(Action::Gone);
                actions
            }
        }
    }

    fn applied(
        &mut self,
        node: SeatId,
        seqs: &[(u64, bool)],
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        let mut settled = Vec::new();
        for (number, taken) in seqs {
            if *taken && let Some(pending) = self.pending.remove(number) {
                settled.extend(pending.seq);
            }
        }
        // A notice from another member than the known leader: that one leads now.
        if self.leader != Some(node) {
            self.leader = Some(node);
            self.resend(ctx);
        }
        let mut actions = Vec::new();
        if !settled.is_empty() {
            actions.push(Action::Settled(settled));
        }
        if self.slow && self.pending.len() < Self::soft_limit(ctx) {
            self.slow = false;
            self.send_unsent(None, ctx);
            actions.push(Action::Unblock);
        }
        actions
    }

    /// A member that a call went to is no more.
    pub fn down(&mut self, pid: Pid, why: DownWhy, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        if pid.part == Part::Member(self.queue) {
            self.call_down(pid.node, why, ctx)
        } else {
            Vec::new()
        }
    }

    /// The timer of this queue is due.
    pub fn timer(&mut self, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.calls_late(ctx)
    }

    /// The channel ends: members hear it from their monitors.
    pub fn close(&mut self, ctx: &mut Ctx<'_, '_>) {
        ctx.disarm(PartTimer::QueueClient(self.queue));
    }

    /// How many commands are open.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending.len()
    }
}

impl QueueOps for QuorumClient {
    fn deliver(&mut self, delivery: Delivery, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        QuorumClient::deliver(self, delivery, ctx)
    }

    fn consume(&mut self, spec: ConsumeSpec, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        QuorumClient::consume(self, &spec, ctx)
    }

    fn cancel(&mut self, tag: Name, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        QuorumClient::cancel(self, tag, token, ctx)
    }

    fn settle(
        &mut self,
        tag: Option<Name>,
        how: Settle,
        ids: &[u64],
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        QuorumClient::settle(self, tag, how, ids, ctx)
    }

    fn get(&mut self, no_ack: bool, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        QuorumClient::get(self, no_ack, token, ctx)
    }

    fn stat(&mut self, _renew: bool, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        QuorumClient::stat(self, token, ctx)
    }

    fn purge(&mut self, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        QuorumClient::purge(self, token, ctx)
    }

    fn delete(
        &mut self,
        if_unused: bool,
        if_empty: bool,
        token: Token,
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        QuorumClient::delete(self, if_unused, if_empty, token, ctx)
    }

    fn hear(&mut self, from: Pid, said: ToChannel, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        QuorumClient::hear(self, from, said, ctx)
    }

    fn down(&mut self, pid: Pid, why: DownWhy, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        QuorumClient::down(self, pid, why, ctx)
    }

    fn timer(&mut self, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        QuorumClient::timer(self, ctx)
    }

    fn close(&mut self, ctx: &mut Ctx<'_, '_>) {
        QuorumClient::close(self, ctx);
    }
}
