//! Copying and saving: the menu, the file form, and the results.

use crate::app::copy::{CopyMenu, Destination, SaveForm, SaveStage};
use crate::app::effect::Effect;
use crate::app::keys::action::Action;
use crate::app::keys::histories::LineKind;
use crate::app::keys::key::Key;
use crate::app::model::Model;
use crate::app::msg::SaveError;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;

/// Opens the menu.
pub(in crate::app) fn open(model: &mut Model, destination: Destination) {
    if model.selected().is_none() {
        model.shell.reply(Level::Info, "No execution selected.");
        return;
    }
    model.shell.open(Overlay::Copy(CopyMenu { destination, selected: 0 }));
}

/// Handles a key in the menu.
pub(in crate::app) fn press(model: &mut Model, action: Option<Action>) -> Vec<Effect> {
    let (Overlay::Copy(menu), Some(action)) = (model.shell.overlay(), action) else { return Vec::new() };
    let menu = *menu;
    let action = match action {
        Action::Up | Action::Down => {
            let last = model.copy_choices().count().saturating_sub(1);
            let selected = menu.selected.saturating_add_signed(if action == Action::Up { -1 } else { 1 }).min(last);
            model.shell.open(Overlay::Copy(CopyMenu { selected, ..menu }));
            return Vec::new();
        }
        Action::Accept => model.chosen_copy(menu),
        action => Some(action).filter(|action| *action != Action::Cancel),
    };
    model.shell.close_overlay();
    let Some(action) = action else { return Vec::new() };
    match (model.copy_item(action), menu.destination) {
        (Err(message), _) => model.shell.reply(Level::Info, message),
        (Ok(item), Destination::Clipboard) => return vec![Effect::Copy(item)],
        (Ok(item), Destination::File) => model.shell.open(Overlay::Save(Box::new(SaveForm::new(item)))),
    }
    Vec::new()
}

/// Shows the result of a copy.
pub(in crate::app) fn on_copied(model: &mut Model, result: Result<String, String>) {
    match result {
        Ok(message) => model.shell.show(Level::Info, message),
        Err(message) => model.shell.show(Level::Error, message),
    }
}

/// Handles a key in the file form.
pub(in crate::app) fn press_save(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Save(form) = model.shell.overlay_mut() else { return Vec::new() };
    match action {
        Some(Action::Cancel) => model.shell.close_overlay(),
        Some(Action::Accept) if form.stage != SaveStage::Writing && !form.path.text().trim().is_empty() => {
            let replace = form.stage == SaveStage::Exists;
            form.stage = SaveStage::Writing;
            model.keys.histories_mut().remember(LineKind::WriteFile, form.path.text().trim());
            return vec![Effect::Save { path: form.path.text().to_owned(), text: form.item.text.clone(), replace }];
        }
        Some(Action::Accept) => {}
        Some(Action::Up | Action::Down) => {
            form.path.recall(model.keys.histories().of(LineKind::WriteFile), action == Some(Action::Up));
            form.stage = SaveStage::Draft;
        }
        _ => {
            form.path.press(key);
            form.stage = SaveStage::Draft;
        }
    }
    Vec::new()
}

/// Handles the result of saving.
pub(in crate::app) fn on_saved(model: &mut Model, result: Result<String, SaveError>) {
    match (result, model.shell.overlay_mut()) {
        (Ok(path), overlay) => {
            if matches!(overlay, Overlay::Save(form) if form.stage == SaveStage::Writing) {
                *overlay = Overlay::None;
            }
            model.shell.show(Level::Info, format!("Saved to {path}."));
        }
        (Err(SaveError::Exists), Overlay::Save(form)) => form.stage = SaveStage::Exists,
        (Err(SaveError::Failed(message)), Overlay::Save(form)) => form.stage = SaveStage::Failed(message),
        (Err(SaveError::Failed(message)), _) => model.shell.show(Level::Error, message),
        (Err(SaveError::Exists), _) => {}
    }
}
