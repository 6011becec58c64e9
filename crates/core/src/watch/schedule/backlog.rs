//! How far status requests are behind.

use std::time::{Duration, Instant};

use crate::lifecycle::backlog::Backlog;
use crate::watch::schedule::Schedule;

impl Schedule {
    /// Returns how long the due status requests take at the current rate. During an outage they are not late but
    /// paused.
    pub fn backlog(&self, now: Instant) -> Backlog {
        let (lists, rate) = (self.sweeps.is_some(), self.budget.rate(now));
        if self.outage.is_some() || rate <= 0.0 {
            return Backlog { delay: Duration::ZERO, has_list_route: lists };
        }
        let due = u32::try_from(self.ready.len(lists)).unwrap_or(u32::MAX);
        Backlog { delay: Duration::from_secs(1).mul_f64(f64::from(due) / rate), has_list_route: lists }
    }
}
