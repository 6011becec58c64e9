//! The engine: a pure function from definition, input, start and what was done to it to how an execution ends
//! and when, and to its events.

mod events;
mod run;
mod walk;

use serde_json::json;

use crate::asl::data::Data;
use crate::limit::MAX_INPUT_BYTES;
use crate::timestamp::Timestamp;

pub use events::Event;
pub use run::{Intervention, Run};

use events::{EventId, Events, failed};
use run::EVENT_MILLIS;
use walk::{Location, Stopped, Walk};

/// How an execution ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With an output.
    Succeeded(String),
    /// With an error and a cause, if the failure named them.
    Failed(Option<String>, Option<String>),
    /// By `TimeoutSeconds`.
    TimedOut,
    /// By `StopExecution`, with its error and cause.
    Aborted(Option<String>, Option<String>),
}

/// When and how an execution ends: all that there is to know, before it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// When.
    pub stop: Timestamp,
    /// How.
    pub end: End,
    /// How often it was redriven.
    pub redrives: u32,
    /// When it was redriven last.
    pub redriven: Option<Timestamp>,
}

/// Works an execution out to its end.
pub fn timeline(run: &Run<'_>) -> Timeline {
    play(run, Events::Ignored).0
}

/// The events of an execution that have happened by now.
pub fn history(run: &Run<'_>, now: Timestamp) -> Vec<Event> {
    play(run, Events::Noted(Vec::new())).1.in_order(now)
}

/// Attempt by attempt: each redrive begins another one, in the state that the one before ended in.
fn play(run: &Run<'_>, events: Events) -> (Timeline, Events) {
    let mut walk = Walk::new(run, events);
    let mut began = run.start.as_millis();
    walk.events.note(began, "ExecutionStarted", 0, || {
        let details = json!({ "input": run.input, "inputDetails": { "truncated": false } });
        Some(("executionStartedEventDetails", details))
    });
    let (state, data) = (run.definition.start_at.clone(), Data::from_text(run.input));
    // The first state's event names none before it.
    let mut from = Location { state, data, at: began + EVENT_MILLIS, after: 0 };
    let mut coming = run.interventions.iter().peekable();
    let (mut redrives, mut last_redrive) = (0, None);
    loop {
        let stopped = coming.next_if(|next| matches!(next, Intervention::Stop { .. }));
        let attempt = one_attempt(&mut walk, from, began, stopped);
        match coming.next() {
            Some(Intervention::Redrive { at }) => {
                began = at.as_millis();
                redrives += 1;
                walk.counted += 2;
                last_redrive = Some(*at);
                let count = json!({ "redriveCount": redrives });
                let details = || Some(("executionRedrivenEventDetails", count));
                let after = walk.events.note(began, "ExecutionRedriven", attempt.last, details);
                from = Location { at: began + EVENT_MILLIS, after, ..attempt.reached };
            }
            // Nothing that has ended is stopped.
            Some(Intervention::Stop { .. }) | None => {
                let stop = Timestamp::from_millis(attempt.stop);
                return (Timeline { stop, end: attempt.end, redrives, redriven: last_redrive }, walk.events);
            }
        }
    }
}

struct Attempt {
    stop: i64,
    end: End,
    last: EventId,
    reached: Location,
}

/// Walks until the machine ends, its time is up, or it is stopped.
fn one_attempt(walk: &mut Walk<'_>, from: Location, began: i64, stopped: Option<&Intervention>) -> Attempt {
    let seconds = walk.run.definition.timeout_seconds;
    let limit = seconds.map_or(i64::MAX, |seconds| began + i64::try_from(seconds * 1000).unwrap_or(i64::MAX));
    let stop_at = match stopped {
        Some(Intervention::Stop { at, .. }) => at.as_millis(),
        _ => i64::MAX,
    };
    let until = limit.min(stop_at);
    let noted = walk.events.count();
    let (ended, reached) = walk.attempt(from, until);
    let (stop, end, last) = match ended {
        Ok(place) if place.at <= until => (place.at, succeeded(place.data), place.after),
        Err(Stopped { at, error, cause, after }) if at <= until => (at, End::Failed(error, cause), after),
        _ => {
            let end = match stopped {
                Some(Intervention::Stop { error, cause, .. }) if stop_at <= limit => {
                    End::Aborted(error.clone(), cause.clone())
                }
                _ => End::TimedOut,
            };
            let last = walk.events.cut(noted, until);
            (until, end, last)
        }
    };
    // What other branches would have done later does not happen.
    walk.events.cut(noted, stop);
    let last = match &end {
        End::Succeeded(output) => {
            let details = || {
                let details = json!({ "output": output, "outputDetails": { "truncated": false } });
                Some(("executionSucceededEventDetails", details))
            };
            walk.events.note(stop, "ExecutionSucceeded", last, details)
        }
        End::Failed(error, cause) => walk.events.note(stop, "ExecutionFailed", last, || {
            Some(failed("executionFailedEventDetails", error.as_ref(), cause.as_ref()))
        }),
        End::TimedOut => walk
            .events
            .note(stop, "ExecutionTimedOut", last, || Some(failed("executionTimedOutEventDetails", None, None))),
        // Recorded with none before it.
        End::Aborted(error, cause) => walk.events.note(stop, "ExecutionAborted", 0, || {
            Some(failed("executionAbortedEventDetails", error.as_ref(), cause.as_ref()))
        }),
    };
    Attempt { stop, end, last, reached }
}

fn succeeded(data: Data) -> End {
    let output = data.into_text();
    if output.len() <= MAX_INPUT_BYTES {
        return End::Succeeded(output);
    }
    let cause = format!("The output has {} bytes, more than the maximum of {MAX_INPUT_BYTES}.", output.len());
    End::Failed(Some("States.DataLimitExceeded".into()), Some(cause))
}

#[cfg(test)]
mod tests;
