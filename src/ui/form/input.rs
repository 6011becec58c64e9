//! The input of the start form: the visible rows in the colours of JSON, the pair of brackets at the cursor, and the error
//! in its line.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

use crate::app::keys::editor::{Row, drawn, drawn_width};
use crate::app::start::form::{Field, Form};
use crate::app::start::layout::FormLayout;
use crate::format::brackets;
use crate::format::text::{fit, visible};
use crate::ui::form::styles::Styles;
use crate::ui::theme::Theme;
use crate::ui::widgets::scroll_bar;
use stepgate_core::domain::InputError;

/// The minimum width of an error after its row.
const ROOM_FOR_ERROR: usize = 14;

pub(super) fn render(form: &Form, theme: &Theme, frame: &mut Frame<'_>, layout: &FormLayout) {
    let (text, top) = (form.input.text(), form.input.top());
    let rows: Vec<Row> = form.input.rows();
    let has_keys = form.field == Field::Input;
    let pair = brackets::pair(text, form.input.cursor()).filter(|_| has_keys);
    let mut number = memchr::memchr_iter(b'\n', &text.as_bytes()[..top]).count() + 1;
    let mut starts_line = top == 0 || text.as_bytes()[top - 1] == b'\n';
    let mut styles = Styles::new(text, theme);
    for (row, y) in rows.iter().zip(layout.input.y..layout.input.bottom()) {
        let error = form.error_offset().filter(|offset| row.has(*offset));
        render_gutter(starts_line.then_some(number), error.is_some(), theme, frame, at(layout.gutter, y));
        let mut line = Line::default();
        for (offset, cluster) in text[row.range.clone()].grapheme_indices(true) {
            let offset = row.range.start + offset;
            let mut style = styles.at(offset);
            if pair.is_some_and(|(of, partner)| offset == of || offset == partner) {
                style = style.patch(theme.found).remove_modifier(Modifier::DIM).add_modifier(Modifier::BOLD);
            }
            if error == Some(offset) {
                style = theme.bad.add_modifier(Modifier::UNDERLINED);
            }
            push(&mut line, &drawn(cluster), style);
        }
        if let Some(message) = error.and_then(|_| message(form)) {
            let used = drawn_width(&text[row.range.clone()]);
            push_error(&mut line, used, usize::from(layout.input.width), message, theme);
        }
        frame.render_widget(line, at(layout.input, y));
        if has_keys && row.has(form.input.cursor()) {
            let column = drawn_width(&text[row.range.start..form.input.cursor()]);
            let x = u16::try_from(column).unwrap_or(u16::MAX).min(layout.input.width);
            frame.set_cursor_position((layout.input.x + x, y));
        }
        number += usize::from(row.ends_line);
        starts_line = row.ends_line;
    }
    render_scroll_bar(text, &rows, theme, frame, layout);
}

fn at(area: Rect, y: u16) -> Rect {
    Rect { y, height: 1, ..area }
}

/// Draws the number of a line at its first row, and the mark of an error.
fn render_gutter(number: Option<usize>, has_error: bool, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let mark = if has_error { "✖" } else { " " };
    let cells = usize::from(area.width).saturating_sub(2);
    let number = number.filter(|_| cells > 0).map(|number| number.to_string()).unwrap_or_default();
    let style = if has_error { theme.bad } else { theme.dim };
    let number = Span::styled(format!("{number:>cells$}"), style);
    frame.render_widget(Line::from(vec![Span::styled(mark, theme.bad), number]), area);
}

/// Returns the error, without its position.
fn message(form: &Form) -> Option<&str> {
    match form.input_error()? {
        InputError::NotJson { message, .. } => Some(message),
        InputError::Empty | InputError::TooLarge { .. } => None,
    }
}

/// Adds the error after the text of its row, if there is room. The last line of the form always shows it.
fn push_error(line: &mut Line<'static>, used: usize, cells: usize, message: &str, theme: &Theme) {
    let room = cells.saturating_sub(used + 3);
    if room >= ROOM_FOR_ERROR {
        line.push_span(Span::raw("   "));
        line.push_span(Span::styled(fit(&format!("← {}", visible(message)), room).into_owned(), theme.bad));
    }
}

/// Adds text to the last span if it has the same style.
fn push(line: &mut Line<'static>, text: &str, style: Style) {
    match line.spans.last_mut().filter(|span| span.style == style) {
        Some(span) => span.content.to_mut().push_str(text),
        None => line.push_span(Span::styled(text.to_owned(), style)),
    }
}

fn render_scroll_bar(text: &str, rows: &[Row], theme: &Theme, frame: &mut Frame<'_>, layout: &FormLayout) {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return };
    if first.range.start == 0 && last.range.end == text.len() {
        return;
    }
    // By bytes, since counting the rows would read the whole text.
    let shown = (last.range.end - first.range.start).max(1);
    let height = usize::from(layout.input.height);
    let (top, lines) = (first.range.start * height / shown, (text.len() * height).div_ceil(shown).max(height + 1));
    scroll_bar(frame, layout.area, layout.input, top, lines, theme);
}
