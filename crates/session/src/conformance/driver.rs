//! The driver: does one step after the other in a virtual world and keeps what was seen.
//!
//! It runs the world event by event until what a step waits for has happened or the step's time is
//! over, and stops between two events. What it observes comes from real clients in the world, or from
//! what the trace says about the clients of the case; files are read as a tool on the node would.

use std::collections::{BTreeMap, BTreeSet};

use ackscope_kafka::{Call, Kafka, Order, Tp};
use ackscope_kernel::{
    Act, HostId, MessageKey, Recorder, SeatId, Span, Status, Time, Trace, World,
};

use super::case::{ClientSpec, KafkaCase, Kind};
use super::collect::{Answer, Collector};
use super::observed::{AssignmentEntry, LogEntry, OffsetsEntry, ReplicaEntry, StateEntry};
use super::setting::Ready;
use super::times::{MOST_EVENTS, Times};
use crate::founding::{OBSERVER, topic_named};

/// A run of a case.
pub(super) struct Run<'c> {
    pub(super) case: &'c KafkaCase,
    pub(super) times: Times,
    pub(super) world: World<Kafka>,
    trace: Trace<Kafka>,
    pub(super) collected: Collector,
    events: u64,
    /// The number of the present step.
    pub(super) step: u32,
    /// Constructors that throw.
    refused: BTreeMap<String, String>,
    /// Clients that were made.
    made: BTreeSet<String>,
    /// Constructors that threw: step, client.
    pub(super) config_errors: Vec<(u32, String)>,
    /// Steps that gave up waiting for a call: step, client.
    pub(super) given_up: Vec<(u32, String)>,
    /// Administrative requests that failed: step, code.
    pub(super) admin_errors: Vec<(u32, &'static str)>,
    /// From whom to whom no packet comes through.
    pub(super) cuts: BTreeSet<(String, String)>,
    /// Messages by producer and name, and the names.
    keys: BTreeMap<(SeatId, String), MessageKey>,
    names: BTreeMap<MessageKey, String>,
    /// Topics that do not exist and were named all the same.
    strange_topics: Vec<String>,
    pub(super) log: Vec<LogEntry>,
    pub(super) replica_log: Vec<ReplicaEntry>,
    pub(super) group_offsets: Vec<OffsetsEntry>,
    pub(super) assignments: Vec<AssignmentEntry>,
    pub(super) partition_state: Vec<StateEntry>,
}

/// The model ran in a circle.
pub(super) struct Endless;

impl<'c> Run<'c> {
    pub(super) fn new(case: &'c KafkaCase, ready: Ready, times: Times) -> Self {
        let mut run = Run {
            case,
            times,
            world: ready.founded.world,
            trace: ready.founded.trace,
            collected: Collector::default(),
            events: 0,
            step: 0,
            refused: ready.refused,
            made: BTreeSet::new(),
            config_errors: Vec::new(),
            given_up: Vec::new(),
            admin_errors: Vec::new(),
            cuts: BTreeSet::new(),
            keys: BTreeMap::new(),
            names: BTreeMap::new(),
            strange_topics: Vec::new(),
            log: Vec::new(),
            replica_log: Vec::new(),
            group_offsets: Vec::new(),
            assignments: Vec::new(),
            partition_state: Vec::new(),
        };
        run.act(Act::Start(run.seat(OBSERVER)));
        run
    }

    /// Does all steps.
    pub(super) fn play(&mut self) -> Result<(), Endless> {
        let steps = &self.case.steps;
        for (number, step) in (0..).zip(steps) {
            self.step = number;
            self.collected.step = number;
            self.take(step);
            self.pass(self.times.think);
            if self.exhausted() {
                return Err(Endless);
            }
        }
        Ok(())
    }

    // ---- moving the world ----

    fn absorb(&mut self, from: u32) {
        for (id, entry) in self.trace.range(from, self.trace.len()) {
            self.collected.record(id, entry, &self.world);
        }
    }

    /// Acts on the world at the present moment.
    pub(super) fn act(&mut self, act: Act<Kafka>) {
        let from = self.trace.len();
        self.world.apply(act, &mut self.trace);
        self.absorb(from);
    }

    pub(super) fn now(&self) -> Time {
        self.world.now()
    }

    fn exhausted(&self) -> bool {
        self.events >= MOST_EVENTS
    }

    /// Runs event by event until `done` or until `limit`; returns whether it was done.
    pub(super) fn until(&mut self, limit: Time, done: impl Fn(&Self) -> bool) -> bool {
        loop {
            if done(self) {
                return true;
            }
            match self.world.next_due() {
                Some(due) if due <= limit && !self.exhausted() => {
                    let from = self.trace.len();
                    self.world.step(&mut self.trace);
                    self.events += 1;
                    self.absorb(from);
                }
                _ => {
                    self.world.advance_clock(limit.max(self.now()));
                    return false;
                }
            }
        }
    }

    /// Lets this much time pass.
    pub(super) fn pass(&mut self, span: Span) {
        let limit = self.now() + span;
        self.until(limit, |_| false);
    }

