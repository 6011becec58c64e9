//! What the log events of an EXPRESS execution mean. `DescribeExecution` does not support EXPRESS executions, so the log is
//! the only source. What it contains depends on the machine's log level: with ERROR or FATAL, an execution without an event
//! may have succeeded, may be running, or may never have been started.

use crate::domain::{
    ExecutionArn, Failure, FailureKind, HistoryEvent, LOG_DELIVERY, LONGEST_EXPRESS, Observation, OtherMembers,
    Payload, Status, Subject, Timestamp,
};

/// What the log has shown about an execution so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Logged {
    /// Whether an event other than a failure was logged: then all events are.
    has_ordinary: bool,
}

impl Logged {
    /// Adds events of the execution, in any order and more than once. Returns what they show about it; `None` without events.
    pub(crate) fn add(&mut self, arn: &ExecutionArn, events: &[&HistoryEvent]) -> Option<Observation> {
        self.has_ordinary |= events.iter().any(|event| !is_failure(&event.event_type));
        let end = events.iter().find_map(|event| Some((event, ended(&event.event_type)?)));
        let status = end.as_ref().map_or(Status::Running, |(_, status)| status.clone());
        events.first()?;
        let started = events.iter().find(|event| event.event_type == "ExecutionStarted");
        let text = |member: &str| end.as_ref().and_then(|(event, _)| event.detail(member)).map(str::to_owned);
        let mut seen = Observation::new(status, started.map(|event| event.at));
        seen.subject = Subject {
            execution_arn: Some(arn.as_str().to_owned()),
            machine_arn: Some(arn.machine().as_str().to_owned()),
            name: Some(arn.name().to_owned()),
        };
        seen.stop_date = end.as_ref().map(|(event, _)| event.at);
        // A part of an input is not the one that was received.
        seen.input = started
            .filter(|event| !is_truncated(event, "inputDetails"))
            .and_then(|event| event.detail("input"))
            .map(Payload::received);
        seen.output = text("output").map(Payload::received);
        (seen.error, seen.cause) = (text("error"), text("cause"));
        if end.as_ref().is_some_and(|(event, _)| is_truncated(event, "outputDetails")) {
            seen.others = OtherMembers::received([("outputDetails", "{\"truncated\":true}")]);
        }
        Some(seen)
    }

    /// Returns why these observations do not show the execution's status; `None` if they do. A log with nothing but failures,
    /// or without an end long after the start, does not show it.
    pub(crate) fn objection(self, seen: &Observation, started: Option<Timestamp>, now: Timestamp) -> Option<Failure> {
        let started = seen.start_date.or(started);
        let is_clear = seen.is_ended() || self.has_ordinary && started.is_none_or(|started| !is_over(started, now));
        (!is_clear).then(|| self.conclusion())
    }

    /// Returns what is known about an execution that must have ended, but has no end in the log.
    pub fn conclusion(self) -> Failure {
        let kind = if self.has_ordinary { FailureKind::EndNotLogged } else { FailureKind::NoErrorLogged };
        Failure::without_response(kind, "")
    }
}

/// Returns whether these are all events of an execution: its end, and every event before it.
pub fn is_complete<'e>(events: impl Iterator<Item = &'e HistoryEvent>) -> bool {
    let (mut count, mut last, mut has_ended) = (0_u64, 0, false);
    for event in events {
        (count, last) = (count + 1, event.id.max(last));
        has_ended |= ended(&event.event_type).is_some();
    }
    has_ended && last <= count
}

/// Returns whether an execution with this start has ended, and all of its events are in the log.
fn is_over(started: Timestamp, now: Timestamp) -> bool {
    now.since(started) >= LONGEST_EXPRESS + LOG_DELIVERY
}

/// Returns the outcome that an event reports.
fn ended(event_type: &str) -> Option<Status> {
    Some(match event_type {
        "ExecutionSucceeded" => Status::Succeeded,
        "ExecutionFailed" => Status::Failed,
        "ExecutionTimedOut" => Status::TimedOut,
        "ExecutionAborted" => Status::Aborted,
        _ => return None,
    })
}

/// Returns whether the log levels ERROR or FATAL contain events of this type (Step Functions developer guide, "Log levels").
fn is_failure(event_type: &str) -> bool {
    ["Failed", "TimedOut", "Aborted"].iter().any(|end| event_type.ends_with(end)) || event_type == "FailStateEntered"
}

/// A log event has a limited size, and longer payloads are cut.
fn is_truncated(event: &HistoryEvent, member: &str) -> bool {
    let details = event.details.as_ref().and_then(|(_, details)| details.get(member)?.get("truncated"));
    details.is_some_and(|truncated| truncated == true || truncated == "true")
}
