//! How much is asked of the local gateway: what tests and benches hold a budget against.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Requests of one kind so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Requests {
    /// All of them.
    pub total: u64,
    /// The most that came within any second.
    pub most_a_second: usize,
}

/// Counts requests of one kind.
#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    requests: Requests,
    /// Those of the last second.
    recent: VecDeque<Instant>,
}

impl Meter {
    /// A request has come in.
    pub(crate) fn count(&self) {
        let now = Instant::now();
        let mut counted = self.counted();
        while counted.recent.front().is_some_and(|first| now.duration_since(*first) >= Duration::from_secs(1)) {
            counted.recent.pop_front();
        }
        counted.recent.push_back(now);
        counted.requests.total += 1;
        counted.requests.most_a_second = counted.requests.most_a_second.max(counted.recent.len());
    }

    /// What has come in so far.
    pub(crate) fn requests(&self) -> Requests {
        self.counted().requests
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
