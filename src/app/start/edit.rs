//! The start form: opening it, its keys, submitting and closing it.

use crate::app::effect::Effect;
use crate::app::guard::Purpose;
use crate::app::keys::action::Action;
use crate::app::keys::editor::{Editor, edits};
use crate::app::keys::histories::LineKind;
use crate::app::keys::key::{Key, KeyCode};
use crate::app::list::machines::MachineIndex;
use crate::app::list::row::{PayloadLocation, Row, RowState};
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::start::form::{Field, Form, Stage};
use crate::app::{guard, start};
use stepgate_core::domain::{ExecutionId, NameOrigin, Payload, Permit};

/// Opens the start form of a machine: an unfinished draft, or a new form.
pub(in crate::app) fn open(model: &mut Model, index: MachineIndex) {
    if refuse_read_only(model) {
        return;
    }
    let Some(machine) = model.list.machines().get(index) else { return };
    let input = machine.input.clone();
    open_draft(model, index, &input, None);
}

/// Opens the unfinished form of a machine or of an execution to start `again`, or a new form with this input.
fn open_draft(model: &mut Model, index: MachineIndex, input: &Payload, again: Option<ExecutionId>) {
    let Some(machine) = model.list.machines().get(index) else { return };
    let draft = model.starts.take_draft(index, again);
    if draft.as_ref().is_some_and(|form| form.stage == Stage::Draft) {
        model.shell.reply(Level::Info, "Restored your last input. Ctrl-N clears the form.");
    }
    let form = draft.or_else(|| {
        let name = model.starts.generate_name(&machine.name)?;
        Some(Form::new(index, input.as_str(), name, again))
    });
    if let Some(form) = form {
        model.shell.open(Overlay::Start(Box::new(form)));
    }
}

impl Model {
    /// Returns whether the selected execution can be started again, as far as is known before its input is read.
    pub(crate) fn can_start_again(&self) -> bool {
        let can = |row: &Row| {
            let is_known = row.input_to_send().is_some()
                || row.payloads.is_coming()
                || row.payloads == PayloadLocation::Unreadable;
            is_known && machine_of(self, row).is_some()
        };
        !self.shell.is_read_only() && self.selected().is_some_and(can)
    }
}

/// Returns the machine in the configuration that starts an execution like this one.
fn machine_of(model: &Model, row: &Row) -> Option<MachineIndex> {
    let machines = model.list.machines();
    machines.find(&row.machine_name, &row.endpoint).or_else(|| machines.find_arn(&row.machine, &row.endpoint))
}

/// Opens the form for starting the selected execution again: an unfinished draft, or a new form with its input.
pub(in crate::app) fn open_again(model: &mut Model) {
    if refuse_read_only(model) {
        return;
    }
    let Some(row) = model.list.executions().selected() else {
        model.shell.reply(Level::Info, "No execution selected to start again.");
        return;
    };
    let Some(index) = machine_of(model, row) else {
        model.shell.reply(Level::Info, "Its machine is no longer in the configuration.");
        return;
    };
    let Some(input) = row.input_to_send().cloned() else {
        let text = format!("Without its input it cannot be started again. {}", row.payloads.why_absent());
        model.shell.reply(Level::Info, text);
        return;
    };
    let again = row.id;
    model.list.machines_mut().select(index);
    open_draft(model, index, &input, Some(again));
}

pub(in crate::app) fn refuse_read_only(model: &mut Model) -> bool {
    if model.shell.is_read_only() {
        let text = "Starting is disabled: the configuration says read-only = true.";
        model.shell.reply(Level::Info, text);
    }
    model.shell.is_read_only()
}

pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Start(form) = model.shell.overlay_mut() else { return Vec::new() };
    let is_sent = matches!(form.stage, Stage::Sent(_));
    // In the name, Ctrl-U deletes, as in all fields of one line.
    let action = action.filter(|_| form.field == Field::Input || !edits(key));
    match action {
        Some(Action::Inputs | Action::EditExternally | Action::Reset | Action::Format | Action::NextEndpoint)
            if is_sent => {}
        Some(Action::Format) => format(model),
        Some(Action::Submit) => return submit(model, None),
        Some(Action::Follow) => return start::update::follow(model),
        Some(Action::Reset) => reset(model),
        Some(Action::Cancel) => close(model),
        Some(Action::NextField) => {
            form.field = match form.field {
                Field::Name => Field::Input,
                Field::Input => Field::Name,
            };
        }
        Some(Action::NextEndpoint) => next_endpoint(model),
        Some(Action::Inputs) => return start::input_choice::open(model),
        Some(Action::EditExternally) => return vec![Effect::Edit(form.input.text().to_owned())],
        Some(Action::Undo) => form.edit(Editor::undo),
        Some(Action::Redo) => form.edit(Editor::redo),
        // A name has one line, so Enter moves to the input.
        None if key.code == KeyCode::Enter && form.field == Field::Name => form.field = Field::Input,
        None if matches!(key.code, KeyCode::Up | KeyCode::Down) && form.field == Field::Name => {
            let names = model.keys.histories().of(LineKind::Name);
            form.edit(|name| {
                name.recall(names, key.code == KeyCode::Up);
            });
        }
        _ => form.press(key),
    }
    Vec::new()
}

