#![cfg(unix)]
//! EXPRESS machines on the route `sync`, whose response is the outcome.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};
use stepgate_core::domain::{Endpoint, EndpointName, Machine, MachineType, Payload, RouteSettings, StateMachineArn};
use tokio::runtime::Runtime;

use crate::support::cli::{Home, Ran};
use crate::support::odd::{Fate, ORDER, OddGateway, REFUND, Request, Shape};
use crate::support::player::Player;

/// What becomes of requests to the route `sync`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Outcomes,
    Hangs,
    GatewayTimesOut,
    Breaks,
    Throttles,
    /// The integration of the AWS CDK rewrites the body.
    Cdk,
}

struct SyncGateway {
    gateway: OddGateway,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl SyncGateway {
    async fn serve(mode: Mode) -> Self {
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (seen, count) = (Arc::clone(&requests), AtomicUsize::new(0));
        let answer = move |request: &Request| {
            seen.lock().expect("the requests").push(request.clone());
            let number = count.fetch_add(1, Ordering::SeqCst);
            Some(match (mode, request.path.as_str()) {
                (Mode::Outcomes, "/dev/execution/sync") => {
                    let request: Value = serde_json::from_str(&request.body).expect("JSON");
                    let name = request["name"].as_str().expect("a name");
                    outcome(request["input"].as_str().expect("a string"), name, number)
                }
                (Mode::Cdk, "/dev/run") => cdk(&request.body),
                (Mode::Hangs, "/dev/execution/sync") => Fate::Hang,
                (Mode::Breaks, "/dev/execution/sync") | (Mode::Outcomes, "/dev/execution") => Fate::Close,
                (Mode::GatewayTimesOut, "/dev/execution/sync") => {
                    Fate::reply("504 Gateway Timeout", r#"{"message":"Endpoint request timed out"}"#)
                }
                (Mode::Throttles, "/dev/execution/sync") => {
                    Fate::reply("429 Too Many Requests", r#"{"message":"Too Many Requests"}"#)
                }
                _ => Fate::reply("403 Forbidden", r#"{"message":"Missing Authentication Token"}"#),
            })
        };
        let gateway = OddGateway::serve_before(Shape::Documented, Duration::ZERO, answer).await;
        Self { gateway, requests }
    }

    /// The paths of all requests.
    fn paths(&self) -> Vec<String> {
        self.requests.lock().expect("the requests").iter().map(|request| request.path.clone()).collect()
    }

    fn home(&self, sync: &str) -> Home {
        let home = Home::empty();
        let url = self.gateway.url();
        home.write(
            "config.toml",
            &format!(
                "[endpoints.e]\nurl = \"{url}\"\nroutes.sync = {sync}\n\
                 [machines.order]\narn = \"{ORDER}\"\ntype = \"express\"\n[machines.refund]\narn = \"{REFUND}\"\n"
            ),
        );
        home
    }
}

fn arn(name: &str, number: usize) -> String {
    format!("{}:{name}:0000-{number}", ORDER.replace(":stateMachine:", ":express:"))
}

/// The response of `StartSyncExecution`.
fn outcome(input: &str, name: &str, number: usize) -> Fate {
    let ended = jiff::Timestamp::now().as_second();
    let mut body = json!({
        "executionArn": arn(name, number), "stateMachineArn": ORDER, "name": name, "startDate": ended - 2,
        "stopDate": ended, "input": input, "inputDetails": { "included": true },
        "billingDetails": { "billedDurationInMilliseconds": 1600, "billedMemoryUsedInMB": 64 },
    });
    let ended = match input {
        _ if input.contains("fail") => json!({ "status": "FAILED", "error": "Boom", "cause": "asked to" }),
        _ if input.contains("late") => json!({ "status": "TIMED_OUT", "error": "States.Timeout" }),
        _ if input.contains("running") => json!({ "status": "RUNNING" }),
        _ if input.contains("odd") => json!({ "status": "DONE" }),
        _ if input.contains("other") => json!({ "status": "SUCCEEDED", "stateMachineArn": REFUND }),
        _ if input.contains("none") => json!({}),
        _ => json!({ "status": "SUCCEEDED", "output": "{\"total\": 12.0}" }),
    };
    body.as_object_mut().expect("an object").extend(ended.as_object().expect("an object").clone());
    Fate::reply("200 OK", body.to_string())
}

/// What the CDK's mapping template makes of the same outcomes: it leaves the cause unescaped.
fn cdk(input: &str) -> Fate {
    match input {
        _ if input.contains("fail") => {
            let body = "{\n\"error\": \"Boom\",\n\"cause\": \"{\"errorMessage\":\"asked to\"}\"\n}";
            Fate::reply("500 Internal Server Error", body)
        }
        _ if input.contains("late") => Fate::reply("200 OK", ""),
        _ if input.contains("page") => Fate::reply("200 OK", "<html><head><title>Log in</title></head></html>"),
        _ if input.contains("type") => Fate::reply("200 OK", r#"{"__type": "order", "total": 1}"#),
        _ if input.contains("odd") => Fate::reply("200 OK", r#"{"__type": "order", "message": "done"}"#),
        _ if input.contains("bad") => Fate::reply("400 Bad Request", r#"{"error": "Bad request!"}"#),
        _ => Fate::reply("200 OK", r#"{"total": 12.0}"#),
    }
}

fn serve(runtime: &Runtime, mode: Mode) -> SyncGateway {
    runtime.block_on(SyncGateway::serve(mode))
}

fn runtime() -> Runtime {
    Runtime::new().expect("a runtime")
}

fn start(home: &Home, input: &str) -> Ran {
    home.run(&["start", "order", "--output", "json", "--input", input])
}

#[test]
fn an_express_machine_is_started_on_the_route_sync_whose_response_is_the_outcome() {
    let runtime = runtime();
    let gateway = serve(&runtime, Mode::Outcomes);
    let home = gateway.home("\"/execution/sync\"");
    let input = "{\"n\": 12345678901234567890}";
    let good = start(&home, input).expect(0).object();
    assert_eq!((&good["status"], &good["output"]), (&"SUCCEEDED".into(), &"{\"total\": 12.0}".into()));
    assert_eq!(good["billingDetails"], json!({ "billedDurationInMilliseconds": 1600, "billedMemoryUsedInMB": 64 }));
    assert!(good["startDate"].as_str().expect("a date").contains(".000Z"), "{good}");
    let sent: Value = {
        let requests = gateway.requests.lock().expect("the requests");
        serde_json::from_str(&requests[0].body).expect("JSON")
    };
    assert_eq!((&sent["stateMachineArn"], &sent["input"]), (&ORDER.into(), &input.into()));
    assert_eq!(sent["name"], good["name"]);
    let bad = start(&home, "{\"fail\": 1}").expect(1).object();
    assert_eq!((&bad["status"], &bad["error"], &bad["cause"]), (&"FAILED".into(), &"Boom".into(), &"asked to".into()));
    let late = start(&home, "{\"late\": 1}").expect(1).object();
    assert_eq!((&late["status"], &late["error"]), (&"TIMED_OUT".into(), &"States.Timeout".into()));
    assert_eq!(gateway.paths(), ["/dev/execution/sync"; 3], "no request is sent on another route");
    let listed = home.run(&["list", "--output", "json"]).expect(0).objects();
    let statuses: Vec<_> = listed.iter().map(|object| object["status"].clone()).collect();
    assert_eq!(statuses.len(), 3);
    assert!(["SUCCEEDED", "FAILED", "TIMED_OUT"].iter().all(|status| statuses.contains(&(*status).into())));
}

#[test]
fn an_outcome_that_does_not_arrive_stays_unknown_and_the_start_is_not_repeated() {
    let runtime = runtime();
    for (mode, expected) in [
        (Mode::Hangs, "no response within 1 s, the timeout of the route `sync`. The execution may still be running"),
        (Mode::GatewayTimesOut, "Endpoint request timed out. The execution may still be running"),
        (Mode::Breaks, "It may have been executed"),
    ] {
        let gateway = serve(&runtime, mode);
        let home = gateway.home("{ timeout = \"1s\" }");
        let ran = start(&home, "{}").expect(4);
        assert!(ran.err.contains(expected), "{mode:?}: {ran:?}");
        assert!(ran.err.contains("Its outcome is unknown, and it is not started again."), "{mode:?}: {ran:?}");
        assert_eq!(ran.object()["start"], "unresolved", "{mode:?}: {ran:?}");
        // Nothing can be requested about it later.
        home.run(&["watch"]).expect(4);
        assert_eq!(gateway.paths(), ["/dev/execution/sync"], "{mode:?}");
    }
}

#[test]
fn a_throttled_start_is_refused_because_nothing_was_executed() {
    let runtime = runtime();
    let gateway = serve(&runtime, Mode::Throttles);
    let home = gateway.home("\"/execution/sync\"");
    let ran = start(&home, "{}").expect(4);
    assert!(ran.err.contains("was not started: the request was throttled"), "{ran:?}");
    assert_eq!(gateway.paths(), ["/dev/execution/sync"]);
}

#[test]
fn a_crash_during_a_start_neither_repeats_nor_forgets_it() {
    let runtime = runtime();
    let gateway = serve(&runtime, Mode::Hangs);
    let home = gateway.home("\"/execution/sync\"");
    let crashing = home.begin(&["start", "order"]);
    crashing.wait_until("the request", |_| !gateway.paths().is_empty());
    crashing.signal(Signal::KILL);
    drop(crashing);
    let watched = home.run(&["watch", "--output", "json"]).expect(4);
    assert_eq!(watched.object()["start"], "unresolved", "{watched:?}");
    assert_eq!(gateway.paths(), ["/dev/execution/sync"]);
}

#[test]
fn an_interrupted_start_says_that_its_outcome_stays_unknown() {
    let runtime = runtime();
    let gateway = serve(&runtime, Mode::Hangs);
    let home = gateway.home("\"/execution/sync\"");
    let ran = home.run(&["start", "order", "--wait", "--timeout", "1s"]).expect(4);
    assert!(ran.err.contains("it may still be running, and its outcome is unknown"), "{ran:?}");
    assert_eq!(gateway.paths(), ["/dev/execution/sync"]);
}

#[test]
fn the_recipe_for_the_cdk_reads_bare_outputs_and_failures() {
    let runtime = runtime();
    let gateway = serve(&runtime, Mode::Cdk);
    let page = include_str!("../../docs/gateways.md");
    let (_, section) = page.split_once("#### AWS CDK\n").expect("the recipe");
    let (_, block) = section.split_once("```toml\n").expect("a configuration");
    let block = block.split("```").next().expect("its end");
    let home = Home::empty();
    let block = block.replace("https://api.example.com/dev", &gateway.gateway.url());
    home.write("config.toml", &format!("{block}\n[machines.order]\narn = \"{ORDER}\"\ntype = \"express\"\n"));
    home.run(&["config", "check"]).expect(0);
    let good = start(&home, "{\"n\": 1}").expect(0).object();
    assert_eq!(good["status"], "SUCCEEDED");
    let output: Value = serde_json::from_str(good["output"].as_str().expect("a string")).expect("JSON");
    assert_eq!(output, json!({ "total": 12.0 }));
    let bad = start(&home, "{\"fail\": 1}").expect(1).object();
    assert_eq!((&bad["status"], &bad["error"]), (&"FAILED".into(), &"Boom".into()));
    assert_eq!(bad["cause"], "{\"errorMessage\":\"asked to\"}");
    // A timeout leaves the body empty, which is not an outcome.
    let late = start(&home, "{\"late\": 1}").expect(4);
    assert_eq!(late.object()["start"], "unresolved", "{late:?}");
    start(&home, "{\"bad\": 1}").expect(3);
    // Nor is a web page; and what looks like an error of AWS may be an output.
    let page = start(&home, "{\"page\": 1}").expect(4);
    assert!(page.object()["start"] == "unresolved" && page.err.contains("Log in"), "{page:?}");
    assert_eq!(start(&home, "{\"type\": 1}").expect(0).object()["status"], "SUCCEEDED");
    assert_eq!(start(&home, "{\"odd\": 1}").expect(4).object()["start"], "unresolved");
    assert_eq!(gateway.requests.lock().expect("the requests")[0].body, "{\"n\": 1}", "the input byte for byte");
    assert_eq!(gateway.paths(), ["/dev/run"; 7]);
}

#[test]
fn a_batch_has_an_outcome_for_each_line() {
    let runtime = runtime();
    let gateway = serve(&runtime, Mode::Outcomes);
    let home = gateway.home("\"/execution/sync\"");
    let lines: Vec<String> =
        (0..40).map(|n| if n % 10 == 9 { "{\"fail\": 1}".into() } else { format!("{n}") }).collect();
    home.write("lines.jsonl", &lines.join("\n"));
    let ran = home.run(&["start", "order", "--each", "lines.jsonl", "--output", "json"]).expect(1);
    let failed = ran.objects().iter().filter(|object| object["status"] == "FAILED").count();
    let good = ran.objects().iter().filter(|object| object["status"] == "SUCCEEDED").count();
    assert_eq!((good, failed, gateway.paths().len()), (36, 4, 40), "{ran:?}");
}

#[test]
fn a_known_outcome_stays_and_is_found_by_name() {
    let runtime = runtime();
    let gateway = serve(&runtime, Mode::Outcomes);
    let home = gateway.home("\"/execution/sync\"");
    home.run(&["start", "order", "--name", "good"]).expect(0);
    home.run(&["start", "order", "--name", "bad", "--input", "{\"fail\": 1}"]).expect(1);
    let arn = home.run(&["status", "good", "--output", "json"]).expect(0).object();
    let arn = arn["executionArn"].as_str().expect("an ARN").to_owned();
    for (name, status, code) in
        [("good", "SUCCEEDED", 0), (&arn, "SUCCEEDED", 0), ("bad", "FAILED", 1), ("@last", "FAILED", 1)]
    {
        let seen = home.run(&["status", name, "--output", "json"]).expect(0).object();
        assert_eq!((&seen["status"], &seen["name"].is_string()), (&status.into(), &true), "{seen}");
        assert_eq!(seen["output"].is_string(), code == 0, "{seen}");
        assert_eq!(home.run(&["watch", name, "--output", "json"]).expect(code).object()["status"], status);
    }
    let listed = home.run(&["list"]).expect(0).out;
    assert!(listed.contains("SUCCEEDED") && listed.contains("FAILED") && !listed.contains("UNKNOWN"), "{listed}");
    assert_eq!(gateway.paths(), ["/dev/execution/sync"; 2], "nothing can be asked about them");
}

#[test]
fn a_response_without_an_outcome_leaves_it_unknown() {
    let runtime = runtime();
    let gateway = serve(&runtime, Mode::Outcomes);
    let home = gateway.home("\"/execution/sync\"");
    for (input, expected) in [
        ("running", "DescribeExecution does not support EXPRESS executions"),
        ("none", "DescribeExecution does not support EXPRESS executions"),
        ("odd", "`DONE` is not a status of Step Functions"),
        ("other", "the response is about another state machine"),
    ] {
        for wait in [&["--wait"][..], &[]] {
            let input = format!("{{\"{input}\": 1}}");
            let ran = home.run(&[&["start", "order", "--output", "json", "--input", &input], wait].concat()).expect(4);
            assert!(ran.err.contains(expected), "{ran:?}");
            assert!(!ran.out.contains("SUCCEEDED"), "{ran:?}");
        }
    }
    assert_eq!(gateway.paths(), ["/dev/execution/sync"; 8]);
}

#[test]
fn a_resumed_batch_has_the_same_outcomes() {
    let runtime = runtime();
    let gateway = serve(&runtime, Mode::Outcomes);
    let home = gateway.home("\"/execution/sync\"");
    home.write("lines.jsonl", "{}\n{\"fail\": 1}\n{\"odd\": 1}\n");
    let batch = ["start", "order", "--each", "lines.jsonl", "--output", "json"];
    let statuses = |ran: &Ran| ran.objects().iter().map(|object| object["status"].clone()).collect::<Vec<_>>();
    let first = home.run(&batch).expect(4);
    let again = home.run(&[&batch[..], &["--resume"]].concat()).expect(4);
    assert_eq!(statuses(&first), statuses(&again));
    assert_eq!(gateway.paths().len(), 3);
}

#[test]
fn a_type_that_an_execution_has_shown_leads_to_the_route_sync() {
    let runtime = runtime();
    let gateway = serve(&runtime, Mode::Outcomes);
    let home = gateway.home("\"/execution/sync\"");
    start(&home, "{}").expect(0);
    let config = std::fs::read_to_string(home.path().join("config.toml")).expect("the configuration");
    home.write("config.toml", &config.replace("type = \"express\"\n", ""));
    start(&home, "{}").expect(0);
    assert_eq!(gateway.paths(), ["/dev/execution/sync"; 2]);
}

#[test]
fn what_the_route_sync_does_with_names_shows_nothing_about_start() {
    let runtime = runtime();
    let gateway = serve(&runtime, Mode::Outcomes);
    let home = gateway.home("\"/execution/sync\"");
    start(&home, "{}").expect(0);
    // A start of the other machine, which is lost, is only repeated if names are known to be passed on.
    home.run(&["start", "refund"]).expect(4);
    let starts = gateway.paths().into_iter().filter(|path| path != "/dev/execution/status");
    assert_eq!(starts.collect::<Vec<_>>(), ["/dev/execution/sync", "/dev/execution"]);
}

fn player_machine() -> Machine {
    Machine {
        name: "order".into(),
        endpoint: EndpointName::new("e"),
        arn: StateMachineArn::parse(ORDER).expect("an ARN"),
        machine_type: MachineType::Express,
        input: Payload::empty_object(),
        presets: Vec::new(),
    }
}

async fn player(gateway: &SyncGateway) -> Player {
    let mut endpoint = Endpoint::plain("e", &gateway.gateway.url());
    let timeout = Some(Duration::from_secs(1));
    endpoint.optional_routes.sync = Some(RouteSettings { timeout, ..RouteSettings::from("/execution/sync") });
    Player::new(endpoint, vec![player_machine()], 140, 40).await
}

#[tokio::test]
async fn the_row_runs_until_the_response_and_then_has_the_outcome() {
    let gateway = SyncGateway::serve(Mode::Outcomes).await;
    let mut player = player(&gateway).await;
    player.keys("enter ctrl-s").await;
    player.until("the outcome", |screen| screen.contains("SUCCEEDED") && screen.contains("\"total\": 12.0")).await;
    assert!(!player.screen().contains("RUNNING"), "{}", player.screen());
    player.keys("n ctrl-a ctrl-k").await;
    player.paste("{\"fail\": 1}").await;
    player.keys("ctrl-s").await;
    player.until("its error", |screen| screen.contains("FAILED") && screen.contains("asked to")).await;
    assert_eq!(player.model().list().executions().len(), 2);
    assert_eq!(player.quit().await, Vec::<String>::new());
}

#[tokio::test]
async fn without_a_response_the_row_runs_until_the_timeout_and_then_stays_unknown() {
    let gateway = SyncGateway::serve(Mode::Hangs).await;
    let mut player = player(&gateway).await;
    player.keys("enter ctrl-s").await;
    player.until_text("RUNNING").await;
    assert!(player.screen().contains("The output arrives with the response"), "{}", player.screen());
    player.until_text("UNRESOLVED").await;
    let words = player.screen().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the timeout of the route `sync`"), "{words}");
    assert_eq!(player.model().list().executions().len(), 1);
    assert_eq!(gateway.paths(), ["/dev/execution/sync"]);
}
