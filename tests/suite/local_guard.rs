//! The local gateway refuses web pages, other host names, and connections that never end.

use std::time::Duration;

use crate::support::gateway::Served;
use stepgate_local::Options;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const BODY: &str = r#"{"stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:PassStateMachine"}"#;

/// What the gateway answers to a start with this target and these lines in its head.
async fn response_to(served: &Served, target: &str, lines: &str) -> String {
    let address = served.url().trim_start_matches("http://").split('/').next().expect("an address").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("connected");
    let head = format!("POST {target} HTTP/1.1\r\n{lines}content-length: {}\r\nconnection: close\r\n\r\n", BODY.len());
    stream.write_all(format!("{head}{BODY}").as_bytes()).await.expect("sent");
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(20), stream.read_to_string(&mut answer))
        .await
        .expect("in time")
        .expect("read");
    answer
}

#[tokio::test]
async fn only_requests_for_this_machine_start_anything() {
    let served = Served::new(Options::default());
    let port =
        served.url().rsplit_once(':').and_then(|(_, rest)| rest.split('/').next().map(str::to_owned)).expect("a port");
    let mut started = 0;
    for (target, lines) in [
        ("/dev/execution".to_owned(), format!("host: 127.0.0.1:{port}\r\n")),
        ("/dev/execution".to_owned(), format!("Host: localhost:{port}\r\n")),
        ("/dev/execution".to_owned(), "host: [::1]\r\n".to_owned()),
        (format!("http://127.0.0.1:{port}/dev/execution"), format!("host: 127.0.0.1:{port}\r\n")),
    ] {
        let answer = response_to(&served, &target, &lines).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("executionArn"), "{target} {lines}: {answer}");
        started += 1;
    }
    for (target, lines) in [
        ("/dev/execution".to_owned(), format!("host: evil.example:{port}\r\n")),
        ("/dev/execution".to_owned(), String::new()),
        ("/dev/execution".to_owned(), "host: \r\n".to_owned()),
        ("/dev/execution".to_owned(), "host: 127.0.0.1\r\nhost: evil.example\r\n".to_owned()),
        ("/dev/execution".to_owned(), "host: 127.0.0.1\r\norigin: null\r\n".to_owned()),
        ("/dev/execution".to_owned(), format!("host: 127.0.0.1:{port}\r\norigin: http://127.0.0.1:{port}\r\n")),
        ("/dev/execution".to_owned(), "host: 127.0.0.1\r\nsec-fetch-site: cross-site\r\n".to_owned()),
        ("http://evil.example/dev/execution".to_owned(), "host: 127.0.0.1\r\n".to_owned()),
        (format!("http://127.0.0.1:{port}/dev/execution"), "host: evil.example\r\n".to_owned()),
    ] {
        let answer = response_to(&served, &target, &lines).await;
        assert!(answer.starts_with("HTTP/1.1 403") || answer.starts_with("HTTP/1.1 400"), "{target} {lines}: {answer}");
    }
    assert_eq!(served.gateway.executions().len(), started);
    assert_eq!(served.gateway.requests(), started as u64, "what is refused is not counted");
}
