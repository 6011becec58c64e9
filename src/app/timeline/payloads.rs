//! The payloads of events: inputs, parameters, results, outputs and variables. They are read for the selected step from
//! the nearer end of the history; payloads read on the way are cached within limits.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::app::timeline::history::History;
use stepgate_core::domain::{HistoryEvent, Paged};
use stepgate_core::lifecycle::paging::{Next, PageSize, Pages};

/// Limit in bytes for the cache.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// The payloads of an event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct EventData {
    /// The input of an entered state, or of a scheduled function or activity.
    pub input: Option<Arc<str>>,
    /// The parameters of a scheduled task.
    pub parameters: Option<Arc<str>>,
    /// The output of an exited state, or the result of a task.
    pub output: Option<Arc<str>>,
    /// The assigned variables as a JSON object.
    pub variables: Option<Arc<str>>,
}

impl EventData {
    fn from_event(event: &HistoryEvent) -> Self {
        let text = |member: &str| event.detail(member).map(Arc::from);
        let variables = event.details.as_ref().and_then(|(_, details)| details.get("assignedVariables"));
        Self {
            input: text("input"),
            parameters: text("parameters"),
            output: text("output"),
            variables: variables.and_then(variables_text),
        }
    }

    fn bytes(&self) -> usize {
        let texts = [&self.input, &self.parameters, &self.output, &self.variables];
        texts.into_iter().flatten().map(|text| text.len()).sum::<usize>() + 64
    }
}

/// Formats variables as a JSON object; the service sends each value as JSON in a string.
fn variables_text(variables: &Value) -> Option<Arc<str>> {
    let members = variables.as_object().filter(|members| !members.is_empty())?;
    let member = |(name, value): (&String, &Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{}:{value}", Value::from(name.as_str()))
    };
    let members: Vec<String> = members.iter().map(member).collect();
    Some(format!("{{{}}}", members.join(",")).into())
}

/// The progress of reading in one direction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Side {
    pages: Pages,
    /// The last event read.
    reached: Option<u64>,
    /// The token of the next page.
    token: Option<String>,
}

impl Side {
    fn can_continue(&self) -> bool {
        self.reached.is_none() || self.token.is_some()
    }
}

/// The payloads read so far, and the progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Payloads {
    data: HashMap<u64, EventData>,
    bytes: usize,
    page: PageSize,
    from_start: Side,
    from_end: Side,
    /// The last event when reading from the end began.
    top: u64,
    /// Whether the cache was cleared since a side began.
    was_dropped: bool,
    target: u64,
}

impl Payloads {
    /// Returns an empty cache.
    pub(super) fn new() -> Self {
        Self {
            data: HashMap::new(),
            bytes: 0,
            page: PageSize::new(true),
            from_start: Side::default(),
            from_end: Side::default(),
            top: u64::MAX,
            was_dropped: false,
            target: 0,
        }
    }

    /// Returns the payloads of an event, if they have been read.
    pub(super) fn get(&self, event: u64) -> Option<&EventData> {
        self.data.get(&event)
    }

    /// Returns the number of events read.
    pub(super) fn len(&self) -> usize {
        self.data.len()
    }

    /// Returns the next page to read for an event: whether it is in forward order, and its token. `None` if the event was
    /// found in neither direction.
    pub(super) fn next(&mut self, target: u64, history: &History) -> Option<(bool, Option<String>)> {
        if self.was_dropped && target != self.target {
            // Its payloads may have been dropped from the cache.
            self.was_dropped = false;
            self.start_over();
        } else if target > self.top {
            // The event is newer than the start of reading from the end.
            self.from_end = Side::default();
        }
        self.target = target;
        let rank = history.rank(target);
        let ahead = rank.saturating_sub(self.from_start.reached.map_or(0, |reached| history.rank(reached)));
        let back = self.from_end.reached.map_or(history.len(), |reached| history.rank(reached)).saturating_sub(rank);
        match (self.from_start.can_continue(), self.from_end.can_continue()) {
            (false, false) => None,
            (true, backward) if !backward || ahead <= back => Some((true, self.from_start.token.clone())),
            _ => Some((false, self.from_end.token.clone())),
        }
    }

    /// Returns the number of events to request.
    pub(super) fn page_size(&self) -> usize {
        self.page.events()
    }

    /// Adds a page.
    pub(super) fn add_page(&mut self, page: Paged<HistoryEvent>, forward: bool, history: &History) {
        let room = self.page.events();
        self.page.on_page(&page.items);
        if self.bytes > MOST_BYTES {
            self.data.clear();
            (self.bytes, self.was_dropped) = (0, true);
        }
        let side = if forward { &mut self.from_start } else { &mut self.from_end };
        if side.reached.is_none() && !forward {
            self.top = history.last_event();
        }
        side.token = match side.pages.add(room, &page.items, side.token.as_deref(), page.next) {
            Next::Page(token) => Some(token),
            Next::End | Next::Endless => None,
        };
        side.reached = page.items.last().map(|event| event.id).or(side.reached).or(Some(0));
        for event in page.items.iter().filter(|event| history.has(event.id)) {
            let data = EventData::from_event(event);
            self.bytes += data.bytes();
            self.data.insert(event.id, data);
        }
    }

    /// Keeps the payloads of events from a log, which has them on all pages, unless they are too many.
    pub(super) fn keep(&mut self, events: &[HistoryEvent]) {
        for event in events {
            let data = EventData::from_event(event);
            if self.bytes + data.bytes() <= MOST_BYTES && !self.data.contains_key(&event.id) {
                self.bytes += data.bytes();
                self.data.insert(event.id, data);
            }
        }
    }

    /// Records that the history has no payloads for an event.
    pub(super) fn give_up(&mut self, event: u64) {
        self.data.insert(event, EventData::default());
    }

    /// Handles a failed page; returns whether to request a smaller one.
    pub(super) fn on_failed(&mut self) -> bool {
        self.page.on_failure()
    }

    /// Starts again from both ends after the tokens have expired.
    pub(super) fn start_over(&mut self) {
        (self.from_start, self.from_end) = (Side::default(), Side::default());
    }
}
