//! `stepgate timeline`: prints the steps of an execution as a tree, or as one JSON object per step.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use serde_json::{Map, Value};

use crate::app::timeline::{Entry, History};
use crate::cli::complete::candidates;
use crate::cli::report::columns::{Column, cell};
use crate::cli::report::console::{Pipe, say};
use crate::cli::report::execution::{Output, Report};
use crate::cli::report::table::{Table, TableArguments, TimeArguments};
use crate::cli::target::event_pages::{EventPages, EventSelection};
use crate::cli::target::execution::{Access, TargetExecution};
use crate::cli::{Common, Exit};
use crate::format::text::fit;
use crate::output::Text;
use crate::runtime::{now, stdout_columns};
use stepgate_core::domain::{MAX_HISTORY_EVENTS, Timestamp, agreeing, counted, elapsed};

const COLUMNS: [Column; 6] = [
    Column::short("STATUS"),
    Column::name("STEP"),
    Column::short("STARTED"),
    Column::short("DURATION"),
    Column::number("ATTEMPTS"),
    Column::name("ERROR"),
];
/// Width of a cause without a terminal, in cells.
const CAUSE: usize = 200;

/// Print the steps of an execution as a tree.
///
/// Requires the route `history` of the endpoint, or `logs` for EXPRESS executions. Each step shows its status, duration and
/// attempts; the step where a failure began also shows its error.
#[derive(Debug, Args)]
pub(in crate::cli) struct TimelineArguments {
    /// An ARN, a name, or `@last` for the latest start.
    #[arg(add = ArgValueCompleter::new(candidates::executions))]
    execution: String,
    #[command(flatten)]
    table: TableArguments,
    #[command(flatten)]
    time: TimeArguments,
}

/// Reads the whole history and prints its steps.
pub(in crate::cli) async fn run(arguments: TimelineArguments, common: &Common) -> anyhow::Result<Exit> {
    let execution = match TargetExecution::find(&arguments.execution, Access::Read, common).await? {
        Ok(execution) => execution,
        Err(exit) => return Ok(exit),
    };
    let selection = EventSelection { data: false, newest_first: false, limit: MAX_HISTORY_EVENTS };
    let (mut pages, mut history) = (EventPages::new(&execution, selection), History::default());
    let exit = loop {
        match pages.next().await {
            Ok(Some(events)) => history.add(events),
            Ok(None) => break Exit::Done,
            Err(failure) => break execution.report_failure(&failure),
        };
    };
    if history.is_empty() && exit != Exit::Done {
        return Ok(exit);
    }
    let table = Table::new(&COLUMNS, arguments.table, common).with_time(arguments.time);
    print(&history, table)?;
    if exit == Exit::Done {
        if let Some(message) = end_message(&history) {
            say(&message);
        }
        if let Some(flaw) = history.flaw() {
            say(&flaw.to_string());
        }
    } else {
        let were = agreeing(history.len(), "was", "were");
        say(&format!("incomplete timeline: {} {were} read", counted(history.len(), "event")));
    }
    Ok(exit)
}

/// Returns a message about the end of the execution that the steps do not show.
fn end_message(history: &History) -> Option<String> {
    let has_steps = !history.steps().all().is_empty();
    let Some(end) = history.end() else { return (!has_steps).then(|| "no state has been entered yet".to_owned()) };
    let cause = end.detail("cause").map(summary);
    let details: Vec<&str> = end.detail("error").into_iter().chain(cause.as_deref()).collect();
    let details = if details.is_empty() { String::new() } else { format!(": {}", details.join(": ")) };
    match (end.event_type.as_str(), has_steps) {
        ("ExecutionAborted", true) if !details.is_empty() => Some(format!("the execution was stopped{details}")),
        ("ExecutionTimedOut", true) if !details.is_empty() => Some(format!("the execution timed out{details}")),
        (_, true) => None,
        ("ExecutionFailed", false) => Some(format!("the execution failed before its first state{details}")),
        ("ExecutionAborted", false) => Some(format!("the execution was stopped before its first state{details}")),
        ("ExecutionTimedOut", false) => Some(format!("the execution timed out before its first state{details}")),
        (_, false) => Some("the history has no states".to_owned()),
    }
}

fn print(history: &History, mut table: Table) -> anyhow::Result<()> {
    let (now, columns) = (now(), stdout_columns());
    let entries: Vec<Entry<'_>> = history.steps().outline().collect();
    if table.console.report.output == Output::Text {
        for entry in &entries {
            let row = row(entry, now, columns, &table.console.report);
            table.widen(&row);
        }
    }
    let mut path: Vec<&str> = Vec::new();
    for entry in &entries {
        path.truncate(entry.depth);
        path.push(&entry.first().name);
        let pipe = match table.console.report.output {
            Output::Text => {
                let row = row(entry, now, columns, &table.console.report);
                table.print(row)?
            }
            Output::Json => table.console.result(object(&path, entry))?,
        };
        if pipe == Pipe::Closed {
            break;
        }
    }
    Ok(())
}

/// Returns the cells of a step; its name is indented.
fn row(entry: &Entry<'_>, now: Timestamp, columns: Option<usize>, report: &Report) -> Vec<Text> {
    let (first, last) = (entry.first(), entry.last());
    let duration = match last.ended {
        Some(ended) => elapsed::finished(ended.since(first.began)),
        None => elapsed::running(now.since(first.began)),
    };
    let indent = entry.depth * 2;
    // Deep nesting must leave room for the names.
    let indent = columns.map_or(indent, |columns| indent.min(columns / 3));
    let mut name = Text::from(" ".repeat(indent));
    name.push(cell(&first.name));
    let error = last.is_origin().then(|| {
        let cause = last.cause().map(summary);
        let details: Vec<&str> = last.error().into_iter().chain(cause.as_deref()).collect();
        report.colorizer.error(&details.join(": "))
    });
    vec![
        report.colorizer.step(last.status),
        name,
        report.time(first.began),
        cell(&duration),
        entry.attempts().to_string().into(),
        error.unwrap_or_default(),
    ]
}

/// Returns a cause as one line: the `errorMessage` of a Lambda function, or the beginning.
fn summary(cause: &str) -> String {
    let members = serde_json::from_str::<Map<String, Value>>(cause).unwrap_or_default();
    let message = members.get("errorMessage").and_then(Value::as_str);
    // Causes may be long; the rest could not be shown.
    let text: String = message.unwrap_or(cause).chars().take(4 * CAUSE).collect();
    fit(&text.split_whitespace().collect::<Vec<_>>().join(" "), CAUSE).into_owned()
}

fn object(path: &[&str], entry: &Entry<'_>) -> String {
    let (first, last) = (entry.first(), entry.last());
    let mut members = Map::new();
    members.insert("path".into(), path.into());
    members.insert("type".into(), first.state_type.as_str().into());
    members.insert("status".into(), last.status.word().into());
    members.insert("attempts".into(), entry.attempts().into());
    members.insert("startDate".into(), first.began.to_string().into());
    let texts = [
        ("stopDate", last.ended.map(|ended| ended.to_string())),
        ("error", last.error().map(str::to_owned)),
        ("cause", last.cause().map(str::to_owned)),
    ];
    members.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))));
    Value::Object(members).to_string()
}
