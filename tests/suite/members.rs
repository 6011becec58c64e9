//! The members of a response: each is in the JSON output of every command, once and unchanged, with dates in one
//! notation; also from the store, and without payloads if those are not stored.
#![cfg(unix)]

use crate::support::cli::{Home, Ran};
use crate::support::gateway::{http, replying};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:Order";
const EXECUTION: &str = "arn:aws:states:us-east-1:123456789012:execution:Order:run-1";
const INPUT: &str = r#"{ "n":1.0,"big":12345678901234567890123, "n":1e400 }"#;

/// The members that are neither payloads nor dates, as they are on the wire: numbers that no `f64` holds, white space,
/// an escape, a null, and members that no version of the API has.
const OTHERS: &str = r#""stateMachineVersionArn":"arn:aws:states:us-east-1:123456789012:stateMachine:Order:7",
"stateMachineAliasArn":"arn:aws:states:us-east-1:123456789012:stateMachine:Order:PROD",
"traceHeader":"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1","mapRunArn":"arn:aws:states:us-east-1:123456789012:mapRun:Order/m:uuid",
"inputDetails":{"included":true, "__type":"CloudWatchEventsExecutionDataDetails"},"outputDetails":{ "included" : true },
"somethingNew":{"pi":3.14159265358979323846264338327950288,
  "huge":12345678901234567890123,"text":"a\u002fb"},"nothing":null,"newDate":1.701837432549E9,"dateless":1.701837432549E9"#;

