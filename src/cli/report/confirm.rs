//! Asks the user before something is done that cannot be undone.

use std::io::{self, BufRead as _, Read as _};

use anyhow::Context as _;

use crate::output;

const MAX_ANSWER_BYTES: u64 = 4096;

/// Asks a question on the terminal; anything but yes is no.
pub(in crate::cli) fn confirm(question: &str) -> anyhow::Result<bool> {
    let answer = ask(&format!("{question} [y/N] "))?;
    Ok(matches!(&*answer.to_lowercase(), "y" | "yes"))
}

/// Asks on the terminal, and returns the line that was typed without white space around it.
pub(in crate::cli) fn ask(question: &str) -> anyhow::Result<String> {
    output::prompt(&question.into()).context("standard error")?;
    let mut line = String::new();
    io::stdin().lock().take(MAX_ANSWER_BYTES).read_line(&mut line).context("standard input")?;
    Ok(line.trim().to_owned())
}
