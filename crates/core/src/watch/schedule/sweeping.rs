//! Sweeps beside questions: which of both brings more for a request, and what a sweep changes for those that it tells of.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::{ExecutionId, Failure, FailureKind, Retry};
use crate::rate_limit::SharedRateLimit;
use crate::watch::entry::PollState;
use crate::watch::outage::Outage;
use crate::watch::ready::{Class, Policy};
use crate::watch::schedule::Schedule;
use crate::watch::sweeps::{Sweep, Sweeps, SweptPage};

/// Sweeps wait while more of what they have found than this, in seconds of the budget, is still to be asked about.
const FOUND: f64 = 0.5;

impl Schedule {
    /// The same schedule for an endpoint that lists executions.
    #[must_use]
    pub fn with_sweeps(mut self) -> Self {
        if self.policy == Policy::Expected {
            self.sweeps = Some(Sweeps::new(self.budget.most()));
        }
        self
    }

    /// Spends from these purses, too: that of questions, and that of sweeps.
    pub fn share(&mut self, questions: Option<Arc<dyn SharedRateLimit>>, sweeps: Option<Arc<dyn SharedRateLimit>>) {
        self.budget.share(questions);
        if let Some(own) = &mut self.sweeps {
            own.budget.share(sweeps);
        }
    }

    /// The sweep that brings more now than a question that is worth so much, if there is one.
    pub(super) fn sweep(&mut self, question: f64, now: Instant) -> Option<Sweep> {
        let sweeps = self.sweeps.as_mut().filter(|_| self.outage.is_none())?;
        let backlog = u32::try_from(self.ready.count_left()).map_or(f64::INFINITY, f64::from);
        if sweeps.free_at(now) > now || backlog > self.budget.rate(now) * FOUND {
            return None;
        }
        let (machine, worth) = sweeps.best(&self.machines, now)?;
        if worth < question {
            return None;
        }
        sweeps.budget.spend(now).and_then(|()| self.budget.spend(now)).ok()?;
        let token = sweeps.ask(machine, now);
        Some(Sweep { machine: self.machines.arn(machine).clone(), token })
    }

    /// When the next sweep may be worth it.
    pub(super) fn sweep_due(&self, now: Instant) -> Option<Instant> {
        let sweeps = self.sweeps.as_ref().filter(|_| self.outage.is_none())?;
        sweeps.due().map(|due| due.max(sweeps.free_at(now)).max(self.budget.free_at(now)))
    }

    /// Takes the answer to a [`Sweep`]. `jitter` is a random number from 0 to 1.
    pub fn swept(&mut self, answer: &Result<SweptPage, Failure>, now: Instant, jitter: f64) {
        let Some(sweeps) = &mut self.sweeps else { return };
        let (Some(asked), Some(known_at)) =
            (sweeps.current.as_ref().and_then(|current| current.asked), sweeps.known_at())
        else {
            return;
        };
        let page = match answer {
            Ok(page) => page,
            Err(failure) if failure.kind == FailureKind::Throttled => {
                sweeps.budget.throttled(asked, now);
                sweeps.current = None;
                return;
            }
            Err(failure) if failure.retry() == Retry::Soon => {
                sweeps.outage = Some(Outage::after(sweeps.outage, failure, asked, now, jitter));
                sweeps.current = None;
                return;
            }
            Err(_) => return sweeps.refused(now),
        };
        sweeps.outage = None;
        let began = |id| self.entries.get(&id).map(|entry| entry.began);
        let missing = sweeps.take(page, began, now);
        let mut intervals = HashMap::new();
        for id in &page.running {
            self.seen_running(*id, known_at, now, &mut intervals);
        }
        for id in missing {
            self.missed(id, now);
        }
    }

    /// A sweep has seen it.
    fn seen_running(&mut self, id: ExecutionId, at: Instant, now: Instant, intervals: &mut HashMap<Class, Duration>) {
        let Some(entry) = self.entries.get(&id) else { return };
        if entry.ran_at >= at || entry.failures > 0 {
            return;
        }
        let turn = entry.turn;
        self.take_out(id);
        self.ran(id, at, now);
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.missing_since = None;
        entry.last_asked = entry.last_asked.max(Some(at));
        if matches!(turn, PollState::InFlight(_)) {
            return;
        }
        let entry = self.entries[&id].clone();
        let age = at.saturating_duration_since(entry.began);
        let interval = *intervals.entry(entry.standing().class).or_insert_with(|| self.interval(&entry, age));
        let due = if self.selected == Some(id) { self.due_after_question(id, at) } else { at + interval };
        self.wait_until(id, due.max(now));
    }

    /// A sweep has missed it: it is asked about at once.
    fn missed(&mut self, id: ExecutionId, now: Instant) {
        let Some(entry) = self.entries.get(&id).filter(|entry| entry.failures == 0 && entry.missing_since.is_none())
        else {
            return;
        };
        if matches!(entry.turn, PollState::InFlight(_)) {
            return;
        }
        self.take_out(id);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.missing_since = Some(now);
        }
        self.wait_until(id, now);
    }
}
