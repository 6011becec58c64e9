//! Locks a file, with a timeout.

use std::fs::{File, TryLockError};
use std::io;
use std::time::{Duration, Instant};

/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// Locks the file; [`io::ErrorKind::TimedOut`] if another process holds the lock for longer than `timeout`. Closing the
/// file unlocks it.
pub(crate) fn lock(file: &File, timeout: Duration) -> io::Result<()> {
    let deadline = Instant::now() + timeout;
    // `File::lock` has no timeout.
    while let Err(error) = file.try_lock() {
        match error {
            TryLockError::Error(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ if Instant::now() >= deadline => return Err(io::ErrorKind::TimedOut.into()),
            _ => std::thread::sleep(PAUSE),
        }
    }
    Ok(())
}
