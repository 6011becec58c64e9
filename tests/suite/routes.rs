//! The optional routes: stop, redrive, history and list, through the client and by the commands, against the
//! local gateway.
#![cfg(unix)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::cli::{Home, MACHINE};
use crate::support::gateway::{Served, http, replying, steady};
use serde_json::{Value, json};
use stepgate_core::domain::{
    Endpoint, ExecutionArn, ExecutionName, FailureKind, GatewayId, HistoryEvent, HistoryQuery, ListQuery, MachineType,
    NameOrigin, OptionalRoutes, Payload, StartOrder, StateMachineArn, Status,
};
use stepgate_core::gateway::Client;
use stepgate_local::Options;
use tokio::runtime::Runtime;

fn machine(name: &str) -> StateMachineArn {
    StateMachineArn::parse(&format!("{MACHINE}{name}StateMachine")).expect("an ARN")
}

fn client(served: &Served) -> Client {
    let routes = OptionalRoutes::with_default_paths();
    Client::new(Endpoint { optional_routes: routes, ..Endpoint::plain("e", &served.url()) }).expect("a client")
}

async fn start(client: &Client, machine: &StateMachineArn, name: &str, input: &str) -> ExecutionArn {
    let order = StartOrder {
        gateway: GatewayId::new(&client.endpoint().url),
        endpoint: client.endpoint().name.clone(),
        machine_name: "m".into(),
        machine: machine.clone(),
        machine_type: MachineType::Standard,
        name: ExecutionName::parse(name).expect("a name"),
        origin: NameOrigin::Chosen,
        input: Payload::input(input).expect("an input"),
    };
    client.start(&order).await.expect("started").execution_arn.expect("an ARN")
}

async fn events(client: &Client, query: HistoryQuery) -> Vec<HistoryEvent> {
    let (mut query, mut events) = (query, Vec::new());
    loop {
        let page = client.history(&query).await.expect("a page");
        assert!(page.items.len() <= query.page_size);
        events.extend(page.items);
        query.token = page.next;
        if query.token.is_none() {
            return events;
        }
    }
}

fn query(execution: &ExecutionArn) -> HistoryQuery {
    HistoryQuery {
        execution: execution.clone(),
        started: None,
        with_data: true,
        newest_first: false,
        page_size: 2,
        token: None,
    }
}

#[tokio::test]
async fn a_stop_has_its_error_and_cause_and_a_redrive_continues() {
    let served = Served::new(Options::default());
    let client = client(&served);
    let arn = start(&client, &machine("Wait"), "run-1", "{\"seconds\": 600}").await;
    let stopped = client.stop(&arn, Some("Cancelled"), Some("ordered twice")).await.expect("stopped");
    let seen = client.status(&arn).await.expect("a status");
    assert_eq!((&seen.status, seen.stop_date), (&Status::from_wire("ABORTED"), stopped));
    assert_eq!((seen.error.as_deref(), seen.cause.as_deref()), (Some("Cancelled"), Some("ordered twice")));
    assert_eq!(seen.redrive.status.as_deref(), Some("REDRIVABLE"));
    // What has ended stays as it ended.
    assert_eq!(client.stop(&arn, Some("Again"), None).await.expect("no harm"), stopped);
    let redriven = client.redrive(&arn, "token-1").await.expect("redriven");
    assert_eq!(client.redrive(&arn, "token-1").await.expect("the same redrive"), redriven);
    let seen = client.status(&arn).await.expect("a status");
    assert_eq!((seen.status, seen.redrive.count, seen.redrive.date), (Status::Running, Some(1), redriven));
    assert_eq!((seen.stop_date, seen.error), (None, None));
    let refused = client.redrive(&arn, "token-2").await.expect_err("it runs");
    assert_eq!(refused.kind, FailureKind::NotRedrivable);
    assert!(refused.message.contains("Execution is RUNNING and cannot be redriven"), "{refused}");
}

