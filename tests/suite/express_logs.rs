//! EXPRESS executions at a gateway that reads their log group: outcomes, what a log does not show, and timelines.
#![cfg(unix)]

use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::cli::{Home, MACHINE, Ran, Running};
use crate::support::log_group::{LogGroup, Served, failed, home, only_failures, succeeded};
use crate::support::odd::{ORDER, REFUND};
use crate::support::player::Player;
use stepgate_core::domain::{
    Endpoint, EndpointName, Machine, MachineType, OptionalRoutes, Payload, Route, StateMachineArn,
};
use stepgate_local::Options;

const LONG_AGO: Duration = Duration::from_secs(600);

fn served(group: LogGroup) -> (Runtime, Served, Home) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(Served::new(group));
    let home = home(&served, &["logs", "history"]);
    (runtime, served, home)
}

fn start(home: &Home) -> Ran {
    home.run(&["start", "order", "--name", "run-1", "--input", "{}", "--wait", "--output", "json"])
}

#[test]
fn an_outcome_is_read_from_the_log() {
    let timed_out = vec![succeeded()[0].clone(), ("ExecutionTimedOut", json!({}))];
    for (events, code, status, page) in [
        (succeeded(), 0, "SUCCEEDED", 100),
        (succeeded(), 0, "SUCCEEDED", 3),
        (failed(), 1, "FAILED", 100),
        (only_failures(failed()), 1, "FAILED", 100),
        (timed_out, 1, "TIMED_OUT", 100),
    ] {
        let (_runtime, served, home) = served(LogGroup { events, page, ..LogGroup::default() });
        let ran = start(&home).expect(code);
        let object = ran.object();
        assert_eq!(object["status"], status, "{ran:?}");
        assert_eq!(object["output"].as_str(), (code == 0).then_some("{\"total\":12}"), "{ran:?}");
        assert_eq!(object["error"].as_str(), (status == "FAILED").then_some("Sold.Out"), "{ran:?}");
        assert!(object["stopDate"].is_string(), "{ran:?}");
        let request = &served.requests()[0];
        assert_eq!(request["stateMachineArn"], ORDER);
        assert_eq!(request["filterPattern"], format!("\"{}\"", object["executionArn"].as_str().expect("an ARN")));
        let list = home.run(&["list", "--output", "json"]).expect(0).object();
        assert_eq!(list["status"], status);
    }
}

#[test]
fn a_late_event_is_found_although_later_ones_were_read() {
    let (_runtime, served, home) = served(LogGroup { late: 3, ..LogGroup::default() });
    assert_eq!(start(&home).expect(0).object()["status"], "SUCCEEDED");
    let passes = served.requests().iter().filter(|request| request["nextToken"].is_null()).count();
    assert!(passes > 3, "{passes}");
}

#[test]
fn what_is_not_logged_is_not_claimed() {
    let without_end = succeeded()[..3].to_vec();
    for (events, expected) in [
        (only_failures(succeeded()), "no error logged"),
        (only_failures(failed()[..8].to_vec()), "no error logged"),
        (without_end, "its end was not logged"),
    ] {
        let (_runtime, _served, home) = served(LogGroup { events, age: LONG_AGO, ..LogGroup::default() });
        let ran = start(&home).expect(4);
        assert!(ran.err.contains(&format!("the outcome of run-1 is unknown: {expected}")), "{ran:?}");
        assert!(!ran.out.contains("SUCCEEDED") && !ran.out.contains("FAILED"), "{ran:?}");
        let arn = ran.object()["executionArn"].as_str().expect("an ARN").to_owned();
        for command in ["status", "watch"] {
            let ran = home.run(&[command, &arn]).expect(4);
            assert!(format!("{}{}", ran.out, ran.err).contains(expected), "{ran:?}");
        }
    }
}

#[test]
fn without_execution_data_the_outcome_is_known_and_the_output_is_not() {
    let mut events = succeeded();
    for (_, details) in &mut events {
        details.as_object_mut().expect("an object").retain(|name, _| name == "name" || name == "roleArn");
    }
    let (_runtime, served, home) = served(LogGroup { events, ..LogGroup::default() });
    let object = start(&home).expect(0).object();
    assert_eq!((&object["status"], &object["output"]), (&json!("SUCCEEDED"), &Value::Null));
    assert_eq!(served.requests().len(), 2, "nothing is repeated for the output");
}

#[test]
fn one_status_takes_one_pass_over_the_log() {
    let (_runtime, served, home) = served(LogGroup::default());
    let arn =
        home.run(&["start", "order", "--input", "{}", "--output", "json"]).expect(0).object()["executionArn"].clone();
    let arn = arn.as_str().expect("an ARN");
    assert_eq!(served.requests().len(), 0, "a start that does not wait reads nothing");
    let object = home.run(&["status", arn, "--output", "json"]).expect(0).object();
    assert_eq!((&object["status"], &object["output"]), (&json!("SUCCEEDED"), &json!("{\"total\":12}")));
    assert_eq!(served.requests().len(), 2, "an empty page and one with all events");
    // Another computer does not know when it began.
    let elsewhere = crate::support::log_group::home(&served, &["logs"]);
    assert_eq!(elsewhere.run(&["status", arn, "--output", "json"]).expect(0).object()["status"], "SUCCEEDED");
    assert_eq!(elsewhere.run(&["watch", arn, "--output", "json"]).expect(0).object()["status"], "SUCCEEDED");
}

