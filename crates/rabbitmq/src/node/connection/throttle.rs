//! When a connection is not read: alarms, and channels that do not keep up (`control_throttle`; reference 2.8).
//!
//! A connection that has a reason to be throttled goes on until the header frame of its next publish. From then on
//! nothing is read, not even the body of that publish. A connection that only consumes is never touched.

use super::Connection;
use crate::amqp::Method;
use crate::ids::ChannelId;
use crate::node::ctx::Ctx;
use borsh::BorshSerialize;

/// Publishes that a reader may hand to a channel ahead (`credit_flow_default_credit`, initial).
pub(super) const FIRST_CREDIT: u32 = 400;
/// How many handled publishes a channel reports at a time (`credit_flow_default_credit`, more after).
pub(crate) const MORE_AFTER: u32 = 200;

/// Why and whether the connection is not read.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub(super) struct Throttle {
    /// An alarm is on.
    alarm: bool,
    /// The publish whose header was read since there was a reason, and its channel: nothing more is read.
    pub(super) blocked: Option<(u16, Method)>,
    /// The client was sent connection.blocked.
    told: bool,
}

impl Connection {
    fn reason(&self) -> bool {
        let starved = self.channels.values().any(|c| c.credit == 0 && !c.failed);
        self.throttle.alarm || starved
    }

    /// Whether a frame begins a publish that has to wait; then it does.
    pub(super) fn holds_back(
        &mut self,
        channel: u16,
        method: &Method,
        ctx: &mut Ctx<'_, '_>,
    ) -> bool {
        if !matches!(method, Method::Publish { .. }) || !self.reason() {
            return false;
        }
        self.throttle.blocked = Some((channel, method.clone()));
        ctx.env.read(self.conn, false);
        self.pause_pulse(ctx);
        self.tell_blocked(ctx);
        true
    }

    /// connection.blocked and connection.unblocked speak of alarms only, not of flow control.
    fn tell_blocked(&mut self, ctx: &mut Ctx<'_, '_>) {
        let blocked = self.throttle.blocked.is_some() && self.throttle.alarm;
        if blocked != self.throttle.told {
            self.throttle.told = blocked;
            if self.capabilities.blocked {
                let method = if blocked {
                    Method::ConnectionBlocked
                } else {
                    Method::ConnectionUnblocked
                };
                self.send(0, method, ctx);
            }
        }
    }

    /// Reads again when there is no reason not to.
    pub(super) fn unthrottle(&mut self, ctx: &mut Ctx<'_, '_>) {
        if self.reason() {
            return;
        }
        let held = self.throttle.blocked.take();
        self.tell_blocked(ctx);
        if let Some((channel, method)) = held {
            ctx.env.read(self.conn, true);
            self.resume_pulse(ctx);
            self.channel_method(channel, method, ctx);
        }
    }

    pub(super) fn alarms_changed(&mut self, ctx: &mut Ctx<'_, '_>) {
        self.throttle.alarm = ctx.cluster.alarmed();
        self.unthrottle(ctx);
    }

    pub(super) fn credit(&mut self, id: ChannelId, more: u32, ctx: &mut Ctx<'_, '_>) {
        if let Some(child) = self.known(id) {
            child.credit += more;
        }
        self.unthrottle(ctx);
    }
}
