//! The command line: arguments, commands (one file each) and exit codes.

#![expect(clippy::doc_markdown, reason = "comments on arguments are what --help prints")]

mod arguments;
mod batch;
mod candidates;
mod closing;
mod color;
mod columns;
mod command_line;
mod common;
mod completion;
mod config;
mod config_path;
#[expect(clippy::disallowed_methods, reason = "it prompts the user; nothing else runs")]
mod confirm;
mod console;
mod context;
mod docs;
mod doctor;
mod event_pages;
mod execution;
mod exit;
#[expect(clippy::disallowed_methods, reason = "a separate process, without a runtime")]
mod filter;
mod follow;
mod forget;
mod history;
mod history_folder;
#[expect(clippy::disallowed_methods, reason = "it prompts the user; nothing else runs")]
mod init;
mod list;
mod local;
mod log;
mod machine_lookup;
mod machines;
mod manual;
mod name_suffix;
mod open;
mod progress;
mod redrive;
mod refusal;
mod remote;
mod report;
mod resolve;
mod single;
mod start;
mod start_arguments;
mod start_request;
mod status;
mod stop;
mod suggestion;
mod table;
mod template;
mod timeline;
mod tui;
mod ui_settings;
mod watch;

use std::process::ExitCode;
use std::time::Duration;

use clap::CommandFactory as _;
use tokio::runtime::Builder;

use crate::output::{self, Stream, is_terminal};
use arguments::Command;
use common::{Common, count, duration};
use console::say;
use stepgate_core::child;

pub use arguments::Arguments;
use exit::Exit;

/// How long to wait for tasks at exit.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(50);
/// Worker threads. Nearly all work is waiting, and each thread's heap keeps its peak size.
const WORKERS: usize = 2;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    output::report_panics();
    if let Some(code) = child::become_detached()
        .or_else(child::supervisor::supervise)
        .or_else(filter::run_if_requested)
        .or_else(|| completion::run_if_requested(Arguments::command))
    {
        return code;
    }
    if is_terminal(Stream::Error) {
        child::show_messages_with(console::forward_stderr);
    }
    let Arguments { mut common, command } = match command_line::read() {
        Ok(arguments) => arguments,
        Err(exit) => return exit.into(),
    };
    common.is_endpoint_given = common.endpoint.is_some();
    suggestion::repeat_options(&common);
    let endpoint = || std::env::var_os("STEPGATE_ENDPOINT").filter(|name| !name.is_empty());
    common.endpoint = common.endpoint.or_else(|| endpoint().map(|name| name.to_string_lossy().into_owned()));
    if let Err(error) = log::init(&common, command.is_none()) {
        say(&format!("{error:#}"));
        return Exit::Usage.into();
    }
    let runtime = match Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("cannot start the runtime: {error}"));
            return Exit::Unknown.into();
        }
    };
    let result = runtime.block_on(run(&common, command));
    // Pending requests must not delay the exit; the store is already closed.
    runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
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
        Some(Command::Completions(arguments)) => docs::completions(&arguments),
        Some(Command::Man) => manual::man(&Arguments::command()),
        Some(Command::Stop(arguments)) => stop::run(arguments, common).await,
        Some(Command::Redrive(arguments)) => redrive::run(arguments, common).await,
        Some(Command::History(arguments)) => history::run(arguments, common).await,
        Some(Command::Timeline(arguments)) => timeline::run(arguments, common).await,
        Some(Command::Machines(arguments)) => machines::run(arguments, common).await,
        Some(Command::Forget(arguments)) => forget::run(arguments, common).await,
        Some(Command::Open(arguments)) => open::run(arguments, common).await,
        Some(Command::Doctor(arguments)) => doctor::run(arguments, common).await,
        Some(Command::Template(arguments)) => template::run(arguments, common).await,
    }
}
