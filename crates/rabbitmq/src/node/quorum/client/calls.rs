//! Calls of a channel to a quorum queue: which member they go to, and what is done when none answers
//! (`ra:process_command`, `rabbit_fifo_client:try_process_command`).

use super::{QuorumClient, Status, Tracked};
use crate::ids::{Name, Part, Pid};
use crate::message::Value;
use crate::node::ctx::Ctx;
use crate::node::queue_type::{Action, ConsumeSpec};
use crate::node::quorum::fifo::{Attach, Command, Fifo, From, Op, Reply};
use crate::node::quorum::wire::{ToMember, ToRa};
use crate::reply::{Code, Reply as Close};
use crate::signal::{Answer, DownWhy, Handed, Signal, Token};
use crate::system::{PartTimer, Version};
use ackscope_kernel::{SeatId, Span, Time};
use borsh::BorshSerialize;

/// What a call is for.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub(super) enum Kind {
    /// A first publish.
    Register,
    /// basic.consume: token, tag, manual acknowledgement.
    Consume(Token, Name, bool),
    /// basic.cancel.
    Cancel(Token),
    /// basic.get.
    Get(Token),
    /// queue.purge.
    Purge(Token),
    /// How much is in the queue.
    Stat(Token),
}

impl Kind {
    /// After a time-out the next member is tried (`try_process_command`); the others give up then.
    fn goes_on(&self) -> bool {
        matches!(self, Kind::Consume(..) | Kind::Cancel(_))
    }

    /// Only the known leader is asked, or whom it names.
    fn one_server(&self) -> bool {
        matches!(self, Kind::Get(_) | Kind::Purge(_) | Kind::Stat(_))
    }
}

/// A call under way.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub(super) struct Call {
    pub(super) kind: Kind,
    op: Op,
    /// Whom it went to.
    at: SeatId,
    /// Who is tried next.
    rest: Vec<SeatId>,
    until: Time,
}

/// How long a count may take (`rabbit_fifo_client:stat`).
const STAT: Span = Span(250_000);

/// What an unlimited prefetch counts as.
const UNLIMITED: u32 = 2_000;

impl QuorumClient {
    /// net_ticktime and five seconds.
    fn patience(kind: &Kind, ctx: &Ctx<'_, '_>) -> Span {
        if matches!(kind, Kind::Stat(_)) {
            return STAT;
        }
        ctx.env.settings().node.net_ticktime + Span::secs(5)
    }

    pub(super) fn call(&mut self, kind: Kind, op: Op, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let first = self.server();
        let others = self.servers.iter().copied().filter(|n| *n != first);
        let rest = if kind.one_server() {
            Vec::new()
        } else {
            others.collect()
        };
        let until = ctx.env.now() + Self::patience(&kind, ctx);
        let call = Call {
            kind,
            op,
            at: first,
            rest,
            until,
        };
        self.ask(call, ctx);
        Vec::new()
    }

    fn ask(&mut self, call: Call, ctx: &mut Ctx<'_, '_>) {
        self.next_call += 1;
        let token = self.next_call;
        let to = self.member(call.at);
        let said = if matches!(call.kind, Kind::Stat(_)) {
            ToMember::Stat(ctx.me, token)
        } else {
            ToMember::Call(Command {
                from: From::Call(ctx.me, token),
                op: call.op.clone(),
            })
        };
        ctx.monitor(to);
        ctx.post(to, Signal::Quorum(Box::new(said)));
        self.calls.insert(token, call);
        self.arm(ctx);
    }

    fn arm(&self, ctx: &mut Ctx<'_, '_>) {
        let timer = PartTimer::QueueClient(self.queue);
        match self.calls.values().map(|call| call.until).min() {
            Some(at) => {
                let now = ctx.env.now();
                ctx.arm_in(timer, at.since(now));
            }
            None => ctx.disarm(timer),
        }
    }

    fn take_call(&mut self, token: u64, ctx: &mut Ctx<'_, '_>) -> Option<Call> {
        let call = self.calls.remove(&token)?;
        ctx.demonitor(self.member(call.at));
        self.arm(ctx);
        Some(call)
    }

    /// The member knows who leads.
    pub(super) fn redirected(
        &mut self,
        token: u64,
        leader: SeatId,
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        if let Some(mut call) = self.take_call(token, ctx) {
            call.rest.retain(|node| *node != leader);
            call.at = leader;
            self.ask(call, ctx);
        }
        Vec::new()
    }

