//! Masks the arguments of a command that a person is to run by hand.

use crate::domain::shell;
use crate::gateway::redact::REDACTED;
use crate::gateway::secret::mask::code;
use crate::gateway::secret::mask::words::{Context, Words};

/// Returns a command as typed into a shell. `exists` tells whether there is a file with this path.
pub(in crate::gateway::secret) fn masked(words: &[String], exists: &dyn Fn(&str) -> bool) -> String {
    let Some((program, arguments)) = words.split_first() else { return String::new() };
    let context = Context { exists, is_open: &|_| false };
    let mut shown = vec![shell::word(program)];
    let mut before = Words::begin(program);
    for word in arguments {
        let masked = if before.is_before_code() { code::masked(word, exists) } else { before.argument(word, &context) };
        shown.push(if masked == REDACTED { masked } else { shell::word(&masked) });
        before.add(word);
    }
    shown.join(" ")
}
