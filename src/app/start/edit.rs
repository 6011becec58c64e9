//! Keys in the start form.

use crate::app::effect::Effect;
use crate::app::input::action::Action;
use crate::app::input::editor::Editor;
use crate::app::input::key::{Key, KeyCode};
use crate::app::list::machines::MachineIndex;
use crate::app::list::row::RowState;
use crate::app::model::{Model, PendingStart};
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::start;
use crate::app::start::form::{Field, Form, Stage};

/// Opens the form of a machine: what was left unfinished before, or a new one.
pub(in crate::app) fn open(model: &mut Model, index: MachineIndex) {
    if refuse_read_only(model) {
        return;
    }
    let Some(machine) = model.machines.get(index) else { return };
    let input = machine.input.clone();
    // What came back with a reason goes before what was only left.
    let of_machine = |form: &Form| form.machine == index && !matches!(form.stage, Stage::Sent(_));
    let refused = |form: &Form| of_machine(form) && matches!(form.stage, Stage::Refused(_));
    let gateway = model.drafts.iter().rposition(refused).or_else(|| model.drafts.iter().rposition(of_machine));
    let kept = gateway.map(|gateway| model.drafts.remove(gateway));
    if kept.as_ref().is_some_and(|form| form.stage == Stage::Draft) {
        model.notices.say(Level::Info, "Restored your last input. Ctrl-N clears the form.", model.now);
    }
    let form = kept.or_else(|| {
        let name = model.generate_name()?;
        Some(Form::new(index, input.as_str(), name))
    });
    if let Some(form) = form {
        model.overlay = Overlay::Start(Box::new(form));
    }
}

/// Opens a new form with the input of the selected execution.
pub(in crate::app) fn open_again(model: &mut Model) {
    if refuse_read_only(model) {
        return;
    }
    let Some(row) = model.executions.selected() else {
        model.notices.say(Level::Info, "No execution selected to start again.", model.now);
        return;
    };
    let by_name = model.machines.find(&row.machine_name, &row.endpoint);
    let by_arn = || model.machines.find_arn(&row.machine, &row.endpoint);
    let words = match (by_name.or_else(by_arn), row.input_to_send()) {
        (None, _) => "Its machine is no longer in the configuration.".to_owned(),
        (_, None) => format!("Without its input it cannot be started again. {}", row.kept.why_absent()),
        (Some(_), Some(_)) => String::new(),
    };
    let (Some(index), Some(input)) = (by_name.or_else(by_arn), row.input_to_send().cloned()) else {
        model.notices.say(Level::Info, words, model.now);
        return;
    };
    if let Some(name) = model.generate_name() {
        model.machines.select(index.0);
        model.overlay = Overlay::Start(Box::new(Form::new(index, input.as_str(), name)));
    }
}

pub(in crate::app) fn refuse_read_only(model: &mut Model) -> bool {
    if model.read_only {
        let text = "The configuration says read-only = true: nothing can be started here.";
        model.notices.say(Level::Info, text, model.now);
    }
    model.read_only
}

pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Start(form) = &mut model.overlay else { return Vec::new() };
    let is_sent = matches!(form.stage, Stage::Sent(_));
    match action {
        Some(Action::Inputs | Action::EditExternally | Action::Reset) if is_sent => {}
        Some(Action::Submit) => return submit(model),
        Some(Action::Follow) => return start::update::follow(model),
        Some(Action::Reset) => reset(model),
        Some(Action::Cancel) => set_aside(model),
        Some(Action::NextField) => {
            form.field = match form.field {
                Field::Name => Field::Input,
                Field::Input => Field::Name,
            };
        }
        Some(Action::Inputs) => return start::earlier::open(model),
        Some(Action::EditExternally) => return vec![Effect::Edit(form.input.text())],
        Some(Action::Undo) => form.edit(Editor::undo),
        Some(Action::Redo) => form.edit(Editor::redo),
        // In the name there is nothing to break; Enter means that the name is done.
        None if key.code == KeyCode::Enter && form.field == Field::Name => form.field = Field::Input,
        _ => form.press(key),
    }
    Vec::new()
}

/// Puts a new form in the place of this one.
fn reset(model: &mut Model) {
    let Overlay::Start(form) = &model.overlay else { return };
    let index = form.machine;
    let Some(input) = model.machines.get(index).map(|machine| machine.input.clone()) else { return };
    if let Some(name) = model.generate_name() {
        model.notices.dismiss();
        model.overlay = Overlay::Start(Box::new(Form::new(index, input.as_str(), name)));
    }
}

/// Sends the start, unless it is on its way already or known to be wrong.
fn submit(model: &mut Model) -> Vec<Effect> {
    let needs_name = matches!(&model.overlay, Overlay::Start(form) if form.needs_another_name());
    let name = if needs_name { model.generate_name() } else { None };
    let id = model.next_start();
    let Overlay::Start(form) = &mut model.overlay else { return Vec::new() };
    if matches!(form.stage, Stage::Sent(_)) {
        return Vec::new();
    }
    if let Some(name) = name {
        form.rename(name);
    }
    let Some(machine) = model.machines.get(form.machine) else { return Vec::new() };
    let here = model.endpoints.iter().find(|endpoint| endpoint.name == machine.endpoint);
    let Some(gateway) = here.map(|endpoint| endpoint.gateway.clone()) else { return Vec::new() };
    let Some(order) = form.order(machine, gateway) else {
        let wrong =
            form.name_error().map(|error| error.to_string()).or_else(|| form.input_error().map(ToString::to_string));
        if form.name_error().is_some() {
            form.field = Field::Name;
        }
        model.notices.say(Level::Error, format!("Nothing was sent: {}", wrong.unwrap_or_default()), model.now);
        return Vec::new();
    };
    // A second start under its name may be a second execution.
    let before = model.executions.find(&order.gateway, &order.machine.execution(&order.name));
    if before.is_some_and(|row| matches!(row.standing, RowState::Unresolved(_))) {
        form.field = Field::Name;
        let text = format!("Nothing was sent: {} was sent before and is unresolved. Choose another name.", order.name);
        model.notices.say(Level::Error, text, model.now);
        return Vec::new();
    }
    form.send(id, order.clone());
    model.notices.dismiss();
    model.starts.push(PendingStart { id, order: order.clone() });
    vec![Effect::Start(id, order, None)]
}

/// Leaves the form; what was typed is there when it is opened again.
fn set_aside(model: &mut Model) {
    if let Overlay::Start(form) = std::mem::replace(&mut model.overlay, Overlay::None) {
        // What was said about the form goes with it.
        model.notices.dismiss();
        if matches!(form.stage, Stage::Sent(_)) {
            model.notices.say(Level::Info, "The start continues in the background.", model.now);
        }
        model.drafts.push(*form);
    }
}

/// The user's editor is done.
pub(in crate::app) fn edited(model: &mut Model, result: Result<String, String>) -> Vec<Effect> {
    let text = match result {
        Ok(text) => text,
        Err(words) => {
            model.notices.say(Level::Error, words, model.now);
            return Vec::new();
        }
    };
    // Keys that were typed ahead may have left the form before the editor came up.
    let form = match &mut model.overlay {
        Overlay::Start(form) => Some(form.as_mut()),
        _ => model.drafts.last_mut(),
    };
    match form {
        Some(form) if !matches!(form.stage, Stage::Sent(_)) => {
            if text.trim_end_matches('\n') != form.input.text() {
                form.replace_input(&text);
            }
            Vec::new()
        }
        _ => vec![Effect::KeepText(text)],
    }
}
