//! Describes where credentials come from. Pure.

use crate::domain::CredentialsOrigin;
use crate::domain::shell::word;
use crate::gateway::iam::aws::chain::{Base, Chain};

/// Credentials from the environment.
pub(super) fn environment() -> CredentialsOrigin {
    CredentialsOrigin {
        keys: "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN".into(),
        renewal: "Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to new credentials, and run \
                  stepgate again; or unset them to use a profile."
            .into(),
    }
}

/// Credentials at the end of a chain.
pub(super) fn of(chain: &Chain) -> CredentialsOrigin {
    let source = chain.source();
    let (keys, renewal) = match &chain.base {
        Base::Keys => (
            format!("aws_access_key_id, aws_secret_access_key and aws_session_token of the profile `{source}`"),
            format!("Replace the keys and aws_session_token of the profile `{source}`."),
        ),
        Base::Process(line) => (
            format!("what the credential_process of the profile `{source}` prints"),
            format!("Run the credential_process of the profile `{source}` by hand: `{}`.", line.trim()),
        ),
        Base::Sso(_) => (
            format!("the SSO session of the profile `{source}`"),
            format!("Run `aws sso login --profile {}`.", word(source)),
        ),
        Base::WebIdentity(file) => (format!("the web identity token in {file}"), format!("Renew the token in {file}.")),
        Base::Named(name) if name == "Environment" => return environment(),
        Base::Named(name) => {
            let name = if name == "EcsContainer" { "container" } else { "instance" };
            (format!("the role of this {name}"), format!("Wait until this {name} has new credentials for its role."))
        }
    };
    CredentialsOrigin { keys, renewal }
}