    /// Members on this node, or with this name, are not there or cannot be reached.
    pub(super) fn call_down(
        &mut self,
        node: SeatId,
        why: DownWhy,
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        let hit = self.calls.iter().filter(|(_, call)| call.at == node);
        let hit: Vec<u64> = hit.map(|(token, _)| *token).collect();
        let error = match why {
            DownWhy::NoConnection => "nodedown",
            _ => "noproc",
        };
        let mut actions = Vec::new();
        for token in hit {
            if let Some(call) = self.take_call(token, ctx) {
                actions.extend(self.next_or_fail(call, error, ctx));
            }
        }
        actions
    }

    pub(super) fn calls_late(&mut self, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let now = ctx.env.now();
        let late = self.calls.iter().filter(|(_, call)| call.until <= now);
        let late: Vec<u64> = late.map(|(token, _)| *token).collect();
        let mut actions = Vec::new();
        for token in late {
            if let Some(mut call) = self.take_call(token, ctx) {
                if !call.kind.goes_on() {
                    call.rest.clear();
                }
                actions.extend(self.next_or_fail(call, "timeout", ctx));
            }
        }
        self.arm(ctx);
        actions
    }

    fn next_or_fail(&mut self, mut call: Call, error: &str, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        if call.rest.is_empty() {
            return self.failed(&call.kind, error, ctx);
        }
        call.at = call.rest.remove(0);
        call.until = ctx.env.now() + Self::patience(&call.kind, ctx);
        self.ask(call, ctx);
        Vec::new()
    }

    fn failed(&mut self, kind: &Kind, error: &str, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let name = ctx.env.settings().name(self.queue.name);
        let queue = format!("queue '{name}' in vhost '/'");
        let (token, text) = match kind {
            Kind::Register => return self.not_registered(ctx),
            Kind::Stat(token) => {
                // Nobody answers in time: nothing is counted.
                let answer = Answer::Done {
                    messages: 0,
                    consumers: 0,
                };
                return vec![Action::Answer {
                    token: *token,
                    answer,
                }];
            }
            Kind::Consume(token, ..) => (
                *token,
                format!("failed consuming from quorum {queue}: {error}"),
            ),
            Kind::Cancel(token) => (
                *token,
                format!("failed cancelling on quorum {queue}: {error}"),
            ),
            Kind::Get(token) => (
                *token,
                format!("Cannot get a message from queue '{queue}': {error}"),
            ),
            Kind::Purge(token) => (*token, format!("failed purging quorum {queue}: {error}")),
        };
        let text = format!("INTERNAL_ERROR - {text}");
        let answer = Answer::Refused(Close::new(Code::InternalError, text));
        vec![Action::Answer { token, answer }]
    }

    /// The answer of the machine.
    pub(super) fn replied(
        &mut self,
        token: u64,
        reply: Reply,
        node: SeatId,
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        let Some(call) = self.take_call(token, ctx) else {
            return Vec::new();
        };
        // Who answers leads.
        if self.leader.is_some_and(|leader| leader != node) {
            self.leader = Some(node);
            self.resend(ctx);
        }
        self.leader = Some(node);
        let done = |token: Token, messages: u32| {
            let consumers = 0;
            let answer = Answer::Done {
                messages,
                consumers,
            };
            vec![Action::Answer { token, answer }]
        };
        match (call.kind, reply) {
            (Kind::Register, Reply::RejectPublish) => self.registered(Status::Reject, ctx),
            (Kind::Register, _) => self.registered(Status::Go, ctx),
            (Kind::Consume(token, tag, ack), Reply::Attached { next, held }) => {
                // With deliveries on their way from before, whatever comes next is taken.
                let last = (held == 0).then_some(next);
                let tracked = self.consumers.entry(tag).or_insert(Tracked::new(ack, last));
                tracked.ack = ack;
                done(token, 0)
            }
            (Kind::Purge(token), Reply::Purged(count)) => done(token, count),
            (Kind::Get(token), Reply::Got { key, msg, left }) => {
                let got = Some((self.handed_get(key, &msg, ctx.version()), left));
                vec![Action::Got { token, got }]
            }
            (Kind::Get(token), Reply::SingleActive) => {
                let name = ctx.env.settings().name(self.queue.name);
                let text = format!(
                    "RESOURCE_LOCKED - cannot obtain access to locked queue '{name}' in vhost '/'. basic.get \
                     operations are not supported by quorum queues with single active consumer"
                );
                let answer = Answer::Refused(Close::new(Code::ResourceLocked, text));
                vec![Action::Answer { token, answer }]
            }
            (Kind::Get(token), _) => vec![Action::Got { token, got: None }],
            (
                Kind::Consume(token, ..)
                | Kind::Cancel(token)
                | Kind::Purge(token)
                | Kind::Stat(token),
                _,
            ) => done(token, 0),
        }
    }

