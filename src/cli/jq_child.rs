//! The program as its own child process: `stepgate __jq FILTER` applies a jq filter to standard input, and
//! `stepgate __jq-routes` the filters of routes to what it is sent. Both are internal, so they are not among the commands.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::report::console::say;
use crate::output;
use crate::runtime::JQ_CHILD;
use stepgate_core::bounded::{Limits, STANDARD_INPUT, Source};
use stepgate_core::gateway::ROUTE_FILTERS_CHILD;
use stepgate_core::jq;

/// For deeply nested JSON and filters. Memory is only allocated as it is used.
const STACK_BYTES: usize = 512 * 1024 * 1024;
/// For a text on the screen, which the user waits for.
const MAX_MEMORY_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// For requests and responses, including 256 MiB for the stack.
const MAX_ROUTE_MEMORY_BYTES: u64 = 1024 * 1024 * 1024;
/// A backstop if the parent process, which has a shorter limit, is gone.
const MAX_CPU_SECONDS: u64 = 30;

/// Runs the filter if the process was started for it.
pub(super) fn run_if_requested() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let role = arguments.next()?;
    if role == ROUTE_FILTERS_CHILD {
        detach_from_terminal();
        // Its own deadline ends it.
        set_limits(MAX_ROUTE_MEMORY_BYTES, None);
        let served = jq::worker::serve(&mut std::io::stdin().lock(), &mut output::filtered());
        return Some(if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    if role != JQ_CHILD {
        return None;
    }
    let filter = arguments.next().unwrap_or_default().to_string_lossy().into_owned();
    detach_from_terminal();
    set_limits(MAX_MEMORY_BYTES, Some(MAX_CPU_SECONDS));
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || run(&filter));
    let result = thread
        .map_err(|error| error.to_string())
        .and_then(|thread| thread.join().unwrap_or_else(|_| Err("the filter failed".to_owned())));
    Some(match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            say(&message);
            ExitCode::FAILURE
        }
    })
}

fn run(filter: &str) -> Result<(), String> {
    let source = Source::open(Path::new(STANDARD_INPUT), Limits::INPUT).and_then(|mut source| source.whole());
    let text = source.map_err(|error| error.to_string())?;
    let mut output = output::filtered();
    let result = jq::run(filter, &text, &mut output).map_err(|error| error.to_string());
    output.flush().map_err(|error| error.to_string())?;
    result
}

/// Keeps filters away from the terminal of the UI.
fn detach_from_terminal() {
    #[cfg(unix)]
    let _ = rustix::process::setsid();
}

#[cfg(unix)]
fn set_limits(memory: u64, cpu_seconds: Option<u64>) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // A core file would contain inputs and outputs.
    for (resource, max) in [(Resource::As, Some(memory)), (Resource::Cpu, cpu_seconds), (Resource::Core, Some(0))] {
        if let Some(max) = max {
            // If it cannot be set, the parent process still enforces its own limit.
            let _ = setrlimit(resource, Rlimit { current: Some(max), maximum: Some(max) });
        }
    }
}

#[cfg(not(unix))]
fn set_limits(_: u64, _: Option<u64>) {}
