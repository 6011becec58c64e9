//! The client of one endpoint, with a pool of connections.

mod answer;
mod credentials;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Response};
use serde::Serialize;
use tokio::sync::{OnceCell, watch};

use crate::domain::{
    self, ClockOffset, Endpoint, Failure, FailureKind, GatewayFacts, Route, RouteSettings, Timestamp, Unreachable,
    shown_path,
};
use crate::gateway::auth::{CredentialCache, Credentials};
use crate::gateway::filters::Filters;
use crate::gateway::http_client::{Http, Sent, Slot};
use crate::gateway::members::Members;
use crate::gateway::proxy::HttpProxy;
use crate::gateway::redact::Redactor;
use crate::gateway::route_request::RouteRequest;
use crate::gateway::secret::command::Commands;
use crate::gateway::{advice, connection_failure, failed_sync, http_builder, probe, response, tls};

/// API Gateway's payload limit, "10 MB".
const MAX_RESPONSE_BYTES: usize = 10 * 1024 * 1024;
/// Limit for the memory reserved for a response by its `Content-Length`.
const MAX_PREALLOCATED: usize = 1024 * 1024;

/// The client of one endpoint. Created once and shared by everything that sends requests.
#[derive(Debug)]
pub struct Client {
    http: Slot,
    /// Whether the host's certificate is self-signed, if known.
    self_signed: OnceCell<Option<bool>>,
    endpoint: Endpoint,
    credentials: CredentialCache,
    redactor: Redactor,
    commands: Commands,
    filters: Filters,
    facts: Mutex<GatewayFacts>,
    clock: watch::Sender<Option<ClockOffset>>,
    /// Notified of each success.
    successes: watch::Sender<()>,
}

impl Client {
    /// Creates the client, without sending a request, reading a file or looking up a secret.
    pub fn new(endpoint: Endpoint) -> Result<Self, Failure> {
        http_builder::check(&endpoint)?;
        let redactor = Redactor::default();
        let commands = Commands::new(redactor.clone()).of_endpoint(&endpoint.name);
        Ok(Self {
            http: Slot::default(),
            self_signed: OnceCell::new(),
            credentials: CredentialCache::new(endpoint.clone(), redactor.clone(), commands.clone()),
            filters: Filters::new(&endpoint),
            endpoint,
            redactor,
            commands,
            facts: Mutex::default(),
            clock: watch::Sender::default(),
            successes: watch::Sender::default(),
        })
    }

    /// Returns what responses have shown about the gateway, including remembered ones of earlier launches.
    pub fn facts(&self) -> GatewayFacts {
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets what responses have shown about the gateway.
    pub fn learn(&self, facts: GatewayFacts) {
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner) = facts;
    }

    /// Returns how far the gateway's clock is ahead of this machine's, according to its last response.
    pub fn clock_offset(&self) -> Option<ClockOffset> {
        *self.clock.borrow()
    }

    /// Returns the clock offset as a channel, to wait for changes.
    pub fn clock(&self) -> watch::Receiver<Option<ClockOffset>> {
        self.clock.subscribe()
    }

    /// Returns the running program that looks up a secret or credentials, if there is one. Requests wait for it.
    pub fn running_command(&self) -> watch::Receiver<Option<Box<str>>> {
        self.commands.running()
    }

    /// Returns its endpoint.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Returns an optional route, or an error that says how to declare it.
    pub(super) fn declared(&self, route: Route) -> Result<&RouteSettings, Failure> {
        self.endpoint.route(route).ok_or_else(|| {
            let (name, key) = (&self.endpoint.name, route.key());
            let message = format!(
                "the endpoint `{name}` declares no route `{key}`; where the gateway has one, say {key} = \"{}\" in \
                 {}",
                route.default_path(),
                name.header_of("routes")
            );
            Failure::without_response(FailureKind::Client, message)
        })
    }

    pub(super) fn filters(&self) -> &Filters {
        &self.filters
    }

    pub(super) fn redacted(&self, failure: Failure) -> Failure {
        self.redactor.failure(failure)
    }

