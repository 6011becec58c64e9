//! Going from a line of a batch to its execution in the list.

use crate::app::effect::Effect;
use crate::app::list;
use crate::app::model::Model;
use stepgate_core::domain::{ExecutionId, LineState};

/// Returns whether the line under the cursor has led to a row of the list.
pub(crate) fn has_row(model: &Model) -> bool {
    let is_started = || model.batches.lines().current().is_some_and(|line| matches!(line.state, LineState::Started(_)));
    unresolved(model).is_some() || is_started()
}

/// Leaves the page and selects the execution of the line under the cursor.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    if let Some(id) = unresolved(model) {
        list::open::show(model, id);
        return Vec::new();
    }
    match model.batches.lines().current().map(|line| line.state.clone()) {
        Some(LineState::Started(record)) => list::open::add(model, *record),
        _ => Vec::new(),
    }
}

/// Returns the row of an unresolved start.
fn unresolved(model: &Model) -> Option<ExecutionId> {
    let line = model.batches.lines().current()?;
    let is_unresolved = matches!(line.state, LineState::Unresolved(_));
    is_unresolved.then(|| model.list.executions().of_start(line.request_id)).flatten()
}
