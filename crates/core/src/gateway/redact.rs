//! Removes the secrets of an endpoint from everything that it sends. Each header, request id, error type and body from a
//! gateway or proxy passes [`Redactor::text`] or [`Redactor::body`] before it is parsed or shortened.
//!
//! A secret is recognized in any case of its letters; with any of its characters percent-encoded (up to three times),
//! escaped as in JSON (at any depth), in C or in HTML; in hexadecimal, also with a separator, and inside Base64 at any
//! offset, also nested; and with white space between its characters, as in a folded header. So is its beginning or end
//! with half of its characters, or 12 of a longer one; inside a text, a part of fewer than 12 only if it contains a
//! digit. Secrets of fewer than six characters are ignored: they occur in ordinary words. The ARNs and names that a
//! request sends in clear, and the keywords of the protocol, are not secret.

mod encodings;
mod escapes;
mod json;
mod mark;
mod needle;
mod public;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};
use serde::de::IgnoredAny;

use crate::domain::Failure;
use crate::domain::text_limit::{self, limited};
pub(super) use mark::REDACTED;
use needle::{Needles, Notation};
use public::Public;

/// Maximum number of secrets. Earlier tokens stay secret after a renewal.
const MOST: usize = 64;

/// The secrets of one endpoint: those in use, and those that were renewed. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Redactor {
    known: Arc<RwLock<Known>>,
    /// Secrets of one request only, such as its signature: there are too many to keep.
    of_request: Option<Arc<Redactor>>,
    /// Sent in clear by the request, so not removed from its response.
    public: Arc<Public>,
}

#[derive(Default)]
struct Known {
    secrets: VecDeque<SecretString>,
    needles: Arc<Needles>,
    /// Every text with a secret contains one of these.
    beginnings: Arc<Needles>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// Adds secrets to remove from now on.
    pub(super) fn add<'s>(&self, secrets: impl IntoIterator<Item = &'s SecretString>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            // Secrets in use are added again with each look-up, so they are dropped last.
            known.secrets.retain(|known| known.expose_secret() != secret.expose_secret());
            if known.secrets.len() == MOST {
                known.secrets.pop_front();
            }
            known.secrets.push_back(secret.clone());
        }
        let needles = Needles::for_secrets(known.secrets.iter().map(ExposeSecret::expose_secret));
        known.beginnings = needles.beginnings().into();
        known.needles = needles.into();
    }

    /// Returns a redactor for one request with this body and these secrets of its own.
    pub(super) fn of_request<'s>(&self, body: &[u8], secrets: impl IntoIterator<Item = &'s SecretString>) -> Self {
        let public = Arc::new(Public::of_request(body));
        let mut secrets = secrets.into_iter().peekable();
        let of_request = secrets.peek().is_some().then(|| {
            let own = Self { public: Arc::clone(&public), ..Self::default() };
            own.add(secrets);
            Arc::new(own)
        });
        Self { known: Arc::clone(&self.known), of_request, public }
    }

    fn needles(&self) -> Arc<Needles> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner).needles)
    }

    fn may_be_in(&self, text: &str) -> bool {
        let beginnings = Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner).beginnings);
        // A secret can begin with a public text.
        matches!(beginnings.redacted(text, Notation::Plain, &Public::default()), Cow::Owned(_))
    }

    /// Returns a text without the secrets.
    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let clean = self.needles().redacted(text, Notation::Plain, &self.public);
        match (&self.of_request, clean) {
            (None, clean) => clean,
            (Some(own), Cow::Borrowed(text)) => own.text(text),
            (Some(own), Cow::Owned(text)) => own.text(&text).into_owned().into(),
        }
    }

    /// Returns a body without the secrets. In JSON, `input` and `output` stay byte for byte: they are the user's data.
    pub(super) fn body(&self, body: Vec<u8>) -> Vec<u8> {
        let clean = {
            let text = String::from_utf8_lossy(&body);
            if !self.may_be_in(&text) {
                None
            } else if serde_json::from_str::<IgnoredAny>(&text).is_ok() {
                Some(json::redacted(&self.needles(), &text, &self.public))
            } else {
                Some(self.needles().redacted(&text, Notation::Plain, &self.public).into_owned())
            }
        };
        let clean = clean.map_or(body, String::into_bytes);
        match &self.of_request {
            Some(own) => own.body(clean),
            None => clean,
        }
    }

    /// Returns a failure without the secrets: errors below HTTP can repeat them too.
    pub(super) fn failure(&self, failure: Failure) -> Failure {
        // Received text is already limited, but not the network's messages and combined ones.
        let clean = |text: &str| limited(self.text(text).into_owned(), 2 * text_limit::MESSAGE);
        let (message, remedy) = (clean(&failure.message), failure.remedy.as_deref().map(|remedy| clean(remedy).into()));
        Failure { message, remedy, ..failure }
    }
}

#[cfg(test)]
mod tests;
