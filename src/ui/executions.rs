//! The list of executions: status as symbol, word and color, name, machine, error, duration. Narrow screens have fewer
//! columns; only visible rows are built.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};

use crate::app::list::executions::Order;
use crate::app::list::expected_duration::Expectation;
use crate::app::list::row::{Group, Row};
use crate::app::model::Model;
use crate::app::shell::geometry::first_visible;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::format::clock;
use crate::format::text::{column, fit, visible, width};
use crate::ui::groups;
use crate::ui::theme::{Theme, sign};
use crate::ui::widgets::{frame_of, has_focus, heading, scroll_bar};

pub(super) fn render(model: &Model, theme: &Theme, frame: &mut Frame<'_>, area: Rect) {
    let inner = frame_of(model, Pane::Executions, title(model, theme), theme, frame, area);
    let executions = model.list().executions();
    if let Some(groups) = model.list().groups().filter(|groups| !groups.machines().is_empty()) {
        groups::render(groups, has_focus(model, Pane::Executions), theme, frame, area, inner);
        return;
    }
    if executions.shown() == 0 {
        let text = match executions.filter() {
            Some(filter) if model.list().executions().searched().1 => {
                format!("No executions match `{}` so far. Reading older executions.", visible(filter))
            }
            Some(filter) => format!("No executions match `{}`. Esc clears the filter.", visible(filter)),
            None => "No executions yet. Choose a machine and press Enter to start one.".to_owned(),
        };
        let area = inner.inner(Margin::new(1, 0));
        frame.render_widget(Paragraph::new(text).style(theme.dim).wrap(Wrap { trim: true }), area);
        return;
    }
    let height = usize::from(inner.height);
    let selected = executions.selected_place();
    let top = first_visible(selected.unwrap_or(0), executions.shown(), height);
    // A progress column if any visible row has an estimate.
    let is_expected = |row: &Row| {
        matches!(model.list().expected_durations().expectation(row, model.now()), Some(Expectation::About(_)))
    };
    let columns = Columns::new(inner.width, executions.window(top, height).any(is_expected));
    for (line, row) in executions.window(top, height).enumerate() {
        let is_selected = selected == Some(top + line);
        let y = inner.y + u16::try_from(line).unwrap_or(0);
        let style = match (is_selected, has_focus(model, Pane::Executions)) {
            (true, true) => Some(theme.selected),
            (true, false) => Some(theme.chosen),
            _ => None,
        };
        frame.render_widget(columns.line(row, model, theme, style), Rect { y, height: 1, ..inner });
    }
    scroll_bar(frame, area, top, executions.shown(), theme);
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
    let mut line = heading("Executions", theme);
    let typed = match model.shell().overlay() {
        Overlay::Filter(editor, _) => Some(editor.text()),
        _ => model.list().executions().filter().map(str::to_owned),
    };
    if let Some(text) = typed {
        let shown = format!("{} {of_all}", model.list().executions().shown());
        line.push_span(Span::styled(format!("/{} ", fit(&visible(&text), 24)), theme.accent));
        line.push_span(Span::styled(format!("{shown} "), theme.dim));
    }
    let order = model.list().executions().order();
    if order != Order::default() {
        let arrow = if order.descends { "↓" } else { "↑" };
        line.push_span(Span::styled(format!("by {} {arrow} ", order.column.word()), theme.accent));
        if has_more && model.list().executions().filter().is_none() {
            line.push_span(Span::styled(format!("{of_all} "), theme.dim));
        }
    }
    let marked = model.list().executions().marked().count();
    if marked > 0 {
        line.push_span(Span::styled(format!("◆ {marked} marked "), theme.accent));
    }
    line
}

/// The width of the progress bar.
const BAR: u128 = 4;
/// The width of the progress column: the bar and the expected duration.
const PROGRESS: usize = 12;

/// The width of each column; 0 if omitted.
struct Columns {
    word: usize,
    name: usize,
    machine: usize,
    error: usize,
    progress: usize,
    duration: usize,
}

