//! The lines above the footer: outages and other conditions, and the last message.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::format::text::fit;
use crate::ui::theme::Theme;

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let mut lines = model.banner();
    let room = usize::from(area.height);
    if lines.len() > room {
        lines.truncate(room);
        if let Some((_, last)) = lines.last_mut() {
            *last = format!("{}…", fit(last, usize::from(area.width).saturating_sub(1)).trim_end_matches('…'));
        }
    }
    let lines = lines.into_iter().map(|(level, line)| {
        let style = match level {
            Level::Info => theme.text,
            Level::Error => theme.bad,
        };
        Line::styled(line, style)
    });
    frame.render_widget(lines.collect::<Text<'_>>(), area);
}
