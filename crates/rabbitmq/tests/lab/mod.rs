//! A small world for tests: three nodes, some scripted clients, and what they said.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use ackscope_kernel::world::Physics;
use ackscope_kernel::{Act, HostId, MessageKey, SeatId, Span, Trace, What, World};
use ackscope_rabbitmq::amqp::{Capabilities, ExchangeDeclare, ExchangeKind, QueueDeclare};
use ackscope_rabbitmq::client::{
    Ask, Call, Channeling, Connecting, Consume, Kill, Outgoing, Program, Publish, Settling,
};
use ackscope_rabbitmq::facts::{CallEnd, Fact};
use ackscope_rabbitmq::ids::Name;
use ackscope_rabbitmq::message::{Table, Value};
use ackscope_rabbitmq::node::Node;
use ackscope_rabbitmq::params::{ChannelMode, Params};
use ackscope_rabbitmq::signal::Settle;
use ackscope_rabbitmq::system::{
    Ctl, NodeSettings, Order, Pace, Rabbit, RabbitProcess, Role, Settings, Version,
};
use std::sync::Arc;

/// The nodes.
pub const N: [SeatId; 3] = [SeatId(0), SeatId(1), SeatId(2)];

/// Names of queues, exchanges and tags that tests use, in the order of their numbers from 1.
const NAMES: [&str; 16] = [
    "q", "r", "s", "x", "y", "ae", "ex", "t1", "t2", "dlq", "p", "amq.q", "quorum", "stream", "a",
    "b",
];

/// The name with this text.
pub fn name(text: &str) -> Name {
    let at = NAMES.iter().position(|name| *name == text);
    let at = at.unwrap_or_else(|| panic!("{text} is not in the list of names"));
    Name(u16::try_from(at + 1).expect("a short list"))
}

/// A world.
pub struct Lab {
    pub world: World<Rabbit>,
    pub trace: Trace<Rabbit>,
    calls: u32,
    clients: u16,
}

/// A client as the settings describe it.
#[derive(Clone)]
pub struct Spec {
    pub node: SeatId,
    pub mode: ChannelMode,
    pub prefetch: Option<u16>,
    pub global: bool,
    pub heartbeat: Span,
    pub cancel_notify: bool,
}

/// A client of this node.
pub fn at(node: SeatId) -> Spec {
    Spec {
        node,
        mode: ChannelMode::None,
        prefetch: None,
        global: false,
        heartbeat: Span(0),
        cancel_notify: true,
    }
}

impl Spec {
    pub fn confirms(self) -> Spec {
        Spec {
            mode: ChannelMode::Confirm,
            ..self
        }
    }

    pub fn tx(self) -> Spec {
        Spec {
            mode: ChannelMode::Tx,
            ..self
        }
    }

    pub fn prefetch(self, count: u16) -> Spec {
        Spec {
            prefetch: Some(count),
            ..self
        }
    }
}

impl Lab {
    /// Three nodes that run, and these clients, which are started and not connected.
    pub fn new(version: Version, seed: u64, clients: &[Spec]) -> Lab {
        Lab::with(version, seed, clients, |_| {})
    }

    /// The same with parameters changed.
    pub fn with(
        version: Version,
        seed: u64,
        clients: &[Spec],
        change: impl FnOnce(&mut Params),
    ) -> Lab {
        let mut params = Params::defaults(version.profile());
        params.cluster.net_ticktime = 6;
        change(&mut params);
        let programs = clients.iter().map(|spec| {
            Role::Client(Arc::new(Program {
                nodes: vec![spec.node],
                connection: Connecting {
                    heartbeat: spec.heartbeat,
                    capabilities: Capabilities {
                        cancel_notify: spec.cancel_notify,
                        blocked: true,
                    },
                    ..Connecting::default()
                },
                channel: Channeling {
                    mode: spec.mode,
                    prefetch: spec.prefetch,
                    global: spec.global,
                },
                ..Program::default()
            }))
        });
        let nodes = N.iter().map(|_| Role::Node);
        let settings = Settings {
            version,
            roles: nodes.chain(programs).collect(),
            names: std::iter::once("").chain(NAMES).map(Into::into).collect(),
            node: Arc::new(NodeSettings::of(&params, |_| None)),
            params: Arc::new(params),
            pace: Pace {
                boot_min: Span::secs(2),
                boot_max: Span::secs(3),
                stop: Span::secs(1),
                write: (Span(15), Span(40)),
            },
        };
        let mut world = World::new(seed, settings, Physics::default());
        let mut trace = Trace::default();
        let count = u16::try_from(clients.len()).expect("few clients");
        for seat in 0..3 + count {
            let name = if seat < 3 {
                format!("n{}", seat + 1)
            } else {
                format!("c{}", seat - 2)
            };
            let seat = world.add(&name);
            world.apply(Act::Start(seat), &mut trace);
        }
        let mut lab = Lab {
            world,
            trace,
            calls: 0,
            clients: count,
        };
        lab.run(Span::secs(12));
        for node in N {
            let running = lab.node(node).expect("a node").cluster().running.len();
            assert_eq!(running, 3, "node {node:?} after the boot");
        }
        for client in 0..count {
            assert_eq!(lab.connect(client), CallEnd::Done, "client {client}");
        }
        lab
    }

