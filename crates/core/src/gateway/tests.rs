//! The responses in `tests/fixtures` are decoded, or classified as expected.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{Failure, FailureKind, Status, Timestamp};
use crate::gateway::response::{Head, classify};
use crate::gateway::{start, status};

#[derive(Deserialize)]
struct FailureFixture {
    name: String,
    route: String,
    status: u16,
    headers: HashMap<String, String>,
    body: String,
    expect: String,
}

#[derive(Deserialize)]
struct ResponseFixture {
    name: String,
    route: String,
    body: String,
    expect: HashMap<String, Value>,
}

fn fixtures<T: for<'de> Deserialize<'de>>(file: &str) -> Vec<T> {
    let path = format!("{}/../../tests/fixtures/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the fixture file");
    serde_json::from_str(&text).expect("fixtures")
}

/// Reads a response as the client does.
fn failure(route: &str, head: &Head, body: &[u8]) -> Option<Failure> {
    classify(head, body)
        .and_then(|()| match route {
            "start" => start::read(body).map(drop),
            _ => status::read(body).map(drop),
        })
        .err()
        .map(|failure| head.annotate(failure))
}

/// `FailureKind::WrongRoute` as the fixtures write it: `wrong_route`.
fn snake(kind: &FailureKind) -> String {
    let name = format!("{kind:?}");
    let name = name.split('(').next().unwrap_or_default();
    name.chars().fold(String::new(), |mut text, c| {
        if c.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(c.to_lowercase());
        text
    })
}

#[test]
fn every_failure_of_the_contract_is_classified() {
    let fixtures: Vec<FailureFixture> = fixtures("failures.json");
    assert!(fixtures.len() > 90, "only {}", fixtures.len());
    for fixture in fixtures {
        let header = |name: &str| {
            fixture.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
        };
        let head = Head {
            status: fixture.status,
            error_type: header("x-amzn-errortype"),
            request_id: header("x-amzn-requestid").or_else(|| header("apigw-requestid")),
            ..Head::default()
        };
        let failure = failure(&fixture.route, &head, fixture.body.as_bytes())
            .unwrap_or_else(|| panic!("{}: taken for a success", fixture.name));
        assert_eq!(snake(&failure.kind), fixture.expect, "{}: {failure}", fixture.name);
        assert!(!failure.summary().is_empty());
        assert!(failure.message.chars().count() <= 1000, "{}", fixture.name);
        assert_eq!(failure.request_id.is_some(), head.request_id.is_some(), "{}", fixture.name);
    }
}

#[test]
fn every_successful_response_of_the_contract_is_decoded() {
    let fixtures: Vec<ResponseFixture> = fixtures("answers.json");
    assert!(fixtures.len() > 20, "only {}", fixtures.len());
    for fixture in fixtures {
        let body = fixture.body.as_bytes();
        let head = Head { status: 200, ..Head::default() };
        classify(&head, body).unwrap_or_else(|failure| panic!("{}: {failure}", fixture.name));
        let text = |name: &str| fixture.expect.get(name).and_then(Value::as_str).map(str::to_owned);
        let millis = |name: &str| fixture.expect.get(name).and_then(Value::as_i64).map(Timestamp::from_millis);
        match fixture.route.as_str() {
            "start" => {
                let started = start::read(body).unwrap_or_else(|failure| panic!("{}: {failure}", fixture.name));
                assert_eq!(started.execution_arn.map(|arn| arn.to_string()), text("execution_arn"), "{}", fixture.name);
                assert_eq!(started.start_date, millis("start_ms"), "{}", fixture.name);
            }
            "status" => {
                let seen = status::read(body).unwrap_or_else(|failure| panic!("{}: {failure}", fixture.name));
                let name = &fixture.name;
                assert_eq!(Some(seen.status.as_str().to_owned()), text("status"), "{name}");
                assert_eq!(seen.start_date, millis("start_ms"), "{name}");
                assert_eq!(seen.stop_date, millis("stop_ms"), "{name}");
                assert_eq!(seen.input.map(|p| p.as_str().to_owned()), text("input"), "{name}");
                assert_eq!(seen.output.map(|p| p.as_str().to_owned()), text("output"), "{name}");
                assert_eq!(seen.error, text("error"), "{name}");
                assert_eq!(seen.cause, text("cause"), "{name}");
                assert_eq!(seen.redrive.status, text("redrive_status"), "{name}");
                assert_eq!(seen.redrive.status_reason, text("redrive_status_reason"), "{name}");
                let count = fixture.expect.get("redrive_count").and_then(Value::as_u64);
                assert_eq!(seen.redrive.count.map(u64::from), count, "{name}");
            }
            // Only that these are not failures, which is checked above.
            "history" | "list" | "stop" | "redrive" => {}
            other => panic!("{}: no such route: {other}", fixture.name),
        }
    }
}

#[test]
fn the_response_in_the_documentation_is_decoded() {
    let fixtures: Vec<ResponseFixture> = fixtures("answers.json");
    let body = &fixtures.iter().find(|f| f.name == "article_describe_execution_succeeded").expect("the article").body;
    let seen = status::read(body.as_bytes()).expect("decodes");
    assert_eq!(seen.status, Status::Succeeded);
    assert_eq!(seen.start_date.map(|date| date.to_string()).as_deref(), Some("2023-12-06T04:37:12.549Z"));
    let stop = seen.stop_date.expect("it ended");
    assert_eq!(stop.since(seen.start_date.expect("it began")).as_millis(), 69);
    assert_eq!(seen.input.expect("input").as_str(), "{}");
    assert_eq!(seen.output.expect("output").as_str(), "{}");
}
