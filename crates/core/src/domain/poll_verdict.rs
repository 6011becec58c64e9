//! What a status response means for the watcher.

use std::time::Duration;

/// How long `DescribeExecution` may not know a new execution: it is "eventually consistent" (API reference).
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// What a response means for the watch of its execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Continue; the next status request is due after this time.
    Watching(Duration),
    /// Continue, after a pause for this execution alone.
    Postponed(Duration),
    /// Continue, with a lower rate for the whole endpoint after it throttled.
    Slowed,
    /// Continue, after a pause for the whole endpoint.
    BackingOff(Duration),
    /// Stop: the execution has ended.
    Ended,
    /// Stop: the execution's state cannot be determined.
    GivenUp,
    /// The execution is no longer watched.
    Stale,
}
