//! Authentication of requests: headers with the secrets that the configuration names, or a signature. `renewal` decides
//! when to look them up.

mod credential_cache;
mod credentials;
mod fingerprint;
mod renewal;

pub(super) use credential_cache::CredentialCache;
pub(super) use credentials::Credentials;
#[cfg(feature = "iam")]
pub(super) use credentials::signature;
