//! One pooled HTTP client for one endpoint.

use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Response, Url, redirect};
use secrecy::SecretString;
use tokio::sync::OnceCell;

use crate::domain::endpoint::is_loopback;
use crate::domain::{Endpoint, Failure, FailureKind, Unreachable};
use crate::gateway::{answer, auth, network};

/// Reaching the host at all.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);
/// A gateway's integration answers within 29 seconds, or the gateway itself says 504.
const TOTAL_DEADLINE: Duration = Duration::from_secs(32);
/// API Gateway's payload limit, "10 MB": nothing larger can come from one.
const MAX_ANSWER_BYTES: usize = 10 * 1024 * 1024;

/// The client of one endpoint. Cheap to keep, made once, shared by everything that asks.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    credentials: OnceCell<Credentials>,
}

/// What goes into the header of each request, and what must not come out anywhere else.
#[derive(Debug)]
struct Credentials {
    headers: HeaderMap,
    secrets: Vec<SecretString>,
}

impl Client {
    /// Makes the client; nothing is sent, no secret is looked up yet.
    pub fn new(endpoint: Endpoint) -> Result<Self, Failure> {
        let client_failure = |text: String| Failure::without_answer(FailureKind::Client, text);
        let url = Url::parse(&endpoint.url).map_err(|error| client_failure(format!("the url is not one: {error}")))?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("stepgate/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_DEADLINE)
            .timeout(TOTAL_DEADLINE)
            // A redirect would carry the API key to wherever it points.
            .redirect(redirect::Policy::none());
        if is_loopback(url.host_str().unwrap_or_default()) {
            // A proxy cannot reach this machine's own loopback.
            builder = builder.no_proxy();
            if url.scheme() == "http" {
                // Reading hundreds of certificates takes longer than the request that needs none of them.
                builder = builder.tls_certs_only([]);
            }
        }
        if let Some(path) = &endpoint.ca_file {
            let pem = std::fs::read(path)
                .map_err(|error| client_failure(format!("the ca-file {} cannot be read: {error}", path.display())))?;
            let certificates = Certificate::from_pem_bundle(&pem)
                .map_err(|error| client_failure(format!("the ca-file {} is not PEM: {error}", path.display())))?;
            builder = builder.tls_certs_merge(certificates);
        }
        let http = builder.build().map_err(|error| client_failure(format!("no HTTP client: {error}")))?;
        Ok(Self { http, endpoint, credentials: OnceCell::new() })
    }

    /// The endpoint that it belongs to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Posts JSON to a route and reads a good answer. A failure carries status and request id
    /// whenever there was an answer at all.
    pub(super) async fn post<T>(
        &self,
        route: &str,
        body: Vec<u8>,
        read: impl Fn(&[u8]) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let credentials = self.credentials.get_or_try_init(|| Credentials::look_up(&self.endpoint)).await?;
        let request = self
            .http
            .post(format!("{}{route}", self.endpoint.url))
            .headers(credentials.headers.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .body(body);
        let result = async {
            let response = request.send().await.map_err(network::failure)?;
            let head = answer::Head::of(&response);
            let answer = async {
                let body = read_body(response).await?;
                answer::judge(&head, &body)?;
                read(&body)
            };
            answer.await.map_err(|failure| head.sign(failure))
        };
        let began = Instant::now();
        let result = result.await.map_err(|failure| credentials.redact(failure));
        self.note(route, began, result.as_ref().err());
        result
    }

    /// For `--log`: what was asked and how it went, without payloads.
    fn note(&self, route: &str, began: Instant, failure: Option<&Failure>) {
        let (endpoint, millis) = (&self.endpoint.name, began.elapsed().as_millis());
        match failure {
            None => tracing::debug!(%endpoint, route, millis, "answered"),
            Some(failure) => {
                let (status, request, what) = (failure.http_status, failure.request_id.as_deref(), failure.what());
                tracing::debug!(%endpoint, route, millis, status, request, what, "failed");
            }
        }
    }
}

async fn read_body(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    loop {
        let chunk = response.chunk().await.map_err(|error| match network::failure(error) {
            // The head was here already, so whatever stopped the body broke an answer.
            Failure { kind: FailureKind::Unreachable(kind), said, .. } if kind != Unreachable::Deadline => {
                Failure::without_answer(FailureKind::Unreachable(Unreachable::Broken), said)
            }
            other => other,
        })?;
        match chunk {
            Some(chunk) if body.len() + chunk.len() > MAX_ANSWER_BYTES => {
                return Err(Failure::without_answer(FailureKind::AnswerTooLarge, "more than 10 MiB"));
            }
            Some(chunk) => body.extend_from_slice(&chunk),
            None => return Ok(body),
        }
    }
}

impl Credentials {
    async fn look_up(endpoint: &Endpoint) -> Result<Self, Failure> {
        let mut headers = HeaderMap::new();
        let mut secrets = Vec::new();
        for (name, value) in auth::headers(endpoint).await? {
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
                Failure::without_answer(FailureKind::Client, format!("`{name}` cannot be a header's name"))
            })?;
            let mut text = HeaderValue::from_str(value.text()).map_err(|_| {
                let said = format!("the value of the header `{name}` has characters that no header can carry");
                Failure::without_answer(FailureKind::Client, said)
            })?;
            text.set_sensitive(true);
            headers.insert(header, text);
            if let auth::Value::Secret(secret) = value {
                secrets.push(secret);
            }
        }
        Ok(Self { headers, secrets })
    }

    /// API Gateway repeats a header that it does not understand in its error text.
    fn redact(&self, mut failure: Failure) -> Failure {
        for secret in &self.secrets {
            failure.said = auth::without(secret, &failure.said);
        }
        failure
    }
}
