//! Text fields of one line: the part around the cursor, and the candidates of a completion.
//!
//! ```text
//!  File: …inputs/orders-2026-11-26.jsonl
//!        orders-2026-11-25.jsonl  orders-2026-11-26.jsonl  ordered/
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

use crate::app::keys::editor::{Completion, Editor, drawn, drawn_width};
use crate::format::text::{fit, visible, width};
use crate::ui::theme::Theme;

/// Draws a field and, with focus, places the terminal's cursor in it, where input methods show their composition.
pub(super) fn render(editor: &Editor, has_keys: bool, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let (text, cursor) = (editor.text(), editor.cursor());
    let column = drawn_width(&text[..cursor]);
    let under = text[cursor..].graphemes(true).next().map_or(1, |cluster| width(&drawn(cluster)).max(1));
    let left = first_column(column, under, usize::from(area.width));
    let line = part(text, left, usize::from(area.width), theme);
    frame.render_widget(line, Rect { height: 1, ..area });
    if has_keys {
        let x = u16::try_from(column - left).unwrap_or(u16::MAX).min(area.width - 1);
        frame.set_cursor_position((area.x + x, area.y));
    }
}

/// Returns the first visible column, so that the character under the cursor is visible. Scrolls by half a field, so that
/// the text does not move with every key.
fn first_column(column: usize, under: usize, cells: usize) -> usize {
    let missing = (column + under).saturating_sub(cells);
    if missing == 0 {
        return 0;
    }
    let half = (cells / 2).max(1);
    // The mark of the hidden part takes the first cell.
    (missing.div_ceil(half) * half).min(column.saturating_sub(1)).max(missing).min(column)
}

/// Returns the columns from `left`, with a mark if something is hidden before them.
fn part(text: &str, left: usize, cells: usize, theme: &Theme) -> Line<'static> {
    let mark = usize::from(left > 0);
    let (mut column, mut shown) = (0, String::new());
    for cluster in text.graphemes(true) {
        let drawn = drawn(cluster);
        let end = column + width(&drawn);
        if end > left + cells {
            break;
        }
        if column >= left + mark {
            shown.push_str(&drawn);
        } else if end > left + mark {
            // Half of a wide character.
            shown.push_str(&" ".repeat(end - left - mark));
        }
        column = end;
    }
    Line::from(vec![Span::styled("…".repeat(mark), theme.dim), Span::styled(shown, theme.text)])
}

/// Draws the candidates of a completion on one line, the one in the field emphasized.
pub(super) fn render_candidates(completion: &Completion, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    if completion.candidates().is_empty() {
        frame.render_widget(Line::styled("no completions", theme.dim), area);
        return;
    }
    let room = usize::from(area.width);
    let texts: Vec<_> = completion.candidates().iter().map(|text| visible(text)).collect();
    // From the first one of the page with the current one.
    let (mut first, mut used) = (0, 0);
    for (index, text) in texts.iter().enumerate().take(completion.index().unwrap_or(0) + 1) {
        if used + width(text) > room {
            (first, used) = (index, 0);
        }
        used += width(text) + 2;
    }
    let (mut line, mut used) = (Line::default(), 0);
    for (index, text) in texts.iter().enumerate().skip(first) {
        let left = room.saturating_sub(used);
        if left < 2 || (width(text) > left && index > first) {
            break;
        }
        let style = if completion.index() == Some(index) { theme.selected } else { theme.text };
        line.push_span(Span::styled(fit(text, left).into_owned(), style));
        line.push_span(Span::raw("  "));
        used += width(text) + 2;
    }
    frame.render_widget(line, area);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;

    proptest! {
        #[test]
        fn the_cursor_is_on_its_character_at_any_width(
            text in "[a注e\u{301}👩\u{1b}]{0,40}",
            at in 0_usize..100,
            cells in 2_u16..30,
        ) {
            let editor = Editor::with_cursor(&text, at);
            let mut terminal = Terminal::new(TestBackend::new(cells, 1)).expect("a terminal");
            terminal.draw(|frame| render(&editor, true, &Theme::plain(), frame, frame.area())).expect("drawn");
            let cursor = terminal.get_cursor_position().expect("a cursor");
            let under = editor.text()[editor.cursor()..].graphemes(true).next().map(drawn);
            // A field that is narrower than its mark and two wide characters may cut.
            if let Some(under) = under.filter(|under| width(under) < usize::from(cells)) {
                let first = under.graphemes(true).next().unwrap_or_default();
                let cell = terminal.backend().buffer()[(cursor.x, 0)].symbol();
                prop_assert_eq!(cell, first);
            }
        }
    }
}
