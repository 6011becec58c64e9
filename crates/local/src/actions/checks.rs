//! Checks of requests that several actions share, and their errors.

use serde::de::DeserializeOwned;

use crate::arn::{ArnError, ExecutionArn, StateMachineArn};
use crate::responses::ServiceError;

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ServiceError> {
    serde_json::from_slice(body).map_err(|_| ServiceError::serialization())
}

pub(super) fn missing(member: &str) -> ServiceError {
    ServiceError::validation(&format!("Value null at '{member}' failed to satisfy constraint: Member must not be null"))
}

pub(super) fn too_large(member: &str, max: usize) -> ServiceError {
    ServiceError::validation(&format!(
        "Value at '{member}' failed to satisfy constraint: Member must have length less than or equal to {max}"
    ))
}

/// Parses the ARN of a STANDARD execution.
pub(super) fn execution(text: Option<String>) -> Result<ExecutionArn, ServiceError> {
    let text = text.ok_or_else(|| missing("executionArn"))?;
    ExecutionArn::parse(&text).map_err(|error| invalid_arn(&text, &error))
}

pub(super) fn no_such_execution(arn: &ExecutionArn) -> ServiceError {
    let message = format!("Execution Does Not Exist: '{arn}'");
    ServiceError::new("com.amazonaws.swf.service.v2.model#ExecutionDoesNotExist", message)
}

pub(super) fn no_such_machine(arn: &StateMachineArn) -> ServiceError {
    let message = format!("State Machine Does Not Exist: '{arn}'");
    ServiceError::new("com.amazonaws.swf.service.v2.model#StateMachineDoesNotExist", message)
}

pub(super) fn type_not_supported() -> ServiceError {
    ServiceError::new(
        "com.amazonaws.swf.service.v2.model#StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine".to_owned(),
    )
}

/// Checks `maxResults`; the default is 100.
pub(super) fn page_size(max: Option<usize>) -> Result<usize, ServiceError> {
    match max {
        None | Some(0) => Ok(100),
        Some(max @ 1..=1000) => Ok(max),
        Some(max) => Err(ServiceError::validation(&format!(
            "Value '{max}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000"
        ))),
    }
}

pub(super) fn invalid_token() -> ServiceError {
    ServiceError::new("com.amazonaws.swf.service.v2.model#InvalidToken", "Invalid Token: 'Invalid token'".to_owned())
}

pub(super) fn invalid_arn(text: &str, error: &ArnError) -> ServiceError {
    let message = match error {
        ArnError::Prefix => format!("Invalid Arn: 'Invalid ARN prefix: {text}'"),
        ArnError::Resource(found) => format!("Invalid Arn: 'Resource type not valid in this context: {found}'"),
        ArnError::Malformed => format!("Invalid Arn: '{text}'"),
        ArnError::Labeled => {
            return ServiceError::validation("Value at 'stateMachineArn' is a labeled state machine ARN");
        }
    };
    ServiceError::new("com.amazonaws.swf.service.v2.model#InvalidArn", message)
}
