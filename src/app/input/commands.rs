//! Opening the command palette, and its keys.

use crate::app::input::action::Action;
use crate::app::input::key::Key;
use crate::app::input::palette::Palette;
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;

/// Opens the palette.
pub(in crate::app) fn open(model: &mut Model) {
    let contexts = model.contexts();
    model.overlay = Overlay::Palette(Box::new(Palette::new(&model.keymap, &contexts, model.read_only)));
}

/// Handles a key in the palette and returns the action to perform.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Option<Action> {
    let Overlay::Palette(palette) = &mut model.overlay else { return None };
    match action {
        Some(Action::Up) => palette.step(-1),
        Some(Action::Down) => palette.step(1),
        Some(Action::Cancel) => model.overlay = Overlay::None,
        Some(Action::Accept) => {
            let chosen = palette.selected().cloned();
            model.overlay = Overlay::None;
            let chosen = chosen?;
            if chosen.is_available {
                return Some(chosen.action);
            }
            let text = format!("{} is not available here: {}.", chosen.key, chosen.context.title());
            model.notices.show(Level::Info, text, model.now);
        }
        _ => {
            palette.field.press(key);
            palette.search();
        }
    }
    None
}
