//! The memory of every command that reads responses, for the largest responses and those with the most parts.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::cli::{Home, MACHINE};
use crate::support::gateway::{answering, http};
use crate::support::watched::watched;
use serde_json::json;
use tokio::runtime::Runtime;

/// Just below the most that a gateway sends, which is read.
const BYTES: usize = 10 * 1024 * 1024 - 4_096;

fn execution() -> String {
    format!("{}:e-1", MACHINE.replace("stateMachine:", "execution:PassStateMachine"))
}

/// So many bytes of this, over and over again.
fn full_of(piece: &str) -> String {
    let mut text = piece.repeat(BYTES / piece.len());
    text.truncate(text.trim_end_matches(',').len());
    text
}

fn numbered(piece: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    let mut number = 0;
    while text.len() < BYTES - 50_000 {
        number += 1;
        write!(text, "{},", piece(number)).expect("written");
    }
    text.pop();
    text
}

/// A good response of an execution with these further members.
fn described(members: &str) -> String {
    let machine = format!("{MACHINE}PassStateMachine");
    let arn = execution();
    format!(
        r#"{{"executionArn":"{arn}","stateMachineArn":"{machine}","status":"FAILED","startDate":1.7e9,"stopDate":1.7e9,{members}}}"#
    )
}

fn event(id: usize, details: &str) -> String {
    format!(
        r#"{{"id":{id},"timestamp":1,"type":"TaskStateEntered","stateEnteredEventDetails":{{"name":"S"{details}}}}}"#
    )
}

fn bodies() -> Vec<(&'static str, String)> {
    let item = |number: usize| {
        json!({ "executionArn": format!("{}{number}", execution()), "stateMachineArn": format!("{MACHINE}PassStateMachine"),
                "status": "RUNNING", "startDate": 1 }).to_string()
    };
    vec![
        ("far too much", "x".repeat(60 * 1024 * 1024)),
        ("no JSON", full_of("\u{1b}[2J")),
        ("small items", format!("[{}]", full_of("0,"))),
        ("small objects", format!("[{}]", full_of("{},"))),
        ("many members", format!("{{{}}}", numbered(|number| format!("\"m{number}\":0")))),
        ("many further members", described(&numbered(|number| format!("\"m{number}\":0")))),
        ("one large member", described(&format!("\"m\":[{}]", full_of("0,")))),
        ("a large output", described(&format!("\"output\":\"{}\"", full_of("\\u0000")))),
        ("an output of small items", described(&format!("\"output\":[{}]", full_of("0,")))),
        ("an output of small objects", described(&format!("\"output\":[{}]", full_of("{},")))),
        (
            "a large error",
            described(&format!("\"error\":\"{}\",\"cause\":\"{}\"", "e".repeat(BYTES / 2), "c".repeat(BYTES / 3))),
        ),
        ("many events", format!(r#"{{"events":[{}],"nextToken":"t"}}"#, numbered(|id| event(id, "")))),
        (
            "events with many members",
            format!(r#"{{"events":[{}]}}"#, event(1, &format!(",{}", numbered(|number| format!("\"m{number}\":0"))))),
        ),
        (
            "events with large causes",
            format!(
                r#"{{"events":[{}]}}"#,
                numbered(|id| event(id, &format!(",\"cause\":\"{}\"", "c".repeat(40_000))))
            ),
        ),
        (
            "an event with a large input",
            format!(r#"{{"events":[{}]}}"#, event(1, &format!(",\"input\":[{}]", full_of("0,")))),
        ),
        ("many executions", format!(r#"{{"executions":[{}],"nextToken":"t"}}"#, numbered(item))),
    ]
}

#[test]
fn no_response_makes_a_command_large() {
    let runtime = Runtime::new().expect("a runtime");
    let mut largest = (0, String::new());
    for (what, body) in bodies() {
        let url = runtime.block_on(answering(move |path| {
            // The start is confirmed, so that a status request follows.
            let is_start = path.ends_with("/execution");
            http(
                "200 OK",
                "",
                if is_start {
                    r#"{"executionArn":"arn:aws:states:us-east-1:000000000000:execution:PassStateMachine:e-1"}"#
                } else {
                    &body
                },
            )
        }));
        let home = Home::at(&url);
        let arn = execution();
        let commands: &[&[&str]] = match what {
            _ if what.contains("event") => &[
                &["history", "@ARN"],
                &["history", "@ARN", "--data", "--output", "json"],
                &["timeline", "@ARN", "--output", "json"],
            ],
            _ if what.contains("executions") => &[&["list", "--remote", "--machine", "pass", "--output", "json"]],
            "no JSON" | "many members" => &[&["status", "@ARN", "--output", "json"], &["doctor"]],
            "a large output" => &[&["start", "pass", "--wait", "--timeout", "10s", "--output", "json"]],
            _ => &[&["watch", "@ARN", "--timeout", "2s", "--output", "json"]],
        };
        for command in commands {
            let command: Vec<&str> = command.iter().map(|word| if *word == "@ARN" { &arn } else { *word }).collect();
            let ended = watched(home.command(&command).args(["--log", "log"]), None);
            println!(
                "{:>4} MB {:>6.1?} {:?} {what}: {}",
                ended.memory / 1024 / 1024,
                ended.took,
                ended.code,
                command.join(" ")
            );
            assert!(ended.signal.is_none() && ended.code != Some(101), "{what}: {command:?}: {}", ended.err);
            if ended.memory > largest.0 {
                largest = (ended.memory, format!("{what}: {command:?}"));
            }
        }
    }
    println!("the most: {} MB, {}", largest.0 / 1024 / 1024, largest.1);
}

/// Pages that all have a full size, up to the most events that there can be.
#[test]
fn no_history_makes_a_command_large() {
    let runtime = Runtime::new().expect("a runtime");
    let page = std::sync::Arc::new(AtomicUsize::new(0));
    let url = runtime.block_on(answering(move |_| {
        let from = page.fetch_add(1, Ordering::Relaxed) * 100 + 1;
        let cause = format!(",\"error\":\"{}\",\"cause\":\"{}\"", "e".repeat(256), "c".repeat(32_768));
        let events: Vec<String> = (from..from + 100).map(|id| event(id, &cause)).collect();
        http("200 OK", "", &format!(r#"{{"events":[{}],"nextToken":"{from}"}}"#, events.join(",")))
    }));
    let home = Home::at(&url);
    let ended = watched(&mut home.command(&["timeline", &execution(), "--output", "json"]), None);
    println!("{} MB {:?}", ended.memory / 1024 / 1024, ended.took);
    assert!(ended.err.contains("the history does not end"), "{}", &ended.err[..ended.err.len().min(2_000)]);
}
