//! Builds the HTTP client of an endpoint: certificates, proxy, deadlines.

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
use crate::gateway::connection_failure::HostNotFound;
use crate::gateway::proxy::{self, HttpProxy};
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::Commands;
use crate::gateway::tls;

/// For connecting to the host.
pub(super) const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
/// How long after the limit of an integration the gateway's response to it may arrive.
pub(super) const TRANSIT: Duration = Duration::from_secs(1);
/// An integration has 29 seconds to respond; then the gateway returns 504.
pub(super) const TOTAL_DEADLINE: Duration = Duration::from_secs(32);
/// How long an idle connection stays open.
pub(super) const IDLE: Duration = Duration::from_secs(90);

fn failure(text: String) -> Failure {
    Failure::without_response(FailureKind::Client, text)
}

/// Parses the endpoint's URL.
pub(super) fn url(endpoint: &Endpoint) -> Result<Url, Failure> {
    Url::parse(&endpoint.url).map_err(|error| failure(format!("the url is not one: {error}")))
}

/// Resolves names with the system, as the client does by default, but with errors of a type of their own.
struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is set by the client.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(HostNotFound)?;
            let found: Vec<SocketAddr> = found.collect();
            Ok::<Addrs, Box<dyn Error + Send + Sync>>(Box::new(found.into_iter()))
        })
    }
}

/// Checks what can be checked without reading files.
pub(super) fn check(endpoint: &Endpoint) -> Result<(), Failure> {
    url(endpoint)?;
    match &endpoint.proxy {
        crate::domain::Proxy::At { url, .. } => reqwest_proxy(&HttpProxy::at_url(url, endpoint)?).map(drop),
        crate::domain::Proxy::Environment | crate::domain::Proxy::Direct => Ok(()),
    }
}

/// An HTTP client, and the proxy of its requests.
pub(super) struct Made {
    pub(super) client: reqwest::Client,
    /// The proxy, with its login.
    pub(super) proxy: Option<HttpProxy>,
    /// The observations of its handshakes.
    pub(super) seen: Arc<tls::HandshakeRecord>,
}

/// Creates the client of an endpoint. Reads the endpoint's files; sends nothing.
pub(super) async fn client(endpoint: &Endpoint, redactor: &Redactor, commands: &Commands) -> Result<Made, Failure> {
    let url = url(endpoint)?;
    let proxy = proxy_for(endpoint, &url, redactor, commands).await?;
    // Checked even if not needed: what the configuration names must be usable.
    let (authorities, identity) = (tls::authorities_of(endpoint, None).await?, tls::identity(endpoint).await?);
    let mut builder = base_builder(proxy.as_ref())?;
    // HTTP/2 takes the host from the URL, which would contradict the header.
    let is_http1 = endpoint.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
    if is_http1 {
        builder = builder.http1_only();
    }
    if !tls::is_needed(&url, proxy.as_ref()) {
        // Loading hundreds of certificates takes longer than a request that needs none of them.
        return Ok(Made { client: build(builder.tls_certs_only([]))?, proxy, seen: Arc::default() });
    }
    let (config, seen) = tls::config(authorities, identity)?;
    let builder = with_tls(builder, config, is_http1).connector_layer(tls::VerdictLayer(Arc::clone(&seen)));
    Ok(Made { client: build(builder)?, proxy, seen })
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
    let client = build(with_tls(base_builder(proxy.as_ref())?, config, false))?;
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

/// Applies the common settings of all clients. Only the given proxy is used: `reqwest` itself reads no variable.
fn base_builder(proxy: Option<&HttpProxy>) -> Result<ClientBuilder, Failure> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("stepgate/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(SystemResolver))
        .connect_timeout(CONNECT_DEADLINE)
        .timeout(TOTAL_DEADLINE)
        .pool_idle_timeout(IDLE)
        // A redirect would send the API key to another host.
        .redirect(redirect::Policy::none())
        .no_proxy();
    Ok(match proxy {
        Some(proxy) => builder.proxy(reqwest_proxy(proxy)?),
        None => builder,
    })
}

fn reqwest_proxy(proxy: &HttpProxy) -> Result<reqwest::Proxy, Failure> {
    let made = reqwest::Proxy::all(proxy.url()).map_err(|error| proxy.unusable_url(&error))?;
    let Some(login) = &proxy.login else { return Ok(made) };
    let header = HeaderValue::from_str(login.expose_secret());
    let mut header = header.map_err(|_| proxy.unusable_login())?;
    header.set_sensitive(true);
    Ok(made.custom_http_auth(header))
}

fn with_tls(builder: ClientBuilder, mut config: tls::ClientConfig, is_http1: bool) -> ClientBuilder {
    let protocols: &[&[u8]] = if is_http1 { &[b"http/1.1"] } else { &[b"h2", b"http/1.1"] };
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    builder.tls_backend_preconfigured(config)
}

fn build(builder: ClientBuilder) -> Result<reqwest::Client, Failure> {
    builder.build().map_err(|error| failure(format!("the HTTP client could not be created: {error}")))
}
