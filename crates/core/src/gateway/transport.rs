//! Making the HTTP client of an endpoint: certificates, proxy, deadlines.

use std::error::Error;
use std::net::SocketAddr;
#[cfg(feature = "iam")]
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderValue;
use reqwest::{ClientBuilder, Url, redirect};
use secrecy::ExposeSecret as _;

use crate::domain::{Endpoint, Failure, FailureKind};
use crate::gateway::network::NoAddress;
use crate::gateway::proxy::{self, HttpProxy};
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::Commands;
use crate::gateway::tls;

/// Reaching the host at all.
pub(super) const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
/// A gateway's integration answers within 29 seconds, or the gateway itself says 504.
pub(super) const TOTAL_DEADLINE: Duration = Duration::from_secs(32);
/// How long an idle connection stays open.
pub(super) const IDLE: Duration = Duration::from_secs(90);

fn failure(text: String) -> Failure {
    Failure::without_response(FailureKind::Client, text)
}

/// The endpoint's URL, parsed.
pub(super) fn url(endpoint: &Endpoint) -> Result<Url, Failure> {
    Url::parse(&endpoint.url).map_err(|error| failure(format!("the url is not one: {error}")))
}

/// Looks up names by the system, as the client would by itself, with errors that can be told from others.
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is set by the client.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(NoAddress)?;
            let found: Vec<SocketAddr> = found.collect();
            Ok::<Addrs, Box<dyn Error + Send + Sync>>(Box::new(found.into_iter()))
        })
    }
}

/// What can be checked without reading anything.
pub(super) fn check(endpoint: &Endpoint) -> Result<(), Failure> {
    url(endpoint)?;
    match &endpoint.proxy {
        crate::domain::Proxy::At { url, .. } => reqwest_proxy(&HttpProxy::at_url(url, endpoint)?).map(drop),
        crate::domain::Proxy::Environment | crate::domain::Proxy::Direct => Ok(()),
    }
}

/// An HTTP client, and the way that its requests take.
pub(super) struct Made {
    pub(super) client: reqwest::Client,
    /// The proxy, with its login.
    pub(super) proxy: Option<HttpProxy>,
    /// The observations of its handshakes.
    pub(super) seen: Arc<tls::Seen>,
}

/// Creates the client of an endpoint. Reads the endpoint's files; sends nothing.
pub(super) async fn client(endpoint: &Endpoint, redactor: &Redactor, commands: &Commands) -> Result<Made, Failure> {
    let url = url(endpoint)?;
    let proxy = proxy_for(endpoint, &url, redactor, commands).await?;
    // Checked even if not needed: what the configuration names must be usable.
    let (authorities, identity) = (tls::authorities_of(endpoint, None).await?, tls::identity(endpoint).await?);
    let mut builder = basic(proxy.as_ref())?;
    // HTTP/2 takes the host from the URL, which would contradict the header.
    let is_http1 = endpoint.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
    if is_http1 {
        builder = builder.http1_only();
    }
    if !tls::is_needed(&url, proxy.as_ref()) {
        // Loading hundreds of certificates takes longer than a request that needs none of them.
        return Ok(Made { client: built(builder.tls_certs_only([]))?, proxy, seen: Arc::default() });
    }
    let (config, seen) = tls::config(authorities, identity)?;
    let builder = encrypted(builder, config, is_http1).connector_layer(tls::Verdict(Arc::clone(&seen)));
    Ok(Made { client: built(builder)?, proxy, seen })
}

/// Creates a client for a URL of another service, such as AWS STS. The endpoint's proxy and `ca-file` apply to it, as
/// do the authorities in `ca_file`, a file named elsewhere. It presents no client certificate: that is for the gateway.
#[cfg(feature = "iam")]
pub(super) async fn client_for(
    endpoint: &Endpoint,
    url: &Url,
    ca_file: Option<(&'static str, &Path)>,
    commands: &Commands,
) -> Result<Made, Failure> {
    let proxy = proxy_for(endpoint, url, commands.redactor(), commands).await?;
    let authorities = tls::authorities_of(endpoint, ca_file).await?;
    let (config, seen) = tls::config(authorities, None)?;
    let client = built(encrypted(basic(proxy.as_ref())?, config, false))?;
    Ok(Made { client, proxy, seen })
}

async fn proxy_for(
    endpoint: &Endpoint,
    url: &Url,
    redactor: &Redactor,
    commands: &Commands,
) -> Result<Option<HttpProxy>, Failure> {
    let proxy = proxy::with_login(endpoint, url, commands).await?;
    redactor.add(&proxy.iter().flat_map(HttpProxy::secrets).collect::<Vec<_>>());
    Ok(proxy)
}

/// The common settings of all clients. Only the given proxy is used: `reqwest` itself reads no variable.
fn basic(proxy: Option<&HttpProxy>) -> Result<ClientBuilder, Failure> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("stepgate/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(Names))
        .connect_timeout(CONNECT_DEADLINE)
        .timeout(TOTAL_DEADLINE)
        .pool_idle_timeout(IDLE)
        // A redirect would carry the API key to wherever it points.
        .redirect(redirect::Policy::none())
        .no_proxy();
    Ok(match proxy {
        Some(proxy) => builder.proxy(reqwest_proxy(proxy)?),
        None => builder,
    })
}

fn reqwest_proxy(proxy: &HttpProxy) -> Result<reqwest::Proxy, Failure> {
    let url = proxy.url();
    let made =
        reqwest::Proxy::all(&url).map_err(|error| failure(format!("the proxy {url} cannot be used: {error}")))?;
    let Some(login) = &proxy.login else { return Ok(made) };
    let header = HeaderValue::from_str(login.expose_secret());
    // The error's own text would contain the password.
    let mut header = header.map_err(|_| failure(format!("the login for the proxy {url} has control characters")))?;
    header.set_sensitive(true);
    Ok(made.custom_http_auth(header))
}

fn encrypted(builder: ClientBuilder, mut config: tls::ClientConfig, is_http1: bool) -> ClientBuilder {
    let protocols: &[&[u8]] = if is_http1 { &[b"http/1.1"] } else { &[b"h2", b"http/1.1"] };
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    builder.tls_backend_preconfigured(config)
}

fn built(builder: ClientBuilder) -> Result<reqwest::Client, Failure> {
    builder.build().map_err(|error| failure(format!("the HTTP client could not be created: {error}")))
}
