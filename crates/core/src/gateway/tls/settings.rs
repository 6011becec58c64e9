//! The TLS settings of an endpoint: authorities and client certificate. The client and the doctor use the same ones.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustls_platform_verifier::Verifier;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use crate::domain::{Failure, FailureKind};
use crate::gateway::tls::files::Identity;
use crate::gateway::tls::listed_certificate;

/// What the handshakes of a client have shown.
#[derive(Debug, Default)]
pub(in crate::gateway) struct HandshakeRecord {
    has_used_tls12: AtomicBool,
    has_been_asked: AtomicBool,
    certificate: Mutex<Option<(String, CertificateDer<'static>)>>,
    trusted: Mutex<BTreeSet<String>>,
}

impl HandshakeRecord {
    /// Whether a connection used TLS 1.2, in which a server verifies the client's certificate before the client can
    /// send a request.
    pub(in crate::gateway) fn has_used_tls12(&self) -> bool {
        self.has_used_tls12.load(Ordering::Relaxed)
    }

    /// Whether a server has requested a client certificate.
    pub(in crate::gateway) fn has_been_asked(&self) -> bool {
        self.has_been_asked.load(Ordering::Relaxed)
    }

    /// Whether a certificate for this host was trusted.
    pub(in crate::gateway) fn has_trusted(&self, host: &str) -> bool {
        self.trusted.lock().unwrap_or_else(PoisonError::into_inner).contains(host)
    }

    /// The last host, with its certificate, trusted or not.
    pub(in crate::gateway) fn certificate(&self) -> Option<(String, CertificateDer<'static>)> {
        self.certificate.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Creates settings that trust the system's authorities and these, and present a client certificate if there is one.
pub(in crate::gateway) fn config(
    authorities: Vec<CertificateDer<'static>>,
    identity: Option<Identity>,
) -> Result<(ClientConfig, Arc<HandshakeRecord>), Failure> {
    let failure = |error: Error| Failure::without_response(FailureKind::Client, format!("TLS cannot be used: {error}"));
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(authorities.clone(), Arc::clone(&provider)).map_err(|error| {
        let message = format!("the system's certificate authorities cannot be used ({error}); install the package ca-certificates, or set ca-file");
        Failure::without_response(FailureKind::Setting, message)
    })?;
    let seen = Arc::new(HandshakeRecord::default());
    let observer = Observer { verifier, listed: authorities, seen: Arc::clone(&seen) };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(failure)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(observer));
    let certified = identity.map(|Identity { chain, key }| CertifiedKey::from_der(chain, key, &provider));
    let certified = certified.transpose().map_err(failure)?.map(Arc::new);
    let config = builder.with_client_cert_resolver(Arc::new(Shown { certified, seen: Arc::clone(&seen) }));
    Ok((config, seen))
}

/// Presents the client certificate to any server that requests one, regardless of the authorities that it names.
#[derive(Debug)]
struct Shown {
    certified: Option<Arc<CertifiedKey>>,
    seen: Arc<HandshakeRecord>,
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.seen.has_been_asked.store(true, Ordering::Relaxed);
        self.certified.clone()
    }

    fn has_certs(&self) -> bool {
        self.certified.is_some()
    }
}

/// Verifies as the platform does, trusts a certificate that is listed itself, and records the observations.
#[derive(Debug)]
struct Observer {
    verifier: Verifier,
    /// The certificates in `ca-file`.
    listed: Vec<CertificateDer<'static>>,
    seen: Arc<HandshakeRecord>,
}

impl ServerCertVerifier for Observer {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let name = host.to_str().into_owned();
        let shown = (name.clone(), certificate.clone().into_owned());
        *self.seen.certificate.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        let verified = match self.verifier.verify_server_cert(certificate, intermediates, host, ocsp_response, now) {
            Err(_) if self.listed.contains(certificate) => {
                listed_certificate::verify(certificate, host, now).map(|()| ServerCertVerified::assertion())
            }
            verified => verified,
        }?;
        self.seen.trusted.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.seen.has_used_tls12.store(true, Ordering::Relaxed);
        self.verifier.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
