//! The program as its own child: `stepgate __jq FILTER` reads JSON from standard input and writes what the
//! filter makes of it. No command of people, so it is not among them.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::console::say;
use crate::output;
use crate::runtime::JQ_CHILD;
use stepgate_core::bounded::{Limits, STANDARD_INPUT, Source};
use stepgate_core::jq;

/// Room for JSON and filters that are nested deeply. Only what is used of it is taken.
const STACK_BYTES: usize = 512 * 1024 * 1024;
/// More memory than this is not for looking at a payload.
#[cfg(unix)]
const MOST_MEMORY_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Whoever started us stops us sooner than this; if it is gone, nobody else would.
#[cfg(unix)]
const MOST_CPU_SECONDS: u64 = 30;

/// Runs the filter if that is what the process was started for.
pub(super) fn asked() -> Option<ExitCode> {
    let mut words = std::env::args_os().skip(1);
    if words.next()? != JQ_CHILD {
        return None;
    }
    let filter = words.next().unwrap_or_default().to_string_lossy().into_owned();
    leave_the_terminal();
    limit();
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || run(&filter));
    let result = thread
        .map_err(|error| error.to_string())
        .and_then(|thread| thread.join().unwrap_or_else(|_| Err("the filter failed".to_owned())));
    Some(match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            say(&words);
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

/// Nothing that a filter does can reach the terminal that the UI has.
fn leave_the_terminal() {
    #[cfg(unix)]
    let _ = rustix::process::setsid();
}

#[cfg(unix)]
fn limit() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    for (resource, most) in [(Resource::As, MOST_MEMORY_BYTES), (Resource::Cpu, MOST_CPU_SECONDS)] {
        // Where it cannot be set, whoever started us still stops us.
        let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    }
}

#[cfg(not(unix))]
fn limit() {}
