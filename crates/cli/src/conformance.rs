//! `ackscope-cli conformance`: replays recorded cases and says which agree.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ackscope_session::conformance::{Case, Report, Totals, fits};

/// Replays what real clusters did and compares every recorded field.
///
/// Exit code 0: nothing failed. 1: something failed. 2: no case was found, or a file is no case.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folders; every *.json below them is read.
    #[arg(required = true, value_name = "DIR")]
    dirs: Vec<PathBuf>,
    /// Only cases of this system.
    #[arg(long, value_name = "NAME")]
    system: Option<String>,
    /// Only cases whose ID or VERSION/ID fits; * stands for any characters, ? for one.
    #[arg(long, value_name = "GLOB")]
    id: Option<String>,
    /// The seed of everything random.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "seeds")]
    seed: u64,
    /// Run the seeds 1 to N and say for each case how many passed, and which variants of an unstable
    /// case were reached.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: Option<u64>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Nothing to run, or a file that cannot be read.
const NO_CASE: u8 = 2;

/// Runs the subcommand.
pub(crate) fn run(args: &Args) -> ExitCode {
    match cases(args) {
        Ok(cases) if cases.is_empty() => {
            eprintln!("no case found");
            ExitCode::from(NO_CASE)
        }
        Ok(cases) => replay(args, &cases),
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(NO_CASE)
        }
    }
}

fn replay(args: &Args, cases: &[Case]) -> ExitCode {
    let mut totals = Totals::default();
    for case in cases {
        let report = match args.seeds {
            Some(seeds) => Report::of_seeds(case, seeds),
            None => Report::of(case, args.seed),
        };
        totals.count(&report.result);
        if args.json {
            println!("{}", report.json());
        } else {
            println!("{}", report.line());
        }
    }
    if args.json {
        println!("{}", totals.json());
    } else {
        println!("{}", totals.line());
    }
    ExitCode::from(u8::from(totals.failed > 0))
}

fn cases(args: &Args) -> Result<Vec<Case>, String> {
    let mut files = Vec::new();
    for dir in &args.dirs {
        collect(dir, &mut files)?;
    }
    files.sort();
    files.dedup();
    let mut cases = Vec::new();
    for file in files {
        let said = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = fs::read_to_string(&file).map_err(|error| said(&error))?;
        let case = Case::read(&text).map_err(|error| said(&error))?;
        let system = args.system.as_ref().is_none_or(|name| *name == case.system);
        let id = args.id.as_ref();
        if system && id.is_none_or(|glob| fits(glob, &case.id) || fits(glob, &case.name())) {
            cases.push(case);
        }
    }
    cases.sort_by(|a, b| a.order().cmp(&b.order()));
    Ok(cases)
}

fn collect(place: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let said = |error: std::io::Error| format!("{}: {error}", place.display());
    if place.is_file() {
        files.push(place.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(place).map_err(said)? {
        let path = entry.map_err(said)?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    Ok(())
}
