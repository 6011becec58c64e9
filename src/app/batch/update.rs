//! Many starts from one file: choosing the file, sending, stopping and continuing.

use crate::app::batch::unfinished::next_unfinished;
use crate::app::batch::{Batch, FileForm, FileLines, MOST_SELECTED, Stage, forget, line, page};
use crate::app::effect::Effect;
use crate::app::guard::Purpose;
use crate::app::keys::action::Action;
use crate::app::keys::editor::Editor;
use crate::app::keys::histories::LineKind;
use crate::app::keys::key::Key;
use crate::app::model::Model;
use crate::app::shell::notice::{About, Level};
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::app::{guard, start};
use stepgate_core::domain::{
    BatchId, BatchPage, BatchQuery, Failure, InputLine, LineOrder, NameOrigin, Permit, Settled, StartOrder,
    StartRequestId, UnresolvedStart,
};

impl Model {
    /// Returns whether a batch can be started or continued.
    pub(crate) fn can_start_many(&self) -> bool {
        let can_start = !self.shell.is_read_only() && self.list.store_error().is_none();
        self.batches.has_rest() || can_start && self.list.machines().selected().is_some()
    }
}

/// Shows the current batch, or the file form.
pub(in crate::app) fn open(model: &mut Model) {
    next_unfinished(model);
    model.batches.lines_mut().reopen();
    if model.batches.has_rest() {
        model.shell.open(Overlay::Batch);
        return;
    }
    if start::edit::refuse_read_only(model) {
        return;
    }
    match (model.list.store_error(), model.list.machines().selected()) {
        (Some(_), _) => {
            let text = "Batches need the store, which cannot be used: an interrupted batch could not continue.";
            model.shell.reply(Level::Error, text);
        }
        (None, Some(machine)) => model.shell.open(Overlay::File(Box::new(FileForm::new(machine)))),
        (None, None) => model.shell.reply(Level::Info, "No machine to start."),
    }
}

/// Handles a key in the file form.
pub(in crate::app) fn press_file(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::File(form) = model.shell.overlay_mut() else { return Vec::new() };
    match action {
        Some(Action::Cancel) => model.shell.close_overlay(),
        Some(Action::Accept) => match &form.lines {
            FileLines::Unread | FileLines::Invalid(_) if !form.path.text().trim().is_empty() => {
                form.lines = FileLines::Reading;
                model.keys.histories_mut().remember(LineKind::ReadFile, form.path.text().trim());
                return vec![Effect::ReadLines(form.path.text().trim().to_owned())];
            }
            FileLines::Ready(_) => return record(model, None),
            FileLines::Unread | FileLines::Invalid(_) | FileLines::Reading => {}
        },
        Some(Action::Up | Action::Down) => {
            let lines = model.keys.histories().of(LineKind::ReadFile);
            edit(form, |editor| {
                editor.recall(lines, action == Some(Action::Up));
            });
        }
        _ => edit(form, |editor| editor.press(key)),
    }
    Vec::new()
}

/// Changes the path, which discards the contents of the previous file.
pub(in crate::app) fn edit(form: &mut FileForm, change: impl FnOnce(&mut Editor)) {
    let before = form.path.text().to_owned();
    change(&mut form.path);
    if form.path.text() != before {
        form.lines = FileLines::Unread;
    }
}

/// Handles the contents of the file.
pub(in crate::app) fn on_lines_read(model: &mut Model, path: &str, result: Result<Vec<InputLine>, Vec<String>>) {
    if let Overlay::File(form) = model.shell.overlay_mut()
        && form.lines == FileLines::Reading
        && form.path.text().trim() == path
    {
        form.lines = match result {
            Ok(inputs) => FileLines::Ready(inputs),
            Err(errors) => FileLines::Invalid(errors),
        };
    }
}