    /// Looks at a condition at once and then again and again, until it holds or `limit` is over.
    pub(super) fn watch(&mut self, limit: Time, mut look: impl FnMut(&mut Self) -> bool) {
        loop {
            if look(self) || self.now() >= limit || self.exhausted() {
                return;
            }
            let next = (self.now() + self.times.look).min(limit);
            self.until(next, |_| false);
        }
    }

    // ---- who is who ----

    /// The seat of a node or client; names were checked before the run.
    pub(super) fn seat(&self, name: &str) -> SeatId {
        self.world.seat_named(name).unwrap_or(SeatId(u16::MAX))
    }

    pub(super) fn host(&self, name: &str) -> HostId {
        self.world.host(self.seat(name))
    }

    pub(super) fn running(&self, seat: SeatId) -> bool {
        self.world.status(seat).0 == Status::Running
    }

    pub(super) fn down(&self, seat: SeatId) -> bool {
        self.world.status(seat).0 == Status::Down
    }

    /// The brokers of the case, in order.
    pub(super) fn brokers(&self) -> impl Iterator<Item = &'c String> + use<'c> {
        let nodes = self.case.cluster.nodes.iter();
        nodes.filter(|node| *node != crate::founding::CONTROLLER)
    }

    /// Makes a client unless it was made before. Returns whether it may be asked for something.
    pub(super) fn make(&mut self, client: &str) -> bool {
        if self.refused.contains_key(client) {
            self.config_errors.push((self.step, client.to_owned()));
            return false;
        }
        let seat = self.seat(client);
        if self.made.insert(client.to_owned()) {
            self.act(Act::Start(seat));
        }
        self.running(seat)
    }

    pub(super) fn client(&self, name: &str) -> Option<&'c ClientSpec> {
        self.case.clients.get(name)
    }

    /// The partition of a topic. One that does not exist gets a number that no other topic has.
    pub(super) fn tp(&mut self, topic: &str, partition: u16) -> Tp {
        let topic = self.topic(topic);
        Tp { topic, partition }
    }

    pub(super) fn topic(&mut self, name: &str) -> u16 {
        if let Some(topic) = topic_named(self.world.settings(), name) {
            return topic;
        }
        let known = self.strange_topics.iter().position(|topic| topic == name);
        let at = known.unwrap_or_else(|| {
            self.strange_topics.push(name.to_owned());
            self.strange_topics.len() - 1
        });
        let at = self.world.settings().topics.len() + at;
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// The message that a producer's application calls by this name.
    pub(super) fn key(&mut self, producer: SeatId, name: &str) -> MessageKey {
        let mine = self.keys.range((producer, String::new())..);
        let mine = mine.take_while(|((seat, _), _)| *seat == producer);
        let next = || u32::try_from(mine.count() + 1).unwrap_or(u32::MAX);
        if let Some(key) = self.keys.get(&(producer, name.to_owned())) {
            return *key;
        }
        let key = MessageKey {
            origin: producer,
            number: next(),
        };
        self.keys.insert((producer, name.to_owned()), key);
        self.names.insert(key, name.to_owned());
        key
    }

    /// The name of a message.
    pub(super) fn name(&self, key: MessageKey) -> String {
        let unknown = || format!("{}#{}", self.world.name(key.origin), key.number);
        self.names.get(&key).cloned().unwrap_or_else(unknown)
    }

    /// Producers without any promise: acks=0.
    pub(super) fn fires_only(&self, client: &str) -> bool {
        let client = self.client(client).filter(|c| c.kind == Kind::Producer);
        let acks = client.and_then(|client| client.settings.get("acks"));
        acks.is_some_and(|acks| super::case::property(acks) == "0")
    }

    // ---- asking clients ----

    /// Gives an order and returns where the answers to it begin.
    pub(super) fn order(&mut self, seat: SeatId, order: Order) -> usize {
        let mark = self.collected.answers.len();
        self.act(Act::Order(seat, order));
        mark
    }

    /// Gives an order and waits until the call returns, throws, or `limit` is over. A process that is
    /// not there answers nothing, and nobody waits for it.
    pub(super) fn call(&mut self, client: &str, order: Order, call: Call, limit: Span) {
        let seat = self.seat(client);
        if !self.running(seat) {
            return;
        }
        let mark = self.order(seat, order);
        let limit = self.now() + limit;
        if !self.returned(mark, seat, call, limit) {
            self.given_up.push((self.step, client.to_owned()));
        }
    }

    /// Waits until a call returned or its process is gone.
    pub(super) fn returned(&mut self, mark: usize, seat: SeatId, call: Call, limit: Time) -> bool {
        self.until(limit, |run| {
            let returned = |a: &Answer| matches!(a, Answer::Returned(c, _) if *c == call);
            run.down(seat) || run.collected.answer(mark, seat, returned).is_some()
        })
    }

    /// Asks the observer something and waits for an answer that `wanted` takes.
    pub(super) fn ask(
        &mut self,
        order: Order,
        limit: Span,
        wanted: impl Fn(&Answer) -> bool,
    ) -> Option<Answer> {
        let observer = self.seat(OBSERVER);
        let mark = self.order(observer, order);
        let limit = self.now() + limit;
        self.until(limit, |run| {
            run.collected.answer(mark, observer, &wanted).is_some()
        });
        let found = self.collected.answer(mark, observer, &wanted);
        found.cloned()
    }
}