/// Makes the form start the machine on the next endpoint that has it.
fn next_endpoint(model: &mut Model) {
    let Overlay::Start(form) = model.shell.overlay_mut() else { return };
    match model.list.machines().on_next_endpoint(form.machine) {
        Some(index) => form.set_machine(index),
        None => model.shell.reply(Level::Info, "The machine is on no other endpoint."),
    }
}

/// Formats the input, or shows why not.
fn format(model: &mut Model) {
    let Overlay::Start(form) = model.shell.overlay_mut() else { return };
    match form.format() {
        Ok(true) => {}
        Ok(false) => model.shell.reply(Level::Info, "The input is already formatted."),
        Err(error) => model.shell.reply(Level::Error, format!("The input was not formatted: {error}.")),
    }
}

/// Replaces the form with a new one.
fn reset(model: &mut Model) {
    let Overlay::Start(form) = model.shell.overlay() else { return };
    let (index, again) = (form.machine, form.again());
    let of_execution = again.and_then(|id| model.list.executions().get(id)).and_then(Row::input_to_send).cloned();
    let Some(machine) = model.list.machines().get(index) else { return };
    let input = of_execution.unwrap_or_else(|| machine.input.clone());
    if let Some(name) = model.starts.generate_name(&machine.name) {
        model.shell.open(Overlay::Start(Box::new(Form::new(index, input.as_str(), name, again))));
    }
}

/// Sends the start request, unless it is in flight or invalid, or asks for the permission.
pub(in crate::app) fn submit(model: &mut Model, permit: Option<Permit>) -> Vec<Effect> {
    let Overlay::Start(form) = model.shell.overlay() else { return Vec::new() };
    if matches!(form.stage, Stage::Sent(_)) {
        return Vec::new();
    }
    let Some(machine) = model.list.machines().get(form.machine) else { return Vec::new() };
    let Some(gateway) = model.shell.endpoints().gateway_of(&machine.endpoint).cloned() else { return Vec::new() };
    let name = if form.needs_another_name(machine) { model.starts.generate_name(&machine.name) } else { None };
    let id = model.starts.next_id();
    let Overlay::Start(form) = model.shell.overlay_mut() else { return Vec::new() };
    if let Some(name) = name {
        form.rename(name);
    }
    let Some(order) = form.order(machine, gateway) else {
        let error =
            form.name_error().map(|error| error.to_string()).or_else(|| form.input_error().map(ToString::to_string));
        if form.name_error().is_some() {
            form.field = Field::Name;
        }
        model.shell.reply(Level::Error, format!("Nothing was sent: {}", error.unwrap_or_default()));
        return Vec::new();
    };
    // A second start request with this name may start a second execution.
    let before = model.list.executions().find(&order.gateway, &order.machine.execution(&order.name));
    if before.is_some_and(|row| matches!(row.state, RowState::Synchronous(_) | RowState::Unresolved(_))) {
        form.field = Field::Name;
        let text = format!("Nothing was sent: {} was sent before and is unresolved. Choose another name.", order.name);
        model.shell.reply(Level::Error, text);
        return Vec::new();
    }
    let guard = guard::update::guard(model, [(&order.gateway, &order.endpoint)]);
    let Some(permit) = permit.or_else(|| guard.permit("")) else {
        if let Overlay::Start(form) = model.shell.take_overlay() {
            guard::update::open(model, Purpose::Start(form), guard);
        }
        return Vec::new();
    };
    let Overlay::Start(form) = model.shell.overlay_mut() else { return Vec::new() };
    form.mark_sent(id, order.clone());
    if order.origin == NameOrigin::Chosen {
        model.keys.histories_mut().remember(LineKind::Name, order.name.as_str());
    }
    model.starts.add_pending(id, order.clone());
    start::synchronous::on_sent(model, &order);
    vec![Effect::Start(id, order, None, permit)]
}

/// Closes the form and keeps it as a draft.
fn close(model: &mut Model) {
    if let Overlay::Start(form) = model.shell.take_overlay() {
        if matches!(form.stage, Stage::Sent(_)) {
            model.shell.show(Level::Info, "The start continues in the background.");
        }
        model.starts.keep(*form);
    }
}

/// Handles the text from the user's editor.
pub(in crate::app) fn on_edited(model: &mut Model, result: Result<String, String>) -> Vec<Effect> {
    let text = match result {
        Ok(text) => text,
        Err(message) => {
            model.shell.reply(Level::Error, message);
            return Vec::new();
        }
    };
    // Keys typed ahead may have closed the form before the editor opened.
    let form = match model.shell.overlay_mut() {
        Overlay::Start(form) => Some(form.as_mut()),
        _ => model.starts.last_draft(),
    };
    match form {
        Some(form) if !matches!(form.stage, Stage::Sent(_)) => {
            if text.trim_end_matches('\n') != form.input.text() {
                form.replace_input(&text);
            }
            Vec::new()
        }
        _ => vec![Effect::RescueText(text)],
    }
}
