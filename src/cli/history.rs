//! `stepgate history`: the events of an execution, page by page.

use clap::Args;
use serde_json::{Map, Value};

use crate::cli::console::{Console, Reader, say};
use crate::cli::report::{Output, Report};
use crate::cli::subject::{Subject, Touch, pace, patiently};
use crate::cli::{Common, Exit};
use crate::domain::{HistoryEvent, HistoryQuery, MAX_HISTORY_EVENTS};
use crate::output::Text;

/// Events a page: without data the service's maximum would do, but a smaller page is there sooner. With data an
/// event may have 256 KiB, and an answer of the gateway 10 MB.
const PAGE: usize = 500;
const PAGE_WITH_DATA: usize = 30;
/// `GetExecutionHistory` refills 20 a second for the whole account.
const PAGES_A_SECOND: u32 = 10;

/// The longest types are a little wider.
const TYPE_CELLS: usize = 24;

/// Print the events of an execution.
///
/// Where the endpoint declares the route `history`. At most 25,000 events, as many as an execution can have.
#[derive(Debug, Args)]
pub(super) struct HistoryArguments {
    /// An ARN, a name, or `@last` for the latest start.
    execution: String,
    /// With inputs and outputs (`includeExecutionData`).
    #[arg(long)]
    data: bool,
    /// The last event first.
    #[arg(long)]
    reverse: bool,
    /// So many at most.
    #[arg(long, value_name = "COUNT", default_value_t = MAX_HISTORY_EVENTS, hide_default_value = true)]
    limit: usize,
}

/// Prints them as they come.
pub(super) async fn run(arguments: HistoryArguments, common: &Common) -> anyhow::Result<Exit> {
    let subject = match Subject::find(&arguments.execution, Touch::Looks, common).await? {
        Ok(subject) => subject,
        Err(exit) => return Ok(exit),
    };
    let limit = arguments.limit.min(MAX_HISTORY_EVENTS);
    let page = if arguments.data { PAGE_WITH_DATA } else { PAGE };
    let mut query = HistoryQuery {
        execution: subject.record.arn.clone(),
        with_data: arguments.data,
        newest_first: arguments.reverse,
        page: page.min(limit),
        token: None,
    };
    let mut console = Console::plain(common);
    let (mut printed, mut turns) = (0, pace(PAGES_A_SECOND));
    while printed < limit {
        turns.tick().await;
        let events = match patiently(async || subject.client.history(&query).await).await {
            Ok(events) => events,
            Err(failure) => {
                let exit = subject.refused(&failure);
                if printed > 0 {
                    say(&format!("the history is not whole: {printed} events were printed"));
                }
                return Ok(exit);
            }
        };
        for event in events.items.iter().take(limit - printed) {
            let line = match common.output {
                Output::Text => line(event, &console.report),
                Output::Json => object(event).into(),
            };
            if console.result(line)? == Reader::Gone {
                return Ok(Exit::Done);
            }
        }
        printed += events.items.len();
        if events.next.is_none() {
            break;
        }
        query.token = events.next;
    }
    Ok(Exit::Done)
}

/// Time, number, type, and whatever tells it from others of its type.
fn line(event: &HistoryEvent, report: &Report) -> Text {
    let millis = event.at.as_millis().rem_euclid(1000);
    let mut line = Text::from(format!("{}.{millis:03}  {:>5}  ", report.moment(event.at), event.id));
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

/// With the members of `GetExecutionHistory`.
fn object(event: &HistoryEvent) -> String {
    let mut members = Map::new();
    members.insert("timestamp".into(), event.at.to_string().into());
    members.insert("type".into(), event.event_type.as_str().into());
    members.insert("id".into(), event.id.into());
    members.insert("previousEventId".into(), event.previous.into());
    members.extend(event.details.clone().map(|(name, details)| (name, Value::Object(details))));
    Value::Object(members).to_string()
}
