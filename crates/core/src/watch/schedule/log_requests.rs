//! Requests for the log events of EXPRESS executions: passes over the log of each machine, page by page, each from a little
//! before the earliest unread event. `FilterLogEvents` has a small quota for the account and region, so an endpoint gets at
//! most one of these requests per second. They also use the budget of status requests, and alternate with those that are due.
//!
//! Failures concern only the log: they delay neither status requests nor the logs of other machines. An execution is given up
//! only after a pass that went back to its start, and that began when its last event must have been delivered.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::domain::{ExecutionId, Failure, StateMachineArn, Verdict};
use crate::lifecycle::{backoff, give_up};
use crate::rate_limit::{LOG_REQUESTS_PER_SECOND, RateLimiter};
use crate::watch::schedule::Schedule;
use crate::watch::schedule::intervals::{FIRST_LOOK, SHORTEST_INTERVAL};
use crate::watch::schedule::machine_log::{MachineLog, OpenExecution};
use crate::watch::schedule::next::Next;

/// What the response to a `LogPage` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogProgress {
    /// For the executions of the machine.
    pub(crate) verdict: Verdict,
    /// Executions whose end is not in the log and is no longer expected there.
    pub(crate) without_end: Vec<ExecutionId>,
    /// Whether requests had failed before.
    pub(crate) has_recovered: bool,
}

/// What is read from logs.
#[derive(Debug, Clone)]
pub(super) struct LogRequests {
    budget: RateLimiter,
    machines: BTreeMap<StateMachineArn, MachineLog>,
    /// The machine whose page was requested, and when.
    in_flight: Option<(StateMachineArn, Instant)>,
    /// Pages of histories to read.
    histories: usize,
    was_history: bool,
    had_last_turn: bool,
}

impl Default for LogRequests {
    fn default() -> Self {
        Self {
            budget: RateLimiter::new(LOG_REQUESTS_PER_SECOND),
            machines: BTreeMap::new(),
            in_flight: None,
            histories: 0,
            was_history: false,
            had_last_turn: false,
        }
    }
}

impl Schedule {
    /// Adds an EXPRESS execution that is `age` old. If its start is unknown, its log is read from `look_back` ago.
    pub fn add_logged(
        &mut self,
        id: ExecutionId,
        machine: &StateMachineArn,
        age: Duration,
        look_back: Option<Duration>,
        now: Instant,
    ) {
        let before = |age: Duration| now.checked_sub(age).unwrap_or(now);
        let (began, since) = (before(age), before(look_back.unwrap_or(age)));
        let due = now + FIRST_LOOK.saturating_sub(age);
        let log = self.logs.machines.entry(machine.clone()).or_insert_with(|| MachineLog::new(due));
        log.add(id, OpenExecution { began, since, added: now, is_read: false }, due);
    }

    /// Sets when an execution began, once its log has shown it.
    pub(crate) fn set_logged_start(&mut self, id: ExecutionId, age: Duration, now: Instant) {
        let open = self.logs.machines.values_mut().find_map(|log| log.open.get_mut(&id));
        if let (Some(open), Some(began)) = (open, now.checked_sub(age)) {
            (open.began, open.since) = (began, began);
        }
    }

    /// Returns the executions of a machine whose log is read.
    pub(crate) fn logged(&self, machine: &StateMachineArn) -> Vec<ExecutionId> {
        self.logs.machines.get(machine).map_or_else(Vec::new, |log| log.open.keys().copied().collect())
    }

    /// Removes an execution whose log is read.
    pub(super) fn forget_logged(&mut self, id: ExecutionId) {
        self.logs.machines.retain(|_, log| {
            log.remove(id);
            !log.open.is_empty()
        });
    }

    /// Adds a page of a history to read from a log; [`Next::LoggedHistory`] says when.
    pub(crate) fn add_logged_history(&mut self) {
        self.logs.histories += 1;
    }

