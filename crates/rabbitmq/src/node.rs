//! A node: one operating-system process with many parts that talk by signals.
//!
//! The node carries signals between its parts in the order in which they were posted, within one step of the
//! kernel, and over the link between two nodes when the other part lives there. It keeps who watches whom, as
//! Erlang's monitors do. A part is a [`Live`] behind an `Arc`: a mark of the history shares those that did not
//! change.

pub mod args;
pub mod channel;
pub mod classic;
pub mod cluster;
pub mod connection;
pub mod ctx;
pub mod deaths;
mod detector;
pub mod exchange;
pub mod host;
pub mod image;
pub mod inquiry;
pub mod khepri;
pub mod links;
pub mod mnesia;
pub mod monitor;
mod partition;
pub mod policy;
pub mod queue_type;
pub mod quorum;
pub mod stream;
pub mod supervisor;
mod watch;

use crate::amqp::Method;
use crate::ids::{Part, Pid};
use crate::signal::{DownWhy, Signal};
use crate::system::{Ctl, Order, PartTimer, Rabbit, Timer};
use crate::wire::{LinkMsg, Msg};
use ackscope_kernel::{ConnId, Env, Input, SeatId};
use borsh::BorshSerialize;
use channel::Channel;
use classic::ClassicQueue;
use cluster::Cluster;
use connection::{Connection, ToConnection};
use ctx::{Ctx, Envelope, Wish};
use image::Image;
use khepri::Khepri;
use links::{LinkEvent, Links};
use mnesia::Mnesia;
use monitor::Monitor;
use quorum::member::Member;
use quorum::ra::Ra;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use supervisor::Supervisor;
use watch::Watch;

/// A part that lives. A room that comes later adds its variant.
#[derive(Clone, Debug, BorshSerialize)]
pub enum Live {
    /// The node monitor.
    Monitor(Monitor),
    /// The metadata store as Mnesia.
    Mnesia(Mnesia),
    /// The reader of a client connection.
    Connection(Box<Connection>),
    /// A channel.
    Channel(Box<Channel>),
    /// The process of a classic queue.
    Queue(Box<ClassicQueue>),
    /// Starts the processes of queues.
    Supervisor(Supervisor),
    /// The table of Raft members.
    Ra(Box<Ra>),
    /// The member of a quorum queue.
    Member(Box<Member>),
    /// The worker of at-least-once dead-lettering.
    DeadLetter(Box<quorum::dead_letter::Worker>),
    /// The metadata store as Khepri.
    Khepri(Khepri),
    /// A member of a stream.
    Replica(stream::Replica),
    /// This node's member of the stream coordinator.
    Coordinator(stream::Coordinator),
}

/// What every kind of part can be told. What does not concern it, it ignores.
pub trait Actor {
    /// A signal came.
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>);
    /// One of its timers is due.
    fn timer(&mut self, _kind: PartTimer, _ctx: &mut Ctx<'_, '_>) {}
    /// What its file held when the sync with this token was asked for is on the disk.
    fn synced(&mut self, _token: u64, _ctx: &mut Ctx<'_, '_>) {}
}

impl Live {
    fn actor(&mut self) -> &mut dyn Actor {
        match self {
            Live::Monitor(part) => part,
            Live::Mnesia(part) => part,
            Live::Connection(part) => &mut **part,
            Live::Channel(part) => &mut **part,
            Live::Queue(part) => &mut **part,
            Live::Supervisor(part) => part,
            Live::Ra(part) => &mut **part,
            Live::Member(part) => &mut **part,
            Live::DeadLetter(part) => &mut **part,
            Live::Khepri(part) => part,
            Live::Replica(part) => part,
            Live::Coordinator(part) => part,
        }
    }
}

impl Live {
    /// What a queue's part says about it; nothing of a part that is no queue's.
    fn inspect(&self, me: SeatId) -> Option<inquiry::Inspection> {
        let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        match self {
            Live::Queue(queue) => Some(inquiry::Inspection {
                leader: Some(me),
                ready: count(queue.store().len()),
                unacked: count(queue.store().unacked()),
                kept: 0,
                synchronised: true,
            }),
            Live::Member(member) => member.host().map(|host| {
                let fifo = host.server.machine();
                let (ready, unacked) = (fifo.ready(), fifo.unacked());
                inquiry::Inspection {
                    leader: host.server.leader(),
                    ready: count(ready),
                    unacked: count(unacked),
                    kept: count(fifo.total().saturating_sub(ready + unacked)),
                    synchronised: true,
                }
            }),
            Live::Replica(replica) => Some(inquiry::Inspection {
                leader: replica.leader(me),
                ready: count(replica.committed().saturating_sub(replica.log().first())),
                unacked: 0,
                kept: 0,
                synchronised: true,
            }),
            Live::Monitor(_)
            | Live::Mnesia(_)
            | Live::Connection(_)
            | Live::Channel(_)
            | Live::Supervisor(_)
            | Live::Ra(_)
            | Live::DeadLetter(_)
            | Live::Coordinator(_)
            | Live::Khepri(_) => None,
        }
    }
}

