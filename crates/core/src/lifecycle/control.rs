//! The results of stop and redrive. Both responses only have a date, so the following status response decides.

use crate::domain::{ExecutionRecord, Observation, Redrive, Status, Timestamp};
use crate::lifecycle::merge::{self, Age};

/// The responses to a stop or redrive, and to the status request after it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ControlResult {
    /// Date in the response, if any.
    pub date: Option<Timestamp>,
    /// The following observation.
    pub seen: Option<Box<Observation>>,
}

/// The result of `StopExecution`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// It has ended as ABORTED.
    Aborted,
    /// It had ended before, with this status.
    AlreadyEnded(Status),
    /// The service has accepted the stop, but not reported the end yet.
    Accepted,
}

/// Classifies a stop by the following status response.
pub fn classify_stop(seen: Option<&Observation>) -> Stopped {
    match seen {
        Some(seen) if seen.status == Status::Aborted => Stopped::Aborted,
        Some(seen) if seen.is_ended() => Stopped::AlreadyEnded(seen.status.clone()),
        _ => Stopped::Accepted,
    }
}

/// Returns a record right after a redrive: RUNNING, with earlier responses void.
#[must_use]
pub fn after_redrive(record: ExecutionRecord, date: Timestamp) -> ExecutionRecord {
    let before = record.seen.as_ref();
    let redrive = Redrive {
        // A route without a count leaves it unknown.
        count: before.and_then(|seen| seen.redrive.count).map(|count| count + 1),
        date: Some(date),
        ..Redrive::default()
    };
    let mut seen = Observation { redrive, ..Observation::new(Status::Running, record.started) };
    if let Some(before) = before {
        seen.input.clone_from(&before.input);
        seen.subject.clone_from(&before.subject);
        seen.others = before.others.fixed();
    }
    ExecutionRecord { last_response: None, given_up: None, seen: Some(seen), ..record }
}

/// Returns whether a status shows a redrive since `before`, after the response to the redrive was lost: running
/// executions cannot be redriven, so it was.
pub fn was_redriven(before: Option<&Observation>, seen: &Observation) -> bool {
    !seen.is_ended() || before.is_some_and(|before| merge::age(before, seen) == Age::AfterRedrive)
}

/// Returns whether a status response is from after the redrive.
pub fn includes_redrive(redriven: &Observation, seen: &Observation) -> bool {
    match merge::age(redriven, seen) {
        Age::Same | Age::AfterRedrive => true,
        Age::BeforeRedrive | Age::Unclear => false,
    }
}
