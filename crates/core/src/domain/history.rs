//! The history of an execution: its events, and queries for them.

use serde_json::{Map, Value};

use crate::domain::arn::ExecutionArn;
use crate::domain::timestamp::Timestamp;

/// The most events that an execution can have (Step Functions quotas, "Maximum execution history size").
pub const MAX_HISTORY_EVENTS: usize = 25_000;

/// One event of `GetExecutionHistory`.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEvent {
    /// Counted from 1 in each execution.
    pub id: u64,
    /// The id of the preceding event; 0 for the first ones.
    pub previous: u64,
    /// `timestamp`.
    pub at: Timestamp,
    /// `type`, such as `TaskStateEntered`.
    pub event_type: String,
    /// The type's member, such as `stateEnteredEventDetails`, as received.
    pub details: Option<(String, Map<String, Value>)>,
}

impl HistoryEvent {
    /// Returns a string of the details, such as `name` or `error`.
    pub fn detail(&self, member: &str) -> Option<&str> {
        self.details.as_ref()?.1.get(member)?.as_str()
    }

    /// Returns a whole number of the details, such as `index`, in any notation.
    pub fn detail_number(&self, member: &str) -> Option<u64> {
        whole_number(self.details.as_ref()?.1.get(member)?)
    }

    /// Returns the approximate size in bytes of JSON.
    pub fn size(&self) -> usize {
        let details = self.details.as_ref().map_or(0, |(member, details)| {
            member.len() + details.iter().map(|(name, value)| name.len() + size(value)).sum::<usize>()
        });
        self.event_type.len() + details + 100
    }
}

/// Parses a whole number that is at least 0, also from a string: gateways print numbers in several ways.
pub(crate) fn whole_number(value: &Value) -> Option<u64> {
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

/// Parameters of `GetExecutionHistory`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    /// The execution.
    pub execution: ExecutionArn,
    /// When it started, if known: the events of an EXPRESS execution are searched in a log group from this time.
    pub started: Option<Timestamp>,
    /// With inputs and outputs (`includeExecutionData`). Pages are small without them.
    pub with_data: bool,
    /// `reverseOrder`.
    pub newest_first: bool,
    /// `maxResults`, at most 1000.
    pub page_size: usize,
    /// `nextToken` of the page before; valid for 24 hours.
    pub token: Option<String>,
}
