#![cfg(unix)]
//! The recipes of docs/gateways.md, each against a gateway with that mapping: what they promise holds there, too.

use std::time::Duration;

use rustix::process::Signal;
use tokio::runtime::Runtime;

use crate::support::cli::Home;
use crate::support::gateway::{answering, http};
use crate::support::mapped::{MappedGateway, RECIPES};
use crate::support::odd::ORDER;

const LASTS: Duration = Duration::from_millis(500);

/// Those whose start requests contain the name, and whose gateways pass it on.
const WITH_NAMES: [&str; 5] = [
    "The article's gateway",
    "HTTP API, Input=$request.body.input",
    "statusCode and body",
    "202 with a status URL",
    "ARN in the query",
];

/// The configuration in the documentation.
fn documented(recipe: &str) -> String {
    let page = include_str!("../../docs/gateways.md");
    let (_, section) = page.split_once(&format!("#### {recipe}\n")).unwrap_or_else(|| panic!("no recipe {recipe}"));
    let (_, block) = section.split_once("```toml\n").expect("a configuration");
    block.split("```").next().expect("its end").replace("endpoints.dev", "endpoints.e")
}

fn home(gateway: &MappedGateway, recipe: &str) -> Home {
    let home = Home::empty();
    let documented = documented(recipe).replace("https://api.example.com/dev", &gateway.url());
    home.write(
        "config.toml",
        &format!("{documented}\n[endpoints.e.watch]\nrequests-per-second = 50\n[machines.order]\narn = \"{ORDER}\"\n"),
    );
    home
}

fn serve(runtime: &Runtime, recipe: &'static str) -> (MappedGateway, Home) {
    let gateway = runtime.block_on(MappedGateway::serve(recipe, LASTS));
    let home = home(&gateway, recipe);
    (gateway, home)
}

fn start(home: &Home, input: &str) -> crate::support::cli::Ran {
    home.run(&["start", "order", "--wait", "--output", "json", "--input", input])
}

#[test]
fn every_recipe_of_the_documentation_is_tested() {
    let page = include_str!("../../docs/gateways.md");
    let headings: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("#### ")).collect();
    // tests/suite/express_logs.rs and synchronous.rs test the others.
    assert_eq!(headings, [&RECIPES[..], &["Log groups of EXPRESS machines", "AWS CDK"]].concat());
}

#[test]
fn executions_are_watched_to_success_and_failure_and_started_again() {
    let runtime = Runtime::new().expect("a runtime");
    for recipe in RECIPES {
        let (gateway, home) = serve(&runtime, recipe);
        home.run(&["config", "check"]).expect(0);
        let input = "{\"n\": 12345678901234567890, \"x\": 1.10, \"e\": 1e400}";
        let good = start(&home, input).expect(0);
        let object = good.object();
        assert_eq!(object["status"], "SUCCEEDED", "{recipe}");
        assert!(!good.err.contains("warning"), "{recipe}: {good:?}");
        let arn = object["executionArn"].as_str().expect("an ARN").to_owned();
        assert_eq!(gateway.executions()[0].0, arn, "{recipe}");
        let sent = gateway.executions()[0].1.clone();
        let is_parsed = recipe == "HTTP API, Input=$request.body.input";
        // A filter that parses the input drops the white space.
        let compact = input.replace(' ', "");
        assert_eq!(sent, if is_parsed { compact.clone() } else { input.to_owned() }, "{recipe}");
        assert_eq!(object["output"].as_str().map(|output| output.replace(' ', "")), Some(compact), "{recipe}");
        let bad = start(&home, "{\"fail\": true}").expect(1).object();
        assert_eq!((&bad["status"], &bad["error"]), (&"FAILED".into(), &"Boom".into()), "{recipe}");
        // The same input again is another execution.
        let again = start(&home, input).expect(0).object();
        assert_ne!(again["executionArn"].as_str(), Some(&*arn), "{recipe}");
        assert_eq!((gateway.executions().len(), gateway.starts()), (3, 3), "{recipe}");
        let listed = home.run(&["list", "--output", "json"]).expect(0).objects();
        assert_eq!(listed.len(), 3, "{recipe}");
        let status = home.run(&["status", &arn, "--output", "json"]).expect(0).object();
        assert_eq!(status["status"], "SUCCEEDED", "{recipe}");
    }
}

