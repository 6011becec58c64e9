//! Why AWS credentials are missing, and how to get some.

use serde::{Deserialize, Serialize};

/// Why AWS credentials are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MissingReason {
    /// No source has credentials.
    NoSource,
    /// The profile does not exist.
    NoProfile,
    /// `AWS_PROFILE` is empty.
    EmptyProfileName,
    /// `[x]` in the configuration file instead of `[profile x]`, or the reverse in the credentials file.
    WrongSection,
    /// `source_profile` names a profile that does not exist.
    NoSourceProfile,
    /// A profile lacks settings that its type of credentials needs.
    IncompleteProfile,
    /// Only one of two related variables or keys is set.
    IncompleteKeys,
    /// The credentials contain invalid characters, such as a line break.
    Unusable,
    /// Assuming the role requires an MFA code.
    Mfa,
    /// A profile of `aws login`.
    LoginSession,
    /// The SSO session is missing, expired or revoked.
    SsoSession,
    /// The SSO session is valid, but the role is not assigned.
    SsoRole,
    /// The web identity token file is missing, unreadable or not accepted.
    TokenFile,
    /// A shared AWS configuration file cannot be read or parsed.
    ConfigFile,
    /// `credential_process` failed.
    Process,
    /// STS, the SSO portal, the container or the instance refused.
    Refused,
    /// STS, the SSO portal, the container or the instance could not be reached.
    Unreachable,
    /// STS, the SSO portal, the container or the instance throttles, fails, or is replaced by another server.
    Unavailable,
    /// A setting for these requests is invalid: a proxy variable, a certificate file, an endpoint URL.
    Setting,
    /// The lookup timed out.
    TooSlow,
}

impl MissingReason {
    /// Returns whether the next lookup may succeed without a fix.
    pub(crate) fn is_transient(self) -> bool {
        matches!(self, Self::Unreachable | Self::Unavailable | Self::TooSlow)
    }

    /// Returns the reason for scripts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSource => "no-credentials",
            Self::NoProfile => "no-such-profile",
            Self::EmptyProfileName => "empty-profile-name",
            Self::WrongSection => "wrong-profile-section",
            Self::NoSourceProfile => "no-such-source-profile",
            Self::IncompleteProfile => "incomplete-profile",
            Self::IncompleteKeys => "incomplete-keys",
            Self::Unusable => "unusable-credentials",
            Self::Mfa => "mfa-required",
            Self::LoginSession => "login-session",
            Self::SsoSession => "sso-session-expired",
            Self::SsoRole => "sso-role-not-assigned",
            Self::TokenFile => "web-identity-token-file",
            Self::ConfigFile => "aws-config-file",
            Self::Process => "credential-process-failed",
            Self::Refused => "credentials-refused",
            Self::Unreachable | Self::Setting => "credentials-host-unreachable",
            Self::Unavailable => "credentials-host-unavailable",
            Self::TooSlow => "credentials-too-slow",
        }
    }
}

/// A reason with the advice for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MissingCredentials {
    /// The reason.
    pub reason: MissingReason,
    /// What to try, in full sentences, with the names of profiles, files and commands.
    pub advice: Box<str>,
}

/// Where AWS credentials come from, for advice when a gateway refuses them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialsOrigin {
    /// Where the keys are set, as the object of "check".
    pub keys: String,
    /// How to get new ones, as a sentence.
    pub renewal: String,
}

/// What to try if a gateway answers 401 to a signed request.
pub const NO_SIGNATURE_EXPECTED: &str = "This route has an authorizer that expects a token, not an AWS signature: set \
    auth = { type = \"bearer\", .. } in the endpoint, or have the API's owner set the route's authorization to AWS_IAM.";
