//! A channel (`rabbit_channel`): one Erlang process that handles the methods of a client's channel in order.
//!
//! A method that asks a queue or the metadata store waits for the answer, and the methods behind it wait with
//! it ([`calls`]). What queues say meanwhile is taken note of, but goes out to the client only after the
//! answer: the real process would not have looked at it yet.

mod calls;
mod confirm;
mod consume;
mod location;
mod lookup;
mod publish;
mod queues;
mod settle;
mod timeout;
mod topology;
mod tx;

use crate::amqp::{Capabilities, Method};
use crate::facts::Fact;
use crate::ids::{ChannelId, Name, Pid, QueueId};
use crate::node::Actor;
use crate::node::connection::{ENDED, ToChild, ToConnection};
use crate::node::ctx::Ctx;
use crate::node::queue_type::{QueueClient, ToChannel};
use crate::reply::{Code, Reply};
use crate::signal::Signal;
use crate::system::PartTimer;
use crate::wire::Msg;
use ackscope_kernel::ConnId;
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How far a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
enum Phase {
    Starting,
    Open,
    /// It has ended, or is about to within this step: nothing is looked at any more.
    Over,
}

/// What is done with publishes beyond routing them.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
enum Mode {
    Plain,
    Confirm,
    Tx(tx::Tx),
}

/// A channel.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Channel {
    conn: ConnId,
    id: ChannelId,
    reader: Pid,
    capabilities: Capabilities,
    phase: Phase,
    mode: Mode,
    /// The method that waits for an answer.
    busy: Option<calls::Busy>,
    /// What the reader handed over behind it.
    inbox: VecDeque<ToChild>,
    /// What goes to the client after the answer.
    held: Vec<Method>,
    tokens: u64,
    queues: BTreeMap<QueueId, QueueClient>,
    confirms: confirm::Confirms,
    flow: queues::Flow,
    consumers: BTreeMap<Name, consume::Consumer>,
    unacked: BTreeMap<u64, settle::Unacked>,
    delivery_tag: u64,
    prefetch: u16,
    global_prefetch: u16,
    last_queue: Name,
}

impl Channel {
    /// A channel that its reader starts.
    pub(crate) fn new(
        conn: ConnId,
        id: ChannelId,
        reader: Pid,
        capabilities: Capabilities,
    ) -> Channel {
        Channel {
            conn,
            id,
            reader,
            capabilities,
            phase: Phase::Starting,
            mode: Mode::Plain,
            busy: None,
            inbox: VecDeque::new(),
            held: Vec::new(),
            tokens: 0,
            queues: BTreeMap::new(),
            confirms: confirm::Confirms::default(),
            flow: queues::Flow::default(),
            consumers: BTreeMap::new(),
            unacked: BTreeMap::new(),
            delivery_tag: 0,
            prefetch: 0,
            global_prefetch: 0,
            last_queue: Name::EMPTY,
        }
    }

    /// Sends to the client what is not the answer to its call: behind the answer, if it waits for one.
    fn send(&mut self, method: Method, ctx: &mut Ctx<'_, '_>) {
        if self.busy.as_ref().is_some_and(calls::Busy::holds) {
            self.held.push(method);
        } else {
            self.write(method, ctx);
        }
    }

    /// Sends to the client at once.
    fn write(&self, method: Method, ctx: &mut Ctx<'_, '_>) {
        let channel = self.id.number;
        ctx.env.send(self.conn, Msg::Amqp { channel, method });
    }

    fn tell_reader(&self, what: ToConnection, ctx: &mut Ctx<'_, '_>) {
        ctx.post(self.reader, Signal::Connection(what));
    }

    fn token(&mut self) -> u64 {
        self.tokens += 1;
        self.tokens
    }

    fn waits(&self) -> bool {
        self.busy.is_some()
    }

    // ---- what comes ----

    fn reader_says(&mut self, what: ToChild, ctx: &mut Ctx<'_, '_>) {
        self.inbox.push_back(what);
        self.work(ctx);
    }

    /// Handles what the reader handed over, until something waits for an answer.
    fn work(&mut self, ctx: &mut Ctx<'_, '_>) {
        while self.phase != Phase::Over && !self.waits() {
            if !self.held.is_empty() {
                for method in std::mem::take(&mut self.held) {
                    self.write(method, ctx);
                }
            }
            let Some(next) = self.inbox.pop_front() else {
                return;
            };
            match next {
                ToChild::Stop => self.stop(ctx),
                ToChild::Method(method) => {
                    let content = matches!(method, Method::Publish { .. });
                    if let Err(reply) = self.method(method, ctx) {
                        self.fail(reply, ctx);
                    } else if content {
                        self.handled_publish(ctx);
                    }
                }
            }
        }
    }

