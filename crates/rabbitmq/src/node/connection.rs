//! The reader of a client connection (`rabbit_reader`): handshake, channels, heartbeats, alarms, the end.
//!
//! Frames of a channel go to the channel's part in order. The channels write to the client by themselves, as
//! with `rabbit_writer`.

mod close;
mod heartbeat;
mod throttle;

pub(crate) use throttle::MORE_AFTER;

use crate::amqp::{Capabilities, Method};
use crate::facts::Fact;
use crate::ids::{ChannelId, Part, Pid};
use crate::node::channel::Channel;
use crate::node::ctx::Ctx;
use crate::node::queue_type::ToChannel;
use crate::node::{Actor, Live};
use crate::reply::{Code, Reply};
use crate::signal::{Carried, DownWhy, Signal};
use crate::system::PartTimer;
use crate::wire::Msg;
use ackscope_kernel::{ConnId, Span};
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a channel is told by its reader.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToChild {
    /// The client sent a method.
    Method(Method),
    /// The connection is over: end, after what was read before is done.
    Stop,
}

/// What a reader is told.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToConnection {
    /// The client sent a method.
    Frame {
        /// On this channel.
        channel: u16,
        /// Which.
        method: Method,
    },
    /// The TCP connection is over.
    Gone,
    /// A channel has handled so many publishes.
    Credit {
        /// Which channel.
        id: ChannelId,
        /// How many more it takes.
        more: u32,
    },
    /// A channel has ended because the client or the reader asked for it.
    ChannelEnded(ChannelId),
    /// A channel sent channel.close and ended: what still comes for it is not looked at.
    ChannelFailed(ChannelId),
    /// A channel met an error that ends the connection.
    Fatal {
        /// Which channel.
        id: ChannelId,
        /// The error.
        reply: Reply,
    },
    /// A channel declared an exclusive queue for this connection (`rabbit_queue_collector`).
    Owns(Pid),
}

impl Carried for ToConnection {
    fn background(&self) -> bool {
        true
    }
}

/// A channel number in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
struct Child {
    life: u32,
    /// It sent channel.close and waits for the client's close-ok.
    failed: bool,
    /// Publishes that may be handed to it before it says that it handled some.
    credit: u32,
}

/// How far a connection is.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
enum State {
    Open,
    /// Channels end; then exclusive queues go; then the client is told.
    Closing(close::Closing),
    /// The server sent connection.close and waits for close-ok.
    AwaitCloseOk,
}

/// The reader.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Connection {
    conn: ConnId,
    state: State,
    heartbeat: Span,
    capabilities: Capabilities,
    channels: BTreeMap<u16, Child>,
    lives: u32,
    /// Exclusive queues of this connection.
    owned: BTreeSet<Pid>,
    throttle: throttle::Throttle,
    pulse: heartbeat::Pulse,
}

impl Connection {
    /// A client's connection that was accepted: protocol header to open.
    pub(crate) fn open(
        conn: ConnId,
        heartbeat: Span,
        capabilities: Capabilities,
        ctx: &mut Ctx<'_, '_>,
    ) -> Connection {
        let server = Span::secs(u64::try_from(ctx.params().connection.heartbeat).unwrap_or(0));
        let mut connection = Connection {
            conn,
            state: State::Open,
            heartbeat: heartbeat::negotiate(server, heartbeat),
            capabilities,
            channels: BTreeMap::new(),
            lives: 0,
            owned: BTreeSet::new(),
            throttle: throttle::Throttle::default(),
            pulse: heartbeat::Pulse::default(),
        };
        ctx.cluster.client_connections += 1;
        let heartbeat = connection.heartbeat;
        connection.send(0, Method::ConnectionOpenOk { heartbeat }, ctx);
        connection.start_heartbeats(ctx);
        connection.alarms_changed(ctx);
        connection
    }

    fn send(&self, channel: u16, method: Method, ctx: &mut Ctx<'_, '_>) {
        ctx.env.send(self.conn, Msg::Amqp { channel, method });
    }

    fn child(&self, number: u16, life: u32, ctx: &Ctx<'_, '_>) -> Pid {
        let conn = self.conn.0;
        ctx.local(Part::Channel(ChannelId { conn, number, life }))
    }

    fn tell(&self, number: u16, life: u32, what: ToChild, ctx: &mut Ctx<'_, '_>) {
        let to = self.child(number, life, ctx);
        ctx.post(to, Signal::Channel(ToChannel::Reader(what)));
    }

    /// Whether this is the channel that has the number now.
    fn known(&mut self, id: ChannelId) -> Option<&mut Child> {
        let child = self.channels.get_mut(&id.number);
        child.filter(|child| child.life == id.life)
    }

    fn frame(&mut self, channel: u16, method: Method, ctx: &mut Ctx<'_, '_>) {
        self.heard();
        let open = matches!(self.state, State::Open);
        if channel == 0 && open {
            self.connection_method(method, ctx);
        } else if channel == 0 {
            self.closing_method(&method, ctx);
        } else if open && !self.holds_back(channel, &method, ctx) {
            // What comes for a channel while the connection closes is not looked at.
            self.channel_method(channel, method, ctx);
        }
    }

