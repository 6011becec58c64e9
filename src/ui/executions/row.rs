//! A row of the execution list, and the header above the rows.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::list::executions::{Column, Order};
use crate::app::list::expected_duration::Expectation;
use crate::app::list::row::Row;
use crate::app::model::Model;
use crate::format::clock;
use crate::format::text::{column, column_right, fit_middle, visible, width};
use crate::ui::executions::columns::{Columns, Widths};
use crate::ui::theme::{Theme, sign};
use crate::ui::widgets::duration;
use stepgate_core::domain::elapsed;

/// The width of the progress bar.
const BAR: u128 = 4;

/// The texts of a row, each with its style.
pub(super) struct Cells {
    sign: &'static str,
    status: (String, Style),
    name: String,
    /// Whether the endpoint follows the name.
    machine: (String, bool),
    started: String,
    duration: (String, Style),
    /// An error, a warning or nothing.
    note: (String, Style),
    progress: Progress,
}

/// How far a running execution is, if its duration can be estimated.
#[derive(Default)]
struct Progress {
    bar: String,
    expected: String,
}

impl Cells {
    pub(super) fn new(row: &Row, model: &Model, theme: &Theme) -> Self {
        let expectation = model.list().expected_durations().expectation(row, model.now());
        let duration = duration(row, model);
        let duration = match expectation {
            // A symbol as well, since color alone is not accessible.
            Some(Expectation::Late(_)) => (format!("!{duration}"), theme.warning),
            _ => (duration, theme.text),
        };
        let machine = model.list().machines().label(&row.machine_name, &row.endpoint);
        let note_style = if row.error().is_none() { theme.warning } else { theme.bad };
        Self {
            sign: sign(row),
            status: (row.status_text().into_owned(), theme.execution(row)),
            name: visible(row.arn.name()).into_owned(),
            machine: (visible(&machine).into_owned(), machine.len() > row.machine_name.len()),
            started: clock::started(row.started, model.now(), model.shell().zone()),
            duration,
            note: (visible(row.note().unwrap_or_default()).into_owned(), note_style),
            progress: Progress::new(row, model, expectation),
        }
    }

    pub(super) fn line(
        &self,
        columns: &Columns,
        mark: &'static str,
        theme: &Theme,
        selected: Option<Style>,
    ) -> Line<'static> {
        let style = |own| selected.unwrap_or(own);
        let status = selected.map_or(self.status.1, |selected| self.status.1.patch(selected));
        let mut spans = vec![Span::styled(mark, style(theme.text)), Span::styled(format!("{} ", self.sign), status)];
        let gap = " ".repeat(columns.gap);
        let mut add = |text: String, own| spans.push(Span::styled(text + &gap, style(own)));
        if columns.status > 0 {
            add(column(&self.status.0, columns.status), self.status.1);
        }
        add(column(&fit_middle(&self.name, columns.name), columns.name), theme.text);
        if columns.machine > 0 {
            let (machine, has_endpoint) = &self.machine;
            // The endpoint at the end tells machines apart.
            let cut = |text| if *has_endpoint { fit_middle(text, columns.machine) } else { text.into() };
            add(column(&cut(machine.as_str()), columns.machine), theme.dim);
        }
        if columns.started > 0 {
            add(column(&self.started, columns.started), theme.dim);
        }
        if columns.duration > 0 {
            add(column_right(&self.duration.0, columns.duration), self.duration.1);
        }
        if columns.has_error() && !self.note.0.is_empty() {
            add(column(&self.note.0, columns.rest), self.note.1);
        } else {
            add(column(&self.progress.fit(columns.rest), columns.rest), theme.dim);
        }
        Line::from(spans).style(selected.unwrap_or_default())
    }
}

