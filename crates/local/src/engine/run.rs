//! The input of the engine.

use crate::asl::Definition;
use crate::timestamp::Timestamp;

/// Duration of an event. The three of a single Pass state are the 69 ms of the article.
pub(super) const EVENT_MILLIS: i64 = 23;
/// Maximum number of events of an execution (Step Functions quotas, "Maximum execution history size").
pub(super) const MAX_EVENTS: u32 = 25_000;

/// An execution to simulate.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// The state machine.
    pub definition: &'a Definition,
    /// The input, as JSON.
    pub input: &'a str,
    /// The start time.
    pub start: Timestamp,
    /// The machine's name, for the context object.
    pub machine: &'a str,
    /// The execution's ARN, for the context object.
    pub arn: &'a str,
    /// The execution's name, for the context object.
    pub name: &'a str,
    /// In chronological order.
    pub interventions: &'a [Intervention],
}

/// A request that changed an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intervention {
    /// `StopExecution` of a running one.
    Stop {
        /// The time.
        at: Timestamp,
        /// The error in the request.
        error: Option<String>,
        /// The cause in the request.
        cause: Option<String>,
    },
    /// `RedriveExecution` of one that failed, timed out or was stopped.
    Redrive {
        /// The time.
        at: Timestamp,
    },
}
