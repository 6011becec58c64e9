//! What is said when nothing was sent.

use std::cell::Cell;

use crate::cli::Exit;
use crate::cli::console::say;

/// Says why nothing was sent.
pub(super) fn refuse(words: &str) -> Exit {
    say(&format!("{words}; nothing was sent"));
    Exit::Usage
}

/// Returns what to say when the time is up before everything was read.
pub(super) fn too_late(is_opening_history: &Cell<bool>) -> &'static str {
    if is_opening_history.get() {
        "the time is up before the history was opened; another program may hold it locked"
    } else {
        "the time is up before everything was read"
    }
}
