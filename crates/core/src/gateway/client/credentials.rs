//! Sends requests whose credentials may have expired: once more with other credentials if they were refused.

use std::sync::Arc;
use std::time::SystemTime;

use crate::domain::{CredentialsOrigin, Failure, FailureKind, NO_SIGNATURE_EXPECTED, SignatureRefusal};
use crate::gateway::auth::Credentials;
use crate::gateway::client::Client;
use crate::gateway::route_request::RouteRequest;

impl Client {
    /// Sends a request and reads the response, whose body `read` gets, and the received one if a filter has changed it. A
    /// failure has the status and request id of the response, if there was one. If the gateway refuses the credentials,
    /// sends it once more with others, if there are any: nothing was carried out.
    pub(in crate::gateway) async fn send<T>(
        &self,
        request: &RouteRequest,
        read: impl Fn(&[u8], Option<&[u8]>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let credentials = self.credentials().await?;
        let failure = match self.exchange_with(request, &credentials, &read).await {
            Err(failure) if is_of_credentials(&failure) => failure,
            other => return other,
        };
        match self.credentials.others_than(&credentials).await {
            Ok(Some(others)) => {
                let second = self.exchange_with(request, &others, &read).await;
                second.map_err(|failure| {
                    if !is_of_credentials(&failure) {
                        return failure;
                    }
                    self.credentials.refused(&others);
                    self.with_remedy(failure, &others)
                })
            }
            Ok(None) => Err(self.with_remedy(failure, &credentials)),
            Err(why) => {
                let message = format!("{}; no other credentials are available: {}", failure.message, why.message);
                Err(Failure { message, ..failure }.with_remedy(why.advice()))
            }
        }
    }

    async fn exchange_with<T>(
        &self,
        request: &RouteRequest,
        credentials: &Credentials,
        read: impl Fn(&[u8], Option<&[u8]>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let sent = SystemTime::now();
        let (_, result) = self.exchange(request, credentials, read).await;
        if result.is_ok() {
            self.credentials.accepted(credentials, sent);
        }
        result
    }

    /// Adds that the credentials have expired if the gateway does not say so, and what to try if that depends on where they
    /// come from.
    fn with_remedy(&self, failure: Failure, credentials: &Credentials) -> Failure {
        let failure = with_expiry(failure, credentials.expires(), SystemTime::now());
        let Some(origin) = credentials.origin() else { return failure };
        if failure.kind == FailureKind::Unauthorized && !failure.message.contains("expired") {
            return failure.with_remedy(NO_SIGNATURE_EXPECTED);
        }
        let refusal = SignatureRefusal::from_message(&failure.message, self.endpoint().region.as_deref(), Some(origin));
        failure.with_remedy(refusal.advice)
    }

    /// Returns whether requests fail until a look-up returns other credentials: these have expired, were refused, or
    /// could not be looked up.
    pub(crate) fn needs_credentials(&self) -> bool {
        self.credentials.is_bad()
    }

    /// Returns whether requests are waiting for credentials. More of them would all leave at the same moment.
    pub(crate) fn awaits_credentials(&self) -> bool {
        self.credentials.is_awaited()
    }

    /// Waits until [`Self::needs_credentials`] is over: credentials are looked up when their files change, and from time
    /// to time.
    pub(crate) async fn credentials_renewed(&self) {
        self.credentials.renewed().await;
    }

    /// Looks up what the next request needs, without sending it.
    pub async fn ready(&self) -> Result<(), Failure> {
        self.credentials().await.map(drop)
    }

    /// Returns the credentials for the next request.
    pub(in crate::gateway) async fn credentials(&self) -> Result<Arc<Credentials>, Failure> {
        self.credentials.current().await
    }

    /// Returns where the AWS credentials for the next request come from, if it needs any.
    pub async fn credentials_origin(&self) -> Option<CredentialsOrigin> {
        self.credentials().await.ok()?.origin().cloned()
    }
}

/// Adds that the credentials have expired. Expired ones are sent anyway, since a clock may be wrong.
fn with_expiry(failure: Failure, expires: Option<SystemTime>, now: SystemTime) -> Failure {
    if expires.is_none_or(|expires| now < expires) || failure.message.contains("expired") {
        return failure;
    }
    let message = failure.message.trim_end_matches('.');
    let between = if message.is_empty() { "" } else { "; " };
    let message =
        format!("{message}{between}the credentials have expired according to their source and this machine's clock");
    Failure { message, ..failure }
}

/// Returns whether other credentials may help: a token or session may have expired.
fn is_of_credentials(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Unauthorized | FailureKind::SignatureRefused)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_refusal_of_expired_credentials_says_so() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let (past, future) = (Some(now - Duration::from_secs(1)), Some(now + Duration::from_secs(1)));
        let known = "the credentials have expired according to their source and this machine's clock";
        for (message, expires, expected) in [
            ("Unauthorized.", past, format!("Unauthorized; {known}")),
            ("", past, known.to_owned()),
            ("The incoming token has expired", past, "The incoming token has expired".to_owned()),
            ("Unauthorized", future, "Unauthorized".to_owned()),
            ("Unauthorized", None, "Unauthorized".to_owned()),
        ] {
            let failure = Failure::without_response(FailureKind::Unauthorized, message);
            assert_eq!(with_expiry(failure, expires, now).message, expected, "{message} {expires:?}");
        }
    }
}
