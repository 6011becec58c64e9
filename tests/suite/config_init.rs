//! `config init URL`: what it finds out about gateways works without edits, and nothing is started meanwhile.
#![cfg(unix)]

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use stepgate_local::Options;
use tokio::runtime::Runtime;

use crate::support::cli::{Home, MACHINE, Ran, ran};
use crate::support::gateway::{Served, answering, http, replying};
use crate::support::mapped::MappedGateway;
use crate::support::odd::{Fate, ORDER, OddGateway, Reply, Request, Shape};
use crate::support::proxy;
use crate::support::tls::{Clients, serve, written};

const FORBIDDEN: &str = "{\"message\":\"Forbidden\"}";
const NO_ROUTE: &str = "{\"message\":\"Missing Authentication Token\"}";

/// The file that a program without `--config` writes.
fn file(home: &Home) -> PathBuf {
    let written = home.run(&["config", "path"]).expect(0).out;
    PathBuf::from(written.trim_end())
}

/// Writes the configuration of a gateway, and uses it as it is.
fn written_and_used(home: &Home, arguments: &[&str], machine: &str, environment: &[(&str, &str)]) -> String {
    let run = |arguments: &[&str]| ran(home.command(arguments).envs(environment.iter().copied()));
    let text = run(&[&["config", "init"], arguments, &["--machine", machine, "--write"]].concat()).expect(0).out;
    assert_eq!(std::fs::read_to_string(file(home)).expect("the file"), text);
    run(&["config", "check"]).expect(0);
    run(&["doctor"]).expect(0);
    let started = run(&["start", machine, "--wait", "--output", "json"]).expect(0);
    assert_eq!(started.object()["status"], "SUCCEEDED", "{text}");
    text
}

/// The names of the routes that a configuration declares.
fn declared(ran: &Ran) -> Vec<String> {
    let object = ran.object();
    let mut routes: Vec<String> = object["routes"].as_object().expect("routes").keys().cloned().collect();
    routes.sort();
    routes
}

fn is_known(request: &Request) -> bool {
    matches!(&*request.path, "/dev/execution" | "/dev/execution/status")
}

#[test]
fn the_local_gateway_is_found_out_with_all_its_routes() {
    let runtime = Runtime::new().expect("a runtime");
    for map_errors in [false, true] {
        let served = runtime.block_on(async { Served::new(Options { map_errors, ..Options::default() }) });
        let (home, url) = (Home::empty(), served.url());
        let found = home.run(&["config", "init", &url, "--output", "json"]).expect(0);
        let all = ["definition", "history", "list", "logs", "machines", "redrive", "start", "status", "stop"];
        assert_eq!(declared(&found), all);
        let object = found.object();
        assert_eq!((&object["api"], &object["errorsAre200"]), (&json!("rest"), &json!(!map_errors)), "{object}");
        assert!(!file(&home).exists() && found.err.contains("not written"), "{found:?}");
        assert_eq!((served.gateway.starts().total, served.gateway.executions().len()), (0, 0));
        let text = written_and_used(&home, &[&url], &format!("{MACHINE}PassStateMachine"), &[]);
        assert!(text.contains("# A REST API. Errors of Step Functions") && text.contains("[endpoints.dev]"), "{text}");
        assert_eq!(served.gateway.executions().len(), 1);
    }
}

#[test]
fn a_printed_configuration_starts_listed_machines_by_name_and_by_arn() {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::empty();
    let printed = home.run(&["config", "init", &served.url()]).expect(0).out;
    assert!(printed.contains("[machines.PassStateMachine]"), "{printed}");
    assert!(printed.contains("StateMachine\"\ntype = \"express\"\n") && printed.contains("# sync = "), "{printed}");
    for machine in ["PassStateMachine", &format!("{MACHINE}OrderStateMachine")] {
        home.write("config.toml", &printed);
        home.run(&["config", "check"]).expect(0);
        home.run(&["doctor"]).expect(0);
        home.run(&["start", machine, "--wait"]).expect(0);
    }
}

