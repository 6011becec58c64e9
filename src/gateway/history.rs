//! `POST {url}{history}`: `GetExecutionHistory`, a page at a time.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{Failure, HistoryEvent, HistoryQuery, Paged, Route};
use crate::gateway::answer::undecodable;
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
    id: u64,
    #[serde(default)]
    previous_event_id: u64,
    #[serde(flatten)]
    others: Map<String, Value>,
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
            Value::Object(members) => Some((name, members)),
            _ => None,
        });
        Ok(HistoryEvent {
            id: event.id,
            previous: event.previous_event_id,
            at: event.timestamp.0,
            event_type: event.kind,
            details,
        })
    };
    let items = wire.events.into_iter().map(event).collect::<Result<_, Failure>>()?;
    Ok(Paged { items, next: wire.next_token })
}
