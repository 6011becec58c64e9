//! `StartExecution`.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;
use uuid::Uuid;

use crate::actions::checks::{invalid_arn, missing, no_such_machine, read, type_not_supported};
use crate::arn::StateMachineArn;
use crate::gateway::Gateway;
use crate::machines::{Machine, MachineType};
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

/// A valid start of an existing machine.
pub(super) struct CheckedStart<'a> {
    /// As in the request: with version or alias.
    pub(super) arn: StateMachineArn,
    pub(super) machine: &'a Machine,
    pub(super) name: ExecutionName,
    pub(super) input: String,
}

/// `StartExecution`. Only starts of STANDARD machines are idempotent by name.
pub(super) fn start_execution(gateway: &Gateway, body: &[u8], now: Timestamp) -> Result<String, ServiceError> {
    let CheckedStart { arn, machine, name, input } = check(gateway, body, None)?;
    let loaded = Arc::clone(&machine.loaded);
    if machine.machine_type == MachineType::Express {
        let execution = gateway.express().start(arn, loaded, name, input, now);
        return Ok(responses::started(execution.arn.as_str(), execution.start));
    }
    match gateway.registry().start(arn, loaded, &name, &input, now) {
        StartOutcome::Running(entry) => Ok(responses::started(entry.arn.as_str(), entry.start)),
        StartOutcome::NameTaken(entry) => Err(ServiceError::new(
            "com.amazonaws.swf.service.v2.model#ExecutionAlreadyExists",
            format!("Execution Already Exists: '{}'", entry.arn),
        )),
    }
}

/// Checks in the service's order: the ARN's format, the limits of lengths, whether the machine exists and is of the
/// required type, the name's characters, the input.
pub(super) fn check<'a>(
    gateway: &'a Gateway,
    body: &[u8],
    required: Option<MachineType>,
) -> Result<CheckedStart<'a>, ServiceError> {
    let wire: StartExecutionInput = read(body)?;
    let arn = wire.state_machine_arn.ok_or_else(|| missing("stateMachineArn"))?;
    let arn = StateMachineArn::parse(&arn).map_err(|error| invalid_arn(&arn, &error))?;
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
    let machine = gateway.machines().get(&arn).ok_or_else(|| no_such_machine(&arn))?;
    if required.is_some_and(|required| required != machine.machine_type) {
        return Err(type_not_supported());
    }
    let name = name?;
    // `IgnoredAny` has no limits on nesting or numbers.
    serde_json::from_str::<IgnoredAny>(&input).map_err(|error| {
        let message = match input.trim() {
            "" => "Invalid State Machine Execution Input: 'Invalid execution input.'".to_owned(),
            _ => format!("Invalid State Machine Execution Input: '{error}'"),
        };
        ServiceError::new("com.amazonaws.swf.service.v2.model#InvalidExecutionInput", message)
    })?;
    Ok(CheckedStart { arn, machine, name, input })
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
