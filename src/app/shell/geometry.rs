//! The screen layout, a pure function of the terminal's size. Drawing and scrolling share it.

use ratatui::layout::{Constraint, Layout, Margin, Rect, Size};

use crate::app::shell::pane::Pane;

/// Below this width the panes become tabs.
pub(crate) const WIDE: u16 = 100;
/// From this height, the status tab also shows input and output.
const TALL: u16 = 16;

/// How the panes share the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaneLayout {
    /// Side by side if there is room.
    Split,
    /// The focused pane fills the screen.
    Full,
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
}

impl Geometry {
    /// Computes the layout for a terminal size, the focused pane and the number of message lines.
    pub fn new(size: Size, focus: Pane, pane_layout: PaneLayout, notice_lines: u16) -> Self {
        let area = Rect::new(0, 0, size.width, size.height);
        let wide = size.width >= WIDE;
        // The rest is on the messages page.
        let notice_lines = notice_lines.min(if size.height < 16 { 1 } else { size.height / 6 });
        let [header, tabs, body, notice, footer] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(u16::from(!wide)),
            Constraint::Min(0),
            Constraint::Length(notice_lines),
            Constraint::Length(1),
        ])
        .areas(area);
        let mut geometry = Self { header, tabs: (!wide).then_some(tabs), panes: [None; 5], body, notice, footer };
        if pane_layout == PaneLayout::Full {
            geometry.set(focus, body);
        } else if wide {
            // A narrower list would have no room for the start time.
            let (list, detail) = if size.width < 130 { (3, 2) } else { (5, 4) };
            let [machines, executions, detail] = Layout::horizontal([
                Constraint::Length((size.width / 6).clamp(22, 30)),
                Constraint::Fill(list),
                Constraint::Fill(detail),
            ])
            .areas(body);
            geometry.set(Pane::Machines, machines);
            geometry.set(Pane::Executions, executions);
            geometry.set_detail(detail);
        } else if focus == Pane::Status && body.height >= TALL {
            geometry.set_detail(body);
        } else {
            geometry.set(focus, body);
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
        let area = self.pane(pane).unwrap_or(self.body);
        // Two borders and one column of padding on each side; the scroll bar is on the border.
        (usize::from(area.width.saturating_sub(4)), usize::from(area.height.saturating_sub(2)))
    }

    /// Returns the areas of the timeline's steps and of the selected step's text: beside the steps, below them, or `None`
    /// when the text replaces them.
    pub fn timeline_areas(&self) -> (Rect, Option<Rect>) {
        let whole = self.overlay();
        if whole.width >= WIDE {
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

    fn set_detail(&mut self, area: Rect) {
        let status_lines = (area.height / 3).clamp(4, 9);
        let [status, input, output] =
            Layout::vertical([Constraint::Length(status_lines), Constraint::Fill(2), Constraint::Fill(3)]).areas(area);
        self.set(Pane::Status, status);
        self.set(Pane::Input, input);
        self.set(Pane::Output, output);
    }
}

/// Returns the tabs of a narrow screen. If not all titles fit, the unfocused ones are abbreviated.
pub(crate) fn tabs(width: u16, focus: Pane) -> [(Pane, &'static str); 5] {
    let whole: usize = Pane::ALL.iter().map(|pane| pane.title().len() + 1).sum();
    let fits = whole <= usize::from(width);
    Pane::ALL.map(|pane| (pane, if fits || pane == focus { pane.title() } else { &pane.title()[..3] }))
}

/// Returns the area of a list's rows within its pane: below the border and the header. A pane too low for both has no
/// header.
pub(crate) fn list_rows(pane: Rect) -> Rect {
    let inner = pane.inner(Margin::new(1, 1));
    let header = u16::from(inner.height >= 4);
    Rect { y: inner.y + header, height: inner.height - header, ..inner }
}

/// Returns the first visible line of a list, which keeps the selected line in the middle.
pub(crate) fn first_visible(selected: usize, lines: usize, height: usize) -> usize {
    selected.saturating_sub(height / 2).min(lines.saturating_sub(height))
}
