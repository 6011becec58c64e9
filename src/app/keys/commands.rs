//! Opening the command palette, and its keys.

use crate::app::keys::action::Action;
use crate::app::keys::key::Key;
use crate::app::keys::palette::{Argument, Palette};
use crate::app::model::Model;
use crate::app::shell::endpoint_choice::ALL;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;

/// How many executions of the list `open` offers.
const MOST_EXECUTIONS: usize = 200;

/// Opens the palette.
pub(in crate::app) fn open(model: &mut Model) {
    let palette = Palette::new(model.keys.keymap(), &model.contexts(), model.shell.is_read_only());
    let endpoints = model.shell.endpoints().list().iter().map(|endpoint| endpoint.name.to_string());
    let executions = model.list.executions().window(0, MOST_EXECUTIONS).map(|row| row.arn.name().to_owned());
    let palette = palette.with_names(std::iter::once(ALL.to_owned()).chain(endpoints).collect(), executions.collect());
    model.shell.open(Overlay::Palette(Box::new(palette)));
}

/// What was chosen in the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app) enum Chosen {
    /// An action.
    Action(Action),
    /// The endpoint to show, by its name.
    Endpoint(String),
    /// The execution to open, by its ARN or name.
    Execution(String),
}

/// Handles a key in the palette and returns what was chosen.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Option<Chosen> {
    let Overlay::Palette(palette) = model.shell.overlay_mut() else { return None };
    match action {
        Some(Action::Up) => palette.step(-1),
        Some(Action::Down) => palette.step(1),
        Some(Action::Cancel) => model.shell.close_overlay(),
        Some(Action::Accept) => {
            // If nothing matches, the palette says so, and what was typed can be corrected.
            let chosen = palette.selected().cloned()?;
            model.shell.close_overlay();
            if let Some(why) = chosen.objection() {
                model.shell.reply(Level::Info, format!("`{}` {why}.", chosen.action.name()));
                return None;
            }
            return Some(match chosen.argument {
                None => Chosen::Action(chosen.action),
                Some(Argument::Endpoint(name)) => Chosen::Endpoint(name),
                Some(Argument::Execution(text)) => Chosen::Execution(text),
            });
        }
        _ => {
            palette.field.press(key);
            palette.search();
        }
    }
    None
}
