//! Widgets shared by several regions: frames, scroll bars, labelled lines, text fields, durations.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Clear, Scrollbar, ScrollbarOrientation, ScrollbarState};

use crate::app::keys::editor::{Editor, Lines};
use crate::app::list::row::{Group, Row};
use crate::app::model::Model;
use crate::app::shell::geometry::{has_borders, inner};
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::format::clock;
use crate::format::text::{fit, visible};
use crate::ui::theme::Theme;

/// Returns whether a pane has the focus.
pub(super) fn has_focus(model: &Model, pane: Pane) -> bool {
    model.shell().focus() == pane
        && matches!(model.shell().overlay(), Overlay::None | Overlay::Filter(..) | Overlay::Prompt(_))
}

/// Draws a pane's frame and returns the area inside.
pub(super) fn frame_of(
    model: &Model,
    pane: Pane,
    title: Line<'static>,
    theme: &Theme,
    frame: &mut Frame<'_>,
    area: Rect,
) -> Rect {
    let focused = has_focus(model, pane);
    let (style, kind) = if focused { (theme.focus, BorderType::Thick) } else { (theme.border, BorderType::Plain) };
    framed(title, style, kind, frame, area)
}

/// Draws a frame, if the screen has borders, and returns the area inside.
pub(super) fn framed(title: Line<'static>, style: Style, kind: BorderType, frame: &mut Frame<'_>, area: Rect) -> Rect {
    if has_borders(frame.area().as_size()) {
        let block = Block::new().borders(Borders::ALL).border_type(kind).border_style(style).title(title);
        frame.render_widget(block, area);
    }
    inner(area, frame.area().as_size())
}

/// Draws the frame of an overlay on a cleared background and returns the area inside.
pub(super) fn dialog(title: &str, theme: &Theme, frame: &mut Frame<'_>, area: Rect) -> Rect {
    frame.render_widget(Clear, area);
    let title = Line::styled(format!(" {} ", visible(title)), theme.accent);
    if has_borders(frame.area().as_size()) {
        return framed(title, theme.focus, BorderType::Thick, frame, area);
    }
    // Without borders, the title has a line.
    frame.render_widget(title, Rect { height: area.height.min(1), ..area });
    Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area }
}

/// Draws a scroll bar on the right border of an area, if not everything is visible.
pub(super) fn scroll_bar(frame: &mut Frame<'_>, area: Rect, top: usize, lines: usize, theme: &Theme) {
    let height = usize::from(area.height.saturating_sub(2));
    if lines <= height || height == 0 || !has_borders(frame.area().as_size()) {
        return;
    }
    let bar = Scrollbar::new(ScrollbarOrientation::VerticalRight).begin_symbol(None).end_symbol(None).style(theme.dim);
    let mut state = ScrollbarState::new(lines.saturating_sub(height)).position(top).viewport_content_length(height);
    frame.render_stateful_widget(bar, area.inner(Margin::new(0, 1)), &mut state);
}

/// Returns the heading of a pane's frame.
pub(super) fn heading(text: &str, theme: &Theme) -> Line<'static> {
    // Without its own color it would have the border's.
    Line::from(Span::styled(format!(" {text} "), theme.strong.fg(Color::Reset)))
}

/// Returns a line with a label and a value, cut to the width.
pub(super) fn labelled(label: &'static str, value: &str, width: u16, theme: &Theme) -> Line<'static> {
    let room = usize::from(width).saturating_sub(label.len() + 2);
    let value = fit(&visible(value), room).into_owned();
    Line::from(vec![Span::styled(format!(" {label} "), theme.dim), Span::styled(value, theme.text)])
}

/// Draws a text field and, with focus, places the terminal's cursor in it, where input methods show their composition.
pub(super) fn render_editor(editor: &Editor, has_keys: bool, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    // Leaves a cell for the cursor after a line that fills the field.
    let spare = u16::from(editor.lines() == Lines::Many && area.width > 1);
    frame.render_widget(editor.area(), Rect { width: area.width - spare, ..area });
    if has_keys {
        let (cursor, (top, left)) = (editor.area().screen_cursor(), editor.area().scroll_offset());
        let place = |at: usize, scrolled: u16, from: u16, until: u16| {
            let offset = u16::try_from(at.saturating_sub(usize::from(scrolled))).unwrap_or(u16::MAX);
            from.saturating_add(offset).min(until.saturating_sub(1))
        };
        let x = place(cursor.col, left, area.x, area.right());
        let y = place(cursor.row, top, area.y, area.bottom());
        frame.set_cursor_position((x, y));
    }
}

/// Returns the running time, formatted with `running`, or the final duration.
pub(super) fn duration(row: &Row, model: &Model, running: fn(Duration) -> String) -> String {
    match (row.seen().and_then(|seen| seen.stop_date), row.group()) {
        (Some(stop), _) => clock::finished(stop.since(row.started)),
        (None, Group::Running) => running(model.now().since(row.started)),
        (None, _) => String::new(),
    }
}
