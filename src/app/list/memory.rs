//! Releases rows, inputs and outputs that are not in view when there are too many: the store has them.

use std::time::Duration;

use crate::app::list::row::{Group, PayloadLocation, Row};
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;

/// Limit for the inputs and outputs of all rows together, in bytes.
const MOST: usize = 16 * 1024 * 1024;
/// The same where the store has them: reading one again takes milliseconds, and what stays for a while among what comes
/// and goes leaves gaps in the heap, which then takes twice as much.
const MOST_READ_AGAIN: usize = 4 * 1024 * 1024;

/// How long nothing was pressed when the selection may move by itself.
const LEFT_ALONE: Duration = Duration::from_secs(300);

/// Releases the inputs and outputs of the least recently viewed rows when all rows together hold too much.
pub(in crate::app) fn release(model: &mut Model) {
    let is_stored = model.released == PayloadLocation::InStore && model.not_kept.is_none();
    if is_stored {
        leave_depths(model);
    }
    let selected = model.executions.selected().map(|row| row.id);
    if let Some(id) = selected {
        model.executions.look_at(id);
    }
    let compared = model.comparison.as_ref().map(|comparison| [comparison.first, comparison.second]);
    let may = |row: &Row| selected != Some(row.id) && compared.is_none_or(|pair| !pair.contains(&row.id));
    let may_release = |id| model.executions.get(id).is_some_and(|row| row.kept == PayloadLocation::Here && may(row));
    let kept = model.released;
    let most = if kept == PayloadLocation::InStore { MOST_READ_AGAIN } else { MOST };
    for id in model.executions.surplus(most, may_release) {
        model.executions.change(id, |row| row.release(kept));
    }
    if is_stored {
        model.executions.unload(may);
    }
}

/// Selects the newest execution when the selected one has ended, has been left alone and is far down: until then all newer
/// ones stay in memory, and their number has no limit.
fn leave_depths(model: &mut Model) {
    let is_in_list = matches!(
        model.overlay,
        Overlay::None | Overlay::Batch(_) | Overlay::Messages(_) | Overlay::Help(_) | Overlay::Faults(..)
    );
    let is_open = model.timeline.is_some() || model.definition.is_some() || model.has_text_focus();
    let has_ended = model.executions.selected().is_some_and(|row| row.group() != Group::Running);
    let is_left_alone = model.now.since(model.touched) >= LEFT_ALONE;
    if !is_in_list || is_open || !has_ended || !is_left_alone || !model.executions.is_deep() {
        return;
    }
    let name = model.executions.selected().map(|row| row.arn.name().to_owned()).unwrap_or_default();
    model.executions.select_place(0);
    let words = format!("The selection has moved from {name} to the newest execution: thousands were started since.");
    model.notices.note(Level::Info, words, model.now);
}
