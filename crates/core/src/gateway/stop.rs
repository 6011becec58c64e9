//! `POST {url}{stop}`: `StopExecution`. Stopping what has ended changes nothing, so it may be sent again.

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
    /// Stops an execution, with an error (at most 256 characters) and a cause (at most 32,768) to tell its
    /// watchers. Returns when it was stopped.
    pub async fn stop(
        &self,
        execution: &ExecutionArn,
        error: Option<&str>,
        cause: Option<&str>,
    ) -> Result<Option<Timestamp>, Failure> {
        let route = self.declared_for(Route::Stop, execution)?;
        let input = StopExecutionInput { execution_arn: execution.as_str(), error, cause };
        self.post(route, body(&input)?, read).await
    }
}

/// Reads a good response. A date that is missing or unreadable is no reason to doubt it.
pub(super) fn read(answer: &[u8]) -> Result<Option<Timestamp>, Failure> {
    let members = Members::required(answer)?;
    match members.date("stopDate") {
        None if members.text("errorMessage").is_some() => Err(missing("stopDate", &members, answer)),
        date => Ok(date),
    }
}
