//! The events of an execution, noted while it is walked through, where somebody asks for them.

use serde_json::{Value, json};

use crate::asl::data::Data;
use crate::timestamp::Timestamp;

/// Tells an event from the others of its walk; 0 is before all of them.
pub(super) type EventId = usize;

/// One event of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// From 1 on.
    pub id: usize,
    /// The one that led to it; 0 for the first ones.
    pub previous: usize,
    /// When.
    pub at: Timestamp,
    /// Such as `PassStateEntered`.
    pub event_type: String,
    /// The member with what belongs to the type, with inputs and outputs.
    pub details: Option<(&'static str, Value)>,
}

type Details = Option<(&'static str, Value)>;

/// Events in the making.
#[derive(Debug)]
pub(super) enum Events {
    /// Nobody asks.
    Ignored,
    /// As they come: branch by branch, not in the order of time.
    Noted(Vec<Event>),
}

impl Events {
    /// Notes one; `details` is only called when somebody asks.
    pub(super) fn note(
        &mut self,
        at: i64,
        event_type: &str,
        previous: EventId,
        details: impl FnOnce() -> Details,
    ) -> EventId {
        let Self::Noted(events) = self else { return 0 };
        let (id, at) = (events.len() + 1, Timestamp::from_millis(at));
        events.push(Event { id, previous, at, event_type: event_type.to_owned(), details: details() });
        id
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Ignored => 0,
            Self::Noted(events) => events.len(),
        }
    }

    /// Those noted after the first `count` that lie behind `until` do not come about. The last one that does.
    pub(super) fn cut(&mut self, count: usize, until: i64) -> EventId {
        let Self::Noted(events) = self else { return 0 };
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

    /// Those that have happened by now, numbered in the order of time.
    pub(super) fn in_order(self, now: Timestamp) -> Vec<Event> {
        let Self::Noted(mut events) = self else { return Vec::new() };
        let mut numbers = vec![0; events.len() + 1];
        events.retain(|event| event.at <= now);
        events.sort_by_key(|event| event.at);
        for (place, event) in events.iter().enumerate() {
            numbers[event.id] = place + 1;
        }
        for event in &mut events {
            (event.id, event.previous) = (numbers[event.id], numbers[event.previous]);
        }
        events
    }
}

/// What belongs to `*StateEntered`.
pub(super) fn entered(name: &str, input: &Data) -> (&'static str, Value) {
    let input = input.clone().into_text();
    let details = json!({ "input": input, "inputDetails": { "truncated": false }, "name": name });
    ("stateEnteredEventDetails", details)
}

/// What belongs to `*StateExited`.
pub(super) fn exited(name: &str, output: &Data) -> (&'static str, Value) {
    let output = output.clone().into_text();
    let details = json!({ "name": name, "output": output, "outputDetails": { "truncated": false } });
    ("stateExitedEventDetails", details)
}

/// What belongs to `ExecutionFailed` and `ExecutionAborted`.
pub(super) fn failed(member: &'static str, error: Option<&String>, cause: Option<&String>) -> (&'static str, Value) {
    let mut details = json!({});
    for (name, text) in [("error", error), ("cause", cause)] {
        if let Some(text) = text {
            details[name] = json!(text);
        }
    }
    (member, details)
}
