//! The lines above the footer: outages that are being waited out, and the last message.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

use crate::app::model::Model;
use crate::app::notice::Level;
use crate::ui::theme::Theme;

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let lines = model.banner().into_iter().map(|(level, line)| {
        let style = match level {
            Level::Info => theme.text,
            Level::Error => theme.bad,
        };
        Line::styled(line, style)
    });
    frame.render_widget(Text::from_iter(lines), area);
}
