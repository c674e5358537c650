//! A consumer process: the library (`KafkaConsumer` with the classic group protocol), the application on
//! it, and the application's sink.
//!
//! Three offsets of a partition are different things (reference 5.1): the *position*, which moves when
//! poll() hands records out; what was *processed*; and what was *committed*. The library acts for the
//! application's thread only while that is in a call; heartbeats come from a thread of their own.

mod app;
mod assignor;
mod book;
mod closing;
mod commit;
mod coordinator;
mod fetch;
mod heartbeat;
mod join;
mod link;
mod member;
mod offsets;
mod orders;
mod part;
mod polls;
mod settle;
mod view;
mod work;

pub use member::MemberState;
pub use view::{MemberView, PartitionView};

use crate::client::net::{Event, Net, NetParams};
use crate::facts::{Call, ClientError, Fact};
use crate::messages::Answer;
use crate::params::ConsumerParams;
use crate::records::Tp;
use crate::system::{ConsumerProgram, Kafka, Role, Timer};
use ackscope_kernel::{Env, Input, MessageKey, SeatId, Span, Time};
use ackscope_kernel::{SortedMap, SortedSet};
use ackscope_params::{Overlay, Registry};
use app::{App, Job};
use book::Book;
use borsh::BorshSerialize;
use commit::Commits;
use link::Link;
use member::Member;
use part::{Part, Stage};
use std::collections::VecDeque;
use std::sync::Arc;

/// reconnect.backoff.ms and reconnect.backoff.max.ms, which a consumer has as a producer does.
const RECONNECT: (Span, Span) = (Span(50_000), Span(1_000_000));
/// socket.connection.setup.timeout.ms.
const SETUP_TIMEOUT: Span = Span(10_000_000);
/// socket.connection.setup.timeout.max.ms.
const SETUP_TIMEOUT_MAX: Span = Span(30_000_000);

/// What a request over the common connections was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
enum NetTag {
    /// FindCoordinator.
    Coordinator,
    /// Fetch.
    Fetch,
    /// ListOffsets or OffsetsForLeaderEpoch, for this state of the partition's position.
    Position(Tp, u32),
}

/// A consumer.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Consumer {
    program: Arc<ConsumerProgram>,
    params: Arc<ConsumerParams>,
    group: Option<Arc<str>>,
    instance: Option<Arc<str>>,
    bootstrap: Arc<[SeatId]>,
    /// The constructor threw.
    unmade: bool,
    net: Net<NetTag>,
    link: Link,
    /// Metadata came at least once.
    informed: bool,
    /// FindCoordinator is under way.
    finding: bool,
    find_not_before: Time,
    find_failures: u32,
    member: Member,
    parts: SortedMap<Tp, Part>,
    /// Partitions with something in the buffer, in the order of arrival.
    ready: VecDeque<Tp>,
    /// OffsetFetch is under way.
    asking_committed: bool,
    committed_not_before: Time,
    books: SortedMap<Tp, Book>,
    commits: Commits,
    auto_commit_at: Time,
    /// Thrown by the next poll().
    thrown: Option<ClientError>,
    app: App,
    /// What the idempotent sink has seen.
    sink: Arc<SortedSet<MessageKey>>,
}