#[test]
fn an_api_that_makes_up_names_is_found_out() {
    let runtime = Runtime::new().expect("a runtime");
    let unknown = |request: &Request| (!is_known(request)).then(|| Fate::reply("403 Forbidden", NO_ROUTE));
    let serve = OddGateway::serve_before(Shape::Unnamed, Duration::from_millis(100), unknown);
    let gateway = runtime.block_on(serve);
    let home = Home::empty();
    let found = home.run(&["config", "init", &gateway.url(), "--output", "json"]).expect(0);
    assert_eq!(declared(&found), ["start", "status"]);
    assert!(gateway.requests() <= 10 && gateway.starts() == 0, "{} requests", gateway.requests());
    let text = written_and_used(&home, &[&gateway.url()], ORDER, &[]);
    assert!(text.contains("# stop = ") && text.contains("StopExecution: no such route"), "{text}");
}

#[test]
fn a_server_that_closes_the_connection_at_unknown_paths_is_found_out() {
    let runtime = Runtime::new().expect("a runtime");
    for shape in [Shape::Documented, Shape::Objects, Shape::StatusOnly, Shape::Late] {
        let gateway = runtime.block_on(OddGateway::serve(shape, Duration::from_millis(100)));
        let home = Home::empty();
        let found = home.run(&["config", "init", &gateway.url(), "--output", "json"]).expect(0);
        assert_eq!((declared(&found), gateway.starts()), (vec!["start".into(), "status".into()], 0), "{shape:?}");
        written_and_used(&home, &[&gateway.url()], ORDER, &[]);
    }
}

#[test]
fn an_http_api_with_a_lambda_function_is_found_out() {
    let header = || vec![("apigw-requestid".to_owned(), "id-1=".to_owned()), ("x-amzn-requestid".into(), "x".into())];
    let reply = move |status: &'static str, body: String| Fate::Reply(Reply { status, headers: header(), body });
    let hook = move |request: &Request, fate: Fate| match fate {
        _ if !is_known(request) => reply("404 Not Found", json!({ "message": "Not Found" }).to_string()),
        // The function passes the message of the SDK's exception on.
        Fate::Reply(given) if given.body.contains("__type") => {
            let error: Value = serde_json::from_str(&given.body).expect("an error");
            reply("400 Bad Request", json!({ "message": error["message"] }).to_string())
        }
        Fate::Reply(given) => reply(given.status, given.body),
        fate => fate,
    };
    let runtime = Runtime::new().expect("a runtime");
    let gateway = runtime.block_on(OddGateway::serve_with(Shape::Iso, Duration::from_millis(100), hook));
    let text = written_and_used(&Home::empty(), &[&gateway.url()], ORDER, &[]);
    assert!(text.contains("# An HTTP API. Errors of Step Functions have an HTTP status of their own."), "{text}");
}

#[test]
fn responses_in_an_envelope_are_found_out() {
    let runtime = Runtime::new().expect("a runtime");
    let gateway = runtime.block_on(MappedGateway::serve("statusCode and body", Duration::from_millis(100)));
    let found = Home::empty().run(&["config", "init", &gateway.url(), "--output", "json"]).expect(0).object();
    let unwrapped = |path: &str| json!({ "path": path, "method": "POST", "answer": ".body | fromjson" });
    assert_eq!(found["routes"], json!({ "start": unwrapped("/execution"), "status": unwrapped("/execution/status") }));
    let text = written_and_used(&Home::empty(), &[&gateway.url()], ORDER, &[]);
    assert!(text.contains("status = { path = \"/execution/status\", answer = \".body | fromjson\" }"), "{text}");
    assert_eq!((gateway.starts(), gateway.executions().len()), (1, 1));
}

