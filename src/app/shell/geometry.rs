//! The screen layout, a pure function of the terminal's size and of what the panes show. Drawing and scrolling share it.

use ratatui::layout::{Constraint, Layout, Margin, Rect, Size};

use crate::app::shell::detail::{self, ContentRows};
use crate::app::shell::pane::Pane;

/// From this width, the details have a column beside the list.
const TWO_COLUMNS: u16 = 110;
/// From this width, the text of a step has a column beside the timeline.
const WIDE_TIMELINE: u16 = 100;
/// From this width, the machines have a column of their own.
const THREE_COLUMNS: u16 = 150;
/// A list as wide as this shows all its columns, whatever they contain (tested in `ui::executions::columns`). Beside other
/// panes it is at least as wide, so that a wider screen never shows less.
const WHOLE_LIST: u16 = 72;
/// And as wide as this, it rarely shortens names.
const AMPLE_LIST: u16 = 84;
/// From this height of the terminal, a list shares its column with the machines or, on a narrow screen, another pane.
const STACKED: u16 = 20;
/// The width of a dialog where there is room.
pub(crate) const DIALOG: u16 = 76;
/// The least height of the machines.
const MACHINES: u16 = 4;
/// From this height, the text of a step has room below the timeline.
const TALL: u16 = 16;
/// From these heights of the terminal, there is a footer, a header, and tabs and borders. Below them, rows take their
/// place.
const WITH_FOOTER: u16 = 3;
const WITH_HEADER: u16 = 6;
const WITH_BORDERS: u16 = 8;

/// How the panes share the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaneLayout {
    /// As many as there is room for.
    Split,
    /// The focused pane fills the screen.
    Full,
}

/// What the layout depends on, besides the terminal's size.
#[derive(Debug, Clone, Copy)]
pub struct Arrangement {
    /// The focused pane.
    pub focus: Pane,
    /// The pane that a narrow screen shows below the executions.
    pub detail: Pane,
    /// How the panes share the screen.
    pub pane_layout: PaneLayout,
    /// The number of message lines.
    pub notice_lines: u16,
    /// The number of lines in the machines pane.
    pub machine_lines: u16,
    /// The rows of the other panes' contents.
    pub rows: ContentRows,
}

/// The areas of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// The first line.
    pub header: Rect,
    /// The line of tabs; `None` when all panes are visible.
    pub tabs: Option<Rect>,
    /// The visible panes, in the order of [`Pane::ALL`].
    panes: [Option<Rect>; 5],
    /// All panes together.
    pub body: Rect,
    /// Messages, above the footer.
    pub notice: Rect,
    /// The last line.
    pub footer: Rect,
    size: Size,
}

impl Geometry {
    /// Computes the layout for a terminal size.
    pub fn new(size: Size, shown: &Arrangement) -> Self {
        let area = Rect::new(0, 0, size.width, size.height);
        let columns = if has_borders(size) { columns(size.width) } else { None };
        let has_all = columns.is_some_and(|columns| columns.machines > 0 || size.height >= STACKED);
        let has_tabs = !has_all && has_borders(size);
        // The rest is on the messages page.
        let most_notices = match size.height {
            0..WITH_FOOTER => 0,
            WITH_FOOTER..STACKED => 1,
            height => height / 6,
        };
        let notice_lines = shown.notice_lines.min(most_notices);
        let [header, tabs, body, notice, footer] = Layout::vertical([
            Constraint::Length(u16::from(size.height >= WITH_HEADER)),
            Constraint::Length(u16::from(has_tabs)),
            Constraint::Min(0),
            Constraint::Length(notice_lines),
            Constraint::Length(u16::from(size.height >= WITH_FOOTER)),
        ])
        .areas(area);
        let mut geometry =
            Self { header, tabs: has_tabs.then_some(tabs), panes: [None; 5], body, notice, footer, size };
        if shown.pane_layout == PaneLayout::Full {
            geometry.set(shown.focus, body);
        } else if let Some(columns) = columns {
            geometry.set_columns(columns, shown);
        } else if size.height >= STACKED {
            geometry.set_stacked(shown);
        } else {
            geometry.set(shown.focus, body);
        }
        geometry
    }