#[test]
fn a_state_that_the_table_of_job_id_does_not_have_is_an_error() {
    let runtime = Runtime::new().expect("a runtime");
    let arn = format!("{}:job-1", ORDER.replace(":stateMachine:", ":execution:"));
    for (state, expected) in [
        ("\"working\"", Ok("RUNNING")),
        ("\"done\"", Ok("SUCCEEDED")),
        ("\"failed\"", Ok("FAILED")),
        ("\"error\"", Err("unknown state error")),
        ("\"DONE\"", Err("unknown state DONE")),
        ("null", Err("unknown state null")),
        ("7", Err("`status.answer`")),
    ] {
        let url = runtime.block_on(answering(move |_| http("200 OK", "", &format!("{{\"state\": {state}}}"))));
        let home = Home::empty();
        home.write("config.toml", &documented("job_id").replace("https://api.example.com/dev", &url));
        let ran = home.run(&["status", &arn, "--output", "json"]);
        match expected {
            Ok(status) => assert_eq!(ran.object()["status"], status, "{ran:?}"),
            Err(message) => {
                assert!(ran.code == Some(4) && ran.out.is_empty() && ran.err.contains(message), "{state}: {ran:?}");
            }
        }
    }
}

#[test]
fn a_lost_response_is_repeated_only_where_the_name_reaches_step_functions() {
    let runtime = Runtime::new().expect("a runtime");
    for recipe in RECIPES {
        let (gateway, home) = serve(&runtime, recipe);
        start(&home, "{}").expect(0);
        gateway.lose_starts(true);
        let running = home.begin(&["start", "order", "--wait", "--output", "json", "--timeout", "20s"]);
        let has_names = WITH_NAMES.contains(&recipe);
        if has_names {
            running.wait_until("another attempt", |_| gateway.starts() > 2);
            gateway.lose_starts(false);
        }
        let ran = running.end().expect(if has_names { 0 } else { 4 });
        assert_eq!(gateway.executions().len(), 2, "{recipe}: {ran:?}");
        assert_eq!(gateway.starts() > 2, has_names, "{recipe}: {ran:?}");
        let is_unresolved = ran.object()["start"] == "unresolved";
        assert_eq!(is_unresolved, !has_names, "{recipe}: {ran:?}");
        assert!(!ran.err.to_lowercase().contains("not started"), "{recipe}: {ran:?}");
    }
}

#[test]
fn a_crash_in_between_loses_and_duplicates_nothing() {
    let runtime = Runtime::new().expect("a runtime");
    for recipe in RECIPES {
        let (gateway, home) = serve(&runtime, recipe);
        start(&home, "{}").expect(0);
        gateway.hang_after_starts(true);
        let crashing = home.begin(&["start", "order", "--wait"]);
        crashing.wait_until("the start", |_| gateway.starts() == 2);
        crashing.signal(Signal::KILL);
        drop(crashing);
        gateway.hang_after_starts(false);
        let has_names = WITH_NAMES.contains(&recipe);
        let watched = home.run(&["watch", "--output", "json"]).expect(if has_names { 0 } else { 4 });
        let object = watched.object();
        if has_names {
            assert_eq!(object["status"], "SUCCEEDED", "{recipe}");
            assert_eq!(object["executionArn"].as_str(), Some(&*gateway.executions()[1].0), "{recipe}");
        } else {
            assert_eq!(object["start"], "unresolved", "{recipe}: {watched:?}");
        }
        assert_eq!((gateway.executions().len(), gateway.starts()), (2, 2), "{recipe}: {watched:?}");
    }
}

#[test]
fn the_doctor_asks_with_the_method_path_and_body_of_each_route() {
    let runtime = Runtime::new().expect("a runtime");
    for recipe in RECIPES {
        let (gateway, home) = serve(&runtime, recipe);
        let ran = home.run(&["doctor"]);
        let text = format!("{}{}", ran.out, ran.err);
        assert!(text.contains("DescribeExecution does not know the execution"), "{recipe}: {text}");
        assert_eq!(gateway.starts(), 0, "{recipe}");
        let asked = gateway.requests();
        assert!(
            asked.iter().any(|request| request.path.contains("status") || request.path.contains("/jobs/")),
            "{recipe}"
        );
    }
}