/// Returns what may be sent to find a GET: nothing that could start something.
fn is_harmless(request: &Request) -> bool {
    let path = request.path.strip_prefix("/dev").unwrap_or(&request.path);
    match &*request.method {
        "GET" => path.contains("status") || path.contains("%3Aexecution%3A"),
        _ => !matches!(path, "/execution" | "/execution/sync" | "/start" | "/jobs"),
    }
}

#[test]
fn a_status_route_that_is_a_get_is_found_out() {
    let runtime = Runtime::new().expect("a runtime");
    for (recipe, path) in
        [("ARN in the query", "/status?arn={executionArn}"), ("202 with a status URL", "/status/{executionArn}")]
    {
        let gateway = runtime.block_on(MappedGateway::serve(recipe, Duration::from_millis(100)));
        let found = Home::empty().run(&["config", "init", &gateway.url(), "--output", "json"]).expect(0).object();
        assert_eq!(found["routes"]["status"], json!({ "path": path, "method": "GET", "answer": null }), "{recipe}");
        assert_eq!(found["routes"]["start"], json!({ "path": "/execution", "method": "POST", "answer": null }));
        let requests = gateway.requests();
        assert!(requests.len() <= 20 && requests.iter().all(is_harmless), "{requests:?}");
        assert_eq!((gateway.starts(), gateway.executions().len()), (0, 0));
    }
    let gateway = runtime.block_on(MappedGateway::serve("ARN in the query", Duration::from_millis(100)));
    let text = written_and_used(&Home::empty(), &[&gateway.url()], ORDER, &[]);
    assert!(text.contains("status = { path = \"/status?arn={executionArn}\", method = \"GET\" }"), "{text}");
}

#[test]
fn a_status_route_with_a_placeholder_is_requested_with_get() {
    let runtime = Runtime::new().expect("a runtime");
    let gateway = runtime.block_on(MappedGateway::serve("job_id", Duration::from_millis(100)));
    for route in ["status=/jobs/{name}", "status=GET /jobs/{name}"] {
        let home = Home::empty();
        let arguments =
            ["config", "init", &gateway.url(), "--route", route, "--machine", ORDER, "--route", "start=/jobs"];
        let found = home.run(&arguments).expect(0).out;
        assert!(found.contains("status = { path = \"/jobs/{name}\", method = \"GET\" }"), "{found}");
        home.write("config.toml", &found);
        home.run(&["config", "check"]).expect(0);
    }
    let requests = gateway.requests();
    let of_jobs =
        |request: &&Request| request.method == "GET" && request.path.starts_with("/dev/jobs/stepgate-doctor-");
    assert_eq!(requests.iter().filter(of_jobs).count(), 2, "{requests:?}");
    assert_eq!(gateway.starts(), 0);
    let posted = ["config", "init", &gateway.url(), "--route", "status=POST /jobs/{name}"];
    let refused = Home::empty().run(&posted).expect(3);
    assert!(refused.err.contains("route: /jobs/{name}: the gateway has no such route"), "{refused:?}");
}

#[test]
fn a_get_that_exists_and_refuses_is_the_one_that_is_explained() {
    let runtime = Runtime::new().expect("a runtime");
    let url = runtime.block_on(replying(|request| {
        let is_status = request.starts_with("GET /dev/executions/arn%3A");
        http("403 Forbidden", "", if is_status { FORBIDDEN } else { NO_ROUTE })
    }));
    let refused = Home::empty().run(&["config", "init", &url]).expect(3);
    assert!(refused.err.contains("route: /executions/{executionArn}: "), "{refused:?}");
    assert!(refused.out.is_empty() && refused.err.contains("--api-key-env NAME"), "{refused:?}");
}

/// A gateway that lists machines, has log events, and knows no execution. Each page has `size` of `count` machines.
async fn listing(count: usize, size: usize) -> (String, std::sync::Arc<Mutex<Vec<String>>>) {
    listing_in(|status, body| http(status, "", &body.to_string()), count, size).await
}

