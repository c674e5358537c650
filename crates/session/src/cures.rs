//! *What would have saved it*: which safer settings keep the harm of a run away, found by running
//! (engine.md 7).
//!
//! The run is read once: each of its faults is told by the role of whoever it hit and by how far the
//! harmed messages had come, so that it can be done again under other settings and with other seeds.
//! Then the candidates are tried, one at a time and then in pairs, over [`SEEDS`] seeds. The work can
//! be done in slices, so that a page goes on drawing and can call it off.

mod candidates;
mod plan;
mod play;
mod roles;
mod stages;

pub use candidates::{Candidate, candidates};

use std::collections::BTreeMap;
use std::rc::Rc;

use ackscope_check::{Cure, Search, Trial};
pub use ackscope_check::{Harm, Price, WhyNot};
use ackscope_kernel::MessageKey;

use crate::recipe::Recipe;
use plan::{Plan, Reader};
use play::Play;

/// Over so many seeds a change must hold.
pub const SEEDS: u64 = 20;

/// Whose harm is to be cured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// What befell this message.
    Message(MessageKey),
    /// This harm, wherever it is in the run.
    Harm(Harm),
    /// The worst that there is.
    Worst,
}

/// A search for cures of one run.
pub struct Cures {
    recipe: Recipe,
    of: Of,
    phase: Phase,
}

enum Phase {
    /// The run is repeated and read.
    Reading(Box<Reader>),
    /// Changes are tried.
    Trying(Box<Trying>),
    /// There is no harm, or no world to look for it.
    Nothing,
}

struct Trying {
    search: Search,
    candidates: Vec<Candidate>,
    plan: Rc<Plan>,
    play: Option<Play>,
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Changes that were judged in this round.
    pub done: usize,
    /// Changes of this round.
    pub of: usize,
    /// Pairs are tried.
    pub pairs: bool,
}

impl Cures {
    /// A search for a run.
    #[must_use]
    pub fn new(recipe: &Recipe, of: Of) -> Cures {
        let phase = match Reader::new(recipe) {
            Ok(reader) => Phase::Reading(Box::new(reader)),
            Err(_) => Phase::Nothing,
        };
        Cures {
            recipe: recipe.clone(),
            of,
            phase,
        }
    }

    /// Goes on by about so many events. Returns false when the search is over.
    pub fn work(&mut self, events: u64) -> bool {
        match &mut self.phase {
            Phase::Reading(reader) => {
                if reader.work(events) {
                    let harm = match self.of {
                        Of::Message(key) => reader.harm(Some(key)),
                        Of::Harm(harm) => Some(harm).filter(|harm| reader.harms().contains(harm)),
                        Of::Worst => reader.harm(None),
                    };
                    self.phase = match harm {
                        Some(harm) => trying(&self.recipe, reader.plan(harm), harm),
                        None => Phase::Nothing,
                    };
                }
            }
            Phase::Trying(trying) => trying.work(&self.recipe, events),
            Phase::Nothing => {}
        }
        !self.done()
    }

    /// Does all of it.
    pub fn finish(&mut self) {
        while self.work(u64::from(u32::MAX)) {}
    }

    /// The search is over.
    #[must_use]
    pub fn done(&self) -> bool {
        match &self.phase {
            Phase::Reading(_) => false,
            Phase::Trying(trying) => trying.search.done(),
            Phase::Nothing => true,
        }
    }

    fn search(&self) -> Option<&Search> {
        match &self.phase {
            Phase::Trying(trying) => Some(&trying.search),
            _ => None,
        }
    }

    /// What it wants to see gone, when that is known.
    #[must_use]
    pub fn harm(&self) -> Option<Harm> {
        self.search().map(Search::harm)
    }

    /// In how many of the seeds the harm is there without any change.
    #[must_use]
    pub fn harmed(&self) -> usize {
        self.search().map_or(0, Search::harmed)
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let (done, of) = self.search().map_or((0, 0), Search::progress);
        Progress {
            done,
            of,
            pairs: self.search().is_some_and(|search| {
                let judged = search.judged().last();
                judged.is_some_and(|judged| judged.changes.len() > 1)
            }),
        }
    }

    /// The cures found so far, the cheapest first: their changes, and what they cost.
    #[must_use]
    pub fn found(&self) -> Vec<(Vec<&Candidate>, Price)> {
        let Phase::Trying(trying) = &self.phase else {
            return Vec::new();
        };
        let changes = |cure: &Cure| {
            let changes = cure.changes.iter();
            changes
                .filter_map(|at| trying.candidates.get(*at))
                .collect()
        };
        let cures = trying.search.cures();
        cures
            .iter()
            .map(|cure| (changes(cure), cure.price))
            .collect()
    }

    /// What the present settings cost.
    #[must_use]
    pub fn present_price(&self) -> Price {
        self.search()
            .map_or_else(Price::default, Search::present_price)
    }

    /// Why the others are no cures, and how many for each reason.
    #[must_use]
    pub fn why_not(&self) -> BTreeMap<WhyNot, u32> {
        let mut reasons = BTreeMap::new();
        for judged in self.search().map_or(&[][..], Search::judged) {
            if let Some((_, why)) = judged.failed {
                *reasons.entry(why).or_default() += 1;
            }
        }
        reasons
    }
}

impl Trying {
    fn work(&mut self, recipe: &Recipe, events: u64) {
        let Some((changes, seed)) = self.search.wanted() else {
            return;
        };
        if self.play.is_none() {
            let changes: Vec<&Candidate> = changes
                .iter()
                .filter_map(|at| self.candidates.get(*at))
                .collect();
            self.play = Play::new(Rc::clone(&self.plan), &recipe.topology, &changes, seed);
        }
        let trial = match &mut self.play {
            Some(play) => play.work(events),
            None => Some(Trial::refused()),
        };
        if let Some(trial) = trial {
            self.play = None;
            self.search.take(trial);
        }
    }
}

fn trying(recipe: &Recipe, plan: Plan, harm: Harm) -> Phase {
    let candidates = candidates(&recipe.topology);
    let mut parameters: Vec<usize> = Vec::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let same = |other: &Candidate| (other.scope, other.key) == (candidate.scope, candidate.key);
        parameters.push(candidates.iter().position(same).unwrap_or(at));
    }
    // The run's own seed first: there the harm is certain.
    let seeds = (0..SEEDS).map(|more| recipe.seed.wrapping_add(more));
    Phase::Trying(Box::new(Trying {
        search: Search::new(harm, parameters, seeds),
        candidates,
        plan: Rc::new(plan),
        play: None,
    }))
}
