//! The page of a batch: its progress, and each line with its state.
//!
//! ```text
//! ┏ orders.jsonl · order-pipeline ───────────────────────────────┓
//! ┃ ██████████░░░░░░ 5 of 8 · 4 started · 1 refused              ┃
//! ┃ The batch continues in the background.                       ┃
//! ┃                                                              ┃
//! ┃     LINE  STATE        NAME            ERROR                 ┃
//! ┃▸       1  ✔ SUCCEEDED  7q2k-order-5q…                        ┃
//! ┃        2  ✖ refused    m3xd-order-5q…  the input is too deep ┃
//! ┗──────────────────────────────────────────────────────────────┛
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::batch::page::{header_rows, heading, height};
use crate::app::model::Model;
use crate::format::text::{column, column_right, visible, width};
use crate::ui::footer;
use crate::ui::page::styled;
use crate::ui::theme::{Theme, outcome_sign, sign};
use crate::ui::widgets::{dialog, scroll_bar};
use stepgate_core::domain::{BatchLine, LineState, Status};

/// The widths of the cursor's sign, the number and the state.
const CURSOR: usize = 2;
const NUMBER: usize = 6;
const STATE: usize = 13;
/// The most cells for a name while an error needs room.
const NAME: usize = 32;

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let Some(batch) = model.batches().latest() else { return };
    let [area, below] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(area);
    let title = format!("{} · {}", batch.file(), batch.machine_name());
    let inner = dialog(&title, theme, frame, area);
    footer::render(model, theme, frame, below);
    let window = model.batches().lines();
    let mut y = inner.y;
    let mut put = |line: Line<'_>, frame: &mut Frame<'_>| {
        if y < inner.bottom() {
            frame.render_widget(line, Rect { y, height: 1, ..inner });
            y += 1;
        }
    };
    for line in heading(model) {
        put(styled(&line, inner.width, theme), frame);
    }
    let rows = height(model);
    let top = window.top(rows);
    let lines: Vec<Cells> = window.lines(top, rows).map(|line| Cells::new(line, model, theme)).collect();
    let cells = usize::from(inner.width);
    let has_errors = lines.iter().any(|line| !line.error.is_empty());
    let widest = lines.iter().map(|line| width(&line.name)).max().unwrap_or(0).max("NAME".len());
    let room = cells.saturating_sub(CURSOR + NUMBER + STATE + 6);
    let name = widest.min(if has_errors { NAME.min(room / 2) } else { room });
    if header_rows(model.shell().size().height) > 0 {
        put(Line::default(), frame);
        let error = if has_errors { "ERROR" } else { "" };
        let (number, state) = (column_right("LINE", CURSOR + NUMBER), column("STATE", STATE));
        let header = format!("{number}  {state}  {}  {error}", column("NAME", name));
        put(Line::styled(header, theme.dim), frame);
    }
    let message = match window.error() {
        Some(error) => Some((format!("The lines cannot be read: {error}"), theme.bad)),
        None if !window.is_read() => Some(("Reading the lines.".to_owned(), theme.dim)),
        None if window.total() == 0 => Some(("No line has failed to start so far.".to_owned(), theme.dim)),
        None => None,
    };
    if let Some((text, style)) = message {
        put(Line::styled(format!(" {}", visible(&text)), style), frame);
        return;
    }
    for (place, line) in lines.into_iter().enumerate() {
        let is_selected = top + place == window.cursor();
        put(line.line(is_selected, name, room.saturating_sub(name), theme), frame);
    }
    let height = u16::try_from(rows).unwrap_or(u16::MAX).min(inner.height);
    let rows = Rect { y: inner.bottom() - height, height, ..inner };
    scroll_bar(frame, area, rows, top, window.total(), theme);
}

/// The texts of a line.
struct Cells {
    number: usize,
    sign: &'static str,
    state: String,
    style: Style,
    name: String,
    error: String,
}

impl Cells {
    fn new(line: &BatchLine, model: &Model, theme: &Theme) -> Self {
        let text = |text: &str| visible(text).into_owned();
        let (sign, state, style, error) = match &line.state {
            LineState::Waiting => (" ", "planned".to_owned(), theme.dim, String::new()),
            LineState::Sent => ("…", "sent".to_owned(), theme.text, String::new()),
            LineState::Unresolved(start) => {
                let reason = start.reason.as_ref().map(ToString::to_string).unwrap_or_default();
                ("?", "unresolved".to_owned(), theme.warning, text(&reason))
            }
            LineState::NotStarted(Some(failure)) => ("✖", "refused".to_owned(), theme.bad, text(&failure.to_string())),
            LineState::NotStarted(None) => ("-", "not started".to_owned(), theme.warning, String::new()),
            LineState::Started(record) => {
                // The list knows more than the store at the time of reading.
                if let Some(row) = model.list().executions().find(&record.gateway, &record.arn) {
                    (
                        sign(row),
                        row.status_text().into_owned(),
                        theme.execution(row),
                        text(row.error().unwrap_or_default()),
                    )
                } else {
                    let status = record.status().unwrap_or(Status::Running);
                    let error = record.seen.as_ref().and_then(|seen| seen.error.as_deref()).unwrap_or_default();
                    (outcome_sign(&status), text(status.as_str()), theme.text, text(error))
                }
            }
        };
        Self { number: line.line, sign, state, style, name: text(line.name.as_str()), error }
    }

    fn line(self, is_selected: bool, name: usize, error: usize, theme: &Theme) -> Line<'static> {
        let of = |style| if is_selected { theme.selected } else { style };
        let sign = if is_selected { "▸ " } else { "  " };
        Line::from(vec![
            Span::styled(format!("{sign}{}  ", column_right(&self.number.to_string(), NUMBER)), of(theme.dim)),
            Span::styled(format!("{}  ", column(&format!("{} {}", self.sign, self.state), STATE)), of(self.style)),
            Span::styled(format!("{}  ", column(&self.name, name)), of(theme.text)),
            Span::styled(column(&self.error, error), of(theme.bad)),
        ])
    }
}
