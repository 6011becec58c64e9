//! The client against real sockets: requests, responses, and failures below HTTP.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::gateway::{Served, http, scripted, steady};
use stepgate::config::local_gateway::endpoint_and_machines;
use stepgate_core::domain::{
    Auth, Endpoint, EndpointName, ExecutionArn, ExecutionName, Failure, FailureKind, GatewayId, HeaderValue,
    MachineType, NameOrigin, Payload, SecretSource, StartOrder, StateMachineArn, Status, Timestamp, Unreachable,
};
use stepgate_core::gateway::Client;
use stepgate_local::Options;

fn client(url: &str) -> Client {
    Client::new(Endpoint::plain("e", url)).expect("a client")
}

fn execution() -> ExecutionArn {
    ExecutionArn::parse("arn:aws:states:us-east-1:111122223333:execution:M:run-1").expect("an ARN")
}

fn order(name: &str, origin: NameOrigin, machine_type: MachineType) -> StartOrder {
    StartOrder {
        endpoint: EndpointName::new("e"),
        gateway: GatewayId::new("e"),
        machine_name: "m".into(),
        machine: StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:M:PROD").expect("an ARN"),
        machine_type,
        name: ExecutionName::parse(name).expect("a name"),
        origin,
        input: Payload::input("{\"a\": 1.0}").expect("an input"),
    }
}

async fn status_of(answer: String) -> Failure {
    let (url, _) = scripted(vec![answer]).await;
    client(&url).status(&execution()).await.expect_err("a failure")
}

const TAKEN: &str = r#"{"__type":"com.amazonaws.swf.service.v2.model#ExecutionAlreadyExists","message":"Execution Already Exists: 'arn:aws:states:us-east-1:111122223333:execution:M:run-1'"}"#;

#[tokio::test]
async fn input_and_output_come_back_byte_for_byte() {
    let served = Served::new(Options::default());
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    let client = Client::new(endpoint).expect("a client");
    let input = r#"{ "b":1.0, "a":12345678901234567890123, "a":1e400, "e":"\u3042\/ 😀", "注文":[ ] }"#;
    let order = StartOrder {
        machine: machines[0].arn.clone(),
        input: Payload::input(input).expect("an input"),
        ..order("bytes", NameOrigin::Chosen, MachineType::Standard)
    };
    let started = client.start(&order).await.expect("started");
    let seen = loop {
        let seen = client.status(started.execution_arn.as_ref().expect("an ARN")).await.expect("a status");
        if seen.is_ended() {
            break seen;
        }
    };
    assert_eq!(seen.status, Status::Succeeded);
    assert_eq!(seen.input.expect("an input").as_str(), input);
    assert_eq!(seen.output.expect("an output").as_str(), input);
    assert_eq!(seen.stop_date.expect("a stop").since(seen.start_date.expect("a start")), Duration::from_millis(69));
}

#[tokio::test]
async fn the_request_is_what_a_gateway_wants_to_see() {
    let (url, requests) = scripted(vec![http("200 OK", "", TAKEN)]).await;
    let mut endpoint = Endpoint::plain("e", &format!("{url}/dev/"));
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    std::fs::write(&key, "canary-key\n").expect("written");
    endpoint.auth = Auth::ApiKey(SecretSource::File(key));
    endpoint.headers = vec![("x-apigw-api-id".into(), HeaderValue::Text("abc".into()))];
    let client = Client::new(endpoint).expect("a client");
    assert!(!format!("{client:?}").contains("canary-key"));
    let failure = client.start(&order("run-1", NameOrigin::Chosen, MachineType::Standard)).await;
    assert_eq!(failure.expect_err("the name is taken").kind, FailureKind::ExecutionAlreadyExists);
    assert!(!format!("{client:?}").contains("canary-key"));
    let requests = requests.lock().expect("the requests");
    let request = requests[0].to_lowercase();
    assert!(request.starts_with("post /dev/execution http/1.1\r\n"), "{request}");
    for header in [
        "content-type: application/json\r\n",
        "x-api-key: canary-key\r\n",
        "x-apigw-api-id: abc\r\n",
        "accept-encoding: gzip\r\n",
    ] {
        assert!(request.contains(header), "{header} is not in {request}");
    }
    let body = requests[0].split_once("\r\n\r\n").expect("a body").1;
    assert_eq!(
        body,
        r#"{"stateMachineArn":"arn:aws:states:us-east-1:111122223333:stateMachine:M:PROD","name":"run-1","input":"{\"a\": 1.0}"}"#
    );
}

