//! Certificates that no `ca-file` makes valid: what is said of them, and what to try.

/// What is said of a certificate that was valid once.
pub const EXPIRED: &str = "its certificate has expired";
/// What is said of one that will be valid.
pub const NOT_VALID_YET: &str = "its certificate is not valid yet";
/// What is said of one that has other names.
pub const OTHER_HOST: &str = "its certificate is for another host";

/// What to try if it has expired.
pub const RENEW: &str = "Ask the host's owner for a new one, or check this machine's clock.";
/// What to try if it is not valid yet.
pub const CHECK_CLOCK: &str = "Check this machine's clock.";
/// What to try if it is for another host.
pub const CHECK_HOST: &str = "Check the url's host; a custom domain needs a certificate for it.";

/// What to try, by what is said of the host or of the proxy in front of it.
pub fn advice(said: &str) -> Option<&'static str> {
    let is_said = |words: &str| said == words || (said.starts_with("the proxy ") && said.ends_with(words));
    if is_said(EXPIRED) {
        Some(RENEW)
    } else if is_said(NOT_VALID_YET) {
        Some(CHECK_CLOCK)
    } else if said == OTHER_HOST {
        Some(CHECK_HOST)
    } else if is_said(OTHER_HOST) {
        Some("Check the proxy's host name.")
    } else {
        None
    }
}
