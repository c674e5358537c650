//! Metadata as a client keeps it: leaders, partitions, and when to ask again (`Metadata`).

use super::{Net, State, backoff};
use crate::messages::{Ask, LeaderInfo};
use crate::records::Tp;
use crate::system::Kafka;
use ackscope_kernel::{Env, SeatId, Span, Time};
use borsh::BorshSerialize;
use std::fmt::Debug;

impl<T: Clone + Debug + PartialEq + Eq + BorshSerialize> Net<T> {
    /// Asks for metadata as soon as the back-off allows.
    pub fn want_metadata(&mut self) {
        self.refresh = true;
    }

    /// Wants metadata of this topic from now on. A topic that was not wanted before is asked for at once,
    /// whatever the back-off (`Metadata.requestUpdateForNewTopics`).
    pub fn want_topic(&mut self, topic: u16) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
            self.equivalent = 0;
            self.refresh_not_before = Time(0);
        }
        self.refresh = true;
    }

    /// The leader that the client believes in.
    #[must_use]
    pub fn leader(&self, tp: Tp) -> Option<SeatId> {
        self.leaders.get(&tp).and_then(|info| info.leader)
    }

    /// The leader epoch that the client knows, or -1.
    #[must_use]
    pub fn leader_epoch(&self, tp: Tp) -> i32 {
        self.leaders.get(&tp).map_or(-1, |info| info.epoch)
    }

    /// Takes a leader that an answer named (KIP-951); an older epoch is ignored. Returns whether it is news.
    pub fn learn_leader(&mut self, tp: Tp, info: LeaderInfo) -> bool {
        let news = self
            .leaders
            .get(&tp)
            .is_none_or(|known| info.epoch > known.epoch);
        if news {
            self.leaders.insert(tp, info);
        }
        news
    }

    /// Takes a metadata answer (`Metadata.update`).
    pub(super) fn learn(
        &mut self,
        brokers: Vec<SeatId>,
        topics: Vec<(u16, u16)>,
        partitions: Vec<(Tp, LeaderInfo)>,
        env: &Env<'_, Kafka>,
    ) {
        self.refreshing = false;
        self.refreshed = Some(env.now());
        self.attempts = 0;
        self.equivalent += 1;
        self.partitions
            .retain(|topic, _| topics.iter().any(|(t, _)| t == topic));
        self.partitions.extend(topics);
        self.leaders
            .retain(|tp, _| self.partitions.contains_key(&tp.topic));
        for (tp, info) in partitions {
            let known = self.leaders.get(&tp).map(|known| known.epoch);
            if known.is_none_or(|known| info.epoch > known) {
                self.equivalent = 0;
            }
            // An older leader epoch than the known one is ignored (reference 3.4).
            if known.is_none_or(|known| info.epoch >= known) {
                self.leaders.insert(tp, info);
            }
        }
        // An answer without brokers is one of a broker that knows nothing yet.
        if !brokers.is_empty() {
            self.alive = brokers;
        }
        // Topics that do not exist and partitions without a leader are asked for again.
        self.refresh = self.topics.iter().any(|t| !self.partitions.contains_key(t))
            || self.leaders.values().any(|info| info.leader.is_none());
        self.refresh_not_before = env.now() + self.refresh_backoff(self.equivalent, env);
    }

    /// A metadata request came to nothing (`Metadata.failedUpdate`).
    pub(super) fn refresh_failed(&mut self, env: &Env<'_, Kafka>) {
        self.refreshing = false;
        self.refresh = true;
        self.attempts += 1;
        self.refresh_not_before = env.now() + self.refresh_backoff(self.attempts, env);
    }

    fn refresh_backoff(&self, count: u32, env: &Env<'_, Kafka>) -> Span {
        let count = count.max(1);
        backoff(
            self.params.retry,
            count,
            [4, u64::from(count), u64::from(env.incarnation())],
            env,
        )
    }

    /// A metadata request is due, if a broker can be asked.
    #[must_use]
    pub fn metadata_due(&self, now: Time) -> bool {
        self.refresh && !self.refreshing && now >= self.refresh_not_before.max(self.starts)
    }

    pub(super) fn ask_metadata(&mut self, env: &mut Env<'_, Kafka>) {
        if let Some(broker) = self.least_loaded(env) {
            let topics = self.topics.clone();
            self.write(broker, Ask::Metadata { topics }, None, env);
            self.refresh = false;
            self.refreshing = true;
        }
    }

    /// A broker for a request that any broker can answer: a ready one with the fewest requests in flight
    /// (`NetworkClient.leastLoadedNode`). Without one it begins to connect to another.
    pub fn least_loaded(&mut self, env: &mut Env<'_, Kafka>) -> Option<SeatId> {
        let now = env.now();
        if now < self.starts {
            return None;
        }
        self.chosen = self.chosen.wrapping_add(1);
        let meaning = [1, u64::from(self.chosen), u64::from(env.incarnation())];
        let start = env.draw(meaning, 0, 1 << 20);
        let count = self.brokers.len().max(1) as u64;
        let turn = |seat: &SeatId| (u64::from(seat.0) + start) % count;
        let known = |seat: &SeatId| self.alive.is_empty() || self.alive.contains(seat);
        let max = self.max_in_flight as usize;
        let ready = self
            .brokers
            .iter()
            .filter(|(seat, b)| {
                matches!(b.state, State::Ready(_)) && b.pending.len() < max && known(seat)
            })
            .min_by_key(|(seat, b)| (b.pending.len(), turn(seat)))
            .map(|(seat, _)| *seat);
        if ready.is_some() {
            return ready;
        }
        if self
            .brokers
            .values()
            .any(|b| matches!(b.state, State::Connecting(..)))
        {
            return None;
        }
        // Brokers that the metadata does not name come last: the client starts again from its
        // bootstrap servers when no other can be tried (metadata.recovery.strategy=rebootstrap).
        let next = self
            .brokers
            .iter()
            .filter(|(_, b)| matches!(b.state, State::Idle(at) if at <= now))
            .min_by_key(|(seat, b)| (!known(seat), b.tried, turn(seat)))
            .map(|(seat, _)| *seat);
        if let Some(broker) = next {
            self.ready(broker, env);
        }
        None
    }
}
