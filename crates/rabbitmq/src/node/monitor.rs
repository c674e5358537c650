//! The node monitor (`rabbit_node_monitor`): how the node boots, runs, pauses and stops, and what it knows of
//! the other nodes.
//!
//! Under Mnesia a node that starts copies the tables of a running one. When none runs it waits for all that
//! may know more: those that ran when it last wrote its tables (`rabbit_mnesia`, reference 1.11, 5.6). What
//! follows a partition is in [`super::partition`].

use crate::facts::{Fact, StopWhy};
use crate::ids::{Name, Part, Pid};
use crate::node::Actor;
use crate::node::classic::ToQueue;
use crate::node::ctx::Ctx;
use crate::node::detector::Detector;
use crate::node::image::MetaCommand;
use crate::node::mnesia::{self, ToMnesia};
use crate::records::{DiskRecord, FileName};
use crate::signal::{Carried, DownWhy, Signal};
use crate::system::{Ctl, PartTimer};
use ackscope_kernel::{SeatId, Span};
use borsh::BorshSerialize;
use std::collections::{BTreeMap, BTreeSet};

/// How often nodes that are down are pinged, so that a healed partition is found quickly
/// (`RABBIT_DOWN_PING_INTERVAL`).
pub const PING: Span = Span::secs(1);

/// What a node monitor is told by another.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub enum ToMonitor {
    /// I run.
    Running {
        /// Which start of my application: pids of another are dead.
        app: u32,
    },
    /// I am stopping, in order.
    Stopping,
    /// I am here and not running yet.
    Booting,
    /// An alarm of mine.
    Alarm {
        /// A memory alarm, else a disk alarm.
        memory: bool,
        /// It went on, else off.
        on: bool,
    },
    /// To the lowest node: a partition was found, decide.
    AutohealRequest,
    /// From the lowest node: how are you?
    AutohealAsk,
    /// So am I.
    AutohealReport {
        /// Client connections.
        connections: u32,
        /// Nodes with which I remember a partition.
        partitioned: Vec<SeatId>,
    },
    /// From the lowest node: your side lost, restart.
    AutohealRestart,
    /// From the failure detector: are you there?
    Probe,
    /// I am.
    Alive,
}

impl Carried for ToMonitor {
    fn background(&self) -> bool {
        !matches!(self, ToMonitor::Alarm { .. } | ToMonitor::AutohealRestart)
    }
}

/// How far a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub enum Phase {
    /// The runtime starts; nothing listens yet.
    Starting,
    /// It waits for the metadata of a node that may know more.
    Waiting,
    /// It serves clients.
    Running,
    /// The application is being stopped in order.
    Stopping(StopWhy),
    /// The application does not run until a majority is here again.
    Paused,
}

/// The node monitor.
#[derive(Clone, Debug, PartialEq, BorshSerialize)]
pub struct Monitor {
    /// How far this node is.
    pub phase: Phase,
    /// Which start of the application this is.
    pub(super) app: u32,
    /// Nodes that ran when this node last wrote its tables, without itself.
    waits_for: BTreeSet<SeatId>,
    /// Peers that are here and not running.
    booting: BTreeSet<SeatId>,
    /// Running peers whose link broke while this node ran, with what was known of their start.
    pub(super) lost: BTreeMap<SeatId, (u32, u32)>,
    /// Running peers: their process's creation and their application's start.
    pub(super) known: BTreeMap<SeatId, (u32, u32)>,
    /// On the lowest node: what the others reported for autoheal.
    pub(super) reports: BTreeMap<SeatId, (u32, Vec<SeatId>)>,
    /// The tables were asked for.
    copying: Option<SeatId>,
    /// Since this node waits, the others had time to say how they are.
    asked: bool,
    pub(super) detector: Detector,
}

impl Monitor {
    /// A node that begins to start.
    pub(crate) fn boot(ctx: &mut Ctx<'_, '_>) -> Monitor {
        let members: BTreeSet<SeatId> = ctx.env.settings().node_seats().collect();
        let me = ctx.node();
        ctx.cluster.members.clone_from(&members);
        let creation = ctx.env.incarnation();
        ctx.cluster.connected.insert(me, creation);
        let mut monitor = Monitor {
            phase: Phase::Starting,
            app: 0,
            waits_for: BTreeSet::new(),
            booting: BTreeSet::new(),
            lost: BTreeMap::new(),
            known: BTreeMap::new(),
            reports: BTreeMap::new(),
            copying: None,
            asked: false,
            detector: Detector::default(),
        };
        monitor.load(ctx);
        let pace = ctx.env.settings().pace;
        let drawn = ctx.env.draw([2, 0, 0], pace.boot_min.0, pace.boot_max.0);
        ctx.arm_in(PartTimer::Boot, Span(drawn));
        Detector::start(ctx);
        monitor
    }

