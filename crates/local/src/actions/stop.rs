//! `StopExecution`.

use serde::Deserialize;

use crate::actions::checks::{execution, no_such_execution, read, too_large};
use crate::gateway::Gateway;
use crate::responses::{self, ServiceError};
use crate::timestamp::Timestamp;

/// The service's limits, in characters.
const MAX_ERROR: usize = 256;
const MAX_CAUSE: usize = 32_768;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StopExecutionInput {
    execution_arn: Option<String>,
    error: Option<String>,
    cause: Option<String>,
}

/// `StopExecution`. An execution that has ended does not change.
pub(super) fn stop_execution(gateway: &Gateway, body: &[u8], now: Timestamp) -> Result<String, ServiceError> {
    let wire: StopExecutionInput = read(body)?;
    let arn = execution(wire.execution_arn)?;
    for (member, text, max) in [("error", &wire.error, MAX_ERROR), ("cause", &wire.cause, MAX_CAUSE)] {
        if text.as_ref().is_some_and(|text| text.chars().count() > max) {
            return Err(too_large(member, max));
        }
    }
    let stopped = gateway.registry().stop(&arn, wire.error, wire.cause, now).ok_or_else(|| no_such_execution(&arn))?;
    Ok(responses::dated("stopDate", stopped))
}
