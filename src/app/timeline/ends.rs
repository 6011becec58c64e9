//! How steps end: by their own events, with their container, or with the execution.

use std::sync::Arc;

use crate::app::timeline::step::{Attempt, Step, StepKind, StepPosition, StepStatus};
use crate::app::timeline::steps::Steps;
use stepgate_core::domain::{HistoryEvent, Timestamp};

/// How a container of steps or the execution has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Ending {
    Succeeded,
    /// A step in it failed, which cancels the others.
    Failed,
    TimedOut,
    Aborted,
}

impl Ending {
    fn status(self) -> StepStatus {
        match self {
            Self::Succeeded => StepStatus::Succeeded,
            Self::TimedOut => StepStatus::TimedOut,
            Self::Failed | Self::Aborted => StepStatus::Aborted,
        }
    }
}

impl Steps {
    /// Ends the execution with all open steps. Returns where it ended.
    pub(in crate::app) fn end(
        &mut self,
        event: &HistoryEvent,
        from: Option<StepPosition>,
        ending: Ending,
    ) -> Option<StepPosition> {
        let deepest = std::iter::successors(self.top.open.last(), |step| self.list[**step].last().open.last());
        self.stopped_in = from.or_else(|| deepest.last().map(|step| self.position_of(*step))).or(self.stopped_in);
        if ending == Ending::Failed {
            self.fail_path(from, None, event.at);
        }
        self.close_inside(None, ending, event.at);
        if ending == Ending::Failed {
            self.set_execution_error(from, event);
        }
        self.has_ended = true;
        self.stopped_in
    }

    /// Copies the error of the execution to the steps that failed because of it and have none: the error of a Fail state is
    /// only in the event of the execution.
    fn set_execution_error(&mut self, from: Option<StepPosition>, event: &HistoryEvent) {
        let Some(from) = from else { return };
        let deepest = std::iter::successors(Some(from.step), |step| self.list[*step].last().culprit).last();
        let path: Vec<usize> =
            self.ancestors(deepest.map(|step| self.position_of(step))).map(|place| place.step).collect();
        let text = |member: &str| event.detail(member).map(Arc::<str>::from);
        let (error, cause) = (text("error"), text("cause"));
        for step in path {
            let step = &mut self.list[step];
            if step.status == StepStatus::Failed && step.error().is_none() {
                let last = step.last_mut();
                last.error.clone_from(&error);
                last.cause = last.cause.take().or_else(|| cause.clone());
            }
        }
    }

    /// Fails an attempt. Later events say whether the state has failed.
    pub(in crate::app) fn fail_attempt(&mut self, step: Option<usize>, event: &HistoryEvent) {
        let Some(step) = step.filter(|step| self.list[*step].kind == StepKind::State && !self.is_over(*step)) else {
            return;
        };
        let run = self.run;
        let last = self.list[step].last();
        let has_begun = last.scheduled.is_some() || !last.children.is_empty();
        if event.event_type == "EvaluationFailed" && last.ended.is_some() && !has_begun {
            // A retry whose expression also failed: nothing was scheduled in between.
            self.list[step].attempts.push(Attempt::new(event.at));
        }
        let last = self.list[step].last_mut();
        (last.status, last.ended, last.ended_in_run) = (StepStatus::Failed, Some(event.at), run);
        let timeout = || event.event_type.ends_with("TimedOut").then(|| Arc::from("States.Timeout"));
        last.error = event.detail("error").map(Arc::from).or_else(timeout);
        last.cause = event.detail("cause").map(Arc::from);
    }

    /// Fails a state because of its expression. The event follows the predecessor of the state, and names the state.
    pub(in crate::app) fn fail_evaluation(
        &mut self,
        event: &HistoryEvent,
        from: Option<StepPosition>,
    ) -> Option<StepPosition> {
        let name = event.detail("state");
        let is_named = |step: &Step| {
            step.kind == StepKind::State && step.exited.is_none() && name.is_some_and(|name| name == step.name)
        };
        let own = from.map(|place| place.step).filter(|step| is_named(&self.list[*step]));
        let entered = || {
            let key = (event.previous, name?.to_owned());
            self.entered_after.get(&key).copied().filter(|step| is_named(&self.list[*step]))
        };
        let step = own.or_else(entered).or_else(|| self.open_near(from, is_named)).or(from.map(|place| place.step))?;
        self.fail_attempt(Some(step), event);
        Some(self.position_of(step))
    }

