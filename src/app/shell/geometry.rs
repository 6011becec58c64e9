//! Where the panes are: a pure function of the terminal's size. Drawing and scrolling share it.

use ratatui::layout::{Constraint, Layout, Rect, Size};

use crate::app::shell::pane::Pane;

/// Below this width the panes become tabs.
pub const WIDE: u16 = 100;
/// From this height on, the status tab shows input and output too.
const TALL: u16 = 16;

/// How the panes share the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// Side by side, where there is room.
    Side,
    /// The one that keys go to has all of it.
    Full,
}

/// The places of one screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// The first line.
    pub header: Rect,
    /// The line of tabs; `None` when all panes are in sight.
    pub tabs: Option<Rect>,
    /// The panes in sight, in the order of [`Pane::ALL`].
    panes: [Option<Rect>; 5],
    /// All panes together.
    pub body: Rect,
    /// Messages, above the footer; as many lines as are wanted.
    pub notice: Rect,
    /// The last line.
    pub footer: Rect,
}

impl Geometry {
    /// For a terminal of this size, with the focus on a pane and so many lines of messages.
    pub fn new(size: Size, focus: Pane, spread: Spread, notice_lines: u16) -> Self {
        let area = Rect::new(0, 0, size.width, size.height);
        let wide = size.width >= WIDE;
        // What does not fit is on the page of messages.
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
        if spread == Spread::Full {
            geometry.put(focus, body);
        } else if wide {
            let [machines, executions, detail] = Layout::horizontal([
                Constraint::Length((size.width / 5).clamp(22, 30)),
                Constraint::Fill(5),
                Constraint::Fill(4),
            ])
            .areas(body);
            geometry.put(Pane::Machines, machines);
            geometry.put(Pane::Executions, executions);
            geometry.put_detail(detail);
        } else if focus == Pane::Status && body.height >= TALL {
            geometry.put_detail(body);
        } else {
            geometry.put(focus, body);
        }
        geometry
    }

    /// Where a pane is, if it is in sight.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        self.panes[pane as usize]
    }

    /// Where a form or a choice may lie: over the panes and the tabs.
    pub fn overlay(&self) -> Rect {
        self.tabs.map_or(self.body, |tabs| tabs.union(self.body))
    }

    /// Cells and rows for text in a pane, in sight or not.
    pub fn text_size(&self, pane: Pane) -> (usize, usize) {
        let area = self.pane(pane).unwrap_or(self.body);
        // Two borders and a cell at either side, of which the scroll bar takes none.
        (usize::from(area.width.saturating_sub(4)), usize::from(area.height.saturating_sub(2)))
    }

    /// Where the timeline's steps are, and the text of one of them: beside them, below, or in their place.
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

    fn put(&mut self, pane: Pane, rect: Rect) {
        self.panes[pane as usize] = Some(rect);
    }

    fn put_detail(&mut self, area: Rect) {
        let status_lines = (area.height / 3).clamp(4, 9);
        let [status, input, output] =
            Layout::vertical([Constraint::Length(status_lines), Constraint::Fill(2), Constraint::Fill(3)]).areas(area);
        self.put(Pane::Status, status);
        self.put(Pane::Input, input);
        self.put(Pane::Output, output);
    }
}

/// The tabs of a narrow screen; where not all titles fit, those that are not open are cut to their first
/// letters.
pub fn tabs(width: u16, focus: Pane) -> [(Pane, &'static str); 5] {
    let whole: usize = Pane::ALL.iter().map(|pane| pane.title().len() + 1).sum();
    let fits = whole <= usize::from(width);
    Pane::ALL.map(|pane| (pane, if fits || pane == focus { pane.title() } else { &pane.title()[..3] }))
}

/// The first line of a list in sight: the selected one stays in the middle, away from the edges.
pub fn first_in_sight(selected: usize, lines: usize, height: usize) -> usize {
    selected.saturating_sub(height / 2).min(lines.saturating_sub(height))
}
