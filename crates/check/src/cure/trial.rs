//! What a run came to, and whether a change of it is a cure.

use crate::fate::Fate;
use crate::ledger::Ledger;
use crate::row::Row;
use crate::standing::Standing;
use ackscope_kernel::{EntryId, MessageKey, Trace};

/// What befell messages, and what a search wants to see gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// Gone, out of reach, passed over, or gone for whoever reads later.
    Lost,
    /// Processed more than once by one reader.
    Duplicated,
    /// Processed against the order of sending.
    Reordered,
    /// The producer was told that it failed, or gave up.
    Failed,
}

impl Harm {
    /// All of them, the worst first.
    pub const ALL: [Harm; 4] = [Harm::Lost, Harm::Duplicated, Harm::Reordered, Harm::Failed];

    /// What befell one message. That it was overtaken is not seen in its row.
    #[must_use]
    pub fn of(row: &Row) -> Option<Harm> {
        let gone = matches!(row.fate, Fate::Stranded | Fate::VanishedAfterDelivery);
        let failed = matches!(
            row.fate,
            Fate::Returned | Fate::Refused | Fate::ExpiredAtProducer | Fate::Phantom
        );
        match () {
            () if row.fate.is_loss() || gone => Some(Harm::Lost),
            () if row.deliveries > 1 => Some(Harm::Duplicated),
            () if failed => Some(Harm::Failed),
            () => None,
        }
    }

    /// Its word on the command line, and the end of its Fluent keys.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Harm::Lost => "lost",
            Harm::Duplicated => "duplicated",
            Harm::Reordered => "reordered",
            Harm::Failed => "failed",
        }
    }
}

/// A fault as it was applied, by meaning and not by time: two runs are comparable when these agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strike {
    /// Whom it hit and how: "crash leader of orders-0".
    pub role: String,
    /// In which stage of the run: "after p1 was told of m6".
    pub stage: String,
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// The product would not start with these settings; nothing ran.
    pub refused: bool,
    /// The messages offered, sorted.
    pub offered: Vec<MessageKey>,
    /// How many of them were confirmed.
    pub confirmed: u32,
    /// How many of them some reader processed.
    pub delivered: u32,
    /// How many of them are lost or stranded at the end.
    pub lost: u32,
    /// How many were processed more than once by one reader.
    pub duplicated: u32,
    /// Pairs that a reader first processed against send order.
    pub reordered: u64,
    /// How many the producer was told have failed, or gave up.
    pub failed: u32,
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
        let verdict = ledger.verdict();
        let mut trial = Trial {
            strikes,
            duplicated: verdict.duplicated,
            reordered: verdict.reordered,
            unavailable_us: verdict.unavailable_us,
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
            trial.delivered += u32::from(row.deliveries > 0);
            match Harm::of(row) {
                Some(Harm::Lost) => trial.lost += 1,
                Some(Harm::Failed) => trial.failed += 1,
                _ => {}
            }
        }
        trial.span_us = end.saturating_sub(begin.min(end));
        trial
    }

    /// A run that never was, because the product refuses the settings.
    #[must_use]
    pub fn refused() -> Trial {
        Trial {
            refused: true,
            ..Trial::default()
        }
    }

    /// How much of a harm there is.
    #[must_use]
    pub fn harm(&self, harm: Harm) -> u64 {
        match harm {
            Harm::Lost => u64::from(self.lost),
            Harm::Duplicated => u64::from(self.duplicated),
            Harm::Reordered => self.reordered,
            Harm::Failed => u64::from(self.failed),
        }
    }
}

/// Why a change is no cure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhyNot {
    /// The product refuses these settings.
    Refused,
    /// Other messages were offered, so nothing can be compared.
    OtherMessages,
    /// The fault did not hit the same role at the same stage.
    OtherFault,
    /// The harm is there all the same.
    StillHarmed,
    /// Fewer messages were confirmed: what is refused is not saved.
    FewerConfirmed,
    /// Fewer messages were processed: what nobody reads comes neither twice nor out of order.
    FewerDelivered,
    /// The harm is gone, but messages are lost that were not lost before.
    Loses,
}

impl WhyNot {
    /// The Fluent key of its sentence.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            WhyNot::Refused => "cure-not-refused",
            WhyNot::OtherMessages => "cure-not-other-messages",
            WhyNot::OtherFault => "cure-not-other-fault",
            WhyNot::StillHarmed => "cure-not-still-harmed",
            WhyNot::FewerConfirmed => "cure-not-fewer-confirmed",
            WhyNot::FewerDelivered => "cure-not-fewer-delivered",
            WhyNot::Loses => "cure-not-loses",
        }
    }
}

/// Judges one run against the run without the change, with the same seed.
///
/// # Errors
/// Why the change is no cure.
pub fn judge(baseline: &Trial, trial: &Trial, harm: Harm) -> Result<(), WhyNot> {
    if trial.refused {
        Err(WhyNot::Refused)
    } else if trial.offered != baseline.offered {
        Err(WhyNot::OtherMessages)
    } else if !holds_all(&trial.strikes, &baseline.strikes) {
        Err(WhyNot::OtherFault)
    } else if trial.harm(harm) > 0 {
        Err(WhyNot::StillHarmed)
    } else if trial.confirmed < baseline.confirmed {
        Err(WhyNot::FewerConfirmed)
    } else if trial.delivered < baseline.delivered {
        Err(WhyNot::FewerDelivered)
    } else if trial.lost > baseline.lost {
        Err(WhyNot::Loses)
    } else {
        Ok(())
    }
}

/// The faults of the one are among those of the other, in their order. More faults than without the
/// change are no help: they found somebody to hit, or their stage.
fn holds_all(faults: &[Strike], wanted: &[Strike]) -> bool {
    let mut rest = faults.iter();
    wanted
        .iter()
        .all(|strike| rest.any(|other| other == strike))
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
    /// Messages processed more than once in 1,000 runs.
    pub duplicated_per_1000: u64,
    /// Messages of which the producer was told that they failed, in 1,000 runs.
    pub failed_per_1000: u64,
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
        let runs = trials.len() as u64;
        let sum = |of: fn(&Trial) -> u64| trials.iter().map(of).sum::<u64>();
        let mean = |sum: u64| sum.checked_div(runs).unwrap_or(0);
        let confirmed = sum(|t| u64::from(t.confirmed));
        let span = sum(|t| t.span_us);
        Price {
            p50_us: percentile(50),
            p95_us: percentile(95),
            p99_us: percentile(99),
            confirmed_per_1000s: (confirmed * 1_000_000_000).checked_div(span).unwrap_or(0),
            unavailable_us: mean(sum(|t| t.unavailable_us)),
            duplicated_per_1000: mean(1_000 * sum(|t| u64::from(t.duplicated))),
            failed_per_1000: mean(1_000 * sum(|t| u64::from(t.failed))),
        }
    }
}
