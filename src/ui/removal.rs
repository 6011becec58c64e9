//! The confirmations before rows are removed from the list, and before unsent lines of a batch are forgotten.
//!
//! ```text
//! ┏ Remove order-4711 from the list? ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ The execution itself does not change. Opening it by its ARN …   ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::{Constraint, Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::app::batch::page::unsent;
use crate::app::list::forms::Removal;
use crate::app::model::Model;
use crate::app::shell::geometry::DIALOG;
use crate::format::wrap::wrap;
use crate::ui::theme::Theme;
use crate::ui::widgets::{dialog, hidden_by_filter};
use stepgate_core::domain::counted;

pub(super) fn render(model: &Model, removal: &Removal, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let (title, mut text) = match &removal.name {
        Some(name) => (
            format!("Remove {name} from the list?"),
            "The execution itself does not change. Opening it by its ARN brings it back.".to_owned(),
        ),
        None => (
            format!("Remove {} from the list?", counted(removal.subjects.len(), "execution")),
            "The executions themselves do not change. Opening one by its ARN brings it back.".to_owned(),
        ),
    };
    match removal.left_out {
        0 => {}
        1 => text.push_str(" 1 marked execution stays: it has not ended."),
        count => {
            let marked = counted(count, "marked execution");
            let _ = write!(text, " {marked} stay: they have not ended.");
        }
    }
    if let Some(hidden) = hidden_by_filter(model, &removal.subjects) {
        let _ = write!(text, " {hidden}");
    }
    question(&title, &text, theme, frame, body);
}

/// Draws the confirmation before the unsent lines of a batch are forgotten.
pub(super) fn render_forget(model: &Model, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let Some(batch) = model.batches().latest() else { return };
    let title = format!("Forget the unsent lines of {}?", batch.file());
    let mut text = format!("{} would never be started. The file does not change.", unsent(batch.remaining()));
    if batch.is_sending() {
        text.push_str(" The batch stops first.");
    }
    question(&title, &text, theme, frame, body);
}

fn question(title: &str, text: &str, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let (cells, borders) = (body.width.min(DIALOG), 2);
    let lines = wrap(text, usize::from(cells.saturating_sub(2 * borders)));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(borders).min(body.height);
    let area = body.centered(Constraint::Length(cells), Constraint::Length(height));
    let inner = dialog(title, theme, frame, area).inner(Margin::new(1, 0));
    let lines: Vec<Line<'_>> = lines.iter().map(|line| Line::raw(line.trim_start())).collect();
    frame.render_widget(Paragraph::new(lines).style(theme.text), inner);
}
