//! Choosing an input for the start form: presets and earlier inputs.

use std::cmp::Reverse;

use crate::app::effect::Effect;
use crate::app::keys::action::Action;
use crate::app::keys::key::Key;
use crate::app::list::row::Row;
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use crate::app::start::input_picker::InputPicker;
use stepgate_core::domain::EarlierInput;

/// Opens the picker over the form and requests earlier inputs from the store.
pub(in crate::app) fn open(model: &mut Model) -> Vec<Effect> {
    let Overlay::Start(form) = model.shell.take_overlay() else { return Vec::new() };
    let machine = model.list.machines().get(form.machine);
    let key = machine.and_then(|machine| {
        Some((model.shell.endpoints().gateway_of(&machine.endpoint)?.clone(), machine.arn.clone()))
    });
    let rows =
        model.list.executions().rows().filter(|row| {
            machine.is_some_and(|machine| machine.arn == row.machine && machine.endpoint == row.endpoint)
        });
    let sent = |row: &Row| {
        Some(EarlierInput { arn: row.arn.clone(), started: row.started, input: row.input_to_send()?.clone() })
    };
    let mut known: Vec<EarlierInput> = rows.filter_map(sent).collect();
    known.sort_by_key(|input| Reverse(input.started));
    let mut picker = InputPicker::new(form, machine);
    picker.add(known, model.shell.now(), model.shell.zone());
    model.shell.open(Overlay::Inputs(Box::new(picker)));
    key.map(|(gateway, arn)| Effect::ReadInputs(gateway, arn)).into_iter().collect()
}

/// Adds earlier inputs from the store.
pub(in crate::app) fn on_inputs_read(model: &mut Model, inputs: Vec<EarlierInput>) {
    let (now, zone) = (model.shell.now(), model.shell.zone().clone());
    let Overlay::Inputs(picker) = model.shell.overlay_mut() else { return };
    // A late reply may be about another machine.
    let machine = model.list.machines().get(picker.form.machine).map(|machine| machine.arn.unqualified());
    let inputs = inputs.into_iter().filter(|input| Some(input.arn.machine()) == machine);
    picker.add(inputs.collect(), now, &zone);
}

/// Handles a key in the picker.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) {
    let Overlay::Inputs(picker) = model.shell.overlay_mut() else { return };
    match action {
        Some(Action::Up) => picker.step(-1),
        Some(Action::Down) => picker.step(1),
        Some(Action::Accept | Action::Cancel) => {
            let Overlay::Inputs(picker) = model.shell.take_overlay() else { return };
            let chosen =
                picker.selected().filter(|_| action == Some(Action::Accept)).map(|choice| choice.input.clone());
            let mut form = picker.form;
            if let Some(input) = chosen {
                form.replace_input(input.as_str());
            }
            model.shell.open(Overlay::Start(form));
        }
        _ => {
            picker.field.press(key);
            picker.search();
        }
    }
}