    pub(super) fn counted(&mut self, token: u64, ready: u32, consumers: u32) -> Vec<Action> {
        let Some(Call {
            kind: Kind::Stat(token),
            ..
        }) = self.calls.remove(&token)
        else {
            return Vec::new();
        };
        let answer = Answer::Done {
            messages: ready,
            consumers,
        };
        vec![Action::Answer { token, answer }]
    }

    fn handed_get(
        &self,
        key: Option<u64>,
        msg: &super::super::fifo::Msg,
        version: Version,
    ) -> Handed {
        super::deliveries::handed(self.queue, key.unwrap_or(0), msg, version, true)
    }

    // ---- the calls ----

    /// basic.consume.
    pub fn consume(&mut self, spec: &ConsumeSpec, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let int = |key: &str| match spec.arguments.get(key) {
            Some(Value::Int(n)) => Some(*n),
            _ => None,
        };
        let prefetch = match spec.prefetch {
            0 => UNLIMITED,
            n => u32::from(n),
        };
        let attach = Attach {
            pid: spec.channel,
            tag: spec.tag,
            ack: !spec.no_ack,
            prefetch,
            priority: int("x-priority").unwrap_or(0),
            timeout: self.timeout(int("x-consumer-timeout"), ctx),
        };
        let kind = Kind::Consume(spec.token, spec.tag, !spec.no_ack);
        self.call(kind, Op::Attach(Box::new(attach)), ctx)
    }

    /// The consumer's argument, else the smaller of the queue's argument and policy, else the node's
    /// `consumer_timeout` (reference 4.6).
    fn timeout(&self, own: Option<i64>, ctx: &Ctx<'_, '_>) -> Span {
        let of_queue = ctx
            .image
            .queue(self.queue)
            .and_then(|record| super::super::spec::consumer_timeout(record, ctx));
        let general = ctx.params().node.consumer_timeout;
        Span::ms(own.or(of_queue).unwrap_or(general))
    }

    /// basic.cancel.
    pub fn cancel(&mut self, tag: Name, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        if self.consumers.remove(&tag).is_none() {
            let answer = Answer::Done {
                messages: 0,
                consumers: 0,
            };
            return vec![Action::Answer { token, answer }];
        }
        let who = super::Who::Tag(ctx.me, tag);
        self.send_unsent(Some(who), ctx);
        self.call(Kind::Cancel(token), Op::Cancel(ctx.me, tag), ctx)
    }

    /// basic.get.
    pub fn get(&mut self, no_ack: bool, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        let timeout = self.timeout(None, ctx);
        self.call(Kind::Get(token), Op::Get(ctx.me, no_ack, timeout), ctx)
    }

    /// Counts messages and consumers. A declaration does not renew the lease of a quorum queue.
    pub fn stat(&mut self, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.call(Kind::Stat(token), Op::Purge, ctx)
    }

    /// queue.purge.
    pub fn purge(&mut self, token: Token, ctx: &mut Ctx<'_, '_>) -> Vec<Action> {
        self.call(Kind::Purge(token), Op::Purge, ctx)
    }

    /// queue.delete: the group, then the record.
    pub fn delete(
        &mut self,
        if_unused: bool,
        if_empty: bool,
        token: Token,
        ctx: &mut Ctx<'_, '_>,
    ) -> Vec<Action> {
        let flag = match (if_unused, if_empty) {
            (true, _) => "if-unused",
            (false, true) => "if-empty",
            (false, false) => {
                let delete = ToRa::Delete(self.queue, ctx.me, token);
                let ra = Pid::named(ctx.node(), Part::Ra);
                ctx.post(ra, Signal::Ra(Box::new(delete)));
                return Vec::new();
            }
        };
        let name = ctx.env.settings().name(self.queue.name);
        let text = format!(
            "NOT_IMPLEMENTED - cannot delete queue '{name}' in vhost '/'. queue.delete operations with {flag} flag \
             set are not supported by quorum queues"
        );
        let answer = Answer::Refused(Close::new(Code::NotImplemented, text));
        vec![Action::Answer { token, answer }]
    }
}

impl Fifo {
    /// Whether basic.get is possible at all.
    #[must_use]
    pub fn allows_get(&self) -> bool {
        !self.config.single_active
    }
}
