//! The route `redrive`: `RedriveExecution`, idempotent by its `clientToken`.

use serde::Serialize;

use crate::domain::{ExecutionArn, Failure, Route, Timestamp};
use crate::gateway::client::{Client, body};
use crate::gateway::members::{Members, missing};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RedriveExecutionInput<'a> {
    execution_arn: &'a str,
    client_token: &'a str,
}

impl Client {
    /// Continues an execution from the state that failed. The same token is the same redrive, so the request may be
    /// retried after a lost response. Returns when it was redriven.
    pub async fn redrive(&self, execution: &ExecutionArn, token: &str) -> Result<Option<Timestamp>, Failure> {
        let input = RedriveExecutionInput { execution_arn: execution.as_str(), client_token: token };
        self.call_about(Route::Redrive, execution, body(&input)?, read).await
    }
}

/// Reads a successful response. The date may be missing or unreadable.
pub(super) fn read(body: &[u8]) -> Result<Option<Timestamp>, Failure> {
    let members = Members::of_response(body)?;
    match members.date("redriveDate") {
        None if members.text("errorMessage").is_some() => Err(missing("redriveDate", &members, body)),
        date => Ok(date),
    }
}
