//! A client that only looks: it reads whole logs, asks for committed offsets and for the state of
//! partitions. It takes one order after the other; its connections persist.

mod read_all;

use crate::client::net::{Event, Net, NetParams};
use crate::errors::Code;
use crate::facts::{Call, ClientError, Fact};
use crate::messages::{Answer, Ask};
use crate::metadata::PartitionState;
use crate::records::Tp;
use crate::system::{Kafka, Order, Timer};
use ackscope_kernel::{Env, Input, SeatId, Span, Time};
use borsh::BorshSerialize;
use read_all::{ReadAll, Step};
use std::collections::VecDeque;
use std::sync::Arc;

/// How long a description waits for brokers that do not answer.
const DESCRIBE_TIMEOUT: Span = Span(10_000_000);
/// The defaults of the consumer and of the admin client.
const NET: NetParams = NetParams {
    request_timeout: Span(30_000_000),
    reconnect: (Span(50_000), Span(1_000_000)),
    retry: (Span(100_000), Span(1_000_000)),
    setup_timeout: Span(10_000_000),
    metadata_max_age: Span(300_000_000),
};

/// What a request was for. The number is the order's, so that an answer to an order that is over is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
struct Tag(u32);

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
enum Job {
    ReadAll(ReadAll),
    Describe {
        tp: Tp,
        /// Brokers that are still to be asked, each with whether a connection was tried.
        unasked: Vec<(SeatId, bool)>,
        asked: u32,
        best: Option<Arc<PartitionState>>,
    },
    GroupOffsets {
        group: Arc<str>,
        coordinator: Option<SeatId>,
        asked: bool,
        not_before: Time,
    },
}

/// An observer.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Observer {
    net: Net<Tag>,
    bootstrap: Arc<[SeatId]>,
    orders: VecDeque<Order>,
    /// The order in hand, and when its time is over.
    job: Option<(Job, Time)>,
    number: u32,
}

impl Observer {
    /// The process right after its start.
    pub fn boot(env: &mut Env<'_, Kafka>) -> Self {
        let mut observer = Observer {
            net: Net::new(NET, Vec::new(), env),
            bootstrap: env.settings().broker_seats().collect(),
            orders: VecDeque::new(),
            job: None,
            number: 0,
        };
        observer.net.drive(env);
        observer
    }

    /// Whether an order is being carried out or waits.
    #[must_use]
    pub fn busy(&self) -> bool {
        self.job.is_some() || !self.orders.is_empty()
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input<Kafka>, env: &mut Env<'_, Kafka>) {
        match self.net.take(input, env) {
            Ok(events) => events.into_iter().for_each(|event| self.on_net(event, env)),
            Err(Input::Order(order)) => self.orders.push_back(order),
            Err(Input::Shutdown) => env.exit(),
            // Timers: what is due is done below.
            Err(_) => {}
        }
        let mut due = Time::NEVER;
        loop {
            if self.job.is_none() {
                let Some(order) = self.orders.pop_front() else {
                    break;
                };
                self.begin(order, env);
                continue;
            }
            due = self.advance(env);
            if self.job.is_some() {
                break;
            }
        }
        let deadline = self
            .job
            .as_ref()
            .map_or(Time::NEVER, |(_, deadline)| *deadline);
        env.arm(Timer::OrderDeadline, deadline);
        env.arm(
            Timer::Library,
            if self.job.is_some() { due } else { Time::NEVER },
        );
        self.net.drive(env);
    }

    fn begin(&mut self, order: Order, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        self.number += 1;
        self.job = match order {
            Order::ReadAll { tp, timeout } => {
                // A reader is a new consumer each time: it takes as long to be made, and knows the
                // bootstrap servers, not what an older one learned.
                self.net.close(env);
                self.net = Net::new(NET, Vec::new(), env);
                let starts = self.net.starts;
                Some((Job::ReadAll(ReadAll::new(tp, starts)), now + timeout))
            }
            Order::Describe { tp, brokers } => {
                let unasked = brokers.into_iter().map(|broker| (broker, false)).collect();
                let timeout = DESCRIBE_TIMEOUT;
                Some((
                    Job::Describe {
                        tp,
                        unasked,
                        asked: 0,
                        best: None,
                    },
                    now + timeout,
                ))
            }
            Order::GroupOffsets { group, timeout } => {
                self.net.close(env);
                self.net = Net::new(NET, Vec::new(), env);
                self.net.starts = now;
                let name = env.settings().groups.get(usize::from(group)).cloned();
                let job = |group| Job::GroupOffsets {
                    group,
                    coordinator: None,
                    asked: false,
                    not_before: now,
                };
                name.map(|group| (job(group), now + timeout))
            }
            // What is left concerns other kinds of process.
            _ => None,
        };
    }

