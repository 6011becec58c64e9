#![cfg(unix)]
//! Filters of routes that loop, fail, lie or are fed with nonsense: nothing is sent that should not be, nothing received
//! becomes an outcome that is none, and no guarantee about starts is lost.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use stepgate_core::child;
use stepgate_core::domain::{Endpoint, ExecutionArn, RouteSettings};
use stepgate_core::gateway::Client;

use crate::support::cli::{Home, Ran, Running, ran};
use crate::support::odd::{Fate, ORDER, OddGateway, REFUND, Reply, Request, Shape};

const LASTS: Duration = Duration::from_millis(300);
const SECRET: &str = "planted-canary-83742";

fn runtime() -> Runtime {
    Runtime::new().expect("a runtime")
}

fn home(url: &str, endpoint: &str, routes: &str) -> Home {
    let home = Home::empty();
    home.write(
        "config.toml",
        &format!(
            "[endpoints.e]\nurl = \"{url}\"\n{endpoint}\n[endpoints.e.watch]\nrequests-per-second = 50\n\
             [endpoints.e.routes]\n{routes}\n[machines.order]\narn = \"{ORDER}\"\n"
        ),
    );
    home
}

fn start(home: &Home, more: &[&str]) -> Ran {
    home.run(&[&["start", "order", "--output", "json", "--input", "{\"n\": 1}"], more].concat())
}

fn printed(ran: &Ran) -> String {
    format!("{}{}", ran.out, ran.err)
}

/// Filters without an end, or with too much of everything.
const ENDLESS: [&str; 7] = [
    "def f: f; f",
    "[range(1e9)]",
    "last(range(1e15))",
    "[repeat(\"x\" * 1000)]",
    "\"x\" * 1000000000 | . + .",
    "reduce range(1e15) as $i (1; [.])",
    "def f: [f]; f",
];

#[test]
fn a_filter_without_an_end_is_stopped_and_named() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, LASTS));
    let arn = format!("{}:run-1", ORDER.replace("stateMachine", "execution"));
    let begin = |role: &str, filter: &str| {
        let route = if role == "request" { "start" } else { "status" };
        let home = home(&gateway.url(), "", &format!("{route} = {{ {role} = '{filter}' }}"));
        let arguments: &[&str] = if role == "request" { &["start", "order"] } else { &["status", &arn] };
        (Running::of(&mut home.command(arguments)), home)
    };
    for filter in ENDLESS {
        let before = (gateway.starts(), gateway.requests());
        let (request, of_request) = begin("request", filter);
        let request = request.end().expect(2);
        let words = "the filter `request` of the route `start` of `e`: it was stopped:";
        assert!(request.err.contains(words) && request.err.contains("nothing was sent"), "{filter}: {request:?}");
        assert!(request.err.contains("Check `start.request` in [endpoints.e.routes]"), "{filter}: {request:?}");
        assert_eq!((gateway.starts(), gateway.requests()), before, "{filter}");
        assert_eq!(of_request.run(&["list"]).expect(0).out, "", "{filter}");
        assert_eq!(of_request.run(&["watch"]).expect(0).out, "", "{filter}: nothing is left open");
    }
    // A response that is known to be no answer is an error at once, so these are asked about what exists.
    let home = home(&gateway.url(), "", "");
    start(&home, &["--name", "run-1", "--wait"]).expect(0);
    for filter in ENDLESS {
        let (answer, _home) = begin("answer", filter);
        let answer = answer.end().expect(4);
        let words = "the filter `answer` of the route `status` of `e`: it was stopped:";
        assert!(answer.err.contains(words), "{filter}: {answer:?}");
    }
}

#[test]
fn a_start_that_is_killed_while_its_filter_runs_has_not_been_sent() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, LASTS));
    let home = home(&gateway.url(), "", "start = { request = 'def f: f; f' }");
    let running = home.begin(&["start", "order"]);
    if cfg!(target_os = "linux") {
        let has_child = || {
            std::fs::read_dir(format!("/proc/{}/task", running.id())).into_iter().flatten().any(|task| {
                let path = task.map(|task| task.path().join("children"));
                path.is_ok_and(|path| std::fs::read_to_string(path).is_ok_and(|text| !text.is_empty()))
            })
        };
        running.wait_until("the filter", |_| has_child());
    }
    running.signal(rustix::process::Signal::KILL);
    drop(running);
    assert_eq!(home.run(&["list"]).expect(0).out, "");
    assert_eq!(home.run(&["watch"]).expect(0).out, "");
    assert_eq!(gateway.requests(), 0);
}

