//! Registration, heartbeats, sessions, fencing, controlled shutdown (`ClusterControlManager`,
//! `BrokerHeartbeatManager`; reference 2.11).

use super::{Controller, Session, stale_heartbeat};
use crate::errors::Code;
use crate::facts::Fact;
use crate::messages::Answer;
use crate::metadata::MetaRecord;
use crate::system::{Kafka, Timer};
use ackscope_kernel::{Env, SeatId, Span};
use std::sync::Arc;

/// What a broker asks for with its heartbeat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wants {
    /// To stay fenced.
    pub(super) fence: bool,
    /// Its controlled shutdown.
    pub(super) shutdown: bool,
}

impl Controller {
    pub(super) fn arm_scans(&self, env: &mut Env<'_, Kafka>) {
        let params = &env.settings().controller;
        let balance = Span::secs(
            u64::try_from(params.leader_imbalance_check_interval_seconds).unwrap_or(300),
        );
        let unclean = Span::ms(params.unclean_leader_election_interval_ms);
        let scan = scan_interval(env);
        env.arm_in(Timer::SessionScan, scan);
        env.arm_in(Timer::Balance, balance);
        env.arm_in(Timer::UncleanScan, unclean);
    }

    /// Whether the broker's session is alive.
    fn session_valid(&self, broker: SeatId, env: &Env<'_, Kafka>) -> bool {
        let session = Span::ms(env.settings().controller.broker_session_timeout_ms);
        let alive = self
            .sessions
            .get(&broker)
            .is_some_and(|s| env.now() <= s.last_contact + session);
        alive && self.image.brokers.contains_key(&broker)
    }

    /// `ClusterControlManager.registerBroker`.
    pub(super) fn register(
        &mut self,
        from: SeatId,
        incarnation: u32,
        clean_epoch: Option<i64>,
        env: &mut Env<'_, Kafka>,
    ) -> Answer {
        let existing = self.image.brokers.get(&from).copied();
        if let Some(old) = existing
            && self.session_valid(from, env)
            && old.incarnation != incarnation
            && !old.shutting_down
        {
            env.note(Fact::RegistrationRefused { broker: from });
            return Answer::Register {
                error: Code::DuplicateBrokerRegistration,
                epoch: -1,
            };
        }
        if let Some(old) = existing
            && old.incarnation == incarnation
        {
            // The answer to the first attempt was lost; the registration stands.
            return Answer::Register {
                error: Code::None,
                epoch: old.epoch,
            };
        }
        let clean = existing.is_none_or(|old| clean_epoch == Some(old.epoch));
        // Another incarnation takes the place of the old one, fenced or not yet: it leaves every ISR as
        // in fencing, and after an unclean end every ELR, too (`handleBrokerShutdown`).
        let unclean = !clean && env.settings().params.elr;
        let mut records = self.without_broker(from, unclean, env);
        records.push(MetaRecord::RegisterBroker {
            broker: from,
            incarnation,
        });
        let epoch = self.image.offset;
        let session = Session {
            last_contact: env.now(),
            applied: 0,
            shutdown_at: None,
        };
        self.sessions.insert(from, session);
        env.note(Fact::Registered {
            broker: from,
            clean,
        });
        self.write(records, env);
        Answer::Register {
            error: Code::None,
            epoch,
        }
    }

    /// `BrokerHeartbeatManager.calculateNextBrokerState`.
    pub(super) fn heartbeat(
        &mut self,
        from: SeatId,
        epoch: i64,
        applied: i64,
        wants: Wants,
        env: &mut Env<'_, Kafka>,
    ) -> Answer {
        let Some(broker) = self
            .image
            .brokers
            .get(&from)
            .copied()
            .filter(|b| b.epoch == epoch)
        else {
            return stale_heartbeat();
        };
        let now = env.now();
        let session = self.sessions.entry(from).or_insert(Session {
            last_contact: now,
            applied,
            shutdown_at: None,
        });
        session.last_contact = now;
        session.applied = applied;
        let answer = |fenced, should_shut_down| Answer::BrokerHeartbeat {
            error: Code::None,
            fenced,
            should_shut_down,
        };
        if broker.fenced {
            if wants.shutdown {
                return answer(true, true);
            }
            // It has applied its own registration, so it knows what it would lead.
            if applied > epoch && !wants.fence {
                self.unfence(from, env);
                return answer(false, false);
            }
            return answer(true, false);
        }
        if !wants.shutdown {
            return answer(false, false);
        }
        if !broker.shutting_down && self.leads_any(from) {
            self.begin_shutdown(from, env);
            return answer(false, false);
        }
        let done = self
            .sessions
            .get(&from)
            .and_then(|s| s.shutdown_at)
            .is_none_or(|at| at < self.lowest_applied());
        if self.leads_any(from) || !done {
            return answer(false, false);
        }
        // `SHUTDOWN_NOW`: fenced at once, and out of every ISR.
        self.fence(from, env);
        answer(true, true)
    }

