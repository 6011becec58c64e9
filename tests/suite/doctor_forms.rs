//! The doctor's findings about the form of responses, and about what earlier starts show, with the real binary against
//! gateways in the forms that real ones have. Nothing is started by the doctor.
#![cfg(unix)]

use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::cli::{Home, Ran};
use crate::support::odd::{Fate, ORDER, OddGateway, Reply, Request, Shape, config};

const LASTS: Duration = Duration::from_millis(50);
/// In every payload.
const PRIVATE: &str = "private-4711";

fn runtime() -> Runtime {
    Runtime::new().expect("a runtime")
}

/// A home in which one execution at this gateway has ended.
fn home(gateway: &OddGateway, endpoint: &str) -> Home {
    let home = Home::empty();
    home.write("config.toml", &config(gateway, endpoint, ""));
    let input = format!("{{\"a\": \"{PRIVATE}\"}}");
    home.run(&["start", "order", "--name", "run-1", "--input", &input, "--wait", "--timeout", "20s"]);
    home
}

/// The findings about routes, and how the doctor ended.
fn examined(gateway: &OddGateway, home: &Home) -> (Vec<Value>, Ran) {
    let before = gateway.starts();
    let ran = home.run(&["doctor", "--output", "json"]);
    assert_eq!(gateway.starts(), before, "nothing is started");
    for finding in ran.objects() {
        let members: Vec<&str> = finding.as_object().expect("an object").keys().map(String::as_str).collect();
        let known =
            ["endpoint", "check", "subject", "verdict", "finding", "message", "advice", "httpStatus", "requestId"];
        assert!(members.iter().all(|member| known.contains(member)), "{finding}");
    }
    let text = home.run(&["doctor"]);
    for printed in [&ran.out, &ran.err, &text.out, &text.err] {
        assert!(!printed.contains(PRIVATE), "values are private: {printed}");
    }
    let findings = ran.objects().into_iter().filter(|finding| finding["check"] == "route").collect();
    (findings, ran)
}

fn faults(findings: &[Value]) -> Vec<&str> {
    let is_bad = |finding: &&Value| finding["verdict"] == "failed" || finding["verdict"] == "warning";
    findings.iter().filter(is_bad).map(|finding| finding["finding"].as_str().expect("a word")).collect()
}

fn message<'f>(findings: &'f [Value], part: &str) -> &'f str {
    let messages: Vec<&str> = findings.iter().filter_map(|finding| finding["message"].as_str()).collect();
    messages.iter().find(|message| message.contains(part)).unwrap_or_else(|| panic!("{part}: {messages:?}"))
}

#[test]
fn a_known_execution_shows_the_members_and_earlier_starts_the_mapping() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, LASTS));
    let home = home(&gateway, "");
    let (findings, ran) = examined(&gateway, &home);
    assert_eq!((faults(&findings), ran.code), (vec![], Some(0)), "{findings:?}");
    let members = "`run-1` in the store can be described: SUCCEEDED; members: executionArn, stateMachineArn, name, startDate, \
                   status, input, inputDetails, stopDate, output, outputDetails";
    let found = message(&findings, "in the store can be described");
    let names = |text: &str| {
        let mut names: Vec<String> = text.replace(':', ",").split(", ").map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(names(found), names(members));
    message(&findings, "receive the names that are sent");
    message(&findings, "arrived byte for byte");
}

#[test]
fn without_an_execution_the_form_is_not_checked() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve(Shape::StatusOnly, LASTS));
    let home = Home::empty();
    home.write("config.toml", &config(&gateway, "", ""));
    let (findings, ran) = examined(&gateway, &home);
    assert_eq!((faults(&findings), ran.code), (vec![], Some(0)), "{findings:?}");
    let skipped =
        findings.iter().find(|finding| finding["message"].as_str().is_some_and(|text| text.contains("stepgate start")));
    assert_eq!(skipped.expect("a finding")["verdict"], "skipped");
}

#[test]
fn what_a_response_lacks_is_named() {
    let runtime = runtime();
    for (shape, words) in [
        (Shape::StatusOnly, &["no-output", "no-stop-date"][..]),
        (Shape::Iso, &[]),
        (Shape::Fixed, &[]),
        (Shape::Unnamed, &[]),
    ] {
        let gateway = runtime.block_on(OddGateway::serve(shape, LASTS));
        let home = home(&gateway, "");
        let (findings, ran) = examined(&gateway, &home);
        assert_eq!((faults(&findings), ran.code), (words.to_vec(), Some(0)), "{shape:?}: {findings:?}");
    }
}