    /// Returns the area of a pane, if it is visible.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        self.panes[pane as usize]
    }

    /// Returns the area for forms and menus, which cover the panes and the tabs.
    pub fn overlay(&self) -> Rect {
        self.tabs.map_or(self.body, |tabs| tabs.union(self.body))
    }

    /// Returns the columns and rows for text in a pane, visible or not.
    pub fn text_size(&self, pane: Pane) -> (usize, usize) {
        self.text_size_in(self.pane(pane).unwrap_or(self.body))
    }

    /// Returns the columns and rows for text in the area of a pane.
    pub fn text_size_in(&self, area: Rect) -> (usize, usize) {
        let inner = inner(area, self.size);
        // One column of padding on each side; the scroll bar is on the border.
        (usize::from(inner.width.saturating_sub(2)), usize::from(inner.height))
    }

    /// Returns the area of a list's rows within its pane: below the border and the header. A pane too low for both has no
    /// header.
    pub fn list_rows(&self, pane: Rect) -> Rect {
        let inner = inner(pane, self.size);
        let header = u16::from(inner.height >= 4);
        Rect { y: inner.y + header, height: inner.height - header, ..inner }
    }

    /// Returns the area within the borders of a pane.
    pub fn inner(&self, pane: Rect) -> Rect {
        inner(pane, self.size)
    }

    /// Returns the areas of the timeline's steps and of the selected step's text: beside the steps, below them, or `None`
    /// when the text replaces them.
    pub fn timeline_areas(&self) -> (Rect, Option<Rect>) {
        let whole = self.overlay();
        if whole.width >= WIDE_TIMELINE {
            let [steps, text] = Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(whole);
            (steps, Some(text))
        } else if whole.height >= TALL {
            let [steps, text] = Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(whole);
            (steps, Some(text))
        } else {
            (whole, None)
        }
    }

    fn set(&mut self, pane: Pane, rect: Rect) {
        self.panes[pane as usize] = Some(rect);
    }

    /// The machines beside or above the executions, and the details below each other. On a low screen only one of the lists
    /// is visible.
    fn set_columns(&mut self, columns: Columns, shown: &Arrangement) {
        let [machines, list, detail] = Layout::horizontal([
            Constraint::Length(columns.machines),
            Constraint::Length(columns.list),
            Constraint::Fill(1),
        ])
        .areas(self.body);
        self.set_details(detail, shown);
        if columns.machines > 0 {
            self.set(Pane::Machines, machines);
            self.set(Pane::Executions, list);
        } else if self.size.height >= STACKED {
            let most = (list.height / 3).max(MACHINES);
            let above = Constraint::Length(shown.machine_lines.saturating_add(2).clamp(MACHINES, most));
            let [machines, executions] = Layout::vertical([above, Constraint::Fill(1)]).areas(list);
            self.set(Pane::Machines, machines);
            self.set(Pane::Executions, executions);
        } else if shown.focus == Pane::Machines {
            self.set(Pane::Machines, list);
        } else {
            self.set(Pane::Executions, list);
        }
    }

    /// The executions below the machines, or above the details. The heights do not depend on the execution, so that the
    /// list stays where it is while the selection moves.
    fn set_stacked(&mut self, shown: &Arrangement) {
        let height = self.body.height;
        let (top, above) = match shown.focus {
            Pane::Machines => (Pane::Machines, shown.machine_lines.saturating_add(2).clamp(MACHINES, height / 2)),
            Pane::Executions => (Pane::Executions, height.div_ceil(2)),
            Pane::Status | Pane::Input | Pane::Output => (Pane::Executions, height * 2 / 5),
        };
        let [upper, lower] = Layout::vertical([Constraint::Length(above), Constraint::Fill(1)]).areas(self.body);
        self.set(top, upper);
        match shown.focus {
            Pane::Machines => self.set(Pane::Executions, lower),
            _ if lower.height >= detail::ROOM_FOR_ALL => self.set_details(lower, shown),
            Pane::Executions => self.set(shown.detail, lower),
            focus => self.set(focus, lower),
        }
    }

    fn set_details(&mut self, area: Rect, shown: &Arrangement) {
        let heights = detail::heights(area.height, shown.rows, shown.focus).map(Constraint::Length);
        let [status, input, output] = Layout::vertical(heights).areas(area);
        self.set(Pane::Status, status);
        self.set(Pane::Input, input);
        self.set(Pane::Output, output);
    }
}

/// The widths of the columns; the details take the rest.
#[derive(Debug, Clone, Copy)]
struct Columns {
    /// 0 if the machines are above the list.
    machines: u16,
    list: u16,
}

/// Returns the columns of a screen; `None` if it is too narrow for more than one.
fn columns(width: u16) -> Option<Columns> {
    if width < TWO_COLUMNS {
        return None;
    }
    // The machines' own column takes nothing from the list, only from the details.
    if width < THREE_COLUMNS {
        return Some(Columns { machines: 0, list: (width / 5 * 3).clamp(WHOLE_LIST, AMPLE_LIST) });
    }
    let machines = (width / 6).clamp(22, 30);
    let list = ((width - machines) / 9 * 5).max(AMPLE_LIST);
    Some(Columns { machines, list })
}

/// Returns the width of a dialog with a list or a text, within the area for overlays.
pub(crate) fn dialog_width(width: u16, most: u16) -> u16 {
    (width / 5 * 4).max(DIALOG).min(most).min(width)
}

/// Returns the width of the details.
pub(super) fn detail_width(width: u16) -> u16 {
    columns(width).map_or(width, |columns| width - columns.machines - columns.list)
}

/// Returns whether panes and pages have borders: not on a terminal that has no rows to spare.
pub(crate) fn has_borders(size: Size) -> bool {
    size.height >= WITH_BORDERS
}

/// Returns the area within the borders.
pub(crate) fn inner(area: Rect, size: Size) -> Rect {
    if has_borders(size) { area.inner(Margin::new(1, 1)) } else { area }
}

/// Returns the tabs of a narrow screen, with a space before each. If not all titles fit, the unfocused ones are abbreviated.
pub(crate) fn tabs(width: u16, focus: Pane) -> [(Pane, &'static str); 5] {
    let whole: usize = Pane::ALL.iter().map(|pane| pane.title().len() + 1).sum();
    let fits = whole <= usize::from(width);
    Pane::ALL.map(|pane| (pane, if fits || pane == focus { pane.title() } else { &pane.title()[..3] }))
}

/// Returns the first visible line of a list, which keeps the selected line in the middle.
pub(crate) fn first_visible(selected: usize, lines: usize, height: usize) -> usize {
    selected.saturating_sub(height / 2).min(lines.saturating_sub(height))
}
