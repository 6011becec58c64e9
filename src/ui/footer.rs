//! The last line: the most useful keys in the current context, from the keymap.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::keys::editor::{Editor, drawn_width};
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use crate::format::text::width;
use crate::ui::field;
use crate::ui::hints::hints;
use crate::ui::theme::Theme;

/// The minimum width of a filter or prompt.
const MIN_FIELD: u16 = 30;

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let (prompt, most) = match (model.shell().help(), model.shell().overlay()) {
        (Some(help), _) if help.is_typing() => (Some(("/", help.search())), area.width / 2),
        (None, Overlay::Filter(editor, _)) => (Some(("/", editor)), area.width / 2),
        // jq filters are often long.
        (None, Overlay::Prompt(prompt)) => (Some((prompt.kind.prefix(), &prompt.editor)), area.width * 2 / 3),
        _ => (None, 0),
    };
    let area = match prompt {
        Some((sign, editor)) => render_field(sign, editor, most, theme, frame, area),
        None => area,
    };
    if let Some(completion) = prompt.and_then(|(_, editor)| editor.completion()) {
        let area = Rect { x: area.x + area.width.min(1), width: area.width.saturating_sub(1), ..area };
        field::render_candidates(completion, theme, frame, area);
        return;
    }
    let mut line = Line::from(" ");
    for (key, label) in hints(model, usize::from(area.width).saturating_sub(1)) {
        line.push_span(Span::styled(key, theme.accent));
        line.push_span(Span::styled(format!(" {label}  "), theme.text));
    }
    frame.render_widget(line, area);
}

/// Draws a text field and returns the remaining area.
fn render_field(sign: &str, editor: &Editor, most: u16, theme: &Theme, frame: &mut Frame<'_>, area: Rect) -> Rect {
    frame.render_widget(Line::styled(format!(" {sign}"), theme.accent), area);
    let before = u16::try_from(width(sign) + 1).unwrap_or(1).min(area.width);
    let text = u16::try_from(drawn_width(editor.text()) + 2).unwrap_or(u16::MAX);
    let cells = text.max(MIN_FIELD).min(most).min(area.width - before);
    field::render(editor, true, theme, frame, Rect { x: area.x + before, width: cells, ..area });
    let used = before + cells;
    Rect { x: area.x + used, width: area.width - used, ..area }
}
