//! The connection to the group coordinator. The client keeps it apart from the connection over which it
//! fetches from the same broker, so that a fetch that waits for data holds up no commit
//! (`AbstractCoordinator`: the coordinator's node id is `Integer.MAX_VALUE - id`).

use crate::client::net::{NetParams, backoff};
use crate::errors::Code;
use crate::messages::{Answer, Ask, Msg};
use crate::system::Kafka;
use ackscope_kernel::{ConnId, Env, Input, SeatId, Span, Time};
use borsh::BorshSerialize;
use std::collections::VecDeque;

/// What a request to the coordinator was for. The number is the member's count of changes of its
/// generation at the time of sending: an answer to an older one is not taken to heart
/// (`AbstractCoordinator.generationUnchanged`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) enum Tag {
    Join(u32),
    Sync(u32),
    Heartbeat(u32),
    Leave,
    /// A commit, by its number, and the count.
    Commit(u32, u32),
    /// Committed offsets, to start from.
    Committed,
    /// Committed offsets, for the application's seek.
    CommittedToSeek,
}

/// What happened on the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LinkEvent {
    Answered(Tag, Answer),
    /// The connection is gone, and these requests with it.
    Lost(Vec<Tag>),
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
enum State {
    /// Not connected; not tried again before this time.
    Idle(Time),
    /// Asked for at that time.
    Connecting(ConnId, Time),
    Ready(ConnId),
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
struct Pending {
    corr: u32,
    deadline: Time,
    tag: Tag,
    /// What is to be written once the connection stands.
    unsent: Option<Ask>,
}

/// The connection to the coordinator, if one is known.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Link {
    params: NetParams,
    known: Option<SeatId>,
    /// Whom `state` is about: the known coordinator or the one before.
    broker: Option<SeatId>,
    state: State,
    failures: u32,
    next_corr: u32,
    pending: VecDeque<Pending>,
}

impl Link {
    pub(super) fn new(params: NetParams) -> Self {
        Link {
            params,
            known: None,
            broker: None,
            state: State::Idle(Time(0)),
            failures: 0,
            next_corr: 1,
            pending: VecDeque::new(),
        }
    }

    /// The coordinator, if it is known.
    pub(super) fn coordinator(&self) -> Option<SeatId> {
        self.known
    }

    /// Takes a coordinator. Returns false when its connection just failed and may not be tried yet
    /// (`ConsumerNetworkClient.isUnavailable`); it then stays unknown.
    pub(super) fn point(&mut self, broker: SeatId, env: &mut Env<'_, Kafka>) -> bool {
        if self.broker != Some(broker) {
            self.broker = Some(broker);
            self.state = State::Idle(Time(0));
            self.failures = 0;
        }
        if matches!(self.state, State::Idle(not_before) if not_before > env.now()) {
            return false;
        }
        self.known = Some(broker);
        // `client.tryConnect`.
        self.connect(env);
        true
    }

    /// Forgets the coordinator, closes the connection and gives up what is under way on it
    /// (`markCoordinatorUnknown`).
    pub(super) fn forget(&mut self, env: &mut Env<'_, Kafka>) -> Vec<Tag> {
        self.known = None;
        if let State::Ready(conn) | State::Connecting(conn, _) = self.state {
            env.close(conn);
            self.state = State::Idle(env.now());
        }
        self.pending.drain(..).map(|p| p.tag).collect()
    }

    /// Sends to the coordinator, which must be known; waits for the connection if need be.
    pub(super) fn send(&mut self, ask: Ask, tag: Tag, within: Span, env: &mut Env<'_, Kafka>) {
        let corr = self.next_corr;
        self.next_corr += 1;
        let deadline = env.now() + within;
        let unsent = match self.state {
            State::Ready(conn) => {
                env.send(conn, Msg::Ask { corr, ask });
                None
            }
            State::Idle(_) | State::Connecting(..) => Some(ask),
        };
        self.pending.push_back(Pending {
            corr,
            deadline,
            tag,
            unsent,
        });
        self.connect(env);
    }

