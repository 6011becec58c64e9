//! What lets a request in: headers with the secrets that the configuration names, or a signature; looked up
//! before the first request, and again before they expire or when the gateway takes them no more.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use crate::domain::{self, Auth, Bearer, Endpoint, Failure, FailureKind};
use crate::gateway::iam::Signer;
use crate::gateway::secret::{look_up, without};

/// So long before they expire, credentials are renewed: an answer may take as long as that.
const BEFORE_EXPIRY: Duration = Duration::from_secs(60);
/// So long after a renewal that brought nothing better there is no other: a command may want a key to be
/// touched.
const RENEWAL_PAUSE: Duration = Duration::from_secs(30);

/// What goes into the header of each request, and what must not come out anywhere else.
#[derive(Debug)]
pub(super) struct Credentials {
    headers: HeaderMap,
    secrets: Vec<SecretString>,
    signer: Option<Signer>,
    /// If they tell.
    expires: Option<SystemTime>,
}

impl Credentials {
    async fn look_up(endpoint: &Endpoint) -> Result<Self, Failure> {
        let mut credentials = Self { headers: HeaderMap::new(), secrets: Vec::new(), signer: None, expires: None };
        for (name, value) in &endpoint.headers {
            match value {
                domain::HeaderValue::Text(text) => credentials.put(name, text)?,
                domain::HeaderValue::Secret(source) => credentials.put_secret(name, look_up(source).await?)?,
            }
        }
        match &endpoint.auth {
            Auth::None => {}
            Auth::ApiKey(source) => credentials.put_secret("x-api-key", look_up(source).await?)?,
            Auth::Bearer(Bearer { token, header, scheme }) => {
                let token = look_up(token).await?;
                credentials.expires = expiry_of_jwt(token.expose_secret());
                let text = format!("{scheme} {}", token.expose_secret());
                credentials.put_secret(header, text.trim_start().into())?;
            }
            Auth::Iam { profile } => {
                let signer = Signer::look_up(endpoint, profile.as_deref()).await?;
                credentials.expires = signer.expires();
                credentials.secrets.extend(signer.secrets());
                credentials.signer = Some(signer);
            }
        }
        Ok(credentials)
    }

    fn put_secret(&mut self, name: &str, secret: SecretString) -> Result<(), Failure> {
        self.put(name, secret.expose_secret())?;
        self.secrets.push(secret);
        Ok(())
    }

    fn put(&mut self, name: &str, text: &str) -> Result<(), Failure> {
        let wrong = |said: String| Failure::without_answer(FailureKind::Client, said);
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| wrong(format!("`{name}` cannot be a header's name")))?;
        let mut value = HeaderValue::from_str(text)
            .map_err(|_| wrong(format!("the value of the header `{name}` has characters that no header can carry")))?;
        value.set_sensitive(true);
        self.headers.insert(header, value);
        Ok(())
    }

    /// The headers of a request with these of its own.
    pub(super) fn headers(&self, url: &str, own: &HeaderMap, body: &[u8]) -> Result<HeaderMap, Failure> {
        let mut headers = self.headers.clone();
        headers.extend(own.clone());
        if let Some(signer) = &self.signer {
            headers.extend(signer.sign(url, &headers, body, SystemTime::now())?);
        }
        Ok(headers)
    }

    /// The failure without secrets: API Gateway repeats a header that it does not understand in its error text,
    /// and everything that it has signed.
    pub(super) fn redact(&self, mut failure: Failure) -> Failure {
        for secret in &self.secrets {
            failure.said = without(secret, &failure.said);
        }
        failure
    }

    /// When they expire, if they tell.
    pub(super) fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    fn expires_soon(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| now + BEFORE_EXPIRY >= expires)
    }

    fn is_same(&self, other: &Self) -> bool {
        let texts = |credentials: &Self| -> Vec<String> {
            credentials.secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect()
        };
        texts(self) == texts(other)
    }
}

/// The credentials of one endpoint, renewed by whoever needs them first while all others wait.
#[derive(Default)]
pub(super) struct Holder(Mutex<Held>);

#[derive(Default)]
struct Held {
    current: Option<Arc<Credentials>>,
    /// When a look-up brought nothing better.
    in_vain: Option<Instant>,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holder")
    }
}

impl Held {
    fn pauses(&self) -> bool {
        self.in_vain.is_some_and(|last| last.elapsed() < RENEWAL_PAUSE)
    }

    /// Looks them up; `is_better` tells whether that was worth it.
    async fn look_up(
        &mut self,
        endpoint: &Endpoint,
        is_better: impl FnOnce(&Credentials) -> bool,
    ) -> Result<Arc<Credentials>, Failure> {
        let found = Credentials::look_up(endpoint).await.map(Arc::new);
        let in_vain = found.as_ref().map_or(self.current.is_some(), |found| !is_better(found));
        self.in_vain = in_vain.then(Instant::now);
        let found = found?;
        self.current = Some(Arc::clone(&found));
        Ok(found)
    }
}

impl Holder {
    /// Those to use now.
    pub(super) async fn current(&self, endpoint: &Endpoint) -> Result<Arc<Credentials>, Failure> {
        let mut held = self.0.lock().await;
        match &held.current {
            Some(current) if held.pauses() || !current.expires_soon(SystemTime::now()) => Ok(Arc::clone(current)),
            _ => held.look_up(endpoint, |found| !found.expires_soon(SystemTime::now())).await,
        }
    }

    /// Others than these, which the gateway does not take; nothing where there are no others.
    pub(super) async fn others_than(
        &self,
        refused: &Arc<Credentials>,
        endpoint: &Endpoint,
    ) -> Result<Option<Arc<Credentials>>, Failure> {
        let mut held = self.0.lock().await;
        if let Some(current) = held.current.as_ref().filter(|current| !Arc::ptr_eq(current, refused)) {
            // Somebody else was faster.
            return Ok(Some(Arc::clone(current)));
        }
        if held.pauses() {
            return Ok(None);
        }
        let found = held.look_up(endpoint, |found| !found.is_same(refused)).await?;
        Ok(Some(found).filter(|found| !found.is_same(refused)))
    }
}

/// When a JSON Web Token expires (RFC 7519, section 4.1.4); nothing of tokens of other kinds.
fn expiry_of_jwt(token: &str) -> Option<SystemTime> {
    #[derive(serde::Deserialize)]
    struct Claims {
        exp: f64,
    }
    let mut parts = token.split('.').skip(1);
    let claims = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
    parts.next()?;
    let Claims { exp } = serde_json::from_slice(&claims).ok()?;
    Duration::try_from_secs_f64(exp).ok().and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expiry_of_a_json_web_token_is_read_and_of_others_not() {
        let token = |claims: &str| format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims));
        let at = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(expiry_of_jwt(&token("{\"exp\":1700000000,\"sub\":\"x\"}")), at(1_700_000_000));
        for other in ["opaque", "a.b", "a.b.c", &token("{}"), &token("{\"exp\":-1}"), &token("{\"exp\":1e300}")] {
            assert_eq!(expiry_of_jwt(other), None, "{other}");
        }
    }
}
