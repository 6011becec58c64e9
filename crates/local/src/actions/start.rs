//! `StartExecution`.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;
use uuid::Uuid;

use crate::actions::checks::{invalid_arn, missing, no_such_machine, read};
use crate::arn::StateMachineArn;
use crate::gateway::Gateway;
use crate::name::{ExecutionName, NameError};
use crate::quotas::MAX_INPUT_BYTES;
use crate::registry::StartOutcome;
use crate::responses::{self, ServiceError};
use crate::timestamp::Timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartExecutionInput {
    state_machine_arn: Option<String>,
    name: Option<String>,
    input: Option<String>,
}

/// `StartExecution`. Checks in the service's order: the ARN's format, the limits of lengths, whether the machine
/// exists, the name's characters, the input, whether the name is taken.
pub(super) fn start_execution(gateway: &Gateway, body: &[u8], now: Timestamp) -> Result<String, ServiceError> {
    let wire: StartExecutionInput = read(body)?;
    let arn = wire.state_machine_arn.ok_or_else(|| missing("stateMachineArn"))?;
    let machine = StateMachineArn::parse(&arn).map_err(|error| invalid_arn(&arn, &error))?;
    let input = wire.input.unwrap_or_else(|| "{}".into());
    if input.len() > MAX_INPUT_BYTES {
        return Err(ServiceError::validation(
            "Value at 'input' failed to satisfy constraint: Member must have size less than or equal to 262144 bytes in UTF-8 encoding",
        ));
    }
    let name = wire.name.unwrap_or_else(|| Uuid::new_v4().to_string());
    let name = ExecutionName::parse(&name).map_err(|error| invalid_name(&name, error));
    if let Err(error) = &name
        && error.is_validation()
    {
        return Err(error.clone());
    }
    let loaded = gateway.machines().get(&machine).ok_or_else(|| no_such_machine(&machine))?;
    let name = name?;
    // `IgnoredAny` has no limits on nesting or numbers.
    serde_json::from_str::<IgnoredAny>(&input).map_err(|error| {
        let message = match input.trim() {
            "" => "Invalid State Machine Execution Input: 'Invalid execution input.'".to_owned(),
            _ => format!("Invalid State Machine Execution Input: '{error}'"),
        };
        ServiceError::new("com.amazonaws.swf.service.v2.model#InvalidExecutionInput", message)
    })?;
    match gateway.registry().start(machine, Arc::clone(loaded), &name, &input, now) {
        StartOutcome::Running(entry) => Ok(responses::started(&entry)),
        StartOutcome::NameTaken(entry) => Err(ServiceError::new(
            "com.amazonaws.swf.service.v2.model#ExecutionAlreadyExists",
            format!("Execution Already Exists: '{}'", entry.arn),
        )),
    }
}

fn invalid_name(name: &str, error: NameError) -> ServiceError {
    match error {
        NameError::TooLong => ServiceError::validation(&format!(
            "Value '{name}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80"
        )),
        NameError::Empty => ServiceError::validation(
            "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        NameError::Forbidden => {
            ServiceError::new("com.amazonaws.swf.service.v2.model#InvalidName", format!("Invalid Name: '{name}'"))
        }
    }
}
