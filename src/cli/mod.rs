//! The command line: what the program is asked to do, and its exit code.

mod follow;
mod local;
mod opened;
mod report;
mod start;
mod tui;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::app::text::visible;
use crate::domain::{Failure, FailureKind, Outcome, Record, Retry};
use report::Output;

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
    /// How commands write their results.
    #[arg(long, value_enum, default_value = "text", global = true)]
    output: Output,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start an execution.
    Start(start::StartArguments),
    /// Follow everything that still runs to its end, and find out about starts in doubt.
    Watch(watch::WatchArguments),
    /// Serve the local gateway: it answers as API Gateway and Step Functions do.
    Local(local::LocalArguments),
}

/// What the program says to the shell, the worse the later.
#[derive(PartialOrd, Ord, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Wrong usage or configuration; nothing was sent.
    Usage,
    /// An execution ended otherwise than well.
    EndedBadly,
    /// The gateway or Step Functions refused.
    Refused,
    /// The outcome is unknown, or something happened that should not: a terminal that cannot be written to.
    Unknown,
    /// The time was up while it was still running.
    TimedOut,
    /// Ended by a signal, by its number.
    Signal(i32),
}

impl Exit {
    /// Both happened: the worse one counts.
    fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// What it means that a start was not carried out, for this reason.
    fn of_refusal(failure: &Failure) -> Self {
        match failure.kind {
            FailureKind::Client | FailureKind::NotRecorded | FailureKind::EndpointGone => Self::Usage,
            // Not reachable, or throttled until the patience was over.
            _ if failure.retry() == Retry::Soon => Self::Unknown,
            _ => Self::Refused,
        }
    }

    /// What the end of an execution means.
    fn of_end(record: &Record) -> Self {
        match record.seen.as_ref().and_then(|seen| seen.status.outcome()) {
            Some(Outcome::Succeeded) => Self::Done,
            Some(_) => Self::EndedBadly,
            // A word that this version does not know.
            None => Self::Unknown,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Usage => Self::from(2),
            Exit::EndedBadly => Self::from(1),
            Exit::Refused => Self::from(3),
            Exit::Unknown => Self::from(4),
            Exit::TimedOut => Self::from(5),
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
            return Exit::Unknown.into();
        }
    };
    let result = runtime.block_on(async {
        match arguments.command {
            None => tui::run(arguments.config.as_deref(), arguments.endpoint.as_deref()).await,
            Some(Command::Start(start)) => {
                start::run(start, arguments.config.as_deref(), arguments.endpoint.as_deref(), arguments.output).await
            }
            Some(Command::Watch(watch)) => {
                watch::run(watch, arguments.config.as_deref(), arguments.endpoint.as_deref(), arguments.output).await
            }
            Some(Command::Local(local)) => local::run(local).await,
        }
    });
    // Requests that are still under way must not hold up the end.
    runtime.shutdown_background();
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("stepgate: {error:#}");
            Exit::Unknown.into()
        }
    }
}

/// Says something to the person at the terminal, or in the log. Some of it comes from elsewhere, so control
/// characters are shown, not sent.
fn say(text: &str) {
    eprintln!("stepgate: {}", visible(text));
}

/// A span of time as an argument: `500ms`, `2s`, `1h30m`.
fn span(text: &str) -> Result<Duration, String> {
    let parsed: jiff::SignedDuration = text.parse().map_err(|_| "a span of time such as 500ms or 2s is wanted")?;
    Duration::try_from(parsed).map_err(|_| "it cannot be less than nothing".into())
}
