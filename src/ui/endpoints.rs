//! The endpoint picker: all endpoints together, and each with its number, region and running executions.

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::{Line, Span};

use crate::app::model::Model;
use crate::app::shell::endpoint_picker::{ALL, EndpointPicker};
use crate::app::shell::geometry::first_visible;
use crate::format::text::{column, visible};
use crate::ui::field;
use crate::ui::theme::Theme;
use crate::ui::widgets::{dialog, scroll_bar};

/// The last endpoint with a key of its own.
const LAST_NUMBER: usize = 9;

pub(super) fn render(model: &Model, picker: &EndpointPicker, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let lines = u16::try_from(picker.found().len().max(1)).unwrap_or(u16::MAX).saturating_add(3);
    let area = body.centered(
        Constraint::Length(body.width.min(60)),
        Constraint::Length(lines.clamp(6.min(body.height), body.height)),
    );
    let inner = dialog("Show which endpoint? Type to search", theme, frame, area);
    if inner.height == 0 {
        return;
    }
    frame.render_widget(Line::styled("> ", theme.accent), Rect { height: 1, ..inner });
    let line = Rect { x: inner.x + 2, width: inner.width.saturating_sub(2), height: 1, ..inner };
    field::render(&picker.field, true, theme, frame, line);
    let list = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    if picker.found().is_empty() {
        frame.render_widget(Line::styled("  No matching endpoint.", theme.dim), list);
        return;
    }
    let height = usize::from(list.height);
    let top = first_visible(picker.selected_place(), picker.found().len(), height);
    for (line, (place, name)) in picker.found().iter().enumerate().skip(top).take(height).enumerate() {
        let endpoints = model.shell().endpoints();
        let endpoint = name.as_ref().and_then(|name| endpoints.find(name));
        let own = endpoint.map_or(theme.text, |endpoint| theme.endpoint(endpoint.color));
        let is_selected = place == picker.selected_place();
        let of = |style| if is_selected { theme.selected } else { style };
        let number = match name {
            None => Some(0),
            Some(name) => endpoints.list().iter().position(|endpoint| endpoint.name == *name).map(|index| index + 1),
        };
        let number =
            number.filter(|number| *number <= LAST_NUMBER).map_or_else(String::new, |number| number.to_string());
        let cells = usize::from(list.width).saturating_sub(4);
        let label = name.as_ref().map_or(ALL, |name| name.as_str());
        let details = endpoint.map(|endpoint| endpoint.summary.clone()).unwrap_or_default();
        let text = Line::from(vec![
            Span::styled(if is_selected { "▸ " } else { "  " }, of(theme.text)),
            Span::styled(column(&number, 2), of(theme.accent)),
            Span::styled(column(&visible(label), (cells / 2).saturating_sub(1)), of(own)),
            Span::styled(" ", of(theme.text)),
            Span::styled(column(&visible(&details), cells - cells / 2), of(theme.dim)),
        ]);
        let y = list.y + u16::try_from(line).unwrap_or(0);
        frame.render_widget(text, Rect { y, height: 1, ..list });
    }
    scroll_bar(frame, area, list, top, picker.found().len(), theme);
}