    fn leads_any(&self, broker: SeatId) -> bool {
        self.image
            .partitions
            .values()
            .any(|p| p.leader == Some(broker))
    }

    /// The metadata offset that every active broker has applied (`lowestActiveOffset`).
    fn lowest_applied(&self) -> i64 {
        let active = self
            .image
            .brokers
            .iter()
            .filter(|(_, b)| !b.fenced && !b.shutting_down);
        let applied = active
            .filter_map(|(seat, _)| self.sessions.get(seat))
            .map(|s| s.applied);
        applied.min().unwrap_or(i64::MAX)
    }

    fn begin_shutdown(&mut self, broker: SeatId, env: &mut Env<'_, Kafka>) {
        env.note(Fact::ShuttingDown { broker });
        let mut records = vec![MetaRecord::BrokerChange {
            broker,
            fenced: false,
            shutting_down: true,
        }];
        records.extend(self.without_broker(broker, false, env));
        let at = self.image.offset;
        if let Some(session) = self.sessions.get_mut(&broker) {
            session.shutdown_at = Some(at);
        }
        self.write(records, env);
    }

    fn unfence(&mut self, broker: SeatId, env: &mut Env<'_, Kafka>) {
        env.note(Fact::Unfenced { broker });
        let record = MetaRecord::BrokerChange {
            broker,
            fenced: false,
            shutting_down: false,
        };
        // Leaderless partitions may be led now, as if the broker were active already.
        let mut ahead = (*self.image).clone();
        ahead.apply(std::slice::from_ref(&record));
        let mut records = vec![record];
        records.extend(self.elections_where(
            &ahead,
            |p| p.leader.is_none() && p.replicas.contains(&broker),
            env,
        ));
        self.write(records, env);
    }

    fn fence(&mut self, broker: SeatId, env: &mut Env<'_, Kafka>) {
        env.note(Fact::Fenced { broker });
        let mut records = self.without_broker(broker, false, env);
        records.push(MetaRecord::BrokerChange {
            broker,
            fenced: true,
            shutting_down: false,
        });
        // What it says from now on begins a new session.
        self.sessions.remove(&broker);
        self.write(records, env);
    }

    /// Fences the brokers whose session is over, the longest silent first.
    pub(super) fn scan_sessions(&mut self, env: &mut Env<'_, Kafka>) {
        let session = Span::ms(env.settings().controller.broker_session_timeout_ms);
        let now = env.now();
        let mut stale: Vec<_> = self
            .image
            .brokers
            .iter()
            .filter(|(_, b)| !b.fenced)
            .filter_map(|(seat, _)| self.sessions.get(seat).map(|s| (s.last_contact, *seat)))
            .filter(|(contact, _)| *contact + session < now)
            .collect();
        stale.sort();
        for (_, broker) in stale {
            self.fence(broker, env);
        }
        let scan = scan_interval(env);
        env.arm_in(Timer::SessionScan, scan);
    }

    /// Fencing, controlled shutdown or an unclean registration: the broker leaves every ISR, and every
    /// partition that it led gets another leader or none.
    fn without_broker(
        &self,
        broker: SeatId,
        unclean_shutdown: bool,
        env: &mut Env<'_, Kafka>,
    ) -> Vec<MetaRecord> {
        let gone = [broker];
        let unclean: &[SeatId] = if unclean_shutdown { &gone } else { &[] };
        let mut records = Vec::new();
        for (tp, state) in &self.image.partitions {
            let in_elr = unclean_shutdown && state.elr.contains(&broker);
            if !state.isr.contains(&broker) && !in_elr {
                continue;
            }
            let target: Vec<SeatId> = state.isr.iter().copied().filter(|r| *r != broker).collect();
            let acceptable = |replica: SeatId| replica != broker && self.image.active(replica);
            let mode = self.mode(*tp, env);
            if let Some(new) = self.changed(*tp, state, target, mode, unclean, &acceptable, env) {
                records.push(MetaRecord::Partition(*tp, Arc::new(new)));
            }
        }
        records
    }
}

/// Stale sessions are looked for every eighth of a session (`QuorumController`, 1.125 s for 9 s).
fn scan_interval(env: &Env<'_, Kafka>) -> Span {
    Span(Span::ms(env.settings().controller.broker_session_timeout_ms).0 / 8)
}
