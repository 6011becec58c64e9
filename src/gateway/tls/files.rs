//! The files of an endpoint's TLS settings: `ca-file`, `client-certificate` and `client-key`.

use std::fmt;
use std::path::{Path, PathBuf};

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::parse_x509_certificate;

use crate::bounded::{self, Limits};
use crate::domain::{ClientCertificate, Endpoint, Failure, FailureKind};
use crate::gateway::tls::pem::{self, Item, Unreadable};

/// What is wrong with a file that the configuration names. No part of a key is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// The key of the endpoint: `ca-file`, `client-certificate` or `client-key`.
    pub key: &'static str,
    /// The file.
    pub path: PathBuf,
    /// What is wrong, and what to do.
    pub why: String,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} {} {}", self.key, self.path.display(), self.why)
    }
}

impl From<FileFault> for Failure {
    fn from(fault: FileFault) -> Self {
        Self::without_answer(FailureKind::Client, fault.to_string())
    }
}

/// A client's certificate with the certificates between it and its authority, and its private key.
pub(in crate::gateway) struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

/// The certificates in a `ca-file`, all of which must be usable.
pub(in crate::gateway) async fn authorities(
    key: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, FileFault> {
    let fault = |why: String| FileFault { key, path: path.to_owned(), why };
    let items = pem::items(&read(key, path).await?).map_err(|why| fault(unreadable(why, path)))?;
    let count = items.iter().filter(|item| is_certificate(item)).count();
    if count == 0 {
        return Err(fault(no_certificate(&items)));
    }
    let mut roots = RootCertStore::empty();
    let mut found = Vec::new();
    for (index, item) in items.into_iter().filter(is_certificate).enumerate() {
        let which =
            if count == 1 { "a certificate".to_owned() } else { format!("certificate {} of {count}", index + 1) };
        match item {
            Item::Certificate(der) => {
                let certificate = CertificateDer::from(der);
                roots
                    .add(certificate.clone())
                    .map_err(|error| fault(format!("has {which} that cannot be used: {error}; export it again")))?;
                found.push(certificate);
            }
            Item::BrokenCertificate(why) => {
                return Err(fault(format!("has {which} that is broken: {why}; export it again")));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// The certificate that the endpoint shows, if the configuration names one.
pub(in crate::gateway) async fn identity(endpoint: &Endpoint) -> Result<Option<Identity>, FileFault> {
    match &endpoint.client_certificate {
        Some(certificate) => load(certificate).await.map(Some),
        None => Ok(None),
    }
}

/// Everything that is wrong with the files of an endpoint.
pub async fn faults(endpoint: &Endpoint) -> Vec<FileFault> {
    let mut faults = Vec::new();
    if let Some(path) = &endpoint.ca_file {
        faults.extend(authorities("ca-file", path).await.err());
    }
    faults.extend(identity(endpoint).await.err());
    faults
}

const CERTIFICATE: &str = "client-certificate";
const KEY: &str = "client-key";

async fn load(certificate: &ClientCertificate) -> Result<Identity, FileFault> {
    let file = &certificate.file;
    let fault = |why: String| FileFault { key: CERTIFICATE, path: file.clone(), why };
    let items = pem::items(&read(CERTIFICATE, file).await?).map_err(|why| fault(unreadable(why, file)))?;
    let (key, key_path) = certificate.key.as_ref().map_or((CERTIFICATE, file), |path| (KEY, path));
    let of_key = |why: String| FileFault { key, path: key_path.clone(), why };
    let key_items = match &certificate.key {
        Some(path) => Some(pem::items(&read(KEY, path).await?).map_err(|why| of_key(unreadable(why, path)))?),
        None => None,
    };
    if let Some(Item::BrokenCertificate(why)) = items.iter().find(|item| matches!(item, Item::BrokenCertificate(_))) {
        return Err(fault(format!("has a certificate that is broken: {why}; export it again")));
    }
    let chain: Vec<_> = items.iter().filter_map(certificate_of).collect();
    if chain.is_empty() {
        let is_swapped = key_items.iter().flatten().any(is_certificate);
        let why = no_certificate(&items);
        return Err(fault(if is_swapped { format!("{why}; exchange client-certificate and client-key") } else { why }));
    }
    let key_items = key_items.unwrap_or(items);
    let keys: Vec<_> = key_items.iter().filter_map(key_of).collect();
    if keys.is_empty() {
        return Err(of_key(no_key(&key_items, key_path, key)));
    }
    matching(chain, keys).map_err(|mismatch| {
        of_key(match mismatch {
            Mismatch::Unusable => {
                "has a private key that cannot be used; expected an RSA, ECDSA or Ed25519 key that is not encrypted".to_owned()
            }
            Mismatch::Other => {
                let file = file.display();
                format!("has a private key that does not belong to the certificate in {file}; name the two that were issued together")
            }
        })
    })
}

enum Mismatch {
    /// No key could be loaded.
    Unusable,
    /// No key belongs to a certificate.
    Other,
}

/// The key that belongs to one of the certificates, and that certificate with its chain in the order of TLS.
fn matching(chain: Vec<CertificateDer<'static>>, keys: Vec<PrivateKeyDer<'static>>) -> Result<Identity, Mismatch> {
    let provider = aws_lc_rs::default_provider().key_provider;
    let mut mismatch = Mismatch::Unusable;
    for key in keys {
        let Ok(loaded) = provider.load_private_key(key.clone_key()) else { continue };
        let public = loaded.public_key();
        let is_its = |certificate: &CertificateDer<'_>| {
            let parsed = parse_x509_certificate(certificate);
            public
                .as_ref()
                .is_none_or(|public| parsed.is_ok_and(|(_, parsed)| parsed.public_key().raw == public.as_ref()))
        };
        match chain.iter().position(is_its) {
            Some(leaf) => return Ok(Identity { chain: ordered(chain, leaf), key }),
            None => mismatch = Mismatch::Other,
        }
    }
    Err(mismatch)
}

/// The certificates from the leaf upwards, each signed by the next (RFC 5246, section 7.4.2); the others after them.
fn ordered(mut rest: Vec<CertificateDer<'static>>, leaf: usize) -> Vec<CertificateDer<'static>> {
    let name = |certificate: &CertificateDer<'_>, of_issuer: bool| {
        let (_, parsed) = parse_x509_certificate(certificate).ok()?;
        Some(if of_issuer { parsed.issuer().as_raw().to_vec() } else { parsed.subject().as_raw().to_vec() })
    };
    let mut chain = vec![rest.remove(leaf)];
    while let Some(issuer) = chain.last().and_then(|last| name(last, true)) {
        let Some(next) = rest.iter().position(|candidate| name(candidate, false).as_ref() == Some(&issuer)) else {
            break;
        };
        chain.push(rest.remove(next));
    }
    chain.extend(rest);
    chain
}

fn is_certificate(item: &Item) -> bool {
    matches!(item, Item::Certificate(_) | Item::BrokenCertificate(_))
}

fn certificate_of(item: &Item) -> Option<CertificateDer<'static>> {
    if let Item::Certificate(der) = item { Some(der.clone().into()) } else { None }
}

fn key_of(item: &Item) -> Option<PrivateKeyDer<'static>> {
    if let Item::Key(der) = item { PrivateKeyDer::try_from(der.clone()).ok() } else { None }
}

fn unreadable(why: Unreadable, path: &Path) -> String {
    let file = path.display();
    match why {
        Unreadable::Empty => "is empty".to_owned(),
        Unreadable::Utf16 => "is UTF-16; save it as UTF-8 or ASCII".to_owned(),
        Unreadable::Pkcs7 => format!(
            "is a PKCS#7 bundle (.p7b), which is not supported; convert it with `openssl pkcs7 -print_certs -in {file} -out certs.pem` (add `-inform der` where it is binary)"
        ),
        Unreadable::Pkcs12 => format!(
            "is PKCS#12 (.p12, .pfx), which is not supported; convert it with `openssl pkcs12 -in {file} -nodes -out client.pem`"
        ),
        Unreadable::Bare => {
            "is a certificate without its first and last line; add `-----BEGIN CERTIFICATE-----` and `-----END CERTIFICATE-----`"
                .to_owned()
        }
        Unreadable::Garbage => "is not a certificate; expected PEM (`-----BEGIN CERTIFICATE-----`) or DER".to_owned(),
    }
}

fn no_certificate(items: &[Item]) -> String {
    let found = items.iter().find_map(|item| match item {
        Item::Key(_) | Item::EncryptedKey | Item::BrokenKey => Some("a private key".to_owned()),
        Item::Other(label) => Some(format!("a section `{label}`")),
        Item::Certificate(_) | Item::BrokenCertificate(_) => None,
    });
    match found {
        Some(found) => format!("has {found}, but no certificate"),
        None => "has no certificate".to_owned(),
    }
}

fn no_key(items: &[Item], path: &Path, key: &str) -> String {
    let file = path.display();
    if items.contains(&Item::EncryptedKey) {
        return format!(
            "has an encrypted private key, which is not supported; decrypt it with `openssl pkey -in {file} -out key.pem`, make it readable by you only (`chmod 600 key.pem`), and set client-key"
        );
    }
    if items.contains(&Item::BrokenKey) {
        return "has a private key that is damaged; export it again".to_owned();
    }
    if key == CERTIFICATE {
        return "has no private key; add it to this file, or name its file with client-key".to_owned();
    }
    if items.iter().any(is_certificate) {
        return "has a certificate, but no private key".to_owned();
    }
    "has no private key".to_owned()
}

async fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, FileFault> {
    let bytes = bounded::file_async(path, Limits::FILE).await;
    bytes.map_err(|error| FileFault { key, path: path.to_owned(), why: format!("cannot be read: {error}") })
}