#[test]
fn all_commands_together_send_one_log_request_a_second() {
    const LATE: Duration = Duration::from_millis(400);
    let (_runtime, served, home) = served(LogGroup::default());
    let arn =
        home.run(&["start", "order", "--input", "{}", "--output", "json"]).expect(0).object()["executionArn"].clone();
    let arn = arn.as_str().expect("an ARN");
    let commands = ["status", "timeline", "status", "history", "status", "watch"];
    let running: Vec<Running> =
        commands.iter().map(|command| home.begin(&[command, arn, "--output", "json"])).collect();
    for one in running {
        assert!(!one.end().expect(0).objects().is_empty());
    }
    let arrivals = served.arrivals();
    assert!(arrivals.len() >= 4, "a timeline and a history take two pages each: {arrivals:?}");
    let whole = Duration::from_secs(u64::try_from(arrivals.len() - 1).expect("few"));
    // On a busy machine a request arrives later after its turn than the next one does.
    assert!(arrivals.windows(2).all(|pair| pair[1] - pair[0] + LATE >= Duration::from_secs(1)), "{arrivals:?}");
    assert!(arrivals[arrivals.len() - 1] - arrivals[0] + LATE >= whole, "{arrivals:?}");
}

#[test]
fn a_started_execution_that_cannot_be_asked_about_is_unknown() {
    for error in ["AccessDeniedException", "ResourceNotFoundException", "InvalidParameterException"] {
        let (_runtime, _served, home) = served(LogGroup { error: Some(error), ..LogGroup::default() });
        let ran = start(&home).expect(4);
        assert!(ran.err.contains("the outcome of run-1 is unknown"), "{ran:?}");
        let lines = home.write("lines", "{}\n");
        let lines = lines.to_str().expect("UTF-8");
        home.run(&["start", "order", "--each", lines, "--wait", "--output", "json"]).expect(4);
        let arn = ran.object()["executionArn"].as_str().expect("an ARN").to_owned();
        home.run(&["status", &arn]).expect(3);
    }
}

#[test]
fn a_broken_log_route_is_reported_once_and_delays_nothing_else() {
    for (error, text) in [
        ("AccessDeniedException", "the gateway's role lacks permission"),
        ("ResourceNotFoundException", "the log group does not exist"),
    ] {
        let (_runtime, _served, home) = served(LogGroup { error: Some(error), ..LogGroup::default() });
        let started = |machine: &str| {
            let ran = home.run(&["start", machine, "--input", "{}", "--output", "json"]).expect(0);
            ran.object()["executionArn"].as_str().expect("an ARN").to_owned()
        };
        let arns = [started("order"), started("order"), started("refund")];
        let watched = home.run(&["watch", &arns[0], &arns[1], &arns[2], "--output", "json"]).expect(3);
        assert_eq!(watched.err.matches("e: the logs cannot be read").count(), 1, "{watched:?}");
        assert!(watched.err.contains(text), "{watched:?}");
        let objects = watched.objects();
        let refund = objects.iter().find(|object| object["stateMachineArn"] == REFUND).expect("the STANDARD one");
        assert_eq!(refund["status"], "SUCCEEDED", "{watched:?}");
    }
}

#[test]
fn a_start_without_a_response_is_found_by_its_generated_name() {
    for (events, code, status) in [(succeeded(), 0, "SUCCEEDED"), (only_failures(succeeded()), 4, "UNRESOLVED")] {
        let (_runtime, served, home) = served(LogGroup { events, is_mute: true, ..LogGroup::default() });
        let text = std::fs::read_to_string(home.path().join("config.toml")).expect("the configuration");
        home.write("config.toml", &text.replace("[machines.order]\n", "[machines.order]\ntype = \"express\"\n"));
        if code == 4 {
            // That it is not logged proves nothing; waiting for that would take six minutes.
            let ran = home.run(&["start", "order", "--input", "{}", "--wait", "--timeout", "3s"]).expect(4);
            assert!(!ran.err.contains("was not started"), "{ran:?}");
            continue;
        }
        let object = home.run(&["start", "order", "--input", "{}", "--wait", "--output", "json"]).expect(code).object();
        assert_eq!((&object["status"], &object["output"]), (&json!(status), &json!("{\"total\":12}")));
        assert!(object["executionArn"].as_str().expect("an ARN").ends_with(":0b3c-0"), "the ARN in the log");
        assert_eq!(served.requests()[0]["filterPattern"], "\"express:Order:\"");
        let stored = home.run(&["list", "--output", "json"]).expect(0).object();
        assert_eq!((&stored["status"], &stored["executionArn"]), (&object["status"], &object["executionArn"]));
    }
}

