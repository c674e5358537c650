//! Where a partition is read from: committed offset, reset policy, validation after a change of leader
//! (reference 5.2, 5.5; `ConsumerCoordinator.initWithCommittedOffsetsIfNeeded`, `OffsetFetcher`).

use super::link::Tag;
use super::part::{Part, Position, Stage, Verdict};
use super::{Consumer, NetTag};
use crate::errors::Code;
use crate::facts::{ClientError, Fact, PositionWhy};
use crate::messages::{Answer, Ask, OffsetSpec};
use crate::params::OffsetReset;
use crate::records::{CommittedOffset, Tp};
use crate::system::Kafka;
use ackscope_kernel::{Env, SeatId, Span, Time};

impl Consumer {
    /// What poll() does about positions (`updateFetchPositions`).
    pub(super) fn positions(&mut self, env: &mut Env<'_, Kafka>) {
        self.follow_leaders();
        if self.parts.values().all(|part| part.stage == Stage::Fetch) {
            return;
        }
        self.ask_committed(Tag::Committed, env);
        let now = env.now();
        let tps: Vec<Tp> = self
            .parts
            .iter()
            .filter(|(_, part)| part.stage != Stage::Fetch && !part.asked && part.not_before <= now)
            .map(|(tp, _)| *tp)
            .collect();
        for tp in tps {
            self.ask_position(tp, env);
        }
    }

    /// Tells each partition who leads it now.
    pub(super) fn follow_leaders(&mut self) {
        for (tp, part) in &mut self.parts {
            if let Some(leader) = known_leader(&self.net, *tp) {
                part.led_by(leader);
            }
        }
    }

    /// Asks the coordinator for the group's offsets of the partitions that need them, or of all for a seek.
    pub(super) fn ask_committed(&mut self, tag: Tag, env: &mut Env<'_, Kafka>) {
        let Some(group) = self.group.clone() else {
            self.without_committed();
            return;
        };
        if self.link.coordinator().is_none() {
            return;
        }
        let seeks = tag == Tag::CommittedToSeek;
        if !seeks && (self.asking_committed || env.now() < self.committed_not_before) {
            return;
        }
        let wanted = self
            .parts
            .iter()
            .filter(|(_, part)| seeks || part.stage == Stage::Init);
        let tps: Vec<Tp> = wanted.map(|(tp, _)| *tp).collect();
        if tps.is_empty() {
            return;
        }
        self.asking_committed |= !seeks;
        let within = self.link.request_timeout();
        self.link
            .send(Ask::OffsetFetch { group, tps }, tag, within, env);
    }

    /// A consumer without a group has no committed offsets.
    fn without_committed(&mut self) {
        let policy = self.params.auto_offset_reset;
        for part in self
            .parts
            .values_mut()
            .filter(|part| part.stage == Stage::Init)
        {
            self.thrown = start_by_policy(part, policy).or(self.thrown);
        }
    }

    /// The answer to OffsetFetch.
    pub(super) fn offsets_fetched(
        &mut self,
        tag: Tag,
        error: Code,
        offsets: &[CommittedOffset],
        env: &mut Env<'_, Kafka>,
    ) {
        if error != Code::None {
            self.coordinator_failed(tag, error, env);
            if matches!(error, Code::NotCoordinator | Code::CoordinatorNotAvailable) {
                self.coordinator_lost(env);
            }
            return;
        }
        if tag == Tag::CommittedToSeek {
            return self.seek_all_to(offsets, env);
        }
        self.asking_committed = false;
        let policy = self.params.auto_offset_reset;
        let mut found = Vec::new();
        for (tp, part) in self
            .parts
            .iter_mut()
            .filter(|(_, part)| part.stage == Stage::Init)
        {
            let committed = offsets
                .iter()
                .find(|c| c.tp == *tp)
                .and_then(|c| Some((c.offset?, c.leader_epoch)));
            match committed {
                Some((offset, epoch)) => {
                    part.seek(Position { offset, epoch }, known_leader(&self.net, *tp));
                    found.push((*tp, offset));
                }
                None => self.thrown = start_by_policy(part, policy).or(self.thrown),
            }
        }
        for (tp, offset) in found {
            let book = self.books.entry(tp).or_default();
            book.committed = Some(offset);
            env.note(Fact::Positioned {
                tp,
                offset,
                why: PositionWhy::Committed,
            });
        }
    }

    fn seek_all_to(&mut self, offsets: &[CommittedOffset], env: &mut Env<'_, Kafka>) {
        let tps: Vec<Tp> = self.parts.keys().copied().collect();
        for tp in tps {
            let committed = offsets.iter().find(|c| c.tp == tp).and_then(|c| c.offset);
            match committed {
                Some(offset) => self.seek(tp, offset, env),
                None => {
                    if let Some(part) = self.parts.get_mut(&tp) {
                        part.reset(OffsetReset::Earliest);
                    }
                }
            }
        }
        self.sought(env);
    }

