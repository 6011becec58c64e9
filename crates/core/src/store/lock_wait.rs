//! Waiting for other processes that write to the store: with a limit and a message, and until the program must hurry.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use rusqlite::ErrorCode;

use crate::bounded;
use crate::store::error::{StoreError, StoreErrorKind};
use crate::store::write_queue::SharedWriteQueue;

/// How long `SQLite` itself waits for a lock: no longer than a signal may take to end the program.
pub(super) const ATTEMPT: Duration = Duration::from_millis(50);
/// How long a write waits for another process, which usually takes milliseconds.
const LIMIT: Duration = Duration::from_secs(5);
/// How long it waits after an earlier wait has failed.
const SHORT: Duration = Duration::from_millis(250);
/// How long the last writes wait when the program ends. The next launch resolves what they would have recorded.
const LIMIT_AT_END: Duration = Duration::from_secs(2);
/// Delay before a message about the wait.
const NOTICEABLE: Duration = Duration::from_millis(500);

/// How long a write may wait.
#[derive(Clone, Copy)]
pub(super) struct LockWait<'a> {
    pub(super) shared: &'a SharedWriteQueue,
    pub(super) path: &'a Path,
    /// Whether the last write failed.
    pub(super) is_failing: bool,
    /// Whether the program waits for the last writes.
    pub(super) is_flushing: bool,
}

impl LockWait<'_> {
    /// Repeats an attempt until it meets no lock of another process, or the time is over.
    pub(super) fn wait<T>(self, mut attempt: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let mut is_reported = self.is_failing;
        bounded::repeat(|elapsed| match attempt() {
            Err(error) if is_locked(&error) => {
                let may_continue = elapsed < self.limit();
                // The caller may have gone.
                let is_news = elapsed >= NOTICEABLE || (!may_continue && self.shared.queue().is_hurried);
                if is_news && !std::mem::replace(&mut is_reported, true) {
                    let error = StoreError::new(StoreErrorKind::Locked, self.path, "");
                    tracing::warn!("waiting for the store: {error}");
                }
                if may_continue { ControlFlow::Continue(()) } else { ControlFlow::Break(Err(error)) }
            }
            result => ControlFlow::Break(result),
        })
    }

    fn limit(self) -> Duration {
        let queue = self.shared.queue();
        match () {
            () if queue.is_hurried => Duration::ZERO,
            () if self.is_failing => SHORT,
            () if queue.is_closed() || self.is_flushing || !queue.flushes.is_empty() => LIMIT_AT_END,
            () => LIMIT,
        }
    }
}

pub(super) fn is_locked(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
