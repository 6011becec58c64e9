//! `stepgate history`: prints the events of an execution.

use clap::Args;
use serde_json::{Map, Value};

use crate::cli::console::{Console, Pipe, say};
use crate::cli::event_pages::{EventPages, EventSelection};
use crate::cli::execution::{Access, TargetExecution};
use crate::cli::report::{Output, Report};
use crate::cli::{Common, Exit};
use crate::output::Text;
use stepgate_core::domain::{HistoryEvent, MAX_HISTORY_EVENTS};

/// Width of the event type; the longest types are a little wider.
const TYPE_CELLS: usize = 24;

/// Print the events of an execution.
///
/// Requires the route `history` of the endpoint. An execution has at most 25,000 events.
#[derive(Debug, Args)]
pub(super) struct HistoryArguments {
    /// An ARN, a name, or `@last` for the latest start.
    execution: String,
    /// Include inputs and outputs (`includeExecutionData`).
    #[arg(long)]
    data: bool,
    /// Print the last event first.
    #[arg(long)]
    reverse: bool,
    /// Maximum number of events.
    #[arg(long, value_name = "COUNT", default_value_t = MAX_HISTORY_EVENTS, hide_default_value = true)]
    limit: usize,
}

/// Prints the events page by page.
pub(super) async fn run(arguments: HistoryArguments, common: &Common) -> anyhow::Result<Exit> {
    let execution = match TargetExecution::find(&arguments.execution, Access::Read, common).await? {
        Ok(execution) => execution,
        Err(exit) => return Ok(exit),
    };
    let limit = arguments.limit.min(MAX_HISTORY_EVENTS);
    let selection = EventSelection { data: arguments.data, newest_first: arguments.reverse, limit };
    let mut console = Console::plain(common);
    let (mut pages, mut printed) = (EventPages::new(&execution, selection), 0);
    loop {
        let events = match pages.next().await {
            Ok(Some(events)) => events,
            Ok(None) => return Ok(Exit::Done),
            Err(failure) => {
                let exit = execution.report_failure(&failure);
                if printed > 0 {
                    say(&format!("incomplete history: {printed} events were printed"));
                }
                return Ok(exit);
            }
        };
        for event in &events {
            let line = match common.output {
                Output::Text => line(event, &console.report),
                Output::Json => object(event).into(),
            };
            if console.result(line)? == Pipe::Closed {
                return Ok(Exit::Done);
            }
        }
        printed += events.len();
    }
}

/// Formats time, id, type and the most telling details.
fn line(event: &HistoryEvent, report: &Report) -> Text {
    let millis = event.at.as_millis().rem_euclid(1000);
    let mut line = Text::from(format!("{}.{millis:03}  {:>5}  ", report.local_time(event.at), event.id));
    let details = ["name", "resource", "error", "cause", "input", "output"].map(|member| event.detail(member));
    let details: Vec<Text> = details.into_iter().flatten().map(Text::from).collect();
    let event_type = Text::from(event.event_type.as_str());
    if details.is_empty() {
        line.push(event_type);
    } else {
        line.push(event_type.column(TYPE_CELLS));
        line.push("  ");
        line.push(Text::joined(details, "  "));
    }
    line
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