    fn method(&mut self, method: Method, ctx: &mut Ctx<'_, '_>) -> Result<(), Reply> {
        let unexpected = |text: &str| Err(Reply::error(Code::ChannelError, text));
        match (self.phase, &method) {
            (Phase::Starting, Method::ChannelOpen) => {
                self.phase = Phase::Open;
                let default = ctx.params().node.default_consumer_prefetch;
                let count = u16::try_from(default.count).unwrap_or(u16::MAX);
                if default.global {
                    self.global_prefetch = count;
                } else {
                    self.prefetch = count;
                }
                self.start_tick(ctx);
                self.write(Method::ChannelOpenOk, ctx);
                return Ok(());
            }
            (Phase::Starting, _) => return unexpected("expected 'channel.open'"),
            (_, Method::ChannelOpen) => return unexpected("second 'channel.open' seen"),
            (_, Method::ChannelClose(_)) => {
                self.leave(ctx);
                self.write(Method::ChannelCloseOk, ctx);
                self.tell_reader(ToConnection::ChannelEnded(self.id), ctx);
                return Ok(());
            }
            _ => {}
        }
        if self.is_committing() {
            return unexpected("unexpected command while processing 'tx.commit'");
        }
        match method {
            Method::Publish {
                message,
                mandatory,
                immediate,
            } => self.publish(message, mandatory, immediate, ctx),
            Method::ConfirmSelect => self.confirm_select(ctx),
            Method::TxSelect => self.tx_select(ctx),
            Method::TxCommit => self.tx_commit(ctx),
            Method::TxRollback => self.tx_rollback(ctx),
            Method::Qos { prefetch, global } => self.qos(prefetch, global, ctx),
            Method::Ack {
                delivery_tag,
                multiple,
            } => self.ack(delivery_tag, multiple, ctx),
            Method::Nack {
                delivery_tag,
                multiple,
                requeue,
            } => self.nack(delivery_tag, multiple, requeue, ctx),
            Method::Reject {
                delivery_tag,
                requeue,
            } => self.reject(delivery_tag, requeue, ctx),
            Method::Recover { requeue } => self.recover(requeue, ctx),
            call @ (Method::ExchangeDeclare(_)
            | Method::ExchangeDelete { .. }
            | Method::ExchangeBind { .. }
            | Method::QueueDeclare(_)
            | Method::QueueBind { .. }
            | Method::QueueUnbind { .. }
            | Method::QueuePurge { .. }
            | Method::QueueDelete { .. }
            | Method::Consume { .. }
            | Method::Cancel { .. }
            | Method::Get { .. }) => self.call(call, ctx),
            _ => Err(Reply::error(Code::CommandInvalid, "unimplemented method")),
        }
    }

    // ---- the end ----

    /// A channel error, or an error of the whole connection. Either way the channel ends: what it had not
    /// settled goes back to the queues, and of what it waited to confirm the client hears nothing.
    fn fail(&mut self, reply: Reply, ctx: &mut Ctx<'_, '_>) {
        if self.phase == Phase::Over {
            return;
        }
        self.leave(ctx);
        let reply = reply.named();
        if reply.code.is_hard() {
            let id = self.id;
            self.tell_reader(ToConnection::Fatal { id, reply }, ctx);
            return;
        }
        let number = self.id.number;
        let fact = Fact::ChannelClosed {
            number,
            reply: reply.clone(),
        };
        ctx.env.note(fact);
        self.write(Method::ChannelClose(reply), ctx);
        self.tell_reader(ToConnection::ChannelFailed(self.id), ctx);
    }

    fn stop(&mut self, ctx: &mut Ctx<'_, '_>) {
        self.leave(ctx);
        self.tell_reader(ToConnection::ChannelEnded(self.id), ctx);
    }

    fn leave(&mut self, ctx: &mut Ctx<'_, '_>) {
        self.phase = Phase::Over;
        self.busy = None;
        for client in self.queues.values_mut() {
            client.ops().close(ctx);
        }
        let part = ctx.me.part;
        ctx.end(part, ENDED);
    }

    /// The queues whose client state this channel keeps, for panels.
    pub fn used_queues(&self) -> impl Iterator<Item = &QueueId> {
        self.queues.keys()
    }

    /// Deliveries that wait for their acknowledgement.
    #[must_use]
    pub fn unacked(&self) -> u64 {
        u64::try_from(self.unacked.len()).unwrap_or(u64::MAX)
    }

    /// Publishes that wait for their confirm.
    #[must_use]
    pub fn unconfirmed(&self) -> u64 {
        self.confirms.open()
    }

    /// Queues that hold the channel back.
    #[must_use]
    pub fn blocked_by(&self) -> &BTreeSet<QueueId> {
        self.flow.blocked_by()
    }
}

impl Actor for Channel {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        if self.phase == Phase::Over {
            return;
        }
        match signal {
            Signal::Channel(ToChannel::Reader(what)) => self.reader_says(what, ctx),
            Signal::Channel(ToChannel::Declared { token, result }) => {
                self.declared(token, result, ctx);
            }
            Signal::Channel(said) => self.queue_says(from, said, ctx),
            Signal::MetaDone { token, result } => self.meta_done(token, result, ctx),
            Signal::Down { pid, why } => self.down(pid, why, ctx),
            Signal::ImageChanged => self.image_changed(ctx),
            Signal::NodeUp { node, .. } => self.node_up(node, ctx),
            _ => return,
        }
        self.flush(ctx);
        self.work(ctx);
    }

    fn timer(&mut self, kind: PartTimer, ctx: &mut Ctx<'_, '_>) {
        if self.phase == Phase::Over {
            return;
        }
        match kind {
            PartTimer::Retry => self.try_again(ctx),
            PartTimer::ChannelTick => self.tick(ctx),
            PartTimer::QueueClient(queue) => self.client_timer(queue, ctx),
            _ => {}
        }
        self.flush(ctx);
        self.work(ctx);
    }
}