    /// Waits for the next successful request.
    pub async fn next_success(&self) {
        // The channel stays open as long as this client exists.
        let _ = self.successes.subscribe().changed().await;
    }

    /// Sends a request once. Also returns the head of the response.
    pub(super) async fn exchange<T>(
        &self,
        request: &RouteRequest,
        credentials: &Credentials,
        read: impl Fn(&[u8], Option<&[u8]>) -> Result<T, Failure>,
    ) -> (response::Head, Result<T, Failure>) {
        let began = Instant::now();
        let mut head = response::Head::default();
        let mut redactor = self.redactor.of_request(request.action(), []);
        let result = async {
            let url = format!("{}{}", self.endpoint.url, request.path);
            let mut own = HeaderMap::new();
            let method = match request.method {
                domain::Method::Post => Method::POST,
                domain::Method::Get => Method::GET,
            };
            if method == Method::POST {
                own.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            own.insert(ACCEPT, HeaderValue::from_static("application/json"));
            let headers = credentials.headers((&method, &url), &own, &request.body)?;
            redactor = self.redactor.of_request(request.action(), credentials.signature(&headers).iter());
            let http = self.http.get(&self.endpoint, &self.redactor, &self.commands).await?;
            let mut sending = http.client.request(method, url).headers(headers);
            if !request.body.is_empty() {
                sending = sending.body(request.body.clone());
            }
            if let Some(timeout) = request.sync_timeout {
                sending = sending.timeout(timeout + http_builder::TRANSIT);
            }
            let sent = http.note_request();
            let response = match sending.send().await {
                Ok(response) => response,
                Err(error) => return Err(self.explain_failure(error, &http, sent).await),
            };
            http.note_response();
            head = response::Head::new(&response, &redactor);
            if let Some(offset) = head.offset(local_time()) {
                self.clock.send_replace(Some(offset));
            }
            let parsed = async {
                // Redact the whole body before it is parsed or shortened.
                let body = redactor.body(read_body(response).await?);
                if let Some(outcome) = request.sync_timeout.and_then(|_| failed_sync::outcome(head.status, &body)) {
                    return read(&outcome, None);
                }
                let is_page = || response::is_page(&body) || self.may_be_of_proxy(&http, &head);
                let answered = self.answered(request, &head, &body, (&redactor, is_page)).await?;
                let read_body = answered.as_deref().unwrap_or(&body);
                let classified = response::classify(&head, read_body)
                    .map_err(|failure| self.attribute(&http, &head, read_body, failure));
                let parsed = classified.and_then(|()| read(read_body, answered.is_some().then_some(&body[..])));
                parsed.map_err(|failure| match (request.answer, answered.is_some()) {
                    (Some(filter), true) => self.of_result(filter, failure, (read_body, &body), &redactor),
                    _ => failure,
                })
            };
            parsed.await.map_err(|failure| head.annotate(failure))
        };
        let result = result.await;
        let result = result.map_err(|failure| redactor.failure(failure));
        if result.is_ok() {
            self.successes.send_replace(());
        }
        self.log(request, began, result.as_ref().err());
        (head, result)
    }

    /// Reads the files that the first request needs, except for credentials.
    pub async fn prepare(&self) -> Result<(), Failure> {
        self.http.get(&self.endpoint, &self.redactor, &self.commands).await.map(drop)
    }

    /// Explains why a request got no response. Inspects a certificate with an untrusted issuer, once.
    async fn explain_failure(&self, error: reqwest::Error, http: &Arc<Http>, sent: Sent) -> Failure {
        let connection = Self::connection(http, sent);
        let is_not_http = connection_failure::is_not_http(&error);
        let failure = connection_failure::failure(error, &connection);
        self.http.failed(http, &failure).await;
        let Ok(url) = http_builder::url(&self.endpoint) else { return failure };
        let failure = match &http.proxy {
            Some(proxy) => probe::explained(failure, proxy, &url, &self.endpoint, &self.redactor).await,
            None if is_not_http => probe::explained_directly(failure, &url, &self.endpoint).await,
            // Only the doctor examines a gateway that closes connections.
            None if url.scheme() == "http" && !http.has_response() => advice::may_expect_tls(failure),
            None => failure,
        };
        let failure = if failure.message == tls::UNKNOWN_ISSUER { self.with_issuer(failure).await } else { failure };
        let host = url.host_str().unwrap_or_default();
        advice::advised(failure, &self.endpoint, host, http.proxy.as_ref(), connection.is_at_proxy)
    }

    /// Names the reason why the issuer is not trusted.
    async fn with_issuer(&self, failure: Failure) -> Failure {
        let inspect = async || probe::ConnectPath::new(&self.endpoint).await.ok()?.is_self_signed().await;
        let message = match self.self_signed.get_or_init(inspect).await {
            Some(true) => tls::SELF_SIGNED,
            Some(false) => tls::UNKNOWN_AUTHORITY,
            None => return failure,
        };
        Failure { message: message.to_owned(), ..failure }
    }

    /// Attributes the failure in a response, which may be the proxy's.
    fn attribute(&self, http: &Http, head: &response::Head, body: &[u8], failure: Failure) -> Failure {
        match (&http.proxy, http_builder::url(&self.endpoint)) {
            (_, Ok(url)) if advice::says_tls_is_expected(&url, head.status, body) => advice::expects_tls(),
            (Some(proxy), Ok(url)) if url.scheme() == "http" => {
                let host = url.host_str().unwrap_or_default();
                proxy.attribute(host, head, Members::parse(body).is_some(), failure)
            }
            _ => failure,
        }
    }

    /// Returns whether a text may come from a proxy: the connection is not encrypted, and the response has no mark of a
    /// gateway.
    fn may_be_of_proxy(&self, http: &Http, head: &response::Head) -> bool {
        http.proxy.is_some() && self.endpoint.url.starts_with("http:") && !head.is_of_gateway()
    }

    fn connection(http: &Http, sent: Sent) -> connection_failure::Connection {
        let proxy = http.proxy.as_ref();
        connection_failure::Connection {
            is_at_proxy: proxy.is_some_and(|proxy| proxy.is_encrypted && !http.has_trusted(&proxy.host)),
            proxy: proxy.map(HttpProxy::address),
            may_be_in_handshake: http.may_be_in_handshake(sent),
        }
    }

    /// Logs the request and its result, without payloads.
    fn log(&self, request: &RouteRequest, began: Instant, failure: Option<&Failure>) {
        let route = match request.method {
            domain::Method::Post => shown_path(&request.path).into_owned(),
            domain::Method::Get => format!("GET {}", shown_path(&request.path)),
        };
        let (endpoint, millis) = (&self.endpoint.name, began.elapsed().as_millis());
        match failure {
            None => tracing::debug!(%endpoint, route, millis, "answered"),
            Some(failure) => {
                let (status, request, what) = (failure.http_status, failure.request_id.as_deref(), failure.summary());
                tracing::debug!(%endpoint, route, millis, status, request, what, "failed");
            }
        }
    }
}

pub(super) fn local_time() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Serializes a request's body.
pub(super) fn body(input: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(input).map_err(|error| Failure::without_response(FailureKind::Client, error.to_string()))
}

async fn read_body(mut response: Response) -> Result<Vec<u8>, Failure> {
    // Reserve the announced size, within limits: growing step by step takes up to twice the memory.
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(announced.unwrap_or_default().min(MAX_PREALLOCATED));
    loop {
        let chunk = response.chunk().await.map_err(|error| {
            match connection_failure::failure(error, &connection_failure::Connection::default()) {
                // The head had arrived, so the connection broke.
                Failure { kind: FailureKind::Unreachable(kind), message, .. } if kind != Unreachable::Deadline => {
                    Failure::without_response(FailureKind::Unreachable(Unreachable::Broken), message)
                }
                other => other,
            }
        })?;
        match chunk {
            Some(chunk) if body.len() + chunk.len() > MAX_RESPONSE_BYTES => {
                return Err(Failure::without_response(FailureKind::ResponseTooLarge, "more than 10 MiB"));
            }
            Some(chunk) => body.extend_from_slice(&chunk),
            None => return Ok(body),
        }
    }
}
