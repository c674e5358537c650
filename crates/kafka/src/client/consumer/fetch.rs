//! The fetch loop (reference 5.1; `AbstractFetch`, `FetchCollector`): one fetch per leader at a time, for
//! partitions without anything in the buffer; records are handed out by poll() only.

use super::book::Run;
use super::offsets::known_leader;
use super::part::Stage;
use super::{Consumer, NetTag};
use crate::errors::Code;
use crate::facts::{ClientError, Fact};
use crate::messages::{Ask, FetchAsk, FetchPart, FetchResult};
use crate::params::OffsetReset;
use crate::system::Kafka;
use ackscope_kernel::{Causes, Env, SeatId};
use std::collections::VecDeque;

impl Consumer {
    /// Whether partitions may be fetched and their records handed out.
    fn fetches(&self) -> bool {
        !self.subscribed() || !self.member.stands_still()
    }

    /// Asks each leader for what the buffer lacks.
    pub(super) fn send_fetches(&mut self, env: &mut Env<'_, Kafka>) {
        if !self.fetches() {
            return;
        }
        let now = env.now();
        let mut asks: Vec<(SeatId, Vec<FetchPart>)> = Vec::new();
        let mut leaderless = false;
        for (tp, part) in &self.parts {
            let Some(position) = part.position else {
                continue;
            };
            if part.stage != Stage::Fetch || !part.buffer.is_empty() || part.not_before > now {
                continue;
            }
            let Some((leader, leader_epoch)) = known_leader(&self.net, *tp) else {
                leaderless = true;
                continue;
            };
            if self.net.tags(leader).any(|tag| *tag == NetTag::Fetch) {
                continue;
            }
            let wanted = FetchPart {
                tp: *tp,
                offset: position.offset,
                last_epoch: None,
                leader_epoch,
            };
            match asks.iter_mut().find(|(seat, _)| *seat == leader) {
                Some((_, parts)) => parts.push(wanted),
                None => asks.push((leader, vec![wanted])),
            }
        }
        if leaderless {
            self.net.want_metadata();
        }
        for (leader, parts) in asks {
            if !self.net.ready(leader, env) {
                continue;
            }
            for wanted in &parts {
                if let Some(part) = self.parts.get_mut(&wanted.tp) {
                    part.fetching = Some(wanted.offset);
                }
            }
            let number = i64::try_from(parts.len()).unwrap_or(i64::MAX);
            let ask = FetchAsk {
                replica: None,
                max_wait_ms: self.params.fetch_max_wait_ms,
                min_bytes: self.params.fetch_min_bytes,
                max_bytes: self
                    .params
                    .fetch_max_bytes
                    .min(self.params.max_partition_fetch_bytes.saturating_mul(number)),
                parts,
            };
            self.net.ask(leader, Ask::Fetch(ask), NetTag::Fetch, env);
        }
    }

    /// Takes the answer to a fetch. What was asked for another position is dropped.
    pub(super) fn fetched(&mut self, results: Vec<FetchResult>, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        for result in results {
            let FetchResult {
                tp,
                error,
                high_watermark,
                leader,
                batches,
                ..
            } = result;
            let Some(part) = self.parts.get_mut(&tp) else {
                continue;
            };
            let asked = part.fetching.take();
            if part.stage != Stage::Fetch || asked != part.position.map(|p| p.offset) {
                continue;
            }
            match error {
                Code::None => {
                    part.high_watermark = high_watermark;
                    part.failures = 0;
                    if !batches.is_empty() {
                        part.buffer.extend(batches);
                        part.fetched = env.entry();
                        self.ready.push_back(tp);
                    }
                }
                Code::OffsetOutOfRange => {
                    if self.params.auto_offset_reset == OffsetReset::None {
                        self.thrown = Some(ClientError::OffsetOutOfRange);
                    } else {
                        part.reset(self.params.auto_offset_reset);
                    }
                }
                _ => {
                    part.failures += 1;
                    let failures = part.failures;
                    // With the new leader in the answer (KIP-951) the client goes there at once.
                    if leader.is_some_and(|info| self.net.learn_leader(tp, info)) {
                        continue;
                    }
                    let until = now + self.pause(failures, 8, env);
                    if let Some(part) = self.parts.get_mut(&tp) {
                        part.not_before = until;
                    }
                    // An epoch that the broker does not know yet is only waited for.
                    if error != Code::UnknownLeaderEpoch {
                        self.net.want_metadata();
                    }
                }
            }
        }
    }

    /// Hands out up to max.poll.records records, in the order in which they arrived.
    pub(super) fn collect(&mut self, env: &mut Env<'_, Kafka>) -> VecDeque<Run> {
        let mut handed = VecDeque::new();
        if !self.fetches() {
            return handed;
        }
        let mut left = u32::try_from(self.params.max_poll_records).unwrap_or(u32::MAX);
        while left > 0
            && let Some(tp) = self.ready.front().copied()
        {
            let Some(part) = self
                .parts
                .get_mut(&tp)
                .filter(|part| part.stage == Stage::Fetch)
            else {
                self.ready.pop_front();
                continue;
            };
            let from = part.position.map_or(0, |p| p.offset);
            let before = handed.len();
            left -= part.hand(tp, left, &mut handed);
            let to = part.position.map_or(0, |p| p.offset);
            let fetched = part.fetched;
            if part.buffer.is_empty() {
                self.ready.pop_front();
            }
            if handed.len() == before {
                continue;
            }
            let entry = env.note_because(Fact::Handed { tp, from, to }, Causes::one(fetched));
            for run in handed.iter_mut().skip(before) {
                run.handed = entry;
                if self.group.is_some() {
                    self.books.entry(tp).or_default().hand(run.clone());
                }
            }
        }
        handed
    }
}
