//! EXPRESS state machines through the deployed template: their outcomes, and which logs a request can read.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::deployed::Deployed;
use crate::{stack, text};

fn machine(name: &str) -> String {
    text(&stack()["express"][name]["arn"])
}

fn log_group(name: &str) -> String {
    text(&stack()["express"][name]["log_group"])
}

/// A gateway for these EXPRESS machines with the route `logs`, and others.
fn deployed(name: &str, machines: &[&str], log_groups: &[String], more: &[(&str, &str)]) -> Deployed {
    let arns: Vec<String> = machines.iter().map(|name| machine(name)).collect();
    let (arns, log_groups) = (arns.join(","), log_groups.join(","));
    let parameters = [
        ("StateMachineArns", arns.as_str()),
        ("Auth", "NONE"),
        ("OpenToTheInternet", "true"),
        ("LogsRoute", "true"),
        ("LogGroupArns", &log_groups),
    ];
    let deployed = Deployed::new(name, &[&parameters, more].concat());
    let express = |name: &&str| format!("[machines.{name}]\narn = \"{}\"\ntype = \"express\"\n", machine(name));
    deployed.configure_machines(&machines.iter().map(express).collect::<String>());
    deployed
}

/// Posts a body, and returns the status and the body of the response.
fn post(url: &str, route: &str, content_type: &str, body: &str) -> (u16, String) {
    let (address, path) = url.trim_start_matches("http://").split_once('/').expect("a path");
    let mut stream = TcpStream::connect(address).expect("LocalStack listens");
    let head = format!(
        "POST /{path}{route} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: {content_type}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, body.to_owned())
}

/// The names of the machines whose events a request for logs returns.
fn logged(url: &str, request: &Value) -> Vec<String> {
    let (status, body) = post(url, "/execution/logs", "application/json", &request.to_string());
    assert_eq!(status, 200, "{request}: {body}");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let message = |event: &Value| serde_json::from_str::<Value>(event["message"].as_str().expect("a text"));
    let events = body["events"].as_array().expect("events").iter();
    let arns = events.map(|event| text(&message(event).expect("JSON")["execution_arn"]));
    let mut names: Vec<String> = arns.map(|arn| arn.split(':').nth(6).expect("a name").to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

const SYNC: &[(&str, &str)] = &[("SyncRoute", "true")];

/// One machine logs everything, one only errors, each to its log group.
const LOGGED: [&str; 2] = ["FailExpress", "QuietFailExpress"];

#[test]
fn a_request_reads_only_the_log_groups_of_the_template() {
    let groups = LOGGED.map(log_group);
    let (with_one, with_each) = (deployed("one", &LOGGED, &groups[..1], SYNC), deployed("each", &LOGGED, &groups, &[]));
    let (one, each) = (with_one.url(), with_each.url());
    for name in LOGGED {
        let request = json!({ "stateMachineArn": machine(name), "input": "{}" });
        let (status, body) = post(&one, "/execution/sync", "application/json", &request.to_string());
        assert!(status == 200 && body.contains("\"FAILED\""), "{body}");
    }
    let other = groups[1].rsplit(":log-group:").next().expect("a name").trim_end_matches(":*");
    for request in [
        json!({ "startTime": 1 }),
        json!({ "startTime": 1, "stateMachineArn": machine("QuietFailExpress") }),
        json!({ "startTime": 1, "logGroupName": other, "logGroupIdentifier": groups[1], "logStreamNames": ["x"] }),
        json!({ "startTime": 1, "filterPattern": "", "limit": 10_000, "nextToken": null, "endTime": 9_999_999_999_999_u64 }),
    ] {
        let names = logged(&one, &request);
        assert!(names.iter().any(|name| name == "FailExpress"), "{request}: {names:?}");
        assert!(!names.iter().any(|name| name == "QuietFailExpress"), "{request}: {names:?}");
    }
    let forged = json!({ "startTime": 1, "nextToken": format!("\",\"logGroupName\":\"{other}") });
    assert_eq!(logged(&one, &forged), Vec::<String>::new());
    for content_type in ["text/plain", "application/x-amz-json-1.1", "application/x-www-form-urlencoded"] {
        let request = json!({ "logGroupName": other, "startTime": 1 }).to_string();
        assert_eq!(post(&one, "/execution/logs", content_type, &request).0, 415, "{content_type}");
    }
    for suffix in ["", ":3", ":live"] {
        let of = |name: &str| json!({ "startTime": 1, "stateMachineArn": machine(name) + suffix });
        assert_eq!(logged(&each, &of("QuietFailExpress")), ["QuietFailExpress"]);
        assert!(logged(&each, &of("FailExpress")).iter().any(|name| name == "FailExpress"));
    }
    for unknown in ["", "EchoExpress", "FailExpress2", "\",\"x", "$group"] {
        let request =
            json!({ "startTime": 1, "stateMachineArn": machine("FailExpress").replace("FailExpress", unknown) });
        let (status, body) = post(&each, "/execution/logs", "application/json", &request.to_string());
        assert!(status == 400 && body.contains("ResourceNotFoundException"), "{request}: {body}");
    }
}

#[test]
fn the_response_of_the_route_sync_is_the_outcome() {
    let machines = ["EchoExpress", "FailExpress", "TimeoutExpress", "WaitExpress"];
    let deployed = deployed("sync", &machines, &[log_group("EchoExpress")], SYNC);
    let start = |machine: &str, input: &str, more: &[&str]| {
        deployed.run(&[&["start", machine, "--input", input, "--output", "json"], more].concat())
    };
    for more in [&[][..], &["--wait"]] {
        let passed = start("EchoExpress", "{\"order\": 1}", more).expect(0).object();
        assert_eq!((&passed["status"], &passed["output"]), (&json!("SUCCEEDED"), &json!("{\"order\":1}")), "{passed}");
        assert!(text(&passed["executionArn"]).contains(":express:EchoExpress:"), "{passed}");
        let failed = start("FailExpress", "{}", more).expect(1).object();
        assert_eq!((&failed["status"], &failed["error"]), (&json!("FAILED"), &json!("SomeFailure")), "{failed}");
        let timed_out = start("TimeoutExpress", "{}", more).expect(1).object();
        assert_eq!(timed_out["status"], "TIMED_OUT", "{timed_out}");
    }
    // Nothing ends this request on LocalStack, which has no integration timeout.
    let waited = start("WaitExpress", "{\"seconds\": 3}", &[]).expect(0).object();
    assert_eq!(waited["status"], "SUCCEEDED", "{waited}");
    deployed.run(&["config", "check"]).expect(0);
    deployed.run(&["doctor"]).expect(0);
}

#[test]
fn a_run_longer_than_the_timeout_is_not_repeated_and_is_found_in_the_log() {
    let more = [SYNC, &[("SyncTimeoutSeconds", "2")]].concat();
    let deployed = deployed("late", &["WaitExpress"], &[log_group("WaitExpress")], &more);
    let start = ["start", "WaitExpress", "--input", "{\"seconds\": 8, \"late\": 1}", "--wait", "--output", "json"];
    let late = deployed.run(&start).expect(0);
    assert!(late.err.contains("no response within 2 s, the timeout of the route `sync`"), "{late:?}");
    let ended = late.object();
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
    let request = json!({ "stateMachineArn": machine("WaitExpress"), "startTime": 0 });
    let (_, body) = post(&deployed.url(), "/execution/logs", "application/json", &request.to_string());
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let messages = body["events"].as_array().expect("events").iter().map(|event| text(&event["message"]));
    let run = format!(":{}:", text(&ended["name"]));
    let runs = messages.filter(|message| message.contains("ExecutionStarted") && message.contains(&run));
    assert_eq!(runs.count(), 1, "{body}");
}

#[test]
fn outcomes_and_timelines_are_read_from_the_log_groups() {
    let machines = ["EchoExpress", "FailExpress", "TimeoutExpress", "QuietFailExpress"];
    let deployed = deployed("logs", &machines, &machines.map(log_group), &[]);
    for (machine, code, status, member, value) in [
        ("EchoExpress", 0, "SUCCEEDED", "output", json!("{\"order\":1}")),
        ("FailExpress", 1, "FAILED", "error", json!("SomeFailure")),
        ("TimeoutExpress", 1, "TIMED_OUT", "output", Value::Null),
        ("QuietFailExpress", 1, "FAILED", "error", json!("SomeFailure")),
    ] {
        let start = ["start", machine, "--input", "{\"order\": 1}", "--wait", "--output", "json"];
        let ended = deployed.run(&start).expect(code).object();
        assert_eq!((&ended["status"], &ended[member]), (&json!(status), &value), "{ended}");
        let arn = text(&ended["executionArn"]);
        let seen = deployed.run(&["status", &arn, "--output", "json"]).expect(0).object();
        assert_eq!((&seen["status"], &seen["stopDate"]), (&ended["status"], &ended["stopDate"]), "{seen}");
        let events = deployed.run(&["history", &arn, "--output", "json"]).expect(0).objects();
        let last = events.last().map(|event| text(&event["type"]).to_uppercase());
        assert_eq!(last, Some(format!("EXECUTION{}", status.replace('_', ""))), "{events:?}");
        let is_whole = events[0]["type"] == "ExecutionStarted";
        assert_eq!(is_whole, !machine.starts_with("Quiet"), "{events:?}");
        let timeline = deployed.run(&["timeline", &arn, "--output", "json"]).expect(0);
        assert_eq!(timeline.err.contains("the history is incomplete"), !is_whole, "{timeline:?}");
        assert!(!timeline.objects().is_empty(), "{timeline:?}");
    }
    deployed.run(&["doctor"]).expect(0);
}
