//! The page of a batch: its progress, what can be done with it, and its lines.

use crate::app::batch::{Batch, Stage};
use crate::app::model::Model;
use crate::app::shell::geometry::has_borders;
use crate::app::shell::page_line::PageLine;
use crate::format::text::visible;
use crate::format::wrap::wrap;
use stepgate_core::domain::counted;

/// From this height of the terminal, a blank line and a header are above the lines.
const ROOM_FOR_HEADER: u16 = 12;

/// Returns the lines above the batch's lines: progress, available actions and counts. On a low screen they leave room for
/// some of those.
pub(crate) fn heading(model: &Model) -> Vec<PageLine> {
    let Some(batch) = model.batches.latest() else { return Vec::new() };
    let mut lines = whole_heading(batch, usize::from(model.shell.size().width.saturating_sub(4)));
    lines.truncate(inner_height(model).saturating_sub(2).max(1));
    lines
}

fn whole_heading(batch: &Batch, cells: usize) -> Vec<PageLine> {
    let mut lines = vec![PageLine::Text(batch.progress(cells.saturating_sub(40).clamp(10, 60)))];
    let text = match &batch.stage {
        Stage::Sending if batch.locked_out.is_some() => {
            let failure = batch.locked_out.iter().map(ToString::to_string).collect::<String>();
            format!("Waiting for new credentials. Stopping the batch keeps unsent lines. Reason: {failure}")
        }
        Stage::Recording => "Recording all lines before sending the first one.".to_owned(),
        Stage::Sending => "The batch continues in the background. Stopping it keeps unsent lines.".to_owned(),
        Stage::Stopping if batch.is_forgotten => {
            "Stopping. Unsent lines will be forgotten after the last response.".to_owned()
        }
        Stage::Stopping => "Stopping. Waiting for responses.".to_owned(),
        Stage::Stopped(None) => format!("Stopped. {} can be sent later.", unsent(batch.remaining)),
        Stage::Stopped(Some(failure)) => {
            format!("Stopped: {failure} {} can be sent later.", unsent(batch.remaining))
        }
        Stage::Done if batch.unresolved > 0 => {
            "All lines sent. Unresolved starts are being checked; see the list.".to_owned()
        }
        Stage::Done => "Done.".to_owned(),
    };
    lines.extend(wrap(&visible(&text), cells).into_iter().map(PageLine::Text));
    lines
}

/// Returns the number of unsent lines in words.
pub(crate) fn unsent(count: usize) -> String {
    counted(count, "unsent line")
}

/// Returns the number of the batch's lines in view.
pub(crate) fn height(model: &Model) -> usize {
    let above = heading(model).len() + header_rows(model.shell.size().height);
    inner_height(model).saturating_sub(above).max(1)
}

fn inner_height(model: &Model) -> usize {
    let size = model.shell.size();
    // The footer; the borders, or a line for the title.
    let frame = if has_borders(size) { 3 } else { 2 };
    usize::from(size.height).saturating_sub(frame)
}

/// Returns the rows between the heading and the batch's lines.
pub(crate) fn header_rows(height: u16) -> usize {
    if height >= ROOM_FOR_HEADER { 2 } else { 0 }
}
