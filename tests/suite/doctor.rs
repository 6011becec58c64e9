//! The doctor of the real binary: no findings for a working gateway, and the right finding for each fault.
#![cfg(unix)]

use crate::support::cli::{Home, MACHINE, Ran, ran};
use crate::support::gateway::{Served, answering, http};
use crate::support::proxy;
use crate::support::situation::{Setup, Situation};
use crate::support::tls::{Clients, Server, serve, serve_with, written};
use rcgen::{CertificateParams, date_time_ymd};
use serde_json::Value;
use stepgate_local::Options;
use tokio::runtime::Runtime;

/// The findings, and how it ended.
fn examined(home: &Home, environment: &[(&str, &str)]) -> (Vec<Value>, Ran) {
    let mut command = home.command(&["doctor", "--output", "json"]);
    let ran = ran(command.envs(environment.iter().copied()));
    (ran.objects(), ran)
}

/// The words of what is not good, in order, and the exit code.
fn faults(home: &Home, environment: &[(&str, &str)]) -> (Vec<String>, i32) {
    let (findings, ran) = examined(home, environment);
    let is_bad = |finding: &&Value| finding["verdict"] == "failed" || finding["verdict"] == "warning";
    let word = |finding: &Value| finding["finding"].as_str().expect("a word").to_owned();
    for finding in findings.iter().filter(is_bad) {
        assert!(finding["advice"].as_str().is_some_and(|advice| !advice.is_empty()), "{finding}");
    }
    (findings.iter().filter(is_bad).map(word).collect(), ran.code.expect("a code"))
}

fn is(words: &[&str], code: i32) -> (Vec<String>, i32) {
    (words.iter().map(|word| (*word).to_owned()).collect(), code)
}

/// A home with an endpoint, these keys of it, and a machine.
fn home(url: &str, keys: &str) -> Home {
    let home = Home::empty();
    let config = format!("[endpoints.e]\nurl = \"{url}\"\n{keys}\n[machines.m]\narn = \"{MACHINE}PassStateMachine\"\n");
    home.write("config.toml", &config);
    home
}

#[test]
fn everything_is_green_on_a_whole_gateway_and_nothing_is_started() {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let home = Home::at(&served.url());
    // Creates the store, which is checked where there is one.
    home.run(&["list"]).expect(0);
    let (findings, ran) = examined(&home, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let parts = |finding: &Value| {
        let word = |member: &str| finding[member].as_str().expect("a word").to_owned();
        (word("check"), word("subject"), word("verdict"))
    };
    let findings: Vec<_> = findings.iter().map(parts).collect();
    for route in ["/execution/status", "/execution/stop", "/execution/redrive", "/execution/history", "/executions"] {
        assert!(findings.contains(&("route".into(), route.into(), "ok".into())), "{findings:?}");
    }
    for machine in ["pass", "order", "wait", "fail", "timeout"] {
        assert!(findings.contains(&("machine".into(), machine.into(), "ok".into())), "{findings:?}");
    }
    assert!(findings.contains(&("route".into(), "/execution".into(), "skipped".into())), "{findings:?}");
    assert!(findings.iter().all(|(.., verdict)| verdict == "ok" || verdict == "skipped"), "{findings:?}");
    assert_eq!((served.gateway.starts().total, served.gateway.executions().len()), (0, 0));
    let help = home.run(&["doctor", "--help"]).expect(0).out;
    let checks = help.split_once("`check` (").and_then(|(_, rest)| rest.split_once(')')).expect("the values").0;
    let checks: Vec<&str> = checks.split(|c: char| !c.is_alphanumeric()).collect();
    assert!(findings.iter().all(|(check, ..)| checks.contains(&check.as_str())), "{checks:?} {findings:?}");
    assert!(findings.iter().any(|(check, ..)| check == "store"), "{findings:?}");
    let text = home.run(&["doctor"]).expect(0).out;
    assert!(text.starts_with("e · http://127.0.0.1:") && text.contains("  ✔ stage    "), "{text}");
}

#[test]
fn what_is_wrong_with_a_gateway_is_named() {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options { map_errors: true, ..Options::default() }) });
    let url = served.url();
    assert_eq!(faults(&home(&url.replace("/dev", "/prod"), ""), &[]), is(&["wrong-stage"], 3));
    assert_eq!(faults(&home(&url, "routes = { status = \"/state\" }"), &[]), is(&["no-such-route"], 3));
    assert_eq!(faults(&home(&url, "routes = { stop = \"/halt\" }"), &[]), is(&["no-such-route"], 3));
    let unknown = home(&url, "routes = { list = \"/executions\" }");
    unknown.write("config.toml", &config_of(&unknown).replace("PassState", "NoState"));
    assert_eq!(faults(&unknown, &[]), is(&["unknown-machine"], 3));
    // A status question that is led to another action.
    assert_eq!(faults(&home(&url, "routes = { status = \"/executions\" }"), &[]), is(&["body-not-passed-through"], 3));
}

