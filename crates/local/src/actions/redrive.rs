//! `RedriveExecution`.

use serde::Deserialize;

use crate::actions::checks::{execution, no_such_execution, read, too_large};
use crate::gateway::Gateway;
use crate::registry::RedriveOutcome;
use crate::responses::{self, ServiceError};
use crate::timestamp::Timestamp;

/// The service's limit, in characters.
const MAX_TOKEN: usize = 64;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedriveExecutionInput {
    execution_arn: Option<String>,
    client_token: Option<String>,
}

/// `RedriveExecution`: a repeated token is the same redrive. Restarts a Parallel state as a whole, whereas the
/// service restarts only its failed branches.
pub(super) fn redrive_execution(gateway: &Gateway, body: &[u8], now: Timestamp) -> Result<String, ServiceError> {
    let wire: RedriveExecutionInput = read(body)?;
    let arn = execution(wire.execution_arn)?;
    if wire.client_token.as_ref().is_some_and(|token| token.len() > MAX_TOKEN) {
        return Err(too_large("clientToken", MAX_TOKEN));
    }
    match gateway.registry().redrive(&arn, wire.client_token, now) {
        Some(RedriveOutcome::Redriven(date)) => Ok(responses::dated("redriveDate", date)),
        Some(RedriveOutcome::Refused(why)) => {
            Err(ServiceError::new("com.amazonaws.swf.service.v2.model#ExecutionNotRedrivable", why))
        }
        None => Err(no_such_execution(&arn)),
    }
}
