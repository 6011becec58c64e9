//! The program as its own child process: `stepgate __jq FILTER` applies a jq filter to standard input. It is internal, so
//! it is not among the commands.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::report::console::say;
use crate::output;
use crate::runtime::JQ_CHILD;
use stepgate_core::bounded::{Limits, STANDARD_INPUT, Source};
use stepgate_core::jq;

/// For deeply nested JSON and filters. Memory is only allocated as it is used.
const STACK_BYTES: usize = 512 * 1024 * 1024;
#[cfg(unix)]
const MAX_MEMORY_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// A backstop if the parent process, which has a shorter limit, is gone.
#[cfg(unix)]
const MAX_CPU_SECONDS: u64 = 30;

/// Runs the filter if the process was started for it.
pub(super) fn run_if_requested() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != JQ_CHILD {
        return None;
    }
    let filter = arguments.next().unwrap_or_default().to_string_lossy().into_owned();
    detach_from_terminal();
    set_limits();
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
fn set_limits() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    for (resource, max) in [(Resource::As, MAX_MEMORY_BYTES), (Resource::Cpu, MAX_CPU_SECONDS)] {
        // If it cannot be set, the parent process still enforces its own limit.
        let _ = setrlimit(resource, Rlimit { current: Some(max), maximum: Some(max) });
    }
}

#[cfg(not(unix))]
fn set_limits() {}
