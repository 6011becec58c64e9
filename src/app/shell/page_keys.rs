//! Keys on pages and in the filter line.

use crate::app::batch;
use crate::app::effect::Effect;
use crate::app::keys::action::Action;
use crate::app::keys::histories::LineKind;
use crate::app::keys::key::Key;
use crate::app::model::Model;
use crate::app::shell::geometry::has_borders;
use crate::app::shell::help::Help;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::page::page;
use crate::app::shell::pane::Pane;

pub(in crate::app) fn press(model: &mut Model, action: Option<Action>) -> Vec<Effect> {
    let height = match model.shell.overlay() {
        Overlay::Batch if model.shell.help().is_none() => batch::page::height(model),
        _ => height(model),
    };
    let height = isize::try_from(height).unwrap_or(1);
    let by = match action {
        Some(Action::Top) => isize::MIN / 2,
        Some(Action::Bottom) => isize::MAX / 2,
        Some(Action::Up) => -1,
        Some(Action::Down) => 1,
        Some(Action::PageUp) => -height,
        Some(Action::PageDown) => height,
        Some(Action::Cancel) => {
            match model.shell.help_mut().map(Help::clear_search) {
                Some(true) => {}
                Some(false) => model.shell.close_help(),
                None => model.shell.close_overlay(),
            }
            return Vec::new();
        }
        Some(Action::Find) => {
            if let Some(help) = model.shell.help_mut() {
                help.begin_search();
            }
            return Vec::new();
        }
        Some(Action::Reload) => return vec![Effect::Reload],
        Some(Action::Quit) => return vec![Effect::Quit],
        _ => return Vec::new(),
    };
    scroll(model, by);
    Vec::new()
}

/// Scrolls the open page, or moves its cursor, by a number of lines, down if positive.
pub(in crate::app) fn scroll(model: &mut Model, by: isize) {
    if model.shell.help().is_none() && matches!(model.shell.overlay(), Overlay::Batch) {
        batch::update::step(model, by);
        return;
    }
    let last = page(model).map_or(0, |(_, lines, _)| lines.len().saturating_sub(height(model)));
    if let Some(top) = model.shell.top_mut() {
        // Resizing may have moved the end up.
        *top = (*top).min(last).saturating_add_signed(by).min(last);
    }
}

/// Returns the number of lines in view: without the footer and the frame.
fn height(model: &Model) -> usize {
    let size = model.shell.size();
    // Without borders, the title has a line.
    let frame = if has_borders(size) { 2 } else { 1 };
    usize::from(size.height.saturating_sub(1 + frame).max(1))
}

/// Handles a key in the filter line. The list follows every key; cancelling restores the previous filter.
pub(in crate::app) fn type_filter(model: &mut Model, key: Key, action: Option<Action>) {
    let Overlay::Filter(editor, before) = model.shell.overlay_mut() else { return };
    match action {
        Some(Action::Accept) => {
            model.keys.histories_mut().remember(LineKind::Filter, editor.text());
            model.shell.close_overlay();
            model.shell.set_focus(Pane::Executions);
        }
        Some(Action::Cancel) => {
            let before = before.clone();
            let executions = model.list.executions_mut();
            executions.set_filter(&before.filter);
            executions.select(before.selected.or(executions.selected().map(|row| row.id)));
            model.shell.close_overlay();
        }
        Some(Action::Up | Action::Down) => {
            editor.recall(model.keys.histories().of(LineKind::Filter), action == Some(Action::Up));
            model.list.executions_mut().set_filter(editor.text());
        }
        _ => {
            editor.press(key);
            model.list.executions_mut().set_filter(editor.text());
        }
    }
}
