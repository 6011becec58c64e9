//! The input and output panes: the visible rows of a text, the state of its filter above them, and the path of the cursor
//! in the frame.
//!
//! ```text
//! ┌ Output · .parcels[0].kg ───────── 2/3 /kg ┐
//! │ jq .order | keys                          │
//! │ {                                         │
//! │   "parcels": [ … 3 ],                     │
//! └───────────────────────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::model::Model;
use crate::app::reader::document::{Document, Stage};
use crate::app::reader::payloads::OutputKind;
use crate::app::reader::{Layout, Overflow, Reader, Row};
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::format::text::{fit, fit_end, visible, width};
use crate::ui::theme::Theme;
use crate::ui::widgets::{frame_of, has_focus, heading, scroll_bar};

pub(super) fn render_input(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let pane = Pane::Input;
    let document = model.reader().payloads().document(pane);
    let title = title("Input", document.filter(|_| is_read(model, pane)), theme, area.width);
    let inner = frame_of(model, pane, title, theme, frame, area);
    match document {
        Some(document) => text(document, is_read(model, pane), theme, frame, area, inner),
        None => message_in(model.reader().payloads().no_input(), theme, frame, inner),
    }
}

pub(super) fn render_output(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let pane = Pane::Output;
    let heading = if model.reader().payloads().kind() == OutputKind::Error { "Error and cause" } else { "Output" };
    let document = model.reader().payloads().document(pane);
    let title = title(heading, document.filter(|_| is_read(model, pane)), theme, area.width);
    let mut inner = frame_of(model, pane, title, theme, frame, area);
    if let OutputKind::Absent(message) = model.reader().payloads().kind() {
        message_in(message, theme, frame, inner);
    }
    if model.reader().payloads().kind() == OutputKind::Error {
        let error = model.reader().payloads().error().unwrap_or("(no error name)");
        let line = Line::styled(fit(&visible(error), usize::from(padded(inner).width)).into_owned(), theme.bad);
        frame.render_widget(line, Rect { height: inner.height.min(1), ..padded(inner) });
        inner = below(inner);
    }
    if let Some(document) = document {
        text(document, is_read(model, pane), theme, frame, area, inner);
    }
}

/// Returns whether to show the cursor of a pane.
fn is_read(model: &Model, pane: Pane) -> bool {
    has_focus(model, pane) || matches!(model.shell().overlay(), Overlay::Prompt(prompt) if prompt.pane == pane)
}

/// Returns the title of a pane: its name and, with focus, the path of the cursor, the layout and the search.
pub(super) fn title(name: &str, read: Option<&Document>, theme: &Theme, cells: u16) -> Line<'static> {
    let mut line = heading(name, theme);
    let Some(document) = read else { return line };
    let reader = document.reader();
    let mut state = String::new();
    if reader.layout() == Layout::Raw && reader.path().is_none() {
        state.push_str("as received ");
    }
    if let Overflow::Cut(left) = reader.overflow() {
        state.push_str(if left == 0 { "lines cut " } else { "← lines cut " });
    }
    let (place, count) = reader.search().position();
    if count > 0 {
        let place = place.map_or("-".to_owned(), |place| place.to_string());
        let needle = visible(reader.search().needle());
        state = format!("{state}{place}/{count} /{} ", fit(&needle, 16));
    }
    let room = usize::from(cells).saturating_sub(4 + width(name) + width(&state));
    if let Some(path) = reader.path().filter(|path| room > 8 && path != ".") {
        // The end of a path is more informative than its beginning.
        line.push_span(Span::styled(format!("{} ", fit_end(&visible(&path), room)), theme.dim));
    }
    line.push_span(Span::styled(state, theme.accent));
    line
}

pub(super) fn message_in(message: &str, theme: &Theme, frame: &mut Frame<'_>, inner: Rect) {
    frame.render_widget(Paragraph::new(message).style(theme.dim).wrap(Wrap { trim: true }), padded(inner));
}

/// Draws a text, with the state of its filter above it.
pub(super) fn text(document: &Document, is_read: bool, theme: &Theme, frame: &mut Frame<'_>, area: Rect, inner: Rect) {
    let mut inner = inner;
    if let Some(filtered) = document.filtered() {
        let (status, style) = match &filtered.stage {
            Stage::Due | Stage::Running(_) => (format!("jq {} …", filtered.filter), theme.running),
            Stage::Done => (format!("jq {}", filtered.filter), theme.accent),
            Stage::Failed(message) => (message.clone(), theme.bad),
        };
        let line = Line::styled(fit(&visible(&status), usize::from(padded(inner).width)).into_owned(), style);
        frame.render_widget(line, Rect { height: inner.height.min(1), ..padded(inner) });
        inner = below(inner);
    }
    let reader = document.reader();
    if reader.is_empty() && document.filtered().is_some_and(|filtered| filtered.stage == Stage::Done) {
        message_in("The filter has no output.", theme, frame, inner);
    }
    rows(reader, is_read, theme, frame, inner);
    let (top, lines) = reader.scroll_position();
    scroll_bar(frame, area, inner, top, lines, theme);
}

fn rows(reader: &Reader, is_read: bool, theme: &Theme, frame: &mut Frame<'_>, inner: Rect) {
    for (index, (row, has_cursor)) in reader.rows().iter().take(usize::from(inner.height)).enumerate() {
        let y = inner.y + u16::try_from(index).unwrap_or(0);
        let area = Rect { y, height: 1, ..padded(inner) };
        frame.render_widget(styled(row, theme), area);
        if *has_cursor && is_read {
            // In the cell between border and text, so that the text keeps its colors.
            frame.render_widget(Line::styled("▸", theme.accent), Rect { y, height: 1, ..inner });
        }
    }
}

fn styled<'l>(row: &'l Row, theme: &Theme) -> Line<'l> {
    let indent = Span::raw(" ".repeat(row.indent));
    let pieces = row.spans.iter().map(|span| {
        let style = theme.token(span.token);
        Span::styled(&*span.text, if span.is_match { style.patch(theme.found) } else { style })
    });
    std::iter::once(indent).chain(pieces).collect()
}

/// Returns the area without one column on each side.
fn padded(area: Rect) -> Rect {
    area.inner(Margin::new(1, 0))
}

fn below(area: Rect) -> Rect {
    Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area }
}
