//! Publishes: limits, confirms, hand-over to a waiting consumer, and what is stored
//! (`rabbit_amqqueue_process:maybe_deliver_or_enqueue`; reference 2.3, 2.7).

use super::outside::Outside;
use super::{ClassicQueue, MessageId, Op, Overflow, disk};
use crate::facts::{Fact, GoneWhy};
use crate::ids::{Part, Pid};
use crate::message::{DeathReason, Message};
use crate::node::queue_type::{Delivery, ToChannel};
use crate::signal::{Handed, Signal};
use crate::system::Version;
use ackscope_kernel::{Span, Time};
use std::sync::Arc;

/// After so many publishes a channel gets as much credit again (`credit_flow_default_credit`).
pub(crate) const MORE_CREDIT_AFTER: u32 = 200;

/// The time to live that a message carries itself.
fn own_ttl(message: &Message) -> Option<Span> {
    let text = message.expiration.as_deref()?;
    text.parse::<u64>()
        .ok()
        .map(|ms| Span(ms.saturating_mul(1000)))
}

impl ClassicQueue {
    fn expiry(&self, message: &Message, now: Time) -> Option<Time> {
        let spans = [self.spec.ttl, own_ttl(message)];
        spans.into_iter().flatten().min().map(|span| now + span)
    }

    /// A publish arrives.
    pub(super) fn deliver(&mut self, delivery: Delivery, out: &mut dyn Outside) {
        self.give_credit(delivery.sender, out);
        if self.told.remove(&MessageId::of(&delivery.message)) {
            // The master that this process mirrored before had told of it.
            return;
        }
        self.deliver_new(delivery, out);
    }

    /// A publish that this queue has not seen.
    pub(super) fn deliver_new(&mut self, delivery: Delivery, out: &mut dyn Outside) {
        let size = u64::from(delivery.message.size);
        let over = self
            .spec
            .over(self.store.len() + 1, self.store.ready_bytes() + size);
        if over && self.spec.overflow != Overflow::DropHead {
            if self.spec.overflow == Overflow::RejectPublishDlx {
                self.dead_letter(&delivery.message, DeathReason::MaxLen, out);
            }
            if let Some(seq) = delivery.seq {
                let rejected = ToChannel::Rejected {
                    queue: self.id,
                    seqs: vec![seq],
                };
                out.post(delivery.sender, Signal::Channel(rejected));
            }
            self.tell_passed(&delivery.message, None, out);
            return;
        }
        let kept = self.spec.durable && delivery.message.persistent;
        let confirm = delivery.seq.map(|seq| (delivery.sender, seq));
        if let (Some((sender, seq)), false) = (confirm, kept) {
            self.confirm(sender, seq);
        }
        self.deliver_or_enqueue(delivery.message, confirm, out);
    }

    /// The channel may go on publishing.
    pub(super) fn give_credit(&mut self, sender: Pid, out: &mut dyn Outside) {
        if !matches!(sender.part, Part::Channel(_)) {
            return;
        }
        let taken = self.taken.entry(sender).or_default();
        *taken += 1;
        if *taken >= MORE_CREDIT_AFTER {
            *taken = 0;
            let credit = ToChannel::Credit {
                queue: self.id,
                more: MORE_CREDIT_AFTER,
            };
            out.post(sender, Signal::Channel(credit));
        }
    }

    /// A publisher hears that its message is safe, with all of this step.
    pub(super) fn confirm(&mut self, sender: Pid, seq: u64) {
        self.confirmed.entry(sender).or_default().push(seq);
    }

