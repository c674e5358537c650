//! What would have saved the messages (design/engine.md 7), found by running and judged by one rule:
//! the same messages offered, at least as many confirmed, none lost, the same fault applied to the
//! same role at the same stage, over all seeds. A refusal is a price, not a cure.

use crate::fate::Fate;
use crate::ledger::Ledger;
use crate::standing::Standing;
use ackscope_kernel::{EntryId, MessageKey, Trace};

/// A fault as it was applied, by meaning and not by time: two runs are comparable when these agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strike {
    /// Whom it hit and how: "crash leader of orders-0".
    pub role: String,
    /// In which stage of the run: "after ack of m6".
    pub stage: String,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// The messages offered, sorted.
    pub offered: Vec<MessageKey>,
    /// How many of them were confirmed.
    pub confirmed: u32,
    /// How many of them are lost or stranded at the end.
    pub lost: u32,
    /// The faults that were applied, in order.
    pub strikes: Vec<Strike>,
    /// From offer to confirmation in microseconds, one for each confirmed message.
    pub latencies_us: Vec<u64>,
    /// From the first offer to the last confirmation in microseconds.
    pub span_us: u64,
    /// How long the log that was unavailable longest was so, in microseconds.
    pub unavailable_us: u64,
}

impl Trial {
    /// What a finished run came to.
    #[must_use]
    pub fn of<S: Standing>(ledger: &Ledger<S>, trace: &Trace<S>, strikes: Vec<Strike>) -> Trial {
        let time = |entry: EntryId| trace.get(entry).map_or(0, |entry| entry.at.0);
        let mut trial = Trial {
            strikes,
            ..Trial::default()
        };
        let (mut begin, mut end) = (u64::MAX, 0);
        for (key, row) in ledger.rows() {
            trial.offered.push(key);
            let offered = time(row.offered);
            begin = begin.min(offered);
            if row.confirmed != EntryId::NONE {
                trial.confirmed += 1;
                let confirmed = time(row.confirmed);
                end = end.max(confirmed);
                trial.latencies_us.push(confirmed.saturating_sub(offered));
            }
            // What vanished after a delivery is lost to whoever reads later.
            let gone = matches!(row.fate, Fate::Stranded | Fate::VanishedAfterDelivery);
            trial.lost += u32::from(row.fate.is_loss() || gone);
        }
        trial.span_us = end.saturating_sub(begin.min(end));
        trial.unavailable_us = ledger.verdict().unavailable_us;
        trial
    }
}

/// Why a change is no cure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// Other messages were offered, so nothing can be compared.
    OtherMessages,
    /// The fault did not hit the same role at the same stage.
    OtherFault,
    /// Messages are lost all the same.
    StillLost,
    /// Fewer messages were confirmed: what is refused is not saved.
    FewerConfirmed,
}

impl WhyNot {
    /// The Fluent key of its sentence.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            WhyNot::OtherMessages => "cure-not-other-messages",
            WhyNot::OtherFault => "cure-not-other-fault",
            WhyNot::StillLost => "cure-not-still-lost",
            WhyNot::FewerConfirmed => "cure-not-fewer-confirmed",
        }
    }
}

/// Judges one run against the run without the change, with the same seed.
///
/// # Errors
/// Why the change is no cure.
pub fn judge(baseline: &Trial, trial: &Trial) -> Result<(), WhyNot> {
    if trial.offered != baseline.offered {
        Err(WhyNot::OtherMessages)
    } else if trial.strikes != baseline.strikes {
        Err(WhyNot::OtherFault)
    } else if trial.lost > 0 {
        Err(WhyNot::StillLost)
    } else if trial.confirmed < baseline.confirmed {
        Err(WhyNot::FewerConfirmed)
    } else {
        Ok(())
    }
}

/// What a set of settings costs, over all seeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// Half of the confirmations took at most this long, in microseconds.
    pub p50_us: u64,
    /// 95 of 100.
    pub p95_us: u64,
    /// 99 of 100.
    pub p99_us: u64,
    /// Confirmed messages per second, times a thousand.
    pub confirmed_per_1000s: u64,
    /// Mean time unavailable in microseconds.
    pub unavailable_us: u64,
}

