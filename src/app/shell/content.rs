//! How many rows the contents of the panes have. Texts that come and go while an execution runs do not count: the panes
//! must not move with every failed poll.

use crate::app::list::row::{Row, RowState};
use crate::app::model::Model;
use crate::app::shell::detail::ContentRows;
use crate::app::shell::geometry::detail_width;
use crate::format::text::visible;
use crate::format::wrap::wrap;

/// The lines of a status that are always there: state, times, name, machine.
const ALWAYS: usize = 4;

/// Without a selection, the panes share the room.
const NOTHING: ContentRows = ContentRows { status: u16::MAX, input: u16::MAX, output: u16::MAX };

impl Model {
    /// Returns the rows of the status, the input and the output of the selected execution.
    pub(in crate::app) fn content_rows(&self) -> ContentRows {
        let Some(row) = self.selected() else { return NOTHING };
        let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        let (input, output) = self.reader.payloads().content_rows();
        let cells = usize::from(detail_width(self.shell.size().width).saturating_sub(4)).max(1);
        ContentRows { status: rows(status_rows(row, cells)), input: rows(input), output: rows(output) }
    }
}

fn status_rows(row: &Row, cells: usize) -> usize {
    let lines = |text: &str| wrap(&visible(text), cells).len();
    let failure = match &row.state {
        RowState::Lost(failure, _) => lines(&failure.to_string()),
        RowState::Unresolved(start) | RowState::NeverStarted(start) => {
            start.reason.as_ref().map_or(1, |reason| lines(&reason.to_string()))
        }
        RowState::Started | RowState::Synchronous(_) | RowState::Seen(_) => 0,
    };
    let warning = row.warning.as_ref().map_or(0, |warning| lines(&format!("Warning: {warning}.")));
    let redrive = row.seen().map_or(0, |seen| {
        usize::from(seen.redrive.count.is_some_and(|count| count > 0))
            + usize::from(row.group().is_unsuccessful() && seen.redrive.status.is_some())
    });
    ALWAYS + failure + warning + redrive + lines(row.arn.as_str())
}
