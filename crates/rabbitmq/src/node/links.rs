//! The links between nodes: Erlang distribution over one connection per pair.
//!
//! A link is up when both sides have said hello. It goes down when the connection breaks, or when nothing was
//! heard for four ticks of `net_ticktime / 4`, which is between 0.75 and 1.25 of that time
//! (`dist_util`: con_loop, tick; reference 1.9, 5.2). Signals for a node without a link open one and wait
//! for it (auto-connect); when it does not come about within seven seconds (net_setuptime) they vanish.

use crate::ids::{Part, Pid};
use crate::node::inquiry::Inspection;
use crate::signal::Signal;
use crate::system::{Rabbit, Timer};
use crate::wire::{LinkMsg, Msg};
use ackscope_kernel::{ConnId, Env, SeatId, Span, Time};
use borsh::BorshSerialize;
use std::collections::BTreeMap;

/// How long a link may take to come up (kernel parameter net_setuptime).
pub const SETUP: Span = Span::secs(7);

/// One link.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
enum State {
    /// This side asked for it.
    Opening { since: Time, waiting: Vec<LinkMsg> },
    /// Both sides have said hello.
    Up {
        creation: u32,
        heard: bool,
        silent: u8,
    },
}

#[derive(Clone, Debug, PartialEq, BorshSerialize)]
struct Link {
    conn: ConnId,
    state: State,
}

/// All links of a node.
#[derive(Clone, Debug, Default, PartialEq, BorshSerialize)]
pub struct Links {
    links: BTreeMap<SeatId, Link>,
    /// Connections of other nodes that have not said hello yet.
    strangers: BTreeMap<ConnId, SeatId>,
}

/// What came of an event on a link.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LinkEvent {
    /// A link came up.
    Up(SeatId, u32),
    /// A link went down.
    Down(SeatId),
    /// A link came up where an older one stood: the peer had seen that one fail.
    Again(SeatId, u32),
    /// A signal came.
    Signal { from: Pid, to: Pid, signal: Signal },
    /// A peer's part watches one of this node.
    Monitor { watcher: Pid, target: Pid },
    /// It no longer does.
    Demonitor { watcher: Pid, target: Pid },
    /// A peer asks how a part's queue is.
    Inspect { from: SeatId, ask: u32, part: Part },
    /// A peer answers.
    Inspected {
        from: SeatId,
        ask: u32,
        told: Option<Inspection>,
    },
}

impl Links {
    /// Arms the tick.
    pub(crate) fn start(env: &mut Env<'_, Rabbit>) {
        let quarter = Self::quarter(env);
        let first = env.draw([1, 0, 0], 1, quarter.0);
        env.arm_in(Timer::LinkTick, Span(first));
    }

    fn quarter(env: &Env<'_, Rabbit>) -> Span {
        Span(env.settings().node.net_ticktime.0 / 4)
    }

    /// Whether the link to this node is up.
    #[must_use]
    pub fn is_up(&self, node: SeatId) -> bool {
        self.links
            .get(&node)
            .is_some_and(|link| matches!(link.state, State::Up { .. }))
    }

    /// Whether this connection is a link, or wants to become one.
    #[must_use]
    pub fn owns(&self, conn: ConnId) -> bool {
        self.strangers.contains_key(&conn) || self.links.values().any(|link| link.conn == conn)
    }

    /// Opens a link unless one stands or comes.
    pub(crate) fn connect(&mut self, to: SeatId, env: &mut Env<'_, Rabbit>) {
        self.links.entry(to).or_insert_with(|| Link {
            conn: env.open(to),
            state: State::Opening {
                since: env.now(),
                waiting: Vec::new(),
            },
        });
    }

    /// Sends over the link to a node; without one it is opened first, and the message waits.
    pub(crate) fn send(&mut self, to: SeatId, message: LinkMsg, env: &mut Env<'_, Rabbit>) {
        self.connect(to, env);
        if let Some(link) = self.links.get_mut(&to) {
            match &mut link.state {
                State::Opening { waiting, .. } => waiting.push(message),
                State::Up { .. } => {
                    env.send(link.conn, Msg::Link(message));
                }
            }
        }
    }

    /// A connection that this side opened stands.
    pub(crate) fn opened(&mut self, conn: ConnId, env: &mut Env<'_, Rabbit>) {
        let creation = env.incarnation();
        if self.links.values().any(|link| link.conn == conn) {
            env.send(conn, Msg::Link(LinkMsg::Hello { creation }));
        }
    }

    /// A connection is over or was refused.
    pub(crate) fn closed(&mut self, conn: ConnId) -> Option<LinkEvent> {
        self.strangers.remove(&conn);
        let node = self.of(conn)?;
        self.links.remove(&node);
        Some(LinkEvent::Down(node))
    }

    fn of(&self, conn: ConnId) -> Option<SeatId> {
        let mut links = self.links.iter();
        links
            .find(|(_, link)| link.conn == conn)
            .map(|(node, _)| *node)
    }

