//! Keys in the start form.

use crate::app::action::Action;
use crate::app::editor::Editor;
use crate::app::form::{Field, Form, Stage};
use crate::app::key::{Key, KeyCode};
use crate::app::machines::MachineIndex;
use crate::app::model::{Model, Overlay, PendingStart};
use crate::app::msg::Effect;
use crate::app::notice::Level;

/// Opens the form of a machine: what was left unfinished before, or a new one.
pub(super) fn open(model: &mut Model, index: MachineIndex) {
    if refuse_read_only(model) {
        return;
    }
    let Some(machine) = model.machines.get(index) else { return };
    let input = machine.input.clone();
    // What came back with a reason goes before what was only left.
    let of_machine = |form: &Form| form.machine == index;
    let refused = |form: &Form| of_machine(form) && matches!(form.stage, Stage::Refused(_));
    let place = model.drafts.iter().rposition(refused).or_else(|| model.drafts.iter().rposition(of_machine));
    let kept = place.map(|place| model.drafts.remove(place));
    let form = kept.or_else(|| {
        let name = model.generate_name()?;
        Some(Form::new(index, input.as_str(), name))
    });
    if let Some(form) = form {
        model.overlay = Overlay::Start(Box::new(form));
    }
}

/// Opens a new form with the input of the selected execution.
pub(super) fn open_again(model: &mut Model) {
    if refuse_read_only(model) {
        return;
    }
    let Some(row) = model.executions.selected() else {
        model.notices.say(Level::Info, "No execution is chosen that could be started again.", model.now);
        return;
    };
    let found = model.machines.find(&row.machine, &row.endpoint);
    let input = row.input.clone();
    let Some(index) = found else { return };
    if let Some(name) = model.generate_name() {
        model.machines.select(index.0);
        model.overlay = Overlay::Start(Box::new(Form::new(index, input.as_str(), name)));
    }
}

fn refuse_read_only(model: &mut Model) -> bool {
    if model.read_only {
        let text = "The configuration says read-only = true: nothing can be started here.";
        model.notices.say(Level::Info, text, model.now);
    }
    model.read_only
}

pub(super) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Start(form) = &mut model.overlay else { return Vec::new() };
    let is_sent = matches!(form.stage, Stage::Sent(_));
    match action {
        Some(Action::Preset | Action::EditExternally) if is_sent => {}
        Some(Action::Submit) => return submit(model),
        Some(Action::Cancel) => set_aside(model),
        Some(Action::NextField) => {
            form.field = match form.field {
                Field::Name => Field::Input,
                Field::Input => Field::Name,
            };
        }
        Some(Action::Preset) => {
            let preset = model.machines.get(form.machine).and_then(|machine| form.next_preset(machine));
            let text = match preset {
                Some(name) => format!("The input is now the preset `{name}`; undo brings the former one back."),
                None => "This machine has no presets in the configuration.".to_owned(),
            };
            model.notices.say(Level::Info, text, model.now);
        }
        Some(Action::EditExternally) => return vec![Effect::Edit(form.input.text())],
        Some(Action::Undo) => form.edit(Editor::undo),
        Some(Action::Redo) => form.edit(Editor::redo),
        // In the name there is nothing to break; Enter means that the name is done.
        None if key.code == KeyCode::Enter && form.field == Field::Name => form.field = Field::Input,
        _ => form.press(key),
    }
    Vec::new()
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
    let Some(order) = form.order(machine) else {
        let wrong = form
            .name_error()
            .map(|error| error.to_string())
            .or_else(|| form.input_error().map(|error| format!("the input: {error}")));
        if form.name_error().is_some() {
            form.field = Field::Name;
        }
        model.notices.say(Level::Error, format!("Nothing was sent: {}", wrong.unwrap_or_default()), model.now);
        return Vec::new();
    };
    form.send(id, order.clone());
    model.notices.dismiss();
    model.starts.push(PendingStart { id, machine: form.machine, order: order.clone() });
    vec![Effect::Start(id, order)]
}

/// Leaves the form; what was typed is there when it is opened again.
fn set_aside(model: &mut Model) {
    if let Overlay::Start(form) = std::mem::replace(&mut model.overlay, Overlay::None) {
        if matches!(form.stage, Stage::Sent(_)) {
            model.notices.say(Level::Info, "The start goes on by itself.", model.now);
        }
        model.drafts.push(*form);
    }
}

/// The user's editor is done.
pub(super) fn edited(model: &mut Model, result: Result<String, String>) {
    match (result, &mut model.overlay) {
        (Ok(text), Overlay::Start(form)) => {
            if text.trim_end_matches('\n') != form.input.text() {
                form.replace_input(&text);
            }
        }
        (Ok(_), _) => {}
        (Err(words), _) => model.notices.say(Level::Error, words, model.now),
    }
}
