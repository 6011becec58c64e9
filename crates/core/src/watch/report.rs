//! Reports of the watcher to the front end.

use tokio::time::Instant;

use crate::domain::durations::Durations;
use crate::domain::{EndpointName, ExecutionId, Failure, HistoryEvent, ListedExecution, Paged, StateMachineArn};
use crate::lifecycle::StatusReport;

/// A report of the watcher.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// A request was sent, and counts towards the rate limit.
    Sent {
        /// The endpoint.
        endpoint: EndpointName,
        /// The execution, for a status request.
        id: Option<ExecutionId>,
        /// Time of sending.
        at: Instant,
    },
    /// The result of a status request.
    Status(Box<StatusReport>),
    /// The response to `Command::Read`.
    Read(u64, Result<Paged<HistoryEvent>, Failure>),
    /// The latest executions of a machine, including those started by others.
    Listed(EndpointName, Vec<ListedExecution>),
    /// The durations of a machine's executions have changed.
    Learned {
        /// The endpoint.
        endpoint: EndpointName,
        /// The machine.
        machine: StateMachineArn,
        /// The new durations.
        durations: Box<Durations>,
    },
}
