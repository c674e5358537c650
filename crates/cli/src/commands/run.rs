//! `run`: play a scenario.

use std::fmt::Write as _;

use ackscope_session::scenario::{self, Outcome, Overrides};
use clap::Args;
use serde::Serialize;

use super::{Ending, cures, print};

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A scenario file (docs/scenario-format.md), or the id of a scenario that comes with AckScope.
    file: String,
    /// Another seed than the file names.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print one JSON object: digest, events, virtual_us, totals, messages, expectations; with --cures
    /// also cures.
    #[arg(long)]
    json: bool,
    /// Look for what would have saved the messages: safer values of parameters, one at a time and then
    /// in pairs, under the same faults, over 20 seeds.
    #[arg(long)]
    cures: bool,
}

impl Run {
    pub(crate) fn run(self) -> Result<Ending, String> {
        let scenario = super::scenario(&self.file)?;
        let overrides = Overrides {
            seed: self.seed,
            ..Overrides::default()
        };
        let played = scenario::run(&scenario, &overrides);
        let played = played.map_err(|error| format!("{}: {error}", self.file))?;
        let cures = self.cures.then(|| cures::search(&played.recipe));
        let outcome = played.outcome;
        if self.json {
            let report = Report {
                outcome: &outcome,
                cures: cures.as_deref(),
            };
            print(&serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?);
            // The object has no place for what could not be done; it must not go unseen.
            for line in &outcome.undone {
                eprintln!("{}: {line}", self.file);
            }
        } else {
            print(&text(&outcome));
            cures.iter().for_each(|found| print(&cures::text(found)));
        }
        Ok(if outcome.ok() {
            Ending::Well
        } else {
            Ending::Failed
        })
    }
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    cures: Option<&'a [cures::Found]>,
}

fn text(outcome: &Outcome) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for message in &outcome.messages {
        let since = seconds(message.since_us);
        let _ = write!(
            text,
            "{:<8} {:<24} since {since:>12}",
            message.id, message.fate
        );
        let _ = match message.deliveries {
            0 | 1 => writeln!(text),
            n => writeln!(text, "  processed {n} times"),
        };
    }
    let totals: Vec<String> = outcome
        .totals
        .iter()
        .map(|(fate, n)| format!("{fate} {n}"))
        .collect();
    let _ = writeln!(text, "totals   {}", totals.join(", "));
    for checked in &outcome.expectations {
        let _ = match checked.ok {
            true => writeln!(text, "ok       {}", checked.text),
            false => writeln!(text, "FAIL     {}: found {}", checked.text, checked.found),
        };
    }
    for line in &outcome.undone {
        let _ = writeln!(text, "FAIL     {line}");
    }
    let _ = writeln!(text, "digest   {}", outcome.digest);
    let time = seconds(outcome.virtual_us);
    let _ = writeln!(
        text,
        "events   {} in {time} of virtual time",
        outcome.events
    );
    text
}

/// `12.345678 s`.
fn seconds(us: u64) -> String {
    format!("{}.{:06} s", us / 1_000_000, us % 1_000_000)
}
