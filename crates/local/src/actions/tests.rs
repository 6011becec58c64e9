//! EXPRESS machines, their log, and the list of machines. Each request has its time.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::gateway::Options;
use crate::machines::{MachineType, Machines};

/// 2023-12-06T04:37:12.549Z.
const START: i64 = 1_701_837_432_549;
const PREFIX: &str = "arn:aws:states:us-east-1:000000000000";

fn gateway() -> Arc<Gateway> {
    Gateway::new(Options::default())
}

fn quick() -> String {
    format!("{PREFIX}:stateMachine:QuickStateMachine")
}

fn request(gateway: &Gateway, route: &str, body: &Value, now: i64) -> Value {
    let (body, now) = (body.to_string(), Timestamp::from_millis(now));
    let response = match action(route).expect("a route") {
        Action::Immediate(handler) => handler(gateway, body.as_bytes(), now),
        Action::Sync(handler) => {
            handler(gateway, body.as_bytes(), now).map(|execution| crate::responses::ended(&execution))
        }
    };
    serde_json::from_str(&response.unwrap_or_else(|error| error.body())).expect("JSON")
}

fn sync(gateway: &Gateway, name: &str, input: &str) -> Value {
    request(gateway, "execution/sync", &json!({ "stateMachineArn": quick(), "name": name, "input": input }), START)
}

/// Compares all members but those of `inputDetails` and `outputDetails`, which are always the same, and the id in the ARN.
#[track_caller]
fn assert_ended(response: &Value, expected: &Value) {
    let mut response = response.clone();
    let members = response.as_object_mut().expect("an object");
    for details in ["inputDetails", "outputDetails"] {
        assert_eq!(members.remove(details).expect(details)["included"], true);
    }
    let arn = members.remove("executionArn").expect("an ARN");
    let arn = arn.as_str().expect("text");
    let (without_id, id) = arn.rsplit_once(':').expect("an id");
    let name = expected["name"].as_str().expect("a name");
    assert_eq!(without_id, format!("{PREFIX}:express:QuickStateMachine:{name}"));
    assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");
    assert_eq!(response, *expected);
}

