//! The events of EXPRESS executions in the log group of their machine, and queries for them.

use std::time::Duration;

use crate::domain::arn::{ExecutionArn, StateMachineArn};
use crate::domain::gateway_facts::ClockOffset;
use crate::domain::history::HistoryEvent;
use crate::domain::timestamp::Timestamp;

/// An EXPRESS execution runs at most this long (Step Functions quotas, "Maximum execution time").
pub(crate) const LONGEST_EXPRESS: Duration = Duration::from_secs(5 * 60);
/// Limit for the delay until an event is in the log group. Usually it takes seconds.
pub(crate) const LOG_DELIVERY: Duration = Duration::from_secs(60);
/// How far back to search for an execution whose start is unknown.
const LOOK_BACK: Duration = Duration::from_secs(24 * 60 * 60);
/// Added at both ends of a range, for clocks and rounded dates.
const MARGIN: Duration = Duration::from_secs(10);

/// An event of an execution in a log group.
#[derive(Debug, Clone, PartialEq)]
pub struct LogEvent {
    /// `execution_arn` of its message.
    pub execution: ExecutionArn,
    /// The event, in the form of `GetExecutionHistory`.
    pub event: HistoryEvent,
}

/// Parameters of `FilterLogEvents`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// The machine, without version or alias. A gateway may have one log group for each.
    pub machine: StateMachineArn,
    /// `None` for the events of all executions of the machine.
    pub execution: Option<ExecutionArn>,
    /// `startTime`.
    pub since: Timestamp,
    /// `endTime`.
    pub until: Option<Timestamp>,
    /// `nextToken` of the previous page.
    pub token: Option<String>,
}

impl LogQuery {
    /// Returns a query for all events of one execution, whose start may be unknown. `now` is the local time.
    pub(crate) fn of_execution(
        execution: &ExecutionArn,
        started: Option<Timestamp>,
        now: Timestamp,
        offset: Option<ClockOffset>,
    ) -> Self {
        let until = started.map(|started| log_end(started.plus(LONGEST_EXPRESS + LOG_DELIVERY), offset));
        Self {
            machine: execution.machine(),
            execution: Some(execution.clone()),
            since: log_start(started.unwrap_or_else(|| unknown_start(now)), offset),
            until,
            token: None,
        }
    }
}

/// Returns the time from which to search for an execution whose start is unknown.
pub(crate) fn unknown_start(now: Timestamp) -> Timestamp {
    now.minus(LOOK_BACK)
}

/// Returns the time from which to read the events of an execution. Its start is by the service's clock or, if a gateway
/// returns no dates, by the local one: the earlier of both is used.
pub(crate) fn log_start(started: Timestamp, offset: Option<ClockOffset>) -> Timestamp {
    let corrected = offset.map_or(started, |offset| offset.corrected(started));
    started.min(corrected).minus(MARGIN)
}

/// Returns the time until which to read, to get all events up to `end` by either clock.
pub(crate) fn log_end(end: Timestamp, offset: Option<ClockOffset>) -> Timestamp {
    end.max(offset.map_or(end, |offset| offset.corrected(end))).plus(MARGIN)
}
