//! Reading a whole log: a consumer without group reads from the start of the log to its end at that moment.

use super::Tag;
use crate::client::net::Net;
use crate::errors::Code;
use crate::facts::Fact;
use crate::messages::{Answer, Ask, FetchAsk, FetchPart, FetchResult, OffsetSpec};
use crate::records::{Batch, Tp};
use crate::system::Kafka;
use ackscope_kernel::{Env, MessageKey, Time};
use borsh::BorshSerialize;
use std::sync::Arc;

/// fetch.max.bytes, fetch.max.wait.ms and fetch.min.bytes at their defaults.
const MAX_BYTES: i64 = 52_428_800;
const MAX_WAIT_MS: i64 = 500;
const MIN_BYTES: i64 = 1;

/// A reading under way.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct ReadAll {
    tp: Tp,
    /// No request before this time.
    not_before: Time,
    asked: bool,
    /// Where the log begins, and where it ended when it was asked.
    start: Option<i64>,
    end: Option<i64>,
    position: i64,
    records: Vec<(i64, MessageKey)>,
}

/// What comes next.
pub(super) enum Step {
    /// Nothing before an answer, or this time.
    Wait(Time),
    /// It is done.
    Done(Fact),
}

impl ReadAll {
    pub(super) fn new(tp: Tp, starts: Time) -> Self {
        ReadAll {
            tp,
            not_before: starts,
            asked: false,
            start: None,
            end: None,
            position: 0,
            records: Vec::new(),
        }
    }

    pub(super) fn advance(
        &mut self,
        net: &mut Net<Tag>,
        tag: Tag,
        env: &mut Env<'_, Kafka>,
    ) -> Step {
        if let (Some(start), Some(end)) = (self.start, self.end)
            && self.position >= end
        {
            let records = std::mem::take(&mut self.records).into();
            return Step::Done(Fact::LogRead {
                tp: self.tp,
                start,
                end,
                records,
            });
        }
        if self.asked {
            return Step::Wait(Time::NEVER);
        }
        if env.now() < self.not_before {
            return Step::Wait(self.not_before);
        }
        if !net.topics.contains(&self.tp.topic) {
            net.want_topic(self.tp.topic);
        }
        let Some(leader) = net.leader(self.tp) else {
            net.want_metadata();
            return Step::Wait(Time::NEVER);
        };
        if !net.ready(leader, env) {
            return Step::Wait(net.retry_at(leader).unwrap_or(Time::NEVER));
        }
        let ask = self.question(net.leader_epoch(self.tp));
        self.asked = true;
        net.ask(leader, ask, tag, env);
        Step::Wait(Time::NEVER)
    }

    fn question(&self, leader_epoch: i32) -> Ask {
        let tp = self.tp;
        if self.start.is_none() {
            return Ask::ListOffsets {
                tp,
                spec: OffsetSpec::Earliest,
                leader_epoch,
            };
        }
        if self.end.is_none() {
            return Ask::ListOffsets {
                tp,
                spec: OffsetSpec::Latest,
                leader_epoch,
            };
        }
        Ask::Fetch(FetchAsk {
            replica: None,
            max_wait_ms: MAX_WAIT_MS,
            min_bytes: MIN_BYTES,
            max_bytes: MAX_BYTES,
            parts: vec![FetchPart {
                tp,
                offset: self.position,
                last_epoch: None,
                leader_epoch,
            }],
        })
    }

    /// Takes an answer, or `None` when there was none.
    pub(super) fn answered(
        &mut self,
        answer: Option<Answer>,
        net: &mut Net<Tag>,
        env: &mut Env<'_, Kafka>,
    ) {
        self.asked = false;
        let taken = match answer {
            Some(Answer::ListOffsets {
                error: Code::None,
                offset,
                ..
            }) => self.bound(offset),
            Some(Answer::Fetch(results)) => results
                .into_iter()
                .next()
                .is_some_and(|result| self.fetched(result, net)),
            _ => false,
        };
        if !taken {
            net.want_metadata();
            self.not_before = env.now() + net.params().retry.0;
        }
    }

    fn bound(&mut self, offset: i64) -> bool {
        if self.start.is_none() {
            self.start = Some(offset);
            self.position = offset;
        } else {
            self.end = Some(offset);
        }
        true
    }

    fn fetched(&mut self, result: FetchResult, net: &mut Net<Tag>) -> bool {
        match result.error {
            Code::None => {
                result.batches.iter().for_each(|batch| self.take(batch));
                true
            }
            Code::OffsetOutOfRange => {
                // The log was cut meanwhile, at one end or the other: the reading begins anew.
                *self = ReadAll::new(self.tp, Time(0));
                false
            }
            _ => result
                .leader
                .is_some_and(|info| net.learn_leader(self.tp, info)),
        }
    }

    fn take(&mut self, batch: &Arc<Batch>) {
        let end = self.end.unwrap_or(i64::MAX);
        let inside = |offset: &i64| *offset >= self.position && *offset < end;
        let numbered = (batch.base..).zip(batch.records());
        let wanted = numbered.filter(|(offset, _)| inside(offset));
        let read: Vec<_> = wanted
            .map(|(offset, record)| (offset, record.message))
            .collect();
        self.records.extend(read);
        self.position = self.position.max(batch.next);
    }
}
