//! Why there are no AWS credentials for a request, and how to get some.

use serde::{Deserialize, Serialize};

/// Why there are no AWS credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MissingReason {
    /// No source has credentials.
    NoSource,
    /// A profile that does not exist.
    NoProfile,
    /// `AWS_PROFILE` is empty.
    EmptyProfileName,
    /// `[x]` in the configuration file, where `[profile x]` belongs, or the reverse in the credentials file.
    WrongSection,
    /// `source_profile` names a profile that does not exist.
    NoSourceProfile,
    /// A profile lacks settings that its kind of credentials needs.
    IncompleteProfile,
    /// Only one of two variables or keys that belong together is set.
    IncompleteKeys,
    /// A part of the credentials has characters that none can have, such as a line break.
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
    /// STS, the SSO portal, the container or the instance has too many requests or an error of its own, or something else
    /// answers in its place.
    Unavailable,
    /// A setting for these requests cannot be used: a proxy variable, a certificate file, an endpoint URL.
    Setting,
    /// The look-up took too long.
    TooSlow,
}

impl MissingReason {
    /// Returns whether the next look-up may succeed although nothing was corrected: the source did not decide anything.
    pub fn may_pass(self) -> bool {
        matches!(self, Self::Unreachable | Self::Unavailable | Self::TooSlow)
    }

    /// Returns the name of the reason for scripts.
    pub fn word(self) -> &'static str {
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
    /// Why.
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
