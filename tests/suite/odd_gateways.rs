//! The real binary against gateways with real-world mappings: the number of executions and requests of a start, the
//! exit code and the messages.
#![cfg(unix)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::cli::{Home, Ran, ran};
use crate::support::odd::{Fate, ORDER, OddGateway, REFUND, Reply, Request, Shape};
use serde_json::Value;
use tokio::runtime::Runtime;

const LASTS: Duration = Duration::from_millis(700);

fn runtime() -> Runtime {
    Runtime::new().expect("a runtime")
}

/// A home with the machines `order` and `refund` at this gateway, and more lines for the endpoint.
fn home(gateway: &OddGateway, endpoint: &str) -> Home {
    let home = Home::empty();
    configure(&home, gateway, endpoint, "");
    home
}

fn configure(home: &Home, gateway: &OddGateway, endpoint: &str, machine: &str) {
    home.write("config.toml", &crate::support::odd::config(gateway, endpoint, machine));
}

fn serve(runtime: &Runtime, shape: Shape) -> (OddGateway, Home) {
    let gateway = runtime.block_on(OddGateway::serve(shape, LASTS));
    let home = home(&gateway, "");
    (gateway, home)
}

fn wait(home: &Home, more: &[&str]) -> Ran {
    home.run(&[&["start", "order", "--wait", "--output", "json", "--input", "{\"n\": 1}"], more].concat())
}

fn lines(home: &Home, count: usize) {
    home.write("lines.jsonl", &crate::support::cli::orders(count));
}

/// Everything that a run has printed.
fn printed(ran: &Ran) -> String {
    format!("{}{}", ran.out, ran.err)
}

#[test]
fn valid_responses_in_other_notations_are_outcomes() {
    let runtime = runtime();
    for shape in [Shape::Documented, Shape::Iso, Shape::Late, Shape::StatusOnly, Shape::Objects, Shape::Unnamed] {
        let (gateway, home) = serve(&runtime, shape);
        let began = Instant::now();
        let ran = wait(&home, &[]).expect(0);
        assert!(began.elapsed() < Duration::from_secs(10), "{shape:?}");
        let object = ran.object();
        assert_eq!(object["status"], "SUCCEEDED", "{shape:?}");
        if shape != Shape::StatusOnly {
            assert_eq!(
                object["output"].as_str().map(|text| text.replace(' ', "")).as_deref(),
                Some("{\"n\":1}"),
                "{shape:?}"
            );
            assert!(object["stopDate"].is_string(), "{shape:?}: {object}");
        }
        assert_eq!((gateway.executions().len(), gateway.starts()), (1, 1), "{shape:?}");
        assert!(gateway.requests() < 12, "{shape:?}: {}", gateway.requests());
        assert_eq!(home.run(&["start", "order"]).expect(0).err, "", "{shape:?}");
        // What was kept is whole, too.
        let listed = home.run(&["list", "--output", "json", "--status", "SUCCEEDED"]).expect(0).object();
        assert_eq!(listed["output"], object["output"], "{shape:?}");
    }
}

#[test]
fn a_route_that_never_returns_an_output_is_waited_for_once() {
    let runtime = runtime();
    let (gateway, home) = serve(&runtime, Shape::StatusOnly);
    wait(&home, &[]).expect(0);
    let before = gateway.requests();
    let began = Instant::now();
    wait(&home, &[]).expect(0);
    assert!(began.elapsed() < LASTS + Duration::from_millis(2_000), "{:?}", began.elapsed());
    assert!(gateway.requests() - before < 8);
}

#[test]
fn a_start_whose_response_is_lost_is_sent_once_where_names_are_not_known_to_be_passed_on() {
    let runtime = runtime();
    let (gateway, home) = serve(&runtime, Shape::UnnamedMute);
    let ran = wait(&home, &[]).expect(4);
    assert_eq!((gateway.executions().len(), gateway.starts()), (1, 1), "{ran:?}");
    assert_eq!(ran.object()["start"], "unresolved");
    let text = printed(&ran).to_lowercase();
    assert!(!text.contains("not started") && !text.contains("never"), "{text}");
    assert!(text.contains("may run under another name"), "{text}");
    // It is in the list, and asking again settles nothing and starts nothing.
    let listed = home.run(&["list", "--output", "json"]).expect(0).object();
    assert_eq!((&listed["start"], &listed["input"]), (&"unresolved".into(), &"{\"n\": 1}".into()));
    assert!(home.run(&["list"]).expect(0).out.contains("UNRESOLVED"));
    home.run(&["watch"]).expect(4);
    assert_eq!(gateway.starts(), 1);
}

