//! A cluster of three nodes with scripted clients, for tests of queues as clients see them.

#![allow(dead_code, reason = "each test file uses a part of it")]

use ackscope_kernel::world::Physics;
use ackscope_kernel::{Act, MessageKey, SeatId, Span, Trace, What, World};
use ackscope_rabbitmq::amqp::QueueDeclare;
use ackscope_rabbitmq::client::{
    Ask, Call, Channeling, Consume, Kill, Outgoing, Program, Publish, Settling,
};
use ackscope_rabbitmq::facts::{CallEnd, Fact};
use ackscope_rabbitmq::ids::{Name, Part};
use ackscope_rabbitmq::message::{Table, Value};
use ackscope_rabbitmq::node::quorum::member::Member;
use ackscope_rabbitmq::node::{Live, Node};
use ackscope_rabbitmq::params::{ChannelMode, Params};
use ackscope_rabbitmq::signal::Settle;
use ackscope_rabbitmq::system::{
    NodeSettings, Order, Pace, Rabbit, RabbitProcess, Role, Settings, Version,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The nodes.
pub(crate) const N: [SeatId; 3] = [SeatId(0), SeatId(1), SeatId(2)];

/// How many clients there are, after the nodes.
const CLIENTS: u16 = 8;

/// The queues.
pub(crate) const Q: Name = Name(1);
pub(crate) const DLQ: Name = Name(2);

pub(crate) struct Lab {
    pub(crate) world: World<Rabbit>,
    pub(crate) trace: Trace<Rabbit>,
    calls: u32,
    connected: BTreeSet<SeatId>,
    /// Entries of the trace before this one belong to the past.
    pub(crate) version: Version,
}

/// One delivery: message, redelivered, x-delivery-count.
pub(crate) type Got = (u32, bool, Option<u32>);

impl Lab {
    pub(crate) fn new(version: Version, seed: u64) -> Lab {
        Lab::with(version, seed, |_| {})
    }

    pub(crate) fn with(version: Version, seed: u64, adjust: impl FnOnce(&mut Params)) -> Lab {
        let mut params = Params::defaults(version.profile());
        adjust(&mut params);
        let mut node = NodeSettings::of(&params, |_| None);
        node.net_ticktime = Span::secs(6);
        node.khepri = version >= Version::V4_3;
        let mut roles = vec![Role::Node; 3];
        let client = Role::Client(Arc::new(Program {
            nodes: vec![N[0]],
            ..Program::default()
        }));
        roles.extend((0..CLIENTS).map(|_| client.clone()));
        let mut names: Vec<Arc<str>> = vec!["".into(), "q".into(), "dlq".into()];
        names.extend((0..CLIENTS).map(|at| format!("c{at}").into()));
        let settings = Settings {
            version,
            roles,
            names,
            node: Arc::new(node),
            params: Arc::new(params),
            pace: Pace {
                boot_min: Span::secs(2),
                boot_max: Span::secs(3),
                stop: Span::secs(1),
                write: (Span(15), Span(48)),
            },
        };
        let mut world = World::new(seed, settings, Physics::default());
        let mut trace = Trace::default();
        for at in 0..3 + CLIENTS {
            let seat = world.add(&format!("s{at}"));
            world.apply(Act::Start(seat), &mut trace);
        }
        let mut lab = Lab {
            world,
            trace,
            calls: 0,
            connected: BTreeSet::new(),
            version,
        };
        lab.run(Span::secs(10));
        for node in N {
            assert_eq!(lab.sees(node), N.to_vec(), "node {node:?} after the boot");
        }
        lab
    }

    pub(crate) fn run(&mut self, span: Span) {
        let until = self.world.now() + span;
        while self.world.next_due().is_some_and(|due| due <= until) {
            self.world.step(&mut self.trace);
        }
        self.world.advance_clock(until);
    }

    pub(crate) fn ms(&mut self, ms: i64) {
        self.run(Span::ms(ms));
    }

    /// Runs until this holds, at most so long. Whether it does.
    pub(crate) fn until(&mut self, limit: Span, mut holds: impl FnMut(&Lab) -> bool) -> bool {
        let end = self.world.now() + limit;
        loop {
            if holds(self) {
                return true;
            }
            if self.world.next_due().is_none_or(|due| due > end) {
                self.world.advance_clock(end);
                return holds(self);
            }
            self.world.step(&mut self.trace);
        }
    }

    pub(crate) fn act(&mut self, act: Act<Rabbit>) {
        self.world.apply(act, &mut self.trace);
    }

    // ---- nodes ----

    pub(crate) fn node(&self, seat: SeatId) -> Option<&Node> {
        match self.world.process(seat).map(|process| &**process) {
            Some(RabbitProcess::Node(node)) => Some(node),
            _ => None,
        }
    }

    /// The nodes that this one holds for running.
    pub(crate) fn sees(&self, seat: SeatId) -> Vec<SeatId> {
        let node = self.node(seat);
        node.map(|node| node.cluster().running.iter().copied().collect())
            .unwrap_or_default()
    }

    pub(crate) fn kill(&mut self, nodes: &[SeatId]) {
        for node in nodes {
            self.act(Act::Crash(*node));
        }
        self.ms(16);
    }

    /// Starts nodes and waits until they run, and the queue has a leader.
    pub(crate) fn start(&mut self, nodes: &[SeatId]) {
        for node in nodes {
            self.act(Act::Start(*node));
        }
        let nodes = nodes.to_vec();
        let all = self.until(Span::secs(60), |lab| {
            nodes.iter().all(|n| lab.sees(*n).contains(n))
        });
        assert!(all, "{nodes:?} do not run");
        self.until(Span::secs(15), |lab| lab.leader().is_some());
    }

    pub(crate) fn cut(&mut self, node: SeatId) {
        let rest: Vec<_> = N.iter().filter(|n| **n != node).collect();
        let rest: Vec<_> = rest.iter().map(|n| self.world.host(**n)).collect();
        let one = vec![self.world.host(node)];
        self.act(Act::Cut(one.clone(), rest.clone()));
        self.act(Act::Cut(rest, one));
    }

    pub(crate) fn member(&self, node: SeatId) -> Option<&Member> {
        let parts = self.node(node)?.parts();
        let mut members = parts.filter_map(|(part, live)| match (part, live) {
            (Part::Member(id), Live::Member(member)) if id.name == Q => Some(&**member),
            _ => None,
        });
        members.next()
    }

    /// The leader of the queue, by the highest term.
    pub(crate) fn leader(&self) -> Option<SeatId> {
        let leads = |node: &SeatId| {
            let server = &self.member(*node)?.host()?.server;
            let leads = server.role() == ackscope_rabbitmq::raft::Role::Leader;
            leads.then_some((server.term(), *node))
        };
        N.iter().filter_map(leads).max().map(|(_, node)| node)
    }

    /// Ready, unacked and all messages, as the member on this node has them.
    pub(crate) fn counts(&self, node: SeatId) -> (u64, u64, u64) {
        let Some(host) = self.member(node).and_then(|m| m.host()) else {
            return (0, 0, 0);
        };
        let fifo = host.server.machine();
        (fifo.ready(), fifo.unacked(), fifo.total())
    }

    // ---- clients ----

    pub(crate) fn client(at: u16) -> SeatId {
        SeatId(3 + at)
    }

    fn tag(at: u16) -> Name {
        Name(3 + at)
    }

    pub(crate) fn facts(&self, seat: SeatId) -> impl Iterator<Item = &Fact> {
        self.trace
            .range(0, self.trace.len())
            .map(|(_, entry)| entry)
            .filter(move |entry| entry.seat == seat)
            .filter_map(|entry| match &entry.what {
                What::Note(fact) => Some(fact),
                _ => None,
            })
    }

    /// Makes a call and waits for its end.
    pub(crate) fn call(&mut self, client: SeatId, ask: Ask, limit: Span) -> CallEnd {
        let wanted = self.begin(client, ask, limit);
        let ended = |lab: &Lab| lab.ended(client, wanted).is_some();
        self.until(limit + Span::secs(1), ended);
        self.ended(client, wanted).unwrap_or(CallEnd::TimedOut)
    }

    /// Makes a call and goes on.
    pub(crate) fn begin(&mut self, client: SeatId, ask: Ask, limit: Span) -> u32 {
        self.calls += 1;
        let number = self.calls;
        let call = Call { number, limit, ask };
        self.act(Act::Order(client, Order::Client(call)));
        self.run(Span(100));
        number
    }

    pub(crate) fn ended(&self, client: SeatId, wanted: u32) -> Option<CallEnd> {
        let mut facts = self.facts(client);
        facts.find_map(|fact| match fact {
            Fact::CallEnded { number, end } if *number == wanted => Some(*end),
            _ => None,
        })
    }

    /// Connects a client, if it is not yet.
    pub(crate) fn connect(&mut self, at: u16, node: SeatId, mode: ChannelMode, prefetch: u16) {
        let client = Lab::client(at);
        if !self.connected.insert(client) {
            return;
        }
        let ask = Ask::Connect {
            node: Some(node),
            channel: Some(Channeling {
                mode,
                prefetch: (prefetch > 0).then_some(prefetch),
                global: false,
            }),
        };
        assert_eq!(self.call(client, ask, Span::secs(8)), CallEnd::Done);
    }

    pub(crate) fn publisher(&mut self, at: u16, node: SeatId) {
        self.connect(at, node, ChannelMode::Confirm, 0);
    }

    pub(crate) fn declare(&mut self, queue: Name, kind: &str, arguments: &[(&str, Value)]) {
        let mut table: Table = arguments
            .iter()
            .map(|(key, value)| ((*key).into(), value.clone()))
            .collect();
        table.insert("x-queue-type".into(), Value::Str(kind.into()));
        let declare = QueueDeclare {
            queue,
            passive: false,
            durable: true,
            exclusive: false,
            auto_delete: false,
            arguments: Arc::new(table),
        };
        self.connect(7, N[0], ChannelMode::None, 0);
        let end = self.call(Lab::client(7), Ask::DeclareQueue(declare), Span::secs(20));
        assert_eq!(end, CallEnd::Done, "declare");
    }

    /// Declares the queue with its leader on n1, and lets its registration settle.
    pub(crate) fn quorum(&mut self, arguments: &[(&str, Value)]) {
        self.declare(Q, "quorum", arguments);
        assert_eq!(self.leader(), Some(N[0]));
        self.ms(5_000);
    }

    pub(crate) fn publish(&mut self, at: u16, numbers: impl IntoIterator<Item = u32>) {
        self.publish_with(at, numbers, |_| {});
    }

    pub(crate) fn publish_with(
        &mut self,
        at: u16,
        numbers: impl IntoIterator<Item = u32>,
        adjust: impl FnOnce(&mut Outgoing),
    ) {
        let origin = Lab::client(at);
        let messages = numbers
            .into_iter()
            .map(|number| MessageKey { origin, number })
            .collect();
        let mut outgoing = Outgoing {
            exchange: Name::EMPTY,
            routing_key: "q".into(),
            size: 10,
            persistent: true,
            ..Outgoing::default()
        };
        adjust(&mut outgoing);
        let publish = Publish {
            messages,
            outgoing,
            pace: Span(0),
        };
        self.call(origin, Ask::Publish(Arc::new(publish)), Span::secs(10));
    }

    pub(crate) fn confirms(&mut self, at: u16, count: usize, limit_ms: i64) -> bool {
        self.until(Span::ms(limit_ms), |lab| {
            lab.acked(at).len() + lab.nacked(at).len() >= count
        })
    }

    fn keys(&self, at: u16, of: impl Fn(&Fact) -> Option<Vec<MessageKey>>) -> Vec<u32> {
        let facts = self.facts(Lab::client(at)).filter_map(of);
        facts.flatten().map(|key| key.number).collect()
    }

    pub(crate) fn acked(&self, at: u16) -> Vec<u32> {
        self.keys(at, |fact| match fact {
            Fact::Acked { keys } => Some(keys.to_vec()),
            _ => None,
        })
    }

    pub(crate) fn nacked(&self, at: u16) -> Vec<u32> {
        self.keys(at, |fact| match fact {
            Fact::Nacked { keys } => Some(keys.to_vec()),
            _ => None,
        })
    }

    pub(crate) fn consume(&mut self, at: u16, node: SeatId, prefetch: u16) -> CallEnd {
        self.consume_with(at, node, prefetch, false)
    }

    pub(crate) fn consume_with(
        &mut self,
        at: u16,
        node: SeatId,
        prefetch: u16,
        no_ack: bool,
    ) -> CallEnd {
        self.connect(at, node, ChannelMode::None, prefetch);
        let consume = Ask::Consume(Consume {
            queue: Q,
            tag: Lab::tag(at),
            no_ack,
            exclusive: false,
            arguments: Arc::default(),
            process_limit: None,
            looks: false,
        });
        self.call(Lab::client(at), consume, Span::secs(10))
    }

    pub(crate) fn cancel(&mut self, at: u16) -> CallEnd {
        let tag = Lab::tag(at);
        self.call(Lab::client(at), Ask::Cancel { tag }, Span::secs(10))
    }

    /// What the application of a consumer processed.
    pub(crate) fn got(&self, at: u16) -> Vec<Got> {
        let facts = self.facts(Lab::client(at));
        let got = facts.filter_map(|fact| match fact {
            Fact::Processed {
                key,
                redelivered,
                delivery_count,
                ..
            } => Some((key.number, *redelivered, *delivery_count)),
            _ => None,
        });
        got.collect()
    }

    pub(crate) fn numbers(&self, at: u16) -> Vec<u32> {
        self.got(at).into_iter().map(|(n, ..)| n).collect()
    }

    pub(crate) fn deliveries(&mut self, at: u16, count: usize, limit_ms: i64) -> bool {
        self.until(Span::ms(limit_ms), |lab| lab.got(at).len() >= count)
    }

    pub(crate) fn settle(&mut self, at: u16, publisher: u16, numbers: &[u32], how: Settle) {
        let origin = Lab::client(publisher);
        let messages = numbers.iter().map(|n| MessageKey { origin, number: *n });
        let settling = Settling {
            messages: Some(messages.collect()),
            multiple: false,
            how,
            twice: false,
        };
        self.call(Lab::client(at), Ask::Settle(settling), Span::secs(1));
    }

    pub(crate) fn ack_all(&mut self, at: u16) {
        let settling = Settling {
            messages: None,
            multiple: true,
            how: Settle::Ack,
            twice: false,
        };
        self.call(Lab::client(at), Ask::Settle(settling), Span::secs(1));
    }

    pub(crate) fn kill_client(&mut self, at: u16) {
        self.call(Lab::client(at), Ask::Kill(Kill::Rst), Span::secs(1));
    }

    /// Reads the queue empty through this node, with a fresh client.
    pub(crate) fn drain(&mut self, at: u16, node: SeatId, queue: Name) -> Vec<Got> {
        self.connect(at, node, ChannelMode::None, 0);
        let client = Lab::client(at);
        let before = self.read(client).len();
        let end = self.call(client, Ask::Drain { queue }, Span::secs(12));
        assert_eq!(end, CallEnd::Done, "drain: {:?}", self.errors(at));
        self.read(client).split_off(before)
    }

    pub(crate) fn drained(&mut self, at: u16, node: SeatId) -> Vec<u32> {
        self.drain(at, node, Q)
            .into_iter()
            .map(|(n, ..)| n)
            .collect()
    }

    fn read(&self, client: SeatId) -> Vec<Got> {
        let facts = self.facts(client);
        let got = facts.filter_map(|fact| match fact {
            Fact::Read {
                key,
                redelivered,
                delivery_count,
                ..
            } => Some((key.number, *redelivered, *delivery_count)),
            _ => None,
        });
        got.collect()
    }

    /// The codes with which nodes closed this client's channel or connection; 0 is a cancelled consumer.
    pub(crate) fn errors(&self, at: u16) -> Vec<u16> {
        let facts = self.facts(Lab::client(at));
        let codes = facts.filter_map(|fact| match fact {
            Fact::HeardClose { reply, .. } => Some(reply.code.number()),
            Fact::HeardCancel { .. } => Some(0),
            _ => None,
        });
        codes.collect()
    }
}
