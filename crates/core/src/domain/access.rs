//! How a gateway is locked, and where the keys are: what the configuration may say of it. No secret is in
//! here, only where it is to be had, so all of it may be shown.

use std::fmt;
use std::path::PathBuf;

use crate::domain::shell;

/// Where a secret is to be had. The configuration never holds the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file's text without the white space around it.
    File(PathBuf),
    /// What a program prints, without the white space around it. Run without a shell.
    Command(Vec<String>),
    /// A member of the JSON from another source.
    Member(Box<SecretSource>, MemberPath),
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the environment variable {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Command(words) => {
                write!(f, "the command {}", shell::program(words.first().map_or("", String::as_str)))
            }
            Self::Member(source, _) => source.fmt(f),
        }
    }
}

/// The path of a value in JSON: `.access_token`, `.status.token`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPath(Vec<String>);

impl MemberPath {
    /// Parses member names, each preceded by a dot.
    pub fn parse(text: &str) -> Option<Self> {
        let names: Vec<String> = text.strip_prefix('.')?.split('.').map(str::to_owned).collect();
        let is_name = |name: &String| !name.is_empty() && !name.contains(['[', ']', '"', '|']);
        names.iter().all(is_name).then_some(Self(names))
    }

    /// Returns the names, outermost first.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for MemberPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|name| write!(f, ".{name}"))
    }
}

/// The value of a fixed header: `Authorization` for a Lambda authorizer holds a secret,
/// `x-apigw-api-id` does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderValue {
    /// Sent as it stands in the configuration.
    Text(String),
    /// Looked up before the first request, and again when the gateway does not take it any more.
    Secret(SecretSource),
}

/// A token in a header: JWT and Cognito authorizers, and Lambda authorizers of type TOKEN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The token.
    pub token: SecretSource,
    /// The header that the gateway reads it from.
    pub header: String,
    /// What stands in front of it; empty for the bare token.
    pub scheme: String,
}

/// How the gateway is to know us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// Not at all, or by the fixed headers.
    None,
    /// By the header `x-api-key`.
    ApiKey(SecretSource),
    /// By a token.
    Bearer(Bearer),
    /// By a signature (Signature Version 4 for `execute-api`), with the credentials of the AWS SDKs' default
    /// chain, or of one profile.
    Iam {
        /// A profile of the shared AWS configuration.
        profile: Option<String>,
    },
}

impl Auth {
    /// The word of the configuration for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ApiKey(_) => "api-key",
            Self::Bearer(_) => "bearer",
            Self::Iam { .. } => "iam",
        }
    }
}

/// The client certificate for mutual TLS. PEM or DER files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The certificate, with those between it and the authority.
    pub file: PathBuf,
    /// Its private key, if that is not in the same file.
    pub key: Option<PathBuf>,
}

/// What stands between us and the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Proxy {
    /// What `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say; nothing for this machine itself.
    #[default]
    Environment,
    /// Nothing, whatever they say.
    Direct,
    /// This one.
    At {
        /// Its URL, without user and password.
        url: String,
        /// For one that wants to know us (Basic).
        login: Option<(String, SecretSource)>,
    },
}
