//! Sweeps: one `ListExecutions` of a machine's running executions covers all of them at once. A missing execution has
//! ended, and is polled once for its outcome. Pure.
//!
//! A sweep is worth the sum of what status requests for all of them would be worth. It is estimated from age buckets:
//! executions of one machine that were last known to run at about the same age count as multiples of their mean.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::domain::durations::Expected;
use crate::domain::{ExecutionId, StateMachineArn};
use crate::rate_limit::RateLimiter;
use crate::watch::schedule::entry::Entry;
use crate::watch::schedule::machine_durations::MachineDurations;
use crate::watch::schedule::outage::Outage;

/// The share of the budget for sweeps: in most regions `ListExecutions` refills 2 a second where `DescribeExecution`
/// refills 10 (Step Functions quotas, "Quotas related to API action throttling").
const SHARE: f64 = 0.2;
/// `ListExecutions` is "eventually consistent" (API reference): its state may be this old.
const LAG: Duration = Duration::from_millis(500);
/// An execution started this shortly before a sweep may be missing from the list.
const UNSETTLED: Duration = Duration::from_secs(2);
/// The sum of expected unseen seconds that is worth a sweep.
const WORTH_SWEEPING: f64 = 0.005;
/// Delay before the next estimate for a machine with new executions.
const SETTLING: Duration = Duration::from_millis(250);
/// Delay after a machine's executions could not be listed.
const REFUSED: Duration = Duration::from_secs(600);

/// A request for a machine's running executions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// The machine.
    pub machine: StateMachineArn,
    /// `nextToken` of the page before.
    pub token: Option<String>,
}

/// The watched executions of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweptPage {
    /// Those on the page.
    pub running: Vec<ExecutionId>,
    /// `nextToken`.
    pub next: Option<String>,
}

/// Executions of one machine with about the same age.
#[derive(Debug, Clone, Copy, Default)]
struct AgeBucket {
    count: u32,
    /// Sums, in seconds since the first execution was added.
    began: f64,
    ran_at: f64,
}

#[derive(Debug, Clone, Default)]
struct MachineSweep {
    buckets: BTreeMap<usize, AgeBucket>,
    members: BTreeSet<ExecutionId>,
    /// Number of pages of the last sweep.
    pages: u32,
    due: Option<Instant>,
}

/// A sweep in progress.
#[derive(Debug, Clone)]
pub(super) struct Current {
    pub(super) machine: usize,
    pub(super) began: Instant,
    /// When its last page was requested, if there is no response yet.
    pub(super) sent: Option<Instant>,
    token: Option<String>,
    seen: BTreeSet<ExecutionId>,
    pages: u32,
}

/// The sweeps of one endpoint.
#[derive(Debug, Clone)]
pub(super) struct Sweeps {
    pub(super) budget: RateLimiter,
    pub(super) outage: Option<Outage>,
    pub(super) current: Option<Current>,
    machines: Vec<MachineSweep>,
    origin: Option<Instant>,
}

impl Sweeps {
    pub(super) fn new(requests_per_second: f64) -> Self {
        let budget = RateLimiter::new(requests_per_second * SHARE);
        Self { budget, outage: None, current: None, machines: Vec::new(), origin: None }
    }

    /// Adds an execution, or restores it after a change that began with [`Self::leave`].
    pub(super) fn enter(&mut self, id: ExecutionId, entry: &Entry, now: Instant) {
        let (began, ran_at) = self.seconds(entry);
        if self.machines.len() <= entry.machine {
            self.machines.resize(entry.machine + 1, MachineSweep::default());
        }
        let swept = &mut self.machines[entry.machine];
        if swept.members.insert(id) {
            let soon = now + SETTLING;
            swept.due = Some(swept.due.map_or(soon, |due| due.min(soon)));
        }
        let bucket = swept.buckets.entry(entry.bin()).or_default();
        *bucket = AgeBucket { count: bucket.count + 1, began: bucket.began + began, ran_at: bucket.ran_at + ran_at };
    }

    /// Removes an execution before a change.
    pub(super) fn leave(&mut self, entry: &Entry) {
        let (began, ran_at) = self.seconds(entry);
        let Some(swept) = self.machines.get_mut(entry.machine) else { return };
        if let Some(bucket) = swept.buckets.get_mut(&entry.bin()) {
            *bucket =
                AgeBucket { count: bucket.count - 1, began: bucket.began - began, ran_at: bucket.ran_at - ran_at };
            if bucket.count == 0 {
                swept.buckets.remove(&entry.bin());
            }
        }
    }

    /// Removes an execution for good, after [`Self::leave`].
    pub(super) fn forget(&mut self, id: ExecutionId, machine: usize) {
        if let Some(swept) = self.machines.get_mut(machine) {
            swept.members.remove(&id);
        }
    }

    /// Returns when the next page may be requested.
    pub(super) fn free_at(&self, now: Instant) -> Instant {
        let free = self.budget.free_at(now);
        self.outage.map_or(free, |outage| outage.until.max(free))
    }