impl Price {
    /// The price that these runs show.
    #[must_use]
    pub fn of(trials: &[Trial]) -> Price {
        let mut latencies: Vec<u64> = trials
            .iter()
            .flat_map(|t| t.latencies_us.iter().copied())
            .collect();
        latencies.sort_unstable();
        let percentile = |percent: usize| {
            // The smallest value that at least `percent` of 100 do not exceed.
            let rank = (latencies.len() * percent).div_ceil(100).max(1);
            latencies.get(rank - 1).copied().unwrap_or(0)
        };
        let confirmed: u64 = trials.iter().map(|t| u64::from(t.confirmed)).sum();
        let span: u64 = trials.iter().map(|t| t.span_us).sum();
        let down: u64 = trials.iter().map(|t| t.unavailable_us).sum();
        Price {
            p50_us: percentile(50),
            p95_us: percentile(95),
            p99_us: percentile(99),
            confirmed_per_1000s: (confirmed * 1_000_000_000).checked_div(span).unwrap_or(0),
            unavailable_us: down.checked_div(trials.len() as u64).unwrap_or(0),
        }
    }
}

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

/// A search, one run at a time, so that a page can go on drawing. Single changes first; pairs of
/// changes that do not cure alone only when no single one does.
#[derive(Clone, Debug)]
pub struct Search {
    seeds: Vec<u64>,
    candidates: usize,
    baseline: Vec<Trial>,
    /// What is being tried, and its runs so far.
    changes: Vec<usize>,
    trials: Vec<Trial>,
    judged: Vec<Judgement>,
    cures: Vec<Cure>,
    done: bool,
}

impl Search {
    /// A search among candidates `0..candidates` over these seeds (20 in the product).
    #[must_use]
    pub fn new(candidates: usize, seeds: impl IntoIterator<Item = u64>) -> Search {
        let seeds: Vec<u64> = seeds.into_iter().collect();
        Search {
            done: seeds.is_empty(),
            seeds,
            candidates,
            baseline: Vec::new(),
            changes: Vec::new(),
            trials: Vec::new(),
            judged: Vec::new(),
            cures: Vec::new(),
        }
    }

    /// Does one run: `run(changes, seed)` applies the candidates `changes` and runs to the end.
    /// Returns false when the search is over.
    pub fn step(&mut self, run: &mut impl FnMut(&[usize], u64) -> Trial) -> bool {
        if self.done {
            return false;
        }
        if let Some(seed) = self.seeds.get(self.baseline.len()) {
            self.baseline.push(run(&[], *seed));
            if self.baseline.len() == self.seeds.len() {
                let harm = self.baseline.iter().any(|trial| trial.lost > 0);
                self.done = !harm || self.candidates == 0;
                self.changes = vec![0];
            }
            return !self.done;
        }
        let at = self.trials.len();
        let seed = self.seeds[at];
        let trial = run(&self.changes, seed);
        let judged = judge(&self.baseline[at], &trial);
        self.trials.push(trial);
        match judged {
            Err(why) => self.close(Some((seed, why))),
            Ok(()) if self.trials.len() == self.seeds.len() => self.close(None),
            Ok(()) => {}
        }
        !self.done
    }

    /// Does all runs.
    pub fn finish(&mut self, run: &mut impl FnMut(&[usize], u64) -> Trial) {
        while self.step(run) {}
    }

    fn close(&mut self, failed: Option<(u64, WhyNot)>) {
        let trials = std::mem::take(&mut self.trials);
        let changes = self.changes.clone();
        if failed.is_none() {
            self.cures.push(Cure {
                changes: changes.clone(),
                price: Price::of(&trials),
            });
        }
        self.judged.push(Judgement { changes, failed });
        let next = match self.changes[..] {
            [one] if one + 1 < self.candidates => Some(vec![one + 1]),
            [_] if self.cures.is_empty() && self.candidates > 1 => Some(vec![0, 1]),
            [a, b] if b + 1 < self.candidates => Some(vec![a, b + 1]),
            [a, _] if a + 2 < self.candidates => Some(vec![a + 1, a + 2]),
            _ => None,
        };
        match next {
            Some(changes) => self.changes = changes,
            None => self.done = true,
        }
    }

    /// The search is over.
    #[must_use]
    pub fn done(&self) -> bool {
        self.done
    }

    /// In how many seeds something was lost without any change.
    #[must_use]
    pub fn harmed(&self) -> usize {
        self.baseline.iter().filter(|trial| trial.lost > 0).count()
    }

