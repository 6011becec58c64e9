//! What the actions check in a request, and how they refuse it.

use serde::de::DeserializeOwned;

use crate::answers::ServiceError;
use crate::arn::{ArnError, ExecutionArn, StateMachineArn};

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ServiceError> {
    serde_json::from_slice(body).map_err(|_| ServiceError::serialization())
}

pub(super) fn missing(member: &str) -> ServiceError {
    ServiceError::validation(&format!("Value null at '{member}' failed to satisfy constraint: Member must not be null"))
}

pub(super) fn too_large(member: &str, most: usize) -> ServiceError {
    ServiceError::validation(&format!(
        "Value at '{member}' failed to satisfy constraint: Member must have length less than or equal to {most}"
    ))
}

/// The ARN of an execution that the service can tell about: not of an EXPRESS one.
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

/// A page: how large it is (100 unless told), and where it begins.
pub(super) fn page(most: Option<usize>) -> Result<usize, ServiceError> {
    match most {
        None | Some(0) => Ok(100),
        Some(most @ 1..=1000) => Ok(most),
        Some(most) => Err(ServiceError::validation(&format!(
            "Value '{most}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000"
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
