//! One random run: founded, disturbed, healed, asked whether it goes on.

use ackscope_kernel::SortedSet;

use ackscope_check::{Ledger, goals};
use ackscope_kafka::goals::Watch;
use ackscope_kafka::{Kafka, KafkaProcess, Role};
use ackscope_kernel::{
    ENGINE_VERSION, EntryId, History, MessageKey, SeatId, Span, Status, Time, World,
};

use super::faults::Faults;
use super::guard::Guard;
use super::promises::Promises;
use super::setup::{PROBE, Setup, Style, TOPIC, setup};
use super::{Fuzz, HEALED, LOST_WITH_ACKS_1, LOST_WITH_ACKS_ALL, Run};
use crate::founding::{self, tp_name};
use crate::recipe::{Done, Lookup, Recipe, image};
use crate::scenario::act::{ClientOrder, Messages, PacketAct, Place, PlannedAct, Target};
use crate::topology::Topology;

/// The longest time that a healed cluster may need until everything is settled: a client gives up a
/// batch after two minutes, and what waits behind a cut is retransmitted with growing pauses.
const SETTLES_WITHIN: Span = Span::secs(400);
/// A settled cluster takes new messages and hands them to its readers within this time. A member whose
/// coordinator lost power while it joined learns of it after max.poll.interval.ms and 5 s
/// (`AbstractCoordinator.joinGroupTimeoutMs`).
const GOES_ON_WITHIN: Span = Span::secs(400);
/// Events of a run; one that needs more is stuck in a loop.
const BUDGET: u64 = 3_000_000;

/// A run in progress.
pub(super) struct Runner {
    pub(super) history: History<Kafka, (Ledger<Kafka>, Watch)>,
    pub(super) zero: Time,
    pub(super) zero_entries: u32,
    pub(super) guard: Guard,
    style: Style,
    topology: Topology,
    promises: Promises,
    followed: u32,
    done: Vec<Done>,
    /// The acts before this one are the faults; those after it heal.
    faults: usize,
    healed: bool,
}

/// The run of a seed.
pub(super) fn drawn(fuzz: &Fuzz, seed: u64) -> Run {
    let setup = setup(fuzz.kind, seed);
    let Some(mut runner) = Runner::found(fuzz, seed, &setup) else {
        return impossible(&setup, seed);
    };
    runner.start_clients();
    Faults::new(seed, &setup).play(&mut runner);
    runner.finish(seed, setup.faults_us)
}

/// The run of a seed with these faults instead of the drawn ones. `None`: they leave the limits of
/// safe runs, or cannot be done any more.
pub(super) fn repeated(fuzz: &Fuzz, seed: u64, faults: &[Done]) -> Option<Run> {
    let setup = setup(fuzz.kind, seed);
    let mut runner = Runner::found(fuzz, seed, &setup)?;
    for done in faults {
        runner.advance(runner.zero + Span(done.at_us), done.taken);
        if runner.is_over() {
            break;
        }
        let tried = runner.act_at(&done.act, done.at_us, done.taken);
        // A packet that is not sent any more needs no act.
        if !tried && !matches!(done.act, PlannedAct::Packet(..)) {
            return None;
        }
    }
    Some(runner.finish(seed, setup.faults_us))
}

/// Seeds lead to settings that Kafka takes; if one does not, that is a finding of its own.
fn impossible(setup: &Setup, seed: u64) -> Run {
    let found = founding::found(&setup.topology, seed);
    let detail = match found {
        Err(error) => error.to_string(),
        Ok(founded) => format!("{:?}", founded.refusals),
    };
    let rule = "the-settings-are-taken";
    Run {
        seed,
        confirmed: 0,
        lost: 0,
        duplicated: 0,
        reached: SortedSet::new(),
        broken: vec![super::Broken { rule, detail }],
        recipe: recipe(setup.topology.clone(), seed, Vec::new(), 0),
        faults: 0,
        events: 0,
        digest: 0,
    }
}

fn recipe(topology: Topology, seed: u64, acts: Vec<Done>, until_us: u64) -> Recipe {
    Recipe {
        version: ENGINE_VERSION,
        scenario: format!("fuzz-{seed}"),
        topology,
        seed,
        acts,
        until_us,
    }
}

