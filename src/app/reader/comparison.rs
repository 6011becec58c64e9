//! Comparing two executions: how they went, what went in, what came out.

use crate::app::list::row::Row;
use crate::app::reader::{Compared, Difference, differences};
use crate::app::shell::page_line::PageLine;
use crate::format::clock;
use crate::format::text::visible;
use crate::format::wrap::wrap;
use jiff::tz::TimeZone;
use stepgate_core::domain::{ExecutionId, Timestamp};

/// Two executions beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The one that began first.
    pub first: ExecutionId,
    /// The other one.
    pub second: ExecutionId,
    /// The differences of input and output; `None` while one of the texts is being read.
    found: Option<Found>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    input: TextComparison,
    output: TextComparison,
}

/// What there is to tell of two texts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum TextComparison {
    /// They are the same, byte for byte.
    Same,
    /// They say the same, written differently.
    SameJson,
    /// One of them is not known.
    Unknown(&'static str),
    /// They differ in these, and perhaps in more.
    Differ(Vec<Difference>, bool),
    /// They are too large to be compared.
    TooLarge,
}

impl Comparison {
    /// Of these two.
    pub fn new(first: ExecutionId, second: ExecutionId) -> Self {
        Self { first, second, found: None }
    }

    /// Whether one of them is among these two.
    pub fn is_of(&self, id: ExecutionId) -> bool {
        [self.first, self.second].contains(&id)
    }

    /// Works the differences out, as soon as all texts are here.
    pub fn renew(&mut self, first: &Row, second: &Row) {
        let is_here = |row: &Row| !row.kept.is_coming();
        self.found = (is_here(first) && is_here(second)).then(|| Found {
            input: told(input(first), input(second), "The input of one is not known."),
            output: told(output(first), output(second), "One of them has no output and no error."),
        });
    }

    /// Returns the lines of the page, each at most `cells` wide.
    pub fn page(&self, [first, second]: [&Row; 2], now: Timestamp, zone: &TimeZone, cells: usize) -> Vec<PageLine> {
        let mut lines = Vec::new();
        for (sign, row) in [("−", first), ("+", second)] {
            let took = match row.seen().and_then(|seen| seen.stop_date) {
                Some(stop) => clock::finished(stop.since(row.started)),
                None => clock::running(now.since(row.started)),
            };
            let began = clock::moment(row.started, now, zone);
            let text = format!("{sign} {} · {} · {took} · {} · {began}", row.arn.name(), row.word(), row.machine_name);
            let text = visible(&text).into_owned();
            let own = if sign == "−" { PageLine::Removed } else { PageLine::Added };
            lines.extend(wrap(&text, cells).into_iter().map(own));
        }
        let Some(found) = &self.found else {
            lines.push(PageLine::Text("The texts are being read.".to_owned()));
            return lines;
        };
        for (title, told) in [("Input", &found.input), ("Output, or error and cause", &found.output)] {
            lines.push(PageLine::Text(String::new()));
            match told {
                TextComparison::Same => lines.push(PageLine::Heading(format!("{title}: the same, byte for byte"))),
                TextComparison::SameJson => {
                    lines.push(PageLine::Heading(format!("{title}: the same JSON, written differently")))
                }
                TextComparison::Unknown(words) => {
                    lines.push(PageLine::Heading(title.to_owned()));
                    lines.push(PageLine::Text((*words).to_owned()));
                }
                TextComparison::TooLarge => {
                    lines.push(PageLine::Heading(title.to_owned()));
                    lines.push(PageLine::Text("They differ, and are too large to compare here.".to_owned()));
                }
                TextComparison::Differ(differences, are_more) => {
                    lines.push(PageLine::Heading(format!(
                        "{title}: {}{} difference{}",
                        if *are_more { "more than " } else { "" },
                        differences.len(),
                        if differences.len() == 1 { "" } else { "s" }
                    )));
                    for found in differences {
                        tell(&mut lines, found, cells);
                    }
                }
            }
        }
        lines
    }
}

fn tell(lines: &mut Vec<PageLine>, found: &Difference, cells: usize) {
    if !found.path.is_empty() {
        lines.extend(wrap(&visible(&found.path), cells).into_iter().map(PageLine::Text));
    }
    for (sign, side, own) in [
        ("−", &found.left, PageLine::Removed as fn(String) -> PageLine),
        ("+", &found.right, PageLine::Added as fn(String) -> PageLine),
    ] {
        let Some(text) = side else { continue };
        let wrapped = wrap(&visible(text), cells.saturating_sub(4).max(8));
        let line = |(index, line)| format!("  {} {line}", if index == 0 { sign } else { " " });
        lines.extend(wrapped.into_iter().enumerate().map(line).map(own));
    }
}

fn input(row: &Row) -> Option<&str> {
    row.input.as_ref().map(stepgate_core::domain::Payload::as_str)
}

/// The output, or the cause of the error.
fn output(row: &Row) -> Option<&str> {
    let seen = row.seen()?;
    let output = seen.output.as_ref().map(stepgate_core::domain::Payload::as_str);
    output.or(seen.cause.as_deref()).or(seen.error.as_deref())
}

fn told(first: Option<&str>, second: Option<&str>, words: &'static str) -> TextComparison {
    let (Some(first), Some(second)) = (first, second) else {
        return if first.is_none() && second.is_none() { TextComparison::Same } else { TextComparison::Unknown(words) };
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
