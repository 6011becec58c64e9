//! What the engine runs.

use crate::asl::Definition;
use crate::timestamp::Timestamp;

/// What an event takes. Three of them, as a single Pass state has, are the 69 ms of the article.
pub(super) const EVENT_MILLIS: i64 = 23;
/// The most events of an execution (Step Functions quotas, "Maximum execution history size").
pub(super) const MOST_EVENTS: u32 = 25_000;

/// What an execution is, for the engine.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// What is run.
    pub definition: &'a Definition,
    /// With what.
    pub input: &'a str,
    /// From when on.
    pub start: Timestamp,
    /// The machine's name, for the context object.
    pub machine: &'a str,
    /// The execution's ARN, for the context object.
    pub arn: &'a str,
    /// The execution's name, for the context object.
    pub name: &'a str,
    /// In the order of time.
    pub interventions: &'a [Intervention],
}

/// What somebody did to an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intervention {
    /// `StopExecution` of a running one.
    Stop {
        /// When.
        at: Timestamp,
        /// With this error.
        error: Option<String>,
        /// And this cause.
        cause: Option<String>,
    },
    /// `RedriveExecution` of one that failed, timed out or was stopped.
    Redrive {
        /// When.
        at: Timestamp,
    },
}
