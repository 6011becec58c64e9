//! The input of the start form: the visible rows in the colours of JSON, the pair of brackets at the cursor, and the error
//! in its line.

use std::borrow::Cow;
use std::cmp::Ordering;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::app::keys::editor::{Row, drawn_text, drawn_width, snap};
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
        let mut line = colored(text, row, pair, error, theme, &mut styles);
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

/// Returns a row in the colours of its tokens, with a pair of brackets and an error marked.
fn colored<'t>(
    text: &'t str,
    row: &Row,
    pair: Option<(usize, usize)>,
    error: Option<usize>,
    theme: &Theme,
    styles: &mut Styles<'_>,
) -> Line<'t> {
    let (of, partner) = pair.unzip();
    let mut line = Line::default();
    let mut from = row.range.start;
    while from < row.range.end {
        let (mut style, mut end) = styles.at(from);
        for mark in [of, partner, error].into_iter().flatten() {
            match mark.cmp(&from) {
                Ordering::Less => {}
                Ordering::Equal => end = from + 1,
                Ordering::Greater => end = end.min(mark),
            }
        }
        if of == Some(from) || partner == Some(from) {
            style = style.patch(theme.found).remove_modifier(Modifier::DIM).add_modifier(Modifier::BOLD);
        }
        if error == Some(from) {
            style = theme.bad.add_modifier(Modifier::UNDERLINED);
        }
        // A token may end within a cluster, such as a quote with a combining mark.
        let end = snap(text, end.min(row.range.end));
        push(&mut line, drawn_text(&text[from..end]), style);
        from = end;
    }
    line
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
fn push_error(line: &mut Line<'_>, used: usize, cells: usize, message: &str, theme: &Theme) {
    let room = cells.saturating_sub(used + 3);
    if room >= ROOM_FOR_ERROR {
        line.push_span(Span::raw("   "));
        line.push_span(Span::styled(fit(&format!("← {}", visible(message)), room).into_owned(), theme.bad));
    }
}

/// Adds text to the last span if it has the same style.
fn push<'t>(line: &mut Line<'t>, text: Cow<'t, str>, style: Style) {
    match line.spans.last_mut().filter(|span| span.style == style) {
        Some(span) => span.content.to_mut().push_str(&text),
        None => line.push_span(Span::styled(text, style)),
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

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;
    use crate::app::keys::editor::drawn;
    use crate::format::json::{Token, tokens};

    /// Returns the style of each byte, by reading the whole text.
    fn all_styles(text: &str, theme: &Theme) -> Vec<Style> {
        let mut styles = Vec::new();
        for line in text.split_inclusive('\n') {
            let tokens: Vec<(Range<usize>, Token)> = tokens(line).collect();
            styles.extend((0..line.len()).map(|at| {
                let token = tokens.iter().find(|(range, _)| range.contains(&at));
                token.map_or(theme.text, |(_, token)| theme.token(*token))
            }));
        }
        styles
    }

    proptest! {
        #[test]
        fn a_visible_row_has_the_colours_of_the_whole_text(
            text in "[{}\\[\\],:\"\\\\ 1a注\u{301}👩\u{200d}\u{202e}\t\n]{0,80}",
            cells in 1_usize..12,
            skipped in 0_usize..80,
            marks in prop::collection::vec(0_usize..80, 3),
        ) {
            let theme = Theme::dark();
            let all = all_styles(&text, &theme);
            let mut styles = Styles::new(&text, &theme);
            let clusters: Vec<(usize, &str)> = text.grapheme_indices(true).skip(skipped).collect();
            for clusters in clusters.chunks(cells) {
                let end = clusters.last().map_or(0, |(offset, cluster)| offset + cluster.len());
                let row = Row { range: clusters[0].0..end, ends_line: false };
                let line = colored(&text, &row, Some((marks[0], marks[1])), Some(marks[2]), &theme, &mut styles);
                let mut expected = Line::default();
                for (offset, cluster) in clusters {
                    let style = match marks.iter().rposition(|mark| mark == offset) {
                        Some(2) => theme.bad.add_modifier(Modifier::UNDERLINED),
                        Some(_) => all[*offset].patch(theme.found).remove_modifier(Modifier::DIM).add_modifier(Modifier::BOLD),
                        None => all[*offset],
                    };
                    push(&mut expected, drawn(cluster), style);
                }
                prop_assert_eq!(line, expected, "{:?} {:?}", text, row);
            }
        }
    }
}
