//! The real binary with a gateway that fails halfway: at the timeout, and at the end of a batch, a stop or a redrive,
//! it reports what is known then.
#![cfg(unix)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::support::cli::{Home, Ran, orders};
use crate::support::gateway::{http, replying};
use crate::support::odd::{Fate, ORDER, OddGateway, Reply, Request, Shape, config};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const LASTS: Duration = Duration::from_millis(700);
const EACH: [&str; 6] = ["start", "order", "--each", "lines.jsonl", "--output", "json"];

fn runtime() -> Runtime {
    Runtime::new().expect("a runtime")
}

fn home(gateway: &OddGateway, endpoint: &str) -> Home {
    let home = Home::empty();
    home.write("config.toml", &config(gateway, endpoint, ""));
    home
}

fn is_start(request: &Request) -> bool {
    request.path.ends_with("/execution")
}

fn is_status(request: &Request) -> bool {
    request.path.ends_with("/status")
}

fn wait(home: &Home, more: &[&str]) -> Ran {
    home.run(&[&["start", "order", "--wait", "--output", "json"], more].concat())
}

/// A reply with these members instead of some, or without them where they are null.
fn with(fate: Fate, members: &Value) -> Fate {
    let Fate::Reply(reply) = fate else { return fate };
    let mut body: Value = serde_json::from_str(&reply.body).expect("JSON");
    let all = body.as_object_mut().expect("an object");
    for (name, value) in members.as_object().expect("members") {
        all.insert(name.clone(), value.clone());
    }
    all.retain(|_, value| !value.is_null());
    Fate::Reply(Reply { body: body.to_string(), ..reply })
}

#[test]
fn an_execution_without_a_status_is_not_shown_as_running() {
    let runtime = runtime();
    let unavailable = || Fate::reply("503 Service Unavailable", "<html><title>Maintenance</title></html>");
    for (fate, words) in [(unavailable(), "Maintenance"), (Fate::Close, "connection"), (Fate::Hang, "no response")] {
        let gateway =
            runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, move |request: &Request, done| {
                if is_status(request) { fate.clone() } else { done }
            }));
        let home = home(&gateway, "");
        for ran in [wait(&home, &["--timeout", "4s"]), home.run(&["watch", "@last", "--timeout", "4s"])] {
            let ran = ran.expect(4);
            assert!(!ran.err.contains("still running") && ran.err.contains(words), "{words}: {ran:?}");
        }
    }
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, |request: &Request, done| {
        if is_status(request) { Fate::Hang } else { done }
    }));
    let silent = home(&gateway, "");
    silent.write("lines.jsonl", &orders(2));
    let ran = silent.run(&[&EACH[..], &["--wait", "--timeout", "4s"]].concat()).expect(4);
    assert!(ran.err.contains("2 unknown") && !ran.err.contains("running"), "{ran:?}");
    // Nothing at all is known of what another program has started, however short the time was.
    let other = format!("{}:theirs", ORDER.replace(":stateMachine:", ":execution:"));
    let ran = silent.run(&["watch", &other, "--timeout", "1s"]).expect(4);
    assert!(ran.err.contains("1 unknown") && !ran.err.contains("running"), "{ran:?}");
    // One that was seen to run is.
    let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, Duration::from_secs(60)));
    let ran = wait(&home(&gateway, ""), &["--timeout", "2s"]).expect(5);
    assert!(ran.err.contains("still running"), "{ran:?}");
}

#[test]
fn every_line_that_was_sent_is_reported_when_the_time_is_up() {
    let runtime = runtime();
    // The third start is carried out, and its response never comes.
    let count = AtomicUsize::new(0);
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, move |request: &Request, fate| {
        if is_start(request) && count.fetch_add(1, Ordering::Relaxed) == 2 { Fate::Hang } else { fate }
    }));
    let home = home(&gateway, "");
    home.write("lines.jsonl", &orders(4));
    let began = Instant::now();
    let ran = home.run(&[&EACH[..], &["--wait", "--timeout", "5s"]].concat()).expect(4);
    assert!(began.elapsed() < Duration::from_secs(7), "{:?}", began.elapsed());
    let rows = ran.objects();
    assert_eq!(rows.len(), 4, "{ran:?}");
    assert_eq!(rows.iter().filter(|row| row["start"] == "unresolved").count(), 1, "{ran:?}");
    assert_eq!(rows.iter().filter(|row| row["status"] == "SUCCEEDED").count(), 3, "{ran:?}");
    assert!(!ran.err.contains("not started") && ran.err.contains("1 unresolved"), "{ran:?}");
}

