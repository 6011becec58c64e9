//! Shows the row of a start.

use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::pane::Pane;
use stepgate_core::domain::ExecutionId;

/// Selects the row of a start whose form was open. If it was closed, the user is doing something else.
pub(super) fn show(model: &mut Model, id: ExecutionId, was_open: bool) {
    if was_open || model.list.executions().len() == 1 {
        model.timeline = None;
        model.list.executions_mut().select(Some(id));
        model.shell.set_focus(Pane::Executions);
        let hidden = model.selected().filter(|row| !model.list.executions().is_in_scope(row));
        if let Some(endpoint) = hidden.map(|row| row.endpoint.clone()) {
            model.show_endpoint(None);
            model.list.executions_mut().select(Some(id));
            model.shell.show(Level::Info, format!("Showing all endpoints: the new execution is on {endpoint}."));
        }
        if model.list.executions().selected_place().is_none() {
            model.list.executions_mut().set_filter("");
            model.shell.show(Level::Info, "Filter cleared: it would have hidden the new execution.");
        }
    }
}
