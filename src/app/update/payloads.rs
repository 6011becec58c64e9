//! Inputs and outputs that nobody looks at go back to the store when there are too many.

use std::time::Duration;

use crate::app::model::Model;
use crate::app::row::Kept;
use crate::domain::ExecutionId;

/// What came a moment ago may be on its way to the disk.
const WRITTEN: Duration = Duration::from_secs(10);

/// Lets the rows looked at longest ago go without inputs and outputs, when all rows together hold too much.
pub(super) fn release(model: &mut Model) {
    let selected = model.executions.selected().map(|row| row.id);
    if let Some(id) = selected {
        model.executions.look_at(id);
    }
    let compared = model.comparison.as_ref().map(|comparison| [comparison.first, comparison.second]);
    let may = |id: ExecutionId| {
        let is_open = selected == Some(id) || compared.is_some_and(|pair| pair.contains(&id));
        let row = model.executions.get(id).filter(|row| row.kept == Kept::Here && !is_open);
        row.is_some_and(|row| {
            model.released == Kept::Dropped || row.answered.is_none_or(|at| model.now.since(at) >= WRITTEN)
        })
    };
    for id in model.executions.surplus(may) {
        let kept = model.released;
        model.executions.change(id, |row| row.release(kept));
    }
}
