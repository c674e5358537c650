//! Steps that act on nodes and the network, and steps that look at queues.

use std::collections::BTreeSet;

use ackscope_kernel::{Act, HostId, SeatId, Time};
use ackscope_rabbitmq::client::{Ask, Channeling, Consume};
use ackscope_rabbitmq::facts::{CallEnd, QueueLook};
use ackscope_rabbitmq::ids::Name;
use ackscope_rabbitmq::message::{Table, Value};
use ackscope_rabbitmq::params::ChannelMode;
use ackscope_rabbitmq::system::{Ctl, Order};
use serde_json::Value as Json;

use super::compare::shows;
use super::driver::Run;
use super::observed::StateEntry;
use super::setting::DRAIN;
use super::step::{Drain, DrainHow, Nodes, Step};
use super::steps::or;

/// The prefetch of a drain of a stream.
const STREAM_PREFETCH: u16 = 100;

impl Run<'_> {
    /// A step that names no client.
    pub(super) fn take_of_nodes(&mut self, step: &Step) {
        match step {
            Step::Kill(nodes) => self.kill(nodes),
            Step::Stop(nodes) => {
                for node in nodes.all() {
                    let seat = self.moving.seat(node);
                    let limit = self.now() + or(nodes.timeout_ms, self.times.processes);
                    self.moving.act(Act::Stop(seat));
                    self.moving.until(limit, |moving| moving.down(seat));
                }
            }
            Step::Start(nodes) => self.start(nodes),
            Step::Pause { node } => {
                self.moving.act(Act::Freeze(self.moving.seat(node)));
                self.moving.pass(self.times.brief);
            }
            Step::Resume { node } => {
                self.moving.act(Act::Thaw(self.moving.seat(node)));
                self.moving.pass(self.times.brief);
            }
            Step::Alarm { node, on } => {
                let order = Order::Ctl(Ctl::MemoryAlarm(*on));
                self.moving.act(Act::Order(self.moving.seat(node), order));
                self.moving.pass(self.times.brief);
            }
            Step::Partition { groups } => self.partition(groups),
            Step::AwaitPartitioned { groups, timeout_ms } => {
                let limit = self.now() + or(*timeout_ms, self.times.partitioned);
                self.watch(limit, |run| run.is_partitioned(groups));
            }
            Step::Heal {} => {
                self.moving.pass(self.times.heal);
                self.moving.act(Act::Heal);
            }
            Step::AwaitHealed {
                partitioned_ok,
                timeout_ms,
            } => {
                let limit = self.now() + or(*timeout_ms, self.times.processes);
                let remembers = *partitioned_ok;
                self.watch(limit, |run| run.is_healed(remembers));
                self.await_whole(limit);
            }
            Step::SetPolicy { policy } => self.set_policy(policy, 0),
            Step::AwaitQueue {
                queue,
                state,
                node,
                timeout_ms,
            } => {
                let limit = self.now() + or(*timeout_ms, self.times.ask);
                self.watch(limit, |run| {
                    let entry = run.state_of(queue, node.as_deref());
                    entry.is_some_and(|entry| shows(state, &entry))
                });
            }
            Step::Snapshot { queue, node } => {
                if let Some(entry) = self.state_of(queue, node.as_deref()) {
                    self.states.push(entry);
                }
            }
            Step::Drain(drain) => self.drain(drain),
            _ => {}
        }
    }

    /// SIGKILL: the processes run no more, and some milliseconds later their connections end.
    fn kill(&mut self, nodes: &Nodes) {
        let seats: Vec<SeatId> = nodes.all().map(|node| self.moving.seat(node)).collect();
        let end = self.now() + self.times.kill;
        for seat in &seats {
            self.moving.act(Act::Freeze(*seat));
        }
        self.moving.pass(self.times.dying);
        for seat in seats {
            self.moving.act(Act::Crash(seat));
        }
        self.moving.until(end, |_| false);
    }

    fn start(&mut self, nodes: &Nodes) {
        let named: Vec<String> = nodes.all().cloned().collect();
        let mut left: Vec<(String, u32)> = Vec::new();
        for node in named {
            self.moving.act(Act::Start(self.moving.seat(&node)));
            left.push((node, self.times.again.1));
        }
        let limit = self.now() + or(nodes.timeout_ms, self.times.processes);
        let mut restarts: Vec<(Time, String)> = Vec::new();
        self.watch(limit, |run| {
            let now = run.now();
            restarts.retain(|(at, node)| {
                let due = *at <= now;
                if due {
                    run.moving.act(Act::Start(run.moving.seat(node)));
                }
                !due
            });
            for (node, tries) in &mut left {
                let planned = restarts.iter().any(|(_, name)| name == node);
                if *tries > 0 && !planned && run.moving.down(run.moving.seat(node)) {
                    *tries -= 1;
                    restarts.push((now + run.times.again.0, node.clone()));
                }
            }
            left.iter().all(|(node, _)| {
                let status = run.status(node);
                status.is_some_and(|status| status.running)
            })
        });
        self.await_whole(Time::NEVER);
    }

    /// After `start` and `await_healed`: until the cluster is whole if all its nodes live, and then until
    /// each replicated queue has a leader, if two or more live.
    fn await_whole(&mut self, limit: Time) {
        let nodes = self.nodes();
        let live = |run: &Self| {
            let live = nodes.iter();
            live.filter(|node| run.moving.running(run.moving.seat(node)))
                .count()
        };
        if live(self) == nodes.len() {
            let limit = (self.now() + self.times.settle).min(limit);
            self.watch(limit, Run::whole);
        }
        if live(self) >= 2 {
            self.await_leaders(false);
        }
    }

    /// Cuts what is between nodes of different groups. Clients stay connected.
    fn partition(&mut self, groups: &[Vec<String>]) {
        self.moving.pass(self.times.partition);
        let hosts = |run: &Self, group: &Vec<String>| -> Vec<HostId> {
            let seats = group.iter().map(|node| run.moving.seat(node));
            seats.map(|seat| run.moving.world.host(seat)).collect()
        };
        for (at, group) in groups.iter().enumerate() {
            for other in groups.iter().skip(at + 1) {
                let (a, b) = (hosts(self, group), hosts(self, other));
                self.moving.act(Act::Cut(a.clone(), b.clone()));
                self.moving.act(Act::Cut(b, a));
            }
        }
    }

    /// Each node sees none outside its group as running, or has paused itself.
    fn is_partitioned(&mut self, groups: &[Vec<String>]) -> bool {
        groups.iter().all(|group| {
            let own: BTreeSet<SeatId> = group.iter().map(|node| self.moving.seat(node)).collect();
            group.iter().all(|node| match self.status(node) {
                Some(status) => !status.running || status.seen.is_subset(&own),
                None => true,
            })
        })
    }

    /// All run and see each other, and no node remembers a partition; or, with `remembers`, each node that
    /// does not is one that does.
    fn is_healed(&mut self, remembers: bool) -> bool {
        let nodes = self.nodes();
        let seats: BTreeSet<SeatId> = nodes.iter().map(|node| self.moving.seat(node)).collect();
        nodes.iter().all(|node| match self.status(node) {
            Some(status) => {
                let whole = status.running && status.seen == seats && !status.partitioned;
                whole || (remembers && status.partitioned)
            }
            None => false,
        })
    }

    /// A queue as a node sees it.
    fn state_of(&mut self, queue: &str, node: Option<&str>) -> Option<StateEntry> {
        let node = match node {
            Some(node) => node.to_owned(),
            None => self.first_running()?,
        };
        let name = |run: &Self, seat: SeatId| run.moving.world.name(seat).to_owned();
        let step = u32::try_from(self.moving.collected.step).unwrap_or(0);
        let blank = StateEntry {
            after_step: step,
            queue: queue.to_owned(),
            leader: Some(None),
            members: Some(BTreeSet::new()),
            online: Some(BTreeSet::new()),
            messages: Some(None),
            ready: Some(None),
            unacked: Some(None),
            state: Some("down".to_owned()),
            ..StateEntry::default()
        };
        let Some(look) = self.look(&node, queue) else {
            return Some(blank);
        };
        let Some(look) = look else {
            return Some(StateEntry {
                state: Some("not_found".to_owned()),
                ..blank
            });
        };
        let QueueLook {
            leader,
            members,
            online,
            running,
            counts,
        } = *look;
        let set = |run: &Self, seats: Vec<SeatId>| {
            let names = seats.into_iter().map(|seat| name(run, seat));
            Some(names.collect::<BTreeSet<_>>())
        };
        let sum = counts.map(|(ready, unacked, kept)| ready + unacked + kept);
        Some(StateEntry {
            leader: Some(leader.map(|seat| name(self, seat))),
            members: set(self, members),
            online: set(self, online),
            messages: Some(sum),
            ready: Some(counts.map(|counts| counts.0)),
            unacked: Some(counts.map(|counts| counts.1)),
            state: Some(if running { "running" } else { "down" }.to_owned()),
            ..blank
        })
    }

    // ---- reading a queue empty ----

    fn drain(&mut self, drain: &Drain) {
        let (limit, pause, tries) = self.times.drain;
        let tries = drain.tries.unwrap_or(tries).max(1);
        let limit = or(drain.timeout_ms, limit);
        for left in (0..tries).rev() {
            let node = drain.node.clone().or_else(|| self.first_running());
            let Some(node) = node else { return };
            let (from, errors) = self.marks();
            self.drain_once(drain, &node, limit);
            let seat = self.moving.seat(DRAIN);
            let read = self.moving.collected.reads.drain(from..);
            let read: Vec<_> = read.filter(|(reader, _)| *reader == seat).collect();
            for (_, reading) in read {
                self.drained.push((drain.queue.clone(), reading));
            }
            // Whatever the client of the drain met: the first of it counts, and nothing of it stays.
            let met = self.moving.collected.errors.drain(errors..);
            let met: Vec<_> = met.collect();
            let own = met.iter().find(|error| error.seat == seat).cloned();
            let others = met.into_iter().filter(|error| error.seat != seat);
            self.moving.collected.errors.extend(others);
            let Some(error) = own else { return };
            let again = error.code == 541 || error.kind == Some("timeout");
            if left == 0 || !again {
                self.drain_errors.push((error.step, error.code, error.kind));
                return;
            }
            self.moving.pass(pause);
        }
    }

    fn marks(&self) -> (usize, usize) {
        let collected = &self.moving.collected;
        (collected.reads.len(), collected.errors.len())
    }

    fn drain_once(&mut self, drain: &Drain, node: &str, limit: ackscope_kernel::Span) {
        let channel = Channeling {
            mode: ChannelMode::None,
            prefetch: drain.stream.then_some(STREAM_PREFETCH),
            global: false,
        };
        let seat = self.moving.seat(DRAIN);
        self.moving.collected.gone.remove(&seat);
        if self.open(DRAIN, node, Some(channel)) {
            if drain.stream || drain.how == DrainHow::Consume {
                let consume = self.drain_consume(drain);
                if self.call_of(DRAIN, consume, limit) == Some(CallEnd::Done) {
                    self.until_silence();
                }
            } else {
                let queue = self.names.of(&drain.queue);
                self.call_of(DRAIN, Ask::Drain { queue }, limit);
            }
        }
        // What comes of its end is not of the drain.
        self.moving.collected.gone.insert(seat);
        self.shut(DRAIN);
    }

    fn drain_consume(&self, drain: &Drain) -> Ask {
        let mut arguments = Table::new();
        if drain.stream {
            let offset = match &drain.offset {
                Some(Json::Number(number)) => Value::Int(number.as_i64().unwrap_or(0)),
                Some(Json::String(word)) => Value::Str(word.as_str().into()),
                _ => Value::Str("first".into()),
            };
            arguments.insert("x-stream-offset".into(), offset);
        }
        Ask::Consume(Consume {
            queue: self.names.of(&drain.queue),
            tag: Name::EMPTY,
            no_ack: !drain.stream,
            exclusive: false,
            arguments: arguments.into(),
            process_limit: None,
            looks: true,
        })
    }

    /// Until nothing is read for a while.
    fn until_silence(&mut self) {
        loop {
            let before = self.moving.collected.reads.len();
            let limit = self.now() + self.times.silence;
            let more = self
                .moving
                .until(limit, |moving| moving.collected.reads.len() > before);
            if !more {
                return;
            }
        }
    }
}
