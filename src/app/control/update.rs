//! Stopping and redriving: confirmation, a few requests at a time, and their results.

use crate::app::control::{Intervention, Interventions, Progress};
use crate::app::effect::Effect;
use crate::app::keys::action::Action;
use crate::app::keys::key::Key;
use crate::app::list::row::{PayloadLocation, RowState};
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::start;
use stepgate_core::domain::{ExecutionId, Failure, Timestamp};
use stepgate_core::lifecycle::control::{self, ControlResult, Stopped};

/// Opens the confirmation, the page of running interventions, or shows why nothing can be done.
pub(in crate::app) fn open(model: &mut Model, intervention: Intervention) {
    if model.control.latest().is_some_and(|interventions| interventions.counts().2 > 0) {
        model.shell.open(Overlay::Controlled(0));
        return;
    }
    match model.control_form(intervention) {
        Ok(form) => model.shell.open(Overlay::Control(Box::new(form))),
        Err(message) => model.shell.reply(Level::Info, message),
    }
}

/// Handles a key in the confirmation.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Control(form) = model.shell.overlay_mut() else { return Vec::new() };
    match action {
        Some(Action::Cancel) => model.shell.close_overlay(),
        Some(Action::NextField) => form.next_field(),
        Some(Action::Accept) => return start(model),
        _ => {
            form.error_message = None;
            form.editor().press(key);
        }
    }
    Vec::new()
}

fn start(model: &mut Model) -> Vec<Effect> {
    let Overlay::Control(form) = model.shell.overlay_mut() else { return Vec::new() };
    let Some((reason, permit)) = form.validate() else { return Vec::new() };
    let interventions = Interventions::new(form.intervention, reason, permit, &form.subjects);
    model.shell.open(if interventions.items.len() > 1 { Overlay::Controlled(0) } else { Overlay::None });
    model.list.executions_mut().unmark_all();
    model.shell.dismiss_notice();
    model.control.latest = Some(interventions);
    send_next(model)
}

/// Sends as many waiting requests as may be in flight.
fn send_next(model: &mut Model) -> Vec<Effect> {
    let Some(interventions) = &mut model.control.latest else { return Vec::new() };
    let (intervention, ids) = (interventions.intervention, interventions.next_batch());
    let (reason, permit) = (interventions.reason.clone(), interventions.permit.clone());
    let mut effects = Vec::new();
    for id in ids {
        // A client token has at most 64 characters, fewer than the name of a machine may have.
        let token = model.starts.generate_name("redrive").map(|name| name.as_str().to_owned()).unwrap_or_default();
        let Some(row) = model.list.executions().get(id) else { continue };
        let (gateway, endpoint, arn) = (row.gateway.clone(), row.endpoint.clone(), row.arn.clone());
        let permit = permit.clone();
        effects.push(match intervention {
            Intervention::Stop => Effect::Stop { id, gateway, endpoint, arn, reason: reason.clone(), permit },
            Intervention::Redrive => {
                let before = row.seen().cloned().map(Box::new);
                Effect::Redrive { id, gateway, endpoint, arn, token, before, permit }
            }
        });
    }
    effects
}

/// Handles the result for one execution.
pub(in crate::app) fn on_controlled(
    model: &mut Model,
    id: ExecutionId,
    result: Result<ControlResult, Failure>,
) -> Vec<Effect> {
    let Some(interventions) = &mut model.control.latest else { return Vec::new() };
    let intervention = interventions.intervention;
    let stopped = match (&result, intervention) {
        (Ok(controlled), Intervention::Stop) => control::classify_stop(controlled.seen.as_deref()),
        _ => Stopped::Aborted,
    };
    let progress = match (&result, &stopped) {
        (Err(failure), _) => Progress::Failed(failure.clone()),
        (Ok(_), Stopped::AlreadyEnded(status)) => Progress::AlreadyEnded(status.clone()),
        (Ok(_), Stopped::Aborted | Stopped::Accepted) => Progress::Done,
    };
    if !interventions.set_result(id, progress) {
        return Vec::new();
    }
    let is_one = interventions.items.len() == 1;
    let (done, failed, remaining) = interventions.counts();
    let name = model.list.executions().get(id).map(|row| row.arn.name().to_owned()).unwrap_or_default();
    let (level, text) = match (&result, &stopped) {
        (Err(failure), _) => (Level::Error, format!("{name} was not {}: {failure}", intervention.done())),
        (Ok(_), Stopped::AlreadyEnded(status)) => {
            (Level::Info, format!("{name} had already ended: {}.", status.as_str()))
        }
        (Ok(_), Stopped::Accepted) => (Level::Info, format!("The stop of {name} was accepted. It has not ended yet.")),
        (Ok(_), Stopped::Aborted) => (Level::Info, format!("{name} was {}.", intervention.done())),
    };
    match (is_one, level) {
        (true, level) => model.shell.show(level, text),
        (false, Level::Error) => model.shell.log(Level::Error, text),
        (false, Level::Info) => {}
    }
    if remaining == 0 && !is_one && !matches!(model.shell.overlay(), Overlay::Controlled(_)) {
        let level = if failed > 0 { Level::Error } else { Level::Info };
        let text = format!("{done} {}, {failed} failed. Press m for the reasons.", intervention.done());
        model.shell.show(level, text);
    }
    let mut effects = match (intervention, result) {
        (Intervention::Redrive, Ok(controlled)) => on_redriven(model, id, controlled.date.unwrap_or(model.shell.now())),
        _ => Vec::new(),
    };
    effects.extend(send_next(model));
    effects
}

/// Marks an execution as running again and watches it.
fn on_redriven(model: &mut Model, id: ExecutionId, date: Timestamp) -> Vec<Effect> {
    model.list.executions_mut().change(id, |row| {
        let Some(record) = row.record() else { return };
        row.state = control::after_redrive(record, date).seen.map_or(RowState::Started, RowState::Seen);
        // The payloads in the store are outdated; the next response has the new ones.
        row.payloads = PayloadLocation::Here;
        row.answered = None;
        row.poll_failure = None;
    });
    let Some(row) = model.list.executions().get(id) else { return Vec::new() };
    let keep = row.record().map(|record| Effect::SaveRecord(Box::new(record)));
    keep.into_iter().chain(start::update::start_watching(model, id)).collect()
}
