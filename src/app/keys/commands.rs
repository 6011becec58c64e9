//! Opening the command palette, and its keys.

use crate::app::keys::action::Action;
use crate::app::keys::key::Key;
use crate::app::keys::palette::Palette;
use crate::app::model::Model;
use crate::app::shell::endpoint_choice::ALL;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;

/// Opens the palette.
pub(in crate::app) fn open(model: &mut Model) {
    let contexts = model.contexts();
    let palette = Palette::new(model.keys.keymap(), &contexts, model.shell.is_read_only());
    let endpoints = model.shell.endpoints().list().iter().map(|endpoint| endpoint.name.as_str());
    let palette = palette.with_endpoints(std::iter::once(ALL).chain(endpoints));
    model.shell.open(Overlay::Palette(Box::new(palette)));
}

/// What was chosen in the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) enum Chosen {
    /// An action.
    Action(Action),
    /// The endpoint to show, by its name.
    Endpoint(String),
}

/// Handles a key in the palette and returns what was chosen.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Option<Chosen> {
    let Overlay::Palette(palette) = model.shell.overlay_mut() else { return None };
    match action {
        Some(Action::Up) => palette.step(-1),
        Some(Action::Down) => palette.step(1),
        Some(Action::Cancel) => model.shell.close_overlay(),
        Some(Action::Accept) => {
            let (chosen, typed) = (palette.selected().cloned(), palette.typed_endpoint());
            model.shell.close_overlay();
            // What was typed in full precedes a name that merely contains it; an unknown name is reported.
            let Some(chosen) = chosen else { return typed.map(Chosen::Endpoint) };
            if chosen.is_available {
                return Some(chosen.argument.map_or(Chosen::Action(chosen.action), Chosen::Endpoint));
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
