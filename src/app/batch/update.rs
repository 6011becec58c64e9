//! Many starts from one file: choosing the file, sending, stopping and continuing.

use crate::app::batch::{Batch, FileForm, FileLines, Stage};
use crate::app::effect::Effect;
use crate::app::input::action::Action;
use crate::app::input::editor::Editor;
use crate::app::input::key::Key;
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::start;
use stepgate_core::domain::{
    BatchId, Failure, InputLine, LineOrder, NameOrigin, Settled, StartOrder, StartRequestId, UnresolvedStart,
    UnsentBatch,
};

/// Shows the current batch, or the file form.
pub(in crate::app) fn open(model: &mut Model) {
    next_unfinished(model);
    let has_rest = model.batch.as_ref().is_some_and(|batch| batch.is_active() || batch.remaining > 0);
    if has_rest {
        model.overlay = Overlay::Batch(0);
        return;
    }
    if start::edit::refuse_read_only(model) {
        return;
    }
    match (&model.store_error, model.machines.selected()) {
        (Some(_), _) => {
            let text = "Batches need the history, which is not stored: an interrupted batch could not continue.";
            model.notices.show(Level::Error, text, model.now);
        }
        (None, Some(machine)) => model.overlay = Overlay::File(Box::new(FileForm::new(machine))),
        (None, None) => model.notices.show(Level::Info, "No machine to start.", model.now),
    }
}

/// Handles a key in the file form.
pub(in crate::app) fn press_file(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::File(form) = &mut model.overlay else { return Vec::new() };
    match action {
        Some(Action::Cancel) => model.overlay = Overlay::None,
        Some(Action::Accept) => match &form.lines {
            FileLines::Unread | FileLines::Invalid(_) if !form.path.text().trim().is_empty() => {
                form.lines = FileLines::Reading;
                return vec![Effect::ReadLines(form.path.text().trim().to_owned())];
            }
            FileLines::Ready(_) => return record(model),
            FileLines::Unread | FileLines::Invalid(_) | FileLines::Reading => {}
        },
        _ => edit(form, |editor| editor.press(key)),
    }
    Vec::new()
}

/// Changes the path, which discards the contents of the previous file.
pub(in crate::app) fn edit(form: &mut FileForm, change: impl FnOnce(&mut Editor)) {
    let before = form.path.text();
    change(&mut form.path);
    if form.path.text() != before {
        form.lines = FileLines::Unread;
    }
}

/// Handles the contents of the file.
pub(in crate::app) fn on_lines_read(model: &mut Model, path: &str, result: Result<Vec<InputLine>, Vec<String>>) {
    if let Overlay::File(form) = &mut model.overlay
        && form.lines == FileLines::Reading
        && form.path.text().trim() == path
    {
        form.lines = match result {
            Ok(inputs) => FileLines::Ready(inputs),
            Err(errors) => FileLines::Invalid(errors),
        };
    }
}

/// Creates an order for each line and records them.
fn record(model: &mut Model) -> Vec<Effect> {
    let Overlay::File(form) = std::mem::replace(&mut model.overlay, Overlay::Batch(0)) else { return Vec::new() };
    let FileLines::Ready(inputs) = form.lines else { return Vec::new() };
    let Some(machine) = model.machines.get(form.machine).cloned() else { return Vec::new() };
    let Some(gateway) = model.gateway_of(&machine.endpoint).cloned() else { return Vec::new() };
    let file = form.path.text().trim().to_owned();
    let mut orders = Vec::with_capacity(inputs.len());
    for InputLine { number, input } in inputs {
        let Some(name) = model.generate_name() else { continue };
        let order = StartOrder {
            endpoint: machine.endpoint.clone(),
            gateway: gateway.clone(),
            machine_name: machine.name.clone(),
            machine: machine.arn.clone(),
            machine_type: machine.machine_type,
            name,
            origin: NameOrigin::Generated,
            input,
        };
        orders.push(LineOrder { line: number, order });
    }
    let count = orders.len();
    model.batch = Some(Batch::new(file.clone(), machine.name, count, count, Stage::Recording));
    vec![Effect::RecordBatch(file, orders)]
}

/// Handles that the start requests have been recorded, or could not be.
pub(in crate::app) fn on_recorded(model: &mut Model, result: Result<BatchId, String>) -> Vec<Effect> {
    let Some(batch) = &mut model.batch else { return Vec::new() };
    match result {
        Ok(id) => {
            batch.id = Some(id);
            batch.stage = Stage::Sending;
            vec![Effect::SendBatch(id)]
        }
        Err(message) => {
            model.batch = None;
            model.overlay = Overlay::None;
            model.notices.show(Level::Error, format!("Nothing was sent: {message}"), model.now);
            Vec::new()
        }
    }
}

