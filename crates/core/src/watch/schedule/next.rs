//! The decision of a schedule: what to do next.

use std::time::Instant;

use crate::domain::{ExecutionId, StateMachineArn};
use crate::watch::schedule::Schedule;
use crate::watch::schedule::health::Room;
use crate::watch::schedule::machine_log::LogPage;
use crate::watch::schedule::sweeps::Sweep;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Poll this execution; the response goes to `Schedule::on_response`.
    Poll(ExecutionId),
    /// Request a page of running executions; the response goes to `Schedule::on_sweep_response`.
    Sweep(Sweep),
    /// Request the latest executions of this machine; the end goes to `Schedule::on_listed`.
    List(StateMachineArn),
    /// Send the oldest background request; its result goes to `Schedule::on_background_done`.
    Background,
    /// Request a page of a log; the response goes to `Schedule::on_log_page`.
    Log(LogPage),
    /// Request the oldest page of a history that is read from a log; its end goes to `Schedule::on_logged_history`.
    LoggedHistory,
    /// Nothing before this time.
    At(Instant),
    /// Nothing until something else happens.
    Nothing,
}

impl Schedule {
    /// Decides what to do next. After [`Next::Poll`] the request counts as sent at `now`.
    pub fn next(&mut self, now: Instant) -> Next {
        self.wake(now);
        let first = self.first_ready(now);
        let log_request = if self.is_log_turn(first.is_some()) { self.log_request(now) } else { None };
        let next = match log_request {
            Some(request) => return request,
            None => self.next_other(first, now),
        };
        let until = match next {
            Next::At(moment) => Some(moment),
            Next::Nothing => None,
            request => return request,
        };
        // Nothing else can be sent now, even if its turn has come.
        self.log_request(now)
            .unwrap_or_else(|| until.into_iter().chain(self.log_request_due(now)).min().map_or(Next::Nothing, Next::At))
    }

    /// Decides which request to send, other than for logs.
    fn next_other(&mut self, first: Option<(ExecutionId, f64)>, now: Instant) -> Next {
        if self.is_background_turn(first.is_some()) {
            return self.next_background_request(now);
        }
        if self.budget.free_at(now) <= now
            && let Some(machine) = self.listing(now)
        {
            return Next::List(machine);
        }
        if self.budget.free_at(now) <= now
            && let Some(sweep) = self.sweep(first.map_or(0.0, |(_, worth)| worth), now)
        {
            return Next::Sweep(sweep);
        }
        let Some((id, _)) = first else {
            let question = self.waiting.first().map(|(due, _)| self.moment(*due, now));
            return [question, self.sweep_due(now), self.listing_due(now)]
                .into_iter()
                .flatten()
                .min()
                .map_or(Next::Nothing, Next::At);
        };
        match self.health.room(now, self.outage.is_some()) {
            Room::Free => {}
            Room::From(moment) => return Next::At(moment),
            Room::None => return Next::Nothing,
        }
        let moment = self.moment(now, now);
        if moment > now {
            return Next::At(moment);
        }
        if let Err(moment) = self.budget.spend(now) {
            return Next::At(moment);
        }
        self.mark_sent(id, now);
        Next::Poll(id)
    }
}