    /// Reads the tables from the disk. A node without any forms the cluster together with all others, or
    /// joins those that run (peer discovery). Khepri reads its own log instead.
    fn load(&mut self, ctx: &mut Ctx<'_, '_>) {
        let file = ctx.env.disk().read(&FileName::Tables);
        let tables = file.and_then(|file| file.iter().next().cloned());
        self.waits_for.clone_from(&ctx.cluster.members);
        if let Some(DiskRecord::Tables { image, running }) = tables {
            *ctx.image = image;
            self.waits_for = running.into_iter().collect();
        }
        self.waits_for.remove(&ctx.node());
    }

    pub(super) fn ping(&mut self, ctx: &mut Ctx<'_, '_>) {
        let members: Vec<SeatId> = ctx.cluster.members.iter().copied().collect();
        let away: Vec<SeatId> = members
            .into_iter()
            .filter(|node| !ctx.cluster.reaches(*node))
            .collect();
        for node in &away {
            ctx.connect(*node);
        }
        if !away.is_empty() || self.phase != Phase::Running {
            ctx.arm_in(PartTimer::Ping, PING);
        }
    }

    pub(super) fn say(node: SeatId, what: ToMonitor, ctx: &mut Ctx<'_, '_>) {
        ctx.post(Pid::named(node, Part::Monitor), Signal::Cluster(what));
    }

    fn present(&self, node: SeatId, ctx: &mut Ctx<'_, '_>) {
        let what = match self.phase {
            Phase::Running => ToMonitor::Running { app: self.app },
            Phase::Stopping(_) => ToMonitor::Stopping,
            Phase::Starting | Phase::Waiting | Phase::Paused => ToMonitor::Booting,
        };
        Self::say(node, what, ctx);
        let me = ctx.node();
        if ctx.cluster.memory_alarms.contains(&me) {
            let (memory, on) = (true, true);
            Self::say(node, ToMonitor::Alarm { memory, on }, ctx);
        }
        if ctx.cluster.disk_alarms.contains(&me) {
            let (memory, on) = (false, true);
            Self::say(node, ToMonitor::Alarm { memory, on }, ctx);
        }
    }

    fn peers(ctx: &Ctx<'_, '_>) -> Vec<SeatId> {
        let me = ctx.node();
        let connected = ctx.cluster.connected.keys().copied();
        connected.filter(|node| *node != me).collect()
    }

    fn present_to_all(&self, ctx: &mut Ctx<'_, '_>) {
        for node in Self::peers(ctx) {
            self.present(node, ctx);
        }
    }

    // ---- boot ----

    /// A node that waits may run when a running node gave it the tables, or when all that may know more are
    /// here and none of them runs: then the lowest of those that wait for each other goes first.
    fn try_to_run(&mut self, ctx: &mut Ctx<'_, '_>) {
        if self.phase != Phase::Waiting || ctx.env.settings().node.khepri {
            return;
        }
        if let Some(node) = self.known.keys().next().copied() {
            if self.copying != Some(node) {
                self.copying = Some(node);
                let meta = Pid::named(node, Part::Meta);
                ctx.post(meta, Signal::Mnesia(ToMnesia::Copy));
            }
            return;
        }
        let me = ctx.node();
        let mut waits_for = self.waits_for.iter();
        if self.asked && waits_for.all(|node| *node > me && self.booting.contains(node)) {
            mnesia::forget_transient(ctx);
            self.run(ctx);
        }
    }

    /// The node serves from now on.
    fn run(&mut self, ctx: &mut Ctx<'_, '_>) {
        if self.phase != Phase::Waiting {
            return;
        }
        self.phase = Phase::Running;
        self.copying = None;
        self.booting.clear();
        let me = ctx.node();
        ctx.cluster.running.insert(me);
        ctx.env.note(Fact::NodeRunning);
        self.present_to_all(ctx);
        self.write_running(ctx);
        let own: Vec<_> = ctx
            .image
            .queues
            .values()
            .filter(|q| q.pid.node == me && (!q.durable || q.exclusive.is_some()))
            .map(|q| q.id)
            .collect();
        for id in own {
            // Transient and exclusive queues do not outlive their node (reference 1.11).
            ctx.write_meta(MetaCommand::DeleteQueue(id), 0);
        }
        ctx.tell_all(Signal::AppStarted);
    }

