//! The faults of a random run: what happens, to whom, when, and when it ends. A fault may wait for
//! something to happen first, since most mistakes show only within a few milliseconds.

use std::collections::BTreeMap;

use ackscope_kafka::{Fact, Kafka, Tp};
use ackscope_kernel::system::Brief;
use ackscope_kernel::{Entry, FlightState, SeatId, Span, What, World};

use super::draw::Dice;
use super::run::Runner;
use super::setup::{PROBE, Setup, Style};
use crate::founding::CONTROLLER;
use crate::recipe::{Lookup, image};
use crate::scenario::act::{Kept, PacketAct, PlannedAct, Target};

/// What a fault waits for, at most this long.
const WAITS_US: u64 = 3_000_000;

/// The kinds of faults.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Crash,
    Stop,
    Freeze,
    Cut,
    CutOff,
    Slow,
    Lose,
    Packet,
    SlowDisk,
    FillDisk,
    PowerOff,
    Wipe,
    Client,
    AllPowerOff,
    LastPowerOff,
}

/// Each kind and how often it is drawn.
const KINDS: [(u64, Kind); 13] = [
    (6, Kind::Crash),
    (4, Kind::Stop),
    (4, Kind::Freeze),
    (3, Kind::Cut),
    (4, Kind::CutOff),
    (4, Kind::Slow),
    (2, Kind::Lose),
    (4, Kind::Packet),
    (2, Kind::SlowDisk),
    (1, Kind::FillDisk),
    (5, Kind::PowerOff),
    (2, Kind::Wipe),
    (3, Kind::Client),
];

/// What a fault waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cue {
    Acked,
    Appended,
    Watermark,
    Elected,
    Leads,
    Follows,
    IsrProposed,
    IsrChanged,
    Truncated,
    Retrying,
}

const CUES: [(u64, Option<Cue>); 11] = [
    (4, None),
    (4, Some(Cue::Acked)),
    (2, Some(Cue::Appended)),
    (2, Some(Cue::Watermark)),
    (2, Some(Cue::Elected)),
    (2, Some(Cue::Leads)),
    (1, Some(Cue::Follows)),
    (1, Some(Cue::IsrProposed)),
    (1, Some(Cue::IsrChanged)),
    (1, Some(Cue::Truncated)),
    (1, Some(Cue::Retrying)),
];

/// Draws and does the faults of a run.
pub(super) struct Faults {
    seed: u64,
    style: Style,
    until_us: u64,
    /// What ends faults, by time and order of planning.
    ends: BTreeMap<(u64, u32), PlannedAct>,
    planned: u32,
}

fn named(world: &World<Kafka>, seat: SeatId) -> Target {
    Target::Named(world.name(seat).to_owned())
}

impl Faults {
    pub(super) fn new(seed: u64, setup: &Setup) -> Self {
        Faults {
            seed,
            style: setup.style,
            until_us: setup.faults_us,
            ends: BTreeMap::new(),
            planned: 0,
        }
    }

    /// Does all of them, each at its time.
    pub(super) fn play(&mut self, runner: &mut Runner) {
        let mut dice = Dice::new(self.seed, 4, 0);
        let count = dice.between(4, 16);
        let mut times: Vec<u64> = (0..count)
            .map(|_| dice.between(2_000_000, self.until_us.max(2_000_000)))
            .collect();
        times.sort_unstable();
        for (number, at_us) in (0..).zip(times) {
            let mut dice = Dice::new(self.seed, 5, number);
            self.pass(runner, at_us);
            let cue = dice.weighted(&CUES, None);
            let subject = cue.and_then(|cue| self.wait(runner, cue));
            let kind = match self.style {
                Style::PowerLoss if dice.percent(15) => Kind::AllPowerOff,
                Style::PowerLoss if dice.percent(15) => Kind::LastPowerOff,
                _ => dice.weighted(&KINDS, Kind::Crash),
            };
            self.strike(runner, kind, subject, &mut dice);
        }
        self.pass(runner, self.until_us);
    }

    /// Goes on to a time and ends on the way what is due to end.
    fn pass(&mut self, runner: &mut Runner, until_us: u64) {
        while let Some((due, act)) = self.next_end(until_us) {
            runner.run_to(runner.zero + Span(due.max(runner.now_us())));
            runner.act(&act);
        }
        runner.run_to(runner.zero + Span(until_us.max(runner.now_us())));
    }

    fn next_end(&mut self, until_us: u64) -> Option<(u64, PlannedAct)> {
        let key = *self.ends.first_key_value()?.0;
        let act = (key.0 <= until_us).then(|| self.ends.remove(&key))?;
        act.map(|act| (key.0, act))
    }

    fn end(&mut self, at_us: u64, act: PlannedAct) {
        self.planned += 1;
        self.ends.insert((at_us, self.planned), act);
    }

