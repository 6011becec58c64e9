//! One pooled HTTP client for one endpoint.

mod credentials;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use reqwest::Response;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Serialize;
use tokio::sync::{OnceCell, watch};

use crate::domain::{
    ClockOffset, Endpoint, ExecutionArn, Failure, FailureKind, GatewayFacts, Route, Timestamp, Unreachable,
};
use crate::gateway::auth::{CredentialCache, Credentials};
use crate::gateway::http_client::{Http, Sent, Slot};
use crate::gateway::members::Members;
use crate::gateway::proxy::HttpProxy;
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::Commands;
use crate::gateway::{advice, answer, network, probe, tls, transport};

/// API Gateway's payload limit, "10 MB": nothing larger can come from one.
const MAX_ANSWER_BYTES: usize = 10 * 1024 * 1024;
/// Limit for the memory that the announced size of a response takes before the response is there.
const FIRST_BYTES: usize = 1024 * 1024;

/// The client of one endpoint. Cheap to keep, made once, shared by everything that asks.
#[derive(Debug)]
pub struct Client {
    http: Slot,
    /// Whether the host's certificate is its own issuer, if that could be seen.
    self_signed: OnceCell<Option<bool>>,
    endpoint: Endpoint,
    credentials: CredentialCache,
    redactor: Redactor,
    commands: Commands,
    facts: Mutex<GatewayFacts>,
    clock: watch::Sender<Option<ClockOffset>>,
    /// Changes with each good answer.
    answers: watch::Sender<()>,
}

impl Client {
    /// Makes the client; nothing is sent, no file is read and no secret is looked up yet.
    pub fn new(endpoint: Endpoint) -> Result<Self, Failure> {
        transport::check(&endpoint)?;
        let redactor = Redactor::default();
        let commands = Commands::new(redactor.clone()).of_endpoint(&endpoint.name);
        Ok(Self {
            http: Slot::default(),
            self_signed: OnceCell::new(),
            credentials: CredentialCache::new(endpoint.clone(), redactor.clone(), commands.clone()),
            endpoint,
            redactor,
            commands,
            facts: Mutex::default(),
            clock: watch::Sender::default(),
            answers: watch::Sender::default(),
        })
    }

    /// What responses have shown about the gateway, in this launch and, if they were remembered, in earlier ones.
    pub fn facts(&self) -> GatewayFacts {
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what responses have shown about the gateway.
    pub fn learn(&self, facts: GatewayFacts) {
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner) = facts;
    }

    /// How far the gateway's clock is ahead of ours, by its last response that said so.
    pub fn clock_offset(&self) -> Option<ClockOffset> {
        *self.clock.borrow()
    }

    /// The same, to wait for.
    pub fn clock(&self) -> watch::Receiver<Option<ClockOffset>> {
        self.clock.subscribe()
    }

    /// Returns the running program that looks up a secret or credentials, if there is one. Requests wait for it.
    pub fn running_command(&self) -> watch::Receiver<Option<Box<str>>> {
        self.commands.running()
    }

    /// The endpoint that it belongs to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The path of a route that the endpoint may have or not.
    pub(super) fn declared(&self, route: Route) -> Result<&str, Failure> {
        self.endpoint.route(route).ok_or_else(|| {
            let (name, key) = (&self.endpoint.name, route.key());
            let said = format!(
                "the endpoint `{name}` declares no route `{key}`; where the gateway has one, say {key} = \"{}\" in \
                 [endpoints.{name}.routes]",
                route.default_path()
            );
            Failure::without_response(FailureKind::Client, said)
        })
    }

    /// The same for a question about an execution: of EXPRESS ones the service cannot tell.
    pub(super) fn declared_for(&self, route: Route, execution: &ExecutionArn) -> Result<&str, Failure> {
        if !execution.is_describable() {
            return Err(Failure::without_response(FailureKind::ExpressNotDescribable, ""));
        }
        self.declared(route)
    }

    /// Waits for the next request with a good answer.
    pub async fn answered(&self) {
        // It cannot be closed as long as this client lives.
        let _ = self.answers.subscribe().changed().await;
    }

    /// Posts once; also what the head of the answer told.
    pub(super) async fn exchange<T>(
        &self,
        route: &str,
        body: &[u8],
        credentials: &Credentials,
        read: impl Fn(&[u8]) -> Result<T, Failure>,
    ) -> (answer::Head, Result<T, Failure>) {
        let began = Instant::now();
        let mut head = answer::Head::default();
        let mut redactor = self.redactor.of_request(body, []);
        let result = async {
            let url = format!("{}{route}", self.endpoint.url);
            let mut own = HeaderMap::new();
            own.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            own.insert(ACCEPT, HeaderValue::from_static("application/json"));
            let headers = credentials.headers(&url, &own, body)?;
            redactor = self.redactor.of_request(body, credentials.signature(&headers).iter());
            let http = self.http.get(&self.endpoint, &self.redactor, &self.commands).await?;
            let request = http.client.post(url).headers(headers).body(body.to_vec());
            let sent = http.note_request();
            let response = match request.send().await {
                Ok(response) => response,
                Err(error) => return Err(self.unanswered(error, &http, sent).await),
            };
            http.note_response();
            head = answer::Head::new(&response, &redactor);
            if let Some(offset) = head.offset(here()) {
                self.clock.send_replace(Some(offset));
            }
            let answer = async {
                // All of it, before anything is read from it or cut off.
                let body = redactor.body(read_body(response).await?);
                answer::classify(&head, &body).map_err(|failure| self.attributed(&http, &head, &body, failure))?;
                read(&body)
            };
            answer.await.map_err(|failure| head.annotate(failure))
        };
        let result = result.await;
        let result = result.map_err(|failure| redactor.failure(failure));
        if result.is_ok() {
            self.answers.send_replace(());
        }
        self.note(route, began, result.as_ref().err());
        (head, result)
    }

