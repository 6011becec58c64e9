//! Reports panics. Their messages may quote text from elsewhere, so they are escaped.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic;
use std::thread;

use crate::output::streams::say;

/// Reports panics on standard error, escaped.
pub(crate) fn report_panics() {
    panic::set_hook(Box::new(|info| {
        let message = info.payload_as_str().unwrap_or("a panic without a message");
        let place = info.location().map(|at| format!(" at {at}")).unwrap_or_default();
        let name = thread::current().name().unwrap_or("unnamed").to_owned();
        say(&format!("this is a bug: {message} (thread {name}{place})"));
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            backtrace.to_string().lines().for_each(say);
        }
    }));
}
