//! What the gateway says of an execution.

use crate::domain::arn::ExecutionArn;
use crate::domain::other_members::OtherMembers;
use crate::domain::payload::Payload;
use crate::domain::status::Status;
use crate::domain::timestamp::Timestamp;

/// The program's own number for an execution that it knows of. Rows, questions and answers go by
/// it, so that no late answer can land on another row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExecutionId(pub u64);

/// The execution that a start request led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The execution.
    pub execution_arn: ExecutionArn,
    /// When it began, by the service's clock; `None` if the response did not say.
    pub start_date: Option<Timestamp>,
    /// What the response said about it beyond that: `StartSyncExecution` returns the outcome.
    pub seen: Option<Box<Observation>>,
    /// The members that are neither in [`Self::seen`] nor fields of this.
    pub others: OtherMembers,
}

impl Started {
    /// An execution of which the response said only this.
    pub fn new(execution_arn: ExecutionArn, start_date: Option<Timestamp>) -> Self {
        Self { execution_arn, start_date, seen: None, others: OtherMembers::default() }
    }
}

/// A readable 2xx response to a start request. Gateways leave members out, so each may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StartResponse {
    /// `executionArn`, if it is one.
    pub execution_arn: Option<ExecutionArn>,
    /// `startDate`.
    pub start_date: Option<Timestamp>,
    /// The members of `StartSyncExecution`, if the response has a `status`.
    pub seen: Option<Box<Observation>>,
    /// Everything but these: also a status that is no outcome, an input.
    pub others: OtherMembers,
    /// The beginning of the body, for a message about what is missing.
    pub excerpt: String,
}

/// The identifying members of a response, as received: what it says it is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// `executionArn`.
    pub execution_arn: Option<String>,
    /// `stateMachineArn`.
    pub machine_arn: Option<String>,
    /// `name`.
    pub name: Option<String>,
}

/// What one response said about an execution. A member that was absent is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Which execution it is about, if the response said so.
    pub subject: Subject,
    /// `status`, the only member that every response has.
    pub status: Status,
    /// When it began.
    pub start_date: Option<Timestamp>,
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
    /// Everything else.
    pub others: OtherMembers,
}

impl Observation {
    /// A status and maybe a start date; all other members are absent.
    pub fn new(status: Status, start_date: impl Into<Option<Timestamp>>) -> Self {
        Self {
            subject: Subject::default(),
            status,
            start_date: start_date.into(),
            stop_date: None,
            input: None,
            output: None,
            error: None,
            cause: None,
            redrive: Redrive::default(),
            others: OtherMembers::default(),
        }
    }

    /// Returns the bytes of input, output, cause and further members.
    pub fn bytes(&self) -> usize {
        let bytes = |payload: &Option<Payload>| payload.as_ref().map_or(0, |payload| payload.as_str().len());
        bytes(&self.input) + bytes(&self.output) + self.cause.as_ref().map_or(0, String::len) + self.others.bytes()
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
