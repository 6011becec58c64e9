//! The log of EXPRESS executions, as with level `ALL` and execution data: each event of a history is a log event. It is
//! computed on request, page by page.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::engine::Event;
use crate::express::{ExpressExecution, FilterPattern};
use crate::timestamp::Timestamp;

/// A request examines at most this many events, and this size of messages. If none of them match, the page is empty, but
/// has a token.
const MAX_EXAMINED: usize = 10_000;
const MAX_EXAMINED_BYTES: usize = 1024 * 1024;

/// The position of an event in the log; its text form is the event's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) at: Timestamp,
    serial: u64,
    id: usize,
}

impl fmt::Display for Position {
    /// 56 digits, as in CloudWatch Logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}{:018}{:018}", self.at.as_millis(), self.serial, self.id)
    }
}

impl Position {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() != 56 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let at = Timestamp::from_millis(text[..20].parse().ok()?);
        Some(Self { at, serial: text[20..38].parse().ok()?, id: text[38..].parse().ok()? })
    }
}

/// Which events to return.
#[derive(Debug)]
pub(crate) struct LogQuery {
    /// Including this time.
    pub(crate) from: Timestamp,
    /// Including this time, which is not in the future.
    pub(crate) until: Timestamp,
    pub(crate) pattern: FilterPattern,
    pub(crate) limit: usize,
    /// The last position of the previous page.
    pub(crate) after: Option<Position>,
}

/// An event in the log.
#[derive(Debug)]
pub(crate) struct LogEvent {
    pub(crate) position: Position,
    pub(crate) stream: String,
    pub(crate) message: String,
}

/// Events in the order of the log.
#[derive(Debug)]
pub(crate) struct LogPage {
    pub(crate) events: Vec<LogEvent>,
    /// Where to continue, if there may be more.
    pub(crate) next: Option<Position>,
}

/// Returns a page. `executions` are in the order of their starts.
pub(super) fn page(executions: &[Arc<ExpressExecution>], query: &LogQuery) -> LogPage {
    let mut examined = Examined::default();
    let from = query.after.map_or(query.from, |after| query.from.max(after.at));
    for execution in executions {
        if execution.start > query.until || examined.is_full_before(execution.start) {
            break;
        }
        if execution.timeline().stop < from {
            continue;
        }
        for event in execution.history(query.until) {
            let position = Position { at: event.at, serial: execution.serial, id: event.id };
            if position.at >= from && query.after.is_none_or(|after| position > after) {
                examined.add(position, execution, &event);
            }
        }
    }
    let last_examined = examined.events.last_key_value().map(|(position, _)| *position);
    let mut events: Vec<LogEvent> = examined.events.into_values().collect();
    events.retain(|event| query.pattern.matches(&event.message));
    let next = if events.len() > query.limit {
        events.truncate(query.limit);
        events.last().map(|event| event.position)
    } else {
        last_examined.filter(|_| examined.is_cut)
    };
    LogPage { events, next }
}

/// The first events, within the limits.
#[derive(Default)]
struct Examined {
    events: BTreeMap<Position, LogEvent>,
    bytes: usize,
    /// Whether there are later events.
    is_cut: bool,
}

impl Examined {
    fn add(&mut self, position: Position, execution: &ExpressExecution, event: &Event) {
        if self.is_cut && self.events.last_key_value().is_some_and(|(last, _)| position > *last) {
            return;
        }
        let message = message(execution, event).to_string();
        self.bytes += message.len();
        self.events.insert(position, LogEvent { position, stream: stream(execution), message });
        while self.events.len() > MAX_EXAMINED || (self.bytes > MAX_EXAMINED_BYTES && self.events.len() > 1) {
            self.bytes -= self.events.pop_last().map_or(0, |(_, event)| event.message.len());
            self.is_cut = true;
        }
    }

    /// Whether events from this time on are beyond the limits.
    fn is_full_before(&self, time: Timestamp) -> bool {
        self.is_cut && self.events.last_key_value().is_some_and(|(last, _)| time > last.at)
    }
}

/// Returns the message of an event. All numbers are texts, as in the service's log.
fn message(execution: &ExpressExecution, event: &Event) -> Value {
    let mut message = json!({ "id": event.id.to_string(), "type": event.event_type });
    if let Some((_, details)) = &event.details {
        message["details"] = details.clone();
    }
    message["previous_event_id"] = json!(event.previous.to_string());
    message["event_timestamp"] = json!(event.at.as_millis().to_string());
    message["execution_arn"] = json!(execution.arn.as_str());
    message["redrive_count"] = json!("0");
    message
}

/// Returns the name of the log stream: the machine, and the minute of the start.
fn stream(execution: &ExpressExecution) -> String {
    let minute: String = execution.start.to_string().chars().take("2006-01-02T15:04".len()).collect();
    format!("states/{}/{}/00000000", execution.machine.name(), minute.replace(['T', ':'], "-"))
}
