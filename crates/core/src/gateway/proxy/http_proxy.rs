//! An HTTP proxy: where it is, and what it is shown.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::{Endpoint, Failure, FailureKind};

/// An HTTP proxy.
#[derive(Debug, Clone)]
pub(in crate::gateway) struct HttpProxy {
    /// Whether the connection to the proxy itself uses TLS.
    pub(in crate::gateway) is_encrypted: bool,
    /// Without the brackets of an IPv6 address.
    pub(in crate::gateway) host: String,
    pub(in crate::gateway) port: u16,
    /// The header `Proxy-Authorization`: `Basic ..`.
    pub(in crate::gateway) login: Option<SecretString>,
    /// Where it is set: a variable, or a key of the configuration.
    pub(in crate::gateway) named_by: String,
}

impl HttpProxy {
    /// Parses a URL of the configuration, which has no login.
    pub(in crate::gateway) fn at_url(url: &str, endpoint: &Endpoint) -> Result<Self, Failure> {
        let url = Url::parse(url).map_err(|error| {
            Failure::without_response(FailureKind::Setting, format!("the endpoint's proxy is not a URL: {error}"))
        })?;
        Ok(Self {
            is_encrypted: url.scheme() == "https",
            host: url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned(),
            port: url.port_or_known_default().unwrap_or(80),
            login: None,
            named_by: format!("proxy in {}", endpoint.name.header()),
        })
    }

    /// Returns what must not be shown: the header, and the password in it.
    pub(in crate::gateway) fn secrets(&self) -> Vec<SecretString> {
        let Some(login) = &self.login else { return Vec::new() };
        let encoded = login.expose_secret().trim_start_matches("Basic ");
        let decoded = STANDARD.decode(encoded).ok().and_then(|login| String::from_utf8(login).ok());
        let password = decoded.as_deref().and_then(|login| login.split_once(':')).map(|(_, password)| password.into());
        std::iter::once(login.clone()).chain(password).collect()
    }

    /// Returns host and port for messages.
    pub(in crate::gateway) fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Returns the URL without the login.
    pub(in crate::gateway) fn url(&self) -> String {
        format!("{}://{}", if self.is_encrypted { "https" } else { "http" }, self.address())
    }
}
