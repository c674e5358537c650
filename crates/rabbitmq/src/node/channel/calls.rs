//! Methods that wait for an answer: the looking up of a queue, again and again while its process cannot be reached
//! (`rabbit_amqqueue:with`), and what the answers become.

use super::lookup::{Absent, Found, absent, lookup, no_queue};
use super::{Channel, Phase};
use crate::amqp::{Method, QueueDeclare};
use crate::ids::{Name, Part, Pid, QueueId};
use crate::node::args;
use crate::node::connection::ToConnection;
use crate::node::ctx::Ctx;
use crate::node::image::{MetaCommand, MetaError, QueueKind, QueueRecord};
use crate::node::queue_type::{Action, QueueClient};
use crate::reply::{Code, Reply};
use crate::signal::{Answer, Token};
use crate::system::PartTimer;
use ackscope_kernel::{SeatId, Span, Time};
use borsh::BorshSerialize;

/// The pause between two tries (`retry_wait`).
const PAUSE: Span = Span(30_000);
/// A channel gives up after 2000 tries. With the time that each takes, real ones gave up after 63 to 67.5 s.
const GIVE_UP: (u64, u64) = (63_000_000, 67_500_000);
/// Tries come less and less often, at most so far apart: the real ones come every 30 ms, but none of them can succeed
/// before something changes, which the channel looks at on its own.
const LONGEST_PAUSE: Span = Span(1_000_000);
/// A try that took longer than this waited for a node that does not answer at all; however long it took, it is one
/// of the 2000 tries.
const QUICK: Span = Span(100_000);

/// Where the answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
enum At {
    /// Not asked yet.
    Nowhere,
    /// A queue.
    Queue(QueueId),
    /// The metadata store.
    Meta,
    /// The supervisor of this node, which starts a queue.
    Supervisor(SeatId, QueueId),
    /// Nobody: the next try follows.
    Asleep,
}

/// A method under way.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub(super) struct Busy {
    method: Method,
    /// The queue that it is about, once that is known.
    queue: Name,
    token: Token,
    at: At,
    since: Time,
    /// How long the tries took so far, as RabbitMQ counts.
    spent: Span,
    pause: Span,
}

impl Busy {
    /// Whether what queues say meanwhile waits for the answer. The answer to a cancel comes from the queue behind
    /// everything that it sent before.
    pub(super) fn holds(&self) -> bool {
        !matches!(self.method, Method::Cancel { .. })
    }
}

impl Channel {
    /// Begins a method that waits.
    pub(super) fn call(&mut self, method: Method, ctx: &mut Ctx<'_, '_>) -> Result<(), Reply> {
        let queue = match &method {
            Method::QueueDeclare(declare) => self.declared_name(declare, ctx)?,
            Method::QueueBind { queue, .. }
            | Method::QueueUnbind { queue, .. }
            | Method::QueuePurge { queue }
            | Method::QueueDelete { queue, .. }
            | Method::Consume { queue, .. }
            | Method::Get { queue, .. } => self.or_last(*queue)?,
            _ => Name::EMPTY,
        };
        self.busy = Some(Busy {
            method,
            queue,
            token: 0,
            at: At::Nowhere,
            since: ctx.env.now(),
            spent: Span(0),
            pause: PAUSE,
        });
        self.attempt(ctx)
    }

    /// No name is the queue that this channel declared last.
    fn or_last(&self, queue: Name) -> Result<Name, Reply> {
        if queue != Name::EMPTY {
            return Ok(queue);
        }
        if self.last_queue != Name::EMPTY {
            return Ok(self.last_queue);
        }
        Err(Reply::error(Code::NotFound, "no previously declared queue"))
    }

    /// The number by which the next answer is known.
    pub(super) fn ask(&mut self, at: Asked, ctx: &Ctx<'_, '_>) -> Token {
        let token = self.token();
        if let Some(busy) = &mut self.busy {
            busy.token = token;
            busy.since = ctx.env.now();
            busy.at = match at {
                Asked::Queue(queue) => At::Queue(queue),
                Asked::Meta => At::Meta,
                Asked::Supervisor(node, queue) => At::Supervisor(node, queue),
            };
        }
        token
    }

