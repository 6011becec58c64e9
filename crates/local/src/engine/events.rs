//! The events of an execution, recorded during the simulation if requested.

use serde_json::{Value, json};

use crate::asl::data::Data;
use crate::timestamp::Timestamp;

/// Identifies an event within a simulation; 0 is none.
pub(super) type EventId = usize;

/// One event of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Counted from 1.
    pub id: usize,
    /// The id of the event that led to it; 0 for the first ones.
    pub previous: usize,
    /// The time.
    pub at: Timestamp,
    /// The type, such as `PassStateEntered`.
    pub event_type: String,
    /// The details member of the type, with inputs and outputs.
    pub details: Option<(&'static str, Value)>,
}

type Details = Option<(&'static str, Value)>;

/// Records events.
#[derive(Debug)]
pub(super) enum Events {
    /// Events are not needed.
    Disabled,
    /// In the order of the simulation: branch by branch, not chronological.
    Recorded(Vec<Event>),
}

impl Events {
    /// Records an event; `details` is only called if events are needed.
    pub(super) fn record(
        &mut self,
        at: i64,
        event_type: &str,
        previous: EventId,
        details: impl FnOnce() -> Details,
    ) -> EventId {
        let Self::Recorded(events) = self else { return 0 };
        let (id, at) = (events.len() + 1, Timestamp::from_millis(at));
        events.push(Event { id, previous, at, event_type: event_type.to_owned(), details: details() });
        id
    }

    pub(super) fn count(&self) -> usize {
        match self {
            Self::Disabled => 0,
            Self::Recorded(events) => events.len(),
        }
    }

    /// Cancels events after `until`, except the first `count`. Returns the last remaining event.
    pub(super) fn truncate(&mut self, count: usize, until: i64) -> EventId {
        let Self::Recorded(events) = self else { return 0 };
        let mut last = (Timestamp::default(), 0);
        for event in &mut events[count..] {
            if event.at.as_millis() > until {
                event.at = Timestamp::from_millis(i64::MAX);
            } else if event.at >= last.0 {
                last = (event.at, event.id);
            }
        }
        last.1
    }

    /// Returns the events until `now` in chronological order, numbered accordingly.
    pub(super) fn until(self, now: Timestamp) -> Vec<Event> {
        let Self::Recorded(mut events) = self else { return Vec::new() };
        let mut numbers = vec![0; events.len() + 1];
        events.retain(|event| event.at <= now);
        events.sort_by_key(|event| event.at);
        for (index, event) in events.iter().enumerate() {
            numbers[event.id] = index + 1;
        }
        for event in &mut events {
            (event.id, event.previous) = (numbers[event.id], numbers[event.previous]);
        }
        events
    }
}

/// Returns the details of `*StateEntered`.
pub(super) fn entered(name: &str, input: &Data) -> (&'static str, Value) {
    let input = input.clone().into_text();
    let details = json!({ "input": input, "inputDetails": { "truncated": false }, "name": name });
    ("stateEnteredEventDetails", details)
}

/// Returns the details of `*StateExited`.
pub(super) fn exited(name: &str, output: &Data) -> (&'static str, Value) {
    let output = output.clone().into_text();
    let details = json!({ "name": name, "output": output, "outputDetails": { "truncated": false } });
    ("stateExitedEventDetails", details)
}

/// Returns the details of `ExecutionFailed` and `ExecutionAborted`.
pub(super) fn failed(member: &'static str, error: Option<&String>, cause: Option<&String>) -> (&'static str, Value) {
    let mut details = json!({});
    for (name, text) in [("error", error), ("cause", cause)] {
        if let Some(text) = text {
            details[name] = json!(text);
        }
    }
    (member, details)
}
