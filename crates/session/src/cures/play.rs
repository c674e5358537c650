//! One run of a search: the same work, the same faults on the same roles at the same stages, under
//! other settings or with another seed.

use std::collections::BTreeMap;
use std::rc::Rc;

use ackscope_check::{Ledger, Strike, Trial};
use ackscope_kafka::messages::kind;
use ackscope_kafka::{Kafka, Tp};
use ackscope_kernel::{Act, EntryId, FlightState, History, Moment, Span, Time, What, World};

use super::candidates::Candidate;
use super::plan::{Plan, PlannedStrike};
use super::roles::renamed;
use super::stages::Stages;
use crate::founding;
use crate::recipe::{Lookup, carries};
use crate::scenario::act::{PacketAct, PacketName, PlannedAct};
use crate::topology::Topology;

/// A run goes on for so long after its end, so that what was begun comes out.
const AFTERWARDS: Span = Span::secs(30);
/// And at most so long until every message has an outcome: the usual delivery time-out and some.
const OUTCOMES_WITHIN: Span = Span::secs(150);
/// A fault waits at most so long for somebody who has the role, looking so often, and for a packet of
/// a certain message.
const SOMEBODY_COMES_WITHIN: Span = Span::secs(60);
/// For a packet that is like the one that it hit, of which there are many, it waits so long.
const PACKET_COMES_WITHIN: Span = Span::secs(1);
const LOOK_AGAIN: Span = Span(10_000);
/// Events of a run; one that needs more is taken as it is then.
const BUDGET: u64 = 2_000_000;

/// A run in progress.
pub(super) struct Play {
    plan: Rc<Plan>,
    topology: Topology,
    history: History<Kafka, Ledger<Kafka>>,
    zero: Time,
    zero_entries: u32,
    stages: Stages,
    timed: Vec<(Time, PlannedAct)>,
    strikes: Vec<Strike>,
    /// The next fault comes not before this, since it found nobody.
    not_before: Time,
    /// What became of the faults so far: which packet one was about, or that it found nobody.
    struck: Vec<Struck>,
    recoveries: Vec<(Time, usize)>,
    /// Whom a name of the plan stands for.
    stands_for: BTreeMap<String, String>,
    end: Time,
    last: Time,
}

/// What became of a fault.
#[derive(Clone, Copy)]
enum Struck {
    Nobody,
    Somebody,
    Packet(EntryId),
}

/// What comes next beside events.
#[derive(Clone, Copy)]
enum Due {
    Timed,
    Recovery(usize),
    Strike,
    End,
}

impl Play {
    /// A run with these changes. Nothing: Kafka refuses them.
    pub(super) fn new(
        plan: Rc<Plan>,
        topology: &Topology,
        changes: &[&Candidate],
        seed: u64,
    ) -> Option<Play> {
        let mut topology = topology.clone();
        changes
            .iter()
            .for_each(|change| change.apply(&mut topology));
        let founded = founding::found(&topology, seed).ok()?;
        if !founded.refusals.is_empty() {
            return None;
        }
        let (zero, zero_entries) = (founded.zero, founded.trace.len());
        let kept = |act: &PlannedAct| !changes.iter().any(|change| change.is_undone_by(act));
        let mut timed: Vec<(Time, PlannedAct)> = plan
            .timed
            .iter()
            .filter(|(_, act)| kept(act))
            .map(|(at_us, act)| (zero + Span(*at_us), act.clone()))
            .collect();
        timed.reverse();
        let (world, trace) = (founded.world, founded.trace);
        Some(Play {
            end: zero + Span(plan.until_us) + AFTERWARDS,
            last: zero + Span(plan.until_us) + AFTERWARDS + OUTCOMES_WITHIN,
            plan,
            topology,
            history: History::continued(world, trace, Ledger::default(), Vec::new()),
            zero,
            zero_entries,
            stages: Stages::since(zero_entries),
            timed,
            strikes: Vec::new(),
            not_before: zero,
            struck: Vec::new(),
            recoveries: Vec::new(),
            stands_for: BTreeMap::new(),
        })
    }