#[test]
fn a_sync_execution_ends_in_its_response() {
    let gateway = gateway();
    let output = r#"{"message":"Done.","request":{"seconds":1},"replied":"2023-12-06T04:37:13.664Z"}"#;
    assert_ended(
        &sync(&gateway, "works", r#"{"seconds": 1}"#),
        &json!({
            "billingDetails": { "billedDurationInMilliseconds": 1_200, "billedMemoryUsedInMB": 64 },
            "input": r#"{"seconds": 1}"#, "name": "works", "output": output, "startDate": 1_701_837_432.549,
            "stateMachineArn": quick(), "status": "SUCCEEDED", "stopDate": 1_701_837_433.71,
        }),
    );
    assert_ended(
        &sync(&gateway, "fails", r#"{"fail": true}"#),
        &json!({
            "billingDetails": { "billedDurationInMilliseconds": 100, "billedMemoryUsedInMB": 64 },
            "cause": "The request says that it must fail.", "error": "RequestRefused", "input": r#"{"fail": true}"#,
            "name": "fails", "startDate": 1_701_837_432.549, "stateMachineArn": quick(), "status": "FAILED",
            "stopDate": 1_701_837_432.641,
        }),
    );
    assert_ended(
        &sync(&gateway, "late", r#"{"seconds": 400}"#),
        &json!({
            "billingDetails": { "billedDurationInMilliseconds": 300_000, "billedMemoryUsedInMB": 64 },
            "input": r#"{"seconds": 400}"#, "name": "late", "startDate": 1_701_837_432.549,
            "stateMachineArn": quick(), "status": "TIMED_OUT", "stopDate": 1_701_837_732.549,
        }),
    );
}

#[test]
fn every_express_start_is_a_new_execution() {
    let gateway = gateway();
    let body = json!({ "stateMachineArn": quick(), "name": "same" });
    let mut arns = Vec::new();
    for route in ["execution", "execution", "execution/sync", "execution/sync"] {
        let response = request(&gateway, route, &body, START);
        assert_eq!(response["startDate"], 1_701_837_432.549, "{response}");
        arns.push(response["executionArn"].as_str().expect("an ARN").to_owned());
    }
    let known: Vec<_> = gateway.express_executions().iter().map(|(arn, _)| arn.as_str().to_owned()).collect();
    assert_eq!(known, arns);
    arns.sort();
    arns.dedup();
    assert_eq!(arns.len(), 4);
    assert!(gateway.executions().is_empty());
}

#[track_caller]
fn assert_refused(response: &Value, error_type: &str, message: &str) {
    assert_eq!(response["__type"].as_str().and_then(|text| text.rsplit('#').next()), Some(error_type), "{response}");
    assert!(response["message"].as_str().expect("a message").contains(message), "{response}");
}

#[test]
fn each_type_of_machine_refuses_the_actions_of_the_other() {
    let gateway = gateway();
    let unsupported = "This operation is not supported by this type of state machine";
    let pass = json!({ "stateMachineArn": format!("{PREFIX}:stateMachine:PassStateMachine") });
    assert_refused(&request(&gateway, "execution/sync", &pass, START), "StateMachineTypeNotSupported", unsupported);
    let list = request(&gateway, "executions", &json!({ "stateMachineArn": quick() }), START);
    assert_refused(&list, "StateMachineTypeNotSupported", unsupported);
    let execution = json!({ "executionArn": sync(&gateway, "a", "{}")["executionArn"] });
    for route in ["status", "stop", "redrive", "history", "definition"] {
        let response = request(&gateway, &format!("execution/{route}"), &execution, START);
        assert_refused(&response, "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'");
    }
}

#[test]
fn sync_starts_are_checked_like_others() {
    let gateway = gateway();
    for (name, input, error_type, message) in [
        ("a b", "{}", "InvalidName", "Invalid Name: 'a b'"),
        ("", "{}", "ValidationException", "'name'"),
        (&*"x".repeat(81), "{}", "ValidationException", "'name'"),
        ("a", "", "InvalidExecutionInput", "'Invalid execution input.'"),
        ("a", "{", "InvalidExecutionInput", "Invalid State Machine Execution Input"),
        ("a", &*format!("\"{}\"", "x".repeat(256 * 1024)), "ValidationException", "262144"),
    ] {
        assert_refused(&sync(&gateway, name, input), error_type, message);
    }
    let unknown = json!({ "stateMachineArn": format!("{PREFIX}:stateMachine:Unknown"), "name": "a b" });
    assert_refused(&request(&gateway, "execution/sync", &unknown, START), "StateMachineDoesNotExist", "Unknown");
    assert_refused(&request(&gateway, "execution/sync", &json!({}), START), "ValidationException", "stateMachineArn");
    assert!(gateway.express_executions().is_empty());
}

fn log(gateway: &Gateway, body: &Value, now: i64) -> Value {
    request(gateway, "execution/logs", body, now)
}

/// The types of the events on a page.
fn types(page: &Value) -> Vec<String> {
    let message =
        |event: &Value| -> Value { serde_json::from_str(event["message"].as_str().expect("text")).expect("JSON") };
    let events = page["events"].as_array().expect("events");
    events.iter().map(|event| message(event)["type"].as_str().expect("a type").to_owned()).collect()
}

#[test]
fn events_are_logged_as_they_happen() {
    let gateway = gateway();
    let arn = sync(&gateway, "run-1", r#"{"seconds": 10}"#)["executionArn"].clone();
    let all = [
        "ExecutionStarted",
        "ChoiceStateEntered",
        "ChoiceStateExited",
        "WaitStateEntered",
        "WaitStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(types(&log(&gateway, &json!({}), START)), all[..1]);
    let running = log(&gateway, &json!({}), START + 5_000);
    assert_eq!(types(&running), all[..4]);
    let ended = log(&gateway, &json!({}), START + 60_000);
    assert_eq!(types(&ended), all);
    assert_eq!(ended["events"].as_array().expect("events")[..4], running["events"].as_array().expect("events")[..]);
    assert!(ended.get("nextToken").is_none());
    let event = &ended["events"][1];
    assert_eq!(
        *event,
        json!({
            "logStreamName": "states/QuickStateMachine/2023-12-06-04-37/00000000",
            "timestamp": START + 23,
            "message": event["message"],
            "ingestionTime": START + 23,
            "eventId": "00000001701837432572000000000000000001000000000000000002",
        })
    );
    let message: Value = serde_json::from_str(event["message"].as_str().expect("text")).expect("JSON");
    assert_eq!(
        message,
        json!({
            "id": "2",
            "type": "ChoiceStateEntered",
            "details": { "input": r#"{"seconds": 10}"#, "inputDetails": { "truncated": false }, "name": "Check" },
            "previous_event_id": "0",
            "event_timestamp": (START + 23).to_string(),
            "execution_arn": arn,
            "redrive_count": "0",
        })
    );
    // Both times are inclusive.
    let range = json!({ "startTime": START + 23, "endTime": START + 46, "stateMachineArn": "any" });
    assert_eq!(types(&log(&gateway, &range, START + 60_000)), all[1..3]);
}

#[test]
fn the_log_of_all_executions_is_in_the_order_of_time() {
    let gateway = gateway();
    let slow = sync(&gateway, "slow", r#"{"seconds": 2}"#)["executionArn"].clone();
    sync(&gateway, "failing", r#"{"fail": true}"#);
    let page = log(&gateway, &json!({}), START + 60_000);
    let times: Vec<_> = page["events"].as_array().expect("events").iter().map(|event| &event["timestamp"]).collect();
    assert!(times.iter().map(|time| time.as_i64()).is_sorted() && times.len() == 13, "{times:?}");
    let terms = [(slow.to_string(), 8), ("ExecutionFailed".to_owned(), 1), ("\"ExecutionFailed\"".to_owned(), 1)];
    for (pattern, expected) in [(String::new(), 13), ("NoSuchTerm".to_owned(), 0)].into_iter().chain(terms) {
        let page = log(&gateway, &json!({ "filterPattern": pattern }), START + 60_000);
        assert_eq!(types(&page).len(), expected, "{pattern}");
    }
    let refused = log(&gateway, &json!({ "filterPattern": "arn:aws" }), START);
    assert_refused(&refused, "InvalidParameterException", "Invalid character(s) in term 'arn:aws'");
}

/// Follows the tokens; returns the pages.
fn pages(gateway: &Gateway, mut body: Value, now: i64) -> Vec<Value> {
    let mut pages = Vec::new();
    loop {
        let page = log(gateway, &body, now);
        body["nextToken"] = page["nextToken"].clone();
        pages.push(page);
        if body["nextToken"].is_null() {
            return pages;
        }
    }
}

#[test]
fn a_log_is_read_in_pages() {
    let gateway = gateway();
    for number in 0..5 {
        sync(&gateway, &format!("n{number}"), "{}");
    }
    let whole = log(&gateway, &json!({}), START + 1_000);
    assert_eq!(whole["events"].as_array().map(Vec::len), Some(30));
    for limit in [1, 7, 29, 30, 31] {
        let pages = pages(&gateway, json!({ "limit": limit }), START + 1_000);
        assert_eq!(pages.len(), 30_usize.div_ceil(limit), "{limit}");
        let events: Vec<_> = pages.iter().flat_map(|page| page["events"].as_array().expect("events")).collect();
        assert_eq!(json!(events), whole["events"], "{limit}");
    }
    for body in [json!({ "limit": 0 }), json!({ "limit": 10_001 }), json!({ "nextToken": "1" })] {
        assert_refused(&log(&gateway, &body, START), "InvalidParameterException", "");
    }
}

#[test]
fn a_page_examines_a_limited_size_and_may_be_empty() {
    let gateway = gateway();
    let large = format!("\"{}\"", "x".repeat(250_000));
    for number in 0..4 {
        sync(&gateway, &format!("large-{number}"), &large);
    }
    let last = request(&gateway, "execution", &json!({ "stateMachineArn": quick(), "name": "last" }), START + 10_000);
    let pattern = last["executionArn"].to_string();
    let pages = pages(&gateway, json!({ "filterPattern": pattern }), START + 60_000);
    let counts: Vec<_> = pages.iter().map(|page| types(page).len()).collect();
    assert!(counts.len() > 3 && counts[0] == 0 && counts.iter().sum::<usize>() == 6, "{counts:?}");
    for page in self::pages(&gateway, json!({}), START + 60_000) {
        assert!(page.to_string().len() < 3 * 1024 * 1024);
    }
}

#[test]
fn machines_are_listed_with_their_types() {
    let gateway = gateway();
    let whole = request(&gateway, "machines", &json!({}), START);
    let machines = whole["stateMachines"].as_array().expect("machines");
    let quick =
        json!({ "creationDate": 0.0, "name": "QuickStateMachine", "stateMachineArn": quick(), "type": "EXPRESS" });
    assert!(machines.contains(&quick), "{whole}");
    assert_eq!(machines.iter().filter(|machine| machine["type"] == "STANDARD").count(), 5);
    let (mut found, mut body) = (Vec::new(), json!({ "maxResults": 4 }));
    loop {
        let page = request(&gateway, "machines", &body, START);
        found.extend(page["stateMachines"].as_array().expect("machines").clone());
        let Some(token) = page.get("nextToken") else { break };
        body["nextToken"] = token.clone();
    }
    assert_eq!(&found, machines);
    let unknown = request(&gateway, "machines", &json!({ "nextToken": "x" }), START);
    assert_refused(&unknown, "InvalidToken", "Invalid token");
}

#[test]
fn a_machine_of_the_user_may_be_express() {
    let definition = r#"{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 600, "End": true}}}"#;
    let mut machines = Machines::built_in();
    machines.add("Own", MachineType::Express, definition).expect("added");
    let gateway = Gateway::new(Options { machines, ..Options::default() });
    let body = json!({ "stateMachineArn": format!("{PREFIX}:stateMachine:Own") });
    assert_eq!(request(&gateway, "execution/sync", &body, START)["status"], "TIMED_OUT");
}
