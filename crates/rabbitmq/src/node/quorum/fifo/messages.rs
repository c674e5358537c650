//! Messages of a quorum queue: what is known of each, ready ones by priority, expiry at the head.

use super::{Effect, Fifo, Run};
use crate::facts::GoneWhy;
use crate::ids::Pid;
use crate::message::{DeathReason, Message};
use crate::system::Version;
use ackscope_kernel::{Seq, Span, Time};
use borsh::BorshSerialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A message in a quorum queue.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Msg {
    /// The index of the entry that brought it.
    pub index: u64,
    /// The message as published.
    pub message: Arc<Message>,
    /// When it expires.
    pub expiry: Option<Time>,
    /// How often it was given to a consumer and came back.
    pub acquired: u32,
    /// How often that counted as a failure: what the delivery limit goes by.
    pub failed: u32,
}

impl Msg {
    /// Bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        u64::from(self.message.size)
    }

    fn expired(&self, now: Time) -> bool {
        self.expiry.is_some_and(|at| now >= at)
    }
}

/// The priority of a message without one (4.3).
const DEFAULT: u8 = 4;

/// The highest priority (4.3).
const HIGHEST: u8 = 31;

/// Ready messages that were never given to anybody, by priority.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub struct Ready {
    levels: BTreeMap<u8, Seq<Msg>>,
    /// 4.0 to 4.2: counts to two between the turns of the low class.
    turn: u8,
}

/// How the levels are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// One queue.
    One,
    /// Two high ones, then a low one.
    TwoToOne,
    /// The highest first.
    Strict,
}

fn rule(version: Version) -> Rule {
    match version {
        Version::V3_10 | Version::V3_13 => Rule::One,
        Version::V4_0 | Version::V4_2 => Rule::TwoToOne,
        Version::V4_3 => Rule::Strict,
    }
}

fn level(message: &Message, version: Version) -> u8 {
    match rule(version) {
        Rule::One => 0,
        Rule::TwoToOne => u8::from(message.priority.unwrap_or(DEFAULT) > DEFAULT),
        Rule::Strict => message.priority.unwrap_or(DEFAULT).min(HIGHEST),
    }
}

impl Ready {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.levels.values().map(|level| level.len() as u64).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, by level.
    pub fn iter(&self) -> impl Iterator<Item = &Msg> {
        self.levels.values().rev().flat_map(|level| level.iter())
    }

    /// Puts one at the end of its level.
    pub(super) fn push(&mut self, msg: Msg, version: Version) {
        let level = level(&msg.message, version);
        self.levels.entry(level).or_default().push_back(msg);
    }

    /// The level whose turn it is.
    fn next(&self, version: Version) -> Option<u8> {
        let filled = |(level, queue): (&u8, &Seq<Msg>)| (!queue.is_empty()).then_some(*level);
        let highest = self.levels.iter().rev().find_map(filled)?;
        if rule(version) == Rule::TwoToOne && self.turn == 2 && highest == 1 {
            let index = |level: u8| {
                let queue = self.levels.get(&level)?;
                queue.front().map(|msg| msg.index)
            };
            // The low class has its turn, unless the high one is older anyway.
            if let (Some(high), Some(low)) = (index(1), index(0))
                && low < high
            {
                return Some(0);
            }
        }
        Some(highest)
    }

    /// The next one.
    pub(super) fn peek(&self, version: Version) -> Option<&Msg> {
        self.levels.get(&self.next(version)?)?.front()
    }

    /// Takes the next one.
    pub(super) fn pop(&mut self, version: Version) -> Option<Msg> {
        let level = self.next(version)?;
        self.turn = if self.turn == 2 { 0 } else { self.turn + 1 };
        self.levels.get_mut(&level)?.pop_front()
    }

    /// The heads of all levels.
    fn heads(&self) -> impl Iterator<Item = &Msg> {
        self.levels.values().filter_map(|level| level.front())
    }

    /// Takes what has expired at the head of every level.
    fn take_expired(&mut self, now: Time) -> Vec<Msg> {
        let mut gone = Vec::new();
        for level in self.levels.values_mut() {
            while level.front().is_some_and(|msg| msg.expired(now)) {
                gone.extend(level.pop_front());
            }
        }
        gone
    }
}

impl Fifo {
    /// The next message to be delivered: what was given back goes first.
    pub(super) fn peek_next(&self) -> Option<&Msg> {
        self.returns
            .front()
            .or_else(|| self.ready.peek(self.version))
    }

    /// Takes it.
    pub(super) fn take_next(&mut self) -> Option<Msg> {
        let msg = match self.returns.pop_front() {
            Some(msg) => Some(msg),
            None => self.ready.pop(self.version),
        }?;
        self.bytes = self.bytes.saturating_sub(msg.size());
        Some(msg)
    }

