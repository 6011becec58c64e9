//! The machine picker: a search field and the matching machines.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::list::machines::Picker;
use crate::app::model::Model;
use crate::app::shell::geometry::{DIALOG, first_visible};
use crate::format::text::{column, visible};
use crate::ui::field;
use crate::ui::theme::Theme;
use crate::ui::widgets::{dialog, scroll_bar};

pub(super) fn render(model: &Model, picker: &Picker, theme: &Theme, frame: &mut Frame<'_>, body: Rect) {
    let machines = model.list().machines();
    let note = machines.lists().note(machines.scope()).map(|note| visible(&note).into_owned());
    let rows = picker.found().len().max(1) + usize::from(note.is_some());
    let lines = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(3);
    let area = body.centered(
        ratatui::layout::Constraint::Length(body.width.min(DIALOG)),
        ratatui::layout::Constraint::Length(lines.clamp(6.min(body.height), body.height)),
    );
    let inner = dialog("Start which machine? Type to search", theme, frame, area);
    if inner.height == 0 {
        return;
    }
    frame.render_widget(Line::styled("> ", theme.accent), Rect { height: 1, ..inner });
    let line_area = Rect { x: inner.x + 2, width: inner.width.saturating_sub(2), height: 1, ..inner };
    field::render(&picker.field, true, theme, frame, line_area);
    let mut list = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    if let Some(note) = note.filter(|_| list.height > 1) {
        list.height -= 1;
        let note = column(&note, usize::from(list.width).saturating_sub(2));
        let below = Rect { y: list.bottom(), height: 1, ..list };
        frame.render_widget(Line::styled(format!("  {note}"), theme.warning), below);
    }
    if picker.found().is_empty() && machines.lists().is_reading(machines.scope()) {
        frame.render_widget(Line::styled("  Listing the machines of the gateway.", theme.dim), list);
        return;
    }
    if picker.found().is_empty() {
        // The machine may be on an endpoint that is not shown.
        let shown = model.shell().endpoints().selected();
        let place = shown.map(|endpoint| format!(" on {}", visible(endpoint.as_str()))).unwrap_or_default();
        frame.render_widget(Line::styled(format!("  No matching machine{place}."), theme.dim), list);
        return;
    }
    let height = usize::from(list.height);
    let top = first_visible(picker.selected_place(), picker.found().len(), height);
    for (line, (place, index)) in picker.found().iter().enumerate().skip(top).take(height).enumerate() {
        let Some(machine) = model.list().machines().get(*index) else { continue };
        let is_selected = place == picker.selected_place();
        let style = if is_selected { theme.selected } else { theme.text };
        let mark = if is_selected { "▸ " } else { "  " };
        let name = usize::from(list.width).saturating_sub(2) / 2;
        let rest = usize::from(list.width).saturating_sub(2 + name);
        let origin = format!("{} · {}", machine.endpoint, machine.arn.name());
        let text = Line::from(vec![
            Span::styled(mark, style),
            Span::styled(column(&visible(&machine.name), name.saturating_sub(1)), style),
            Span::styled(" ", style),
            Span::styled(column(&visible(&origin), rest), if is_selected { style } else { theme.dim }),
        ]);
        let y = list.y + u16::try_from(line).unwrap_or(0);
        frame.render_widget(text, Rect { y, height: 1, ..list });
    }
    scroll_bar(frame, area, list, top, picker.found().len(), theme);
}
