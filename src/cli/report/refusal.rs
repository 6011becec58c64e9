//! Messages about requests that were not sent.

use std::cell::Cell;

use crate::cli::Exit;
use crate::cli::report::console::say;

/// Reports why nothing was sent.
pub(in crate::cli) fn refuse(message: &str) -> Exit {
    say(&format!("{message}; nothing was sent"));
    Exit::Usage
}

/// Returns the message for a timeout before everything was read.
pub(in crate::cli) fn too_late(is_opening_store: &Cell<bool>) -> &'static str {
    if is_opening_store.get() {
        "--timeout expired before the store was opened; another program may hold it locked"
    } else {
        "--timeout expired before everything was read"
    }
}
