//! Errands: requests that are no questions about how an execution goes, such as for a page of its history. They
//! leave by the same budget, every other request at the most while questions are due.

use std::time::Instant;

use crate::domain::{Failure, FailureKind};
use crate::watch::schedule::Schedule;
use crate::watch::schedule::next::Next;

/// The errands that wait, and whose turn it is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Errands {
    waiting: usize,
    had_last_turn: bool,
}

impl Schedule {
    /// There is one more errand; [`Next::Errand`] says when it may leave.
    pub fn add_errand(&mut self) {
        self.errands.waiting += 1;
    }

    /// Whether an errand goes before the question that is due, if one is.
    pub(super) fn is_for_errand(&self, is_question_due: bool) -> bool {
        self.errands.waiting > 0 && !(is_question_due && self.errands.had_last_turn)
    }

    /// Lets an errand leave, or says when it may.
    pub(super) fn run_errand(&mut self, now: Instant) -> Next {
        let moment = self.moment(now, now);
        if moment > now {
            return Next::At(moment);
        }
        if let Err(moment) = self.budget.spend(now) {
            return Next::At(moment);
        }
        self.errands.waiting -= 1;
        self.errands.had_last_turn = true;
        Next::Errand
    }

    /// A question has had its turn.
    pub(super) fn pass_turn(&mut self) {
        self.errands.had_last_turn = false;
    }

    /// Takes what came of an errand that left at `asked`: its throttling slows everything, and an answer means
    /// that the endpoint is there.
    pub fn errand_done(&mut self, failure: Option<&Failure>, asked: Instant, now: Instant) {
        match failure {
            Some(failure) if failure.kind == FailureKind::Throttled => self.budget.throttled(asked, now),
            Some(_) => {}
            None => self.outage = self.outage.filter(|outage| asked < outage.since),
        }
    }
}
