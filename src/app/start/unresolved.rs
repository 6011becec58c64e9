//! The resolution of an unresolved start: an execution, none, or still unknown.

use crate::app::effect::Effect;
use crate::app::list::row::RowState;
use crate::app::model::Model;
use crate::app::shell::notice::{About, Level};
use stepgate_core::domain::{ExecutionId, Failure, Settled, Started, UnresolvedStart, Warning};

fn unresolved_start(model: &Model, id: ExecutionId) -> Option<UnresolvedStart> {
    match &model.list.executions().get(id)?.state {
        RowState::Unresolved(start) => Some((**start).clone()),
        _ => None,
    }
}

/// Handles that an unresolved start has led to an execution.
pub(in crate::app) fn on_found(
    model: &mut Model,
    id: ExecutionId,
    started: Started,
    warning: Option<Warning>,
) -> Vec<Effect> {
    let Some(start) = unresolved_start(model, id) else { return Vec::new() };
    let Some(row) = model.list.executions().get(id) else { return Vec::new() };
    let (machine_name, endpoint) = (row.machine_name.clone(), row.endpoint.clone());
    model.list.machines_mut().count_start(&machine_name, &endpoint);
    // That of an EXPRESS execution has a part that only its log shows.
    model.list.executions_mut().set_arn(id, started.execution_arn.clone());
    model.list.executions_mut().change(id, |row| {
        row.state = RowState::Started;
        row.started = started.start_date.unwrap_or(row.started);
        row.poll_failure = None;
        row.warning = warning.or(row.warning.take());
    });
    // Replaces the earlier message.
    model.shell.show(Level::Info, format!("{} was started.", start.order.name));
    start.request_id.map(|record| Effect::Settle(record, Settled::Confirmed(started))).into_iter().collect()
}

/// Handles that the name of an unresolved start belongs to another execution.
pub(in crate::app) fn on_name_in_use(model: &mut Model, id: ExecutionId, failure: Failure) -> Vec<Effect> {
    let Some(start) = unresolved_start(model, id) else { return Vec::new() };
    let text = format!("{} was not started: {failure}", start.order.name);
    model.shell.show(Level::Error, text);
    let record = start.request_id;
    let not_started = UnresolvedStart { reason: Some(failure.clone()), ..start };
    model.list.executions_mut().change(id, |row| row.state = RowState::NeverStarted(Box::new(not_started)));
    record.map(|record| Effect::Settle(record, Settled::Refused(failure))).into_iter().collect()
}

/// Handles that an unresolved start has not led to an execution.
pub(in crate::app) fn on_not_started(model: &mut Model, id: ExecutionId) -> Vec<Effect> {
    let Some(start) = unresolved_start(model, id) else { return Vec::new() };
    let text = format!("{} was not started. Press s to start it now.", start.order.name);
    model.shell.show_about(About::Row(id), Level::Info, text);
    let record = start.request_id;
    model.list.executions_mut().change(id, |row| {
        row.state = RowState::NeverStarted(Box::new(start));
        row.poll_failure = None;
    });
    record.map(|record| Effect::Settle(record, Settled::NeverStarted)).into_iter().collect()
}

/// Handles that the outcome of an unresolved start cannot be determined.
pub(in crate::app) fn on_unknown(model: &mut Model, id: ExecutionId, failure: Failure) -> Vec<Effect> {
    let Some(start) = unresolved_start(model, id) else { return Vec::new() };
    let is_news = start.reason.as_ref() != Some(&failure);
    if is_news {
        let text = format!("{} stays unresolved: {failure}", start.order.name);
        model.shell.log(Level::Error, text);
    }
    model.list.executions_mut().change(id, |row| row.poll_failure = Some(failure).filter(|_| is_news));
    Vec::new()
}
