//! Finding the group coordinator, and what comes over its connection (`AbstractCoordinator`).

use super::Consumer;
use super::NetTag;
use super::link::{DISCONNECTED, LinkEvent, Tag};
use super::part::Stage;
use crate::client::net::backoff;
use crate::errors::Code;
use crate::facts::ClientError;
use crate::messages::{Answer, Ask};
use crate::system::Kafka;
use ackscope_kernel::{Env, SeatId, Span};

impl Consumer {
    /// Whether anything needs the coordinator now.
    fn coordinator_wanted(&self) -> bool {
        self.member.beats()
            || self.commits.waiting()
            || self.app.seeks_committed()
            || (self.app.polling()
                && (self.subscribed() || self.parts.values().any(|p| p.stage == Stage::Init)))
    }

    pub(super) fn find_coordinator(&mut self, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        let Some(group) = self.group.clone() else {
            return;
        };
        let known = self.link.coordinator().is_some();
        if known
            || self.finding
            || now < self.find_not_before
            || !self.informed
            || !self.coordinator_wanted()
        {
            return;
        }
        if let Some(broker) = self.net.least_loaded(env) {
            self.finding = true;
            self.net.ask(
                broker,
                Ask::FindCoordinator { group },
                NetTag::Coordinator,
                env,
            );
        }
    }

    /// The answer to FindCoordinator, or `None` when there was none.
    pub(super) fn found(
        &mut self,
        answer: Option<(Code, Option<SeatId>)>,
        env: &mut Env<'_, Kafka>,
    ) {
        self.finding = false;
        match answer {
            Some((Code::None, Some(broker))) if self.link.point(broker, env) => {
                self.find_failures = 0;
                self.member.session_ends = env.now() + Span::ms(self.params.session_timeout_ms);
            }
            _ => {
                self.find_failures += 1;
                self.find_not_before = env.now() + self.pause(self.find_failures, 1, env);
                self.net.want_metadata();
                // commitAsync() looks for the coordinator once (`commitOffsetsAsync`).
                self.fail_waiting_commits(env);
            }
        }
    }

    /// The coordinator is not where it was: what is under way fails, and it is looked for again.
    pub(super) fn coordinator_lost(&mut self, env: &mut Env<'_, Kafka>) {
        for tag in self.link.forget(env) {
            self.coordinator_failed(tag, DISCONNECTED, env);
        }
    }

    /// Takes an event of the coordinator's connection.
    pub(super) fn on_link(&mut self, event: LinkEvent, env: &mut Env<'_, Kafka>) {
        match event {
            LinkEvent::Lost(tags) => tags
                .into_iter()
                .for_each(|tag| self.coordinator_failed(tag, DISCONNECTED, env)),
            LinkEvent::Answered(tag, answer) => self.coordinator_answered(tag, answer, env),
        }
    }

    fn coordinator_answered(&mut self, tag: Tag, answer: Answer, env: &mut Env<'_, Kafka>) {
        match (tag, answer) {
            (
                Tag::Join(changes),
                Answer::JoinGroup {
                    error,
                    member,
                    generation,
                    leader,
                    members,
                },
            ) => {
                self.joined(changes, error, (member, generation, leader), &members, env);
            }
            (Tag::Sync(changes), Answer::SyncGroup { error, assignment }) => {
                self.synced(changes, error, &assignment, env);
            }
            (Tag::Heartbeat(changes), Answer::GroupHeartbeat(error)) => {
                self.beaten(changes, error, env)
            }
            (Tag::Commit(id, changes), Answer::OffsetCommit(results)) => {
                self.committed(id, changes, &results, env)
            }
            (Tag::Committed | Tag::CommittedToSeek, Answer::OffsetFetch { error, offsets }) => {
                self.offsets_fetched(tag, error, &offsets, env);
            }
            _ => {}
        }
    }

    /// A request came to nothing.
    pub(super) fn coordinator_failed(&mut self, tag: Tag, error: Code, env: &mut Env<'_, Kafka>) {
        match tag {
            Tag::Join(changes) | Tag::Sync(changes) => self.join_failed(changes, env),
            Tag::Heartbeat(_) => {
                self.member.beating = false;
                self.member.next_beat = env.now() + self.pause(1, 2, env);
            }
            Tag::Leave => {}
            Tag::Commit(id, _) => self.commit_failed(id, ClientError::Code(error), true, env),
            Tag::Committed => {
                self.asking_committed = false;
                self.committed_not_before = env.now() + self.pause(1, 3, env);
            }
            Tag::CommittedToSeek => self.seek_failed(error, env),
        }
    }

    /// retry.backoff.ms after this many failures.
    pub(super) fn pause(&self, failures: u32, what: u64, env: &Env<'_, Kafka>) -> Span {
        backoff(
            self.net.params().retry,
            failures.max(1),
            [6, what, u64::from(failures)],
            env,
        )
    }
}
