//! Decides which proxy a request goes through: the one in the configuration, or the one that the environment names. The
//! client and the doctor both use this, so they cannot disagree. An unusable variable is an error: ignoring it would
//! send requests on an unintended path.

mod environment;
mod exempt;
mod refusal;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::endpoint::is_loopback;
use crate::domain::{Endpoint, Failure, FailureKind, Proxy};
use crate::gateway::secret;
use crate::gateway::secret::command::Commands;
use crate::gateway::secret::reading::Purpose;
use environment::Named;
pub use refusal::{NOT_A_PROXY, ProxyFault};

/// An HTTP proxy.
#[derive(Debug, Clone)]
pub(super) struct HttpProxy {
    /// Whether the connection to the proxy itself uses TLS.
    pub(super) is_encrypted: bool,
    /// Without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
    /// The header `Proxy-Authorization`: `Basic ..`.
    pub(super) login: Option<SecretString>,
    /// Where it is set: a variable, or a key of the configuration.
    pub(super) named_by: String,
}

impl HttpProxy {
    /// Parses a URL of the configuration, which has no login.
    pub(super) fn at_url(url: &str, endpoint: &Endpoint) -> Result<Self, Failure> {
        let url = Url::parse(url).map_err(|error| failure(format!("the endpoint's proxy is not a URL: {error}")))?;
        Ok(Self {
            is_encrypted: url.scheme() == "https",
            host: url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned(),
            port: url.port_or_known_default().unwrap_or(80),
            login: None,
            named_by: format!("proxy in [endpoints.{}]", endpoint.name),
        })
    }

    /// Returns what must not be shown: the header, and the password in it.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        let Some(login) = &self.login else { return Vec::new() };
        let encoded = login.expose_secret().trim_start_matches("Basic ");
        let decoded = STANDARD.decode(encoded).ok().and_then(|login| String::from_utf8(login).ok());
        let password = decoded.as_deref().and_then(|login| login.split_once(':')).map(|(_, password)| password.into());
        std::iter::once(login.clone()).chain(password).collect()
    }

    /// Returns host and port for messages.
    pub(super) fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Returns the URL without the login.
    pub(super) fn url(&self) -> String {
        format!("{}://{}", if self.is_encrypted { "https" } else { "http" }, self.address())
    }
}

/// Returns the proxy for a URL, without a login from the configuration.
pub(super) fn for_url(endpoint: &Endpoint, url: &Url) -> Result<Option<HttpProxy>, Failure> {
    match &endpoint.proxy {
        // A proxy cannot reach this machine's own loopback.
        Proxy::Environment if is_loopback(url.host_str().unwrap_or_default()) => Ok(None),
        Proxy::Environment => of_environment(url),
        Proxy::Direct => Ok(None),
        Proxy::At { url, .. } => HttpProxy::at_url(url, endpoint).map(Some),
    }
}

/// Returns the proxy for a URL with its login, for which a command may have to run.
pub(super) async fn with_login(
    endpoint: &Endpoint,
    url: &Url,
    commands: &Commands,
) -> Result<Option<HttpProxy>, Failure> {
    let Some(proxy) = for_url(endpoint, url)? else { return Ok(None) };
    match &endpoint.proxy {
        Proxy::At { login: Some((user, source)), .. } => {
            let password = secret::look_up(source, Purpose::Password, commands).await?.text;
            Ok(Some(HttpProxy { login: Some(basic(user, &password)), ..proxy }))
        }
        _ => Ok(Some(proxy)),
    }
}

fn of_environment(url: &Url) -> Result<Option<HttpProxy>, Failure> {
    let variable = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    match environment::named(url, variable) {
        Named::Nothing => Ok(environment::of_system(url)),
        Named::Exempt => Ok(None),
        Named::Proxy(proxy) => Ok(Some(proxy)),
        Named::Wrong(said) => Err(failure(said)),
    }
}

fn failure(said: String) -> Failure {
    Failure::without_answer(FailureKind::Setting, said)
}

/// `Basic` credentials (RFC 7617).
fn basic(user: &str, password: &SecretString) -> SecretString {
    let login = format!("{user}:{}", password.expose_secret());
    format!("Basic {}", STANDARD.encode(login)).into()
}