    /// The seat of a client, counted from 0.
    pub fn seat(client: u16) -> SeatId {
        SeatId(3 + client)
    }

    pub fn run(&mut self, span: Span) {
        let until = self.world.now() + span;
        while self.world.next_due().is_some_and(|due| due <= until) {
            self.world.step(&mut self.trace);
        }
        self.world.advance_clock(until);
    }

    pub fn millis(&mut self, millis: i64) {
        self.run(Span::ms(millis));
    }

    pub fn act(&mut self, act: Act<Rabbit>) {
        self.world.apply(act, &mut self.trace);
    }

    pub fn ctl(&mut self, node: SeatId, ctl: Ctl) {
        self.act(Act::Order(node, Order::Ctl(ctl)));
    }

    pub fn node(&self, seat: SeatId) -> Option<&Node> {
        match self.world.process(seat).map(|process| &**process) {
            Some(RabbitProcess::Node(node)) => Some(node),
            _ => None,
        }
    }

    /// Makes a call and says its number.
    pub fn begin(&mut self, client: u16, ask: Ask) -> u32 {
        self.begin_within(client, ask, Span::secs(120))
    }

    pub fn begin_within(&mut self, client: u16, ask: Ask, limit: Span) -> u32 {
        self.calls += 1;
        let number = self.calls;
        let call = Call { number, limit, ask };
        self.act(Act::Order(Lab::seat(client), Order::Client(call)));
        number
    }

    /// How a call ended, if it did.
    pub fn ended(&self, number: u32) -> Option<CallEnd> {
        self.notes(None).iter().rev().find_map(|fact| match fact {
            Fact::CallEnded { number: n, end } if *n == number => Some(*end),
            _ => None,
        })
    }

    /// Makes a call and waits for its end.
    pub fn ask(&mut self, client: u16, ask: Ask) -> CallEnd {
        let mut seen = self.trace.len();
        let number = self.begin(client, ask);
        let until = self.world.now() + Span::secs(200);
        while self.world.next_due().is_some_and(|due| due <= until) {
            for (_, entry) in self.trace.range(seen, self.trace.len()) {
                if let What::Note(Fact::CallEnded { number: n, end }) = &entry.what
                    && *n == number
                {
                    return *end;
                }
            }
            seen = self.trace.len();
            self.world.step(&mut self.trace);
        }
        panic!("call {number} did not end");
    }

    fn notes(&self, seat: Option<SeatId>) -> Vec<Fact> {
        let entries = self.trace.range(0, self.trace.len());
        entries
            .map(|(_, entry)| entry)
            .filter(|entry| seat.is_none_or(|seat| entry.seat == seat))
            .filter_map(|entry| match &entry.what {
                What::Note(fact) => Some(fact.clone()),
                _ => None,
            })
            .collect()
    }

    // ---- what clients call ----

    pub fn connect(&mut self, client: u16) -> CallEnd {
        let ask = Ask::Connect {
            node: None,
            channel: None,
        };
        self.ask(client, ask)
    }

    pub fn kill(&mut self, client: u16, kill: Kill) {
        self.begin(client, Ask::Kill(kill));
    }

    pub fn key(client: u16, number: u32) -> MessageKey {
        MessageKey {
            origin: Lab::seat(client),
            number,
        }
    }

    pub fn publish(&mut self, client: u16, numbers: &[u32], outgoing: Outgoing) {
        let messages = numbers.iter().map(|n| Lab::key(client, *n)).collect();
        let publish = Publish {
            messages,
            outgoing,
            pace: Span(0),
        };
        self.ask(client, Ask::Publish(Arc::new(publish)));
    }

    pub fn consume(&mut self, client: u16, queue: &str, no_ack: bool) -> CallEnd {
        self.ask(client, Ask::Consume(consume(queue, "t1", no_ack)))
    }

    pub fn settle(&mut self, client: u16, numbers: Option<&[MessageKey]>, how: Settle) {
        let settling = Settling {
            messages: numbers.map(<[MessageKey]>::to_vec),
            multiple: false,
            how,
            twice: false,
        };
        self.ask(client, Ask::Settle(settling));
    }

    pub fn declare(&mut self, client: u16, declare: QueueDeclare) -> CallEnd {
        self.ask(client, Ask::DeclareQueue(declare))
    }

    /// What a queue holds, read by a client that takes everything out.
    pub fn drain(&mut self, client: u16, queue: &str) -> Vec<u32> {
        let before = self.read(client).len();
        let queue = name(queue);
        assert_eq!(self.ask(client, Ask::Drain { queue }), CallEnd::Done);
        self.read(client)
            .split_off(before)
            .into_iter()
            .map(|(number, _)| number)
            .collect()
    }

    // ---- what clients heard ----

