//! Options of every command.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args};
use clap_complete::engine::ArgValueCompleter;

use crate::cli::complete::candidates;
use crate::cli::report::color::Color;
use crate::cli::report::execution::Output;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub(in crate::cli) struct Common {
    // The environment is read later: clap takes an empty variable for a value.
    /// The configuration file [env: STEPGATE_CONFIG].
    #[arg(long, value_name = "FILE", global = true)]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Use only this endpoint of the configuration and its machines; the terminal UI shows it first. `local` is a local
    /// gateway, to try commands without AWS [env: STEPGATE_ENDPOINT].
    #[arg(long, value_name = "NAME", global = true, add = ArgValueCompleter::new(candidates::endpoints))]
    pub(in crate::cli) endpoint: Option<String>,
    /// Whether the flag was given, not only the environment variable.
    #[arg(skip)]
    pub(in crate::cli) is_endpoint_given: bool,
    /// Output format of results: text, or one JSON object per line.
    #[arg(long, value_enum, default_value = "text", global = true)]
    pub(in crate::cli) output: Output,
    /// When to use colour; `NO_COLOR` is honoured.
    #[arg(long, value_enum, default_value = "auto", global = true)]
    pub(in crate::cli) color: Color,
    /// Append requests with status, time and request id to this file; no payloads, no secrets. At 16 MiB it becomes FILE.1.
    #[arg(long, value_name = "FILE", global = true)]
    pub(in crate::cli) log: Option<PathBuf>,
    /// Log requests to standard error.
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(in crate::cli) verbose: u8,
}

/// Parses a number of results, at least one.
pub(in crate::cli) fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("expected a number of at least 1".into()),
        Ok(count) => Ok(count),
    }
}

/// Parses a duration such as `500ms`, `2s`, `1h30m` or `2d`; a day has 24 hours.
pub(in crate::cli) fn duration(text: &str) -> Result<Duration, String> {
    let parsed =
        text.parse::<jiff::Span>().and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()));
    let parsed = parsed.map_err(|_| "expected a duration such as 500ms, 2s, 5m or 1h30m")?;
    Duration::try_from(parsed).map_err(|_| "the duration must not be negative".into())
}
