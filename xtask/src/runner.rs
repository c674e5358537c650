//! Runs the steps one after the other and says which failed and how to repeat it.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::repo::Repo;
use crate::steps::{self, Step};

#[derive(Args)]
pub(crate) struct Options {
    /// Run only this step; can be given several times.
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// Go on after a failing step.
    #[arg(long)]
    keep_going: bool,
    /// Print the steps and what they check.
    #[arg(long)]
    list: bool,
}

pub(crate) fn run(repo: &Repo, options: &Options) -> Result<ExitCode> {
    let steps = chosen(steps::all(), &options.only)?;
    if options.list {
        for step in &steps {
            println!("{:<14} {}", step.name, step.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut results = Vec::new();
    for (number, step) in (1..).zip(&steps) {
        println!("\n[{number}/{}] {}: {}", steps.len(), step.name, step.about);
        let begun = Instant::now();
        let outcome = (step.run)(repo);
        let spent = begun.elapsed();
        if let Err(error) = &outcome {
            println!("FAILED {} after {}: {error:#}", step.name, seconds(spent));
            println!("to repeat it alone: cargo xtask test --only {}", step.name);
        } else {
            println!("ok {} in {}", step.name, seconds(spent));
        }
        let failed = outcome.is_err();
        results.push((step, spent, failed));
        if failed && !options.keep_going {
            break;
        }
    }
    Ok(summary(&steps, &results))
}

fn chosen(steps: Vec<Step>, only: &[String]) -> Result<Vec<Step>> {
    for name in only {
        if !steps.iter().any(|step| step.name == name) {
            let names: Vec<_> = steps.iter().map(|step| step.name).collect();
            bail!("there is no step `{name}`; there are {}", names.join(", "));
        }
    }
    let wanted = |step: &Step| only.is_empty() || only.iter().any(|name| name == step.name);
    Ok(steps.into_iter().filter(wanted).collect())
}

fn summary(steps: &[Step], results: &[(&Step, Duration, bool)]) -> ExitCode {
    println!();
    for (step, spent, failed) in results {
        let mark = if *failed { "FAILED" } else { "ok" };
        println!("{mark:<7} {:<14} {:>8}", step.name, seconds(*spent));
    }
    for step in &steps[results.len()..] {
        println!("not run {}", step.name);
    }
    let failed = results.iter().filter(|(_, _, failed)| *failed).count();
    println!(
        "total {}",
        seconds(results.iter().map(|(_, spent, _)| *spent).sum())
    );
    println!("{} passed, {failed} failed", results.len() - failed);
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn seconds(spent: Duration) -> String {
    format!("{:.1} s", spent.as_secs_f64())
}
