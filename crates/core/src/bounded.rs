//! Reading what comes from outside, with a limit on its size and a deadline: files, pipes, devices, standard input, and
//! what child processes print; and waiting for locks and for the readers of pipes, with a deadline as well. Everything else in the crate reads and
//! locks through this module; `tests/suite/architecture.rs` checks it.

mod child;
mod lines;
mod lock;
mod sink;
mod source;
mod stopwatch;
mod text;

use std::io;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

pub use child::{Pipe, output, output_and_errors};
pub use lines::{Line, Lines};
pub use lock::{lock, repeat, try_lock};
pub use sink::Sink;
pub use source::{STANDARD_INPUT, Source, is_standard_input};
pub use stopwatch::Stopwatch;
pub use text::text;

/// How much is read, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes.
    pub bytes: u64,
    /// The longest time from opening to the end.
    pub time: Duration,
}

impl Limits {
    /// Files that the configuration names, and the configuration itself. The deadline is for pipes and file systems
    /// that do not answer.
    pub const FILE: Self = Self { bytes: 4 * MIB, time: Duration::from_secs(10) };
    /// A secret in a file: a token has some kilobytes at most.
    pub const SECRET: Self = Self { bytes: 64 * 1024, time: Duration::from_secs(10) };
    /// A secret that a program prints; a person may have to touch a key for it.
    pub const SECRET_COMMAND: Self = Self { time: Duration::from_secs(60), ..Self::SECRET };
    /// An input that a person or a program hands over on standard input or in a file, which may take its time.
    pub const INPUT: Self = Self { bytes: 16 * MIB, time: Duration::from_secs(10 * 60) };
    /// An input that an editor has saved, and which is therefore complete.
    pub const SAVED_INPUT: Self = Self { time: Duration::from_secs(3), ..Self::INPUT };
    /// Many inputs, one a line. All of them are held until they are in the store.
    pub const INPUTS: Self = Self { bytes: 48 * MIB, ..Self::INPUT };
}

const MIB: u64 = 1024 * 1024;

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system's own words.
    #[error("{0}")]
    Io(#[source] io::Error),
    /// It did not end within the limit.
    #[error("it has more than {}", size(*.0))]
    TooLarge(u64),
    /// Its end did not come in time.
    #[error("its end did not come within {} s", .0.as_secs_f64().ceil())]
    TooSlow(Duration),
    /// Its bytes are in an encoding of 16 or 32 bits.
    #[error("it is {0} text; save it as UTF-8")]
    OtherEncoding(&'static str),
    /// It is not text.
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
    /// Unpacks what [`Source`] had to put into an [`io::Error`].
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

/// The bytes of a file, pipe or device. Blocks, until the deadline at the latest.
pub fn file(path: &Path, limits: Limits) -> Result<Vec<u8>, ReadError> {
    let path = path.to_owned();
    // A thread of its own: opening a file on a file system that is gone cannot be given up.
    let work = move || Source::open(&path, limits).and_then(|mut source| source.whole());
    let (done, result) = mpsc::channel();
    std::thread::Builder::new().name("read".into()).spawn(move || drop(done.send(work()))).map_err(ReadError::Io)?;
    // A little more than the thread takes by itself: it knows better what was wrong.
    let patience = limits.time + Duration::from_millis(500);
    result.recv_timeout(patience).unwrap_or(Err(ReadError::TooSlow(limits.time)))
}

/// The text of a file, pipe or device, without a byte order mark. Blocks, until the deadline at the latest.
pub fn text_file(path: &Path, limits: Limits) -> Result<String, ReadError> {
    text(file(path, limits)?)
}

/// The same without blocking; it can be dropped at any time.
pub async fn text_file_async(path: &Path, limits: Limits) -> Result<String, ReadError> {
    text(file_async(path, limits).await?)
}

/// The same as bytes.
pub async fn file_async(path: &Path, limits: Limits) -> Result<Vec<u8>, ReadError> {
    let path = path.to_owned();
    let work = tokio::task::spawn_blocking(move || file(&path, limits));
    work.await.unwrap_or_else(|error| Err(ReadError::Io(io::Error::other(error))))
}

#[cfg(test)]
mod tests;
