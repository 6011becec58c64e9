//! Lists of a machine's latest executions, to find those that others have started. They use the budget of sweeps, and wait
//! while the endpoint is down.

use std::time::{Duration, Instant};

use crate::domain::{Failure, StateMachineArn};
use crate::lifecycle::Retry;
use crate::watch::schedule::Schedule;

/// The time between two lists of one machine.
const INTERVAL: Duration = Duration::from_secs(5);
/// The pause after a transient failure, and after a refusal.
const AFTER_FAILURE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(600));

/// The machines to list.
#[derive(Debug, Clone, Default)]
pub(super) struct Listings {
    machines: Vec<(StateMachineArn, Instant)>,
    /// When the list was requested whose response is awaited.
    sent: Option<Instant>,
}

impl Schedule {
    /// Sets the machines whose latest executions are listed repeatedly. A new one is due at once.
    pub(crate) fn list_machines(&mut self, machines: Vec<StateMachineArn>, now: Instant) {
        let known = std::mem::take(&mut self.listings.machines);
        let due =
            |machine: &StateMachineArn| known.iter().find(|(known, _)| known == machine).map_or(now, |(_, due)| *due);
        self.listings.machines = machines.into_iter().map(|machine| (machine.clone(), due(&machine))).collect();
    }

    /// Returns the machine to list now.
    pub(super) fn listing(&mut self, now: Instant) -> Option<StateMachineArn> {
        if self.listing_due(now)? > now {
            return None;
        }
        let sweeps = self.sweeps.as_mut()?;
        sweeps.budget.spend(now).and_then(|()| self.budget.spend(now)).ok()?;
        self.listings.sent = Some(now);
        let next = self.listings.machines.iter_mut().min_by_key(|(_, due)| *due)?;
        next.1 = now + INTERVAL;
        Some(next.0.clone())
    }

    /// Returns when the next list may be requested; `None` while a response is awaited.
    pub(super) fn listing_due(&self, now: Instant) -> Option<Instant> {
        let sweeps = self.sweeps.as_ref().filter(|_| self.outage.is_none() && self.listings.sent.is_none())?;
        let due = self.listings.machines.iter().map(|(_, due)| *due).min()?;
        Some(due.max(sweeps.budget.free_at(now)).max(self.budget.free_at(now)))
    }

    /// Handles the end of a list request for a machine.
    pub(crate) fn on_listed(&mut self, machine: &StateMachineArn, failure: Option<&Failure>, now: Instant) {
        let Some(sent) = self.listings.sent.take() else { return };
        let Some(failure) = failure else { return };
        if failure.is_throttled() {
            if let Some(sweeps) = &mut self.sweeps {
                sweeps.budget.throttled(sent, now);
            }
            return;
        }
        let pause = if failure.retry() == Retry::Soon { AFTER_FAILURE.0 } else { AFTER_FAILURE.1 };
        for (listed, due) in &mut self.listings.machines {
            if listed == machine {
                *due = now + pause;
            }
        }
    }
}
