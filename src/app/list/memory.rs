//! Releases rows, inputs and outputs that are not in view if there are too many, since the store has them.

use std::time::Duration;

use crate::app::list::row::{Group, PayloadLocation, Row};
use crate::app::model::Model;
use crate::app::reader::comparison::Comparison;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;

/// Limit in bytes for the payloads of all rows together.
const MOST: usize = 16 * 1024 * 1024;
/// Limit in bytes if the store has the payloads: reading one again takes milliseconds, and long-lived payloads fragment
/// the heap, which can double its size.
const MOST_READ_AGAIN: usize = 4 * 1024 * 1024;

/// The idle time after which the selection may move by itself.
const IDLE: Duration = Duration::from_secs(300);

/// Releases the payloads of the least recently viewed rows if all rows together hold too much.
pub(in crate::app) fn release(model: &mut Model) {
    let is_stored = model.list.released_to == PayloadLocation::InStore && model.list.store_error.is_none();
    if is_stored {
        reset_selection_if_idle(model);
    }
    let selected = model.list.executions().selected().map(|row| row.id);
    if let Some(id) = selected {
        model.list.executions_mut().look_at(id);
    }
    let compared = model.reader.comparison().map(Comparison::executions);
    let may = |row: &Row| selected != Some(row.id) && compared.is_none_or(|pair| !pair.contains(&row.id));
    let may_release =
        |id| model.list.executions().get(id).is_some_and(|row| row.payloads == PayloadLocation::Here && may(row));
    let location = model.list.released_to;
    let most = if location == PayloadLocation::InStore { MOST_READ_AGAIN } else { MOST };
    for id in model.list.executions().surplus(most, may_release) {
        model.list.executions_mut().change(id, |row| row.release(location));
    }
    if is_stored {
        model.list.executions_mut().unload(may);
    }
}

/// Selects the newest execution if the user is idle and the selected one has ended and is far down: until then all newer
/// ones stay in memory without limit.
fn reset_selection_if_idle(model: &mut Model) {
    let is_in_list = matches!(
        model.shell.overlay(),
        Overlay::None | Overlay::Batch | Overlay::Messages(_) | Overlay::ConfigErrors(..)
    );
    let is_open = model.timeline.is_some() || model.reader.definition().is_some() || model.has_text_focus();
    let has_ended = model.list.executions().selected().is_some_and(|row| row.group() != Group::Running);
    let is_idle = model.shell.now().since(model.shell.last_input()) >= IDLE;
    if !is_in_list || is_open || !has_ended || !is_idle || !model.list.executions().is_deep() {
        return;
    }
    let name = model.list.executions().selected().map(|row| row.arn.name().to_owned()).unwrap_or_default();
    model.list.executions_mut().select_place(0);
    let text = format!("The selection has moved from {name} to the newest execution: thousands were started since.");
    model.shell.log(Level::Info, text);
}
