//! Consumers, deliveries and their settlement (reference 4).

use super::outside::Outside;
use super::{ClassicQueue, Outgoing, Who};
use crate::facts::GoneWhy;
use crate::ids::Pid;
use crate::message::{DeathReason, Value};
use crate::node::queue_type::{ConsumeSpec, ToChannel};
use crate::reply::{Code, Reply};
use crate::signal::{Answer, Handed, Settle, Signal, Token};
use crate::system::Version;

impl ClassicQueue {
    /// Answers a call of a channel.
    pub(super) fn answer(to: Pid, token: Token, answer: Answer, out: &mut dyn Outside) {
        out.post(to, Signal::Channel(ToChannel::Answer { token, answer }));
    }

    pub(super) fn done(&self) -> Answer {
        Answer::Done {
            messages: u32::try_from(self.store.len()).unwrap_or(u32::MAX),
            consumers: self.consumers.count(),
        }
    }

    /// Puts a delivery into what leaves when this step is over.
    pub(super) fn hand(&mut self, who: Who, ack_required: bool, handed: Handed) {
        match self.outgoing.last_mut() {
            Some(last) if last.who == who && last.ack_required == ack_required => {
                last.messages.push(handed);
            }
            _ => self.outgoing.push(Outgoing {
                who,
                ack_required,
                messages: vec![handed],
            }),
        }
    }

    /// Hands out ready messages while somebody can take them.
    pub(super) fn run(&mut self, out: &mut dyn Outside) {
        while !self.store.is_empty() {
            let single = self.spec.single_active.then_some(self.active);
            let Some((who, ack_required)) = self.consumers.choose(single) else {
                break;
            };
            let Some(handed) = self.fetch(ack_required, out) else {
                break;
            };
            if ack_required {
                self.consumers.record(who.0, handed.id, Some(who.1));
            }
            self.hand(who, ack_required, handed);
        }
    }

    /// Takes the head, then looks whether the new head has expired.
    fn fetch(&mut self, ack_required: bool, out: &mut dyn Outside) -> Option<Handed> {
        let (seq, entry) = self.store.take(ack_required)?;
        if !ack_required {
            self.gone(&entry.message, seq, GoneWhy::Settled, out);
        }
        self.drop_expired(out);
        Some(Handed {
            queue: self.id,
            id: seq,
            redelivered: entry.redelivered,
            message: entry.message,
        })
    }

    /// basic.consume.
    pub(super) fn consume(&mut self, spec: &ConsumeSpec, out: &mut dyn Outside) {
        let who = (spec.channel, spec.tag);
        let refused = if self.spec.single_active {
            spec.exclusive
        } else {
            self.active.is_some() || (spec.exclusive && self.consumers.count() > 0)
        };
        if refused {
            let queue = out.text(self.id.name);
            let text = format!("queue '{queue}' in vhost '/' in exclusive use");
            let reply = Reply::new(Code::AccessRefused, text);
            Self::answer(spec.channel, spec.token, Answer::Refused(reply), out);
            return;
        }
        let priority = match spec.arguments.get("x-priority") {
            Some(Value::Int(priority)) => *priority,
            _ => 0,
        };
        self.watch(spec.channel, out);
        self.consumers
            .add(who, !spec.no_ack, spec.prefetch, priority);
        self.had_consumers = true;
        if spec.exclusive || (self.spec.single_active && self.active.is_none()) {
            self.active = Some(who);
        }
        Self::answer(spec.channel, spec.token, self.done(), out);
        self.run(out);
    }

    /// From now on the queue hears of the end of this channel.
    pub(super) fn watch(&mut self, channel: Pid, out: &mut dyn Outside) {
        if !self.consumers.knows(channel) {
            out.monitor(channel);
        }
    }

