//! The credentials in the headers of a request.

use std::time::SystemTime;

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::{self, Auth, Bearer, CredentialsOrigin, Endpoint, Failure, FailureKind};
use crate::gateway::iam::Signer;
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::Commands;
use crate::gateway::secret::parse::Purpose;
use crate::gateway::secret::{expiry, look_up};

/// A header with one of these in its name contains a secret, even if the configuration has it as text.
const SECRET_NAMES: [&str; 8] = ["auth", "cookie", "credential", "key", "password", "secret", "session", "token"];

/// The headers with credentials, and the secrets to redact elsewhere.
#[derive(Debug)]
pub(in crate::gateway) struct Credentials {
    headers: HeaderMap,
    secrets: Vec<SecretString>,
    signer: Option<Signer>,
    /// `None` if unknown.
    expires: Option<SystemTime>,
}

impl Credentials {
    /// For requests without credentials.
    pub(in crate::gateway) fn none() -> Self {
        Self { headers: HeaderMap::new(), secrets: Vec::new(), signer: None, expires: None }
    }

    pub(super) async fn look_up(
        endpoint: &Endpoint,
        redactor: &Redactor,
        commands: &Commands,
    ) -> Result<Self, Failure> {
        let mut credentials = Self::none();
        let found = credentials.fill(endpoint, commands).await;
        // Also the secrets found before an error.
        redactor.add(&credentials.secrets);
        found.map(|()| credentials).map_err(|failure| redactor.failure(failure))
    }

    async fn fill(&mut self, endpoint: &Endpoint, commands: &Commands) -> Result<(), Failure> {
        let credentials = self;
        for (name, value) in &endpoint.headers {
            match value {
                domain::HeaderValue::Text(text) if is_secret(name) => {
                    credentials.insert_secret(name, text.as_str().into())?;
                }
                domain::HeaderValue::Text(text) => credentials.insert(name, text)?,
                domain::HeaderValue::Secret(source) => {
                    let secret = look_up(source, Purpose::Header, commands).await?;
                    // A scheme may precede the token.
                    let token = secret.text.expose_secret().rsplit(' ').next().unwrap_or_default();
                    credentials.expire(secret.expires);
                    credentials.expire(expiry::of_jwt(token));
                    credentials.insert_secret(name, secret.text)?;
                }
            }
        }
        match &endpoint.auth {
            Auth::None => {}
            Auth::ApiKey(source) => {
                let key = look_up(source, Purpose::Key, commands).await?;
                credentials.expire(key.expires);
                credentials.insert_secret("x-api-key", key.text)?;
            }
            Auth::Bearer(Bearer { token, header, scheme }) => {
                let token = look_up(token, Purpose::Token(scheme), commands).await?;
                credentials.expire(token.expires);
                credentials.expire(expiry::of_jwt(token.text.expose_secret()));
                let text = format!("{scheme} {}", token.text.expose_secret());
                credentials.insert_secret(header, text.trim_start().into())?;
            }
            Auth::Iam { profile } => {
                let signer = Signer::look_up(endpoint, profile.as_deref(), commands).await?;
                credentials.expire(signer.expires());
                credentials.secrets.extend(signer.secrets());
                credentials.signer = Some(signer);
            }
        }
        Ok(())
    }

    /// Records that they expire then or earlier.
    pub(super) fn expire(&mut self, expires: Option<SystemTime>) {
        self.expires = self.expires.into_iter().chain(expires).min();
    }

    fn insert_secret(&mut self, name: &str, secret: SecretString) -> Result<(), Failure> {
        let inserted = self.insert(name, secret.expose_secret());
        self.secrets.push(secret);
        inserted
    }

    fn insert(&mut self, name: &str, text: &str) -> Result<(), Failure> {
        let error = |message: String| Failure::without_response(FailureKind::Client, message);
        let header = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| error(format!("`{name}` cannot be a header's name")))?;
        let mut value = HeaderValue::from_str(text).map_err(|_| {
            error(format!("the value of the header `{name}` has characters that are not allowed in a header"))
                .with_remedy(format!("Correct the secret or text that `{name}` is set to: use ASCII characters only."))
        })?;
        value.set_sensitive(true);
        self.headers.insert(header, value);
        Ok(())
    }

    /// Returns the headers of a request with this method and URL, including its own.
    pub(in crate::gateway) fn headers(
        &self,
        line: (&Method, &str),
        own: &HeaderMap,
        body: &[u8],
    ) -> Result<HeaderMap, Failure> {
        let mut headers = self.headers.clone();
        headers.extend(own.clone());
        if let Some(signer) = &self.signer {
            headers.extend(signer.sign(line, &headers, body, SystemTime::now())?);
        }
        Ok(headers)
    }

    /// Returns the signature in the headers of a request, which the response may repeat. It lets others send the same request
    /// for some minutes.
    pub(in crate::gateway) fn signature(&self, headers: &HeaderMap) -> Option<SecretString> {
        self.signer.as_ref()?;
        signature(headers.get(AUTHORIZATION)?.to_str().ok()?)
    }

    /// Returns where the AWS credentials come from.
    pub(in crate::gateway) fn origin(&self) -> Option<&CredentialsOrigin> {
        self.signer.as_ref().map(Signer::origin)
    }

    /// Returns the expiry, if known.
    pub(in crate::gateway) fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        let texts = |credentials: &Self| -> Vec<String> {
            credentials.secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect()
        };
        texts(self) == texts(other)
    }
}

/// Returns the signature in an `Authorization` header of Signature Version 4.
pub(in crate::gateway) fn signature(authorization: &str) -> Option<SecretString> {
    let (_, signature) = authorization.split_once("Signature=")?;
    Some(signature.split([',', ' ']).next().unwrap_or_default().into())
}

fn is_secret(header: &str) -> bool {
    let header = header.to_ascii_lowercase();
    // The id of an API is a part of its host name.
    header != "x-apigw-api-id" && SECRET_NAMES.iter().any(|name| header.contains(name))
}
