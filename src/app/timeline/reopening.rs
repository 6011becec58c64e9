//! Steps that continue after their end: another attempt, and steps that a redrive reopens.

use crate::app::timeline::step::{Attempt, StepKind, StepPosition, StepStatus};
use crate::app::timeline::steps::Steps;
use stepgate_core::domain::Timestamp;

impl Steps {
    /// Begins another attempt at a step that ended before a redrive; returns `false` if it has ended since.
    pub(in crate::app) fn try_again(&mut self, number: usize, at: Timestamp) -> bool {
        let parent = self.list[number].parent;
        if self.is_over(number) || !self.reopen(parent) {
            return false;
        }
        let step = &mut self.list[number];
        (step.status, step.ended, step.has_abort, step.exited) = (StepStatus::Running, None, false, None);
        step.attempts.push(Attempt::new(at));
        self.attempt_mut(parent).open.insert(number);
        true
    }

    /// Opens ended steps again, from a position outwards: a redrive continues in them, or the next state of a branch begins.
    /// Returns `false` if the position has ended for good: further events there belong to cancelled steps.
    pub(in crate::app) fn reopen(&mut self, place: Option<StepPosition>) -> bool {
        let closed: Vec<StepPosition> =
            self.ancestors(place).take_while(|place| self.list[place.step].ended.is_some()).collect();
        let first_open = self.ancestors(place).nth(closed.len());
        let is_earlier_attempt = |place: &StepPosition| place.attempt + 1 < self.list[place.step].attempts.len();
        let is_gone = |place: &StepPosition| self.list[place.step].kind != StepKind::Branch && self.is_over(place.step);
        let is_ended = first_open.is_none() && self.has_ended;
        if is_ended || closed.iter().any(is_gone) || closed.iter().chain(&first_open).any(is_earlier_attempt) {
            return false;
        }
        for StepPosition { step: number, .. } in closed.into_iter().rev() {
            let step = &mut self.list[number];
            (step.status, step.ended, step.has_abort, step.exited) = (StepStatus::Running, None, false, None);
            if step.is_container() {
                let last = step.last_mut();
                (last.status, last.ended, last.culprit) = (StepStatus::Running, None, None);
                (last.error, last.cause) = (None, None);
            }
            let parent = step.parent;
            self.attempt_mut(parent).open.insert(number);
        }
        true
    }
}