impl Consumer {
    /// The process right after its start: constructor, then subscribe() or assign().
    pub fn boot(program: ConsumerProgram, env: &mut Env<'_, Kafka>) -> Self {
        let now = env.now();
        let settings = env.settings();
        let params = settings.consumers.get(&env.me()).cloned();
        let params = params.unwrap_or_else(|| ConsumerParams::defaults(settings.params.profile));
        let overlay = settings.params.consumers.get(env.name_of(env.me()));
        let overlay = overlay.cloned().unwrap_or_else(Overlay::new);
        let refused = !ConsumerParams::resolve(settings.params.profile, &overlay)
            .1
            .is_empty();
        // subscribe() without a group.id throws InvalidGroupIdException.
        let unmade = refused || (params.group_id.is_none() && !program.subscribe.is_empty());
        let net_params = NetParams {
            request_timeout: Span::ms(params.request_timeout_ms),
            reconnect: RECONNECT,
            retry: (
                Span::ms(params.retry_backoff_ms),
                Span::ms(params.retry_backoff_max_ms),
            ),
            setup_timeout: SETUP_TIMEOUT,
            metadata_max_age: Span::ms(params.metadata_max_age_ms),
        };
        let topics: SortedSet<u16> = program
            .subscribe
            .iter()
            .copied()
            .chain(program.assign.iter().map(|tp| tp.topic))
            .collect();
        let starts = if program.polls {
            now + program.start
        } else {
            Time::NEVER
        };
        let auto_commit_at = now + Span::ms(params.auto_commit_interval_ms);
        let consumer = Consumer {
            group: params.group_id.as_deref().map(Arc::from),
            instance: params.group_instance_id.as_deref().map(Arc::from),
            bootstrap: settings.broker_seats().collect(),
            unmade,
            net: Net::new(net_params, topics.into_iter().collect(), env)
                .with_setup_timeout_max(SETUP_TIMEOUT_MAX),
            link: Link::new(net_params),
            informed: false,
            finding: false,
            find_not_before: Time(0),
            find_failures: 0,
            member: Member::new(now),
            parts: program.assign.iter().map(|tp| (*tp, Part::new())).collect(),
            ready: VecDeque::new(),
            asking_committed: false,
            committed_not_before: Time(0),
            books: SortedMap::new(),
            commits: Commits::default(),
            auto_commit_at,
            thrown: None,
            app: App::new(starts),
            sink: Arc::new(if program.idempotent_sink {
                work::read_sink(env)
            } else {
                SortedSet::new()
            }),
            program: Arc::new(program),
            params: Arc::new(params),
        };
        if unmade {
            env.note(Fact::CallFailed {
                call: Call::Create,
                error: ClientError::Config,
            });
            return consumer;
        }
        if !consumer.parts.is_empty() {
            env.note(Fact::Assigned {
                tps: consumer.assigned(),
                generation: -1,
            });
        }
        let mut consumer = consumer;
        consumer.arm(env);
        consumer.net.drive(env);
        consumer
    }

    fn subscribed(&self) -> bool {
        !self.program.subscribe.is_empty()
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input<Kafka>, env: &mut Env<'_, Kafka>) {
        if self.unmade {
            match input {
                Input::Order(order) => Self::refuse(&order, env),
                Input::Shutdown => env.exit(),
                _ => {}
            }
            return;
        }
        match self.link.take(input, env) {
            Ok(event) => {
                if let Some(event) = event {
                    self.on_link(event, env);
                }
            }
            Err(input) => match self.net.take(input, env) {
                Ok(events) => events.into_iter().for_each(|event| self.on_net(event, env)),
                Err(input) => self.on_input(input, env),
            },
        }
        self.pump(env);
        if self.app.job == Job::Closed {
            for timer in [
                Timer::Library,
                Timer::MemberHeartbeat,
                Timer::AutoCommit,
                Timer::Application,
            ] {
                env.disarm(timer);
            }
            env.disarm(Timer::OrderDeadline);
            return;
        }
        self.arm(env);
        self.net.drive(env);
    }

    fn on_input(&mut self, input: Input<Kafka>, env: &mut Env<'_, Kafka>) {
        match input {
            Input::Order(order) => self.app.orders.push_back(order),
            Input::Timer(Timer::Processing) => self.worked(env),
            Input::Shutdown => self.shut_down(env),
            Input::Reconfigured => {
                // Kafka's settings hold from the start of a client; the application's program may change.
                let role = env.settings().roles.get(env.me().0 as usize);
                if let Some(Role::Consumer(new)) = role {
                    let mut new = new.clone();
                    new.subscribe.clone_from(&self.program.subscribe);
                    new.assign.clone_from(&self.program.assign);
                    self.program = Arc::new(new);
                }
            }
            // Whatever timer it was: what is due is done below.
            _ => {}
        }
    }

