//! Releases rows, inputs and outputs that are not in view when there are too many: the store has them.

use std::time::Duration;

use crate::app::model::Model;
use crate::app::row::{Kept, Row};

/// What arrived a moment ago may not be on disk yet.
const WRITTEN: Duration = Duration::from_secs(2);

/// Releases the inputs and outputs of the least recently viewed rows when all rows together hold too much.
pub(super) fn release(model: &mut Model) {
    let selected = model.executions.selected().map(|row| row.id);
    if let Some(id) = selected {
        model.executions.look_at(id);
    }
    let compared = model.comparison.as_ref().map(|comparison| [comparison.first, comparison.second]);
    let (now, is_dropped) = (model.now, model.released == Kept::Dropped);
    let may = |row: &Row| {
        let is_open = selected == Some(row.id) || compared.is_some_and(|pair| pair.contains(&row.id));
        !is_open && (is_dropped || row.answered.is_none_or(|at| now.since(at) >= WRITTEN))
    };
    let may_release = |id| model.executions.get(id).is_some_and(|row| row.kept == Kept::Here && may(row));
    for id in model.executions.surplus(may_release) {
        let kept = model.released;
        model.executions.change(id, |row| row.release(kept));
    }
    if model.released == Kept::InStore && model.not_kept.is_none() {
        model.executions.unload(may);
    }
}
