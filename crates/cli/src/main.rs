//! The command line of AckScope.

mod conformance;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A laboratory for message loss in Kafka and RabbitMQ.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Conformance(conformance::Args),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Conformance(args) => conformance::run(&args),
    }
}
