//! The heartbeat thread (`AbstractCoordinator.HeartbeatThread`): it runs whether or not the application
//! polls, and makes the member leave when it does not poll for too long.

use super::Consumer;
use super::link::Tag;
use super::member::MemberState;
use crate::errors::Code;
use crate::facts::ClientError;
use crate::messages::Ask;
use crate::system::Kafka;
use ackscope_kernel::{Env, Span, Time};

impl Consumer {
    /// The turn of the heartbeat thread: it runs whether or not the application polls.
    pub(super) fn heartbeat(&mut self, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        if !self.member.beats() || self.link.coordinator().is_none() {
            return;
        }
        if now >= self.member.session_ends {
            return self.coordinator_lost(env);
        }
        if now >= self.poll_limit() {
            // Too long since the last poll(): a dynamic member leaves, a static one just falls silent.
            return self.leave(env);
        }
        if self.member.beating || now < self.member.next_beat {
            return;
        }
        let (Some(group), Some(member)) = (self.group.clone(), self.member.id) else {
            return;
        };
        self.member.beating = true;
        self.member.next_beat = now + Span::ms(self.params.heartbeat_interval_ms);
        let generation = self.member.generation;
        let ask = Ask::GroupHeartbeat {
            group,
            member,
            instance: self.instance.clone(),
            generation,
        };
        let within = self.link.request_timeout();
        self.link
            .send(ask, Tag::Heartbeat(self.member.changes), within, env);
    }

    /// When max.poll.interval.ms is over.
    fn poll_limit(&self) -> Time {
        if self.app.polling() {
            return Time::NEVER;
        }
        self.member.polled + Span::ms(self.params.max_poll_interval_ms)
    }

    /// When the heartbeat thread has something to do.
    pub(super) fn heartbeat_due(&self) -> Time {
        let member = &self.member;
        if !member.beats() || self.link.coordinator().is_none() {
            return Time::NEVER;
        }
        let beat = if member.beating {
            Time::NEVER
        } else {
            member.next_beat
        };
        beat.min(member.session_ends).min(self.poll_limit())
    }

    pub(super) fn beaten(&mut self, changes: u32, error: Code, env: &mut Env<'_, Kafka>) {
        let current = changes == self.member.changes;
        self.member.beating = false;
        match error {
            Code::None | Code::RebalanceInProgress => {
                self.member.session_ends = env.now() + Span::ms(self.params.session_timeout_ms);
                if error == Code::RebalanceInProgress && self.member.state == MemberState::Stable {
                    self.member.rejoin = true;
                }
            }
            Code::CoordinatorNotAvailable | Code::NotCoordinator => self.coordinator_lost(env),
            Code::IllegalGeneration | Code::UnknownMemberId if current => {
                self.member.reset(error == Code::IllegalGeneration);
            }
            Code::FencedInstanceId if current => {
                self.member.reset(false);
                self.member.fatal = Some(ClientError::Code(error));
            }
            _ => self.member.next_beat = env.now() + self.pause(1, 2, env),
        }
    }

    /// LeaveGroup, for a dynamic member; the generation is over in any case (`maybeLeaveGroup`).
    pub(super) fn leave(&mut self, env: &mut Env<'_, Kafka>) {
        if self.instance.is_none()
            && self.link.coordinator().is_some()
            && self.member.state != MemberState::Unjoined
            && let (Some(group), Some(member)) = (self.group.clone(), self.member.id)
        {
            let within = self.link.request_timeout();
            self.link
                .send(Ask::LeaveGroup { group, member }, Tag::Leave, within, env);
        }
        self.member.reset(false);
    }
}