    fn on_net(&mut self, event: Event<NetTag>, env: &mut Env<'_, Kafka>) {
        match event {
            Event::Answered {
                tag: NetTag::Fetch,
                answer: Answer::Fetch(results),
                ..
            } => self.fetched(results, env),
            Event::Answered {
                tag: NetTag::Coordinator,
                answer: Answer::Coordinator { error, broker },
                ..
            } => {
                self.found(Some((error, broker)), env);
            }
            Event::Answered {
                tag: NetTag::Position(tp, stamp),
                answer,
                ..
            } => {
                self.position_answered(tp, stamp, Some(answer), env);
            }
            Event::Failed {
                tag: NetTag::Coordinator,
                ..
            } => self.found(None, env),
            Event::Failed {
                tag: NetTag::Position(tp, stamp),
                ..
            } => self.position_answered(tp, stamp, None, env),
            Event::Metadata => {
                self.informed = true;
                self.metadata_changed();
            }
            Event::Answered { .. } | Event::Failed { .. } | Event::Connected(_) => {}
        }
    }

    /// Does everything that can be done now.
    fn pump(&mut self, env: &mut Env<'_, Kafka>) {
        if !self.app.running && env.now() >= self.app.starts {
            self.app.starts = Time::NEVER;
            self.app.running = true;
            if self.app.job == Job::Idle {
                self.call_over(env);
            }
        }
        if let Some(event) = self.link.expire(env) {
            self.on_link(event, env);
        }
        loop {
            let ordered = self.take_order(env);
            if self.app.job == Job::Closed {
                if ordered {
                    continue;
                }
                return;
            }
            if self.program.hands_off {
                self.work(env);
            }
            self.drive_commits(env);
            self.heartbeat(env);
            if self.app.polling() && self.thrown.is_none() && self.member.fatal.is_none() {
                if self.subscribed() {
                    self.join(env);
                }
                if !self.member.rejoin || !self.subscribed() {
                    self.auto_commit(env);
                }
                self.positions(env);
            }
            let moved = self.advance(env);
            self.find_coordinator(env);
            let sends = self.commits.waiting() && self.link.coordinator().is_some();
            if !ordered && !moved && !sends {
                return;
            }
        }
    }

    /// Arms the timers for what comes next. What is due already waits for something else.
    fn arm(&mut self, env: &mut Env<'_, Kafka>) {
        let now = env.now();
        let later = |at: Time| if at > now { at } else { Time::NEVER };
        let polling = self.app.polling();
        let mut due = later(self.link.due()).min(later(self.commits.due()));
        if self.group.is_some() && self.link.coordinator().is_none() && !self.finding {
            due = due.min(later(self.find_not_before));
            for seat in self.bootstrap.iter() {
                due = due.min(later(self.net.retry_at(*seat).unwrap_or(Time::NEVER)));
            }
        }
        if let Job::SeekCommitted { not_before, .. } = self.app.job {
            due = due.min(later(not_before));
        }
        if polling {
            due = due.min(later(self.join_due()));
            for (tp, part) in &self.parts {
                due = due.min(later(part.not_before));
                if part.stage == Stage::Init {
                    due = due.min(later(self.committed_not_before));
                } else if let Some(retry) = self
                    .net
                    .leader(*tp)
                    .and_then(|leader| self.net.retry_at(leader))
                {
                    due = due.min(later(retry));
                }
            }
        }
        env.arm(Timer::Library, due);
        env.arm(Timer::MemberHeartbeat, later(self.heartbeat_due()));
        let commits = polling && self.params.enable_auto_commit && self.group.is_some();
        env.arm(
            Timer::AutoCommit,
            if commits {
                later(self.auto_commit_at)
            } else {
                Time::NEVER
            },
        );
        env.arm(
            Timer::Application,
            later(self.app.poll_ends()).min(later(self.app.starts)),
        );
        env.arm(Timer::OrderDeadline, later(self.app.deadline()));
    }
}
