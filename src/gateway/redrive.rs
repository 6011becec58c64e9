//! `POST {url}{redrive}`: `RedriveExecution`, idempotent by its `clientToken`.

use serde::{Deserialize, Serialize};

use crate::domain::{ExecutionArn, Failure, Route, Timestamp};
use crate::gateway::answer::undecodable;
use crate::gateway::client::{Client, body};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RedriveExecutionInput<'a> {
    execution_arn: &'a str,
    client_token: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedriveExecutionOutput {
    redrive_date: f64,
}

impl Client {
    /// Lets an execution go on from the state that it failed in. The same token is the same redrive, so a lost
    /// answer may be asked for again. Returns when it was redriven.
    pub async fn redrive(&self, execution: &ExecutionArn, token: &str) -> Result<Timestamp, Failure> {
        let route = self.declared_for(Route::Redrive, execution)?;
        let input = RedriveExecutionInput { execution_arn: execution.as_str(), client_token: token };
        self.post(route, body(&input)?, read).await
    }
}

pub(super) fn read(answer: &[u8]) -> Result<Timestamp, Failure> {
    let wire: RedriveExecutionOutput = serde_json::from_slice(answer).map_err(undecodable)?;
    Timestamp::from_wire(wire.redrive_date).ok_or_else(|| undecodable(format!("no date: {}", wire.redrive_date)))
}
