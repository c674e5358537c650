//! The time-out of acknowledgements as channels keep it up to 4.2 (reference 4.6): looked at once a tick, and only
//! for the oldest delivery; too late is an error of the channel.

use super::Channel;
use crate::node::args::precondition;
use crate::node::ctx::Ctx;
use crate::node::image::QueueKind;
use crate::node::policy::Effective;
use crate::system::{PartTimer, Version};
use ackscope_kernel::Span;

impl Channel {
    pub(super) fn start_tick(&mut self, ctx: &mut Ctx<'_, '_>) {
        if ctx.version() < Version::V4_3 {
            let interval = ctx.params().channel.channel_tick_interval;
            ctx.arm_in(PartTimer::ChannelTick, millis(interval));
        }
    }

    pub(super) fn tick(&mut self, ctx: &mut Ctx<'_, '_>) {
        if let Some(timeout) = self.overdue(ctx) {
            let number = self.id.number;
            self.fail(
                precondition(format!(
                    "delivery acknowledgement on channel {number} timed out. Timeout value used: {timeout} ms. \
                     This timeout value can be configured, see consumers doc guide to learn more"
                )),
                ctx,
            );
            return;
        }
        self.start_tick(ctx);
    }

    /// The time-out that the oldest delivery has exceeded.
    fn overdue(&self, ctx: &Ctx<'_, '_>) -> Option<i64> {
        let (_, oldest) = self.unacked.first_key_value()?;
        let record = ctx.image.queue(oldest.queue);
        if record.is_some_and(|record| record.kind == QueueKind::Stream) {
            return None;
        }
        let global = ctx.params().node.consumer_timeout;
        // An argument or policy of the queue came with 3.12.
        let of_queue = record
            .filter(|_| ctx.version() >= Version::V3_13)
            .and_then(|record| {
                let settings = ctx.env.settings();
                Effective::of(ctx.image, settings, record).smaller("consumer-timeout")
            });
        let timeout = of_queue.unwrap_or(global);
        let late = ctx.env.now().since(oldest.at) > millis(timeout);
        late.then_some(timeout)
    }
}

fn millis(number: i64) -> Span {
    Span::ms(number)
}
