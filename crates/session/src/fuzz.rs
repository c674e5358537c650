//! Random runs: topology, workload and faults are drawn from a seed, every run is healed at its end,
//! and what the settings promise must hold throughout (engine.md 10, reference 8.6).
//!
//! With [`Kind::Safe`] the settings are those that Kafka keeps confirmed messages with: acks=all, three
//! replicas, min.insync.replicas=2, no unclean election, retries. Every fault is drawn; one that loses
//! data hits one broker at a time, and only while for each of its partitions another in-sync replica
//! stays up until that broker is back in the ISR ([`guard`]). Outside this limit Kafka itself loses
//! messages; [`Kind::Unsafe`] goes there, and uses acks=1 in most runs.
//!
//! A run that broke a promise is shrunk ([`shrink`]) and written as a scenario that repeats it.

mod draw;
mod faults;
mod guard;
mod promises;
mod run;
mod setup;
mod shrink;

use ackscope_kernel::SortedSet;
use std::collections::BTreeMap;

use ackscope_check::Coverage;
use ackscope_kafka::{Mutant, goals};
use serde::Serialize;

use crate::recipe::Recipe;

/// Which settings and which limits of the faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No confirmed message may be lost.
    Safe,
    /// Confirmed messages may be lost, and in some runs they must.
    Unsafe,
}

/// What a set of random runs consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fuzz {
    /// Settings and limits.
    pub kind: Kind,
    /// A mistake planted into Kafka's rules.
    pub mutant: Option<Mutant>,
}

/// A promise that a run broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub rule: &'static str,
    /// What exactly.
    pub detail: String,
}

/// What came out of one run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Where everything random came from.
    pub seed: u64,
    /// Messages that a producer was told to be safe.
    pub confirmed: u32,
    /// Those of them that are gone from the log in the end.
    pub lost: u32,
    /// Messages that one reader processed more than once.
    pub duplicated: u32,
    /// Goals that were reached.
    pub reached: SortedSet<&'static str>,
    /// Promises that were broken, each rule once. A run ends with the first.
    pub broken: Vec<Broken>,
    /// What was done; playing it repeats the run.
    pub recipe: Recipe,
    /// How many of its acts are faults; those after them heal.
    pub faults: usize,
    /// Events of the run.
    pub events: u64,
    /// Digest of the run.
    pub digest: u64,
}

/// Goals beside those of the product: the end healed and progressed; losses that must be found.
pub const HEALED: &str = "healed-and-progressed";
/// A confirmed message was lost with acks=1.
pub const LOST_WITH_ACKS_1: &str = "lost-with-acks-1";
/// A confirmed message was lost with acks=all, outside the limits of the safe runs.
pub const LOST_WITH_ACKS_ALL: &str = "lost-with-acks-all";

/// A broken promise, for the command line's JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The seed of the run.
    pub seed: u64,
    /// The promise.
    pub rule: String,
    /// A scenario that repeats it.
    pub scenario: String,
}

/// What came out of a set of runs, in the order of the command line's JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Number of runs.
    pub runs: u32,
    /// Messages that a producer was told to be safe.
    pub confirmed: u64,
    /// Those of them that are gone.
    pub lost: u64,
    /// Messages that one reader processed more than once.
    pub duplicated: u64,
    /// In how many runs each goal was reached.
    pub coverage: BTreeMap<String, u32>,
    /// Promises that were broken.
    pub violations: Vec<Violation>,
}

impl Fuzz {
    /// The run of one seed.
    #[must_use]
    pub fn run(&self, seed: u64) -> Run {
        run::drawn(self, seed)
    }

    /// The goals of such runs.
    #[must_use]
    pub fn goals(&self) -> Vec<&'static str> {
        let mut all = goals::SOMETIMES.to_vec();
        all.push(HEALED);
        if self.kind == Kind::Unsafe {
            all.extend([LOST_WITH_ACKS_1, LOST_WITH_ACKS_ALL]);
        }
        all
    }

    /// The violations of a run, each with a scenario from which needless acts were dropped.
    #[must_use]
    pub fn violations(&self, run: &Run) -> Vec<Violation> {
        let one = |broken: &Broken| Violation {
            seed: run.seed,
            rule: broken.rule.to_owned(),
            scenario: shrink::scenario(self, run, broken),
        };
        run.broken.iter().map(one).collect()
    }
}

/// The sum of runs.
#[derive(Clone, Debug)]
pub struct Tally {
    report: Report,
    coverage: Coverage,
}

impl Tally {
    /// Before the first run.
    #[must_use]
    pub fn new(fuzz: &Fuzz) -> Self {
        let report = Report {
            runs: 0,
            confirmed: 0,
            lost: 0,
            duplicated: 0,
            coverage: BTreeMap::new(),
            violations: Vec::new(),
        };
        Tally {
            report,
            coverage: Coverage::of(&fuzz.goals()),
        }
    }

    /// One more run, with its violations.
    pub fn add(&mut self, run: &Run, violations: Vec<Violation>) {
        self.report.runs += 1;
        self.report.confirmed += u64::from(run.confirmed);
        self.report.lost += u64::from(run.lost);
        self.report.duplicated += u64::from(run.duplicated);
        self.report.violations.extend(violations);
        self.coverage.count(&run.reached);
    }

    /// In how many runs each goal was reached.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// The sum so far.
    #[must_use]
    pub fn report(&self) -> Report {
        let coverage = self.coverage.reached();
        Report {
            coverage: coverage
                .map(|(goal, runs)| (goal.to_owned(), runs))
                .collect(),
            ..self.report.clone()
        }
    }
}
