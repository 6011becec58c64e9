//! Keys on the pages to read, and in the line of the filter.

use crate::app::action::Action;
use crate::app::key::Key;
use crate::app::model::{Model, Overlay};
use crate::app::msg::Effect;
use crate::app::page::page;
use crate::app::pane::Pane;

pub(super) fn press(model: &mut Model, action: Option<Action>) -> Vec<Effect> {
    let last = page(model).map_or(0, |(_, lines, _)| lines.len().saturating_sub(1));
    let height = isize::try_from(model.size.height.saturating_sub(4).max(1)).unwrap_or(1);
    let by = match action {
        Some(Action::Up) => -1,
        Some(Action::Down) => 1,
        Some(Action::PageUp) => -height,
        Some(Action::PageDown) => height,
        Some(Action::Cancel) => {
            model.overlay = Overlay::None;
            return Vec::new();
        }
        Some(Action::Reload) => return vec![Effect::Reload],
        Some(Action::Quit) => return vec![Effect::Quit],
        _ => return Vec::new(),
    };
    if let Overlay::Help(top) | Overlay::Messages(top) | Overlay::Faults(_, top) = &mut model.overlay {
        *top = top.saturating_add_signed(by).min(last);
    }
    Vec::new()
}

/// The list follows every key; going back brings the filter back that was there before.
pub(super) fn type_filter(model: &mut Model, key: Key, action: Option<Action>) {
    let Overlay::Filter(editor, before) = &mut model.overlay else { return };
    match action {
        Some(Action::Accept) => {
            model.overlay = Overlay::None;
            model.focus = Pane::Executions;
        }
        Some(Action::Cancel) => {
            let before = std::mem::take(before);
            model.executions.set_filter(&before);
            model.overlay = Overlay::None;
        }
        _ => {
            editor.press(key);
            model.executions.set_filter(&editor.text());
        }
    }
}
