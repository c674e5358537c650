//! The faults of a run by meaning: from what was done at which moment to whom it hit and how far the
//! harmed messages had come.

use std::collections::BTreeSet;

use ackscope_check::{Harm, Ledger, Strike};
use ackscope_kafka::metadata::Image;
use ackscope_kafka::records::OFFSETS_TOPIC;
use ackscope_kafka::{Kafka, Tp};
use ackscope_kernel::{History, MessageKey, Moment, Span, Time};

use super::roles::{Role, Sort, names, renamed};
use super::stages::{Stage, Stages};
use crate::founding::{self, TopologyError};
use crate::recipe::{Lookup, Recipe, carries, image};
use crate::scenario::act::PlannedAct;
use crate::topology::Topology;

/// A fault: whom it hits, and when.
#[derive(Clone, Debug)]
pub(super) struct PlannedStrike {
    pub(super) act: PlannedAct,
    /// For each name in the act the role that it had; none for one that an earlier fault still held.
    pub(super) roles: Vec<(String, Option<Role>)>,
    /// After which stage; none: after time zero.
    pub(super) stage: Option<Stage>,
    pub(super) delay: Span,
    /// When it was in the run that it comes from, after time zero.
    pub(super) at_us: u64,
    /// A harmed message that the packet carried, for acts on packets.
    pub(super) about: Option<MessageKey>,
    pub(super) words: Strike,
}

/// The end of a fault, so long after it.
#[derive(Clone, Debug)]
pub(super) struct Recovery {
    pub(super) act: PlannedAct,
    pub(super) strike: usize,
    pub(super) delay: Span,
}

/// What is done in a run, comparable between settings and seeds.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) strikes: Vec<PlannedStrike>,
    pub(super) recoveries: Vec<Recovery>,
    /// What goes by the clock: microseconds after time zero.
    pub(super) timed: Vec<(u64, PlannedAct)>,
    pub(super) until_us: u64,
    /// The harmed messages.
    pub(super) harmed: Vec<MessageKey>,
}

/// An act of the run, and how things stood.
struct Deed {
    at: Time,
    entries: u32,
    act: PlannedAct,
    image: Option<Image>,
    /// The entry that sent the packet it is about.
    packet: Option<ackscope_kernel::EntryId>,
}

/// Repeats a run and looks how things stand at each of its acts.
pub(super) struct Reader {
    recipe: Recipe,
    topology: Topology,
    history: History<Kafka, Ledger<Kafka>>,
    zero: Time,
    zero_entries: u32,
    stages: Stages,
    deeds: Vec<Deed>,
    next: usize,
}

impl Reader {
    pub(super) fn new(recipe: &Recipe) -> Result<Self, TopologyError> {
        let founded = founding::found(&recipe.topology, recipe.seed)?;
        let zero_entries = founded.trace.len();
        let (world, trace) = (founded.world, founded.trace);
        Ok(Reader {
            recipe: recipe.clone(),
            topology: recipe.topology.clone(),
            history: History::continued(world, trace, Ledger::default(), Vec::new()),
            zero: founded.zero,
            zero_entries,
            stages: Stages::since(zero_entries),
            deeds: Vec::new(),
            next: 0,
        })
    }

    /// Goes on by at most so many events. Returns whether the run is over.
    pub(super) fn work(&mut self, mut events: u64) -> bool {
        loop {
            let Some(done) = self.recipe.acts.get(self.next) else {
                return self.run_out(events);
            };
            let moment = Moment {
                at: self.zero + Span(done.at_us),
                taken: done.taken,
            };
            while self.comes_before(moment) {
                if events == 0 {
                    return false;
                }
                events -= 1;
                self.history.step_until(moment.at);
            }
            let act = done.act.clone();
            self.next += 1;
            self.act(act, moment);
        }
    }

    fn run_out(&mut self, events: u64) -> bool {
        let end = self.zero + Span(self.recipe.until_us);
        for _ in 0..events {
            if !self.history.step_until(end) {
                self.history.advance(end);
                self.stages.follow(self.history.trace());
                return true;
            }
        }
        false
    }

    fn comes_before(&self, moment: Moment) -> bool {
        let world = self.history.world();
        match world.next_due() {
            Some(due) if due == moment.at => world.taken_at(due) < moment.taken,
            Some(due) => due < moment.at,
            None => false,
        }
    }

    /// Does an act; one that cannot be done any more is left out, as in every repetition.
    fn act(&mut self, act: PlannedAct, moment: Moment) {
        self.stages.follow(self.history.trace());
        let trace = self.history.trace();
        let lookup = Lookup::new(self.history.world());
        let packet = match &act {
            PlannedAct::Packet(_, packet) => lookup.packet(packet, trace, self.zero_entries).ok(),
            _ => None,
        };
        let Ok(act) = lookup.resolve(&act) else {
            return;
        };
        let acts = lookup.kernel(&act, trace, self.zero_entries, &mut self.topology);
        let Ok(acts) = acts else { return };
        self.deeds.push(Deed {
            at: moment.at,
            entries: trace.len(),
            act,
            image: image(self.history.world()).cloned(),
            packet,
        });
        for act in acts {
            self.history.plan(moment, act);
            self.history.step_until(moment.at);
        }
    }

    /// The worst harm of the run, or what befell one message.
    pub(super) fn harm(&self, message: Option<MessageKey>) -> Option<Harm> {
        let ledger = self.history.ledger();
        if let Some(row) = message.and_then(|key| ledger.row(key)) {
            let late =
                (row.deliveries > 0 && ledger.verdict().reordered > 0).then_some(Harm::Reordered);
            return Harm::of(row).or(late);
        }
        self.harms().first().copied()
    }

