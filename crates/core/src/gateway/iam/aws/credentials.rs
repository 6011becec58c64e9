//! AWS credentials.

use std::fmt;
use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};

/// Access keys, with the session token of temporary ones.
#[derive(Clone)]
pub(super) struct Credentials {
    access_key_id: SecretString,
    secret_access_key: SecretString,
    session_token: Option<SecretString>,
    expiry: Option<SystemTime>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("expiry", &self.expiry).finish_non_exhaustive()
    }
}

impl Credentials {
    pub(super) fn new(
        access_key_id: impl Into<SecretString>,
        secret_access_key: impl Into<SecretString>,
        session_token: Option<String>,
        expiry: Option<SystemTime>,
    ) -> Self {
        let (access_key_id, secret_access_key) = (access_key_id.into(), secret_access_key.into());
        Self { access_key_id, secret_access_key, session_token: session_token.map(Into::into), expiry }
    }

    pub(super) fn access_key_id(&self) -> &str {
        self.access_key_id.expose_secret()
    }

    pub(super) fn secret_access_key(&self) -> &str {
        self.secret_access_key.expose_secret()
    }

    pub(super) fn session_token(&self) -> Option<&str> {
        self.session_token.as_ref().map(ExposeSecret::expose_secret)
    }

    /// `None` if they do not expire, or do not say when.
    pub(super) fn expiry(&self) -> Option<SystemTime> {
        self.expiry
    }
}