/// Like `listing`, with each response in this form.
async fn listing_in(
    form: impl Fn(&str, Value) -> String + Send + Sync + 'static,
    count: usize,
    size: usize,
) -> (String, std::sync::Arc<Mutex<Vec<String>>>) {
    let requests = std::sync::Arc::new(Mutex::new(Vec::new()));
    let received = std::sync::Arc::clone(&requests);
    let url = replying(move |request| {
        received.lock().expect("the requests").push(request.to_owned());
        let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let machine = |index: usize| {
            let name = if index == 0 { "a.\"b\\注".to_owned() } else { format!("machine-{index}") };
            let mut machine =
                json!({ "stateMachineArn": format!("arn:aws:states:eu-west-1:111122223333:stateMachine:{name}") });
            if index > 0 {
                machine["type"] = if index == 1 { "EXPRESS" } else { "STANDARD" }.into();
            }
            machine
        };
        match request.split(' ').nth(1).unwrap_or_default() {
            "/dev/execution/status" => {
                let error = json!({ "__type": "ExecutionDoesNotExist", "message": "Execution Does Not Exist" });
                form("400 Bad Request", error)
            }
            "/dev/execution/logs" => form("200 OK", json!({ "events": [] })),
            "/dev/machines" => {
                let from: usize = body["nextToken"].as_str().map_or(0, |token| token.parse().expect("a number"));
                let most = size.min(body["maxResults"].as_u64().and_then(|most| most.try_into().ok()).unwrap_or(size));
                let until = count.min(from + most);
                let mut page = json!({ "stateMachines": (from..until).map(machine).collect::<Vec<_>>() });
                if until < count {
                    page["nextToken"] = until.to_string().into();
                }
                form("200 OK", page)
            }
            _ => http("403 Forbidden", "", NO_ROUTE),
        }
    });
    (url.await, requests)
}

#[test]
fn machines_in_an_envelope_are_declared() {
    let runtime = Runtime::new().expect("a runtime");
    let enveloped = |status: &str, body: Value| {
        let code: u16 = status[..3].parse().expect("a number");
        http("200 OK", "", &json!({ "statusCode": code, "body": body.to_string() }).to_string())
    };
    let (url, _) = runtime.block_on(listing_in(enveloped, 3, 2));
    let home = Home::empty();
    let text = home.run(&["config", "init", &url, "--write"]).expect(0).out;
    assert!(text.contains("machines = { path = \"/machines\", answer = \".body | fromjson\" }"), "{text}");
    home.run(&["config", "check"]).expect(0);
    assert_eq!(home.run(&["machines", "--output", "json"]).expect(0).objects().len(), 3);
    // What cannot be read as a list of machines is not declared.
    let broken = |_: &str, _: Value| http("200 OK", "", &json!({ "statusCode": 500, "body": "{}" }).to_string());
    let (url, _) = runtime.block_on(listing_in(broken, 3, 2));
    let text = Home::empty().run(&["config", "init", &url]).expect(0).out;
    assert!(text.contains("\n# machines = \"/machines\" "), "{text}");
}