    /// Keeps on disk which nodes run: a node that ends later knows more.
    fn write_running(&self, ctx: &mut Ctx<'_, '_>) {
        if !ctx.env.settings().node.khepri {
            let image = (**ctx.image).clone();
            mnesia::keep(image, ctx);
        }
    }

    // ---- the others ----

    fn node_up(&mut self, node: SeatId, ctx: &mut Ctx<'_, '_>) {
        ctx.env.note(Fact::NodeUpSeen { node });
        self.present(node, ctx);
    }

    fn node_down(&mut self, node: SeatId, ctx: &mut Ctx<'_, '_>) {
        ctx.env.note(Fact::NodeDownSeen { node });
        self.detector.forget(node);
        self.gone(node, ctx);
        if let Some(known) = self.known.remove(&node)
            && self.phase == Phase::Running
        {
            self.lost.insert(node, known);
        }
        let alarmed = ctx.cluster.alarmed();
        ctx.cluster.memory_alarms.remove(&node);
        ctx.cluster.disk_alarms.remove(&node);
        if alarmed && !ctx.cluster.alarmed() {
            ctx.tell_all(Signal::AlarmsChanged);
        }
        if !ctx.is_armed(PartTimer::Ping) {
            ctx.arm_in(PartTimer::Ping, PING);
        }
        self.after_node_down(ctx);
    }

    /// A node does not run any more.
    fn gone(&mut self, node: SeatId, ctx: &mut Ctx<'_, '_>) {
        self.booting.remove(&node);
        self.reports.remove(&node);
        ctx.cluster.running.remove(&node);
        ctx.cluster.partitioned.remove(&node);
        if self.copying == Some(node) {
            self.copying = None;
        }
        if self.phase == Phase::Running && !ctx.env.settings().node.khepri {
            self.write_running(ctx);
            mnesia::delete_queues_of(node, ctx);
        }
    }

    /// Another monitor says something.
    fn hear(&mut self, from: SeatId, signal: &ToMonitor, ctx: &mut Ctx<'_, '_>) {
        match signal {
            ToMonitor::Running { app } => self.runs(from, *app, ctx),
            ToMonitor::Stopping => {
                self.known.remove(&from);
                self.lost.remove(&from);
                self.gone(from, ctx);
            }
            ToMonitor::Booting => {
                self.known.remove(&from);
                self.lost.remove(&from);
                self.gone(from, ctx);
                self.booting.insert(from);
                if self.phase == Phase::Running {
                    self.present(from, ctx);
                }
                self.try_to_run(ctx);
            }
            ToMonitor::Alarm { memory, on } => Self::set_alarm(from, *memory, *on, ctx),
            ToMonitor::AutohealRequest
            | ToMonitor::AutohealAsk
            | ToMonitor::AutohealReport { .. }
            | ToMonitor::AutohealRestart => self.autoheal(from, signal, ctx),
            ToMonitor::Probe => Self::say(from, ToMonitor::Alive, ctx),
            ToMonitor::Alive => self.detector.alive(from, ctx),
        }
    }

    fn runs(&mut self, node: SeatId, app: u32, ctx: &mut Ctx<'_, '_>) {
        self.booting.remove(&node);
        let creation = ctx.cluster.connected.get(&node).copied().unwrap_or(0);
        let was = self.lost.remove(&node);
        let ran_on = self.phase == Phase::Running && was == Some((creation, app));
        if ran_on && !ctx.env.settings().node.khepri {
            self.partitioned(node, ctx);
            return;
        }
        self.known.insert(node, (creation, app));
        ctx.cluster.running.insert(node);
        match self.phase {
            Phase::Waiting => self.try_to_run(ctx),
            Phase::Running => self.write_running(ctx),
            Phase::Starting | Phase::Stopping(_) | Phase::Paused => {}
        }
    }

    // ---- alarms ----

    fn set_alarm(node: SeatId, memory: bool, on: bool, ctx: &mut Ctx<'_, '_>) {
        let alarms = if memory {
            &mut ctx.cluster.memory_alarms
        } else {
            &mut ctx.cluster.disk_alarms
        };
        let changed = if on {
            alarms.insert(node)
        } else {
            alarms.remove(&node)
        };
        if changed {
            ctx.tell_all(Signal::AlarmsChanged);
        }
    }

