//! Counts requests to the local gateway, for tests and benches.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Numbers of requests of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Requests {
    /// All requests.
    pub total: u64,
    /// The maximum within any second.
    pub peak_per_second: usize,
}

/// Counts requests of one kind.
#[derive(Debug, Default)]
pub(crate) struct RequestCounter(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    requests: Requests,
    /// Requests of the last second.
    recent: VecDeque<Instant>,
}

impl RequestCounter {
    pub(crate) fn count(&self) {
        let now = Instant::now();
        let mut counted = self.counted();
        while counted.recent.front().is_some_and(|first| now.duration_since(*first) >= Duration::from_secs(1)) {
            counted.recent.pop_front();
        }
        counted.recent.push_back(now);
        counted.requests.total += 1;
        counted.requests.peak_per_second = counted.requests.peak_per_second.max(counted.recent.len());
    }

    pub(crate) fn requests(&self) -> Requests {
        self.counted().requests
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
