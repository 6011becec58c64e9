//! The route `definition`: `DescribeStateMachineForExecution`, for the definition.

use serde::Deserialize;

use crate::domain::{ExecutionArn, Failure, Payload, Route};
use crate::gateway::client::Client;
use crate::gateway::undecodable::undecodable;

#[derive(Deserialize)]
struct DescribeStateMachineForExecutionOutput {
    definition: String,
}

impl Client {
    /// Returns the definition of an execution: JSON in the Amazon States Language, as it was when the execution started or
    /// was redriven.
    pub async fn definition(&self, execution: &ExecutionArn) -> Result<Payload, Failure> {
        let body = serde_json::json!({ "executionArn": execution.as_str() });
        self.call_about(Route::Definition, execution, body.to_string().into_bytes(), read).await
    }
}

pub(super) fn read(body: &[u8]) -> Result<Payload, Failure> {
    let wire: DescribeStateMachineForExecutionOutput = serde_json::from_slice(body).map_err(undecodable)?;
    Ok(Payload::received(wire.definition))
}
