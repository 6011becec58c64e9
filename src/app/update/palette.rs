//! Keys in the command palette.

use crate::app::action::Action;
use crate::app::key::Key;
use crate::app::model::Model;
use crate::app::msg::Effect;
use crate::app::notice::Level;
use crate::app::overlay::Overlay;
use crate::app::palette::Palette;
use crate::app::update::{browse, timeline};

/// Opens it.
pub(super) fn open(model: &mut Model) {
    let here = model.contexts();
    model.overlay = Overlay::Palette(Box::new(Palette::new(&model.keymap, &here, model.read_only)));
}

/// A key in it.
pub(super) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Palette(palette) = &mut model.overlay else { return Vec::new() };
    match action {
        Some(Action::Up) => palette.step(-1),
        Some(Action::Down) => palette.step(1),
        Some(Action::Cancel) => model.overlay = Overlay::None,
        Some(Action::Accept) => {
            let chosen = palette.selected().cloned();
            model.overlay = Overlay::None;
            let Some(chosen) = chosen else { return Vec::new() };
            if chosen.is_here {
                return perform(model, chosen.action);
            }
            let text = format!("{} is not available here: {}.", chosen.key, chosen.context.title());
            model.notices.say(Level::Info, text, model.now);
        }
        _ => {
            palette.field.press(key);
            palette.search();
        }
    }
    Vec::new()
}

/// Does what a key for it would do.
pub(super) fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::QuitAtOnce => vec![Effect::Quit],
        Action::Redraw => vec![Effect::Redraw],
        Action::Suspend => vec![Effect::Suspend],
        action if model.timeline.is_some() => timeline::act(model, action),
        action => browse::act(model, action),
    }
}
