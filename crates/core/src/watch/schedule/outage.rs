//! An endpoint that fails: how long its status requests are paused.

use std::time::Instant;

use crate::domain::Failure;
use crate::lifecycle::{Retry, backoff};

/// After this many consecutive failures the pauses have almost reached their maximum.
const HOPELESS: u32 = 6;

/// A connection costs little, and its failures last as long as a network's: the pauses only grow to some seconds.
const MOST_CONNECTIONS: u32 = 4;

/// Status requests are paused until a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outage {
    failures: u32,
    pub(super) since: Instant,
    pub(super) until: Instant,
}

impl Outage {
    /// Returns the outage after another failure. Requests that were in flight when it began do not extend it.
    pub(super) fn after(before: Option<Self>, failure: &Failure, sent: Instant, now: Instant, jitter: f64) -> Self {
        if let Some(before) = before.filter(|outage| sent < outage.since) {
            return before;
        }
        let before = before.map_or(0, |outage| outage.failures);
        // A failure that only a person can fix is not fixed within a second.
        let failures = if failure.retry() == Retry::Later { before.max(HOPELESS) } else { before } + 1;
        let counted = if failure.is_connection_error() { failures.min(MOST_CONNECTIONS) } else { failures };
        Self { failures, since: now, until: now + backoff::delay(counted, jitter) }
    }
}
