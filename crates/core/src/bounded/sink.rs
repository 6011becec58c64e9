//! Writes to a file, pipe or device without waiting long for its reader.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use crate::bounded::lock;

/// How long to wait for the reader to make room. After that, output is dropped until there is room again.
const POLL_TIMEOUT: Duration = Duration::from_secs(1);

/// An append-only output.
#[derive(Debug)]
pub struct Sink {
    file: File,
    /// The reader did not make room in time.
    is_stalled: bool,
}

impl Sink {
    /// Opens a file for appending, with mode 0600 if it is new. A pipe that no process reads is an error.
    pub fn append(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            // Without this, opening a pipe and writing to a full one would wait for the reader.
            let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
            options.mode(0o600).custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
        }
        let file = options.open(path).map_err(named)?;
        Ok(Self { file, is_stalled: false })
    }
}

impl Sink {
    /// Returns the metadata of the open file.
    pub fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    /// Locks the file, alone or beside other processes that share the lock. Returns whether that was possible in time.
    pub fn lock(&self, shared: bool, timeout: Duration) -> io::Result<bool> {
        lock::repeat(|elapsed| {
            let locked = if shared { self.file.try_lock_shared() } else { self.file.try_lock() };
            match locked {
                Ok(()) => ControlFlow::Break(Ok(true)),
                Err(TryLockError::WouldBlock) if elapsed < timeout => ControlFlow::Continue(()),
                Err(TryLockError::WouldBlock) => ControlFlow::Break(Ok(false)),
                Err(TryLockError::Error(error)) => ControlFlow::Break(Err(error)),
            }
        })
    }

    /// Unlocks the file.
    pub fn unlock(&self) {
        let _ = self.file.unlock();
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.file.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && !self.is_stalled => {
                    self.is_stalled = !has_room(&self.file);
                }
                Ok(written) => {
                    self.is_stalled = false;
                    return Ok(written);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(unix)]
fn named(error: io::Error) -> io::Error {
    if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) {
        return io::Error::new(error.kind(), "no process reads this pipe");
    }
    error
}

#[cfg(not(unix))]
fn named(error: io::Error) -> io::Error {
    error
}

/// Waits for room and returns whether there is some in time.
#[cfg(unix)]
fn has_room(file: &File) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let timeout = Timespec::try_from(POLL_TIMEOUT).ok();
    matches!(poll(&mut [PollFd::new(file, PollFlags::OUT)], timeout.as_ref()), Ok(1..))
}

#[cfg(not(unix))]
fn has_room(_: &File) -> bool {
    std::thread::sleep(POLL_TIMEOUT);
    true
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_pipe_needs_a_reader_and_a_stalled_one_is_waited_for_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo is everywhere").success());
        assert_eq!(Sink::append(&path).expect_err("no reader").to_string(), "no process reads this pipe");
        let mut reader = OpenOptions::new()
            .read(true)
            .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
            .open(&path)
            .expect("a reader");
        let mut sink = Sink::append(&path).expect("opened");
        let began = Instant::now();
        let mut lost = 0;
        for _ in 0..1_000 {
            lost += usize::from(sink.write_all(&[b'x'; 1_024]).is_err());
        }
        assert!(lost > 500 && began.elapsed() < POLL_TIMEOUT * 5, "{lost} in {:?}", began.elapsed());
        // It reads again.
        let mut bytes = vec![0; 1024 * 1024];
        assert!(reader.read(&mut bytes).expect("read") > 0);
        sink.write_all(b"x").expect("there is room again");
    }

    #[test]
    fn a_file_is_private_and_is_appended_to() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        for text in ["a", "b"] {
            Sink::append(&path).expect("opened").write_all(text.as_bytes()).expect("written");
        }
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "ab");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }
}
