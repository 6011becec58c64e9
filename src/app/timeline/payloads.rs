//! The payloads of events: inputs, parameters, results, outputs and variables. They are read for the step that is looked
//! at, from the nearer end of the history, and what is passed on the way is kept within limits.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::app::timeline::history::History;
use stepgate_core::domain::{HistoryEvent, Paged};
use stepgate_core::lifecycle::paging::{Next, PageSize, Pages};

/// Bytes that are kept; beyond that what is not looked at is read again when it is.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// What an event carries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventData {
    /// The input of a state that is entered, or of a function or activity that is scheduled.
    pub input: Option<Arc<str>>,
    /// The parameters of a task that is scheduled.
    pub parameters: Option<Arc<str>>,
    /// The output of a state that is left, or the result of a task.
    pub output: Option<Arc<str>>,
    /// The variables that a state assigns, as a JSON object.
    pub variables: Option<Arc<str>>,
}

impl EventData {
    fn of(event: &HistoryEvent) -> Self {
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

/// The service gives each variable's value as JSON in a string.
fn variables_text(variables: &Value) -> Option<Arc<str>> {
    let members = variables.as_object().filter(|members| !members.is_empty())?;
    let member = |(name, value): (&String, &Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{}:{value}", Value::from(name.as_str()))
    };
    let members: Vec<String> = members.iter().map(member).collect();
    Some(format!("{{{}}}", members.join(",")).into())
}

/// Reading in one direction.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Side {
    pages: Pages,
    /// The last event that was read.
    reached: Option<u64>,
    /// Where it continues.
    token: Option<String>,
}

impl Side {
    fn can_continue(&self) -> bool {
        self.reached.is_none() || self.token.is_some()
    }
}

/// What was read, and how far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payloads {
    data: HashMap<u64, EventData>,
    bytes: usize,
    page: PageSize,
    from_start: Side,
    from_end: Side,
    /// The last event there was when reading from the end began.
    top: u64,
    /// Whether something was dropped to make room since a side began.
    was_dropped: bool,
    target: u64,
}

impl Payloads {
    /// Nothing has been read.
    pub fn new() -> Self {
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

    /// What an event carries, if it has been read.
    pub fn get(&self, event: u64) -> Option<&EventData> {
        self.data.get(&event)
    }

    /// How many events have been read.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether the page with this event is read from the start, and where it continues; `None` if both ways have been
    /// gone in vain.
    pub fn next(&mut self, target: u64, history: &History) -> Option<(bool, Option<String>)> {
        if self.was_dropped && target != self.target {
            // What was passed may have been dropped to make room.
            self.was_dropped = false;
            self.start_over();
        } else if target > self.top {
            // It has come since reading from the end began.
            self.from_end = Side::default();
        }
        self.target = target;
        let rank = history.rank(target);
        let ahead = rank.saturating_sub(self.from_start.reached.map_or(0, |reached| history.rank(reached)));
        let behind = self.from_end.reached.map_or(history.len(), |reached| history.rank(reached)).saturating_sub(rank);
        match (self.from_start.can_continue(), self.from_end.can_continue()) {
            (false, false) => None,
            (true, backward) if !backward || ahead <= behind => Some((true, self.from_start.token.clone())),
            _ => Some((false, self.from_end.token.clone())),
        }
    }

    /// How many events to ask for.
    pub fn page(&self) -> usize {
        self.page.events()
    }

    /// Takes a page.
    pub fn take(&mut self, page: Paged<HistoryEvent>, forward: bool, history: &History) {
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
            let data = EventData::of(event);
            self.bytes += data.bytes();
            self.data.insert(event.id, data);
        }
    }

    /// The history has no data for an event.
    pub fn give_up(&mut self, event: u64) {
        self.data.insert(event, EventData::default());
    }

    /// A page failed; whether a smaller one is worth asking for.
    pub fn failed(&mut self) -> bool {
        self.page.on_failure()
    }

    /// Tokens are not good any more.
    pub fn start_over(&mut self) {
        (self.from_start, self.from_end) = (Side::default(), Side::default());
    }
}