/// A node of a RabbitMQ cluster.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Node {
    creation: u32,
    /// How often the application was started again within this process.
    app: u32,
    links: Links,
    watch: Watch,
    cluster: Cluster,
    image: Arc<Image>,
    parts: BTreeMap<Part, Arc<Live>>,
    inquiries: inquiry::Inquiries,
}

impl Node {
    /// A node whose process was just started.
    pub(crate) fn boot(env: &mut Env<'_, Rabbit>) -> Node {
        let mut node = Node {
            creation: pid_creation(env.incarnation(), 0),
            app: 0,
            links: Links::default(),
            watch: Watch::default(),
            cluster: Cluster::default(),
            image: Arc::default(),
            parts: BTreeMap::new(),
            inquiries: inquiry::Inquiries::default(),
        };
        Links::start(env);
        let mut wishes = VecDeque::new();
        let mut ctx = node.ctx(Part::Monitor, env, &mut wishes);
        let monitor = Live::Monitor(Monitor::boot(&mut ctx));
        node.parts.insert(Part::Monitor, Arc::new(monitor));
        let meta = if env.settings().node.khepri {
            Live::Khepri(Khepri::new(node.creation))
        } else {
            Live::Mnesia(Mnesia::default())
        };
        node.parts.insert(Part::Meta, Arc::new(meta));
        let coordinator = Live::Coordinator(stream::Coordinator::default());
        node.parts.insert(Part::Coordinator, Arc::new(coordinator));
        let supervisor = Live::Supervisor(Supervisor::default());
        node.parts.insert(Part::Supervisor, Arc::new(supervisor));
        let mut ctx = node.ctx(Part::Ra, env, &mut wishes);
        let ra = Live::Ra(Box::new(Ra::boot(&mut ctx)));
        node.parts.insert(Part::Ra, Arc::new(ra));
        node.settle(env, wishes);
        node
    }

    fn ctx<'c, 'e>(
        &'c mut self,
        part: Part,
        env: &'c mut Env<'e, Rabbit>,
        wishes: &'c mut VecDeque<Wish>,
    ) -> Ctx<'c, 'e> {
        let me = Pid {
            node: env.me(),
            creation: self.creation,
            part,
        };
        Ctx {
            env,
            me,
            image: &mut self.image,
            cluster: &mut self.cluster,
            wishes,
        }
    }

    /// Lets a part act, if it lives.
    fn act(
        &mut self,
        part: Part,
        env: &mut Env<'_, Rabbit>,
        wishes: &mut VecDeque<Wish>,
        act: impl FnOnce(&mut dyn Actor, &mut Ctx<'_, '_>),
    ) {
        let Some(mut live) = self.parts.remove(&part) else {
            return;
        };
        let image = self.image.clone();
        let mut ctx = self.ctx(part, env, wishes);
        act(Arc::make_mut(&mut live).actor(), &mut ctx);
        self.parts.insert(part, live);
        if !Arc::ptr_eq(&image, &self.image) {
            self.tell_all(env.me(), &Signal::ImageChanged, wishes);
        }
    }

    /// Posts a signal to every part.
    fn tell_all(&self, me: SeatId, signal: &Signal, wishes: &mut VecDeque<Wish>) {
        for part in self.parts.keys() {
            let from = Pid::named(me, Part::Monitor);
            let to = Pid::named(me, *part);
            let signal = signal.clone();
            wishes.push_back(Wish::Post(Envelope { from, to, signal }));
        }
    }

