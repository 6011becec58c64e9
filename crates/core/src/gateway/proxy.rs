//! Decides which proxy a request goes through: the one in the configuration, or the one that the environment names. The
//! client and the doctor both use this, so they cannot disagree. An unusable variable is an error: ignoring it would
//! send requests on an unintended path.

mod environment;
mod exempt;
mod http_proxy;
mod message;
mod refusal;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::endpoint::is_loopback;
use crate::domain::{Endpoint, Failure, FailureKind, Proxy};
use crate::gateway::secret;
use crate::gateway::secret::command::Commands;
use crate::gateway::secret::parse::Purpose;
use environment::ProxyVariable;
pub(super) use http_proxy::HttpProxy;
pub use message::NOT_A_PROXY;
pub(super) use message::at_proxy;
pub use refusal::ProxyProblem;

/// Returns the proxy for a URL, without a login from the configuration.
pub(super) fn for_url(endpoint: &Endpoint, url: &Url) -> Result<Option<HttpProxy>, Failure> {
    match &endpoint.proxy {
        // A proxy cannot reach this machine's own loopback.
        Proxy::Environment if is_loopback(url.host_str().unwrap_or_default()) => Ok(None),
        Proxy::Environment => from_environment(url),
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

/// Returns why the environment's proxy is not used for this endpoint, with what to change.
pub(super) fn unused(endpoint: &Endpoint) -> Option<String> {
    environment::unused(&url_for_environment(endpoint)?, variable)
}

/// Returns what is wrong with the list of hosts without a proxy.
pub(super) fn list_error(endpoint: &Endpoint) -> Option<String> {
    environment::list_error(&url_for_environment(endpoint)?, variable)
}

/// Returns the URL of an endpoint for which the environment decides.
fn url_for_environment(endpoint: &Endpoint) -> Option<Url> {
    let url = Url::parse(&endpoint.url).ok().filter(|_| endpoint.proxy == Proxy::Environment);
    url.filter(|url| !is_loopback(url.host_str().unwrap_or_default()))
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

fn from_environment(url: &Url) -> Result<Option<HttpProxy>, Failure> {
    match environment::lookup(url, variable) {
        ProxyVariable::Unset => Ok(environment::from_system(url)),
        ProxyVariable::Exempt => Ok(None),
        ProxyVariable::Proxy(proxy) => Ok(Some(proxy)),
        ProxyVariable::Unusable(message) => Err(failure(message)),
    }
}

fn failure(message: String) -> Failure {
    Failure::without_response(FailureKind::Setting, message)
}

/// `Basic` credentials (RFC 7617).
fn basic(user: &str, password: &SecretString) -> SecretString {
    let login = format!("{user}:{}", password.expose_secret());
    format!("Basic {}", STANDARD.encode(login)).into()
}
