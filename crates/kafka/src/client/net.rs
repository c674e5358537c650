//! What producer and consumer share: connections to brokers, requests in flight, time-outs, reconnect
//! back-off, metadata (`NetworkClient`, `Metadata`).

mod refresh;
mod times;

pub use times::backoff;

use crate::errors::Code;
use crate::messages::{Answer, Ask, LeaderInfo, Msg};
use crate::records::Tp;
use crate::system::{Kafka, Timer};
use ackscope_kernel::SortedMap;
use ackscope_kernel::{ConnId, Env, Input, SeatId, Span, Time};
use borsh::BorshSerialize;
use std::collections::VecDeque;
use std::fmt::Debug;

/// The settings that both kinds of client have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct NetParams {
    /// request.timeout.ms.
    pub request_timeout: Span,
    /// reconnect.backoff.ms and reconnect.backoff.max.ms.
    pub reconnect: (Span, Span),
    /// retry.backoff.ms and retry.backoff.max.ms.
    pub retry: (Span, Span),
    /// socket.connection.setup.timeout.ms.
    pub setup_timeout: Span,
    /// metadata.max.age.ms.
    pub metadata_max_age: Span,
}

/// What happened on the network, for the library above.
#[derive(Clone, Debug)]
pub enum Event<T> {
    /// A request was answered.
    Answered {
        /// Who answered.
        broker: SeatId,
        /// What the asker attached to it.
        tag: T,
        /// The answer.
        answer: Answer,
    },
    /// A request failed without an answer: `NetworkException` when the connection broke,
    /// `RequestTimedOut` when request.timeout.ms was over (correction 1 from real runs).
    Failed {
        /// Who was asked.
        broker: SeatId,
        /// What the asker attached to it.
        tag: T,
        /// Why.
        error: Code,
    },
    /// A connection stands.
    Connected(SeatId),
    /// New metadata arrived.
    Metadata,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
struct Pending<T> {
    corr: u32,
    deadline: Time,
    /// `None`: a metadata request of the network client itself.
    tag: Option<T>,
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
struct Broker<T> {
    state: State,
    /// Lost connections and failed attempts to connect, since one stood last.
    failures: u32,
    /// Failed attempts to connect in a row; the time for the next attempt grows with them.
    setups: u32,
    /// When it was last tried or lost (`ClusterConnectionStates.lastConnectAttemptMs`).
    tried: Time,
    /// Oldest first.
    pending: VecDeque<Pending<T>>,
}

/// The network client of one process. `T` is what the library attaches to a request.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Net<T: Clone + Debug + PartialEq + Eq + BorshSerialize> {
    params: NetParams,
    /// No request before this time: the client is being made.
    pub starts: Time,
    brokers: SortedMap<SeatId, Broker<T>>,
    next_corr: u32,
    /// Topics that metadata is wanted for.
    pub topics: Vec<u16>,
    /// Number of partitions of each known topic.
    pub partitions: SortedMap<u16, u16>,
    /// Leaders by partition.
    pub leaders: SortedMap<Tp, LeaderInfo>,
    /// A refresh is wanted.
    refresh: bool,
    refreshing: bool,
    refreshed: Option<Time>,
    /// No refresh before this time (retry.backoff.ms after the last attempt).
    refresh_not_before: Time,
    /// Refreshes that failed in a row.
    attempts: u32,
    /// Answers in a row that said nothing new.
    equivalent: u32,
    /// How often a broker was chosen: each choice among equals is drawn anew.
    chosen: u32,
    /// Brokers that the last metadata named; empty before the first.
    alive: Vec<SeatId>,
    /// max.in.flight.requests.per.connection, for the choice of a broker.
    max_in_flight: u32,
    /// socket.connection.setup.timeout.max.ms.
    setup_timeout_max: Span,
}

impl<T: Clone + Debug + PartialEq + Eq + BorshSerialize> Net<T> {
    /// A network client that knows all brokers from `bootstrap.servers`.
    pub fn new(params: NetParams, topics: Vec<u16>, env: &Env<'_, Kafka>) -> Self {
        let brokers = env.settings().broker_seats();
        let idle = || Broker {
            state: State::Idle(Time(0)),
            failures: 0,
            setups: 0,
            tried: Time(0),
            pending: VecDeque::new(),
        };
        Net {
            params,
            starts: env.now() + env.settings().pace.client_start,
            brokers: brokers.map(|seat| (seat, idle())).collect(),
            next_corr: 1,
            refresh: !topics.is_empty(),
            topics,
            partitions: SortedMap::new(),
            leaders: SortedMap::new(),
            refreshing: false,
            refreshed: None,
            refresh_not_before: Time(0),
            attempts: 0,
            equivalent: 0,
            chosen: 0,
            alive: Vec::new(),
            max_in_flight: u32::MAX,
            setup_timeout_max: params.setup_timeout,
        }
    }

    /// Bounds the requests in flight to a broker that the client chooses by itself.
    #[must_use]
    pub fn with_max_in_flight(mut self, max: u32) -> Self {
        self.max_in_flight = max;
        self
    }

    /// Lets the time for setting up a connection grow to this (socket.connection.setup.timeout.max.ms).
    #[must_use]
    pub fn with_setup_timeout_max(mut self, max: Span) -> Self {
        self.setup_timeout_max = max;
        self
    }

    /// Takes new values; connections stay.
    pub fn set_params(&mut self, params: NetParams) {
        self.params = params;
    }

    /// The settings in force.
    #[must_use]
    pub fn params(&self) -> NetParams {
        self.params
    }

