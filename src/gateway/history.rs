//! `POST {url}{history}`: `GetExecutionHistory`, a page at a time.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::domain::limit::{self, limited};
use crate::domain::{Failure, HistoryEvent, HistoryQuery, Paged, Route, whole_number};
use crate::gateway::answer::{shortened, undecodable};
use crate::gateway::client::{Client, body};
use crate::gateway::members::WireDate;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GetExecutionHistoryInput<'a> {
    execution_arn: &'a str,
    max_results: usize,
    reverse_order: bool,
    include_execution_data: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GetExecutionHistoryOutput {
    events: Vec<Event>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    timestamp: WireDate,
    #[serde(rename = "type")]
    kind: String,
    #[serde(deserialize_with = "event_id")]
    id: u64,
    // What cannot be read led to nothing known.
    #[serde(default)]
    previous_event_id: Value,
    #[serde(flatten)]
    others: Map<String, Value>,
}

fn event_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let id = Value::deserialize(deserializer)?;
    whole_number(&id)
        .ok_or_else(|| D::Error::custom(format!("expected an event id, found {}", shortened(&id.to_string()))))
}

impl Client {
    /// A page of an execution's events.
    pub async fn history(&self, query: &HistoryQuery) -> Result<Paged<HistoryEvent>, Failure> {
        let route = self.declared_for(Route::History, &query.execution)?;
        let input = GetExecutionHistoryInput {
            execution_arn: query.execution.as_str(),
            max_results: query.page,
            reverse_order: query.newest_first,
            include_execution_data: query.with_data,
            next_token: query.token.as_deref(),
        };
        self.post(route, body(&input)?, read).await
    }
}

pub(super) fn read(answer: &[u8]) -> Result<Paged<HistoryEvent>, Failure> {
    let wire: GetExecutionHistoryOutput = serde_json::from_slice(answer).map_err(undecodable)?;
    let event = |event: Event| {
        // Of the members that belong to a type only one is there.
        let mut details = event.others.into_iter().filter(|(name, _)| name.ends_with("EventDetails"));
        let details = details.find_map(|(name, value)| match value {
            Value::Object(members) => Some((limited(name, limit::WORD), cut(members))),
            _ => None,
        });
        Ok(HistoryEvent {
            id: event.id,
            previous: whole_number(&event.previous_event_id).unwrap_or(0),
            at: event.timestamp.0,
            event_type: limited(event.kind, limit::WORD),
            details,
        })
    };
    let items = wire.events.into_iter().map(event).collect::<Result<_, Failure>>()?;
    Ok(Paged { items, next: wire.next_token })
}

/// The details of an event with an error and a cause that end.
fn cut(mut details: Map<String, Value>) -> Map<String, Value> {
    for (member, most) in [("error", limit::ERROR), ("cause", limit::CAUSE)] {
        if let Some(Value::String(text)) = details.get_mut(member) {
            *text = limited(std::mem::take(text), most);
        }
    }
    details
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_in_any_notation_and_what_is_no_id_is_named() {
        let body = |id: &str, previous: &str| {
            let event = format!("\"id\":{id},\"timestamp\":1.5,\"type\":\"X\"{previous}");
            format!("{{\"events\":[{{{event}}}],\"nextToken\":null}}")
        };
        let ids = |id: &str, previous: &str| {
            let page = read(body(id, previous).as_bytes()).map_err(|failure| failure.said)?;
            Ok::<_, String>((page.items[0].id, page.items[0].previous))
        };
        for id in ["7", "7.0", "7E0", "\"7\"", "\"7.0\""] {
            assert_eq!(ids(id, &format!(",\"previousEventId\":{id}")), Ok((7, 7)), "{id}");
        }
        assert_eq!(ids("18446744073709551615", ""), Ok((u64::MAX, 0)));
        for previous in ["-1", "null", "1.5", "\"x\"", "[]"] {
            assert_eq!(ids("0", &format!(",\"previousEventId\":{previous}")), Ok((0, 0)), "{previous}");
        }
        for id in ["-1", "1.5", "\"x\"", "null", "[1]", "{}", "1e300", "true", "\"NaN\""] {
            let said = ids(id, "").expect_err("no id");
            assert!(said.contains("expected an event id, found"), "{id}: {said}");
        }
    }
}
