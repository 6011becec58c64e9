//! What lets a request in: headers with the secrets that the configuration names, or a signature. When they are looked
//! up, and when again, is decided by `renewal`.

mod fingerprint;
mod holder;
mod renewal;

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::{self, Auth, Bearer, Endpoint, Failure, FailureKind};
use crate::gateway::iam::Signer;
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::Commands;
use crate::gateway::secret::look_up;
pub(super) use holder::Holder;

/// A fixed header with one of these in its name holds a secret, also where the configuration has it as a text.
const SECRET_NAMES: [&str; 8] = ["auth", "cookie", "credential", "key", "password", "secret", "session", "token"];

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
    async fn look_up(endpoint: &Endpoint, redactor: &Redactor, commands: &Commands) -> Result<Self, Failure> {
        let mut credentials = Self { headers: HeaderMap::new(), secrets: Vec::new(), signer: None, expires: None };
        let found = credentials.fill(endpoint, commands).await;
        // Also those that were found before something was wrong.
        redactor.add(&credentials.secrets);
        found.map(|()| credentials).map_err(|failure| redactor.failure(failure))
    }

    async fn fill(&mut self, endpoint: &Endpoint, commands: &Commands) -> Result<(), Failure> {
        let credentials = self;
        for (name, value) in &endpoint.headers {
            match value {
                domain::HeaderValue::Text(text) if is_secret(name) => {
                    credentials.put_secret(name, text.as_str().into())?;
                }
                domain::HeaderValue::Text(text) => credentials.put(name, text)?,
                domain::HeaderValue::Secret(source) => {
                    credentials.put_secret(name, look_up(source, commands).await?)?;
                }
            }
        }
        match &endpoint.auth {
            Auth::None => {}
            Auth::ApiKey(source) => credentials.put_secret("x-api-key", look_up(source, commands).await?)?,
            Auth::Bearer(Bearer { token, header, scheme }) => {
                let token = look_up(token, commands).await?;
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
        Ok(())
    }

    fn put_secret(&mut self, name: &str, secret: SecretString) -> Result<(), Failure> {
        let put = self.put(name, secret.expose_secret());
        self.secrets.push(secret);
        put
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

    /// When they expire, if they tell.
    pub(super) fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    fn is_same(&self, other: &Self) -> bool {
        let texts = |credentials: &Self| -> Vec<String> {
            credentials.secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect()
        };
        texts(self) == texts(other)
    }
}

fn is_secret(header: &str) -> bool {
    let header = header.to_ascii_lowercase();
    // The id of an API is a part of its host name.
    header != "x-apigw-api-id" && SECRET_NAMES.iter().any(|name| header.contains(name))
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