fn config_of(home: &Home) -> String {
    std::fs::read_to_string(home.path().join("config.toml")).expect("the configuration")
}

#[test]
fn the_responses_of_api_gateway_are_diagnosed() {
    let missing = |date: &str| {
        let headers = format!("x-amzn-errortype: MissingAuthenticationTokenException\r\n{date}");
        http("403 Forbidden", &headers, "{\"message\":\"Missing Authentication Token\"}")
    };
    let key = "auth = { type = \"api-key\", env = \"KEY\" }";
    let iam = "region = \"eu-west-1\"\nauth = { type = \"iam\" }";
    let environment = [
        ("KEY", "key-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret-1"),
        ("AWS_SESSION_TOKEN", "token-1"),
    ];
    let forbidden = ("ForbiddenException", "{\"message\":\"Forbidden\"}");
    let policy = "{\"Message\":\"User: anonymous is not authorized to perform: execute-api:Invoke on resource: x\"}";
    let skewed =
        "{\"message\":\"Signature expired: 20261124T040000Z is now earlier than 20261124T041000Z (x - 5 min.)\"}";
    let role = "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"message\":\"not authorized\"}";
    let runtime = Runtime::new().expect("a runtime");
    for (keys, status, (error_type, body), words) in [
        (key, "403 Forbidden", forbidden, &["wrong-key"][..]),
        ("", "403 Forbidden", forbidden, &["no-key"]),
        ("", "403 Forbidden", ("AccessDeniedException", policy), &["resource-policy"]),
        (iam, "403 Forbidden", ("InvalidSignatureException", skewed), &["clock-skew"]),
        (
            "",
            "500 x",
            ("InternalServerErrorException", "{\"message\": \"Internal server error\"}"),
            &["missing-integration-response"],
        ),
        ("", "415 x", ("BadRequestException", "{\"message\":\"Unsupported Media Type\"}"), &["content-type"]),
        // The route, and the machine that it was asked about.
        ("", "200 OK", ("", role), &["role-without-action", "role-without-action"]),
        ("", "200 OK", ("", "{\"status\":\"RUNNING\",\"startDate\":1.7E9}"), &["not-step-functions"]),
    ] {
        let headers = if error_type.is_empty() { String::new() } else { format!("x-amzn-errortype: {error_type}\r\n") };
        let (answer, nowhere) = (http(status, &headers, body), missing(""));
        let url = runtime.block_on(answering(move |path| {
            if path.ends_with("/execution/status") { answer.clone() } else { nowhere.clone() }
        }));
        let (found, code) = faults(&home(&url, keys), &environment);
        assert_eq!(found, words, "{body}");
        // A transient or unknown failure is not a refusal.
        let may_pass = status.starts_with('5') || words[0] == "not-step-functions";
        assert_eq!(code, if may_pass { 4 } else { 3 }, "{body}");
    }
    let late = missing("date: Mon, 01 Jan 2024 00:00:00 GMT\r\n");
    let url = runtime.block_on(answering(move |_| late.clone()));
    assert_eq!(faults(&home(&url, iam), &environment), is(&["clock-skew", "no-such-route"], 3));
}

/// An endpoint behind TLS with a trusted certificate.
fn trusted(server: &Server, keys: &str) -> Home {
    let home = home(&server.url, &format!("ca-file = \"ca.pem\"\n{keys}"));
    written(home.path(), "ca.pem", &server.authority);
    home
}

