//! What responses say about executions.

use crate::domain::arn::ExecutionArn;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::other_members::OtherMembers;
use crate::domain::payload::Payload;
use crate::domain::status::Status;
use crate::domain::timestamp::Timestamp;

/// Identifies an execution within the process. Rows, requests and responses carry it, so that a late response never
/// reaches another row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExecutionId(pub u64);

/// The result of a successful start request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The execution.
    pub execution_arn: ExecutionArn,
    /// By the service's clock; `None` if absent from the response.
    pub start_date: Option<Timestamp>,
    /// What else the response said: `StartSyncExecution` returns the outcome.
    pub seen: Option<Box<Observation>>,
    /// Members without a field here or in [`Self::seen`].
    pub others: OtherMembers,
    /// Whether the gateway has a route to the logs of EXPRESS machines.
    pub has_logs: bool,
}

impl Started {
    /// Returns a result without further members.
    pub fn new(execution_arn: ExecutionArn, start_date: Option<Timestamp>) -> Self {
        Self { execution_arn, start_date, seen: None, others: OtherMembers::default(), has_logs: false }
    }

    /// Returns why the execution is not followed to its end; `None` if it is, or if its outcome is already known.
    pub fn why_not_followed(&self) -> Option<Failure> {
        let is_lost = !self.execution_arn.is_describable() && self.seen.is_none() && !self.has_logs;
        is_lost.then(|| Failure::without_response(FailureKind::ExpressNotDescribable, ""))
    }
}

/// A readable 2xx response to a start request. Gateways leave members out, so each may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StartResponse {
    /// `executionArn`, if valid.
    pub execution_arn: Option<ExecutionArn>,
    /// Whether the endpoint's `answer` filter has put the ARN together: then it does not show how the gateway treats names.
    pub is_arn_composed: bool,
    /// `startDate`.
    pub start_date: Option<Timestamp>,
    /// The members of `StartSyncExecution`, if the response has a `status`.
    pub seen: Option<Box<Observation>>,
    /// All other members, including an input and a status that is no outcome.
    pub others: OtherMembers,
    /// The beginning of the body, for a message about what is missing.
    pub excerpt: String,
}

/// The identifying members of a response, as received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// `executionArn`.
    pub execution_arn: Option<String>,
    /// `stateMachineArn`.
    pub machine_arn: Option<String>,
    /// `name`.
    pub name: Option<String>,
}

/// What one response says about an execution. Absent members are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The execution it describes, if the response says so.
    pub subject: Subject,
    /// `status`, the only member that every response has.
    pub status: Status,
    /// `startDate`.
    pub start_date: Option<Timestamp>,
    /// `stopDate`; only closed executions have one.
    pub stop_date: Option<Timestamp>,
    /// `input`, byte for byte.
    pub input: Option<Payload>,
    /// `output`, byte for byte; only if SUCCEEDED.
    pub output: Option<Payload>,
    /// `error`; only if `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub error: Option<String>,
    /// `cause`, often JSON inside a string.
    pub cause: Option<String>,
    /// The redrive members.
    pub redrive: Redrive,
    /// All other members.
    pub others: OtherMembers,
}

impl Observation {
    /// Returns an observation with all other members absent.
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

    /// Returns whether this is final: an outcome, or an unknown status with a stop date.
    pub fn is_ended(&self) -> bool {
        self.status.outcome().is_some() || (matches!(self.status, Status::Unknown(_)) && self.stop_date.is_some())
    }
}

/// The redrive members of `DescribeExecution`, which older responses lack.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redrive {
    /// `redriveCount`.
    pub count: Option<u32>,
    /// `redriveDate`, of the last redrive.
    pub date: Option<Timestamp>,
    /// `REDRIVABLE`, `NOT_REDRIVABLE`, `REDRIVABLE_BY_MAP_RUN` or a newer value.
    pub status: Option<String>,
    /// `redriveStatusReason`.
    pub status_reason: Option<String>,
}
