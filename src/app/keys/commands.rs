//! Opening the command palette, and its keys.

use crate::app::keys::action::Action;
use crate::app::keys::key::Key;
use crate::app::keys::palette::Palette;
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;

/// Opens the palette.
pub(in crate::app) fn open(model: &mut Model) {
    let contexts = model.contexts();
    model.shell.open(Overlay::Palette(Box::new(Palette::new(
        model.keys.keymap(),
        &contexts,
        model.shell.is_read_only(),
    ))));
}

/// Handles a key in the palette and returns the action to perform.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Option<Action> {
    let Overlay::Palette(palette) = model.shell.overlay_mut() else { return None };
    match action {
        Some(Action::Up) => palette.step(-1),
        Some(Action::Down) => palette.step(1),
        Some(Action::Cancel) => model.shell.close_overlay(),
        Some(Action::Accept) => {
            let chosen = palette.selected().cloned();
            model.shell.close_overlay();
            let chosen = chosen?;
            if chosen.is_available {
                return Some(chosen.action);
            }
            let text = format!("{} is not available here: {}.", chosen.key, chosen.context.title());
            model.shell.show(Level::Info, text);
        }
        _ => {
            palette.field.press(key);
            palette.search();
        }
    }
    None
}
