//! What random runs must keep, whatever the product: promises, and goals that must be reached
//! sometimes, so that a model in which nothing happens does not look safe.

use crate::fate::Fate;
use crate::ledger::Ledger;
use crate::standing::Standing;
use ackscope_kernel::{EntryId, MessageKey};
use ackscope_kernel::{SortedMap, SortedSet};

/// A promise that a run broke.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Which promise.
    pub rule: &'static str,
    /// The message it concerns, if it concerns one.
    pub message: Option<MessageKey>,
    /// The entry that broke it.
    pub entry: EntryId,
    /// What exactly, for a developer; not shown in the page.
    pub detail: String,
}

/// No message that was confirmed is gone from the log. With `healed` (everything is up again and
/// quiet) none may be stranded either.
#[must_use]
pub fn confirmed_survive<S: Standing>(ledger: &Ledger<S>, healed: bool) -> Vec<Violation> {
    let broken = ledger.rows().filter(|(_, row)| {
        let gone = matches!(row.fate, Fate::LostAfterAck | Fate::VanishedAfterDelivery);
        row.confirmed != EntryId::NONE && (gone || healed && row.fate == Fate::Stranded)
    });
    broken
        .map(|(key, row)| Violation {
            rule: "confirmed-survive",
            message: Some(key),
            entry: row.last,
            detail: row.fate.name().to_owned(),
        })
        .collect()
}

/// Every message that was offered has one fate, and the counts agree with the rows.
#[must_use]
pub fn fates_add_up<S: Standing>(ledger: &Ledger<S>) -> Vec<Violation> {
    let mut counted: SortedMap<Fate, u32> = SortedMap::new();
    for (_, row) in ledger.rows() {
        *counted.entry(row.fate).or_default() += 1;
    }
    let totals = ledger.totals();
    if counted == totals {
        return Vec::new();
    }
    let detail = format!("rows {counted:?}, totals {totals:?}");
    vec![Violation {
        rule: "fates-add-up",
        message: None,
        entry: EntryId::NONE,
        detail,
    }]
}

/// In how many runs each goal was reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    runs: u32,
    reached: SortedMap<&'static str, u32>,
}

impl Coverage {
    /// These goals exist and were not reached yet, so that a goal that never is shows as 0.
    #[must_use]
    pub fn of(goals: &[&'static str]) -> Coverage {
        Coverage {
            runs: 0,
            reached: goals.iter().map(|goal| (*goal, 0)).collect(),
        }
    }

    /// One more run, which reached these.
    pub fn count(&mut self, reached: &SortedSet<&'static str>) {
        self.runs += 1;
        for goal in reached {
            *self.reached.entry(goal).or_default() += 1;
        }
    }

    /// Number of runs.
    #[must_use]
    pub fn runs(&self) -> u32 {
        self.runs
    }

    /// Goals and the number of runs that reached them.
    pub fn reached(&self) -> impl Iterator<Item = (&'static str, u32)> + '_ {
        self.reached.iter().map(|(goal, runs)| (*goal, *runs))
    }

    /// Whether at least this share of the runs (in percent) reached the goal.
    #[must_use]
    pub fn at_least(&self, goal: &str, percent: u32) -> bool {
        let reached = self.reached.get(goal).copied().unwrap_or(0);
        u64::from(reached) * 100 >= u64::from(self.runs) * u64::from(percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy::{A, B, BOSS, CLIENT, Order, READER, act, confirmed_on, copy, key, note, run};
    use ackscope_kernel::{Act, LedgerLine};

    #[test]
    fn a_confirmed_message_must_survive() {
        let mut run = run();
        confirmed_on(&mut run, 1, &[A]);
        confirmed_on(&mut run, 2, &[A]);
        assert!(confirmed_survive(run.ledger(), true).is_empty());
        note(&mut run, CLIENT, &[LedgerLine::Processed(key(2), READER)]);
        act(&mut run, Act::Order(BOSS, Order::Lead(Some(B))));
        let rules = |healed| -> Vec<_> {
            confirmed_survive(run.ledger(), healed)
                .into_iter()
                .map(|v| v.message)
                .collect()
        };
        assert_eq!(
            rules(false),
            [Some(key(2))],
            "gone from the log that is served, though delivered"
        );
        assert_eq!(rules(true), [Some(key(1)), Some(key(2))]);
        note(
            &mut run,
            A,
            &[LedgerLine::Erased(key(1), copy(A, 1), false)],
        );
        assert_eq!(confirmed_survive(run.ledger(), false).len(), 2);
        assert!(fates_add_up(run.ledger()).is_empty());
    }

    #[test]
    fn coverage_counts_runs() {
        let mut coverage = Coverage::of(&["a", "b"]);
        coverage.count(&SortedSet::from(["a"]));
        coverage.count(&SortedSet::from(["a"]));
        assert_eq!(coverage.reached().collect::<Vec<_>>(), [("a", 2), ("b", 0)]);
        assert!(coverage.at_least("a", 100) && !coverage.at_least("b", 1));
    }
}