#[test]
fn machines_that_the_gateway_lists_are_declared() {
    let runtime = Runtime::new().expect("a runtime");
    let (url, requests) = runtime.block_on(listing(3, 100));
    let home = Home::empty();
    let found = home.run(&["config", "init", &url, "--write", "--output", "json"]).expect(0);
    assert_eq!(declared(&found), ["logs", "machines", "start", "status"]);
    let found = found.object();
    let machine = |name: &str, machine_type: Value| {
        let arn = format!("arn:aws:states:eu-west-1:111122223333:stateMachine:{name}");
        json!({ "name": name, "stateMachineArn": arn, "type": machine_type })
    };
    let expected = [
        machine("a.\"b\\注", Value::Null),
        machine("machine-1", "EXPRESS".into()),
        machine("machine-2", "STANDARD".into()),
    ];
    assert_eq!((&found["machines"], &found["region"]), (&json!(expected), &json!("eu-west-1")));
    let text = found["config"].as_str().expect("a text");
    assert!(text.contains("\n# sync = \"/execution/sync\" ") && !text.contains("lists more than"), "{text}");
    home.run(&["config", "check"]).expect(0);
    let listed = home.run(&["machines", "--output", "json"]).expect(0).objects();
    let types: Vec<&Value> = listed.iter().map(|machine| &machine["type"]).collect();
    assert_eq!(types.len(), 3, "{listed:?}");
    // The same machines on another endpoint are given other names.
    home.run(&["config", "init", &url, "--name", "two", "--write"]).expect(0);
    home.run(&["config", "check"]).expect(0);
    assert_eq!(home.run(&["machines", "--output", "json"]).expect(0).objects().len(), 6);
    let requests = requests.lock().expect("the requests");
    let is_started =
        |request: &String| request.contains(" /dev/execution/sync ") || request.contains(" /dev/execution ");
    assert!(!requests.iter().any(is_started), "{requests:?}");
    let logs = requests.iter().find(|request| request.contains(" /dev/execution/logs ")).expect("a request");
    assert!(logs.contains("\"startTime\":4102444800000") && logs.contains("\"limit\":1"), "{logs}");
}

#[test]
fn a_long_list_of_machines_is_cut() {
    let runtime = Runtime::new().expect("a runtime");
    for (count, size, declared) in [(60, 100, 50), (1_000, 2, 10)] {
        let (url, requests) = runtime.block_on(listing(count, size));
        let home = Home::empty();
        let text = home.run(&["config", "init", &url, "--write"]).expect(0).out;
        assert!(text.contains(&format!("# The gateway lists more than {declared} machines.")), "{text}");
        home.run(&["config", "check"]).expect(0);
        assert_eq!(home.run(&["machines", "--output", "json"]).expect(0).objects().len(), declared);
        assert!(requests.lock().expect("the requests").len() <= 20);
    }
}

/// A gateway whose requests must contain `secret` (in lower case) and are otherwise answered with `refusal`; the only route
/// besides the required ones is `stop`.
async fn guarded(secret: &'static str, refusal: String, unknown: String) -> String {
    let known = Mutex::new(HashSet::new());
    replying(move |request| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        if !["/dev/execution", "/dev/execution/status", "/dev/execution/stop"].contains(&path) {
            return unknown.clone();
        }
        if !request.to_lowercase().contains(secret) {
            return refusal.clone();
        }
        let mut known = known.lock().expect("the executions");
        let text = |member: &str| body[member].as_str().unwrap_or_default().to_owned();
        if path == "/dev/execution" {
            let arn = format!("{}:{}", text("stateMachineArn").replace(":stateMachine:", ":execution:"), text("name"));
            known.insert(arn.clone());
            return http("200 OK", "", &json!({ "executionArn": arn, "startDate": 1.7E9 }).to_string());
        }
        let arn = text("executionArn");
        if known.contains(&arn) {
            let described = json!({ "executionArn": arn, "status": "SUCCEEDED", "output": "{}" });
            return http("200 OK", "", &described.to_string());
        }
        let message = format!("Execution Does Not Exist: '{arn}'");
        let error = json!({ "__type": "com.amazonaws.swf.service.v2.model#ExecutionDoesNotExist", "message": message });
        http("200 OK", "", &error.to_string())
    })
    .await
}