    /// Tries the method, from the looking up on.
    fn attempt(&mut self, ctx: &mut Ctx<'_, '_>) -> Result<(), Reply> {
        let Some(busy) = &self.busy else {
            return Ok(());
        };
        let (method, name) = (busy.method.clone(), busy.queue);
        match method {
            Method::ExchangeDeclare(declare) => self.exchange_declare(&declare, ctx),
            Method::ExchangeDelete {
                exchange,
                if_unused,
            } => self.exchange_delete(exchange, if_unused, ctx),
            Method::ExchangeBind {
                destination,
                source,
                routing_key,
                arguments,
            } => self.exchange_bind(destination, source, routing_key, arguments, ctx),
            Method::QueueBind {
                exchange,
                routing_key,
                arguments,
                ..
            } => self.queue_bind(name, exchange, routing_key, arguments, true, ctx),
            Method::QueueUnbind {
                exchange,
                routing_key,
                arguments,
                ..
            } => self.queue_bind(name, exchange, routing_key, arguments, false, ctx),
            Method::QueueDeclare(declare) => self.queue_declare(name, &declare, ctx),
            Method::Consume { tag, .. } if self.consumers.contains_key(&tag) => {
                let tag = ctx.text(tag);
                let text = format!("attempt to reuse consumer tag '{tag}'");
                Err(Reply::error(Code::NotAllowed, text))
            }
            Method::Cancel { tag } => self.cancel(tag, ctx),
            Method::QueueDelete { .. } => self.queue_delete(name, ctx),
            _ => {
                let record = self.with(name, ctx)?;
                self.ask_queue(&record, ctx)
            }
        }
    }

    /// The queue to ask, or the error why not (`with`).
    pub(super) fn with(
        &mut self,
        name: Name,
        ctx: &Ctx<'_, '_>,
    ) -> Result<Box<QueueRecord>, Reply> {
        match lookup(name, ctx) {
            Found::Live(record) => Ok(record),
            Found::Stopped(record) => Err(absent(&record, Absent::Stopped, ctx)),
            Found::Crashed(record) => Err(absent(&record, Absent::Crashed, ctx)),
            Found::NodeDown(record) => Err(absent(&record, Absent::NodeDown, ctx)),
            Found::Missing => Err(no_queue(name, ctx)),
        }
    }

    /// Asks a queue what the method wants of it.
    pub(super) fn ask_queue(
        &mut self,
        record: &QueueRecord,
        ctx: &mut Ctx<'_, '_>,
    ) -> Result<(), Reply> {
        let Some(method) = self.busy.as_ref().map(|busy| busy.method.clone()) else {
            return Ok(());
        };
        let id = record.id;
        let text = ctx.text(id.name);
        let passive = matches!(&method, Method::QueueDeclare(declare) if declare.passive);
        if !passive {
            args::exclusive_access(record, &text, Some(self.reader), false)?;
        }
        let token = self.ask(Asked::Queue(id), ctx);
        let actions = match method {
            Method::QueueDeclare(declare) => self.on_queue(id, ctx, |queue, ctx| {
                queue.ops().stat(!declare.passive, token, ctx)
            }),
            Method::QueuePurge { .. } => {
                self.on_queue(id, ctx, |queue, ctx| queue.ops().purge(token, ctx))
            }
            Method::QueueDelete {
                if_unused,
                if_empty,
                ..
            } => self.on_queue(id, ctx, |queue, ctx| {
                queue.ops().delete(if_unused, if_empty, token, ctx)
            }),
            Method::Get { no_ack, .. } => {
                self.on_queue(id, ctx, |queue, ctx| queue.ops().get(no_ack, token, ctx))
            }
            Method::Consume {
                tag,
                no_ack,
                exclusive,
                arguments,
                ..
            } => {
                let words = args::queue_text(&text);
                args::consume_arguments(&arguments, &words)?;
                if let Some(limit) = self.shared_prefetch() {
                    if record.kind != QueueKind::Classic {
                        return Err(Reply::error(
                            Code::NotImplemented,
                            format!("{words} does not support global qos"),
                        ));
                    }
                    let said = self.on_queue(id, ctx, |q, ctx| q.ops().prefetch(limit, ctx));
                    self.do_actions(id, said, ctx);
                }
                let spec = self.consume_spec(tag, no_ack, exclusive, arguments, token, ctx);
                self.on_queue(id, ctx, |queue, ctx| queue.ops().consume(spec, ctx))
            }
            _ => Vec::new(),
        };
        self.do_actions(id, actions, ctx);
        Ok(())
    }

    pub(super) fn on_queue(
        &mut self,
        queue: QueueId,
        ctx: &mut Ctx<'_, '_>,
        act: impl FnOnce(&mut QueueClient, &mut Ctx<'_, '_>) -> Vec<Action>,
    ) -> Vec<Action> {
        match self.client(queue, ctx) {
            Some(client) => act(client, ctx),
            None => Vec::new(),
        }
    }