    /// Every harm that there is in the run, the worst first.
    pub(super) fn harms(&self) -> Vec<Harm> {
        let trial =
            ackscope_check::Trial::of(self.history.ledger(), self.history.trace(), Vec::new());
        let there = |harm: &Harm| trial.harm(*harm) > 0;
        Harm::ALL.into_iter().filter(there).collect()
    }

    /// The plan that repeats what was done, for a search that wants this harm gone.
    pub(super) fn plan(&self, harm: Harm) -> Plan {
        let harmed = self.harmed(harm);
        let partitions = self.partitions(harm, &harmed);
        let mut plan = Plan {
            strikes: Vec::new(),
            recoveries: Vec::new(),
            timed: Vec::new(),
            until_us: self.recipe.until_us,
            harmed,
        };
        // Who is down, cut off or slowed at this place of the run.
        let mut held: BTreeSet<String> = BTreeSet::new();
        for deed in &self.deeds {
            let named = names(&deed.act);
            match Sort::of(&deed.act) {
                Sort::Timed => plan
                    .timed
                    .push((self.since_zero(deed.at), deed.act.clone())),
                Sort::Strike => {
                    let strike = self.strike(deed, &named, &held, &partitions, &plan.harmed);
                    plan.strikes.push(strike);
                    held.extend(named);
                }
                Sort::Recovery => {
                    held.retain(|name| !named.contains(name));
                    let struck = |strike: &PlannedStrike| match (&strike.act, &deed.act) {
                        (PlannedAct::Packet(_, held), PlannedAct::Packet(_, freed)) => {
                            held == freed
                        }
                        (_, PlannedAct::Packet(..)) => false,
                        _ => {
                            named.is_empty() || names(&strike.act).iter().any(|n| named.contains(n))
                        }
                    };
                    match plan.strikes.iter().rposition(struck) {
                        Some(at) => plan.recoveries.push(Recovery {
                            act: deed.act.clone(),
                            strike: at,
                            delay: deed.at.since(self.zero + Span(plan.strikes[at].at_us)),
                        }),
                        None => plan
                            .timed
                            .push((self.since_zero(deed.at), deed.act.clone())),
                    }
                }
            }
        }
        plan
    }

    fn since_zero(&self, at: Time) -> u64 {
        at.since(self.zero).0
    }

    fn strike(
        &self,
        deed: &Deed,
        named: &[String],
        held: &BTreeSet<String>,
        partitions: &[Tp],
        harmed: &[MessageKey],
    ) -> PlannedStrike {
        let world = self.history.world();
        let role = |name: &String| {
            let image = deed.image.as_ref();
            match held.contains(name) {
                true => None,
                false => Some(image.map_or(Role::Itself, |image| {
                    Role::of(name, world, image, partitions)
                })),
            }
        };
        let roles: Vec<_> = named
            .iter()
            .map(|name| (name.clone(), role(name)))
            .collect();
        let words = |name: &str| {
            let role = roles.iter().find(|(known, _)| known == name);
            let role = role.and_then(|(_, role)| *role).unwrap_or(Role::Itself);
            role.text(name, world)
        };
        let (stage, since) = match self.stages.before(deed.entries, harmed) {
            Some((stage, at)) => (Some(stage), at),
            None => (None, self.zero),
        };
        let trace = self.history.trace();
        let carried = |id| harmed.iter().copied().find(|key| carries(trace, id, *key));
        PlannedStrike {
            stage,
            delay: deed.at.since(since),
            at_us: self.since_zero(deed.at),
            about: deed.packet.and_then(carried),
            words: Strike {
                role: renamed(&deed.act, &mut |name| words(name)).to_string(),
                stage: stage.map_or_else(String::new, |stage| stage.text(world)),
            },
            act: deed.act.clone(),
            roles,
        }
    }

    fn harmed(&self, harm: Harm) -> Vec<MessageKey> {
        let ledger = self.history.ledger();
        let befell = |row: &ackscope_check::Row| match harm {
            Harm::Duplicated => row.deliveries > 1,
            // Who was overtaken is not in the rows: all that was processed may have been.
            Harm::Reordered => row.deliveries > 0,
            harm => Harm::of(row) == Some(harm),
        };
        ledger
            .rows()
            .filter(|(_, row)| befell(row))
            .map(|(key, _)| key)
            .collect()
    }

    /// The partitions by which roles are told, the most important first: those of the harmed messages;
    /// where a reader is at fault, those of the committed offsets before them; then all others.
    fn partitions(&self, harm: Harm, harmed: &[MessageKey]) -> Vec<Tp> {
        let ledger = self.history.ledger();
        let mut counts: Vec<(usize, Tp)> = Vec::new();
        for row in harmed.iter().filter_map(|key| ledger.row(*key)) {
            if row.log == u32::MAX {
                continue;
            }
            let tp = Tp::from_log_number(row.log);
            match counts.iter_mut().find(|(_, known)| *known == tp) {
                Some((count, _)) => *count += 1,
                None => counts.push((1, tp)),
            }
        }
        counts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let theirs = counts.into_iter().map(|(_, tp)| tp);
        let all: Vec<Tp> = image(self.history.world())
            .map_or_else(Vec::new, |image| image.partitions.keys().copied().collect());
        let offsets = |tp: &&Tp| tp.topic == OFFSETS_TOPIC;
        let mut order: Vec<Tp> = theirs.collect();
        if harm == Harm::Duplicated {
            order.extend(all.iter().filter(offsets));
        }
        order.extend(all.iter().filter(|tp| !offsets(tp)));
        order.extend(all.iter().filter(offsets));
        order
    }
}
