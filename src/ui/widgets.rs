//! Widgets shared by several regions: frames, scroll bars, labelled lines, durations.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Scrollbar, ScrollbarOrientation, ScrollbarState};

use crate::app::list::row::{Group, Row};
use crate::app::model::Model;
use crate::app::shell::geometry::{has_borders, inner};
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::format::text::{fit, fit_middle, visible, width};
use crate::ui::theme::Theme;
use stepgate_core::domain::elapsed;
use stepgate_core::domain::{EndpointName, ExecutionId};

/// Returns whether a pane has the focus.
pub(super) fn has_focus(model: &Model, pane: Pane) -> bool {
    model.shell().focus() == pane
        && matches!(model.shell().overlay(), Overlay::None | Overlay::Filter(..) | Overlay::Prompt(_))
}

/// Draws a pane's frame, with focus in the colour of the endpoint that is shown, and returns the area inside.
pub(super) fn frame_of(
    model: &Model,
    pane: Pane,
    title: Line<'static>,
    theme: &Theme,
    frame: &mut Frame<'_>,
    area: Rect,
) -> Rect {
    let shown = model.shell().endpoints().shown().and_then(|endpoint| endpoint.color);
    let focus = shown.map_or(theme.focus, |color| theme.focus.fg(color));
    let has_focus = has_focus(model, pane);
    let (style, kind) = if has_focus { (focus, BorderType::Thick) } else { (theme.border, BorderType::Plain) };
    framed(title, style, kind, frame, area)
}

/// Draws a frame, if the screen has borders, and returns the area inside.
pub(super) fn framed(title: Line<'static>, style: Style, kind: BorderType, frame: &mut Frame<'_>, area: Rect) -> Rect {
    if has_borders(frame.area().as_size()) {
        let title = fitted(title, usize::from(area.width.saturating_sub(2)));
        let block = Block::new().borders(Borders::ALL).border_type(kind).border_style(style).title(title);
        frame.render_widget(block, area);
    }
    inner(area, frame.area().as_size())
}

