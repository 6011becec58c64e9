//! The machine picker.

use crate::app::effect::Effect;
use crate::app::keys::action::Action;
use crate::app::keys::key::Key;
use crate::app::list::machines::Picker;
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use crate::app::start;

/// Opens the picker, or the start form if there is only one machine.
pub(in crate::app) fn open(model: &mut Model) {
    match (model.list.machines().shown().count(), model.list.machines().selected()) {
        (1, Some(only)) => start::edit::open(model, only),
        _ => model.shell.open(Overlay::Pick(Picker::new(model.list.machines()))),
    }
}

pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Pick(picker) = model.shell.overlay_mut() else { return Vec::new() };
    match action {
        Some(Action::Cancel) => model.shell.close_overlay(),
        Some(Action::Up) => picker.step(-1),
        Some(Action::Down) => picker.step(1),
        Some(Action::Accept) => {
            if let Some(index) = picker.selected() {
                model.list.machines_mut().select(index);
                model.shell.close_overlay();
                start::edit::open(model, index);
            }
        }
        _ => {
            picker.field.press(key);
            picker.search(model.list.machines());
        }
    }
    Vec::new()
}