    /// A message on a link.
    pub(crate) fn message(
        &mut self,
        conn: ConnId,
        from: SeatId,
        message: LinkMsg,
        env: &mut Env<'_, Rabbit>,
    ) -> Option<LinkEvent> {
        match message {
            LinkMsg::Hello { creation } => self.hello(conn, from, creation, env),
            LinkMsg::Welcome { creation } => self.welcome(conn, from, creation, env),
            LinkMsg::Refuse => {
                // The peer prefers its own attempt, whose hello comes or came.
                if self.of(conn).is_some() {
                    let kept = self.links.remove(&from);
                    if let Some(Link {
                        state: State::Opening { waiting, .. },
                        ..
                    }) = kept
                        && !waiting.is_empty()
                    {
                        self.connect(from, env);
                        if let Some(Link {
                            state: State::Opening { waiting: next, .. },
                            ..
                        }) = self.links.get_mut(&from)
                        {
                            next.extend(waiting);
                        }
                    }
                }
                env.close(conn);
                None
            }
            other => {
                self.heard(conn);
                match other {
                    LinkMsg::Signal { from, to, signal } => {
                        Some(LinkEvent::Signal { from, to, signal })
                    }
                    LinkMsg::Inspect { ask, part } => Some(LinkEvent::Inspect { from, ask, part }),
                    LinkMsg::Inspected { ask, told } => {
                        Some(LinkEvent::Inspected { from, ask, told })
                    }
                    LinkMsg::Monitor { watcher, target } => {
                        Some(LinkEvent::Monitor { watcher, target })
                    }
                    LinkMsg::Demonitor { watcher, target } => {
                        Some(LinkEvent::Demonitor { watcher, target })
                    }
                    _ => None,
                }
            }
        }
    }

    fn heard(&mut self, conn: ConnId) {
        let link = self.links.values_mut().find(|link| link.conn == conn);
        if let Some(Link {
            state: State::Up { heard, .. },
            ..
        }) = link
        {
            *heard = true;
        }
    }

    /// The opener says hello. Of two that open at once the one with the greater name stays
    /// (`dist_util:mark_pending`).
    fn hello(
        &mut self,
        conn: ConnId,
        from: SeatId,
        creation: u32,
        env: &mut Env<'_, Rabbit>,
    ) -> Option<LinkEvent> {
        let mut waiting = Vec::new();
        let mut again = false;
        match self.links.remove(&from) {
            Some(Link {
                conn: own,
                state: State::Opening { since, waiting: w },
            }) => {
                if env.me() > from {
                    let state = State::Opening { since, waiting: w };
                    self.links.insert(from, Link { conn: own, state });
                    env.send(conn, Msg::Link(LinkMsg::Refuse));
                    return None;
                }
                env.close(own);
                waiting = w;
            }
            Some(old) => {
                env.close(old.conn);
                again = true;
            }
            None => {}
        }
        let own = env.incarnation();
        env.send(conn, Msg::Link(LinkMsg::Welcome { creation: own }));
        for message in waiting {
            env.send(conn, Msg::Link(message));
        }
        self.links.insert(
            from,
            Link {
                conn,
                state: State::Up {
                    creation,
                    heard: true,
                    silent: 0,
                },
            },
        );
        Some(if again {
            LinkEvent::Again(from, creation)
        } else {
            LinkEvent::Up(from, creation)
        })
    }

    fn welcome(
        &mut self,
        conn: ConnId,
        from: SeatId,
        creation: u32,
        env: &mut Env<'_, Rabbit>,
    ) -> Option<LinkEvent> {
        let link = self.links.get_mut(&from).filter(|link| link.conn == conn)?;
        let up = State::Up {
            creation,
            heard: true,
            silent: 0,
        };
        if let State::Opening { waiting, .. } = std::mem::replace(&mut link.state, up) {
            for message in waiting {
                env.send(conn, Msg::Link(message));
            }
        }
        Some(LinkEvent::Up(from, creation))
    }

    /// A quarter of `net_ticktime` is over: ticks go out, and silent links end.
    pub(crate) fn tick(&mut self, env: &mut Env<'_, Rabbit>) -> Vec<LinkEvent> {
        let now = env.now();
        let mut over = Vec::new();
        for (node, link) in &mut self.links {
            match &mut link.state {
                State::Opening { since, .. } => {
                    if now.since(*since) > SETUP {
                        over.push((*node, link.conn));
                    }
                }
                State::Up { heard, silent, .. } => {
                    *silent = if std::mem::take(heard) {
                        0
                    } else {
                        *silent + 1
                    };
                    if *silent >= 4 {
                        over.push((*node, link.conn));
                    } else {
                        env.send(link.conn, Msg::Link(LinkMsg::Tick));
                    }
                }
            }
        }
        env.arm_in(Timer::LinkTick, Self::quarter(env));
        over.into_iter()
            .map(|(node, conn)| {
                env.close(conn);
                self.links.remove(&node);
                LinkEvent::Down(node)
            })
            .collect()
    }

    /// Breaks the link to a node (`erlang:disconnect_node`).
    pub(crate) fn disconnect(&mut self, node: SeatId, env: &mut Env<'_, Rabbit>) -> bool {
        match self.links.remove(&node) {
            Some(link) => {
                env.close(link.conn);
                matches!(link.state, State::Up { .. })
            }
            None => false,
        }
    }

    /// Closes all links, as the end of the process does.
    pub(crate) fn close_all(&mut self, env: &mut Env<'_, Rabbit>) {
        for link in self.links.values() {
            env.close(link.conn);
        }
        self.links.clear();
    }

    /// The creation of the peer's start that a link leads to.
    #[must_use]
    pub fn creation(&self, node: SeatId) -> Option<u32> {
        match self.links.get(&node)?.state {
            State::Up { creation, .. } => Some(creation),
            State::Opening { .. } => None,
        }
    }

    /// Gives up attempts that take too long (net_setuptime), so that a ping can try again.
    pub(crate) fn give_up(&mut self, env: &mut Env<'_, Rabbit>) -> Vec<LinkEvent> {
        let now = env.now();
        let late: Vec<(SeatId, ConnId)> = self
            .links
            .iter()
            .filter(|(_, link)| {
                matches!(link.state, State::Opening { since, .. } if now.since(since) > SETUP)
            })
            .map(|(node, link)| (*node, link.conn))
            .collect();
        for (node, conn) in &late {
            env.close(*conn);
            self.links.remove(node);
        }
        late.into_iter()
            .map(|(node, _)| LinkEvent::Down(node))
            .collect()
    }
}
