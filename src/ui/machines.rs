//! The machines pane: the machines by endpoint, each with the number of running executions.
//!
//! ```text
//!  dev
//! ▸ order           2
//!   wait
//!  prod
//!   order
//! ```

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::list::machines::{MachineIndex, MachineLine};
use crate::app::model::Model;
use crate::app::shell::pane::Pane;
use crate::format::text::{column, visible};
use crate::ui::theme::Theme;
use crate::ui::widgets::{frame_of, has_focus, heading, scroll_bar};

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let inner = frame_of(model, Pane::Machines, heading("Machines", theme), theme, frame, area);
    let machines = model.list().machines();
    if machines.line_count() == 0 {
        let text = match model.shell().endpoints().selected() {
            Some(endpoint) if !machines.list().is_empty() => {
                format!("None on {}. Press @ for other endpoints.", visible(endpoint.as_str()))
            }
            _ => "None yet: add a table [machines.NAME] to the configuration.".to_owned(),
        };
        let area = inner.inner(Margin::new(1, 0));
        frame.render_widget(Paragraph::new(text).style(theme.dim).wrap(Wrap { trim: true }), area);
        return;
    }
    let selected = machines.selected().map(MachineLine::Machine);
    let (top, lines) = machines.window(usize::from(inner.height));
    for (row, line) in lines.iter().enumerate() {
        let text = match line {
            MachineLine::Endpoint(name) => {
                let color = model.shell().endpoints().find(name).and_then(|endpoint| endpoint.color);
                let cells = usize::from(inner.width).saturating_sub(1);
                Line::styled(format!(" {}", column(&visible(name.as_str()), cells)), theme.endpoint(color))
            }
            MachineLine::Machine(index) => {
                let is_selected = Some(line) == selected.as_ref();
                machine(model, *index, is_selected, theme, usize::from(inner.width))
            }
        };
        let y = inner.y + u16::try_from(row).unwrap_or(0);
        frame.render_widget(text, Rect { y, height: 1, ..inner });
    }
    scroll_bar(frame, area, inner, top, machines.line_count(), theme);
}

fn machine(model: &Model, index: MachineIndex, is_selected: bool, theme: &Theme, cells: usize) -> Line<'static> {
    let machines = model.list().machines();
    let running = machines.running(index);
    let count = if running > 0 { format!(" {running} ") } else { String::new() };
    let name = machines.get(index).map(|machine| machine.name.clone()).unwrap_or_default();
    let name = column(&visible(&name), cells.saturating_sub(2 + count.len()));
    let style = match (is_selected, has_focus(model, Pane::Machines)) {
        (true, true) => theme.selected,
        (true, false) => theme.chosen,
        _ => theme.text,
    };
    let mark = if is_selected { "▸ " } else { "  " };
    let count_style = if is_selected { style } else { theme.running };
    Line::from(vec![Span::styled(mark, style), Span::styled(name, style), Span::styled(count, count_style)])
}
