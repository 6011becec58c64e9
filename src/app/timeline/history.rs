//! The events of a history as far as they are known, in whatever order they arrive, and the steps made of them.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::app::timeline::steps::Steps;
use stepgate_core::domain::{HistoryEvent, MAX_HISTORY_EVENTS};

/// Members of event details that steps are made of. Payloads are read for the step that is looked at.
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
/// Characters of a text that are kept: a name has at most 80, an error 256, a cause 32,768 (API reference).
const MOST_OF_A_NAME: usize = 100;
const MOST_OF_A_WORD: usize = 300;
const MOST_OF_A_CAUSE: usize = 32_768;
/// Bytes of errors and causes that are kept in all; later ones are cut like names.
const MOST_OF_FAILURES: usize = 4 * 1024 * 1024;

/// Why the steps of a history may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Events are missing.
    Gaps {
        /// Number of events received.
        events: usize,
        /// The id of the last one.
        last: u64,
    },
    /// Events do not say which event led to them.
    Links {
        /// Number of such events.
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
                    "{}: it has {events} events, and the last one has the id {last}; steps may be missing",
                    self.short()
                )
            }
            Self::Links { events: 1 } => {
                write!(f, "{}: one event has no valid previousEventId; steps may be in the wrong place", self.short())
            }
            Self::Links { events } => {
                write!(
                    f,
                    "{}: {events} events have no valid previousEventId; steps may be in the wrong place",
                    self.short()
                )
            }
        }
    }
}

/// Events by id, and their steps.
#[derive(Debug, Clone, Default)]
pub struct History {
    events: BTreeMap<u64, HistoryEvent>,
    steps: Steps,
    failures: usize,
}

impl History {
    /// The steps.
    pub fn steps(&self) -> &Steps {
        &self.steps
    }

    /// How many events are known.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Whether there is no room for more: a history has at most 25,000 events.
    pub fn is_full(&self) -> bool {
        self.events.len() >= MAX_HISTORY_EVENTS
    }

    /// Whether an event is known.
    pub fn has(&self, event: u64) -> bool {
        self.events.contains_key(&event)
    }

    /// The event that ended the execution, if it has ended.
    pub fn end(&self) -> Option<&HistoryEvent> {
        let (_, last) = self.events.last_key_value()?;
        let is_end = ["ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"];
        is_end.contains(&last.event_type.as_str()).then_some(last)
    }

    /// The id of the last event, or 0.
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

    /// How many events there are before this one.
    pub fn rank(&self, event: u64) -> usize {
        self.events.range(..event).count()
    }

    /// Takes events, in any order and any number of times; returns how many were new.
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
            // What it led to may belong elsewhere.
            self.steps = Steps::default();
            self.events.values().for_each(|event| self.steps.push(event));
        } else {
            new.iter().filter_map(|id| self.events.get(id)).for_each(|event| self.steps.push(event));
        }
        new.len()
    }

    /// Without payloads, and without what no service sends.
    fn stripped(&mut self, event: HistoryEvent) -> HistoryEvent {
        let details = event.details.map(|(member, mut details)| {
            let mut kept = Map::new();
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
                        kept.insert(name.to_owned(), Value::String(text));
                    }
                    Some(number @ Value::Number(_)) => {
                        kept.insert(name.to_owned(), number);
                    }
                    _ => {}
                }
            }
            (cut(member, MOST_OF_A_WORD), kept)
        });
        HistoryEvent { event_type: cut(event.event_type, MOST_OF_A_WORD), details, ..event }
    }
}

/// A text with at most so many characters.
fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        // Without the room that reading it took.
        None => text.into_boxed_str().into_string(),
    }
}