#[test]
fn a_required_key_is_found_out_and_never_printed() {
    let runtime = Runtime::new().expect("a runtime");
    let error = |error_type: &str, body: &str| http("403 x", &format!("x-amzn-errortype: {error_type}\r\n"), body);
    let (refusal, unknown) =
        (error("ForbiddenException", FORBIDDEN), error("MissingAuthenticationTokenException", NO_ROUTE));
    let url = runtime.block_on(guarded("x-api-key: key-1\r\n", refusal, unknown));
    let home = Home::empty();
    let missing = home.run(&["config", "init", &url]).expect(3);
    assert!(missing.out.is_empty() && missing.err.contains("--api-key-env NAME"), "{missing:?}");
    let unset = home.run(&["config", "init", &url, "--api-key-env", "KEY"]).expect(2);
    assert!(unset.err.contains("KEY"), "{unset:?}");
    let arguments = ["config", "init", &url, "--api-key-env", "KEY"];
    let wrong = ran(home.command(&arguments).env("KEY", "wrong-key-1")).expect(3);
    assert!(wrong.out.is_empty() && !wrong.err.contains("wrong-key-1"), "{wrong:?}");
    let right = ran(home.command(&arguments).env("KEY", "key-1").args(["-v", "--output", "json"])).expect(0);
    assert!(!format!("{right:?}").contains("key-1"), "{right:?}");
    assert_eq!(declared(&right), ["start", "status", "stop"]);
    written_and_used(&home, &arguments[2..], ORDER, &[("KEY", "key-1")]);
}