#[test]
fn one_endless_filter_delays_no_other_execution() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, LASTS));
    let filter = "if .name == \"slow\" then (def f: f; f) else . end";
    let home = home(&gateway.url(), "", &format!("status = {{ answer = '{filter}' }}"));
    start(&home, &["--name", "slow"]).expect(0);
    for name in ["a", "b", "c", "d", "e"] {
        start(&home, &["--name", name]).expect(0);
    }
    let began = Instant::now();
    let watching = home.begin(&["watch", "--output", "json"]);
    watching.wait_until("the other five", |watching| watching.out().matches("SUCCEEDED").count() == 5);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_request_that_cannot_be_built_is_not_sent() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, LASTS));
    for (filter, message) in [
        ("empty", "it has no result"),
        (".input, .name", "it has more than one result"),
        (".input.order", "cannot index a string with \"order\""),
        ("error(\"not today\")", "not today"),
        ("nan", "its result is not JSON"),
        ("\"/w==\" | @base64d", "its result is not UTF-8"),
        ("\"x\" * 11000000", "its result is larger than 10 MiB"),
    ] {
        let home = home(&gateway.url(), "", &format!("start = {{ request = '{filter}' }}"));
        let ran = start(&home, &["--wait"]).expect(2);
        assert!(ran.err.contains(message) && ran.err.contains("nothing was sent"), "{filter}: {ran:?}");
        home.write("lines.jsonl", "{\"a\": 1}\n{\"a\": 2}\n");
        let each = home.run(&["start", "order", "--each", "lines.jsonl", "--wait"]);
        assert!(each.code != Some(0) && each.err.contains(message), "{filter}: {each:?}");
        assert_eq!(gateway.requests(), 0, "{filter}");
    }
    // A name that would change the path.
    let dots = home(&gateway.url(), "", "start = \"/orders/{name}\"");
    let ran = start(&dots, &["--name", ".."]).expect(2);
    assert!(ran.err.contains("`.` or `..` as a segment; nothing was sent"), "{ran:?}");
    assert_eq!(gateway.requests(), 0);
}

#[test]
fn after_a_start_a_status_request_that_cannot_be_built_is_an_unknown_outcome() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, LASTS));
    let home = home(&gateway.url(), "", "status = { request = 'error(\"no\")' }");
    let ran = start(&home, &["--wait"]).expect(4);
    assert!(ran.err.contains("the filter `request` of the route `status` of `e`"), "{ran:?}");
    assert_eq!(gateway.starts(), 1);
    // Alone it is an error in the configuration, and nothing is sent.
    home.run(&["status", "@last"]).expect(2);
}

#[test]
fn every_type_of_result_is_judged_like_a_response() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, LASTS));
    let url = gateway.url();
    let plain = home(&url, "", "");
    let arn = start(&plain, &["--name", "run-1", "--wait"]).expect(0).object()["executionArn"].clone();
    let arn = arn.as_str().expect("an ARN").to_owned();
    let other = arn.replace("run-1", "run-2");
    for (filter, code, words) in [
        ("null".to_owned(), 4, "expected a JSON object, found null"),
        ("true".to_owned(), 4, "expected a JSON object, found true"),
        ("12345678901234567890".to_owned(), 4, "expected a JSON object, found 12345678901234567890"),
        (".status".to_owned(), 4, "expected a JSON object, found \"SUCCEEDED\""),
        ("[.]".to_owned(), 4, "expected a JSON object, found ["),
        ("{}".to_owned(), 4, "no `status` in its result {}; received {\"executionArn\": "),
        ("{status: 7}".to_owned(), 4, "`status` is not a string in its result {\"status\":7}"),
        ("{error: \"x\"}".to_owned(), 4, "no `status` in its result {\"error\":\"x\"}"),
        (".[]".to_owned(), 4, "it has more than one result"),
        ("empty".to_owned(), 4, "it has no result"),
        (".output.x".to_owned(), 4, "cannot index a string with \"x\""),
        (format!(".executionArn = \"{other}\""), 4, "about another execution"),
        (format!(".executionArn = \"{}\"", arn.replace("Order", "Refund")), 4, "about another execution"),
        (format!("{{status, stateMachineArn: \"{REFUND}\"}}"), 4, "about another execution"),
        (
            format!("{{__type: \"x#ExecutionDoesNotExist\", message: \"Execution Does Not Exist: '{arn}'\"}}"),
            3,
            "does not exist",
        ),
        (
            "{status: \"SUCCEEDED\", startDate: 1e400, stopDate: 12345678901234567890, output: 1e400}".to_owned(),
            0,
            "1e400",
        ),
        ("{status, output: .input, redriveCount: -1, x: [[[[]]]]}".to_owned(), 0, "SUCCEEDED"),
        ("{status: \"NEW\"}".to_owned(), 0, "NEW"),
    ] {
        let home = home(&url, "", &format!("status = {{ answer = '''{filter}''' }}"));
        let ran = home.run(&["status", &arn, "--output", "json"]);
        assert!(printed(&ran).contains(words), "{filter}: {ran:?}");
        assert_eq!(ran.code, Some(code), "{filter}: {ran:?}");
        if code == 4 {
            assert!(!ran.out.contains("SUCCEEDED"), "{filter}: {ran:?}");
            let is_named = ran.err.contains("the filter `answer` of the route `status` of `e`")
                && ran.err.contains("Check `status.answer` in [endpoints.e.routes].");
            assert!(is_named != words.contains("another execution"), "{filter}: {ran:?}");
        }
    }
}

