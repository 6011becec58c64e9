//! Messages as AWS and `LocalStack` send them, and what is not a message of an execution.

use serde_json::{Value, json};

use super::*;
use crate::domain::Timestamp;

const EXECUTION: &str = "arn:aws:states:us-east-1:111122223333:express:Quick:run-1:0b3c";

fn machine() -> StateMachineArn {
    ExecutionArn::parse(EXECUTION).expect("an ARN").machine()
}

fn page(messages: &[Value]) -> Paged<LogEvent> {
    let event = |message: &Value| {
        let message = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
        json!({ "timestamp": 1_795_785_091_068_u64, "message": message, "eventId": "0", "logStreamName": "s" })
    };
    let body = json!({ "events": messages.iter().map(event).collect::<Vec<_>>() }).to_string();
    read(body.as_bytes(), &machine(), None).expect("a page")
}

fn message(changes: &Value) -> Value {
    let mut message = json!({
        "id": "2", "type": "PassStateEntered", "previous_event_id": "0", "event_timestamp": "1795785091068",
        "execution_arn": EXECUTION, "redrive_count": "0", "details": { "name": "S", "input": "{\"a\": 1}" },
    });
    message.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    message
}

#[test]
fn each_form_of_a_message_becomes_the_same_event() {
    let aws = page(&[message(&json!({}))]).items.pop().expect("an event");
    assert_eq!(aws.execution.as_str(), EXECUTION);
    let history = json!({ "events": [{
        "id": 2, "previousEventId": 0, "timestamp": 1_795_785_091.068, "type": "PassStateEntered",
        "stateEnteredEventDetails": { "name": "S", "input": "{\"a\": 1}" },
    }]});
    let described = crate::gateway::history::read(history.to_string().as_bytes()).expect("a page");
    assert_eq!(aws.event, described.items[0]);
    for other in [
        json!({ "event_timestamp": "2026-11-27T13:11:31.068627+00:00" }),
        json!({ "event_timestamp": 1_795_785_091_068_u64, "id": 2, "previous_event_id": 0 }),
        json!({ "event_timestamp": 1_795_785_091.068, "id": 2.0, "previous_event_id": null }),
        json!({ "event_timestamp": null }),
    ] {
        assert_eq!(page(&[message(&other)]).items, std::slice::from_ref(&aws), "{other}");
    }
}

#[test]
fn details_may_be_absent_and_numbers_texts() {
    let bare = page(&[message(&json!({ "type": "MapStateSucceeded", "details": null }))]);
    assert_eq!(bare.items[0].event.details, None);
    let iteration =
        page(&[message(&json!({ "type": "MapIterationStarted", "details": { "name": "Each", "index": "3" } }))]);
    assert_eq!(iteration.items[0].event.detail_number("index"), Some(3));
    let cause = json!({ "type": "ExecutionFailed", "details": { "error": "E", "cause": { "why": 1 } } });
    let failed = page(&[message(&cause)]).items.pop().expect("an event").event;
    assert_eq!((failed.detail("error"), failed.detail("cause")), (Some("E"), Some("{\"why\":1}")));
    assert_eq!(failed.details.expect("details").0, "executionFailedEventDetails");
}

#[test]
fn the_details_have_the_member_of_their_type() {
    for (event_type, member) in [
        ("ExecutionStarted", "executionStartedEventDetails"),
        ("FailStateEntered", "stateEnteredEventDetails"),
        ("ChoiceStateExited", "stateExitedEventDetails"),
        ("TaskScheduled", "taskScheduledEventDetails"),
        ("LambdaFunctionTimedOut", "lambdaFunctionTimedOutEventDetails"),
        ("MapStateStarted", "mapStateStartedEventDetails"),
        ("EvaluationFailed", "evaluationFailedEventDetails"),
        ("", "EventDetails"),
    ] {
        assert_eq!(details_member(event_type), member);
    }
}

#[test]
fn whatever_else_is_in_the_group_is_ignored() {
    let ours = message(&json!({}));
    let other = EXECUTION.replace(":Quick:", ":Quicker:");
    let mut strange = vec![json!("START RequestId: 1"), json!(""), json!("[1]"), json!("null"), json!({})];
    strange.push(message(&json!({ "execution_arn": other })));
    strange.push(message(&json!({ "execution_arn": "arn" })));
    for member in ["id", "type", "execution_arn"] {
        for value in [Value::Null, json!([]), json!(true)] {
            strange.push(message(&json!({ member: value })));
        }
    }
    assert_eq!(page(&strange).items, []);
    strange.push(ours);
    assert_eq!(page(&strange).items.len(), 1);
    let read = |body: &str| read(body.as_bytes(), &machine(), None);
    assert_eq!(
        read("{\"events\":[1,null,{},\"x\",{\"message\":7}],\"nextToken\":\"t\"}").expect("a page").next.as_deref(),
        Some("t")
    );
    assert!(read("{\"nextToken\":\"t\"}").is_err() && read("{\"events\":{}}").is_err());
}

#[test]
fn an_unpacked_message_is_read() {
    let body = json!({ "events": [{ "message": message(&json!({})) }] }).to_string();
    assert_eq!(read(body.as_bytes(), &machine(), None).expect("a page").items.len(), 1);
}

#[test]
fn the_pattern_is_a_quoted_part_of_every_message() {
    let query = |machine: &str, execution: Option<&str>| LogQuery {
        machine: StateMachineArn::parse(&format!("arn:aws:states:us-east-1:111122223333:stateMachine:{machine}"))
            .expect("an ARN"),
        execution: execution.map(|name| {
            ExecutionArn::parse(&format!("arn:aws:states:us-east-1:111122223333:express:{machine}:{name}:u"))
                .expect("an ARN")
        }),
        since: Timestamp::default(),
        until: None,
        token: None,
    };
    assert_eq!(pattern(&query("Quick", None)).as_deref(), Some("\"express:Quick:\""));
    let one = pattern(&query("Quick", Some("run-1"))).expect("a pattern");
    assert_eq!(one, "\"arn:aws:states:us-east-1:111122223333:express:Quick:run-1:u\"");
    assert!(message(&json!({})).to_string().contains("express:Quick:"));
    assert_eq!(pattern(&query("Quick", Some("東京"))).as_deref(), Some("\"express:Quick:\""));
    assert_eq!(pattern(&query("東京", None)), None, "it may be escaped");
}
