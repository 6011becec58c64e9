//! A full-screen page, such as the help.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::app::model::Model;
use crate::app::shell::page::page;
use crate::app::shell::page_line::{PageLine, key_width};
use crate::format::text::{column, fit};
use crate::ui::footer;
use crate::ui::theme::Theme;
use crate::ui::widgets::{dialog, scroll_bar};

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let Some((title, lines, top)) = page(model) else { return };
    let [area, below] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(area);
    let inner = dialog(&title, theme, frame, area);
    let height = usize::from(inner.height);
    let top = top.min(lines.len().saturating_sub(height));
    for (index, line) in lines.iter().skip(top).take(height).enumerate() {
        let y = inner.y + u16::try_from(index).unwrap_or(0);
        frame.render_widget(styled(line, inner.width, theme), Rect { y, height: 1, ..inner });
    }
    scroll_bar(frame, area, inner, top, lines.len(), theme);
    footer::render(model, theme, frame, below);
}

pub(super) fn styled(line: &PageLine, width: u16, theme: &Theme) -> Line<'static> {
    let room = usize::from(width).saturating_sub(1);
    match line {
        PageLine::Heading(text) => Line::styled(format!(" {}", fit(text, room)), theme.strong),
        PageLine::Text(text) => Line::styled(format!(" {}", fit(text, room)), theme.text),
        PageLine::Error(text) => Line::styled(format!(" {}", fit(text, room)), theme.bad),
        PageLine::Removed(text) => Line::styled(format!(" {}", fit(text, room)), theme.warning),
        PageLine::Added(text) => Line::styled(format!(" {}", fit(text, room)), theme.running),
        PageLine::Keys(keys, help) => {
            let cells = key_width(room);
            let help = fit(help, room.saturating_sub(cells + 1)).into_owned();
            Line::from(vec![
                Span::styled(format!(" {} ", column(keys, cells)), theme.accent),
                Span::styled(help, theme.text),
            ])
        }
    }
}