    /// Fails a Parallel or Map state; a Catch may still handle it.
    pub(in crate::app) fn fail_state(
        &mut self,
        event: &HistoryEvent,
        state_type: &str,
        from: Option<StepPosition>,
    ) -> Option<StepPosition> {
        let is_it =
            |place: &StepPosition| self.list[place.step].is_state(state_type) && self.list[place.step].exited.is_none();
        let found = self.ancestors(from).find(|place| is_it(place) && !self.is_over(place.step));
        let Some(StepPosition { step, .. }) = found.or_else(|| self.ancestors(from).find(is_it)) else { return from };
        self.fail_inside(step, from, event.at);
        let last = self.list[step].last_mut();
        if let Some(error) = event.detail("error") {
            (last.error, last.cause) = (Some(error.into()), event.detail("cause").map(Arc::from));
        }
        self.close(step, StepStatus::Failed, event.at);
        Some(self.position_of(step))
    }

    /// Fails the last attempt at a container because of the failure at `from` in it.
    pub(in crate::app) fn fail_inside(&mut self, step: usize, from: Option<StepPosition>, at: Timestamp) {
        let from = from.filter(|from| self.ancestors(Some(*from)).any(|place| place.step == step));
        let culprit = self.fail_path(from, Some(step), at);
        self.close_inside(Some(step), Ending::Failed, at);
        let run = self.run;
        let last = self.list[step].last_mut();
        if last.ended.is_none() {
            (last.status, last.ended, last.ended_in_run) = (StepStatus::Failed, Some(at), run);
        }
        self.set_culprit(step, culprit);
    }

    /// Fails the open steps from a position outwards, up to but excluding `until`. Returns the outermost failed step.
    fn fail_path(&mut self, from: Option<StepPosition>, until: Option<usize>, at: Timestamp) -> Option<usize> {
        let path: Vec<usize> =
            self.ancestors(from).map(|place| place.step).take_while(|step| Some(*step) != until).collect();
        let mut culprit = None;
        for step in path {
            if self.list[step].ended.is_none() {
                self.close_inside(Some(step), Ending::Failed, at);
                // A state fails at the time of its last attempt.
                let failed = self.list[step].last().ended.unwrap_or(at);
                self.cancel(step, StepStatus::Failed, failed);
            }
            self.set_culprit(step, culprit);
            culprit = Some(step);
        }
        culprit
    }

    /// Records that a step failed because of a step in it, and copies the error unless the step has its own.
    fn set_culprit(&mut self, step: usize, culprit: Option<usize>) {
        let Some(culprit) = culprit else { return };
        let last = self.list[step].last_mut();
        if last.status != StepStatus::Failed {
            return;
        }
        last.culprit = Some(culprit);
        if last.error.is_none() {
            let (error, cause) = (self.list[culprit].last().error.clone(), self.list[culprit].last().cause.clone());
            let last = self.list[step].last_mut();
            (last.error, last.cause) = (error, cause);
        }
    }

    /// Cancels a state. The event follows the failure, and identifies the state by type only.
    pub(in crate::app) fn abort_state(
        &mut self,
        event: &HistoryEvent,
        state_type: &str,
        from: Option<StepPosition>,
    ) -> Option<StepPosition> {
        let is_it = |step: &Step| step.is_state(state_type) && !step.has_abort && step.exited.is_none();
        let own = from.map(|place| place.step).filter(|step| is_it(&self.list[*step]));
        let own = own.or_else(|| self.next_cancelled(event.previous, state_type));
        let Some(step) = own.or_else(|| self.open_near(from, is_it)) else { return from };
        self.list[step].has_abort = true;
        if self.list[step].ended.is_none() {
            self.close_inside(Some(step), Ending::Aborted, event.at);
            let (status, at) = self.ending_of(step, Ending::Aborted, event.at);
            self.close(step, status, at);
        }
        from
    }

