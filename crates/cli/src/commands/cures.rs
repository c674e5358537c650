//! `run --cures`: what would have saved the messages.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use ackscope_session::cures::{Candidate, Cures, Harm, Of, Price, SEEDS, WhyNot};
use ackscope_session::recipe::Recipe;
use ackscope_session::text::time;
use serde::Serialize;

/// Events between two signs that the search goes on.
const SLICE: u64 = 20_000_000;

/// What was found about one harm of a run.
#[derive(Serialize)]
pub(crate) struct Found {
    harm: &'static str,
    seeds: u64,
    /// At how many of them the harm is there without any change.
    harmed: usize,
    present: Cost,
    /// The cheapest first; empty when no change of one setting, nor of two together, is a cure.
    found: Vec<Cure>,
    why_not: BTreeMap<&'static str, u32>,
}

#[derive(Serialize)]
struct Cure {
    changes: Vec<Change>,
    price: Cost,
}

#[derive(Serialize)]
struct Change {
    scope: &'static str,
    names: Vec<String>,
    key: &'static str,
    value: &'static str,
    present: String,
}

#[derive(Serialize)]
struct Cost {
    p50_us: u64,
    p95_us: u64,
    p99_us: u64,
    confirmed_per_1000s: u64,
    unavailable_us: u64,
    duplicated_per_1000_runs: u64,
    failed_per_1000_runs: u64,
}

impl From<Price> for Cost {
    fn from(price: Price) -> Self {
        Cost {
            p50_us: price.p50_us,
            p95_us: price.p95_us,
            p99_us: price.p99_us,
            confirmed_per_1000s: price.confirmed_per_1000s,
            unavailable_us: price.unavailable_us,
            duplicated_per_1000_runs: price.duplicated_per_1000,
            failed_per_1000_runs: price.failed_per_1000,
        }
    }
}

impl From<&Candidate> for Change {
    fn from(candidate: &Candidate) -> Self {
        Change {
            scope: candidate.scope,
            names: candidate.names.clone(),
            key: candidate.key,
            value: candidate.value,
            present: candidate.present.clone(),
        }
    }
}

/// Searches for each harm that is in the run.
pub(crate) fn search(recipe: &Recipe) -> Vec<Found> {
    let mut all = Vec::new();
    for harm in Harm::ALL {
        let mut cures = Cures::new(recipe, Of::Harm(harm));
        let mut events = 0;
        while cures.work(SLICE / 100) {
            events += SLICE / 100;
            if events % SLICE == 0 {
                let progress = cures.progress();
                let what = if progress.pairs { "pairs" } else { "changes" };
                let (done, of) = (progress.done, progress.of);
                // Nobody is left to tell when this fails, too.
                let _ = writeln!(io::stderr(), "{}: {done} of {of} {what}", harm.name());
            }
        }
        if cures.harm().is_some() {
            all.push(found(harm, &cures));
        }
    }
    all
}

fn found(harm: Harm, cures: &Cures) -> Found {
    let all = cures.found();
    let cure = |(changes, price): &(Vec<&Candidate>, Price)| Cure {
        changes: changes.iter().map(|change| Change::from(*change)).collect(),
        price: Cost::from(*price),
    };
    let why_not = cures.why_not();
    Found {
        harm: harm.name(),
        seeds: SEEDS,
        harmed: cures.harmed(),
        present: Cost::from(cures.present_price()),
        found: all.iter().map(cure).collect(),
        why_not: why_not
            .into_iter()
            .map(|(why, n)| (words(why), n))
            .collect(),
    }
}

fn words(why: WhyNot) -> &'static str {
    match why {
        WhyNot::Refused => "refused by the product",
        WhyNot::OtherMessages => "other messages were offered",
        WhyNot::OtherFault => "the fault did not hit the same role at the same stage",
        WhyNot::StillHarmed => "the harm is there all the same",
        WhyNot::FewerConfirmed => "fewer messages were confirmed",
        WhyNot::FewerDelivered => "fewer messages were processed",
        WhyNot::Loses => "other messages are lost",
    }
}

/// The same as lines.
pub(crate) fn text(all: &[Found]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for found in all {
        let (harm, harmed, seeds) = (found.harm, found.harmed, found.seeds);
        let _ = writeln!(
            text,
            "cures    {harm} at {harmed} of {seeds} seeds; now {}",
            cost(&found.present)
        );
        for cure in &found.found {
            let changes: Vec<String> = cure.changes.iter().map(change).collect();
            let _ = writeln!(text, "  {}; {}", changes.join(" and "), cost(&cure.price));
        }
        if found.found.is_empty() {
            let _ = writeln!(
                text,
                "  none found: no change of one setting, nor of two together"
            );
        }
        for (why, count) in &found.why_not {
            let _ = writeln!(text, "  no cure {count:>4}: {why}");
        }
    }
    if all.is_empty() {
        text.push_str("cures    nothing was lost, duplicated, reordered or failed");
    }
    text
}

fn change(change: &Change) -> String {
    let names = change.names.join(",");
    let space = if names.is_empty() { "" } else { " " };
    let (scope, key, value) = (change.scope, change.key, change.value);
    format!(
        "{scope}{space}{names} {key}={value} (now {})",
        change.present
    )
}

fn cost(cost: &Cost) -> String {
    let per_run = |thousandth: u64| format!("{}.{:03}", thousandth / 1_000, thousandth % 1_000);
    format!(
        "latency {} / {} / {} (50, 95, 99 %), {} confirmed a second, unavailable {}, duplicated {} and failed {} a run",
        time(cost.p50_us),
        time(cost.p95_us),
        time(cost.p99_us),
        per_run(cost.confirmed_per_1000s),
        time(cost.unavailable_us),
        per_run(cost.duplicated_per_1000_runs),
        per_run(cost.failed_per_1000_runs),
    )
}
