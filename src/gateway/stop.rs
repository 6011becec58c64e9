//! `POST {url}{stop}`: `StopExecution`. Stopping what has ended changes nothing, so it may be sent again.

use serde::{Deserialize, Serialize};

use crate::domain::{ExecutionArn, Failure, Route, Timestamp};
use crate::gateway::answer::undecodable;
use crate::gateway::client::{Client, body};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StopExecutionInput<'a> {
    execution_arn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StopExecutionOutput {
    stop_date: f64,
}

impl Client {
    /// Stops an execution, with an error (at most 256 characters) and a cause (at most 32,768) to tell its
    /// watchers. Returns when it was stopped.
    pub async fn stop(
        &self,
        execution: &ExecutionArn,
        error: Option<&str>,
        cause: Option<&str>,
    ) -> Result<Timestamp, Failure> {
        let route = self.declared_for(Route::Stop, execution)?;
        let input = StopExecutionInput { execution_arn: execution.as_str(), error, cause };
        self.post(route, body(&input)?, read).await
    }
}

pub(super) fn read(answer: &[u8]) -> Result<Timestamp, Failure> {
    let wire: StopExecutionOutput = serde_json::from_slice(answer).map_err(undecodable)?;
    Timestamp::from_wire(wire.stop_date).ok_or_else(|| undecodable(format!("no date: {}", wire.stop_date)))
}