    /// Hands a new message to a consumer that waits, or stores it. `confirm`: who hears of it; what is not kept is
    /// confirmed already.
    fn deliver_or_enqueue(
        &mut self,
        message: Arc<Message>,
        confirm: Option<(Pid, u64)>,
        out: &mut dyn Outside,
    ) {
        let now = out.now();
        let kept = self.spec.durable && message.persistent;
        let class = self.spec.class(message.priority);
        let expiry = self.expiry(&message, now);
        let entry = disk::entry(message.clone(), expiry, kept, class);
        let all = confirm;
        let confirm = confirm.filter(|_| kept);
        let single = self.spec.single_active.then_some(self.active);
        if let Some((who, ack_required)) = self.consumers.choose(single) {
            // Up to 3.13 the process asserts that nothing is ready when it hands a message over. A consumer that
            // became the active one by a cancel was never offered what is.
            if ack_required && !self.store.is_empty() && out.version() < Version::V4_0 {
                self.doomed = true;
                return;
            }
            let seq = if ack_required {
                let seq = self.store.push_delivered(entry.clone());
                self.tell_stored(seq, &entry, all, out);
                self.consumers.record(who.0, seq, Some(who.1));
                if let Some(confirm) = confirm {
                    self.awaiting.insert(seq, confirm);
                }
                self.note_stored(&message, seq, out);
                seq
            } else {
                if let Some((sender, number)) = confirm {
                    self.confirm(sender, number);
                }
                let seq = self.store.pass();
                self.tell_passed(&message, all, out);
                self.note_stored(&message, seq, out);
                self.note_gone(&message, seq, GoneWhy::Settled, out);
                seq
            };
            let handed = Handed {
                queue: self.id,
                id: seq,
                redelivered: false,
                message,
            };
            self.hand(who, ack_required, handed);
            return;
        }
        if self.spec.ttl == Some(Span(0)) && self.spec.dlx.is_none() {
            if let Some((sender, number)) = confirm {
                self.confirm(sender, number);
            }
            let seq = self.store.pass();
            self.tell_passed(&message, all, out);
            self.note_stored(&message, seq, out);
            self.note_gone(&message, seq, GoneWhy::Expired, out);
            return;
        }
        let seq = self.store.push(entry.clone());
        self.tell_stored(seq, &entry, all, out);
        if let Some(confirm) = confirm {
            self.awaiting.insert(seq, confirm);
        }
        self.note_stored(&message, seq, out);
        let dropped = self.drop_head(out);
        let became_head = self.store.len() == 1;
        if (dropped || became_head) && (!dropped || !became_head || expiry.is_some()) {
            self.drop_expired(out);
        }
    }

    /// Lets the head give way while the queue is over its limit. Whether anything went.
    pub(super) fn drop_head(&mut self, out: &mut dyn Outside) -> bool {
        let mut dropped = false;
        if self.spec.overflow != Overflow::DropHead {
            return false;
        }
        while self.spec.over(self.store.len(), self.store.ready_bytes()) {
            let Some((seq, entry)) = self.store.take(false) else {
                break;
            };
            dropped = true;
            self.dead_letter(&entry.message, DeathReason::MaxLen, out);
            self.gone(&entry.message, seq, GoneWhy::MaxLen, out);
        }
        dropped
    }

    /// A message of this queue is gone. If its publisher waits for a write, there is nothing left to wait for.
    pub(super) fn gone(
        &mut self,
        message: &Message,
        seq: u64,
        why: GoneWhy,
        out: &mut dyn Outside,
    ) {
        if let Some((sender, number)) = self.awaiting.remove(&seq) {
            self.confirm(sender, number);
        }
        if !self.group.mirrors().is_empty() {
            let class = self.spec.class(message.priority);
            self.tell_mirrors(&Op::Gone { seq, class, why }, out);
        }
        self.note_gone(message, seq, why, out);
    }

    pub(super) fn note_stored(&self, message: &Message, seq: u64, out: &mut dyn Outside) {
        let me = out.me();
        out.note(Fact::Stored {
            key: message.key,
            queue: self.id,
            copy: ClassicQueue::copy(self.id, me.part, me.node, seq),
            written: false,
        });
    }

    pub(super) fn note_gone(
        &self,
        message: &Message,
        seq: u64,
        why: GoneWhy,
        out: &mut dyn Outside,
    ) {
        let me = out.me();
        out.note(Fact::Gone {
            key: message.key,
            queue: self.id,
            copy: ClassicQueue::copy(self.id, me.part, me.node, seq),
            why,
        });
    }
}
