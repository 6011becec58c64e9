//! Keys that need an input or output while it is being read from the store, or the names in a folder. They wait for it, and
//! so does what is typed after them: the effect of a sequence of keys must not depend on the speed of the disk.

use crate::app::keys::action::{Action, Context};
use crate::app::keys::deferred::{Awaited, Deferred};
use crate::app::keys::key::{Key, KeyCode};
use crate::app::list::row::PayloadLocation;
use crate::app::model::Model;
use crate::app::msg::{Click, Msg};
use crate::app::shell::overlay::Overlay;

/// Defers a key whose action needs a text that is not in memory. Returns whether it did.
pub(super) fn defer(model: &mut Model, key: Key, action: Option<Action>) -> bool {
    if model.shell.help().is_some() {
        return false;
    }
    let action = match (model.shell.overlay(), action) {
        (Overlay::Palette(palette), Some(Action::Accept)) => {
            palette.selected().filter(|chosen| chosen.is_available()).map(|chosen| chosen.action)
        }
        (Overlay::Copy(menu), Some(Action::Accept)) => model.chosen_copy(*menu),
        (Overlay::None | Overlay::Copy(_), action) => action,
        _ => None,
    };
    let Some(row) = model.list.executions().selected() else { return false };
    if !action.is_some_and(|action| needs_text(model, row.payloads, action)) {
        return false;
    }
    let of = row.id;
    if row.payloads == PayloadLocation::Unreadable {
        model.list.executions_mut().change(of, |row| row.payloads = PayloadLocation::InStore);
    }
    let mut deferred = Deferred::new(Awaited::Payloads(of), model.shell.now());
    deferred.add(Msg::Key(key));
    model.keys.defer(deferred);
    true
}

/// Returns whether an action needs a text of the selected execution that has to be read first.
fn needs_text(model: &Model, location: PayloadLocation, action: Action) -> bool {
    let is_coming = location.is_coming();
    let in_text = is_coming && model.has_text_focus();
    match action {
        Action::StartAgain | Action::CopyInput | Action::CopyOutput | Action::CopyCurl | Action::CopyCommand => {
            is_coming || location == PayloadLocation::Unreadable
        }
        Action::CopyThis => in_text,
        action if is_move(action) => in_text,
        action => in_text && model.keys.keymap().bindings(Context::Text).any(|binding| binding.action == action),
    }
}

fn is_move(action: Action) -> bool {
    use Action::{Bottom, Down, PageDown, PageUp, Top, Up};
    matches!(action, Up | Down | PageUp | PageDown | Top | Bottom)
}

/// Returns the message if it can be handled although keys are waiting. Esc and a click cancel the wait. Movement keys do
/// not: the meaning of a letter depends on the keys before it, which may open a form.
pub(super) fn admit(model: &mut Model, msg: Msg) -> Option<Msg> {
    if model.keys.deferred().is_none() {
        return Some(msg);
    }
    let cancels = match &msg {
        Msg::Key(key) => {
            let action = model.keys.keymap().action(&model.contexts(), *key);
            if matches!(action, Some(Action::QuitAtOnce | Action::Redraw | Action::Suspend)) {
                return Some(msg);
            }
            if key.code == KeyCode::Esc || matches!(action, Some(Action::Dismiss | Action::Cancel)) {
                model.keys.take_deferred();
                // In a menu, Esc also closes the menu.
                return Some(msg).filter(|_| model.shell.overlay().context().is_some());
            }
            false
        }
        Msg::Mouse(click, ..) => *click == Click::Press,
        Msg::Typed(_) | Msg::Paste(_) => false,
        _ => return Some(msg),
    };
    if cancels {
        model.keys.take_deferred();
        return Some(msg);
    }
    if matches!(msg, Msg::Mouse(..)) {
        return Some(msg);
    }
    model.keys.wait_too(msg);
    None
}

/// Returns the waiting messages once what they wait for has been read.
pub(super) fn due(model: &mut Model) -> Vec<Msg> {
    let of = match model.keys.deferred().map(Deferred::awaited) {
        None | Some(Awaited::Folder(..)) => return Vec::new(),
        Some(Awaited::Nothing) => return model.keys.take_deferred().map(Deferred::into_messages).unwrap_or_default(),
        Some(Awaited::Payloads(id)) => id,
    };
    let Some(row) = model.list.executions().selected().filter(|row| row.id == of) else {
        model.keys.take_deferred();
        return Vec::new();
    };
    if row.payloads.is_coming() {
        return Vec::new();
    }
    model.keys.take_deferred().map(Deferred::into_messages).unwrap_or_default()
}
