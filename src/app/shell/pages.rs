//! Keys on pages and in the filter line.

use crate::app::effect::Effect;
use crate::app::input::action::Action;
use crate::app::input::key::Key;
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::page::page;
use crate::app::shell::pane::Pane;

pub(in crate::app) fn press(model: &mut Model, action: Option<Action>) -> Vec<Effect> {
    // Two borders and the footer.
    let height = usize::from(model.size.height.saturating_sub(3).max(1));
    let last = page(model).map_or(0, |(_, lines, _)| lines.len().saturating_sub(height));
    let height = isize::try_from(height).unwrap_or(1);
    let by = match action {
        Some(Action::Top) => isize::MIN / 2,
        Some(Action::Bottom) => isize::MAX / 2,
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
    if let Overlay::Help(top)
    | Overlay::Messages(top)
    | Overlay::Controlled(top)
    | Overlay::Compare(top)
    | Overlay::Batch(top)
    | Overlay::ConfigErrors(_, top) = &mut model.overlay
    {
        *top = top.saturating_add_signed(by).min(last);
    }
    Vec::new()
}

/// Handles a key in the filter line. The list follows every key; cancelling restores the previous filter.
pub(in crate::app) fn type_filter(model: &mut Model, key: Key, action: Option<Action>) {
    let Overlay::Filter(editor, before) = &mut model.overlay else { return };
    match action {
        Some(Action::Accept) => {
            model.overlay = Overlay::None;
            model.focus = Pane::Executions;
        }
        Some(Action::Cancel) => {
            let before = before.clone();
            model.executions.set_filter(&before.filter);
            model.executions.select(before.selected.or(model.executions.selected().map(|row| row.id)));
            model.overlay = Overlay::None;
        }
        _ => {
            editor.press(key);
            model.executions.set_filter(&editor.text());
        }
    }
}
