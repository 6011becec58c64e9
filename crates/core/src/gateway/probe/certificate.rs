//! The certificate of a server.

use std::sync::Arc;

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::ServerCertVerifier as _;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError, Error, RootCertStore};
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use crate::domain::Timestamp;
use crate::domain::text_limit::{self, limited};

/// The fields of a certificate (RFC 5280).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The host names and addresses that it is for.
    pub names: Vec<String>,
    /// The distinguished name of the issuer.
    pub issuer: String,
    /// The beginning of its validity.
    pub not_before: Timestamp,
    /// The end of its validity.
    pub not_after: Timestamp,
    /// Whether it is signed with its own key.
    pub is_self_signed: bool,
}

impl Certificate {
    /// Returns whether it is for this host: a `*` stands for the first label (RFC 9525, section 6.3).
    pub fn is_for(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        let is_it = |name: &String| match name.strip_prefix("*.") {
            Some(rest) => host.split_once('.').is_some_and(|(_, domain)| domain.eq_ignore_ascii_case(rest)),
            None => name.eq_ignore_ascii_case(host),
        };
        self.names.iter().any(is_it)
    }

    fn read(der: &[u8]) -> Result<Self, String> {
        let (_, certificate) = parse_x509_certificate(der).map_err(|error| format!("no certificate: {error}"))?;
        let date = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1000));
        let name = |name: &GeneralName<'_>| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress([a, b, c, d]) => Some(format!("{a}.{b}.{c}.{d}")),
            GeneralName::IPAddress(bytes) => {
                <[u8; 16]>::try_from(*bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string())
            }
            _ => None,
        };
        let names = certificate.subject_alternative_name().ok().flatten();
        Ok(Self {
            names: names.map(|names| names.value.general_names.iter().filter_map(name).collect()).unwrap_or_default(),
            issuer: limited(certificate.issuer().to_string(), text_limit::EXCERPT),
            not_before: date(certificate.validity().not_before.timestamp()),
            not_after: date(certificate.validity().not_after.timestamp()),
            is_self_signed: certificate.issuer() == certificate.subject(),
        })
    }
}

/// Reads the certificate of a host.
pub(super) fn read(shown: &CertificateDer<'_>, host: &str) -> Result<Certificate, String> {
    let certificate = Certificate::read(shown)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let is_self_signed = certificate.is_self_signed && is_signed_by_itself(shown, host, &provider);
    Ok(Certificate { is_self_signed, ..certificate })
}

/// Returns whether a certificate that names itself as its issuer is signed with its own key: an authority may have the
/// same name.
fn is_signed_by_itself(shown: &CertificateDer<'_>, host: &str, provider: &Arc<CryptoProvider>) -> bool {
    let mut roots = RootCertStore::empty();
    let (Ok(()), Ok(name)) = (roots.add(shown.clone().into_owned()), ServerName::try_from(host.to_owned())) else {
        return true;
    };
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    let result = verifier.map(|verifier| verifier.verify_server_cert(shown, &[], &name, &[], UnixTime::now()));
    !matches!(
        result,
        Ok(Err(Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_label() {
        let names =
            ["*.execute-api.eu-west-1.amazonaws.com", "api.example.com", "127.0.0.1"].map(str::to_owned).to_vec();
        let (not_before, not_after) = (Timestamp::from_millis(0), Timestamp::from_millis(1));
        let certificate = Certificate { names, issuer: String::new(), not_before, not_after, is_self_signed: false };
        for (host, is_for) in [
            ("abc.execute-api.eu-west-1.amazonaws.com", true),
            ("a.b.execute-api.eu-west-1.amazonaws.com", false),
            ("execute-api.eu-west-1.amazonaws.com", false),
            ("API.example.com", true),
            ("api.example.com.", true),
            ("example.com", false),
            ("127.0.0.1", true),
        ] {
            assert_eq!(certificate.is_for(host), is_for, "{host}");
        }
    }
}