#[test]
fn a_filter_that_names_another_machine_or_execution_is_not_believed() {
    let runtime = runtime();
    let other_machine = REFUND.replace("stateMachine", "execution");
    // What the response does not show is found by asking, but not where it is about another machine.
    for (answer, code, words) in [
        (format!("{{executionArn: \"{other_machine}:run-1\"}}"), 4, "another state machine"),
        ("{executionArn: \"nonsense\"}".to_owned(), 0, "`executionArn` is not an ARN in its result {\"executionArn\":"),
        ("{executionArn: 7}".to_owned(), 0, "of the route `start` of `e`: `executionArn` is not a string"),
        ("{executionArn: (.executionArn + \"x\")}".to_owned(), 0, "the response names"),
        ("{}".to_owned(), 0, "no `executionArn` in its result {}; received {\"executionArn\":"),
        ("{executionArn: null}".to_owned(), 0, "no executionArn"),
        ("empty".to_owned(), 0, "it has no result"),
    ] {
        let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, LASTS));
        let home = home(&gateway.url(), "names = \"passed-on\"", &format!("start = {{ answer = '''{answer}''' }}"));
        let ran = start(&home, &["--wait", "--timeout", "5s"]).expect(code);
        assert!(ran.err.contains(words) && ran.err.contains("is unresolved"), "{answer}: {ran:?}");
        assert_eq!((gateway.executions().len(), gateway.starts()), (1, 1), "{answer}: {ran:?}");
        let started = &gateway.executions()[0].0;
        assert_eq!(ran.object()["executionArn"].as_str() == Some(started), code == 0, "{answer}: {ran:?}");
    }
}

/// A gateway that names executions itself, repeats the name that was sent, and at some time loses responses.
fn echo(runtime: &Runtime, loses: &'static AtomicBool) -> OddGateway {
    runtime.block_on(OddGateway::serve_with(Shape::Unnamed, LASTS, |request: &Request, fate| match fate {
        Fate::Reply(_) if request.path.ends_with("/execution") && loses.load(Ordering::SeqCst) => Fate::Close,
        Fate::Reply(reply) if request.path.ends_with("/execution") => {
            let sent: Value = serde_json::from_str(&request.body).expect("JSON");
            Fate::Reply(Reply { body: json!({ "name": sent["name"] }).to_string(), ..reply })
        }
        other => other,
    }))
}

#[test]
fn an_arn_that_a_filter_has_put_together_shows_nothing_about_names() {
    static LOSES: AtomicBool = AtomicBool::new(false);
    let runtime = runtime();
    let gateway = echo(&runtime, &LOSES);
    let arn = ORDER.replace("stateMachine", "execution");
    let routes = format!("start = {{ answer = '''{{executionArn: \"{arn}:\\(.name)\"}}''' }}");
    let home = home(&gateway.url(), "", &routes);
    start(&home, &[]).expect(0);
    LOSES.store(true, Ordering::SeqCst);
    let lost = start(&home, &["--wait", "--timeout", "20s"]).expect(4);
    assert_eq!((gateway.starts(), gateway.executions().len()), (2, 2), "{lost:?}");
    assert_eq!(lost.object()["start"], "unresolved");
}