    /// Returns whether a log request takes precedence over a status request that is due.
    pub(super) fn is_log_turn(&self, is_status_due: bool) -> bool {
        !(is_status_due && self.logs.had_last_turn)
    }

    /// Records that another request has had its turn.
    pub(super) fn pass_log_turn(&mut self) {
        self.logs.had_last_turn = false;
    }

    /// Returns the log request to send now.
    pub(super) fn log_request(&mut self, now: Instant) -> Option<Next> {
        if self.log_request_due(now)? > now {
            return None;
        }
        self.logs.budget.spend(now).and_then(|()| self.budget.spend(now)).ok()?;
        self.logs.had_last_turn = true;
        let log = if self.logs.in_flight.is_some() { None } else { self.logs.due_log(now) };
        if self.logs.histories > 0 && !(self.logs.was_history && log.is_some()) {
            self.logs.histories -= 1;
            self.logs.was_history = true;
            return Some(Next::LoggedHistory);
        }
        self.logs.was_history = false;
        let machine = log?;
        let page = self.logs.machines.get_mut(&machine)?.next_page(&machine, now)?;
        self.logs.in_flight = Some((machine, now));
        Some(Next::Log(page))
    }

    /// Returns when a log request may be sent next; `None` if none is needed, or a response is awaited.
    pub(super) fn log_request_due(&self, now: Instant) -> Option<Instant> {
        let history = (self.logs.histories > 0).then_some(now);
        let logs = self.logs.machines.values().filter(|_| self.logs.in_flight.is_none());
        let due = logs.map(|log| log.due).chain(history).min()?;
        Some(due.max(self.logs.budget.free_at(now)).max(self.budget.free_at(now)))
    }

    /// Handles the response to a `LogPage`: the token of the next page, if there is one. The ends that the page contains
    /// were handled before.
    pub(crate) fn on_log_page(
        &mut self,
        machine: &StateMachineArn,
        response: Result<Option<String>, &Failure>,
        now: Instant,
        jitter: f64,
    ) -> LogProgress {
        let sent = self.logs.in_flight.take().map_or(now, |(_, sent)| sent);
        let mut progress =
            LogProgress { verdict: Verdict::Watching(Duration::ZERO), without_end: Vec::new(), has_recovered: false };
        if let Err(failure) = response
            && failure.is_throttled()
        {
            self.logs.budget.throttled(sent, now);
            progress.verdict = Verdict::Slowed;
            return progress;
        }
        let Some(log) = self.logs.machines.get_mut(machine) else { return progress };
        match response {
            Ok(next) => {
                progress.has_recovered = log.failures > 0;
                progress.without_end = log.on_page(next, now);
                progress.verdict = Verdict::Watching(log.due.saturating_duration_since(now).max(SHORTEST_INTERVAL));
            }
            Err(failure) => {
                let pause = backoff::delay(log.failures + 1, jitter);
                log.on_failure(now + pause);
                progress.verdict = Verdict::Postponed(pause);
                if give_up::is_hopeless(failure, log.failures - 1) {
                    progress.verdict = Verdict::GivenUp;
                }
            }
        }
        progress
    }

    /// Handles the end of a request for a page of a history.
    pub(crate) fn on_logged_history(&mut self, failure: Option<&Failure>, sent: Instant, now: Instant) {
        if failure.is_some_and(Failure::is_throttled) {
            self.logs.budget.throttled(sent, now);
        }
    }
}

impl LogRequests {
    /// Shares the rate limit with other processes.
    pub(super) fn share(&mut self, shared: Option<std::sync::Arc<dyn crate::rate_limit::SharedRateLimit>>) {
        self.budget.share(shared);
    }

    /// Returns the machine whose log has been due for longest.
    fn due_log(&self, now: Instant) -> Option<StateMachineArn> {
        let due = self.machines.iter().filter(|(_, log)| log.due <= now);
        due.min_by_key(|(_, log)| log.due).map(|(machine, _)| machine.clone())
    }
}
