//! Heartbeats (`rabbit_heartbeat`; reference 1.1, 13.17).
//!
//! One is sent every half interval. The client counts as gone when two whole intervals in a row have passed
//! without a byte from it, looked at once in an interval: after between two and three of them.

use super::{Connection, State};
use crate::amqp::Method;
use crate::node::ctx::Ctx;
use crate::system::PartTimer;
use ackscope_kernel::Span;
use borsh::BorshSerialize;

/// What was heard of the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize)]
pub(super) struct Pulse {
    heard: bool,
    missed: bool,
}

/// If either side says none the larger one counts, else the smaller.
pub(super) fn negotiate(server: Span, client: Span) -> Span {
    if server == Span(0) || client == Span(0) {
        server.max(client)
    } else {
        server.min(client)
    }
}

impl Connection {
    pub(super) fn start_heartbeats(&mut self, ctx: &mut Ctx<'_, '_>) {
        if self.heartbeat > Span(0) {
            ctx.arm_in(PartTimer::HeartbeatSend, Span(self.heartbeat.0 / 2));
            ctx.arm_in(PartTimer::HeartbeatCheck, self.heartbeat);
        }
    }

    pub(super) fn heard(&mut self) {
        self.pulse.heard = true;
    }

    pub(super) fn beat(&mut self, ctx: &mut Ctx<'_, '_>) {
        self.send(0, Method::Heartbeat, ctx);
        ctx.arm_in(PartTimer::HeartbeatSend, Span(self.heartbeat.0 / 2));
    }

    /// While the connection is blocked nothing is read, and nothing is expected.
    pub(super) fn pause_pulse(&mut self, ctx: &mut Ctx<'_, '_>) {
        ctx.disarm(PartTimer::HeartbeatCheck);
    }

    pub(super) fn resume_pulse(&mut self, ctx: &mut Ctx<'_, '_>) {
        self.pulse = Pulse::default();
        if self.heartbeat > Span(0) {
            ctx.arm_in(PartTimer::HeartbeatCheck, self.heartbeat);
        }
    }

    pub(super) fn check_pulse(&mut self, ctx: &mut Ctx<'_, '_>) {
        let heard = std::mem::take(&mut self.pulse.heard);
        if !heard && self.pulse.missed {
            // The socket is closed without a word (`heartbeat_timeout`).
            ctx.env.abort(self.conn);
            self.gone(ctx);
            return;
        }
        self.pulse.missed = !heard;
        if self.state != State::AwaitCloseOk {
            ctx.arm_in(PartTimer::HeartbeatCheck, self.heartbeat);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_of_one_side_is_the_wish_of_the_other() {
        let (two, ten) = (Span::secs(2), Span::secs(10));
        assert_eq!(negotiate(ten, two), two);
        assert_eq!(negotiate(two, ten), two);
        assert_eq!(negotiate(ten, Span(0)), ten);
        assert_eq!(negotiate(Span(0), two), two);
        assert_eq!(negotiate(Span(0), Span(0)), Span(0));
    }
}