    /// Returns when a sweep may be worth it; `None` while a response is pending.
    pub(super) fn due(&self) -> Option<Instant> {
        match &self.current {
            Some(current) if current.sent.is_some() => None,
            Some(current) => Some(current.began),
            None => self.machines.iter().filter(|swept| !swept.members.is_empty()).filter_map(|swept| swept.due).min(),
        }
    }

    /// Returns the best machine and the worth of its sweep per request; postpones sweeps that are not worth it yet.
    /// `None` if there is none. A sweep in progress continues.
    pub(super) fn best(&mut self, machines: &MachineDurations, now: Instant) -> Option<(usize, f64)> {
        if let Some(current) = &self.current {
            return current.sent.is_none().then_some((current.machine, f64::INFINITY));
        }
        let mut best = None;
        for machine in 0..self.machines.len() {
            let swept = &self.machines[machine];
            if swept.members.is_empty() || swept.due.is_none_or(|due| due > now) {
                continue;
            }
            let Expected { delay, end_probability: ended } = self.expected(machine, machines, now);
            if delay < WORTH_SWEEPING {
                self.postpone(machine, machines, now);
                continue;
            }
            let worth = delay / (f64::from(self.machines[machine].pages.max(1)) + ended);
            if best.is_none_or(|(_, other)| worth > other) {
                best = Some((machine, worth));
            }
        }
        best
    }

    /// Starts a sweep of the machine from [`Self::best`], or continues it. Returns the page's token.
    pub(super) fn begin_page(&mut self, machine: usize, now: Instant) -> Option<String> {
        let fresh = Current { machine, began: now, sent: None, token: None, seen: BTreeSet::new(), pages: 0 };
        let current = self.current.get_or_insert(fresh);
        current.sent = Some(now);
        current.pages += 1;
        current.token.clone()
    }

    /// Adds a page. Returns the missing executions after the last one.
    pub(super) fn on_page(
        &mut self,
        page: &SweptPage,
        began: impl Fn(ExecutionId) -> Option<Instant>,
        now: Instant,
    ) -> Vec<ExecutionId> {
        let Some(mut current) = self.current.take() else { return Vec::new() };
        current.seen.extend(&page.running);
        if page.next.is_some() {
            current.token.clone_from(&page.next);
            current.sent = None;
            self.current = Some(current);
            return Vec::new();
        }
        let swept = &mut self.machines[current.machine];
        swept.pages = current.pages;
        swept.due = Some(now);
        let is_settled = |id: &ExecutionId| began(*id).is_some_and(|began| began + UNSETTLED < current.began);
        swept.members.difference(&current.seen).copied().filter(is_settled).collect()
    }

    /// Returns the time for which the page in flight is valid.
    pub(super) fn known_at(&self) -> Option<Instant> {
        self.current.as_ref().and_then(|current| current.sent).map(|sent| sent.checked_sub(LAG).unwrap_or(sent))
    }

    /// Handles the refusal to list the machine's executions.
    pub(super) fn on_refused(&mut self, now: Instant) {
        if let Some(current) = self.current.take() {
            self.machines[current.machine].due = Some(now + REFUSED);
        }
    }

    /// Computes when a sweep will be worth it.
    fn postpone(&mut self, machine: usize, machines: &MachineDurations, now: Instant) {
        let (mut early, mut late) = (SETTLING, Duration::from_secs(60));
        while late > early + SETTLING {
            let between = (early + late) / 2;
            let worth = self.expected(machine, machines, now + between).delay;
            if worth >= WORTH_SWEEPING { late = between } else { early = between }
        }
        self.machines[machine].due = Some(now + late);
    }

    /// Returns the sum over all executions of a machine: the expected unseen seconds since their ends, and the number
    /// of ends.
    fn expected(&self, machine: usize, machines: &MachineDurations, now: Instant) -> Expected {
        let now = self.origin.map_or(0.0, |origin| now.saturating_duration_since(origin).as_secs_f64());
        let of_crowd = |bucket: &AgeBucket| {
            let count = f64::from(bucket.count);
            let (began, ran_at) = (bucket.began / count, bucket.ran_at / count);
            let one = machines.expected(machine, (ran_at - began).max(0.0), (now - began).max(0.0));
            Expected { delay: one.delay * count, end_probability: one.end_probability * count }
        };
        self.machines[machine].buckets.values().map(of_crowd).fold(Expected::default(), |sum, bucket| Expected {
            delay: sum.delay + bucket.delay,
            end_probability: sum.end_probability + bucket.end_probability,
        })
    }

    fn seconds(&mut self, entry: &Entry) -> (f64, f64) {
        let origin = *self.origin.get_or_insert(entry.began);
        // Executions may have begun before the first one was added.
        let seconds = |moment: Instant| match moment.checked_duration_since(origin) {
            Some(after) => after.as_secs_f64(),
            None => -origin.duration_since(moment).as_secs_f64(),
        };
        (seconds(entry.began), seconds(entry.ran_at))
    }
}
