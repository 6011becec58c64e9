//! The standard streams. Only this file and the screen write to them.

#![expect(clippy::disallowed_methods, reason = "this is the owner of the streams")]

use std::io::{self, BufWriter, IsTerminal as _, Write};

use crate::format::text::visible;
use crate::output::log::Escaping;
use crate::output::text::{Notation, Text};

/// A stream of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard input.
    Input,
    /// Standard output: results.
    Output,
    /// Standard error: everything else.
    Error,
}

/// Whether the stream is a terminal.
pub(crate) fn is_terminal(stream: Stream) -> bool {
    match stream {
        Stream::Input => io::stdin().is_terminal(),
        Stream::Output => io::stdout().is_terminal(),
        Stream::Error => io::stderr().is_terminal(),
    }
}

/// Prints a result and flushes.
pub(crate) fn result(line: &Text, notation: Notation) -> io::Result<()> {
    let mut written = line.written(notation);
    written.push('\n');
    raw(written.as_bytes())
}

/// Writes the program's own text, or a path, to standard output byte for byte. Use [`filtered`] for text from elsewhere,
/// which needs escaping on a terminal.
pub(crate) fn raw(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Returns standard output for text from elsewhere: escaped line by line on a terminal, byte for byte otherwise.
pub(crate) fn filtered() -> Box<dyn Write> {
    let out = BufWriter::new(io::stdout().lock());
    if is_terminal(Stream::Output) { Box::new(Escaping::new(out)) } else { Box::new(out) }
}

/// Prints a message to standard error.
pub(crate) fn say(text: &str) {
    let line = format!("stepgate: {}\n", visible(text));
    // A closed standard error is no reason to stop.
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// Draws lines on standard error, after a sequence that positions the cursor.
pub(crate) fn draw(sequence: &[u8], lines: &[Text]) -> io::Result<()> {
    let mut out = sequence.to_vec();
    for line in lines {
        out.extend_from_slice(line.written(Notation::Text).as_bytes());
        out.push(b'\n');
    }
    io::stderr().lock().write_all(&out)
}

/// Writes a prompt to standard error, without a line break.
pub(crate) fn prompt(text: &Text) -> io::Result<()> {
    let mut error = io::stderr().lock();
    error.write_all(text.written(Notation::Text).as_bytes())?;
    error.flush()
}

/// Forwards the standard error of another program, escaped line by line.
pub(crate) fn forward_stderr(output: &str) {
    let mut lines = output.split('\n');
    let mut text = Text::from(lines.next().unwrap_or_default().trim_end_matches('\r'));
    for line in lines {
        text.break_line();
        text.push(line.trim_end_matches('\r'));
    }
    let _ = prompt(&text);
}
