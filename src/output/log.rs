//! Escapes the log line by line: its names and errors may come from other programs.

use std::io::{self, Write};

use crate::format::text::visible;

/// The destination of the log.
pub(crate) enum LogWriter {
    /// A file.
    File(Box<dyn Write + Send>),
    /// Standard error.
    StandardError,
}

impl Write for LogWriter {
    /// Expects a whole line, as `tracing` writes it.
    #[expect(clippy::disallowed_methods, reason = "this is the owner of the streams")]
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let line_escaped = escaped(line);
        match self {
            Self::File(file) => file.write_all(&line_escaped)?,
            Self::StandardError => io::stderr().lock().write_all(&line_escaped)?,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Escapes text line by line.
pub(super) struct Escaping<W: Write> {
    inner: W,
    line: Vec<u8>,
}

impl<W: Write> Escaping<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, line: Vec::new() }
    }
}

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.ends_with(b"\n") {
                self.inner.write_all(&escaped(&self.line))?;
                self.line.clear();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.write_all(visible(&String::from_utf8_lossy(&self.line)).as_bytes())?;
        self.line.clear();
        self.inner.flush()
    }
}

/// Escapes a line except for its end.
fn escaped(line: &[u8]) -> Vec<u8> {
    let line = String::from_utf8_lossy(line);
    let mut escaped = visible(line.strip_suffix('\n').unwrap_or(&line)).into_owned();
    escaped.push('\n');
    escaped.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_escaped_across_writes() {
        let mut written = Vec::new();
        let mut writer = Escaping::new(&mut written);
        for part in ["a\u{1b}[", "2J\r\nb", "\u{202e}\nc\u{7}"] {
            writer.write_all(part.as_bytes()).expect("written");
        }
        writer.flush().expect("flushed");
        assert_eq!(String::from_utf8(written).expect("UTF-8"), "a␛[2J␍\nb<U+202E>\nc␇");
    }
}