/// Cuts a line to this many cells, with `…` if something is missing.
fn fitted(line: Line<'static>, cells: usize) -> Line<'static> {
    let mut left = cells;
    let mut cut = Line::default().style(line.style);
    for span in line.spans {
        let text = fit(&span.content, left).into_owned();
        let is_whole = text == span.content;
        left = left.saturating_sub(width(&text));
        cut.push_span(Span::styled(text, span.style));
        if !is_whole {
            break;
        }
    }
    cut
}

/// Draws the frame of an overlay on a cleared background and returns the area inside.
pub(super) fn dialog(title: &str, theme: &Theme, frame: &mut Frame<'_>, area: Rect) -> Rect {
    let title = Line::styled(format!(" {} ", visible(title)), theme.accent);
    titled_dialog(title, theme.focus, frame, area)
}

/// The same with a title of several styles, and a style for the border.
pub(super) fn titled_dialog(title: Line<'static>, border: Style, frame: &mut Frame<'_>, area: Rect) -> Rect {
    clear(frame, area);
    if has_borders(frame.area().as_size()) {
        return framed(title, border, BorderType::Thick, frame, area);
    }
    // Without borders, the title has a line.
    let title = fitted(title, usize::from(area.width));
    frame.render_widget(title, Rect { height: area.height.min(1), ..area });
    Rect { y: area.y.saturating_add(1), height: area.height.saturating_sub(1), ..area }
}

/// Clears the area of an overlay and a column on each side. A wide character that would be cut there disappears as a whole:
/// terminals draw it over the border, or not at all. One of ambiguous width (`·`), which some terminals draw in two cells,
/// does not reach the border either.
fn clear(frame: &mut Frame<'_>, area: Rect) {
    let buffer = frame.buffer_mut();
    let screen = buffer.area;
    let area = area.intersection(screen);
    let (from, until) = (area.x.saturating_sub(1).max(screen.x), area.right().saturating_add(1).min(screen.right()));
    for y in area.top()..area.bottom() {
        let mut x = screen.x;
        while x < until {
            let end = x + u16::try_from(width(buffer[(x, y)].symbol())).unwrap_or(1).max(1);
            for x in (x..end.min(screen.right())).filter(|_| end > from) {
                buffer[(x, y)].reset();
            }
            x = end;
        }
    }
}

/// The cells that the title of a form keeps for the machine if the rest of the title needs more room.
const SHORTEST_MACHINE: usize = 24;

/// Draws the frame of a form that starts a machine: its title has the endpoint in its colour, and so has the border. However
/// long the name of the machine is, the title has the endpoint.
pub(super) fn start_dialog(
    model: &Model,
    [before, after]: [&str; 2],
    endpoint: &EndpointName,
    theme: &Theme,
    frame: &mut Frame<'_>,
    area: Rect,
) -> Rect {
    let before = visible(before);
    // The corners, the blanks at both ends, and " on ".
    let room = usize::from(area.width).saturating_sub(width(&visible(endpoint.as_str())) + 8);
    let beside_rest = room.saturating_sub(width(after));
    let room = if beside_rest < SHORTEST_MACHINE { room } else { beside_rest };
    let title = [&*format!("{} on ", fit_middle(&before, room)), after];
    endpoint_dialog(model, title, &[endpoint], theme, frame, area)
}

/// Draws the frame of a dialog about executions on these endpoints: its title has each in its colour, and so has the border
/// if there is only one.
pub(super) fn endpoint_dialog(
    model: &Model,
    [before, after]: [&str; 2],
    endpoints: &[&EndpointName],
    theme: &Theme,
    frame: &mut Frame<'_>,
    area: Rect,
) -> Rect {
    let color = |name: &EndpointName| model.shell().endpoints().find(name).and_then(|endpoint| endpoint.color);
    let mut title = Line::styled(format!(" {}", visible(before)), theme.accent);
    for (index, name) in endpoints.iter().enumerate() {
        if index > 0 {
            title.push_span(Span::styled(", ", theme.accent));
        }
        title.push_span(Span::styled(visible(name.as_str()).into_owned(), theme.endpoint(color(name))));
    }
    title.push_span(Span::styled(format!("{after} "), theme.accent));
    let only = if let [only] = endpoints { color(only) } else { None };
    titled_dialog(title, only.map_or(theme.focus, |color| theme.focus.fg(color)), frame, area)
}

/// Returns a warning if the filter hides some of the executions that a confirmation is about.
pub(super) fn hidden_by_filter(model: &Model, subjects: &[ExecutionId]) -> Option<String> {
    match model.list().executions().count_hidden(subjects.iter().copied()) {
        0 => None,
        1 if subjects.len() == 1 => Some("The filter hides it.".to_owned()),
        1 => Some("The filter hides 1 of them.".to_owned()),
        count => Some(format!("The filter hides {count} of them.")),
    }
}

/// Draws a scroll bar on the right border of an area, beside the rows in view, if these are not all lines. `top`: the first
/// line in view.
pub(super) fn scroll_bar(frame: &mut Frame<'_>, area: Rect, rows: Rect, top: usize, lines: usize, theme: &Theme) {
    let height = usize::from(rows.height);
    if lines <= height || height == 0 || !has_borders(frame.area().as_size()) {
        return;
    }
    let bar = Scrollbar::new(ScrollbarOrientation::VerticalRight).begin_symbol(None).end_symbol(None).style(theme.dim);
    let mut state = ScrollbarState::new(lines.saturating_sub(height)).position(top).viewport_content_length(height);
    frame.render_stateful_widget(bar, Rect { y: rows.y, height: rows.height, ..area }, &mut state);
}

/// Returns the heading of a pane's frame.
pub(super) fn heading(text: &str, theme: &Theme) -> Line<'static> {
    // Otherwise it would look like the border.
    let style = theme.strong.fg(Color::Reset).remove_modifier(Modifier::DIM);
    Line::from(Span::styled(format!(" {text} "), style))
}

/// Returns a line with a label and a value, cut to the width.
pub(super) fn labelled(label: &'static str, value: &str, width: u16, theme: &Theme) -> Line<'static> {
    let room = usize::from(width).saturating_sub(label.len() + 2);
    let value = fit(&visible(value), room).into_owned();
    Line::from(vec![Span::styled(format!(" {label} "), theme.dim), Span::styled(value, theme.text)])
}

/// Returns the running time or the final duration.
pub(super) fn duration(row: &Row, model: &Model) -> String {
    match (row.seen().and_then(|seen| seen.stop_date), row.group()) {
        (Some(stop), _) => elapsed::finished(stop.since(row.started)),
        (None, Group::Running) => elapsed::running(model.now().since(row.started)),
        (None, _) => String::new(),
    }
}
