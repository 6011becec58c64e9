//! Stopping and redriving: asking once, sending a few requests at a time, and what became of each.

use crate::app::control::{ControlForm, Intervention, Interventions, Progress};
use crate::app::effect::Effect;
use crate::app::input::action::Action;
use crate::app::input::key::Key;
use crate::app::list::row::{PayloadLocation, RowState};
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::start;
use stepgate_core::domain::{ExecutionId, Failure, Timestamp};
use stepgate_core::lifecycle::control::{self, ControlResult, Stopped};

/// Opens the form, unless there is nothing to do it to.
pub(in crate::app) fn open(model: &mut Model, intervention: Intervention) {
    if model.interventions.as_ref().is_some_and(|interventions| interventions.counts().2 > 0) {
        model.overlay = Overlay::Controlled(0);
        return;
    }
    match model.control_form(intervention) {
        Ok(form) => model.overlay = Overlay::Control(Box::new(form)),
        Err(words) => model.notices.say(Level::Info, words, model.now),
    }
}

/// A key in the form.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Control(form) = &mut model.overlay else { return Vec::new() };
    match action {
        Some(Action::Cancel) => model.overlay = Overlay::None,
        Some(Action::NextField) => form.next_field(),
        Some(Action::Accept) => return begin(model),
        _ => {
            form.fault = None;
            form.editor().press(key);
        }
    }
    Vec::new()
}

fn begin(model: &mut Model) -> Vec<Effect> {
    let Overlay::Control(form) = &mut model.overlay else { return Vec::new() };
    let Some(told) = form.settled() else { return Vec::new() };
    let ControlForm { intervention, subjects, .. } = &**form;
    let (intervention, items) = (*intervention, subjects.iter().map(|id| (*id, Progress::Waiting)).collect::<Vec<_>>());
    model.overlay = if items.len() > 1 { Overlay::Controlled(0) } else { Overlay::None };
    model.executions.unmark_all();
    model.notices.dismiss();
    model.interventions = Some(Interventions { intervention, told, items });
    go_on(model)
}

/// Sends the requests whose turn has come.
fn go_on(model: &mut Model) -> Vec<Effect> {
    let Some(interventions) = &mut model.interventions else { return Vec::new() };
    let (intervention, told, turns) =
        (interventions.intervention, interventions.told.clone(), interventions.take_turns());
    let mut effects = Vec::new();
    for id in turns {
        let token = model.generate_name().map(|name| name.as_str().to_owned()).unwrap_or_default();
        let Some(row) = model.executions.get(id) else { continue };
        let (gateway, endpoint, arn) = (row.gateway.clone(), row.endpoint.clone(), row.arn.clone());
        effects.push(match intervention {
            Intervention::Stop => Effect::Stop { id, gateway, endpoint, arn, told: told.clone() },
            Intervention::Redrive => {
                let before = row.seen().cloned().map(Box::new);
                Effect::Redrive { id, gateway, endpoint, arn, token, before }
            }
        });
    }
    effects
}

/// What became of one of them.
pub(in crate::app) fn controlled(
    model: &mut Model,
    id: ExecutionId,
    result: Result<ControlResult, Failure>,
) -> Vec<Effect> {
    let Some(interventions) = &mut model.interventions else { return Vec::new() };
    let intervention = interventions.intervention;
    let stopped = match (&result, intervention) {
        (Ok(controlled), Intervention::Stop) => control::classify_stop(controlled.seen.as_deref()),
        _ => Stopped::Aborted,
    };
    let became = match (&result, &stopped) {
        (Err(failure), _) => Progress::Failed(failure.clone()),
        (Ok(_), Stopped::AlreadyEnded(status)) => Progress::AlreadyEnded(status.clone()),
        (Ok(_), Stopped::Aborted | Stopped::Accepted) => Progress::Done,
    };
    if !interventions.take(id, became) {
        return Vec::new();
    }
    let is_one = interventions.items.len() == 1;
    let (done, failed, left) = interventions.counts();
    let name = model.executions.get(id).map(|row| row.arn.name().to_owned()).unwrap_or_default();
    let (level, text) = match (&result, &stopped) {
        (Err(failure), _) => (Level::Error, format!("{name} was not {}: {failure}", intervention.done())),
        (Ok(_), Stopped::AlreadyEnded(status)) => {
            (Level::Info, format!("{name} had already ended: {}.", status.word()))
        }
        (Ok(_), Stopped::Accepted) => (Level::Info, format!("The stop of {name} was accepted. It has not ended yet.")),
        (Ok(_), Stopped::Aborted) => (Level::Info, format!("{name} was {}.", intervention.done())),
    };
    match (is_one, level) {
        (true, level) => model.notices.say(level, text, model.now),
        (false, Level::Error) => model.notices.note(Level::Error, text, model.now),
        (false, Level::Info) => {}
    }
    if left == 0 && !is_one && !matches!(model.overlay, Overlay::Controlled(_)) {
        let level = if failed > 0 { Level::Error } else { Level::Info };
        let text = format!("{done} {}, {failed} failed. Press m for the reasons.", intervention.done());
        model.notices.say(level, text, model.now);
    }
    let mut effects = match (intervention, result) {
        (Intervention::Redrive, Ok(controlled)) => redriven(model, id, controlled.date.unwrap_or(model.now)),
        _ => Vec::new(),
    };
    effects.extend(go_on(model));
    effects
}

/// It runs again, and is watched again.
fn redriven(model: &mut Model, id: ExecutionId, date: Timestamp) -> Vec<Effect> {
    model.executions.change(id, |row| {
        let Some(record) = row.record() else { return };
        row.standing = control::after_redrive(record, date).seen.map_or(RowState::Started, RowState::Seen);
        // What the store has is of the time before; the rest comes with the next answer.
        row.kept = PayloadLocation::Here;
        row.answered = None;
        row.trouble = None;
    });
    let Some(row) = model.executions.get(id) else { return Vec::new() };
    let keep = row.record().map(|record| Effect::Keep(Box::new(record)));
    keep.into_iter().chain(start::update::begin_watch(model, id)).collect()
}