impl Columns {
    fn new(width: u16, with_progress: bool) -> Self {
        let width = usize::from(width);
        let duration = if width >= 50 { 9 } else { 7 };
        let word = if width >= 36 { 10 } else { 0 };
        // Mark, symbol and the spaces between them.
        let progress = if with_progress && width >= 48 { PROGRESS } else { 0 };
        let rest = width.saturating_sub(4 + progress + duration + if word > 0 { word + 1 } else { 0 });
        let (name, machine, error) = match rest {
            0..40 => (rest, 0, 0),
            _ => (rest * 2 / 5, rest * 3 / 10, rest - rest * 2 / 5 - rest * 3 / 10),
        };
        Self { word, name, machine, error, progress, duration }
    }

    /// Returns the widths of name and error. Without an error column, an error or warning shares the name's.
    fn shared(&self, row: &Row) -> (usize, usize) {
        match row.note() {
            Some(_) if self.error == 0 => (self.name - self.name / 2, self.name / 2),
            _ => (self.name, self.error),
        }
    }

    fn line(&self, row: &Row, model: &Model, theme: &Theme, chosen: Option<ratatui::style::Style>) -> Line<'static> {
        let style = |own| chosen.map_or(own, |chosen: ratatui::style::Style| chosen);
        let status = chosen.map_or(theme.execution(row), |chosen| theme.execution(row).patch(chosen));
        let mark = match (model.list().executions().is_marked(row.id), chosen) {
            (true, _) => "◆",
            (false, Some(_)) => "▸",
            (false, None) => " ",
        };
        let mut spans = vec![Span::styled(mark, style(theme.text)), Span::styled(format!("{} ", sign(row)), status)];
        let mut add = |text: &str, cells: usize, own| {
            if cells > 0 {
                spans.push(Span::styled(column(&visible(text), cells.saturating_sub(1)) + " ", style(own)));
            }
        };
        if self.word > 0 {
            add(row.status_text(), self.word + 1, theme.execution(row));
        }
        let (name, error) = self.shared(row);
        add(row.arn.name(), name, theme.text);
        add(&row.machine_name, self.machine, theme.dim);
        let is_warning = row.error().is_none();
        add(row.note().unwrap_or_default(), error, if is_warning { theme.warning } else { theme.bad });
        let expectation = model.list().expected_durations().expectation(row, model.now());
        add(&progress(row, model, expectation), self.progress, theme.dim);
        let duration = duration(row, model, clock::short);
        let is_late = matches!(expectation, Some(Expectation::Late(_)));
        // A symbol as well, since color alone is not accessible.
        let (duration, own) = if is_late { (format!("!{duration}"), theme.warning) } else { (duration, theme.text) };
        let missing = self.duration.saturating_sub(width(&duration));
        spans.push(Span::styled(format!("{}{duration} ", " ".repeat(missing)), style(own)));
        Line::from(spans)
    }
}

/// Returns a progress bar and the expected duration.
fn progress(row: &Row, model: &Model, expectation: Option<Expectation>) -> String {
    let Some(Expectation::About(whole)) = expectation else { return String::new() };
    let part = model.now().since(row.started).as_millis() * BAR / whole.as_millis().max(1);
    let full = usize::try_from(part.min(BAR)).unwrap_or(0);
    let empty = usize::try_from(BAR).unwrap_or(0) - full;
    format!("{}{} ~{}", "▓".repeat(full), "░".repeat(empty), clock::short(whole))
}

/// Returns the running time, formatted with `running`, or the final duration.
pub(super) fn duration(row: &Row, model: &Model, running: fn(Duration) -> String) -> String {
    match (row.seen().and_then(|seen| seen.stop_date), row.group()) {
        (Some(stop), _) => clock::finished(stop.since(row.started)),
        (None, Group::Running) => running(model.now().since(row.started)),
        (None, _) => String::new(),
    }
}
