//! Reads the files with the tokens of a web identity and of a container's endpoint.

use std::path::Path;

use secrecy::SecretString;

use crate::domain::MissingReason;
use crate::gateway::iam::aws::credential_part::{self, Part};
use crate::gateway::iam::aws::look_up_error::LookUpError;
use crate::gateway::iam::aws::shared_files::regular;

/// Returns the token of a web identity. `from` names the file.
pub(super) async fn web_identity(path: &str, from: &str) -> Result<SecretString, LookUpError> {
    let text = regular(Path::new(path)).await.map_err(|error| {
        let message = format!("the web identity token file {path} ({from}) cannot be read: {error}");
        let advice = format!("Correct {from}, or write a token to {path}.");
        LookUpError::new(MissingReason::TokenFile, message, advice)
    })?;
    credential_part::check(Part::Token, text.trim()).map_err(|flaw| {
        let message = format!("the web identity token in {path} ({from}) is unusable: it {}", flaw.what);
        LookUpError::new(MissingReason::TokenFile, message, format!("Write a token to {path}. {}", flaw.advice))
    })?;
    Ok(text.trim().into())
}

/// Returns the token of a container's endpoint.
pub(super) async fn container(path: &str) -> Result<SecretString, LookUpError> {
    let variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    let text = regular(Path::new(path)).await.map_err(|error| {
        let message = format!("the file {path} ({variable}) cannot be read: {error}");
        LookUpError::new(MissingReason::TokenFile, message, format!("Correct {variable}."))
    })?;
    // The AWS tools use it untrimmed.
    credential_part::check(Part::Header, &text).map_err(|flaw| {
        let message = format!("the token in the file {path} ({variable}) {}", flaw.what);
        LookUpError::new(MissingReason::TokenFile, message, format!("Write a token without a line break to {path}."))
    })?;
    Ok(text.trim().into())
}
