//! Endless texts from a gateway: everything shown, logged, stored and printed is limited, and a mark gives the length
//! of what was cut.
#![cfg(unix)]

use crate::support::cli::Home;
use crate::support::gateway::{http, replying};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:Order";
const EXECUTION: &str = "arn:aws:states:us-east-1:123456789012:execution:Order:run-1";

fn home(runtime: &Runtime, answer: String) -> Home {
    let url = runtime.block_on(replying(move |_| answer.clone()));
    let home = Home::empty();
    home.write(
        "config.toml",
        &format!(
            "[endpoints.e]\nurl = \"{url}\"\n[endpoints.e.routes]\nstop = \"/execution/stop\"\nlist = \"/executions\"\n\
             redrive = \"/redrive\"\nhistory = \"/history\"\ndefinition = \"/definition\"\n[machines.order]\narn = \"{MACHINE}\"\n"
        ),
    );
    home
}

fn long(characters: usize) -> String {
    "x".repeat(characters)
}

/// What a command writes anywhere at all; of the store what is in its tables.
fn everything(home: &Home, arguments: &[&str]) -> String {
    let ran = home.run(&[arguments, &["-vvv", "--log", "log"]].concat());
    let log = std::fs::read_to_string(home.path().join("log")).unwrap_or_default();
    format!("{}{}{log}", ran.out, ran.err)
}

#[test]
fn every_text_of_a_failure_is_bounded_on_every_stream_and_in_the_store() {
    let runtime = Runtime::new().expect("a runtime");
    let error = |status: &str, headers: &str, body: &str| http(status, headers, body);
    let id = format!("x-amzn-requestid: {}\r\n", long(200_000));
    let cases = [
        ("a request id", error("403 Forbidden", &id, "{\"message\":\"Forbidden\"}"), "… (200,000 characters)"),
        (
            "another request id",
            error("403 Forbidden", &id.replace("x-amzn-requestid", "apigw-requestid"), "{\"message\":\"Forbidden\"}"),
            "… (200,000 characters)",
        ),
        (
            "an error type",
            error(
                "400 Bad Request",
                "",
                &json!({ "__type": format!("a#{}", long(500_000)), "message": "m" }).to_string(),
            ),
            "… (500,000 characters)",
        ),
        (
            "a message",
            error(
                "400 Bad Request",
                "",
                &json!({ "__type": "a#ValidationException", "message": long(500_000) }).to_string(),
            ),
            "… (500,000 characters)",
        ),
        (
            "a gateway's message",
            error("403 Forbidden", "", &json!({ "message": long(500_000) }).to_string()),
            "… (500,000 characters)",
        ),
        (
            "an error with its cause",
            error("500 Internal", "", &json!({ "error": long(300_000), "cause": long(300_000) }).to_string()),
            "… (600,002 characters)",
        ),
        ("a text", error("500 Internal", "", &long(500_000)), "… (500,000 characters)"),
        (
            "a page",
            error("500 Internal", "", &format!("<html><title>{}</title>", long(500_000))),
            "… (500,000 characters)",
        ),
        (
            "a redirect",
            error("301 Moved", &format!("location: https://example.com/{}\r\n", long(100_000)), ""),
            "… (100,020 characters)",
        ),
        ("another object", error("200 OK", "", &json!({ "x": long(500_000) }).to_string()), "… (500,008 characters)"),
        ("another value", error("200 OK", "", &json!([long(500_000)]).to_string()), "… (500,004 characters)"),
    ];
    for (what, answer, mark) in cases {
        let is_permanent = answer.starts_with("HTTP/1.1 4");
        let home = home(&runtime, answer);
        let mut commands = vec![
            &["status", EXECUTION][..],
            &["start", "order", "--wait", "--timeout", "1s"],
            &["list", "--output", "json"],
            &["watch", "--timeout", "1s", EXECUTION],
        ];
        if is_permanent {
            // They are patient with all others.
            commands.extend([&["stop", EXECUTION][..], &["list", "--remote"], &["history", EXECUTION]]);
        }
        for command in commands {
            let written = everything(&home, command);
            assert!(written.len() < 60_000, "{what}: {command:?}: {} bytes", written.len());
            let is_told = command[0] == "status" || (command[0] == "start" && !what.starts_with("another"));
            assert!(!is_told || written.contains(mark), "{what}: {command:?}: {written}");
            std::fs::remove_file(home.path().join("log")).expect("a log");
        }
        let store = std::fs::metadata(home.path().join("data/stepgate/stepgate.db")).expect("the store").len();
        assert!(store < 400_000, "{what}: {store} bytes are kept");
    }
}

#[test]
fn error_and_cause_are_whole_up_to_the_service_s_own_limits() {
    let runtime = Runtime::new().expect("a runtime");
    for (error, cause, shown_error, shown_cause) in [
        (256, 32_768, long(256), long(32_768)),
        (257, 32_769, format!("{}… (257 characters)", long(256)), format!("{}… (32,769 characters)", long(32_768))),
        (
            500_000,
            500_000,
            format!("{}… (500,000 characters)", long(256)),
            format!("{}… (500,000 characters)", long(32_768)),
        ),
    ] {
        let body = json!({
            "executionArn": EXECUTION, "status": "FAILED", "startDate": 1.7e9, "stopDate": 1.7e9,
            "error": long(error), "cause": long(cause), "traceHeader": long(500_000), "redriveStatusReason": long(500_000),
        });
        let home = home(&runtime, http("200 OK", "", &body.to_string()));
        home.run(&["start", "order", "--name", "run-1", "--wait"]).expect(1);
        for command in [&["status", "run-1"][..], &["list"]] {
            let object: Value = home.run(&[command, &["--output", "json"]].concat()).expect(0).object();
            assert_eq!((&object["error"], &object["cause"]), (&json!(shown_error), &json!(shown_cause)), "{command:?}");
            assert!(
                object["traceHeader"].as_str().is_some_and(|text| text.ends_with("… (500,000 characters)")),
                "{object}"
            );
            assert!(object.to_string().len() < 40_000, "{command:?}");
        }
        let text = home.run(&["status", "run-1"]).expect(0).out;
        assert!(text.len() < 40_000 && text.contains(&shown_cause), "{text}");
    }
}

#[test]
fn payloads_are_whole() {
    let runtime = Runtime::new().expect("a runtime");
    let output = json!(long(1_000_000)).to_string();
    let body = json!({ "executionArn": EXECUTION, "status": "SUCCEEDED", "startDate": 1.7e9, "stopDate": 1.7e9, "output": output });
    let home = home(&runtime, http("200 OK", "", &body.to_string()));
    let object = home.run(&["status", EXECUTION, "--output", "json"]).expect(0).object();
    assert_eq!(object["output"], json!(output));
}
