//! How a connection ends (`rabbit_reader`: terminate_channels, clean_up_exclusive_queues, maybe_close).
//!
//! First all channels end, which gives back what they had not settled. Then the exclusive queues are deleted.
//! Only then the client is told.

use super::{Connection, ENDED, State, ToChild};
use crate::amqp::Method;
use crate::facts::Fact;
use crate::ids::{ChannelId, Part};
use crate::node::classic::ToQueue;
use crate::node::ctx::Ctx;
use crate::reply::{Code, Reply};
use crate::signal::Signal;
use crate::system::PartTimer;
use ackscope_kernel::Span;
use borsh::BorshSerialize;

/// How long a reader waits for each of its channels (`CHANNEL_TERMINATION_TIMEOUT`).
const CHANNEL_WAIT: Span = Span::secs(3);
/// How long it waits for the client's close-ok (`CLOSING_TIMEOUT`).
const CLOSE_OK_WAIT: Span = Span::secs(30);

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Closing {
    /// Exclusive queues were asked to go.
    deleting: bool,
    then: Then,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) enum Then {
    /// The client asked: close-ok.
    Answer,
    /// connection.close for an error.
    Send(Reply),
    /// The TCP connection is gone: nothing.
    End,
}

impl Connection {
    /// The client sent connection.close.
    pub(super) fn close_asked(&mut self, ctx: &mut Ctx<'_, '_>) {
        self.begin_closing(Then::Answer, ctx);
    }

    /// The TCP connection is over, or given up.
    pub(super) fn gone(&mut self, ctx: &mut Ctx<'_, '_>) {
        match &mut self.state {
            State::Open => self.begin_closing(Then::End, ctx),
            State::Closing(closing) => closing.then = Then::End,
            State::AwaitCloseOk => self.end(ctx),
        }
    }

    pub(super) fn begin_closing(&mut self, then: Then, ctx: &mut Ctx<'_, '_>) {
        if self.throttle.blocked.take().is_some() {
            // A close-ok has to be read; the publish that was half read is gone.
            ctx.env.read(self.conn, true);
        }
        ctx.disarm(PartTimer::HeartbeatCheck);
        self.channels.retain(|_, child| !child.failed);
        let children: Vec<(u16, u32)> = self
            .channels
            .iter()
            .map(|(number, child)| (*number, child.life))
            .collect();
        for (number, life) in &children {
            self.tell(*number, *life, ToChild::Stop, ctx);
        }
        let count = u64::try_from(children.len()).unwrap_or(1).max(1);
        ctx.arm_in(PartTimer::CloseWait, Span(CHANNEL_WAIT.0 * count));
        self.state = State::Closing(Closing {
            deleting: false,
            then,
        });
        self.go_on_closing(ctx);
    }

    pub(super) fn go_on_closing(&mut self, ctx: &mut Ctx<'_, '_>) {
        let State::Closing(closing) = &mut self.state else {
            return;
        };
        if self.channels.values().any(|child| !child.failed) {
            return;
        }
        if !closing.deleting {
            closing.deleting = true;
            for queue in &self.owned {
                let (if_unused, if_empty, token) = (false, false, 0);
                let delete = ToQueue::Delete {
                    if_unused,
                    if_empty,
                    token,
                };
                ctx.post(*queue, Signal::Queue(delete));
            }
        }
        if !self.owned.is_empty() {
            return;
        }
        let then = closing.then.clone();
        ctx.disarm(PartTimer::CloseWait);
        match then {
            Then::Answer => {
                self.send(0, Method::ConnectionCloseOk, ctx);
                ctx.env.close(self.conn);
                self.end(ctx);
            }
            Then::Send(reply) => {
                self.send(0, Method::ConnectionClose(reply), ctx);
                self.state = State::AwaitCloseOk;
                ctx.arm_in(PartTimer::CloseWait, CLOSE_OK_WAIT);
            }
            Then::End => self.end(ctx),
        }
    }

    /// While the connection closes, only these are looked at.
    pub(super) fn closing_method(&mut self, method: &Method, ctx: &mut Ctx<'_, '_>) {
        match (&self.state, method) {
            (State::AwaitCloseOk, Method::ConnectionCloseOk) => {
                ctx.env.close(self.conn);
                self.end(ctx);
            }
            (State::AwaitCloseOk, Method::ConnectionClose(_)) => {
                self.send(0, Method::ConnectionCloseOk, ctx);
                ctx.env.close(self.conn);
                self.end(ctx);
            }
            _ => {}
        }
    }

    /// Channels that did not end in time are killed; a client that does not answer is dropped.
    pub(super) fn waited_enough(&mut self, ctx: &mut Ctx<'_, '_>) {
        match self.state {
            State::Closing(_) => {
                self.kill_channels(ctx);
                self.owned.clear();
                self.go_on_closing(ctx);
            }
            State::AwaitCloseOk => {
                ctx.env.close(self.conn);
                self.end(ctx);
            }
            State::Open => {}
        }
    }

    fn kill_channels(&mut self, ctx: &mut Ctx<'_, '_>) {
        for (number, child) in std::mem::take(&mut self.channels) {
            let id = ChannelId {
                conn: self.conn.0,
                number,
                life: child.life,
            };
            ctx.end(Part::Channel(id), ENDED);
        }
    }

    /// The node is stopped in order: every client is told, and the connection ends at once.
    pub(super) fn forced(&mut self, ctx: &mut Ctx<'_, '_>) {
        let text = "broker forced connection closure with reason 'shutdown'";
        let reply = Reply::error(Code::ConnectionForced, text);
        let fact = Fact::ConnectionClosed {
            reply: reply.clone(),
        };
        ctx.env.note(fact);
        if self.state != State::AwaitCloseOk {
            self.send(0, Method::ConnectionClose(reply), ctx);
        }
        ctx.env.close(self.conn);
        self.end(ctx);
    }

    fn end(&mut self, ctx: &mut Ctx<'_, '_>) {
        self.kill_channels(ctx);
        let cluster = &mut *ctx.cluster;
        cluster.client_connections = cluster.client_connections.saturating_sub(1);
        let part = ctx.me.part;
        ctx.end(part, ENDED);
    }
}
