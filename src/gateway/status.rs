//! `POST {url}{status}`: `DescribeExecution`.

use serde::Deserialize;

use crate::domain::{ExecutionArn, Failure, FailureKind, Observation, Payload, Redrive, Status, Timestamp};
use crate::gateway::answer::undecodable;
use crate::gateway::client::Client;

impl Client {
    /// Asks how an execution goes. An EXPRESS execution is not asked about: the service cannot tell.
    pub async fn status(&self, execution: &ExecutionArn) -> Result<Observation, Failure> {
        if !execution.is_describable() {
            return Err(Failure::without_answer(FailureKind::ExpressNotDescribable, ""));
        }
        let body = serde_json::json!({ "executionArn": execution.as_str() });
        self.post(&self.endpoint().status_route, body.to_string().into_bytes(), read).await
    }
}

/// The members of the answer that are used; all but two may be absent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeExecutionOutput {
    status: String,
    start_date: f64,
    stop_date: Option<f64>,
    input: Option<String>,
    output: Option<String>,
    error: Option<String>,
    cause: Option<String>,
    redrive_count: Option<u32>,
    redrive_date: Option<f64>,
    redrive_status: Option<String>,
    redrive_status_reason: Option<String>,
}

pub(super) fn read(answer: &[u8]) -> Result<Observation, Failure> {
    let wire: DescribeExecutionOutput = serde_json::from_slice(answer).map_err(undecodable)?;
    let date = |number: f64| Timestamp::from_wire(number).ok_or_else(|| undecodable(format!("no date: {number}")));
    Ok(Observation {
        status: Status::from_wire(&wire.status),
        start_date: date(wire.start_date)?,
        stop_date: wire.stop_date.map(date).transpose()?,
        input: wire.input.map(Payload::received),
        output: wire.output.map(Payload::received),
        error: wire.error,
        cause: wire.cause,
        redrive: Redrive {
            count: wire.redrive_count,
            date: wire.redrive_date.map(date).transpose()?,
            status: wire.redrive_status,
            status_reason: wire.redrive_status_reason,
        },
    })
}
