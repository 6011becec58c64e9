//! Planted secrets where routes have filters: a gateway that repeats the API key in every place of its responses, filters
//! that move it elsewhere or fail on it, the doctor's check of a known execution, and `config init`.
#![cfg(unix)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::secrets::files;
use crate::support::cli::{Home, ran};
use crate::support::odd::{Fate, ORDER, OddGateway, Reply, Request, Shape};

/// With what is special in JSON, in URLs and in HTML.
const SECRET: &str = "Canary/k\"e%y+&<9>=42";

/// A gateway that repeats the key as soon as `is_loud`: in a header, and next to and inside the members of its responses.
fn echo(runtime: &Runtime, is_loud: &Arc<AtomicBool>) -> OddGateway {
    let is_loud = Arc::clone(is_loud);
    runtime.block_on(OddGateway::serve_with(
        Shape::Documented,
        Duration::from_millis(50),
        move |request: &Request, fate| {
            assert!(!request.body.contains("Canary"), "a filter has seen the key: {}", request.body);
            match fate {
                Fate::Reply(reply) if is_loud.load(Ordering::SeqCst) => {
                    let mut body: Value = serde_json::from_str(&reply.body).expect("JSON");
                    // It stands across the place where an excerpt is cut.
                    body["far"] = json!(format!("{}{SECRET}", "x".repeat(120)));
                    body["echo"] = json!(SECRET);
                    body[SECRET] = json!(1);
                    body["nested"] = json!({ "output": { "key": [SECRET] }, "input": SECRET });
                    if let Some(message) = body.get("message").and_then(Value::as_str) {
                        body["message"] = json!(format!("{message} {SECRET}"));
                    }
                    let headers = vec![("x-amzn-requestid".to_owned(), format!("id {SECRET}"))];
                    Fate::Reply(Reply { body: body.to_string(), headers, ..reply })
                }
                fate => fate,
            }
        },
    ))
}

fn configure(home: &Home, gateway: &OddGateway, routes: &str) {
    let url = gateway.url();
    let auth = "auth = { type = \"api-key\", env = \"KEY\" }";
    let config = format!(
        "[endpoints.e]\nurl = \"{url}\"\n{auth}\n[endpoints.e.watch]\nrequests-per-second = 50\n[endpoints.e.routes]\n\
         {routes}\n[machines.order]\narn = \"{ORDER}\"\n"
    );
    home.write("config.toml", &config);
}

/// Runs a command, and returns what it has printed.
fn run(home: &Home, arguments: &[&str]) -> String {
    let ran = ran(home.command(&[arguments, &["-vvv", "--log", "log"]].concat()).env("KEY", SECRET));
    format!("{}{}", ran.out, ran.err)
}

fn assert_is_clean(home: &Home, printed: &str, what: &str) {
    let mut everything = vec![("the output".to_owned(), printed.to_owned())];
    let mut written = Vec::new();
    files(home.path(), &mut written);
    for path in written {
        let bytes = std::fs::read(&path).expect("a file");
        everything.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    for (place, text) in everything {
        let text = text.to_lowercase();
        for word in ["canary", "k\\\"e%y", "+&<9>"] {
            assert!(!text.contains(word), "{what}: `{word}` is in {place}: {text}");
        }
    }
}

#[test]
fn no_filter_and_no_message_about_one_brings_a_secret_back() {
    let runtime = Runtime::new().expect("a runtime");
    for routes in [
        // Moved into members that are shown, stored and logged.
        "status = { answer = '{status, error: .echo, cause: .nested, x: .nested.output, far}' }",
        "status = { answer = '. + {executionArn: .executionArn, traceHeader: .nested.input}' }",
        "start = { answer = '. + {status: .echo, note: .nested}' }",
        // No result, or an unreadable one: the message quotes both bodies.
        "status = { answer = '{state: .status, a: .nested, far}' }",
        "status = { answer = '.nested.output' }",
        "status = { answer = '.nested.input' }",
        "status = { answer = 'error(.nested.output.key[0])' }",
        "status = { answer = 'error(.far)' }",
        "status = { answer = '.nested.input.x' }",
        "status = { answer = '.nested.output.key[0] | tonumber' }",
        "status = { answer = '{__type: .nested.input, message: .far}' }",
        "start = { answer = '{job: .executionArn, far, a: .nested}' }",
        "start = { answer = '{executionArn: .nested.output.key[0]}' }",
        "start = { answer = 'error(.nested | tojson)' }",
        // Credentials are added after the filter.
        "start = { request = '. + {all: tojson}' }\nstatus = { request = '. + {all: tojson}' }",
        "start = { request = 'error(tojson)' }",
    ] {
        let is_loud = Arc::new(AtomicBool::new(false));
        let gateway = echo(&runtime, &is_loud);
        let home = Home::empty();
        configure(&home, &gateway, "");
        let mut printed = run(&home, &["start", "order", "--name", "known", "--wait"]);
        is_loud.store(true, Ordering::SeqCst);
        configure(&home, &gateway, routes);
        for command in [
            &["start", "order", "--name", "run-1"][..],
            &["start", "order", "--output", "json"],
            &["status", "known"],
            &["status", "known", "--output", "json"],
            &["doctor"],
            &["doctor", "--output", "json"],
            &["watch", "--timeout", "1s"],
            &["list", "--output", "json"],
            &["config", "check"],
        ] {
            printed.push_str(&run(&home, command));
        }
        assert!(printed.contains("known"), "{printed}");
        let log = std::fs::read_to_string(home.path().join("log")).expect("a log");
        assert!(log.contains("/execution/status"), "{log}");
        assert_is_clean(&home, &printed, routes);
    }
}

#[test]
fn the_doctor_names_the_members_of_a_response_without_the_secrets_in_their_names() {
    let runtime = Runtime::new().expect("a runtime");
    let is_loud = Arc::new(AtomicBool::new(false));
    let gateway = echo(&runtime, &is_loud);
    let home = Home::empty();
    configure(&home, &gateway, "");
    run(&home, &["start", "order", "--name", "known", "--wait"]);
    is_loud.store(true, Ordering::SeqCst);
    for routes in ["", "status = { answer = '. + {(.nested.input): 1}' }"] {
        configure(&home, &gateway, routes);
        let printed = run(&home, &["doctor", "--output", "json"]);
        assert!(printed.contains("`known` in the store can be described") && printed.contains("•••"), "{printed}");
        assert_is_clean(&home, &printed, routes);
    }
}

#[test]
fn config_init_prints_and_writes_no_secret_that_the_gateway_repeats() {
    let runtime = Runtime::new().expect("a runtime");
    let gateway = echo(&runtime, &Arc::new(AtomicBool::new(true)));
    let arguments = ["config", "init", &gateway.url(), "--api-key-env", "KEY", "--machine", ORDER];
    for more in [&["--write"][..], &["--output", "json"]] {
        let home = Home::empty();
        let printed = run(&home, &[&arguments[..], more].concat());
        assert!(printed.contains("/execution/status"), "{printed}");
        assert_is_clean(&home, &printed, "config init");
    }
}