    /// Waits until something happens, and says whom it concerns.
    fn wait(&self, runner: &mut Runner, cue: Cue) -> Option<SeatId> {
        let limit = runner.world().now() + Span(WAITS_US);
        let mut seen = runner.history.trace().len();
        while runner.step_until(limit) {
            let trace = runner.history.trace();
            for (_, entry) in trace.range(seen, trace.len()) {
                if let Some(tp) = happened(cue, entry) {
                    let leader = leader_of(runner.world(), tp);
                    let own = matches!(cue, Cue::Appended | Cue::Truncated | Cue::Follows);
                    return if own { Some(entry.seat) } else { leader };
                }
            }
            seen = trace.len();
        }
        None
    }

    /// A broker: the one that something just happened to, a leader, or any.
    fn victim(&self, runner: &Runner, subject: Option<SeatId>, dice: &mut Dice) -> Option<SeatId> {
        let world = runner.world();
        let (near, leads) = (dice.percent(60), dice.percent(50));
        let brokers: Vec<SeatId> = world.settings().broker_seats().collect();
        let any = dice.pick(&brokers);
        let leaders: Vec<SeatId> = image(world).map_or_else(Vec::new, |image| {
            let partitions = image.partitions.values();
            partitions.filter_map(|state| state.leader).collect()
        });
        let leader = dice.pick(&leaders);
        match subject.filter(|_| near) {
            Some(subject) => Some(subject),
            None if leads => leader.or(any),
            None => any,
        }
    }

    fn strike(
        &mut self,
        runner: &mut Runner,
        kind: Kind,
        subject: Option<SeatId>,
        dice: &mut Dice,
    ) {
        let Some(victim) = self.victim(runner, subject, dice) else {
            return;
        };
        let who = named(runner.world(), victim);
        let now = runner.now_us();
        match kind {
            Kind::Crash => {
                let back = now + dice.span_us(100_000, 40_000_000);
                self.with_end(
                    runner,
                    PlannedAct::Crash(vec![who.clone()]),
                    back,
                    PlannedAct::Start(vec![who]),
                );
            }
            Kind::Stop => {
                // It is down some time after it was asked; a start that comes too early does nothing.
                let back = now + dice.span_us(1_000_000, 40_000_000);
                self.with_end(
                    runner,
                    PlannedAct::Stop(vec![who.clone()]),
                    back,
                    PlannedAct::Start(vec![who]),
                );
            }
            Kind::Freeze => {
                let back = now + dice.span_us(50_000, 40_000_000);
                self.with_end(
                    runner,
                    PlannedAct::Freeze(vec![who.clone()]),
                    back,
                    PlannedAct::Thaw(vec![who]),
                );
            }
            Kind::Cut => self.cut(runner, victim, dice),
            Kind::CutOff => self.cut_off(runner, victim, dice),
            Kind::Slow | Kind::Lose => self.hamper(runner, kind, victim, dice),
            Kind::Packet => self.packet(runner, victim, dice),
            Kind::SlowDisk => {
                let by = dice.span_us(5_000, 3_000_000);
                let back = now + dice.span_us(1_000_000, 30_000_000);
                self.with_end(
                    runner,
                    PlannedAct::SlowDisk(who.clone(), by),
                    back,
                    PlannedAct::SlowDisk(who, 0),
                );
            }
            Kind::FillDisk => {
                let back = now + dice.span_us(1_000_000, 20_000_000);
                let room = PlannedAct::FillDisk(who.clone(), false);
                if self.with_end(runner, PlannedAct::FillDisk(who.clone(), true), back, room) {
                    self.end(back + 1, PlannedAct::Start(vec![who]));
                }
            }
            Kind::PowerOff | Kind::Wipe => self.lose_data(runner, kind, who, dice),
            Kind::Client => self.client(runner, dice),
            Kind::AllPowerOff => self.all_power_off(runner, dice),
            Kind::LastPowerOff => self.last_power_off(runner, victim, dice),
        }
    }

    /// Does an act now and plans its end. Returns whether it was done.
    fn with_end(
        &mut self,
        runner: &mut Runner,
        act: PlannedAct,
        end_us: u64,
        end: PlannedAct,
    ) -> bool {
        let done = runner.act(&act);
        if done {
            self.end(end_us, end);
        }
        done
    }

