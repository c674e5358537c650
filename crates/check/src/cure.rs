//! What would have saved the messages (design/engine.md 7), found by running and judged by one rule:
//! the same messages offered, at least as many confirmed, none harmed, the same fault applied to the
//! same role at the same stage, over all seeds. A refusal is a price, not a cure.

mod trial;

pub use trial::{Harm, Price, Strike, Trial, WhyNot, judge};

/// A change, or two together, that saves the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cure {
    /// The candidates that belong to it, by their numbers.
    pub changes: Vec<usize>,
    /// What it costs.
    pub price: Price,
}

/// What was found about one candidate or pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The candidates, by their numbers.
    pub changes: Vec<usize>,
    /// The first seed at which it failed, and why; `None` for a cure.
    pub failed: Option<(u64, WhyNot)>,
}

/// A search, one run at a time, so that a page can go on drawing: [`Search::wanted`] says which run
/// comes next, [`Search::take`] takes what it came to. Single changes first; pairs of changes that do
/// not cure alone only when no single one does.
#[derive(Clone, Debug)]
pub struct Search {
    harm: Harm,
    seeds: Vec<u64>,
    /// The parameter of each candidate: two values of one are never tried together.
    parameters: Vec<usize>,
    baseline: Vec<Trial>,
    /// What is being tried, and its runs so far.
    changes: Vec<usize>,
    trials: Vec<Trial>,
    judged: Vec<Judgement>,
    cures: Vec<Cure>,
    done: bool,
}

impl Search {
    /// A search among candidates, of which `parameters` tells for each the number of its parameter, over
    /// these seeds (20 in the product). A change that fails does so most often at the first seed: begin
    /// with one at which the harm is certain.
    #[must_use]
    pub fn new(harm: Harm, parameters: Vec<usize>, seeds: impl IntoIterator<Item = u64>) -> Search {
        let seeds: Vec<u64> = seeds.into_iter().collect();
        Search {
            harm,
            done: seeds.is_empty(),
            seeds,
            parameters,
            baseline: Vec::new(),
            changes: Vec::new(),
            trials: Vec::new(),
            judged: Vec::new(),
            cures: Vec::new(),
        }
    }

    /// The run that comes next: these candidates applied, this seed. Nothing when the search is over.
    #[must_use]
    pub fn wanted(&self) -> Option<(&[usize], u64)> {
        if self.done {
            return None;
        }
        let at = match self.baseline.len() {
            runs if runs < self.seeds.len() => return Some((&[], self.seeds[runs])),
            _ => self.trials.len(),
        };
        self.seeds.get(at).map(|seed| (&self.changes[..], *seed))
    }

    /// Takes what the run came to that was wanted.
    pub fn take(&mut self, trial: Trial) {
        if self.done {
            return;
        }
        if self.baseline.len() < self.seeds.len() {
            self.baseline.push(trial);
            if self.baseline.len() == self.seeds.len() {
                self.done = self.harmed() == 0 || self.parameters.is_empty();
                self.changes = vec![0];
            }
            return;
        }
        let at = self.trials.len();
        let judged = judge(&self.baseline[at], &trial, self.harm);
        self.trials.push(trial);
        match judged {
            Err(why) => self.close(Some((self.seeds[at], why))),
            Ok(()) if self.trials.len() == self.seeds.len() => self.close(None),
            Ok(()) => {}
        }
    }

    /// Does all runs: `run(changes, seed)` applies the candidates `changes` and runs to the end.
    pub fn finish(&mut self, run: &mut impl FnMut(&[usize], u64) -> Trial) {
        while let Some((changes, seed)) = self.wanted() {
            let trial = run(changes, seed);
            self.take(trial);
        }
    }

    fn close(&mut self, failed: Option<(u64, WhyNot)>) {
        let trials = std::mem::take(&mut self.trials);
        let changes = std::mem::take(&mut self.changes);
        if failed.is_none() {
            self.cures.push(Cure {
                changes: changes.clone(),
                price: Price::of(&trials),
            });
        }
        self.changes = self.after(&changes).unwrap_or_default();
        self.done = self.changes.is_empty();
        self.judged.push(Judgement { changes, failed });
    }

    /// What is tried after these changes.
    fn after(&self, changes: &[usize]) -> Option<Vec<usize>> {
        let all = self.parameters.len();
        let (mut a, mut b) = match *changes {
            [one] if one + 1 < all => return Some(vec![one + 1]),
            [_] if self.cures.is_empty() => (0, 0),
            [a, b] => (a, b),
            _ => return None,
        };
        loop {
            b += 1;
            if b >= all {
                a += 1;
                b = a + 1;
            }
            if b >= all {
                return None;
            }
            if self.parameters[a] != self.parameters[b] {
                return Some(vec![a, b]);
            }
        }
    }

    /// The search is over.
    #[must_use]
    pub fn done(&self) -> bool {
        self.done
    }

    /// What it wants to see gone.
    #[must_use]
    pub fn harm(&self) -> Harm {
        self.harm
    }

    /// Over how many seeds it goes.
    #[must_use]
    pub fn seeds(&self) -> usize {
        self.seeds.len()
    }

    /// In how many seeds the harm was there without any change.
    #[must_use]
    pub fn harmed(&self) -> usize {
        let harmed = |trial: &&Trial| trial.harm(self.harm) > 0;
        self.baseline.iter().filter(harmed).count()
    }

    /// What the present settings cost.
    #[must_use]
    pub fn present_price(&self) -> Price {
        Price::of(&self.baseline)
    }

    /// How many changes were judged, and how many there are to judge in the present round: single ones,
    /// then pairs.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        let all = self.parameters.len();
        if self.judged.len() < all || !self.cures.is_empty() || self.done && self.judged.is_empty()
        {
            return (self.judged.len(), all);
        }
        let pairs = (0..all).flat_map(|a| (a + 1..all).map(move |b| (a, b)));
        let pairs = pairs.filter(|(a, b)| self.parameters[*a] != self.parameters[*b]);
        (self.judged.len() - all, pairs.count())
    }

    /// Everything that was judged so far, in the order of trying.
    #[must_use]
    pub fn judged(&self) -> &[Judgement] {
        &self.judged
    }

    /// The cures found so far, the cheapest first: fewer changes, then lower latencies, then more
    /// throughput, then less time unavailable. Empty when the search is over: none was found.
    #[must_use]
    pub fn cures(&self) -> Vec<Cure> {
        let mut cures = self.cures.clone();
        cures.sort_by_key(|cure| {
            let p = cure.price;
            let slow = u64::MAX - p.confirmed_per_1000s;
            (
                cure.changes.len(),
                p.duplicated_per_1000,
                p.p99_us,
                p.p95_us,
                p.p50_us,
                slow,
                p.unavailable_us,
            )
        });
        cures
    }
}

#[cfg(test)]
mod tests;
