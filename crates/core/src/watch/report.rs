//! What the watcher tells the front end.

use tokio::time::Instant;

use crate::domain::durations::Durations;
use crate::domain::{EndpointName, ExecutionId, Failure, HistoryEvent, Paged, StateMachineArn};
use crate::lifecycle::StatusAnswer;

/// A report of the watcher.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// A question left, and went into the budget.
    Asked {
        /// Who is asked.
        endpoint: EndpointName,
        /// About which execution, if about one.
        id: Option<ExecutionId>,
        /// When.
        at: Instant,
    },
    /// An answer, and what it means.
    Answered(Box<StatusAnswer>),
    /// The answer to `Command::Read`.
    Read(u64, Result<Paged<HistoryEvent>, Failure>),
    /// More is known of how long executions of a machine take.
    Learned {
        /// Where it is.
        endpoint: EndpointName,
        /// Which.
        machine: StateMachineArn,
        /// What is known now.
        durations: Box<Durations>,
    },
}
