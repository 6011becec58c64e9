//! The command palette: a search field and the matching actions, each with its key and help text.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::app::keys::palette::Palette;
use crate::app::shell::geometry::{dialog_width, first_visible};
use crate::format::text::{column, visible};
use crate::ui::field;
use crate::ui::theme::Theme;
use crate::ui::widgets::{dialog, scroll_bar};

/// The width of the key column.
const KEY: usize = 10;

pub(super) fn render(palette: &Palette, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let width = dialog_width(body.width, 100);
    let height = if body.height < 20 { body.height } else { body.height * 3 / 4 };
    let area = body.centered(Constraint::Length(width), Constraint::Length(height));
    let inner = dialog("Commands. Type to search", theme, frame, area);
    if inner.height == 0 {
        return;
    }
    let [line, list] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inner);
    frame.render_widget(Line::styled("> ", theme.accent), line);
    let line_area = Rect { x: line.x + 2, width: line.width.saturating_sub(2), ..line };
    field::render(&palette.field, true, theme, frame, line_area);
    if palette.count() == 0 {
        frame.render_widget(Line::styled("  No match.", theme.dim), list);
        return;
    }
    let height = usize::from(list.height);
    let top = first_visible(palette.selected_place(), palette.count(), height);
    for (line, command) in palette.found().skip(top).take(height).enumerate() {
        let is_selected = top + line == palette.selected_place();
        let own = if command.is_available { theme.text } else { theme.dim };
        let style = if is_selected { theme.selected } else { own };
        let key = if is_selected { style } else { theme.accent };
        let mark = if is_selected { "▸ " } else { "  " };
        let cells = usize::from(list.width).saturating_sub(3 + KEY);
        let help = if let Some(name) = &command.argument {
            visible(name).into_owned()
        } else if command.is_available {
            command.action.help().to_owned()
        } else {
            format!("{} ({})", command.action.help(), command.context.title())
        };
        let text = Line::from(vec![
            Span::styled(mark, style),
            Span::styled(column(&command.key, KEY), key),
            Span::styled(column(&help, cells), style),
        ]);
        let y = list.y + u16::try_from(line).unwrap_or(0);
        frame.render_widget(text, Rect { y, height: 1, ..list });
    }
    scroll_bar(frame, area, list, top, palette.count(), theme);
}