#[tokio::test]
async fn a_history_is_paged_either_way_with_data_or_without() {
    let served = Served::new(Options::default());
    let client = client(&served);
    let input = "{ \"n\":1.0 }";
    let arn = start(&client, &machine("Wait"), "run-1", input).await;
    let failed = loop {
        let seen = client.status(&arn).await.expect("a status");
        if seen.is_ended() {
            break seen;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(failed.error.as_deref(), Some("States.Runtime"), "no seconds to wait");
    let forth = events(&client, query(&arn)).await;
    let types: Vec<&str> = forth.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["ExecutionStarted", "WaitStateEntered", "ExecutionFailed"]);
    assert_eq!(forth.iter().map(|event| (event.id, event.previous)).collect::<Vec<_>>(), [(1, 0), (2, 0), (3, 2)]);
    assert_eq!((forth[0].detail("input"), forth[1].detail("name")), (Some(input), Some("Wait")));
    assert_eq!(forth[2].detail("error"), Some("States.Runtime"));
    let mut back = events(&client, HistoryQuery { newest_first: true, ..query(&arn) }).await;
    back.reverse();
    assert_eq!(back, forth);
    let bare = events(&client, HistoryQuery { with_data: false, ..query(&arn) }).await;
    assert_eq!((bare.len(), bare[0].detail("input"), bare[1].detail("name")), (3, None, Some("Wait")));
    let token = Some("nonsense".to_owned());
    let refused = client.history(&HistoryQuery { token, ..query(&arn) }).await.expect_err("no such page");
    assert_eq!(refused.kind, FailureKind::StepFunctions("InvalidToken".into()));
}

#[tokio::test]
async fn a_list_is_paged_newest_first_and_filtered() {
    let served = Served::new(Options::default());
    let client = client(&served);
    for number in 0..5 {
        start(&client, &machine("Wait"), &format!("wait-{number}"), "{\"seconds\": 600}").await;
    }
    let stopped = start(&client, &machine("Wait"), "stopped", "{\"seconds\": 600}").await;
    client.stop(&stopped, None, None).await.expect("stopped");
    start(&client, &machine("Pass"), "another", "{}").await;
    let mut query = ListQuery { machine: machine("Wait"), status: None, page_size: 4, token: None };
    let first = client.list(&query).await.expect("a page");
    // One that comes in between moves no page.
    start(&client, &machine("Wait"), "late", "{\"seconds\": 600}").await;
    query.token = first.next.clone();
    let second = client.list(&query).await.expect("a page");
    assert_eq!((first.items.len(), second.items.len(), &second.next), (4, 2, &None));
    let all: Vec<_> = first.items.iter().chain(&second.items).collect();
    assert!(all.windows(2).all(|pair| pair[0].start_date >= pair[1].start_date));
    assert!(all.iter().all(|listed| listed.machine == machine("Wait") && listed.arn.name() != "late"));
    let aborted = ListQuery { status: Some(Status::from_wire("ABORTED")), token: None, ..query };
    let aborted = client.list(&aborted).await.expect("a page").items;
    assert_eq!(aborted.iter().map(|listed| &listed.arn).collect::<Vec<_>>(), [&stopped]);
    assert!(aborted[0].stop_date.is_some());
    let nobody = ListQuery { machine: machine("No"), status: None, page_size: 1, token: None };
    assert_eq!(client.list(&nobody).await.expect_err("no machine").kind, FailureKind::MachineDoesNotExist);
}

#[tokio::test]
async fn undeclared_and_unanswerable_requests_are_not_sent() {
    let served = Served::new(Options::default());
    let plain = Client::new(Endpoint::plain("e", &served.url())).expect("a client");
    let arn = machine("Pass").execution(&ExecutionName::parse("run-1").expect("a name"));
    let refused = plain.stop(&arn, None, None).await.expect_err("no such route");
    assert_eq!(refused.kind, FailureKind::Client);
    assert!(refused.message.contains("declares no route `stop`"), "{refused}");
    assert!(refused.message.contains("stop = \"/execution/stop\" in [endpoints.e.routes]"), "{refused}");
    let express = "arn:aws:states:us-east-1:000000000000:express:M:run-1:0f";
    let express = ExecutionArn::parse(express).expect("an ARN");
    let optional_routes = OptionalRoutes { logs: None, ..OptionalRoutes::with_default_paths() };
    let endpoint = Endpoint { optional_routes, ..Endpoint::plain("e", &served.url()) };
    let without_logs = Client::new(endpoint).expect("a client");
    let refused = without_logs.history(&query(&express)).await.expect_err("EXPRESS has no history");
    assert_eq!(refused.kind, FailureKind::ExpressNotDescribable);
    assert_eq!(served.gateway.requests(), 0);
}

#[test]
fn the_commands_stop_redrive_and_tell() {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::at(&served.url());
    home.run(&["start", "wait", "--name", "one", "--input", "{\"seconds\": 600}"]).expect(0);
    while !home.run(&["history", "one"]).expect(0).out.contains("WaitStateEntered") {}
    let stop = ["stop", "one", "--error", "Cancelled", "--cause", "twice", "--output", "json"];
    let stopped = home.run(&stop).expect(0).object();
    let told = |object: &Value, members: [&str; 3]| members.map(|member| object[member].as_str().map(str::to_owned));
    let wanted = ["ABORTED", "Cancelled", "twice"].map(|text| Some(text.to_owned()));
    assert_eq!(told(&stopped, ["status", "error", "cause"]), wanted);
    assert!(stopped["stopDate"].is_string());
    // The store has it.
    assert!(home.run(&["list"]).expect(0).out.contains("ABORTED"));
    home.run(&["watch", "one"]).expect(1);
    let redriven = home.run(&["redrive", "one", "--output", "json"]).expect(0).object();
    assert_eq!((&redriven["status"], &redriven["redriveCount"]), (&"RUNNING".into(), &1.into()));
    assert!(home.run(&["list"]).expect(0).out.contains("RUNNING"));
    home.run(&["redrive", "one"]).expect(3);
    let events = home.run(&["history", "one", "--data", "--output", "json"]).expect(0).objects();
    let types: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(types[..3], ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]);
    assert_eq!(types[3], "ExecutionRedriven");
    assert_eq!(events[0]["executionStartedEventDetails"]["input"], "{\"seconds\": 600}");
    while !home.run(&["history", "one"]).expect(0).out.contains("\n 5  WaitStateEntered") {}
    let last = home.run(&["history", "one", "--reverse", "--limit", "1", "--no-headers"]).expect(0).out;
    assert!(last.starts_with(" 5  WaitStateEntered") && last.lines().count() == 1, "{last}");
    let listed = home.run(&["list", "--remote", "--machine", "wait", "--output", "json"]).expect(0).object();
    assert_eq!((&listed["name"], &listed["status"]), (&"one".into(), &"RUNNING".into()));
    // Looking is allowed, touching is not.
    let config = std::fs::read_to_string(home.path().join("config.toml")).expect("the configuration");
    home.write("config.toml", &format!("read-only = true\n{config}"));
    for command in ["stop", "redrive"] {
        assert!(home.run(&[command, "one"]).expect(2).err.contains("read-only = true"));
    }
    home.run(&["history", "one"]).expect(0);
    // Another stepgate has the same home, but an endpoint without the routes.
    let config = config.split("[endpoints.e.routes]").next().expect("the beginning").to_owned();
    home.write("config.toml", &format!("{config}[machines.wait]\narn = \"{}\"\n", machine("Wait")));
    let undeclared = home.run(&["history", "one"]).expect(2);
    assert!(undeclared.err.contains("declares no route `history`"), "{undeclared:?}");
}