    /// Requests to this broker without an answer yet.
    #[must_use]
    pub fn in_flight(&self, broker: SeatId) -> usize {
        self.brokers.get(&broker).map_or(0, |b| b.pending.len())
    }

    /// Requests to any broker without an answer yet, those for metadata included.
    #[must_use]
    pub fn in_flight_in_all(&self) -> usize {
        self.brokers.values().map(|b| b.pending.len()).sum()
    }

    /// All brokers from `bootstrap.servers`, with the connection to each if one stands.
    pub fn connections(&self) -> impl Iterator<Item = (SeatId, Option<ConnId>)> + '_ {
        self.brokers.iter().map(|(seat, b)| match b.state {
            State::Ready(conn) => (*seat, Some(conn)),
            State::Idle(_) | State::Connecting(..) => (*seat, None),
        })
    }

    /// The tags of all requests in flight to this broker, oldest first.
    pub fn tags(&self, broker: SeatId) -> impl Iterator<Item = &T> {
        self.brokers
            .get(&broker)
            .into_iter()
            .flat_map(|b| b.pending.iter().filter_map(|p| p.tag.as_ref()))
    }

    /// Whether a request can be written to this broker now; begins to connect when that is allowed.
    pub fn ready(&mut self, broker: SeatId, env: &mut Env<'_, Kafka>) -> bool {
        let now = env.now();
        if now < self.starts {
            return false;
        }
        let Some(b) = self.brokers.get_mut(&broker) else {
            return false;
        };
        match b.state {
            State::Ready(_) => true,
            State::Connecting(..) => false,
            State::Idle(not_before) => {
                if now >= not_before {
                    b.state = State::Connecting(env.open(broker), now);
                    b.tried = now;
                }
                false
            }
        }
    }

    /// Writes a request. The broker must be ready. Returns its correlation id.
    pub fn ask(&mut self, broker: SeatId, ask: Ask, tag: T, env: &mut Env<'_, Kafka>) -> u32 {
        self.write(broker, ask, Some(tag), env)
    }

    /// Writes a request that gets no answer (acks=0).
    pub fn tell(&mut self, broker: SeatId, ask: Ask, env: &mut Env<'_, Kafka>) {
        let corr = self.next_corr;
        self.next_corr += 1;
        if let Some(Broker {
            state: State::Ready(conn),
            ..
        }) = self.brokers.get(&broker)
        {
            env.send(*conn, Msg::Ask { corr, ask });
        }
    }

    fn write(&mut self, broker: SeatId, ask: Ask, tag: Option<T>, env: &mut Env<'_, Kafka>) -> u32 {
        let corr = self.next_corr;
        self.next_corr += 1;
        if let Some(b) = self.brokers.get_mut(&broker)
            && let State::Ready(conn) = b.state
        {
            env.send(conn, Msg::Ask { corr, ask });
            b.pending.push_back(Pending {
                corr,
                deadline: env.now() + self.params.request_timeout,
                tag,
            });
        }
        corr
    }

    /// Closes all connections in order (close() of the client). Pending requests are forgotten.
    pub fn close(&mut self, env: &mut Env<'_, Kafka>) {
        for b in self.brokers.values_mut() {
            if let State::Ready(conn) | State::Connecting(conn, _) = b.state {
                env.close(conn);
            }
            b.state = State::Idle(Time::NEVER);
            b.pending.clear();
        }
        self.refresh = false;
        env.disarm(Timer::Net);
    }

    /// Takes what concerns the network; gives other inputs back.
    ///
    /// # Errors
    /// The input, when it is none of the network's.
    pub fn take(
        &mut self,
        input: Input<Kafka>,
        env: &mut Env<'_, Kafka>,
    ) -> Result<Vec<Event<T>>, Input<Kafka>> {
        let mut events = Vec::new();
        match input {
            Input::Opened(conn) => {
                for (seat, b) in &mut self.brokers {
                    if matches!(b.state, State::Connecting(c, _) if c == conn) {
                        b.state = State::Ready(conn);
                        b.failures = 0;
                        b.setups = 0;
                        events.push(Event::Connected(*seat));
                    }
                }
            }
            Input::Refused(conn) | Input::Closed(conn, _) => {
                self.lost(conn, Code::NetworkException, &mut events, env)
            }
            Input::Message {
                conn,
                from,
                message: Msg::Answer { corr, answer },
            } => {
                self.answered(conn, from, corr, answer, &mut events, env);
            }
            Input::Timer(Timer::Net) => self.expire(&mut events, env),
            other => return Err(other),
        }
        Ok(events)
    }

    fn answered(
        &mut self,
        conn: ConnId,
        from: SeatId,
        corr: u32,
        answer: Answer,
        events: &mut Vec<Event<T>>,
        env: &mut Env<'_, Kafka>,
    ) {
        let Some(b) = self.brokers.get_mut(&from) else {
            return;
        };
        if b.state != State::Ready(conn) {
            return;
        }
        let Some(place) = b.pending.iter().position(|p| p.corr == corr) else {
            return;
        };
        let Some(pending) = b.pending.remove(place) else {
            return;
        };
        match (pending.tag, answer) {
            (Some(tag), answer) => events.push(Event::Answered {
                broker: from,
                tag,
                answer,
            }),
            (
                None,
                Answer::Metadata {
                    brokers,
                    topics,
                    partitions,
                },
            ) => {
                self.learn(brokers, topics, partitions, env);
                events.push(Event::Metadata);
            }
            (None, _) => self.refresh_failed(env),
        }
    }
}
