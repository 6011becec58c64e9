//! The list of executions: status as symbol, word and color, name, machine, start, duration, error. Narrow screens have
//! fewer columns; only visible rows are built.

mod columns;
mod row;

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::list::executions::Order;
use crate::app::list::row::Row;
use crate::app::model::Model;
use crate::app::shell::geometry::first_visible;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::format::text::{fit, visible};
use crate::ui::executions::columns::Columns;
use crate::ui::executions::row::{Cells, direction, header};
use crate::ui::groups;
use crate::ui::theme::Theme;
use crate::ui::widgets::{frame_of, has_focus, heading, scroll_bar};
use stepgate_core::domain::Scope;

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let inner = frame_of(model, Pane::Executions, title(model, theme), theme, frame, area);
    let executions = model.list().executions();
    if let Some(groups) = model.list().groups().filter(|groups| !groups.machines().is_empty()) {
        groups::render(model, groups, theme, frame, area, inner);
        return;
    }
    if executions.shown() == 0 {
        let text = match executions.filter() {
            Some(filter) if model.list().executions().searched().1 => {
                format!("No executions match `{}` so far. Reading older executions.", visible(filter))
            }
            Some(filter) => format!("No executions match `{}`. Esc clears the filter.", visible(filter)),
            None => nothing_yet(model),
        };
        let area = inner.inner(Margin::new(1, 0));
        frame.render_widget(Paragraph::new(text).style(theme.dim).wrap(Wrap { trim: true }), area);
        return;
    }
    let rows = model.geometry().list_rows(area);
    let height = usize::from(rows.height);
    let selected = executions.selected_place();
    let top = first_visible(selected.unwrap_or(0), executions.shown(), height);
    let lines: Vec<(&Row, Cells)> =
        executions.window(top, height).map(|row| (row, Cells::new(row, model, theme))).collect();
    // The page that the rows are on, and those before and after it.
    let page = (top / height.max(1) * height).saturating_sub(height);
    let around = executions.window(page, 3 * height);
    let widths = row::widths(lines.iter().map(|(_, cells)| cells), around, model);
    // The last column does not touch the border.
    let padding = u16::from(inner.width < area.width);
    let columns = Columns::new(usize::from(inner.width.saturating_sub(padding)), &widths);
    if rows.height < inner.height {
        let header = header(&columns, executions.order(), widths.error > 0).style(theme.dim);
        frame.render_widget(header, Rect { height: 1, ..inner });
    }
    for (line, (row, cells)) in lines.into_iter().enumerate() {
        let is_selected = selected == Some(top + line);
        let y = rows.y + u16::try_from(line).unwrap_or(0);
        let style = match (is_selected, has_focus(model, Pane::Executions)) {
            (true, true) => Some(theme.selected),
            (true, false) => Some(theme.chosen),
            _ => None,
        };
        let mark = match (executions.is_marked(row.id), is_selected) {
            (true, _) => "◆",
            (false, true) => "▸",
            (false, false) => " ",
        };
        frame.render_widget(cells.line(&columns, mark, theme, style), Rect { y, height: 1, ..rows });
    }
    scroll_bar(frame, area, rows, top, executions.shown(), theme);
}

fn nothing_yet(model: &Model) -> String {
    let here = model.shell().endpoints().selected();
    let here = here.map(|endpoint| format!(" on {}", visible(endpoint.as_str()))).unwrap_or_default();
    if !here.is_empty() && model.list().executions().searched().1 {
        return format!("No executions{here} so far. Reading older executions.");
    }
    let how = match (model.list().machines().selected(), model.shell().focus()) {
        (None, _) => "",
        (Some(_), Pane::Machines) => " Choose a machine and press Enter to start one.",
        (Some(_), _) => " Press n to start one.",
    };
    format!("No executions{here} yet.{how}")
}

fn title(model: &Model, theme: &Theme) -> Line<'static> {
    let (searched, has_more) = model.list().executions().searched();
    let of_all = if has_more { format!("of the loaded {searched}") } else { format!("of {searched}") };
    if model.list().groups().is_some() {
        let mut line = heading("Executions by machine", theme);
        if !model.list().executions().is_complete() {
            line.push_span(Span::styled(format!("of the loaded {} ", model.list().executions().len()), theme.dim));
        }
        return line;
    }
    let mut line = if model.can_list() || model.list().scope() == Scope::Everyone {
        heading(&format!("Executions · {}", model.list().scope().word()), theme)
    } else {
        heading("Executions", theme)
    };
    let typed = match model.shell().overlay() {
        Overlay::Filter(editor, _) => Some(editor.text()),
        _ => model.list().executions().filter(),
    };
    if let Some(text) = typed {
        let shown = format!("{} {of_all}", model.list().executions().shown());
        line.push_span(Span::styled(format!("/{} ", fit(&visible(text), 24)), theme.accent));
        line.push_span(Span::styled(format!("{shown} "), theme.dim));
    }
    let marked = model.list().executions().marked().count();
    if marked > 0 {
        line.push_span(Span::styled(format!("◆ {marked} marked "), theme.accent));
    }
    let hidden = model.list().executions().count_hidden(model.list().executions().marked());
    if hidden > 0 {
        line.push_span(Span::styled(format!("({hidden} hidden) "), theme.warning));
    }
    let order = model.list().executions().order();
    if order != Order::default() {
        let arrow = direction(order);
        line.push_span(Span::styled(format!("by {} {arrow} ", order.column.word()), theme.accent));
        if has_more && model.list().executions().filter().is_none() {
            line.push_span(Span::styled(format!("{of_all} "), theme.dim));
        }
    }
    line
}
