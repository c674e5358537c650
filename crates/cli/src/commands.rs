//! One module for each command.

mod cures;
mod fuzz;
mod params;
mod run;
mod verify;

use std::io::{self, Write};
use std::process::ExitCode;

use ackscope_session::scenario::Scenario;
use clap::Subcommand;

use crate::conformance;

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play a scenario and print what became of each message.
    Run(run::Run),
    /// Play a scenario twice, and compare the two runs.
    Verify(verify::Verify),
    /// Print the parameters of a system.
    Params(params::Params),
    Fuzz(fuzz::Fuzz),
    Conformance(conformance::Args),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All is well.
    Well,
    /// Something that had to hold did not.
    Failed,
    /// A file or an argument is wrong.
    Wrong,
}

impl Command {
    /// Does it.
    pub(crate) fn run(self) -> ExitCode {
        let done = match self {
            Command::Run(command) => command.run(),
            Command::Verify(command) => command.run(),
            Command::Params(command) => command.run(),
            Command::Fuzz(command) => command.run(),
            Command::Conformance(command) => return conformance::run(&command),
        };
        let ending = match done {
            Ok(ending) => ending,
            Err(text) => {
                // Nobody is left to tell when this fails, too.
                let _ = writeln!(io::stderr(), "{text}");
                Ending::Wrong
            }
        };
        match ending {
            Ending::Well => ExitCode::SUCCESS,
            Ending::Failed => ExitCode::from(1),
            Ending::Wrong => ExitCode::from(2),
        }
    }
}

/// Prints lines; a reader that closes the pipe early is no error of ours.
fn print(text: &str) {
    let _ = writeln!(io::stdout(), "{}", text.trim_end());
}

/// Reads a scenario from a file, or by its id where no such file is.
fn scenario(path: &str) -> Result<Scenario, String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => match ackscope_session::scenario::named(path) {
            Some(text) => text.to_owned(),
            None => return Err(format!("{path}: {error}")),
        },
    };
    Scenario::parse(&text).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(|p| format!("{path}: {p}")).collect();
        lines.join("\n")
    })
}