/// The same as the JSON output has it: in one line, the date as all dates.
const EXPECTED: [(&str, &str); 10] = [
    ("stateMachineVersionArn", r#""arn:aws:states:us-east-1:123456789012:stateMachine:Order:7""#),
    ("stateMachineAliasArn", r#""arn:aws:states:us-east-1:123456789012:stateMachine:Order:PROD""#),
    ("traceHeader", r#""Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1""#),
    ("mapRunArn", r#""arn:aws:states:us-east-1:123456789012:mapRun:Order/m:uuid""#),
    ("inputDetails", r#"{"included":true,"__type":"CloudWatchEventsExecutionDataDetails"}"#),
    ("outputDetails", r#"{"included":true}"#),
    (
        "somethingNew",
        r#"{"pi":3.14159265358979323846264338327950288,"huge":12345678901234567890123,"text":"a\u002fb"}"#,
    ),
    ("nothing", "null"),
    ("newDate", r#""2023-12-06T04:37:12.549Z""#),
    ("dateless", "1.701837432549E9"),
];

fn described(arn: &str) -> String {
    let text = |text: &str| serde_json::to_string(text).expect("a text");
    format!(
        r#"{{"executionArn":"{arn}","stateMachineArn":"{MACHINE}","name":"{}","status":"FAILED","error":"Boom",
"cause":"because","startDate":1.701837432549E9,"stopDate":1.701837432618E9,"redriveCount":1,"redriveDate":1.7018374325E9,
"redriveStatus":"REDRIVABLE","input":{},"output":{},{OTHERS}}}"#,
        arn.rsplit(':').next().unwrap_or_default(),
        text(INPUT),
        text("[1.0]"),
    )
}

/// What a command prints must have all of it, each member once.
fn check(what: &str, line: &str, is_whole: bool) {
    let object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{what}: {error}: {line}"));
    for (name, expected) in EXPECTED {
        let member = format!("{}:{expected}", json!(name));
        assert!(line.contains(&member), "{what}: {name} is not {expected}: {line}");
    }
    let mut names: Vec<String> = top_level(line);
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "{what}: none twice: {line}");
    let arn = object["executionArn"].as_str().unwrap_or_default();
    assert!(
        arn == EXECUTION || what.contains("--each") && arn.contains(":Order:") && arn.contains("-order-"),
        "{what}: {arn}"
    );
    for (name, expected) in [
        ("stateMachineArn", json!(MACHINE)),
        ("name", json!(arn.rsplit(':').next())),
        ("status", json!("FAILED")),
        ("startDate", json!("2023-12-06T04:37:12.549Z")),
        ("stopDate", json!("2023-12-06T04:37:12.618Z")),
        ("redriveCount", json!(1)),
        ("redriveDate", json!("2023-12-06T04:37:12.500Z")),
    ] {
        assert_eq!(object[name], expected, "{what}: {name}");
    }
    let whole = [("error", "Boom"), ("cause", "because"), ("input", INPUT), ("output", "[1.0]")];
    for (name, expected) in whole.iter().filter(|_| is_whole) {
        assert_eq!(object[*name], json!(expected), "{what}: {name}");
    }
}

/// The names of an object's members, one as often as it is there.
fn top_level(line: &str) -> Vec<String> {
    struct Names(Vec<String>);
    impl<'de> serde::Deserialize<'de> for Names {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> serde::de::Visitor<'de> for Visitor {
                type Value = Names;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                    let mut names = Vec::new();
                    while let Some((name, serde::de::IgnoredAny)) = map.next_entry::<String, _>()? {
                        names.push(name);
                    }
                    Ok(Names(names))
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    serde_json::from_str::<Names>(line).expect("an object").0
}

/// A gateway that knows one execution, and a home with two machines on it: by the alias, and under a plain name.
fn home(runtime: &Runtime, more: &str) -> Home {
    let url = runtime.block_on(replying(|request| {
        let after = |text: &str| request.split(text).nth(1).and_then(|rest| rest.split('"').next());
        let body = match (request.split(' ').nth(1), after("\"executionArn\":\"")) {
            (Some("/dev/execution"), _) => {
                let name = after("\"name\":\"").unwrap_or_default();
                format!(
                    r#"{{"executionArn":"{}{name}","startDate":1.701837432549E9}}"#,
                    EXECUTION.trim_end_matches("run-1")
                )
            }
            (Some("/dev/executions"), _) => {
                let item = described(EXECUTION).replace("\"input\":", "\"ignored\":");
                format!(r#"{{"executions":[{item}]}}"#)
            }
            (Some("/dev/execution/stop"), _) => r#"{"stopDate":1.701837432618E9}"#.to_owned(),
            (_, arn) => described(arn.unwrap_or_default()),
        };
        http("200 OK", "content-type: application/json\r\n", &body)
    }));
    let home = Home::empty();
    home.write(
        "config.toml",
        &format!(
            "{more}[endpoints.e]\nurl = \"{url}\"\n[endpoints.e.routes]\nstop = \"/execution/stop\"\nlist = \"/executions\"\n\
             [machines.order]\narn = \"{MACHINE}:PROD\"\n"
        ),
    );
    home
}

fn line(ran: &Ran) -> &str {
    let mut lines = ran.out.lines();
    let line = lines.next().unwrap_or_else(|| panic!("nothing was printed: {ran:?}"));
    assert_eq!(lines.next(), None, "one object: {ran:?}");
    line
}

#[test]
fn every_received_member_is_printed_by_every_command() {
    let runtime = Runtime::new().expect("a runtime");
    let waited = home(&runtime, "");
    let json = |home: &Home, arguments: &[&str], code: i32| {
        home.run(&[arguments, &["--output", "json"]].concat()).expect(code)
    };
    let started = json(&waited, &["start", "order", "--name", "run-1", "--input", INPUT, "--wait"], 1);
    check("start --wait", line(&started), true);
    check("list, from the store", line(&json(&waited, &["list"], 0)), true);
    check("status", line(&json(&waited, &["status", "run-1"], 0)), true);
    check("list, after the status", line(&json(&waited, &["list"], 0)), true);
    check("stop", line(&json(&waited, &["stop", "run-1"], 0)), true);
    check("list --remote", line(&json(&waited, &["list", "--remote"], 0)), false);
    let stranger = home(&runtime, "");
    check("watch", line(&json(&stranger, &["watch", EXECUTION], 1)), true);
    check("status of another's", line(&json(&stranger, &["status", EXECUTION], 0)), true);
    let each = home(&runtime, "");
    each.write("lines.jsonl", &format!("{INPUT}\n"));
    let each_line = json(&each, &["start", "order", "--each", "lines.jsonl", "--wait"], 1);
    check("start --each --wait", line(&each_line), true);
    let resumed = json(&each, &["start", "order", "--each", "lines.jsonl", "--wait", "--resume"], 1);
    check("start --each --resume", line(&resumed), true);
}

/// The members of the response to a start that are not of the API, or not at this place in it.
#[test]
fn every_member_of_the_response_to_a_start_is_printed() {
    let runtime = Runtime::new().expect("a runtime");
    let url = runtime.block_on(replying(|request| {
        let after = |text: &str| request.split(text).nth(1).and_then(|rest| rest.split('"').next());
        let body = if request.starts_with("POST /dev/execution ") {
            let arn = format!("{}{}", EXECUTION.trim_end_matches("run-1"), after("\"name\":\"").unwrap_or_default());
            format!(
                r#"{{"executionArn":"{arn}","startDate":1.701837432549E9,"status":"RUNNING","orderId":4711.0,"input":"{{}}",{OTHERS}}}"#
            )
        } else {
            let arn = after("\"executionArn\":\"").unwrap_or_default();
            format!(
                r#"{{"executionArn":"{arn}","status":"SUCCEEDED","output":"1","startDate":1.7e9,"stopDate":1.7e9,"traceHeader":"later"}}"#
            )
        };
        http("200 OK", "content-type: application/json\r\n", &body)
    }));
    let home = Home::empty();
    home.write("config.toml", &format!("[endpoints.e]\nurl = \"{url}\"\n[machines.order]\narn = \"{MACHINE}:PROD\"\n"));
    home.write("lines.jsonl", "{}\n");
    for arguments in [
        &["start", "order", "--name", "run-1"][..],
        &["start", "order", "--each", "lines.jsonl"],
        &["start", "order", "--name", "run-2", "--wait"],
        &["start", "order", "--each", "lines.jsonl", "--wait"],
    ] {
        let waits = arguments.contains(&"--wait");
        let ran = home.run(&[arguments, &["--output", "json"]].concat()).expect(0);
        let (what, line) = (arguments.join(" "), line(&ran));
        let object = ran.object();
        for (name, expected) in EXPECTED.iter().chain(&[("orderId", "4711.0")]) {
            let expected = if waits && *name == "traceHeader" { "\"later\"" } else { expected };
            assert!(line.contains(&format!("{}:{expected}", json!(name))), "{what}: {name} is not {expected}: {line}");
        }
        let mut names = top_level(line);
        names.sort();
        names.dedup();
        assert_eq!(names.len(), top_level(line).len(), "{what}: none twice: {line}");
        assert_eq!(object["status"], json!(if waits { "SUCCEEDED" } else { "RUNNING" }), "{what}");
        assert_eq!(object["input"], json!("{}"), "{what}");
    }
}

/// An outcome that a start's response claims without a date is none, and is not printed as one.
#[test]
fn a_claim_that_is_not_believed_is_not_printed() {
    let runtime = Runtime::new().expect("a runtime");
    let url = runtime.block_on(replying(|request| {
        let name = request.split("\"name\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let arn = format!("{}{name}", EXECUTION.trim_end_matches("run-1"));
        http("200 OK", "", &format!(r#"{{"executionArn":"{arn}","startDate":1.7e9,"status":"SUCCEEDED","orderId":1}}"#))
    }));
    let home = Home::empty();
    home.write("config.toml", &format!("[endpoints.e]\nurl = \"{url}\"\n[machines.order]\narn = \"{MACHINE}\"\n"));
    let object = home.run(&["start", "order", "--output", "json"]).expect(0).object();
    assert_eq!((object.get("status"), &object["orderId"]), (None, &json!(1)));
}

#[test]
fn status_shows_a_person_what_was_received() {
    let runtime = Runtime::new().expect("a runtime");
    let home = home(&runtime, "");
    let shown = home.run(&["status", EXECUTION]).expect(0).out;
    assert!(shown.contains(&format!("stateMachineArn   {MACHINE}\n")), "{shown}");
    for (name, expected) in EXPECTED {
        assert!(shown.contains(&format!("{name:<16}  {}", expected.trim_matches('"'))), "{name}: {shown}");
    }
}

#[test]
fn without_payloads_the_store_keeps_only_members_that_cannot_hold_any() {
    let runtime = Runtime::new().expect("a runtime");
    let home = home(&runtime, "[store]\npayloads = false\n");
    home.run(&["start", "order", "--name", "run-1", "--input", INPUT, "--wait"]).expect(1);
    let listed = home.run(&["list", "--output", "json"]).expect(0).object();
    assert_eq!(listed["stateMachineAliasArn"], json!(format!("{MACHINE}:PROD")));
    assert_eq!(listed["inputDetails"], json!({"included": true, "__type": "CloudWatchEventsExecutionDataDetails"}));
    for name in ["input", "output", "somethingNew", "nothing", "newDate"] {
        assert_eq!(listed.get(name), None, "{name}");
    }
    let bytes = std::fs::read(home.path().join("data/stepgate/stepgate.db")).expect("the store");
    assert!(!bytes.windows(8).any(|window| window == b"3.141592"), "an unknown member may be a payload");
}
