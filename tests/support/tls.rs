//! A server with TLS, with an authority for it and its clients.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::serve::Listener;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;

/// Accepts connections and shakes hands; the client reports those that fail.
struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.listener.accept().await.expect("a connection");
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// Who may come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Clients {
    Anybody,
    /// Only who shows a certificate of the authority.
    MustShow,
}

/// What a client needs to know.
pub struct Server {
    pub url: String,
    /// The authority's certificate, PEM.
    pub authority: String,
    /// A client's certificate and key, PEM.
    pub client: (String, String),
}

/// A certificate for the host `localhost`, and the unknown authority that issued it.
pub struct Issued {
    /// The authority's certificate, PEM.
    pub authority: String,
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Issued {
    pub fn new() -> Self {
        let mut authority = CertificateParams::new(Vec::new()).expect("an authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().expect("a key");
        let pem = authority.self_signed(&authority_key).expect("a certificate").pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().expect("a key");
        let host = CertificateParams::new(vec!["localhost".to_owned()]).expect("a host");
        let certificate = host.signed_by(&key, &issuer).expect("a certificate").der().clone();
        Self { authority: pem, certificate, key }
    }

    /// Asks for client certificates of the authority, without requiring them.
    pub fn asks(&self) -> Arc<dyn ClientCertVerifier> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.as_bytes()).expect("PEM")).expect("an authority");
        WebPkiClientVerifier::builder(Arc::new(roots)).allow_unauthenticated().build().expect("a verifier")
    }

    /// Certificate and key for a server's settings.
    pub fn server(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (vec![self.certificate.clone()], PrivateKeyDer::try_from(self.key.serialize_der()).expect("a key"))
    }
}

/// A gateway for the host `localhost` whose certificate comes from an unknown authority. It puts the
/// HTTP version of the request into the execution's error.
pub async fn serve(clients: Clients) -> Server {
    serve_with(clients, |_| {}).await
}

/// The same with a certificate that is changed before it is signed.
pub async fn serve_with(clients: Clients, change: impl FnOnce(&mut CertificateParams)) -> Server {
    let mut authority = CertificateParams::new(Vec::new()).expect("an authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().expect("a key");
    let authority_certificate = authority.self_signed(&authority_key).expect("a certificate");
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().expect("a key");
    let mut host = CertificateParams::new(vec!["localhost".to_owned()]).expect("a host");
    change(&mut host);
    let certificate = host.signed_by(&key, &issuer).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let client_key = KeyPair::generate().expect("a key");
    let client = CertificateParams::new(vec!["client".to_owned()]).expect("a client");
    let client = client.signed_by(&client_key, &issuer).expect("a certificate");
    let config = ServerConfig::builder();
    let config = if clients == Clients::MustShow {
        let mut roots = RootCertStore::empty();
        roots.add(authority_certificate.der().clone()).expect("an authority");
        config.with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().expect("a verifier"))
    } else {
        config.with_no_client_auth()
    };
    let config = config.with_single_cert(vec![certificate.der().clone()], key).expect("a configuration");
    Server {
        url: listen(config).await,
        authority: authority_certificate.pem(),
        client: (client.pem(), client_key.serialize_pem()),
    }
}

/// The same with a self-signed certificate: an authority, as `openssl req -x509` makes it, or not.
/// Returns the URL.
pub async fn serve_self_signed(is_authority: bool) -> String {
    serve_self_signed_with(is_authority, |_| {}).await.0
}

/// The same with a certificate that is changed before it is signed. Returns the URL and the certificate, PEM.
pub async fn serve_self_signed_with(
    is_authority: bool,
    change: impl FnOnce(&mut CertificateParams),
) -> (String, String) {
    let (config, pem) = self_signed(is_authority, change);
    (listen(config).await, pem)
}

/// The settings of such a server, and its certificate, PEM.
pub fn self_signed(is_authority: bool, change: impl FnOnce(&mut CertificateParams)) -> (ServerConfig, String) {
    let mut host = CertificateParams::new(vec!["localhost".to_owned()]).expect("a host");
    if is_authority {
        host.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    change(&mut host);
    let key = KeyPair::generate().expect("a key");
    let certificate = host.self_signed(&key).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config = ServerConfig::builder().with_no_client_auth();
    (config.with_single_cert(vec![certificate.der().clone()], key).expect("a configuration"), certificate.pem())
}

async fn listen(mut config: ServerConfig) -> String {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let listener = TlsListener { listener, acceptor: TlsAcceptor::from(Arc::new(config)) };
    let answer = |request: Request| async move {
        format!("{{\"status\":\"FAILED\",\"startDate\":1.7E9,\"error\":\"{:?}\"}}", request.version())
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    format!("https://localhost:{port}/dev")
}

/// Writes a file into a folder.
pub fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("written");
    path
}
