//! `DescribeExecution`.

use serde::Deserialize;

use crate::actions::checks::{execution, no_such_execution, read};
use crate::gateway::Gateway;
use crate::responses::{self, ServiceError};
use crate::timestamp::Timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeExecutionInput {
    execution_arn: Option<String>,
}

/// `DescribeExecution`.
pub(super) fn describe_execution(gateway: &Gateway, body: &[u8], now: Timestamp) -> Result<String, ServiceError> {
    let wire: DescribeExecutionInput = read(body)?;
    let arn = execution(wire.execution_arn)?;
    let entry = gateway.registry().find(&arn).ok_or_else(|| no_such_execution(&arn))?;
    Ok(responses::described(&entry, now))
}
