//! The way to a gateway: its host, or the proxy in between.

use std::net::SocketAddr;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::domain::limit::{self, limited};
use crate::domain::{Endpoint, Failure, FailureKind, Proxy, Unreachable};
use crate::gateway::probe::certificate::{self, Certificate};
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::Commands;
use crate::gateway::secret::reading::Purpose;
use crate::gateway::transport::CONNECT_DEADLINE;
use crate::gateway::{network, proxy, secret, transport};

/// The longest answer of a proxy to CONNECT that is read.
const MAX_HEAD: usize = 16 * 1024;

/// A host and a port.
type Peer = (String, u16);

/// Where a connection goes.
#[derive(Debug)]
pub struct Way {
    target: Peer,
    is_encrypted: bool,
    proxy: Option<Peer>,
    /// What the proxy wants to see, `Basic ..`.
    login: Option<SecretString>,
    redactor: Redactor,
}

fn failure(kind: Unreachable, said: impl std::fmt::Display) -> Failure {
    Failure::without_answer(FailureKind::Unreachable(kind), said.to_string())
}

fn peer(url: &Url) -> Peer {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    (host, url.port_or_known_default().unwrap_or(443))
}

impl Way {
    /// The way that requests of this endpoint take.
    pub async fn of(endpoint: &Endpoint) -> Result<Self, Failure> {
        let url = transport::url(endpoint)?;
        let (target, is_encrypted) = (peer(&url), url.scheme() == "https");
        let redactor = Redactor::default();
        let (proxy, login) = match &endpoint.proxy {
            Proxy::Direct => (None, None),
            Proxy::Environment => match proxy::of_environment(&url)? {
                Some(between) => {
                    (Some((between.host.trim_matches(['[', ']']).to_owned(), between.port)), between.login)
                }
                None => (None, None),
            },
            Proxy::At { url, login } => {
                let said = |error| Failure::without_answer(FailureKind::Client, format!("the proxy {url}: {error}"));
                let proxy = peer(&Url::parse(url).map_err(said)?);
                let login = match login {
                    Some((user, source)) => {
                        let password =
                            secret::look_up(source, Purpose::Password, &Commands::new(redactor.clone())).await?.text;
                        redactor.add([&password]);
                        Some(basic(user, &password))
                    }
                    None => None,
                };
                (Some(proxy), login)
            }
        };
        redactor.add(&login);
        Ok(Self { target, is_encrypted, proxy, login, redactor })
    }

    /// The gateway's host.
    pub fn host(&self) -> &str {
        &self.target.0
    }

    /// Whether TLS is spoken.
    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// The proxy in between.
    pub fn proxy(&self) -> Option<String> {
        self.proxy.as_ref().map(|(host, port)| format!("{host}:{port}"))
    }

    /// The addresses of the host that is connected to: the proxy's, if there is one.
    pub async fn resolve(&self) -> Result<Vec<SocketAddr>, Failure> {
        let (host, port) = self.proxy.as_ref().unwrap_or(&self.target);
        let found = timeout(CONNECT_DEADLINE, tokio::net::lookup_host((host.as_str(), *port))).await;
        let found = found.map_err(|_| failure(Unreachable::Dns, "no answer in time"))?;
        let found = found.map_err(|error| network::of_connecting(&network::NoAddress(error), &network::Way::default()));
        let found: Vec<SocketAddr> = found?.collect();
        if found.is_empty() { Err(failure(Unreachable::Dns, "no address")) } else { Ok(found) }
    }

    /// Connects to the first of the addresses where somebody listens.
    pub async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Failure> {
        match timeout(CONNECT_DEADLINE, TcpStream::connect(addresses)).await {
            Ok(connected) => connected.map_err(|error| network::of_connecting(&error, &network::Way::default())),
            Err(_) => Err(failure(Unreachable::NoRoute, "no connection in time")),
        }
    }

    /// Asks the proxy for a tunnel to the gateway (RFC 9110, section 9.3.6). Plain HTTP needs none.
    pub async fn tunnel(&self, stream: &mut TcpStream) -> Result<(), Failure> {
        let (host, port) = &self.target;
        let login = self.login.as_ref().map(|login| format!("proxy-authorization: {}\r\n", login.expose_secret()));
        let login = login.unwrap_or_default();
        let request = format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\n{login}\r\n");
        let asked = async {
            stream.write_all(request.as_bytes()).await?;
            let (mut head, mut byte) = (Vec::new(), [0]);
            // Byte by byte: what follows the head belongs to the gateway.
            while !head.ends_with(b"\r\n\r\n") && head.len() < MAX_HEAD && stream.read(&mut byte).await? > 0 {
                head.push(byte[0]);
            }
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&head).into_owned())
        };
        let head =
            timeout(CONNECT_DEADLINE, asked).await.map_err(|_| failure(Unreachable::Proxy, "no answer in time"))?;
        let head = head.map_err(|error| failure(Unreachable::Proxy, error))?;
        let status = self.redactor.text(head.lines().next().unwrap_or_default());
        match status.split(' ').nth(1) {
            Some(code) if code.starts_with('2') => Ok(()),
            Some(_) => Err(failure(Unreachable::Proxy, limited(status.into_owned(), limit::EXCERPT))),
            None => Err(failure(Unreachable::Proxy, "what answers is not a proxy")),
        }
    }

    /// Goes the whole way, and tells whether the certificate at its end is its own issuer; nothing if it does not get there.
    pub(in crate::gateway) async fn look(&self) -> Option<bool> {
        let mut stream = Self::connect(&self.resolve().await.ok()?).await.ok()?;
        if self.proxy.is_some() {
            self.tunnel(&mut stream).await.ok()?;
        }
        Some(self.certificate(stream).await.ok()?.is_self_signed)
    }

    /// The certificate that the other side shows, whether it can be trusted or not.
    pub async fn certificate(&self, stream: TcpStream) -> Result<Certificate, Failure> {
        let seen = timeout(CONNECT_DEADLINE, certificate::of(stream, self.host())).await;
        seen.map_err(|_| failure(Unreachable::Tls, "no answer in time"))?
            .map_err(|said| failure(Unreachable::Tls, said))
    }
}

/// `Basic` credentials (RFC 7617).
pub(in crate::gateway) fn basic(user: &str, password: &SecretString) -> SecretString {
    use base64::Engine as _;
    let login = format!("{user}:{}", password.expose_secret());
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(login)).into()
}
