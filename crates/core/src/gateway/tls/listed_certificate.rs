//! Trusts a server certificate that is itself in `ca-file`, as other clients do. The platform's verifier refuses one
//! that may issue certificates (`CA:TRUE`), which is what `openssl req -x509` makes.

use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, Error};
use x509_parser::parse_x509_certificate;

/// Verifies dates, purpose and host of a certificate that is itself trusted.
pub(super) fn verify(certificate: &CertificateDer<'_>, host: &ServerName<'_>, now: UnixTime) -> Result<(), Error> {
    let (_, parsed) = parse_x509_certificate(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let purposes = parsed.extended_key_usage().map_err(|_| CertificateError::BadEncoding)?;
    if now > parsed.validity().not_after.timestamp() {
        Err(CertificateError::Expired.into())
    } else if now < parsed.validity().not_before.timestamp() {
        Err(CertificateError::NotValidYet.into())
    } else if purposes.is_some_and(|purposes| !purposes.value.server_auth && !purposes.value.any) {
        Err(CertificateError::InvalidPurpose.into())
    } else {
        verify_server_name(&ParsedCertificate::try_from(certificate)?, host)
    }
}