    /// seek() of the application: a position without epoch.
    pub(super) fn seek(&mut self, tp: Tp, offset: i64, env: &mut Env<'_, Kafka>) {
        // What was wrong with the position before is of no interest any more.
        self.thrown = None;
        if let Some(part) = self.parts.get_mut(&tp) {
            part.seek(
                Position {
                    offset,
                    epoch: None,
                },
                known_leader(&self.net, tp),
            );
            env.note(Fact::Positioned {
                tp,
                offset,
                why: PositionWhy::Sought,
            });
        }
    }

    /// Asks the leader what a partition needs to know.
    fn ask_position(&mut self, tp: Tp, env: &mut Env<'_, Kafka>) {
        let Some(part) = self.parts.get(&tp) else {
            return;
        };
        let Some((leader, leader_epoch)) = known_leader(&self.net, tp) else {
            if part.stage != Stage::Init {
                self.net.want_metadata();
            }
            return;
        };
        let ask = match (part.stage, part.position) {
            (Stage::Reset(policy), _) => Ask::ListOffsets {
                tp,
                spec: spec(policy, env.now()),
                leader_epoch,
            },
            (
                Stage::Validate,
                Some(Position {
                    epoch: Some(epoch), ..
                }),
            ) => Ask::EpochEnd {
                tp,
                epoch,
                leader_epoch,
            },
            _ => return,
        };
        if !self.net.ready(leader, env) {
            return;
        }
        let tag = NetTag::Position(tp, part.stamp);
        if let Some(part) = self.parts.get_mut(&tp) {
            part.asked = true;
        }
        self.net.ask(leader, ask, tag, env);
    }

    /// The answer about a position, or `None` when there was none.
    pub(super) fn position_answered(
        &mut self,
        tp: Tp,
        stamp: u32,
        answer: Option<Answer>,
        env: &mut Env<'_, Kafka>,
    ) {
        let policy = self.params.auto_offset_reset;
        let Some(part) = self.parts.get_mut(&tp).filter(|part| part.stamp == stamp) else {
            return;
        };
        part.asked = false;
        match (answer, part.stage) {
            (
                Some(Answer::ListOffsets {
                    error: Code::None,
                    offset,
                    ..
                }),
                Stage::Reset(_),
            ) => {
                if offset < 0 {
                    // No record is young enough: the question is repeated after request.timeout.ms.
                    part.not_before = env.now() + self.net.params().request_timeout;
                    return;
                }
                part.seek(
                    Position {
                        offset,
                        epoch: None,
                    },
                    known_leader(&self.net, tp),
                );
                env.note(Fact::Positioned {
                    tp,
                    offset,
                    why: PositionWhy::Reset,
                });
            }
            (
                Some(Answer::EpochEnd {
                    error: Code::None,
                    epoch,
                    end,
                    ..
                }),
                Stage::Validate,
            ) => match part.judge(epoch, end) {
                Verdict::Valid => part.validated(),
                Verdict::Truncated { offset, epoch } if policy != OffsetReset::None => {
                    part.seek(
                        Position {
                            offset,
                            epoch: Some(epoch),
                        },
                        part.leader,
                    );
                    part.validated();
                    env.note(Fact::Positioned {
                        tp,
                        offset,
                        why: PositionWhy::Truncated,
                    });
                }
                Verdict::Undefined if policy != OffsetReset::None => part.reset(policy),
                Verdict::Truncated { .. } | Verdict::Undefined => {
                    self.thrown = Some(ClientError::LogTruncation);
                }
            },
            (_, Stage::Reset(_) | Stage::Validate) => {
                part.failures += 1;
                let failures = part.failures;
                let until = env.now() + self.pause(failures, 7, env);
                if let Some(part) = self.parts.get_mut(&tp) {
                    part.not_before = until;
                }
                self.net.want_metadata();
            }
            _ => {}
        }
    }
}

/// The leader and its epoch as the client knows them.
pub(super) fn known_leader(net: &crate::client::net::Net<NetTag>, tp: Tp) -> Option<(SeatId, i32)> {
    let info = net.leaders.get(&tp)?;
    Some((info.leader?, info.epoch))
}

/// A partition without a position begins by the policy; `none` is an exception of poll(), and of the next
/// poll() again.
fn start_by_policy(part: &mut Part, policy: OffsetReset) -> Option<ClientError> {
    if policy == OffsetReset::None {
        return Some(ClientError::NoOffsetForPartition);
    }
    part.reset(policy);
    None
}

fn spec(policy: OffsetReset, now: Time) -> OffsetSpec {
    let now_ms = i64::try_from(now.0 / Span::ms(1).0).unwrap_or(i64::MAX);
    match policy {
        OffsetReset::Earliest => OffsetSpec::Earliest,
        OffsetReset::Latest | OffsetReset::None => OffsetSpec::Latest,
        OffsetReset::ByDuration(age_ms) => OffsetSpec::At(now_ms.saturating_sub(age_ms)),
    }
}
