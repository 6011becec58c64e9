//! The machine picker.

use crate::app::effect::Effect;
use crate::app::input::action::Action;
use crate::app::input::key::Key;
use crate::app::list::machines::Picker;
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use crate::app::start;

/// Opens the picker, or the start form if there is only one machine.
pub(in crate::app) fn open(model: &mut Model) {
    match (model.machines.list().len(), model.machines.selected()) {
        (1, Some(only)) => start::edit::open(model, only),
        _ => model.overlay = Overlay::Pick(Picker::new(&model.machines)),
    }
}

pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Pick(picker) = &mut model.overlay else { return Vec::new() };
    match action {
        Some(Action::Cancel) => model.overlay = Overlay::None,
        Some(Action::Up) => picker.step(-1),
        Some(Action::Down) => picker.step(1),
        Some(Action::Accept) => {
            if let Some(index) = picker.selected() {
                model.machines.select(index.0);
                model.overlay = Overlay::None;
                start::edit::open(model, index);
            }
        }
        _ => {
            picker.field.press(key);
            picker.search(&model.machines);
        }
    }
    Vec::new()
}