/// What becomes of the status of a known execution.
fn changed(change: impl Fn(&mut Value) + Send + Sync + 'static) -> impl Fn(&Request, Fate) -> Fate + Send + Sync {
    move |request: &Request, fate| match fate {
        Fate::Reply(reply) if request.path.ends_with("/status") => {
            let mut body: Value = serde_json::from_str(&reply.body).expect("JSON");
            if body.get("status").is_some() {
                change(&mut body);
            }
            Fate::Reply(Reply { body: body.to_string(), ..reply })
        }
        fate => fate,
    }
}

#[test]
fn each_unusual_response_is_a_finding() {
    type Change = fn(&mut Value);
    let runtime = runtime();
    let cases: [(Change, &[&str], i32); 9] = [
        (|body| body["stopDate"] = json!("soon"), &["unreadable-date"], 0),
        (|body| body["output"] = json!({ "a": PRIVATE }), &["not-a-string"], 0),
        (|body| body["status"] = json!("DONE"), &["unknown-status"], 0),
        (
            |body| body["executionArn"] = json!(format!("{}x", body["executionArn"].as_str().expect("an ARN"))),
            &["other-execution"],
            4,
        ),
        (|body| *body = json!({ "errorMessage": PRIVATE, "errorType": "Error" }), &["error-as-success"], 4),
        (|body| *body = json!({ "statusCode": 200, "body": body.to_string() }), &["enveloped"], 4),
        (|body| *body = json!({ "state": "done", "result": PRIVATE }), &["no-status"], 4),
        (|body| *body = json!([PRIVATE]), &["no-status"], 4),
        (
            |body| *body = json!({ "__type": "ExecutionDoesNotExist", "message": "Execution Does Not Exist: 'x'" }),
            &["unknown-execution"],
            0,
        ),
    ];
    for (change, words, code) in cases {
        // The execution ends before the route changes.
        let is_changed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let seen = std::sync::Arc::clone(&is_changed);
        let hook = changed(move |body| {
            if seen.load(std::sync::atomic::Ordering::SeqCst) {
                change(body);
            }
        });
        let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, hook));
        let home = home(&gateway, "");
        is_changed.store(true, std::sync::atomic::Ordering::SeqCst);
        let (findings, ran) = examined(&gateway, &home);
        assert_eq!((faults(&findings), ran.code), (words.to_vec(), Some(code)), "{findings:?}");
    }
}

#[test]
fn what_the_configuration_says_of_names_is_compared_with_starts() {
    let runtime = runtime();
    for (shape, configured, words, part) in [
        (Shape::Documented, "names = \"ignored\"", &["names-contradicted"][..], "names that were sent"),
        (Shape::Unnamed, "names = \"passed-on\"", &["names-contradicted"], "a different name"),
        (Shape::Unnamed, "", &[], "different names from those sent"),
        (Shape::Documented, "names = \"passed-on\"", &[], "the names that are sent"),
    ] {
        let gateway = runtime.block_on(OddGateway::serve(shape, LASTS));
        let home = home(&gateway, configured);
        let (findings, _) = examined(&gateway, &home);
        assert_eq!(faults(&findings), words, "{shape:?} {configured}: {findings:?}");
        message(&findings, part);
    }
}

#[test]
fn what_becomes_of_inputs_is_found_out_and_explained_by_the_filter_where_there_is_one() {
    let runtime = runtime();
    let request = "routes = { start = { request = \"{stateMachineArn, name, input: (. | tojson)}\" } }";
    let reprinted = "routes = { start = { request = \".input |= (fromjson | tojson)\" } }";
    for (routes, words, part, advice) in [
        (
            request,
            &["input-changed"][..],
            "whole request as its input",
            "Check `start.request` in [endpoints.e.routes]",
        ),
        (reprinted, &[], "same JSON in another notation", ""),
    ] {
        let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, LASTS));
        let home = home(&gateway, routes);
        let (findings, _) = examined(&gateway, &home);
        assert_eq!(faults(&findings), words, "{findings:?}");
        let message = message(&findings, part);
        let finding = findings.iter().find(|finding| finding["message"] == message).expect("the finding");
        assert!(finding["advice"].as_str().unwrap_or_default().starts_with(advice), "{finding}");
    }
}

