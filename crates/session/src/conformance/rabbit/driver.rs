//! The driver: founds the cluster, declares the topology, and does one step after the other.
//!
//! It runs the world event by event until what a step waits for has happened or the step's time is over,
//! and stops between two events. What it observes comes from clients in the world, from what the trace says
//! about them, or from what a node tells an administrator's tool.

use std::collections::{BTreeMap, BTreeSet};

use ackscope_kernel::{Act, MessageKey, SeatId, Span, Time};
use ackscope_rabbitmq::amqp::{ExchangeDeclare, ExchangeKind, QueueDeclare};
use ackscope_rabbitmq::client::{Ask, Call, Channeling};
use ackscope_rabbitmq::facts::{CallEnd, QueueLook};
use ackscope_rabbitmq::message::Value;
use ackscope_rabbitmq::node::image::Policy;
use ackscope_rabbitmq::system::{Ctl, Order};

use super::case::{PolicySpec, QueueSpec, RabbitCase};
use super::collect::{NodeStatus, Reading};
use super::moving::Moving;
use super::observed::StateEntry;
use super::setting::{Names, Ready, SETUP, applies_to, table};
use super::times::Times;

/// A run of a case.
pub(super) struct Run<'c> {
    pub(super) case: &'c RabbitCase,
    pub(super) times: Times,
    pub(super) moving: Moving,
    pub(super) names: Names,
    nodes: Vec<String>,
    /// The number of the next call or question.
    next: u32,
    /// Clients that have connected.
    connected: BTreeSet<String>,
    /// Calls that go on beside the steps.
    pub(super) background: BTreeMap<String, Vec<u32>>,
    /// Queues and streams that have a leader to wait for.
    replicated: BTreeSet<String>,
    keys: BTreeMap<(SeatId, String), MessageKey>,
    key_names: BTreeMap<MessageKey, String>,
    /// What drains read: the queue and the message.
    pub(super) drained: Vec<(String, Reading)>,
    /// Errors of drains: step, code, kind.
    pub(super) drain_errors: Vec<(i64, u16, Option<&'static str>)>,
    pub(super) states: Vec<StateEntry>,
}

/// Why a run has no outcome.
pub(super) enum Stuck {
    /// The model ran in a circle.
    Endless,
    /// The cluster did not come up.
    Cluster(String),
}

impl<'c> Run<'c> {
    pub(super) fn new(case: &'c RabbitCase, ready: Ready, seed: u64) -> Self {
        let mut moving = Moving::new(seed, ready.settings);
        for name in &ready.seats {
            moving.world.add(name);
        }
        Run {
            case,
            times: ready.times,
            moving,
            names: ready.names,
            nodes: case.cluster.nodes.clone(),
            next: 1,
            connected: BTreeSet::new(),
            background: BTreeMap::new(),
            replicated: BTreeSet::new(),
            keys: BTreeMap::new(),
            key_names: BTreeMap::new(),
            drained: Vec::new(),
            drain_errors: Vec::new(),
            states: Vec::new(),
        }
    }

    /// Founds the cluster and does all steps.
    pub(super) fn play(&mut self) -> Result<(), Stuck> {
        self.found()?;
        let steps = &self.case.steps;
        for (number, step) in (0..).zip(steps) {
            self.moving.collected.step = number;
            self.take(step);
            self.moving.pass(self.times.think);
            if self.moving.exhausted() {
                return Err(Stuck::Endless);
            }
        }
        Ok(())
    }

    // ---- before the first step ----

    fn found(&mut self) -> Result<(), Stuck> {
        for node in self.nodes.clone() {
            self.moving.act(Act::Start(self.moving.seat(&node)));
        }
        let limit = self.now() + self.times.up;
        self.moving.until(limit, |_| false);
        if !self.whole() {
            let said = "the nodes do not see each other as running".to_owned();
            return Err(Stuck::Cluster(said));
        }
        for policy in &self.case.policies {
            self.set_policy(policy, 0);
        }
        for exchange in &self.case.exchanges {
            let declare = Ask::DeclareExchange(ExchangeDeclare {
                exchange: self.names.of(&exchange.name),
                kind: exchange_kind(&exchange.kind),
                passive: false,
                durable: exchange.durable,
                auto_delete: exchange.auto_delete,
                internal: exchange.internal,
                arguments: table(&exchange.arguments).unwrap_or_default(),
            });
            self.set_up(exchange.home.as_deref(), declare);
        }
        for queue in &self.case.queues {
            let declare = Ask::DeclareQueue(self.queue_declare(queue, false));
            self.set_up(queue.home.as_deref(), declare);
            self.known(queue);
        }
        for binding in &self.case.bindings {
            let bind = Ask::BindQueue {
                queue: self.names.of(&binding.queue),
                exchange: self.names.of(&binding.exchange),
                routing_key: binding.routing_key.as_str().into(),
                arguments: table(&binding.arguments).unwrap_or_default(),
            };
            self.set_up(None, bind);
        }
        self.await_leaders(true);
        self.moving.pass(self.times.age);
        match self.moving.exhausted() {
            true => Err(Stuck::Endless),
            false => Ok(()),
        }
    }

