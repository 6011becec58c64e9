//! A request for credentials. Pure.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use reqwest::{Method, Url};
use secrecy::SecretString;

use crate::domain::{FailureKind, Unreachable};
use crate::gateway::iam::aws::response::RequestError;
use crate::gateway::iam::aws::service::Service;

/// How often a request is sent at most.
pub(super) const ATTEMPTS: u32 = 3;

/// A request, with the secrets in it.
pub(super) struct Request {
    pub(super) service: Service,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    /// The role that STS is asked for.
    pub(super) role: Option<String>,
    /// What the response may repeat.
    pub(super) secrets: Vec<SecretString>,
}

impl Request {
    pub(super) fn new(service: Service, method: Method, url: Url) -> Self {
        let (headers, body, secrets) = (HeaderMap::new(), String::new(), Vec::new());
        Self { service, method, url, headers, body, role: None, secrets }
    }

    /// Adds a header whose value is a secret.
    pub(super) fn secret_header(mut self, name: &'static str, value: &str) -> Result<Self, InvalidHeaderValue> {
        let mut header = HeaderValue::from_str(value)?;
        header.set_sensitive(true);
        self.headers.insert(HeaderName::from_static(name), header);
        self.secrets.push(value.into());
        Ok(self)
    }

    /// Returns how long a response may take. The services answer within a second; metadata is at hand, or nowhere.
    pub(super) fn deadline(&self) -> Duration {
        Duration::from_secs(match self.service {
            Service::Sts | Service::Sso | Service::SsoOidc => 20,
            Service::Container => 7,
            Service::Instance => 2,
        })
    }

    /// Returns whether another attempt may succeed, as in the AWS SDKs. Another attempt does not correct a proxy or a
    /// certificate, and no request waits for several deadlines.
    pub(super) fn may_be_repeated(&self, error: &RequestError) -> bool {
        match (error, self.service) {
            // Most machines are not instances.
            (RequestError::NoResponse { .. }, Service::Instance) => false,
            (RequestError::NoResponse { failure, .. }, _) => match failure.kind {
                FailureKind::Unreachable(Unreachable::Tls | Unreachable::Proxy | Unreachable::Deadline) => false,
                FailureKind::Unreachable(_) => true,
                _ => false,
            },
            (RequestError::Response { response, .. }, Service::Instance) if response.status == 401 => true,
            (RequestError::Response { response, .. }, Service::Container) if response.is_success() => true,
            (RequestError::Response { response, .. }, _) => response.may_pass(),
        }
    }
}

/// Writes the members of a form.
pub(super) fn form(members: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        members.iter().map(|(name, value)| format!("{}={}", percent_encoded(name), percent_encoded(value))).collect();
    pairs.join("&")
}

/// Encodes all characters except the unreserved ones of RFC 3986.
pub(super) fn percent_encoded(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encoded).collect()
}

/// Returns an address below that of a service, whose own path is kept.
pub(super) fn below(address: &Url, path: &str) -> Url {
    let mut url = address.clone();
    url.set_path(&format!("{}{path}", address.path().trim_end_matches('/')));
    url
}