#[test]
fn with_an_answer_filter_the_advice_is_about_the_filter() {
    let runtime = runtime();
    for (answer, words, code, part) in [
        (
            "{status, input, name}",
            &["no-output", "no-stop-date"][..],
            0,
            "members of the filter's result: status, input, name",
        ),
        ("{state: .status}", &["no-status"], 4, "members of the filter's result: state"),
        (".output.x", &["answer-filter"], 4, "its result is not a JSON object"),
        (
            "{status: \"SUCCEEDED\"}",
            &["not-step-functions", "no-output", "no-stop-date"],
            4,
            "success for an execution",
        ),
    ] {
        // Errors reach the filter, as from a gateway that makes its own of them.
        let lenient = answer.contains("SUCCEEDED");
        let hook = move |request: &Request, fate: Fate| match fate {
            Fate::Reply(reply) if lenient && request.path.ends_with("/status") && reply.body.contains("__type") => {
                Fate::Reply(Reply { body: json!({ "problem": "unknown" }).to_string(), ..reply })
            }
            fate => fate,
        };
        let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, hook));
        let home = home(&gateway, "");
        let routes = format!("routes = {{ status = {{ answer = '{answer}' }} }}");
        home.write("config.toml", &config(&gateway, &routes, ""));
        let (findings, ran) = examined(&gateway, &home);
        assert_eq!((faults(&findings), ran.code), (words.to_vec(), Some(code)), "{answer}: {findings:?}");
        message(&findings, part);
        for finding in findings.iter().filter(|finding| words.contains(&finding["finding"].as_str().expect("a word"))) {
            let advice = finding["advice"].as_str().expect("advice");
            assert!(advice.starts_with("Check `status.answer` in [endpoints.e.routes]"), "{finding}");
        }
    }
}

#[test]
fn a_404_in_words_of_the_gateway_is_no_missing_route() {
    let runtime = runtime();
    let hook = |request: &Request, fate: Fate| match fate {
        Fate::Reply(reply) if request.path.ends_with("/status") && reply.body.contains("__type") => {
            Fate::reply("404 Not Found", json!({ "error": "unknown job" }).to_string())
        }
        fate => fate,
    };
    let own = "routes = { status = { answer = \".\" } }";
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, hook));
    for (endpoint, verdict, code) in [(own, "warning", 0), ("", "failed", 3)] {
        let home = Home::empty();
        home.write("config.toml", &config(&gateway, endpoint, ""));
        let (findings, ran) = examined(&gateway, &home);
        assert_eq!((faults(&findings), ran.code), (vec!["execution-or-route"], Some(code)), "{findings:?}");
        let finding = findings.iter().find(|finding| finding["finding"] == "execution-or-route").expect("a finding");
        let said = message(&findings, "HTTP 404: unknown job");
        assert!(finding["verdict"] == verdict && !said.contains("no such route"), "{finding}");
    }
    for endpoint in [own, ""] {
        let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, hook));
        let home = home(&gateway, endpoint);
        let (findings, ran) = examined(&gateway, &home);
        assert_eq!((faults(&findings), ran.code), (vec![], Some(0)), "{findings:?}");
        message(&findings, "the route works, since it describes `run-1`");
        let unknown = format!("{}:run-2", ORDER.replace(":stateMachine:", ":execution:"));
        let ran = home.run(&["status", &unknown]).expect(3);
        assert!(ran.err.contains("the gateway rejects the request: HTTP 404: unknown job. The gateway may"), "{ran:?}");
    }
}