impl Progress {
    fn new(row: &Row, model: &Model, expectation: Option<Expectation>) -> Self {
        let Some(Expectation::About(whole) | Expectation::Passed(whole)) = expectation else { return Self::default() };
        let part = model.now().since(row.started).as_millis() * BAR / whole.as_millis().max(1);
        let full = usize::try_from(part.min(BAR)).unwrap_or(0);
        let empty = usize::try_from(BAR).unwrap_or(0) - full;
        Self {
            bar: format!("{}{}", "▓".repeat(full), "░".repeat(empty)),
            expected: format!(" ~{}", elapsed::running(whole)),
        }
    }

    /// Returns what fits into this many cells: bar and expected duration, the bar alone, or nothing.
    fn fit(&self, cells: usize) -> String {
        let whole = format!("{}{}", self.bar, self.expected);
        [&whole, &self.bar].into_iter().find(|text| width(text) <= cells).cloned().unwrap_or_default()
    }
}

/// The width of the longest usual status, so that the columns keep their places while scrolling.
const MIN_STATUS: usize = "SUCCEEDED".len();

/// Returns the width of each column for the rows in view. Names, machines and errors are measured in the rows `around`
/// them as well: otherwise the columns would move with each row.
pub(super) fn widths<'a>(
    rows: impl Iterator<Item = &'a Cells>,
    around: impl Iterator<Item = &'a Row>,
    model: &Model,
) -> Widths {
    let (order, machines) = (model.list().executions().order(), model.list().machines());
    let label = |text: &str, sorted: Column| width(&label(text, sorted, order));
    let (name_label, machine_label) = (label(NAME, Column::Name), label(MACHINE, Column::Machine));
    let mut widths = Widths {
        name_label,
        machine_label,
        // The header begins above the symbol.
        status: label(STATUS, Column::Status).saturating_sub(2).max(MIN_STATUS),
        name: name_label,
        machine: machine_label,
        started: label(STARTED, Column::Started),
        duration: label(DURATION, Column::Duration),
        error: 0,
    };
    for row in rows {
        widths.status = widths.status.max(width(&row.status.0));
        widths.started = widths.started.max(width(&row.started));
        widths.duration = widths.duration.max(width(&row.duration.0));
    }
    for row in around {
        widths.name = widths.name.max(width(&visible(row.arn.name())));
        widths.machine = widths.machine.max(width(&visible(&machines.label(&row.machine_name, &row.endpoint))));
        widths.error = widths.error.max(row.note().map_or(0, |note| width(&visible(note))));
    }
    widths
}

const STATUS: &str = "STATUS";
const NAME: &str = "NAME";
const MACHINE: &str = "MACHINE";
const STARTED: &str = "STARTED";
const DURATION: &str = "DURATION";
const ERROR: &str = "ERROR";

/// Returns the header; `has_notes`: whether a row in view has an error or a warning.
pub(super) fn header(columns: &Columns, order: Order, has_notes: bool) -> Line<'static> {
    // That of the status begins above the symbol.
    let prefix = if columns.status > 0 { " " } else { "   " };
    let status = if columns.status > 0 { columns.status + 2 } else { 0 };
    let error = if has_notes && columns.has_error() { columns.rest } else { 0 };
    let labels = [
        (status, column(&label(STATUS, Column::Status, order), status)),
        (columns.name, column(&label(NAME, Column::Name, order), columns.name)),
        (columns.machine, column(&label(MACHINE, Column::Machine, order), columns.machine)),
        (columns.started, column(&label(STARTED, Column::Started, order), columns.started)),
        (columns.duration, column_right(&label(DURATION, Column::Duration, order), columns.duration)),
        (error, ERROR.to_owned()),
    ];
    let shown: Vec<String> = labels.into_iter().filter(|(cells, _)| *cells > 0).map(|(_, label)| label).collect();
    Line::raw(format!("{prefix}{}", shown.join(&" ".repeat(columns.gap))))
}

/// Returns a column's header, which marks the sort column with the direction.
fn label(name: &str, column: Column, order: Order) -> String {
    if order.column == column { format!("{name} {}", direction(order)) } else { name.to_owned() }
}

/// Returns the symbol of a sort direction.
pub(super) fn direction(order: Order) -> &'static str {
    if order.descends { "▾" } else { "▴" }
}
