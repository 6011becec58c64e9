//! Messages and advice about certificates that no `ca-file` makes valid.

/// Message for a certificate past its validity.
pub(crate) const EXPIRED: &str = "its certificate has expired";
/// Message for a certificate before its validity.
pub(crate) const NOT_VALID_YET: &str = "its certificate is not valid yet";
/// Message for a certificate with other host names.
pub(crate) const OTHER_HOST: &str = "its certificate is for another host";

/// Advice for an expired certificate.
pub const RENEW: &str = "Ask the host's owner for a new one, or check this machine's clock.";
/// Advice for a certificate that is not valid yet.
pub const CHECK_CLOCK: &str = "Check this machine's clock.";
/// Advice for the certificate of another host.
pub const CHECK_HOST: &str = "Check the url's host; a custom domain needs a certificate for it.";

/// Returns the advice for a message about the host, or about the proxy in front of it.
pub fn advice(message: &str) -> Option<&'static str> {
    let is = |text: &str| message == text || (message.starts_with("the proxy ") && message.ends_with(text));
    if is(EXPIRED) {
        Some(RENEW)
    } else if is(NOT_VALID_YET) {
        Some(CHECK_CLOCK)
    } else if message == OTHER_HOST {
        Some(CHECK_HOST)
    } else if is(OTHER_HOST) {
        Some("Check the proxy's host name.")
    } else {
        None
    }
}
