//! The requests of the watcher: their subjects and results.

use std::time::{Duration, Instant};

use crate::domain::{
    ExecutionArn, ExecutionId, Failure, HistoryEvent, ListedExecution, LogEvent, Observation, Paged, StateMachineArn,
};

/// The result of a request.
pub(super) enum Response {
    Status(Box<Result<Observation, Failure>>),
    Running(Result<Paged<ExecutionArn>, Failure>),
    Past(Vec<Duration>),
    Page(Result<Paged<HistoryEvent>, Failure>),
    Latest(Result<Vec<ListedExecution>, Failure>),
    Log(Result<Paged<LogEvent>, Failure>),
    Recovered,
}

/// A page of a history that was requested.
pub(super) struct HistoryPage {
    /// The number of the command.
    pub(super) number: u64,
    pub(super) sent: Instant,
    pub(super) is_logged: bool,
}

/// The subject of a request.
pub(super) enum Subject {
    Execution(ExecutionId),
    /// The running executions of a machine.
    Running,
    /// The durations of earlier executions of a machine.
    Past(StateMachineArn),
    /// A page of a history.
    Page(HistoryPage),
    /// The latest executions of a machine.
    Latest(StateMachineArn),
    /// A page of the log of a machine.
    Log(StateMachineArn),
    /// Whether an outage may be over.
    Recovery,
}
