//! Lines of limited length.

use std::io::{self, BufRead as _, BufReader, Read};

/// Reads line by line, and never holds more than the limit of a line.
#[derive(Debug)]
pub struct Lines<R> {
    reader: BufReader<R>,
    most: usize,
}

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// Without the line break.
    Whole(Vec<u8>),
    /// Longer than the limit, and perhaps without an end. Nothing should be read after it.
    TooLong,
}

impl<R: Read> Lines<R> {
    /// Limits lines to `most` bytes, not counting the line break.
    pub fn new(reader: R, most: usize) -> Self {
        Self { reader: BufReader::new(reader), most }
    }

    /// Returns the next line; `None` at the end.
    pub fn next_line(&mut self) -> io::Result<Option<Line>> {
        let mut line = Vec::new();
        loop {
            let found = match self.reader.fill_buf() {
                Ok([]) if line.is_empty() => return Ok(None),
                Ok([]) => return Ok(Some(Line::Whole(line))),
                Ok(found) => found,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = memchr::memchr(b'\n', found);
            let part = &found[..end.unwrap_or(found.len())];
            if line.len() + part.len() > self.most {
                return Ok(Some(Line::TooLong));
            }
            line.extend_from_slice(part);
            let length = part.len() + usize::from(end.is_some());
            self.reader.consume(length);
            if end.is_some() {
                return Ok(Some(Line::Whole(line)));
            }
        }
    }
}
