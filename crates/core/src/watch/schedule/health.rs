//! Distinguishes a failing endpoint from failing executions: one that always gets a web page or no response must not
//! pause the status requests of all others.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::domain::{ExecutionId, Failure, Verdict};
use crate::lifecycle::backoff;
use crate::watch::schedule::Schedule;
use crate::watch::schedule::entry::PollState;
use crate::watch::schedule::intervals::SHORTEST_INTERVAL;
use crate::watch::schedule::outage::Outage;

/// An endpoint has failed if this many executions fail without a response in between.
const WITNESSES: usize = 2;
/// An endpoint with a response this recent is up.
const RECENT: Duration = Duration::from_secs(2);
/// A gateway that takes its 29 seconds for each response must not accumulate requests.
const MOST_IN_FLIGHT: usize = 16;
/// A request that has waited this long no longer counts towards `MOST_IN_FLIGHT`.
const SLOW: Duration = Duration::from_secs(5);
/// The limit for all requests in flight, including slow ones.
const MOST_SLOW: usize = 64;

/// What the responses so far show about the endpoint.
#[derive(Debug, Clone, Default)]
pub(super) struct Health {
    /// Requests in flight, by time of sending.
    in_flight: BTreeSet<(Instant, ExecutionId)>,
    /// Executions with a response and no request in flight, least recent response first.
    responded: BTreeSet<(Instant, ExecutionId)>,
    last_response: Option<Instant>,
    /// Executions whose requests have failed since.
    failing: BTreeSet<ExecutionId>,
}

/// Whether another request may be sent.
pub(super) enum Room {
    Free,
    /// Not before this time.
    From(Instant),
    /// Not before a response.
    None,
}

impl Health {
    pub(super) fn on_sent(&mut self, id: ExecutionId, last_response: Option<Instant>, now: Instant) {
        self.in_flight.insert((now, id));
        self.remove_responded(id, last_response);
    }

    pub(super) fn forget(&mut self, id: ExecutionId, last_response: Option<Instant>) {
        self.remove_responded(id, last_response);
        self.failing.remove(&id);
    }

    fn remove_responded(&mut self, id: ExecutionId, last_response: Option<Instant>) {
        if let Some(last_response) = last_response {
            self.responded.remove(&(last_response, id));
        }
    }

    pub(super) fn room(&self, now: Instant, is_outage: bool) -> Room {
        if is_outage {
            // One request probes the endpoint; earlier ones may hang for a while.
            let is_new = |sent: &Instant| now.saturating_duration_since(*sent) < SLOW;
            return match self.in_flight.iter().rev().find(|(sent, _)| is_new(sent)) {
                Some((sent, _)) => Room::From(*sent + SLOW),
                None => Room::Free,
            };
        }
        if self.in_flight.len() < MOST_IN_FLIGHT {
            return Room::Free;
        }
        if self.in_flight.len() >= MOST_SLOW {
            return Room::None;
        }
        // The request that has to become slow before another one may be sent.
        match self.in_flight.iter().nth(self.in_flight.len() - MOST_IN_FLIGHT) {
            Some((sent, _)) if *sent + SLOW > now => Room::From(*sent + SLOW),
            _ => Room::Free,
        }
    }

    /// Returns the execution with the latest response: its next request shows whether the endpoint is up.
    pub(super) fn probe(&self) -> Option<ExecutionId> {
        self.responded.last().map(|(_, id)| *id)
    }

    /// Returns whether the endpoint is failing, after a failure of one more execution.
    fn is_down(&mut self, id: ExecutionId, failure: &Failure, watched: usize, now: Instant) -> bool {
        self.failing.insert(id);
        let was_there = self.last_response.is_some_and(|at| now.saturating_duration_since(at) < RECENT);
        failure.is_connection_error() || (self.failing.len() >= WITNESSES.min(watched) && !was_there)
    }
}

impl Schedule {
    /// A request is no longer in flight.
    pub(super) fn on_finished(&mut self, id: ExecutionId, sent: Instant) {
        self.health.in_flight.remove(&(sent, id));
    }

    /// The endpoint has responded.
    pub(super) fn on_endpoint_response(&mut self, id: ExecutionId, sent: Instant, now: Instant) {
        // Only a request sent since the outage began proves anything.
        if self.outage.is_some_and(|outage| sent >= outage.since) {
            self.outage = None;
        }
        self.health.last_response = Some(now);
        self.health.failing.clear();
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.last_response = Some(now);
            self.health.responded.insert((now, id));
        }
    }

    /// A request failed in a way that may be the endpoint's failure.
    pub(super) fn on_failure(
        &mut self,
        id: ExecutionId,
        failure: &Failure,
        failures: u32,
        sent: Instant,
        now: Instant,
        jitter: f64,
    ) -> Verdict {
        let watched = self.entries.len();
        // Still the best probe.
        self.health.responded.extend(self.entries.get(&id).and_then(|entry| Some((entry.last_response?, id))));
        if self.outage.is_none() && !self.health.is_down(id, failure, watched, now) {
            let pause = backoff::delay(failures + 1, jitter);
            self.wait_until(id, now + pause);
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.failures = failures + 1;
            }
            return Verdict::Postponed(pause);
        }
        let outage = Outage::after(self.outage, failure, sent, now, jitter);
        self.outage = Some(outage);
        self.wait_again(id, sent);
        Verdict::BackingOff(outage.until.saturating_duration_since(now))
    }

    /// Sends the next status request at once, or a second after the last one, since the cause of an outage may be gone.
    /// Other routes may work throughout.
    pub(in crate::watch) fn try_now(&mut self, now: Instant) {
        if let Some(outage) = &mut self.outage {
            outage.until = outage.until.min(now.max(outage.since + SHORTEST_INTERVAL));
        }
    }

    /// Returns the execution to poll during an outage, due or not: one that fails by itself proves nothing.
    pub(super) fn outage_probe(&self) -> Option<ExecutionId> {
        let id = self.outage.and_then(|_| self.health.probe())?;
        self.entries.get(&id).filter(|entry| !matches!(entry.state, PollState::InFlight(_))).map(|_| id)
    }
}