#[tokio::test]
async fn a_secret_that_the_gateway_repeats_is_not_shown() {
    let message = r#"{"message":"'canary' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer canary'."}"#;
    let (url, _) =
        scripted(vec![http("403 Forbidden", "x-amzn-errortype: IncompleteSignatureException\r\n", message)]).await;
    let mut endpoint = Endpoint::plain("e", &url);
    let print = SecretSource::Command(vec!["printf".into(), "Bearer canary".into()]);
    endpoint.headers = vec![("Authorization".into(), HeaderValue::Secret(print))];
    let client = Client::new(endpoint).expect("a client");
    let failure = client.status(&execution()).await.expect_err("refused");
    assert_eq!(failure.kind, FailureKind::SignatureRefused);
    assert!(!failure.to_string().contains("canary"), "{failure}");
}

#[tokio::test]
async fn failures_below_http_are_distinguished() {
    let nobody = {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let (plain, _) = scripted(vec![http("400 Bad Request", "", "")]).await;
    for (url, kind) in [
        (nobody, Unreachable::Refused),
        ("http://no-such-host.invalid/dev".to_owned(), Unreachable::Dns),
        (plain.replace("http://", "https://"), Unreachable::Tls),
    ] {
        let failure = client(&url).status(&execution()).await.expect_err("no answer");
        assert_eq!(failure.kind, FailureKind::Unreachable(kind), "{url}: {failure}");
        assert!(!failure.leaves_outcome_open(), "{url}: nothing was sent");
    }
    let closed = status_of(String::new()).await;
    assert_eq!(closed.kind, FailureKind::Unreachable(Unreachable::Broken), "{closed}");
    let cut = status_of("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"sta".into()).await;
    assert_eq!(cut.kind, FailureKind::Unreachable(Unreachable::Broken), "{cut}");
}

#[tokio::test]
async fn responses_that_are_not_from_a_gateway_are_refused() {
    let redirect = status_of(http("302 Found", "location: https://login.example.com\r\n", "")).await;
    assert_eq!(redirect.kind, FailureKind::Redirected, "a redirect is not followed: {redirect}");
    assert!(redirect.message.contains("302") && redirect.message.contains("https://login.example.com"), "{redirect}");
    let page = status_of(http("200 OK", "", "<html><head><title>Sign in</title></head></html>")).await;
    assert_eq!((page.kind, page.message.as_str()), (FailureKind::Unreadable, "a web page, \"Sign in\""));
    let large = format!("{{\"x\":\"{}\"}}", "a".repeat(11 * 1024 * 1024));
    assert_eq!(status_of(http("200 OK", "", &large)).await.kind, FailureKind::ResponseTooLarge);
}

#[tokio::test]
async fn the_local_gateway_follows_the_contract() {
    let served = Served::new(Options { map_errors: true, ..Options::default() });
    let (endpoint, machines) = endpoint_and_machines(&served.url());
    let client = Client::new(endpoint.clone()).expect("a client");
    let pass = machines[0].arn.clone();
    let with = |machine: &StateMachineArn, name: &str| StartOrder {
        machine: machine.clone(),
        ..order(name, NameOrigin::Chosen, MachineType::Standard)
    };
    let missing = StateMachineArn::parse(&pass.as_str().replace("Pass", "None")).expect("an ARN");
    let failure = client.start(&with(&missing, "a")).await.expect_err("no such machine");
    assert_eq!((failure.kind, failure.http_status), (FailureKind::MachineDoesNotExist, Some(400)));
    assert!(failure.request_id.is_some());
    let unknown = pass.execution(&ExecutionName::parse("never").expect("a name"));
    let failure = client.status(&unknown).await.expect_err("no such execution");
    assert_eq!(failure.kind, FailureKind::ExecutionDoesNotExist);
    // While it runs, the same name with the same input is the same execution.
    let wait = machines.iter().find(|machine| &*machine.name == "WaitStateMachine").expect("there");
    let minute = Payload::input("{\"seconds\": 60}").expect("an input");
    let same = StartOrder { input: minute, ..with(&wait.arn, "same") };
    let first = client.start(&same).await.expect("started");
    assert_eq!(client.start(&same).await.expect("the same"), first);
    let other = StartOrder { input: Payload::empty_object(), ..same };
    assert_eq!(client.start(&other).await.expect_err("taken").kind, FailureKind::ExecutionAlreadyExists);
    let elsewhere = Endpoint { status_route: "/nowhere".into(), ..endpoint.clone() };
    let failure = Client::new(elsewhere).expect("a client").status(&unknown).await.expect_err("no route");
    assert_eq!(failure.kind, FailureKind::WrongRoute);
    let wrong_stage = Endpoint { url: endpoint.url.replace("/dev", "/prod"), ..endpoint };
    let failure = Client::new(wrong_stage).expect("a client").status(&unknown).await.expect_err("no stage");
    assert_eq!(failure.kind, FailureKind::Forbidden);
}

#[tokio::test]
async fn a_mapping_template_that_is_broken_is_refused_once() {
    let body = r#"{"__type":"com.amazon.coral.service#SerializationException"}"#;
    let (url, requests) = scripted(vec![http("200 OK", "x-amzn-requestid: r-1\r\n", body)]).await;
    let failure = client(&url).start(&order("run-1", NameOrigin::Generated, MachineType::Standard)).await;
    let failure = failure.expect_err("refused");
    assert_eq!(failure.kind, FailureKind::BadIntegration);
    assert!(!failure.leaves_outcome_open());
    assert_eq!(failure.request_id.as_deref(), Some("r-1"));
    assert_eq!(requests.lock().expect("the requests").len(), 1);
}

#[tokio::test]
async fn an_undecodable_response_has_its_request_id_too() {
    let failure = status_of(http("200 OK", "x-amzn-requestid: r-2\r\n", r#"{"state":"RUNNING"}"#)).await;
    assert_eq!((failure.kind, failure.request_id.as_deref()), (FailureKind::Undecodable, Some("r-2")));
    assert!(failure.message.contains("no `status`"), "{}", failure.message);
}

/// `{"status":"RUNNING","startDate":1.701837432549E9,"input":"{}"}`, compressed by gzip.
const COMPRESSED: [u8; 79] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 42, 46, 73, 44, 41, 45, 86, 178, 82, 10, 10, 245, 243, 243, 244, 115, 87,
    210, 1, 9, 21, 149, 184, 36, 150, 164, 42, 89, 25, 234, 153, 27, 24, 90, 24, 155, 155, 24, 27, 153, 154, 88, 186,
    90, 234, 40, 101, 230, 21, 148, 150, 0, 149, 87, 215, 42, 213, 2, 0, 151, 205, 64, 73, 62, 0, 0, 0,
];

#[tokio::test]
async fn a_compressed_response_is_read() {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        COMPRESSED.len()
    )
    .into_bytes();
    answer.extend(COMPRESSED);
    let (url, _) = scripted(vec![answer]).await;
    let seen = client(&url).status(&execution()).await.expect("a status");
    assert_eq!((seen.status, seen.start_date.map(Timestamp::as_millis)), (Status::Running, Some(1_701_837_432_549)));
}

#[tokio::test]
async fn requests_share_a_connection() {
    let body = r#"{"status":"RUNNING","startDate":1.7E9}"#;
    let (url, counts) = steady(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await;
    let client = client(&url);
    for _ in 0..5 {
        client.status(&execution()).await.expect("a status");
    }
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    assert_eq!((count(&counts.0), count(&counts.1)), (1, 5));
}