    /// Something that the topology needs, over a connection of its own to `home`.
    fn set_up(&mut self, home: Option<&str>, ask: Ask) {
        let first = self.nodes.first().cloned().unwrap_or_default();
        let node = home.unwrap_or(&first).to_owned();
        if self.open(SETUP, &node, None) {
            self.call_of(SETUP, ask, self.times.declare);
        }
        self.shut(SETUP);
    }

    /// A queue whose leader may have to be waited for.
    pub(super) fn known(&mut self, queue: &QueueSpec) {
        let typed = queue.arguments.get("x-queue-type");
        let kind = typed.and_then(|kind| kind.as_str()).unwrap_or(&queue.kind);
        if kind != "classic" {
            self.replicated.insert(queue.name.clone());
        }
    }

    /// queue.declare. A type other than classic is said as `x-queue-type`.
    pub(super) fn queue_declare(&self, queue: &QueueSpec, passive: bool) -> QueueDeclare {
        let mut arguments = table(&queue.arguments).unwrap_or_default();
        if queue.kind != "classic" {
            let mut more = (*arguments).clone();
            let kind = Value::Str(queue.kind.as_str().into());
            more.insert("x-queue-type".into(), kind);
            arguments = more.into();
        }
        QueueDeclare {
            queue: self.names.of(&queue.name),
            passive,
            durable: queue.durable,
            exclusive: queue.exclusive,
            auto_delete: queue.auto_delete,
            arguments,
        }
    }

    /// `rabbitmqctl set_policy` on the first node that runs.
    pub(super) fn set_policy(&mut self, policy: &PolicySpec, extra: i64) {
        let Some(node) = self.first_running() else {
            return;
        };
        let Ok(applies_to) = applies_to(&policy.apply_to) else {
            return;
        };
        let before = self.moving.collected.policies;
        let seat = self.moving.seat(&node);
        let order = Order::Ctl(Ctl::SetPolicy(Policy {
            name: self.names.of(&policy.name),
            pattern: policy.pattern.as_str().into(),
            applies_to,
            priority: policy.priority.saturating_add(extra),
            definition: table(&policy.definition).unwrap_or_default(),
            operator: false,
        }));
        self.moving.act(Act::Order(seat, order));
        let limit = self.now() + self.times.call;
        self.moving
            .until(limit, |moving| moving.collected.policies > before);
    }

    // ---- who is who ----

    pub(super) fn now(&self) -> Time {
        self.moving.now()
    }

    pub(super) fn nodes(&self) -> Vec<String> {
        self.nodes.clone()
    }

    /// The first node that runs and is not frozen.
    pub(super) fn first_running(&self) -> Option<String> {
        let mut nodes = self.nodes.iter();
        let running = |node: &&String| self.moving.running(self.moving.seat(node));
        nodes.find(running).cloned()
    }

    /// The message that a producer's application calls by this name.
    pub(super) fn key(&mut self, producer: SeatId, name: &str) -> MessageKey {
        if let Some(key) = self.keys.get(&(producer, name.to_owned())) {
            return *key;
        }
        let mine = self.keys.range((producer, String::new())..);
        let mine = mine.take_while(|((seat, _), _)| *seat == producer).count();
        let key = MessageKey {
            origin: producer,
            number: u32::try_from(mine + 1).unwrap_or(u32::MAX),
        };
        self.keys.insert((producer, name.to_owned()), key);
        self.key_names.insert(key, name.to_owned());
        key
    }

    /// The message of this name, whoever published it.
    pub(super) fn any_key(&self, name: &str) -> Option<MessageKey> {
        let mut known = self.key_names.iter();
        known.find(|(_, text)| *text == name).map(|(key, _)| *key)
    }

    /// The name of a message.
    pub(super) fn message(&self, key: MessageKey) -> String {
        let unknown = || format!("{}#{}", self.moving.world.name(key.origin), key.number);
        self.key_names.get(&key).cloned().unwrap_or_else(unknown)
    }

    // ---- asking clients ----

    pub(super) fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// Starts a client's process and connects it. Returns whether it can be asked for something.
    pub(super) fn open(&mut self, client: &str, node: &str, channel: Option<Channeling>) -> bool {
        let seat = self.moving.seat(client);
        if self.moving.down(seat) {
            self.moving.act(Act::Start(seat));
        }
        let node = Some(self.moving.seat(node));
        let ask = Ask::Connect { node, channel };
        self.call_of(client, ask, self.times.connect) == Some(CallEnd::Done)
    }

