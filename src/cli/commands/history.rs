//! `stepgate history`: prints the events of an execution.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use serde_json::{Map, Value};

use crate::cli::complete::candidates;
use crate::cli::report::columns::{Column, GAP, cell};
use crate::cli::report::console::{Pipe, say};
use crate::cli::report::execution::{Output, Report};
use crate::cli::report::table::{Table, TableArguments, TimeArguments};
use crate::cli::target::event_pages::{EventPages, EventSelection};
use crate::cli::target::execution::{Access, TargetExecution};
use crate::cli::{Common, Exit, count};
use crate::output::Text;
use stepgate_core::domain::{HistoryEvent, MAX_HISTORY_EVENTS, agreeing, counted};

const COLUMNS: [Column; 5] =
    [Column::number("ID"), Column::short("TYPE"), Column::name("NAME"), Column::short("TIME"), Column::name("DETAILS")];

/// Print the events of an execution.
///
/// Requires the route `history` of the endpoint, or `logs` for EXPRESS executions. An execution has at most 25,000 events.
#[derive(Debug, Args)]
pub(in crate::cli) struct HistoryArguments {
    /// An ARN, a name, or `@last` for the latest start.
    #[arg(add = ArgValueCompleter::new(candidates::executions))]
    execution: String,
    /// Include inputs and outputs (`includeExecutionData`).
    #[arg(long)]
    data: bool,
    /// Print the last event first.
    #[arg(long)]
    reverse: bool,
    /// Maximum number of events.
    #[arg(long, value_name = "COUNT", default_value_t = MAX_HISTORY_EVENTS, hide_default_value = true,
        value_parser = count)]
    limit: usize,
    #[command(flatten)]
    table: TableArguments,
    #[command(flatten)]
    time: TimeArguments,
}

/// Prints the events page by page.
pub(in crate::cli) async fn run(arguments: HistoryArguments, common: &Common) -> anyhow::Result<Exit> {
    let execution = match TargetExecution::find(&arguments.execution, Access::Read, common).await? {
        Ok(execution) => execution,
        Err(exit) => return Ok(exit),
    };
    let limit = arguments.limit.min(MAX_HISTORY_EVENTS);
    let selection = EventSelection { data: arguments.data, newest_first: arguments.reverse, limit };
    let mut table = Table::new(&COLUMNS, arguments.table, common).with_time(arguments.time);
    let (mut pages, mut printed) = (EventPages::new(&execution, selection), 0);
    loop {
        let events = match pages.next().await {
            Ok(Some(events)) => events,
            Ok(None) => return Ok(Exit::Done),
            Err(failure) => {
                let exit = execution.report_failure(&failure);
                if printed > 0 {
                    let were = agreeing(printed, "was", "were");
                    say(&format!("incomplete history: {} {were} printed", counted(printed, "event")));
                }
                return Ok(exit);
            }
        };
        let pipe = match common.output {
            Output::Text => print_rows(&events, &mut table)?,
            Output::Json => print_objects(&events, &mut table)?,
        };
        if pipe == Pipe::Closed {
            return Ok(Exit::Done);
        }
        printed += events.len();
    }
}

/// Prints a page of rows. A long history does not fit into memory, so each page only widens the columns.
fn print_rows(events: &[HistoryEvent], table: &mut Table) -> anyhow::Result<Pipe> {
    let rows: Vec<Vec<Text>> = events.iter().map(|event| row(event, &table.console.report)).collect();
    for row in &rows {
        table.widen(row);
    }
    for row in rows {
        if table.print(row)? == Pipe::Closed {
            return Ok(Pipe::Closed);
        }
    }
    Ok(Pipe::Open)
}

fn print_objects(events: &[HistoryEvent], table: &mut Table) -> anyhow::Result<Pipe> {
    for event in events {
        if table.console.result(object(event))? == Pipe::Closed {
            return Ok(Pipe::Closed);
        }
    }
    Ok(Pipe::Open)
}

/// Returns the cells of an event, with the most telling details.
fn row(event: &HistoryEvent, report: &Report) -> Vec<Text> {
    let mut time = report.time(event.at);
    if report.relative_to.is_none() {
        time.push(format!(".{:03}", event.at.as_millis().rem_euclid(1000)));
    }
    let details = ["resource", "error", "cause", "input", "output"].map(|member| event.detail(member));
    vec![
        event.id.to_string().into(),
        cell(event.event_type.as_str()),
        cell(event.detail("name").unwrap_or_default()),
        time,
        Text::joined(details.into_iter().flatten().map(Text::from), GAP),
    ]
}

/// Returns an object with the members of `GetExecutionHistory`.
fn object(event: &HistoryEvent) -> String {
    let mut members = Map::new();
    members.insert("timestamp".into(), event.at.to_string().into());
    members.insert("type".into(), event.event_type.as_str().into());
    members.insert("id".into(), event.id.into());
    members.insert("previousEventId".into(), event.previous.into());
    members.extend(event.details.clone().map(|(name, details)| (name, Value::Object(details))));
    Value::Object(members).to_string()
}
