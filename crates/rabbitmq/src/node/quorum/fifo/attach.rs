//! Consumers come and go; the single active one and those that wait for its place.

use super::{Attach, Consumer, Effect, Fifo, Held, Key, Msg, Reply, Run, State, Who};
use crate::facts::GoneWhy;
use crate::ids::{Name, Pid};
use ackscope_kernel::Span;
use std::collections::BTreeMap;

impl Fifo {
    fn consumer(attach: &Attach) -> Consumer {
        Consumer {
            pid: attach.pid,
            tag: attach.tag,
            priority: attach.priority,
            prefetch: attach.prefetch,
            once: false,
            credit: attach.prefetch,
            state: State::Up,
            held: Held::No,
            next: 0,
            out: BTreeMap::new(),
            timed_out: Vec::new(),
            timeout: attach.timeout,
        }
    }

    /// basic.consume. A consumer that was cancelled and still holds messages lives on under the same tag.
    pub(super) fn attach(&mut self, attach: &Attach, run: &mut Run) -> Reply {
        let known = self.find(Who::Tag(attach.pid, attach.tag));
        let waits = self
            .waiting
            .iter()
            .find(|(_, c)| c.pid == attach.pid && c.tag == attach.tag)
            .map(|(key, _)| *key);
        let key = known.or(waits).unwrap_or(run.index);
        let active = self.active();
        let merge = match (self.config.single_active, active) {
            (false, _) | (true, None) => known.is_some(),
            (true, Some(active)) => active == key,
        };
        if merge && let Some(consumer) = self.consumers.get_mut(&key) {
            consumer.priority = attach.priority;
            consumer.prefetch = attach.prefetch;
            consumer.once = false;
            consumer.state = State::Up;
            consumer.held = Held::No;
            let out = u32::try_from(consumer.out.len()).unwrap_or(u32::MAX);
            consumer.credit = attach.prefetch.saturating_sub(out);
            self.queue_or_remove(key, run);
        } else if self.config.single_active {
            self.add_waiting(key, Self::consumer(attach));
        } else {
            self.consumers.insert(key, Self::consumer(attach));
            self.queue_or_remove(key, run);
        }
        self.activate_next(run);
        run.fx.push(Effect::Monitor(attach.pid));
        let consumer = self.consumers.get(&key).or_else(|| {
            let mut waiting = self.waiting.iter();
            waiting.find(|(k, _)| *k == key).map(|(_, c)| c)
        });
        Reply::Attached {
            next: consumer.map_or(0, |c| c.next),
            held: consumer.map_or(0, |c| u32::try_from(c.out.len()).unwrap_or(u32::MAX)),
        }
    }

    /// basic.cancel: what it holds stays with it until it is settled.
    pub(super) fn cancel(&mut self, pid: Pid, tag: Name, run: &mut Run) -> bool {
        if let Some(key) = self.find(Who::Tag(pid, tag)) {
            if let Some(consumer) = self.consumers.get_mut(&key) {
                consumer.once = true;
                consumer.credit = 0;
                consumer.state = State::Cancelled;
                consumer.held = Held::No;
            }
            self.queue_or_remove(key, run);
            self.activate_next(run);
            return true;
        }
        let before = self.waiting.len();
        self.waiting.retain(|(_, c)| c.pid != pid || c.tag != tag);
        self.waiting.len() < before
    }

    /// basic.get.
    pub(super) fn get(&mut self, pid: Pid, no_ack: bool, timeout: Span, run: &mut Run) -> Reply {
        if self.config.single_active {
            return Reply::SingleActive;
        }
        self.last_active = run.now;
        self.expire(run);
        let Some(msg) = self.take_next() else {
            return Reply::Empty;
        };
        let left = u32::try_from(self.ready()).unwrap_or(u32::MAX);
        if no_ack {
            run.fx.push(Effect::Gone(msg.clone(), GoneWhy::Settled));
            return Reply::Got {
                key: None,
                msg,
                left,
            };
        }
        let by = run.now + timeout;
        let consumer = Consumer {
            pid,
            tag: Name::EMPTY,
            priority: 0,
            prefetch: 1,
            once: true,
            credit: 0,
            state: State::Up,
            held: Held::No,
            next: 1,
            out: BTreeMap::from([(0, (msg.clone(), by))]),
            timed_out: Vec::new(),
            timeout,
        };
        self.consumers.insert(run.index, consumer);
        run.fx.push(Effect::Monitor(pid));
        Reply::Got {
            key: Some(run.index),
            msg,
            left,
        }
    }

