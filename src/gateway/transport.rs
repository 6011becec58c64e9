//! Making the HTTP client of an endpoint: certificates, proxy, deadlines.

use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, ClientBuilder, Identity, Url, redirect};
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::endpoint::is_loopback;
use crate::domain::{ClientCertificate, Endpoint, Failure, FailureKind, Proxy};

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

/// The client; nothing is sent. `password` is the proxy's, if that wants one.
pub(super) fn client(endpoint: &Endpoint, password: Option<&SecretString>) -> Result<reqwest::Client, Failure> {
    let url = url(endpoint)?;
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("stepgate/", env!("CARGO_PKG_VERSION")))
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
    if let Some(path) = &endpoint.ca_file {
        let certificates = Certificate::from_pem_bundle(&read("ca-file", path)?)
            .map_err(|error| failure(format!("the ca-file {} is not PEM: {error}", path.display())))?;
        builder = builder.tls_certs_merge(certificates);
    }
    if let Some(certificate) = &endpoint.client_certificate {
        builder = builder.identity(identity(certificate)?);
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
    let mut proxy =
        reqwest::Proxy::all(url).map_err(|error| failure(format!("the proxy {url} is not one: {error}")))?;
    if let Some(((user, _), password)) = login.as_ref().zip(password) {
        proxy = proxy.basic_auth(user, password.expose_secret());
    }
    Ok(builder.proxy(proxy))
}

fn identity(certificate: &ClientCertificate) -> Result<Identity, Failure> {
    let mut pem = read("client-certificate", &certificate.file)?;
    if let Some(key) = &certificate.key {
        pem.push(b'\n');
        pem.extend(read("client-key", key)?);
    }
    // The error's own words could hold a part of the key.
    Identity::from_pem(&pem).map_err(|_| {
        let file = certificate.file.display();
        failure(format!("the client-certificate {file} is not a PEM certificate with its private key (client-key)"))
    })
}

fn read(key: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| failure(format!("the {key} {} cannot be read: {error}", path.display())))
}
