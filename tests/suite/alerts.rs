//! TLS alerts: which of them prove that a request was not processed, at each stage of a connection.

use std::path::Path;

use crate::support::alerts::{ANY, After, CERTIFICATE, HANDSHAKE, Moment, Speaks, serve};
use crate::support::tls::{Issued, written};
use stepgate_core::domain::{Endpoint, ExecutionArn, Failure, FailureKind, HeaderValue, Proxy, Unreachable};
use stepgate_core::gateway::Client;
use stepgate_core::lifecycle::Retry;

/// The endpoint at this URL, by this protocol.
fn endpoint(url: &str, authority: &Path, protocol: &str) -> Endpoint {
    // With a header `Host` the client speaks HTTP/1.1.
    let host = ("Host".to_owned(), HeaderValue::Text("localhost".to_owned()));
    let headers = if protocol == "h2" { Vec::new() } else { vec![host] };
    Endpoint { ca_file: Some(authority.to_owned()), headers, ..Endpoint::plain("e", url) }
}

/// Asks once, or twice where the first request is answered.
async fn failure(endpoint: Endpoint, moment: Moment) -> Failure {
    let client = Client::new(endpoint).expect("a client");
    let arn = ExecutionArn::parse("arn:aws:states:us-east-1:111122223333:execution:M:run-1").expect("an ARN");
    if moment == Moment::SecondRequest {
        client.status(&arn).await.expect("an answer");
    }
    client.status(&arn).await.expect_err("an alert")
}

/// Checks what becomes of a request at these alerts: one of the expected kinds.
async fn check(codes: &[u8], moment: Moment, speaks: Speaks, expected: impl Fn(u8) -> Vec<Unreachable>) {
    let issued = Issued::new();
    let folder = tempfile::tempdir().expect("a folder");
    let authority = written(folder.path(), "ca.pem", &issued.authority);
    let mut asked = tokio::task::JoinSet::new();
    for code in codes.iter().copied() {
        for (protocol, after) in
            [("h2", After::Close), ("h2", After::Linger), ("http/1.1", After::Close), ("http/1.1", After::Linger)]
        {
            let (url, kinds) = (serve(&issued, code, moment, after, speaks, protocol).await, expected(code));
            let authority = authority.clone();
            asked.spawn(async move {
                let failure = failure(endpoint(&url, &authority, protocol), moment).await;
                let case = format!("alert {code} at {moment:?} over {protocol}, then {after:?}: {failure}");
                let FailureKind::Unreachable(kind) = failure.kind else { panic!("{case}") };
                assert!(kinds.contains(&kind), "{case} ({kind:?})");
                let is_refusal = matches!(kind, Unreachable::ClientCertificate | Unreachable::Handshake);
                assert_eq!(failure.retry() == Retry::Later, is_refusal, "{case}");
                assert_eq!(failure.leaves_outcome_open(), kind == Unreachable::Broken, "{case}");
            });
        }
    }
    while let Some(checked) = asked.join_next().await {
        checked.expect("as expected");
    }
}

fn refusal(code: u8) -> Vec<Unreachable> {
    vec![if CERTIFICATE.contains(&code) { Unreachable::ClientCertificate } else { Unreachable::Handshake }]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_connecting_every_alert_proves_that_nothing_was_sent() {
    check(&[CERTIFICATE, HANDSHAKE].concat(), Moment::Hello, Speaks::Tls13, refusal).await;
    check(ANY, Moment::Hello, Speaks::Tls13, |_| vec![Unreachable::Tls]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn alerts_about_the_handshake_are_refusals_up_to_the_first_response() {
    check(&[CERTIFICATE, HANDSHAKE].concat(), Moment::Request, Speaks::Tls13, refusal).await;
    // If the HTTP client reads the alert before it has a request for the connection, it drops the reason. Nothing was sent.
    let or_closed = |code: u8| [refusal(code), vec![Unreachable::NoRoute]].concat();
    check(&[CERTIFICATE, HANDSHAKE].concat(), Moment::Finished, Speaks::Tls13, or_closed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn other_alerts_prove_nothing_once_a_request_was_sent() {
    check(ANY, Moment::Request, Speaks::Tls13, |_| vec![Unreachable::Broken]).await;
    // Before a request nothing is in doubt; a `close_notify` may be noticed only when the request is on its way.
    let expected = |code: u8| {
        if code == 0 {
            vec![Unreachable::NoRoute, Unreachable::Tls, Unreachable::Broken]
        } else {
            vec![Unreachable::Tls]
        }
    };
    check(ANY, Moment::Finished, Speaks::Tls13, expected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_response_no_alert_proves_anything() {
    let every = [CERTIFICATE, HANDSHAKE, ANY].concat();
    check(&every, Moment::SecondRequest, Speaks::Tls13, |_| vec![Unreachable::Broken]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_tls_1_2_the_handshake_is_over_before_the_request() {
    let every = [CERTIFICATE, HANDSHAKE, ANY].concat();
    check(&every, Moment::Request, Speaks::Tls12, |_| vec![Unreachable::Broken]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_proxy_in_between_changes_nothing() {
    let issued = Issued::new();
    let folder = tempfile::tempdir().expect("a folder");
    let authority = written(folder.path(), "ca.pem", &issued.authority);
    let proxy = crate::support::proxy::serve(None).await;
    for (code, moment, kind) in [
        (116, Moment::Hello, Unreachable::ClientCertificate),
        (116, Moment::Finished, Unreachable::ClientCertificate),
        (48, Moment::Request, Unreachable::ClientCertificate),
        (40, Moment::Finished, Unreachable::Handshake),
        (80, Moment::Request, Unreachable::Broken),
        (116, Moment::SecondRequest, Unreachable::Broken),
    ] {
        for protocol in ["h2", "http/1.1"] {
            let url = serve(&issued, code, moment, After::Close, Speaks::Tls13, protocol).await;
            let between = Proxy::At { url: proxy.url(), login: None };
            let endpoint = Endpoint { proxy: between, ..endpoint(&url, &authority, protocol) };
            let failure = failure(endpoint, moment).await;
            assert_eq!(failure.kind, FailureKind::Unreachable(kind), "{code} {moment:?} {protocol}: {failure}");
        }
    }
    assert!(proxy.counted().tunnels >= 12);
}