#[test]
fn each_line_is_sent_once_where_names_are_not_known_to_be_passed_on() {
    let runtime = runtime();
    for (shape, count) in [(Shape::UnnamedMute, 10), (Shape::UnnamedMute, 40), (Shape::Job, 10)] {
        let (gateway, home) = serve(&runtime, shape);
        lines(&home, count);
        let ran = home.run(&["start", "order", "--each", "lines.jsonl", "--wait", "--output", "json"]).expect(4);
        assert_eq!((gateway.executions().len(), gateway.starts()), (count, count), "{shape:?}: {}", ran.err);
        assert_eq!(ran.objects().len(), count);
        assert!(ran.objects().iter().all(|object| object["start"] == "unresolved"), "{}", ran.out);
        assert!(!printed(&ran).to_lowercase().contains("not started"), "{}", ran.err);
    }
}

#[test]
fn what_is_known_about_names_decides_what_a_lost_response_means() {
    let runtime = runtime();
    // After one good response, the next two are lost: one before the work, one after it.
    let lost = AtomicUsize::new(0);
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, move |request: &Request, fate| {
        if !request.path.ends_with("/execution") {
            return fate;
        }
        if lost.fetch_add(1, Ordering::Relaxed) == 1 { Fate::Close } else { fate }
    }));
    let home = home(&gateway, "");
    wait(&home, &[]).expect(0);
    let again = wait(&home, &[]).expect(0);
    assert_eq!((gateway.executions().len(), gateway.starts()), (2, 3), "sent again under its name");
    assert!(again.err.contains("ending the start again under the same name"), "{again:?}");
    // The same with names = "ignored": nothing is sent again, and no status is requested.
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, |request: &Request, fate| {
        if request.path.ends_with("/execution") { Fate::Close } else { fate }
    }));
    let ignored = self::home(&gateway, "names = \"ignored\"");
    let began = Instant::now();
    wait(&ignored, &[]).expect(4);
    assert_eq!((gateway.starts(), gateway.requests()), (1, 1));
    assert!(began.elapsed() < Duration::from_secs(3));
    // Where it says that they are passed on, the very first one is sent again, and recognised.
    let passed_on = self::home(&gateway, "names = \"passed-on\"");
    let before = gateway.executions().len();
    let ran = wait(&passed_on, &["--timeout", "20s"]);
    assert!(matches!(ran.code, Some(0 | 4)), "{ran:?}");
    assert_eq!(gateway.executions().len(), before + 1, "however often it was sent");
    assert!(gateway.starts() > 2);
}

#[test]
fn the_name_handling_of_an_unknown_gateway_is_learned_and_remembered() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, |request: &Request, fate| {
        if request.path.ends_with("/execution") { Fate::Close } else { fate }
    }));
    let home = home(&gateway, "");
    let object = wait(&home, &[]).expect(0).object();
    assert_eq!((&object["status"], gateway.starts()), (&"SUCCEEDED".into(), 1));
    assert_eq!(gateway.executions()[0].0, object["executionArn"].as_str().expect("an ARN"));
}

#[test]
fn an_express_machine_is_known_by_its_arns_and_started_once() {
    let runtime = runtime();
    let count = AtomicUsize::new(0);
    let gateway =
        runtime.block_on(OddGateway::serve_with(Shape::Sync, Duration::ZERO, move |request: &Request, fate| {
            // Asynchronous: the response has no status; and the second one is lost.
            match (fate, count.fetch_add(1, Ordering::Relaxed)) {
                (Fate::Reply(reply), 0) if request.path.ends_with("/execution") => {
                    let mut body: Value = serde_json::from_str(&reply.body).expect("JSON");
                    body.as_object_mut()
                        .expect("an object")
                        .retain(|name, _| name == "executionArn" || name == "startDate");
                    Fate::Reply(Reply { body: body.to_string(), ..reply })
                }
                _ => Fate::Close,
            }
        }));
    let home = Home::empty();
    configure(&home, &gateway, "names = \"passed-on\"", "");
    home.run(&["start", "order"]).expect(0);
    let lost = home.run(&["start", "order"]).expect(4);
    assert_eq!((gateway.starts(), gateway.requests()), (2, 2), "neither sent again nor asked about: {lost:?}");
    let status = home.run(&["status", "@last"]).expect(4);
    assert!(status.err.contains("EXPRESS"), "{status:?}");
    assert_eq!(gateway.requests(), 2);
}

