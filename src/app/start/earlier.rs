//! Choosing an input for the start form: presets and earlier inputs.

use std::cmp::Reverse;

use crate::app::effect::Effect;
use crate::app::input::action::Action;
use crate::app::input::key::Key;
use crate::app::list::row::Row;
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use crate::app::start::inputs::InputPicker;
use stepgate_core::domain::EarlierInput;

/// Opens the picker over the form and requests earlier inputs from the store.
pub(in crate::app) fn open(model: &mut Model) -> Vec<Effect> {
    let Overlay::Start(form) = std::mem::replace(&mut model.overlay, Overlay::None) else { return Vec::new() };
    let machine = model.machines.get(form.machine);
    let key = machine.and_then(|machine| Some((model.gateway_of(&machine.endpoint)?.clone(), machine.arn.clone())));
    let rows = model
        .executions
        .rows()
        .filter(|row| machine.is_some_and(|machine| machine.arn == row.machine && machine.endpoint == row.endpoint));
    let sent = |row: &Row| {
        Some(EarlierInput { arn: row.arn.clone(), started: row.started, input: row.input_to_send()?.clone() })
    };
    let mut known: Vec<EarlierInput> = rows.filter_map(sent).collect();
    known.sort_by_key(|input| Reverse(input.started));
    let mut picker = InputPicker::new(form, machine);
    picker.add(known, model.now, &model.zone);
    model.overlay = Overlay::Inputs(Box::new(picker));
    key.map(|(gateway, arn)| Effect::ReadInputs(gateway, arn)).into_iter().collect()
}

/// Adds earlier inputs from the store.
pub(in crate::app) fn on_inputs_read(model: &mut Model, inputs: Vec<EarlierInput>) {
    let Overlay::Inputs(picker) = &mut model.overlay else { return };
    // A late reply may be about another machine.
    let machine = model.machines.get(picker.form.machine).map(|machine| machine.arn.unqualified());
    let inputs = inputs.into_iter().filter(|input| Some(input.arn.machine()) == machine);
    picker.add(inputs.collect(), model.now, &model.zone);
}

/// Handles a key in the picker.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) {
    let Overlay::Inputs(picker) = &mut model.overlay else { return };
    match action {
        Some(Action::Up) => picker.step(-1),
        Some(Action::Down) => picker.step(1),
        Some(Action::Accept | Action::Cancel) => {
            let Overlay::Inputs(picker) = std::mem::replace(&mut model.overlay, Overlay::None) else { return };
            let chosen =
                picker.selected().filter(|_| action == Some(Action::Accept)).map(|choice| choice.input.clone());
            let mut form = picker.form;
            if let Some(input) = chosen {
                form.replace_input(input.as_str());
            }
            model.overlay = Overlay::Start(form);
        }
        _ => {
            picker.field.press(key);
            picker.search();
        }
    }
}
