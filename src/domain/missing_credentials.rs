//! Why there are no AWS credentials for a request, and what brings some.

use serde::{Deserialize, Serialize};

/// Why there are no AWS credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MissingReason {
    /// No source has any.
    NoSource,
    /// A profile that does not exist.
    NoProfile,
    /// `AWS_PROFILE` is set to nothing.
    EmptyProfileName,
    /// `[x]` in the configuration file, where `[profile x]` belongs, or the reverse in the credentials file.
    WrongSection,
    /// `source_profile` names a profile that does not exist.
    NoSourceProfile,
    /// A profile without all the settings that its kind of credentials needs.
    IncompleteProfile,
    /// Two of the variables or keys that come together, and only one is set.
    IncompleteKeys,
    /// The role is assumed with a code from an MFA device.
    Mfa,
    /// A profile of `aws login`.
    LoginSession,
    /// The SSO session is missing, expired or revoked.
    SsoSession,
    /// The SSO session is valid, and the role is not assigned.
    SsoRole,
    /// The file with the web identity token.
    TokenFile,
    /// A shared file of the AWS configuration cannot be read, or not understood.
    ConfigFile,
    /// `credential_process` failed.
    Process,
    /// STS, the SSO portal, the container or the instance refused.
    Refused,
    /// STS, the SSO portal, the container or the instance could not be reached.
    Unreachable,
    /// They did not come in time.
    TooSlow,
}

impl MissingReason {
    /// A word for scripts.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoSource => "no-credentials",
            Self::NoProfile => "no-such-profile",
            Self::EmptyProfileName => "empty-profile-name",
            Self::WrongSection => "wrong-profile-section",
            Self::NoSourceProfile => "no-such-source-profile",
            Self::IncompleteProfile => "incomplete-profile",
            Self::IncompleteKeys => "incomplete-keys",
            Self::Mfa => "mfa-required",
            Self::LoginSession => "login-session",
            Self::SsoSession => "sso-session-expired",
            Self::SsoRole => "sso-role-not-assigned",
            Self::TokenFile => "web-identity-token-file",
            Self::ConfigFile => "aws-config-file",
            Self::Process => "credential-process-failed",
            Self::Refused => "credentials-refused",
            Self::Unreachable => "credentials-host-unreachable",
            Self::TooSlow => "credentials-too-slow",
        }
    }
}

/// A reason with the advice for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MissingCredentials {
    /// Why.
    pub reason: MissingReason,
    /// What to try, in sentences; with the names of profiles, files and commands.
    pub advice: Box<str>,
}

/// Where AWS credentials come from, for advice about those that a gateway refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialsOrigin {
    /// Where the keys are set, after "check".
    pub keys: String,
    /// What brings new ones, in a sentence.
    pub renewal: String,
}
