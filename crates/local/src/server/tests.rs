//! Synchronous executions. The time of these tests is paused: it jumps to the next end of a wait.

use axum::http::header::HOST;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::faults::Faults;
use crate::gateway::Options;

fn request(input: &str) -> Request {
    let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:QuickStateMachine";
    let body = json!({ "stateMachineArn": machine, "input": input }).to_string();
    let request = Request::builder().method("POST").uri("/dev/execution/sync").header(HOST, "localhost");
    request.body(Body::from(body)).expect("a request")
}

async fn response(gateway: &Arc<Gateway>, input: &str) -> (StatusCode, Value) {
    let response = handle(State(Arc::clone(gateway)), request(input)).await;
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    (head.status, serde_json::from_slice(&body).expect("JSON"))
}

#[tokio::test(start_paused = true)]
async fn a_response_arrives_when_the_execution_has_ended() {
    let gateway = Gateway::new(Options::default());
    for (input, status, seconds) in
        [("{}", "SUCCEEDED", 0), ("{\"fail\": true}", "FAILED", 0), ("{\"seconds\": 28}", "SUCCEEDED", 28)]
    {
        let started = Instant::now();
        let (http, body) = response(&gateway, input).await;
        assert_eq!((http, body["status"].as_str()), (StatusCode::OK, Some(status)), "{body}");
        assert_eq!(started.elapsed().as_secs(), seconds, "{input}");
    }
    assert_eq!((gateway.express_executions().len(), gateway.starts().total), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn an_execution_survives_the_limit_of_the_gateway_and_a_client_that_gives_up() {
    let gateway = Gateway::new(Options::default());
    let started = Instant::now();
    let (http, body) = response(&gateway, "{\"seconds\": 40}").await;
    assert_eq!((http, body), (StatusCode::GATEWAY_TIMEOUT, json!({ "message": "Endpoint request timed out" })));
    assert_eq!(started.elapsed().as_secs(), 29);
    let given_up = tokio::time::timeout(Duration::from_secs(1), response(&gateway, "{\"seconds\": 20}")).await;
    assert!(given_up.is_err());
    let inputs: Vec<_> = gateway.express_executions().into_iter().map(|(_, input)| input).collect();
    assert_eq!(inputs, ["{\"seconds\": 40}", "{\"seconds\": 20}"]);
}

#[tokio::test(start_paused = true)]
async fn faults_apply_to_synchronous_executions() {
    for (faults, expected, starts) in [
        (Faults { fail_rate: 1.0, ..Faults::default() }, Some(StatusCode::INTERNAL_SERVER_ERROR), 0),
        (Faults { throttle: Some(0.0), ..Faults::default() }, Some(StatusCode::OK), 1),
        (Faults { drop_answers: 1.0, ..Faults::default() }, None, 1),
        (Faults { latency: Duration::from_secs(50), ..Faults::default() }, Some(StatusCode::OK), 1),
    ] {
        let gateway = Gateway::new(Options { faults: faults.clone(), ..Options::default() });
        let response = tokio::time::timeout(Duration::from_secs(60), response(&gateway, "{}")).await;
        assert_eq!(response.ok().map(|(status, _)| status), expected, "{faults:?}");
        assert_eq!(gateway.express_executions().len(), starts, "{faults:?}");
        if faults.throttle.is_some() {
            let (status, _) = self::response(&gateway, "{}").await;
            assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
        }
    }
}
