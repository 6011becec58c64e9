//! Scheduling tasks.

use crate::app::timeline::step::{Attempt, StepKind, StepPosition, StepStatus};
use crate::app::timeline::steps::Steps;
use stepgate_core::domain::HistoryEvent;

impl Steps {
    /// Schedules a task, for the first time or again.
    pub(super) fn schedule(&mut self, event: &HistoryEvent, from: Option<StepPosition>) -> Option<StepPosition> {
        let interrupted = from.and_then(|place| self.interrupted_task(event, place));
        let step = interrupted.or_else(|| from.map(|place| place.step));
        let Some(step) = step.filter(|step| self.list[*step].kind == StepKind::State) else { return from };
        if self.list[step].ended.is_some() {
            if !self.try_again(step, event.at) {
                return from;
            }
        } else if self.list[step].last().scheduled.is_some() || self.list[step].last().ended.is_some() {
            self.fail_inside(step, from, event.at);
            self.list[step].attempts.push(Attempt::new(event.at));
        }
        let last = self.list[step].last_mut();
        last.scheduled = Some(event.id);
        last.resource = resource(event);
        last.timeout = event.detail_number("timeoutInSeconds");
        last.heartbeat = event.detail_number("heartbeatInSeconds");
        Some(self.position_of(step))
    }

    /// Returns the Task that a redrive schedules again. The execution may have ended in a Parallel or Map state, which
    /// schedules nothing itself, and several Tasks in it may have been interrupted.
    fn interrupted_task(&self, event: &HistoryEvent, stopped_in: StepPosition) -> Option<usize> {
        if !self.redrives.contains(&event.previous) || event.event_type.starts_with("MapRun") {
            return None;
        }
        let resource = resource(event);
        let outermost = self.ancestors(Some(stopped_in)).last()?.step;
        let (mut pending, mut found) = (vec![outermost, stopped_in.step], None);
        while let Some(number) = pending.pop() {
            let step = &self.list[number];
            let was_interrupted = step.ended.is_some() && step.status != StepStatus::Succeeded && !self.is_over(number);
            if step.is_state("Task") && was_interrupted {
                if step.last().resource == resource {
                    return Some(number);
                }
                found = found.or(Some(number));
            }
            pending.extend(step.last().children.iter().rev());
        }
        found
    }
}

/// Returns the resource of a task: `states · startExecution.sync:2`, the name of a function or activity, or a Map Run.
pub(super) fn resource(event: &HistoryEvent) -> Option<String> {
    if let Some(map_run) = event.detail("mapRunArn") {
        return Some(map_run.to_owned());
    }
    let resource = event.detail("resource")?;
    Some(match event.detail("resourceType") {
        Some(service) => format!("{service} · {resource}"),
        None => resource.rsplit(':').next().unwrap_or(resource).to_owned(),
    })
}
