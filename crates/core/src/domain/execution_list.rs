//! The executions of a machine, as `ListExecutions` returns them, and queries for them.

use crate::domain::arn::{ExecutionArn, StateMachineArn};
use crate::domain::observation::Observation;
use crate::domain::other_members::OtherMembers;
use crate::domain::status::Status;
use crate::domain::timestamp::Timestamp;

/// Parameters of `ListExecutions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// The state machine.
    pub machine: StateMachineArn,
    /// Only executions with this status.
    pub status: Option<Status>,
    /// `maxResults`, at most 1000.
    pub page_size: usize,
    /// `nextToken` of the page before; valid for 24 hours.
    pub token: Option<String>,
}

/// An execution of `ListExecutions`.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedExecution {
    /// `executionArn`.
    pub arn: ExecutionArn,
    /// `stateMachineArn`.
    pub machine: StateMachineArn,
    /// `status`.
    pub status: Status,
    /// `startDate`.
    pub start_date: Timestamp,
    /// `stopDate`.
    pub stop_date: Option<Timestamp>,
    /// `redriveCount`, if any.
    pub redrive_count: Option<u32>,
    /// `redriveDate`, of the last redrive.
    pub redrive_date: Option<Timestamp>,
    /// All other members.
    pub others: OtherMembers,
}

impl From<ListedExecution> for Observation {
    fn from(listed: ListedExecution) -> Self {
        let mut seen = Self::new(listed.status, listed.start_date);
        seen.stop_date = listed.stop_date;
        seen.redrive.count = listed.redrive_count;
        seen.redrive.date = listed.redrive_date;
        seen.subject.machine_arn = Some(listed.machine.to_string());
        seen.others = listed.others;
        seen
    }
}