#[test]
fn lines_that_are_sent_again_until_the_time_is_up_are_unresolved_with_the_reason() {
    let runtime = runtime();
    let count = AtomicUsize::new(0);
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, move |request: &Request, fate| {
        let fails = is_start(request) && count.fetch_add(1, Ordering::Relaxed) > 0;
        if fails { Fate::reply("500 Internal Server Error", r#"{"error":"Boom"}"#) } else { fate }
    }));
    let home = home(&gateway, "");
    wait(&home, &[]).expect(0);
    home.write("lines.jsonl", &orders(3));
    let ran = home.run(&[&EACH[..], &["--wait", "--timeout", "4s"]].concat()).expect(4);
    assert_eq!(ran.objects().iter().filter(|row| row["start"] == "unresolved").count(), 3, "{ran:?}");
    assert!(ran.objects().iter().all(|row| row["message"].as_str().is_some_and(|words| words.contains("Boom"))));
    assert!(!ran.err.contains("not started") && !ran.err.contains("running"), "{ran:?}");
    assert_eq!(ran.err.matches("Boom").count(), 1, "told once: {ran:?}");
}

#[test]
fn a_start_response_that_says_succeeded_is_not_the_outcome_of_a_standard_execution() {
    let runtime = runtime();
    let starts = AtomicUsize::new(0);
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, move |request: &Request, fate| {
        if is_start(request) {
            return match starts.fetch_add(1, Ordering::Relaxed) {
                0 => with(fate, &json!({ "status": "SUCCEEDED" })),
                _ => Fate::reply("200 OK", r#"{"status":"SUCCEEDED"}"#),
            };
        }
        // It fails in the end.
        let Fate::Reply(reply) = &fate else { return fate };
        if reply.body.contains("SUCCEEDED") {
            with(fate, &json!({ "status": "FAILED", "error": "Boom" }))
        } else {
            fate
        }
    }));
    let home = home(&gateway, "");
    for _ in 0..2 {
        assert_eq!(wait(&home, &[]).expect(1).object()["error"], "Boom");
    }
    assert_eq!((gateway.starts(), gateway.executions().len()), (2, 2));
}

#[test]
fn an_error_that_a_start_cannot_return_does_not_prove_that_nothing_was_started() {
    let runtime = runtime();
    for (status, body) in [
        ("400 Bad Request", r#"{"__type":"ExecutionAlreadyExists","message":"Execution already exists"}"#),
        ("409 Conflict", r#"{"message":"Conflict"}"#),
        ("400 Bad Request", r#"{"__type":"ExecutionDoesNotExist","message":"Execution Does Not Exist"}"#),
    ] {
        let gateway =
            runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, move |request: &Request, fate| {
                if is_start(request) { Fate::reply(status, body) } else { fate }
            }));
        let home = home(&gateway, "");
        assert_eq!(wait(&home, &[]).expect(0).object()["status"], "SUCCEEDED", "{body}");
        assert_eq!((gateway.starts(), gateway.executions().len()), (1, 1), "{body}");
    }
}

#[test]
fn names_that_a_gateway_is_seen_to_make_up_overrule_the_configuration() {
    let runtime = runtime();
    let starts = AtomicUsize::new(0);
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Unnamed, LASTS, move |request: &Request, fate| {
        if is_start(request) && starts.fetch_add(1, Ordering::Relaxed) > 0 { Fate::Close } else { fate }
    }));
    let home = home(&gateway, "names = \"passed-on\"");
    let first = wait(&home, &[]).expect(4);
    assert!(first.err.contains(&gateway.executions()[0].0), "{first:?}");
    wait(&home, &[]).expect(4);
    assert_eq!((gateway.starts(), gateway.executions().len()), (2, 2));
}

