//! What lets a request in: headers with the secrets that the configuration names, or a signature. When they are looked
//! up, and when again, is decided by `renewal`.

mod credentials;
mod fingerprint;
mod holder;
mod renewal;

pub(super) use credentials::{Credentials, signature};
pub(super) use holder::Holder;
