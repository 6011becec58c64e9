//! What a stop and a redrive led to. Both responses carry a date only, so the status response that follows decides.

use crate::domain::{ExecutionRecord, Observation, Redrive, Status, Timestamp};
use crate::lifecycle::merge::{self, Age};

/// The responses to a stop or redrive, and to the status question that followed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Controlled {
    /// When it was done, if the response says so.
    pub date: Option<Timestamp>,
    /// What was observed afterwards.
    pub seen: Option<Box<Observation>>,
}

/// What a `StopExecution` led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// It ended as ABORTED.
    Aborted,
    /// It had ended before, with this status.
    AlreadyEnded(Status),
    /// The service has accepted the stop, and has not reported the end yet.
    Accepted,
}

/// Judges a stop by the status response that followed it.
pub fn stopped(seen: Option<&Observation>) -> Stopped {
    match seen {
        Some(seen) if seen.status == Status::Aborted => Stopped::Aborted,
        Some(seen) if seen.is_ended() => Stopped::AlreadyEnded(seen.status.clone()),
        _ => Stopped::Accepted,
    }
}

/// An execution right after it was redriven: it runs, and responses from before say nothing any more.
#[must_use]
pub fn redriven(record: ExecutionRecord, date: Timestamp) -> ExecutionRecord {
    let before = record.seen.as_ref();
    let redrive = Redrive {
        // A route that does not count leaves the count unknown.
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
    ExecutionRecord { answered: None, given_up: None, seen: Some(seen), ..record }
}

/// Whether a status shows that an execution was redriven since `before`, for a redrive whose response was lost: what
/// runs cannot be redriven, so it was.
pub fn was_redriven(before: Option<&Observation>, seen: &Observation) -> bool {
    !seen.is_ended() || before.is_some_and(|before| merge::age(before, seen) == Age::AfterRedrive)
}

/// Whether a status response knows of the redrive.
pub fn knows_redrive(redriven: &Observation, seen: &Observation) -> bool {
    match merge::age(redriven, seen) {
        Age::Same | Age::AfterRedrive => true,
        Age::BeforeRedrive | Age::Unclear => false,
    }
}
