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

/// What is wrong with a file that the configuration names. Contains no part of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The key of the endpoint: `ca-file`, `client-certificate` or `client-key`.
    pub key: &'static str,
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} {} {}; {}", self.key, self.path.display(), self.what, self.fix)
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::without_response(FailureKind::Setting, error.to_string())
    }
}

/// A client certificate with its intermediate certificates and its private key.
pub(in crate::gateway) struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Returns the certificate itself.
    pub(in crate::gateway) fn leaf(&self) -> Option<&CertificateDer<'static>> {
        self.chain.first()
    }
}

/// What is wrong with a file, and how to fix it.
type Problem = (String, String);

fn problem(what: impl Into<String>, fix: impl Into<String>) -> Problem {
    (what.into(), fix.into())
}

/// Reads the certificates in a `ca-file`, all of which must be usable.
pub(in crate::gateway) async fn authorities(
    key: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, FileError> {
    let error = |(what, fix): Problem| FileError { key, path: path.to_owned(), what, fix };
    let items = pem::items(&read(key, path).await?).map_err(|why| error(unreadable(why, path, Use::Authority)))?;
    let count = items.iter().filter(|item| is_certificate(item)).count();
    if count == 0 {
        return Err(error(no_certificate(&items)));
    }
    let mut roots = RootCertStore::empty();
    let mut found = Vec::new();
    for (index, item) in items.into_iter().filter(is_certificate).enumerate() {
        let which =
            if count == 1 { "a certificate".to_owned() } else { format!("certificate {} of {count}", index + 1) };
        let broken = |why: &str| error(problem(format!("has {which} that cannot be used ({why})"), EXPORT_AGAIN));
        match item {
            Item::Certificate(der) => {
                let certificate = CertificateDer::from(der);
                roots.add(certificate.clone()).map_err(|error| broken(&error.to_string()))?;
                found.push(certificate);
            }
            Item::BrokenCertificate(why) => return Err(broken(why)),
            _ => {}
        }
    }
    Ok(found)
}

const EXPORT_AGAIN: &str = "export it again, or remove it";

/// Loads the client certificate of an endpoint, if the configuration names one.
pub(in crate::gateway) async fn identity(endpoint: &Endpoint) -> Result<Option<Identity>, FileError> {
    match &endpoint.client_certificate {
        Some(certificate) => load(certificate).await.map(Some),
        None => Ok(None),
    }
}

/// Returns everything that is wrong with the files of an endpoint.
pub async fn file_errors(endpoint: &Endpoint) -> Vec<FileError> {
    let mut file_errors = Vec::new();
    if let Some(path) = &endpoint.ca_file {
        file_errors.extend(authorities("ca-file", path).await.err());
    }
    file_errors.extend(identity(endpoint).await.err());
    file_errors
}

const CERTIFICATE: &str = "client-certificate";
const KEY: &str = "client-key";

async fn load(certificate: &ClientCertificate) -> Result<Identity, FileError> {
    let file = &certificate.file;
    let error = |(what, fix): Problem| FileError { key: CERTIFICATE, path: file.clone(), what, fix };
    let items = pem::items(&read(CERTIFICATE, file).await?).map_err(|why| error(unreadable(why, file, Use::Client)))?;
    let (key, key_path) = certificate.key.as_ref().map_or((CERTIFICATE, file), |path| (KEY, path));
    let of_key = |(what, fix): Problem| FileError { key, path: key_path.clone(), what, fix };
    let key_items = match &certificate.key {
        Some(path) => {
            Some(pem::items(&read(KEY, path).await?).map_err(|why| of_key(unreadable(why, path, Use::Client)))?)
        }
        None => None,
    };
    let broken = items.iter().find_map(|item| if let Item::BrokenCertificate(why) = item { Some(*why) } else { None });
    if let Some(why) = broken {
        return Err(error(problem(format!("has a certificate that cannot be used ({why})"), "export it again")));
    }
    let chain: Vec<_> = items.iter().filter_map(certificate_of).collect();
    if chain.is_empty() {
        let is_swapped = key_items.iter().flatten().any(is_certificate);
        let (what, fix) = no_certificate(&items);
        let fix = if is_swapped { "swap client-certificate and client-key".to_owned() } else { fix };
        return Err(error((what, fix)));
    }
    let key_items = key_items.unwrap_or(items);
    let keys: Vec<_> = key_items.iter().filter_map(key_of).collect();
    if keys.is_empty() {
        return Err(of_key(no_key(&key_items, key_path, key)));
    }
    matching(chain, keys).map_err(|mismatch| {
        of_key(match mismatch {
            Mismatch::Unusable => unusable_key(),
            Mismatch::Other => problem(
                format!("has a private key that does not belong to the certificate in {}", file.display()),
                "use a certificate and key that were issued together",
            ),
        })
    })
}

enum Mismatch {
    /// None of the keys could be loaded.
    Unusable,
    /// None of the keys belongs to a certificate.
    Other,
}

/// Returns the key that belongs to one of the certificates, and that certificate's chain in TLS order.
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

/// Orders the certificates from the leaf upwards, each signed by the next (RFC 5246, section 7.4.2), followed by the
/// others.
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

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Authority,
    Client,
}

