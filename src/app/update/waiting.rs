//! Keys that need an input or output while it is being read from the store. They wait for it, and so does what is typed
//! after them: the effect of a sequence of keys must not depend on the speed of the store.

use crate::app::input::action::{Action, Context};
use crate::app::input::deferred::Deferred;
use crate::app::input::key::{Key, KeyCode};
use crate::app::list::row::PayloadLocation;
use crate::app::model::Model;
use crate::app::msg::{Click, Msg};
use crate::app::shell::overlay::Overlay;

/// Limit for waiting messages.
const MOST: usize = 1_000;

/// Defers a key whose action needs a text that is not in memory. Returns whether it did.
pub(super) fn defer(model: &mut Model, key: Key, action: Option<Action>) -> bool {
    let action = match (&model.overlay, action) {
        (Overlay::Palette(palette), Some(Action::Accept)) => {
            palette.selected().filter(|chosen| chosen.is_available).map(|chosen| chosen.action)
        }
        (Overlay::None | Overlay::Copy(_), action) => action,
        _ => None,
    };
    let Some(row) = model.executions.selected() else { return false };
    if !action.is_some_and(|action| needs_text(model, row.payloads, action)) {
        return false;
    }
    let of = row.id;
    if row.payloads == PayloadLocation::Unreadable {
        model.executions.change(of, |row| row.payloads = PayloadLocation::InStore);
    }
    model.deferred = Some(Deferred { of, since: model.now, messages: vec![Msg::Key(key)] });
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
        action => in_text && model.keymap.bindings(Context::Text).any(|binding| binding.action == action),
    }
}

fn is_move(action: Action) -> bool {
    use Action::{Bottom, Down, PageDown, PageUp, Top, Up};
    matches!(action, Up | Down | PageUp | PageDown | Top | Bottom)
}

/// Returns the message if it can be handled although keys are waiting. Esc and a click cancel the wait. Movement keys do
/// not: the meaning of a letter depends on the keys before it, which may open a form.
pub(super) fn admit(model: &mut Model, msg: Msg) -> Option<Msg> {
    if model.deferred.is_none() {
        return Some(msg);
    }
    let cancels = match &msg {
        Msg::Key(key) => {
            let action = model.keymap.action(&model.contexts(), *key);
            if matches!(action, Some(Action::QuitAtOnce | Action::Redraw | Action::Suspend)) {
                return Some(msg);
            }
            if key.code == KeyCode::Esc || matches!(action, Some(Action::Dismiss | Action::Cancel)) {
                model.deferred = None;
                // In a menu, Esc also closes the menu.
                return Some(msg).filter(|_| model.overlay.context().is_some());
            }
            false
        }
        Msg::Mouse(click, ..) => *click == Click::Press,
        Msg::Typed(_) | Msg::Paste(_) => false,
        _ => return Some(msg),
    };
    match &mut model.deferred {
        Some(_) if cancels => model.deferred = None,
        Some(deferred) if !matches!(msg, Msg::Mouse(..)) => {
            if deferred.messages.len() < MOST {
                deferred.messages.push(msg);
            }
            return None;
        }
        _ => {}
    }
    Some(msg)
}

/// Returns the waiting messages once the text has been read.
pub(super) fn due(model: &mut Model) -> Vec<Msg> {
    let Some(of) = model.deferred.as_ref().map(|deferred| deferred.of) else { return Vec::new() };
    let Some(row) = model.executions.selected().filter(|row| row.id == of) else {
        model.deferred = None;
        return Vec::new();
    };
    if row.payloads.is_coming() {
        return Vec::new();
    }
    model.deferred.take().map(|deferred| deferred.messages).unwrap_or_default()
}