    fn cancel(&mut self, tag: Name, ctx: &mut Ctx<'_, '_>) -> Result<(), Reply> {
        let Some(consumer) = self.consumers.remove(&tag) else {
            // Nobody of this tag: that is no error.
            self.finish(Method::CancelOk { tag }, ctx);
            return Ok(());
        };
        let queue = consumer.queue;
        if !self.queues.contains_key(&queue) {
            self.finish(Method::CancelOk { tag }, ctx);
            return Ok(());
        }
        let token = self.ask(Asked::Queue(queue), ctx);
        let actions = self.on_queue(queue, ctx, |q, ctx| q.ops().cancel(tag, token, ctx));
        self.do_actions(queue, actions, ctx);
        Ok(())
    }

    // ---- answers ----

    /// The method is done; the client is told.
    pub(super) fn finish(&mut self, answer: Method, ctx: &mut Ctx<'_, '_>) {
        self.busy = None;
        ctx.disarm(PartTimer::Retry);
        self.write(answer, ctx);
    }

    /// The queue that this call asked.
    pub(super) fn asked_queue(&self, token: Token) -> Option<QueueId> {
        let busy = self.busy.as_ref().filter(|busy| busy.token == token)?;
        match busy.at {
            At::Queue(queue) => Some(queue),
            _ => None,
        }
    }

    /// The method of this call, which is over with it.
    pub(super) fn take_call(&mut self, token: Token) -> Option<Method> {
        let waits = self.busy.as_ref().is_some_and(|busy| busy.token == token);
        if !waits {
            return None;
        }
        self.busy.take().map(|busy| busy.method)
    }

    /// A queue has answered.
    pub(super) fn answered(&mut self, token: Token, answer: Answer, ctx: &mut Ctx<'_, '_>) {
        let Some(asked) = self.asked_queue(token) else {
            return;
        };
        let Some(method) = self.take_call(token) else {
            return;
        };
        let (messages, consumers) = match answer {
            Answer::Refused(reply) => {
                self.fail(reply, ctx);
                return;
            }
            Answer::Done {
                messages,
                consumers,
            } => (messages, consumers),
        };
        let queue = asked.name;
        let answer = match method {
            Method::QueueDeclare(declare) => {
                if declare.passive
                    && let Err(reply) = self.may_use(asked, ctx)
                {
                    self.fail(reply, ctx);
                    return;
                }
                self.last_queue = queue;
                Method::QueueDeclareOk {
                    queue,
                    messages,
                    consumers,
                }
            }
            Method::QueuePurge { .. } => Method::QueuePurgeOk { messages },
            Method::QueueDelete { .. } => Method::QueueDeleteOk { messages },
            Method::Cancel { tag } => Method::CancelOk { tag },
            Method::Consume { tag, .. } => {
                let consumer = super::consume::Consumer { queue: asked };
                self.consumers.insert(tag, consumer);
                Method::ConsumeOk { tag }
            }
            _ => return,
        };
        self.write(answer, ctx);
    }

    fn may_use(&self, queue: QueueId, ctx: &Ctx<'_, '_>) -> Result<(), Reply> {
        match ctx.image.queue(queue) {
            Some(record) => {
                let text = ctx.text(queue.name);
                args::exclusive_access(record, &text, Some(self.reader), false)
            }
            None => Ok(()),
        }
    }

    /// The process that was asked is no more.
    pub(super) fn call_down(&mut self, token: Token, ctx: &mut Ctx<'_, '_>) {
        let Some(queue) = self.asked_queue(token) else {
            return;
        };
        let Some(busy) = &self.busy else {
            return;
        };
        match busy.method {
            Method::Cancel { tag } => {
                // There is no consumer any more, which is what the client wants.
                self.finish(Method::CancelOk { tag }, ctx);
            }
            Method::QueueDelete { if_empty, .. } => self.delete_dead(queue, if_empty, ctx),
            _ => self.sleep(ctx),
        }
    }

    /// A classic queue without a process is deleted by its record (`delete_crashed_internal`).
    pub(super) fn delete_dead(&mut self, queue: QueueId, if_empty: bool, ctx: &mut Ctx<'_, '_>) {
        if if_empty {
            let text = format!("{} not empty", args::queue_text(&ctx.text(queue.name)));
            self.fail(args::precondition(text), ctx);
            return;
        }
        let token = self.ask(Asked::Meta, ctx);
        ctx.write_meta(MetaCommand::DeleteQueue(queue), token);
    }

