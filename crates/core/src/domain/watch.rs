//! What the watcher is given, and what it makes of an answer.

use std::time::Duration;

/// How long a new execution may be unknown to the service: `DescribeExecution` is "eventually
/// consistent" (API reference).
pub const GRACE: Duration = Duration::from_secs(10);

/// What an answer means for the watch of its execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on; the next question comes after this at the earliest.
    Watching(Duration),
    /// It goes on, after a pause for this execution alone.
    Postponed(Duration),
    /// It goes on; too much was asked, so the whole endpoint is asked more slowly for a while.
    Slowed,
    /// It goes on, after a pause for the whole endpoint.
    BackingOff(Duration),
    /// It is over: the execution ended.
    Ended,
    /// It is over: nobody can tell how this execution goes.
    GivenUp,
    /// It was not being watched any more.
    Stale,
}
