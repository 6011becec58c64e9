//! How many requests a second may be spent: a token bucket that holds one token.
//!
//! One token, so that there is no burst after a pause: in any window of a second there are at most
//! `requests_per_second` requests and one.

use std::time::{Duration, Instant};

/// The budget of one endpoint.
#[derive(Debug, Clone)]
pub struct Budget {
    interval: Duration,
    next: Option<Instant>,
}

impl Budget {
    /// A budget of so many requests a second; `requests_per_second` is more than 0.
    pub fn new(requests_per_second: f64) -> Self {
        Self { interval: Duration::from_secs_f64(1.0 / requests_per_second.max(0.001)), next: None }
    }

    /// When the next request may leave; not before `now`.
    pub fn free_at(&self, now: Instant) -> Instant {
        self.next.map_or(now, |next| next.max(now))
    }

    /// Spends a request at `now`.
    pub fn spend(&mut self, now: Instant) {
        self.next = Some(now + self.interval);
    }

    /// The time from one request to the next at full use.
    pub fn interval(&self) -> Duration {
        self.interval
    }
}
