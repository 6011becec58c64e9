//! Where the first credentials come from. Pure.

use crate::gateway::iam::aws::profiles::Keys;

/// A source that needs no other credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gateway::iam::aws) enum Base {
    /// Access keys in the files.
    Keys,
    /// `credential_process`: a program and its arguments.
    Process(Vec<String>),
    /// A session of `aws sso login`.
    Sso(Sso),
    /// A role that is assumed with the token in a file.
    WebIdentity(String),
    /// `credential_source`: the environment, the container or the instance.
    Named(String),
}

/// A session of `aws sso login`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gateway::iam::aws) struct Sso {
    /// The name of the `sso-session` section, if there is one.
    pub(in crate::gateway::iam::aws) session: Option<String>,
    pub(in crate::gateway::iam::aws) start_url: String,
    pub(in crate::gateway::iam::aws) region: String,
    pub(in crate::gateway::iam::aws) account: String,
    pub(in crate::gateway::iam::aws) role: String,
}

impl Sso {
    /// What the session's file name is derived from.
    pub(in crate::gateway::iam::aws) fn identifier(&self) -> &str {
        self.session.as_deref().unwrap_or(&self.start_url)
    }
}

/// A web identity is a base, not a role that is assumed with the credentials of another profile.
pub(super) fn is_role(keys: &Keys) -> bool {
    keys.contains_key("role_arn") && !keys.contains_key("web_identity_token_file")
}
