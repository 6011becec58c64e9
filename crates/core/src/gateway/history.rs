//! The route `history`: `GetExecutionHistory`, a page at a time.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::domain::text_limit::{self, limited};
use crate::domain::{Failure, HistoryEvent, HistoryQuery, MAX_HISTORY_EVENTS, Paged, Route, whole_number};
use crate::gateway::client::{Client, body};
use crate::gateway::members::{Items, Members};
use crate::gateway::undecodable::{shortened, undecodable};

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
struct GetExecutionHistoryOutput<'b> {
    #[serde(borrow)]
    events: Items<'b, { MAX_HISTORY_EVENTS + 1 }>,
    next_token: Option<String>,
}

/// Limit for the values in arrays and objects of all events of a page. A value takes far more memory than text, so what
/// exceeds the limit is kept as a string of its JSON.
pub(super) const MOST_VALUES: usize = 500_000;

impl Client {
    /// Returns a page of an execution's events.
    ///
    /// Those of an EXPRESS execution come from its log group, where the endpoint declares the route `logs`: in the order of
    /// the log, with empty pages in between.
    pub async fn history(&self, query: &HistoryQuery) -> Result<Paged<HistoryEvent>, Failure> {
        if !query.execution.is_describable() && self.endpoint().can_follow(&query.execution) {
            return self.logged_history(query).await;
        }
        let input = GetExecutionHistoryInput {
            execution_arn: query.execution.as_str(),
            max_results: query.page_size,
            reverse_order: query.newest_first,
            include_execution_data: query.with_data,
            next_token: query.token.as_deref(),
        };
        self.call_about(Route::History, &query.execution, body(&input)?, read).await
    }
}

pub(super) fn read(body: &[u8]) -> Result<Paged<HistoryEvent>, Failure> {
    let wire: GetExecutionHistoryOutput<'_> = serde_json::from_slice(body).map_err(undecodable)?;
    let mut room = MOST_VALUES;
    let items = wire.events.0.iter().map(|json| event(json, &mut room)).collect::<Result<_, Failure>>()?;
    Ok(Paged { items, next: wire.next_token })
}

fn event(json: &RawValue, room: &mut usize) -> Result<HistoryEvent, Failure> {
    let members: Members<'_> = serde_json::from_str(json.get()).map_err(undecodable)?;
    let missing = |name: &str| undecodable(format!("an event without `{name}`"));
    let id = members.scalar("id").ok_or_else(|| undecodable("expected an event id, found none"))?;
    let is_no_id = || undecodable(format!("expected an event id, found {}", shortened(&id.to_string())));
    let event_type = members.whole_text("type").ok_or_else(|| missing("type"))?;
    // An event has details of one type only.
    let mut details =
        members.iter().filter(|(name, json)| name.ends_with("EventDetails") && json.get().starts_with('{'));
    let details = details.next().map(|(name, json)| {
        let kept = detail_members(json, room)?;
        Ok::<_, Failure>((limited(name.to_owned(), text_limit::WORD), kept))
    });
    Ok(HistoryEvent {
        id: whole_number(&id).ok_or_else(is_no_id)?,
        // An unreadable id counts as missing.
        previous: members.scalar("previousEventId").as_ref().and_then(whole_number).unwrap_or(0),
        at: members.date("timestamp").ok_or_else(|| missing("timestamp"))?,
        event_type: limited(event_type, text_limit::WORD),
        details: details.transpose()?,
    })
}

/// Returns the members of an event's details. `room` is the number of values that they may have.
pub(super) fn detail_members(json: &RawValue, room: &mut usize) -> Result<Map<String, Value>, Failure> {
    let members: Members<'_> = serde_json::from_str(json.get()).map_err(undecodable)?;
    let member = |(name, json): (&str, &RawValue)| {
        let text = members.failure_text(name).map(Value::String);
        (name.to_owned(), text.unwrap_or_else(|| value(json, room)))
    };
    Ok(members.iter().map(member).collect())
}

/// Parses a value of an event's details; one that holds more values than there is room for becomes a string.
fn value(json: &RawValue, room: &mut usize) -> Value {
    let text = json.get();
    if text.starts_with(['[', '{']) {
        // An upper bound of the number of values.
        let values = text.bytes().filter(|byte| b"[{,".contains(byte)).count();
        if values > *room {
            return text.into();
        }
        *room -= values;
    }
    // Too deep for the parser, or a number that it cannot represent.
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
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
            let page = read(body(id, previous).as_bytes()).map_err(|failure| failure.message)?;
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
            let message = ids(id, "").expect_err("no id");
            assert!(message.contains("expected an event id, found"), "{id}: {message}");
        }
    }

    #[test]
    fn an_error_and_a_cause_of_any_kind_are_kept_as_text() {
        for (json, text) in [
            (r#""Boom""#, "Boom"),
            (r#"{"code": 7, "why": ["a"]}"#, r#"{"code": 7, "why": ["a"]}"#),
            ("[1, 2]", "[1, 2]"),
            ("42", "42"),
            ("false", "false"),
        ] {
            for member in ["error", "cause"] {
                let details = format!("\"taskFailedEventDetails\":{{\"{member}\":{json},\"x\":{{\"y\":1}}}}");
                let body = format!("{{\"events\":[{{\"id\":1,\"timestamp\":1.5,\"type\":\"TaskFailed\",{details}}}]}}");
                let page = read(body.as_bytes()).expect("a page");
                assert_eq!(page.items[0].detail(member), Some(text), "{member}: {json}");
                let details = page.items[0].details.as_ref().expect("details");
                assert_eq!(details.1["x"]["y"], 1, "only errors and causes become text");
            }
        }
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(2 * text_limit::CAUSE));
        let details = format!("\"taskFailedEventDetails\":{{\"error\":{long},\"cause\":{long}}}");
        let body = format!("{{\"events\":[{{\"id\":1,\"timestamp\":1.5,\"type\":\"TaskFailed\",{details}}}]}}");
        let page = read(body.as_bytes()).expect("a page");
        for (member, most) in [("error", text_limit::ERROR), ("cause", text_limit::CAUSE)] {
            let text = page.items[0].detail(member).expect("words");
            assert_eq!(text, limited(long.clone(), most), "{member}");
        }
    }
}