    /// The consumer that holds the place of the single active one.
    pub(super) fn active(&self) -> Option<Key> {
        let holds = |(_, c): &(&Key, &Consumer)| {
            c.state != State::Cancelled && c.held != Held::TimedOut && !c.tag.is_empty()
        };
        let known = self.consumers.iter().find(holds).map(|(key, _)| *key);
        if self.new_rules() {
            return known;
        }
        let up = |c: &Consumer| c.held == Held::No;
        known.filter(|key| self.consumers.get(key).is_some_and(up))
    }

    pub(super) fn add_waiting(&mut self, key: Key, consumer: Consumer) {
        self.waiting.retain(|(other, _)| *other != key);
        self.waiting.push((key, consumer));
        self.sort_waiting();
    }

    /// Those that can take over first; among them by priority (4.x), then by age.
    pub(super) fn sort_waiting(&mut self) {
        let by_priority = self.version >= crate::system::Version::V4_0;
        self.waiting.sort_by_key(|(key, c)| {
            let up = c.state == State::Up && c.held == Held::No;
            let priority = if by_priority { c.priority } else { 0 };
            (!up, std::cmp::Reverse(priority), *key)
        });
    }

    /// Gives the place of the single active consumer to the next one where it is free, or where one of higher
    /// priority waits and the present one holds nothing (4.x).
    pub(super) fn activate_next(&mut self, run: &mut Run) {
        if !self.config.single_active {
            return;
        }
        let Some((_, next)) = self.waiting.first() else {
            return;
        };
        if next.state != State::Up || next.held != Held::No {
            return;
        }
        let wanted = next.priority;
        if let Some(active) = self.active() {
            let by_priority = self.version >= crate::system::Version::V4_0;
            let Some(consumer) = self.consumers.get_mut(&active) else {
                return;
            };
            if !by_priority || wanted <= consumer.priority {
                return;
            }
            if !consumer.out.is_empty() {
                consumer.state = State::Quiescing;
                return;
            }
            if let Some(consumer) = self.consumers.remove(&active) {
                self.take_place(run);
                self.add_waiting(active, consumer);
            }
            return;
        }
        self.take_place(run);
    }

    fn take_place(&mut self, run: &mut Run) {
        let (key, consumer) = self.waiting.remove(0);
        self.consumers.insert(key, consumer);
        self.queue_or_remove(key, run);
    }

    /// Everything that this process had: its consumers go, what they held comes back.
    pub(super) fn remove_consumers(&mut self, pid: Pid, run: &mut Run) {
        self.waiting.retain(|(_, c)| c.pid != pid);
        let gone: Vec<Key> = self
            .consumers
            .iter()
            .filter(|(_, c)| c.pid == pid)
            .map(|(key, _)| *key)
            .collect();
        for key in gone {
            self.return_all(key, true, run);
            self.consumers.remove(&key);
            self.last_active = run.now;
        }
    }

    /// What a consumer holds.
    #[must_use]
    pub fn held_by(&self, pid: Pid, tag: Name) -> Vec<(u64, Msg)> {
        let key = self.find(Who::Tag(pid, tag));
        let consumer = key.and_then(|key| self.consumers.get(&key));
        consumer.map_or_else(Vec::new, |c| {
            let out = c.out.iter();
            out.map(|(id, (msg, _))| (*id, msg.clone())).collect()
        })
    }
}

impl Name {
    /// Whether it is the empty name.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Name::EMPTY
    }
}
