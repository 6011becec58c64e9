//! Reads external input with a limit on its size and a deadline: files, pipes, devices, standard input, and the output
//! of child processes; also waits for locks and for the readers of pipes, with a deadline. Everything else in the crate
//! reads and locks through this module, which `tests/suite/architecture.rs` checks.

mod child_output;
mod error;
mod limits;
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

use crate::task;

pub use child_output::output;
pub(crate) use child_output::{Pipe, output_and_errors};
pub use error::ReadError;
pub use limits::Limits;
pub use lines::{Line, Lines};
pub use lock::{lock, repeat, try_lock};
pub use sink::Sink;
pub use source::{STANDARD_INPUT, Source, is_standard_input};
pub(crate) use stopwatch::Stopwatch;
pub use text::text;

/// Returns the bytes of a file, pipe or device. Blocks, until the deadline at the latest.
pub fn file(path: &Path, limits: Limits) -> Result<Vec<u8>, ReadError> {
    let path = path.to_owned();
    // On a separate thread, because opening a file on a dead file system cannot be cancelled.
    let work = move || Source::open(&path, limits).and_then(|mut source| source.whole());
    let (done, result) = mpsc::channel();
    std::thread::Builder::new().name("read".into()).spawn(move || drop(done.send(work()))).map_err(ReadError::Io)?;
    // Slightly longer than the thread's own deadline, which has the better error.
    let limit = limits.time + Duration::from_millis(500);
    result.recv_timeout(limit).unwrap_or(Err(ReadError::TooSlow(limits.time)))
}

/// Returns the text of a file, pipe or device, without a byte order mark. Blocks, until the deadline at the latest.
pub fn text_file(path: &Path, limits: Limits) -> Result<String, ReadError> {
    text(file(path, limits)?)
}

/// Like [`text_file`], without blocking. Cancel-safe.
pub async fn text_file_async(path: &Path, limits: Limits) -> Result<String, ReadError> {
    text(file_async(path, limits).await?)
}

/// Like [`file()`], without blocking. Cancel-safe.
pub async fn file_async(path: &Path, limits: Limits) -> Result<Vec<u8>, ReadError> {
    let path = path.to_owned();
    let work = task::run_blocking(move || file(&path, limits));
    work.await.unwrap_or_else(|error| Err(ReadError::Io(io::Error::other(error))))
}

#[cfg(test)]
mod tests;