    /// Returns the next state of this type that a failure cancelled along with its container and whose own event is still to
    /// come. Otherwise that event would be applied to a running state elsewhere.
    fn next_cancelled(&mut self, failure: u64, state_type: &str) -> Option<usize> {
        let waiting = self.cancelled.get_mut(&(failure, state_type.to_owned()))?;
        while let Some(step) = waiting.pop_front() {
            if !self.list[step].has_abort && self.list[step].exited.is_none() {
                return Some(step);
            }
        }
        None
    }

    /// Ends a step because of a failure in it or beside it.
    fn cancel(&mut self, step: usize, status: StepStatus, at: Timestamp) {
        self.close(step, status, at);
        if self.list[step].kind == StepKind::State && matches!(status, StepStatus::Aborted | StepStatus::Failed) {
            let key = (self.predecessor, self.list[step].state_type.clone());
            self.cancelled.entry(key).or_default().push_back(step);
        }
    }

    /// Ends an iteration, identified by its index.
    pub(in crate::app) fn end_iteration(
        &mut self,
        event: &HistoryEvent,
        status: StepStatus,
        from: Option<StepPosition>,
    ) -> Option<StepPosition> {
        let (name, index) = (event.detail("name"), event.detail_number("index"));
        let is_of =
            |map: Option<StepPosition>| map.is_some_and(|map| name.is_none_or(|name| self.list[map.step].name == name));
        let is_it = |step: &Step| {
            step.kind == StepKind::Iteration && (index.is_none() || step.index == index) && is_of(step.parent)
        };
        let own = self.find_ancestor(from, is_it).map(|place| place.step);
        let of_map = |map: StepPosition| self.iterations.get(&(map, index?)).copied();
        let beside = self.ancestors(from).filter_map(of_map).find(|step| is_it(&self.list[*step]));
        let is_open = |step: &usize| !self.is_over(*step);
        let found = own.filter(is_open).or_else(|| beside.filter(is_open)).or_else(|| self.open_near(from, is_it));
        let was_cut = |step: &usize| self.list[*step].status != StepStatus::Succeeded;
        let Some(step) = found.or_else(|| own.or(beside).filter(was_cut)) else { return from };
        match status {
            StepStatus::Failed => self.fail_inside(step, from, event.at),
            StepStatus::Succeeded => self.close_inside(Some(step), Ending::Succeeded, event.at),
            _ => self.close_inside(Some(step), Ending::Aborted, event.at),
        }
        self.close(step, status, event.at);
        self.list[step].parent
    }

    /// Ends the open steps in a step or the execution.
    pub(in crate::app) fn close_inside(&mut self, step: Option<usize>, ending: Ending, at: Timestamp) {
        let mut pending: Vec<usize> = self.inside(step).open.iter().copied().collect();
        let mut open = Vec::new();
        while let Some(step) = pending.pop() {
            open.push(step);
            pending.extend(&self.list[step].last().open);
        }
        // Innermost first.
        for step in open.into_iter().rev() {
            if self.list[step].ended.is_none() {
                let (status, at) = self.ending_of(step, ending, at);
                self.cancel(step, status, at);
            }
        }
    }

    /// Returns the status and time at which a step ends with its container.
    fn ending_of(&self, step: usize, ending: Ending, at: Timestamp) -> (StepStatus, Timestamp) {
        let last = self.list[step].last();
        let failed_inside = || last.children.iter().any(|child| self.list[*child].status == StepStatus::Failed);
        match ending {
            Ending::Succeeded if self.is_failing(step) => (StepStatus::Caught, at),
            // It failed before it could be cancelled.
            Ending::Failed | Ending::TimedOut | Ending::Aborted if self.is_failing(step) => {
                (StepStatus::Failed, last.ended.unwrap_or(at))
            }
            Ending::Failed if failed_inside() => (StepStatus::Failed, at),
            ending => (ending.status(), at),
        }
    }
}
