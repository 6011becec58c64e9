//! The list grouped by machine: a line for each, with counts, success rate and durations.
//!
//! ```text
//!   MACHINE          ● ✖◷■ ✔   ok %     p50     p95  last
//! ▸ order-pipeline   1 1  12     92  28.1 s  41.0 s  ▃▂▅▃█▂
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::list::groups::{Groups, MachineGroup};
use crate::app::model::Model;
use crate::app::shell::geometry::first_visible;
use crate::app::shell::pane::Pane;
use crate::format::text::{column, column_right, fit_middle, visible};
use crate::ui::theme::Theme;
use crate::ui::widgets::{has_focus, scroll_bar};
use stepgate_core::domain::elapsed;

/// The columns after the name: heading and width.
const COLUMNS: [(&str, usize); 7] =
    [("●", 4), ("✖◷■", 4), ("✔", 5), ("ok %", 5), ("p50", 10), ("p95", 10), ("last starts ", 14)];
/// The minimum width of the name.
const NAME: usize = 12;

pub(super) fn render(model: &Model, groups: &Groups, theme: &Theme, frame: &mut Frame<'_>, area: Rect, inner: Rect) {
    let has_keys = has_focus(model, Pane::Executions);
    let cells = usize::from(inner.width).saturating_sub(2);
    // Columns that do not fit are omitted from the right.
    let mut room = cells.saturating_sub(NAME);
    let columns: Vec<(&str, usize)> = COLUMNS
        .into_iter()
        .take_while(|(_, cells)| {
            let fits = *cells <= room;
            room = room.saturating_sub(*cells);
            fits
        })
        .collect();
    let name = cells - columns.iter().map(|(_, cells)| cells).sum::<usize>();
    let heading: String = columns.iter().map(|(text, cells)| column_right(text, *cells)).collect();
    let heading = Line::styled(format!("  {}{heading}", column("MACHINE", name)), theme.dim);
    frame.render_widget(heading, Rect { height: inner.height.min(1), ..inner });
    let rows = Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(1), ..inner };
    let height = usize::from(rows.height);
    let top = first_visible(groups.selected_index(), groups.machines().len(), height);
    for (line, group) in groups.machines().iter().skip(top).take(height).enumerate() {
        let is_chosen = groups.selected_index() == top + line;
        let style = match (is_chosen, has_keys) {
            (true, true) => Some(theme.selected),
            (true, false) => Some(theme.chosen),
            _ => None,
        };
        let mark = if is_chosen { "▸ " } else { "  " };
        let label = model.list().machines().label(&group.machine_name, &group.endpoint);
        let of = |own: Style| style.map_or(own, |style| style);
        let mut spans =
            vec![Span::styled(format!("{mark}{}", column(&fit_middle(&visible(&label), name), name)), of(theme.text))];
        let values = values(group, theme).into_iter().zip(&columns);
        spans.extend(values.map(|((text, own), (_, cells))| Span::styled(column_right(&text, *cells), of(own))));
        let y = rows.y + u16::try_from(line).unwrap_or(0);
        frame.render_widget(Line::from(spans), Rect { y, height: 1, ..rows });
    }
    scroll_bar(frame, area, rows, top, groups.machines().len(), theme);
}

/// Returns the cells of a row, each with its style.
fn values(group: &MachineGroup, theme: &Theme) -> [(String, Style); 7] {
    let none = || ("·".to_owned(), theme.dim);
    let number = |count: usize, style| if count > 0 { (count.to_string(), style) } else { none() };
    let took = |took: Option<_>| took.map_or_else(none, |took| (elapsed::finished(took), theme.text));
    let ok = group.success_rate();
    let style = if ok.is_some_and(|ok| ok < 100) { theme.warning } else { theme.text };
    [
        number(group.counts.running, theme.running),
        number(group.counts.unsuccessful(), theme.bad),
        number(group.counts.done, theme.good),
        ok.map_or_else(none, |ok| (ok.to_string(), style)),
        took(group.median),
        took(group.p95),
        (column(&format!(" {}", group.sparkline()), 13), theme.dim),
    ]
}
