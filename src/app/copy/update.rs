//! Copying and saving: the choice of what, the form that asks for a file, and what came of it.

use crate::app::copy::{Destination, SaveForm, SaveStage};
use crate::app::effect::Effect;
use crate::app::input::action::Action;
use crate::app::input::key::Key;
use crate::app::model::Model;
use crate::app::msg::SaveFault;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;

/// Opens the choice of what to take.
pub(in crate::app) fn open(model: &mut Model, destination: Destination) {
    if model.selected().is_none() {
        model.notices.say(Level::Info, "No execution selected.", model.now);
        return;
    }
    model.overlay = Overlay::Copy(destination);
}

/// A key in the choice.
pub(in crate::app) fn press(model: &mut Model, action: Option<Action>) -> Vec<Effect> {
    let (Overlay::Copy(destination), Some(action)) = (&model.overlay, action) else { return Vec::new() };
    let destination = *destination;
    model.overlay = Overlay::None;
    if action == Action::Cancel {
        return Vec::new();
    }
    match (model.take(action), destination) {
        (Err(words), _) => model.notices.say(Level::Info, words, model.now),
        (Ok(taken), Destination::Clipboard) => return vec![Effect::Copy(taken)],
        (Ok(taken), Destination::File) => model.overlay = Overlay::Save(Box::new(SaveForm::new(taken))),
    }
    Vec::new()
}

/// What became of a copy, in words.
pub(in crate::app) fn copied(model: &mut Model, result: Result<String, String>) {
    match result {
        Ok(words) => model.notices.say(Level::Info, words, model.now),
        Err(words) => model.notices.say(Level::Error, words, model.now),
    }
}

/// A key in the form that asks for a file.
pub(in crate::app) fn press_save(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Save(form) = &mut model.overlay else { return Vec::new() };
    match action {
        Some(Action::Cancel) => model.overlay = Overlay::None,
        Some(Action::Accept) if form.stage != SaveStage::Writing && !form.path.text().trim().is_empty() => {
            let replace = form.stage == SaveStage::Exists;
            form.stage = SaveStage::Writing;
            return vec![Effect::Save { path: form.path.text(), text: form.taken.text.clone(), replace }];
        }
        Some(_) => {}
        None => {
            form.path.press(key);
            form.stage = SaveStage::Draft;
        }
    }
    Vec::new()
}

/// Whether it was saved.
pub(in crate::app) fn saved(model: &mut Model, result: Result<String, SaveFault>) {
    match (result, &mut model.overlay) {
        (Ok(path), overlay) => {
            if matches!(overlay, Overlay::Save(form) if form.stage == SaveStage::Writing) {
                *overlay = Overlay::None;
            }
            model.notices.say(Level::Info, format!("Saved to {path}."), model.now);
        }
        (Err(SaveFault::Exists), Overlay::Save(form)) => form.stage = SaveStage::Exists,
        (Err(SaveFault::Failed(words)), Overlay::Save(form)) => form.stage = SaveStage::Failed(words),
        (Err(SaveFault::Failed(words)), _) => model.notices.say(Level::Error, words, model.now),
        (Err(SaveFault::Exists), _) => {}
    }
}
