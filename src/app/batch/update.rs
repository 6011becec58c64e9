//! Many starts from one file: asking for it, sending it, stopping, going on.

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

/// Shows the batch that there is, or asks for a file.
pub(in crate::app) fn open(model: &mut Model) {
    next_left(model);
    let has_rest = model.batch.as_ref().is_some_and(|batch| batch.is_active() || batch.left > 0);
    if has_rest {
        model.overlay = Overlay::Batch(0);
        return;
    }
    if start::edit::refuse_read_only(model) {
        return;
    }
    match (&model.not_kept, model.machines.selected()) {
        (Some(_), _) => {
            let text = "Batches need the history, which is not kept: an interrupted batch could not continue.";
            model.notices.say(Level::Error, text, model.now);
        }
        (None, Some(machine)) => model.overlay = Overlay::File(Box::new(FileForm::new(machine))),
        (None, None) => model.notices.say(Level::Info, "There is no machine to start.", model.now),
    }
}

/// A key in the form that asks for the file.
pub(in crate::app) fn press_file(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::File(form) = &mut model.overlay else { return Vec::new() };
    match action {
        Some(Action::Cancel) => model.overlay = Overlay::None,
        Some(Action::Accept) => match &form.lines {
            FileLines::Unread | FileLines::Faulty(_) if !form.path.text().trim().is_empty() => {
                form.lines = FileLines::Reading;
                return vec![Effect::ReadLines(form.path.text().trim().to_owned())];
            }
            FileLines::Ready(_) => return begin(model),
            FileLines::Unread | FileLines::Faulty(_) | FileLines::Reading => {}
        },
        _ => edit(form, |editor| editor.press(key)),
    }
    Vec::new()
}

/// Changes the path; what was found in another file does not count any more.
pub(in crate::app) fn edit(form: &mut FileForm, change: impl FnOnce(&mut Editor)) {
    let before = form.path.text();
    change(&mut form.path);
    if form.path.text() != before {
        form.lines = FileLines::Unread;
    }
}

/// The file has been read.
pub(in crate::app) fn lines(model: &mut Model, path: &str, result: Result<Vec<InputLine>, Vec<String>>) {
    if let Overlay::File(form) = &mut model.overlay
        && form.lines == FileLines::Reading
        && form.path.text().trim() == path
    {
        form.lines = match result {
            Ok(inputs) => FileLines::Ready(inputs),
            Err(faults) => FileLines::Faulty(faults),
        };
    }
}

/// Makes an order of each line.
fn begin(model: &mut Model) -> Vec<Effect> {
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
    model.batch = Some(Batch::new(file.clone(), machine.name, count, count, Stage::Writing));
    vec![Effect::BeginBatch(file, orders)]
}

/// The intents are written, or cannot be.
pub(in crate::app) fn begun(model: &mut Model, result: Result<BatchId, String>) -> Vec<Effect> {
    let Some(batch) = &mut model.batch else { return Vec::new() };
    match result {
        Ok(id) => {
            batch.id = Some(id);
            batch.stage = Stage::Going;
            vec![Effect::GoOn(id)]
        }
        Err(words) => {
            model.batch = None;
            model.overlay = Overlay::None;
            model.notices.say(Level::Error, format!("Nothing was sent: {words}"), model.now);
            Vec::new()
        }
    }
}

/// Batches of earlier launches wait to be gone on with.
pub(in crate::app) fn left(model: &mut Model, batches: Vec<UnsentBatch>) {
    model.batches_left = batches;
    model.batches_left.reverse();
    next_left(model);
}

/// The next one that waits, if nothing else is being done.
fn next_left(model: &mut Model) {
    if model.batch.as_ref().is_some_and(|batch| batch.is_active() || batch.left > 0) {
        return;
    }
    let Some(left) = model.batches_left.pop() else { return };
    let text =
        format!("{} of {} lines of {} have not been started. Press b to go on.", left.unsent, left.lines, left.file);
    model.notices.say(Level::Error, text, model.now);
    let batch = Batch::new(left.file, left.machine_name, left.lines, left.unsent, Stage::Stopped(None));
    model.batch = Some(Batch { id: Some(left.id), ..batch });
}

/// A key on the batch's page; `None` for one that means nothing here.
pub(in crate::app) fn press(model: &mut Model, action: Option<Action>) -> Option<Vec<Effect>> {
    if action == Some(Action::GoOn) && start::edit::refuse_read_only(model) {
        return Some(Vec::new());
    }
    let batch = model.batch.as_mut()?;
    let id = batch.id?;
    match (action?, &batch.stage) {
        (Action::GoOn, Stage::Stopped(_)) if batch.left > 0 => {
            batch.stage = Stage::Going;
            Some(vec![Effect::GoOn(id)])
        }
        (Action::StopBatch, Stage::Going) => {
            batch.stage = Stage::Stopping;
            Some(vec![Effect::StopBatch])
        }
        (Action::ForgetBatch, Stage::Stopped(_)) => {
            model.batch = None;
            model.overlay = Overlay::None;
            let text = "The lines that had not been started are forgotten.";
            model.notices.say(Level::Info, text, model.now);
            next_left(model);
            Some(vec![Effect::ForgetBatch(id)])
        }
        _ => None,
    }
}

/// A line was answered.
pub(in crate::app) fn answered(
    model: &mut Model,
    order: StartOrder,
    record: Option<StartRequestId>,
    settled: Settled,
) -> Vec<Effect> {
    let Some(batch) = &mut model.batch else { return Vec::new() };
    batch.left = batch.left.saturating_sub(1);
    match settled {
        Settled::Confirmed(started) => {
            batch.confirmed += 1;
            let (id, effects) = start::update::confirm(model, order, &started);
            // Something to look at; what is being looked at stays.
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
            model.notices.note(Level::Error, text, model.now);
            batch.first_refusal.get_or_insert_with(|| failure.to_string());
            Vec::new()
        }
        Settled::NeverStarted => Vec::new(),
    }
}

/// Handles that the batch waits for new credentials, or no longer does.
pub(in crate::app) fn waits(model: &mut Model, why: Option<Failure>) {
    let Some(batch) = &mut model.batch else { return };
    if let Some(failure) = &why {
        let text = format!("{} waits for new credentials: {failure}", batch.file);
        model.notices.say(Level::Error, text, model.now);
    }
    batch.locked_out = why;
}

/// Nothing more is sent.
pub(in crate::app) fn over(model: &mut Model, why: Option<Failure>) {
    let Some(batch) = &mut model.batch else { return };
    let text = match (&why, batch.left) {
        (_, 0) => format!("{}: {}", batch.file, summary(batch)),
        (Some(failure), left) => format!("{} stopped, {left} lines wait: {failure} Press b to go on.", batch.file),
        (None, left) => format!("{} stopped, {left} lines wait. Press b to go on.", batch.file),
    };
    let is_well = why.is_none() && (batch.left > 0 || batch.refused + batch.unresolved == 0);
    let level = if is_well { Level::Info } else { Level::Error };
    batch.locked_out = None;
    batch.stage = if batch.left == 0 { Stage::Done } else { Stage::Stopped(why) };
    model.notices.say(level, text, model.now);
}

fn summary(batch: &Batch) -> String {
    format!("{} started, {} refused, {} unresolved", batch.confirmed, batch.refused, batch.unresolved)
}
