//! Sends requests for credentials: with the proxy and the certificates of the endpoint, within deadlines, and with a limit
//! for the size of responses.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderMap;
use tokio::sync::Mutex;

use crate::domain::{Endpoint, Failure, FailureKind, Proxy, Unreachable};
use crate::gateway::http_builder::Made;
use crate::gateway::iam::aws::request::{ATTEMPTS, Request};
use crate::gateway::iam::aws::response::{RequestError, Response};
use crate::gateway::proxy::HttpProxy;
use crate::gateway::secret::command::Commands;
use crate::gateway::{connection_failure, http_builder, probe};

/// Far larger than any response with credentials.
const MAX_RESPONSE_BYTES: usize = 1024 * 1024;
/// The addresses of container and instance metadata, which no proxy can reach.
const LOCAL: [&str; 5] = ["169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"];

/// Additional certificate authorities, as in the AWS CLI.
#[derive(Debug, Clone)]
pub(super) struct Bundle {
    pub(super) path: PathBuf,
    /// `AWS_CA_BUNDLE`, or the key of the profile.
    pub(super) from: &'static str,
}

/// The client for one look-up.
pub(super) struct Http<'h> {
    endpoint: &'h Endpoint,
    bundle: Option<&'h Bundle>,
    /// Origins to reach without a proxy.
    direct: Vec<String>,
    commands: &'h Commands,
    /// One client for each origin, since each may have its own proxy.
    clients: Mutex<HashMap<String, Arc<Made>>>,
}

impl<'h> Http<'h> {
    /// Creates the client for look-ups of this endpoint. `direct` holds the URLs of a container or an instance.
    pub(super) fn new(
        endpoint: &'h Endpoint,
        bundle: Option<&'h Bundle>,
        direct: &[&str],
        commands: &'h Commands,
    ) -> Self {
        let direct = direct.iter().filter_map(|url| Some(origin(&Url::parse(url).ok()?))).collect();
        Self { endpoint, bundle, direct, commands, clients: Mutex::default() }
    }

    /// Sends a request, again after a failure that may pass, and returns what `read` finds in the body of a successful
    /// response.
    pub(super) async fn send<T>(
        &self,
        request: &Request,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, RequestError> {
        let mut attempt = 1;
        loop {
            let error = match self.attempt(request, &read).await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            };
            if attempt == ATTEMPTS || !request.may_be_repeated(&error) {
                return Err(error);
            }
            // As in the AWS SDKs: up to one second, then up to two.
            tokio::time::sleep(Duration::from_secs(1 << (attempt - 1)).mul_f64(fastrand::f64())).await;
            attempt += 1;
        }
    }

    async fn attempt<T>(&self, request: &Request, read: impl Fn(&[u8]) -> Option<T>) -> Result<T, RequestError> {
        let redactor = self.commands.redactor().of_request(&[], &request.secrets);
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let sent = tokio::time::timeout(request.deadline(), self.exchange(request)).await;
        let late = || Err(Failure::without_response(FailureKind::Unreachable(Unreachable::Deadline), ""));
        match sent.unwrap_or_else(|_| late()) {
            Ok((status, headers, body)) => {
                let found = (200..300).contains(&status).then(|| read(&body)).flatten();
                found.ok_or_else(|| {
                    let error_type = headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
                    let about = (request.service, request.role.as_deref());
                    RequestError::Response {
                        host,
                        response: Response::read(about, status, error_type, &body, &redactor),
                    }
                })
            }
            Err(failure) => {
                let failure = redactor.failure(failure);
                Err(RequestError::NoResponse { host, service: request.service, failure })
            }
        }
    }

    async fn exchange(&self, request: &Request) -> Result<(u16, HeaderMap, Vec<u8>), Failure> {
        let made = self.client(&request.url).await?;
        let proxy = made.proxy.as_ref().map(HttpProxy::address);
        let way = connection_failure::Connection { proxy, ..connection_failure::Connection::default() };
        let failed = |error| connection_failure::failure(error, &way);
        let mut sent =
            made.client.request(request.method.clone(), request.url.clone()).headers(request.headers.clone());
        if !request.body.is_empty() {
            sent = sent.body(request.body.clone());
        }
        let mut response = match sent.send().await {
            Ok(response) => response,
            Err(error) => {
                let (failure, redactor) = (failed(error), self.commands.redactor());
                return Err(match &made.proxy {
                    Some(proxy) => probe::explained(failure, proxy, &request.url, self.endpoint, redactor).await,
                    None => failure,
                });
            }
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
                return Err(Failure::without_response(FailureKind::ResponseTooLarge, "more than 1 MiB"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, headers, body))
    }

    /// Returns the endpoint with the proxy for this URL.
    fn endpoint_for(&self, url: &Url) -> Endpoint {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let is_direct = LOCAL.contains(&host.as_str()) || self.direct.contains(&origin(url));
        let endpoint = self.endpoint.clone();
        let proxy = if is_direct { Proxy::Direct } else { endpoint.proxy.clone() };
        Endpoint { proxy, ..endpoint }
    }

    async fn client(&self, url: &Url) -> Result<Arc<Made>, Failure> {
        let mut clients = self.clients.lock().await;
        if let Some(made) = clients.get(&origin(url)) {
            return Ok(Arc::clone(made));
        }
        let bundle = self.bundle.filter(|_| url.scheme() == "https");
        let bundle = bundle.map(|Bundle { path, from }| (*from, path.as_path()));
        let made = http_builder::client_for(&self.endpoint_for(url), url, bundle, self.commands).await?;
        let made = Arc::new(made);
        clients.insert(origin(url), Arc::clone(&made));
        Ok(made)
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