    /// What the present settings cost.
    #[must_use]
    pub fn present_price(&self) -> Price {
        Price::of(&self.baseline)
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
mod tests {
    use super::*;
    use crate::toy::{A, B, BOSS, Order, act, confirmed_on, run};
    use ackscope_kernel::{Act, SeatId};

    fn trial(confirmed: u32, lost: u32, latency: u64) -> Trial {
        Trial {
            offered: (1..=10)
                .map(|number| MessageKey {
                    origin: SeatId(0),
                    number,
                })
                .collect(),
            confirmed,
            lost,
            strikes: vec![Strike {
                role: "crash leader".into(),
                stage: "after ack".into(),
            }],
            latencies_us: vec![latency; confirmed as usize],
            span_us: 1_000_000,
            unavailable_us: 0,
        }
    }

    #[test]
    fn a_refusal_is_no_cure_and_neither_is_another_fault() {
        let base = trial(8, 3, 100);
        assert_eq!(judge(&base, &trial(8, 0, 100)), Ok(()));
        assert_eq!(judge(&base, &trial(7, 0, 100)), Err(WhyNot::FewerConfirmed));
        assert_eq!(judge(&base, &trial(10, 1, 100)), Err(WhyNot::StillLost));
        let missed = Trial {
            strikes: Vec::new(),
            ..trial(10, 0, 100)
        };
        assert_eq!(judge(&base, &missed), Err(WhyNot::OtherFault));
        let other = Trial {
            offered: Vec::new(),
            ..trial(10, 0, 100)
        };
        assert_eq!(judge(&base, &other), Err(WhyNot::OtherMessages));
    }

    #[test]
    fn single_cures_are_ranked_by_price_and_pairs_are_not_tried() {
        let mut search = Search::new(3, [1, 2]);
        search.finish(&mut |changes, _| match changes {
            [] => trial(8, 2, 100),
            [0] => trial(10, 0, 900),
            [2] => trial(9, 0, 300),
            _ => trial(8, 1, 100),
        });
        let cures = search.cures();
        assert_eq!(
            cures.iter().map(|c| c.changes.clone()).collect::<Vec<_>>(),
            [vec![2], vec![0]]
        );
        assert_eq!(cures[0].price.p99_us, 300);
        assert_eq!(search.judged()[1].failed, Some((1, WhyNot::StillLost)));
        assert_eq!(search.judged().len(), 3);
        assert_eq!(search.harmed(), 2);
    }

    #[test]
    fn pairs_are_tried_when_no_single_change_cures() {
        let mut search = Search::new(4, [1]);
        search.finish(&mut |changes, _| match changes {
            [1, 3] => trial(8, 0, 100),
            _ => trial(8, 2, 100),
        });
        assert_eq!(
            search
                .cures()
                .iter()
                .map(|c| c.changes.clone())
                .collect::<Vec<_>>(),
            [vec![1, 3]]
        );
        assert_eq!(search.judged().len(), 4 + 6, "each pair once");
    }

    #[test]
    fn a_change_must_hold_at_every_seed_and_none_found_is_said() {
        let mut search = Search::new(1, 1..=20);
        search.finish(&mut |changes, seed| match (changes, seed) {
            ([0], 1..=19) => trial(8, 0, 100),
            _ => trial(8, 2, 100),
        });
        assert!(search.done() && search.cures().is_empty());
        assert_eq!(search.judged()[0].failed, Some((20, WhyNot::StillLost)));
    }

    #[test]
    fn without_a_loss_nothing_is_tried() {
        let mut search = Search::new(5, [1, 2, 3]);
        let mut runs = 0;
        search.finish(&mut |_, _| {
            runs += 1;
            trial(8, 0, 100)
        });
        assert_eq!((runs, search.harmed()), (3, 0));
        assert!(search.judged().is_empty());
    }

    #[test]
    fn percentiles_are_those_of_the_values() {
        let mut one = trial(0, 0, 0);
        one.latencies_us = (1..=100).rev().collect();
        one.confirmed = 100;
        let price = Price::of(&[one]);
        assert_eq!((price.p50_us, price.p95_us, price.p99_us), (50, 95, 99));
        assert_eq!(price.confirmed_per_1000s, 100_000);
        assert_eq!(Price::of(&[]), Price::default());
    }

    #[test]
    fn a_trial_counts_what_the_ledger_knows() {
        let mut run = run();
        confirmed_on(&mut run, 1, &[A]);
        confirmed_on(&mut run, 2, &[A, B]);
        act(&mut run, Act::Order(BOSS, Order::Lead(Some(B))));
        let trial = Trial::of(run.ledger(), run.trace(), Vec::new());
        assert_eq!(
            (trial.offered.len(), trial.confirmed, trial.lost),
            (2, 2, 1)
        );
        assert_eq!(trial.latencies_us, [20_000_000, 30_000_000]);
        assert_eq!(trial.span_us, 60_000_000);
    }
}