#[test]
fn a_request_without_the_name_is_sent_once_whatever_was_known_or_configured() {
    let runtime = runtime();
    let lost = Arc::new(AtomicUsize::new(usize::MAX));
    let from = Arc::clone(&lost);
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Documented, LASTS, move |request: &Request, fate| {
        let is_start = request.path.ends_with("/execution");
        if is_start && from.fetch_sub(1, Ordering::SeqCst) == 0 { Fate::Close } else { fate }
    }));
    // Names are passed on, as the first response shows.
    let home = home(&gateway.url(), "", "");
    start(&home, &["--wait"]).expect(0);
    for endpoint in ["", "names = \"passed-on\""] {
        let routes = "start = { request = '{stateMachineArn, input}' }";
        let url = gateway.url();
        let changed = format!(
            "[endpoints.e]\nurl = \"{url}\"\n{endpoint}\n[endpoints.e.routes]\n{routes}\n[machines.order]\narn = \"{ORDER}\"\n"
        );
        home.write("config.toml", &changed);
        lost.store(0, Ordering::SeqCst);
        let before = (gateway.starts(), gateway.executions().len());
        let ran = start(&home, &["--wait", "--timeout", "20s"]).expect(4);
        assert_eq!((gateway.starts(), gateway.executions().len()), (before.0 + 1, before.1 + 1), "{ran:?}");
        assert_eq!(ran.object()["start"], "unresolved", "{ran:?}");
        home.run(&["watch", "--timeout", "5s"]).expect(4);
        assert!(!home.run(&["list"]).expect(0).out.to_lowercase().contains("not started"), "{endpoint}");
        lost.store(usize::MAX, Ordering::SeqCst);
    }
}

#[test]
fn secrets_reach_neither_a_filter_nor_anything_that_it_returns() {
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve_before(Shape::Documented, LASTS, |request: &Request| {
        let arn = ORDER.replace("stateMachine", "execution") + ":run-1";
        let body = json!({
            "executionArn": arn, "state": "FAILED", "echo": SECRET, "nested": { "key": [SECRET] },
            "output": format!("{{\"k\":\"{SECRET}\"}}"), "path": request.path,
        });
        Some(Fate::reply("200 OK", body.to_string()))
    }));
    let arn = ORDER.replace("stateMachine", "execution") + ":run-1";
    for (filter, code) in [
        ("{status: .state, error: .echo, cause: .nested, x: .echo}", 1),
        ("{status: .state, error: (.output | fromjson | .k), cause: .output, y: {output: .output}}", 1),
        (
            "{status: .state, error: (.output | @base64), cause: (.output | explode | map(tostring) | join(\" \") | .[:20])}",
            1,
        ),
        ("error(.output)", 4),
        (".output.x", 4),
        ("error(.echo)", 4),
        (".echo | tonumber", 4),
        (".output", 4),
    ] {
        let auth = "auth = { type = \"api-key\", env = \"KEY\" }\nheaders = { X-Token = { env = \"KEY\" } }";
        let home = home(&gateway.url(), auth, &format!("status = {{ answer = '{filter}' }}"));
        let log = home.path().join("log.txt");
        let log = log.to_str().expect("a path");
        let mut command = home.command(&["-v", "--log", log, "status", &arn, "--output", "json"]);
        let ran = ran(command.env("KEY", SECRET));
        let log = std::fs::read_to_string(log).expect("a log");
        let everything = format!("{}{log}", printed(&ran));
        assert!(!everything.contains(SECRET) && !everything.contains("canary"), "{filter}: {everything}");
        assert!(ran.code == Some(code) || (code == 1 && ran.code == Some(0)), "{filter}: {ran:?}");
        assert!(log.contains("/execution/status"), "{log}");
    }
}

/// Serves one body, byte for byte, to every request.
fn serve_bytes(body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 8192];
            let _ = stream.read(&mut buffer);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    format!("http://{address}/dev")
}

