//! The prompt for the ARN or the name of an execution.
//!
//! ```text
//! ┏ Open an execution ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ ARN or name  arn:aws:states:us-east-1:111122223333:execution:M  ┃
//! ┃ It is added to the list.                                        ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::list::forms::OpenForm;
use crate::format::text::{visible, width};
use crate::ui::field;
use crate::ui::theme::Theme;
use crate::ui::widgets::dialog;

const LABEL: &str = "ARN or name  ";

pub(super) fn render(form: &OpenForm, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let area = body.centered(Constraint::Length(body.width.min(110)), Constraint::Length(body.height.min(6)));
    let inner = dialog("Open an execution", theme, frame, area).inner(Margin::new(1, 0));
    if inner.height == 0 {
        return;
    }
    let line = Rect { height: 1, ..inner };
    frame.render_widget(Line::styled(LABEL, theme.accent), line);
    let cells = u16::try_from(width(LABEL)).unwrap_or(0).min(line.width);
    let area = Rect { x: line.x + cells, width: line.width - cells, ..line };
    field::render(&form.editor, true, theme, frame, area);
    let below = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    let (text, style) = match (&form.error, form.is_searching) {
        (Some(error), _) => (visible(error).into_owned(), theme.bad),
        (None, true) => ("Searching the store.".to_owned(), theme.dim),
        (None, false) => ("Adds it to the list. An endpoint name may follow after a space.".to_owned(), theme.dim),
    };
    frame.render_widget(Paragraph::new(text).style(style).wrap(Wrap { trim: true }), below);
}