    fn sleep(&mut self, ctx: &mut Ctx<'_, '_>) {
        let now = ctx.env.now();
        let draw = ctx.env.draw(
            [3, u64::from(self.id.number), self.tokens],
            GIVE_UP.0,
            GIVE_UP.1,
        );
        let Some(busy) = &mut self.busy else {
            return;
        };
        let took = now.since(busy.since);
        busy.spent = busy.spent + if took <= QUICK { took } else { PAUSE };
        if busy.spent >= Span(draw) {
            let name = busy.queue;
            let reply = match ctx.image.queues.get(&name) {
                Some(record) => absent(record, Absent::TimedOut, ctx),
                None => no_queue(name, ctx),
            };
            self.fail(reply, ctx);
            return;
        }
        busy.at = At::Asleep;
        busy.since = now;
        let pause = busy.pause;
        busy.pause = Span(pause.0 * 3 / 2).min(LONGEST_PAUSE);
        ctx.arm_in(PartTimer::Retry, pause);
    }

    pub(super) fn sleeps(&self) -> bool {
        self.busy.as_ref().is_some_and(|busy| busy.at == At::Asleep)
    }

    /// The next try.
    pub(super) fn try_again(&mut self, ctx: &mut Ctx<'_, '_>) {
        if !self.sleeps() {
            return;
        }
        ctx.disarm(PartTimer::Retry);
        let now = ctx.env.now();
        if let Some(busy) = &mut self.busy {
            busy.spent = busy.spent + now.since(busy.since);
            busy.at = At::Nowhere;
        }
        if let Err(reply) = self.attempt(ctx) {
            self.fail(reply, ctx);
        }
    }

    /// The metadata store has answered.
    pub(super) fn meta_done(
        &mut self,
        token: Token,
        result: Result<(), MetaError>,
        ctx: &mut Ctx<'_, '_>,
    ) {
        let waits = |busy: &&Busy| busy.token == token && busy.at == At::Meta;
        let Some(busy) = self.busy.as_ref().filter(waits) else {
            return;
        };
        let (method, queue) = (busy.method.clone(), busy.queue);
        match self.meta_answer(&method, queue, result, ctx) {
            Ok(Some(answer)) => self.finish(answer, ctx),
            Ok(None) => {
                // Somebody else was quicker: look again.
                if let Err(reply) = self.attempt(ctx) {
                    self.fail(reply, ctx);
                }
            }
            Err(reply) => self.fail(reply, ctx),
        }
    }

    /// The supervisor of a queue's home node has started the queue, or could not.
    pub(super) fn declared(
        &mut self,
        token: Token,
        result: Result<Pid, MetaError>,
        ctx: &mut Ctx<'_, '_>,
    ) {
        let Some(busy) = self.busy.as_ref().filter(|busy| busy.token == token) else {
            return;
        };
        let At::Supervisor(node, id) = busy.at else {
            return;
        };
        let exclusive = matches!(
            &busy.method,
            Method::QueueDeclare(QueueDeclare {
                exclusive: true,
                ..
            })
        );
        ctx.demonitor(Pid::named(node, Part::Supervisor));
        match result {
            Ok(pid) => {
                if exclusive {
                    self.tell_reader(ToConnection::Owns(pid), ctx);
                }
                self.last_queue = id.name;
                let (messages, consumers) = (0, 0);
                let answer = Method::QueueDeclareOk {
                    queue: id.name,
                    messages,
                    consumers,
                };
                self.finish(answer, ctx);
            }
            Err(MetaError::Exists | MetaError::Missing) => {
                if let Err(reply) = self.attempt(ctx) {
                    self.fail(reply, ctx);
                }
            }
            Err(MetaError::Timeout) => {
                let queue = args::queue_text(&ctx.text(id.name));
                let node = ctx.env.name_of(node);
                let text = format!(
                    "Could not declare {queue} on node '{node}' because the metadata store operation timed out"
                );
                self.fail(Reply::error(Code::InternalError, text), ctx);
            }
        }
    }

    /// The node that was to start a queue is gone: look again, and let another do it.
    pub(super) fn supervisor_down(&mut self, pid: Pid, ctx: &mut Ctx<'_, '_>) {
        let waits =
            |busy: &&mut Busy| matches!(busy.at, At::Supervisor(node, _) if node == pid.node);
        if pid.part != Part::Supervisor || self.phase == Phase::Over {
            return;
        }
        if let Some(busy) = self.busy.as_mut().filter(waits) {
            busy.since = ctx.env.now();
            self.sleep(ctx);
        }
    }
}

/// Who is asked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    Queue(QueueId),
    Meta,
    Supervisor(SeatId, QueueId),
}