    /// Closes a client's connection and ends its process.
    pub(super) fn shut(&mut self, client: &str) {
        self.call_of(client, Ask::Close, self.times.close);
        let seat = self.moving.seat(client);
        if !self.moving.down(seat) {
            self.moving.act(Act::Crash(seat));
        }
    }

    /// Connects a client of the case unless it has connected before.
    pub(super) fn make(&mut self, client: &str) -> bool {
        if self.connected.contains(client) {
            return true;
        }
        let Some(spec) = self.case.clients.get(client) else {
            return false;
        };
        let node = spec.node.clone();
        let ready = self.open(client, &node, None);
        if ready {
            self.connected.insert(client.to_owned());
        }
        ready
    }

    /// Makes a call and returns its number; nothing when the client's process is gone.
    pub(super) fn begin(&mut self, client: &str, ask: Ask, limit: Span) -> Option<u32> {
        let seat = self.moving.seat(client);
        if !self.moving.running(seat) {
            return None;
        }
        let number = self.number();
        let call = Call { number, limit, ask };
        self.moving.act(Act::Order(seat, Order::Client(call)));
        Some(number)
    }

    /// Makes a call and waits until it has ended.
    pub(super) fn call_of(&mut self, client: &str, ask: Ask, limit: Span) -> Option<CallEnd> {
        let number = self.begin(client, ask, limit)?;
        self.ended(client, number)
    }

    /// Waits until a call has ended. It ends by itself, at the latest with its time-out.
    pub(super) fn ended(&mut self, client: &str, number: u32) -> Option<CallEnd> {
        let seat = self.moving.seat(client);
        self.moving.until(Time::NEVER, |moving| {
            moving.down(seat) || moving.collected.ended.contains_key(&(seat, number))
        });
        self.moving.collected.ended.get(&(seat, number)).copied()
    }

    // ---- asking nodes ----

    /// What a node says of itself and the others; nothing when it does not answer.
    pub(super) fn status(&mut self, node: &str) -> Option<NodeStatus> {
        let seat = self.moving.seat(node);
        if !self.moving.running(seat) {
            return None;
        }
        let ask = self.number();
        let order = Order::Ctl(Ctl::Status(ask));
        self.moving.act(Act::Order(seat, order));
        self.moving.collected.statuses.remove(&(seat, ask))
    }

    /// Each node runs and sees all others run.
    pub(super) fn whole(&mut self) -> bool {
        let nodes = self.nodes();
        let seats: BTreeSet<SeatId> = nodes.iter().map(|node| self.moving.seat(node)).collect();
        nodes.iter().all(|node| {
            let status = self.status(node);
            status.is_some_and(|status| status.running && status.seen == seats)
        })
    }

    /// How a queue looks from a node: nothing when the node does not answer, and nothing within when there
    /// is no such queue.
    pub(super) fn look(&mut self, node: &str, queue: &str) -> Option<Option<Box<QueueLook>>> {
        let seat = self.moving.seat(node);
        if !self.moving.running(seat) {
            return None;
        }
        let ask = self.number();
        let order = Order::Ctl(Ctl::QueueInfo(ask, self.names.of(queue)));
        self.moving.act(Act::Order(seat, order));
        let limit = self.now() + self.times.ask;
        self.moving.until(limit, |moving| {
            moving.collected.looks.contains_key(&(seat, ask)) || moving.down(seat)
        });
        self.moving.collected.looks.remove(&(seat, ask))
    }

    /// Looks at a condition at once and then again and again, until it holds or `limit` is over.
    pub(super) fn watch(&mut self, limit: Time, mut look: impl FnMut(&mut Self) -> bool) -> bool {
        loop {
            if look(self) {
                return true;
            }
            if self.now() >= limit || self.moving.exhausted() {
                return false;
            }
            let next = (self.now() + self.times.look).min(limit);
            self.moving.until(next, |_| false);
        }
    }

    /// Until each quorum queue and stream has a leader among the live nodes; `full`: and all its members.
    pub(super) fn await_leaders(&mut self, full: bool) {
        let limit = self.now() + self.times.settle;
        let queues: Vec<String> = self.replicated.iter().cloned().collect();
        self.watch(limit, |run| {
            queues.iter().all(|queue| {
                let Some(node) = run.first_running() else {
                    return false;
                };
                match run.look(&node, queue) {
                    None => false,
                    Some(None) => true,
                    Some(Some(look)) => {
                        look.running && (!full || look.online.len() == look.members.len())
                    }
                }
            })
        });
    }
}

/// A type of exchange, or its name where no node knows it.
fn exchange_kind(name: &str) -> Result<ExchangeKind, std::sync::Arc<str>> {
    Ok(match name {
        "direct" => ExchangeKind::Direct,
        "fanout" => ExchangeKind::Fanout,
        "topic" => ExchangeKind::Topic,
        "headers" => ExchangeKind::Headers,
        other => return Err(other.into()),
    })
}
