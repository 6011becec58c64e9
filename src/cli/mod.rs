//! The command line.
//!
//! - `arguments`: what can be typed, and its help. `complete`: completion in the shell.
//! - `commands`: one file or folder for each command.
//! - `context`: what commands work with: configuration, clients, store. `target`: what their arguments lead to.
//! - `follow`: the watcher without the terminal UI.
//! - `report`: what commands print. `exit`: their exit codes. `log`: the log.
//! - `jq_child`: the program as its own child process.

#![expect(clippy::doc_markdown, reason = "comments on arguments are what --help prints")]

mod arguments;
mod commands;
mod complete;
mod context;
mod exit;
mod follow;
#[expect(clippy::disallowed_methods, reason = "a separate process, without a runtime")]
mod jq_child;
mod log;
mod report;
mod target;

use std::process::ExitCode;
use std::time::Duration;

use clap::CommandFactory as _;
use tokio::runtime::Builder;

use crate::output::{self, Stream, is_terminal};
use arguments::command_line;
use arguments::common::{Common, count, duration};
use complete::protocol;
use exit::Exit;
use report::console::{self, say};
use report::suggestion;
use stepgate_core::child;

pub use arguments::Arguments;

/// How long to wait for tasks at exit.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(50);
/// Worker threads. Nearly all work is waiting, and each thread's heap keeps its peak size.
const WORKERS: usize = 2;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    output::report_panics();
    if let Some(code) = child::become_detached()
        .or_else(child::supervisor::supervise)
        .or_else(jq_child::run_if_requested)
        .or_else(|| protocol::run_if_requested(Arguments::command))
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
    let result = runtime.block_on(commands::run(&common, command));
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
