//! Waiting for other processes that write to the store: with a limit and a message, and until something asks for haste.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use rusqlite::ErrorCode;

use crate::bounded;
use crate::store::error::{StoreError, StoreFault};
use crate::store::inbox::SharedInbox;

/// How long `SQLite` itself waits for a lock: no longer than a signal may take to end the program.
pub(super) const ATTEMPT: Duration = Duration::from_millis(50);
/// How long a write waits for another process, which takes milliseconds unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it waits once that is known to be in vain.
const SHORT: Duration = Duration::from_millis(250);
/// How long the last writes wait when the program ends. The next launch finds out what they would have said.
const PATIENCE_AT_END: Duration = Duration::from_secs(2);
/// How long to wait before saying so.
const NOTICEABLE: Duration = Duration::from_millis(500);

/// How long a write may wait.
#[derive(Clone, Copy)]
pub(super) struct Patience<'a> {
    pub(super) desk: &'a SharedInbox,
    pub(super) path: &'a Path,
    /// Whether the last write failed.
    pub(super) is_failing: bool,
    /// Whether the program waits for the last writes.
    pub(super) is_flushing: bool,
}

impl Patience<'_> {
    /// Attempts something until it does not meet a lock of another process, or the patience is over.
    pub(super) fn wait<T>(self, mut attempt: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let mut was_told = self.is_failing;
        bounded::repeat(|elapsed| match attempt() {
            Err(error) if is_locked(&error) => {
                let goes_on = elapsed < self.limit();
                // The caller may no longer be there to report it.
                let is_news = elapsed >= NOTICEABLE || (!goes_on && self.desk.inbox().is_hurried);
                if is_news && !std::mem::replace(&mut was_told, true) {
                    let error = StoreError::new(StoreFault::Locked, self.path, "");
                    tracing::warn!("waiting for the history: {error}");
                }
                if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(Err(error)) }
            }
            result => ControlFlow::Break(result),
        })
    }

    fn limit(self) -> Duration {
        let inbox = self.desk.inbox();
        match () {
            () if inbox.is_hurried => Duration::ZERO,
            () if self.is_failing => SHORT,
            () if inbox.is_closed() || self.is_flushing || !inbox.flushes.is_empty() => PATIENCE_AT_END,
            () => PATIENCE,
        }
    }
}

pub(super) fn is_locked(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
