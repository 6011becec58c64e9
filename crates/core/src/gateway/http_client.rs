//! The HTTP client of one endpoint, with what is known about its connections.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::{Endpoint, Failure, FailureKind, Unreachable};
use crate::gateway::proxy::HttpProxy;
use crate::gateway::redact::Redactor;
use crate::gateway::secret::command::Commands;
use crate::gateway::{http_builder, tls};

/// An HTTP client with its pool of connections.
#[derive(Debug)]
pub(super) struct Http {
    pub(super) client: reqwest::Client,
    /// With its login.
    pub(super) proxy: Option<HttpProxy>,
    seen: Arc<tls::HandshakeRecord>,
    used: Mutex<Used>,
}

/// When the client was last used.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    request: Option<Instant>,
    response: Option<Instant>,
}

/// A request that was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    at: Instant,
    /// When the previous one was sent.
    previous: Option<Instant>,
}

/// After this time without a request, every connection is new: the last request has ended, and the pool has dropped its
/// connection.
const COLD: Duration = http_builder::IDLE.saturating_add(http_builder::TOTAL_DEADLINE);

impl Http {
    async fn new(endpoint: &Endpoint, redactor: &Redactor, commands: &Commands) -> Result<Self, Failure> {
        let http_builder::Made { client, proxy, seen } = http_builder::client(endpoint, redactor, commands).await?;
        Ok(Self { client, proxy, seen, used: Mutex::default() })
    }

    /// Records that a request is sent.
    pub(super) fn note_request(&self) -> Sent {
        let at = Instant::now();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        Sent { at, previous: used.request.replace(at) }
    }

    /// Records that a response has arrived.
    pub(super) fn note_response(&self) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).response = Some(Instant::now());
    }

    /// Returns whether there has been a response.
    pub(super) fn has_response(&self) -> bool {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).response.is_some()
    }

    /// Returns whether a certificate for this host was trusted.
    pub(super) fn has_trusted(&self, host: &str) -> bool {
        self.seen.has_trusted(host)
    }

    /// Returns whether the server may still have been in the handshake when it closed the connection of this request:
    /// TLS 1.3, and certainly no response on this connection.
    pub(super) fn may_be_in_handshake(&self, sent: Sent) -> bool {
        let used = *self.used.lock().unwrap_or_else(PoisonError::into_inner);
        !self.seen.has_used_tls12() && is_without_response(used.response, sent)
    }
}

fn is_without_response(response: Option<Instant>, sent: Sent) -> bool {
    let Some(response) = response else { return true };
    let was_cold = sent.previous.is_none_or(|previous| sent.at.duration_since(previous) > COLD);
    was_cold && response < sent.at
}

/// Creates the client on first use, and again after its certificates were refused: its files, or those of the server,
/// may have been replaced.
#[derive(Debug, Default)]
pub(super) struct Slot(tokio::sync::Mutex<Option<Arc<Http>>>);

impl Slot {
    pub(super) async fn get(
        &self,
        endpoint: &Endpoint,
        redactor: &Redactor,
        commands: &Commands,
    ) -> Result<Arc<Http>, Failure> {
        let mut slot = self.0.lock().await;
        if let Some(http) = &*slot {
            return Ok(Arc::clone(http));
        }
        let http = Arc::new(Http::new(endpoint, redactor, commands).await?);
        *slot = Some(Arc::clone(&http));
        Ok(http)
    }

    /// Drops the client if a new one may not fail in the same way.
    pub(super) async fn failed(&self, http: &Arc<Http>, failure: &Failure) {
        use Unreachable as U;
        if !matches!(failure.kind, FailureKind::Unreachable(U::Tls | U::ClientCertificate | U::Handshake)) {
            return;
        }
        let mut slot = self.0.lock().await;
        if slot.as_ref().is_some_and(|held| Arc::ptr_eq(held, http)) {
            *slot = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_without_response_when_it_cannot_have_had_one() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let cold = COLD.as_secs();
        for (previous, sent, response, expected) in [
            (None, 0, None, true),
            (Some(0), 1, None, true),
            // A connection with a response may be in the pool.
            (Some(0), 2, Some(1), false),
            (Some(0), cold, Some(1), false),
            (Some(0), cold + 1, Some(1), true),
            // The same connection, by another request.
            (None, 0, Some(1), false),
            (Some(0), cold + 1, Some(cold + 2), false),
        ] {
            let sent = Sent { at: at(sent), previous: previous.map(at) };
            assert_eq!(is_without_response(response.map(at), sent), expected, "{previous:?} {sent:?} {response:?}");
        }
    }
}