    /// Takes one input.
    pub(crate) fn step(&mut self, input: Input<Rabbit>, env: &mut Env<'_, Rabbit>) {
        let mut wishes = VecDeque::new();
        match input {
            Input::Opened(conn) => self.links.opened(conn, env),
            Input::Refused(conn) | Input::Closed(conn, _) => {
                if let Some(event) = self.links.closed(conn) {
                    self.link_event(event, env, &mut wishes);
                }
                self.to_connection(conn, ToConnection::Gone, env, &mut wishes);
            }
            Input::Message {
                conn,
                from,
                message: Msg::Link(message),
            } => {
                if let Some(event) = self.links.message(conn, from, message, env) {
                    self.link_event(event, env, &mut wishes);
                }
            }
            Input::Timer(Timer::LinkTick) => {
                for event in self.links.tick(env) {
                    self.link_event(event, env, &mut wishes);
                }
            }
            Input::Timer(Timer::Part { part, kind }) => {
                self.act(part, env, &mut wishes, |actor, ctx| actor.timer(kind, ctx));
            }
            Input::Synced(file, token) => {
                self.act(file.owner(), env, &mut wishes, |actor, ctx| {
                    actor.synced(token, ctx);
                });
            }
            Input::Shutdown => {
                let me = env.me();
                let to = Pid::named(me, Part::Monitor);
                let signal = Signal::Shutdown;
                wishes.push_back(Wish::Post(Envelope {
                    from: to,
                    to,
                    signal,
                }));
            }
            Input::Timer(Timer::Inquiry(ask)) => self.conclude(ask, true, env),
            Input::Order(Order::Ctl(Ctl::Status(ask))) => self.status(ask, env),
            Input::Order(Order::Ctl(Ctl::QueueInfo(ask, queue))) => self.ask_queue(ask, queue, env),
            Input::Order(Order::Ctl(order)) => {
                let to = Pid::named(env.me(), Part::Monitor);
                let signal = Signal::Ctl(order);
                wishes.push_back(Wish::Post(Envelope {
                    from: to,
                    to,
                    signal,
                }));
            }
            Input::Message {
                conn,
                message: Msg::Amqp { channel, method },
                ..
            } => self.amqp(conn, channel, method, env, &mut wishes),
            Input::Timer(Timer::Client(_))
            | Input::Order(Order::Client(_))
            | Input::Reconfigured
            | Input::Written(_) => {}
            Input::Local { part, .. } | Input::PartCrashed(part) => match part {},
        }
        self.settle(env, wishes);
    }

    /// A client says something. A node that does not run closes the connection before it is open, which the client
    /// takes for a refusal.
    fn amqp(
        &mut self,
        conn: ConnId,
        channel: u16,
        method: Method,
        env: &mut Env<'_, Rabbit>,
        wishes: &mut VecDeque<Wish>,
    ) {
        let Method::ConnectionOpen {
            heartbeat,
            capabilities,
        } = method
        else {
            let said = ToConnection::Frame { channel, method };
            self.to_connection(conn, said, env, wishes);
            return;
        };
        let part = Part::Connection(conn.0);
        if self.parts.contains_key(&part) {
            return;
        }
        if !self.cluster.running.contains(&env.me()) {
            env.close(conn);
            return;
        }
        let mut ctx = self.ctx(part, env, wishes);
        let connection = Connection::open(conn, heartbeat, capabilities, &mut ctx);
        let connection = Live::Connection(Box::new(connection));
        self.parts.insert(part, Arc::new(connection));
    }

    fn to_connection(
        &self,
        conn: ConnId,
        said: ToConnection,
        env: &Env<'_, Rabbit>,
        wishes: &mut VecDeque<Wish>,
    ) {
        let part = Part::Connection(conn.0);
        if self.parts.contains_key(&part) {
            let to = Pid::named(env.me(), part);
            let (from, signal) = (to, Signal::Connection(said));
            wishes.push_back(Wish::Post(Envelope { from, to, signal }));
        }
    }

    fn link_event(
        &mut self,
        event: LinkEvent,
        env: &mut Env<'_, Rabbit>,
        wishes: &mut VecDeque<Wish>,
    ) {
        match event {
            LinkEvent::Up(node, creation) => {
                self.cluster.connected.insert(node, creation);
                let up = Signal::NodeUp { node, creation };
                self.tell_all(env.me(), &up, wishes);
            }
            LinkEvent::Down(node) => self.node_down(node, env, wishes),
            LinkEvent::Again(node, creation) => {
                self.node_down(node, env, wishes);
                self.link_event(LinkEvent::Up(node, creation), env, wishes);
            }
            LinkEvent::Signal { from, to, signal } => {
                wishes.push_back(Wish::Post(Envelope { from, to, signal }));
            }
            LinkEvent::Inspect { from, ask, part } => self.inspected(from, ask, part, env),
            LinkEvent::Inspected { from, ask, told } => self.told(from, ask, told, env),
            LinkEvent::Monitor { watcher, target } => {
                wishes.push_back(Wish::Monitor { watcher, target });
            }
            LinkEvent::Demonitor { watcher, target } => {
                wishes.push_back(Wish::Demonitor { watcher, target });
            }
        }
    }