fn unreadable(why: Unreadable, path: &Path, purpose: Use) -> Problem {
    let file = quoted(path);
    match why {
        Unreadable::Empty => problem("is empty", "save the certificate again"),
        Unreadable::Utf16 => problem("is UTF-16", "save it as UTF-8 or ASCII"),
        Unreadable::Pkcs7 => problem(
            "is a PKCS#7 bundle (.p7b), which is not supported",
            format!(
                "convert it with `openssl pkcs7 -print_certs -in {file} -out certs.pem` (add `-inform der` if it is binary)"
            ),
        ),
        Unreadable::Pkcs12 => problem("is PKCS#12 (.p12, .pfx), which is not supported", from_pkcs12(&file, purpose)),
        Unreadable::Bare => problem(
            "is a certificate without its first and last line",
            "add `-----BEGIN CERTIFICATE-----` before it and `-----END CERTIFICATE-----` after it",
        ),
        Unreadable::Garbage => {
            problem("is not a certificate", "use a file in PEM (`-----BEGIN CERTIFICATE-----`) or DER")
        }
    }
}

/// Only the certificates of authorities, or all certificates and the private key. The algorithms of files from Windows and
/// old programs need `-legacy` with OpenSSL 3.
fn from_pkcs12(file: &str, purpose: Use) -> String {
    let command = match purpose {
        Use::Authority => format!("`openssl pkcs12 -in {file} -nokeys -cacerts -out ca.pem`"),
        Use::Client => format!("`openssl pkcs12 -in {file} -nodes -out client.pem`, and `chmod 600 client.pem`"),
    };
    format!("convert it with {command} (add `-legacy` if OpenSSL does not support its encryption)")
}

/// Quotes a path for a shell.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn no_certificate(items: &[Item]) -> Problem {
    let found = items.iter().find_map(|item| match item {
        Item::Key(_) | Item::EncryptedKey | Item::BrokenKey => Some("a private key".to_owned()),
        Item::Other(label) => Some(format!("a section `{label}`")),
        Item::Certificate(_) | Item::BrokenCertificate(_) => None,
    });
    let what =
        found.map_or_else(|| "has no certificate".to_owned(), |found| format!("has {found}, but no certificate"));
    problem(what, "use a file with the certificate")
}

fn unusable_key() -> Problem {
    problem("has a private key that cannot be used", "use an RSA, ECDSA or Ed25519 key that is not encrypted")
}

fn no_key(items: &[Item], path: &Path, key: &str) -> Problem {
    if items.contains(&Item::EncryptedKey) {
        let file = quoted(path);
        let fix = format!(
            "decrypt it with `openssl pkey -in {file} -out key.pem`, protect it with `chmod 600 key.pem`, and set client-key to it"
        );
        return problem("has an encrypted private key, which is not supported", fix);
    }
    if items.contains(&Item::BrokenKey) {
        return problem("has a private key that is damaged", "export it again");
    }
    if items.iter().any(|item| matches!(item, Item::Key(_))) {
        return unusable_key();
    }
    if key == CERTIFICATE {
        return problem("has no private key", "add the key to this file, or name its file with client-key");
    }
    let what =
        if items.iter().any(is_certificate) { "has a certificate, but no private key" } else { "has no private key" };
    problem(what, "name the file with the private key of the client-certificate")
}

async fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, FileError> {
    let bytes = bounded::file_async(path, Limits::FILE).await;
    let is_variable = key.starts_with(|c: char| c.is_ascii_uppercase());
    bytes.map_err(|error| FileError {
        key,
        path: path.to_owned(),
        what: format!("cannot be read: {error}"),
        fix: format!("check the path and its permissions, or {} {key}", if is_variable { "unset" } else { "remove" }),
    })
}
