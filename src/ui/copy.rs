//! The menu of what to copy or save, and the file form.
//!
//! ```text
//! ┏ Copy ──────────────────────────────────────┓
//! ┃▸a ARN           arn:aws:states:us-east-1:… ┃
//! ┃ o output        {"order":4711,"paid":true} ┃
//! ┗────────────────────────────────────────────┛
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::copy::{CopyMenu, Destination, SaveForm, SaveStage};
use crate::app::model::Model;
use crate::app::shell::geometry::{DIALOG, first_visible};
use crate::format::text::{column, fit, visible, width};
use crate::ui::field;
use crate::ui::theme::Theme;
use crate::ui::widgets::{dialog, scroll_bar};
use stepgate_core::domain::counted;

/// Bytes of a text that its preview uses.
const PREVIEW: usize = 400;

pub(super) fn render(model: &Model, menu: CopyMenu, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let count = model.copy_choices().count();
    let lines = u16::try_from(count).unwrap_or(u16::MAX).saturating_add(2);
    let area = body.centered(Constraint::Length(body.width.min(DIALOG)), Constraint::Length(lines.min(body.height)));
    let title = match menu.destination {
        Destination::Clipboard => "Copy",
        Destination::File => "Save to a file",
    };
    let inner = dialog(title, theme, frame, area);
    let height = usize::from(inner.height);
    let top = first_visible(menu.selected, count, height);
    for (line, binding) in model.copy_choices().skip(top).take(height).enumerate() {
        let y = inner.y + u16::try_from(line).unwrap_or(0);
        let is_selected = top + line == menu.selected;
        let key = binding.keys.first().map(ToString::to_string).unwrap_or_default();
        let label = column(binding.action.label(), 17);
        let room = usize::from(inner.width).saturating_sub(width(&key) + 20);
        let (has, preview) = match model.copy_item(binding.action) {
            Ok(item) => (true, preview(&item.text, room)),
            Err(message) => (false, fit(message, room).into_owned()),
        };
        let of = |style| if is_selected { theme.selected } else { style };
        let mark = if is_selected { "▸" } else { " " };
        let line = Line::from(vec![
            Span::styled(format!("{mark}{key} "), of(if has { theme.accent } else { theme.dim })),
            Span::styled(label, of(if has { theme.text } else { theme.dim })),
            Span::styled(column(&preview, room + 1), of(theme.dim)),
        ]);
        frame.render_widget(line, Rect { y, height: 1, ..inner });
    }
    scroll_bar(frame, area, inner, top, count, theme);
}

/// Returns the beginning of a text on one line, and its size.
pub(super) fn preview(text: &str, cells: usize) -> String {
    let size = if text.len() > 999 { format!("{} KB", text.len() / 1000) } else { String::new() };
    let mut end = text.len().min(PREVIEW);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let line = text[..end].split_whitespace().collect::<Vec<_>>().join(" ");
    let room = cells.saturating_sub(size.len() + 1);
    format!("{} {size}", column(&visible(&line), room)).trim_end().to_owned()
}

pub(super) fn render_save(form: &SaveForm, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let area = body.centered(Constraint::Length(body.width.min(DIALOG)), Constraint::Length(body.height.min(6)));
    let inner = dialog(&format!("Save {}", form.item.what), theme, frame, area);
    if inner.height == 0 {
        return;
    }
    frame.render_widget(Line::styled("File: ", theme.accent), Rect { height: 1, ..inner });
    let line_area = Rect { x: inner.x + 6, width: inner.width.saturating_sub(6), height: 1, ..inner };
    field::render(&form.path, true, theme, frame, line_area);
    let (text, style) = match &form.stage {
        SaveStage::Draft => {
            (format!("{}, as received. Press Enter to save.", counted(form.item.text.len(), "byte")), theme.dim)
        }
        SaveStage::Writing => ("Saving.".to_owned(), theme.dim),
        SaveStage::Exists => ("The file exists. Press Enter to overwrite it.".to_owned(), theme.warning),
        SaveStage::Failed(message) => (visible(message).into_owned(), theme.bad),
    };
    let mut below = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    if let Some(completion) = form.path.completion().filter(|_| below.height > 0) {
        let indented = Rect { x: line_area.x, width: line_area.width, height: 1, ..below };
        field::render_candidates(completion, theme, frame, indented);
        below = Rect { y: below.y + 1, height: below.height - 1, ..below };
    }
    frame.render_widget(Paragraph::new(text).style(style).wrap(Wrap { trim: true }), below);
}