    fn ctl(&mut self, order: Ctl, ctx: &mut Ctx<'_, '_>) {
        let (memory, on) = match order {
            Ctl::MemoryAlarm(on) => (true, on),
            Ctl::DiskAlarm(on) => (false, on),
            Ctl::SetPolicy(policy) => {
                let token = u64::from(policy.name.0);
                ctx.write_meta(MetaCommand::PutPolicy(policy), token);
                return;
            }
            Ctl::ClearPolicy(operator, name) => {
                let token = u64::from(name.0);
                ctx.write_meta(MetaCommand::DeletePolicy(operator, name), token);
                return;
            }
            // The node answers these itself.
            Ctl::Status(_) | Ctl::QueueInfo(..) => return,
            Ctl::CrashPart(part @ (Part::Queue(_) | Part::Mirror(_))) => {
                // What it holds in memory only has to be accounted for, and its supervisor starts it again.
                let queue = ctx.local(part);
                ctx.post(queue, Signal::Queue(ToQueue::Crash));
                return;
            }
            Ctl::CrashPart(part) => {
                ctx.end(part, DownWhy::Crashed);
                return;
            }
        };
        Self::set_alarm(ctx.node(), memory, on, ctx);
        ctx.env.note(Fact::Alarm { memory, on });
        for node in Self::peers(ctx) {
            Self::say(node, ToMonitor::Alarm { memory, on }, ctx);
        }
    }

    // ---- stop ----

    /// Stops the application in order.
    pub(super) fn stop_app(&mut self, why: StopWhy, ctx: &mut Ctx<'_, '_>) {
        if matches!(self.phase, Phase::Stopping(_)) {
            if why == StopWhy::Asked {
                self.phase = Phase::Stopping(why);
            }
            return;
        }
        let ran = self.phase == Phase::Running;
        self.phase = Phase::Stopping(why);
        ctx.env.note(Fact::NodeStopping { why });
        let me = ctx.node();
        ctx.cluster.running.remove(&me);
        if ran {
            self.present_to_all(ctx);
            ctx.tell_all(Signal::Stopping);
            let stop = ctx.env.settings().pace.stop;
            ctx.arm_in(PartTimer::Stopped, stop);
        } else {
            ctx.arm_in(PartTimer::Stopped, Span(1));
        }
    }

    fn stopped(&mut self, ctx: &mut Ctx<'_, '_>) {
        let Phase::Stopping(why) = self.phase else {
            return;
        };
        ctx.end_app();
        match why {
            StopWhy::Asked => ctx.exit(),
            StopWhy::Paused => self.phase = Phase::Paused,
            StopWhy::Autoheal => {
                self.phase = Phase::Paused;
                ctx.arm_in(PartTimer::Restart, PING);
            }
        }
        if why != StopWhy::Asked {
            self.lost.clear();
            ctx.cluster.partitioned.clear();
            self.ping(ctx);
        }
    }

    /// A paused node comes back.
    pub(super) fn start_app(&mut self, ctx: &mut Ctx<'_, '_>) {
        if self.phase == Phase::Paused {
            self.app += 1;
            ctx.new_app();
            self.phase = Phase::Waiting;
            self.asked = false;
            self.load(ctx);
            self.present_to_all(ctx);
            self.ping(ctx);
            self.try_to_run(ctx);
        }
    }
}

impl Actor for Monitor {
    fn take(&mut self, from: Pid, signal: Signal, ctx: &mut Ctx<'_, '_>) {
        match signal {
            Signal::Cluster(said) => self.hear(from.node, &said, ctx),
            Signal::NodeUp { node, .. } => self.node_up(node, ctx),
            Signal::NodeDown { node } => self.node_down(node, ctx),
            Signal::MetaReady => self.run(ctx),
            Signal::Shutdown => self.stop_app(StopWhy::Asked, ctx),
            Signal::Terminated => self.stopped(ctx),
            Signal::Ctl(order) => self.ctl(order, ctx),
            Signal::MetaDone { token, result } if token != 0 => {
                let name = Name(u16::try_from(token).unwrap_or(0));
                ctx.env.note(Fact::PolicySet { name, result });
            }
            _ => {}
        }
    }

    fn timer(&mut self, kind: PartTimer, ctx: &mut Ctx<'_, '_>) {
        match kind {
            PartTimer::Boot => {
                self.phase = Phase::Waiting;
                self.present_to_all(ctx);
                self.ping(ctx);
                self.try_to_run(ctx);
                ctx.tell_all(Signal::Booted);
            }
            PartTimer::Ping => {
                self.ping(ctx);
                self.after_ping(ctx);
                self.asked = true;
                self.try_to_run(ctx);
            }
            PartTimer::Stopped => {
                ctx.tell_all(Signal::Terminate);
                let me = ctx.me;
                ctx.post(me, Signal::Terminated);
            }
            PartTimer::Restart => self.start_app(ctx),
            PartTimer::Probe => self.detector.probe(ctx),
            PartTimer::Verdict => self.detector.verdict(ctx),
            _ => {}
        }
    }
}
