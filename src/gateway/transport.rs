//! Making the HTTP client of an endpoint: certificates, proxy, deadlines.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, ClientBuilder, Identity, Url, redirect};
use secrecy::{ExposeSecret as _, SecretString};

use crate::bounded::{self, Limits};
use crate::domain::endpoint::is_loopback;
use crate::domain::{ClientCertificate, Endpoint, Failure, FailureKind, Proxy};
use crate::gateway::network::NoAddress;

/// Reaching the host at all.
pub(super) const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
/// A gateway's integration answers within 29 seconds, or the gateway itself says 504.
const TOTAL_DEADLINE: Duration = Duration::from_secs(32);

fn failure(text: String) -> Failure {
    Failure::without_answer(FailureKind::Client, text)
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
        Proxy::At { url, .. } => at(url).map(drop),
        Proxy::Environment | Proxy::Direct => Ok(()),
    }
}

fn at(url: &str) -> Result<reqwest::Proxy, Failure> {
    reqwest::Proxy::all(url).map_err(|error| failure(format!("the proxy {url} is not one: {error}")))
}

/// What lies in files that the endpoint names.
pub(super) struct Files {
    authorities: Vec<Certificate>,
    identity: Option<Identity>,
}

impl Files {
    /// Reads them.
    pub(super) async fn read(endpoint: &Endpoint) -> Result<Self, Failure> {
        let authorities = match &endpoint.ca_file {
            Some(path) => Certificate::from_pem_bundle(&read("ca-file", path).await?)
                .map_err(|error| failure(format!("the ca-file {} is not PEM: {error}", path.display())))?,
            None => Vec::new(),
        };
        let identity = match &endpoint.client_certificate {
            Some(certificate) => Some(identity(certificate).await?),
            None => None,
        };
        Ok(Self { authorities, identity })
    }
}

/// The client; nothing is sent. `password` is the proxy's, if that wants one.
pub(super) fn client(
    endpoint: &Endpoint,
    files: Files,
    password: Option<&SecretString>,
) -> Result<reqwest::Client, Failure> {
    let url = url(endpoint)?;
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("stepgate/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(Names))
        .connect_timeout(CONNECT_DEADLINE)
        .timeout(TOTAL_DEADLINE)
        // A redirect would carry the API key to wherever it points.
        .redirect(redirect::Policy::none());
    let is_here = is_loopback(url.host_str().unwrap_or_default());
    if is_here && url.scheme() == "http" {
        // Reading hundreds of certificates takes longer than the request that needs none of them.
        builder = builder.tls_certs_only([]);
    }
    if endpoint.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        // HTTP/2 names the host in the URL's place, and would contradict the header.
        builder = builder.http1_only();
    }
    builder = proxied(builder, &endpoint.proxy, is_here, password)?;
    if !files.authorities.is_empty() {
        builder = builder.tls_certs_merge(files.authorities);
    }
    if let Some(identity) = files.identity {
        builder = builder.identity(identity);
    }
    builder.build().map_err(|error| failure(format!("no HTTP client: {error}")))
}

fn proxied(
    builder: ClientBuilder,
    proxy: &Proxy,
    is_here: bool,
    password: Option<&SecretString>,
) -> Result<ClientBuilder, Failure> {
    let (url, login) = match proxy {
        // A proxy cannot reach this machine's own loopback.
        Proxy::Environment if is_here => return Ok(builder.no_proxy()),
        Proxy::Environment => return Ok(builder),
        Proxy::Direct => return Ok(builder.no_proxy()),
        Proxy::At { url, login } => (url, login),
    };
    let mut proxy = at(url)?;
    if let Some(((user, _), password)) = login.as_ref().zip(password) {
        proxy = proxy.basic_auth(user, password.expose_secret());
    }
    Ok(builder.proxy(proxy))
}

async fn identity(certificate: &ClientCertificate) -> Result<Identity, Failure> {
    let mut pem = read("client-certificate", &certificate.file).await?;
    if let Some(key) = &certificate.key {
        pem.push(b'\n');
        pem.extend(read("client-key", key).await?);
    }
    // The error's own words could hold a part of the key.
    Identity::from_pem(&pem).map_err(|_| {
        let file = certificate.file.display();
        failure(format!("the client-certificate {file} is not a PEM certificate with its private key (client-key)"))
    })
}

async fn read(key: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = bounded::file_async(path, Limits::FILE).await;
    bytes.map_err(|error| failure(format!("the {key} {} cannot be read: {error}", path.display())))
}