    /// Registers a publisher.
    pub(super) fn register(&mut self, pid: Pid, run: &mut Run) -> super::Reply {
        self.enqueuers.entry(pid).or_insert(super::Enqueuer {
            next: 1,
            blocked: false,
            suspected: false,
        });
        run.fx.push(Effect::Monitor(pid));
        if self.config.rejects() && self.over_limit() {
            super::Reply::RejectPublish
        } else {
            super::Reply::Ok
        }
    }

    /// Takes a publish. False: it was not the one expected next, and nothing changed.
    pub(super) fn enqueue(
        &mut self,
        from: Option<(Pid, u64)>,
        message: &Arc<Message>,
        run: &mut Run,
    ) -> bool {
        if let Some((pid, number)) = from {
            if !self.enqueuers.contains_key(&pid) {
                run.fx.push(Effect::Monitor(pid));
            }
            let enqueuer = self.enqueuers.entry(pid).or_insert(super::Enqueuer {
                next: 1,
                blocked: false,
                suspected: false,
            });
            if number != enqueuer.next {
                return false;
            }
            enqueuer.next += 1;
        }
        let own = message
            .expiration
            .as_ref()
            .and_then(|text| text.parse::<u64>().ok())
            .map(|ms| Span(ms.saturating_mul(1_000)));
        let ttl = match (self.config.ttl, own) {
            (Some(queue), Some(own)) => Some(queue.min(own)),
            (queue, own) => queue.or(own),
        };
        // A time to live of zero is a millisecond.
        let expiry = ttl.map(|ttl| run.now + ttl.max(Span(1_000)));
        // A copy that died of failures elsewhere brings their count along (13.14).
        let failed = if self.new_rules() {
            message.delivery_count.unwrap_or(0)
        } else {
            0
        };
        let msg = Msg {
            index: run.index,
            message: Arc::clone(message),
            expiry,
            acquired: failed,
            failed,
        };
        self.bytes += msg.size();
        self.ready.push(msg, self.version);
        true
    }

    /// Removes what has expired from the head, before anything is delivered.
    pub(super) fn expire(&mut self, run: &mut Run) {
        if !self.peek_next().is_some_and(|msg| msg.expired(run.now)) {
            return;
        }
        if self.new_rules() {
            self.expire_heads(run);
            return;
        }
        while self.peek_next().is_some_and(|msg| msg.expired(run.now)) {
            if let Some(msg) = self.take_next() {
                self.die(vec![msg], DeathReason::Expired, run);
            }
        }
    }

    fn expire_heads(&mut self, run: &mut Run) {
        let mut gone = Vec::new();
        while self.returns.front().is_some_and(|m| m.expired(run.now)) {
            gone.extend(self.returns.pop_front());
        }
        gone.extend(self.ready.take_expired(run.now));
        for msg in &gone {
            self.bytes = self.bytes.saturating_sub(msg.size());
        }
        self.die(gone, DeathReason::Expired, run);
    }

    /// The timer of the messages: delayed ones that are due become ready, expired ones go.
    pub(super) fn promote_and_expire(&mut self, run: &mut Run) {
        while let Some(entry) = self.delayed.first_entry() {
            if entry.key().0 > run.now {
                break;
            }
            let msg = entry.remove();
            self.returns.push_back(msg);
        }
        if self.new_rules() {
            self.expire_heads(run);
        }
    }

    /// When the timer of the messages is due next.
    pub(super) fn next_clock(&self) -> Option<Time> {
        let delayed = self.delayed.keys().next().map(|(at, _)| *at);
        let expiry = if self.new_rules() {
            let heads = self.returns.front().into_iter().chain(self.ready.heads());
            heads.filter_map(|msg| msg.expiry).min()
        } else {
            self.peek_next().and_then(|msg| msg.expiry)
        };
        match (delayed, expiry) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// queue.purge: everything but what consumers hold.
    pub(super) fn purge(&mut self, run: &mut Run) -> u32 {
        let returns = std::mem::take(&mut self.returns);
        let ready = std::mem::take(&mut self.ready);
        let delayed = std::mem::take(&mut self.delayed);
        let kept = self.dlx.purge();
        let all = returns.iter().chain(ready.iter()).chain(delayed.values());
        let gone: Vec<Msg> = all.chain(kept.iter()).cloned().collect();
        self.bytes = 0;
        let count = u32::try_from(gone.len()).unwrap_or(u32::MAX);
        for msg in gone {
            run.fx.push(Effect::Gone(msg, GoneWhy::QueueGone));
        }
        count
    }
}
