//! The confirmation before rows are removed from the list.
//!
//! ```text
//! ┏ Remove order-4711 from the list? ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ The execution itself does not change. `:open` brings it back.   ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::{Constraint, Margin, Rect};
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::list::forms::Removal;
use crate::ui::theme::Theme;
use crate::ui::widgets::dialog;

pub(super) fn render(removal: &Removal, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let (title, mut text) = match &removal.name {
        Some(name) => (
            format!("Remove {name} from the list?"),
            "The execution itself does not change. Opening it by its ARN brings it back.".to_owned(),
        ),
        None => (
            format!("Remove {} executions from the list?", removal.subjects.len()),
            "The executions themselves do not change. Opening one by its ARN brings it back.".to_owned(),
        ),
    };
    if removal.left_out > 0 {
        let _ = write!(text, " {} marked ones stay: they have not ended.", removal.left_out);
    }
    let area = body.centered(Constraint::Length(body.width.min(76)), Constraint::Length(body.height.min(5)));
    let inner = dialog(&title, theme, frame, area).inner(Margin::new(1, 0));
    frame.render_widget(Paragraph::new(text).style(theme.text).wrap(Wrap { trim: true }), inner);
}
