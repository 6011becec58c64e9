//! The areas of the start form, shared by drawing and scrolling.

use ratatui::layout::{Constraint, Layout, Margin, Rect};

use crate::app::shell::geometry::dialog_width;

/// From this width, lines have numbers.
const ROOM_FOR_NUMBERS: u16 = 60;
/// From this height, a rule separates the fields.
const ROOM_FOR_RULE: u16 = 7;

/// The areas of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FormLayout {
    /// The form with its border.
    pub(crate) area: Rect,
    /// The line of the name.
    pub(crate) name: Rect,
    /// The line between the fields.
    pub(crate) rule: Rect,
    /// The column with line numbers and the mark of an error.
    pub(crate) gutter: Rect,
    /// The input, without the cell for a cursor after a full row.
    pub(crate) input: Rect,
    /// The last line: errors, position, size.
    pub(crate) state: Rect,
}

impl FormLayout {
    /// Computes the areas within the area for overlays, for an input with this many lines.
    pub(super) fn new(body: Rect, lines: usize) -> Self {
        let area = body.centered(
            Constraint::Length(dialog_width(body.width, 120)),
            Constraint::Length(if body.height < 20 { body.height } else { body.height * 4 / 5 }),
        );
        let inner = area.inner(Margin::new(1, 1));
        let [name, rule, input, state] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(u16::from(inner.height >= ROOM_FOR_RULE)),
            Constraint::Min(1),
            Constraint::Length(1),
        ])
        .areas(inner);
        // The mark of an error, the number, and a space.
        let digits = if area.width >= ROOM_FOR_NUMBERS { lines.max(100).ilog10() + 1 } else { 0 };
        let numbers = u16::try_from(digits).unwrap_or(0) + 2;
        let [gutter, input, _] =
            Layout::horizontal([Constraint::Length(numbers), Constraint::Min(1), Constraint::Length(1)]).areas(input);
        Self { area, name, rule, gutter, input, state }
    }
}
