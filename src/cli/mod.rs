//! The command line: what the program is asked to do, and its exit code. One file a command.

#![expect(clippy::doc_markdown, reason = "comments on arguments are what --help prints")]

mod closing;
mod command_line;
mod config;
mod console;
mod docs;
mod doctor;
mod each;
mod event_pages;
mod exit;
#[expect(clippy::disallowed_methods, reason = "a process of its own, without a runtime")]
mod filter;
mod follow;
mod history;
#[expect(clippy::disallowed_methods, reason = "it asks a person, and nothing else goes on")]
mod init;
mod list;
mod local;
mod log;
mod opened;
mod order;
mod paint;
mod progress;
mod redrive;
mod remote;
mod report;
mod single;
mod start;
mod status;
mod stop;
mod subject;
mod target;
mod template;
mod timeline;
mod tui;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgAction, Args, CommandFactory as _, Parser, Subcommand};
use tokio::runtime::Builder;

use crate::output::{self, Stream, is_terminal};
use console::say;
use paint::Color;
use report::Output;
use stepgate_core::child;

pub use exit::Exit;

/// A terminal for AWS Step Functions behind an API Gateway.
///
/// Without a command it opens the terminal UI; with no configuration file it opens on a local
/// gateway, to try it out.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_long_help = docs::OVERVIEW)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Common {
    // The environment is looked at later: to clap an empty variable is a value.
    /// The configuration file [env: STEPGATE_CONFIG].
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Only this endpoint of the configuration, and its machines [env: STEPGATE_ENDPOINT].
    #[arg(long, value_name = "NAME", global = true)]
    endpoint: Option<String>,
    /// How results are written: lines for people, or one JSON object a line.
    #[arg(long, value_enum, default_value = "text", global = true)]
    output: Output,
    /// When to use colour; `NO_COLOR` is honoured.
    #[arg(long, value_enum, default_value = "auto", global = true)]
    color: Color,
    /// Append requests with status, time and request id to this file; no payloads, no secrets. At 16 MiB it becomes FILE.1.
    #[arg(long, value_name = "FILE", global = true)]
    log: Option<PathBuf>,
    /// Log requests to standard error.
    #[arg(short, long, action = ArgAction::Count, global = true)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(after_long_help = docs::START)]
    Start(start::StartArguments),
    #[command(after_long_help = docs::STATUS)]
    Status(status::StatusArguments),
    #[command(after_long_help = docs::WATCH)]
    Watch(watch::WatchArguments),
    #[command(after_long_help = docs::LIST)]
    List(list::ListArguments),
    #[command(after_long_help = docs::STOP)]
    Stop(stop::StopArguments),
    #[command(after_long_help = docs::REDRIVE)]
    Redrive(redrive::RedriveArguments),
    #[command(after_long_help = docs::HISTORY)]
    History(history::HistoryArguments),
    #[command(after_long_help = docs::TIMELINE)]
    Timeline(timeline::TimelineArguments),
    #[command(after_long_help = docs::DOCTOR)]
    Doctor(doctor::DoctorArguments),
    /// The configuration file: write one, check it, tell where it is.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    #[command(after_long_help = docs::LOCAL)]
    Local(local::LocalArguments),
    #[command(after_long_help = docs::TEMPLATE)]
    Template(template::TemplateArguments),
    #[command(after_long_help = docs::COMPLETIONS)]
    Completions(docs::CompletionsArguments),
    /// Print the manual page.
    #[command(after_long_help = docs::MAN)]
    Man,
}

/// How long the end waits for tasks to let go of what they use.
const LAST_TASKS: Duration = Duration::from_millis(50);
/// Threads that handle responses. Each has a heap of its own, which keeps the most that it ever needed; and nearly all
/// work is waiting.
const WORKERS: usize = 2;

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    output::report_panics();
    if let Some(code) = child::become_detached().or_else(child::supervise).or_else(filter::asked) {
        return code;
    }
    if is_terminal(Stream::Error) {
        child::show_messages_with(console::pass_on);
    }
    let Arguments { mut common, command } = match command_line::read() {
        Ok(arguments) => arguments,
        Err(exit) => return exit.into(),
    };
    let endpoint = || std::env::var_os("STEPGATE_ENDPOINT").filter(|name| !name.is_empty());
    common.endpoint = common.endpoint.or_else(|| endpoint().map(|name| name.to_string_lossy().into_owned()));
    if let Err(error) = log::begin(&common, command.is_none()) {
        say(&format!("{error:#}"));
        return Exit::Usage.into();
    }
    let runtime = match Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("no runtime: {error}"));
            return Exit::Unknown.into();
        }
    };
    let result = runtime.block_on(run(&common, command));
    // Requests that are still under way must not hold up the end; but the store is closed properly.
    runtime.shutdown_timeout(LAST_TASKS);
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            say(&format!("{error:#}"));
            Exit::Unknown.into()
        }
    }
}

async fn run(common: &Common, command: Option<Command>) -> anyhow::Result<Exit> {
    match command {
        None => Box::pin(tui::run(common)).await,
        Some(Command::Start(arguments)) => start::run(arguments, common).await,
        Some(Command::Status(arguments)) => status::run(arguments, common).await,
        Some(Command::Watch(arguments)) => watch::run(arguments, common).await,
        Some(Command::List(arguments)) => list::run(arguments, common).await,
        Some(Command::Config(command)) => config::run(command, common).await,
        Some(Command::Local(arguments)) => local::run(arguments).await,
        Some(Command::Completions(arguments)) => docs::completions(&arguments, Arguments::command()),
        Some(Command::Man) => docs::man(&Arguments::command()),
        Some(Command::Stop(arguments)) => stop::run(arguments, common).await,
        Some(Command::Redrive(arguments)) => redrive::run(arguments, common).await,
        Some(Command::History(arguments)) => history::run(arguments, common).await,
        Some(Command::Timeline(arguments)) => timeline::run(arguments, common).await,
        Some(Command::Doctor(arguments)) => doctor::run(arguments, common).await,
        Some(Command::Template(arguments)) => template::run(arguments, common).await,
    }
}

/// A span of time as an argument: `500ms`, `2s`, `1h30m`, `2d`; a day has 24 hours.
fn span(text: &str) -> Result<Duration, String> {
    let parsed =
        text.parse::<jiff::Span>().and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()));
    let parsed = parsed.map_err(|_| "expected a duration such as 500ms, 2s, 5m or 1h30m")?;
    Duration::try_from(parsed).map_err(|_| "the duration must not be negative".into())
}
