//! The path to a gateway: its host, or the proxy in between, with the same proxy and TLS settings as the client.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::domain::text_limit::{self, limited};
use crate::domain::{Endpoint, Failure, FailureKind, Unreachable};
use crate::gateway::http_builder::CONNECT_DEADLINE;
use crate::gateway::probe::certificate::{self, Certificate};
use crate::gateway::proxy::{self, HttpProxy, ProxyProblem};
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::Commands;
use crate::gateway::{advice, connection_failure, http_builder, tls};

/// Limit for the head of a proxy's response to CONNECT.
const MAX_HEAD: usize = 16 * 1024;

/// Short, since a request has already failed and the user is waiting.
const SPEAKS_TLS: Duration = Duration::from_secs(3);

/// A connection, with TLS or without.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// The host of a connection, with its proxy and TLS settings.
#[derive(Debug)]
pub struct ConnectPath {
    host: String,
    port: u16,
    is_encrypted: bool,
    proxy: Option<HttpProxy>,
    config: Option<Arc<tls::ClientConfig>>,
    seen: Arc<tls::HandshakeRecord>,
    endpoint: Endpoint,
    redactor: Redactor,
}

/// A TLS handshake with the gateway's host.
#[derive(Debug)]
pub struct Handshake {
    /// The certificate of the host, trusted or not.
    pub certificate: Option<Certificate>,
    /// Whether it was trusted.
    pub is_trusted: bool,
    /// Whether the host has requested a client certificate.
    pub requests_certificate: bool,
    /// Whether the client would continue.
    pub result: Result<(), Failure>,
}

fn failure(kind: Unreachable, message: impl std::fmt::Display) -> Failure {
    Failure::without_response(FailureKind::Unreachable(kind), message.to_string())
}

impl ConnectPath {
    /// Returns the path of the requests of this endpoint.
    pub async fn new(endpoint: &Endpoint) -> Result<Self, Failure> {
        let url = http_builder::url(endpoint)?;
        let redactor = Redactor::default();
        let commands = Commands::new(redactor.clone()).of_endpoint(&endpoint.name);
        let proxy = proxy::with_login(endpoint, &url, &commands).await?;
        redactor.add(&proxy.iter().flat_map(HttpProxy::secrets).collect::<Vec<_>>());
        Self::through(proxy, &url, endpoint, &redactor).await
    }

    /// Returns the path to this URL through this proxy, with the TLS settings of the endpoint.
    pub(in crate::gateway) async fn through(
        proxy: Option<HttpProxy>,
        url: &Url,
        endpoint: &Endpoint,
        redactor: &Redactor,
    ) -> Result<Self, Failure> {
        let (config, seen) = if tls::is_needed(url, proxy.as_ref()) {
            let (config, seen) = tls::config_of(endpoint).await?;
            (Some(config.into()), seen)
        } else {
            (None, Arc::default())
        };
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().unwrap_or(443);
        let (endpoint, redactor) = (endpoint.clone(), redactor.clone());
        Ok(Self { host, port, is_encrypted: url.scheme() == "https", proxy, config, seen, endpoint, redactor })
    }

    /// Returns the direct path to this URL with TLS, for any scheme.
    pub(super) async fn with_tls(url: &Url, endpoint: &Endpoint) -> Result<Self, Failure> {
        let (config, seen) = tls::config_of(endpoint).await?;
        let path = Self::through(None, url, endpoint, &Redactor::default()).await?;
        Ok(Self { config: Some(config.into()), seen, ..path })
    }

    /// Returns the gateway's host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns whether the gateway uses TLS.
    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// Returns the proxy in between, and what names it.
    pub fn proxy(&self) -> Option<(String, &str)> {
        self.proxy.as_ref().map(|proxy| (proxy.address(), proxy.named_by.as_str()))
    }

    /// Returns how to use another proxy, or none.
    pub fn proxy_advice(&self) -> Option<String> {
        self.proxy.as_ref().map(|proxy| proxy.advice(&self.host))
    }

    /// Adds what to try to a failure of connecting. `is_at_proxy` says that a TLS failure concerns the proxy.
    pub fn advised(&self, failure: Failure, is_at_proxy: bool) -> Failure {
        advice::advised(failure, &self.endpoint, &self.host, self.proxy.as_ref(), is_at_proxy)
    }

    /// Returns why the proxy refuses with this HTTP status.
    pub fn proxy_problem(&self, status: u16) -> Option<ProxyProblem> {
        self.proxy.as_ref().map(|proxy| proxy.problem(status))
    }

    /// Returns whether the configuration names the proxy, and not the environment.
    pub fn has_configured_proxy(&self) -> bool {
        self.proxy.as_ref().is_some_and(HttpProxy::is_configured)
    }