#[test]
fn a_synchronous_response_is_the_outcome() {
    let runtime = runtime();
    let (gateway, home) = serve(&runtime, Shape::Sync);
    for wait in [&["--wait"][..], &[]] {
        let run = |input: &str| home.run(&[&["start", "order", "--output", "json", "--input", input], wait].concat());
        let good = run("{\"n\": 1}").expect(0).object();
        assert_eq!((&good["status"], &good["output"]), (&"SUCCEEDED".into(), &"{\"total\":12}".into()));
        let bad = run("{\"fail\": 1}").expect(1).object();
        assert_eq!(
            (&bad["status"], &bad["error"], &bad["cause"]),
            (&"FAILED".into(), &"Boom".into(), &"asked to".into())
        );
    }
    assert_eq!((gateway.starts(), gateway.requests()), (4, 4));
    lines(&home, 3);
    let each = home.run(&["start", "order", "--each", "lines.jsonl", "--wait", "--output", "json"]).expect(0);
    assert!(each.objects().iter().all(|object| object["status"] == "SUCCEEDED"), "{each:?}");
    let listed = home.run(&["list", "--output", "json", "--status", "FAILED"]).expect(0).objects();
    assert!(listed.len() == 2 && listed.iter().all(|object| object["error"] == "Boom"), "{listed:?}");
}

#[test]
fn a_gateway_that_starts_another_machine_is_reported_with_both_arns() {
    let runtime = runtime();
    let (gateway, home) = serve(&runtime, Shape::Fixed);
    let began = Instant::now();
    let ran = home.run(&["start", "refund", "--wait", "--output", "json"]).expect(4);
    assert!(began.elapsed() < Duration::from_secs(3));
    let started = &gateway.executions()[0].0;
    assert!(ran.err.contains(REFUND) && ran.err.contains(started.as_str()), "{ran:?}");
    assert!(!printed(&ran).contains("SUCCEEDED"), "{ran:?}");
    assert_eq!((gateway.executions().len(), gateway.starts()), (1, 1));
    let listed = home.run(&["list"]).expect(0).out;
    assert!(
        listed.contains("refund") && listed.contains("UNRESOLVED") && listed.contains(started.as_str()),
        "{listed}"
    );
    // The machine that it does start works, and a batch stops at the first line.
    wait(&home, &[]).expect(0);
    lines(&home, 20);
    let each = home.run(&["start", "refund", "--each", "lines.jsonl", "--wait"]);
    assert_eq!(each.code, Some(4), "{each:?}");
    assert_eq!(gateway.executions().len(), 3, "{each:?}");
}

#[test]
fn responses_from_another_account_or_region_are_not_ours() {
    let runtime = runtime();
    for (ours, theirs) in [("123456789012", "210987654321"), ("us-east-1", "eu-west-1"), ("arn:aws:", "arn:aws-cn:")] {
        let gateway =
            runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, move |_: &Request, fate| match fate {
                Fate::Reply(reply) => Fate::Reply(Reply { body: reply.body.replace(ours, theirs), ..reply }),
                other => other,
            }));
        let home = home(&gateway, "");
        let ran = home.run(&["start", "order", "--wait"]).expect(4);
        assert!(ran.err.contains(ours) && ran.err.contains(theirs), "{ran:?}");
        assert_eq!(gateway.starts(), 1);
    }
}

#[test]
fn a_cached_response_is_not_taken_for_a_second_execution() {
    let runtime = runtime();
    let (gateway, home) = serve(&runtime, Shape::External);
    wait(&home, &[]).expect(0);
    let first = gateway.executions()[0].0.clone();
    for input in ["{\"n\": 2}", "{\"n\": 3}"] {
        let ran = home.run(&["start", "order", "--wait", "--input", input]).expect(4);
        assert!(ran.err.contains(&first) && ran.err.contains("the response names"), "{ran:?}");
        assert!(!printed(&ran).contains("SUCCEEDED"), "{ran:?}");
    }
    assert_eq!(gateway.starts(), 3);
    let listed = home.run(&["list", "--output", "json"]).expect(0).objects();
    let inputs: Vec<_> = listed.iter().map(|object| object["input"].as_str().expect("an input").to_owned()).collect();
    assert_eq!(inputs, ["{\"n\": 3}", "{\"n\": 2}", "{\"n\": 1}"], "no input is lost");
    // The same where the gateway makes up names: an execution belongs to one start.
    let (gateway, home) = serve(&runtime, Shape::External);
    configure(&home, &gateway, "names = \"ignored\"", "");
    wait(&home, &[]).expect(0);
    home.run(&["start", "order", "--wait", "--input", "{\"n\": 2}"]).expect(4);
}

