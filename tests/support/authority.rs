//! Certificate authorities, what they issue, and a gateway behind TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use stepgate_local::Options;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::gateway::Served;

/// An authority that no system knows.
pub struct Authority {
    /// Its certificate, PEM.
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, PEM.
#[derive(Clone)]
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

impl Pair {
    /// Both in one text, as one file.
    pub fn both(&self) -> String {
        format!("{}{}", self.certificate, self.key)
    }
}

/// The DER in the first section of a PEM text.
pub fn der(pem: &str) -> Vec<u8> {
    CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM").to_vec()
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

impl Authority {
    pub fn new(name: &str) -> Self {
        Self::signed(name, None)
    }

    /// An authority below this one.
    pub fn below(&self, name: &str) -> Self {
        Self::signed(name, Some(self))
    }

    fn signed(name: &str, by: Option<&Self>) -> Self {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = match by {
            Some(by) => params.signed_by(&key, &by.issuer),
            None => params.self_signed(&key),
        };
        let pem = certificate.expect("a certificate").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    pub fn issue(&self, name: &str) -> Pair {
        self.issue_with(name, |_| {})
    }

    /// The same, changed before it is signed.
    pub fn issue_with(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Pair {
        let mut params = params(name);
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Pair { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(der(&self.pem))).expect("an authority");
        Arc::new(roots)
    }

    /// Settings of a server with a certificate for this host; clients must show a certificate of `clients`.
    pub fn server(&self, host: &str, clients: Option<&Self>, is_tls13: bool) -> ServerConfig {
        Self::showing(&self.issue(host), clients, is_tls13)
    }

    /// The same without client certificates, and with a certificate that is changed before it is signed.
    pub fn server_with(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> ServerConfig {
        Self::showing(&self.issue_with(host, change), None, true)
    }

    fn showing(pair: &Pair, clients: Option<&Self>, is_tls13: bool) -> ServerConfig {
        let config = ServerConfig::builder_with_protocol_versions(&[if is_tls13 { &TLS13 } else { &TLS12 }]);
        let config = match clients {
            Some(clients) => config
                .with_client_cert_verifier(WebPkiClientVerifier::builder(clients.roots()).build().expect("a verifier")),
            None => config.with_no_client_auth(),
        };
        let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).expect("a key");
        config.with_single_cert(vec![der(&pair.certificate).into()], key).expect("settings")
    }
}

/// A local gateway behind TLS.
pub struct Gateway {
    pub served: Served,
    pub address: SocketAddr,
}

impl Gateway {
    pub async fn new(config: ServerConfig) -> Self {
        let served = Served::new(Options::default());
        let url = served.url();
        let behind = url.trim_start_matches("http://").split('/').next().expect("an address").to_owned();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, behind) = (acceptor.clone(), behind.clone());
                tokio::spawn(async move {
                    let mut outside = acceptor.accept(stream).await?;
                    let mut inside = TcpStream::connect(behind).await?;
                    copy_bidirectional(&mut outside, &mut inside).await
                });
            }
        });
        Self { served, address }
    }

    /// Its URL for this host.
    pub fn url(&self, host: &str) -> String {
        format!("https://{host}:{}/dev", self.address.port())
    }
}
