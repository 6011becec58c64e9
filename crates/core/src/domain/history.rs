//! What the optional routes tell: the events of an execution, and the executions of a machine.

use serde_json::{Map, Value};

use crate::domain::arn::{ExecutionArn, StateMachineArn};
use crate::domain::other_members::OtherMembers;
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

    /// A whole number of the details, such as `index`, in any notation.
    pub fn detail_number(&self, member: &str) -> Option<u64> {
        whole_number(self.details.as_ref()?.1.get(member)?)
    }

    /// About how many bytes of JSON it has.
    pub fn size(&self) -> usize {
        let details = self.details.as_ref().map_or(0, |(member, details)| {
            member.len() + details.iter().map(|(name, value)| name.len() + size(value)).sum::<usize>()
        });
        self.event_type.len() + details + 100
    }
}

/// A number that is at least 0 and has no fraction, or a text of one: gateways print numbers in several ways.
pub fn whole_number(value: &Value) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked right here")]
    let of_float = |number: f64| {
        (number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&number)).then_some(number as u64)
    };
    match value {
        Value::Number(number) => number.as_u64().or_else(|| of_float(number.as_f64()?)),
        Value::String(text) => text.parse().ok().or_else(|| of_float(text.parse().ok()?)),
        _ => None,
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 8,
        Value::Array(items) => items.iter().map(size).sum::<usize>() + 8,
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + size(value) + 8).sum(),
        _ => 16,
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
    /// When it was redriven last.
    pub redrive_date: Option<Timestamp>,
    /// Everything else.
    pub others: OtherMembers,
}

/// A page, and where the next one goes on if there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Paged<T> {
    /// In the service's order.
    pub items: Vec<T>,
    /// For the next query.
    pub next: Option<String>,
}