    /// request.timeout.ms.
    pub(super) fn request_timeout(&self) -> Span {
        self.params.request_timeout
    }

    /// Whether any request is under way.
    pub(super) fn busy(&self) -> bool {
        !self.pending.is_empty()
    }

    fn connect(&mut self, env: &mut Env<'_, Kafka>) {
        if let (State::Idle(not_before), Some(broker)) = (&self.state, self.known)
            && *not_before <= env.now()
        {
            self.state = State::Connecting(env.open(broker), env.now());
        }
    }

    fn owns(&self, id: ConnId) -> bool {
        matches!(self.state, State::Ready(conn) | State::Connecting(conn, _) if conn == id)
    }

    /// Takes what concerns this connection; gives other inputs back.
    pub(super) fn take(
        &mut self,
        input: Input<Kafka>,
        env: &mut Env<'_, Kafka>,
    ) -> Result<Option<LinkEvent>, Input<Kafka>> {
        match input {
            Input::Opened(conn) if self.owns(conn) => {
                self.state = State::Ready(conn);
                self.failures = 0;
                for pending in &mut self.pending {
                    if let Some(ask) = pending.unsent.take() {
                        env.send(
                            conn,
                            Msg::Ask {
                                corr: pending.corr,
                                ask,
                            },
                        );
                    }
                }
                Ok(None)
            }
            Input::Refused(conn) | Input::Closed(conn, _) if self.owns(conn) => {
                Ok(Some(self.lost(env)))
            }
            Input::Message {
                conn,
                message: Msg::Answer { corr, answer },
                ..
            } if self.owns(conn) => {
                let place = self.pending.iter().position(|p| p.corr == corr);
                let pending = place.and_then(|place| self.pending.remove(place));
                Ok(pending.map(|p| LinkEvent::Answered(p.tag, answer)))
            }
            other => Err(other),
        }
    }

    /// Gives up when a request or the connecting took too long.
    pub(super) fn expire(&mut self, env: &mut Env<'_, Kafka>) -> Option<LinkEvent> {
        let now = env.now();
        let slow = matches!(self.state, State::Connecting(_, since) if since + self.params.setup_timeout <= now);
        if !slow && !self.pending.iter().any(|p| p.deadline <= now) {
            self.connect(env);
            return None;
        }
        if let State::Ready(conn) | State::Connecting(conn, _) = self.state {
            env.close(conn);
        }
        Some(self.lost(env))
    }

    fn lost(&mut self, env: &mut Env<'_, Kafka>) -> LinkEvent {
        self.failures += 1;
        let broker = self.broker.map_or(0, |seat| u64::from(seat.0));
        let wait = backoff(
            self.params.reconnect,
            self.failures,
            [5, broker, u64::from(self.failures)],
            env,
        );
        self.state = State::Idle(env.now() + wait);
        self.known = None;
        LinkEvent::Lost(self.pending.drain(..).map(|p| p.tag).collect())
    }

    /// When something is due.
    pub(super) fn due(&self) -> Time {
        let oldest = self
            .pending
            .iter()
            .map(|p| p.deadline)
            .min()
            .unwrap_or(Time::NEVER);
        match self.state {
            State::Connecting(_, since) => oldest.min(since + self.params.setup_timeout),
            State::Idle(not_before) if !self.pending.is_empty() => oldest.min(not_before),
            State::Idle(_) | State::Ready(_) => oldest,
        }
    }

    /// Closes the connection in order; nothing is heard of it any more.
    pub(super) fn close(&mut self, env: &mut Env<'_, Kafka>) {
        self.forget(env);
        self.state = State::Idle(Time::NEVER);
    }
}

/// The error that a lost connection stands for (`DisconnectException`).
pub(super) const DISCONNECTED: Code = Code::NetworkException;