#[test]
fn a_response_that_cannot_be_read_is_reported_once() {
    let runtime = Runtime::new().expect("a runtime");
    let arn = format!("{}:e-1", MACHINE.replace("stateMachine:", "execution:PassStateMachine"));
    for body in [
        "no JSON",
        "<html><title>Sign in</title></html>",
        "[1]",
        "{}",
        r#"{"executions":1,"events":1}"#,
        r#"{"executions":[{"name":"x"}],"events":[{"id":"x"}]}"#,
        r#"{"executions":[{"executionArn":"x","stateMachineArn":"y"}],"events":[1]}"#,
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let (url, counts) = runtime.block_on(steady(answer));
        let home = Home::at(&url);
        for command in [
            &["list", "--remote", "--machine", "pass"][..],
            &["history", &arn],
            &["history", &arn, "--data", "--reverse"],
            &["timeline", &arn],
            &["status", &arn],
        ] {
            let before = counts.1.load(Ordering::Relaxed);
            let ran = home.run(command).expect(4);
            let requests_sent = counts.1.load(Ordering::Relaxed) - before;
            // A page that is not JSON may have been too large: smaller pages are requested.
            let most = if body.starts_with(['n', '<']) && (command[0] == "history" || command[0] == "timeline") {
                6
            } else {
                1
            };
            assert!(requests_sent <= most, "{body}: {command:?} asked {requests_sent} times: {ran:?}");
            assert!(ran.out.is_empty() && !ran.err.contains("rying again"), "{body}: {command:?}: {ran:?}");
        }
    }
}

#[test]
fn a_list_that_does_not_end_is_given_up() {
    let runtime = Runtime::new().expect("a runtime");
    let arn = format!("{}:e-1", MACHINE.replace("stateMachine:", "execution:PassStateMachine"));
    let item = json!({ "executionArn": arn, "stateMachineArn": format!("{MACHINE}PassStateMachine"), "name": "e-1",
                       "status": "RUNNING", "startDate": 1.7e9 });
    for (items, same_token) in [(json!([]), true), (json!([]), false), (json!([item]), true), (json!([item]), false)] {
        let turns = Arc::new(AtomicUsize::new(0));
        let (counter, listed) = (Arc::clone(&turns), items.clone());
        let url = runtime.block_on(replying(move |_| {
            let turn = counter.fetch_add(1, Ordering::Relaxed);
            let token = if same_token { "t".to_owned() } else { format!("t{turn}") };
            http("200 OK", "", &json!({ "executions": listed, "nextToken": token }).to_string())
        }));
        let home = Home::at(&url);
        let ran = home.run(&["list", "--remote", "--machine", "pass"]).expect(4);
        assert!(ran.err.contains("the list does not end"), "{items} {same_token}: {ran:?}");
        assert!(turns.load(Ordering::Relaxed) <= 5, "{items} {same_token}");
    }
}
