//! The machines pane: the machines, each with the number of running executions.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::list::machines::MachineIndex;
use crate::app::model::Model;
use crate::app::shell::geometry::first_visible;
use crate::app::shell::pane::Pane;
use crate::format::text::{column, visible};
use crate::ui::theme::Theme;
use crate::ui::widgets::{frame_of, has_focus, heading, scroll_bar};

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let inner = frame_of(model, Pane::Machines, heading("Machines", theme), theme, frame, area);
    let machines = model.list().machines().list();
    if machines.is_empty() {
        let text = "None yet: add a table [machines.NAME] to the configuration.";
        let area = inner.inner(Margin::new(1, 0));
        frame.render_widget(Paragraph::new(text).style(theme.dim).wrap(Wrap { trim: true }), area);
        return;
    }
    let selected = model.list().machines().selected().map_or(0, |index| index.0);
    let height = usize::from(inner.height);
    let top = first_visible(selected, machines.len(), height);
    for (line, (index, machine)) in machines.iter().enumerate().skip(top).take(height).enumerate() {
        let running = model.list().machines().running(MachineIndex(index));
        let count = if running > 0 { format!(" {running} ") } else { String::new() };
        let is_selected = index == selected;
        let name = column(&visible(&machine.name), usize::from(inner.width).saturating_sub(2 + count.len()));
        let style = match (is_selected, has_focus(model, Pane::Machines)) {
            (true, true) => theme.selected,
            (true, false) => theme.chosen,
            _ => theme.text,
        };
        let mark = if is_selected { "▸ " } else { "  " };
        let count_style = if is_selected { style } else { theme.running };
        let text =
            Line::from(vec![Span::styled(mark, style), Span::styled(name, style), Span::styled(count, count_style)]);
        let y = inner.y + u16::try_from(line).unwrap_or(0);
        frame.render_widget(text, Rect { y, height: 1, ..inner });
    }
    scroll_bar(frame, area, top, machines.len(), theme);
}
