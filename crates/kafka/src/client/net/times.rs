//! Time-outs, lost connections and the time between two attempts.

use super::{Broker, Event, Net, State};
use crate::errors::Code;
use crate::system::{Kafka, Timer};
use ackscope_kernel::{ConnId, Env, SeatId, Span, Time};
use borsh::BorshSerialize;
use std::fmt::Debug;

impl<T: Clone + Debug + PartialEq + Eq + BorshSerialize> Net<T> {
    /// A connection is over: all requests in flight on it fail, oldest first.
    pub(super) fn lost(
        &mut self,
        conn: ConnId,
        error: Code,
        events: &mut Vec<Event<T>>,
        env: &mut Env<'_, Kafka>,
    ) {
        let params = self.params;
        let now = env.now();
        // An update that was due has to wait, too (`DefaultMetadataUpdater.handleServerDisconnect`).
        let mut metadata_failed = self.metadata_due(now);
        for (seat, b) in &mut self.brokers {
            if !matches!(b.state, State::Ready(c) | State::Connecting(c, _) if c == conn) {
                continue;
            }
            b.failures += 1;
            b.setups = if matches!(b.state, State::Connecting(..)) {
                b.setups + 1
            } else {
                0
            };
            b.tried = now;
            let wait = backoff(
                params.reconnect,
                b.failures,
                [3, u64::from(seat.0), u64::from(b.failures)],
                env,
            );
            b.state = State::Idle(now + wait);
            self.refresh = true;
            for pending in b.pending.drain(..) {
                match pending.tag {
                    Some(tag) => events.push(Event::Failed {
                        broker: *seat,
                        tag,
                        error,
                    }),
                    None => metadata_failed = true,
                }
            }
        }
        if metadata_failed {
            self.refresh_failed(env);
        }
    }

    /// How long an attempt to connect may take: it grows with failed attempts (KIP-601).
    fn setup_timeout(&self, b: &Broker<T>) -> Span {
        let base = self.params.setup_timeout;
        Span(
            base.0
                .saturating_mul(1 << b.setups.min(20))
                .min(self.setup_timeout_max.0.max(base.0)),
        )
    }

    pub(super) fn expire(&mut self, events: &mut Vec<Event<T>>, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        let mut over = Vec::new();
        for b in self.brokers.values() {
            match b.state {
                State::Ready(conn) if b.pending.iter().any(|p| p.deadline <= now) => {
                    over.push((conn, Code::RequestTimedOut));
                }
                State::Connecting(conn, since) if since + self.setup_timeout(b) <= now => {
                    over.push((conn, Code::NetworkException));
                }
                _ => {}
            }
        }
        for (conn, error) in over {
            env.close(conn);
            self.lost(conn, error, events, env);
        }
    }

    /// Does what is due by itself (metadata), and arms the timer for the next thing. Call it at the end
    /// of each step of the process.
    pub fn drive(&mut self, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        if self
            .refreshed
            .is_some_and(|at| at + self.params.metadata_max_age <= now)
        {
            self.refresh = true;
        }
        if self.metadata_due(now) {
            self.ask_metadata(env);
        }
        env.arm(Timer::Net, self.next_due(now));
    }

    fn next_due(&self, now: Time) -> Time {
        let mut due = Time::NEVER;
        let mut idle = Time::NEVER;
        for b in self.brokers.values() {
            if let Some(oldest) = b.pending.iter().map(|p| p.deadline).min() {
                due = due.min(oldest);
            }
            match b.state {
                State::Connecting(_, since) => due = due.min(since + self.setup_timeout(b)),
                State::Idle(at) if at > now => idle = idle.min(at),
                State::Idle(_) | State::Ready(_) => {}
            }
        }
        if now < self.starts {
            due = due.min(self.starts);
        }
        if self.refresh && !self.refreshing {
            // Either the back-off of the refresh ends, or a broker may be tried again.
            due = due.min(if self.refresh_not_before > now {
                self.refresh_not_before
            } else {
                idle
            });
        } else if let Some(at) = self.refreshed.filter(|_| !self.refreshing) {
            // While a request is out, its time-out is what comes next, however old the metadata are.
            due = due.min(at + self.params.metadata_max_age);
        }
        due
    }

    /// When a broker that is not connected may be tried again; `None` when it is connected or connecting.
    #[must_use]
    pub fn retry_at(&self, broker: SeatId) -> Option<Time> {
        match self.brokers.get(&broker)?.state {
            State::Idle(at) => Some(at.max(self.starts)),
            _ => None,
        }
    }
}

/// `ExponentialBackoff`: `min(max, min(max, base × 2^(n-1)) × U(0.8, 1.2))`, n = failed attempts from 1
/// (reference 3.3).
#[must_use]
pub fn backoff(
    range: (Span, Span),
    failures: u32,
    meaning: [u64; 3],
    env: &Env<'_, Kafka>,
) -> Span {
    let (base, max) = range;
    if base.0 > max.0 {
        return max;
    }
    let grown = base
        .0
        .saturating_mul(1 << failures.saturating_sub(1).min(20))
        .min(max.0);
    let drawn = env.draw(meaning, 800, 1200);
    Span((grown * drawn / 1000).min(max.0))
}