    pub fn heard(&self, client: u16) -> Vec<Fact> {
        self.notes(Some(Lab::seat(client)))
    }

    /// What a node noted.
    pub fn heard_by_node(&self, node: SeatId) -> Vec<Fact> {
        self.notes(Some(node))
    }

    fn read(&self, client: u16) -> Vec<(u32, bool)> {
        let facts = self.heard(client);
        let read = facts.iter().filter_map(|fact| match fact {
            Fact::Read {
                key, redelivered, ..
            } => Some((key.number, *redelivered)),
            _ => None,
        });
        read.collect()
    }

    /// What was processed, and whether it was flagged as redelivered.
    pub fn processed(&self, client: u16) -> Vec<(u32, bool)> {
        let facts = self.heard(client);
        let processed = facts.iter().filter_map(|fact| match fact {
            Fact::Processed {
                key, redelivered, ..
            } => Some((key.number, *redelivered)),
            _ => None,
        });
        processed.collect()
    }

    fn numbers(&self, client: u16, pick: impl Fn(&Fact) -> Option<Vec<MessageKey>>) -> Vec<u32> {
        let facts = self.heard(client);
        let keys = facts.iter().filter_map(pick).flatten();
        keys.map(|key| key.number).collect()
    }

    pub fn acked(&self, client: u16) -> Vec<u32> {
        self.numbers(client, |fact| match fact {
            Fact::Acked { keys } => Some(keys.to_vec()),
            _ => None,
        })
    }

    pub fn nacked(&self, client: u16) -> Vec<u32> {
        self.numbers(client, |fact| match fact {
            Fact::Nacked { keys } => Some(keys.to_vec()),
            _ => None,
        })
    }

    pub fn committed(&self, client: u16) -> Vec<u32> {
        self.numbers(client, |fact| match fact {
            Fact::Committed { keys } => Some(keys.to_vec()),
            _ => None,
        })
    }

    pub fn returned(&self, client: u16) -> Vec<u32> {
        self.numbers(client, |fact| match fact {
            Fact::Returned { key } => Some(vec![*key]),
            _ => None,
        })
    }

    /// The errors that the node sent: code and text.
    pub fn errors(&self, client: u16) -> Vec<(u16, String)> {
        let facts = self.heard(client);
        let errors = facts.iter().filter_map(|fact| match fact {
            Fact::HeardClose { reply, .. } => Some((reply.code.number(), reply.text.to_string())),
            _ => None,
        });
        errors.collect()
    }

    pub fn lost(&self, client: u16) -> bool {
        self.heard(client).contains(&Fact::ConnectionLost)
    }

    pub fn cancelled(&self, client: u16) -> bool {
        let cancels = |fact: &Fact| matches!(fact, Fact::HeardCancel { .. });
        self.heard(client).iter().any(cancels)
    }

    /// Cuts a node off from the other nodes; clients reach it.
    pub fn cut(&mut self, node: SeatId) {
        let host = |seat: &SeatId| -> HostId { self.world.host(*seat) };
        let one = vec![host(&node)];
        let rest: Vec<HostId> = N.iter().filter(|n| **n != node).map(host).collect();
        self.act(Act::Cut(one.clone(), rest.clone()));
        self.act(Act::Cut(rest, one));
    }
}

/// A durable classic queue.
pub fn queue(text: &str) -> QueueDeclare {
    QueueDeclare {
        queue: name(text),
        passive: false,
        durable: true,
        exclusive: false,
        auto_delete: false,
        arguments: Arc::default(),
    }
}

/// Only asks whether the queue is there.
pub fn passive(text: &str) -> QueueDeclare {
    QueueDeclare {
        passive: true,
        ..queue(text)
    }
}

/// The same with arguments.
pub fn queue_with(text: &str, arguments: &[(&str, Value)]) -> QueueDeclare {
    let arguments = arguments.iter().map(|(k, v)| ((*k).into(), v.clone()));
    QueueDeclare {
        arguments: Arc::new(arguments.collect::<Table>()),
        ..queue(text)
    }
}

/// A durable exchange.
pub fn exchange(text: &str, kind: ExchangeKind) -> ExchangeDeclare {
    ExchangeDeclare {
        exchange: name(text),
        kind: Ok(kind),
        passive: false,
        durable: true,
        auto_delete: false,
        internal: false,
        arguments: Arc::default(),
    }
}

pub fn consume(queue: &str, tag: &str, no_ack: bool) -> Consume {
    Consume {
        queue: name(queue),
        tag: name(tag),
        no_ack,
        exclusive: false,
        arguments: Arc::default(),
        process_limit: None,
        looks: false,
    }
}

/// A persistent message to a queue by its name.
pub fn to(queue: &str) -> Outgoing {
    Outgoing {
        routing_key: queue.into(),
        size: 10,
        persistent: true,
        ..Outgoing::default()
    }
}

/// A persistent message to an exchange.
pub fn via(exchange: &str, key: &str) -> Outgoing {
    Outgoing {
        exchange: name(exchange),
        ..to(key)
    }
}
