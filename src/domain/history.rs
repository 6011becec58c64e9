//! What the optional routes tell: the events of an execution, and the executions of a machine.

use serde_json::{Map, Value};

use crate::domain::arn::{ExecutionArn, StateMachineArn};
use crate::domain::status::Status;
use crate::domain::timestamp::Timestamp;

/// The most events that an execution can have (Step Functions quotas, "Maximum execution history size").
pub const MAX_HISTORY_EVENTS: usize = 25_000;

/// One event of `GetExecutionHistory`.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEvent {
    /// Counted from 1 in each execution.
    pub id: u64,
    /// The event that led to this one; 0 for the first ones.
    pub previous: u64,
    /// When.
    pub at: Timestamp,
    /// Such as `TaskStateEntered`.
    pub event_type: String,
    /// The member that holds what belongs to the type, such as `stateEnteredEventDetails`, as it was received.
    pub details: Option<(String, Map<String, Value>)>,
}

impl HistoryEvent {
    /// A text of the details, such as `name` or `error`.
    pub fn detail(&self, member: &str) -> Option<&str> {
        self.details.as_ref()?.1.get(member)?.as_str()
    }

    /// A number of the details, such as `index`.
    pub fn detail_number(&self, member: &str) -> Option<u64> {
        self.details.as_ref()?.1.get(member)?.as_u64()
    }
}

/// What to ask `GetExecutionHistory` for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Whose events.
    pub execution: ExecutionArn,
    /// With inputs and outputs (`includeExecutionData`). Without them a page stays small.
    pub with_data: bool,
    /// From the last event to the first.
    pub newest_first: bool,
    /// So many a page, at most 1000.
    pub page: usize,
    /// Where the page before said that it goes on. Good for 24 hours.
    pub token: Option<String>,
}

/// What to ask `ListExecutions` for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// Whose executions.
    pub machine: StateMachineArn,
    /// Only with this status.
    pub status: Option<Status>,
    /// So many a page, at most 1000.
    pub page: usize,
    /// Where the page before said that it goes on. Good for 24 hours.
    pub token: Option<String>,
}

/// One execution of `ListExecutions`.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its ARN.
    pub arn: ExecutionArn,
    /// The state machine.
    pub machine: StateMachineArn,
    /// Where it stands.
    pub status: Status,
    /// When it began.
    pub start_date: Timestamp,
    /// When it ended.
    pub stop_date: Option<Timestamp>,
    /// How often it was redriven, if it was.
    pub redrive_count: Option<u32>,
}

/// A page, and where the next one goes on if there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Paged<T> {
    /// In the service's order.
    pub items: Vec<T>,
    /// For the next query.
    pub next: Option<String>,
}
