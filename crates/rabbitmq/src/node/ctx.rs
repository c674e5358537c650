//! What a part may do: post signals, watch other parts, start and end parts, arm timers, and everything
//! that [`Env`] offers. What it asks of the node is done in order when it returns.

use crate::ids::{Part, Pid};
use crate::node::Live;
use crate::node::cluster::Cluster;
use crate::node::image::{Image, MetaCommand};
use crate::signal::{DownWhy, Signal, Token};
use crate::system::Version;
use crate::system::{PartTimer, Rabbit, Timer};
use ackscope_kernel::{Env, SeatId, Span};
use std::collections::VecDeque;
use std::sync::Arc;

/// A signal with its two ends.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) from: Pid,
    pub(crate) to: Pid,
    pub(crate) signal: Signal,
}

/// What a part asked of its node.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    /// Carry a signal.
    Post(Envelope),
    /// Tell `watcher` when `target` ends.
    Monitor { watcher: Pid, target: Pid },
    /// No longer.
    Demonitor { watcher: Pid, target: Pid },
    /// A part begins to live.
    Start { part: Part, live: Box<Live> },
    /// A part has ended: whoever watches it hears of it.
    End { part: Part, why: DownWhy },
    /// Opens a link to this node unless one stands.
    Connect(SeatId),
    /// Breaks the link to this node.
    Disconnect(SeatId),
    /// Every part of this node hears this.
    TellAll(Signal),
    /// Ends all parts but the monitor and the metadata member, as stopping the application does.
    EndApp,
    /// The application starts again: parts that start from now on have new pids.
    NewApp,
    /// Closes all links and ends the process.
    Exit,
}

/// The door from a part to its node and the world.
pub struct Ctx<'c, 'e> {
    /// The kernel's door.
    pub env: &'c mut Env<'e, Rabbit>,
    /// The part that acts.
    pub me: Pid,
    /// This node's copy of the metadata. A part that reads it while it acts clones the `Arc`.
    pub image: &'c mut Arc<Image>,
    /// What this node knows of the other nodes. Only the node monitor changes it.
    pub cluster: &'c mut Cluster,
    pub(crate) wishes: &'c mut VecDeque<Wish>,
}

impl Ctx<'_, '_> {
    /// Sends a signal to a part, here or on another node.
    pub fn post(&mut self, to: Pid, signal: Signal) {
        let from = self.me;
        self.wishes
            .push_back(Wish::Post(Envelope { from, to, signal }));
    }

    /// Watches a part: [`Signal::Down`] comes when it ends, is not there, or its node cannot be reached.
    pub fn monitor(&mut self, target: Pid) {
        let watcher = self.me;
        self.wishes.push_back(Wish::Monitor { watcher, target });
    }

    /// No longer watches it.
    pub fn demonitor(&mut self, target: Pid) {
        let watcher = self.me;
        self.wishes.push_back(Wish::Demonitor { watcher, target });
    }

    /// A part of this node begins to live, after what was asked for so far is done.
    pub fn start(&mut self, part: Part, live: Live) {
        let live = Box::new(live);
        self.wishes.push_back(Wish::Start { part, live });
    }

    /// A part of this node ends; whoever watches it hears why.
    pub fn end(&mut self, part: Part, why: DownWhy) {
        self.wishes.push_back(Wish::End { part, why });
    }

    /// Opens a link to a node unless one stands or comes.
    pub fn connect(&mut self, node: SeatId) {
        self.wishes.push_back(Wish::Connect(node));
    }

    /// Every part of this node, the caller included, hears this.
    pub fn tell_all(&mut self, signal: Signal) {
        self.wishes.push_back(Wish::TellAll(signal));
    }

    /// Ends all parts but the monitor and the metadata member, as stopping the application does.
    pub(crate) fn end_app(&mut self) {
        self.wishes.push_back(Wish::EndApp);
    }

    /// The application starts again: parts that start from now on have new pids.
    pub(crate) fn new_app(&mut self) {
        self.wishes.push_back(Wish::NewApp);
    }

    /// Closes all links and ends the process.
    pub(crate) fn exit(&mut self) {
        self.wishes.push_back(Wish::Exit);
    }

    /// Breaks the link to a node (`erlang:disconnect_node`).
    pub fn disconnect(&mut self, node: SeatId) {
        self.wishes.push_back(Wish::Disconnect(node));
    }

    /// Writes to the metadata store; [`Signal::MetaDone`] with `token` answers.
    pub fn write_meta(&mut self, command: MetaCommand, token: Token) {
        let meta = Pid::named(self.me.node, Part::Meta);
        self.post(meta, Signal::MetaWrite { command, token });
    }

    /// Arms a timer of this part, or moves it.
    pub fn arm_in(&mut self, kind: PartTimer, span: Span) {
        let part = self.me.part;
        self.env.arm_in(Timer::Part { part, kind }, span);
    }

    /// Forgets a timer of this part.
    pub fn disarm(&mut self, kind: PartTimer) {
        let part = self.me.part;
        self.env.disarm(Timer::Part { part, kind });
    }

    /// Whether a timer of this part is armed.
    #[must_use]
    pub fn is_armed(&self, kind: PartTimer) -> bool {
        let part = self.me.part;
        self.env.armed(Timer::Part { part, kind }).is_some()
    }

    /// The version of RabbitMQ.
    #[must_use]
    pub fn version(&self) -> Version {
        self.env.settings().version
    }

    /// A part of this start of this node.
    #[must_use]
    pub fn local(&self, part: Part) -> Pid {
        Pid {
            node: self.me.node,
            creation: self.me.creation,
            part,
        }
    }

    /// This node.
    #[must_use]
    pub fn node(&self) -> SeatId {
        self.me.node
    }
}