/// Sets the unfinished batches of earlier runs.
pub(in crate::app) fn set_unfinished(model: &mut Model, batches: Vec<UnsentBatch>) {
    model.unfinished_batches = batches;
    model.unfinished_batches.reverse();
    next_unfinished(model);
}

/// Shows the next unfinished batch, unless another one is in progress.
fn next_unfinished(model: &mut Model) {
    if model.batch.as_ref().is_some_and(|batch| batch.is_active() || batch.remaining > 0) {
        return;
    }
    let Some(unfinished) = model.unfinished_batches.pop() else { return };
    let text = format!(
        "{} of {} lines of {} have not been started. Press b to continue.",
        unfinished.unsent, unfinished.lines, unfinished.file
    );
    model.notices.show(Level::Error, text, model.now);
    let batch =
        Batch::new(unfinished.file, unfinished.machine_name, unfinished.lines, unfinished.unsent, Stage::Stopped(None));
    model.batch = Some(Batch { id: Some(unfinished.id), ..batch });
}

/// Handles a key on the batch page; `None` if the key has no meaning there.
pub(in crate::app) fn press(model: &mut Model, action: Option<Action>) -> Option<Vec<Effect>> {
    if action == Some(Action::ContinueBatch) && start::edit::refuse_read_only(model) {
        return Some(Vec::new());
    }
    let batch = model.batch.as_mut()?;
    let id = batch.id?;
    match (action?, &batch.stage) {
        (Action::ContinueBatch, Stage::Stopped(_)) if batch.remaining > 0 => {
            batch.stage = Stage::Sending;
            Some(vec![Effect::SendBatch(id)])
        }
        (Action::StopBatch, Stage::Sending) => {
            batch.stage = Stage::Stopping;
            Some(vec![Effect::StopBatch])
        }
        (Action::ForgetBatch, Stage::Stopped(_)) => {
            model.batch = None;
            model.overlay = Overlay::None;
            let text = "The unsent lines were forgotten.";
            model.notices.show(Level::Info, text, model.now);
            next_unfinished(model);
            Some(vec![Effect::ForgetBatch(id)])
        }
        _ => None,
    }
}

/// Handles the result of a line.
pub(in crate::app) fn on_line_finished(
    model: &mut Model,
    order: StartOrder,
    record: Option<StartRequestId>,
    settled: Settled,
) -> Vec<Effect> {
    let Some(batch) = &mut model.batch else { return Vec::new() };
    batch.remaining = batch.remaining.saturating_sub(1);
    match settled {
        Settled::Confirmed(started) => {
            batch.confirmed += 1;
            let (id, effects) = start::update::confirm(model, order, &started);
            // Select something, but never move the user's selection.
            if model.executions.selected().is_none() {
                model.executions.select(Some(id));
            }
            effects
        }
        Settled::Unresolved(start) => {
            batch.unresolved += 1;
            start::update::add_unresolved(model, UnresolvedStart { request_id: start.request_id.or(record), ..*start })
                .1
        }
        Settled::Refused(failure) => {
            batch.refused += 1;
            let text = format!("{} was not started: {failure}", order.name);
            model.notices.log(Level::Error, text, model.now);
            batch.first_refusal.get_or_insert_with(|| failure.to_string());
            Vec::new()
        }
        Settled::NeverStarted => Vec::new(),
    }
}

/// Handles that the batch waits for new credentials, or no longer does.
pub(in crate::app) fn on_locked_out(model: &mut Model, why: Option<Failure>) {
    let Some(batch) = &mut model.batch else { return };
    if let Some(failure) = &why {
        let text = format!("{} waits for new credentials: {failure}", batch.file);
        model.notices.show(Level::Error, text, model.now);
    }
    batch.locked_out = why;
}

/// Handles that no more lines are sent.
pub(in crate::app) fn on_stopped(model: &mut Model, why: Option<Failure>) {
    let Some(batch) = &mut model.batch else { return };
    let text = match (&why, batch.remaining) {
        (_, 0) => format!("{}: {}", batch.file, summary(batch)),
        (Some(failure), remaining) => {
            format!("{} stopped, {remaining} lines remain: {failure} Press b to continue.", batch.file)
        }
        (None, remaining) => format!("{} stopped, {remaining} lines remain. Press b to continue.", batch.file),
    };
    let is_success = why.is_none() && (batch.remaining > 0 || batch.refused + batch.unresolved == 0);
    let level = if is_success { Level::Info } else { Level::Error };
    batch.locked_out = None;
    batch.stage = if batch.remaining == 0 { Stage::Done } else { Stage::Stopped(why) };
    model.notices.show(level, text, model.now);
}

fn summary(batch: &Batch) -> String {
    format!("{} started, {} refused, {} unresolved", batch.confirmed, batch.refused, batch.unresolved)
}