/// Creates an order for each line and records them, or asks for the permission.
pub(in crate::app) fn record(model: &mut Model, permit: Option<Permit>) -> Vec<Effect> {
    let Overlay::File(form) = model.shell.take_overlay() else { return Vec::new() };
    let Some(machine) = model.list.machines().get(form.machine).cloned() else { return Vec::new() };
    let Some(gateway) = model.shell.endpoints().gateway_of(&machine.endpoint).cloned() else { return Vec::new() };
    let guard = guard::update::guard(model, [(&gateway, &machine.endpoint)]);
    let Some(permit) = permit.or_else(|| guard.permit("")) else {
        guard::update::open(model, Purpose::StartMany(form), guard);
        return Vec::new();
    };
    let FileLines::Ready(inputs) = form.lines else { return Vec::new() };
    model.shell.open(Overlay::Batch);
    let file = form.path.text().trim().to_owned();
    let mut orders = Vec::with_capacity(inputs.len());
    for InputLine { number, input } in inputs {
        let Some(name) = model.starts.generate_name(&machine.name) else { continue };
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
    let target = (gateway, machine.endpoint);
    let batch = Batch::new(file.clone(), machine.name, target, (count, count), Stage::Recording);
    model.batches.begin(Batch { permit: Some(permit), ..batch });
    vec![Effect::RecordBatch(file, orders)]
}

/// Handles that the start requests have been recorded, or could not be.
pub(in crate::app) fn on_recorded(model: &mut Model, result: Result<BatchId, String>) -> Vec<Effect> {
    let Some(batch) = model.batches.latest_mut() else { return Vec::new() };
    match result {
        Ok(id) => {
            batch.id = Some(id);
            batch.stage = Stage::Sending;
            let permit = batch.permit.clone();
            model.batches.lines_mut().set_stale();
            permit.map(|permit| Effect::SendBatch(id, permit)).into_iter().collect()
        }
        Err(message) => {
            model.batches.forget();
            forget::close_page(model);
            model.shell.show(Level::Error, format!("Nothing was sent: {message}"));
            Vec::new()
        }
    }
}

/// Handles a key on the batch page; `None` if the key has no meaning there.
pub(in crate::app) fn press(model: &mut Model, action: Option<Action>) -> Option<Vec<Effect>> {
    if action == Some(Action::ContinueBatch) && start::edit::refuse_read_only(model) {
        return Some(Vec::new());
    }
    match action {
        Some(Action::Cancel) => {
            model.shell.close_overlay();
            select_started(model);
            return Some(Vec::new());
        }
        Some(Action::OnlyFailed) => {
            model.batches.lines_mut().toggle_filter();
            return Some(Vec::new());
        }
        Some(Action::Open) => return Some(line::open(model)),
        Some(Action::ForgetBatch) => {
            forget::open(model);
            return Some(Vec::new());
        }
        _ => {}
    }
    let batch = model.batches.latest_mut()?;
    let id = batch.id?;
    match (action?, &batch.stage) {
        (Action::ContinueBatch, Stage::Stopped(_)) if batch.remaining > 0 => Some(continue_batch(model, id)),
        (Action::StopBatch, Stage::Sending) => {
            batch.stage = Stage::Stopping;
            Some(vec![Effect::StopBatch])
        }
        _ => None,
    }
}

/// Sends the unsent lines of a batch, or asks for the permission.
fn continue_batch(model: &mut Model, id: BatchId) -> Vec<Effect> {
    let target = model.batches.latest().map(|batch| (&batch.target.0, &batch.target.1));
    let guard = guard::update::guard(model, target);
    if let Some(permit) = guard.permit("") {
        return send_rest(model, id, permit);
    }
    guard::update::open(model, Purpose::ContinueBatch(id), guard);
    Vec::new()
}

/// Sends the unsent lines of a batch that has stopped.
pub(in crate::app) fn send_rest(model: &mut Model, id: BatchId, permit: Permit) -> Vec<Effect> {
    let is_meant = |batch: &&mut Batch| batch.id == Some(id) && batch.can_continue();
    let Some(batch) = model.batches.latest_mut().filter(is_meant) else { return Vec::new() };
    batch.stage = Stage::Sending;
    vec![Effect::SendBatch(id, permit)]
}

/// Moves the cursor by a number of lines, down if positive.
pub(in crate::app) fn step(model: &mut Model, by: isize) {
    model.batches.lines_mut().step(by);
}

/// Selects what a finished batch has started: the newest row, and if there are several, all of them are marked.
fn select_started(model: &mut Model) {
    let Some(batch) = model.batches.latest_mut().filter(|batch| batch.stage == Stage::Done) else { return };
    let started = std::mem::take(&mut batch.started);
    let Some(newest) = started.last().copied() else { return };
    let executions = model.list.executions_mut();
    executions.unmark_all();
    executions.select(Some(newest));
    if (2..=MOST_SELECTED).contains(&started.len()) {
        executions.mark(started);
    }
    model.shell.set_focus(Pane::Executions);
}

/// Returns the lines to read now, while the page is open.
pub(in crate::app) fn due_read(model: &mut Model) -> Option<Effect> {
    if !model.shell.overlay().is_batch_page() {
        return None;
    }
    let batch = model.batches.latest()?.id?;
    let (height, now) = (page::height(model), model.shell.now());
    model.batches.lines_mut().due(batch, height, now).map(Effect::ReadBatchLines)
}

/// Handles lines of the batch.
pub(in crate::app) fn on_batch_lines(model: &mut Model, query: BatchQuery, result: Result<BatchPage, String>) {
    model.batches.lines_mut().on_read(query, result);
}

/// Handles the result of a line.
pub(in crate::app) fn on_line_finished(
    model: &mut Model,
    order: StartOrder,
    record: Option<StartRequestId>,
    settled: Settled,
) -> Vec<Effect> {
    model.batches.lines_mut().set_stale();
    let Some(batch) = model.batches.latest_mut() else { return Vec::new() };
    batch.remaining = batch.remaining.saturating_sub(1);
    match settled {
        Settled::Confirmed(started) => {
            batch.confirmed += 1;
            let (id, effects) = start::update::confirm(model, order, &started);
            if let Some(batch) = model.batches.latest_mut().filter(|batch| batch.started.len() <= MOST_SELECTED) {
                batch.started.push(id);
            }
            // Select something, but never move the user's selection.
            if model.list.executions().selected().is_none() {
                model.list.executions_mut().select(Some(id));
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
            model.shell.log(Level::Error, text);
            Vec::new()
        }
        Settled::NeverStarted => Vec::new(),
    }
}

/// Handles that the batch waits for new credentials, or no longer does.
pub(in crate::app) fn on_locked_out(model: &mut Model, why: Option<Failure>) {
    let Some(batch) = model.batches.latest_mut() else { return };
    if let Some(failure) = &why {
        let text = format!("{} waits for new credentials: {failure}", batch.file);
        model.shell.show_about(About::Batch, Level::Error, text);
    }
    batch.locked_out = why;
}

/// Handles that no more lines are sent.
pub(in crate::app) fn on_stopped(model: &mut Model, why: Option<Failure>) -> Vec<Effect> {
    model.batches.lines_mut().set_stale();
    let Some(batch) = model.batches.latest_mut() else { return Vec::new() };
    if let Some(id) = batch.id.filter(|_| batch.is_forgotten && batch.remaining > 0) {
        return forget::forget(model, id);
    }
    let text = match (&why, batch.remaining) {
        (_, 0) => format!("{}: {}", batch.file, summary(batch)),
        (Some(failure), remaining) => {
            format!("{} stopped with {}: {failure} Press b to continue.", batch.file, page::unsent(remaining))
        }
        (None, remaining) => format!("{} stopped with {}. Press b to continue.", batch.file, page::unsent(remaining)),
    };
    let is_success = why.is_none() && (batch.remaining > 0 || batch.refused + batch.unresolved == 0);
    let level = if is_success { Level::Info } else { Level::Error };
    // A summary of what was done holds whatever happens next.
    let about = if batch.remaining == 0 { About::Event } else { About::Batch };
    batch.locked_out = None;
    batch.stage = if batch.remaining == 0 { Stage::Done } else { Stage::Stopped(why) };
    model.shell.show_about(about, level, text);
    Vec::new()
}

fn summary(batch: &Batch) -> String {
    format!("{} started, {} refused, {} unresolved", batch.confirmed, batch.refused, batch.unresolved)
}
