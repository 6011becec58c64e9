//! Tables on standard output. They look the same on a terminal and in a pipe, except that only a terminal's width cuts
//! them.

use clap::{Args, ValueEnum};

use crate::cli::Common;
use crate::cli::report::columns::{Column, Layout};
use crate::cli::report::console::{Console, Pipe};
use crate::output::Text;
use crate::runtime::{now, stdout_columns};

/// Options of the commands that print tables.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct TableArguments {
    /// Leave out the column headers.
    #[arg(long)]
    pub(in crate::cli) no_headers: bool,
}

/// How tables show times.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct TimeArguments {
    /// Show times as dates, or relative to now. JSON always has dates.
    #[arg(long, value_name = "STYLE", value_enum, default_value = "absolute")]
    pub(in crate::cli) time: TimeStyle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum TimeStyle {
    /// Local date and time.
    #[default]
    Absolute,
    /// Time before now.
    Relative,
}

/// Prints the rows of a table.
pub(in crate::cli) struct Table {
    pub(in crate::cli) console: Console,
    layout: Layout,
    shows_headers: bool,
    is_empty: bool,
}

impl Table {
    pub(in crate::cli) fn new(columns: &'static [Column], arguments: TableArguments, common: &Common) -> Self {
        let layout = Layout::new(columns, stdout_columns());
        Self { console: Console::plain(common), layout, shows_headers: !arguments.no_headers, is_empty: true }
    }

    #[must_use]
    pub(in crate::cli) fn with_time(mut self, arguments: TimeArguments) -> Self {
        self.console.report.relative_to = (arguments.time == TimeStyle::Relative).then(now);
        self
    }

    /// Widens the columns for a row that is printed later.
    pub(in crate::cli) fn widen(&mut self, row: &[Text]) {
        self.layout.widen(row);
    }

    /// Whether nothing has been printed.
    pub(in crate::cli) fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Prints a row, and the headers above the first one.
    pub(in crate::cli) fn print(&mut self, row: Vec<Text>) -> anyhow::Result<Pipe> {
        let needs_header = std::mem::take(&mut self.is_empty) && self.shows_headers;
        if needs_header && self.console.result(self.layout.header())? == Pipe::Closed {
            return Ok(Pipe::Closed);
        }
        self.console.result(self.layout.line(row))
    }
}