#[test]
fn bodies_of_every_kind_reach_the_filter_or_are_unreadable() {
    let arn = ORDER.replace("stateMachine", "execution") + ":run-1";
    let nested = |levels: usize| {
        format!("{{\"status\":\"SUCCEEDED\",\"x\":{}{}}}", "[".repeat(levels), "]".repeat(levels)).into_bytes()
    };
    let long = format!("{{\"status\":\"SUCCEEDED\",\"output\":\"{}\"}}", "x".repeat(9 * 1024 * 1024));
    let by_type = "if type == \"string\" then {status: \"SUCCEEDED\", output: .} else . end";
    for (body, filter, code, words) in [
        (b"\xff\xfe{}".to_vec(), by_type, 0, "\u{fffd}\u{fffd}{}"),
        (b"{\"status\":\"\xff\"}".to_vec(), ".", 4, ""),
        (b"plain text".to_vec(), by_type, 0, "plain text"),
        (Vec::new(), by_type, 0, "SUCCEEDED"),
        (b"<html><title>Log in</title></html>".to_vec(), ".status", 4, "Log in"),
        (b"<html><title>Log in</title></html>".to_vec(), by_type, 4, "Log in"),
        (b"queued, number 4".to_vec(), ".status", 4, "\"status\"; received queued, number 4"),
        (Vec::new(), ".status", 4, "\"status\"; received an empty body"),
        (b"{\"status\":\"RUNNING\",\"status\":\"SUCCEEDED\"}".to_vec(), ".", 0, "SUCCEEDED"),
        (
            b"{\"status\":\"SUCCEEDED\",\"n\":[1e400,12345678901234567890,1.10,-0]}".to_vec(),
            "{status, output: .n}",
            0,
            "[1e400,12345678901234567890,1.10,-0]",
        ),
        (nested(10_000), ".", 0, "SUCCEEDED"),
        (nested(4_000_000), ".", 4, "nests too deeply"),
        (long.clone().into_bytes(), "{status, output: .output[:9]}", 0, "xxxxxxxxx"),
        (long.into_bytes(), ".", 0, "SUCCEEDED"),
    ] {
        let home = home(&serve_bytes(body), "", &format!("status = {{ answer = '{filter}' }}"));
        let ran = home.run(&["status", &arn, "--output", "json"]);
        let text: String = printed(&ran).chars().take(2_000).collect();
        assert_eq!(ran.code, Some(code), "{filter}: {text}");
        assert!(text.contains(words), "{filter}: {text}");
        let is_of_filter = code == 4 && !text.contains("Log in");
        assert_eq!(text.contains("the filter `answer` of the route `status` of `e`"), is_of_filter, "{filter}: {text}");
        assert_eq!(text.contains("no login page"), text.contains("a web page"), "{filter}: {text}");
    }
}

#[test]
fn a_get_has_no_body_and_its_values_are_encoded() {
    let runtime = runtime();
    let seen = Arc::new(std::sync::Mutex::new(Vec::<Request>::new()));
    let requests = Arc::clone(&seen);
    let gateway = runtime.block_on(OddGateway::serve_before(Shape::Documented, LASTS, move |request: &Request| {
        requests.lock().expect("the requests").push(request.clone());
        Some(Fate::reply("200 OK", json!({ "status": "SUCCEEDED" }).to_string()))
    }));
    let routes = "status = { path = '/s/{executionArn}/x?n={name}&m={stateMachineArn}&p=%20', method = 'GET' }";
    let home = home(&gateway.url(), "", routes);
    let arn = "arn:aws:states:us-east-1:123456789012:execution:Order/Map:é-注.b(1)";
    home.run(&["status", arn]).expect(0);
    let requests = seen.lock().expect("the requests");
    let expected = "/dev/s/arn%3Aaws%3Astates%3Aus-east-1%3A123456789012%3Aexecution%3AOrder%2FMap%3A%C3%A9-%E6%B3%A8.b%281%29/x\
                    ?n=%C3%A9-%E6%B3%A8.b%281%29\
                    &m=arn%3Aaws%3Astates%3Aus-east-1%3A123456789012%3AstateMachine%3AOrder%2FMap&p=%20";
    assert_eq!((&*requests[0].method, &*requests[0].path, &*requests[0].body), ("GET", expected, ""));
}

#[test]
fn requests_at_once_get_their_own_results_also_after_some_were_dropped() {
    child::set_program(env!("CARGO_BIN_EXE_stepgate").into());
    let runtime = runtime();
    let gateway = runtime.block_on(OddGateway::serve(Shape::Documented, LASTS));
    let home = home(&gateway.url(), "", "");
    let arns: Vec<ExecutionArn> = (0..20)
        .map(|number| {
            let object = start(&home, &["--name", &format!("run-{number}")]).expect(0).object();
            ExecutionArn::parse(object["executionArn"].as_str().expect("an ARN")).expect("an ARN")
        })
        .collect();
    let status_route =
        RouteSettings { answer: Some("{status, name}".into()), ..RouteSettings::from("/execution/status") };
    let endpoint = Endpoint { status_route, ..Endpoint::plain("e", &gateway.url()) };
    let client = Arc::new(Client::new(endpoint).expect("a client"));
    runtime.block_on(async {
        for round in 0..3 {
            let ask = |arn: &ExecutionArn| {
                let (client, arn) = (Arc::clone(&client), arn.clone());
                tokio::spawn(async move { (arn.name().to_owned(), client.status(&arn).await) })
            };
            let asked: Vec<_> = arns.iter().map(ask).collect();
            for (number, asked) in asked.into_iter().enumerate() {
                if number % 3 == round {
                    asked.abort();
                    continue;
                }
                let (name, seen) = asked.await.expect("no panic");
                assert_eq!(seen.expect("a status").subject.name, Some(name));
            }
        }
    });
}
