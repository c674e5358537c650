//! Deliveries and what becomes of them: settled, given back, rejected.

use super::{Consumer, Effect, Fifo, Held, Key, Msg, RetryKind, Run, State, Who};
use crate::facts::GoneWhy;
use crate::message::DeathReason;
use crate::system::Version;
use ackscope_kernel::{Span, Time};

impl Consumer {
    /// It may get a message now.
    fn ready(&self) -> bool {
        self.state == State::Up && self.held == Held::No && self.credit > 0
    }

    fn add_credit(&mut self, count: u32) {
        if !self.once {
            self.credit = self.prefetch.min(self.credit.saturating_add(count));
        }
    }
}

impl Fifo {
    /// The consumer that a client means. Where it has none any more, a late answer of one that was timed out
    /// and waits counts for that one (4.3).
    pub(super) fn known(&mut self, who: Who, ids: &[u64], run: &mut Run) -> Option<Key> {
        if let Some(key) = self.find(who) {
            return Some(key);
        }
        let place = self.waiting.iter().position(|(key, c)| match who {
            Who::Key(wanted) => *key == wanted,
            Who::Tag(pid, tag) => c.pid == pid && c.tag == tag,
        })?;
        let (_, consumer) = &mut self.waiting[place];
        if consumer.held == Held::TimedOut {
            consumer.timed_out.retain(|id| !ids.contains(id));
            if consumer.timed_out.is_empty() {
                consumer.held = Held::No;
                self.sort_waiting();
                self.activate_next(run);
            }
        }
        None
    }

    pub(super) fn find(&self, who: Who) -> Option<Key> {
        match who {
            Who::Key(key) => self.consumers.contains_key(&key).then_some(key),
            Who::Tag(pid, tag) => {
                let mut all = self.consumers.iter();
                all.find(|(_, c)| c.pid == pid && c.tag == tag)
                    .map(|(key, _)| *key)
            }
        }
    }

    /// A late answer of a timed-out consumer makes it active again once nothing is left that it missed (13.4).
    fn maybe_active_again(&mut self, key: Key, ids: &[u64]) {
        if let Some(consumer) = self.consumers.get_mut(&key)
            && consumer.held == Held::TimedOut
        {
            consumer.timed_out.retain(|id| !ids.contains(id));
            if consumer.timed_out.is_empty() {
                consumer.held = Held::No;
            }
        }
    }

    /// Settled for good.
    pub(super) fn settle(&mut self, key: Key, ids: &[u64], run: &mut Run) {
        self.maybe_active_again(key, ids);
        self.complete(key, ids, Some(GoneWhy::Settled), run);
        self.activate_next(run);
    }

    /// Takes deliveries from a consumer; they are gone if `why` says so.
    fn complete(&mut self, key: Key, ids: &[u64], why: Option<GoneWhy>, run: &mut Run) {
        let Some(consumer) = self.consumers.get_mut(&key) else {
            return;
        };
        let mut count = 0;
        for id in ids {
            if let Some((msg, _)) = consumer.out.remove(id) {
                count += 1;
                if let Some(why) = why {
                    run.fx.push(Effect::Gone(msg, why));
                }
            }
        }
        consumer.add_credit(count);
        self.queue_or_remove(key, run);
    }

    /// Rejected without requeue. `failed`: the delivery counts as a failure (basic.reject; 4.3).
    pub(super) fn discard(&mut self, key: Key, ids: &[u64], failed: bool, run: &mut Run) {
        let mut dead = Vec::new();
        if let Some(consumer) = self.consumers.get(&key) {
            for id in ids {
                if let Some((msg, _)) = consumer.out.get(id) {
                    dead.push(counted(msg.clone(), failed));
                }
            }
        }
        self.die(dead, DeathReason::Rejected, run);
        self.maybe_active_again(key, ids);
        self.complete(key, ids, None, run);
        self.activate_next(run);
    }

    /// Given back by the client.
    pub(super) fn give_back(&mut self, key: Key, ids: &[u64], failed: bool, run: &mut Run) {
        self.maybe_active_again(key, ids);
        let failed = failed || !self.new_rules();
        // Without a delivery limit older versions put what a client gives back at the end (reference 3.5, 13.14).
        let to_the_end = !self.new_rules() && self.config.limit.is_none();
        for id in ids {
            self.return_one(key, *id, failed, to_the_end, run);
        }
        self.queue_or_remove(key, run);
        self.activate_next(run);
    }

    /// Everything that a consumer holds goes back, in the order of delivery.
    pub(super) fn return_all(&mut self, key: Key, failed: bool, run: &mut Run) {
        let ids: Vec<u64> = match self.consumers.get(&key) {
            Some(consumer) => consumer.out.keys().copied().collect(),
            None => return,
        };
        for id in ids {
            self.return_one(key, id, failed || !self.new_rules(), false, run);
        }
    }

