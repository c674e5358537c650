//! The command line of AckScope.
//!
//! Exit codes: 0 all is well, 1 something that had to hold did not, 2 a file or an argument is wrong.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod commands;
mod conformance;

use std::process::ExitCode;

use clap::Parser;

/// A laboratory for message loss in Kafka and RabbitMQ.
///
/// Exit codes: 0 all is well; 1 something that had to hold did not; 2 a file or an argument is wrong.
#[derive(Debug, Parser)]
#[command(name = "ackscope-cli", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    Arguments::parse().command.run()
}
