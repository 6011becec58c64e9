//! The command line: what the program is asked to do, and its exit code.

mod local;
mod opened;
mod tui;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A terminal for AWS Step Functions behind an API Gateway.
///
/// Without a command it opens the terminal UI; with no configuration file it opens on a local
/// gateway, to try it out.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Arguments {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "STEPGATE_CONFIG", global = true)]
    config: Option<PathBuf>,
    /// Show the machines of this endpoint only.
    #[arg(long, value_name = "NAME", env = "STEPGATE_ENDPOINT", global = true)]
    endpoint: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the local gateway: it answers as API Gateway and Step Functions do.
    Local(local::LocalArguments),
}

/// What the program says to the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Wrong usage or configuration; nothing was sent.
    Usage,
    /// Something that should not happen, such as a terminal that cannot be written to.
    Failed,
    /// Ended by a signal, by its number.
    Signal(i32),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Usage => Self::from(2),
            Exit::Failed => Self::from(4),
            // As shells tell it.
            Exit::Signal(number) => Self::from(u8::try_from(128 + number).unwrap_or(u8::MAX)),
        }
    }
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("stepgate: no runtime: {error}");
            return Exit::Failed.into();
        }
    };
    let result = runtime.block_on(async {
        match arguments.command {
            None => tui::run(arguments.config.as_deref(), arguments.endpoint.as_deref()).await,
            Some(Command::Local(local)) => local::run(local).await,
        }
    });
    // Requests that are still under way must not hold up the end.
    runtime.shutdown_background();
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("stepgate: {error:#}");
            Exit::Failed.into()
        }
    }
}
