//! `ackscope-cli fuzz`: random runs, and whether they keep what the settings promise.

use std::io::{self, Write};

use ackscope_session::fuzz::{Fuzz as Runs, Kind, Report, Tally};
use ackscope_session::kafka::Mutant;

use super::{Ending, print};

/// Runs random topologies, workloads and faults.
///
/// With --safe (acks=all, replication factor 3, min.insync.replicas=2, no unclean election, retries)
/// every fault is drawn; one that loses data (power-off, wipe, torn tail) hits one broker at a time, and
/// only while for each of its partitions another in-sync replica stays up until that broker is back in
/// the ISR. Then no confirmed message may be lost. With --unsafe (acks=1; or acks=all with schedules
/// outside that limit) losses are counted and are no violation.
///
/// Exit code 1: a run broke what its settings promise. A scenario that repeats it is printed.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("kind").args(["safe", "unsafe_"]))]
pub(crate) struct Fuzz {
    /// Whose rules are tried.
    #[arg(long, value_name = "NAME", default_value = "kafka", value_parser = ["kafka"])]
    system: String,
    /// Settings with which no confirmed message may be lost.
    #[arg(long)]
    safe: bool,
    /// Settings and faults with which some are.
    #[arg(long = "unsafe", id = "unsafe_")]
    unsafe_: bool,
    /// How many runs.
    #[arg(long, value_name = "N", default_value_t = 100)]
    seeds: u64,
    /// The first seed.
    #[arg(long, value_name = "S", default_value_t = 1)]
    from: u64,
    /// Plant a known mistake into the rules; `list` names them.
    #[arg(long, value_name = "NAME")]
    mutant: Option<String>,
    /// Print one JSON object: runs, confirmed, lost, duplicated, coverage {goal: runs}, violations
    /// [{seed, rule, scenario}].
    #[arg(long)]
    json: bool,
}

impl Fuzz {
    pub(crate) fn run(self) -> Result<Ending, String> {
        if self.mutant.as_deref() == Some("list") {
            for mutant in Mutant::ALL {
                print(&format!("{:<24}{}", mutant.name(), mutant.summary()));
            }
            return Ok(Ending::Well);
        }
        let kind = match (self.safe, self.unsafe_) {
            (true, _) => Kind::Safe,
            (_, true) => Kind::Unsafe,
            _ => return Err("fuzz: one of --safe and --unsafe is needed".to_owned()),
        };
        let mutant = self.mutant.as_deref().map(named).transpose()?;
        let runs = Runs { kind, mutant };
        let mut tally = Tally::new(&runs);
        for (done, seed) in (1..).zip(self.from..self.from.saturating_add(self.seeds)) {
            let run = runs.run(seed);
            let violations = runs.violations(&run);
            for violation in violations.iter().filter(|_| !self.json) {
                print(&format!(
                    "seed {seed}: {}\n\n{}",
                    violation.rule, violation.scenario
                ));
            }
            tally.add(&run, violations);
            progress(done, self.seeds);
        }
        let report = tally.report();
        if self.json {
            let text = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
            print(&text);
        } else {
            print(&words(&report));
        }
        Ok(match report.violations.is_empty() {
            true => Ending::Well,
            false => Ending::Failed,
        })
    }
}

fn named(name: &str) -> Result<Mutant, String> {
    Mutant::named(name).ok_or_else(|| {
        let known: Vec<_> = Mutant::ALL.iter().map(|mutant| mutant.name()).collect();
        format!(
            "fuzz: there is no mutant {name}; there are: {}",
            known.join(", ")
        )
    })
}

/// Long sets of runs show that they go on.
fn progress(done: u64, of: u64) {
    if of >= 200 && done.is_multiple_of(100) {
        let _ = writeln!(io::stderr(), "{done} of {of}");
    }
}

fn words(report: &Report) -> String {
    let mut lines = vec![format!(
        "{} runs, {} confirmed, {} of them lost, {} delivered more than once, {} violations",
        report.runs,
        report.confirmed,
        report.lost,
        report.duplicated,
        report.violations.len()
    )];
    let goals = report.coverage.iter();
    lines.extend(goals.map(|(goal, runs)| format!("  {goal:<26}{runs} runs")));
    for violation in &report.violations {
        lines.push(format!("  seed {}: {}", violation.seed, violation.rule));
    }
    lines.join("\n")
}
