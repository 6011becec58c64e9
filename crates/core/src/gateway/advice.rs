//! What to try when a connection fails: it depends on whether the gateway's host or the proxy was being connected to, and
//! on the settings of the endpoint and the environment. Commands and the doctor share it.

use reqwest::Url;

use crate::domain::failure::certificate;
use crate::domain::{Endpoint, Failure, FailureKind, Unreachable};
use crate::gateway::proxy::{self, HttpProxy};
use crate::gateway::tls;

/// Message for a port that expects TLS although the URL begins with `http://`.
pub const EXPECTS_TLS: &str = "the port expects TLS, but the url begins with http://";

const USE_HTTPS: &str = "Write the url with https://.";
const MAY_EXPECT_TLS: &str = "Check the network. If the port expects TLS, write the url with https://.";
const USE_HTTP: &str = "Check the url's port. If the gateway does not use TLS there, write the url with http://.";

/// Parts of responses to plain HTTP on a TLS port: nginx and load balancers, Go, Apache, Tomcat.
const PLAIN_ON_TLS: [&str; 4] = [
    "plain http request was sent to https port",
    "sent an http request to an https server",
    "speaking plain http to an ssl-enabled server port",
    "combination of host and port requires tls",
];

/// Adds advice to a failed connection. `is_at_proxy` says that a TLS failure concerns the proxy.
pub(super) fn advised(
    failure: Failure,
    endpoint: &Endpoint,
    host: &str,
    proxy: Option<&HttpProxy>,
    is_at_proxy: bool,
) -> Failure {
    use Unreachable as U;
    let FailureKind::Unreachable(kind) = failure.kind else { return failure };
    if failure.remedy.is_some() {
        return failure;
    }
    let remedy = match (kind, proxy) {
        (U::Dns | U::Refused | U::NoRoute, Some(proxy)) => proxy.advice(host),
        (U::Dns | U::Refused | U::NoRoute, None) => match proxy::unused(endpoint) {
            Some(unused) => {
                format!("{unused} Otherwise check the network and the url of {}.", endpoint.name.header())
            }
            None => return failure,
        },
        // Only a refused login concerns the user and password.
        (U::Proxy, Some(proxy)) if !failure.message.contains("407") => proxy.advice(host),
        (U::Tls | U::Handshake, Some(proxy)) if is_at_proxy => tls_to_proxy(endpoint, proxy, &failure.message),
        (U::Tls, _) if failure.message == tls::NO_TLS => USE_HTTP.to_owned(),
        (U::Tls, _) if failure.message.contains("certificate") => match certificate::advice(&failure.message) {
            Some(advice) => advice.to_owned(),
            None => trust(endpoint),
        },
        _ => return failure,
    };
    failure.with_remedy(remedy)
}

/// Returns how to trust the gateway's certificate.
pub fn trust(endpoint: &Endpoint) -> String {
    match &endpoint.ca_file {
        None => format!(
            "If you trust the certificate's issuer, save the issuer's certificate (PEM or DER) and set ca-file = \"FILE\" in {}.",
            endpoint.name.header()
        ),
        Some(file) => format!(
            "The ca-file {} does not contain this authority. If you trust the issuer of this certificate, add the issuer's certificate to the file. If the gateway does not send its intermediate certificates, add those too.",
            file.display()
        ),
    }
}

fn tls_to_proxy(endpoint: &Endpoint, proxy: &HttpProxy, message: &str) -> String {
    if let Some(advice) = certificate::advice(message) {
        return advice.to_owned();
    }
    proxy.trust_advice(endpoint.ca_file.as_deref())
}

/// Returns the failure of a plain request to a port for TLS.
pub(super) fn expects_tls() -> Failure {
    Failure::without_response(FailureKind::Unreachable(Unreachable::Tls), EXPECTS_TLS).with_remedy(USE_HTTPS)
}

/// Adds that the port may expect TLS to the failure of a plain request without a response.
pub(super) fn may_expect_tls(failure: Failure) -> Failure {
    let is_broken = failure.kind == FailureKind::Unreachable(Unreachable::Broken);
    if is_broken && failure.remedy.is_none() { failure.with_remedy(MAY_EXPECT_TLS) } else { failure }
}

/// Returns whether a response says that the port expects TLS. Such a request was not processed.
pub(super) fn says_tls_is_expected(url: &Url, status: u16, body: &[u8]) -> bool {
    let text = || String::from_utf8_lossy(body).to_ascii_lowercase();
    url.scheme() == "http" && status == 400 && PLAIN_ON_TLS.iter().any(|part| text().contains(part))
}
