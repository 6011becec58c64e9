//! Taking the secrets of an endpoint out of everything that it says. Each header, request id, error type and body that a
//! gateway or proxy sends passes [`Redactor::text`] or [`Redactor::body`] before anything is read from it or cut off.
//!
//! A secret is recognized in any case of its letters; with any of its characters percent-encoded (up to three times),
//! escaped as in JSON (at any depth), in C or in HTML; in hexadecimal and inside Base64 at any offset, also one in the
//! other; and with white space between its characters, as in a folded header. So is a part of it, from its beginning on
//! or up to its end, that has half of its characters, or 12 of a longer one; inside a text a part of fewer than 12 only
//! if it contains a digit. Secrets of fewer than six characters are not looked for: they would be found in ordinary words.

mod encodings;
mod escapes;
mod json;
mod needle;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};
use serde::de::IgnoredAny;

use crate::domain::Failure;
use crate::domain::limit::{self, limited};
use needle::{Needles, Notation};

/// What stands in place of a secret.
pub(super) const REDACTED: &str = "•••";
/// How many secrets are remembered. A renewed token is a new one, and the earlier ones stay secret.
const MOST: usize = 64;

/// The secrets of one endpoint: those in use, and those that were renewed. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Redactor(Arc<RwLock<Known>>);

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
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            if known.secrets.iter().any(|known| known.expose_secret() == secret.expose_secret()) {
                continue;
            }
            if known.secrets.len() == MOST {
                known.secrets.pop_front();
            }
            known.secrets.push_back(secret.clone());
        }
        let needles = Needles::of(known.secrets.iter().map(ExposeSecret::expose_secret));
        known.beginnings = needles.beginnings().into();
        known.needles = needles.into();
    }

    fn needles(&self) -> Arc<Needles> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).needles)
    }

    fn may_be_in(&self, text: &str) -> bool {
        let beginnings = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).beginnings);
        matches!(beginnings.without(text, Notation::Plain), Cow::Owned(_))
    }

    /// A text without the secrets.
    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.needles().without(text, Notation::Plain)
    }

    /// A body without the secrets. In JSON an `input` and an `output` stay byte for byte: they are the user's, who may
    /// have put the secret there.
    pub(super) fn body(&self, body: Vec<u8>) -> Vec<u8> {
        let clean = {
            let text = String::from_utf8_lossy(&body);
            if !self.may_be_in(&text) {
                None
            } else if serde_json::from_str::<IgnoredAny>(&text).is_ok() {
                Some(json::without(&self.needles(), &text))
            } else {
                Some(self.text(&text).into_owned())
            }
        };
        clean.map_or(body, String::into_bytes)
    }

    /// A failure without the secrets: also what happens below HTTP can repeat one.
    pub(super) fn failure(&self, failure: Failure) -> Failure {
        // What was received is bounded already; these are the network's words, and what was put together.
        let said = limited(self.text(&failure.said).into_owned(), 2 * limit::MESSAGE);
        Failure { said, ..failure }
    }
}

#[cfg(test)]
mod tests;