#[test]
fn a_status_response_about_another_execution_is_no_outcome() {
    let runtime = runtime();
    let gateway =
        runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, |request: &Request, fate| match fate {
            Fate::Reply(reply) if request.path.ends_with("/status") => {
                let mut body: Value = serde_json::from_str(&reply.body).expect("JSON");
                body["executionArn"] = format!("{}:other", ORDER.replace("stateMachine", "execution")).into();
                body["status"] = "SUCCEEDED".into();
                Fate::Reply(Reply { body: body.to_string(), ..reply })
            }
            other => other,
        }));
    let home = home(&gateway, "");
    let ran = wait(&home, &["--timeout", "4s"]).expect(4);
    assert_eq!(ran.err.matches("about another execution").count(), 1, "told once: {ran:?}");
    assert_ne!(ran.object()["status"], "SUCCEEDED");
    home.run(&["status", "@last"]).expect(4);
    assert_eq!(home.run(&["list", "--status", "SUCCEEDED"]).expect(0).out, "");
}

#[test]
fn an_input_changed_by_a_mapping_is_reported_with_the_mapping() {
    let runtime = runtime();
    let (gateway, home) = serve(&runtime, Shape::RequestId);
    let ran = wait(&home, &[]).expect(0);
    assert!(ran.err.contains("warning") && ran.err.contains("whole request as its input"), "{ran:?}");
    assert!(ran.object()["warning"].as_str().is_some_and(|words| words.contains("whole request")), "{ran:?}");
    assert_eq!((gateway.executions().len(), gateway.starts()), (1, 1));
    // Found out by another command, too.
    home.run(&["start", "order"]).expect(0);
    let watched = home.run(&["watch"]).expect(0);
    assert!(watched.err.contains("whole request as its input"), "{watched:?}");
    let listed = home.run(&["list", "--output", "json"]).expect(0).objects();
    assert!(listed.iter().all(|object| object["warning"].is_string()), "{listed:?}");
}

#[test]
fn a_name_that_belongs_to_another_execution_is_a_refusal() {
    let runtime = runtime();
    let other = format!("{}:derived", ORDER.replace("stateMachine", "execution"));
    let message = format!("Execution Already Exists: '{other}'");
    let body = serde_json::json!({ "__type": "com.amazonaws.swf.service.v2.model#ExecutionAlreadyExists", "message": message });
    let gateway = runtime.block_on(OddGateway::serve_before(Shape::Documented, LASTS, move |request: &Request| {
        request.path.ends_with("/execution").then(|| Fate::reply("200 OK", body.to_string()))
    }));
    let home = home(&gateway, "");
    let ran = wait(&home, &[]).expect(3);
    assert!(ran.err.contains(&other) && ran.out.is_empty(), "{ran:?}");
    assert_eq!(gateway.starts(), 1);
}

#[test]
fn pages_that_prove_that_nothing_was_started_are_refusals() {
    let runtime = runtime();
    for (shape, words) in [
        (Shape::Waf, &["403", "The request could not be satisfied"][..]),
        (Shape::Moved, &["301", "https://gateway.example/dev/execution"]),
    ] {
        let (gateway, home) = serve(&runtime, shape);
        let began = Instant::now();
        let ran = wait(&home, &["--timeout", "2s"]).expect(3);
        assert!(began.elapsed() < Duration::from_secs(3));
        assert!(words.iter().all(|word| ran.err.contains(word)), "{ran:?}");
        assert_eq!((gateway.starts(), gateway.requests()), (1, 1));
        assert_eq!(home.run(&["list"]).expect(0).out, "");
    }
    for status in [
        "302 Found",
        "307 Temporary Redirect",
        "405 Method Not Allowed",
        "413 Content Too Large",
        "415 Unsupported Media Type",
        "400 Bad Request",
        "403 Forbidden",
        "404 Not Found",
    ] {
        let gateway = runtime.block_on(OddGateway::serve_before(Shape::Documented, LASTS, move |_: &Request| {
            Some(Fate::reply(status, "<html><title>Stop</title></html>".to_owned()))
        }));
        let home = home(&gateway, "names = \"passed-on\"");
        let ran = wait(&home, &[]).expect(3);
        assert!(ran.err.contains(&status[..3]), "{status}: {ran:?}");
        assert_eq!(gateway.starts(), 1, "{status}");
    }
}