    /// Reads what the first request needs, save for its credentials.
    pub async fn prepare(&self) -> Result<(), Failure> {
        self.http.get(&self.endpoint, &self.redactor, &self.commands).await.map(drop)
    }

    /// Why a request got no answer. A certificate whose issuer is not trusted is looked at, once.
    async fn unanswered(&self, error: reqwest::Error, http: &Arc<Http>, sent: Sent) -> Failure {
        let way = Self::way(http, sent);
        let is_not_http = network::is_not_http(&error);
        let failure = network::failure(error, &way);
        self.http.failed(http, &failure).await;
        let Ok(url) = transport::url(&self.endpoint) else { return failure };
        let failure = match &http.proxy {
            Some(proxy) => probe::explained(failure, proxy, &url, &self.endpoint, &self.redactor).await,
            None if is_not_http => probe::explained_directly(failure, &url, &self.endpoint).await,
            // Looking at a gateway that only closes connections is left to the doctor.
            None if url.scheme() == "http" && !http.has_response() => advice::may_expect_tls(failure),
            None => failure,
        };
        let failure = if failure.message == tls::UNKNOWN_ISSUER { self.with_issuer(failure).await } else { failure };
        let host = url.host_str().unwrap_or_default();
        advice::advised(failure, &self.endpoint, host, http.proxy.as_ref(), way.is_at_proxy)
    }

    /// Looks at the certificate, and says which of the two reasons applies.
    async fn with_issuer(&self, failure: Failure) -> Failure {
        let look = async || probe::ConnectPath::of(&self.endpoint).await.ok()?.look().await;
        let said = match self.self_signed.get_or_init(look).await {
            Some(true) => tls::SELF_SIGNED,
            Some(false) => tls::UNKNOWN_AUTHORITY,
            None => return failure,
        };
        Failure { message: said.to_owned(), ..failure }
    }

    /// The failure in a response, which may be the proxy's.
    fn attributed(&self, http: &Http, head: &answer::Head, body: &[u8], failure: Failure) -> Failure {
        match (&http.proxy, transport::url(&self.endpoint)) {
            (_, Ok(url)) if advice::says_tls_is_expected(&url, head.status, body) => advice::expects_tls(),
            (Some(proxy), Ok(url)) if url.scheme() == "http" => {
                let host = url.host_str().unwrap_or_default();
                proxy.answered(host, head, Members::of(body).is_some(), failure)
            }
            _ => failure,
        }
    }

    fn way(http: &Http, sent: Sent) -> network::Connection {
        let proxy = http.proxy.as_ref();
        network::Connection {
            is_at_proxy: proxy.is_some_and(|proxy| proxy.is_encrypted && !http.has_trusted(&proxy.host)),
            proxy: proxy.map(HttpProxy::address),
            may_be_in_handshake: http.may_be_in_handshake(sent),
        }
    }

    /// For `--log`: what was asked and how it went, without payloads.
    fn note(&self, route: &str, began: Instant, failure: Option<&Failure>) {
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

fn here() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A request's body.
pub(super) fn body(input: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(input).map_err(|error| Failure::without_response(FailureKind::Client, error.to_string()))
}

async fn read_body(mut response: Response) -> Result<Vec<u8>, Failure> {
    // As large as announced, within limits: growing step by step takes up to twice the memory.
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    let mut body = Vec::with_capacity(announced.unwrap_or_default().min(FIRST_BYTES));
    loop {
        let chunk = response.chunk().await.map_err(|error| {
            match network::failure(error, &network::Connection::default()) {
                // The head was here already, so whatever stopped the body broke an answer.
                Failure { kind: FailureKind::Unreachable(kind), message: said, .. }
                    if kind != Unreachable::Deadline =>
                {
                    Failure::without_response(FailureKind::Unreachable(Unreachable::Broken), said)
                }
                other => other,
            }
        })?;
        match chunk {
            Some(chunk) if body.len() + chunk.len() > MAX_ANSWER_BYTES => {
                return Err(Failure::without_response(FailureKind::ResponseTooLarge, "more than 10 MiB"));
            }
            Some(chunk) => body.extend_from_slice(&chunk),
            None => return Ok(body),
        }
    }
}
