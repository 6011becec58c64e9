//! The row of a start on the route `sync`: it runs until the response, which is the outcome, arrives.

use crate::app::list::row::{Row, RowState};
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use crate::app::start::show::show;
use stepgate_core::domain::{ExecutionId, Route, StartOrder, UnresolvedStart};

/// Adds the row of a start that was just sent from the form, and closes the form.
pub(super) fn on_sent(model: &mut Model, order: &StartOrder) {
    let endpoint = model.shell.endpoints().find(&order.endpoint);
    if endpoint.is_none_or(|info| info.endpoint.route_to_start(order.machine_type) != Route::Sync) {
        return;
    }
    if let Overlay::Start(form) = model.shell.take_overlay() {
        model.starts.keep(*form);
    }
    let now = model.shell.now();
    let start = UnresolvedStart { order: order.clone(), request_id: None, first_sent: now, sent: now, reason: None };
    let id = model.list.executions_mut().add(Row::from_unresolved(start, RowState::Synchronous));
    model.list.machines_mut().count_start(&order.machine_name, &order.endpoint);
    show(model, id, true);
}

/// Removes the row once the response has arrived. Returns whether it was selected: the row that replaces it is then
/// selected.
pub(super) fn on_finished(model: &mut Model, order: &StartOrder) -> bool {
    let executions = model.list.executions();
    let row = executions.find(&order.gateway, &order.machine.execution(&order.name));
    let Some(id) = row.filter(|row| matches!(row.state, RowState::Synchronous(_))).map(|row| row.id) else {
        return false;
    };
    let was_selected = executions.selected().is_some_and(|row| row.id == id);
    model.list.executions_mut().remove_start(id);
    model.list.machines_mut().count_end(&order.machine_name, &order.endpoint);
    was_selected
}

/// Selects the row that replaces a selected one. Neither focus nor view changes.
pub(super) fn replace(model: &mut Model, was_selected: bool, id: ExecutionId) {
    if was_selected {
        model.list.executions_mut().select(Some(id));
    }
}
