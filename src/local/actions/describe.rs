//! `DescribeExecution`.

use serde::Deserialize;

use crate::domain::Timestamp;
use crate::local::actions::{execution, no_such_execution, read};
use crate::local::answers::{self, ServiceError};
use crate::local::server::Gateway;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeExecutionInput {
    execution_arn: Option<String>,
}

/// `DescribeExecution`.
pub(super) fn describe_execution(gateway: &Gateway, body: &[u8], now: Timestamp) -> Result<String, ServiceError> {
    let wire: DescribeExecutionInput = read(body)?;
    let arn = execution(wire.execution_arn)?;
    let entry = gateway.book().find(&arn).ok_or_else(|| no_such_execution(&arn))?;
    Ok(answers::described(&entry, now))
}
