//! Waiting for a file lock, with a limit.

use std::fs::{File, TryLockError};
use std::io;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// The pause between attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// Locks the file; [`io::ErrorKind::TimedOut`] if another process holds it for longer than `timeout`. Blocks until then.
/// Closing the file unlocks it.
pub fn lock(file: &File, timeout: Duration) -> io::Result<()> {
    let deadline = Instant::now() + timeout;
    while !try_lock(file)? {
        if Instant::now() >= deadline {
            let message = format!("another process has held its lock for {} s", timeout.as_secs());
            return Err(io::Error::new(io::ErrorKind::TimedOut, message));
        }
        // Not `File::lock`, which waits without a limit and continues after a signal.
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// Repeats an attempt, which gets the elapsed time, until it breaks. Blocks until then.
pub fn repeat<T>(mut attempt: impl FnMut(Duration) -> ControlFlow<T>) -> T {
    let began = Instant::now();
    loop {
        if let ControlFlow::Break(result) = attempt(began.elapsed()) {
            return result;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Locks the file, if it is not locked.
pub fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
