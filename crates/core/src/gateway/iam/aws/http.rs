//! The HTTP client for the AWS SDK: requests to STS, SSO, containers and instances use the proxy and certificates of
//! the endpoint, and their responses have a size limit.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use reqwest::{Method, Url};
use tokio::sync::Mutex;

use crate::domain::{Endpoint, Failure, FailureKind, Proxy, Unreachable};
use crate::gateway::iam::aws::endpoints::Service;
use crate::gateway::iam::aws::trouble::{Answer, Trouble, secrets_of};
use crate::gateway::proxy::HttpProxy;
use crate::gateway::secret::command::Commands;
use crate::gateway::transport::Made;
use crate::gateway::{network, probe, transport};

/// Far larger than any response with credentials.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// The deadline if the AWS SDK sets none. These services answer within a second.
const DEADLINE: Duration = Duration::from_secs(20);
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
#[derive(Clone)]
pub(super) struct Http(Arc<Shared>);

struct Shared {
    endpoint: Endpoint,
    bundle: Option<Bundle>,
    /// Origins to reach without a proxy.
    direct: Vec<String>,
    commands: Commands,
    /// One client for each origin, since each may have its own proxy.
    clients: Mutex<HashMap<String, Arc<Made>>>,
    trouble: std::sync::Mutex<Option<Trouble>>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// Creates the client for look-ups of this endpoint. `direct` holds the URLs of a container or an instance.
    pub(super) fn new(endpoint: &Endpoint, bundle: Option<Bundle>, direct: &[&str], commands: &Commands) -> Self {
        let (endpoint, trouble) = (endpoint.clone(), std::sync::Mutex::default());
        let direct = direct.iter().filter_map(|url| Some(origin(&Url::parse(url).ok()?))).collect();
        Self(Arc::new(Shared {
            endpoint,
            bundle,
            direct,
            commands: commands.clone(),
            clients: Mutex::default(),
            trouble,
        }))
    }

    /// Returns what came of the last request, if there was one.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.last().take()
    }

    fn last(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn exchange(&self, request: HttpRequest, deadline: Duration) -> Result<HttpResponse, ConnectorError> {
        let redactor = self.0.commands.redactor().of_request(&[], &secrets_of(&request));
        let url = Url::parse(request.uri()).map_err(|error| ConnectorError::user(error.into()))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let late = || Failure::without_response(FailureKind::Unreachable(Unreachable::Deadline), "");
        // The AWS SDK may stop waiting earlier.
        let service = Service::of(&request);
        *self.last() = Some(Trouble::Failed { host: host.clone(), service, failure: late() });
        let sent = tokio::time::timeout(deadline, self.send(&request, &url)).await;
        let outcome = sent.unwrap_or_else(|_| Err(late()));
        match outcome {
            Ok((status, headers, body)) => {
                let answer = Answer::of(&request, status, &headers, &body, &redactor);
                *self.last() = Some(Trouble::Answered { host, answer });
                let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
                let mut response = HttpResponse::new(status, SdkBody::from(body));
                for (name, value) in headers {
                    let _ = response.headers_mut().try_append(name, value);
                }
                Ok(response)
            }
            Err(failure) => {
                let failure = redactor.failure(failure);
                let error = failure.to_string().into();
                let error = match failure.kind {
                    // Retrying does not fix a wrong proxy or certificate, and no request waits for several deadlines.
                    FailureKind::Unreachable(Unreachable::Tls | Unreachable::Proxy | Unreachable::Deadline)
                    | FailureKind::Client
                    | FailureKind::Setting => ConnectorError::user(error),
                    FailureKind::Unreachable(_) => ConnectorError::io(error),
                    _ => ConnectorError::other(error, None),
                };
                *self.last() = Some(Trouble::Failed { host, service, failure });
                Err(error)
            }
        }
    }

    async fn send(&self, request: &HttpRequest, url: &Url) -> Result<(u16, Vec<(String, String)>, Vec<u8>), Failure> {
        let wrong = |error: String| Failure::without_response(FailureKind::Client, error);
        let made = self.client(url).await?;
        let method = Method::from_bytes(request.method().as_bytes()).map_err(|error| wrong(error.to_string()))?;
        let mut sent = made.client.request(method, url.clone());
        for (name, value) in request.headers() {
            sent = sent.header(name, value);
        }
        let body = request.body().bytes().ok_or_else(|| wrong("a body of unknown length".into()))?;
        let proxy = made.proxy.as_ref().map(HttpProxy::address);
        let way = network::Connection { proxy, ..network::Connection::default() };
        let failed = |error| network::failure(error, &way);
        let mut response = match sent.body(body.to_vec()).send().await {
            Ok(response) => response,
            Err(error) => {
                let (failure, redactor) = (failed(error), self.0.commands.redactor());
                return Err(match &made.proxy {
                    Some(proxy) => probe::explained(failure, proxy, url, &self.0.endpoint, redactor).await,
                    None => failure,
                });
            }
        };
        let status = response.status().as_u16();
        let text = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        let headers = response.headers().iter().filter_map(text).collect();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(Failure::without_response(FailureKind::ResponseTooLarge, "more than 1 MiB"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, headers, body))
    }

    /// Returns the endpoint with the proxy for this URL.
    fn endpoint_for(&self, url: &Url) -> Endpoint {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let is_direct = LOCAL.contains(&host.as_str()) || self.0.direct.contains(&origin(url));
        let endpoint = self.0.endpoint.clone();
        let proxy = if is_direct { Proxy::Direct } else { endpoint.proxy.clone() };
        Endpoint { proxy, ..endpoint }
    }

    async fn client(&self, url: &Url) -> Result<Arc<Made>, Failure> {
        let mut clients = self.0.clients.lock().await;
        if let Some(made) = clients.get(&origin(url)) {
            return Ok(Arc::clone(made));
        }
        let bundle = self.0.bundle.as_ref().filter(|_| url.scheme() == "https");
        let bundle = bundle.map(|Bundle { path, from }| (*from, path.as_path()));
        let made = transport::client_for(&self.endpoint_for(url), url, bundle, &self.0.commands).await?;
        let made = Arc::new(made);
        clients.insert(origin(url), Arc::clone(&made));
        Ok(made)
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

impl HttpClient for Http {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let limits = settings.read_timeout().map(|read| read + settings.connect_timeout().unwrap_or_default());
        SharedHttpConnector::new(Connector { http: self.clone(), deadline: limits.unwrap_or(DEADLINE).min(DEADLINE) })
    }
}

#[derive(Debug)]
struct Connector {
    http: Http,
    deadline: Duration,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (http, deadline) = (self.http.clone(), self.deadline);
        HttpConnectorFuture::new(async move { http.exchange(request, deadline).await })
    }
}
