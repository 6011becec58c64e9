//! Background requests, which are not about an execution's status, such as for a page of its history. They share the
//! budget, and get at most every other request while status requests are due.

use std::time::Instant;

use crate::domain::Failure;
use crate::watch::schedule::Schedule;
use crate::watch::schedule::next::Next;

/// The number of waiting background requests, and whose turn it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BackgroundRequests {
    waiting: usize,
    had_last_turn: bool,
}

impl Schedule {
    /// Adds a background request; [`Next::Background`] says when to send it.
    pub(crate) fn add_background_request(&mut self) {
        self.background_requests.waiting += 1;
    }

    /// Returns whether a background request goes before a due status request.
    pub(super) fn is_background_turn(&self, is_status_due: bool) -> bool {
        self.background_requests.waiting > 0 && !(is_status_due && self.background_requests.had_last_turn)
    }

    /// Returns [`Next::Background`], or the time when it is allowed.
    pub(super) fn next_background_request(&mut self, now: Instant) -> Next {
        let moment = self.moment(now, now);
        if moment > now {
            return Next::At(moment);
        }
        if let Err(moment) = self.budget.spend(now) {
            return Next::At(moment);
        }
        self.background_requests.waiting -= 1;
        self.background_requests.had_last_turn = true;
        Next::Background
    }

    /// A status request has had its turn.
    pub(super) fn pass_turn(&mut self) {
        self.background_requests.had_last_turn = false;
    }

    /// Handles the result of a background request sent at `sent`: throttling slows everything down, and a response
    /// means that the endpoint is up.
    pub(crate) fn on_background_done(&mut self, failure: Option<&Failure>, sent: Instant, now: Instant) {
        match failure {
            Some(failure) if failure.is_throttled() => self.budget.throttled(sent, now),
            Some(_) => {}
            None => self.outage = self.outage.filter(|outage| sent < outage.since),
        }
    }
}
