//! Dropping the acts that a broken promise does not need, and writing what is left as a scenario.

use super::run::repeated;
use super::{Broken, Fuzz, Run};
use crate::recipe::Done;
use crate::scenario::claim::{Claim, Expectation, Quantity, Relation};

/// The most runs that one shrinking may take.
const ATTEMPTS: u32 = 200;
/// Fates that no message may have when confirmed messages survive.
const LOST: [&str; 3] = ["lost-after-ack", "vanished-after-delivery", "stranded"];

/// A scenario that repeats the violation, with as few faults as can be found by dropping some.
pub(super) fn scenario(fuzz: &Fuzz, run: &Run, broken: &Broken) -> String {
    let smallest = shrunk(fuzz, run, broken);
    let mut scenario = smallest.recipe.scenario();
    if broken.rule == "confirmed-survive" {
        scenario.expectations = LOST
            .into_iter()
            .map(|fate| Expectation {
                not: false,
                claim: Claim::Number {
                    of: Quantity::Fate(fate.to_owned()),
                    relation: Relation::Equal,
                    value: 0,
                },
                within: None,
                because: None,
            })
            .collect();
    }
    let text = scenario.to_string();
    let detail = smallest
        .broken
        .iter()
        .find(|found| found.rule == broken.rule)
        .map_or(&broken.detail, |found| &found.detail);
    let mut said = format!("# {}: {detail}\n", broken.rule);
    if let Some(mutant) = fuzz.mutant {
        said.push_str(&format!(
            "# only with the planted mistake {}\n",
            mutant.name()
        ));
    }
    match text.split_once('\n') {
        Some((version, rest)) => format!("{version}\n{said}{rest}"),
        None => text,
    }
}

/// Greedy: ever smaller pieces are left out as long as the same promise is broken without them.
fn shrunk(fuzz: &Fuzz, run: &Run, broken: &Broken) -> Run {
    let mut best = run.clone();
    let mut attempts = 0;
    let mut piece = best.faults.div_ceil(2).max(1);
    loop {
        let mut from = 0;
        let mut smaller = false;
        while from < best.faults && attempts < ATTEMPTS {
            attempts += 1;
            let to = (from + piece).min(best.faults);
            let faults: Vec<Done> = best.recipe.acts[..best.faults]
                .iter()
                .enumerate()
                .filter(|(at, done)| !(from..to).contains(at) || is_client_start(done))
                .map(|(_, done)| done.clone())
                .collect();
            let fewer = faults.len() < best.faults;
            let same = |run: &Run| run.broken.iter().any(|found| found.rule == broken.rule);
            match repeated(fuzz, run.seed, &faults).filter(|run| fewer && same(run)) {
                Some(run) if run.faults < best.faults => {
                    best = run;
                    smaller = true;
                }
                _ => from = to,
            }
        }
        if attempts >= ATTEMPTS || (piece == 1 && !smaller) {
            return best;
        }
        piece = (piece / 2).max(1);
    }
}

/// The start of a client at time zero is no fault.
fn is_client_start(done: &Done) -> bool {
    done.at_us == 0 && matches!(done.act, crate::scenario::PlannedAct::Start(_))
}
