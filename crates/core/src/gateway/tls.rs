//! TLS: the settings of an endpoint, and why a handshake failed, in words for people.

pub(super) mod alert;
mod files;
mod listed;
mod pem;
mod settings;
mod verdict;

use std::path::Path;
use std::sync::Arc;

use reqwest::Url;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{CertificateError as Certificate, Error, PeerIncompatible};

pub(super) use files::identity;
pub use files::{FileFault, faults};
pub(super) use settings::{Seen, config};
pub(super) use tokio_rustls::rustls::ClientConfig;
pub(super) use verdict::{LONGEST as VERDICT, Verdict};

use crate::domain::failure::certificate;
use crate::domain::{Endpoint, Failure};
use crate::gateway::proxy::HttpProxy;

/// Returns whether a request to this URL through this proxy uses TLS anywhere.
pub(super) fn is_needed(url: &Url, proxy: Option<&HttpProxy>) -> bool {
    url.scheme() != "http" || proxy.is_some_and(|proxy| proxy.is_encrypted)
}

/// Returns the TLS settings of an endpoint, and what its handshakes will reveal.
pub(super) async fn config_of(endpoint: &Endpoint) -> Result<(ClientConfig, Arc<Seen>), Failure> {
    config(authorities_of(endpoint, None).await?, identity(endpoint).await?)
}

/// Returns the authorities to trust in addition to the system's: those in `ca-file`, and in another named file.
pub(super) async fn authorities_of(
    endpoint: &Endpoint,
    other: Option<(&'static str, &Path)>,
) -> Result<Vec<CertificateDer<'static>>, FileFault> {
    let mut found = Vec::new();
    let own = endpoint.ca_file.as_deref().map(|path| ("ca-file", path));
    for (key, path) in own.into_iter().chain(other) {
        found.extend(files::authorities(key, path).await?);
    }
    Ok(found)
}

/// What is said of a certificate whose issuer is not trusted, before it has been looked at.
pub(super) const UNKNOWN_ISSUER: &str =
    "its certificate is self-signed, or comes from an authority that this computer does not know";
/// What is said of one that names itself as its issuer.
pub(super) const SELF_SIGNED: &str = "its certificate is self-signed";
/// What is said of one that names another issuer.
pub(super) const UNKNOWN_AUTHORITY: &str = "its certificate comes from an authority that this computer does not know";

/// What is said of a server that answers a TLS handshake with something else.
pub(super) const NO_TLS: &str = "what answers does not speak TLS; it may be a plain http:// server";

/// Why, as the end of a sentence about the other side.
pub(super) fn cause(error: &Error) -> String {
    let words = match error {
        Error::InvalidCertificate(certificate) => return of_certificate(certificate),
        Error::AlertReceived(alert) => return alert::words(*alert),
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::ExtendedMasterSecretExtensionRequired
            | PeerIncompatible::EcPointsExtensionRequired,
        ) => alert::OLD_PROTOCOL,
        Error::PeerIncompatible(_) => "it has no protocol or cipher in common with this program",
        Error::InvalidMessage(_) => NO_TLS,
        other => return other.to_string(),
    };
    words.to_owned()
}

fn of_certificate(error: &Certificate) -> String {
    let words = match error {
        Certificate::Expired | Certificate::ExpiredContext { .. } => certificate::EXPIRED,
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => certificate::NOT_VALID_YET,
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => certificate::OTHER_HOST,
        Certificate::Revoked => "its certificate has been revoked",
        // An authority's certificate that a host presents as its own: it signed itself.
        Certificate::UnknownIssuer | Certificate::Other(_) => UNKNOWN_ISSUER,
        Certificate::BadSignature => "its certificate has a wrong signature",
        other => return format!("its certificate is not valid: {other}"),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use tokio_rustls::rustls::{AlertDescription as Alert, InvalidMessage, OtherError};

    use super::*;

    #[test]
    fn each_cause_has_its_name() {
        let other = Certificate::Other(OtherError(std::sync::Arc::new(std::io::Error::other("CaUsedAsEndEntity"))));
        for (error, words) in [
            (Certificate::Expired.into(), "expired"),
            (Certificate::NotValidYet.into(), "not valid yet"),
            (Certificate::NotValidForName.into(), "another host"),
            (Certificate::Revoked.into(), "revoked"),
            (Certificate::UnknownIssuer.into(), "self-signed, or"),
            (other.into(), "self-signed, or"),
            (Certificate::BadEncoding.into(), "not valid"),
            (Error::AlertReceived(Alert::ProtocolVersion), "older than 1.2"),
            (PeerIncompatible::ServerDoesNotSupportTls12Or13.into(), "older than 1.2"),
            (PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig.into(), "older than 1.2"),
            (PeerIncompatible::NoCipherSuitesInCommon.into(), "in common"),
            (Error::AlertReceived(Alert::CertificateRequired), "requires a client certificate"),
            (Error::AlertReceived(Alert::CertificateExpired), "client certificate has expired"),
            (Error::AlertReceived(Alert::UnknownCA), "authority of the client certificate"),
            (Error::AlertReceived(Alert::HandshakeFailure), "may require a client certificate"),
            (Error::AlertReceived(Alert::UnrecognisedName), "host name"),
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), "does not speak TLS"),
        ] {
            assert!(cause(&error).contains(words), "{error:?}: {}", cause(&error));
        }
    }
}
