//! The route `logs`: `FilterLogEvents` on the log group of an EXPRESS machine, a page at a time.
//!
//! Each message of the log is one event of an execution, with the members of `GetExecutionHistory` under other names. AWS
//! sends numbers and dates as texts, `LocalStack` dates in ISO notation; everything else in the group is ignored.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::route_path::PathValues;
use crate::domain::text_limit::{self, limited};
use crate::domain::{
    ExecutionArn, Failure, FailureKind, HistoryEvent, HistoryQuery, LogEvent, LogQuery, Paged, Route, StateMachineArn,
    whole_number,
};
use crate::gateway::client::{Client, body, local_time};
use crate::gateway::history::{MOST_VALUES, detail_members};
use crate::gateway::members::{Items, Members};
use crate::gateway::route_request::ActionRequest;
use crate::gateway::undecodable::undecodable;

/// `stateMachineArn` is not a member of the action: a mapping can use it to choose the log group.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FilterLogEventsInput<'a> {
    state_machine_arn: &'a str,
    start_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter_pattern: Option<String>,
    limit: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<&'a str>,
}

/// Events to request. AWS returns at most 1 MiB, which is fewer in most cases.
const PAGE: usize = 2_000;
/// Limit for the events of a page. The service sends at most 10,000.
const MOST: usize = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FilterLogEventsOutput<'b> {
    #[serde(borrow)]
    events: Items<'b, MOST>,
    next_token: Option<String>,
}

impl Client {
    /// Returns a page of a machine's log events. Pages may be empty, and still have a token.
    pub async fn logs(&self, query: &LogQuery) -> Result<Paged<LogEvent>, Failure> {
        let input = FilterLogEventsInput {
            state_machine_arn: query.machine.as_str(),
            start_time: query.since.as_millis().max(0),
            end_time: query.until.map(|until| until.as_millis().max(0)),
            filter_pattern: pattern(query),
            limit: PAGE,
            next_token: query.token.as_deref(),
        };
        let (route, values) = (Route::Logs, PathValues::Machine(&query.machine));
        let read = |body: &[u8]| read(body, &query.machine, query.execution.as_ref());
        let page = self.call(ActionRequest { route, values, json: body(&input)? }, read).await;
        page.map_err(of_the_log_group)
    }

    /// Returns a page of the history of an EXPRESS execution.
    pub(super) async fn logged_history(&self, query: &HistoryQuery) -> Result<Paged<HistoryEvent>, Failure> {
        let (now, offset) = (local_time(), self.clock_offset());
        let of = LogQuery::of_execution(&query.execution, query.started, now, offset);
        let page = self.logs(&LogQuery { token: query.token.clone(), ..of }).await?;
        let mut events: Vec<HistoryEvent> = page.items.into_iter().map(|logged| logged.event).collect();
        events.sort_by_key(|event| event.id);
        events.dedup_by_key(|event| event.id);
        if query.newest_first {
            events.reverse();
        }
        if !query.with_data {
            let details = events.iter_mut().filter_map(|event| event.details.as_mut());
            details.for_each(|(_, details)| details.retain(|name, _| name != "input" && name != "output"));
        }
        Ok(Paged { items: events, next: page.next })
    }
}

/// Returns the pattern that selects the events of the query. Quoted terms are the only patterns that every gateway either
/// understands or ignores. Characters other than these may be escaped in a message, and a pattern would not match it.
fn pattern(query: &LogQuery) -> Option<String> {
    let is_plain =
        |text: &str| text.chars().all(|character| character.is_ascii_alphanumeric() || "-_.:".contains(character));
    let of_machine = format!("express:{}:", query.machine.name());
    let of_execution = query.execution.as_ref().map(|arn| arn.as_str().to_owned());
    let mut terms = of_execution.into_iter().chain([of_machine]);
    terms.find(|term| is_plain(term)).map(|term| format!("\"{term}\""))
}

/// Names the failures that only `FilterLogEvents` has.
fn of_the_log_group(failure: Failure) -> Failure {
    match &failure.kind {
        FailureKind::StepFunctions(code) if &**code == "ResourceNotFoundException" => {
            Failure { kind: FailureKind::NoLogGroup, ..failure }
        }
        _ => failure,
    }
}

/// Reads the events of a machine, or of one execution.
pub(super) fn read(
    body: &[u8],
    machine: &StateMachineArn,
    execution: Option<&ExecutionArn>,
) -> Result<Paged<LogEvent>, Failure> {
    let wire: FilterLogEventsOutput<'_> = serde_json::from_slice(body).map_err(undecodable)?;
    let mut room = MOST_VALUES;
    let events = wire.events.0.iter().filter_map(|json| log_event(json, &mut room));
    let is_asked_for = |found: &ExecutionArn| match execution {
        Some(execution) => found == execution,
        None => found.machine() == *machine,
    };
    Ok(Paged { items: events.filter(|event| is_asked_for(&event.execution)).collect(), next: wire.next_token })
}

/// Reads one event of the log; `None` if its message is not an event of an execution.
fn log_event(json: &RawValue, room: &mut usize) -> Option<LogEvent> {
    let entry = Members::parse(json.get().as_bytes())?;
    // An `answer` filter may have unpacked it.
    let message = entry.whole_value("message")?;
    let members = Members::parse(message.as_bytes())?;
    let event_type = limited(members.whole_text("type")?, text_limit::WORD);
    let details = members.value("details").filter(|json| json.get().starts_with('{'));
    let details = details.and_then(|json| detail_members(json, room).ok());
    Some(LogEvent {
        execution: ExecutionArn::parse(&members.text("execution_arn")?).ok()?,
        event: HistoryEvent {
            id: members.scalar("id").as_ref().and_then(whole_number)?,
            previous: members.scalar("previous_event_id").as_ref().and_then(whole_number).unwrap_or(0),
            at: members.date("event_timestamp").or_else(|| entry.date("timestamp"))?,
            details: details.map(|details| (details_member(&event_type), details)),
            event_type,
        },
    })
}

/// Returns the member of `GetExecutionHistory` that has the details of events of this type.
fn details_member(event_type: &str) -> String {
    if event_type.ends_with("StateEntered") {
        return "stateEnteredEventDetails".to_owned();
    }
    if event_type.ends_with("StateExited") {
        return "stateExitedEventDetails".to_owned();
    }
    let mut characters = event_type.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).chain("EventDetails".chars()).collect()
}

#[cfg(test)]
mod tests;