    pub(super) fn return_one(
        &mut self,
        key: Key,
        id: u64,
        failed: bool,
        to_the_end: bool,
        run: &mut Run,
    ) {
        let Some(consumer) = self.consumers.get_mut(&key) else {
            return;
        };
        let Some((msg, _)) = consumer.out.remove(&id) else {
            return;
        };
        consumer.add_credit(1);
        let msg = counted(msg, failed);
        if self.config.limit.is_some_and(|limit| msg.failed > limit) {
            self.die(vec![msg], DeathReason::DeliveryLimit, run);
            return;
        }
        if let Some(at) = self.delay(&msg, failed) {
            self.delayed.insert((at, msg.index), msg);
            return;
        }
        self.bytes += msg.size();
        if to_the_end {
            self.ready.push(msg, self.version);
        } else {
            self.returns.push_back(msg);
        }
    }

    /// Until when it waits before it is ready again (4.3).
    fn delay(&self, msg: &Msg, failed: bool) -> Option<Time> {
        let retry = self.config.retry.filter(|_| self.new_rules())?;
        let waits = match retry.kind {
            RetryKind::All => true,
            RetryKind::Failed => failed,
            RetryKind::Returned => !failed,
        };
        let times = u64::from(msg.failed.max(1));
        let span = Span(retry.min.0.saturating_mul(times)).min(retry.max);
        waits.then(|| self.last_time + span)
    }

    /// A consumer with credit stands in the line; one that is done goes.
    pub(super) fn queue_or_remove(&mut self, key: Key, run: &mut Run) {
        let Some(consumer) = self.consumers.get_mut(&key) else {
            return;
        };
        if consumer.once && consumer.credit == 0 {
            if consumer.out.is_empty() {
                self.consumers.remove(&key);
                self.last_active = run.now;
            }
            return;
        }
        if consumer.state == State::Quiescing && consumer.out.is_empty() {
            consumer.state = State::Up;
            if let Some(consumer) = self.consumers.remove(&key) {
                self.add_waiting(key, consumer);
            }
            return;
        }
        if consumer.ready() {
            let priority = consumer.priority;
            self.stand_in_line(key, priority);
        }
    }

    pub(super) fn stand_in_line(&mut self, key: Key, priority: i64) {
        if !self.service.iter().any(|(_, other)| *other == key) {
            self.service.push((priority, key));
        }
    }

    /// The place in the line of the consumer to be served next: the first of the highest priority.
    fn first_in_line(&self) -> Option<usize> {
        let highest = self.service.iter().map(|(priority, _)| *priority).max()?;
        self.service.iter().position(|(p, _)| *p == highest)
    }

    /// Hands out what can be handed out.
    pub(super) fn checkout(&mut self, run: &mut Run) {
        let mut given: Vec<(Key, Vec<(u64, Msg)>)> = Vec::new();
        loop {
            self.expire(run);
            let Some(place) = self.first_in_line() else {
                break;
            };
            let key = self.service[place].1;
            let Some(consumer) = self.consumers.get(&key) else {
                self.service.remove(place);
                continue;
            };
            let ready = consumer.ready();
            if self.peek_next().is_none() {
                break;
            }
            self.service.remove(place);
            if !ready {
                continue;
            }
            let Some(msg) = self.take_next() else {
                break;
            };
            let Some(consumer) = self.consumers.get_mut(&key) else {
                break;
            };
            let id = consumer.next;
            consumer.next += 1;
            consumer.credit -= 1;
            let by = run.now + consumer.timeout;
            consumer.out.insert(id, (msg.clone(), by));
            match given.iter_mut().find(|(k, _)| *k == key) {
                Some((_, list)) => list.push((id, msg)),
                None => given.push((key, vec![(id, msg)])),
            }
            self.queue_or_remove(key, run);
        }
        for (key, list) in given {
            if let Some(consumer) = self.consumers.get(&key) {
                run.fx
                    .push(Effect::Deliver(consumer.pid, consumer.tag, list));
            }
        }
    }

    /// What the headers of a delivery say: (redelivered, `x-delivery-count`, `x-acquired-count`). `get`: by
    /// basic.get, which in 3.10 counts from zero.
    #[must_use]
    pub fn headers(version: Version, msg: &Msg, get: bool) -> (bool, Option<u32>, Option<u32>) {
        let some = |n: u32| (n > 0).then_some(n);
        match version {
            Version::V3_10 if get => (msg.failed > 0, Some(msg.failed), None),
            Version::V3_10 | Version::V3_13 => (msg.failed > 0, some(msg.failed), None),
            Version::V4_0 | Version::V4_2 => (msg.acquired > 0, some(msg.acquired), None),
            Version::V4_3 => (msg.acquired > 0, some(msg.failed), some(msg.acquired)),
        }
    }
}

/// A message that came back.
fn counted(mut msg: Msg, failed: bool) -> Msg {
    msg.acquired = msg.acquired.saturating_add(1);
    if failed {
        msg.failed = msg.failed.saturating_add(1);
    }
    msg
}
