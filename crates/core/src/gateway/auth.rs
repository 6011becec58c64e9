//! What lets a request in: headers with the secrets that the configuration names, or a signature. When they are looked
//! up, and when again, is decided by `renewal`.

mod credential_cache;
mod credentials;
mod fingerprint;
mod renewal;

pub(super) use credential_cache::CredentialCache;
pub(super) use credentials::Credentials;
#[cfg(feature = "iam")]
pub(super) use credentials::signature;
