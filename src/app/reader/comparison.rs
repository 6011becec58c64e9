//! The comparison of two executions: status, input and output.

use crate::app::list::row::Row;
use crate::app::reader::{Compared, Difference, differences};
use crate::app::shell::page_line::PageLine;
use crate::format::clock;
use crate::format::text::visible;
use crate::format::wrap::wrap;
use jiff::tz::TimeZone;
use stepgate_core::domain::{ExecutionId, Timestamp, counted, elapsed};

/// Two executions and their differences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The one that started first.
    first: ExecutionId,
    second: ExecutionId,
    /// The differences of input and output; `None` while a payload is being read.
    differences: Option<PayloadDifferences>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct PayloadDifferences {
    input: TextComparison,
    output: TextComparison,
}

/// The result of comparing two texts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum TextComparison {
    /// Equal byte for byte.
    Same,
    /// Equal JSON with different formatting.
    SameJson,
    /// One of them is not known, with a message.
    Unknown(&'static str),
    /// The differences, and whether there are more.
    Differ(Vec<Difference>, bool),
    /// Too large to compare.
    TooLarge,
}

impl Comparison {
    /// Returns a comparison without differences so far.
    pub(crate) fn new(first: ExecutionId, second: ExecutionId) -> Self {
        Self { first, second, differences: None }
    }

    /// Returns the two executions, the one that started first before the other one.
    pub(crate) fn executions(&self) -> [ExecutionId; 2] {
        [self.first, self.second]
    }

    /// Returns whether an execution is one of the two.
    pub(crate) fn includes(&self, id: ExecutionId) -> bool {
        self.executions().contains(&id)
    }

    /// Computes the differences if all payloads have been read.
    pub(in crate::app) fn refresh(&mut self, first: &Row, second: &Row) {
        let is_here = |row: &Row| !row.payloads.is_coming();
        self.differences = (is_here(first) && is_here(second)).then(|| PayloadDifferences {
            input: compare(input(first), input(second), "One of the inputs is not known."),
            output: compare(output(first), output(second), "One of them has neither output nor error."),
        });
    }

    /// Returns the lines of the page, each at most `cells` wide.
    pub(crate) fn page(
        &self,
        [first, second]: [&Row; 2],
        now: Timestamp,
        zone: &TimeZone,
        cells: usize,
    ) -> Vec<PageLine> {
        let mut lines = Vec::new();
        for (marker, row) in [("−", first), ("+", second)] {
            let took = match row.seen().and_then(|seen| seen.stop_date) {
                Some(stop) => elapsed::finished(stop.since(row.started)),
                None => elapsed::running(now.since(row.started)),
            };
            let began = clock::moment(row.started, now, zone);
            let text = format!(
                "{marker} {} · {} · {took} · {} · {began}",
                row.arn.name(),
                row.status_text(),
                row.machine_name
            );
            let text = visible(&text).into_owned();
            let page_line = if marker == "−" { PageLine::Removed } else { PageLine::Added };
            lines.extend(wrap(&text, cells).into_iter().map(page_line));
        }
        let Some(found) = &self.differences else {
            lines.push(PageLine::Text("Reading the payloads.".to_owned()));
            return lines;
        };
        for (title, result) in [("Input", &found.input), ("Output, or error and cause", &found.output)] {
            lines.push(PageLine::Text(String::new()));
            match result {
                TextComparison::Same => lines.push(PageLine::Heading(format!("{title}: identical"))),
                TextComparison::SameJson => {
                    lines.push(PageLine::Heading(format!("{title}: the same JSON, formatted differently")));
                }
                TextComparison::Unknown(message) => {
                    lines.push(PageLine::Heading(title.to_owned()));
                    lines.push(PageLine::Text((*message).to_owned()));
                }
                TextComparison::TooLarge => {
                    lines.push(PageLine::Heading(title.to_owned()));
                    lines.push(PageLine::Text("Different, but too large to compare.".to_owned()));
                }
                TextComparison::Differ(differences, are_more) => {
                    lines.push(PageLine::Heading(format!(
                        "{title}: {}{}",
                        if *are_more { "more than " } else { "" },
                        counted(differences.len(), "difference")
                    )));
                    for found in differences {
                        add_difference(&mut lines, found, cells);
                    }
                }
            }
        }
        lines
    }
}

fn add_difference(lines: &mut Vec<PageLine>, found: &Difference, cells: usize) {
    if !found.path.is_empty() {
        lines.extend(wrap(&visible(&found.path), cells).into_iter().map(PageLine::Text));
    }
    for (marker, side, page_line) in [
        ("−", &found.left, PageLine::Removed as fn(String) -> PageLine),
        ("+", &found.right, PageLine::Added as fn(String) -> PageLine),
    ] {
        let Some(text) = side else { continue };
        let wrapped = wrap(&visible(text), cells.saturating_sub(4).max(8));
        let line = |(index, line)| format!("  {} {line}", if index == 0 { marker } else { " " });
        lines.extend(wrapped.into_iter().enumerate().map(line).map(page_line));
    }
}

fn input(row: &Row) -> Option<&str> {
    row.input.as_ref().map(stepgate_core::domain::Payload::as_str)
}

/// Returns the output, the cause or the error.
fn output(row: &Row) -> Option<&str> {
    let seen = row.seen()?;
    let output = seen.output.as_ref().map(stepgate_core::domain::Payload::as_str);
    output.or(seen.cause.as_deref()).or(seen.error.as_deref())
}

fn compare(first: Option<&str>, second: Option<&str>, if_unknown: &'static str) -> TextComparison {
    let (Some(first), Some(second)) = (first, second) else {
        return if first.is_none() && second.is_none() {
            TextComparison::Same
        } else {
            TextComparison::Unknown(if_unknown)
        };
    };
    if first == second {
        return TextComparison::Same;
    }
    match differences(first, second) {
        Compared::TooLarge => TextComparison::TooLarge,
        Compared::Differences(found, _) if found.is_empty() => TextComparison::SameJson,
        Compared::Differences(found, are_more) => TextComparison::Differ(found, are_more),
    }
}
