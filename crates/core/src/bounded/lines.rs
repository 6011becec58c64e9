//! Lines of a source, each of a limited length.

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
    /// Its bytes, without the line break.
    Whole(Vec<u8>),
    /// It has more bytes than the limit, and perhaps no end. Nothing should be read after it.
    TooLong,
}

impl<R: Read> Lines<R> {
    /// With lines of at most so many bytes, not counting the line break.
    pub fn new(reader: R, most: usize) -> Self {
        Self { reader: BufReader::new(reader), most }
    }

    /// The next line; nothing at the end.
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
