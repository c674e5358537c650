//! Set-up, build and test of AckScope: `cargo xtask --help`.
//!
//! `tools`, `wasm_target` and `browser` find or install what a step needs, `steps` says what is checked and in
//! which order, `runner` runs the steps, `dist` judges the built site, `release` the command line.

mod bench;
mod browser;
mod dist;
mod release;
mod repo;
mod runner;
mod steps;
mod tools;
mod wasm_target;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::repo::Repo;

/// Set-up, build and test of AckScope.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Bring the tools, build the page, serve it, and build again on every change.
    Serve {
        /// Port on the local machine.
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Build with optimisations, as it is published.
        #[arg(long)]
        release: bool,
        /// Further arguments for `trunk serve`.
        #[arg(last = true)]
        trunk: Vec<String>,
    },
    /// Bring the tools and leave the static site in dist/.
    Build,
    /// Run everything that must hold before a change is taken.
    Test(runner::Options),
    /// Bring the tools and print the PATH that plain `trunk` needs.
    Tools,
    /// Run the benchmarks.
    Bench {
        /// Arguments for criterion, for example the name of one benchmark.
        criterion: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Task::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    let repo = Repo::open()?;
    match task {
        Task::Serve {
            port,
            release,
            trunk,
        } => tools::serve(&repo, port, release, &trunk)?,
        Task::Build => {
            tools::build_site(&repo)?;
            dist::check(&repo)?;
        }
        Task::Test(options) => return runner::run(&repo, &options),
        Task::Tools => tools::install_all(&repo)?,
        Task::Bench { criterion } => bench::run(&repo, &criterion)?,
    }
    Ok(ExitCode::SUCCESS)
}
