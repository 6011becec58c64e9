//! Chooses between a sweep and status requests by their value, and applies the results of sweeps.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::{ExecutionId, Failure};
use crate::lifecycle::Retry;
use crate::rate_limit::SharedRateLimit;
use crate::watch::schedule::Schedule;
use crate::watch::schedule::due_executions::{Class, Policy};
use crate::watch::schedule::entry::PollState;
use crate::watch::schedule::outage::Outage;
use crate::watch::schedule::sweeps::{Sweep, Sweeps, SweptPage};

/// Sweeps wait while the executions they have found need more status requests than this, in seconds of the budget.
const FOUND: f64 = 0.5;

impl Schedule {
    /// Enables sweeps, for an endpoint that lists executions.
    #[must_use]
    pub fn with_sweeps(mut self) -> Self {
        if self.policy == Policy::Expected {
            self.sweeps = Some(Sweeps::new(self.budget.most()));
        }
        self
    }

    /// Shares the rate limits of status requests, sweeps and log requests with other processes.
    pub fn share(
        &mut self,
        status_requests: Option<Arc<dyn SharedRateLimit>>,
        sweeps: Option<Arc<dyn SharedRateLimit>>,
        logs: Option<Arc<dyn SharedRateLimit>>,
    ) {
        self.logs.share(logs);
        self.budget.share(status_requests);
        if let Some(own) = &mut self.sweeps {
            own.budget.share(sweeps);
        }
    }

    /// Returns a sweep that is worth more than a status request of this worth, if there is one.
    pub(super) fn sweep(&mut self, poll_gain: f64, now: Instant) -> Option<Sweep> {
        let sweeps = self.sweeps.as_mut().filter(|_| self.outage.is_none())?;
        let backlog = u32::try_from(self.ready.count_missing()).map_or(f64::INFINITY, f64::from);
        if sweeps.free_at(now) > now || backlog > self.budget.rate(now) * FOUND {
            return None;
        }
        let (machine, worth) = sweeps.best(&self.machines, now)?;
        if worth < poll_gain {
            return None;
        }
        sweeps.budget.spend(now).and_then(|()| self.budget.spend(now)).ok()?;
        let token = sweeps.begin_page(machine, now);
        Some(Sweep { machine: self.machines.arn(machine).clone(), token })
    }

    /// Returns when the next sweep may be worth it.
    pub(super) fn sweep_due(&self, now: Instant) -> Option<Instant> {
        let sweeps = self.sweeps.as_ref().filter(|_| self.outage.is_none())?;
        sweeps.due().map(|due| due.max(sweeps.free_at(now)).max(self.budget.free_at(now)))
    }

    /// Handles the response to a [`Sweep`]. `jitter` is a random number from 0 to 1.
    pub fn on_sweep_response(&mut self, response: &Result<SweptPage, Failure>, now: Instant, jitter: f64) {
        let Some(sweeps) = &mut self.sweeps else { return };
        let (Some(sent), Some(known_at)) =
            (sweeps.current.as_ref().and_then(|current| current.sent), sweeps.known_at())
        else {
            return;
        };
        let page = match response {
            Ok(page) => page,
            Err(failure) if failure.is_throttled() => {
                sweeps.budget.throttled(sent, now);
                sweeps.current = None;
                return;
            }
            Err(failure) if failure.retry() == Retry::Soon => {
                sweeps.outage = Some(Outage::after(sweeps.outage, failure, sent, now, jitter));
                sweeps.current = None;
                return;
            }
            Err(_) => return sweeps.on_refused(now),
        };
        sweeps.outage = None;
        let began = |id| self.entries.get(&id).map(|entry| entry.began);
        let missing = sweeps.on_page(page, began, now);
        let mut intervals = HashMap::new();
        for id in &page.running {
            self.seen_running(*id, known_at, now, &mut intervals);
        }
        for id in missing {
            self.missed(id, now);
        }
    }

    /// A sweep has found it running.
    fn seen_running(&mut self, id: ExecutionId, at: Instant, now: Instant, intervals: &mut HashMap<Class, Duration>) {
        let Some(entry) = self.entries.get(&id) else { return };
        if entry.ran_at >= at || entry.failures > 0 {
            return;
        }
        let state = entry.state;
        self.dequeue(id);
        self.record_running(id, at, now);
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.missing_since = None;
        entry.last_request = entry.last_request.max(Some(at));
        if matches!(state, PollState::InFlight(_)) {
            return;
        }
        let entry = self.entries[&id].clone();
        let age = at.saturating_duration_since(entry.began);
        let interval = *intervals.entry(entry.due_state().class).or_insert_with(|| self.interval(&entry, age));
        let due = if self.selected == Some(id) { self.due_after_request(id, at) } else { at + interval };
        self.wait_until(id, due.max(now));
    }

    /// A sweep has missed it: it is polled at once.
    fn missed(&mut self, id: ExecutionId, now: Instant) {
        let Some(entry) = self.entries.get(&id).filter(|entry| entry.failures == 0 && entry.missing_since.is_none())
        else {
            return;
        };
        if matches!(entry.state, PollState::InFlight(_)) {
            return;
        }
        self.dequeue(id);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.missing_since = Some(now);
        }
        self.wait_until(id, now);
    }
}
