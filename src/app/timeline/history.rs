//! The events of a history received so far, in any order, and the steps built from them.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::app::timeline::steps::Steps;
use stepgate_core::domain::{HistoryEvent, MAX_HISTORY_EVENTS, agreeing, counted};

/// Members of event details that steps are built from. Payloads are read separately, for the selected step.
const MEMBERS: [&str; 12] = [
    "name",
    "index",
    "state",
    "error",
    "cause",
    "resource",
    "resourceType",
    "mapRunArn",
    "redriveCount",
    "timeoutInSeconds",
    "heartbeatInSeconds",
    "length",
];
/// Limits in characters. The API reference allows 80 for a name, 256 for an error, 32,768 for a cause.
const MOST_OF_A_NAME: usize = 100;
const MOST_OF_A_WORD: usize = 300;
const MOST_OF_A_CAUSE: usize = 32_768;
/// Limit in bytes for all errors and causes; further ones are cut like names.
const MOST_OF_FAILURES: usize = 4 * 1024 * 1024;

/// Why the steps of a history may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Events are missing.
    Gaps {
        /// The number of events received.
        events: usize,
        /// The id of the last one.
        last: u64,
    },
    /// Events do not say which event led to them.
    Links {
        /// The number of such events.
        events: usize,
    },
}

impl Flaw {
    /// Returns a short description.
    pub fn short(self) -> &'static str {
        match self {
            Self::Gaps { .. } => "the history is incomplete",
            Self::Links { .. } => "the nesting is uncertain",
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gaps { events, last } => {
                write!(
                    f,
                    "{}: it has {}, and the last one has the id {last}; steps may be missing",
                    self.short(),
                    counted(*events, "event")
                )
            }
            Self::Links { events } => {
                write!(
                    f,
                    "{}: {} {} no valid previousEventId; steps may be in the wrong place",
                    self.short(),
                    counted(*events, "event"),
                    agreeing(*events, "has", "have")
                )
            }
        }
    }
}

/// The events by id, and their steps.
#[derive(Debug, Clone, Default)]
pub struct History {
    events: BTreeMap<u64, HistoryEvent>,
    steps: Steps,
    failures: usize,
}

impl History {
    /// Returns the steps.
    pub fn steps(&self) -> &Steps {
        &self.steps
    }

    /// Returns the number of events received.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Returns whether no event has been received.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Returns whether the history has the maximum of 25,000 events.
    pub fn is_full(&self) -> bool {
        self.events.len() >= MAX_HISTORY_EVENTS
    }

    /// Returns whether an event has been received.
    pub fn has(&self, event: u64) -> bool {
        self.events.contains_key(&event)
    }

    /// Returns the event that ended the execution.
    pub fn end(&self) -> Option<&HistoryEvent> {
        let (_, last) = self.events.last_key_value()?;
        let is_end = ["ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"];
        is_end.contains(&last.event_type.as_str()).then_some(last)
    }

    /// Returns whether all events up to the end of the execution have been received.
    pub fn is_complete(&self) -> bool {
        self.end().is_some() && !self.has_gaps()
    }

    /// Returns the id of the last event, or 0.
    pub fn last_event(&self) -> u64 {
        self.events.last_key_value().map_or(0, |(id, _)| *id)
    }

    /// Returns what is wrong with a history that has been read to its end.
    pub fn flaw(&self) -> Option<Flaw> {
        if self.has_gaps() {
            return Some(Flaw::Gaps { events: self.len(), last: self.last_event() });
        }
        Some(self.steps.misplaced()).filter(|events| *events > 0).map(|events| Flaw::Links { events })
    }

    /// Returns whether ids are missing: Step Functions counts events from 1.
    fn has_gaps(&self) -> bool {
        let first = self.events.first_key_value().map_or(1, |(id, _)| *id).min(1);
        let count = u64::try_from(self.events.len()).unwrap_or(u64::MAX);
        !self.is_empty() && !self.is_full() && self.last_event() - first >= count
    }

    /// Returns the number of events before this one.
    pub fn rank(&self, event: u64) -> usize {
        self.events.range(..event).count()
    }

    /// Adds events in any order, ignoring duplicates, and returns how many were new.
    pub fn add(&mut self, events: impl IntoIterator<Item = HistoryEvent>) -> usize {
        let known = self.last_event();
        let (mut new, mut is_late) = (Vec::new(), false);
        for event in events {
            if self.is_full() || self.events.contains_key(&event.id) {
                continue;
            }
            is_late |= event.id < known;
            new.push(event.id);
            let event = self.stripped(event);
            self.events.insert(event.id, event);
        }
        new.sort_unstable();
        if is_late {
            // Its successors may belong elsewhere.
            self.steps = Steps::default();
            self.events.values().for_each(|event| self.steps.push(event));
        } else {
            new.iter().filter_map(|id| self.events.get(id)).for_each(|event| self.steps.push(event));
        }
        new.len()
    }

    /// Removes payloads and unknown members, and cuts overlong texts.
    fn stripped(&mut self, event: HistoryEvent) -> HistoryEvent {
        let details = event.details.map(|(member, mut details)| {
            let mut stripped = Map::new();
            for name in MEMBERS {
                match details.remove(name) {
                    Some(Value::String(text)) => {
                        let is_failure = matches!(name, "error" | "cause");
                        let most = match name {
                            "name" | "state" => MOST_OF_A_NAME,
                            _ if is_failure && self.failures > MOST_OF_FAILURES => MOST_OF_A_NAME,
                            "cause" => MOST_OF_A_CAUSE,
                            _ => MOST_OF_A_WORD,
                        };
                        let text = cut(text, most);
                        self.failures += if is_failure { text.len() } else { 0 };
                        stripped.insert(name.to_owned(), Value::String(text));
                    }
                    Some(number @ Value::Number(_)) => {
                        stripped.insert(name.to_owned(), number);
                    }
                    _ => {}
                }
            }
            (cut(member, MOST_OF_A_WORD), stripped)
        });
        HistoryEvent { event_type: cut(event.event_type, MOST_OF_A_WORD), details, ..event }
    }
}

/// Cuts a text to this many characters.
fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        // Without spare capacity.
        None => text.into_boxed_str().into_string(),
    }
}
