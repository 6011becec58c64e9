//! Taking the secrets of an endpoint out of everything that it says. Each header, request id, error type and body that a
//! gateway or proxy sends passes [`Redactor::text`] or [`Redactor::body`] before anything is read from it or cut off.
//!
//! A secret is recognized in any case of its letters; with any of its characters percent-encoded (up to three times),
//! escaped as in JSON (at any depth), in C or in HTML; in hexadecimal, also with a separator, and inside Base64 at any
//! offset, also one in the other; and with white space between its characters, as in a folded header. So is a part of
//! it, from its beginning on or up to its end, that has half of its characters, or 12 of a longer one; inside a text a
//! part of fewer than 12 only if it contains a digit. Secrets of fewer than six characters are not looked for: they
//! would be found in ordinary words. The ARNs and names that a request sends in clear, and the words of the protocol,
//! are no secrets.

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
use crate::domain::limit::{self, limited};
pub(super) use mark::REDACTED;
use needle::{Needles, Notation};
use public::Public;

/// How many secrets are remembered. A renewed token is a new one, and the earlier ones stay secret.
const MOST: usize = 64;

/// The secrets of one endpoint: those in use, and those that were renewed. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Redactor {
    known: Arc<RwLock<Known>>,
    /// Those of one request only, such as its signature. There are too many to remember them all.
    of_request: Option<Arc<Redactor>>,
    /// What the request sent in clear is not taken out of its response.
    public: Arc<Public>,
}

#[derive(Default)]
struct Known {
    secrets: VecDeque<SecretString>,
    needles: Arc<Needles>,
    /// What no text is without that has a secret in it.
    beginnings: Arc<Needles>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// Adds secrets, which are taken out from now on.
    pub(super) fn add<'s>(&self, secrets: impl IntoIterator<Item = &'s SecretString>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            // Those in use are added with each look-up, and are the last to be forgotten.
            known.secrets.retain(|known| known.expose_secret() != secret.expose_secret());
            if known.secrets.len() == MOST {
                known.secrets.pop_front();
            }
            known.secrets.push_back(secret.clone());
        }
        let needles = Needles::of(known.secrets.iter().map(ExposeSecret::expose_secret));
        known.beginnings = needles.beginnings().into();
        known.needles = needles.into();
    }

    /// Returns the same for one request with this body, with secrets that only this request contains.
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
        matches!(beginnings.without(text, Notation::Plain, &Public::default()), Cow::Owned(_))
    }

    /// A text without the secrets.
    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let clean = self.needles().without(text, Notation::Plain, &self.public);
        match (&self.of_request, clean) {
            (None, clean) => clean,
            (Some(own), Cow::Borrowed(text)) => own.text(text),
            (Some(own), Cow::Owned(text)) => own.text(&text).into_owned().into(),
        }
    }

    /// A body without the secrets. In JSON an `input` and an `output` stay byte for byte: they are the user's, who may
    /// have put the secret there.
    pub(super) fn body(&self, body: Vec<u8>) -> Vec<u8> {
        let clean = {
            let text = String::from_utf8_lossy(&body);
            if !self.may_be_in(&text) {
                None
            } else if serde_json::from_str::<IgnoredAny>(&text).is_ok() {
                Some(json::without(&self.needles(), &text, &self.public))
            } else {
                Some(self.needles().without(&text, Notation::Plain, &self.public).into_owned())
            }
        };
        let clean = clean.map_or(body, String::into_bytes);
        match &self.of_request {
            Some(own) => own.body(clean),
            None => clean,
        }
    }

    /// A failure without the secrets: also what happens below HTTP can repeat one.
    pub(super) fn failure(&self, failure: Failure) -> Failure {
        // What was received is bounded already; these are the network's words, and what was put together.
        let clean = |text: &str| limited(self.text(text).into_owned(), 2 * limit::MESSAGE);
        let (said, remedy) = (clean(&failure.message), failure.remedy.as_deref().map(|remedy| clean(remedy).into()));
        Failure { message: said, remedy, ..failure }
    }
}

#[cfg(test)]
mod tests;