#[test]
fn the_route_machines_shows_which_machines_exist() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve_before(Shape::Documented, LASTS, |request: &Request| {
        let machines = json!({ "stateMachines": [{ "stateMachineArn": ORDER, "name": "Order", "type": "STANDARD" }] });
        request.path.ends_with("/machines").then(|| Fate::reply("200 OK", machines.to_string()))
    }));
    let home = Home::empty();
    home.write("config.toml", &config(&gateway, "routes = { machines = \"/machines\" }", ""));
    let ran = home.run(&["doctor", "--output", "json"]).expect(0);
    let findings = ran.objects();
    message(&findings, "ListStateMachines works, and lists 1 machine");
    let unlisted: Vec<&Value> = findings.iter().filter(|finding| finding["finding"] == "not-listed").collect();
    assert!(unlisted.len() == 1 && unlisted[0]["subject"] == "refund", "{unlisted:?}");
    // What the gateway returns to everything is no list.
    let other = runtime.block_on(OddGateway::serve_before(Shape::Documented, LASTS, |request: &Request| {
        request.path.ends_with("/machines").then(|| Fate::reply("200 OK", "{}"))
    }));
    home.write("config.toml", &config(&other, "routes = { machines = \"/machines\" }", ""));
    let failed = home.run(&["doctor", "--output", "json"]).expect(4);
    let finding = failed.objects().into_iter().find(|finding| finding["verdict"] == "failed").expect("a finding");
    assert_eq!((&finding["subject"], &finding["finding"]), (&json!("/machines"), &json!("wrong-action")));
}

#[test]
fn the_route_logs_is_asked_for_what_has_not_happened_yet() {
    let runtime = runtime();
    let missing =
        json!({ "__type": "ResourceNotFoundException", "message": "The specified log group does not exist." });
    let denied = json!({ "__type": "AccessDeniedException", "message": "not authorized" });
    let express = "type = \"express\"";
    for (body, machine, words, code) in [
        (json!({ "events": [], "searchedLogStreams": [] }), express, &[][..], 0),
        (json!({ "executions": [] }), express, &["wrong-action"], 4),
        (missing.clone(), express, &["no-log-group"], 3),
        // Only EXPRESS machines need a log group.
        (missing, "", &[], 0),
        (denied, express, &["role-without-action"], 3),
    ] {
        let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let requests = std::sync::Arc::clone(&asked);
        let gateway = runtime.block_on(OddGateway::serve_before(Shape::Documented, LASTS, move |request: &Request| {
            let is_logs = request.path.ends_with("/logs");
            if is_logs {
                requests.lock().expect("the requests").push(request.body.clone());
            }
            is_logs.then(|| Fate::reply("200 OK", body.to_string()))
        }));
        let home = Home::empty();
        home.write("config.toml", &config(&gateway, "routes = { logs = \"/execution/logs\" }", machine));
        let now = jiff::Timestamp::now().as_millisecond();
        let (findings, ran) = examined(&gateway, &home);
        assert_eq!((faults(&findings), ran.code), (words.to_vec(), Some(code)), "{findings:?}");
        let asked: Value = serde_json::from_str(&asked.lock().expect("the requests")[0]).expect("JSON");
        assert!(asked["startTime"].as_i64().is_some_and(|start| start >= now), "{asked}");
    }
}

#[test]
fn the_route_sync_is_never_requested() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, LASTS));
    let home = Home::empty();
    home.write("config.toml", &config(&gateway, "routes = { sync = \"/execution/sync\" }", ""));
    let (findings, _) = examined(&gateway, &home);
    let sync = findings.iter().find(|finding| finding["subject"] == "/execution/sync").expect("a finding");
    assert_eq!((&sync["verdict"], faults(&findings)), (&json!("skipped"), vec![]), "{sync}");
    assert!(message(&findings, "StartSyncExecution").contains("only a start proves it"));
}

/// All findings that are about forms are in the documentation.
#[test]
fn the_findings_are_documented() {
    let documented = include_str!("../../docs/troubleshooting.md");
    for source in [
        include_str!("../../src/doctor/form.rs"),
        include_str!("../../src/doctor/known_execution.rs"),
        include_str!("../../src/doctor/earlier_starts.rs"),
        include_str!("../../src/doctor/account.rs"),
        include_str!("../../src/doctor/logs.rs"),
    ] {
        let code = source.split("#[cfg(test)]").next().expect("the code");
        let words = code.split('"').skip(1).step_by(2).filter(|word| {
            word.contains('-') && word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
        });
        for word in words.filter(|word| !["passed-on", "not-asked", "not-a-gateway"].contains(word)) {
            assert!(documented.contains(&format!("`{word}`")), "{word}");
        }
    }
}
