//! Keys in the command palette.

use crate::app::input::action::Action;
use crate::app::input::key::Key;
use crate::app::input::palette::Palette;
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;

/// Opens it.
pub(in crate::app) fn open(model: &mut Model) {
    let here = model.contexts();
    model.overlay = Overlay::Palette(Box::new(Palette::new(&model.keymap, &here, model.read_only)));
}

/// Handles a key in it. Returns the action to perform.
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
            if chosen.is_here {
                return Some(chosen.action);
            }
            let text = format!("{} is not available here: {}.", chosen.key, chosen.context.title());
            model.notices.say(Level::Info, text, model.now);
        }
        _ => {
            palette.field.press(key);
            palette.search();
        }
    }
    None
}
