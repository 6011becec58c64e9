//! The form for a batch file: its path and what it contains.

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::batch::{FileForm, FileLines};
use crate::app::model::Model;
use crate::app::shell::geometry::DIALOG;
use crate::format::text::visible;
use crate::ui::field;
use crate::ui::theme::Theme;
use crate::ui::widgets::start_dialog;
use stepgate_core::domain::counted;

pub(super) fn render(model: &Model, form: &FileForm, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let area = body.centered(Constraint::Length(body.width.min(DIALOG)), Constraint::Length(body.height.min(12)));
    let Some(machine) = model.list().machines().get(form.machine) else { return };
    let title = [&*format!("Start {}", machine.name), ", once for each line of a file"];
    let inner = start_dialog(model, title, &machine.endpoint, theme, frame, area);
    if inner.height == 0 {
        return;
    }
    frame.render_widget(Line::styled("File: ", theme.accent), Rect { height: 1, ..inner });
    let line_area = Rect { x: inner.x + 6, width: inner.width.saturating_sub(6), height: 1, ..inner };
    field::render(&form.path, true, theme, frame, line_area);
    let (text, style) = match &form.lines {
        FileLines::Unread => {
            let text = "One JSON input per line. Press Enter to read the file; nothing is sent yet.";
            (text.to_owned(), theme.dim)
        }
        FileLines::Reading => ("Reading the file.".to_owned(), theme.dim),
        FileLines::Ready(inputs) => {
            let text = format!("Press Enter to start {}, Esc to cancel.", counted(inputs.len(), "execution"));
            (text, theme.strong)
        }
        FileLines::Invalid(errors) => {
            (errors.iter().map(|error| visible(error)).collect::<Vec<_>>().join("\n"), theme.bad)
        }
    };
    let mut below = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    if let Some(completion) = form.path.completion().filter(|_| below.height > 0) {
        let indented = Rect { x: line_area.x, width: line_area.width, height: 1, ..below };
        field::render_candidates(completion, theme, frame, indented);
        below = Rect { y: below.y + 1, height: below.height - 1, ..below };
    }
    frame.render_widget(Paragraph::new(text).style(style).wrap(Wrap { trim: true }), below);
}