    /// Packets between the victim and some others vanish, both ways or one.
    fn cut(&mut self, runner: &mut Runner, victim: SeatId, dice: &mut Dice) {
        let world = runner.world();
        let mut others: Vec<Target> = Vec::new();
        for seat in world.seats() {
            let here = seat != victim && world.process(seat).is_some();
            if dice.percent(40) && here {
                others.push(named(world, seat));
            }
        }
        if others.is_empty() {
            return;
        }
        let mut groups = vec![vec![named(world, victim)], others];
        if dice.percent(50) {
            groups.reverse();
        }
        let one_way = dice.percent(40);
        let back = runner.now_us() + dice.span_us(100_000, 60_000_000);
        let cut = PlannedAct::Cut {
            groups: groups.clone(),
            one_way,
        };
        self.with_end(runner, cut, back, PlannedAct::Mend { groups, one_way });
    }

    /// The victim is cut off from the controller, from the other brokers, or from both; clients still
    /// reach it: a leader that does not know that it was replaced (reference 2.13).
    fn cut_off(&mut self, runner: &mut Runner, victim: SeatId, dice: &mut Dice) {
        let world = runner.world();
        let (from_controller, from_brokers) = dice.weighted(
            &[(2, (true, true)), (2, (true, false)), (1, (false, true))],
            (true, true),
        );
        let mut others: Vec<Target> = Vec::new();
        if from_controller {
            others.push(Target::Named(CONTROLLER.to_owned()));
        }
        if from_brokers {
            let brokers = world.settings().broker_seats();
            others.extend(brokers.filter(|b| *b != victim).map(|b| named(world, b)));
        }
        let groups = vec![vec![named(world, victim)], others];
        let back = runner.now_us() + dice.span_us(1_000_000, 60_000_000);
        let one_way = dice.percent(20);
        let cut = PlannedAct::Cut {
            groups: groups.clone(),
            one_way,
        };
        self.with_end(runner, cut, back, PlannedAct::Mend { groups, one_way });
    }

    /// Packets from or to the victim take longer, or a share of them is lost.
    fn hamper(&mut self, runner: &mut Runner, kind: Kind, victim: SeatId, dice: &mut Dice) {
        let world = runner.world();
        let back = runner.now_us() + dice.span_us(1_000_000, 40_000_000);
        let (by_us, ppm) = (dice.span_us(500, 3_000_000), dice.between(10_000, 500_000));
        let outwards = dice.percent(50);
        let mut pairs = Vec::new();
        for seat in world.seats() {
            if dice.percent(50) && seat != victim && world.process(seat).is_some() {
                let (a, b) = (named(world, victim), named(world, seat));
                pairs.push(if outwards { (a, b) } else { (b, a) });
            }
        }
        let ppm = u32::try_from(ppm).unwrap_or(0);
        for (from, to) in pairs {
            let hampered = |by_us, ppm| match kind {
                Kind::Slow => PlannedAct::Slow {
                    from: from.clone(),
                    to: to.clone(),
                    by_us,
                },
                _ => PlannedAct::Lose {
                    from: from.clone(),
                    to: to.clone(),
                    ppm,
                },
            };
            self.with_end(runner, hampered(by_us, ppm), back, hampered(0, 0));
        }
    }

    /// A packet in flight is held, dropped or delivered at once.
    fn packet(&mut self, runner: &mut Runner, victim: SeatId, dice: &mut Dice) {
        let world = runner.world();
        let trace = runner.history.trace();
        let speaks = |sent| match trace.get(sent).map(|entry| &entry.what) {
            Some(What::Sent { brief, .. }) => brief.kind >= Brief::FIRST_OF_SYSTEM,
            _ => false,
        };
        let flying: Vec<_> = world
            .flights()
            .filter(|f| f.state == FlightState::Flying && speaks(f.sent_by))
            .collect();
        let near: Vec<_> = flying
            .iter()
            .filter(|f| f.from == victim || f.to == victim)
            .copied()
            .collect();
        let among = if near.is_empty() { flying } else { near };
        let Some(flight) = dice.pick(&among) else {
            return;
        };
        let lookup = Lookup::new(world);
        let Some(name) = lookup.packet_name(trace, runner.zero_entries, flight.sent_by) else {
            return;
        };
        let what = dice.weighted(
            &[
                (5, PacketAct::Hold),
                (3, PacketAct::Drop),
                (2, PacketAct::Deliver),
            ],
            PacketAct::Hold,
        );
        let back = runner.now_us() + dice.span_us(5_000, 20_000_000);
        let act = PlannedAct::Packet(what, name.clone());
        if runner.act(&act) && what == PacketAct::Hold {
            self.end(back, PlannedAct::Packet(PacketAct::Release, name));
        }
    }

