//! Requests with credentials that may have expired: when they are sent once more, and what is said if that does not help.

use std::sync::Arc;
use std::time::SystemTime;

use crate::domain::{CredentialsOrigin, Failure, FailureKind};
use crate::gateway::auth::Credentials;
use crate::gateway::client::Client;

impl Client {
    /// Posts JSON to a route and reads a good answer. A failure carries status and request id
    /// whenever there was an answer at all. When the gateway does not take the credentials any more, it is
    /// posted once more with others, if there are any: nothing was carried out.
    pub(in crate::gateway) async fn post<T>(
        &self,
        route: &str,
        body: Vec<u8>,
        read: impl Fn(&[u8]) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let credentials = self.credentials().await?;
        let failure = match self.exchange_with(route, &body, &credentials, &read).await {
            Err(failure) if is_of_credentials(&failure) => failure,
            other => return other,
        };
        match self.credentials.others_than(&credentials).await {
            Ok(Some(others)) => {
                let second = self.exchange_with(route, &body, &others, &read).await;
                if second.as_ref().is_err_and(is_of_credentials) {
                    self.credentials.refused(&others);
                }
                second
            }
            Ok(None) => Err(with_renewal(failure, &credentials)),
            Err(why) => {
                let why = without_others(&why);
                Err(Failure { said: format!("{}; no other credentials are available: {why}", failure.said), ..failure })
            }
        }
    }

    async fn exchange_with<T>(
        &self,
        route: &str,
        body: &[u8],
        credentials: &Credentials,
        read: impl Fn(&[u8]) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let sent = SystemTime::now();
        let (_, result) = self.exchange(route, body, credentials, read).await;
        if result.is_ok() {
            self.credentials.accepted(credentials, sent);
        }
        result
    }

    /// Returns whether requests fail until a look-up returns other credentials: these have expired, were refused, or
    /// could not be looked up.
    pub fn needs_credentials(&self) -> bool {
        self.credentials.is_bad()
    }

    /// Returns whether requests are waiting for credentials. More of them would all leave at the same moment.
    pub fn awaits_credentials(&self) -> bool {
        self.credentials.is_awaited()
    }

    /// Waits until [`Self::needs_credentials`] is over: credentials are looked up when their files change, and from time
    /// to time.
    pub async fn credentials_renewed(&self) {
        self.credentials.renewed().await;
    }

    /// Looks up what the next request needs, without sending it.
    pub async fn ready(&self) -> Result<(), Failure> {
        self.credentials().await.map(drop)
    }

    /// What to use for the next request.
    pub(in crate::gateway) async fn credentials(&self) -> Result<Arc<Credentials>, Failure> {
        self.credentials.current().await
    }

    /// Returns where the AWS credentials for the next request come from, if it needs any.
    pub async fn credentials_origin(&self) -> Option<CredentialsOrigin> {
        self.credentials().await.ok()?.origin().cloned()
    }
}

/// Adds how to get new credentials if these have expired.
fn with_renewal(failure: Failure, credentials: &Credentials) -> Failure {
    match credentials.origin() {
        Some(origin) if failure.said.contains("expired") && !failure.said.contains("Signature expired") => {
            Failure { said: format!("{}. {}", failure.said.trim_end_matches('.'), origin.renewal), ..failure }
        }
        _ => failure,
    }
}

/// Returns why there are no other credentials, and how to get some.
fn without_others(why: &Failure) -> String {
    match &why.kind {
        FailureKind::NoCredentials(missing) => format!("{}. {}", why.said, missing.advice),
        _ => why.said.clone(),
    }
}

/// Whether others could be taken: a token that has expired, a session that is over.
fn is_of_credentials(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Unauthorized | FailureKind::SignatureRefused)
}
