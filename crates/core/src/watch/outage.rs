//! An endpoint that does not answer as it should: how long its questions are held back.

use std::time::Instant;

use crate::domain::{Failure, Retry};
use crate::lifecycle::retry;

/// After so many failures in a row the pauses are about as long as they get.
const HOPELESS: u32 = 6;

/// A connection costs little, and its failures last as long as a network does: the pauses grow to some seconds only.
const MOST_CONNECTIONS: u32 = 4;

/// Questions are held back until a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outage {
    failures: u32,
    pub(super) since: Instant,
    pub(super) until: Instant,
}

impl Outage {
    /// The outage after another failure. Questions that were already on their way when it began do not make it
    /// longer.
    pub(super) fn after(before: Option<Self>, failure: &Failure, asked: Instant, now: Instant, jitter: f64) -> Self {
        if let Some(before) = before.filter(|outage| asked < outage.since) {
            return before;
        }
        let before = before.map_or(0, |outage| outage.failures);
        // What only a person can mend is not mended in a second.
        let failures = if failure.retry() == Retry::Later { before.max(HOPELESS) } else { before } + 1;
        let counted = if failure.is_of_connection() { failures.min(MOST_CONNECTIONS) } else { failures };
        Self { failures, since: now, until: now + retry::delay(counted, jitter) }
    }
}