    /// A host loses power, or its disk is replaced while its process is down.
    fn lose_data(&mut self, runner: &mut Runner, kind: Kind, who: Target, dice: &mut Dice) {
        let kept = match dice.between(0, 3) {
            0 => Kept::Synced,
            // A torn tail: a few records more than what is synced; the rest of the last one is cut away.
            1 => Kept::Records(u32::try_from(dice.between(1, 5)).unwrap_or(1)),
            2 => Kept::All,
            _ => Kept::Drawn,
        };
        let back = runner.now_us() + dice.span_us(100_000, 30_000_000);
        let off = PlannedAct::PowerOff(vec![who.clone()], kept);
        if !self.with_end(runner, off, back, PlannedAct::Start(vec![who.clone()])) {
            return;
        }
        if matches!(kind, Kind::Wipe) {
            runner.act(&PlannedAct::Wipe(vec![who]));
        }
    }

    /// A client dies, freezes, or loses its way to the brokers.
    fn client(&mut self, runner: &mut Runner, dice: &mut Dice) {
        let world = runner.world();
        let names: Vec<String> = runner
            .clients()
            .filter(|name| *name != PROBE)
            .map(str::to_owned)
            .collect();
        let Some(seat) = dice.pick(&names).and_then(|name| world.seat_named(&name)) else {
            return;
        };
        let who = named(world, seat);
        let back = runner.now_us() + dice.span_us(100_000, 30_000_000);
        let (act, end) = match dice.between(0, 2) {
            0 => (
                PlannedAct::Crash(vec![who.clone()]),
                PlannedAct::Start(vec![who]),
            ),
            1 => (
                PlannedAct::Freeze(vec![who.clone()]),
                PlannedAct::Thaw(vec![who]),
            ),
            _ => {
                let groups = vec![vec![who], vec![Target::Brokers]];
                let one_way = dice.percent(30);
                let cut = PlannedAct::Cut {
                    groups: groups.clone(),
                    one_way,
                };
                (cut, PlannedAct::Mend { groups, one_way })
            }
        };
        self.with_end(runner, act, back, end);
    }

    // ---- outside the limits ----

    /// All brokers lose power at once (reference S10).
    fn all_power_off(&mut self, runner: &mut Runner, dice: &mut Dice) {
        let kept = if dice.percent(50) {
            Kept::Synced
        } else {
            Kept::Drawn
        };
        runner.act(&PlannedAct::PowerOff(vec![Target::Brokers], kept));
        let now = runner.now_us();
        let brokers: Vec<SeatId> = runner.world().settings().broker_seats().collect();
        for broker in brokers {
            let back = now + dice.span_us(100_000, 20_000_000);
            let who = named(runner.world(), broker);
            self.end(back, PlannedAct::Start(vec![who]));
        }
    }

    /// The other replicas die one after the other, then the last one in sync loses power before they are
    /// back: only the last known leader may lead again, with what is left of its log (end of S13).
    fn last_power_off(&mut self, runner: &mut Runner, victim: SeatId, dice: &mut Dice) {
        let now = runner.now_us();
        let others: Vec<SeatId> = runner
            .world()
            .settings()
            .broker_seats()
            .filter(|b| *b != victim)
            .collect();
        let back = now + dice.between(20_000_000, 30_000_000);
        for other in others {
            let who = named(runner.world(), other);
            let kept = if dice.percent(50) {
                Kept::Synced
            } else {
                Kept::All
            };
            self.with_end(
                runner,
                PlannedAct::PowerOff(vec![who.clone()], kept),
                back + dice.between(0, 5_000_000),
                PlannedAct::Start(vec![who]),
            );
        }
        let who = named(runner.world(), victim);
        self.end(
            now + dice.between(11_000_000, 15_000_000),
            PlannedAct::PowerOff(vec![who.clone()], Kept::Synced),
        );
        self.end(back, PlannedAct::Start(vec![who]));
    }
}

fn leader_of(world: &World<Kafka>, tp: Tp) -> Option<SeatId> {
    image(world)?.partitions.get(&tp)?.leader
}

/// Whether this is what a fault waits for, and which partition it is about.
fn happened(cue: Cue, entry: &Entry<Kafka>) -> Option<Tp> {
    let What::Note(fact) = &entry.what else {
        return None;
    };
    match (cue, fact) {
        (Cue::Acked, Fact::Acked { tp, .. })
        | (Cue::Appended, Fact::Appended { tp, .. })
        | (Cue::Watermark, Fact::HighWatermark { tp, .. })
        | (Cue::Elected, Fact::Elected { tp, .. })
        | (Cue::Leads, Fact::Leads { tp, .. })
        | (Cue::Follows, Fact::Follows { tp, .. })
        | (Cue::IsrProposed, Fact::IsrProposed { tp, .. })
        | (Cue::IsrChanged, Fact::IsrChanged { tp, .. })
        | (Cue::Truncated, Fact::Truncated { tp, .. }) => Some(*tp),
        (Cue::Retrying, Fact::Retrying { keys, .. }) if !keys.is_empty() => Some(Tp {
            topic: 1,
            partition: 0,
        }),
        _ => None,
    }
}