#[test]
fn a_status_is_read_in_any_case_and_an_unknown_one_is_shown() {
    let runtime = runtime();
    let words = ["succeeded", "Succeeded", "SUCCEEDED "];
    for word in words {
        let gateway =
            runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, move |request: &Request, fate| {
                let Fate::Reply(reply) = &fate else { return fate };
                if is_start(request) || !reply.body.contains("SUCCEEDED") {
                    fate
                } else {
                    with(fate, &json!({ "status": word }))
                }
            }));
        assert_eq!(wait(&home(&gateway, ""), &[]).expect(0).object()["status"], "SUCCEEDED", "{word}");
    }
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::StatusOnly, LASTS, |request: &Request, fate| {
        if is_start(request) { fate } else { with(fate, &json!({ "status": "COMPLETED" })) }
    }));
    let ran = wait(&home(&gateway, ""), &["--timeout", "3s"]).expect(4);
    assert!(ran.err.contains("`COMPLETED`") && !ran.err.contains("still running"), "{ran:?}");
}

#[test]
fn a_watch_ends_when_responses_contradict_the_outcome_that_is_known() {
    let runtime = runtime();
    let lags = std::sync::Arc::new(AtomicBool::new(false));
    let is_lagging = std::sync::Arc::clone(&lags);
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::StatusOnly, LASTS, move |request: &Request, fate| {
        let lags = is_lagging.load(Ordering::Relaxed) && is_status(request);
        if lags { with(fate, &json!({ "status": "RUNNING" })) } else { fate }
    }));
    let home = home(&gateway, "");
    wait(&home, &[]).expect(0);
    lags.store(true, Ordering::Relaxed);
    let ran = home.run(&["watch", "@last", "--output", "json"]).expect(0);
    assert_eq!(ran.object()["status"], "SUCCEEDED");
    assert!(ran.err.contains("now reports RUNNING"), "{ran:?}");
}

#[test]
fn a_stop_whose_status_cannot_be_read_says_so_within_seconds() {
    let runtime = runtime();
    for (fate, words) in
        [(Fate::Hang, "timed out waiting for a response"), (Fate::reply("200 OK", "<html>Log in</html>"), "web page")]
    {
        let gateway = runtime.block_on(OddGateway::serve_before(Shape::Documented, LASTS, move |request: &Request| {
            if request.path.ends_with("/stop") {
                return Some(Fate::reply("200 OK", r#"{"stopDate":1701838931.5}"#));
            }
            is_status(request).then(|| fate.clone())
        }));
        let home = home(&gateway, "[endpoints.e.routes]\nstop = \"/execution/stop\"");
        home.run(&["start", "order"]).expect(0);
        let began = Instant::now();
        let ran = home.run(&["stop", "@last"]).expect(0);
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
        assert!(ran.err.contains("could not be read") && ran.err.contains(words), "{ran:?}");
    }
}

/// A gateway where executions fail, and its redrive route.
fn failing(
    runtime: &Runtime,
    redrive: impl Fn(usize) -> Fate + Send + Sync + 'static,
    lags: usize,
) -> (OddGateway, Home) {
    let state = Mutex::new((0_usize, 0_usize));
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, move |request: &Request, fate| {
        let mut state = state.lock().expect("the state");
        if request.path.ends_with("/redrive") {
            state.0 += 1;
            return redrive(state.0);
        }
        if !is_status(request) {
            return fate;
        }
        if state.0 > 0 {
            state.1 += 1;
        }
        // After a redrive the status lags for a while, then it is over, and it is SUCCEEDED.
        let is_over = matches!(&fate, Fate::Reply(reply) if reply.body.contains("SUCCEEDED"));
        let (word, redrives) = if state.0 > 0 && state.1 > lags { ("SUCCEEDED", state.0) } else { ("FAILED", 0) };
        if is_over {
            let dates = if lags > 0 { json!(null) } else { json!(1_701_838_931 + redrives) };
            let count = if lags > 0 { json!(null) } else { json!(redrives) };
            with(fate, &json!({ "status": word, "redriveCount": count, "stopDate": dates }))
        } else {
            fate
        }
    }));
    let home = home(&gateway, "[endpoints.e.routes]\nredrive = \"/execution/redrive\"");
    (gateway, home)
}