#[test]
fn the_local_gateway_logs_what_its_express_machine_does() {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { crate::support::gateway::Served::new(Options::default()) });
    let home = Home::empty();
    let quick = format!("{MACHINE}QuickStateMachine");
    let config = format!(
        "[endpoints.e]\nurl = \"{}\"\nroutes.logs = \"/execution/logs\"\n[machines.quick]\narn = \"{quick}\"\n",
        served.url()
    );
    home.write("config.toml", &config);
    for (input, code, status) in
        [("{}", 0, "SUCCEEDED"), ("{\"fail\": true}", 1, "FAILED"), ("{\"seconds\": 2}", 0, "SUCCEEDED")]
    {
        let ran = home.run(&["start", "quick", "--input", input, "--wait", "--output", "json"]).expect(code);
        let object = ran.object();
        assert_eq!((&object["status"], &object["input"]), (&json!(status), &json!(input)), "{ran:?}");
        assert_eq!(object["output"].is_string(), code == 0, "{ran:?}");
        let timeline = home.run(&["timeline", "@last", "--output", "json"]).expect(0);
        assert!(timeline.err.is_empty() && !timeline.objects().is_empty(), "{timeline:?}");
        assert!(timeline.objects().iter().any(|step| step["status"] == status), "{timeline:?}");
    }
}

#[test]
fn without_the_route_the_message_says_what_to_declare() {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(Served::new(LogGroup::default()));
    let home = home(&served, &["history"]);
    let ran = start(&home).expect(4);
    assert!(ran.err.contains("the outcome of run-1 is unknown: DescribeExecution does not support EXPRESS"), "{ran:?}");
    assert!(ran.err.contains("route `logs`"), "{ran:?}");
    assert_eq!(served.requests().len(), 0);
}

#[test]
fn a_timeline_and_a_history_are_those_of_get_execution_history() {
    for (events, page, is_whole) in
        [(succeeded(), 5, true), (failed(), 100, true), (only_failures(failed()), 100, false)]
    {
        let (_runtime, _served, home) = served(LogGroup { events, page, ..LogGroup::default() });
        let arn = start(&home).object()["executionArn"].as_str().expect("an ARN").to_owned();
        let standard = format!("{}:run-1", ORDER.replace(":stateMachine:", ":execution:"));
        let dateless = |ran: &Ran| {
            let mut objects = ran.objects();
            for object in &mut objects {
                object
                    .as_object_mut()
                    .expect("an object")
                    .retain(|name, _| !name.ends_with("Date") && name != "timestamp");
            }
            objects
        };
        for arguments in
            [&["timeline"][..], &["history"], &["history", "--data", "--reverse"], &["history", "--limit", "2"]]
        {
            let run = |arn: &str| {
                let (command, options) = arguments.split_first().expect("a command");
                home.run(&[&[*command, arn, "--output", "json"], options].concat()).expect(0)
            };
            let (logged, described) = (run(&arn), run(&standard));
            assert_eq!(dateless(&logged), dateless(&described), "{arguments:?}");
            assert_eq!(logged.err, described.err);
            if is_whole || arguments[0] != "timeline" {
                assert!(!logged.objects().is_empty());
            } else {
                assert!(logged.err.contains("the history is incomplete"), "{logged:?}");
            }
        }
    }
}

fn machine(name: &str, arn: &str) -> Machine {
    Machine {
        name: name.into(),
        endpoint: EndpointName::new("e"),
        arn: StateMachineArn::parse(arn).expect("an ARN"),
        machine_type: MachineType::Unknown,
        input: Payload::received("{}"),
        presets: Vec::new(),
    }
}

#[tokio::test]
async fn the_terminal_ui_shows_outcome_and_timeline_from_the_log() {
    let served = Served::new(LogGroup { events: failed(), ..LogGroup::default() }).await;
    let endpoint = Endpoint {
        optional_routes: OptionalRoutes { logs: Some(Route::Logs.default_path().into()), ..OptionalRoutes::default() },
        ..Endpoint::plain("e", &served.gateway.url())
    };
    let mut player = Player::new(endpoint, vec![machine("order", ORDER)], 160, 40).await;
    player.keys("enter ctrl-s").await;
    player.until_text("FAILED").await;
    player.until_text("none left").await;
    player.keys("t").await;
    player.until("its steps", |screen| screen.contains("Timeline of") && screen.contains("Send")).await;
    player.until("its error", |screen| screen.contains("after 2 attempts") && screen.contains("Sold.Out")).await;
    let before = served.requests().len();
    player.keys("tab").await;
    player.until_text("\"order\": 4711").await;
    player.keys("right").await;
    player.until_text("Send").await;
    assert_eq!(served.requests().len(), before, "payloads came with the events");
}

#[tokio::test]
async fn the_terminal_ui_says_which_route_a_timeline_needs() {
    let served = Served::new(LogGroup::default()).await;
    let mut player =
        Player::new(Endpoint::plain("e", &served.gateway.url()), vec![machine("order", ORDER)], 160, 40).await;
    player.keys("enter ctrl-s").await;
    player.until_text("UNKNOWN").await;
    player.keys("t").await;
    player.until_text("needs the route `logs`").await;
}
