//! The route `stop`: `StopExecution`. Stopping an ended execution changes nothing, so the request may be retried.

use serde::Serialize;

use crate::domain::{ExecutionArn, Failure, Route, Timestamp};
use crate::gateway::client::{Client, body};
use crate::gateway::members::{Members, missing};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StopExecutionInput<'a> {
    execution_arn: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
}

impl Client {
    /// Stops an execution, with an error (at most 256 characters) and a cause (at most 32,768) for its watchers. Returns
    /// when it was stopped.
    pub async fn stop(
        &self,
        execution: &ExecutionArn,
        error: Option<&str>,
        cause: Option<&str>,
    ) -> Result<Option<Timestamp>, Failure> {
        let input = StopExecutionInput { execution_arn: execution.as_str(), error, cause };
        self.call_about(Route::Stop, execution, body(&input)?, read).await
    }
}

/// Reads a successful response. The date may be missing or unreadable.
pub(super) fn read(body: &[u8]) -> Result<Option<Timestamp>, Failure> {
    let members = Members::of_response(body)?;
    match members.date("stopDate") {
        None if members.text("errorMessage").is_some() => Err(missing("stopDate", &members, body)),
        date => Ok(date),
    }
}