impl Runner {
    fn found(fuzz: &Fuzz, seed: u64, setup: &Setup) -> Option<Runner> {
        let founded = founding::found_with(&setup.topology, seed, fuzz.mutant).ok()?;
        if !founded.refusals.is_empty() {
            return None;
        }
        let zero_entries = founded.trace.len();
        let promises = Promises::new(setup.style, &founded.world);
        let mut watch = Watch::default();
        for (id, entry) in founded.trace.range(0, zero_entries) {
            ackscope_kernel::Recorder::record(&mut watch, id, entry, &founded.world);
        }
        let history = History::continued(
            founded.world,
            founded.trace,
            (Ledger::default(), watch),
            Vec::new(),
        );
        Some(Runner {
            history,
            zero: founded.zero,
            zero_entries,
            guard: Guard::default(),
            style: setup.style,
            topology: setup.topology.clone(),
            promises,
            followed: zero_entries,
            done: Vec::new(),
            faults: 0,
            healed: false,
        })
    }

    pub(super) fn world(&self) -> &World<Kafka> {
        self.history.world()
    }

    /// The names of all clients.
    pub(super) fn clients(&self) -> impl Iterator<Item = &str> {
        self.topology
            .clients
            .iter()
            .map(|client| client.name.as_str())
    }

    pub(super) fn now_us(&self) -> u64 {
        self.world().now().since(self.zero).0
    }

    /// A promise is broken, or the budget is used up: nothing more is done.
    pub(super) fn is_over(&self) -> bool {
        !self.promises.broken().is_empty() || self.history.events() >= BUDGET
    }

    /// Does the next event if it is due by then, and looks at what it wrote.
    pub(super) fn step_until(&mut self, limit: Time) -> bool {
        if self.is_over() || !self.history.step_until(limit) {
            return false;
        }
        self.follow();
        true
    }

    fn follow(&mut self) {
        let (trace, world) = (self.history.trace(), self.history.world());
        let entries = trace.range(self.followed, trace.len());
        self.guard.look(world);
        let wounded = self.guard.wounded();
        self.promises
            .follow(entries, world, self.history.ledger(), wounded);
        self.followed = trace.len();
    }

    /// Goes on to a time, its events included.
    pub(super) fn run_to(&mut self, at: Time) {
        while self.step_until(at) {}
        if !self.is_over() {
            self.history.advance(at);
        }
    }

    /// Goes on to a moment: so many events of that time come before it.
    fn advance(&mut self, at: Time, taken: u32) {
        loop {
            let world = self.world();
            let before = match world.next_due() {
                Some(due) if due == at => world.taken_at(at) < taken,
                Some(due) => due < at,
                None => false,
            };
            if !before || !self.step_until(at) {
                return;
            }
        }
    }

    /// Acts here and now. Returns false, and does nothing, when nobody is meant or a safe run may not.
    pub(super) fn act(&mut self, act: &PlannedAct) -> bool {
        let taken = self.world().moment().taken;
        self.act_at(act, self.now_us(), taken)
    }

    fn act_at(&mut self, act: &PlannedAct, at_us: u64, taken: u32) -> bool {
        if self.is_over() {
            return false;
        }
        let lookup = Lookup::new(self.history.world());
        let found = lookup.resolve(act).and_then(|act| {
            let trace = self.history.trace();
            let acts = lookup.kernel(&act, trace, self.zero_entries, &mut self.topology)?;
            Ok((act, acts))
        });
        let Ok((act, kernel_acts)) = found else {
            return false;
        };
        if self.style == Style::Safe {
            // All of it or nothing: each part must stay within the limit after those before it.
            let mut ahead = self.guard.clone();
            for kernel_act in &kernel_acts {
                if !ahead.allows(kernel_act, self.history.world()) {
                    return false;
                }
                ahead.done(kernel_act, self.history.world());
            }
        }
        let at = self.zero + Span(at_us);
        let moment = ackscope_kernel::Moment { at, taken };
        for kernel_act in kernel_acts {
            self.guard.done(&kernel_act, self.history.world());
            self.history.plan(moment, kernel_act);
            self.history.step_until(at);
        }
        self.done.push(Done { at_us, taken, act });
        self.follow();
        true
    }

