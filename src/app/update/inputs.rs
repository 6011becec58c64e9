//! Choosing an input for the start form: presets, and what was sent before.

use crate::app::action::Action;
use crate::app::inputs::InputPicker;
use crate::app::key::Key;
use crate::app::model::Model;
use crate::app::msg::Effect;
use crate::app::overlay::Overlay;
use crate::domain::EarlierInput;

/// Opens the choice over the form; what the store knows comes in behind.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Overlay::Start(form) = std::mem::replace(&mut model.overlay, Overlay::None) else { return Vec::new() };
    let machine = model.machines.get(form.machine);
    let asked = machine.and_then(|machine| Some((model.place_of(&machine.endpoint)?.clone(), machine.arn.clone())));
    model.overlay = Overlay::Inputs(Box::new(InputPicker::new(form, model)));
    asked.map(|(place, arn)| Effect::ReadInputs(place, arn)).into_iter().collect()
}

/// What the store knows has come.
pub(super) fn read(model: &mut Model, inputs: Vec<EarlierInput>) {
    // Put back below: where they are from is told in the model's zone.
    let Overlay::Inputs(mut picker) = std::mem::replace(&mut model.overlay, Overlay::None) else { return };
    // An answer that comes late may be of another machine.
    let machine = model.machines.get(picker.form.machine).map(|machine| machine.arn.unqualified());
    let inputs = inputs.into_iter().filter(|input| Some(input.arn.machine()) == machine);
    picker.add(inputs.collect(), model);
    model.overlay = Overlay::Inputs(picker);
}

/// A key in the choice.
pub(super) fn press(model: &mut Model, key: Key, action: Option<Action>) {
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