    /// basic.cancel. What the consumer has not settled stays with its channel.
    pub(super) fn cancel(&mut self, who: Who, token: Token, out: &mut dyn Outside) {
        Self::answer(who.0, token, self.done(), out);
        if !self.consumers.remove(who) {
            return;
        }
        let before = self.active;
        if self.active == Some(who) {
            self.active = self.next_active();
        }
        if self.should_auto_delete() {
            self.delete(None, out);
            return;
        }
        self.renew(out);
        // Before 4.0 a consumer that became the active one by this got nothing until something else happened.
        if self.active != before && out.version() >= Version::V4_0 {
            self.run(out);
        }
    }

    fn next_active(&self) -> Option<Who> {
        if self.spec.single_active {
            self.consumers.first()
        } else {
            None
        }
    }

    fn should_auto_delete(&self) -> bool {
        self.spec.auto_delete && self.had_consumers && self.consumers.count() == 0
    }

    /// basic.get.
    pub(super) fn get(&mut self, from: Pid, no_ack: bool, token: Token, out: &mut dyn Outside) {
        self.renew(out);
        let got = self.fetch(!no_ack, out).map(|handed| {
            if !no_ack {
                self.watch(from, out);
                self.consumers.record(from, handed.id, None);
            }
            let left = u32::try_from(self.store.len()).unwrap_or(u32::MAX);
            (handed, left)
        });
        out.post(from, Signal::Channel(ToChannel::Got { token, got }));
    }

    /// A channel settles deliveries. Numbers that it does not have are passed over.
    pub(super) fn settle(&mut self, from: Pid, ids: &[u64], how: Settle, out: &mut dyn Outside) {
        let (known, unblocked) = self.consumers.settle(from, ids);
        match how {
            Settle::Ack => self.end_all(&known, GoneWhy::Settled, None, out),
            Settle::Nack(false) | Settle::Reject(false) => {
                self.end_all(&known, GoneWhy::Rejected, Some(DeathReason::Rejected), out);
            }
            Settle::Nack(true) | Settle::Reject(true) => {
                if !known.is_empty() {
                    self.requeue(&known, out);
                }
            }
        }
        if unblocked {
            self.run(out);
        }
    }

    fn end_all(
        &mut self,
        seqs: &[u64],
        why: GoneWhy,
        death: Option<DeathReason>,
        out: &mut dyn Outside,
    ) {
        for seq in seqs {
            if let Some(entry) = self.store.ack(*seq) {
                if let Some(reason) = death {
                    self.dead_letter(&entry.message, reason, out);
                }
                self.gone(&entry.message, *seq, why, out);
            }
        }
    }

    /// Puts deliveries back to their old places and goes on handing out.
    fn requeue(&mut self, seqs: &[u64], out: &mut dyn Outside) {
        for seq in seqs {
            self.store.requeue(*seq);
        }
        self.drop_head(out);
        self.drop_expired(out);
        self.run(out);
    }

    /// A channel is gone, or cannot be reached: all that it held goes back.
    pub(super) fn channel_down(&mut self, channel: Pid, out: &mut dyn Outside) {
        self.taken.remove(&channel);
        let Some(left) = self.consumers.erase(channel) else {
            return;
        };
        if self.active.is_some_and(|who| who.0 == channel) {
            self.active = self.next_active();
        }
        if left.consumers > 0 && self.should_auto_delete() {
            self.delete(None, out);
            return;
        }
        self.renew(out);
        self.requeue(&left.unacked, out);
    }

    /// queue.declare of a queue that exists.
    pub(super) fn stat(&mut self, from: Pid, token: Token, out: &mut dyn Outside) {
        self.renew(out);
        Self::answer(from, token, self.done(), out);
    }

    /// queue.purge: unsettled deliveries stay.
    pub(super) fn purge(&mut self, from: Pid, token: Token, out: &mut dyn Outside) {
        let answer = self.done();
        while let Some((seq, entry)) = self.store.take(false) {
            self.gone(&entry.message, seq, GoneWhy::QueueGone, out);
        }
        Self::answer(from, token, answer, out);
    }
}
