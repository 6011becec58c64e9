//! `POST {url}{redrive}`: `RedriveExecution`, idempotent by its `clientToken`.

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
    /// Lets an execution go on from the state that it failed in. The same token is the same redrive, so a lost
    /// answer may be asked for again. Returns when it was redriven.
    pub async fn redrive(&self, execution: &ExecutionArn, token: &str) -> Result<Option<Timestamp>, Failure> {
        let route = self.declared_for(Route::Redrive, execution)?;
        let input = RedriveExecutionInput { execution_arn: execution.as_str(), client_token: token };
        self.post(route, body(&input)?, read).await
    }
}

/// Reads a good response. A date that is missing or unreadable is no reason to doubt it.
pub(super) fn read(answer: &[u8]) -> Result<Option<Timestamp>, Failure> {
    let members = Members::required(answer)?;
    match members.date("redriveDate") {
        None if members.text("errorMessage").is_some() => Err(missing("redriveDate", &members, answer)),
        date => Ok(date),
    }
}
