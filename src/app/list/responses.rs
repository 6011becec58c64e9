//! Applying status responses, as interpreted by `lifecycle`. They find their row by id, however late they arrive.

use crate::app::effect::Effect;
use crate::app::list::executions::Executions;
use crate::app::list::row::{Group, PayloadLocation, Row, RowState};
use crate::app::model::Model;
use crate::app::shell::notice::{About, Level};
use crate::app::start;
use stepgate_core::domain::{ExecutionId, ExecutionRecord, Failure, Observation, Timestamp, Verdict, Warning};
use stepgate_core::lifecycle::{Change, StatusReport, execution};

/// Handles the result of a status request.
pub(in crate::app) fn on_status(model: &mut Model, response: StatusReport) -> Vec<Effect> {
    let StatusReport { endpoint, id, change, verdict, is_paused: is_held_back, rate, backlog } = response;
    if model.list.executions().get(id).is_none() {
        return Vec::new();
    }
    let now = model.shell.now();
    let next_poll = match &verdict {
        Verdict::Stale => return Vec::new(),
        Verdict::Watching(after) | Verdict::Postponed(after) => Some(now.plus(*after)),
        Verdict::Slowed | Verdict::BackingOff(_) | Verdict::Ended | Verdict::GivenUp => None,
    };
    model.shell.endpoints_mut().stats_mut().set_backlog(&endpoint, backlog);
    if model.shell.endpoints_mut().stats_mut().set_polling_rate(&endpoint, rate) && verdict == Verdict::Slowed {
        let text = format!("{endpoint} is throttling: polling at half the rate, which recovers gradually");
        model.shell.log(Level::Info, text);
    }
    if let (Change::Failed(failure), Verdict::BackingOff(pause)) = (&change, &verdict) {
        if model.shell.endpoints().stats().is_news(&endpoint, failure) {
            model.shell.log(Level::Error, format!("{endpoint}: {failure}"));
        }
        model.shell.endpoints_mut().stats_mut().set_outage(&endpoint, failure.clone(), now.plus(*pause));
        return Vec::new();
    }
    if !is_held_back {
        model.shell.endpoints_mut().stats_mut().clear_outage(&endpoint);
    }
    if verdict == Verdict::Slowed {
        return Vec::new();
    }
    model.list.executions_mut().change(id, |row| row.next_poll = next_poll);
    let mut effects = Vec::new();
    let seen = match change {
        // Includes a brand-new execution that Step Functions does not know yet.
        Change::Nothing | Change::Contradicted(_) => None,
        Change::Failed(failure) => {
            if matches!(verdict, Verdict::Postponed(_)) {
                on_postponed(model, id, failure);
            }
            None
        }
        Change::Seen(seen, warning) => Some((seen, warning)),
        Change::Confirmed(started, seen, warning) => {
            effects.extend(start::unresolved::on_found(model, id, started, warning.clone()));
            seen.map(|seen| (seen, warning))
        }
        Change::Refused(failure) => return start::unresolved::on_name_in_use(model, id, failure),
        Change::NotStarted => return start::unresolved::on_not_started(model, id),
        Change::Unknown(failure) => return start::unresolved::on_unknown(model, id, failure),
        // Only its input and output were requested.
        Change::GivenUp(failure) if model.list.executions().get(id).is_some_and(has_ended) => {
            model.list.executions_mut().change(id, |row| {
                row.poll_failure = Some(failure);
                row.payloads = PayloadLocation::NotStored;
            });
            None
        }
        Change::GivenUp(failure) => {
            let before = model.list.executions().get(id).and_then(Row::record);
            on_given_up(model, id, failure);
            return save_if_changed(model, id, before);
        }
    };
    let Some((seen, warning)) = seen else { return effects };
    let Some(before) = model.list.executions().get(id).map(|row| (row.group(), row.record())) else { return effects };
    observe(model.list.executions_mut(), id, *seen, warning, now);
    warn(model, id, before.1.as_ref());
    effects.extend(save_if_changed(model, id, before.1));
    let Some(row) = model.list.executions().get(id) else { return effects };
    if before.0 == Group::Running && row.group() != Group::Running {
        let (machine_name, endpoint) = (row.machine_name.clone(), row.endpoint.clone());
        let text = format!("{} {}", row.arn.name(), row.status_text());
        model.list.machines_mut().count_end(&machine_name, &endpoint);
        // A window without focus may be hidden, so the selected execution counts as seen only with focus.
        let is_looked_at =
            model.shell.has_terminal_focus() && model.list.executions().selected().is_some_and(|row| row.id == id);
        if !is_looked_at {
            effects.extend(model.shell.notify_of_end(text).map(Effect::Notify));
        }
    }
    effects
}

fn has_ended(row: &Row) -> bool {
    row.seen().is_some_and(Observation::is_ended)
}

/// Saves the row if anything but the time of the last response has changed.
fn save_if_changed(model: &Model, id: ExecutionId, before: Option<ExecutionRecord>) -> Vec<Effect> {
    let after = model.list.executions().get(id).and_then(Row::record);
    let without_date = |record: ExecutionRecord| ExecutionRecord { last_response: None, ..record };
    let is_news = before.map(without_date) != after.clone().map(without_date);
    after.filter(|_| is_news).map(|record| Effect::SaveRecord(Box::new(record))).into_iter().collect()
}

fn observe(executions: &mut Executions, id: ExecutionId, seen: Observation, warning: Option<Warning>, now: Timestamp) {
    executions.change(id, |row| {
        if let Some(record) = row.record() {
            row.observe(execution::with_observation(record, seen, warning, now));
        }
    });
}

/// Shows a new warning once.
fn warn(model: &mut Model, id: ExecutionId, before: Option<&ExecutionRecord>) {
    let Some(row) = model.list.executions().get(id) else { return };
    let was = before.and_then(|record| record.warning.as_ref());
    if let Some(warning) = row.warning.as_ref().filter(|warning| Some(*warning) != was) {
        model.shell.show(Level::Error, format!("{}: {warning}.", row.arn.name()));
    }
}

fn on_given_up(model: &mut Model, id: ExecutionId, failure: Failure) {
    let Some(row) = model.list.executions().get(id) else { return };
    let now = model.shell.now();
    model.shell.show_about(About::Row(id), Level::Error, format!("{} is no longer watched: {failure}", row.arn.name()));
    model.list.executions_mut().change(id, |row| {
        let seen = row.seen().cloned();
        row.state = RowState::Lost(failure, seen);
        row.answered = Some(now);
        row.poll_failure = None;
    });
}

fn on_postponed(model: &mut Model, id: ExecutionId, failure: Failure) {
    let is_start = |row: &Row| matches!(row.state, RowState::Unresolved(_));
    if let Some(row) = model.list.executions().get(id).filter(|row| row.poll_failure.is_none() && !is_start(row)) {
        model.shell.show_about(About::Row(id), Level::Error, format!("{}: {failure}", row.arn.name()));
    }
    model.list.executions_mut().change(id, |row| row.poll_failure = Some(failure));
}