    /// Goes on by at most so many events. Returns what the run came to when it is over.
    pub(super) fn work(&mut self, mut events: u64) -> Option<Trial> {
        loop {
            self.stages.follow(self.history.trace());
            let (at, due) = self.next();
            let world = self.history.world();
            let earlier = at > world.now() && world.next_due().is_some_and(|due| due < at);
            if earlier {
                if events == 0 {
                    return None;
                }
                events -= 1;
                self.history.step_until(Time(at.0 - 1));
                if self.history.events() < BUDGET {
                    continue;
                }
                return Some(self.trial());
            }
            match due {
                Due::Timed => {
                    if let Some((_, act)) = self.timed.pop() {
                        self.perform(&act, at);
                    }
                }
                Due::Recovery(which) => self.recover(which, at),
                Due::Strike => self.strike(at),
                Due::End if self.is_settled() || at >= self.last => return Some(self.trial()),
                Due::End => self.end = (at + Span::secs(1)).min(self.last),
            }
        }
    }

    /// The next thing to do.
    fn next(&self) -> (Time, Due) {
        let mut next = (self.end, Due::End);
        let mut sooner = |at: Time, due: Due| {
            if at < next.0 {
                next = (at, due);
            }
        };
        if let Some(at) = self.strike_due() {
            sooner(at, Due::Strike);
        }
        for (place, (at, _)) in self.recoveries.iter().enumerate() {
            sooner(*at, Due::Recovery(place));
        }
        if let Some((at, _)) = self.timed.last() {
            sooner(*at, Due::Timed);
        }
        next
    }

    fn strike_due(&self) -> Option<Time> {
        Some(self.stage_of_next()?.max(self.not_before))
    }

    /// When the next fault is due by its stage.
    fn stage_of_next(&self) -> Option<Time> {
        let strike = self.plan.strikes.get(self.struck.len())?;
        let since = match strike.stage {
            Some(stage) => self.stages.at(stage)?,
            None => self.zero,
        };
        Some(since + strike.delay)
    }

    fn strike(&mut self, at: Time) {
        let plan = Rc::clone(&self.plan);
        let number = self.struck.len();
        let Some(strike) = plan.strikes.get(number) else {
            return;
        };
        let Some(struck) = self.hit(strike, at) else {
            return self.wait(strike, at);
        };
        self.strikes.push(strike.words.clone());
        self.struck.push(struck);
        self.not_before = at;
        let ends = (0..).zip(&plan.recoveries);
        let ends = ends.filter(|(_, recovery)| recovery.strike == number);
        self.recoveries
            .extend(ends.map(|(which, recovery)| (at + recovery.delay, which)));
        // What comes later than in the original leaves as much time afterwards.
        let late = at.since(self.zero + Span(strike.at_us));
        let end = self.zero + Span(plan.until_us) + late + AFTERWARDS;
        self.end = self.end.max(end);
        self.last = self.last.max(end + OUTCOMES_WITHIN);
    }

    /// Nobody is there to be hit: the fault waits for a while, then it is left out.
    fn wait(&mut self, strike: &PlannedStrike, at: Time) {
        let since = self.stage_of_next().unwrap_or(at);
        let next = self.history.world().next_due().unwrap_or(at).max(at);
        let (patience, again) = match &strike.act {
            // It may be there after the next event.
            PlannedAct::Packet(..) if strike.about.is_none() => {
                (PACKET_COMES_WITHIN, next + Span(1))
            }
            PlannedAct::Packet(..) => (SOMEBODY_COMES_WITHIN, next + Span(1)),
            _ => (SOMEBODY_COMES_WITHIN, at + LOOK_AGAIN),
        };
        if at.since(since) > patience {
            self.struck.push(Struck::Nobody);
        } else {
            self.not_before = again;
        }
    }

    /// Does what a fault does. Nothing: nobody has the role now, or no such packet is on its way.
    fn hit(&mut self, strike: &PlannedStrike, at: Time) -> Option<Struck> {
        let world = self.history.world();
        let mut holders = Vec::new();
        for (name, role) in &strike.roles {
            if let Some(role) = role {
                holders.push((name.clone(), role.holder(name, world)?));
            }
        }
        let mut stands_for = self.stands_for.clone();
        stands_for.extend(holders);
        let act = renamed(&strike.act, &mut |name| {
            stands_for
                .get(name)
                .cloned()
                .unwrap_or_else(|| name.to_owned())
        });
        let struck = match &act {
            PlannedAct::Packet(what, packet) => {
                let sent = self.packet(packet, strike)?;
                self.kernel(vec![on_packet(*what, sent)], at);
                Struck::Packet(sent)
            }
            act => {
                self.perform(act, at);
                Struck::Somebody
            }
        };
        self.stands_for = stands_for;
        Some(struck)
    }