#[test]
fn certificates_are_shown_with_names_and_dates() {
    let runtime = Runtime::new().expect("a runtime");
    let server = |change: fn(&mut CertificateParams)| runtime.block_on(serve_with(Clients::Anybody, change));
    let whole = server(|_| {});
    assert_eq!(faults(&home(&whole.url, ""), &[]), is(&["certificate-not-trusted"], 4));
    let (findings, _) = examined(&trusted(&whole, ""), &[]);
    let tls = findings.iter().find(|finding| finding["check"] == "tls").expect("a certificate");
    assert!(tls["message"].as_str().is_some_and(|text| text.contains("a certificate for localhost, by ")), "{tls}");
    // The server returns an execution for a status request about one that does not exist.
    assert_eq!(faults(&trusted(&whole, ""), &[]), is(&["not-step-functions"], 4));
    let expired = server(|host| host.not_after = date_time_ymd(2020, 2, 1));
    assert_eq!(faults(&trusted(&expired, ""), &[]), is(&["certificate-expired"], 4));
    let other = server(|host| host.subject_alt_names.clear());
    assert_eq!(faults(&trusted(&other, ""), &[]), is(&["certificate-name"], 4));
    let mutual = runtime.block_on(serve(Clients::MustShow));
    assert_eq!(faults(&trusted(&mutual, ""), &[]), is(&["client-certificate-missing"], 3));
    let shown = trusted(&mutual, "client-certificate = \"me.pem\"");
    written(shown.path(), "me.pem", &format!("{}{}", mutual.client.0, mutual.client.1));
    assert_eq!(faults(&shown, &[]), is(&["not-step-functions"], 4));
}

#[test]
fn what_is_wrong_on_the_way_is_named() {
    let runtime = Runtime::new().expect("a runtime");
    assert_eq!(faults(&home("https://gateway.invalid/dev", ""), &[]), is(&["no-such-host"], 4));
    assert_eq!(faults(&home("http://127.0.0.1:1/dev", ""), &[]), is(&["nobody-listens"], 4));
    let plain = runtime.block_on(answering(|_| http("200 OK", "", "{}")));
    assert_eq!(faults(&home(&plain.replace("http:", "https:"), ""), &[]), is(&["no-tls"], 4));
    let server = runtime.block_on(serve(Clients::Anybody));
    let proxy = runtime.block_on(proxy::serve(Some("me:pw")));
    let at = |login: &str| trusted(&server, &format!("proxy = {{ url = \"{}\"{login} }}", proxy.url()));
    assert_eq!(faults(&at(""), &[]), is(&["proxy-wants-login"], 4));
    let known = at(", user = \"me\", password = { env = \"PW\" }");
    assert_eq!(faults(&known, &[("PW", "pw")]), is(&["not-step-functions"], 4));
    let (findings, _) = examined(&known, &[("PW", "pw")]);
    assert!(findings.iter().any(|finding| finding["check"] == "proxy" && finding["verdict"] == "ok"), "{findings:?}");
    let nobody = trusted(&server, "proxy = \"http://127.0.0.1:1\"");
    assert_eq!(faults(&nobody, &[]), is(&["no-proxy"], 4));
}

#[test]
fn what_is_wrong_here_is_named_and_nothing_is_sent() {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let keyed = home(&served.url(), "auth = { type = \"api-key\", env = \"NOT_SET\" }");
    assert_eq!(faults(&keyed, &[]), is(&["no-credentials"], 2));
    let faulty = home(&served.url(), "ulr = \"x\"\nca_file = \"x\"");
    assert_eq!(faults(&faulty, &[]), is(&["config-fault", "config-fault"], 2));
    let file = home(&served.url(), "ca-file = \"none.pem\"");
    assert_eq!(faults(&file, &[]), is(&["cannot-ask"], 2));
    // An expired token (RFC 7519): {"exp": 1}.
    let bearer = home(&served.url(), "auth = { type = \"bearer\", env = \"T\" }");
    assert_eq!(faults(&bearer, &[("T", "e30.eyJleHAiOjF9.x")]), is(&["credentials-expired"], 3));
    assert_eq!(served.gateway.requests(), 0);
}

#[test]
fn advice_works_when_it_is_followed() {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(async { Served::new(Options::default()) });
    let wrong_path = Setup::new(home(&served.url(), "routes = { status = \"/state\" }"));
    Situation {
        finding: "no-such-route",
        says: &[],
        advises: &["The stage has no POST /state", "[endpoints.e.routes]"],
        follow: &|setup| setup.edit("/state", "/execution/status"),
    }
    .check(wrong_path);
    let no_key = Setup::new(home(&served.url(), "auth = { type = \"api-key\", env = \"MY_KEY\" }"));
    Situation {
        finding: "no-credentials",
        says: &["MY_KEY", "not set"],
        advises: &[],
        follow: &|setup| setup.set("MY_KEY", "key-1"),
    }
    .check(no_key);
}