#[test]
fn a_required_token_or_signature_is_found_out() {
    let runtime = Runtime::new().expect("a runtime");
    let header = "apigw-requestid: id-1=\r\n";
    let unauthorized = http("401 Unauthorized", header, "{\"message\":\"Unauthorized\"}");
    let forbidden = http("403 Forbidden", header, FORBIDDEN);
    let not_found = http("404 Not Found", header, "{\"message\":\"Not Found\"}");
    let environment =
        [("TOKEN", "token-1"), ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret-1")];
    for (secret, refusal, option, arguments) in [
        ("authorization: bearer token-1\r\n", unauthorized, "--bearer-env NAME", &["--bearer-env", "TOKEN"][..]),
        ("authorization: aws4-hmac-sha256 ", forbidden, "--iam", &["--iam", "--region", "us-east-1"]),
    ] {
        let url = runtime.block_on(guarded(secret, refusal, not_found.clone()));
        let home = Home::empty();
        let missing = home.run(&["config", "init", &url]).expect(3);
        assert!(missing.out.is_empty() && missing.err.contains(option), "{missing:?}");
        let text = written_and_used(&home, &[&[&*url], arguments].concat(), ORDER, &environment);
        assert!(text.starts_with("# An HTTP API.") && !text.contains("token-1"), "{text}");
    }
}

#[test]
fn proxies_and_certificates_apply_as_in_other_commands() {
    let runtime = Runtime::new().expect("a runtime");
    let proxy = runtime.block_on(proxy::serve(Some("me:pw-canary")));
    let home = Home::empty();
    let mut command = home.command(&["config", "init", "https://gateway.invalid/dev"]);
    let refused = ran(command.env("HTTPS_PROXY", proxy.url_with("me:other-canary@")));
    assert!(proxy.counted().refused > 0 && refused.out.is_empty(), "{refused:?}");
    assert!(refused.err.contains("refuses this user or password") && !refused.err.contains("canary"), "{refused:?}");
    let server = runtime.block_on(serve(Clients::Anybody));
    written(home.path(), "ca.pem", &server.authority);
    let trusted = home.run(&["config", "init", &server.url, "--ca-file", "ca.pem"]).expect(4);
    assert!(trusted.err.contains("success for an execution that cannot exist"), "{trusted:?}");
}

#[test]
fn routes_have_the_paths_that_are_given() {
    let runtime = Runtime::new().expect("a runtime");
    let unknown = |request: &Request| {
        let known = matches!(&*request.path, "/dev/jobs/execution" | "/dev/jobs/state");
        (!known).then(|| Fate::reply("403 Forbidden", NO_ROUTE))
    };
    let serve = OddGateway::serve_before(Shape::Documented, Duration::from_millis(100), unknown);
    let url = runtime.block_on(serve).url();
    let home = Home::empty();
    let refused = home.run(&["config", "init", &url]).expect(3);
    assert!(refused.err.contains("--route status=PATH") && refused.err.contains("--iam"), "{refused:?}");
    let routes = [&url, "--route", "start=/jobs/execution", "--route", "status=/jobs/state"];
    written_and_used(&home, &routes, ORDER, &[]);
}

#[test]
fn a_gateway_that_takes_any_path_is_not_asked_for_optional_routes() {
    let runtime = Runtime::new().expect("a runtime");
    // One refuses unknown paths, except below /execution; the other refuses none.
    for below in ["/dev/execution/", "/dev/"] {
        let asked = std::sync::Arc::new(Mutex::new(Vec::new()));
        let log = std::sync::Arc::clone(&asked);
        let before = move |request: &Request| {
            log.lock().expect("the paths").push(request.path.clone());
            let started = json!({ "executionArn": format!("{ORDER}:x").replace(":stateMachine:", ":execution:") });
            match &*request.path {
                "/dev/execution/status" => None,
                path if path.starts_with(below) => Some(Fate::reply("200 OK", started.to_string())),
                _ => Some(Fate::reply("403 Forbidden", NO_ROUTE)),
            }
        };
        let serve = OddGateway::serve_before(Shape::Documented, Duration::from_millis(100), before);
        let url = runtime.block_on(serve).url();
        let found = Home::empty().run(&["config", "init", &url, "--output", "json"]).expect(0);
        assert_eq!(declared(&found), ["start", "status"]);
        let asked = asked.lock().expect("the paths").clone();
        let optional = ["/dev/execution/stop", "/dev/execution/redrive", "/dev/executions", "/dev/execution"];
        assert!(asked.iter().all(|path| !optional.contains(&&**path)), "{asked:?}");
        assert!(
            found.object()["config"].as_str().expect("a text").contains("does not refuse unknown paths"),
            "{found:?}"
        );
    }
}

#[test]
fn wrong_urls_get_the_advice_of_the_doctor_and_no_configuration() {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let page = "<html><head><title>Welcome</title></head></html>";
    let (found, missing) = (http("200 OK", "", page), http("404 Not Found", "", page));
    let page = runtime.block_on(answering(move |_| found.clone()));
    let no_page = runtime.block_on(answering(move |_| missing.clone()));
    let untrusted = runtime.block_on(serve(Clients::Anybody));
    let root = served.url().replace("/dev", "");
    for (url, code, expected) in [
        (root.as_str(), 3, "Nothing is deployed under this url"),
        (&served.url().replace("/dev", "/prod"), 3, "Nothing is deployed under this url"),
        ("http://127.0.0.1:1/dev", 4, "tcp: 127.0.0.1"),
        (&page, 4, "a web page, \"Welcome\""),
        (&no_page, 3, "Nothing is deployed under this url"),
        (&untrusted.url, 4, "--ca-file FILE"),
        ("ftp://x.example", 2, "begins with https://"),
        ("https://u:canary@x.example/dev", 2, "a user or password in the URL"),
        ("https://x.example/dev?a=b", 2, "must not contain `?`"),
    ] {
        let home = Home::empty();
        let ran = home.run(&["config", "init", url, "--write"]).expect(code);
        assert!(ran.out.is_empty() && ran.err.contains(expected), "{url}: {ran:?}");
        assert!(!ran.err.contains("canary") && !file(&home).exists(), "{url}: {ran:?}");
    }
    let copied = format!("{}/execution/status", served.url());
    let tolerated = Home::empty().run(&["config", "init", &copied]).expect(0);
    assert!(tolerated.out.contains(&format!("url = \"{}\"\n", served.url())), "{tolerated:?}");
    assert_eq!(served.gateway.starts().total, 0);
}

#[test]
fn an_invalid_value_is_named_by_its_argument() {
    let url = "https://x.execute-api.eu-west-1.amazonaws.com/dev";
    let elsewhere = "arn:aws:states:us-east-1:123456789012:stateMachine:M";
    for (arguments, expected) in [
        (
            &["ftp://x"][..],
            "URL: expected a URL that begins with https:// (or http:// for a gateway on this machine): `ftp",
        ),
        (&["https://x/dev", "--name", ""], "--name: a name needs at least one visible character"),
        (&["https://x/dev", "--name", " \t"], "--name: a name needs at least one visible character"),
        (&[url, "--region", "us-east-1"], "--region: `us-east-1` is not the region of the url"),
        (&["https://x/dev", "--region", ""], "--region: expected a region such as eu-west-1, found ``"),
        (&["https://x/dev", "--region", "a b"], "--region: expected a region such as eu-west-1, found `a b`"),
        (&[url, "--machine", "foo"], "--machine: not an ARN"),
        (&[url, "--machine", elsewhere], "calls another region, add --region eu-west-1\n"),
        (&[url, "--api-key-env", ""], "--api-key-env: expected the name of a variable"),
        (&[url, "--bearer-env", "A=B"], "--bearer-env: expected the name of a variable"),
        (&[url, "--iam", "--profile", ""], "--profile: it is empty"),
        (&[url, "--ca-file", "missing.pem"], "--ca-file: "),
        (&[url, "--route", "status=jobs"], "'--route <ROUTE=PATH>': expected a path that begins with `/`"),
        (&[url, "--route", "status=GET /jobs"], "'--route <ROUTE=PATH>': a GET request has no body"),
        (&["--url", "ftp://x"], "--url: expected a URL that begins with https://"),
        (&["--url", url, "--machine", "foo"], "--machine: not an ARN"),
        (&["--url", url, "--api-key-env", "A B"], "--api-key-env: expected the name of a variable"),
    ] {
        let home = Home::empty();
        let ran = home.run(&[&["config", "init"], arguments].concat()).expect(2);
        assert!(ran.out.is_empty() && ran.err.contains(expected), "{arguments:?}: {ran:?}");
        assert!(!ran.err.contains("endpoints.") && !ran.err.contains("machines."), "{arguments:?}: {ran:?}");
        assert!(!file(&home).exists(), "{arguments:?}");
    }
}

#[test]
fn an_existing_configuration_only_grows() {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let (home, url) = (Home::at(&served.url()), served.url());
    let config = || std::fs::read_to_string(home.path().join("config.toml")).expect("the configuration");
    let before = config();
    let refused = |arguments: &[&str], expected: &str| {
        let ran = home.run(&[&["config", "init"], arguments].concat()).expect(2);
        assert!(ran.out.is_empty() && ran.err.contains(expected), "{ran:?}");
        assert_eq!(config(), before);
    };
    refused(&[&url, "--write", "--name", "e"], "has an endpoint `e` already");
    refused(&[&url, "--write"], "set default-endpoint = \"e\"");
    home.write("config.toml", &format!("default-endpoint = \"e\"\n{before}# the end"));
    let before = config();
    let machine = format!("{MACHINE}OrderStateMachine");
    home.run(&["config", "init", &url, "--machine", &machine, "--write"]).expect(0);
    assert!(config().starts_with(&before), "{}", config());
    home.run(&["config", "check"]).expect(0);
    home.run(&["start", "OrderStateMachine", "--endpoint", "dev"]).expect(0);
    home.write("config.toml", "[endpoints.e]\nurl = 1\n");
    let faulty = home.run(&["config", "init", &url, "--write"]).expect(2);
    assert!(faulty.err.contains("config.toml:2: endpoints.e.url"), "{faulty:?}");
    assert_eq!(config(), "[endpoints.e]\nurl = 1\n");
}
