//! TLS: the settings of an endpoint, and messages for failed handshakes.

pub(super) mod alert;
mod certificate_verdict;
mod files;
mod listed_certificate;
mod pem;
mod settings;

use std::path::Path;
use std::sync::Arc;

use reqwest::Url;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{CertificateError as Certificate, Error, PeerIncompatible};

pub(super) use certificate_verdict::{LONGEST as LONGEST_VERDICT_WAIT, VerdictLayer};
pub(super) use files::identity;
pub use files::{FileError, file_errors};
pub(super) use settings::{HandshakeRecord, config};
pub(super) use tokio_rustls::rustls::ClientConfig;

use crate::domain::failure::certificate;
use crate::domain::{Endpoint, Failure};
use crate::gateway::proxy::HttpProxy;

/// Returns whether a request to this URL through this proxy uses TLS anywhere.
pub(super) fn is_needed(url: &Url, proxy: Option<&HttpProxy>) -> bool {
    url.scheme() != "http" || proxy.is_some_and(|proxy| proxy.is_encrypted)
}

/// Returns the TLS settings of an endpoint, and the record of its handshakes.
pub(super) async fn config_of(endpoint: &Endpoint) -> Result<(ClientConfig, Arc<HandshakeRecord>), Failure> {
    config(authorities_of(endpoint, None).await?, identity(endpoint).await?)
}

/// Returns the authorities to trust in addition to the system's: those in `ca-file`, and in another named file.
pub(super) async fn authorities_of(
    endpoint: &Endpoint,
    other: Option<(&'static str, &Path)>,
) -> Result<Vec<CertificateDer<'static>>, FileError> {
    let mut found = Vec::new();
    let own = endpoint.ca_file.as_deref().map(|path| ("ca-file", path));
    for (key, path) in own.into_iter().chain(other) {
        found.extend(files::authorities(key, path).await?);
    }
    Ok(found)
}

/// For a certificate with an untrusted issuer, before it has been inspected.
pub(super) const UNKNOWN_ISSUER: &str =
    "its certificate is self-signed, or comes from an authority that this computer does not know";
/// For a certificate that names itself as its issuer.
pub(super) const SELF_SIGNED: &str = "its certificate is self-signed";
/// For a certificate that names another issuer.
pub(super) const UNKNOWN_AUTHORITY: &str = "its certificate comes from an authority that this computer does not know";

/// For a server whose response to a TLS handshake is not TLS.
pub(super) const NO_TLS: &str = "the server does not speak TLS; it may be a plain http:// server";

/// Describes an error, as the end of a sentence about the peer.
pub(super) fn description(error: &Error) -> String {
    let text = match error {
        Error::InvalidCertificate(certificate) => return of_certificate(certificate),
        Error::AlertReceived(alert) => return alert::description(*alert),
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
    text.to_owned()
}

fn of_certificate(error: &Certificate) -> String {
    let text = match error {
        Certificate::Expired | Certificate::ExpiredContext { .. } => certificate::EXPIRED,
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => certificate::NOT_VALID_YET,
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => certificate::OTHER_HOST,
        Certificate::Revoked => "its certificate has been revoked",
        // An authority's certificate that a host presents as its own: it signed itself.
        Certificate::UnknownIssuer | Certificate::Other(_) => UNKNOWN_ISSUER,
        Certificate::BadSignature => "its certificate has a wrong signature",
        other => return format!("its certificate is not valid: {other}"),
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use tokio_rustls::rustls::{AlertDescription as Alert, InvalidMessage, OtherError};

    use super::*;

    #[test]
    fn each_error_has_a_description() {
        let other = Certificate::Other(OtherError(std::sync::Arc::new(std::io::Error::other("CaUsedAsEndEntity"))));
        for (error, text) in [
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
            assert!(description(&error).contains(text), "{error:?}: {}", description(&error));
        }
    }
}