    fn connection_method(&mut self, method: Method, ctx: &mut Ctx<'_, '_>) {
        match method {
            Method::Heartbeat => {}
            Method::ConnectionClose(_) => self.close_asked(ctx),
            _ => {
                let text = "unknown method on channel 0";
                self.fail(Reply::error(Code::CommandInvalid, text), ctx);
            }
        }
    }

    fn channel_method(&mut self, number: u16, method: Method, ctx: &mut Ctx<'_, '_>) {
        let Some(child) = self.channels.get_mut(&number) else {
            self.open_channel(number, method, ctx);
            return;
        };
        if child.failed {
            // Until the close-ok everything of this channel is thrown away.
            match method {
                Method::ChannelCloseOk => drop(self.channels.remove(&number)),
                Method::ChannelClose(_) => {
                    self.channels.remove(&number);
                    self.send(number, Method::ChannelCloseOk, ctx);
                }
                _ => {}
            }
            return;
        }
        if matches!(method, Method::Publish { .. }) {
            child.credit = child.credit.saturating_sub(1);
        }
        let life = child.life;
        self.tell(number, life, ToChild::Method(method), ctx);
    }

    /// A frame for a number that is not in use: channel.open, or an error.
    fn open_channel(&mut self, number: u16, method: Method, ctx: &mut Ctx<'_, '_>) {
        if method == Method::ChannelCloseOk {
            // Crossed with a channel.close of the client.
            return;
        }
        if method != Method::ChannelOpen {
            let text = "expected 'channel.open'";
            self.fail(Reply::error(Code::ChannelError, text), ctx);
            return;
        }
        let max = ctx.params().connection.channel_max;
        let open = i64::try_from(self.channels.len()).unwrap_or(i64::MAX);
        if max > 0 && open >= max {
            let text = format!(
                "number of channels opened ({open}) has reached the negotiated channel_max ({max})"
            );
            self.fail(Reply::error(Code::NotAllowed, text), ctx);
            return;
        }
        self.lives += 1;
        let life = self.lives;
        let credit = throttle::FIRST_CREDIT;
        let child = Child {
            life,
            failed: false,
            credit,
        };
        self.channels.insert(number, child);
        let me = ctx.me;
        let id = ChannelId {
            conn: self.conn.0,
            number,
            life,
        };
        let channel = Channel::new(self.conn, id, me, self.capabilities);
        ctx.start(Part::Channel(id), Live::Channel(Box::new(channel)));
        self.tell(number, life, ToChild::Method(Method::ChannelOpen), ctx);
    }

    /// Sends connection.close for an error, ends all channels, and waits for close-ok.
    fn fail(&mut self, reply: Reply, ctx: &mut Ctx<'_, '_>) {
        if self.state == State::AwaitCloseOk {
            return;
        }
        let fact = Fact::ConnectionClosed {
            reply: reply.clone(),
        };
        ctx.env.note(fact);
        self.begin_closing(close::Then::Send(reply), ctx);
    }
}

impl Actor for Connection {
    fn take(&mut self, _from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::Connection(said) => match said {
                ToConnection::Frame { channel, method } => self.frame(channel, method, ctx),
                ToConnection::Gone => self.gone(ctx),
                ToConnection::Credit { id, more } => self.credit(id, more, ctx),
                ToConnection::ChannelEnded(id) => {
                    if self.known(id).is_some() {
                        self.channels.remove(&id.number);
                    }
                    self.go_on_closing(ctx);
                }
                ToConnection::ChannelFailed(id) => {
                    if let Some(child) = self.known(id) {
                        child.failed = true;
                    }
                    self.unthrottle(ctx);
                    self.go_on_closing(ctx);
                }
                ToConnection::Fatal { id, reply } => {
                    if self.known(id).is_some() {
                        self.channels.remove(&id.number);
                    }
                    self.fail(reply, ctx);
                }
                ToConnection::Owns(queue) => {
                    self.owned.insert(queue);
                    ctx.monitor(queue);
                }
            },
            Signal::Down { pid, .. } => {
                self.owned.remove(&pid);
                self.go_on_closing(ctx);
            }
            Signal::AlarmsChanged => self.alarms_changed(ctx),
            Signal::Stopping => self.forced(ctx),
            _ => {}
        }
    }

    fn timer(&mut self, kind: PartTimer, ctx: &mut Ctx<'_, '_>) {
        match kind {
            PartTimer::HeartbeatSend => self.beat(ctx),
            PartTimer::HeartbeatCheck => self.check_pulse(ctx),
            PartTimer::CloseWait => self.waited_enough(ctx),
            _ => {}
        }
    }
}

/// A channel or reader has ended in order.
pub(crate) const ENDED: DownWhy = DownWhy::Normal;
