//! What the watcher is given, and what it makes of an answer.

use std::time::Duration;

use crate::domain::arn::ExecutionArn;
use crate::domain::endpoint::EndpointName;
use crate::domain::execution::{ExecutionId, Observation};
use crate::domain::failure::Failure;

/// An execution to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// What its answers go by.
    pub id: ExecutionId,
    /// Who is asked.
    pub endpoint: EndpointName,
    /// What is asked about.
    pub arn: ExecutionArn,
    /// How long ago it was started.
    pub age: Duration,
    /// For how long from now the service may not know it yet.
    pub grace: Duration,
}

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

/// What came of a status question.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusAnswer {
    /// Who answered.
    pub endpoint: EndpointName,
    /// Of which execution.
    pub id: ExecutionId,
    /// What was said.
    pub answer: Result<Observation, Failure>,
    /// What it means for the watch.
    pub verdict: Verdict,
    /// Whether questions to this endpoint are still held back.
    pub is_held_back: bool,
    /// Requests a second that may be spent on this endpoint now: less than its budget after it has throttled.
    pub rate: f64,
}
