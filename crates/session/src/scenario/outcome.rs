//! What came out of a run.

use std::collections::BTreeMap;

use serde::Serialize;

/// The outcome of a run, in the order of the command line's JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Digest of the run, 16 hex digits.
    pub digest: String,
    /// Events and acts since time zero.
    pub events: u64,
    /// Virtual time since time zero.
    pub virtual_us: u64,
    /// How many messages have each fate.
    pub totals: BTreeMap<String, u32>,
    /// Each message that was offered.
    pub messages: Vec<MessageOutcome>,
    /// What had to hold, in the order in which it was looked at.
    pub expectations: Vec<Checked>,
    /// What the scenario says and what could not be done or never came: nobody was meant, a `when`
    /// never held, the budget of events was used up.
    #[serde(skip)]
    pub undone: Vec<String>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageOutcome {
    /// Its name, with the producer in front when there are several.
    pub id: String,
    /// Its fate.
    pub fate: String,
    /// Since when it has it, in microseconds after time zero.
    pub since_us: u64,
    /// Processed this often by the reader that did so most.
    pub deliveries: u32,
}

/// An expectation and whether it held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The expectation as the scenario writes it.
    pub text: String,
    /// It held.
    pub ok: bool,
    /// What was the case.
    #[serde(skip)]
    pub found: String,
}

impl Outcome {
    /// Everything held and everything was done.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.undone.is_empty() && self.expectations.iter().all(|checked| checked.ok)
    }

    /// Whether something that had to hold did not.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.expectations.iter().any(|checked| !checked.ok)
    }
}
