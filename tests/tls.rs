//! The client against a server with TLS: a company's own certificates, and HTTP/2 where it is offered.

mod support;

use stepgate::domain::{Endpoint, ExecutionArn, Failure, FailureKind, Observation, Unreachable};
use stepgate::gateway::Client;
use support::tls::{Clients, serve};

async fn ask(endpoint: Endpoint) -> Result<Observation, Failure> {
    let arn = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";
    Client::new(endpoint)?.status(&ExecutionArn::parse(arn).expect("an ARN")).await
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_trusted_by_ca_file_and_http_2_is_spoken() {
    let server = serve(Clients::Anybody).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = support::tls::written(folder.path(), "ca.pem", &server.authority);
    let endpoint = Endpoint { ca_file: Some(file), ..Endpoint::plain("e", &server.url) };
    let seen = ask(endpoint).await.expect("an answer");
    assert_eq!(seen.error.as_deref(), Some("HTTP/2.0"));
}

#[tokio::test]
async fn a_certificate_that_nobody_knows_is_refused_and_the_way_out_is_told() {
    let server = serve(Clients::Anybody).await;
    let failure = ask(Endpoint::plain("e", &server.url)).await.expect_err("not trusted");
    assert_eq!(failure.kind, FailureKind::Unreachable(Unreachable::Tls), "{failure}");
    assert!(failure.advice().contains("ca-file"), "{failure}");
    assert!(!failure.leaves_doubt());
}

#[tokio::test]
async fn a_ca_file_that_is_none_says_which() {
    let endpoint = Endpoint { ca_file: Some("/no/such/ca.pem".into()), ..Endpoint::plain("e", "https://localhost") };
    let failure = ask(endpoint).await.expect_err("no file");
    assert_eq!(failure.kind, FailureKind::Client);
    assert!(failure.said.contains("/no/such/ca.pem"), "{failure}");
}
