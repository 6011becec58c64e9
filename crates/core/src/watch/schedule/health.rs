//! Telling a failing endpoint from failing executions: one that always gets a web page or no response at all must not
//! hold back the questions about all others.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::domain::{ExecutionId, Failure, FailureKind, Retry, Verdict};
use crate::lifecycle::retry;
use crate::watch::entry::PollState;
use crate::watch::outage::Outage;
use crate::watch::schedule::Schedule;
use crate::watch::schedule::pace::SHORTEST_INTERVAL;

/// An endpoint has failed when this many executions fail with no response in between.
const WITNESSES: usize = 2;
/// An endpoint that has answered this recently is there.
const RECENT: Duration = Duration::from_secs(2);
/// A gateway that takes its 29 seconds for each response must not pile up questions.
const MOST_IN_FLIGHT: usize = 16;
/// A question that has waited this long no longer counts towards `MOST_IN_FLIGHT`.
const SLOW: Duration = Duration::from_secs(5);
/// The limit on all questions in flight, slow ones included.
const MOST_SLOW: usize = 64;

/// What the responses so far say about the endpoint.
#[derive(Debug, Clone, Default)]
pub(super) struct Health {
    /// Questions without a response, by when they left.
    in_flight: BTreeSet<(Instant, ExecutionId)>,
    /// Executions that were answered and are not in flight, the least recently answered first.
    answered: BTreeSet<(Instant, ExecutionId)>,
    last_answer: Option<Instant>,
    /// Executions whose questions have failed since.
    failing: BTreeSet<ExecutionId>,
}

/// Whether one more question may leave.
pub(super) enum Room {
    Free,
    /// Not before this moment.
    From(Instant),
    /// Not before a response.
    None,
}

/// Whether a failure may be the endpoint's: other questions may well meet it, too.
pub(super) fn is_of_endpoint(failure: &Failure) -> bool {
    failure.retry() != Retry::Never
        && failure.kind != FailureKind::ExecutionDoesNotExist
        && !failure.is_about_one_execution()
}

impl Health {
    pub(super) fn left(&mut self, id: ExecutionId, answered: Option<Instant>, now: Instant) {
        self.in_flight.insert((now, id));
        self.remove_answered(id, answered);
    }

    pub(super) fn forget(&mut self, id: ExecutionId, answered: Option<Instant>) {
        self.remove_answered(id, answered);
        self.failing.remove(&id);
    }

    fn remove_answered(&mut self, id: ExecutionId, answered: Option<Instant>) {
        if let Some(answered) = answered {
            self.answered.remove(&(answered, id));
        }
    }

    pub(super) fn room(&self, now: Instant, is_outage: bool) -> Room {
        if is_outage {
            // One goes ahead to see; those from before may hang for a while.
            let is_new = |asked: &Instant| now.saturating_duration_since(*asked) < SLOW;
            return match self.in_flight.iter().rev().find(|(asked, _)| is_new(asked)) {
                Some((asked, _)) => Room::From(*asked + SLOW),
                None => Room::Free,
            };
        }
        if self.in_flight.len() < MOST_IN_FLIGHT {
            return Room::Free;
        }
        if self.in_flight.len() >= MOST_SLOW {
            return Room::None;
        }
        // The one that has to become slow before there is room.
        match self.in_flight.iter().nth(self.in_flight.len() - MOST_IN_FLIGHT) {
            Some((asked, _)) if *asked + SLOW > now => Room::From(*asked + SLOW),
            _ => Room::Free,
        }
    }

    /// The execution that was answered last: its next question shows whether the endpoint is there.
    pub(super) fn probe(&self) -> Option<ExecutionId> {
        self.answered.last().map(|(_, id)| *id)
    }

    /// Whether the endpoint fails, now that the question about one more execution has.
    fn is_down(&mut self, id: ExecutionId, failure: &Failure, watched: usize, now: Instant) -> bool {
        self.failing.insert(id);
        let was_there = self.last_answer.is_some_and(|at| now.saturating_duration_since(at) < RECENT);
        failure.is_of_connection() || (self.failing.len() >= WITNESSES.min(watched) && !was_there)
    }
}

impl Schedule {
    /// A question is not in flight any more.
    pub(super) fn landed(&mut self, id: ExecutionId, asked: Instant) {
        self.health.in_flight.remove(&(asked, id));
    }

    /// The endpoint has answered a question.
    pub(super) fn endpoint_answered(&mut self, id: ExecutionId, asked: Instant, now: Instant) {
        // Only a question that left since the outage began can tell.
        if self.outage.is_some_and(|outage| asked >= outage.since) {
            self.outage = None;
        }
        self.health.last_answer = Some(now);
        self.health.failing.clear();
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.answered = Some(now);
            self.health.answered.insert((now, id));
        }
    }

    /// A question failed in a way that may be the endpoint's fault.
    pub(super) fn failed(
        &mut self,
        id: ExecutionId,
        failure: &Failure,
        failures: u32,
        asked: Instant,
        now: Instant,
        jitter: f64,
    ) -> Verdict {
        let watched = self.entries.len();
        // Still the best one to see with.
        self.health.answered.extend(self.entries.get(&id).and_then(|entry| Some((entry.answered?, id))));
        if self.outage.is_none() && !self.health.is_down(id, failure, watched, now) {
            let pause = retry::delay(failures + 1, jitter);
            self.wait_until(id, now + pause);
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.failures = failures + 1;
            }
            return Verdict::Postponed(pause);
        }
        let outage = Outage::after(self.outage, failure, asked, now, jitter);
        self.outage = Some(outage);
        self.wait_again(id, asked);
        Verdict::BackingOff(outage.until.saturating_duration_since(now))
    }

    /// Sends the next status request at once, or a second after the last one, since the cause of an outage may be gone. Other
    /// routes may work throughout.
    pub(in crate::watch) fn try_now(&mut self, now: Instant) {
        if let Some(outage) = &mut self.outage {
            outage.until = outage.until.min(now.max(outage.since + SHORTEST_INTERVAL));
        }
    }

    /// The execution to ask about during an outage, due or not: one that fails by itself proves nothing.
    pub(super) fn outage_probe(&self) -> Option<ExecutionId> {
        let id = self.outage.and_then(|_| self.health.probe())?;
        self.entries.get(&id).filter(|entry| !matches!(entry.turn, PollState::InFlight(_))).map(|_| id)
    }
}