    /// Resolves the host to connect to: the proxy's, if there is one.
    pub async fn resolve(&self) -> Result<Vec<SocketAddr>, Failure> {
        let (host, port) = match &self.proxy {
            Some(proxy) => (proxy.host.as_str(), proxy.port),
            None => (self.host.as_str(), self.port),
        };
        let found = timeout(CONNECT_DEADLINE, tokio::net::lookup_host((host, port))).await;
        let found = found.map_err(|_| failure(Unreachable::Dns, "timed out waiting for a response"))?;
        let found = found.map_err(|error| {
            connection_failure::while_connecting(
                &connection_failure::HostNotFound(error),
                &connection_failure::Connection::default(),
            )
        });
        let found: Vec<SocketAddr> = found?.collect();
        if found.is_empty() { Err(failure(Unreachable::Dns, "no address")) } else { Ok(found) }
    }

    /// Connects to the first address that accepts.
    pub async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Failure> {
        match timeout(CONNECT_DEADLINE, TcpStream::connect(addresses)).await {
            Ok(connected) => connected.map_err(|error| {
                connection_failure::while_connecting(&error, &connection_failure::Connection::default())
            }),
            Err(_) => Err(failure(Unreachable::NoRoute, "no connection in time")),
        }
    }

    /// Returns the connection with TLS for an `https://` proxy, otherwise unchanged.
    pub async fn enter(&self, stream: TcpStream) -> Result<Box<dyn Stream>, Failure> {
        match &self.proxy {
            Some(proxy) if proxy.is_encrypted => Ok(Box::new(self.encrypt(stream, &proxy.host).await?)),
            _ => Ok(Box::new(stream)),
        }
    }

    /// Requests a tunnel to the gateway from the proxy (RFC 9110, section 9.3.6). Plain HTTP needs none.
    pub async fn tunnel(&self, stream: &mut Box<dyn Stream>) -> Result<(), (ProxyProblem, Failure)> {
        let Some(proxy) = &self.proxy else { return Ok(()) };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let port = self.port;
        let login = proxy.login.as_ref();
        let login =
            login.map(|login| format!("proxy-authorization: {}\r\n", login.expose_secret())).unwrap_or_default();
        let broken = |message: &str| (ProxyProblem::Refused, proxy.broken_tunnel(&self.host, message));
        let request = format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\n{login}\r\n");
        let exchange = async {
            stream.write_all(request.as_bytes()).await?;
            stream.flush().await?;
            let (mut head, mut byte) = (Vec::new(), [0]);
            // Byte by byte: what follows the head is from the gateway.
            while may_continue(&head) && stream.read(&mut byte).await? > 0 {
                head.push(byte[0]);
            }
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&head).into_owned())
        };
        let head = timeout(CONNECT_DEADLINE, exchange).await.map_err(|_| broken("timed out waiting for a response"))?;
        let head = match head {
            Ok(head) => head,
            Err(_) if self.proxy_expects_tls(proxy).await => {
                return Err((ProxyProblem::ExpectsTls, proxy.expects_tls()));
            }
            Err(error) => return Err(broken(&error.to_string())),
        };
        let status = self.redactor.text(head.lines().next().unwrap_or_default());
        match status.strip_prefix("HTTP/").and_then(|status| status.split(' ').nth(1)) {
            // The client accepts no other status.
            Some("200") => Ok(()),
            Some("400") | None if self.proxy_expects_tls(proxy).await => {
                Err((ProxyProblem::ExpectsTls, proxy.expects_tls()))
            }
            Some(code) => {
                let code = code.parse().unwrap_or_default();
                let line = limited(status.clone().into_owned(), text_limit::EXCERPT);
                Err((proxy.problem(code), proxy.refused_tunnel(&self.host, code, &line)))
            }
            None => Err((ProxyProblem::NotAProxy, proxy.not_a_proxy(&self.host))),
        }
    }

    /// Returns whether a proxy with an `http://` URL responds to a TLS handshake.
    async fn proxy_expects_tls(&self, proxy: &HttpProxy) -> bool {
        if proxy.is_encrypted {
            return false;
        }
        let Ok((config, seen)) = tls::config_of(&self.endpoint).await else { return false };
        let (endpoint, redactor) = (self.endpoint.clone(), self.redactor.clone());
        let (host, port) = (proxy.host.clone(), proxy.port);
        let config = Some(config.into());
        let direct = Self { host, port, is_encrypted: true, proxy: None, config, seen, endpoint, redactor };
        timeout(SPEAKS_TLS, direct.speaks_tls()).await.ok().flatten() == Some(true)
    }

    /// Returns whether the host responds to a TLS handshake.
    pub(super) async fn speaks_tls(&self) -> Option<bool> {
        use Unreachable as U;
        let stream = Self::connect(&self.resolve().await.ok()?).await.ok()?;
        let handshake = self.handshake(Box::new(stream)).await;
        let refusal = handshake.result.err().map(|failure| failure.kind);
        let is_alert = matches!(refusal, Some(FailureKind::Unreachable(U::Handshake | U::ClientCertificate)));
        Some(refusal.is_none() || handshake.certificate.is_some() || is_alert)
    }

    /// Requests a tunnel, and returns why the proxy refuses; `None` if it does not, or cannot be reached.
    async fn refusal(&self) -> Option<(ProxyProblem, Failure)> {
        let mut stream = self.enter(Self::connect(&self.resolve().await.ok()?).await.ok()?).await.ok()?;
        self.tunnel(&mut stream).await.err()
    }

    /// Connects, and returns whether the host's certificate is self-signed; `None` if the connection fails.
    pub(in crate::gateway) async fn is_self_signed(&self) -> Option<bool> {
        let mut stream = self.enter(Self::connect(&self.resolve().await.ok()?).await.ok()?).await.ok()?;
        self.tunnel(&mut stream).await.ok()?;
        Some(self.handshake(stream).await.certificate?.is_self_signed)
    }

    /// Performs the TLS handshake with the gateway's host as the client does.
    pub async fn handshake(&self, stream: Box<dyn Stream>) -> Handshake {
        let result = self.encrypt(stream, &self.host).await.map(drop);
        let result = result.map_err(|failure| self.advised(failure, false));
        let shown = self.seen.certificate().filter(|(host, _)| *host == self.host);
        let certificate = shown.and_then(|(host, shown)| certificate::read(&shown, &host).ok());
        let (is_trusted, requests_certificate) = (self.seen.has_trusted(&self.host), self.seen.has_been_asked());
        Handshake { certificate, is_trusted, requests_certificate, result }
    }

    async fn encrypt<S: Stream>(&self, stream: S, host: &str) -> Result<TlsStream<S>, Failure> {
        let config = self.config.as_ref().ok_or_else(|| failure(Unreachable::Tls, "the url is plain http"))?;
        let name = ServerName::try_from(host.to_owned()).map_err(|error| failure(Unreachable::Tls, error))?;
        let handshake = async {
            let mut stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await?;
            if self.seen.has_been_asked() && !self.seen.has_used_tls12() {
                verdict(&mut stream).await?;
            }
            Ok::<_, std::io::Error>(stream)
        };
        let handshake = timeout(CONNECT_DEADLINE, handshake).await;
        let handshake = handshake.map_err(|_| failure(Unreachable::NoRoute, "no TLS handshake in time"))?;
        handshake
            .map_err(|error| connection_failure::while_connecting(&error, &connection_failure::Connection::default()))
    }
}

