//! Decides which execution to poll next, and when. Pure: time comes in, decisions come out.
//!
//! The selected execution is polled every second, more often while it is younger than that (but never for more than
//! half of the budget). Of the other due executions, the one with the longest expected unseen time since its end goes
//! first (`choice`); each sixteenth request goes to the one polled least recently, whatever is expected of it. An
//! execution is due again as soon as a request is worth it (`due_time`, with the `machine_durations`), and at the latest
//! after a twentieth of its age, between a second and `max_interval`. Where the endpoint lists executions, a list of a
//! machine's running executions goes first if it is worth more per request (`sweeps`, `sweep_requests`). At most one
//! request is in flight for an execution, and none after its end. A failure of the endpoint pauses its status requests,
//! with exponential backoff (`outage`); then a single request probes the endpoint before the others follow. `health`
//! decides what counts as a failure of the endpoint. Throttling halves the rate (`budget`). A failure of one execution
//! only postpones that one. EXPRESS executions are not polled: their logs are read (`log_requests`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::domain::{ExecutionId, Failure, Observation, StateMachineArn, Verdict, WatchLimits};
use crate::lifecycle::{backoff, give_up, unresolved};
use crate::rate_limit::RateLimiter;

mod attention;
mod background_requests;
mod backlog;
mod choice;
mod due_executions;
mod due_time;
mod entry;
mod health;
mod intervals;
mod learning;
mod list_requests;
mod log_requests;
mod machine_durations;
mod machine_log;
mod next;
mod outage;
mod sweep_requests;
mod sweeps;

use background_requests::BackgroundRequests;
use due_executions::DueExecutions;
pub use due_executions::Policy;
use entry::{Entry, PollState};
use health::Health;
use intervals::{FIRST_LOOK, SHORTEST_INTERVAL};
use list_requests::Listings;
use log_requests::LogRequests;
use machine_durations::MachineDurations;
pub use machine_log::LogPage;
pub use next::Next;
use outage::Outage;
use sweeps::Sweeps;
pub use sweeps::{Sweep, SweptPage};

/// Every n-th request goes to the execution polled least recently.
const TURNS: u32 = 16;

/// The schedule of one endpoint.
#[derive(Debug, Clone)]
pub struct Schedule {
    budget: RateLimiter,
    max_interval: Duration,
    entries: BTreeMap<ExecutionId, Entry>,
    /// Executions that are not due yet, by due time.
    waiting: BTreeSet<(Instant, ExecutionId)>,
    ready: DueExecutions,
    policy: Policy,
    turn: u32,
    machines: MachineDurations,
    health: Health,
    selected: Option<ExecutionId>,
    in_sight: BTreeSet<ExecutionId>,
    is_looked_at: bool,
    outage: Option<Outage>,
    sweeps: Option<Sweeps>,
    listings: Listings,
    background_requests: BackgroundRequests,
    logs: LogRequests,
}

impl Schedule {
    /// Returns an empty schedule.
    pub fn new(limits: WatchLimits) -> Self {
        Self::with(limits, Policy::default())
    }

    /// Returns an empty schedule with a policy.
    pub fn with(limits: WatchLimits, policy: Policy) -> Self {
        Self {
            budget: RateLimiter::new(limits.requests_per_second),
            max_interval: limits.max_interval,
            entries: BTreeMap::new(),
            waiting: BTreeSet::new(),
            ready: DueExecutions::default(),
            policy,
            turn: 0,
            machines: MachineDurations::default(),
            health: Health::default(),
            selected: None,
            in_sight: BTreeSet::new(),
            is_looked_at: true,
            outage: None,
            sweeps: None,
            listings: Listings::default(),
            background_requests: BackgroundRequests::default(),
            logs: LogRequests::default(),
        }
    }

    /// Returns the number of watched executions.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether no execution is watched.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns whether status requests are paused after a failure of the endpoint.
    pub fn is_paused(&self) -> bool {
        self.outage.is_some()
    }

    /// Returns the current rate in requests per second.
    pub fn rate(&self, now: Instant) -> f64 {
        self.budget.rate(now)
    }

    /// Adds an execution that is `age` old, and may be unknown to the service for the time `grace`. It is due at once,
    /// unless it is brand-new.
    pub fn add(&mut self, id: ExecutionId, machine: &StateMachineArn, age: Duration, grace: Duration, now: Instant) {
        if self.entries.contains_key(&id) {
            return;
        }
        let machine = self.machines.number(machine);
        let began = now.checked_sub(age).unwrap_or(now);
        let due = now + FIRST_LOOK.saturating_sub(age);
        let (grace, state) = (now + grace, PollState::Waiting(due));
        let entry = Entry {
            machine,
            began,
            ran_at: began,
            grace,
            last_request: None,
            missing_since: None,
            failures: 0,
            last_response: None,
            state,
        };
        if let Some(sweeps) = &mut self.sweeps {
            sweeps.enter(id, &entry, now);
        }
        self.entries.insert(id, entry);
        self.waiting.insert((due, id));
    }

