//! A process without free file descriptors. It has a binary of its own, since it would take them from other tests.
#![cfg(unix)]

use std::fs::File;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use stepgate_core::domain::{Endpoint, ExecutionArn, FailureKind, Unreachable};
use stepgate_core::gateway::Client;

#[tokio::test]
async fn a_process_without_file_descriptors_does_not_blame_the_host() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let url = format!("http://{}/dev", listener.local_addr().expect("an address"));
    let arn = ExecutionArn::parse("arn:aws:states:us-east-1:111122223333:execution:M:run-1").expect("an ARN");
    let client = Client::new(Endpoint::plain("e", &url)).expect("a client");
    client.prepare().await.expect("prepared");
    let limits = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum: limits.maximum }).expect("fewer");
    let mut held = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        held.push(file);
    }
    let failure = client.status(&arn).await.expect_err("no socket");
    drop(held);
    assert_eq!(failure.kind, FailureKind::Unreachable(Unreachable::Local), "{failure}");
    assert!(failure.to_string().contains("ulimit -n"), "{failure}");
}
