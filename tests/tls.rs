//! The client against a server with TLS: a company's own certificates, and HTTP/2 where it is offered.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::serve::Listener;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use stepgate::domain::{Endpoint, ExecutionArn, Failure, FailureKind, Observation, Unreachable};
use stepgate::gateway::Client;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

/// Takes connections and shakes hands; those that do not succeed are the client's to tell of.
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

/// A gateway for `localhost` whose certificate comes from an authority that nobody knows. It puts the
/// HTTP version of the request into the execution's error. Returns its URL and the authority's PEM.
async fn served() -> (String, String) {
    let mut authority = CertificateParams::new(Vec::new()).expect("an authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().expect("a key");
    let authority_pem = authority.self_signed(&authority_key).expect("a certificate").pem();
    let key = KeyPair::generate().expect("a key");
    let issuer = Issuer::new(authority, authority_key);
    let host = CertificateParams::new(vec!["localhost".to_owned()]).expect("a host");
    let certificate = host.signed_by(&key, &issuer).expect("a certificate");
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a configuration");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let listener = TlsListener { listener, acceptor: TlsAcceptor::from(Arc::new(config)) };
    let answer = |request: Request| async move {
        format!("{{\"status\":\"FAILED\",\"startDate\":1.7E9,\"error\":\"{:?}\"}}", request.version())
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    (format!("https://localhost:{port}/dev"), authority_pem)
}

async fn ask(endpoint: Endpoint) -> Result<Observation, Failure> {
    let arn = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";
    Client::new(endpoint)?.status(&ExecutionArn::parse(arn).expect("an ARN")).await
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_trusted_by_ca_file_and_http_2_is_spoken() {
    let (url, authority) = served().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, authority).expect("written");
    let endpoint = Endpoint { ca_file: Some(file), ..Endpoint::plain("e", &url) };
    let seen = ask(endpoint).await.expect("an answer");
    assert_eq!(seen.error.as_deref(), Some("HTTP/2.0"));
}

#[tokio::test]
async fn a_certificate_that_nobody_knows_is_refused_and_the_way_out_is_told() {
    let (url, _) = served().await;
    let failure = ask(Endpoint::plain("e", &url)).await.expect_err("not trusted");
    assert_eq!(failure.kind, FailureKind::Unreachable(Unreachable::Tls), "{failure}");
    assert!(failure.advice().contains("ca-file"), "{failure}");
    assert!(!failure.leaves_doubt());
}

#[tokio::test]
async fn a_ca_file_that_is_none_says_which() {
    let endpoint = Endpoint { ca_file: Some("/no/such/ca.pem".into()), ..Endpoint::plain("e", "https://localhost") };
    let failure = ask(endpoint).await.expect_err("no file");
    assert_eq!(failure.kind, FailureKind::Client);
    assert!(failure.said.contains("/no/such/ca.pem"), "{failure}");
}
