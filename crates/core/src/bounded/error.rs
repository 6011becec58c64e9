//! Why something could not be read.

use std::io;
use std::time::Duration;

use crate::bounded::limits::MIB;

/// The reason.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system's error.
    #[error("{0}")]
    Io(#[source] io::Error),
    /// Exceeds the size limit.
    #[error("it has more than {}", size(*.0))]
    TooLarge(u64),
    /// Exceeds the deadline.
    #[error("it did not end within {} s", .0.as_secs_f64().ceil())]
    TooSlow(Duration),
    /// An encoding of 16 or 32 bits.
    #[error("it is {0} text; save it as UTF-8")]
    OtherEncoding(&'static str),
    /// Not text.
    #[error("it is not UTF-8 text: byte {0} cannot be part of it")]
    NotText(usize),
}

fn size(bytes: u64) -> String {
    match bytes {
        MIB.. => format!("{} MiB", bytes / MIB),
        _ => format!("{} KiB", bytes / 1024),
    }
}

impl From<io::Error> for ReadError {
    /// Unpacks an error that `Source` had to wrap in an [`io::Error`].
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::Io)
    }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => error,
            other => Self::other(other),
        }
    }
}
