//! Mouse clicks and the wheel.

use ratatui::layout::{Position, Rect};

use crate::app::effect::Effect;
use crate::app::list::machines::MachineLine;
use crate::app::model::Model;
use crate::app::msg::Click;
use crate::app::shell;
use crate::app::shell::geometry::{first_visible, tabs};
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::{Pane, Step};
use crate::app::timeline::TimelineFocus;
use crate::app::update::panes;

/// Rows per wheel event.
const WHEEL_ROWS: isize = 3;

/// Handles a mouse event at a position of the screen.
pub(super) fn clicked(model: &mut Model, click: Click, x: u16, y: u16) -> Vec<Effect> {
    let at = Position::new(x, y);
    let step = match click {
        Click::Press => None,
        Click::WheelUp => Some(Step::By(-WHEEL_ROWS)),
        Click::WheelDown => Some(Step::By(WHEEL_ROWS)),
    };
    if model.shell.help().is_some() || !matches!(model.shell.overlay(), Overlay::None) {
        // Forms and menus have no mouse support.
        if let Some(Step::By(by)) = step {
            shell::page_keys::scroll(model, by);
        }
        return Vec::new();
    }
    if model.reader.definition().is_some() {
        if let Some(step) = step {
            panes::go_in(model, Pane::Output, step);
        }
        return Vec::new();
    }
    if model.timeline.is_some() {
        in_timeline(model, at, step);
        return Vec::new();
    }
    let geometry = model.geometry();
    if let Some(area) = geometry.tabs.filter(|area| area.contains(at) && step.is_none()) {
        if let Some(pane) = tab_at(model, area, x) {
            model.shell.set_focus(pane);
        }
        return Vec::new();
    }
    let is_at = |pane: &Pane| geometry.pane(*pane).is_some_and(|area| area.contains(at));
    let Some(pane) = Pane::ALL.into_iter().find(is_at) else {
        return Vec::new();
    };
    match step {
        Some(step) => {
            panes::go_in(model, pane, step);
            Vec::new()
        }
        None => press(model, pane, at),
    }
}

/// Returns the pane of the tab at this column.
fn tab_at(model: &Model, area: Rect, x: u16) -> Option<Pane> {
    // After a space.
    let mut from = area.x + 1;
    for (pane, title) in tabs(area.width, model.shell.focus()) {
        let until = from + u16::try_from(title.len()).unwrap_or(0);
        if (from..until).contains(&x) {
            return Some(pane);
        }
        from = until + 1;
    }
    None
}

/// Focuses the clicked pane and selects the row; a click on the selected row opens it.
fn press(model: &mut Model, pane: Pane, at: Position) -> Vec<Effect> {
    let had_focus = model.shell.focus() == pane;
    model.shell.set_focus(pane);
    let geometry = model.geometry();
    // The click may have moved the panes.
    let Some(area) = geometry.pane(pane).filter(|area| area.contains(at)) else { return Vec::new() };
    let inner = geometry.inner(area);
    let Some(row) = usize::from(at.y).checked_sub(usize::from(inner.y)) else { return Vec::new() };
    let height = usize::from(inner.height);
    if row >= height {
        return Vec::new();
    }
    match pane {
        Pane::Machines => {
            let (_, lines) = model.list.machines().window(height);
            if let Some(MachineLine::Machine(index)) = lines.get(row) {
                if had_focus && Some(*index) == model.list.machines().selected() {
                    return panes::act(model, crate::app::keys::action::Action::Open);
                }
                model.list.machines_mut().select(*index);
            }
        }
        Pane::Executions => {
            if let Some(groups) = model.list.groups_mut() {
                // Below the heading.
                let top = first_visible(groups.selected_index(), groups.machines().len(), height.saturating_sub(1));
                let by =
                    isize::try_from(top + row).unwrap_or(0) - isize::try_from(groups.selected_index() + 1).unwrap_or(0);
                groups.go(Step::By(by), height);
                return Vec::new();
            }
            let rows = geometry.list_rows(area);
            let Some(row) = at.y.checked_sub(rows.y) else { return Vec::new() };
            let selected = model.list.executions().selected_place().unwrap_or(0);
            let top = first_visible(selected, model.list.executions().shown(), usize::from(rows.height));
            let place = top + usize::from(row);
            if place < model.list.executions().shown() {
                model.list.executions_mut().select_place(place);
            }
        }
        Pane::Input | Pane::Output => {
            let above = if pane == Pane::Output { model.reader.payloads().rows_above() } else { 0 };
            if let (Some(document), Some(row)) =
                (model.reader.payloads_mut().document_mut(pane), row.checked_sub(above))
            {
                document.click(row);
            }
        }
        Pane::Status => {}
    }
    Vec::new()
}

fn in_timeline(model: &mut Model, at: Position, step: Option<Step>) {
    let geometry = model.geometry();
    let (steps, text) = geometry.timeline_areas();
    let inner = geometry.inner(steps);
    let Some(timeline) = &mut model.timeline else { return };
    let height = usize::from(inner.height);
    match (text.filter(|text| text.contains(at)), step) {
        (Some(_), Some(step)) => {
            if let Some(document) = timeline.document_mut() {
                document.go(step);
            }
        }
        (Some(_), None) if timeline.document().is_some() => timeline.set_focus(TimelineFocus::Text),
        (Some(_), None) => {}
        (None, Some(step)) => timeline.go(step, height),
        (None, None) => {
            let Some(row) = usize::from(at.y).checked_sub(usize::from(inner.y)) else { return };
            let place = timeline.selected_place();
            let target = first_visible(place, timeline.rows().len(), height) + row;
            timeline.set_focus(TimelineFocus::Steps);
            if target < timeline.rows().len() {
                let by = isize::try_from(target).unwrap_or(0) - isize::try_from(place).unwrap_or(0);
                timeline.go(Step::By(by), height);
            }
        }
    }
}