    /// The link to a node is gone, or did not come up: whoever watches a part there hears of it.
    fn node_down(&mut self, node: SeatId, env: &Env<'_, Rabbit>, wishes: &mut VecDeque<Wish>) {
        let was_up = self.cluster.connected.remove(&node).is_some();
        self.cluster.running.remove(&node);
        if was_up {
            let signal = Signal::NodeDown { node };
            self.tell_all(env.me(), &signal, wishes);
        }
        for (watcher, target) in self.watch.node_down(node) {
            wishes.push_back(down(watcher, target, DownWhy::NoConnection));
        }
    }

    /// Does what the parts asked for, in order, until nothing is left.
    fn settle(&mut self, env: &mut Env<'_, Rabbit>, mut wishes: VecDeque<Wish>) {
        while let Some(wish) = wishes.pop_front() {
            match wish {
                Wish::Post(envelope) => self.post(envelope, env, &mut wishes),
                Wish::Monitor { watcher, target } => {
                    self.watch_part(watcher, target, env, &mut wishes);
                }
                Wish::Demonitor { watcher, target } => {
                    self.watch.remove(watcher, target);
                    if target.node != env.me() && watcher.node == env.me() {
                        let message = LinkMsg::Demonitor { watcher, target };
                        self.links.send(target.node, message, env);
                    }
                }
                Wish::Start { part, live } => {
                    self.parts.insert(part, Arc::new(*live));
                }
                Wish::End { part, why } => {
                    self.parts.remove(&part);
                    for (watcher, target) in self.watch.ended(env.me(), part) {
                        wishes.push_back(down(watcher, target, why));
                    }
                }
                Wish::TellAll(signal) => self.tell_all(env.me(), &signal, &mut wishes),
                Wish::EndApp => {
                    let stays = |part: &Part| {
                        let stay = [
                            Part::Monitor,
                            Part::Meta,
                            Part::Supervisor,
                            Part::Ra,
                            Part::Coordinator,
                        ];
                        stay.contains(part)
                    };
                    for part in self.parts.keys().filter(|part| !stays(part)) {
                        let why = DownWhy::Shutdown;
                        wishes.push_back(Wish::End { part: *part, why });
                    }
                }
                Wish::NewApp => {
                    self.app += 1;
                    self.creation = pid_creation(env.incarnation(), self.app);
                }
                Wish::Exit => {
                    self.links.close_all(env);
                    env.exit();
                }
                Wish::Connect(node) => {
                    for event in self.links.give_up(env) {
                        self.link_event(event, env, &mut wishes);
                    }
                    self.links.connect(node, env);
                }
                Wish::Disconnect(node) => {
                    self.links.disconnect(node, env);
                    self.node_down(node, env, &mut wishes);
                }
            }
        }
    }

    fn watch_part(
        &mut self,
        watcher: Pid,
        target: Pid,
        env: &mut Env<'_, Rabbit>,
        wishes: &mut VecDeque<Wish>,
    ) {
        if target.node != env.me() {
            self.watch.add(watcher, target);
            let message = LinkMsg::Monitor { watcher, target };
            self.links.send(target.node, message, env);
            return;
        }
        let this = target.creation == 0 || target.creation == self.creation;
        if this && self.parts.contains_key(&target.part) {
            self.watch.add(watcher, target);
        } else {
            wishes.push_back(down(watcher, target, DownWhy::Noproc));
        }
    }

    fn post(&mut self, envelope: Envelope, env: &mut Env<'_, Rabbit>, wishes: &mut VecDeque<Wish>) {
        let Envelope { from, to, signal } = envelope;
        if to.node != env.me() {
            let message = LinkMsg::Signal { from, to, signal };
            self.links.send(to.node, message, env);
        } else if to.creation == 0 || to.creation == self.creation {
            self.act(to.part, env, wishes, |actor, ctx| {
                actor.take(from, signal, ctx);
            });
        }
    }

    /// A part of this node, as panels and checks look at it.
    #[must_use]
    pub fn part(&self, part: Part) -> Option<&Live> {
        self.parts.get(&part).map(|live| &**live)
    }

    /// All parts of this node, in order.
    pub fn parts(&self) -> impl Iterator<Item = (Part, &Live)> {
        self.parts.iter().map(|(part, live)| (*part, &**live))
    }

    /// What this node knows of the others.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// This node's copy of the metadata.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }
}

/// What tells the pids of one start of the application from those of another.
fn pid_creation(incarnation: u32, app: u32) -> u32 {
    (incarnation + 1) * 256 + app
}

/// The news that a watched part is no more.
fn down(watcher: Pid, target: Pid, why: DownWhy) -> Wish {
    Wish::Post(Envelope {
        from: target,
        to: watcher,
        signal: Signal::Down { pid: target, why },
    })
}