#[test]
fn after_a_redrive_a_lagging_status_without_dates_is_not_the_outcome() {
    let runtime = runtime();
    let (_gateway, home) = failing(&runtime, |_| Fate::reply("200 OK", r#"{"redriveDate":1701838931.5}"#), 4);
    wait(&home, &[]).expect(1);
    home.run(&["redrive", "@last"]).expect(0);
    let ran = home.run(&["watch", "@last", "--output", "json"]).expect(0);
    assert_eq!(ran.object()["status"], "SUCCEEDED");
}

#[test]
fn a_redrive_whose_response_is_lost_is_not_sent_again_once_it_is_seen() {
    let runtime = runtime();
    let redrives = std::sync::Arc::new(AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&redrives);
    let lost = move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Fate::reply("504 Gateway Timeout", r#"{"message":"Endpoint request timed out"}"#)
    };
    let (_gateway, home) = failing(&runtime, lost, 0);
    wait(&home, &[]).expect(1);
    home.run(&["redrive", "@last"]).expect(0);
    assert_eq!(redrives.load(Ordering::Relaxed), 1);
}

#[test]
fn a_name_whose_start_is_unresolved_is_not_sent_again_where_that_may_start_a_second_execution() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve(Shape::UnnamedMute, LASTS));
    let home = home(&gateway, "");
    wait(&home, &["--name", "n1", "--timeout", "3s"]).expect(4);
    let again = wait(&home, &["--name", "n1"]).expect(2);
    assert!(again.err.contains("n1 was sent before and is unresolved"), "{again:?}");
    assert_eq!(gateway.executions().len(), 1);
    let status = home.run(&["status", "n1"]);
    assert!(status.err.contains("n1 is unresolved"), "{status:?}");
    wait(&home, &["--name", "n2", "--timeout", "3s"]).expect(4);
    assert_eq!(gateway.executions().len(), 2);
}

#[test]
fn a_batch_with_a_deleted_store_lists_the_remaining_lines_and_offers_no_resume() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, LASTS));
    let home = home(&gateway, "");
    home.write("lines.jsonl", &orders(8));
    let running = home.begin(&[&EACH[..], &["--rate", "2"]].concat());
    running.wait_until("two starts", |running| running.out().lines().count() == 2);
    for file in std::fs::read_dir(home.path().join("data/stepgate")).expect("the folder") {
        let path = file.expect("a file").path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("stepgate.db")) {
            std::fs::remove_file(path).expect("removed");
        }
    }
    let ran = running.end();
    let started = gateway.executions().len();
    assert!(started < 8, "{ran:?}");
    assert!(matches!(ran.code, Some(2 | 4)), "{ran:?}");
    let rest = format!("lines {}-8", started + 1);
    assert!(ran.err.contains(&rest) && ran.err.contains("--resume cannot continue"), "{started} started: {ran:?}");
    assert!(!ran.err.contains("run the same command with --resume"), "{ran:?}");
}

#[test]
fn an_express_execution_without_an_outcome_is_one_result() {
    let runtime = runtime();
    let url = runtime.block_on(replying(|request| {
        let name = request.split("\"name\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let arn = format!("arn:aws:states:us-east-1:123456789012:express:Order:{name}:uuid");
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        http("200 OK", "", &json!({ "executionArn": arn, "startDate": now }).to_string())
    }));
    let home = Home::empty();
    let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:Order";
    for machine_type in ["type = \"express\"", ""] {
        home.write(
            "config.toml",
            &format!("[endpoints.e]\nurl = \"{url}\"\n[machines.order]\narn = \"{machine}\"\n{machine_type}\n"),
        );
        let text = home.run(&["start", "order", "--wait"]).expect(4);
        assert_eq!(text.out.lines().count(), 1, "{text:?}");
        assert!(
            text.out.contains(":express:Order:")
                && text.out.contains("-order-")
                && text.err.contains("is unknown: DescribeExecution does not support EXPRESS executions"),
            "{text:?}"
        );
        let object = wait(&home, &[]).expect(4).object();
        assert_eq!(object["stateMachineArn"], machine);
        let plain = home.run(&["start", "order"]).expect(0);
        assert_eq!(plain.out.lines().count(), 1, "{plain:?}");
    }
}
