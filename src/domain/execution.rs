//! What the gateway says of an execution.

use crate::domain::arn::ExecutionArn;
use crate::domain::payload::Payload;
use crate::domain::status::Status;
use crate::domain::timestamp::Timestamp;

/// The program's own number for an execution that it knows of. Rows, questions and answers go by
/// it, so that no late answer can land on another row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExecutionId(pub u64);

/// The answer to `StartExecution`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The new execution.
    pub execution_arn: ExecutionArn,
    /// When it began, by the service's clock; `None` when an earlier attempt of ours had started it
    /// already and only its name came back.
    pub start_date: Option<Timestamp>,
}

/// What one answer to `DescribeExecution` said. A member that was absent is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Where it stands.
    pub status: Status,
    /// When it began.
    pub start_date: Timestamp,
    /// When it ended; only closed executions have one.
    pub stop_date: Option<Timestamp>,
    /// Its input, byte for byte.
    pub input: Option<Payload>,
    /// Its output, byte for byte; only of SUCCEEDED ones.
    pub output: Option<Payload>,
    /// The error's name; FAILED ones may have one.
    pub error: Option<String>,
    /// The error's cause, often JSON inside a string.
    pub cause: Option<String>,
    /// Redriving it.
    pub redrive: Redrive,
}

impl Observation {
    /// What every answer says; all other members are absent.
    pub fn new(status: Status, start_date: Timestamp) -> Self {
        Self {
            status,
            start_date,
            stop_date: None,
            input: None,
            output: None,
            error: None,
            cause: None,
            redrive: Redrive::default(),
        }
    }

    /// Whether nothing more is to be expected: an outcome, or a word unknown to us with a stop date.
    pub fn is_ended(&self) -> bool {
        self.status.outcome().is_some() || (matches!(self.status, Status::Unknown(_)) && self.stop_date.is_some())
    }
}

/// The redrive members of `DescribeExecution`, all of which are missing in older answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redrive {
    /// How often it was redriven.
    pub count: Option<u32>,
    /// When it was redriven last.
    pub date: Option<Timestamp>,
    /// `REDRIVABLE`, `NOT_REDRIVABLE`, `REDRIVABLE_BY_MAP_RUN` or a newer word.
    pub status: Option<String>,
    /// Why it is not redrivable.
    pub status_reason: Option<String>,
}