#[test]
fn the_texts_of_lambda_functions_are_shown_and_a_readable_2xx_is_not_sent_again() {
    let runtime = runtime();
    for (status, body, words) in [
        ("200 OK", r#"{"errorMessage":"Task timed out after 3.00 seconds"}"#, "Task timed out"),
        ("200 OK", "\"queued\"", "queued"),
        ("202 Accepted", "{}", "no executionArn"),
        ("500 Internal Server Error", r#"{"error":"Boom","cause":"asked to"}"#, "Boom: asked to"),
    ] {
        let gateway = runtime.block_on(OddGateway::serve_before(Shape::Documented, LASTS, move |request: &Request| {
            request.path.ends_with("/execution").then(|| Fate::reply(status, body.to_owned()))
        }));
        let home = home(&gateway, if status.starts_with('2') { "names = \"passed-on\"" } else { "" });
        let ran = wait(&home, &["--timeout", "3s"]).expect(4);
        assert!(ran.err.contains(words), "{status} {body}: {ran:?}");
        assert_eq!(gateway.starts(), 1, "{status} {body}");
    }
}

#[test]
fn a_page_in_the_place_of_a_status_is_no_outcome() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, |request: &Request, fate| {
        if request.path.ends_with("/status") { Fate::reply("200 OK", "<html>Log in</html>".to_owned()) } else { fate }
    }));
    let home = home(&gateway, "");
    let ran = wait(&home, &["--timeout", "3s"]).expect(4);
    assert_eq!(ran.err.matches("a web page").count(), 1, "told once: {ran:?}");
    assert!(!ran.err.contains("still running"), "{ran:?}");
    wait(&home, &[]).expect(4);
    assert_eq!(gateway.starts(), 2);
}

#[test]
fn one_page_and_one_silence_hold_up_no_other_execution() {
    let runtime = runtime();
    let names = std::sync::Arc::new(Mutex::new(Vec::<String>::new()));
    let seen = std::sync::Arc::clone(&names);
    let gateway = runtime.block_on(OddGateway::serve_with(
        Shape::Documented,
        Duration::from_secs(4),
        move |request: &Request, fate| {
            if !request.path.ends_with("/status") {
                return fate;
            }
            let body: Value = serde_json::from_str(&request.body).expect("JSON");
            let arn = body["executionArn"].as_str().expect("an ARN").to_owned();
            let mut names = seen.lock().expect("the names");
            let gateway = names.iter().position(|known| *known == arn).unwrap_or_else(|| {
                names.push(arn);
                names.len() - 1
            });
            match gateway {
                0 => Fate::reply("200 OK", "<html>Log in</html>".to_owned()),
                1 => Fate::Hang,
                _ => fate,
            }
        },
    ));
    let home = home(&gateway, "");
    lines(&home, 10);
    let began = Instant::now();
    let arguments = ["start", "order", "--each", "lines.jsonl", "--output", "json"];
    home.run(&arguments).expect(0);
    let watching = home.begin(&["watch", "--output", "json"]);
    watching.wait_until("the other eight", |watching| watching.out().matches("SUCCEEDED").count() == 8);
    let took = began.elapsed();
    assert!(took < Duration::from_secs(9), "{took:?}: they end after 4 s");
    watching.signal(rustix::process::Signal::INT);
    watching.end().expect(130);
}

#[test]
fn without_a_configuration_only_the_terminal_ui_uses_the_local_gateway() {
    let home = Home::empty();
    for arguments in [
        &["start", "PassStateMachine", "--wait"][..],
        &["status", "@last"],
        &["watch"],
        &["stop", "@last"],
        &["redrive", "@last"],
        &["history", "@last"],
        &["timeline", "@last"],
        &["list", "--remote"],
        &["doctor"],
    ] {
        let ran = home.run(arguments).expect(2);
        assert!(
            printed(&ran).contains("stepgate config init") && printed(&ran).contains("--endpoint local"),
            "{ran:?}"
        );
        assert!(!printed(&ran).contains("SUCCEEDED"));
    }
    let trial = home.run(&["--endpoint", "local", "start", "PassStateMachine", "--wait"]).expect(0);
    assert!(trial.out.contains("SUCCEEDED"), "{trial:?}");
    ran(home.command(&["start", "pass", "--wait"]).env("STEPGATE_ENDPOINT", "local")).expect(0);
    home.run(&["list"]).expect(0);
}
