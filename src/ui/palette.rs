//! The command palette: a search field and the matching actions, each with its key, name and help text.
//!
//! ```text
//! ┏ Commands ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃> sta                                                             ┃
//! ┃▸ n         start            Start a machine: choose it, then ed…┃
//! ┃  r         start-again      Start again with the input of the se…┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::keys::palette::{Argument, Command, Palette};
use crate::app::shell::geometry::{dialog_width, first_visible};
use crate::format::text::{column, visible};
use crate::ui::field;
use crate::ui::theme::Theme;
use crate::ui::widgets::{dialog, scroll_bar};

/// The width of the key column.
const KEY: usize = 10;
/// The width of the column of names, if there is room for it.
const NAME: usize = 16;

pub(super) fn render(palette: &Palette, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let width = dialog_width(body.width, 100);
    let height = if body.height < 20 { body.height } else { body.height * 3 / 4 };
    let area = body.centered(Constraint::Length(width), Constraint::Length(height));
    let inner = dialog("Commands", theme, frame, area);
    if inner.height == 0 {
        return;
    }
    let [line, list] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inner);
    frame.render_widget(Line::styled("> ", theme.accent), line);
    let line_area = Rect { x: line.x + 2, width: line.width.saturating_sub(2), ..line };
    field::render(&palette.field, true, theme, frame, line_area);
    if palette.count() == 0 {
        let text = visible(&palette.why_nothing_matches()).into_owned();
        let area = Rect { x: list.x + list.width.min(2), width: list.width.saturating_sub(3), ..list };
        frame.render_widget(Paragraph::new(text).style(theme.dim).wrap(Wrap { trim: true }), area);
        return;
    }
    let height = usize::from(list.height);
    let top = first_visible(palette.selected_place(), palette.count(), height);
    for (line, command) in palette.found().skip(top).take(height).enumerate() {
        let is_selected = top + line == palette.selected_place();
        let own = if command.is_available() { theme.text } else { theme.dim };
        let style = if is_selected { theme.selected } else { own };
        let key = if is_selected { style } else { theme.accent };
        let mark = if is_selected { "▸ " } else { "  " };
        let (name, name_cells) = match list.width {
            ..60 => (String::new(), 0),
            60.. => (format!("{} ", column(command.action.name(), NAME)), NAME + 1),
        };
        let cells = usize::from(list.width).saturating_sub(3 + KEY + name_cells);
        let text = Line::from(vec![
            Span::styled(mark, style),
            Span::styled(column(&command.key, KEY), key),
            Span::styled(name, style),
            Span::styled(column(&explanation(command), cells), style),
        ]);
        let y = list.y + u16::try_from(line).unwrap_or(0);
        frame.render_widget(text, Rect { y, height: 1, ..list });
    }
    scroll_bar(frame, area, list, top, palette.count(), theme);
}

/// Returns why a command cannot be chosen, or what it does.
fn explanation(command: &Command) -> String {
    match (command.objection(), &command.argument) {
        (Some(why), _) => why,
        (None, Some(Argument::Endpoint(name))) => visible(name).into_owned(),
        (None, Some(Argument::Execution(name))) => format!("Open {}", visible(name)),
        (None, None) => command.action.help().to_owned(),
    }
}
