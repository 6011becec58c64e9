//! `DescribeStateMachineForExecution`.

use serde::Deserialize;

use crate::actions::checks::{execution, no_such_execution, read};
use crate::gateway::Gateway;
use crate::responses::{self, ServiceError};
use crate::timestamp::Timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeStateMachineForExecutionInput {
    execution_arn: Option<String>,
}

/// `DescribeStateMachineForExecution`.
pub(super) fn describe_state_machine(gateway: &Gateway, body: &[u8], _: Timestamp) -> Result<String, ServiceError> {
    let wire: DescribeStateMachineForExecutionInput = read(body)?;
    let arn = execution(wire.execution_arn)?;
    let entry = gateway.registry().find(&arn).ok_or_else(|| no_such_execution(&arn))?;
    Ok(responses::machine(&entry))
}