    /// The packet on its way that is most like the one that was hit: of the same kind between the same
    /// roles, about the same message if it was about a harmed one, the latest sent.
    fn packet(&self, name: &PacketName, strike: &PlannedStrike) -> Option<EntryId> {
        let (world, trace) = (self.history.world(), self.history.trace());
        let number = (kind::METADATA..kind::ANSWER).find(|k| kind::name(*k) == name.kind)?;
        let wanted = number + if name.answer { kind::ANSWER } else { 0 };
        let (from, to) = (world.seat_named(&name.from)?, world.seat_named(&name.to)?);
        let like = |sent: &EntryId| {
            let is = matches!(trace.get(*sent).map(|entry| &entry.what),
                Some(What::Sent { brief, .. }) if brief.kind == wanted);
            is && strike.about.is_none_or(|key| carries(trace, *sent, key))
        };
        world
            .flights()
            .filter(|f| f.from == from && f.to == to && f.state != FlightState::Unread)
            .map(|flight| flight.sent_by)
            .filter(like)
            .max()
    }

    fn recover(&mut self, place: usize, at: Time) {
        let (_, which) = self.recoveries.remove(place);
        let plan = Rc::clone(&self.plan);
        let Some(recovery) = plan.recoveries.get(which) else {
            return;
        };
        if let PlannedAct::Packet(what, _) = &recovery.act {
            if let Some(Struck::Packet(sent)) = self.struck.get(recovery.strike) {
                self.kernel(vec![on_packet(*what, *sent)], at);
            }
            return;
        }
        let act = renamed(&recovery.act, &mut |name| {
            self.stands_for
                .get(name)
                .cloned()
                .unwrap_or_else(|| name.to_owned())
        });
        self.perform(&act, at);
    }

    /// Does an act of the plan; one that cannot be done is left out.
    fn perform(&mut self, act: &PlannedAct, at: Time) {
        let lookup = Lookup::new(self.history.world());
        let trace = self.history.trace();
        let acts = lookup.kernel(act, trace, self.zero_entries, &mut self.topology);
        if let Ok(acts) = acts {
            self.kernel(acts, at);
        }
    }

    /// Does acts now, or before everything else of a later time.
    fn kernel(&mut self, acts: Vec<Act<Kafka>>, at: Time) {
        for act in acts {
            if at > self.history.world().now() {
                self.history.plan(Moment { at, taken: 0 }, act);
                self.history.step_until(at);
            } else {
                self.history.intervene(act);
            }
        }
    }

    /// Every message has an outcome, and each partition of the harmed ones somebody who leads it.
    fn is_settled(&self) -> bool {
        let ledger = self.history.ledger();
        let logs = self.plan.harmed.iter().filter_map(|key| ledger.row(*key));
        let led = |world: &World<Kafka>, log: u32| {
            let state = crate::recipe::image(world)
                .and_then(|image| image.partitions.get(&Tp::from_log_number(log)));
            state.is_none_or(|state| state.leader.is_some())
        };
        let mut logs = logs.map(|row| row.log).filter(|log| *log != u32::MAX);
        ledger.rows().all(|(_, row)| row.settled())
            && logs.all(|log| led(self.history.world(), log))
    }

    fn trial(&mut self) -> Trial {
        let strikes = std::mem::take(&mut self.strikes);
        Trial::of(self.history.ledger(), self.history.trace(), strikes)
    }
}

fn on_packet(what: PacketAct, sent: EntryId) -> Act<Kafka> {
    match what {
        PacketAct::Hold => Act::Hold(sent),
        PacketAct::Release => Act::Release(sent),
        PacketAct::Drop => Act::Drop(sent),
        PacketAct::Deliver => Act::Deliver(sent),
    }
}
