//! The input picker: a search field, and a line for each input with its source.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::app::shell::geometry::{dialog_width, first_visible};
use crate::app::start::input_picker::InputPicker;
use crate::format::text::{column, visible};
use crate::ui::copy::preview;
use crate::ui::field;
use crate::ui::theme::Theme;
use crate::ui::widgets::{dialog, scroll_bar};

/// The maximum width of an input's source.
const ORIGIN: usize = 36;

pub(super) fn render(picker: &InputPicker, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let width = dialog_width(body.width, 120);
    // The height does not depend on what has been typed.
    let most = if body.height < 20 { body.height } else { body.height / 5 * 4 };
    let height = u16::try_from(picker.total()).unwrap_or(u16::MAX).saturating_add(3).min(most);
    let area = body.centered(Constraint::Length(width), Constraint::Length(height));
    let inner = dialog("Which input? Type to search", theme, frame, area);
    if inner.height == 0 {
        return;
    }
    let [line, list] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inner);
    frame.render_widget(Line::styled("> ", theme.accent), line);
    let line_area = Rect { x: line.x + 2, width: line.width.saturating_sub(2), ..line };
    field::render(&picker.field, true, theme, frame, line_area);
    if picker.count() == 0 {
        frame.render_widget(Line::styled("  No matching input.", theme.dim), list);
        return;
    }
    let height = usize::from(list.height);
    let top = first_visible(picker.selected_place(), picker.count(), height);
    for (line, choice) in picker.found().skip(top).take(height).enumerate() {
        let is_selected = top + line == picker.selected_place();
        let style = if is_selected { theme.selected } else { theme.text };
        let mark = if is_selected { "▸ " } else { "  " };
        let cells = usize::from(list.width).saturating_sub(3);
        let origin = ORIGIN.min(cells / 2);
        let text = Line::from(vec![
            Span::styled(mark, style),
            Span::styled(column(&visible(&choice.origin), origin) + " ", style),
            Span::styled(
                column(&preview(choice.input.as_str(), cells - origin), cells - origin),
                if is_selected { style } else { theme.dim },
            ),
        ]);
        let y = list.y + u16::try_from(line).unwrap_or(0);
        frame.render_widget(text, Rect { y, height: 1, ..list });
    }
    scroll_bar(frame, area, list, top, picker.count(), theme);
}