    fn start_clients(&mut self) {
        let names: Vec<String> = self
            .topology
            .clients
            .iter()
            .map(|client| client.name.clone())
            .filter(|name| name != PROBE)
            .collect();
        for name in names {
            self.act(&PlannedAct::Start(vec![Target::Named(name)]));
        }
    }

    // ---- the end ----

    fn finish(mut self, seed: u64, faults_us: u64) -> Run {
        self.run_to(self.zero + Span(faults_us));
        self.faults = self.done.len();
        let progress = self.heal_and_go_on();
        if self.promises.broken().is_empty() {
            let progress = match self.history.events() >= BUDGET {
                true => Err(format!("more than {BUDGET} events")),
                false => progress,
            };
            self.healed = progress.is_ok();
            let (world, ledger) = (self.history.world(), self.history.ledger());
            self.promises.end(world, ledger, progress);
        }
        self.into_run(seed)
    }

    fn into_run(self, seed: u64) -> Run {
        let ledger = &self.history.ledger().0;
        let lost = u32::try_from(goals::confirmed_survive(ledger, true).len()).unwrap_or(u32::MAX);
        let watch = &self.history.ledger().1;
        let mut reached = watch.reached().clone();
        if self.healed {
            reached.insert(HEALED);
        }
        match self.style {
            Style::AcksOne if lost > 0 => drop(reached.insert(LOST_WITH_ACKS_1)),
            Style::PowerLoss if lost > 0 => drop(reached.insert(LOST_WITH_ACKS_ALL)),
            _ => {}
        }
        let until_us = self.now_us();
        Run {
            seed,
            confirmed: watch.confirmed(),
            lost,
            duplicated: ledger.verdict().duplicated,
            reached,
            broken: self.promises.broken().to_vec(),
            events: self.history.events(),
            digest: self.history.digest(),
            faults: self.faults,
            recipe: recipe(self.topology, seed, self.done, until_us),
        }
    }

    /// Ends every fault, waits until everything is settled, and sends a message to every partition.
    fn heal_and_go_on(&mut self) -> Result<(), String> {
        self.heal();
        let limit = self.world().now() + SETTLES_WITHIN;
        while let Some(missing) = self.unsettled() {
            if self.is_over() || self.world().now() >= limit {
                return Err(missing);
            }
            self.run_to(self.world().now() + Span::secs(1));
            // One that was on its way down when the faults ended, or that gave up by itself.
            self.start_brokers();
        }
        self.act(&PlannedAct::Start(vec![Target::Named(PROBE.to_owned())]));
        let probes = self.send_probes();
        let limit = self.world().now() + GOES_ON_WITHIN;
        while let Some(missing) = self.unanswered(&probes) {
            if self.is_over() || self.world().now() >= limit {
                return Err(missing);
            }
            self.run_to(self.world().now() + Span::secs(1));
        }
        Ok(())
    }

    fn heal(&mut self) {
        let named = |world: &World<Kafka>, seat| Target::Named(world.name(seat).to_owned());
        let world = self.world();
        let mut acts = vec![PlannedAct::Heal];
        for ((from, to), link) in world.links() {
            let seat = |host| world.seats().find(|seat| world.host(*seat) == host);
            let (Some(from), Some(to)) = (seat(from), seat(to)) else {
                continue;
            };
            let (from, to) = (named(world, from), named(world, to));
            if link.slow > Span(0) {
                let (from, to) = (from.clone(), to.clone());
                acts.push(PlannedAct::Slow { from, to, by_us: 0 });
            }
            if link.loss_ppm > 0 {
                acts.push(PlannedAct::Lose { from, to, ppm: 0 });
            }
        }
        for broker in world.settings().broker_seats() {
            acts.push(PlannedAct::SlowDisk(named(world, broker), 0));
            if world.disk(broker).full {
                acts.push(PlannedAct::FillDisk(named(world, broker), false));
            }
        }
        for seat in world.seats() {
            if world.status(seat).0 == Status::Frozen {
                acts.push(PlannedAct::Thaw(vec![named(world, seat)]));
            }
        }
        let lookup = Lookup::new(world);
        let held = world
            .flights()
            .filter(|flight| flight.state == ackscope_kernel::FlightState::Held);
        for flight in held {
            let trace = self.history.trace();
            if let Some(name) = lookup.packet_name(trace, self.zero_entries, flight.sent_by) {
                acts.push(PlannedAct::Packet(PacketAct::Release, name));
            }
        }
        for seat in world.seats() {
            let name = world.name(seat);
            let drawn = self
                .topology
                .clients
                .iter()
                .any(|c| c.name == name && name != PROBE);
            if drawn && world.status(seat).0 == Status::Down {
                acts.push(PlannedAct::Start(vec![named(world, seat)]));
            }
        }
        for act in acts {
            self.act(&act);
        }
        self.start_brokers();
    }