    /// Removes an execution; a response still in flight is [`Verdict::Stale`].
    pub fn forget(&mut self, id: ExecutionId) {
        self.forget_logged(id);
        self.dequeue(id);
        let Some(entry) = self.entries.remove(&id) else { return };
        if let PollState::InFlight(sent) = entry.state {
            self.on_finished(id, sent);
        }
        self.health.forget(id, entry.last_response);
        if let Some(sweeps) = &mut self.sweeps {
            sweeps.leave(&entry);
            sweeps.forget(id, entry.machine);
        }
    }

    /// Removes it from its queue.
    fn dequeue(&mut self, id: ExecutionId) {
        match self.entries.get(&id) {
            Some(Entry { state: PollState::Waiting(due), .. }) => drop(self.waiting.remove(&(*due, id))),
            Some(entry @ Entry { state: PollState::Ready, .. }) => self.ready.remove(id, entry.due_state()),
            _ => {}
        }
    }

    /// Handles the response to a status request. `jitter` is a random number from 0 to 1.
    pub fn on_response(
        &mut self,
        id: ExecutionId,
        response: &Result<Observation, Failure>,
        now: Instant,
        jitter: f64,
    ) -> Verdict {
        let Some(Entry { grace, failures, state: PollState::InFlight(sent), .. }) = self.entries.get(&id).cloned()
        else {
            return Verdict::Stale;
        };
        self.on_finished(id, sent);
        if response.as_ref().is_err_and(Failure::is_throttled) {
            // The endpoint is up, and has refused no execution in particular.
            self.outage = self.outage.filter(|outage| sent < outage.since);
            self.budget.throttled(sent, now);
            self.wait_until(id, now);
            return Verdict::Slowed;
        }
        if let Err(failure) = response
            && failure.is_of_endpoint()
        {
            return self.on_failure(id, failure, failures, sent, now, jitter);
        }
        self.on_endpoint_response(id, sent, now);
        if let Ok(observation) = response {
            self.learn(id, observation, sent, now);
        }
        let (verdict, due) = match response {
            Ok(observation) if observation.is_ended() => (Verdict::Ended, now),
            Ok(_) => {
                let due = self.due_after_request(id, sent + SHORTEST_INTERVAL);
                (Verdict::Watching(due.saturating_duration_since(now)), due)
            }
            Err(failure) if unresolved::is_expected(failure) && now < grace => {
                (Verdict::Watching(SHORTEST_INTERVAL), sent + SHORTEST_INTERVAL)
            }
            Err(failure) if give_up::is_hopeless(failure, failures) => (Verdict::GivenUp, now),
            Err(_) => {
                let pause = backoff::delay(failures + 1, jitter);
                (Verdict::Postponed(pause), now + pause)
            }
        };
        match verdict {
            Verdict::Ended | Verdict::GivenUp => self.forget(id),
            _ => self.wait_until(id, due),
        }
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.failures = if matches!(verdict, Verdict::Postponed(_)) { failures + 1 } else { 0 };
        }
        verdict
    }

    fn wake(&mut self, now: Instant) {
        while let Some((due, id)) = self.waiting.first().copied().filter(|(due, _)| *due <= now) {
            self.waiting.remove(&(due, id));
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.state = PollState::Ready;
                self.ready.insert(id, entry.due_state());
            }
        }
    }

    /// Returns the time at which something due at `due` may be sent.
    fn moment(&self, due: Instant, now: Instant) -> Instant {
        let free = self.budget.free_at(now).max(due);
        self.outage.map_or(free, |outage| outage.until.max(free))
    }

    fn mark_sent(&mut self, id: ExecutionId, now: Instant) {
        self.dequeue(id);
        self.health.on_sent(id, self.entries.get(&id).and_then(|entry| entry.last_response), now);
        self.pass_turn();
        self.pass_log_turn();
        self.turn = self.turn.wrapping_add(1);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.last_request = Some(now);
            entry.state = PollState::InFlight(now);
        }
    }

    fn wait_again(&mut self, id: ExecutionId, sent: Instant) {
        let due = self.due_after_request(id, sent + SHORTEST_INTERVAL);
        self.wait_until(id, due);
    }

    fn wait_until(&mut self, id: ExecutionId, due: Instant) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.state = PollState::Waiting(due);
            self.waiting.insert((due, id));
        }
    }
}

#[cfg(test)]
mod tests;
