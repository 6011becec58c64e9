//! The streams themselves. Nothing else in the crate writes to them, save the screen.

#![expect(clippy::disallowed_methods, reason = "this is the owner of the streams")]

use std::io::{self, BufWriter, IsTerminal as _, Write};

use crate::format::text::visible;
use crate::output::log::Escaping;
use crate::output::text::{Notation, Text};

/// A stream of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard input.
    Input,
    /// Standard output: results.
    Output,
    /// Standard error: everything else.
    Error,
}

/// Whether a person sits at the stream.
pub fn is_terminal(stream: Stream) -> bool {
    match stream {
        Stream::Input => io::stdin().is_terminal(),
        Stream::Output => io::stdout().is_terminal(),
        Stream::Error => io::stderr().is_terminal(),
    }
}

/// Writes a line of results, and flushes it.
pub fn result(line: &Text, notation: Notation) -> io::Result<()> {
    let mut written = line.written(notation);
    written.push('\n');
    raw(written.as_bytes())
}

/// Writes text of the program itself, or a path, to standard output byte for byte. A terminal gets no text from
/// elsewhere this way: [`filtered`] is for that.
pub fn raw(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Standard output for text from elsewhere: byte for byte for a program, escaped line by line for a person.
pub fn filtered() -> Box<dyn Write> {
    let out = BufWriter::new(io::stdout().lock());
    if is_terminal(Stream::Output) { Box::new(Escaping::new(out)) } else { Box::new(out) }
}

/// Says something to the person at the terminal.
pub fn say(text: &str) {
    let line = format!("stepgate: {}\n", visible(text));
    // A closed standard error is no reason to stop, and there is nobody else to tell.
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// Draws lines on standard error, behind a sequence that places the cursor.
pub fn draw(sequence: &[u8], lines: &[Text]) -> io::Result<()> {
    let mut out = sequence.to_vec();
    for line in lines {
        out.extend_from_slice(line.written(Notation::Words).as_bytes());
        out.push(b'\n');
    }
    io::stderr().lock().write_all(&out)
}

/// Writes a question, or what was wrong with the answer, to standard error as it is but for the escaping.
pub fn ask(words: &Text) -> io::Result<()> {
    let mut error = io::stderr().lock();
    error.write_all(words.written(Notation::Words).as_bytes())?;
    error.flush()
}

/// Passes on the standard error of another program, line by line, escaped.
pub fn pass_on(words: &str) {
    let mut lines = words.split('\n');
    let mut text = Text::from(lines.next().unwrap_or_default().trim_end_matches('\r'));
    for line in lines {
        text.break_line();
        text.push(line.trim_end_matches('\r'));
    }
    let _ = ask(&text);
}
