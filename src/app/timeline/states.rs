//! Entering, trying and leaving states.

use crate::app::timeline::ends::Ending;
use crate::app::timeline::step::{Attempt, Step, StepKind, StepPosition, StepStatus};
use crate::app::timeline::steps::Steps;
use stepgate_core::domain::HistoryEvent;

impl Steps {
    /// Enters a state: in a new branch after the start of a Parallel state, otherwise next to its predecessor.
    #[expect(clippy::unnecessary_wraps, reason = "must match `Rule`")]
    pub(super) fn enter(
        &mut self,
        event: &HistoryEvent,
        state_type: &str,
        from: Option<StepPosition>,
    ) -> Option<StepPosition> {
        let name = event.detail("name").unwrap_or_default();
        if self.redrives.contains(&event.previous)
            && let Some(place) = self.enter_again(event, state_type, name)
        {
            return Some(place);
        }
        if let Some(place) = from
            && let Some(step) = self.interrupted_state(place, state_type, name)
            && self.try_again(step, event.at)
        {
            self.list[step].entered = Some(event.id);
            self.end_if_terminal(step, event, true);
            return Some(self.position_of(step));
        }
        let mut parent = from;
        let mut is_branch = false;
        if let Some(place) = from.filter(|place| self.list[place.step].kind == StepKind::State) {
            let state = &self.list[place.step];
            let is_done = state.last().open.is_empty() && !state.last().children.is_empty();
            match state.state_type.as_str() {
                "Parallel" if !is_done || self.has(event.previous) => is_branch = true,
                "Map" if !is_done => {}
                _ => {
                    // Its exit event is missing.
                    self.leave(place.step, event);
                    parent = self.list[place.step].parent;
                }
            }
        }
        let is_alive = self.reopen(parent);
        if is_branch {
            let step = self.add(StepKind::Branch, name, "Branch", parent, event.at);
            parent = Some(self.position_of(step));
        }
        let step = self.add(StepKind::State, name, state_type, parent, event.at);
        self.list[step].entered = Some(event.id);
        self.entered_after.insert((event.previous, name.to_owned()), step);
        self.end_if_terminal(step, event, is_alive);
        Some(self.position_of(step))
    }

    /// Enters the state again in which the execution ended before a redrive.
    fn enter_again(&mut self, event: &HistoryEvent, state_type: &str, name: &str) -> Option<StepPosition> {
        let is_it = |step: &Step| step.is_state(state_type) && step.name == name && step.ended.is_some();
        let StepPosition { step, .. } = self.find_ancestor(self.stopped_in, is_it)?;
        if !self.try_again(step, event.at) {
            return None;
        }
        self.list[step].entered = Some(event.id);
        self.end_if_terminal(step, event, true);
        Some(self.position_of(step))
    }

    /// Returns the state in which an iteration ended before a redrive started the iteration again.
    fn interrupted_state(&self, place: StepPosition, state_type: &str, name: &str) -> Option<usize> {
        let iteration = &self.list[place.step];
        let last = *iteration.last().children.last().filter(|_| iteration.kind == StepKind::Iteration)?;
        let step = &self.list[last];
        let is_it = step.is_state(state_type) && step.name == name;
        (is_it && step.ended.is_some() && !self.is_over(last) && step.status != StepStatus::Succeeded).then_some(last)
    }

    /// Ends an entered state that gets no further events.
    fn end_if_terminal(&mut self, step: usize, event: &HistoryEvent, is_alive: bool) {
        if !is_alive {
            self.close(step, StepStatus::Aborted, event.at);
        } else if self.list[step].state_type == "Fail" {
            // A Fail state has no other event.
            self.fail_attempt(Some(step), event);
            self.close(step, StepStatus::Failed, event.at);
        }
    }

    /// Exits a state: it succeeded, or a Catch handled its failure.
    pub(super) fn exit(
        &mut self,
        event: &HistoryEvent,
        state_type: &str,
        from: Option<StepPosition>,
    ) -> Option<StepPosition> {
        let name = event.detail("name");
        let is_it = |step: &Step| {
            step.is_state(state_type) && name.is_none_or(|name| name == step.name) && step.exited.is_none()
        };
        let found = self.find_ancestor(from, is_it).map(|place| place.step);
        let Some(step) = found.or_else(|| self.open_near(from, is_it)) else { return from };
        let has_failed = |child: &usize| {
            let status = self.list[*child].status;
            (status.is_bad() || status == StepStatus::Aborted) && self.is_over(*child)
        };
        let is_caught = self.is_failing(step)
            || self.list[step].last().children.iter().any(has_failed)
            || from.is_some_and(|from| found.is_some() && self.is_failing(from.step));
        let parent = self.list[step].parent;
        self.reopen(parent);
        if is_caught {
            self.fail_inside(step, from.filter(|_| found.is_some()), event.at);
        } else {
            self.close_inside(Some(step), Ending::Succeeded, event.at);
            let last = self.list[step].last();
            if last.ended.is_some() && last.ended_in_run < self.run {
                // It ended before a redrive, and no other event started another attempt.
                self.list[step].attempts.push(Attempt::new(event.at));
            }
        }
        self.close(step, if is_caught { StepStatus::Caught } else { StepStatus::Succeeded }, event.at);
        self.list[step].exited = Some(event.id);
        parent
    }

    /// Ends a state whose exit is missing.
    fn leave(&mut self, step: usize, event: &HistoryEvent) {
        if self.list[step].ended.is_none() {
            let status = if self.is_failing(step) { StepStatus::Caught } else { StepStatus::Succeeded };
            self.close_inside(Some(step), Ending::Succeeded, event.at);
            self.close(step, status, event.at);
        }
    }

    /// Starts a Parallel or Map state, or retries it: then the predecessor is the failure, deep inside the state.
    pub(super) fn start_state(
        &mut self,
        event: &HistoryEvent,
        state_type: &str,
        from: Option<StepPosition>,
    ) -> Option<StepPosition> {
        let is_it =
            |place: &StepPosition| self.list[place.step].is_state(state_type) && self.list[place.step].exited.is_none();
        let found = self.ancestors(from).find(|place| is_it(place) && !self.is_over(place.step));
        let Some(StepPosition { step, .. }) = found.or_else(|| self.ancestors(from).find(is_it)) else { return from };
        if self.list[step].ended.is_some() {
            if !self.try_again(step, event.at) {
                return from;
            }
        } else if self.list[step].last().scheduled.is_some() || self.list[step].last().ended.is_some() {
            self.fail_inside(step, from, event.at);
            self.list[step].attempts.push(Attempt::new(event.at));
        }
        self.list[step].last_mut().scheduled = Some(event.id);
        Some(self.position_of(step))
    }

    /// Succeeds all branches or iterations of a state.
    pub(super) fn succeed_inside(
        &mut self,
        event: &HistoryEvent,
        state_type: &str,
        from: Option<StepPosition>,
    ) -> Option<StepPosition> {
        let Some(state) = self.find_ancestor(from, |step| step.is_state(state_type)) else { return from };
        self.close_inside(Some(state.step), Ending::Succeeded, event.at);
        Some(state)
    }
}