/// Returns why a request through a proxy got no response. If the client does not know, requests a tunnel.
pub(in crate::gateway) async fn explained(
    failure: Failure,
    proxy: &HttpProxy,
    url: &Url,
    endpoint: &Endpoint,
    redactor: &Redactor,
) -> Failure {
    let is_refused = failure.kind == FailureKind::Unreachable(Unreachable::Proxy);
    let is_broken = failure.kind == FailureKind::Unreachable(Unreachable::Broken) && url.scheme() == "http";
    if !is_refused && !is_broken {
        return failure;
    }
    if let Some(refusal) = proxy.login_required(url.host_str().unwrap_or_default(), &failure) {
        return refusal;
    }
    let Ok(path) = ConnectPath::through(Some(proxy.clone()), url, endpoint, redactor).await else { return failure };
    match path.refusal().await {
        Some((_, refusal)) if is_refused => refusal,
        // The request was sent, so its outcome stays open.
        Some((ProxyProblem::NotAProxy | ProxyProblem::ExpectsTls, refusal)) => {
            Failure { kind: failure.kind, ..refusal }
        }
        _ => failure,
    }
}

/// Returns whether this may be the beginning of the head of an HTTP response. Other protocols may never end it.
fn may_continue(head: &[u8]) -> bool {
    let is_http = head.iter().zip(b"HTTP/").all(|(byte, expected)| byte == expected);
    is_http && head.len() < MAX_HEAD && !head.ends_with(b"\r\n\r\n")
}

/// Waits until there is something to read; an alert is an error.
async fn verdict(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<()> {
    let arrives = poll_fn(|context| Pin::new(&mut *stream).poll_read(context, &mut ReadBuf::new(&mut [])));
    timeout(tls::LONGEST_VERDICT_WAIT, arrives).await.unwrap_or(Ok(()))
}
