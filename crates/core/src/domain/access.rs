//! How requests authenticate and connect. Holds no secret, only where to read it, so all of it may be shown.

use std::fmt;
use std::path::PathBuf;

use crate::domain::program_name;

/// Where to read a secret. The configuration never holds the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file's contents, trimmed.
    File(PathBuf),
    /// A program's standard output, trimmed. Run without a shell.
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
                write!(f, "the command {}", program_name::shown(words.first().map_or("", String::as_str)))
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
    /// Sent as configured.
    Text(String),
    /// Read before the first request, and again when the gateway rejects it.
    Secret(SecretSource),
}

/// A token in a header: JWT and Cognito authorizers, and Lambda authorizers of type TOKEN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The token itself.
    pub token: SecretSource,
    /// The header name, such as `Authorization`.
    pub header: String,
    /// Prefix before the token; empty for the bare token.
    pub scheme: String,
}

/// How requests authenticate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// No authentication beyond the fixed headers.
    None,
    /// The header `x-api-key`.
    ApiKey(SecretSource),
    /// A token in a header.
    Bearer(Bearer),
    /// Signature Version 4 for `execute-api`, with credentials from the AWS SDKs' default chain or from one profile.
    Iam {
        /// A profile of the shared AWS configuration.
        profile: Option<String>,
    },
}

impl Auth {
    /// Returns the value of `auth` or `auth.type` in the configuration.
    pub fn as_str(&self) -> &'static str {
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
    /// The certificate, followed by its intermediates.
    pub file: PathBuf,
    /// The private key, unless it is in the same file.
    pub key: Option<PathBuf>,
}

/// How connections reach the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Proxy {
    /// As in `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; direct for loopback addresses.
    #[default]
    Environment,
    /// Ignores these variables.
    Direct,
    /// Through this proxy.
    At {
        /// Without user and password.
        url: String,
        /// User and password for Basic authentication.
        login: Option<(String, SecretSource)>,
    },
}
