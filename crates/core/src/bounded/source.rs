//! Reads a file, pipe, device or standard input, and fails if it is too large or too slow.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use std::time::Instant;

use crate::bounded::{Limits, ReadError};

/// Paths of standard input. Opening them fails if it is a socket or belongs to another user.
const NAMES: [&str; 3] = [STANDARD_INPUT, "/dev/fd/0", "/proc/self/fd/0"];

/// The path that means standard input, on every platform.
pub const STANDARD_INPUT: &str = "/dev/stdin";

/// Returns whether this path means standard input.
pub fn is_standard_input(path: &Path) -> bool {
    NAMES.iter().any(|name| path.as_os_str() == *name)
}

/// A source with its remaining limits.
#[derive(Debug)]
pub struct Source {
    file: File,
    limits: Limits,
    deadline: Instant,
    left: u64,
}

impl Source {
    /// Opens a file, pipe or device, or standard input. A pipe without a writer does not block.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, ReadError> {
        let file = if is_standard_input(path) { standard_input()? } else { open(path)? };
        let deadline = Instant::now() + limits.time;
        Ok(Self { file, limits, deadline, left: limits.bytes })
    }

    /// Reads to the end.
    pub fn whole(&mut self) -> Result<Vec<u8>, ReadError> {
        // An empty one would make the first reads tiny.
        let mut bytes = Vec::with_capacity(4_096);
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn is_late(&self) -> io::Error {
        ReadError::TooSlow(self.limits.time).into()
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            wait(&self.file, self.deadline).map_err(|error| error.unwrap_or_else(|| self.is_late()))?;
            // One byte more than the limit shows that there are more.
            let room = usize::try_from(self.left.saturating_add(1)).unwrap_or(usize::MAX).min(buffer.len());
            match self.file.read(&mut buffer[..room]) {
                Ok(read) if read as u64 > self.left => return Err(ReadError::TooLarge(self.limits.bytes).into()),
                Ok(read) => {
                    self.left -= read as u64;
                    return Ok(read);
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(i32::try_from(flags.bits()).unwrap_or(0)).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(unix)]
fn standard_input() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    // Not through `std::io::Stdin`, whose lock cannot be cancelled.
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn standard_input() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    Ok(io::stdin().as_handle().try_clone_to_owned()?.into())
}

/// Waits until there is something to read, or the end; `None` after the deadline.
#[cfg(unix)]
fn wait(file: &File, deadline: Instant) -> Result<(), Option<io::Error>> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(None);
        }
        let left = Timespec::try_from(left).map_err(|_| None)?;
        match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&left)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(Some(error.into())),
        }
    }
}

#[cfg(not(unix))]
fn wait(_: &File, deadline: Instant) -> Result<(), Option<io::Error>> {
    if Instant::now() < deadline { Ok(()) } else { Err(None) }
}
