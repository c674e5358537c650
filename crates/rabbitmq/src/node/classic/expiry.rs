//! Time to live of messages and of the queue (reference 1.4, 3.3).

use super::ClassicQueue;
use super::outside::Outside;
use super::{ClassicTimer, Phase};
use crate::facts::GoneWhy;
use crate::message::DeathReason;
use ackscope_kernel::Span;

impl ClassicQueue {
    /// Lets go of expired messages at the head, and comes back when the new head expires. What has expired behind
    /// one that lives stays.
    pub(super) fn drop_expired(&mut self, out: &mut dyn Outside) {
        let now = out.now();
        while self
            .store
            .head()
            .is_some_and(|head| head.expiry.is_some_and(|at| at <= now))
        {
            let Some((seq, entry)) = self.store.take(false) else {
                break;
            };
            self.dead_letter(&entry.message, DeathReason::Expired, out);
            self.gone(&entry.message, seq, GoneWhy::Expired, out);
        }
        let Some(expiry) = self.store.head().and_then(|head| head.expiry) else {
            return;
        };
        // An armed timer that is early by no more than a millisecond will do; it always fires late rather than
        // early.
        if self.ttl_at.is_none_or(|at| expiry + Span(1000) < at) {
            let after = expiry.since(now).0.div_ceil(1000).saturating_mul(1000);
            out.arm_in(ClassicTimer::Ttl, Span(after));
            self.ttl_at = Some(expiry);
        }
    }

    /// Without consumers the queue lives `x-expires` longer from now: after a declare, a get, or the end of the
    /// last consumer.
    pub(super) fn renew(&mut self, out: &mut dyn Outside) {
        if self.phase == Phase::Live
            && let Some(span) = self.spec.expires
            && self.consumers.count() == 0
        {
            out.arm_in(ClassicTimer::Expires, span);
        }
    }
}