    fn start_brokers(&mut self) {
        let world = self.world();
        let down: Vec<Target> = world
            .settings()
            .broker_seats()
            .filter(|seat| world.status(*seat).0 == Status::Down)
            .map(|seat| Target::Named(world.name(seat).to_owned()))
            .collect();
        if !down.is_empty() {
            self.act(&PlannedAct::Start(down));
        }
    }

    /// What is not as it should be in a healed cluster.
    fn unsettled(&self) -> Option<String> {
        let world = self.world();
        let Some(image) = image(world) else {
            return Some("there is no controller".to_owned());
        };
        for broker in world.settings().broker_seats() {
            if !image.active(broker) || world.status(broker).0 != Status::Running {
                return Some(format!("{} is not back", world.name(broker)));
            }
        }
        for (tp, state) in &image.partitions {
            let name = || tp_name(world.settings(), *tp);
            if state.leader.is_none() {
                return Some(format!("{} has no leader", name()));
            }
            if state.isr.len() < state.replicas.len() {
                return Some(format!("{} has not all replicas in sync", name()));
            }
        }
        let open = self
            .history
            .ledger()
            .0
            .rows()
            .find(|(_, row)| !row.settled());
        open.map(|(key, _)| format!("{} has no outcome", Lookup::new(world).name(key)))
    }

    /// Sends one message to every partition.
    fn send_probes(&mut self) -> Vec<MessageKey> {
        let partitions = self.topology.topics.first().map_or(1, |t| t.partitions);
        let Some(origin) = self.world().seat_named(PROBE) else {
            return Vec::new();
        };
        let mut probes = Vec::new();
        for partition in 0..partitions {
            let number = u32::from(partition) + 1;
            let send = ClientOrder::Send {
                messages: vec![Messages {
                    producer: Some(PROBE.to_owned()),
                    first: number,
                    last: number,
                }],
                to: Place::Partition(format!("{TOPIC}-{partition}")),
                size: 100,
                pace_us: 0,
                age_ms: 0,
            };
            self.act(&PlannedAct::Order(PROBE.to_owned(), send));
            probes.push(MessageKey { origin, number });
        }
        probes
    }

    /// A probe that was not confirmed, or not read by everybody who reads.
    fn unanswered(&self, probes: &[MessageKey]) -> Option<String> {
        let (world, ledger) = (self.world(), &self.history.ledger().0);
        let lookup = Lookup::new(world);
        let readers: Vec<(SeatId, u16)> = (0..)
            .map(SeatId)
            .zip(&world.settings().roles)
            .filter_map(|(seat, role)| match role {
                Role::Consumer(program) => Some((seat, program.reader)),
                _ => None,
            })
            .filter(|(seat, _)| polls(world, *seat))
            .collect();
        for key in probes {
            let row = ledger.row(*key);
            if row.is_none_or(|row| row.confirmed == EntryId::NONE) {
                return Some(format!("{} is not confirmed", lookup.name(*key)));
            }
            for (seat, reader) in &readers {
                let read = row.and_then(|row| row.reading(*reader));
                if read.is_none_or(|read| read.processed == 0) {
                    let (name, who) = (lookup.name(*key), world.name(*seat));
                    return Some(format!("{name} is not processed by {who}"));
                }
            }
        }
        None
    }
}

/// The consumer runs its poll loop still: no exception ended it.
fn polls(world: &World<Kafka>, seat: SeatId) -> bool {
    world.status(seat).0 == Status::Running
        && world
            .process(seat)
            .is_some_and(|process| matches!(&**process, KafkaProcess::Consumer(c) if !c.closed()))
}
