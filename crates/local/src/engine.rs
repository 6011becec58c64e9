//! The engine: pure functions from an execution's definition, input, start and interventions to its end and its events.

mod events;
mod run;
mod simulation;

use serde_json::json;

use crate::asl::data::Data;
use crate::quotas::MAX_INPUT_BYTES;
use crate::timestamp::Timestamp;

pub use events::Event;
pub use run::{Intervention, Run};

use events::{EventId, Events, failed};
use run::EVENT_MILLIS;
use simulation::{BranchFailure, Location, Simulation};

/// How an execution ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With this output.
    Succeeded(String),
    /// With error and cause, if any.
    Failed(Option<String>, Option<String>),
    /// By `TimeoutSeconds`.
    TimedOut,
    /// By `StopExecution`, with its error and cause.
    Aborted(Option<String>, Option<String>),
}

/// When and how an execution ends, computed in advance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// The time of its end.
    pub stop: Timestamp,
    /// How it ends.
    pub end: End,
    /// Number of redrives.
    pub redrives: u32,
    /// Time of the last redrive.
    pub redriven: Option<Timestamp>,
}

/// Computes the end of an execution.
pub fn timeline(run: &Run<'_>) -> Timeline {
    simulate(run, Events::Disabled).0
}

/// Returns the events of an execution until `now`.
pub fn history(run: &Run<'_>, now: Timestamp) -> Vec<Event> {
    simulate(run, Events::Recorded(Vec::new())).1.until(now)
}

/// Simulates one attempt after another: each redrive starts a new one, in the state in which the previous one ended.
fn simulate(run: &Run<'_>, events: Events) -> (Timeline, Events) {
    let mut simulation = Simulation::new(run, events);
    let mut started = run.start.as_millis();
    simulation.events.record(started, "ExecutionStarted", 0, || {
        let details = json!({ "input": run.input, "inputDetails": { "truncated": false } });
        Some(("executionStartedEventDetails", details))
    });
    let (state, data) = (run.definition.start_at.clone(), Data::from_text(run.input));
    // The event of the first state has no previous one.
    let mut from = Location { state, data, at: started + EVENT_MILLIS, after: 0 };
    let mut interventions = run.interventions.iter().peekable();
    let (mut redrives, mut last_redrive) = (0, None);
    loop {
        let stopped = interventions.next_if(|next| matches!(next, Intervention::Stop { .. }));
        let attempt = attempt(&mut simulation, from, started, stopped);
        match interventions.next() {
            Some(Intervention::Redrive { at }) => {
                started = at.as_millis();
                redrives += 1;
                simulation.event_count += 2;
                last_redrive = Some(*at);
                let count = json!({ "redriveCount": redrives });
                let details = || Some(("executionRedrivenEventDetails", count));
                let after = simulation.events.record(started, "ExecutionRedriven", attempt.last, details);
                from = Location { at: started + EVENT_MILLIS, after, ..attempt.last_state };
            }
            // An execution that has ended cannot be stopped.
            Some(Intervention::Stop { .. }) | None => {
                let stop = Timestamp::from_millis(attempt.stop);
                return (Timeline { stop, end: attempt.end, redrives, redriven: last_redrive }, simulation.events);
            }
        }
    }
}

struct Attempt {
    stop: i64,
    end: End,
    last: EventId,
    last_state: Location,
}

/// Runs until the machine ends, times out or is stopped.
fn attempt(simulation: &mut Simulation<'_>, from: Location, started: i64, stopped: Option<&Intervention>) -> Attempt {
    let seconds = simulation.run.definition.timeout_seconds;
    let limit = seconds.map_or(i64::MAX, |seconds| started + i64::try_from(seconds * 1000).unwrap_or(i64::MAX));
    let stop_at = match stopped {
        Some(Intervention::Stop { at, .. }) => at.as_millis(),
        _ => i64::MAX,
    };
    let until = limit.min(stop_at);
    let recorded = simulation.events.count();
    let (ended, last_state) = simulation.attempt(from, until);
    let (stop, end, last) = match ended {
        Ok(end) if end.at <= until => (end.at, succeeded(end.data), end.after),
        Err(BranchFailure { at, error, cause, after }) if at <= until => (at, End::Failed(error, cause), after),
        _ => {
            let end = match stopped {
                Some(Intervention::Stop { error, cause, .. }) if stop_at <= limit => {
                    End::Aborted(error.clone(), cause.clone())
                }
                _ => End::TimedOut,
            };
            let last = simulation.events.truncate(recorded, until);
            (until, end, last)
        }
    };
    // Later events of other branches do not happen.
    simulation.events.truncate(recorded, stop);
    let last = match &end {
        End::Succeeded(output) => {
            let details = || {
                let details = json!({ "output": output, "outputDetails": { "truncated": false } });
                Some(("executionSucceededEventDetails", details))
            };
            simulation.events.record(stop, "ExecutionSucceeded", last, details)
        }
        End::Failed(error, cause) => simulation.events.record(stop, "ExecutionFailed", last, || {
            Some(failed("executionFailedEventDetails", error.as_ref(), cause.as_ref()))
        }),
        End::TimedOut => simulation
            .events
            .record(stop, "ExecutionTimedOut", last, || Some(failed("executionTimedOutEventDetails", None, None))),
        // Has no previous event.
        End::Aborted(error, cause) => simulation.events.record(stop, "ExecutionAborted", 0, || {
            Some(failed("executionAbortedEventDetails", error.as_ref(), cause.as_ref()))
        }),
    };
    Attempt { stop, end, last, last_state }
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