    /// Does what can be done for the order in hand. Returns when more is due.
    fn advance(&mut self, env: &mut Env<'_, Kafka>) -> Time {
        let now = env.now();
        let tag = Tag(self.number);
        let Some((job, deadline)) = self.job.as_mut() else {
            return Time::NEVER;
        };
        if now >= *deadline {
            let (call, best) = match job {
                Job::ReadAll(_) => (Call::ReadAll, None),
                Job::Describe { tp, best, .. } => {
                    (Call::Describe, best.take().map(|state| (*tp, state)))
                }
                Job::GroupOffsets { .. } => (Call::GroupOffsets, None),
            };
            let result = best
                .map(|(tp, state)| Fact::Described { tp, state })
                .ok_or(ClientError::Timeout);
            self.end(call, result, env);
            return Time::NEVER;
        }
        match job {
            Job::ReadAll(read) => match read.advance(&mut self.net, tag, env) {
                Step::Wait(until) => until,
                Step::Done(fact) => {
                    self.end(Call::ReadAll, Ok(fact), env);
                    Time::NEVER
                }
            },
            Job::Describe {
                tp,
                unasked,
                asked,
                best,
            } => {
                let tp = *tp;
                let net = &mut self.net;
                unasked.retain_mut(|(broker, tried)| {
                    if net.ready(*broker, env) {
                        net.ask(*broker, Ask::Describe { tp }, tag, env);
                        *asked += 1;
                        return false;
                    }
                    // A broker that cannot be reached at once is left out.
                    let failed = *tried && net.retry_at(*broker).is_some();
                    *tried |= net.retry_at(*broker).is_none();
                    !failed
                });
                let pending = unasked
                    .iter()
                    .filter_map(|(broker, _)| net.retry_at(*broker));
                let due = pending.min().unwrap_or(Time::NEVER);
                if unasked.is_empty() && *asked == 0 {
                    let state = best.take().map(|state| Fact::Described { tp, state });
                    self.end(Call::Describe, state.ok_or(ClientError::Timeout), env);
                }
                due.max(now + Span(1))
            }
            Job::GroupOffsets {
                group,
                coordinator,
                asked,
                not_before,
            } => {
                if *asked {
                    return Time::NEVER;
                }
                if now < *not_before {
                    return *not_before;
                }
                let group = group.clone();
                let (broker, ask) = match coordinator {
                    Some(broker) => (
                        Some(*broker).filter(|broker| self.net.ready(*broker, env)),
                        Ask::OffsetFetch {
                            group,
                            tps: Vec::new(),
                        },
                    ),
                    None => (self.net.least_loaded(env), Ask::FindCoordinator { group }),
                };
                if let Some(broker) = broker {
                    *asked = true;
                    self.net.ask(broker, ask, tag, env);
                    return Time::NEVER;
                }
                // A coordinator that broke down is looked for again when it could be tried again.
                let retry = |seat: &SeatId| self.net.retry_at(*seat).filter(|at| *at > now);
                match *coordinator {
                    Some(seat) if retry(&seat).is_some() => *coordinator = None,
                    _ => {}
                }
                self.bootstrap
                    .iter()
                    .filter_map(retry)
                    .min()
                    .unwrap_or(Time::NEVER)
            }
        }
    }

    fn on_net(&mut self, event: Event<Tag>, env: &mut Env<'_, Kafka>) {
        match event {
            Event::Answered { tag, answer, .. } if tag.0 == self.number => {
                self.answered(Some(answer), env)
            }
            Event::Failed { tag, .. } if tag.0 == self.number => self.answered(None, env),
            _ => {}
        }
    }

    /// An answer to a request of the order in hand, or `None` when it failed without one.
    fn answered(&mut self, answer: Option<Answer>, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        let Some((job, _)) = self.job.as_mut() else {
            return;
        };
        match (job, answer) {
            (Job::ReadAll(read), answer) => read.answered(answer, &mut self.net, env),
            (Job::Describe { asked, best, .. }, answer) => {
                *asked = asked.saturating_sub(1);
                if let Some(Answer::Describe {
                    state: Some(state), ..
                }) = answer
                {
                    let age = |s: &PartitionState| (s.leader_epoch, s.partition_epoch);
                    if best.as_ref().is_none_or(|known| age(&state) > age(known)) {
                        *best = Some(state);
                    }
                }
            }
            (
                Job::GroupOffsets {
                    coordinator, asked, ..
                },
                Some(Answer::Coordinator {
                    error: Code::None,
                    broker: Some(broker),
                }),
            ) => {
                *asked = false;
                *coordinator = Some(broker);
            }
            (
                Job::GroupOffsets { group, .. },
                Some(Answer::OffsetFetch {
                    error: Code::None,
                    offsets,
                }),
            ) => {
                let mut read: Vec<(Tp, i64)> = offsets
                    .iter()
                    .filter_map(|c| Some((c.tp, c.offset?)))
                    .collect();
                read.sort_unstable();
                let fact = Fact::OffsetsRead {
                    group: group.clone(),
                    offsets: read,
                };
                self.end(Call::GroupOffsets, Ok(fact), env);
            }
            (
                Job::GroupOffsets {
                    coordinator,
                    asked,
                    not_before,
                    ..
                },
                _,
            ) => {
                *coordinator = None;
                *asked = false;
                *not_before = now + NET.retry.0;
            }
        }
    }

    fn end(&mut self, call: Call, result: Result<Fact, ClientError>, env: &mut Env<'_, Kafka>) {
        self.job = None;
        self.number += 1;
        match result {
            Ok(fact) => {
                env.note(fact);
                env.note(Fact::CallReturned { call });
            }
            Err(error) => {
                env.note(Fact::CallFailed { call, error });
            }
        }
    }
}
