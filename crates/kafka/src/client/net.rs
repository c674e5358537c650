//! What producer and consumer share: connections to brokers, requests in flight, time-outs, reconnect
//! back-off, metadata (`NetworkClient`, `Metadata`).

use crate::errors::Code;
use crate::messages::{Answer, Ask, LeaderInfo, Msg};
use crate::records::Tp;
use crate::system::{Kafka, Timer};
use ackscope_kernel::{ConnId, Env, Input, SeatId, Span, Time};
use borsh::BorshSerialize;
use std::collections::{BTreeMap, VecDeque};
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
    brokers: BTreeMap<SeatId, Broker<T>>,
    next_corr: u32,
    /// Topics that metadata is wanted for.
    pub topics: Vec<u16>,
    /// Number of partitions of each known topic.
    pub partitions: BTreeMap<u16, u16>,
    /// Leaders by partition.
    pub leaders: BTreeMap<Tp, LeaderInfo>,
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
            partitions: BTreeMap::new(),
            leaders: BTreeMap::new(),
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

    /// Asks for metadata as soon as the back-off allows.
    pub fn want_metadata(&mut self) {
        self.refresh = true;
    }

    /// Wants metadata of this topic from now on. A topic that was not wanted before is asked for at once,
    /// whatever the back-off (`Metadata.requestUpdateForNewTopics`).
    pub fn want_topic(&mut self, topic: u16) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
            self.equivalent = 0;
            self.refresh_not_before = Time(0);
        }
        self.refresh = true;
    }

    /// The leader that the client believes in.
    #[must_use]
    pub fn leader(&self, tp: Tp) -> Option<SeatId> {
        self.leaders.get(&tp).and_then(|info| info.leader)
    }

    /// The leader epoch that the client knows, or -1.
    #[must_use]
    pub fn leader_epoch(&self, tp: Tp) -> i32 {
        self.leaders.get(&tp).map_or(-1, |info| info.epoch)
    }

    /// Takes a leader that an answer named (KIP-951); an older epoch is ignored. Returns whether it is news.
    pub fn learn_leader(&mut self, tp: Tp, info: LeaderInfo) -> bool {
        let news = self
            .leaders
            .get(&tp)
            .is_none_or(|known| info.epoch > known.epoch);
        if news {
            self.leaders.insert(tp, info);
        }
        news
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

    /// Takes a metadata answer (`Metadata.update`).
    fn learn(
        &mut self,
        brokers: Vec<SeatId>,
        topics: Vec<(u16, u16)>,
        partitions: Vec<(Tp, LeaderInfo)>,
        env: &Env<'_, Kafka>,
    ) {
        self.refreshing = false;
        self.refreshed = Some(env.now());
        self.attempts = 0;
        self.equivalent += 1;
        self.partitions
            .retain(|topic, _| topics.iter().any(|(t, _)| t == topic));
        self.partitions.extend(topics);
        self.leaders
            .retain(|tp, _| self.partitions.contains_key(&tp.topic));
        for (tp, info) in partitions {
            let known = self.leaders.get(&tp).map(|known| known.epoch);
            if known.is_none_or(|known| info.epoch > known) {
                self.equivalent = 0;
            }
            // An older leader epoch than the known one is ignored (reference 3.4).
            if known.is_none_or(|known| info.epoch >= known) {
                self.leaders.insert(tp, info);
            }
        }
        // An answer without brokers is one of a broker that knows nothing yet.
        if !brokers.is_empty() {
            self.alive = brokers;
        }
        // Topics that do not exist and partitions without a leader are asked for again.
        self.refresh = self.topics.iter().any(|t| !self.partitions.contains_key(t))
            || self.leaders.values().any(|info| info.leader.is_none());
        self.refresh_not_before = env.now() + self.refresh_backoff(self.equivalent, env);
    }

    /// A metadata request came to nothing (`Metadata.failedUpdate`).
    fn refresh_failed(&mut self, env: &Env<'_, Kafka>) {
        self.refreshing = false;
        self.refresh = true;
        self.attempts += 1;
        self.refresh_not_before = env.now() + self.refresh_backoff(self.attempts, env);
    }

    fn refresh_backoff(&self, count: u32, env: &Env<'_, Kafka>) -> Span {
        let count = count.max(1);
        backoff(
            self.params.retry,
            count,
            [4, u64::from(count), u64::from(env.incarnation())],
            env,
        )
    }

    /// A connection is over: all requests in flight on it fail, oldest first.
    fn lost(
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

    fn expire(&mut self, events: &mut Vec<Event<T>>, env: &mut Env<'_, Kafka>) {
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

    /// A metadata request is due, if a broker can be asked.
    #[must_use]
    pub fn metadata_due(&self, now: Time) -> bool {
        self.refresh && !self.refreshing && now >= self.refresh_not_before.max(self.starts)
    }

    fn ask_metadata(&mut self, env: &mut Env<'_, Kafka>) {
        if let Some(broker) = self.least_loaded(env) {
            let topics = self.topics.clone();
            self.write(broker, Ask::Metadata { topics }, None, env);
            self.refresh = false;
            self.refreshing = true;
        }
    }

    /// A broker for a request that any broker can answer: a ready one with the fewest requests in flight
    /// (`NetworkClient.leastLoadedNode`). Without one it begins to connect to another.
    pub fn least_loaded(&mut self, env: &mut Env<'_, Kafka>) -> Option<SeatId> {
        let now = env.now();
        if now < self.starts {
            return None;
        }
        self.chosen = self.chosen.wrapping_add(1);
        let meaning = [1, u64::from(self.chosen), u64::from(env.incarnation())];
        let start = env.draw(meaning, 0, 1 << 20);
        let count = self.brokers.len().max(1) as u64;
        let turn = |seat: &SeatId| (u64::from(seat.0) + start) % count;
        let known = |seat: &SeatId| self.alive.is_empty() || self.alive.contains(seat);
        let max = self.max_in_flight as usize;
        let ready = self
            .brokers
            .iter()
            .filter(|(seat, b)| {
                matches!(b.state, State::Ready(_)) && b.pending.len() < max && known(seat)
            })
            .min_by_key(|(seat, b)| (b.pending.len(), turn(seat)))
            .map(|(seat, _)| *seat);
        if ready.is_some() {
            return ready;
        }
        if self
            .brokers
            .values()
            .any(|b| matches!(b.state, State::Connecting(..)))
        {
            return None;
        }
        // Brokers that the metadata does not name come last: the client starts again from its
        // bootstrap servers when no other can be tried (metadata.recovery.strategy=rebootstrap).
        let next = self
            .brokers
            .iter()
            .filter(|(_, b)| matches!(b.state, State::Idle(at) if at <= now))
            .min_by_key(|(seat, b)| (!known(seat), b.tried, turn(seat)))
            .map(|(seat, _)| *seat);
        if let Some(broker) = next {
            self.ready(broker, env);
        }
        None
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
